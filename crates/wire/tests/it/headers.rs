//! Mirrored headers against bodies.

use bytes::Bytes;
use gatehold_wire::headers::{
    Mirrored, MirroredParam, check_mirrored, check_param, decode_value, encode_value, mirrored_params, param_value,
};
use gatehold_wire::{Limits, Message, RefusalCode, json};
use proptest::prelude::*;

fn decoded(value: &[u8]) -> Result<String, RefusalCode> {
    decode_value(value).map(std::borrow::Cow::into_owned).map_err(|refusal| refusal.code)
}

#[test]
fn values_are_decoded() {
    let cases: &[(&[u8], &str)] = &[
        (b"plain", "plain"),
        (b"  get weather\t", "get weather"),
        (b"", ""),
        (b" \t ", ""),
        (b"=?base64??=", ""),
        (b"=?base64?Y2Fmw6k=?=", "caf\u{e9}"),
        (b" =?base64?Y2Fmw6k=?= ", "caf\u{e9}"),
        (b"=?BASE64?x?=", "=?BASE64?x?="),
        (b"=?base64?PT9iYXNlNjQ/eD89?=", "=?base64?x?="),
        (b"x=?base64?YQ==?=", "x=?base64?YQ==?="),
        (b"=?base64?YWI=?=", "ab"),
        // Only with both marks is a value encoded (SEP-2243, table of encodings).
        (b"=?base64?YQ==", "=?base64?YQ=="),
        (b"=?base64?", "=?base64?"),
        (b"=?base64?=", "=?base64?="),
        (b"=?base64?CgA=?=", "\n\0"),
    ];
    for (value, expected) in cases {
        assert_eq!(decoded(value).as_deref(), Ok(*expected), "{}", String::from_utf8_lossy(value));
    }
}

#[test]
fn values_that_cannot_be_decoded_are_refused() {
    let cases: &[&[u8]] = &[
        "caf\u{e9}".as_bytes(),
        b"a\0b",
        b"a\nb",
        b"a\x7f",
        b"\xff",
        b"=?base64?YQ?=",
        b"=?base64?YQ=?=",
        b"=?base64?YR==?=",
        b"=?base64?YWJ=?=",
        b"=?base64?Y Q=?=",
        b"=?base64?YQ==YQ==?=",
        b"=?base64?====?=",
        b"=?base64?Y===?=",
        b"=?base64?_-__?=",
        b"=?base64?/w==?=",
        b"=?base64?7aCA?=",
    ];
    for value in cases {
        assert_eq!(decoded(value), Err(RefusalCode::HeaderMismatch), "{}", String::from_utf8_lossy(value));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn encoded_values_are_read_back(value in prop_oneof![any::<String>(), "[ -~]{0,12}", "=\\?(base64|BASE64)\\?[a-z]{0,4}(\\?=)?"]) {
        let encoded = encode_value(&value);
        prop_assert!(encoded.bytes().all(|byte| matches!(byte, b' '..=b'~')));
        prop_assert_eq!(encoded.trim(), encoded.as_ref());
        prop_assert_eq!(decoded(encoded.as_bytes()).unwrap(), value);
    }
}

fn check(body: &str, version: Option<&str>, method: Option<&str>, name: Option<&str>) -> Option<RefusalCode> {
    let message = Message::parse(Bytes::copy_from_slice(body.as_bytes()), &Limits::default()).unwrap();
    let headers = Mirrored {
        version: version.map(str::as_bytes),
        method: method.map(str::as_bytes),
        name: name.map(str::as_bytes),
    };
    check_mirrored(&message, &headers).err().map(|refusal| refusal.code)
}

fn body(method: &str, member: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{member}"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}}}}"#
    )
}

