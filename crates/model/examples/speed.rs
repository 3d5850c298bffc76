//! How long a model takes for a text: the tiny one of the tests, and one of the size of MiniLM (six layers of 384, 22.7
//! million weights) whose weights are made up here. What it says is worth nothing, how long it takes is.
//!
//!     cargo run --release -p gatehold-model --features engine --example speed [-- THREADS]
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "an example prints, and fails by panicking"
)]

#[path = "../tests/it/onnx.rs"]
mod onnx;
#[path = "../tests/it/tiny.rs"]
mod tiny;

use std::path::Path;
use std::time::{Duration, Instant};

use gatehold_model::{Classifier, Settings};

use onnx::{Attribute, Onnx};

const WORDS: usize = 30_522;
const PLACES: usize = 512;
const WIDTH: usize = 384;
const INNER: usize = 1536;
const HEADS: i64 = 12;
const LAYERS: usize = 6;
/// Each text is scored so often, and the median counts.
const TIMES: usize = 15;

/// Made-up weights, the same every time.
struct Weights(u64);

impl Weights {
    fn some(&mut self, count: usize) -> Vec<f32> {
        let mut next = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((self.0 >> 40) as f32 / 16_777_216.0 - 0.5) * 0.08
        };
        (0..count).map(|_| next()).collect()
    }
}

/// A graph that is being built up, layer by layer.
struct Encoder {
    graph: Onnx,
    weights: Weights,
}

impl Encoder {
    /// `output = input · W + b`.
    fn linear(&mut self, name: &str, input: &str, from: usize, to: usize) -> String {
        let (matrix, bias, product) = (format!("{name}.w"), format!("{name}.b"), format!("{name}.p"));
        let values = self.weights.some(from * to);
        self.graph.floats(&matrix, &[from, to], &values);
        let values = self.weights.some(to);
        self.graph.floats(&bias, &[to], &values);
        self.graph.node("MatMul", &[input, &matrix], &product, &[]);
        self.graph.node("Add", &[&product, &bias], name, &[]);
        name.to_owned()
    }

    fn normalised(&mut self, name: &str, one: &str, other: &str) -> String {
        let (scale, bias, sum) = (format!("{name}.s"), format!("{name}.b"), format!("{name}.sum"));
        self.graph.floats(&scale, &[WIDTH], &[1.0; WIDTH]);
        self.graph.floats(&bias, &[WIDTH], &[0.0; WIDTH]);
        self.graph.node("Add", &[one, other], &sum, &[]);
        self.graph.node("LayerNormalization", &[&sum, &scale, &bias], name, &[("axis", Attribute::Int(-1))]);
        name.to_owned()
    }

    fn heads(&mut self, name: &str, input: &str, order: &[i64]) -> String {
        let (split, whole) = (format!("{name}.split"), format!("{name}.heads"));
        self.graph.node("Reshape", &[input, "split"], &split, &[]);
        self.graph.node("Transpose", &[&split], &whole, &[("perm", Attribute::Ints(order))]);
        whole
    }

    fn layer(&mut self, number: usize, input: &str) -> String {
        let name = |part: &str| format!("layer{number}.{part}");
        let query = self.linear(&name("query"), input, WIDTH, WIDTH);
        let key = self.linear(&name("key"), input, WIDTH, WIDTH);
        let value = self.linear(&name("value"), input, WIDTH, WIDTH);
        let query = self.heads(&name("query"), &query, &[0, 2, 1, 3]);
        let key = self.heads(&name("key"), &key, &[0, 2, 3, 1]);
        let value = self.heads(&name("value"), &value, &[0, 2, 1, 3]);
        let graph = &mut self.graph;
        graph.node("MatMul", &[&query, &key], &name("scores"), &[]);
        graph.node("Div", &[&name("scores"), "root"], &name("scaled"), &[]);
        graph.node("Softmax", &[&name("scaled")], &name("attention"), &[("axis", Attribute::Int(-1))]);
        graph.node("MatMul", &[&name("attention"), &value], &name("mixed"), &[]);
        graph.node("Transpose", &[&name("mixed")], &name("turned"), &[("perm", Attribute::Ints(&[0, 2, 1, 3]))]);
        graph.node("Reshape", &[&name("turned"), "joined"], &name("context"), &[]);
        let attended = self.linear(&name("attended"), &name("context"), WIDTH, WIDTH);
        let middle = self.normalised(&name("middle"), input, &attended);
        let wide = self.linear(&name("wide"), &middle, WIDTH, INNER);
        let graph = &mut self.graph;
        graph.node("Div", &[&wide, "two-root"], &name("wide.scaled"), &[]);
        graph.node("Erf", &[&name("wide.scaled")], &name("wide.erf"), &[]);
        graph.node("Add", &[&name("wide.erf"), "one"], &name("wide.one"), &[]);
        graph.node("Mul", &[&wide, &name("wide.one")], &name("wide.product"), &[]);
        graph.node("Mul", &[&name("wide.product"), "half"], &name("wide.active"), &[]);
        let narrow = self.linear(&name("narrow"), &name("wide.active"), INNER, WIDTH);
        self.normalised(&name("out"), &middle, &narrow)
    }
}

