//! Messages and batches: whatever is accepted answers its look-ups as a walk would.

use bytes::Bytes;
use gatehold_fuzz::{Corpus, Recipe};
use gatehold_wire::json::Raw;
use gatehold_wire::{Batch, Kind, Limits, Message, json};

const WORDS: &[&str] = &[
    "\"jsonrpc\":\"2.0\"",
    "\"id\":1",
    "\"id\":null",
    "\"method\":\"tools/call\"",
    "\"params\":{}",
    "\"result\":{}",
    "\"error\":{\"code\":1,\"message\":\"\"}",
    "\"Name\":1",
    "\"name\":1",
    "\"_meta\":{}",
    "\"nam\\u0065\":1",
    "\u{17f}",
    "\u{212a}",
    ",",
    "{",
    "}",
    "[",
    "]",
    "\\/",
    "\"",
    "\\u0000",
];

#[test]
fn message() {
    let corpus = Corpus::load("message", WORDS).unwrap();
    corpus.seeds().for_each(judge);
    bolero::check!()
        .with_type::<Recipe>()
        .with_test_time(super::SHORT_RUN)
        .for_each(|recipe| judge(&corpus.input(recipe)));
}

fn judge(text: &[u8]) {
    let limits = Limits::default();
    let bytes = Bytes::copy_from_slice(text);
    let single = Message::parse(bytes.clone(), &limits);
    if single.is_ok() {
        json::check(text, &limits).expect("a message is JSON");
    }
    match (single, Message::parse_batch(bytes, &limits)) {
        (Ok(message), Ok(Batch::One(_))) => look_up(&message),
        (Err(_), Ok(Batch::Many(messages))) => {
            assert!(!messages.is_empty());
            messages.iter().for_each(look_up);
        }
        (Err(single), Err(batch)) => assert!(single.offset <= text.len() && batch.offset <= text.len()),
        (Ok(_), _) | (Err(_), Ok(Batch::One(_))) => panic!("one message and a batch of one are judged differently"),
    }
}

fn look_up(message: &Message) {
    let whole = json::check(message.bytes(), &Limits::default()).expect("a message is JSON");
    let same = |found: Option<Raw<'_>>, expected: Option<Raw<'_>>| {
        assert_eq!(found.map(Raw::span), expected.map(Raw::span));
    };
    same(message.params(), whole.get("params"));
    same(message.result(), whole.get("result"));
    same(message.error(), whole.get("error"));
    let method = whole.get("method").and_then(Raw::as_str);
    assert_eq!(message.method().map(|method| method.name().to_owned()), method.map(std::borrow::Cow::into_owned));
    assert_eq!(message.id().map(|id| id.0), whole.get("id").map(Raw::text).filter(|id| *id != "null"));
    assert_eq!(matches!(message.kind(), Kind::Request), message.method().is_some() && message.id().is_some());
    for (key, value) in message.params().into_iter().flat_map(Raw::members) {
        same(message.param(&key.as_str().unwrap()), Some(value));
    }
    for (key, value) in message.result().into_iter().flat_map(Raw::members) {
        same(message.result_member(&key.as_str().unwrap()), Some(value));
    }
    for name in ["name", "uri", "arguments", "_meta", "none"] {
        same(message.param(name), message.params().and_then(|params| params.get(name)));
    }
    let _ = (message.modern_version(), message.meta(), format!("{message:?}"));
}
