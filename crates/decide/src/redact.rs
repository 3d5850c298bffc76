//! Taking things out of a message: from what a policy wants taken out to edits of the message's bytes.
//!
//! Whatever cannot be edited beyond doubt is an error, and the caller denies: a message never goes on with less taken
//! out than was ordered. It never decides what is to be taken out.

use std::ops::Range;

use gatehold_inspect::Findings;
use gatehold_wire::edit::Edit;
use gatehold_wire::json::{Raw, Type, write_string};
use gatehold_wire::{Limits, Message, json};

use crate::policy::argument::Path;
use crate::policy::glob::Glob;

/// What stands in the place of what is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Replacement {
    /// A mark that says what was there.
    Mark,
    /// Stars.
    Mask,
    /// A digest: the same thing gets the same one.
    Hash,
    /// A token by which the gateway finds the thing again.
    Vault,
}

impl Replacement {
    /// The word for it in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mark => "mark",
            Self::Mask => "mask",
            Self::Hash => "hash",
            Self::Vault => "vault",
        }
    }
}

/// What a rule wants taken out.
#[derive(Debug, Clone)]
pub struct Redaction {
    /// Findings whose place in the message is taken out.
    pub findings: Box<[Glob]>,
    /// Arguments that are taken out whole.
    pub arguments: Box<[Path]>,
    /// What stands there instead.
    pub with: Replacement,
}

/// One thing to take out of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its bytes in the message: a part of a string without its quotes, or a whole JSON value.
    pub span: Range<usize>,
    /// What stands there instead.
    pub with: Replacement,
    /// What it is: the id of a finding, or `argument`.
    pub what: Box<str>,
}

/// A target that cannot be taken out beyond doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CannotRedact;

/// What `with` calls an argument.
const ARGUMENT: &str = "argument";

/// The things that a rule wants taken out of this message.
pub fn targets(redaction: &Redaction, message: &Message, findings: &Findings, out: &mut Vec<Target>) {
    for finding in findings.as_slice() {
        if redaction.findings.iter().any(|glob| glob.matches(finding.id)) {
            out.push(Target { span: finding.span.clone(), with: redaction.with, what: finding.id.into() });
        }
    }
    if let Some(arguments) = message.arguments() {
        for path in &redaction.arguments {
            path.each_value(arguments, &mut |value| {
                out.push(Target { span: value.span(), with: redaction.with, what: ARGUMENT.into() });
            });
        }
    }
}

/// The edits that take these things out.
///
/// # Errors
/// Something of it stands in no string or value of the message, cuts a character in two, or there is no such
/// replacement here.
pub fn edits(message: &Message, targets: &[Target]) -> Result<Vec<Edit>, CannotRedact> {
    let mut wanted: Vec<&Target> = targets.iter().collect();
    // What holds another is taken out instead of it.
    wanted.sort_by_key(|target| (target.span.start, std::cmp::Reverse(target.span.end)));
    let mut edits: Vec<Edit> = Vec::new();
    for target in wanted {
        let last = edits.last().map_or(0..0, |edit| edit.span.clone());
        if !edits.is_empty() && target.span.end <= last.end {
            continue;
        }
        if target.span.start < last.end {
            return Err(CannotRedact);
        }
        edits.push(edit(message, target)?);
    }
    Ok(edits)
}

fn edit(message: &Message, target: &Target) -> Result<Edit, CannotRedact> {
    let text = match target.with {
        Replacement::Mark if *target.what == *ARGUMENT => "[redacted]".to_owned(),
        Replacement::Mark => format!("[redacted {}]", target.what),
        Replacement::Mask => "****".to_owned(),
        Replacement::Hash | Replacement::Vault => return Err(CannotRedact),
    };
    let sections = [message.params(), message.result(), message.error()];
    let place = sections.into_iter().flatten().find_map(|section| place(section, &target.span)).ok_or(CannotRedact)?;
    let mut with = Vec::new();
    write_string(&text, &mut with);
    match place {
        Place::Value => Ok(Edit { span: target.span.clone(), with }),
        Place::Within(string) => {
            let bytes = message.bytes();
            let part = |range: Range<usize>| bytes.get(range).ok_or(CannotRedact);
            is_text(part(string.start + 1..target.span.start)?)?;
            is_text(part(target.span.clone())?)?;
            is_text(part(target.span.end..string.end - 1)?)?;
            let inner = with.get(1..with.len() - 1).ok_or(CannotRedact)?.to_vec();
            Ok(Edit { span: target.span.clone(), with: inner })
        }
    }
}

