//! Reads the description of a message: which call or message, by whom, when, with which findings. Strict: a key that is
//! not known would be a condition that is not tested.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::LazyLock;

use gatehold_inspect::{Finding, Severity, catalogue};
use gatehold_session::asked::Asked;
use gatehold_session::facts::ToolHints;
use gatehold_session::principal::{Attributes, Proof};
use gatehold_session::{Direction, Principal, Transport};
use gatehold_wire::Revision;

use super::{Rehearsal, parse};
use crate::diagnostic::{Diagnostic, nearest};
use crate::document::{Entry, Node, Value};
use crate::situation::Tally;

/// What a message is made from: exactly one of these.
const MESSAGE_KEYS: [&str; 5] = ["call", "read", "prompt", "method", "message"];
/// What else a description may say.
const KEYS: [&str; 15] = [
    "arguments",
    "params",
    "result",
    "error",
    "direction",
    "server",
    "as",
    "transport",
    "revision",
    "client_claimed",
    "hints",
    "at",
    "tally",
    "findings",
    "detect",
];
const PRINCIPAL_KEYS: [&str; 9] =
    ["name", "roles", "groups", "scopes", "labels", "tenant", "proof", "client", "issuer"];
const FINDING_KEYS: [&str; 4] = ["id", "severity", "confidence", "pointer"];

/// Ids that are kept for what nothing reports yet: policies and presets may name them already.
const KEPT_IDS: [&str; 12] =
    ["RP001", "RP002", "EX003", "AU001", "AU002", "AN001", "CO001", "HI001", "IA001", "LG001", "CI003", "AP001"];

/// Ids of findings: all that the catalogue of findings has, and those that are kept.
static FINDING_IDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut ids: Vec<&'static str> = catalogue::entries().into_iter().map(|entry| entry.card.id).collect();
    ids.extend(KEPT_IDS.into_iter().filter(|kept| !ids.contains(kept)).collect::<Vec<_>>());
    ids
});

/// Collects what is wrong in descriptions.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) errors: Vec<Diagnostic>,
}

impl Reader {
    pub(crate) fn error<T>(
        &mut self,
        message: impl Into<String>,
        span: &Range<usize>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.errors.push(Diagnostic::new(message, span.clone()).with_help(help));
        None
    }

