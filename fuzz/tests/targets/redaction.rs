//! Redaction: whatever is to be taken out of whatever message, the result is a message in which nothing of it is left, or
//! an error; and composed edits equal one set after the other.

use bytes::Bytes;
use gatehold_decide::redact::{Means, OutputSchema, Replacement, Target, edits};
use gatehold_fuzz::{Corpus, Recipe};
use gatehold_inspect::Flow;
use gatehold_session::principal::Proof;
use gatehold_session::{Direction, Facts, Origin, Principal, Transport};
use gatehold_wire::edit::{apply, compose};
use gatehold_wire::{Limits, Message};

const WORDS: &[&str] = &[
    "\"",
    "\\",
    "\\u00e9",
    "\\ud83d\\ude00",
    "é",
    "😀",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "12345678901",
    "\"structuredContent\":",
    "\"isError\":false,",
    "\"content\":[]",
    "\"text\":\"s3cret-s3cret\"",
    "s3cret-s3cret",
    "[REDACTED:x]",
    "[VAULT:x#0000000000000000]",
];

#[test]
fn redaction() {
    let corpus = Corpus::load("redaction", WORDS).unwrap();
    corpus.seeds().for_each(|seed| judge(seed, &[(0, 9), (20, 60), (100, 130)]));
    bolero::check!()
        .with_type::<(Recipe, Vec<(u16, u16)>)>()
        .with_test_time(super::SHORT_RUN)
        .for_each(|(recipe, spans)| judge(&corpus.input(recipe), spans));
}

fn judge(text: &[u8], spans: &[(u16, u16)]) {
    let Ok(message) = Message::parse(Bytes::copy_from_slice(text), &Limits::default()) else { return };
    let origin = Origin {
        session: "s".into(),
        principal: Principal::new("p", Proof::LocalUser),
        server: "x".into(),
        transport: Transport::Stdio,
    };
    let facts = Facts::of(&origin, Direction::FromServer, &message, None);
    let ways = [Replacement::Mark, Replacement::Mask, Replacement::Hash, Replacement::Vault];
    let targets: Vec<Target> = spans
        .iter()
        .take(16)
        .zip(ways.into_iter().cycle())
        .map(|(&(start, length), with)| {
            let start = usize::from(start) % (text.len() + 2);
            let span = start..start + usize::from(length) % 40;
            Target { span, with, what: "thing-1".into() }
        })
        .collect();
    let key = [1; 32];
    for schema in [OutputSchema::Absent, OutputSchema::Unknown, OutputSchema::Known(r#"{"type":"object"}"#)] {
        let means = Means { key: Some(&key), vault: None, output_schema: schema };
        let flow = Flow { message: &message, facts: &facts };
        let Ok(edits) = edits(flow, &targets, &means) else { continue };
        let edited = apply(message.bytes(), &mut edits.clone()).expect("edits fit");
        let limits = Limits { members_max: usize::MAX, key_bytes_max: usize::MAX, ..Limits::default() };
        Message::parse(edited.clone(), &limits).expect("a message");
        let none = compose(message.bytes(), &edits, &[]).expect("they compose");
        assert_eq!(apply(message.bytes(), &mut none.clone()), Some(edited));
    }
}
