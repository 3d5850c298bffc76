//! Walking checked text: members, elements, pointers, and the visit of all strings.

use std::ops::ControlFlow;

use gatehold_wire::Limits;
use gatehold_wire::json::{self, Raw, Role, Type};

fn checked(text: &str) -> Raw<'_> {
    json::check(text.as_bytes(), &Limits::default()).unwrap()
}

#[test]
fn members_and_items_keep_order_and_place() {
    let text = "{ \"b\" : [ 1 ,\t\"x,]}\" , [ ] , { } ] ,\n\"a\":{\"c\":-1.5e3},\"t\":true}";
    let raw = checked(text);
    let members: Vec<_> = raw.members().map(|(key, value)| (key.text(), value.text())).collect();
    assert_eq!(members, [("\"b\"", "[ 1 ,\t\"x,]}\" , [ ] , { } ]"), ("\"a\"", "{\"c\":-1.5e3}"), ("\"t\"", "true")]);
    for (key, value) in raw.members() {
        assert_eq!(&text[key.span()], key.text());
        assert_eq!(&text[value.span()], value.text());
    }
    let items: Vec<_> = raw.get("b").unwrap().items().map(Raw::text).collect();
    assert_eq!(items, ["1", "\"x,]}\"", "[ ]", "{ }"]);
    assert!(raw.items().next().is_none());
    assert!(raw.get("b").unwrap().members().next().is_none());
    assert_eq!(checked("\"{}\"").members().count(), 0);
    assert_eq!(checked("\"[1]\"").items().count(), 0);
}

#[test]
fn types_and_values() {
    assert_eq!(checked("null").kind(), Type::Null);
    assert_eq!(checked("true").as_bool(), Some(true));
    assert_eq!(checked("false").as_bool(), Some(false));
    assert_eq!(checked("\"true\"").as_bool(), None);
    assert_eq!(checked("\"1\"").as_i64(), None);
    assert_eq!(checked("1e400").as_f64(), Some(f64::INFINITY));
    assert_eq!(checked("-1e400").as_f64(), Some(f64::NEG_INFINITY));
    assert_eq!(checked("1").as_str(), None);
    assert_eq!(checked(r#""a\u0062\ud83d\ude00\n""#).as_str().unwrap(), "ab\u{1f600}\n");
    assert!(matches!(checked("\"plain\"").as_str(), Some(std::borrow::Cow::Borrowed("plain"))));
}

#[test]
fn strings_compare_by_value() {
    assert!(checked(r#""n\u0061me""#).is_str("name"));
    assert!(!checked(r#""n\u0061me""#).is_str(r"n\u0061me"));
    assert!(!checked(r#""a\n""#).is_str(r"a\n"));
    assert!(checked(r#""a\\n""#).is_str(r"a\n"));
    assert!(!checked("\"name\"").is_str("nam"));
    assert!(!checked("\"nam\"").is_str("name"));
    assert!(checked("\"\"").is_str(""));
    assert!(!checked("1").is_str("1"));
    assert_eq!(checked(r#"{"n\u0061me":7}"#).get("name").unwrap().as_i64(), Some(7));
}

#[test]
fn pointers_follow_rfc_6901() {
    // The document of RFC 6901, section 5.
    let raw = checked(
        r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8,"\u00e9":[[9]]}"#,
    );
    let found = |pointer: &str| raw.pointer(pointer).map(Raw::text);
    assert_eq!(found(""), Some(raw.text()));
    for (pointer, expected) in [
        ("/foo", "[\"bar\",\"baz\"]"),
        ("/foo/0", "\"bar\""),
        ("/", "0"),
        ("/a~1b", "1"),
        ("/c%d", "2"),
        ("/e^f", "3"),
        ("/g|h", "4"),
        ("/i\\j", "5"),
        ("/k\"l", "6"),
        ("/ ", "7"),
        ("/m~0n", "8"),
        ("/\u{e9}/0/0", "9"),
    ] {
        assert_eq!(found(pointer), Some(expected), "{pointer}");
    }
    for pointer in
        ["foo", "/foo/2", "/foo/00", "/foo/-", "/foo/+1", "/foo/", "/m~n", "/m~2n", "/m~", "/foo/0/x", "/none"]
    {
        assert_eq!(found(pointer), None, "{pointer}");
    }
}

#[test]
fn the_walk_meets_every_key_string_and_number_once() {
    let text =
        r#"{"a":"one","b/~":["two",3,["four"],{},[],{"c":-5}],"":{"d":{"e":"s\u0069x"}},"f":true,"g":null,"h":""}"#;
    let raw = checked(text);
    let mut met = Vec::new();
    let walked = raw.walk(|spot| {
        assert_eq!(&text[spot.value().span()], spot.value().text());
        met.push((spot.role(), spot.pointer(), spot.value().text().to_owned()));
        ControlFlow::<()>::Continue(())
    });
    assert!(walked.is_continue());
    for (role, pointer, value) in &met {
        let at = raw.pointer(pointer).unwrap_or_else(|| panic!("{pointer} leads nowhere"));
        if *role != Role::Key {
            assert_eq!(at.text(), value);
        }
    }
    let pointers: Vec<_> =
        met.iter().filter(|(role, ..)| *role != Role::Key).map(|(_, pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, ["/a", "/b~1~0/0", "/b~1~0/1", "/b~1~0/2/0", "/b~1~0/5/c", "//d/e", "/h"]);
    let keys: Vec<_> = met.iter().filter(|(role, ..)| *role == Role::Key).map(|(_, _, key)| key.as_str()).collect();
    assert_eq!(keys, ["\"a\"", "\"b/~\"", "\"c\"", "\"\"", "\"d\"", "\"e\"", "\"f\"", "\"g\"", "\"h\""]);
}

#[test]
fn the_walk_of_strings_skips_numbers_and_ends_when_told() {
    let raw = checked(r#"["a",1,"b",{"k":"c"}]"#);
    let mut count = 0;
    let _ = raw.walk_strings(|_| {
        count += 1;
        ControlFlow::<()>::Continue(())
    });
    assert_eq!(count, 4);
    let found = raw.walk_strings(|spot| {
        if spot.value().is_str("b") { ControlFlow::Break(spot.pointer()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(found.break_value().unwrap(), "/2");
    let single = checked("\"x\"").walk_strings(|spot| ControlFlow::Break((spot.role(), spot.pointer(), spot.depth())));
    assert_eq!(single.break_value().unwrap(), (Role::String, String::new(), 0));
    let keyed = raw.walk_strings(|spot| match spot.key() {
        Some(key) if spot.role() == Role::String => ControlFlow::Break(key.text().to_owned()),
        _ => ControlFlow::Continue(()),
    });
    assert_eq!(keyed.break_value().unwrap(), "\"k\"");
}
