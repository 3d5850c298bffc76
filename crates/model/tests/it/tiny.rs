//! A model of a few hundred bytes: a table with a row for each word, the mean of the rows, and a layer that fires on one
//! word. With its tokenizer it is a sequence classifier like any other.

use std::path::Path;

use super::onnx::{Attribute, Onnx};

/// The word that the tiny model takes for an attack.
pub(crate) const WORD: &str = "xyzzy";
/// The words that it knows, by their numbers.
const WORDS: [&str; 9] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "weather", "is", "fine", WORD];

/// Writes a model, its tokenizer and its labels into a folder.
pub(crate) fn write(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("model.onnx"), model(WORDS.len(), None)).unwrap();
    std::fs::write(folder.join("tokenizer.json"), tokenizer(&WORDS)).unwrap();
    std::fs::write(folder.join("config.json"), r#"{"id2label":{"0":"SAFE","1":"INJECTION"}}"#).unwrap();
}

/// The graph, for so many words. `length` fixes the length of its windows.
pub(crate) fn model(words: usize, length: Option<i64>) -> Vec<u8> {
    let mut graph = Onnx::default();
    let shape = [Err("batch"), length.ok_or("length")];
    graph.input("input_ids", &shape);
    graph.input("attention_mask", &shape);
    let mut table = vec![0.0; words * 2];
    for row in table.chunks_mut(2) {
        row[1] = 1.0;
    }
    if let [.., last, _] = table.as_mut_slice() {
        *last = 1.0;
    }
    graph.floats("table", &[words, 2], &table);
    graph.ints("last", &[1], &[2]);
    // One such word among two thousand is enough.
    graph.floats("weights", &[2, 2], &[0.0, 20_000.0, 0.0, 0.0]);
    graph.floats("bias", &[2], &[0.0, -5.0]);
    graph.node("Gather", &["table", "input_ids"], "rows", &[]);
    graph.node("Cast", &["attention_mask"], "mask", &[("to", Attribute::Int(1))]);
    graph.node("Unsqueeze", &["mask", "last"], "masks", &[]);
    graph.node("Mul", &["rows", "masks"], "masked", &[]);
    let along = [("axes", Attribute::Ints(&[1])), ("keepdims", Attribute::Int(0))];
    graph.node("ReduceMean", &["masked"], "mean", &along);
    graph.node("Gemm", &["mean", "weights", "bias"], "logits", &[("alpha", Attribute::Float(1.0))]);
    graph.output("logits");
    graph.bytes()
}

/// A tokenizer that knows whole words, and puts marks around a text as those of BERT do.
pub(crate) fn tokenizer(words: &[&str]) -> String {
    let vocabulary: Vec<String> = words.iter().enumerate().map(|(at, word)| format!("\"{word}\":{at}")).collect();
    let special = |id: usize, word: &str| {
        format!(
            r#"{{"id":{id},"content":"{word}","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}}"#
        )
    };
    let added: Vec<String> = (0..4).zip(words).map(|(id, word)| special(id, word)).collect();
    format!(
        r#"{{"version":"1.0","truncation":{{"max_length":4,"strategy":"LongestFirst","stride":0,"direction":"Right"}},
        "padding":null,"added_tokens":[{}],"normalizer":{{"type":"Lowercase"}},"pre_tokenizer":{{"type":"Whitespace"}},
        "post_processor":{{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]}},"decoder":null,
        "model":{{"type":"WordLevel","vocab":{{{}}},"unk_token":"[UNK]"}}}}"#,
        added.join(","),
        vocabulary.join(",")
    )
}
