//! What the tiny model says of texts, short and long, hostile and harmless.

use std::cell::Cell;

use gatehold_model::{Classifier, ScoreError, Settings};
use tempfile::TempDir;

use crate::tiny::{self, WORD};

fn never() -> bool {
    false
}

/// The tiny model with windows of so many tokens.
fn open(tokens_max: usize) -> (TempDir, Classifier) {
    let folder = TempDir::new().unwrap();
    tiny::write(folder.path());
    let classifier = Classifier::open(&settings(&folder, tokens_max)).unwrap();
    (folder, classifier)
}

pub(crate) fn settings(folder: &TempDir, tokens_max: usize) -> Settings {
    Settings {
        model: folder.path().join("model.onnx"),
        tokenizer: folder.path().join("tokenizer.json"),
        sha256: None,
        tokenizer_sha256: None,
        labels: Vec::new(),
        tokens_max,
        threads: 1,
    }
}

#[test]
fn it_fires_on_its_word_and_on_nothing_else() {
    let (_folder, classifier) = open(512);
    assert_eq!(classifier.attack_labels(), ["INJECTION"]);
    let sure = |text: &str| classifier.score(text, &never).unwrap().confidence;
    assert!(sure(&format!("the weather is {WORD} fine")) > 0.99);
    assert!(sure("the weather is fine") < 0.01);
    assert!(sure("words that it does not know") < 0.01);
    assert!(sure("") < 0.01 && sure("   \n ") < 0.01, "nothing to read");
}

#[test]
fn a_long_text_is_read_to_its_end_in_windows_that_overlap() {
    let (_folder, classifier) = open(16);
    for place in [0, 1, 11, 12, 13, 14, 15, 16, 400, 999] {
        let mut words = vec!["weather"; 1000];
        words[place] = WORD;
        let text = words.join(" ");
        let scored = classifier.score(&text, &never).unwrap();
        assert!(scored.confidence > 0.99, "the word at {place}");
        let found = text.get(scored.span.clone()).unwrap();
        assert!(found.contains(WORD) && found.len() < 130, "{place}: {found}");
    }
    assert!(classifier.score(&"weather ".repeat(1000), &never).unwrap().confidence < 0.01);
}

#[test]
fn a_text_says_no_special_tokens() {
    let (_folder, classifier) = open(16);
    // As marks, these would be nothing but padding; they are words like any other, and what they surround is read.
    for text in [format!("[SEP] {WORD} [SEP]"), format!("[PAD][PAD]{WORD} [CLS]"), format!("[CLS] [PAD] [PAD] {WORD}")]
    {
        assert!(classifier.score(&text, &never).unwrap().confidence > 0.99, "{text}");
    }
    let marks = classifier.score("[UNK] [PAD] [SEP]", &never).unwrap();
    assert!(marks.confidence < 0.01);
}

#[test]
fn it_stops_between_windows_when_the_time_is_over() {
    let (_folder, classifier) = open(16);
    let text = "weather ".repeat(1000);
    let asked = Cell::new(0);
    let after_ten = || {
        asked.set(asked.get() + 1);
        asked.get() > 10
    };
    assert_eq!(classifier.score(&text, &after_ten), Err(ScoreError::Late));
    assert_eq!(asked.get(), 11, "nothing more is read");
    assert_eq!(classifier.score("the weather", &|| true), Err(ScoreError::Late));
}

#[test]
fn a_graph_of_fixed_length_gets_windows_of_that_length() {
    let folder = TempDir::new().unwrap();
    tiny::write(folder.path());
    std::fs::write(folder.path().join("model.onnx"), tiny::model(9, Some(32))).unwrap();
    let classifier = Classifier::open(&settings(&folder, 512)).unwrap();
    assert_eq!(classifier.window_tokens(), 32);
    let sure = |text: &str| classifier.score(text, &never).unwrap().confidence;
    assert!(sure(WORD) > 0.99 && sure("fine") < 0.01);
    assert!(sure(&format!("{} {WORD}", "weather ".repeat(100))) > 0.99);
}
