//! Shows what came out: a table and every difference for people, a JSON file for machines.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::failure::Outcome;

use super::Comparison;

pub(super) fn print(comparisons: &[Comparison]) {
    println!(
        "\n{:<11} {:<11} {:<8} {:>7} {:>7} {:>7} {:>8} {:>7} {:>7}",
        "server", "revision", "path", "passed", "failed", "other", "differs", "stated", "s"
    );
    for run in comparisons {
        let of = |status: &str| run.tally.get(status).copied().unwrap_or_default();
        let all: u32 = run.tally.values().sum();
        let (passed, failed) = (of("SUCCESS"), of("FAILURE"));
        let differs = if run.route == super::Route::Direct { "–".to_owned() } else { scenarios(run).to_string() };
        println!(
            "{:<11} {:<11} {:<8} {passed:>7} {failed:>7} {:>7} {differs:>8} {:>7} {:>7.1}",
            run.server,
            run.revision,
            run.route.label(),
            all - passed - failed,
            run.expected.len(),
            run.seconds
        );
    }
    for run in comparisons.iter().filter(|run| !run.differences.is_empty()) {
        println!("\n{} · {} · {}: not as direct", run.server, run.revision, run.route.label());
        for found in &run.differences {
            println!(
                "  {}: {} {}: {} times directly, {} times through",
                found.scenario, found.check, found.status, found.direct, found.through
            );
        }
    }
    for run in comparisons {
        for (scenario, reason) in &run.expected {
            println!(
                "{} · {} · {}: {scenario} differs as stated. {reason}",
                run.server,
                run.revision,
                run.route.label()
            );
        }
    }
    println!();
}

/// Writes the report into `folder` and says where it is.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn write(comparisons: &[Comparison], folder: &Path) -> Outcome<PathBuf> {
    let runs: Vec<Value> = comparisons.iter().map(run).collect();
    let file = folder.join("report.json");
    fs::create_dir_all(folder)?;
    fs::write(&file, serde_json::to_string_pretty(&json!({ "runs": runs }))?)?;
    Ok(file)
}

fn run(run: &Comparison) -> Value {
    let differences: Vec<Value> = run
        .differences
        .iter()
        .map(|found| {
            json!({
                "scenario": found.scenario,
                "check": found.check,
                "status": found.status,
                "direct": found.direct,
                "through": found.through,
            })
        })
        .collect();
    json!({
        "server": run.server,
        "revision": run.revision,
        "path": run.route.label(),
        "tally": run.tally,
        "seconds": run.seconds,
        "differing_scenarios": scenarios(run),
        "differences": differences,
        "expected": run.expected.iter().map(|(scenario, reason)| json!({ "scenario": scenario, "reason": reason })).collect::<Vec<_>>(),
    })
}

/// How many scenarios differ.
fn scenarios(run: &Comparison) -> usize {
    let mut names: Vec<&str> = run.differences.iter().map(|found| found.scenario.as_str()).collect();
    names.dedup();
    names.len()
}
