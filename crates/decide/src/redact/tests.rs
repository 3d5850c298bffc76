//! Redaction on whole messages: exact bytes, valid JSON, nothing left over, once is enough. Findings come from the real
//! detectors.

use std::sync::Mutex;

use bytes::Bytes;
use gatehold_inspect::{Flow, Registry};
use gatehold_session::Principal;
use gatehold_session::principal::Proof;
use gatehold_wire::edit::apply;
use gatehold_wire::{Limits, Message};
use proptest::prelude::*;

use super::*;
use crate::scene::Scene;

const KEY: [u8; 32] = [7; 32];

fn target(scene: &Scene, text: &str, with: Replacement) -> Target {
    let bytes = std::str::from_utf8(scene.message().bytes()).unwrap();
    let start = bytes.find(text).unwrap_or_else(|| panic!("{text} is not in {bytes}"));
    Target { span: start..start + text.len(), with, what: "test-key".into() }
}

fn redacted_with(scene: &Scene, targets: &[Target], means: &Means<'_>) -> Result<String, CannotRedact> {
    let flow = Flow { message: scene.message(), facts: &scene.facts() };
    let edited = apply(scene.message().bytes(), &mut edits(flow, targets, means)?).ok_or(CannotRedact)?;
    Message::parse(edited.clone(), &Limits::default()).unwrap();
    Ok(String::from_utf8(edited.to_vec()).unwrap())
}

fn redacted(scene: &Scene, targets: &[Target]) -> Result<String, CannotRedact> {
    redacted_with(scene, targets, &Means { key: Some(&KEY), ..Means::default() })
}

fn result(result: &str) -> Scene {
    Scene::answer(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}"#,
        &format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#),
    )
}

