//! The facts as values of the expression language. Only those that an expression names are made, and only so much of
//! them as is bounded.

use std::collections::HashMap;
use std::sync::Arc;

use cel::Value;
use cel::objects::Key;
use gatehold_wire::json::{Raw, Type};

use crate::policy::subject::{Arguments, Named, Subject};

/// The most values that the arguments of a call may hold, for an expression to look at them.
const VALUES_MAX: u64 = 16_384;
/// The most bytes of texts that they may hold.
const BYTES_MAX: u64 = 1024 * 1024;
/// How deep they may be nested.
const DEPTH_MAX: usize = 64;

/// How much an expression has to look at.
#[derive(Debug, Default)]
pub(super) struct Size {
    /// Values in lists and tables.
    pub(super) items: u64,
    /// Bytes of texts.
    pub(super) bytes: u64,
}

impl Size {
    fn add(&mut self, items: u64, bytes: usize) -> Option<()> {
        self.items = self.items.saturating_add(items);
        self.bytes = self.bytes.saturating_add(bytes as u64);
        (self.items <= VALUES_MAX && self.bytes <= BYTES_MAX).then_some(())
    }
}

/// The value of a fact; `None` where it cannot be told, or is too much.
pub(super) fn value(fact: &str, subject: &Subject<'_>, size: &mut Size) -> Option<Value> {
    let facts = subject.around.facts;
    let situation = subject.around.situation;
    Some(match fact {
        "method" => name(subject.method, size)?,
        "tool" => name(subject.tool, size)?,
        "prompt" => name(subject.prompt, size)?,
        "resource" => name(subject.resource, size)?,
        "server" => text(subject.server, size)?,
        "direction" => text(subject.direction.name(), size)?,
        "transport" => text(facts.origin.transport.name(), size)?,
        "revision" => text(facts.revision.map_or("", |revision| revision.name()), size)?,
        "principal" => principal(subject, size)?,
        "args" => match subject.arguments {
            Arguments::Object(arguments) => json(arguments, 0, size)?,
            Arguments::Empty | Arguments::Inapplicable => table([]),
            Arguments::Malformed | Arguments::Unknown => return None,
        },
        "findings" => {
            let findings = subject.findings()?.as_slice();
            if findings.len() >= gatehold_inspect::Findings::COUNT_MAX {
                return None;
            }
            let mut list = Vec::with_capacity(findings.len());
            for finding in findings {
                list.push(table([
                    ("id", text(finding.id, size)?),
                    ("severity", text(finding.severity.name(), size)?),
                    ("confidence", Value::Float(f64::from(finding.confidence))),
                ]));
                size.add(1, 0)?;
            }
            Value::List(Arc::new(list))
        }
        "risk" => Value::Float(f64::from(subject.risk()?)),
        "tally" => table([
            ("requests", Value::Int(situation.tally.requests.into())),
            ("calls", Value::Int(situation.tally.calls.into())),
            ("denied", Value::Int(situation.tally.denied.into())),
            ("alarming", Value::Int(situation.tally.alarming.into())),
        ]),
        "now" => Value::Int(situation.now),
        "hints" => {
            let hints = subject.hints.unwrap_or_default().by_default();
            table([
                ("read_only", Value::Bool(hints.read_only)),
                ("destructive", Value::Bool(hints.destructive)),
                ("idempotent", Value::Bool(hints.idempotent)),
                ("open_world", Value::Bool(hints.open_world)),
            ])
        }
        _ => return None,
    })
}

fn text(text: &str, size: &mut Size) -> Option<Value> {
    size.add(0, text.len())?;
    Some(Value::String(Arc::new(text.to_owned())))
}

/// A name; empty where the message has none.
fn name(name: Named<'_>, size: &mut Size) -> Option<Value> {
    match name {
        Named::Is(name) => text(name, size),
        Named::Absent => text("", size),
        Named::Unreadable => None,
    }
}

fn texts(items: &[Box<str>], size: &mut Size) -> Option<Value> {
    size.add(items.len() as u64, 0)?;
    let items: Option<Vec<Value>> = items.iter().map(|item| text(item, size)).collect();
    items.map(|items| Value::List(Arc::new(items)))
}

fn principal(subject: &Subject<'_>, size: &mut Size) -> Option<Value> {
    let principal = subject.around.facts.principal;
    let attributes = principal.attributes();
    let mut labels = HashMap::new();
    for (label, value) in &attributes.labels {
        size.add(1, label.len())?;
        labels.insert(key(label), text(value, size)?);
    }
    Some(table([
        ("name", text(principal.name(), size)?),
        ("roles", texts(&attributes.roles, size)?),
        ("groups", texts(&attributes.groups, size)?),
        ("scopes", texts(&attributes.scopes, size)?),
        ("labels", Value::Map(labels.into())),
        ("tenant", text(attributes.tenant.as_deref().unwrap_or_default(), size)?),
        ("client", text(principal.client().unwrap_or_default(), size)?),
        ("proof", text(principal.proof().name(), size)?),
    ]))
}

fn key(text: &str) -> Key {
    Key::String(Arc::new(text.to_owned()))
}

fn table<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let entries: HashMap<Key, Value> = entries.into_iter().map(|(name, value)| (key(name), value)).collect();
    Value::Map(entries.into())
}

fn json(value: Raw<'_>, depth: usize, size: &mut Size) -> Option<Value> {
    if depth > DEPTH_MAX {
        return None;
    }
    size.add(1, 0)?;
    Some(match value.kind() {
        Type::Null => Value::Null,
        Type::Bool => Value::Bool(value.as_bool()?),
        Type::Number => number(value.text())?,
        Type::String => text(&value.as_str()?, size)?,
        Type::Array => {
            let mut items = Vec::new();
            for item in value.items() {
                items.push(json(item, depth + 1, size)?);
            }
            Value::List(Arc::new(items))
        }
        Type::Object => {
            let mut members = HashMap::new();
            for (name, member) in value.members() {
                let name = name.as_str()?;
                size.add(0, name.len())?;
                members.insert(key(&name), json(member, depth + 1, size)?);
            }
            Value::Map(members.into())
        }
    })
}

/// A whole number where it is written as one and fits, else the nearest that a machine has.
fn number(written: &str) -> Option<Value> {
    if let Ok(number) = written.parse::<i64>() {
        return Some(Value::Int(number));
    }
    if let Ok(number) = written.parse::<u64>() {
        return Some(Value::UInt(number));
    }
    written.parse::<f64>().ok().map(Value::Float)
}
