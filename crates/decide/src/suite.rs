//! A suite: cases in YAML with what a policy is expected to decide about each, and what it decides instead.
//!
//! The same form serves `gatehold policy test`, the corpora of the formats that are read as they are, and the tests of
//! the presets. It never writes anything and never decides by itself whether a policy is good.

use gatehold_inspect::{Findings, Registry};

use crate::Policy;
use crate::decision::{Decision, Verdict};
use crate::diagnostic::{Diagnostic, Source};
use crate::document::{self, Entry, Node, Value};
use crate::rehearsal::{Reader, Rehearsal};

/// The most cases of one suite.
pub const CASES_MAX: usize = 10_000;

const SUITE_KEYS: [&str; 3] = ["about", "policy", "cases"];
const CASE_KEYS: [&str; 2] = ["name", "expect"];
const EXPECT_KEYS: [&str; 8] = ["verdict", "rule", "reason", "hidden", "tags", "limits", "finding", "edits"];

/// Cases for one policy.
#[derive(Debug)]
pub struct Suite {
    /// The policy that the suite is about, as it is written there.
    pub policy: Option<Box<str>>,
    /// The cases, in the order of the file.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug)]
pub struct Case {
    /// What it shows.
    pub name: Box<str>,
    /// The message.
    pub rehearsal: Rehearsal,
    expected: Expected,
}

/// What is expected. What is not said is not compared.
#[derive(Debug, Default)]
struct Expected {
    verdict: Option<Verdict>,
    rule: Option<Box<str>>,
    /// A part of a reason's text.
    reason: Option<Box<str>>,
    hidden: Option<bool>,
    tags: Vec<Box<str>>,
    limits: Vec<Box<str>>,
    /// The id of something that must have been found.
    finding: Option<Box<str>>,
    edits: Option<bool>,
}

/// What came of a case.
#[derive(Debug)]
#[must_use]
pub struct Ran {
    /// What was decided.
    pub decision: Decision,
    /// One sentence for each difference; none when the case passed.
    pub differences: Vec<String>,
}

impl Suite {
    /// Reads a suite.
    ///
    /// # Errors
    /// Everything that is wrong in it, with places.
    pub fn read(source: &Source) -> Result<Self, Vec<Diagnostic>> {
        let document = document::read(source).map_err(|error| vec![error])?;
        let mut reader = Reader::default();
        let suite = read_suite(&mut reader, &document);
        match suite {
            Some(suite) if reader.errors.is_empty() => Ok(suite),
            Some(_) | None => Err(reader.errors),
        }
    }