#[test]
fn parts_of_strings_whole_values_and_numbers() {
    let scene = Scene::call("x", r#"{"a":"key sk-1 end","b":{"c":[1,2]},"n":4111111111111111}"#);
    let mark = |text| target(&scene, text, Replacement::Mark);
    let text = redacted(&scene, &[mark("sk-1"), mark(r#"{"c":[1,2]}"#), mark("11111111")]).unwrap();
    let expected = r#"{"a":"key [REDACTED:test-key] end","b":"[REDACTED:test-key]","n":"[REDACTED:test-key]"}"#;
    assert!(text.contains(expected), "{text}");
    // Those that overlap, or stand in each other, are one.
    let text = redacted(&scene, &[mark("key sk"), mark("sk-1"), mark("y s"), mark("-1 e")]).unwrap();
    assert!(text.contains(r#"{"a":"[REDACTED:test-key]nd","#), "{text}");
    let text = redacted(&scene, &[mark("sk-1"), mark(r#""key sk-1 end""#)]).unwrap();
    assert!(text.contains(r#"{"a":"[REDACTED:test-key]","#), "{text}");
}

#[test]
fn escapes_and_characters_are_never_cut() {
    let scene = Scene::call("x", r#"{"a":"x\u00e9\n\ud83d\ude00\\é😀y"}"#);
    for (text, expected) in [
        (r"\u00e9", r#""x[REDACTED:test-key]\n\ud83d\ude00\\é😀y""#),
        ("u00e9", r#""x[REDACTED:test-key]\n\ud83d\ude00\\é😀y""#),
        (r"e9\n", r#""x[REDACTED:test-key]\ud83d\ude00\\é😀y""#),
        ("de00", r#""x\u00e9\n[REDACTED:test-key]\\é😀y""#),
        ("d83d", r#""x\u00e9\n[REDACTED:test-key]\\é😀y""#),
    ] {
        let text = redacted(&scene, &[target(&scene, text, Replacement::Mark)]).unwrap();
        assert!(text.contains(expected), "{text}");
    }
    let bytes = scene.message().bytes();
    let half = bytes.windows(2).position(|two| two == "é".as_bytes()).unwrap() + 1;
    let span = Target { span: half..half + 1, with: Replacement::Mark, what: "x".into() };
    assert!(redacted(&scene, &[span]).unwrap().contains(r#"\\[REDACTED:x]😀y"#));
}

#[test]
fn what_cannot_be_taken_out_beyond_doubt_is_an_error() {
    let scene = Scene::call("send", r#"{"a":"xyz","b":true}"#);
    for text in [r#"z","b":t"#, "tools/call", "send", r#""a""#, "a", "2.0", "true}", r#""xy"#] {
        assert_eq!(redacted(&scene, &[target(&scene, text, Replacement::Mark)]), Err(CannotRedact), "{text}");
    }
    let nowhere = Target { span: 0..0, with: Replacement::Mark, what: "GH001".into() };
    assert_eq!(redacted(&scene, &[nowhere]), Err(CannotRedact));
    let beyond = Target { span: 10..100_000, with: Replacement::Mark, what: "GH001".into() };
    assert_eq!(redacted(&scene, &[beyond]), Err(CannotRedact));
    let list = r#"{"nextCursor":"c-secret","tools":[{"name":"t-secret","inputSchema":{"properties":{"k-secret":{"const":"v-secret"}}}}]}"#;
    let list = Scene::list("tools/list", list);
    for text in ["c-secret", "t-secret", "k-secret", "v-secret"] {
        assert_eq!(redacted(&list, &[target(&list, text, Replacement::Mark)]), Err(CannotRedact), "{text}");
    }
    // Without a key there is no hash, without a vault no vault.
    for with in [Replacement::Hash, Replacement::Vault] {
        let bare = redacted_with(&scene, &[target(&scene, "xyz", with)], &Means::default());
        assert_eq!(bare, Err(CannotRedact));
    }
}

#[test]
fn keys_stay_apart() {
    let scene = Scene::call("x", r#"{"a":{"secret-one":1,"secret-two":2}}"#);
    let mark = |text| target(&scene, text, Replacement::Mark);
    let text = redacted(&scene, &[mark("secret-one"), mark("secret-two")]).unwrap();
    assert!(text.contains(r#"{"[REDACTED:test-key]":1,"[REDACTED:test-key]#2":2}"#), "{text}");
    // A key that is there already cannot be made twice.
    let scene = Scene::call("x", r#"{"a":{"secret-one":1,"[REDACTED:test-key]":2}}"#);
    assert_eq!(redacted(&scene, &[target(&scene, "secret-one", Replacement::Mark)]), Err(CannotRedact));
}

#[test]
fn every_copy_goes() {
    let scene = result(
        r#"{"content":[{"type":"text","text":"{\"pin\":\"hunter2-hunter2\"}"}],"structuredContent":{"pin":"hunter2-hunter2","other":["x hunter2\u002dhunter2 y"]}}"#,
    );
    let means = Means { key: Some(&KEY), output_schema: OutputSchema::Absent, ..Means::default() };
    let text = redacted_with(&scene, &[target(&scene, "hunter2-hunter2", Replacement::Mark)], &means).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(text.matches("[REDACTED:test-key]").count(), 3, "{text}");
}

#[test]
fn tokens_say_only_their_kind() {
    let scene = Scene::call("x", r#"{"a":"4111-1111 1111/1111","b":"4111-1111 1111/1111","c":"Zoë_9"}"#);
    let with = |text, with, what: &str| Target { what: what.into(), ..target(&scene, text, with) };
    let card = "4111-1111 1111/1111";
    let text = redacted(&scene, &[with(card, Replacement::Mask, "payment-card")]).unwrap();
    assert_eq!(text.matches("****-**** ****/1111").count(), 2, "{text}");
    let text = redacted(&scene, &[with("Zoë_9", Replacement::Mask, "name")]).unwrap();
    assert!(text.contains(r#""***_*""#), "{text}");
    let text = redacted(&scene, &[with(card, Replacement::Hash, "payment-card")]).unwrap();
    let token = text.split("[HASH:payment-card#").nth(1).unwrap().split(']').next().unwrap();
    assert_eq!((token.len(), text.matches(token).count()), (16, 2), "{text}");
    // Another key, another token.
    let other = Means { key: Some(&[8; 32]), ..Means::default() };
    let text = redacted_with(&scene, &[with(card, Replacement::Hash, "payment-card")], &other).unwrap();
    assert!(!text.contains(token), "{text}");
    // Of several for the same bytes, the one that tells least.
    let both = [with(card, Replacement::Mask, "payment-card"), with("1111 1111", Replacement::Mark, "number")];
    assert!(redacted(&scene, &both).unwrap().contains(r#""a":"[REDACTED:number]""#));
}

/// A vault of one value after another.
#[derive(Default)]
struct Shelf(Mutex<Vec<(String, String, String, String)>>);

impl Vault for Shelf {
    fn keep(&self, token: &str, value: &str, home: Home<'_>) {
        let (server, name) = (home.server.to_owned(), home.principal.name().to_owned());
        self.0.lock().unwrap().push((token.to_owned(), value.to_owned(), server, name));
    }

    fn value(&self, token: &str, home: Home<'_>) -> Option<String> {
        let kept = self.0.lock().unwrap();
        let fits = |entry: &&(String, String, String, String)| {
            entry.0 == token && entry.2 == home.server && entry.3 == home.principal.name()
        };
        kept.iter().find(fits).map(|entry| entry.1.clone())
    }
}

#[test]
fn a_vault_token_becomes_its_value_again_only_at_home() {
    let shelf = Shelf::default();
    let means = Means { key: Some(&KEY), vault: Some(&shelf), ..Means::default() };
    let scene = result(r#"{"content":[{"type":"text","text":"id \"A\"-12345678 end"}]}"#);
    let text = redacted_with(&scene, &[target(&scene, r#"\"A\"-12345678"#, Replacement::Vault)], &means).unwrap();
    let token = text.split('"').find(|part| part.contains("[VAULT:")).unwrap();
    let token = token.strip_prefix("id ").unwrap().strip_suffix(" end").unwrap().to_owned();
    assert!(!text.contains("12345678"));
    let back = |scene: &Scene, server: &str, name: &str| {
        let mut facts = scene.facts();
        let mut origin = facts.origin.clone();
        origin.server = server.into();
        let principal = Principal::new(name, Proof::LocalUser);
        (facts.origin, facts.principal) = (&origin, &principal);
        let mut edits = restore(Flow { message: scene.message(), facts: &facts }, &means);
        String::from_utf8(apply(scene.message().bytes(), &mut edits).unwrap().to_vec()).unwrap()
    };
    let call = Scene::call("x", &format!(r#"{{"a":["é {token} {token}"],"{token}":1}}"#));
    let text = back(&call, "notes", "ada");
    assert!(text.contains(r#""é \"A\"-12345678 \"A\"-12345678""#), "{text}");
    assert!(text.contains(&format!("\"{token}\":1")), "keys stay: {text}");
    for (server, name) in [("other", "ada"), ("notes", "eve")] {
        assert!(!back(&call, server, name).contains("12345678"), "{server} {name}");
    }
    let wrong = Scene::call("x", r#"{"a":"[VAULT:test-key#0000000000000000] [VAULT: [VAULT:"}"#);
    assert_eq!(back(&wrong, "notes", "ada").as_bytes(), &wrong.message().bytes()[..]);
}

#[test]
fn a_structured_copy_fits_its_schema_or_goes() {
    let text =
        r#"{"content":[],"structuredContent":{"user":{"name":"secret-value","tags":["a","secret-value"]}},"_meta":{}}"#;
    let scene = result(text);
    let with = |schema: OutputSchema<'_>| {
        let means = Means { output_schema: schema, ..Means::default() };
        redacted_with(&scene, &[target(&scene, "secret-value", Replacement::Mark)], &means).unwrap()
    };
    let schema = |leaf: &str| {
        format!(
            r##"{{"type":"object","$defs":{{"u":{{"type":"object","properties":{{"name":{leaf},"tags":{{"type":"array","items":{leaf}}}}},"required":["name"]}}}},"properties":{{"user":{{"$ref":"#/$defs/u"}}}}}}"##
        )
    };
    let stays = [
        r#"{"type":"string"}"#,
        r#"{"type":"string","maxLength":30}"#,
        r#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#,
        "true",
    ];
    for leaf in stays {
        let text = with(OutputSchema::Known(&schema(leaf)));
        assert!(
            text.contains(r#"{"name":"[REDACTED:test-key]","tags":["a","[REDACTED:test-key]"]}"#),
            "{leaf}: {text}"
        );
        assert!(!text.contains("isError"), "{leaf}: {text}");
    }
    let goes = [
        r#"{"type":"string","pattern":"^s"}"#,
        r#"{"type":"string","format":"email"}"#,
        r#"{"type":"string","maxLength":12}"#,
        r#"{"enum":["secret-value"]}"#,
        r#"{"type":"integer"}"#,
        r##"{"$ref":"#/$defs/missing"}"##,
        r##"{"$ref":"#/$defs/u"}"##,
        "false",
    ];
    for leaf in goes {
        let text = with(OutputSchema::Known(&schema(leaf)));
        assert!(text.contains(r#"{"content":[],"isError":true,"_meta":{}}"#), "{leaf}: {text}");
    }
    assert!(with(OutputSchema::Unknown).contains(r#""isError":true"#));
    assert!(with(OutputSchema::Absent).contains(r#""name":"[REDACTED:test-key]""#));
}

#[test]
fn a_dropped_copy_leaves_a_lawful_result() {
    for (before, after) in [
        (
            r#"{"isError":false,"content":[],"structuredContent":{"a":"secret-value"}}"#,
            r#"{"isError":true,"content":[]}"#,
        ),
        (
            r#"{"structuredContent":{"a":"secret-value"},"content":[],"isError":false}"#,
            r#"{"content":[],"isError":true}"#,
        ),
        (r#"{"structuredContent":{"a":"secret-value"},"content":[]}"#, r#"{"isError":true,"content":[]}"#),
        (
            r#"{"structuredContent":{"a":"secret-value"}}"#,
            r#"{"isError":true,"content":[{"type":"text","text":"The structured"#,
        ),
    ] {
        let scene = result(before);
        let text = redacted(&scene, &[target(&scene, "secret-value", Replacement::Mark)]).unwrap();
        assert!(text.contains(after), "{text}");
    }
}

#[test]
fn edits_of_a_filtered_list_go_together() {
    let edit = |span: Range<usize>| Edit { span, with: b"x".to_vec() };
    let mut first = vec![edit(10..50), edit(60..60)];
    combine(&mut first, vec![edit(20..30), edit(55..58), edit(10..50)]).unwrap();
    assert_eq!(first.len(), 3);
    assert_eq!(combine(&mut first, vec![edit(45..52)]), Err(CannotRedact));
}

/// What is found in a result with these texts, taken out.
fn clean(registry: &Registry, message: &Message, with: Replacement) -> Option<(Bytes, usize)> {
    let text = std::str::from_utf8(message.bytes()).unwrap();
    let scene = Scene::answer(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}"#, text);
    let facts = scene.facts();
    let flow = Flow { message: scene.message(), facts: &facts };
    let found = registry.inspect(flow);
    let targets: Vec<Target> = found
        .as_slice()
        .iter()
        .filter(|finding| finding.id.starts_with("SE") || finding.id.starts_with("PD"))
        .map(|finding| Target { span: finding.span.clone(), with, what: finding.rule.clone() })
        .collect();
    let means = Means { key: Some(&KEY), output_schema: OutputSchema::Absent, ..Means::default() };
    let mut edits = edits(flow, &targets, &means).ok()?;
    Some((apply(message.bytes(), &mut edits)?, targets.len()))
}

fn pieces() -> impl Strategy<Value = String> {
    let secret = |head: &str, tail: &str| format!("{head}{tail}");
    let piece = prop_oneof![
        Just(secret("AKIA", "Q3EGRZ7LMN5X2WPT")),
        Just(secret("ghp_zQWBuTSOoRi4A9sp", "HcVY5ncnsDkxkJ0mLq14")),
        Just("password=Xk29-fLq82!mZ".to_owned()),
        Just("4111 1111 1111 1111".to_owned()),
        Just("DE89 3704 0044 0532 0130 00".to_owned()),
        Just("mail ada@example.org, +41 44 668 18 00".to_owned()),
        Just("https://user:hunter2hunter@db.example/".to_owned()),
        Just("QUtJQVEzRUdSWjdMTU41WDJXUFQ=".to_owned()),
        Just("\u{200B}\"\\\n\u{1}é😀".to_owned()),
        "[ -~]{0,12}",
        "\\PC{0,6}",
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the text: what is left is a message, and there is nothing more to take out of it.
    #[test]
    fn redacting_twice_equals_once(texts in proptest::collection::vec(pieces(), 1..4), escaped: bool) {
        static REGISTRY: std::sync::LazyLock<Registry> = std::sync::LazyLock::new(Registry::standard);
        let items: Vec<serde_json::Value> =
            texts.iter().map(|text| serde_json::json!({"type": "text", "text": text})).collect();
        let structured: serde_json::Value = texts.clone().into();
        let body = serde_json::json!({"jsonrpc":"2.0","id":1,"result":{"content":items,"structuredContent":{"a":structured}}});
        let mut json = body.to_string();
        if escaped {
            json = json.chars().map(|c| if c.is_ascii() { c.to_string() } else {
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
            }).collect();
        }
        let message = Message::parse(Bytes::from(json), &Limits::default()).unwrap();
        for with in [Replacement::Mark, Replacement::Mask, Replacement::Hash] {
            // What was taken out may show what it was grown together with: the gate looks again.
            let (mut last, mut left) = clean(&REGISTRY, &message, with).expect("everything here can be edited");
            for _ in 0..8 {
                if left == 0 {
                    break;
                }
                let again = Message::parse(last.clone(), &Limits::default()).expect("a message");
                (last, left) = clean(&REGISTRY, &again, with).expect("everything here can be edited");
            }
            prop_assert_eq!(left, 0, "{:?} leaves something in {:?}", with, last);
        }
    }
}
