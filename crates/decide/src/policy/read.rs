//! From a policy file to a compiled policy. Every key, word and pattern is checked here, so that evaluation has
//! nothing left to doubt; all errors are collected, and a file with one error is not used at all.

mod condition;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use gatehold_inspect::Severity;
use gatehold_session::Direction;
use sha2::{Digest, Sha256};

use super::findings::FindingRule;
use super::glob::Glob;
use super::rule::{Action, Match, Patterns, Rule};
use super::{Policy, Standing};
use crate::decision::{Mode, Reason, Verdict};
use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::document::{self, Entry, Node, Value};

/// The version of the policy language that is read.
const VERSION: &str = "1";
/// The longest name of a rule, in characters.
const NAME_CHARACTERS_MAX: usize = 128;
/// The longest text that a rule shows, in characters.
const REASON_CHARACTERS_MAX: usize = 1000;
/// The most rules of a policy.
const RULES_MAX: usize = 10_000;

const POLICY_KEYS: [&str; 5] = ["version", "mode", "default", "rules", "findings"];
const RULE_KEYS: [&str; 4] = ["name", "action", "match", "reason"];
const MATCH_KEYS: [&str; 7] = ["method", "server", "tool", "resource", "prompt", "direction", "arguments"];
const FINDING_KEYS: [&str; 4] = ["id", "at_least", "action", "reason"];

/// Compiles a policy file. `text` is the file as it is, for its digest.
pub(super) fn policy(source: &Source, text: &str) -> Result<Policy, Vec<Diagnostic>> {
    let document = document::read(source).map_err(|diagnostic| vec![diagnostic])?;
    let mut reader = Reader::default();
    let policy = reader.policy(&document, text);
    match policy {
        Some(policy) if reader.errors.is_empty() => Ok(policy),
        Some(_) | None => {
            reader.errors.sort_by_key(|error| error.span.as_ref().map_or(0, |span| span.start));
            Err(reader.errors)
        }
    }
}

/// Collects errors. Whoever gets `None` from it goes on with the rest of the file; the error is noted.
#[derive(Debug, Default)]
pub(super) struct Reader {
    errors: Vec<Diagnostic>,
}

impl Reader {
    fn error<T>(&mut self, message: impl Into<String>, span: Range<usize>, help: impl Into<String>) -> Option<T> {
        self.errors.push(Diagnostic::new(message, span).with_help(help));
        None
    }

    fn policy(&mut self, document: &Node, text: &str) -> Option<Policy> {
        if document.value == Value::Null {
            self.errors.push(Diagnostic::of_file("the policy is empty").with_help("a policy begins with `version: 1`"));
            return None;
        }
        let table = self.table(document, "a policy", &POLICY_KEYS)?;
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
        let mode = match get(table, "mode") {
            Some(entry) => self.word(&entry.node, &[("enforce", Mode::Enforce), ("audit", Mode::Audit)]),
            None => Some(Mode::Enforce),
        };
        let default = match get(table, "default") {
            Some(entry) => self.word(&entry.node, &[("deny", Verdict::Deny), ("allow", Verdict::Allow)]),
            None => Some(Verdict::Deny),
        };
        let rules = get(table, "rules").map_or_else(Vec::new, |entry| self.rules(&entry.node));
        let findings = get(table, "findings").map_or_else(Vec::new, |entry| self.findings(&entry.node));
        let default = default?;
        let may_hide = default == Verdict::Deny || rules.iter().any(|rule| rule.action == Action::Deny);
        Some(Policy {
            mode: mode?,
            default,
            rules: rules.into(),
            findings: findings.into(),
            standing: Standing::new(),
            digest: digest(text),
            is_ruled: true,
            may_hide,
        })
    }

    fn rules(&mut self, node: &Node) -> Vec<Rule> {
        let Some(items) = self.list(node, "rules are a list: each begins with `- name:`") else { return Vec::new() };
        if items.len() > RULES_MAX {
            let message = format!("the policy has {} rules, and at most {RULES_MAX} are read", items.len());
            self.errors.push(Diagnostic::of_file(message));
            return Vec::new();
        }
        let mut names: HashMap<&str, ()> = HashMap::new();
        for item in items {
            if let Value::Table(table) = &item.value
                && let Some(Entry { node: Node { value: Value::Text(name), span }, .. }) = get(table, "name")
                && names.insert(name, ()).is_some()
            {
                self.error::<()>(
                    format!("two rules have the name `{name}`"),
                    span.clone(),
                    "names stand in the record: give each rule its own",
                );
            }
        }
        items.iter().filter_map(|item| self.rule(item)).collect()
    }