/// A graph of the size of MiniLM.
fn minilm() -> Vec<u8> {
    let mut encoder = Encoder { graph: Onnx::default(), weights: Weights(7) };
    let (words, places) = (encoder.weights.some(WORDS * WIDTH), encoder.weights.some(PLACES * WIDTH));
    let graph = &mut encoder.graph;
    graph.input("input_ids", &[Err("batch"), Err("length")]);
    graph.floats("words", &[WORDS, WIDTH], &words);
    graph.floats("places", &[PLACES, WIDTH], &places);
    graph.ints("split", &[4], &[1, -1, HEADS, WIDTH as i64 / HEADS]);
    graph.ints("joined", &[3], &[1, -1, WIDTH as i64]);
    for (name, value) in [("start", 0), ("step", 1), ("second", 1), ("first", 0)] {
        graph.ints(name, &[], &[value]);
    }
    for (name, value) in [("root", 32.0_f32.sqrt()), ("two-root", 2.0_f32.sqrt()), ("one", 1.0), ("half", 0.5)] {
        graph.floats(name, &[1], &[value]);
    }
    graph.node("Shape", &["input_ids"], "shape", &[]);
    graph.node("Gather", &["shape", "second"], "length", &[("axis", Attribute::Int(0))]);
    graph.node("Range", &["start", "length", "step"], "range", &[]);
    graph.node("Gather", &["places", "range"], "placed", &[]);
    graph.node("Gather", &["words", "input_ids"], "embedded", &[]);
    let mut now = encoder.normalised("embeddings", "embedded", "placed");
    for number in 0..LAYERS {
        now = encoder.layer(number, &now);
    }
    encoder.graph.node("Gather", &[&now, "first"], "pooled", &[("axis", Attribute::Int(1))]);
    let logits = encoder.linear("logits", "pooled", WIDTH, 2);
    encoder.graph.output(&logits);
    encoder.graph.bytes()
}

fn measure(title: &str, folder: &Path, threads: usize) {
    let settings = Settings {
        model: folder.join("model.onnx"),
        tokenizer: folder.join("tokenizer.json"),
        sha256: None,
        tokenizer_sha256: None,
        labels: Vec::new(),
        tokens_max: PLACES,
        threads,
    };
    let size = std::fs::metadata(&settings.model).expect("a model").len();
    let begun = Instant::now();
    let classifier = Classifier::open(&settings).expect("a model in order");
    println!("{title}, {:.1} MB, {threads} threads: read in {} ms", size as f64 / 1e6, begun.elapsed().as_millis());
    for tokens in [16, 128, 510, 2000] {
        let text = "weather ".repeat(tokens);
        let mut times: Vec<Duration> = (0..TIMES)
            .map(|_| {
                let begun = Instant::now();
                classifier.score(&text, &|| false).expect("a score");
                begun.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!("  a text of {tokens:>4} tokens: {:>9.3} ms", times[TIMES / 2].as_secs_f64() * 1e3);
    }
}

fn main() {
    let threads = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(2);
    let folder = tempfile::tempdir().expect("a folder");
    tiny::write(folder.path());
    println!("(the tiny model fires on the word {})", tiny::WORD);
    measure("the tiny model", folder.path(), threads);
    let words: Vec<String> = (9..WORDS).map(|number| format!("word{number}")).collect();
    let first = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "weather", "is", "fine", "other"];
    let words: Vec<&str> = first.into_iter().chain(words.iter().map(String::as_str)).collect();
    std::fs::write(folder.path().join("tokenizer.json"), tiny::tokenizer(&words)).expect("a tokenizer");
    std::fs::write(folder.path().join("model.onnx"), minilm()).expect("a model");
    measure("a model of the size of MiniLM", folder.path(), threads);
}