/// Where in a value a span stands.
enum Place {
    /// It is a value.
    Value,
    /// It is a part of the string whose token this is.
    Within(Range<usize>),
}

fn place(value: Raw<'_>, span: &Range<usize>) -> Option<Place> {
    let own = value.span();
    if own == *span {
        return Some(Place::Value);
    }
    if span.is_empty() || span.start < own.start || own.end < span.end {
        return None;
    }
    match value.kind() {
        Type::String if own.start < span.start && span.end < own.end => Some(Place::Within(own)),
        Type::Object => value.members().find_map(|(_, member)| place(member, span)),
        Type::Array => value.items().find_map(|item| place(item, span)),
        Type::Null | Type::Bool | Type::Number | Type::String => None,
    }
}

/// Whether these bytes are the inside of a JSON string: no escape is cut in two.
fn is_text(bytes: &[u8]) -> Result<(), CannotRedact> {
    let quoted = [b"\"", bytes, b"\""].concat();
    json::check(&quoted, &Limits::default()).map(|_| ()).map_err(|_| CannotRedact)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use gatehold_wire::edit::apply;

    use super::*;

    fn message(arguments: &str) -> Message {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"x","arguments":{arguments}}}}}"#
        );
        Message::parse(Bytes::from(text), &Limits::default()).unwrap()
    }

    fn redacted(message: &Message, targets: &[Target]) -> Result<String, CannotRedact> {
        let edited = apply(message.bytes(), &mut edits(message, targets)?).ok_or(CannotRedact)?;
        Message::parse(edited.clone(), &Limits::default()).unwrap();
        Ok(String::from_utf8(edited.to_vec()).unwrap())
    }

    fn target(message: &Message, text: &str) -> Target {
        let bytes = std::str::from_utf8(message.bytes()).unwrap();
        let start = bytes.find(text).unwrap();
        Target { span: start..start + text.len(), with: Replacement::Mark, what: "SE001".into() }
    }

    #[test]
    fn parts_of_strings_and_whole_values_are_taken_out() {
        let message = message(r#"{"a":"key sk-1 end","b":{"c":[1,2]}}"#);
        let text = redacted(&message, &[target(&message, "sk-1"), target(&message, r#"{"c":[1,2]}"#)]).unwrap();
        assert!(text.contains(r#"{"a":"key [redacted SE001] end","b":"[redacted SE001]"}"#), "{text}");
        let twice = [target(&message, "sk-1"), target(&message, "key sk-1 end"), target(&message, "sk-1")];
        assert!(redacted(&message, &twice).unwrap().contains(r#"{"a":"[redacted SE001]","b""#));
    }

    #[test]
    fn what_cannot_be_taken_out_beyond_doubt_is_an_error() {
        let message = message(r#"{"a":"x\u00e9\n","b":1}"#);
        for text in [r"u00e9", r"\u00", r"e9\n", r#"","b":1"#, "tools/call", "\"a\""] {
            assert!(redacted(&message, &[target(&message, text)]).is_err(), "{text}");
        }
        assert!(redacted(&message, &[target(&message, r"\u00e9")]).is_ok());
        let crossing = [target(&message, r"x\u00e9"), target(&message, r"\u00e9\n")];
        assert!(redacted(&message, &crossing).is_err());
        let nowhere = Target { span: 0..0, with: Replacement::Mark, what: "GH001".into() };
        assert!(redacted(&message, &[nowhere]).is_err());
    }
}
