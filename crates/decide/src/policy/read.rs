//! From policy files to a compiled policy. Every key, word and pattern is checked here, so that evaluation has
//! nothing left to doubt; all errors are collected, and a policy with one error is not used at all.

mod condition;

mod detection;

mod effect;

mod findings;

mod layers;

mod matching;

mod rules;

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use gatehold_inspect::Severity;
use sha2::{Digest, Sha256};

use super::check::Patterns;
use super::findings::{FindingRule, Response};
use super::glob::Glob;
use super::index::Index;
use super::rule::{Action, Rule};
use super::{Layer, Loader, Policy, Standing};
use crate::decision::{Mode, Verdict};
use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::document::{Entry, Node, Value};

/// The version of the policy language that is read.
const VERSION: &str = "1";
/// The most rules of a policy with all its layers.
const RULES_MAX: usize = 10_000;
/// The most entries of `findings` of a policy with all its layers.
const FINDING_RULES_MAX: usize = 10_000;
/// The longest time that a policy may name.
const DURATION_MAX: Duration = Duration::from_secs(31 * 24 * 60 * 60);

const POLICY_KEYS: [&str; 9] =
    ["version", "mode", "default", "extends", "roles", "forbid", "rules", "findings", "detection"];

/// Compiles a policy with the layers that it extends. `text` is the file as it is, for its digest.
pub(super) fn policy(name: &str, text: &str, loader: Loader<'_>) -> Result<Policy, Vec<(Source, Vec<Diagnostic>)>> {
    let files = layers::collect(name, text, loader)?;
    let mut refused = Vec::new();
    let mut sections = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let source = file.source.text().to_owned();
        let mut reader = Reader { errors: Vec::new(), layer: index, limits: Vec::new(), source };
        reader.limits = sections.iter().flat_map(|layer: &Sections| limit_names(&layer.rules)).collect();
        let layer = reader.sections(&file.source, &file.document);
        if reader.errors.is_empty() {
            sections.push(layer);
        } else {
            reader.errors.sort_by_key(|error| error.span.as_ref().map_or(0, |span| span.start));
            refused.push((file.source.clone(), reader.errors));
        }
    }
    let rules: usize = sections.iter().map(Sections::count).sum();
    let findings: usize = sections.iter().map(|layer| layer.findings.len()).sum();
    for (count, most, what) in [(rules, RULES_MAX, "rules"), (findings, FINDING_RULES_MAX, "entries of `findings`")] {
        if count > most {
            let message = format!("the policy has {count} {what}, and at most {most} are read");
            refused.push((Source::new(name, ""), vec![Diagnostic::of_file(message)]));
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let layers: Vec<Layer> =
        files.iter().map(|file| Layer { name: file.source.name().into(), digest: digest(&file.text) }).collect();
    let sources = files.into_iter().map(|file| file.source).collect();
    Ok(assemble(layers, sources, sections))
}

/// Joins layers: what any of them forbids first, then layer by layer its rules and its roles.
fn assemble(layers: Vec<Layer>, sources: Box<[Source]>, sections: Vec<Sections>) -> Policy {
    let mode = sections.iter().find_map(|layer| layer.mode).unwrap_or(Mode::Enforce);
    let default = sections.iter().find_map(|layer| layer.default).unwrap_or(Verdict::Deny);
    let (mut forbids, mut rules, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for layer in sections {
        forbids.extend(layer.forbids);
        rules.extend(layer.rules);
        rules.extend(layer.roles);
        findings.extend(layer.findings);
    }
    let forbid_count = forbids.len();
    forbids.append(&mut rules);
    let may_hide = default == Verdict::Deny || forbids.iter().any(|rule| matches!(rule.action, Action::Deny(_)));
    let holds_by_findings = findings.iter().any(|rule: &FindingRule| rule.action == Response::Hold);
    let may_hold = holds_by_findings || forbids.iter().any(|rule| matches!(rule.action, Action::Hold(_)));
    let digest = match &*layers {
        [only] => only.digest.clone(),
        many => digest(&many.iter().map(|layer| format!("{}\n", layer.digest)).collect::<String>()),
    };
    Policy {
        mode,
        default,
        layers: layers.into(),
        sources,
        index: Index::new(&forbids),
        rules: forbids.into(),
        forbids: forbid_count,
        findings: findings.into(),
        standing: Standing::new(),
        digest,
        is_ruled: true,
        may_hide,
        may_hold,
    }
}

fn limit_names(rules: &[Rule]) -> Vec<Arc<str>> {
    let name = |rule: &Rule| match &rule.action {
        Action::Limit(limit) => Some(limit.name.clone()),
        Action::Allow | Action::Deny(_) | Action::Audit | Action::Redact(_) | Action::Hold(_) => None,
    };
    rules.iter().filter_map(name).collect()
}

/// What one layer says.
struct Sections {
    mode: Option<Mode>,
    default: Option<Verdict>,
    forbids: Vec<Rule>,
    rules: Vec<Rule>,
    roles: Vec<Rule>,
    findings: Vec<FindingRule>,
}

impl Sections {
    fn count(&self) -> usize {
        self.forbids.len() + self.rules.len() + self.roles.len()
    }
}

/// Collects errors. Whoever gets `None` from it goes on with the rest of the file; the error is noted.
#[derive(Debug, Default)]
pub(super) struct Reader {
    errors: Vec<Diagnostic>,
    /// Which layer is read, from 0 for the policy itself.
    layer: usize,
    /// The text that is read.
    source: String,
    /// Names of limits that nearer layers have.
    limits: Vec<Arc<str>>,
}

impl Reader {
    fn error<T>(&mut self, message: impl Into<String>, span: Range<usize>, help: impl Into<String>) -> Option<T> {
        self.errors.push(Diagnostic::new(message, span).with_help(help));
        None
    }

    /// Reads one layer.
    fn sections(&mut self, source: &Source, document: &Node) -> Sections {
        let mut sections = Sections {
            mode: None,
            default: None,
            forbids: Vec::new(),
            rules: Vec::new(),
            roles: Vec::new(),
            findings: Vec::new(),
        };
        if document.value == Value::Null {
            self.errors.push(Diagnostic::of_file("the policy is empty").with_help("a policy begins with `version: 1`"));
            return sections;
        }
        let Some(table) = self.table(document, "a policy", &POLICY_KEYS) else { return sections };
        self.version(table);
        sections.mode = get(table, "mode")
            .and_then(|entry| self.word(&entry.node, &[("enforce", Mode::Enforce), ("audit", Mode::Audit)]));
        sections.default = get(table, "default")
            .and_then(|entry| self.word(&entry.node, &[("deny", Verdict::Deny), ("allow", Verdict::Allow)]));
        self.rule_names(table);
        if let Some(entry) = get(table, "forbid") {
            sections.forbids = self.rules(source, &entry.node, true);
        }
        if let Some(entry) = get(table, "rules") {
            sections.rules = self.rules(source, &entry.node, false);
        }
        if let Some(entry) = get(table, "roles") {
            sections.roles = self.roles(&entry.node);
        }
        if let Some(entry) = get(table, "findings") {
            sections.findings = self.findings(&entry.node);
        }
        if let Some(entry) = get(table, "detection") {
            sections.findings.extend(self.detection(&entry.node));
        }
        sections
    }

    fn version(&mut self, table: &[Entry]) {
        match get(table, "version") {
            None => {
                self.errors.push(Diagnostic::of_file("`version` is missing").with_help("begin with `version: 1`"));
            }
            Some(entry) if entry.node.value == Value::Number(VERSION.to_owned()) => {}
            Some(entry) => {
                let help = "this program reads `version: 1`, without quotes; a newer file needs a newer program";
                self.error::<()>("the version of the policy is not known", entry.node.span.clone(), help);
            }
        }
    }

    /// One pattern or a list of them. An empty list is an error: it would match nothing.
    fn patterns(&mut self, node: &Node) -> Option<Box<[Glob]>> {
        match &node.value {
            Value::List(items) if items.is_empty() => {
                self.error("an empty list matches nothing", node.span.clone(), "name what is meant, or `\"*\"` for all")
            }
            Value::List(items) => {
                let patterns: Vec<_> = items.iter().map(|item| self.pattern(item)).collect();
                patterns.into_iter().collect()
            }
            _ => self.pattern(node).map(|pattern| Box::from([pattern])),
        }
    }

    /// As `patterns`, for a condition.
    fn any_pattern(&mut self, node: &Node) -> Option<Patterns> {
        self.patterns(node).map(Patterns)
    }

    /// One thing or a list of them, each read by `read`. An empty list is an error.
    fn several<T>(&mut self, node: &Node, mut read: impl FnMut(&mut Self, &Node) -> Option<T>) -> Option<Box<[T]>> {
        let Value::List(items) = &node.value else { return read(self, node).map(|one| Box::from([one])) };
        if items.is_empty() {
            return self.error("an empty list matches nothing", node.span.clone(), "name what is meant");
        }
        let read: Vec<Option<T>> = items.iter().map(|item| read(self, item)).collect();
        read.into_iter().collect()
    }

    /// One of these words or a list of them.
    fn words<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<Box<[T]>> {
        self.several(node, |reader, node| reader.word(node, words))
    }

    fn boolean(&mut self, node: &Node) -> Option<bool> {
        match &node.value {
            Value::Bool(value) => Some(*value),
            other => {
                let message = format!("expected true or false, found {}", other.kind());
                self.error(message, node.span.clone(), "write `true` or `false`, without quotes")
            }
        }
    }

    /// A time such as `30s`, `5m`, `2h` or `1d`.
    fn duration(&mut self, node: &Node) -> Option<Duration> {
        let help = "write a number and a unit, for instance `30s`, `5m`, `2h` or `1d`; at most 31 days";
        let text = self.text(node, help)?;
        match duration_of(text) {
            Some(duration) if duration <= DURATION_MAX => Some(duration),
            Some(_) | None => self.error(format!("`{text}` is not a time here"), node.span.clone(), help),
        }
    }

    fn pattern(&mut self, node: &Node) -> Option<Glob> {
        let text = self.text(node, "patterns are texts: put it in quotes")?;
        match Glob::new(text) {
            Ok(glob) => Some(glob),
            Err(error) => self.error(error.to_string(), node.span.clone(), error.help()),
        }
    }

    fn text<'n>(&mut self, node: &'n Node, help: &str) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) => Some(text),
            other => self.error(format!("expected a text, found {}", other.kind()), node.span.clone(), help),
        }
    }

    fn list<'n>(&mut self, node: &'n Node, help: &str) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            other => self.error(format!("expected a list, found {}", other.kind()), node.span.clone(), help),
        }
    }

    /// One of several words.
    fn word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let expected = format!("one of: {}", names.join(", "));
        let Value::Text(text) = &node.value else {
            let message = format!("expected a word, found {}", node.value.kind());
            return self.error(message, node.span.clone(), expected);
        };
        if let Some((_, value)) = words.iter().find(|(name, _)| name == text) {
            return Some(*value);
        }
        let help = nearest(text, &names).map_or(expected, |near| format!("did you mean `{near}`?"));
        self.error(format!("`{text}` is not known here"), node.span.clone(), help)
    }

    /// A table with none but known keys.
    fn table<'n>(&mut self, node: &'n Node, what: &str, known: &[&str]) -> Option<&'n [Entry]> {
        let Value::Table(table) = &node.value else {
            let message = format!("expected {what}, found {}", node.value.kind());
            return self.error(message, node.span.clone(), format!("{what} has the keys {}", known.join(", ")));
        };
        for entry in table {
            if !known.contains(&entry.key.as_str()) {
                let help = nearest(&entry.key, known).map_or_else(
                    || format!("known keys: {}", known.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                self.error::<()>(format!("{what} has no key `{}`", entry.key), entry.key_span.clone(), help);
            }
        }
        Some(table)
    }

    /// As `table`, and not an empty one.
    fn filled_table<'n>(
        &mut self,
        entry: &'n Entry,
        empty: &str,
        help: &str,
        what: &str,
        known: &[&str],
    ) -> Option<&'n [Entry]> {
        match &entry.node.value {
            Value::Null => self.error(empty, entry.key_span.clone(), help),
            Value::Table(table) if table.is_empty() => self.error(empty, entry.key_span.clone(), help),
            _ => self.table(&entry.node, what, known),
        }
    }

    fn required<'n>(&mut self, table: &'n [Entry], node: &Node, key: &str) -> Option<&'n Node> {
        match get(table, key) {
            Some(entry) => Some(&entry.node),
            None => {
                let span = table.first().map_or_else(|| node.span.clone(), |entry| entry.key_span.clone());
                self.error(format!("`{key}` is missing"), span, format!("add `{key}:` here"))
            }
        }
    }
}

const SEVERITIES: [(&str, Severity); 5] = [
    (Severity::Info.name(), Severity::Info),
    (Severity::Low.name(), Severity::Low),
    (Severity::Medium.name(), Severity::Medium),
    (Severity::High.name(), Severity::High),
    (Severity::Critical.name(), Severity::Critical),
];

fn get<'n>(table: &'n [Entry], key: &str) -> Option<&'n Entry> {
    table.iter().find(|entry| entry.key == key)
}

/// Reads a number with a unit; `None` for zero and for what is none.
fn duration_of(text: &str) -> Option<Duration> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    if count.is_empty() || !count.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let seconds = count.parse::<u64>().ok()?.checked_mul(seconds)?;
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

fn digest(text: &str) -> Arc<str> {
    let mut hexadecimal = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal.into()
}
