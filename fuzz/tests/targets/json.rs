//! The JSON check against another parser, and walks over what it let through.

use std::ops::ControlFlow;

use gatehold_fuzz::{Corpus, Recipe};
use gatehold_wire::json::{self, Raw, Role, Type};
use gatehold_wire::{Limits, RefusalCode};
use serde_json::Value;

const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\u0061",
    "\\ud83d\\ude00",
    "\\ud800",
    "\\udc00",
    "null",
    "true",
    "1e400",
    "-0",
    "01",
    "1.5E+3",
    "\"a\":1",
    "\u{feff}",
    "\u{17f}",
    "\u{e9}",
    " ",
    "\n",
    "\0",
    "//",
    "NaN",
];

#[test]
fn json() {
    let corpus = Corpus::load("json", WORDS).unwrap();
    corpus.seeds().for_each(judge);
    bolero::check!()
        .with_type::<Recipe>()
        .with_test_time(super::SHORT_RUN)
        .for_each(|recipe| judge(&corpus.input(recipe)));
}

fn judge(text: &[u8]) {
    let ours = json::check(text, &Limits::default());
    let theirs = serde_json::from_slice::<Value>(text);
    match (ours, theirs) {
        (Ok(raw), Ok(value)) => {
            compare(raw, &value);
            walk(raw);
        }
        (Ok(raw), Err(error)) => {
            assert!(error.to_string().contains("number out of range"), "accepted what is not JSON: {error}");
            walk(raw);
        }
        (Err(refusal), Ok(_)) => {
            let is_stricter = matches!(refusal.code, RefusalCode::DuplicateKey | RefusalCode::TooDeep);
            assert!(is_stricter, "refused what is JSON: {refusal}");
        }
        (Err(refusal), Err(_)) => assert!(refusal.offset <= text.len()),
    }
}

fn compare(raw: Raw<'_>, value: &Value) {
    match value {
        Value::Null => assert_eq!(raw.kind(), Type::Null),
        Value::Bool(expected) => assert_eq!(raw.as_bool(), Some(*expected)),
        Value::Number(number) => {
            assert_eq!(raw.kind(), Type::Number);
            if let Some(expected) = number.as_i64() {
                assert_eq!(raw.as_i64(), Some(expected));
            }
        }
        Value::String(expected) => assert!(raw.is_str(expected) && raw.as_str().unwrap() == *expected),
        Value::Array(items) => {
            assert_eq!(raw.items().count(), items.len());
            raw.items().zip(items).for_each(|(raw, item)| compare(raw, item));
        }
        Value::Object(members) => {
            assert_eq!(raw.members().count(), members.len());
            members.iter().for_each(|(key, member)| compare(raw.get(key).unwrap(), member));
        }
    }
}

/// Every pointer that the walk gives leads back to the value it was given for.
fn walk(raw: Raw<'_>) {
    let mut met = 0;
    let _ = raw.walk(|spot| {
        met += 1;
        if spot.role() != Role::Key {
            assert_eq!(raw.pointer(&spot.pointer()).unwrap().span(), spot.value().span());
        }
        // Looking every pointer up costs the square of the size: enough of them tell.
        if met < 200 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
}
