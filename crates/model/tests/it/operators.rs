//! The operators that classifiers of the DeBERTa family are made of, and those of quantised models: the engine knows each
//! of them by running a graph that uses it, so that such a model fails here and not at somebody's gateway.

use gatehold_model::Classifier;
use tempfile::TempDir;

use crate::onnx::{Attribute, Onnx};
use crate::scoring::settings;
use crate::tiny;

/// Relative positions in buckets of growing width, gathered for each pair of places, as disentangled attention does.
fn disentangled() -> Vec<u8> {
    let mut graph = Onnx::default();
    let shape = [Err("batch"), Err("length")];
    graph.input("input_ids", &shape);
    graph.input("attention_mask", &shape);
    for (name, value) in [("zero", 0), ("one", 1)] {
        graph.ints(name, &[1], &[value]);
    }
    for (name, value) in [("start", 0), ("step", 1), ("second", 1)] {
        graph.ints(name, &[], &[value]);
    }
    graph.floats("four", &[1], &[4.0]);
    graph.floats("tiny", &[1], &[1e-6]);
    graph.floats("half", &[1], &[0.5]);
    graph.floats("table", &[9, 4], &[0.25; 36]);
    graph.node("Shape", &["input_ids"], "shape", &[]);
    graph.node("Gather", &["shape", "second"], "length", &[("axis", Attribute::Int(0))]);
    graph.node("Range", &["start", "length", "step"], "range", &[]);
    graph.node("Unsqueeze", &["range", "one"], "rows", &[]);
    graph.node("Unsqueeze", &["range", "zero"], "columns", &[]);
    graph.node("Sub", &["rows", "columns"], "distance", &[]);
    graph.node("Cast", &["distance"], "far", &[("to", Attribute::Int(1))]);
    graph.node("Sign", &["far"], "side", &[]);
    graph.node("Abs", &["far"], "away", &[]);
    graph.node("Add", &["away", "tiny"], "positive", &[]);
    graph.node("Log", &["positive"], "log", &[]);
    graph.node("Ceil", &["log"], "bucket", &[]);
    graph.node("Mul", &["bucket", "side"], "sided", &[]);
    graph.node("LessOrEqual", &["away", "four"], "near", &[]);
    graph.node("Where", &["near", "far", "sided"], "relative", &[]);
    graph.node("Clip", &["relative"], "clipped", &[]);
    graph.node("Sqrt", &["away"], "root", &[]);
    graph.node("Pow", &["root", "half"], "power", &[]);
    graph.node("Abs", &["relative"], "index", &[]);
    graph.node("Cast", &["index"], "buckets", &[("to", Attribute::Int(7))]);
    graph.node("Mul", &["buckets", "zero"], "first", &[]);
    graph.node("GatherElements", &["power", "first"], "gathered", &[("axis", Attribute::Int(1))]);
    graph.node("Softmax", &["gathered"], "attention", &[("axis", Attribute::Int(-1))]);
    graph.node("Gather", &["table", "input_ids"], "words", &[]);
    graph.node("MatMul", &["attention", "words"], "mixed", &[]);
    graph.node("Erf", &["mixed"], "activated", &[]);
    graph.node("Tanh", &["activated"], "pooled", &[]);
    let along = [("axes", Attribute::Ints(&[1, 2])), ("keepdims", Attribute::Int(0))];
    graph.node("ReduceMean", &["pooled"], "mean", &along);
    graph.node("Unsqueeze", &["mean", "one"], "column", &[]);
    graph.node("Neg", &["column"], "opposite", &[]);
    graph.node("Concat", &["column", "opposite"], "logits", &[("axis", Attribute::Int(1))]);
    graph.output("logits");
    graph.bytes()
}

/// A layer whose weights and inputs are bytes.
fn quantised() -> Vec<u8> {
    let mut graph = Onnx::default();
    graph.input("input_ids", &[Err("batch"), Err("length")]);
    graph.floats("table", &[9, 4], &[0.5; 36]);
    graph.floats("weights", &[4, 2], &[1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
    graph.node("Gather", &["table", "input_ids"], "words", &[]);
    let along = [("axes", Attribute::Ints(&[1])), ("keepdims", Attribute::Int(0))];
    graph.node("ReduceMean", &["words"], "mean", &along);
    graph.node_of("DynamicQuantizeLinear", &["mean"], &["bytes", "scale", "zero"], &[]);
    graph.node_of("DynamicQuantizeLinear", &["weights"], &["weight_bytes", "weight_scale", "weight_zero"], &[]);
    graph.node("MatMulInteger", &["bytes", "weight_bytes", "zero", "weight_zero"], "sums", &[]);
    graph.node("Cast", &["sums"], "numbers", &[("to", Attribute::Int(1))]);
    graph.node("Mul", &["scale", "weight_scale"], "scales", &[]);
    graph.node("Mul", &["numbers", "scales"], "logits", &[]);
    graph.output("logits");
    graph.bytes()
}

fn score(model: &[u8]) -> f32 {
    let folder = TempDir::new().unwrap();
    tiny::write(folder.path());
    std::fs::write(folder.path().join("model.onnx"), model).unwrap();
    let classifier = Classifier::open(&settings(&folder, 64)).unwrap();
    classifier.score("the weather is fine", &|| false).unwrap().confidence
}

#[test]
fn a_graph_of_the_deberta_family_runs() {
    // Its two scores are opposite, and the first is positive.
    let confidence = score(&disentangled());
    assert!((0.2..0.5).contains(&confidence), "{confidence}");
}

#[test]
fn a_quantised_graph_runs() {
    // Four times a half against its opposite: the second label has 1 / (1 + e^4).
    let confidence = score(&quantised());
    assert!((confidence - 0.018).abs() < 0.005, "{confidence}");
}
