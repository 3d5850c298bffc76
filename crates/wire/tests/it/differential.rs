//! Against another parser: what it refuses we refuse, and what both accept has the same values.

use gatehold_wire::json::{self, Raw, Type};
use gatehold_wire::{Limits, RefusalCode};
use proptest::prelude::*;
use serde_json::Value;

/// Whether our reading of a checked text equals the other parser's.
fn same(raw: Raw<'_>, value: &Value) -> bool {
    match (raw.kind(), value) {
        (Type::Null, Value::Null) => true,
        (Type::Bool, Value::Bool(expected)) => raw.as_bool() == Some(*expected),
        (Type::Number, Value::Number(number)) => {
            let integers_agree = number.as_i64().is_none_or(|expected| raw.as_i64() == Some(expected));
            let floats_agree = match (raw.as_f64(), number.as_f64()) {
                (Some(ours), Some(theirs)) => (ours - theirs).abs() <= theirs.abs() * 1e-14,
                _ => false,
            };
            integers_agree && floats_agree
        }
        (Type::String, Value::String(expected)) => {
            raw.as_str().is_some_and(|text| text == *expected) && raw.is_str(expected)
        }
        (Type::Array, Value::Array(items)) => {
            raw.items().count() == items.len() && raw.items().zip(items).all(|(raw, value)| same(raw, value))
        }
        (Type::Object, Value::Object(members)) => {
            raw.members().count() == members.len()
                && members.iter().all(|(key, value)| raw.get(key).is_some_and(|raw| same(raw, value)))
        }
        _ => false,
    }
}

fn compare(text: &[u8]) {
    let ours = json::check(text, &Limits::default());
    match (ours, serde_json::from_slice::<Value>(text)) {
        (Ok(raw), Ok(value)) => assert!(same(raw, &value), "{}", String::from_utf8_lossy(text)),
        // The other parser cannot hold numbers beyond f64; RFC 8259 allows them and we keep their text.
        (Ok(_), Err(error)) => {
            assert!(error.to_string().contains("number out of range"), "{error}: {}", String::from_utf8_lossy(text));
        }
        (Err(refusal), Ok(_)) => {
            let stricter = [
                RefusalCode::DuplicateKey,
                RefusalCode::TooDeep,
                RefusalCode::TooManyMembers,
                RefusalCode::InvalidUtf8,
            ];
            assert!(stricter.contains(&refusal.code), "{refusal}: {}", String::from_utf8_lossy(text));
        }
        (Err(_), Err(_)) => {}
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::String),
        "[a-z\"\\\\/\n\u{0}\u{1f600}\u{e9}]{0,40}".prop_map(Value::String),
    ];
    leaf.prop_recursive(6, 64, 10, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..10).prop_map(Value::from),
            prop::collection::hash_map("[a-zA-Z\"\\\\\u{17f}]{0,12}", inner, 0..40)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn generated_values_are_read_alike(value in value()) {
        let compact = serde_json::to_vec(&value).unwrap();
        let pretty = serde_json::to_vec_pretty(&value).unwrap();
        for text in [&compact, &pretty] {
            let raw = json::check(text, &Limits::default()).unwrap();
            prop_assert!(same(raw, &value));
        }
    }

    #[test]
    fn damaged_texts_are_judged_alike(value in value(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = serde_json::to_vec(&value).unwrap();
        let at = at.index(text.len());
        text[at] = byte;
        compare(&text);
        text.remove(at);
        compare(&text);
        text.truncate(at);
        compare(&text);
    }

    #[test]
    fn token_soup_is_judged_alike(tokens in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "\"\\u0061\"", "1", "-0", "1.5e3", "01", "true", "null", " ", "\n",
        "\"", "\\", "\\ud800", "\\udc00", "e", ".", "-", "\"\\ud83d\\ude00\"", "1e400", "\u{e9}", "\0",
    ]), 0..24)) {
        compare(tokens.concat().as_bytes());
    }

    #[test]
    fn arbitrary_bytes_never_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
        compare(&text);
    }
}

#[test]
fn chosen_texts_are_judged_alike() {
    for text in [
        "",
        "{}",
        "[1e308,1e309]",
        "1e-400",
        "-0.0",
        "\"\\u0000\"",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "\"\\ud83d\"",
        "[\"\\udbff\\udfff\"]",
        "0.1e1",
        "123456789012345678901234567890",
    ] {
        compare(text.as_bytes());
    }
}
