//! Trains the classifier of `phrases::classifier` and writes its weights: logistic regression over the windows of
//! labelled texts, deterministic (fixed seeds, fixed order). A development tool.
//!
//! `cargo run --release -p gatehold-inspect --example train -- <weights> <folder of training rows> <folder of tool
//! definitions> <folder of rows that only set thresholds> [sources to leave out, to measure what is not learnt]`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a development tool: it reads and writes files, and may stop where its input is not what it expects"
)]

mod synthetic;

use std::path::Path;

use gatehold_inspect::TextKind;
use gatehold_inspect::phrases::classifier::{BUCKETS, HEADER};
use gatehold_inspect::phrases::training_windows;
use gatehold_inspect::text::Text;
use serde_json::Value;
use synthetic::Numbers;

/// A text as its windows.
struct Example {
    windows: Vec<Vec<u32>>,
    attack: bool,
    /// 0 metadata, 1 output, 2 argument; as in `Column`.
    column: usize,
    weight: f32,
    /// Prose to or from people, rather than what tools say.
    chat: bool,
}

/// How many times the texts are read.
const EPOCHS: usize = 5;
/// How strongly weights are pulled to zero.
const DECAY: f32 = 3e-4;
/// Of ten features, this many are hidden each time, so that no text hangs on one of them.
const HIDDEN: usize = 5;

struct Model {
    weights: Vec<f32>,
    gradients: Vec<f32>,
    bias: f32,
}

impl Model {
    fn score(&self, features: &[u32]) -> f32 {
        let sum: f32 = features.iter().map(|feature| self.weights[*feature as usize]).sum();
        self.bias + sum / (features.len().max(1) as f32).sqrt()
    }

    fn learn(&mut self, features: &[u32], target: f32, weight: f32) {
        let wrong = 1.0 / (1.0 + (-self.score(features)).exp()) - target;
        let step = wrong * weight / (features.len().max(1) as f32).sqrt();
        for feature in features {
            let feature = *feature as usize;
            let gradient = step + DECAY * self.weights[feature];
            self.gradients[feature] += gradient * gradient;
            self.weights[feature] -= 0.3 * gradient / (self.gradients[feature].sqrt() + 1e-3);
        }
        self.bias -= 0.01 * wrong * weight;
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [weights, rows, tools, thresholds, without @ ..] = arguments.as_slice() else {
        println!(
            "four paths are needed: weights, training rows, tool definitions, threshold rows; then sources to leave out"
        );
        return;
    };
    let (mut training, mut calibration, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for (source, kind, attack, group, text) in labelled(Path::new(rows)) {
        if without.contains(&source) && is_spoken(&kind) {
            left_out.push(example(&text, &kind, attack, 1.0));
            continue;
        }
        // These sources carry no words of an order, or other kinds of attack.
        if source == "asb" || !is_spoken(&kind) || attack && kind == "benign_text" {
            continue;
        }
        let held = !attack && hash(&group).is_multiple_of(4);
        let example = example(&text, &kind, attack, weight_of(&source));
        if held { calibration.push(example) } else { training.push(example) }
    }
    for (server, text) in definitions(Path::new(tools)) {
        let example = example(&text, "tool_description", false, 1.0);
        if hash(&server).is_multiple_of(3) { calibration.push(example) } else { training.push(example) }
    }
    for (_, kind, attack, _, text) in
        labelled(Path::new(thresholds)).into_iter().filter(|(_, kind, attack, _, _)| !attack && is_spoken(kind))
    {
        calibration.push(example(&text, &kind, attack, 1.0));
        if kind == "benign_text" {
            calibration.push(example(&text, "direct_injection", attack, 1.0));
        }
    }
    let mut numbers = Numbers(20_261_120);
    training
        .extend(synthetic::attacks(2500, &mut numbers).into_iter().map(|(kind, text)| example(&text, kind, true, 1.0)));
    training
        .extend(synthetic::honest(1500, &mut numbers).into_iter().map(|(kind, text)| example(&text, kind, false, 1.0)));
    training.retain(|example| !example.windows.is_empty());
    let attacks = training.iter().filter(|example| example.attack).count();
    println!(
        "training: {attacks} attacks, {} benign; calibration: {} benign",
        training.len() - attacks,
        calibration.len()
    );
    let model = train(&training, &mut numbers);
    report("learnt attacks", &model, training.iter().filter(|example| example.attack));
    report("learnt benign", &model, training.iter().filter(|example| !example.attack));
    report("left out attacks", &model, left_out.iter().filter(|example| example.attack));
    report("left out benign", &model, left_out.iter().filter(|example| !example.attack));
    write(Path::new(weights), &model, &calibration);
}

/// Prints how the best scores of texts are spread: the share without any window, and the tenths of the rest.
fn report<'a>(name: &str, model: &Model, examples: impl Iterator<Item = &'a Example>) {
    let best = |example: &Example| example.windows.iter().map(|window| model.score(window)).fold(f32::MIN, f32::max);
    let (read, blank): (Vec<f32>, Vec<f32>) = examples.map(best).partition(|score| *score > f32::MIN);
    let mut scores = read;
    scores.sort_by(f32::total_cmp);
    let tenths: Vec<f32> = (1..10).filter_map(|tenth| scores.get(scores.len() * tenth / 10).copied()).collect();
    println!("{name}: {} texts, {} without an anchor, tenths {tenths:.2?}", scores.len() + blank.len(), blank.len());
}

/// The texts whose evidence is what is said.
fn is_spoken(kind: &str) -> bool {
    !matches!(kind, "secret" | "pii" | "shell" | "path" | "sqli" | "ssrf")
}

/// Large sources of one style must not outvote small ones.
fn weight_of(source: &str) -> f32 {
    match source {
        "spikee" => 0.4,
        "inthewild_jailbreaks" => 0.7,
        "intentprobe_adv" => 3.0,
        _ => 1.0,
    }
}

fn train(training: &[Example], numbers: &mut Numbers) -> Model {
    let mut model = Model { weights: vec![0.0; BUCKETS], gradients: vec![0.0; BUCKETS], bias: -1.0 };
    let mut order: Vec<usize> = (0..training.len()).collect();
    for epoch in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            order.swap(at, numbers.below(at + 1));
        }
        for at in &order {
            let example = &training[*at];
            if example.attack {
                // Only the window that looks most like an attack is one, once there is an idea of what that is.
                let best =
                    example.windows.iter().max_by(|a, b| model.score(a).total_cmp(&model.score(b))).unwrap().clone();
                let chosen = if epoch == 0 && example.windows.len() <= 3 {
                    &example.windows[..]
                } else {
                    std::slice::from_ref(&best)
                };
                for window in chosen {
                    model.learn(&some(window, numbers), 1.0, example.weight);
                }
            } else {
                for window in &example.windows {
                    model.learn(&some(window, numbers), 0.0, 1.0);
                }
            }
        }
    }
    model
}

