//! The parts that no caller sees: the search for special bytes, hashes that collide, integers.

use std::time::Instant;

use super::{check, number, string};
use crate::{Limits, RefusalCode};

#[test]
fn special_bytes_are_found_at_every_place_and_length() {
    for length in 0..200 {
        for special in [b'"', b'\\', 0, 0x1f] {
            for at in 0..length {
                let mut text = vec![b'x'; length];
                text[at] = special;
                for from in [0, at / 2, at] {
                    assert_eq!(string::find_special(&text, from), at, "{special} at {at} of {length} from {from}");
                }
                assert_eq!(string::find_special(&text, at + 1), length);
            }
        }
        // Neighbours of the special bytes, and bytes with the top bit, are not special.
        let harmless: Vec<u8> =
            (0..length).map(|at| [0x21, 0x5b, 0x5d, 0x20, 0x7f, 0x80, 0xa2, 0xdc, 0xff][at % 9]).collect();
        assert_eq!(string::find_special(&harmless, 0), length);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test may look at the clock")]
fn keys_that_collide_cost_a_sort_and_are_told_apart() {
    let keys = |count: usize| (0..count).map(|index| format!("\"aaaaaaaa{index:08}bbbbbbbb\":1")).collect::<Vec<_>>();
    let limits = Limits::default();
    let started = Instant::now();
    let distinct = format!("{{{}}}", keys(90_000).join(","));
    assert!(check(distinct.as_bytes(), &limits).is_ok());
    assert!(started.elapsed().as_secs() < 20, "colliding keys cost the square of their number");

    for count in [2, 31, 32, 33, 34, 63, 64, 65, 66, 5_000] {
        let mut members = keys(count);
        assert!(check(format!("{{{}}}", members.join(",")).as_bytes(), &limits).is_ok());
        members.push(r#""aaaaaaaa0000000\u0030bbbbbbbb":2"#.to_owned());
        let text = format!("{{{}}}", members.join(","));
        let refusal = check(text.as_bytes(), &limits).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::DuplicateKey, "{count}");
        assert_eq!(refusal.offset, text.rfind("aaaaaaaa").unwrap(), "the second of the two is named");
    }
}

#[test]
fn duplicates_are_found_in_every_pair_of_places() {
    for count in [2, 3, 31, 32, 33, 34, 40, 70] {
        for first in 0..count {
            for second in (first + 1)..count {
                let key = |index: usize| if index == second { first } else { index };
                let members: Vec<String> = (0..count).map(|index| format!("\"k{}\":{{}}", key(index))).collect();
                // Around it an object with keys of its own, so that keys of several objects are open at once.
                let text = format!("{{\"k0\":1,\"k1\":[{{{}}}]}}", members.join(","));
                let refusal = check(text.as_bytes(), &Limits::default()).unwrap_err();
                assert_eq!(refusal.code, RefusalCode::DuplicateKey, "{count} {first} {second}");
            }
        }
    }
}

#[test]
fn integers_are_exact_however_they_are_written() {
    let cases: &[(&str, Option<i64>)] = &[
        ("0", Some(0)),
        ("-0", Some(0)),
        ("-0.0e9", Some(0)),
        ("0e999999999999999999999", Some(0)),
        ("42", Some(42)),
        ("42.0", Some(42)),
        ("4.2e1", Some(42)),
        ("4.20E+1", Some(42)),
        ("420e-1", Some(42)),
        ("42000000000000000000000000e-24", Some(42)),
        ("0.00042e5", Some(42)),
        ("-42", Some(-42)),
        ("1e18", Some(1_000_000_000_000_000_000)),
        ("9223372036854775807", Some(i64::MAX)),
        ("-9223372036854775808", Some(i64::MIN)),
        ("9223372036854775807.000", Some(i64::MAX)),
        ("922337203685477580.7e1", Some(i64::MAX)),
        ("9007199254740993", Some(9_007_199_254_740_993)),
        ("9223372036854775808", None),
        ("-9223372036854775809", None),
        ("42.5", None),
        ("42e-1", None),
        ("0.5", None),
        ("1e19", None),
        ("1e400", None),
        ("1e-400", None),
        ("1e999999999999999999999", None),
        ("1e-999999999999999999999", None),
        ("99999999999999999999999999999999999999999999", None),
        ("1000000000000000000001", None),
    ];
    for (text, expected) in cases {
        assert_eq!(number::scan(text.as_bytes()), Ok(text.len()), "{text}");
        assert_eq!(number::integer(text.as_bytes()), *expected, "{text}");
    }
}
