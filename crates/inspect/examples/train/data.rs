//! The texts: those that are learnt from, those that only set thresholds, and those that are made.

use std::collections::BTreeMap;
use std::path::Path;

use gatehold_inspect::TextKind;
use gatehold_inspect::phrases::training_windows;
use gatehold_inspect::text::Text;
use serde_json::Value;

use crate::grammar::Numbers;
use crate::synthetic;

/// A text as its windows.
pub(crate) struct Example {
    pub(crate) source: String,
    pub(crate) kind: String,
    pub(crate) windows: Vec<(Vec<u32>, bool)>,
    pub(crate) attack: bool,
    /// As in `Column`: metadata, output, argument, prompt.
    pub(crate) column: usize,
    pub(crate) weight: f32,
    /// Prose to or from people, rather than what tools say.
    pub(crate) chat: bool,
    /// Of a source that is never learnt from.
    pub(crate) select: bool,
    /// The fold of its group: thresholds are set with models that never saw it.
    pub(crate) fold: u64,
}

/// How many folds.
pub(crate) const FOLDS: u64 = 4;
/// Sources whose labels of honest texts are known to be wrong too often to set thresholds with.
const MISLABELLED: &[&str] = &["neuralchemy"];

/// All texts.
pub(crate) struct Data(Vec<Example>);

impl Data {
    pub(crate) fn read(folder: &Path, made: usize, seed: u64) -> Self {
        let mut data = Self(Vec::new());
        data.labelled(&folder.join("detection/train"), false);
        data.labelled(&folder.join("detection/select"), true);
        data.definitions(&folder.join("mcp-tools"));
        for made in synthetic::texts(made, &mut Numbers(seed)) {
            data.add("made", made.kind, &made.text, made.attack, false, hash(&made.text));
        }
        data
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Example> {
        self.0.iter()
    }

    pub(crate) fn training(&self) -> impl Iterator<Item = &Example> {
        self.0.iter().filter(|example| !example.select && !example.windows.is_empty())
    }

    /// Honest texts that thresholds are set with: found ones only.
    pub(crate) fn honest(&self) -> impl Iterator<Item = &Example> {
        self.0.iter().filter(|e| !e.attack && e.source != "made" && !MISLABELLED.contains(&&*e.source))
    }

    pub(crate) fn selects(&self, source: &str) -> bool {
        self.0.iter().any(|example| example.source == source && example.select)
    }

    /// Source, kind and label of every family of texts.
    pub(crate) fn families(&self) -> Vec<(String, String, bool)> {
        let mut families: Vec<_> = self.0.iter().map(|e| (e.source.clone(), e.kind.clone(), e.attack)).collect();
        families.sort();
        families.dedup();
        families
    }

    /// Source, what it is for, and how many texts and attacks it has.
    pub(crate) fn sources(&self) -> Vec<(String, &'static str, usize, usize)> {
        let mut sources: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for example in &self.0 {
            let counts = sources.entry(&example.source).or_default();
            counts.0 += 1;
            counts.1 += usize::from(example.attack);
        }
        let role = |source: &str| if self.selects(source) { "thresholds only" } else { "training" };
        sources
            .into_iter()
            .map(|(source, (texts, attacks))| (source.to_owned(), role(source), texts, attacks))
            .collect()
    }

    fn add(&mut self, source: &str, kind: &str, text: &str, attack: bool, select: bool, group: u64) {
        let columns: &[(TextKind, usize)] = match kind {
            "tool_poisoning" | "tool_description" => &[(TextKind::ToolDescription, 0)],
            "direct_injection" | "jailbreak" => &[(TextKind::PromptArgument, 3), (TextKind::Arguments, 2)],
            "prompt" => &[(TextKind::PromptArgument, 3)],
            "benign_text" => &[(TextKind::ToolOutput, 1), (TextKind::PromptArgument, 3), (TextKind::Arguments, 2)],
            _ => &[(TextKind::ToolOutput, 1)],
        };
        for (text_kind, column) in columns {
            let windows = training_windows(&Text::new(text, *text_kind, None, None));
            self.0.push(Example {
                source: source.to_owned(),
                kind: if columns.len() == 1 { kind.to_owned() } else { format!("{kind} as {}", text_kind.name()) },
                windows,
                attack,
                column: *column,
                weight: weight_of(source),
                chat: matches!(kind, "benign_text" | "prompt"),
                select,
                fold: group % FOLDS,
            });
        }
    }

    fn labelled(&mut self, folder: &Path, select: bool) {
        for file in files(folder) {
            let source = file.file_stem().unwrap().to_string_lossy().into_owned();
            for line in std::fs::read_to_string(&file).unwrap().lines() {
                let row: Value = serde_json::from_str(line).unwrap();
                let member = |name: &str| row[name].as_str().unwrap_or_default();
                let (kind, attack) = (member("kind"), row["label"] == "attack");
                let spoken = !matches!(kind, "secret" | "pii" | "shell" | "path" | "sqli" | "ssrf");
                // Bare goals carry no words of an order; examples of secrets are no prose.
                if !spoken
                    || source == "asb" && attack
                    || attack && kind == "benign_text"
                    || source.starts_with("secrets")
                {
                    continue;
                }
                let group = row["group"].as_str().map_or_else(|| hash(member("text")), hash);
                self.add(&source, kind, member("text"), attack, select, group);
            }
        }
    }

    /// The strings of published tool definitions, by server.
    fn definitions(&mut self, folder: &Path) {
        for file in files(folder) {
            let server: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            let mut strings = Vec::new();
            for section in ["tools", "prompts", "resources", "resourceTemplates", "instructions"] {
                collect(&server[section], &mut strings);
            }
            let group = hash(&file.file_stem().unwrap().to_string_lossy());
            for text in strings {
                self.add("mcp-tools", "tool_description", &text, false, false, group);
            }
        }
    }
}

/// Large sources of one style must not outvote small ones.
fn weight_of(source: &str) -> f32 {
    match source {
        "spikee" => 0.4,
        "inthewild_jailbreaks" => 0.7,
        "intentprobe_adv" => 3.0,
        _ => 1.0,
    }
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)) >> 7
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json" || extension == "jsonl"));
    files.sort();
    files
}

fn collect(value: &Value, strings: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() > 12 => strings.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, strings)),
        Value::Object(members) => members.values().for_each(|member| collect(member, strings)),
        _ => {}
    }
}