/// A window with some of its features hidden.
fn some(window: &[u32], numbers: &mut Numbers) -> Vec<u32> {
    window.iter().copied().filter(|_| numbers.below(10) >= HIDDEN).collect()
}

/// Quantises, sets the thresholds on texts that were not learnt from, and writes the file.
fn write(path: &Path, model: &Model, calibration: &[Example]) {
    let largest = model.weights.iter().fold(0.0f32, |largest, weight| largest.max(weight.abs()));
    let scale = largest.min(6.0) / 127.0;
    let bytes: Vec<i8> =
        model.weights.iter().map(|weight| (weight / scale).round().clamp(-127.0, 127.0) as i8).collect();
    let quantised = Model {
        weights: bytes.iter().map(|byte| f32::from(*byte) * scale).collect(),
        gradients: Vec::new(),
        bias: model.bias,
    };
    let mut file = Vec::with_capacity(HEADER + BUCKETS);
    file.extend(scale.to_le_bytes());
    file.extend(model.bias.to_le_bytes());
    for column in 0..3 {
        // One text of tools in nine hundred may be above, and one text of people in a hundred and twenty.
        let quantile = |chat: bool, share: usize| {
            let of_kind = calibration.iter().filter(|example| example.column == column && example.chat == chat);
            let mut scores: Vec<f32> = of_kind
                .map(|example| example.windows.iter().map(|window| quantised.score(window)).fold(-9.0, f32::max))
                .collect();
            scores.sort_by(|a, b| b.total_cmp(a));
            println!(
                "column {column}, chat {chat}: {} texts, the highest {:.2?}",
                scores.len(),
                &scores[..scores.len().min(8)]
            );
            scores.get(scores.len() / share).copied().unwrap_or(-9.0)
        };
        // A tool has dozens of strings: for them the margin is wider.
        let margin = if column == 0 { 0.5 } else { 0.1 };
        let threshold = quantile(false, 900).max(quantile(true, 120)) + margin;
        // Descriptions are approved once and read by everybody: better one missed than honest ones refused.
        let threshold = if column == 0 { threshold.max(1.0) } else { threshold };
        println!("column {column}: threshold {threshold:.2}");
        file.extend(threshold.to_le_bytes());
    }
    file.extend(bytes.iter().map(|byte| byte.to_le_bytes()[0]));
    std::fs::write(path, file).unwrap();
}

fn example(text: &str, kind: &str, attack: bool, weight: f32) -> Example {
    let (text_kind, column) = match kind {
        "tool_poisoning" | "tool_description" => (TextKind::ToolDescription, 0),
        "direct_injection" | "jailbreak" => (TextKind::PromptArgument, 2),
        _ => (TextKind::ToolOutput, 1),
    };
    let windows = training_windows(&Text::new(text, text_kind, None, None));
    Example { windows, attack, column, weight, chat: kind == "benign_text" || kind == "direct_injection" }
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)) >> 7
}

/// Source, kind, whether it is an attack, group, text.
fn labelled(folder: &Path) -> Vec<(String, String, bool, String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        let source = file.file_stem().unwrap().to_string_lossy().into_owned();
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let member = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            rows.push((
                source.clone(),
                member("kind"),
                row["label"] == "attack",
                format!("{source}{}", member("group")),
                member("text"),
            ));
        }
    }
    rows
}

/// The strings of published tool definitions, by server.
fn definitions(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut strings = Vec::new();
    for file in files {
        let server: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        for section in ["tools", "prompts", "resources", "resourceTemplates", "instructions"] {
            collect(&server[section], &file.to_string_lossy(), &mut strings);
        }
    }
    strings
}

fn collect(value: &Value, server: &str, strings: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if text.len() > 12 => strings.push((server.to_owned(), text.clone())),
        Value::Array(items) => items.iter().for_each(|item| collect(item, server, strings)),
        Value::Object(members) => members.values().for_each(|member| collect(member, server, strings)),
        _ => {}
    }
}