#[test]
fn headers_that_agree_pass() {
    let version = Some("2026-07-28");
    let call = body("tools/call", r#""name":"caf\u00e9","#);
    assert_eq!(check(&call, version, Some("tools/call"), Some("=?base64?Y2Fmw6k=?=")), None);
    assert_eq!(check(&call, Some(" 2026-07-28\t"), Some(" tools/call "), Some(" =?base64?Y2Fmw6k=?= ")), None);
    assert_eq!(
        check(
            &body("resources/read", r#""uri":"file:///x","name":"y","#),
            version,
            Some("resources/read"),
            Some("file:///x")
        ),
        None
    );
    assert_eq!(check(&body("tasks/get", r#""taskId":"t","#), version, Some("tasks/get"), Some("t")), None);
    assert_eq!(
        check(
            &body("prompts/get", r#""name":"=?base64?","#),
            version,
            Some("prompts/get"),
            Some("=?base64?PT9iYXNlNjQ/?=")
        ),
        None
    );
    assert_eq!(check(&body("tools/list", ""), version, Some("tools/list"), None), None);
    assert_eq!(check(&body("acme/do", ""), version, Some("acme/do"), Some("anything")), None);
    assert_eq!(check(&body("tools/call", r#""name":7,"#), version, Some("tools/call"), None), None);
}

#[test]
fn headers_that_split_from_the_body_are_refused() {
    let version = Some("2026-07-28");
    let call = body("tools/call", r#""name":"read","#);
    let mismatch = Some(RefusalCode::HeaderMismatch);
    for (version, method, name) in [
        (None, Some("tools/call"), Some("read")),
        (Some("2025-11-25"), Some("tools/call"), Some("read")),
        (version, None, Some("read")),
        (version, Some("tools/list"), Some("read")),
        (version, Some("Tools/Call"), Some("read")),
        (version, Some("=?base64?dG9vbHMvY2FsbA==?="), Some("read")),
        (version, Some("tools/call"), None),
        (version, Some("tools/call"), Some("write")),
        (version, Some("tools/call"), Some("READ")),
        (version, Some("tools/call"), Some("")),
    ] {
        assert_eq!(check(&call, version, method, name), mismatch, "{version:?} {method:?} {name:?}");
    }
    assert_eq!(check(&call, version, Some("tools/call"), Some("=?base64?cmVhZA=?=")), mismatch);
    assert_eq!(check(&body("tools/call", r#""name":7,"#), version, Some("tools/call"), Some("7")), mismatch);
    assert_eq!(check(&body("resources/read", r#""name":"x","#), version, Some("resources/read"), Some("x")), mismatch);
    let legacy = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    assert_eq!(check(legacy, version, Some("tools/list"), None), mismatch);
    let answer =
        r#"{"jsonrpc":"2.0","id":1,"result":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
    assert_eq!(check(answer, version, Some("tools/list"), None), mismatch);
}

fn params(schema: &str) -> Result<Vec<(String, Vec<String>)>, RefusalCode> {
    let raw = json::check(schema.as_bytes(), &Limits::default()).unwrap();
    let found = mirrored_params(raw).map_err(|refusal| refusal.code)?;
    Ok(found.into_iter().map(|param| (param.header, param.path)).collect())
}

#[test]
fn annotations_are_found_through_properties() {
    let schema = r#"{"type":"object","properties":{
        "region":{"type":"string","x-mcp-header":"Region"},
        "nested":{"type":"object","properties":{"n":{"type":"integer","x-mcp-header":"Count"}}},
        "x-mcp-header":{"type":"boolean","x-mcp-header":"Flag"},
        "free":{"type":"object","default":{"x-mcp-header":1},"examples":[{"x-mcp-header":2}]}}}"#;
    let expected = [("Count", vec!["nested", "n"]), ("Region", vec!["region"]), ("Flag", vec!["x-mcp-header"])];
    let expected: Vec<(String, Vec<String>)> = expected
        .into_iter()
        .map(|(header, path)| (header.to_owned(), path.into_iter().map(str::to_owned).collect()))
        .collect();
    assert_eq!(params(schema).unwrap(), expected);
    assert_eq!(params("{}").unwrap(), []);
    assert_eq!(params("true").unwrap(), []);
}

#[test]
fn invalid_annotations_make_the_tool_invalid() {
    let property = |schema: &str| format!(r#"{{"properties":{{"a":{schema}}}}}"#);
    let cases = [
        property(r#"{"type":"string","x-mcp-header":""}"#),
        property(r#"{"type":"string","x-mcp-header":"a b"}"#),
        property(r#"{"type":"string","x-mcp-header":"a:b"}"#),
        property(r#"{"type":"string","x-mcp-header":"caf\u00e9"}"#),
        property(r#"{"type":"string","x-mcp-header":"a\r\nEvil"}"#),
        property(r#"{"type":"string","x-mcp-header":1}"#),
        property(r#"{"type":"number","x-mcp-header":"A"}"#),
        property(r#"{"type":"object","x-mcp-header":"A"}"#),
        property(r#"{"type":["string","null"],"x-mcp-header":"A"}"#),
        property(r#"{"x-mcp-header":"A"}"#),
        property(r#"{"type":"array","items":{"type":"string","x-mcp-header":"A"}}"#),
        property(r#"{"anyOf":[{"type":"string","x-mcp-header":"A"}]}"#),
        property(r#"{"items":{"properties":{"b":{"type":"string","x-mcp-header":"A"}}}}"#),
        r#"{"type":"string","x-mcp-header":"A"}"#.to_owned(),
        r#"{"$defs":{"d":{"type":"string","x-mcp-header":"A"}}}"#.to_owned(),
        r#"{"patternProperties":{"d":{"type":"string","x-mcp-header":"A"}}}"#.to_owned(),
        r#"{"allOf":[{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}]}"#.to_owned(),
        r#"{"properties":{"a":{"type":"string","x-mcp-header":"X"},"b":{"type":"string","x-mcp-header":"x"}}}"#
            .to_owned(),
    ];
    for schema in cases {
        assert_eq!(params(&schema), Err(RefusalCode::BadHeader), "{schema}");
    }
    let many: Vec<String> =
        (0..65).map(|index| format!(r#""p{index}":{{"type":"string","x-mcp-header":"H{index}"}}"#)).collect();
    assert_eq!(params(&format!(r#"{{"properties":{{{}}}}}"#, many.join(","))), Err(RefusalCode::BadHeader));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test may look at the clock")]
fn a_wide_and_deep_schema_costs_its_size() {
    let key = "k".repeat(4_000);
    let mut schema = String::new();
    for _ in 0..30 {
        schema += &format!(r#"{{"properties":{{"{key}":"#);
    }
    let leaves: Vec<String> = (0..20_000).map(|index| format!(r#""p{index}":{{"type":"string"}}"#)).collect();
    schema += &format!(r#"{{"properties":{{{}}}}}"#, leaves.join(","));
    schema += &"}}".repeat(30);
    let started = std::time::Instant::now();
    assert_eq!(params(&schema).unwrap(), []);
    assert!(started.elapsed().as_secs() < 20);
}

fn check_one(header: Option<&str>, arguments: &str) -> Option<RefusalCode> {
    let param = MirroredParam { header: "X".to_owned(), path: vec!["a".to_owned(), "b".to_owned()] };
    let arguments = json::check(arguments.as_bytes(), &Limits::default()).unwrap();
    let refused = check_param(&param, header.map(str::as_bytes), arguments).err().map(|refusal| refusal.code);
    // What we would write ourselves always agrees with the arguments.
    let written = param_value(&param, arguments).map(|value| encode_value(&value).into_owned());
    assert!(check_param(&param, written.as_deref().map(str::as_bytes), arguments).is_ok());
    refused
}

#[test]
fn arguments_and_their_headers_are_compared() {
    let argument = |value: &str| format!(r#"{{"a":{{"b":{value}}}}}"#);
    for (header, value) in [
        (Some("x"), "\"x\""),
        (Some("42"), "42"),
        (Some("42"), "42.0"),
        (Some("42.0"), "42"),
        (Some("4.2e1"), "42"),
        (Some("true"), "true"),
        (None, "null"),
        (Some(" x "), "\"x\""),
        (Some("=?base64?w6k=?="), r#""\u00e9""#),
        (Some("99999999999999999999"), "99999999999999999999"),
        (Some("42"), "\"42\""),
        (Some(""), "\"\""),
    ] {
        assert_eq!(check_one(header, &argument(value)), None, "{header:?} {value}");
    }
    for (header, value) in [
        (Some("y"), "\"x\""),
        (Some("X"), "\"x\""),
        (Some("43"), "42"),
        (Some("042"), "42"),
        (Some("+42"), "42"),
        (Some("0x2a"), "42"),
        (Some("True"), "true"),
        (Some("null"), "null"),
        (Some(""), "null"),
        (None, "\"\""),
        (None, "0"),
        (Some("42.0"), "\"42\""),
        (Some("42"), "42.5"),
        (Some("99999999999999999998"), "99999999999999999999"),
        (Some("1"), "true"),
        (Some("x"), "[\"x\"]"),
    ] {
        assert_eq!(check_one(header, &argument(value)), Some(RefusalCode::HeaderMismatch), "{header:?} {value}");
    }
    assert_eq!(check_one(Some("x"), "{}"), Some(RefusalCode::HeaderMismatch));
    assert_eq!(check_one(None, "{}"), None);
    assert_eq!(check_one(None, r#"{"a":"b"}"#), None);
    assert_eq!(check_one(Some("\u{e9}"), &argument("\"x\"")), Some(RefusalCode::HeaderMismatch));
}
