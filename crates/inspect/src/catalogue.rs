//! Everything that can be found, for people: the cards of the detectors and of the gate's own findings, what they are
//! called elsewhere (with the edition that calls them so), and the rules by name. Constant data; it inspects nothing.

mod titles;

use crate::detectors;
use crate::finding::{INSPECTOR_FAILED, MODEL_SAYS, Severity, TIER_FAILED, UNREADABLE};
use crate::inspector::{Card, Maturity};
use crate::phrases::asides::ASIDES;
use crate::phrases::demands::DEMANDS;
use crate::phrases::rules::foreign::FOREIGN;
use crate::phrases::rules::{RULES, Topic};

/// One thing that can be found.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What is known about it.
    pub card: Card,
    /// Why something harmless may be found, in a sentence.
    pub mistakes: &'static str,
    /// What it is called elsewhere.
    pub mappings: Vec<Mapping>,
}

/// What a list of risks or weaknesses calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapping {
    /// The list, with its edition: `OWASP Top 10 for Agentic Applications 2026`.
    pub list: &'static str,
    /// The id in that list.
    pub id: &'static str,
    /// The title in that list.
    pub title: &'static str,
}

/// A rule within a detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleEntry {
    /// Its name, as it stands in findings.
    pub name: &'static str,
    /// The findings that it can be part of.
    pub ids: Vec<&'static str>,
    /// What it says, in a sentence.
    pub says: String,
}

/// Findings of the gate itself, and of the second tier.
const OWN: [Card; 4] = [
    Card {
        id: INSPECTOR_FAILED,
        title: "Inspection failed",
        catches: "A detector that failed on a message, or a message that is over the bytes or the time that its \
                  inspection may take.",
        misses: "Nothing: what was not looked at is never taken for harmless.",
        severity: Severity::Critical,
        why: "The silence of a detector that did not look says nothing; a message made to exhaust it is an attack.",
        remedy: "Look at the rule: it names the detector or the budget. Report a detector that fails; split a message \
                 that is too much.",
        example: "a message of hundreds of megabytes of nested encodings",
        maturity: Maturity::Stable,
        references: &["OWASP-ASI-2026:ASI08", "COSAI-MCP:T10", "CWE-703", "CWE-400"],
    },
    Card {
        id: UNREADABLE,
        title: "Unreadable message",
        catches: "What is not one JSON-RPC message beyond doubt: invalid JSON, duplicate or look-alike keys, too much \
                  depth or length, headers that contradict the body.",
        misses: "Nothing: what cannot be read is never forwarded.",
        severity: Severity::Critical,
        why: "Two readers of an ambiguous message act on different meanings, and one of them is the gate.",
        remedy: "Mend the sender. If a limit was passed, raise it by the key that the refusal names.",
        example: r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"ping"}"#,
        maturity: Maturity::Stable,
        references: &["OWASP-ASI-2026:ASI02", "COSAI-MCP:T3", "CWE-20", "CWE-436", "CWE-770"],
    },
    Card {
        id: TIER_FAILED,
        title: "Second tier without an answer",
        catches: "A message of which the model of the second tier said nothing: it failed, it was late, its queue was full, \
                  or there was more to read than it may read.",
        misses: "Nothing: what the model did not read is never taken for harmless, whatever `on_failure` makes of it.",
        severity: Severity::Critical,
        why: "Whoever can keep a model busy could otherwise switch it off.",
        remedy: "Look at the rule: `time`, `queue`, `size` or `failed`. Raise the budget, give it more threads or a smaller \
                 model, or choose what `detection.model.on_failure` does.",
        example: "a result of megabytes, or many at a time",
        maturity: Maturity::Incubating,
        references: &["OWASP-ASI-2026:ASI08", "COSAI-MCP:T10", "CWE-703", "CWE-400"],
    },
    Card {
        id: MODEL_SAYS,
        title: "Taken for an attack by the model of the second tier",
        catches: "What the operator's own model, an ONNX sequence classifier named in the configuration, gives at least the \
                  threshold.",
        misses: "What the model does not know; what is encoded, since it reads texts as they are; kinds of texts that it is \
                 not given.",
        severity: Severity::High,
        why: "A large model knows ways of saying things that no list of words holds.",
        remedy: "Read the text at the span. The rule names the model by its SHA-256, the confidence is its own; raise the \
                 threshold where it is wrong too often.",
        example: "whatever the model was trained on",
        maturity: Maturity::Incubating,
        references: &["OWASP-ASI-2026:ASI01", "COSAI-MCP:T4", "ATLAS:AML.T0051.001", "CWE-1427"],
    },
];

