//! Mirrored headers: values are decoded in one way only, and what we write is read back.

use gatehold_fuzz::{Corpus, Recipe};
use gatehold_wire::headers::{check_param, decode_value, encode_value, mirrored_params, param_value};
use gatehold_wire::{Limits, json};

const WORDS: &[&str] = &[
    "=?base64?",
    "?=",
    "=",
    "==",
    "=?BASE64?",
    " ",
    "\t",
    "YQ==",
    "w6k=",
    "\u{e9}",
    "\u{7f}",
    "{}",
    "\"x-mcp-header\":\"A\"",
];

#[test]
fn headers() {
    let corpus = Corpus::load("headers", WORDS).unwrap();
    corpus.seeds().for_each(judge);
    bolero::check!()
        .with_type::<Recipe>()
        .with_test_time(super::SHORT_RUN)
        .for_each(|recipe| judge(&corpus.input(recipe)));
}

fn judge(value: &[u8]) {
    if let Ok(decoded) = decode_value(value) {
        let encoded = encode_value(&decoded);
        assert_eq!(decode_value(encoded.as_bytes()).as_deref(), Ok(decoded.as_ref()));
    }
    if let Ok(text) = std::str::from_utf8(value) {
        let encoded = encode_value(text);
        assert!(encoded.bytes().all(|byte| matches!(byte, b' '..=b'~')), "no header can carry this");
        assert_eq!(decode_value(encoded.as_bytes()).as_deref(), Ok(text));
    }
    // The same bytes as a schema, and as the arguments that it mirrors.
    if let Ok(raw) = json::check(value, &Limits::default())
        && let Ok(params) = mirrored_params(raw)
    {
        for param in params {
            let written = param_value(&param, raw).map(|value| encode_value(&value).into_owned());
            check_param(&param, written.as_deref().map(str::as_bytes), raw)
                .expect("what we write agrees with the body");
        }
    }
}
