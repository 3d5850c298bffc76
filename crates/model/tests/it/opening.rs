//! Files that are no models, models that belong to other tokenizers, and what else is refused before anything is asked.

use gatehold_model::{Classifier, OpenError, Settings};
use tempfile::TempDir;

use crate::onnx::Onnx;
use crate::scoring::settings;
use crate::tiny;

/// Opens the tiny model after `spoil` has had its way with it, and returns what went wrong.
fn refused(spoil: impl FnOnce(&TempDir, &mut Settings)) -> String {
    let folder = TempDir::new().unwrap();
    tiny::write(folder.path());
    let mut settings = settings(&folder, 64);
    spoil(&folder, &mut settings);
    Classifier::open(&settings).expect_err("it must be refused").to_string()
}

#[test]
fn a_broken_file_is_refused_wherever_it_is_broken() {
    let whole = tiny::model(9, None);
    let folder = TempDir::new().unwrap();
    tiny::write(folder.path());
    let settings = settings(&folder, 64);
    // Every end that a broken download may have. Where only the description of the output is missing, the graph is whole.
    for length in 0..whole.len() {
        std::fs::write(&settings.model, &whole[..length]).unwrap();
        if let Ok(model) = Classifier::open(&settings) {
            let sure = |text: &str| model.score(text, &|| false).unwrap().confidence;
            assert!(sure(tiny::WORD) > 0.99 && sure("fine") < 0.01, "cut after {length} of {} bytes", whole.len());
            assert!(length > whole.len() - 40, "cut after {length}");
        }
    }
    // Damage may leave a model that runs; it never ends the process.
    for at in (0..whole.len()).step_by(3) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        std::fs::write(&settings.model, &damaged).unwrap();
        let _outcome = Classifier::open(&settings).map(|model| model.score("the weather", &|| false));
    }
    std::fs::write(&settings.model, b"not a model").unwrap();
    assert!(matches!(Classifier::open(&settings), Err(OpenError::Invalid { what: "ONNX model", .. })));
}

#[test]
fn a_wrong_tokenizer_is_refused() {
    let broken = refused(|folder, _| std::fs::write(folder.path().join("tokenizer.json"), "{}").unwrap());
    assert!(broken.contains("tokenizer.json is no tokenizer"), "{broken}");
    // One of another model, with more words than this one has rows.
    let words: Vec<String> = (0..500).map(|number| format!("word{number}")).collect();
    let words: Vec<&str> =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].into_iter().chain(words.iter().map(String::as_str)).collect();
    let other = tiny::tokenizer(&words);
    let mismatched = refused(|folder, _| std::fs::write(folder.path().join("tokenizer.json"), &other).unwrap());
    assert!(mismatched.contains("failed on 64 tokens of the tokenizer"), "{mismatched}");
    let config = r#"{"vocab_size":9}"#;
    let told = refused(|folder, _| {
        std::fs::write(folder.path().join("tokenizer.json"), &other).unwrap();
        std::fs::write(folder.path().join("config.json"), config).unwrap();
    });
    assert!(told.contains("do not belong together"), "{told}");
}

#[test]
fn another_model_than_the_named_one_is_refused() {
    let digest = "0".repeat(64);
    let other = refused(|_, settings| settings.sha256 = Some(digest.clone()));
    assert!(other.contains(&digest) && other.contains("model.onnx has the SHA-256"), "{other}");
    let other = refused(|_, settings| settings.tokenizer_sha256 = Some(digest.clone()));
    assert!(other.contains(&digest) && other.contains("tokenizer.json has the SHA-256"), "{other}");
    let folder = TempDir::new().unwrap();
    tiny::write(folder.path());
    let named = settings(&folder, 64);
    let sha256 = Classifier::open(&named).unwrap().sha256().to_uppercase();
    Classifier::open(&Settings { sha256: Some(sha256), ..named }).unwrap();
}

#[test]
fn labels_that_are_not_there_and_inputs_that_nobody_knows_are_refused() {
    let unknown = refused(|_, settings| settings.labels = vec!["JAILBREAK".to_owned()]);
    assert!(unknown.contains("no label `JAILBREAK`; there are SAFE, INJECTION"), "{unknown}");
    let asked = refused(|folder, _| {
        let mut graph = Onnx::default();
        graph.input("pixels", &[Err("batch"), Err("length")]);
        graph.node("Identity", &["pixels"], "logits", &[]);
        graph.output("logits");
        std::fs::write(folder.path().join("model.onnx"), graph.bytes()).unwrap();
    });
    assert!(asked.contains("wants an input `pixels`"), "{asked}");
    let missing = refused(|_, settings| settings.model.set_file_name("none.onnx"));
    assert!(missing.contains("none.onnx cannot be read"), "{missing}");
    let short = refused(|folder, _| {
        std::fs::write(folder.path().join("config.json"), r#"{"max_position_embeddings":4}"#).unwrap();
    });
    assert!(short.contains("too short"), "{short}");
}

#[test]
fn scores_that_are_no_numbers_are_refused() {
    let infinite = refused(|folder, _| {
        let mut graph = Onnx::default();
        graph.input("input_ids", &[Err("batch"), Err("length")]);
        graph.floats("zero", &[1, 2], &[0.0, 0.0]);
        graph.node("Div", &["zero", "zero"], "logits", &[]);
        graph.output("logits");
        std::fs::write(folder.path().join("model.onnx"), graph.bytes()).unwrap();
    });
    assert!(infinite.contains("no numbers"), "{infinite}");
}