    /// Whether any case wants the detectors.
    #[must_use]
    pub fn is_detecting(&self) -> bool {
        self.cases.iter().any(|case| case.rehearsal.is_detecting())
    }
}

impl Case {
    /// Decides about the case and compares.
    pub fn run(&self, policy: &Policy, registry: Option<&Registry>) -> Ran {
        let findings = self.rehearsal.findings(registry);
        let decision = self.rehearsal.decide(policy, &findings);
        let differences = self.expected.differences(&decision, &findings);
        Ran { decision, differences }
    }
}

impl Expected {
    fn differences(&self, decision: &Decision, findings: &Findings) -> Vec<String> {
        let mut out = Vec::new();
        let rule = decision.reasons.first().map_or("", |reason| &*reason.rule);
        if let Some(verdict) = self.verdict.filter(|verdict| *verdict != decision.verdict) {
            out.push(format!("expected {}, decided {} by {rule}", verdict.name(), decision.verdict.name()));
        }
        if let Some(expected) = self.rule.as_deref().filter(|expected| *expected != rule) {
            out.push(format!("expected the rule {expected}, decided by {rule}"));
        }
        if let Some(expected) = &self.reason {
            let texts = decision.reasons.iter().filter_map(|reason| reason.text.as_deref());
            if !texts.clone().any(|text| text.contains(&**expected)) {
                let said: Vec<&str> = texts.collect();
                out.push(format!("expected a reason with \"{expected}\", it says \"{}\"", said.join("; ")));
            }
        }
        if let Some(hidden) = self.hidden.filter(|hidden| *hidden != decision.hidden) {
            let word = |is: bool| if is { "hidden" } else { "visible" };
            out.push(format!("expected it {}, it is {}", word(hidden), word(decision.hidden)));
        }
        for tag in self.tags.iter().filter(|tag| !decision.tags.contains(tag)) {
            out.push(format!("expected the tag {tag}, it has {}", decision.tags.join(", ")));
        }
        for limit in &self.limits {
            if !decision.limits.iter().any(|has| *has.name == **limit) {
                let has: Vec<&str> = decision.limits.iter().map(|limit| &*limit.name).collect();
                out.push(format!("expected the limit {limit}, it has [{}]", has.join(", ")));
            }
        }
        if let Some(id) = self.finding.as_deref()
            && !findings.as_slice().iter().any(|finding| finding.id == id)
        {
            let found: Vec<&str> = findings.as_slice().iter().map(|finding| finding.id).collect();
            out.push(format!("expected {id} to be found, it found [{}]", found.join(", ")));
        }
        if let Some(edits) = self.edits.filter(|edits| *edits == decision.edits.is_empty()) {
            let word = |is: bool| if is { "edits" } else { "no edits" };
            out.push(format!("expected {}, it has {}", word(edits), word(!edits)));
        }
        out
    }
}

fn read_suite(reader: &mut Reader, document: &Node) -> Option<Suite> {
    let table = reader.table(document, "a suite", &SUITE_KEYS)?;
    let get = |key: &str| table.iter().find(|entry| entry.key == key);
    let policy = match get("policy") {
        Some(entry) => Some(reader.text(&entry.node)?.into()),
        None => None,
    };
    let Some(entry) = get("cases") else {
        reader
            .errors
            .push(Diagnostic::of_file("`cases` is missing").with_help("cases are a list: each begins with `- name:`"));
        return None;
    };
    let Value::List(items) = &entry.node.value else {
        return reader.error("cases are a list", &entry.node.span, "each begins with `- name:`");
    };
    if items.is_empty() || items.len() > CASES_MAX {
        let message = format!("the suite has {} cases", items.len());
        return reader.error(message, &entry.key_span, format!("a suite has 1 to {CASES_MAX} cases"));
    }
    let cases: Vec<Option<Case>> = items.iter().map(|item| read_case(reader, item)).collect();
    Some(Suite { policy, cases: cases.into_iter().collect::<Option<_>>()? })
}

fn read_case(reader: &mut Reader, item: &Node) -> Option<Case> {
    let rehearsal = reader.rehearsal(item, &CASE_KEYS);
    let Value::Table(table) = &item.value else { return None };
    let get = |key: &str| table.iter().find(|entry| entry.key == key);
    let name = get("name").map(|entry| reader.text(&entry.node)).unwrap_or(Some("unnamed"))?;
    let Some(expect) = get("expect") else {
        let span = table.first().map_or_else(|| item.span.clone(), |entry| entry.key_span.clone());
        return reader.error(format!("the case `{name}` expects nothing"), &span, "add `expect: deny`, for instance");
    };
    let expected = read_expected(reader, expect)?;
    Some(Case { name: name.into(), rehearsal: rehearsal?, expected })
}

const VERDICTS: [(&str, Verdict); 4] = [
    (Verdict::Allow.name(), Verdict::Allow),
    (Verdict::Redact.name(), Verdict::Redact),
    (Verdict::Hold.name(), Verdict::Hold),
    (Verdict::Deny.name(), Verdict::Deny),
];

fn read_expected(reader: &mut Reader, entry: &Entry) -> Option<Expected> {
    if let Value::Text(_) = entry.node.value {
        return Some(Expected { verdict: Some(reader.word(&entry.node, &VERDICTS)?), ..Expected::default() });
    }
    let table = reader.table(&entry.node, "`expect`", &EXPECT_KEYS)?;
    if table.is_empty() {
        return reader.error("`expect` is empty", &entry.key_span, "add `verdict: deny`, for instance");
    }
    let mut expected = Expected::default();
    for Entry { key, node, .. } in table {
        match key.as_str() {
            "verdict" => expected.verdict = Some(reader.word(node, &VERDICTS)?),
            "rule" => expected.rule = Some(reader.text(node)?.into()),
            "reason" => expected.reason = Some(reader.text(node)?.into()),
            "hidden" => expected.hidden = Some(reader.boolean(node)?),
            "tags" => expected.tags = reader.texts(node)?.into_iter().map(Into::into).collect(),
            "limits" => expected.limits = reader.texts(node)?.into_iter().map(Into::into).collect(),
            "finding" => expected.finding = Some(reader.text(node)?.into()),
            "edits" => expected.edits = Some(reader.boolean(node)?),
            // An unknown key was reported with the table.
            _ => {}
        }
    }
    Some(expected)
}
