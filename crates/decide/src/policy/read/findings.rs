//! Reads the `findings` section: what happens with what detectors find.

use gatehold_inspect::Severity;
use gatehold_inspect::detectors::sets::{SETS, Set};

use super::effect::REPLACEMENTS;
use super::{Reader, SEVERITIES, get};
use crate::document::{Node, Value};
use crate::policy::findings::{FindingRule, Phrase, Response, read_digest};
use crate::redact::Replacement;

/// The longest phrase, in bytes.
const PHRASE_BYTES_MAX: usize = 16 * 1024;

const FINDING_KEYS: [&str; 12] =
    ["id", "set", "at_least", "action", "with", "direction", "server", "tool", "parameter", "phrase", "reason", "tags"];

impl Reader {
    pub(super) fn findings(&mut self, node: &Node) -> Vec<FindingRule> {
        let Some(items) = self.list(node, "findings are a list: each begins with `- id:`") else { return Vec::new() };
        items.iter().filter_map(|item| self.finding(item)).collect()
    }

    fn finding(&mut self, node: &Node) -> Option<FindingRule> {
        let table = self.table(node, "an entry of `findings`", &FINDING_KEYS)?;
        let errors_before = self.errors.len();
        let set = get(table, "set").and_then(|entry| self.set(&entry.node));
        // A set names its findings; anything else does it by `id`.
        let ids = match (get(table, "set"), get(table, "id")) {
            (Some(entry), Some(_)) => {
                let help = "leave one of them out: a set has the ids of its findings";
                self.error("an entry has `id` or `set`", entry.key_span.clone(), help)
            }
            (Some(entry), None) => {
                self.any_pattern(&Node { value: Value::Text("*".to_owned()), span: entry.key_span.clone() })
            }
            (None, _) => self.required(table, node, "id").and_then(|node| self.any_pattern(node)),
        };
        let words = [
            ("deny", Response::Deny),
            ("hold", Response::Hold),
            ("redact", Response::Redact(Replacement::Mark)),
            ("audit", Response::Audit),
        ];
        let action = self.required(table, node, "action").and_then(|node| self.word(node, &words));
        let with = get(table, "with").and_then(|entry| self.word(&entry.node, &REPLACEMENTS));
        let action = match (action, with, get(table, "with")) {
            (Some(Response::Redact(_)), Some(with), _) => Some(Response::Redact(with)),
            (Some(Response::Audit | Response::Hold | Response::Deny), _, Some(entry)) => {
                let help = "take it out, or write `action: redact`";
                self.error("`with` belongs to `action: redact`", entry.key_span.clone(), help)
            }
            (action, ..) => action,
        };
        let at_least = match get(table, "at_least") {
            Some(entry) => self.word(&entry.node, &SEVERITIES),
            None => Some(Severity::Info),
        };
        let direction = self.direction(table);
        let server = get(table, "server").and_then(|entry| self.any_pattern(&entry.node));
        let tool = get(table, "tool").and_then(|entry| self.any_pattern(&entry.node));
        let parameter = get(table, "parameter").and_then(|entry| self.path(&entry.node));
        let phrase = get(table, "phrase").and_then(|entry| self.phrase(&entry.node));
        let text = get(table, "reason").and_then(|entry| self.reason(&entry.node));
        let tags = get(table, "tags").and_then(|entry| self.tags(&entry.node)).unwrap_or_default();
        // A condition that was not understood must not be left out: the entry would concern more.
        if self.errors.len() != errors_before {
            return None;
        }
        let (ids, action, at_least) = (ids?, action?, at_least?);
        let layer = self.layer;
        let under = None;
        Some(FindingRule {
            ids,
            set,
            at_least,
            under,
            direction,
            server,
            tool,
            parameter,
            phrase,
            action,
            text,
            tags,
            layer,
        })
    }

    fn set(&mut self, node: &Node) -> Option<&'static Set> {
        let names: Vec<(&str, &'static Set)> = SETS.iter().map(|set| (set.name, set)).collect();
        self.word(node, &names)
    }

    fn phrase(&mut self, node: &Node) -> Option<Phrase> {
        let text = self.text(node, "put the phrase in quotes")?;
        if text.is_empty() || text.len() > PHRASE_BYTES_MAX {
            let help = format!("1 to {PHRASE_BYTES_MAX} bytes; for a longer one write `sha256:` and its digest");
            return self.error("the phrase is empty or too long", node.span.clone(), help);
        }
        if !text.starts_with("sha256:") {
            return Some(Phrase::Text(text.into()));
        }
        let help = "write `sha256:` and 64 hexadecimal digits";
        let digest = read_digest(text).map(Phrase::Digest);
        digest.or_else(|| self.error("this is no digest", node.span.clone(), help))
    }
}