    fn rule(&mut self, node: &Node) -> Option<Rule> {
        let table = self.table(node, "a rule", &RULE_KEYS)?;
        let name = self.required(table, node, "name").and_then(|node| self.name(node));
        let action = self.required(table, node, "action").and_then(|node| {
            self.word(node, &[("allow", Action::Allow), ("deny", Action::Deny), ("audit", Action::Audit)])
        });
        let text = get(table, "reason").map(|entry| self.reason(&entry.node));
        let conditions = match get(table, "match") {
            Some(entry) => self.conditions(entry),
            None => Some(Match::default()),
        };
        let (name, action, conditions) = (name?, action?, conditions?);
        let text = match text {
            Some(text) => Some(text?),
            None => None,
        };
        let rule = match action {
            Action::Audit => format!("audit:{name}").into(),
            Action::Allow | Action::Deny => name,
        };
        Some(Rule { action, reason: Reason { rule, text }, conditions })
    }

    fn name(&mut self, node: &Node) -> Option<Arc<str>> {
        let name = self.text(node, "put the name in quotes")?;
        let is_plain =
            |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | '.' | '/' | ' ');
        if name.is_empty() || name.trim() != name || !name.chars().all(is_plain) {
            let help = "use letters, digits, `-`, `_`, `.`, `/` and single spaces between words";
            return self.error("this cannot be the name of a rule", node.span.clone(), help);
        }
        if name.chars().count() > NAME_CHARACTERS_MAX {
            let help = format!("at most {NAME_CHARACTERS_MAX} characters");
            return self.error("the name of the rule is too long", node.span.clone(), help);
        }
        if Reason::RESERVED.contains(&name) {
            let help = "the record uses this word for decisions that no rule made: choose another";
            return self.error(format!("no rule may be called `{name}`"), node.span.clone(), help);
        }
        Some(name.into())
    }

    fn reason(&mut self, node: &Node) -> Option<Arc<str>> {
        let text = self.text(node, "put the reason in quotes")?.trim();
        if text.is_empty() || text.chars().count() > REASON_CHARACTERS_MAX {
            let help =
                format!("a reason has 1 to {REASON_CHARACTERS_MAX} characters; it is shown to whoever is refused");
            return self.error("the reason is empty or too long", node.span.clone(), help);
        }
        Some(text.into())
    }

    fn conditions(&mut self, entry: &Entry) -> Option<Match> {
        let help = "leave `match` out for a rule that concerns every message";
        let table = self.filled_table(entry, "`match` is empty", help, "`match`", &MATCH_KEYS)?;
        let errors_before = self.errors.len();
        let direction = get(table, "direction").and_then(|entry| {
            let words = [("from_client", Direction::FromClient), ("from_server", Direction::FromServer)];
            self.word(&entry.node, &words)
        });
        let mut patterns = |key: &str| get(table, key).and_then(|entry| self.patterns(&entry.node)).map(Patterns);
        let (method, server, tool) = (patterns("method"), patterns("server"), patterns("tool"));
        let (prompt, resource) = (patterns("prompt"), patterns("resource"));
        let arguments = get(table, "arguments").map(|entry| self.arguments(entry)).unwrap_or_default();
        if let (Some(Direction::FromServer), Some(entry)) = (direction, get(table, "arguments")) {
            let help = "only what the client sends has arguments: take `direction` or `arguments` out";
            self.error::<()>("what comes from a server has no arguments", entry.key_span.clone(), help);
        }
        // A condition that was not understood must not be left out of a rule: the rule would match more.
        (self.errors.len() == errors_before).then_some(Match {
            direction,
            method,
            server,
            tool,
            prompt,
            resource,
            arguments,
        })
    }

    fn findings(&mut self, node: &Node) -> Vec<FindingRule> {
        let Some(items) = self.list(node, "findings are a list: each begins with `- id:`") else { return Vec::new() };
        items.iter().filter_map(|item| self.finding(item)).collect()
    }

    fn finding(&mut self, node: &Node) -> Option<FindingRule> {
        let table = self.table(node, "an entry of `findings`", &FINDING_KEYS)?;
        let ids = self.required(table, node, "id").and_then(|node| self.patterns(node));
        let verdict = self
            .required(table, node, "action")
            .and_then(|node| self.word(node, &[("deny", Verdict::Deny), ("audit", Verdict::Allow)]));
        let at_least = match get(table, "at_least") {
            Some(entry) => self.word(&entry.node, &SEVERITIES),
            None => Some(Severity::Info),
        };
        let text = match get(table, "reason") {
            Some(entry) => Some(self.reason(&entry.node)?),
            None => None,
        };
        Some(FindingRule { ids: ids?, at_least: at_least?, verdict: verdict?, text })
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

fn digest(text: &str) -> Arc<str> {
    let mut hexadecimal = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal.into()
}