/// What harmless texts may look like, where it is known.
const MISTAKES: &[(&str, &str)] = &[
    (INSPECTOR_FAILED, "A machine without any time to spare may pass the time budget."),
    (UNREADABLE, "Sloppy senders break the same rules without meaning to."),
    (TIER_FAILED, "A machine without any time to spare is late with harmless messages too."),
    (MODEL_SAYS, "Whatever the model takes wrongly; its makers may have measured it, this project has not."),
    ("TP001", "Tools that speak sternly to the model about their own use."),
    ("TP002", "Texts pasted from word processors with stray marks of direction."),
    ("TP003", "Tools that colour their output for a terminal."),
    ("TP004", "Servers whose own tools are meant to be used one after another."),
    ("TP005", "Tools whose very purpose is to keep conversations."),
    ("PI001", "Texts about prompt injection, and chats in which people give each other orders."),
    ("PI002", "Instructions of people to keep something in mind."),
    ("PI003", "Prompts that set a role for a harmless reason."),
    ("SE001", "Example keys of documentation that look real."),
    ("PD001", "Test card numbers; long identifiers that happen to have the right sum."),
    ("PD002", "Identifiers of other kinds with the same length and check digit."),
    ("PD003", "Contacts of companies, which are nobody's personal data."),
    ("PD004", "Names and addresses of companies; addresses of machines that serve everybody."),
    ("CI001", "Values that are commands on purpose, for tools whose name does not say so."),
    ("CI002", "Projects that reach their neighbours by relative paths."),
    ("CI003", "Tools that take whole statements under a name that does not say so."),
    ("CI004", "Tools that store documents or sheets under a name that does not say so."),
    ("SS001", "Development against servers on this machine or in the own network."),
    ("EX003", "Signed links and tracking parameters."),
    ("HI001", "Servers that ask for a code which is no secret."),
    ("RS002", "Names that sound like what they are not."),
];

/// What cards leave out because another list says it.
const MORE: &[(&str, &[&str])] = &[
    ("TP001", &["OWASP-LLM-2025:LLM01"]),
    ("TP002", &["OWASP-LLM-2025:LLM01"]),
    ("TP003", &["OWASP-LLM-2025:LLM05", "COSAI-MCP:T4"]),
    ("TP004", &["OWASP-LLM-2025:LLM03", "CWE-1007"]),
    ("TP005", &["OWASP-LLM-2025:LLM02"]),
    ("PI002", &["OWASP-LLM-2025:LLM01", "COSAI-MCP:T4"]),
    ("PI003", &["COSAI-MCP:T4"]),
    ("SE001", &["OWASP-LLM-2025:LLM02", "COSAI-MCP:T1"]),
    ("PD001", &["OWASP-ASI-2026:ASI02"]),
    ("PD002", &["OWASP-ASI-2026:ASI02", "ATLAS:AML.T0057"]),
    ("PD003", &["OWASP-ASI-2026:ASI02", "ATLAS:AML.T0057"]),
    ("PD004", &["OWASP-ASI-2026:ASI02", "ATLAS:AML.T0057"]),
    ("CI001", &["OWASP-LLM-2025:LLM05"]),
    ("CI002", &["OWASP-ASI-2026:ASI05", "OWASP-LLM-2025:LLM05"]),
    ("CI003", &["OWASP-LLM-2025:LLM05"]),
    ("CI004", &["OWASP-LLM-2025:LLM05", "CWE-134", "CWE-1321"]),
    ("SS001", &["OWASP-LLM-2025:LLM06"]),
    ("EX003", &["OWASP-LLM-2025:LLM02", "ATLAS:AML.T0057"]),
    ("HI001", &["OWASP-MCP-2025:MCP01", "OWASP-LLM-2025:LLM02"]),
    ("RS002", &["OWASP-ASI-2026:ASI04", "OWASP-LLM-2025:LLM03"]),
    (INSPECTOR_FAILED, &["OWASP-MCP-2025:MCP08"]),
    (UNREADABLE, &["OWASP-MCP-2025:MCP06"]),
    (TIER_FAILED, &["OWASP-MCP-2025:MCP08"]),
    (MODEL_SAYS, &["OWASP-MCP-2025:MCP06", "OWASP-MCP-2025:MCP10", "OWASP-LLM-2025:LLM01"]),
];

