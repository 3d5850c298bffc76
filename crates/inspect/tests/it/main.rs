//! The corpus: every attack is found by its detector, nothing is found in what is benign, and every detector has cases.
//! Also whole messages: pointers and spans lead to the very bytes.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the corpus is read from files, and what is not as expected fails the test"
)]

mod hostile;
mod messages;
mod spans;
mod speed;

use std::path::{Path, PathBuf};

use gatehold_inspect::{Findings, Registry, Severity, TextKind};
use serde_json::Value;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus")
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn inspect(registry: &Registry, case: &Value) -> Findings {
    let kind = TextKind::from_name(case["kind"].as_str().unwrap()).unwrap();
    let text = case["text"].as_str().unwrap();
    let found = registry.inspect_text(text, kind, case["tool"].as_str(), case["parameter"].as_str());
    for finding in found.as_slice() {
        assert!(
            text.get(finding.span.clone()).is_some(),
            "{}: the span {:?} is not in the text",
            case["name"],
            finding.span
        );
        assert!(!finding.detail.is_empty() && (0.0..=1.0).contains(&finding.confidence));
    }
    found
}

#[test]
fn attacks_are_found() {
    let registry = Registry::standard();
    let mut missed = Vec::new();
    for entry in std::fs::read_dir(corpus().join("attacks")).unwrap() {
        for file in std::fs::read_dir(entry.unwrap().path()).unwrap() {
            let file = read(&file.unwrap().path());
            let id = file["finding"].as_str().unwrap();
            for case in file["cases"].as_array().unwrap() {
                if !inspect(&registry, case).as_slice().iter().any(|finding| finding.id == id) {
                    missed.push(format!("{}/{}", file["detector"], case["name"]));
                }
            }
        }
    }
    assert!(missed.is_empty(), "missed: {missed:#?}");
}

#[test]
fn nothing_is_found_in_what_is_benign() {
    let registry = Registry::standard();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(corpus().join("benign")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let file = read(&path);
        for case in file["cases"].as_array().unwrap() {
            let found = inspect(&registry, case);
            for finding in found.as_slice().iter().filter(|finding| finding.severity > Severity::Low) {
                wrong.push(format!("{}/{}: {} {}", file["detector"], case["name"], finding.id, finding.rule));
            }
        }
    }
    assert!(wrong.is_empty(), "found: {wrong:#?}");
}

#[test]
fn every_detector_has_a_card_and_cases() {
    let registry = Registry::standard();
    let mut ids: Vec<&str> = Vec::new();
    for card in registry.cards() {
        ids.push(card.id);
        for text in [card.title, card.catches, card.misses, card.why, card.remedy, card.example] {
            assert!(!text.is_empty(), "{}: a line of the card is empty", card.id);
        }
        assert!(!card.references.is_empty(), "{}", card.id);
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "two detectors have the same id");
    let mut covered: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(corpus().join("attacks")).unwrap() {
        let folder = entry.unwrap().path();
        let mut cases = 0;
        for file in std::fs::read_dir(&folder).unwrap() {
            let file = read(&file.unwrap().path());
            cases += file["cases"].as_array().unwrap().len();
            covered.push(file["finding"].as_str().unwrap().to_owned());
        }
        assert!(cases >= 5, "{}: fewer than five attacks", folder.display());
        let benign = corpus().join("benign").join(folder.file_name().unwrap()).with_extension("json");
        assert!(
            read(&benign)["cases"].as_array().unwrap().len() >= 5,
            "{}: fewer than five benign cases",
            benign.display()
        );
    }
    covered.sort_unstable();
    covered.dedup();
    assert_eq!(covered, ids, "detectors and folders of the corpus differ");
}
