//! The texts: those that are learnt from, those that only set thresholds, and those that are made.

use std::collections::BTreeMap;
use std::path::Path;

use gatehold_inspect::TextKind;
use gatehold_inspect::phrases::{Piece, Source, training_windows};
use gatehold_inspect::text::Text;
use serde_json::Value;

use crate::grammar::{Grammar, Numbers};
use crate::synthetic;

/// A text as its windows.
pub(crate) struct Example {
    pub(crate) source: String,
    pub(crate) kind: String,
    pub(crate) windows: Vec<(Piece, bool)>,
    /// Whether a rule finds something.
    pub(crate) ruled: bool,
    pub(crate) attack: bool,
    /// The fingerprint of the text: the same one twice says nothing new.
    pub(crate) print: u64,
    /// What it is a part of: a definition has many strings, and one wrong one is enough.
    pub(crate) unit: u64,
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

/// Where a text comes from.
#[derive(Clone, Copy)]
struct Origin<'a> {
    source: &'a str,
    select: bool,
    group: u64,
    unit: u64,
}

/// How many folds.
pub(crate) const FOLDS: u64 = 4;
/// Sources whose labels of honest texts are known to be wrong too often to set thresholds with.
const MISLABELLED: &[&str] = &["neuralchemy"];

/// The source of texts that are made of wordings which no other made text has.
pub(crate) const NEW: &str = "made of new wordings";
/// How many of those are made of each large family.
const NEW_COUNT: usize = 1000;

/// All texts.
pub(crate) struct Data(Vec<Example>);

impl Data {
    pub(crate) fn read(folder: &Path, made: usize, seed: u64, parts: bool) -> Self {
        let mut data = Self(Vec::new());
        data.labelled(&folder.join("detection/train"), false);
        data.labelled(&folder.join("detection/select"), true);
        data.definitions(&folder.join("mcp-tools"));
        if parts {
            data.made("made", &synthetic::grammar().parted(false), made, seed);
            data.made(NEW, &synthetic::grammar().parted(true), NEW_COUNT, seed);
        } else {
            data.made("made", &synthetic::grammar(), made, seed);
        }
        data
    }

    /// A few made texts, without any that were found.
    #[cfg(test)]
    pub(crate) fn made_only(made: usize, seed: u64) -> Self {
        let mut data = Self(Vec::new());
        data.made("made", &synthetic::grammar(), made, seed);
        data
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Example> {
        self.0.iter()
    }

    pub(crate) fn training(&self) -> impl Iterator<Item = &Example> {
        self.0.iter().filter(|example| !example.select && !example.windows.is_empty())
    }

    /// Honest texts that thresholds are set with: found ones only, and none that rules report anyway.
    pub(crate) fn honest(&self) -> impl Iterator<Item = &Example> {
        self.0
            .iter()
            .filter(|e| !e.attack && !e.ruled && !e.source.starts_with("made") && !MISLABELLED.contains(&&*e.source))
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

    fn add(&mut self, origin: Origin<'_>, kind: &str, text: &str, attack: bool) {
        let Origin { source, select, group, unit } = origin;
        let columns: &[(TextKind, usize)] = match kind {
            "tool_poisoning" | "tool_description" => &[(TextKind::ToolDescription, 0)],
            "direct_injection" | "jailbreak" => &[(TextKind::PromptArgument, 3), (TextKind::Arguments, 2)],
            "prompt" => &[(TextKind::PromptArgument, 3)],
            "benign_text" => &[(TextKind::ToolOutput, 1), (TextKind::PromptArgument, 3), (TextKind::Arguments, 2)],
            _ => &[(TextKind::ToolOutput, 1)],
        };
        for (text_kind, column) in columns {
            let read = Text::new(text, *text_kind, None, None);
            let ruled = read.phrases.iter().any(|said| !matches!(said.phrase.source, Source::Classifier));
            let windows = training_windows(&read);
            self.0.push(Example {
                source: source.to_owned(),
                kind: if columns.len() == 1 { kind.to_owned() } else { format!("{kind} as {}", text_kind.name()) },
                windows,
                ruled,
                attack,
                print: hash(text),
                unit,
                column: *column,
                weight: weight_of(source),
                chat: matches!(kind, "benign_text" | "prompt"),
                select,
                fold: group % FOLDS,
            });
        }
    }

    fn made(&mut self, source: &str, grammar: &Grammar, count: usize, seed: u64) {
        for made in synthetic::texts(grammar, count, &mut Numbers(seed)) {
            let print = hash(&made.text);
            let origin = Origin { source, select: source == NEW, group: print, unit: print };
            self.add(origin, made.kind, &made.text, made.attack);
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
                let origin = Origin { source: &source, select, group, unit: hash(member("text")) };
                self.add(origin, kind, member("text"), attack);
            }
        }
    }

    /// The strings of published tool definitions, by server.
    fn definitions(&mut self, folder: &Path) {
        for file in files(folder) {
            let server: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            let group = hash(&file.file_stem().unwrap().to_string_lossy());
            for section in ["tools", "prompts", "resources", "resourceTemplates", "instructions"] {
                let entries = server[section].as_array().cloned().unwrap_or_else(|| vec![server[section].clone()]);
                for (number, entry) in (0u64..).zip(&entries) {
                    let mut strings = Vec::new();
                    collect(entry, &mut strings);
                    for text in strings {
                        let unit = group ^ hash(section).rotate_left(20) ^ number;
                        let origin = Origin { source: "mcp-tools", select: false, group, unit };
                        self.add(origin, "tool_description", &text, false);
                    }
                }
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
