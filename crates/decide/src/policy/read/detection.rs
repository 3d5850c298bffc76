//! Reads the `detection` section: for each family of detectors how sensitive it is and what happens each way. It is
//! another way of writing entries of `findings`, which stand after those of the same layer, so that an exception there
//! comes first.

use gatehold_inspect::Severity;
use gatehold_session::Direction;

use super::effect::REPLACEMENTS;
use super::{Reader, get};
use crate::document::{Entry, Node, Value};
use crate::policy::check::Patterns;
use crate::policy::findings::{FindingRule, Response};
use crate::policy::glob::Glob;
use crate::redact::Replacement;

/// The families, and how their findings' ids begin.
const FAMILIES: [(&str, &str); 9] = [
    ("poisoning", "TP*"),
    ("injection", "PI*"),
    ("secrets", "SE*"),
    ("personal_data", "PD*"),
    ("commands", "CI*"),
    ("addresses", "SS*"),
    ("exfiltration", "EX*"),
    ("requests", "HI*"),
    ("names", "RS*"),
];

const FAMILY_KEYS: [&str; 4] = ["sensitivity", "from_client", "from_server", "with"];

/// What a detector does by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    /// What it finds is recorded.
    Detect,
    /// What it finds is taken out.
    Redact,
    /// The message is not sent.
    Block,
}

const DOES: [(&str, Does); 3] = [("detect", Does::Detect), ("redact", Does::Redact), ("block", Does::Block)];

/// From which severity on a finding counts; milder ones are recorded.
const SENSITIVITIES: [(&str, Severity); 3] =
    [("high", Severity::Low), ("medium", Severity::Medium), ("low", Severity::High)];

impl Reader {
    pub(super) fn detection(&mut self, node: &Node) -> Vec<FindingRule> {
        let names = FAMILIES.map(|(name, _)| name);
        let Some(table) = self.table(node, "`detection`", &names) else { return Vec::new() };
        let mut rules = Vec::new();
        for (name, id) in FAMILIES {
            if let Some(entry) = get(table, name) {
                rules.extend(self.family(entry, name, id).unwrap_or_default());
            }
        }
        rules
    }

    /// The entries of one family: what is milder is recorded, then what happens each way.
    fn family(&mut self, entry: &Entry, name: &str, id: &str) -> Option<Vec<FindingRule>> {
        let help = "say what it does, for instance `{sensitivity: high, from_server: redact}`";
        let what = format!("a family of `detection` says nothing: `{name}`");
        let family = format!("`{name}`");
        let table = self.filled_table(entry, &what, help, &family, &FAMILY_KEYS)?;
        let errors_before = self.errors.len();
        let sensitivity = get(table, "sensitivity").and_then(|entry| self.word(&entry.node, &SENSITIVITIES));
        let with = get(table, "with").and_then(|entry| self.word(&entry.node, &REPLACEMENTS));
        let ways = [("from_client", Direction::FromClient), ("from_server", Direction::FromServer)];
        let mut does = Vec::new();
        for (key, direction) in ways {
            does.extend(get(table, key).and_then(|entry| self.word(&entry.node, &DOES)).map(|does| (direction, does)));
        }
        if let (Some(entry), false) = (get(table, "with"), does.iter().any(|(_, does)| *does == Does::Redact)) {
            let help = "take it out, or write `redact` for a direction";
            self.error::<()>("`with` says how something is redacted, and nothing is", entry.key_span.clone(), help);
        }
        let ids = self.pattern(&Node { value: Value::Text(id.to_owned()), span: entry.key_span.clone() })?;
        if self.errors.len() != errors_before {
            return None;
        }
        let at_least = sensitivity.unwrap_or(Severity::Medium);
        let mut rules = Vec::new();
        for (direction, does) in does {
            let action = match does {
                Does::Detect => Response::Audit,
                Does::Redact => Response::Redact(with.unwrap_or(Replacement::Mark)),
                Does::Block => Response::Deny,
            };
            rules.push(self.default_of(&ids, at_least, Some(direction), action));
        }
        if sensitivity.is_some() {
            // What is graver and is said nothing about here is left to the layers below.
            rules.push(FindingRule {
                under: Some(at_least),
                ..self.default_of(&ids, Severity::Info, None, Response::Audit)
            });
        }
        Some(rules)
    }

    fn default_of(
        &self,
        ids: &Glob,
        at_least: Severity,
        direction: Option<Direction>,
        action: Response,
    ) -> FindingRule {
        FindingRule {
            ids: Patterns(Box::from([ids.clone()])),
            set: None,
            at_least,
            under: None,
            direction,
            server: None,
            tool: None,
            parameter: None,
            phrase: None,
            action,
            text: None,
            tags: std::sync::Arc::default(),
            layer: self.layer,
        }
    }
}
