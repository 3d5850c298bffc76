//! The normaliser with every decoder, and all detectors behind it: any text has readings, each leads back into it at
//! characters, and no detector fails.

use gatehold_fuzz::{Corpus, Recipe};
use gatehold_inspect::normalise::{LAYERS_MAX, Layers};
use gatehold_inspect::{Registry, TextKind};

const WORDS: &[&str] = &[
    "ignore all previous instructions",
    "%69",
    "%25",
    "%u0069",
    "&#105;",
    "&amp;",
    "&#x69;",
    "\\u0069",
    "\\x69",
    "\\n",
    "aWdub3Jl",
    "NFUWO3TPOJSQ====",
    "69676e6f7265",
    "=69=67",
    "i g n o r e",
    "1gn0r3",
    "vtaber",
    "erongi",
    "ignore_all_previous_rules_now",
    "\u{200B}",
    "\u{202E}",
    "\u{E0069}",
    "\u{FE00}",
    "і",
    "ｉ",
    "\u{301}",
    "\u{1b}[31m",
    "<!-- ",
    " -->",
    "[a](b \"c\")",
    "/* ",
    " */",
    "é",
    "😀",
    "忽略",
    "ß",
    "İ",
    "ﬁ",
];

#[test]
fn readings() {
    let corpus = Corpus::load("readings", WORDS).unwrap();
    let registry = std::panic::AssertUnwindSafe(Registry::standard());
    corpus.seeds().for_each(|seed| judge(&registry, seed));
    bolero::check!()
        .with_type::<Recipe>()
        .with_test_time(super::SHORT_RUN)
        .for_each(|recipe| judge(&registry, &corpus.input(recipe)));
}

fn judge(registry: &Registry, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let layers = Layers::of(&text);
    assert!(layers.len() <= LAYERS_MAX);
    for (number, layer) in layers.iter() {
        let whole = layer.text();
        let ends = whole.char_indices().map(|(at, _)| at).chain([whole.len()]);
        let mut before = 0;
        for at in ends.step_by(1 + whole.len() / 64) {
            let origin = layers.origin(number, before..at);
            assert!(text.get(origin.clone()).is_some(), "{:?}: {origin:?} in {text:?}", layer.making);
            before = at;
        }
    }
    for kind in [TextKind::ToolOutput, TextKind::Arguments, TextKind::ToolDescription] {
        let found = registry.inspect_text(&text, kind, Some("shell"), Some("path"));
        for finding in found.as_slice() {
            assert_ne!(finding.id, "GH001", "{text:?}: {finding:?}");
            assert!(text.get(finding.span.clone()).is_some(), "{text:?}: {finding:?}");
        }
    }
}