/// Everything that can be found: first what the gate says of itself and what its second tier says, then the detectors in the order in which they run.
#[must_use]
pub fn entries() -> Vec<Entry> {
    let cards = detectors::all().into_iter().map(|inspector| inspector.card());
    OWN.into_iter().chain(cards).map(entry).collect()
}

fn entry(card: Card) -> Entry {
    let more = MORE.iter().find(|(id, _)| *id == card.id).map_or(&[][..], |(_, more)| more);
    let mut mappings: Vec<Mapping> =
        card.references.iter().chain(more).filter_map(|name| titles::mapping(name)).collect();
    mappings.sort_by_key(|mapping| titles::place(mapping.list));
    mappings.dedup();
    let mistakes = MISTAKES.iter().find(|(id, _)| *id == card.id).map_or("", |(_, mistakes)| mistakes);
    Entry { card, mistakes, mappings }
}

/// The rules that have a name of their own: phrases and kinds of secrets. Those of other detectors say what they found in
/// the finding's sentence.
#[must_use]
pub fn rules() -> Vec<RuleEntry> {
    let phrases = RULES.iter().chain(FOREIGN).chain(ASIDES).chain(DEMANDS).map(|rule| {
        let ids = match rule.topic {
            Topic::Instruction => vec!["TP001", "PI001", "PI003"],
            Topic::Persistence => vec!["PI002"],
            Topic::Shadowing => vec!["TP004"],
            Topic::Harvest => vec!["TP005"],
        };
        RuleEntry { name: rule.name, ids, says: rule.says.to_owned() }
    });
    let secrets = detectors::secrets::names().map(|name| RuleEntry {
        name,
        ids: vec!["SE001"],
        says: format!("has the form of a secret ({})", name.replace('-', " ")),
    });
    let mut rules: Vec<RuleEntry> = phrases.chain(secrets).collect();
    rules.sort_by_key(|rule| rule.name);
    rules.dedup_by_key(|rule| rule.name);
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_complete() {
        for Entry { card, mistakes, mappings } in entries() {
            for line in [card.title, card.catches, card.misses, card.why, card.remedy, card.example, mistakes] {
                assert!(!line.is_empty(), "{}", card.id);
            }
            let more = MORE.iter().find(|(id, _)| *id == card.id).map_or(0, |(_, more)| more.len());
            assert!(mappings.len() + 1 >= card.references.len().max(more), "{}: {mappings:?}", card.id);
            for name in card.references {
                assert!(titles::mapping(name).is_some(), "{}: {name} has no title", card.id);
            }
            let of = |list: &str| mappings.iter().any(|mapping| mapping.list.contains(list));
            assert!(of("Agentic Applications 2026") && of("MCP Top 10 2025"), "{}: {mappings:?}", card.id);
            assert!(of("Common Weakness Enumeration"), "{}: {mappings:?}", card.id);
        }
        for (id, more) in MORE {
            assert!(more.iter().all(|name| titles::mapping(name).is_some()), "{id}");
        }
    }

    #[test]
    fn rules_have_names_of_their_own() {
        let rules = rules();
        assert!(rules.len() > 150, "{}", rules.len());
        assert!(rules.iter().any(|rule| rule.name == "override-prior" && rule.ids.contains(&"PI001")));
        assert!(rules.iter().all(|rule| !rule.says.is_empty()));
    }
}