    /// A table with none but known keys.
    pub(crate) fn table<'n>(&mut self, node: &'n Node, what: &str, known: &[&str]) -> Option<&'n [Entry]> {
        let Value::Table(table) = &node.value else {
            let message = format!("expected {what}, found {}", node.value.kind());
            return self.error(message, &node.span, format!("{what} has the keys {}", known.join(", ")));
        };
        for entry in table.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let help = nearest(&entry.key, known)
                .map_or_else(|| format!("known keys: {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
            self.error::<()>(format!("{what} has no key `{}`", entry.key), &entry.key_span, help);
        }
        Some(table)
    }

    pub(crate) fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) => Some(text),
            other => self.error(format!("expected a text, found {}", other.kind()), &node.span, "put it in quotes"),
        }
    }

    /// One text or a list of them.
    pub(crate) fn texts<'n>(&mut self, node: &'n Node) -> Option<Vec<&'n str>> {
        match &node.value {
            Value::List(items) => items.iter().map(|item| self.text(item)).collect(),
            _ => self.text(node).map(|text| vec![text]),
        }
    }

    pub(crate) fn boolean(&mut self, node: &Node) -> Option<bool> {
        match node.value {
            Value::Bool(value) => Some(value),
            ref other => {
                self.error(format!("expected true or false, found {}", other.kind()), &node.span, "without quotes")
            }
        }
    }

    /// One of several words.
    pub(crate) fn word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node)?;
        if let Some((_, value)) = words.iter().find(|(name, _)| *name == text) {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let help = nearest(text, &names)
            .map_or_else(|| format!("one of: {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
        self.error(format!("`{text}` is not known here"), &node.span, help)
    }

    /// A message with its circumstances. `more` are keys of the same table that are read elsewhere.
    pub(crate) fn rehearsal(&mut self, node: &Node, more: &[&str]) -> Option<Rehearsal> {
        let known: Vec<&str> = MESSAGE_KEYS.iter().chain(&KEYS).chain(more).copied().collect();
        let table = self.table(node, "a case", &known)?;
        let get = |key: &str| table.iter().find(|entry| entry.key == key);
        let mut rehearsal = self.message(node, table)?;
        if let Some(entry) = get("server") {
            rehearsal.origin.server = self.text(&entry.node)?.into();
        }
        if let Some(entry) = get("as") {
            rehearsal.origin.principal = self.principal(&entry.node)?;
        }
        if let Some(entry) = get("transport") {
            let all = [Transport::Stdio, Transport::UnixSocket, Transport::StreamableHttp, Transport::LegacySse];
            rehearsal.origin.transport = self.word(&entry.node, &all.map(|transport| (transport.name(), transport)))?;
        }
        if let Some(entry) = get("revision") {
            let words = Revision::ALL.map(|revision| (revision.name(), revision));
            rehearsal.revision = Some(self.word(&entry.node, &words)?);
        }
        if let Some(entry) = get("client_claimed") {
            rehearsal.client_claimed = Some(self.text(&entry.node)?.into());
        }
        if let Some(entry) = get("hints") {
            rehearsal.hints = Some(self.hints(&entry.node)?);
        }
        if let Some(entry) = get("at") {
            let text = self.text(&entry.node)?;
            let Some(now) = seconds(text) else {
                return self.error("this is no time", &entry.node.span, "for instance `2026-11-20T09:30:00Z`");
            };
            rehearsal.now = now;
        }
        if let Some(entry) = get("tally") {
            rehearsal.tally = self.tally(&entry.node)?;
        }
        if let Some(entry) = get("detect") {
            rehearsal.detect = self.boolean(&entry.node)?;
        }
        if let Some(entry) = get("findings") {
            rehearsal.stated = self.findings(&entry.node)?;
        }
        Some(rehearsal)
    }

    /// The message itself, and what it answers.
    fn message(&mut self, node: &Node, table: &[Entry]) -> Option<Rehearsal> {
        let get = |key: &str| table.iter().find(|entry| entry.key == key);
        let mut named = table.iter().filter(|entry| MESSAGE_KEYS.contains(&entry.key.as_str()));
        let span = table.first().map_or_else(|| node.span.clone(), |entry| entry.key_span.clone());
        let Some(what) = named.next() else {
            return self.error("the case has no message", &span, format!("one of: {}", MESSAGE_KEYS.join(", ")));
        };
        if let Some(second) = named.next() {
            let message = format!("a case has one message: `{}` and `{}` are two", what.key, second.key);
            return self.error(message, &second.key_span, "make two cases of it");
        }
        let request = self.request(what, get("arguments"), get("params"))?;
        let stated = match get("direction") {
            Some(entry) => {
                let words = [Direction::FromClient, Direction::FromServer].map(|way| (way.name(), way));
                Some(self.word(&entry.node, &words)?)
            }
            None => None,
        };
        let (json, asked, direction) = match (get("result"), get("error")) {
            (None, None) => (request, None, stated.unwrap_or(Direction::FromClient)),
            (Some(answer), None) | (None, Some(answer)) => {
                let asked = self.parsed(&request, &what.key_span)?;
                let body = self.json(&answer.node)?;
                let json = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"{}\":{body}}}", answer.key);
                (json, Some(Asked::by(&asked)), stated.unwrap_or(Direction::FromServer))
            }
            (Some(_), Some(second)) => {
                return self.error("an answer is a result or an error", &second.key_span, "take one of the two out");
            }
        };
        self.parsed(&json, &what.key_span)?;
        match Rehearsal::new(&json, direction) {
            Ok(rehearsal) => Some(Rehearsal { answers: asked, ..rehearsal }),
            Err(_) => None,
        }
    }

    fn parsed(&mut self, json: &str, span: &Range<usize>) -> Option<gatehold_wire::Message> {
        match parse(json) {
            Ok(message) => Some(message),
            Err(refusal) => {
                let message = format!("the gateway would refuse to read this message: {}", refusal.detail);
                self.error(message, span, "such messages never reach a policy")
            }
        }
    }

    /// The request or notification that a case names, as JSON.
    fn request(&mut self, what: &Entry, arguments: Option<&Entry>, params: Option<&Entry>) -> Option<String> {
        let takes_arguments = matches!(what.key.as_str(), "call" | "prompt");
        if let Some(entry) = arguments.filter(|_| !takes_arguments) {
            return self.error("only `call` and `prompt` have arguments", &entry.key_span, "use `params`");
        }
        if let Some(entry) = params.filter(|_| what.key != "method") {
            return self.error("only `method` has params", &entry.key_span, "use `arguments`, or `message`");
        }
        if what.key == "message" {
            return match &what.node.value {
                Value::Text(text) => Some(text.clone()),
                _ => self.json(&what.node),
            };
        }
        let subject = self.text(&what.node)?;
        let arguments = match arguments {
            Some(entry) => format!(",\"arguments\":{}", self.json(&entry.node)?),
            None => String::new(),
        };
        let subject = json_text(subject);
        let (method, params) = match what.key.as_str() {
            "call" => ("\"tools/call\"".to_owned(), Some(format!("{{\"name\":{subject}{arguments}}}"))),
            "prompt" => ("\"prompts/get\"".to_owned(), Some(format!("{{\"name\":{subject}{arguments}}}"))),
            "read" => ("\"resources/read\"".to_owned(), Some(format!("{{\"uri\":{subject}}}"))),
            _ => match params {
                Some(entry) => (subject, Some(self.json(&entry.node)?)),
                None => (subject, None),
            },
        };
        let params = params.map_or_else(String::new, |params| format!(",\"params\":{params}"));
        let id = if method.starts_with("\"notifications/") { "" } else { ",\"id\":1" };
        Some(format!("{{\"jsonrpc\":\"2.0\"{id},\"method\":{method}{params}}}"))
    }

    fn principal(&mut self, node: &Node) -> Option<Principal> {
        if let Value::Text(name) = &node.value {
            return Some(Principal::new(name, Proof::LocalUser));
        }
        let table = self.table(node, "a principal", &PRINCIPAL_KEYS)?;
        let get = |key: &str| table.iter().find(|entry| entry.key == key).map(|entry| &entry.node);
        let name = get("name").map(|node| self.text(node)).unwrap_or(Some("local"))?;
        let proofs = [Proof::Anonymous, Proof::LocalUser, Proof::ApiKey, Proof::Token, Proof::Certificate];
        let proof = match get("proof") {
            Some(node) => self.word(node, &proofs.map(|proof| (proof.name(), proof)))?,
            None => Proof::LocalUser,
        };
        let mut optional = |key: &str| match get(key) {
            Some(node) => self.text(node).map(Some),
            None => Some(None),
        };
        let (client, issuer, tenant) = (optional("client")?, optional("issuer")?, optional("tenant")?);
        let mut boxes = |key: &str| match get(key) {
            Some(node) => self.texts(node).map(|texts| texts.into_iter().map(Box::from).collect()),
            None => Some(Box::default()),
        };
        let (roles, groups, scopes) = (boxes("roles")?, boxes("groups")?, boxes("scopes")?);
        let labels = match get("labels") {
            Some(Node { value: Value::Table(entries), .. }) => entries
                .iter()
                .map(|entry| self.text(&entry.node).map(|value| (entry.key.as_str().into(), value.into())))
                .collect::<Option<Box<[_]>>>()?,
            Some(other) => {
                return self.error("labels are names with values", &other.span, "for instance `{team: pay}`");
            }
            None => Box::default(),
        };
        let attributes = Attributes { roles, groups, scopes, labels, tenant: tenant.map(Into::into) };
        Some(Principal::vouched(name, proof, issuer, client).with_attributes(attributes))
    }

    fn hints(&mut self, node: &Node) -> Option<ToolHints> {
        let table = self.table(node, "`hints`", &["read_only", "destructive", "idempotent", "open_world"])?;
        let mut hint = |key: &str| match table.iter().find(|entry| entry.key == key) {
            Some(entry) => self.boolean(&entry.node).map(Some),
            None => Some(None),
        };
        Some(ToolHints {
            read_only: hint("read_only")?,
            destructive: hint("destructive")?,
            idempotent: hint("idempotent")?,
            open_world: hint("open_world")?,
        })
    }

    fn tally(&mut self, node: &Node) -> Option<Tally> {
        let table = self.table(node, "`tally`", &["requests", "calls", "denied", "alarming"])?;
        let mut count = |key: &str| match table.iter().find(|entry| entry.key == key).map(|entry| &entry.node) {
            None => Some(0),
            Some(Node { value: Value::Number(number), span }) => match number.parse::<u32>() {
                Ok(number) => Some(number),
                Err(_) => self.error("counters are whole numbers", span, "from 0"),
            },
            Some(other) => self.error("counters are numbers", &other.span, "without quotes"),
        };
        Some(Tally {
            requests: count("requests")?,
            calls: count("calls")?,
            denied: count("denied")?,
            alarming: count("alarming")?,
        })
    }

    fn findings(&mut self, node: &Node) -> Option<Vec<Finding>> {
        let Value::List(items) = &node.value else {
            return self.error("findings are a list", &node.span, "for instance `[{id: SE001, severity: high}]`");
        };
        items.iter().map(|item| self.finding(item)).collect()
    }

    fn finding(&mut self, node: &Node) -> Option<Finding> {
        let table = self.table(node, "a finding", &FINDING_KEYS)?;
        let get = |key: &str| table.iter().find(|entry| entry.key == key).map(|entry| &entry.node);
        let Some(id) = get("id") else {
            return self.error("`id` is missing", &node.span, "for instance `id: SE001`");
        };
        let id = self.word(id, &FINDING_IDS.iter().map(|id| (*id, *id)).collect::<Vec<_>>())?;
        let severity = match get("severity") {
            Some(node) => {
                let all = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
                self.word(node, &all.map(|severity| (severity.name(), severity)))?
            }
            None => Severity::High,
        };
        let confidence = match get("confidence") {
            Some(Node { value: Value::Number(number), span }) => match number.parse::<f32>() {
                Ok(number) if (0.0..=1.0).contains(&number) => number,
                Ok(_) | Err(_) => return self.error("this is no confidence", span, "a number from 0 to 1"),
            },
            Some(other) => return self.error("this is no confidence", &other.span, "a number from 0 to 1"),
            None => 1.0,
        };
        let pointer = get("pointer").map(|node| self.text(node)).unwrap_or(Some(""))?;
        Some(Finding {
            id,
            rule: "stated".into(),
            severity,
            confidence,
            pointer: pointer.into(),
            span: 0..0,
            detail: "".into(),
        })
    }

    /// A value as JSON.
    fn json(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Value::Null => Some("null".to_owned()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) => Some(number.clone()),
            Value::Text(text) => Some(json_text(text)),
            Value::List(items) => {
                let items: Option<Vec<String>> = items.iter().map(|item| self.json(item)).collect();
                Some(format!("[{}]", items?.join(",")))
            }
            Value::Table(entries) => {
                let members: Option<Vec<String>> = entries
                    .iter()
                    .map(|entry| Some(format!("{}:{}", json_text(&entry.key), self.json(&entry.node)?)))
                    .collect();
                Some(format!("{{{}}}", members?.join(",")))
            }
        }
    }
}

/// The id as detectors write it, which is a constant of theirs; `None` for one that is not known.
#[must_use]
pub fn finding_id(id: &str) -> Option<&'static str> {
    FINDING_IDS.iter().copied().find(|known| *known == id)
}

/// A time as RFC 3339 writes it, in seconds since 1970-01-01 UTC.
#[must_use]
pub fn seconds(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

/// A text as JSON writes it.
pub(super) fn json_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if u32::from(control) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
