//! `gatehold-bench`: measures Gatehold next to a direct connection and nginx. Started by `cargo xtask bench`, which
//! builds what is measured. It listens and dials on loopback only, except for what the user adds with `--also`.
//!
//! How it measures: one load thread in this process, one single-threaded upstream, one target at a time, all on the
//! same machine; so the rates show the whole chain and the processor time shows the target itself.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are the product, progress goes beside them"
)]

mod options;

mod target;

mod served;

mod compare;

mod admission;
mod crowd;

mod detection;

mod sections;

mod report;

use std::fs;
use std::process::ExitCode;

use options::Options;
use sections::Results;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "--help" || word == "-h") {
        print!("{}", options::HELP);
        return ExitCode::SUCCESS;
    }
    match Options::parse(words).and_then(|options| measure(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("error: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, shows, judges.
fn measure(options: &Options) -> Result<(), String> {
    if options.is_dry {
        return Ok(());
    }
    let machine = machine();
    for (name, value) in &machine {
        eprintln!("# {name}: {value}");
    }
    let results = sections::run(options).map_err(|error| error.to_string())?;
    if options.is_json {
        println!("{:#}", report::json(&results, &machine));
    } else {
        println!("{}", report::tables(&results));
    }
    if options.is_smoke {
        prove_smoke(&results)?;
        prove_admission(&results)?;
    }
    let missed = report::claims(&results).iter().filter(|claim| claim.is_met() == Some(false)).count();
    if options.is_enforced && missed > 0 {
        return Err(format!("{missed} of the targets above were missed"));
    }
    Ok(())
}

/// Checks that every run made calls and none of them failed. Says nothing about speed.
fn prove_smoke(results: &Results) -> Result<(), String> {
    let rows = results.http.iter().chain(&results.payload).chain(&results.whole).chain(&results.stdio);
    for row in rows {
        let place = format!("{} at {} connections with {} bytes", row.target, row.connections, row.payload_bytes);
        if row.errors > 0 {
            return Err(format!(
                "{place}: {} errors, first: {}",
                row.errors,
                row.first_error.as_deref().unwrap_or("?")
            ));
        }
        if row.calls == 0 || row.rate <= 0.0 || row.p50_us <= 0.0 || row.p99_us < row.p50_us {
            return Err(format!("{place}: the figures make no sense: {row:?}"));
        }
    }
    Ok(())
}

/// The same for what admission costs.
fn prove_admission(results: &Results) -> Result<(), String> {
    for cost in &results.admission {
        if cost.errors > 0 || cost.calls == 0 {
            let error = cost.first_error.as_deref().unwrap_or("no call was answered");
            return Err(format!("admission with {}: {} errors, first: {error}", cost.what, cost.errors));
        }
    }
    Ok(())
}

/// What somebody needs to know who compares two runs.
fn machine() -> Vec<(&'static str, String)> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let processor = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.to_owned()))
        .unwrap_or_default();
    vec![
        ("processor", processor),
        ("processors", std::thread::available_parallelism().map_or_else(|_| "?".to_owned(), |count| count.to_string())),
        ("kernel", read("/proc/sys/kernel/osrelease")),
        ("load before", read("/proc/loadavg")),
    ]
}
