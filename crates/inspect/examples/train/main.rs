//! Trains the classifier of `phrases::classifier` and writes its numbers: a linear model and a small network over the
//! windows of labelled texts, deterministic (fixed seeds, fixed order). A development tool; `cargo xtask train` calls it.
//!
//! `cargo run --release -p gatehold-inspect --example train -- <folder of data> <weights> <report>`; `--` in place of
//! the report writes none. With `--hold` only the tables of what is caught of sources and wordings that were left out are
//! printed. `--words <vectors.json> <table>` makes the table of `phrases::vocabulary` instead.

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
mod linear;
mod model;
mod network;
mod report;
mod synthetic;
mod thresholds;
mod tongues;
mod vocabulary;

use std::path::Path;

use data::Data;

/// The seed of everything that is made or shuffled.
const SEED: u64 = 20_261_120;
/// How many texts of each large family are made.
const MADE: usize = 6000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--words", vectors, table] => std::fs::write(table, vocabulary::table(Path::new(vectors))).unwrap(),
        [folder, "--hold"] => println!("{}", report::left_out(Path::new(folder))),
        [folder, weights, page] => {
            let data = Data::read(Path::new(folder), MADE, SEED, false);
            let (model, limits, notes) = thresholds::fitted(&data);
            std::fs::write(weights, model.bytes(limits)).unwrap();
            println!("{notes}");
            if *page != "--" {
                let page = Path::new(page);
                std::fs::write(page, report::page(&data, &notes, Path::new(folder))).unwrap();
            }
        }
        _ => println!("the folder of data is needed, then the files of weights and report, or --hold"),
    }
}
