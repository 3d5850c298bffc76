//! What the check accepts and what it refuses, and with which code.

use gatehold_wire::RefusalCode::{
    DuplicateKey, InvalidJson, InvalidUtf8, LoneSurrogate, TooDeep, TooLarge, TooManyMembers, TrailingBytes,
};
use gatehold_wire::{Limits, RefusalCode, json};

fn code(text: &[u8]) -> Option<RefusalCode> {
    json::check(text, &Limits::default()).err().map(|refusal| refusal.code)
}

#[test]
fn lawful_texts_pass() {
    let texts = [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-0.0",
        "1E5",
        "1e+5",
        "1e-5",
        "0.5",
        "1e400",
        "-1e-400",
        "\"\"",
        "[]",
        "{}",
        " \t\r\n[ ] \n",
        r#"{"":{"":""}}"#,
        r#"{"a":1,"A":2,"b":[1,2,{"a":1}]}"#,
        r#""\u0000\u001f\"\\\/\b\f\n\r\t""#,
        r#""\ud83d\ude00\uD83D\uDE00""#,
        "\"\u{7f}\u{80}\u{2028}\u{feff}\u{10ffff}\"",
        r#"["a","a"]"#,
        r#"{"a":{"x":1},"b":{"x":1}}"#,
        "123456789012345678901234567890.5e1000",
        r#"{"\u0061":1,"\\u0061":2}"#,
        r#"{"a/b":1,"a\/c":2}"#,
        "[1 , 2\n,\t3]",
        r#"{ "a" : 1 , "b" : 2 }"#,
    ];
    for text in texts {
        assert_eq!(code(text.as_bytes()), None, "{text}");
        let raw = json::check(text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(raw.text(), text.trim_matches([' ', '\t', '\r', '\n']));
        assert_eq!(&text[raw.span()], raw.text());
    }
}

const UNLAWFUL: &[(&[u8], RefusalCode)] = &[
    // Nothing, or not JSON.
    (b"", InvalidJson),
    (b" ", InvalidJson),
    (b"nul", InvalidJson),
    (b"nulll", TrailingBytes),
    (b"True", InvalidJson),
    (b"NaN", InvalidJson),
    (b"Infinity", InvalidJson),
    (b"-Infinity", InvalidJson),
    (b"undefined", InvalidJson),
    (b"'a'", InvalidJson),
    (b"{a:1}", InvalidJson),
    (b"{'a':1}", InvalidJson),
    (b"\0", InvalidJson),
    // Punctuation.
    (b"[1,]", InvalidJson),
    (b"[,1]", InvalidJson),
    (b"[1,,2]", InvalidJson),
    (b"[1 2]", InvalidJson),
    (b"{\"a\":1,}", InvalidJson),
    (b"{,\"a\":1}", InvalidJson),
    (b"{\"a\" 1}", InvalidJson),
    (b"{\"a\"}", InvalidJson),
    (b"{\"a\":}", InvalidJson),
    (b"{\"a\":1 \"b\":2}", InvalidJson),
    (b"{1:2}", InvalidJson),
    (b"[", InvalidJson),
    (b"{", InvalidJson),
    (b"[1", InvalidJson),
    (b"{\"a\"", InvalidJson),
    (b"{\"a\":1", InvalidJson),
    (b"]", InvalidJson),
    (b"[1}", InvalidJson),
    (b"{\"a\":1]", InvalidJson),
    (b"[\"a\":1]", InvalidJson),
    (b"{\"a\":1,[]}", InvalidJson),
    // Comments and other extensions.
    (b"[1]//", TrailingBytes),
    (b"/* */1", InvalidJson),
    (b"[1/**/]", InvalidJson),
    (b"[1]#", TrailingBytes),
    // Numbers.
    (b"01", InvalidJson),
    (b"-01", InvalidJson),
    (b"00", InvalidJson),
    (b"+1", InvalidJson),
    (b".5", InvalidJson),
    (b"5.", InvalidJson),
    (b"-", InvalidJson),
    (b"--1", InvalidJson),
    (b"1e", InvalidJson),
    (b"1e+", InvalidJson),
    (b"1.e5", InvalidJson),
    (b"0x10", TrailingBytes),
    (b"1_000", TrailingBytes),
    (b"1.2.3", InvalidJson),
    (b"-a", InvalidJson),
    (b"1e5e5", InvalidJson),
    (b"1-", InvalidJson),
    ("\u{661}".as_bytes(), InvalidJson),
    // Strings.
    (b"\"", InvalidJson),
    (b"\"a", InvalidJson),
    (b"\"\\\"", InvalidJson),
    (b"\"\\x41\"", InvalidJson),
    (b"\"\\u12\"", InvalidJson),
    (b"\"\\u12g4\"", InvalidJson),
    (b"\"\\u+123\"", InvalidJson),
    (b"\"\\", InvalidJson),
    (b"\"\\u\"", InvalidJson),
    (b"\"a\nb\"", InvalidJson),
    (b"\"a\tb\"", InvalidJson),
    (b"\"\0\"", InvalidJson),
    (b"\"\x1f\"", InvalidJson),
    (b"\"\\U0041\"", InvalidJson),
    (b"\"\\'\"", InvalidJson),
    // Surrogates, in values and keys.
    (br#""\ud800""#, LoneSurrogate),
    (br#""\udc00""#, LoneSurrogate),
    (br#""\ud800\ud800""#, LoneSurrogate),
    (br#""\ud800x""#, LoneSurrogate),
    (br#""\ud800\n""#, LoneSurrogate),
    (br#""\udc00\ud800""#, LoneSurrogate),
    (br#"{"\udfff":1}"#, LoneSurrogate),
    (br#"{"a":["\ud83d"]}"#, LoneSurrogate),
    (br#""\ud83d\u0041""#, LoneSurrogate),
    // Encoding.
    (b"\xef\xbb\xbf{}", InvalidUtf8),
    (b"\"\xff\"", InvalidUtf8),
    (b"\"\xc0\xaf\"", InvalidUtf8),
    (b"\"\xed\xa0\x80\"", InvalidUtf8),
    (b"\"\xf4\x90\x80\x80\"", InvalidUtf8),
    (b"\"\xe2\x82\"", InvalidUtf8),
    (b"\xff\xfe{\0}\0", InvalidUtf8),
    (b"{}\x80", InvalidUtf8),
    (b"{\"\xc3\x28\":1}", InvalidUtf8),
    // White space that is none.
    (b"\x0c[]", InvalidJson),
    (b"\x0b[]", InvalidJson),
    ("\u{a0}[]".as_bytes(), InvalidJson),
    ("[]\u{feff}".as_bytes(), TrailingBytes),
    ("\u{2028}[]".as_bytes(), InvalidJson),
    // More than one value.
    (b"{}{}", TrailingBytes),
    (b"{} {}", TrailingBytes),
    (b"[]]", TrailingBytes),
    (b"1 2", TrailingBytes),
    (b"null\0", TrailingBytes),
    (b"{}\n{}\n", TrailingBytes),
    (b"\"a\"\"b\"", TrailingBytes),
    // Duplicate keys.
    (br#"{"a":1,"a":1}"#, DuplicateKey),
    (br#"{"a":1,"\u0061":2}"#, DuplicateKey),
    (br#"{"name":1,"n\u0061me":2}"#, DuplicateKey),
    (br#"{"\u006eame":1,"n\u0061me":2}"#, DuplicateKey),
    (br#"{"":1,"":2}"#, DuplicateKey),
    (br#"[[{"x":{"y":1,"z":2,"y":3}}]]"#, DuplicateKey),
    (br#"{"a/b":1,"a\/b":2}"#, DuplicateKey),
    ("{\"\u{e9}\":1,\"\\u00e9\":2}".as_bytes(), DuplicateKey),
    ("{\"\u{1f600}\":1,\"\\ud83d\\ude00\":2}".as_bytes(), DuplicateKey),
    (br#"{"\n":1,"\u000a":2}"#, DuplicateKey),
    (br#"{"a":{"a":1},"b":[{"a":1}],"a":2}"#, DuplicateKey),
    (br#"{"\u0000":1,"\u0000":2}"#, DuplicateKey),
];

#[test]
fn unlawful_texts_are_refused() {
    for (text, expected) in UNLAWFUL {
        assert_eq!(code(text), Some(*expected), "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn canonically_equal_characters_are_different_keys() {
    assert_eq!(code("{\"\u{e9}\":1,\"e\u{301}\":2}".as_bytes()), None);
}

#[test]
fn every_prefix_of_a_text_is_refused() {
    let text = br#"{"a":[1,-2.5e3,"\u00e9\ud83d\ude00",true,null,{"b":{}}],"c":"d"}"#;
    assert_eq!(code(text), None);
    for length in 0..text.len() {
        assert!(code(&text[..length]).is_some(), "{}", String::from_utf8_lossy(&text[..length]));
    }
}

#[test]
fn limits_are_inclusive() {
    let limits = Limits {
        message_bytes_max: 40,
        argument_bytes_max: 40,
        arguments_bytes_max: 40,
        depth_max: 3,
        members_max: 4,
        key_bytes_max: 5,
        batch_messages_max: 1,
        event_bytes_max: 1,
    };
    let code = |text: &str| json::check(text.as_bytes(), &limits).err().map(|refusal| refusal.code);
    assert_eq!(code("[[[]]]"), None);
    assert_eq!(code("[[[[]]]]"), Some(TooDeep));
    assert_eq!(code(r#"{"a":[{}]}"#), None);
    assert_eq!(code(r#"{"a":[{"b":{}}]}"#), Some(TooDeep));
    assert_eq!(code("[1,2,3,4]"), None);
    assert_eq!(code("[1,2,3,4,5]"), Some(TooManyMembers));
    assert_eq!(code(r#"{"a":1,"b":2,"c":3,"d":4}"#), None);
    assert_eq!(code(r#"{"a":1,"b":2,"c":3,"d":4,"e":5}"#), Some(TooManyMembers));
    assert_eq!(code(r#"{"12345":1}"#), None);
    assert_eq!(code(r#"{"123456":1}"#), Some(TooManyMembers));
    assert_eq!(code(&format!("\"{}\"", "x".repeat(38))), None);
    assert_eq!(code(&format!("\"{}\"", "x".repeat(39))), Some(TooLarge));
    assert_eq!(code(&" ".repeat(41)), Some(TooLarge));
}

#[test]
fn depth_bombs_end_at_the_limit_and_never_at_the_stack() {
    let unlimited = Limits { depth_max: usize::MAX, ..Limits::default() };
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"\":", "}]")] {
        let bomb = open.repeat(1_000_000);
        assert_eq!(code(bomb.as_bytes()), Some(TooDeep));
        let lawful = format!("{}null{}", open.repeat(200_000), close.repeat(200_000));
        assert_eq!(code(lawful.as_bytes()), Some(TooDeep));
        let raw = json::check(lawful.as_bytes(), &unlimited).unwrap();
        // Walking does not recurse either.
        assert_eq!(raw.items().count() + raw.members().count(), 1);
        let _ = raw.walk(|_| std::ops::ControlFlow::<()>::Continue(()));
    }
    let at_limit = format!("{}{}", "[".repeat(64), "]".repeat(64));
    assert_eq!(code(at_limit.as_bytes()), None);
    let over = format!("{}{}", "[".repeat(65), "]".repeat(65));
    assert_eq!(code(over.as_bytes()), Some(TooDeep));
}

#[test]
fn refusals_name_the_place_and_no_content() {
    let text = br#"{"password":"hunter2","password":"hunter3"}"#;
    let refusal = json::check(text, &Limits::default()).unwrap_err();
    assert_eq!(refusal.offset, 23);
    assert!(!refusal.to_string().contains("hunter") && !refusal.to_string().contains("password"));
    let raw = json::check(br#"["hunter2"]"#, &Limits::default()).unwrap();
    assert!(!format!("{raw:?} {:?}", raw.items()).contains("hunter2"));
}

#[test]
fn written_strings_read_back_as_they_were() {
    let all: String = (0..=0x2ff).filter_map(char::from_u32).chain("\u{2028}\u{feff}\u{1f600}".chars()).collect();
    for value in ["", "plain", "\"", "\\", "\u{0}\u{1f}\u{7f}", "a\nb\tc\r", all.as_str()] {
        let mut out = Vec::new();
        json::write_string(value, &mut out);
        let raw = json::check(&out, &Limits::default()).unwrap();
        assert_eq!(raw.as_str().unwrap(), value);
        assert!(raw.is_str(value));
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), value);
    }
}
