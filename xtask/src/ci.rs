//! `cargo xtask ci`: everything that has to hold before a change is taken. It goes on after a failure, so that one run
//! shows all that is wrong, and ends with a list of what held. Made to end within 40 minutes on two cores, a clean
//! checkout included.

use std::time::{Duration, Instant};

use crate::failure::{During, Failure, Outcome};
use crate::{bench, check, conformance, docs, eval, fuzz, step, test};

/// A named part of the whole.
struct Step {
    name: &'static str,
    run: fn(&[String]) -> Outcome,
    arguments: &'static [&'static str],
}

/// The parts: first what fails fastest; the tests last, so that theirs are the closing lines.
const STEPS: &[Step] = &[
    Step { name: "check", run: check::run, arguments: &[] },
    Step { name: "docs", run: docs::run, arguments: &["--check"] },
    Step { name: "fuzz", run: fuzz::run, arguments: &["--seconds", "5"] },
    Step { name: "eval", run: eval::run, arguments: &["--check"] },
    Step { name: "hostile", run: hostile, arguments: &[] },
    Step { name: "bench", run: bench::run, arguments: &["--smoke"] },
    Step { name: "conformance", run: conformance::run, arguments: &["--quick"] },
    Step { name: "upstream-auth", run: conformance::run, arguments: &["upstream-auth"] },
    Step { name: "model", run: model, arguments: &[] },
    Step { name: "test", run: test::run, arguments: &[] },
];

/// Runs all parts but those named with `--skip`.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let skipped = skipped(arguments)?;
    let mut lines = Vec::new();
    let mut failed = Vec::new();
    let started = Instant::now();
    for part in STEPS {
        if skipped.contains(&part.name) {
            lines.push(format!("  {:<12} left out", part.name));
            continue;
        }
        let part_started = Instant::now();
        let arguments: Vec<String> = part.arguments.iter().map(|&word| word.to_owned()).collect();
        let outcome = step::step(&format!("ci: {}", part.name), || (part.run)(&arguments));
        lines.push(line(part.name, &outcome, part_started.elapsed()));
        if outcome.is_err() {
            failed.push(part.name);
        }
    }
    println!("\nci, {} in all:\n{}", step::seconds(started.elapsed()), lines.join("\n"));
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("ci: these did not hold: {}", failed.join(", ")))) }
}

/// The tests of megabytes of hostile text, which take minutes without optimisation.
fn hostile(_: &[String]) -> Outcome {
    let test = ["test", "--locked", "--profile", "ci", "--package", "gatehold-inspect", "--test", "it", "megabytes"];
    step::run(&mut step::cargo(&test))
}

/// The second tier, which no other step builds: its lints, the tests of the engine, and the gate with a model.
fn model(_: &[String]) -> Outcome {
    let run = |words: &[&str]| step::run(&mut step::cargo(words));
    let both = ["--package", "gatehold-model", "--package", "gatehold", "--features", "gatehold/model"];
    run(&[&["clippy", "--locked", "--all-targets"], &both[..], &["--", "-D", "warnings"]].concat())?;
    run(&["test", "--locked", "--package", "gatehold-model", "--features", "engine"])?;
    run(&["test", "--locked", "--package", "gatehold", "--features", "model", "--test", "gate", "second_tier"])
}

/// A line of the closing list.
fn line(name: &str, outcome: &Outcome, took: Duration) -> String {
    match outcome {
        Ok(()) => format!("  {name:<12} holds   {:>8}", step::seconds(took)),
        Err(failure) => format!("  {name:<12} FAILED  {:>8}  {failure}", step::seconds(took)),
    }
}

/// Reads `--skip STEP`, any number of times.
fn skipped(arguments: &[String]) -> Outcome<Vec<&'static str>> {
    let mut skipped = Vec::new();
    for pair in arguments.chunks(2) {
        match pair {
            [option, name] if option == "--skip" => {
                let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
                let known = STEPS.iter().find(|step| step.name == name);
                skipped.push(known.during(format_args!("`--skip {name}`: the steps are {}", names.join(", ")))?.name);
            }
            _ => return Err(Failure::new("`cargo xtask ci` takes only `--skip STEP`, any number of times")),
        }
    }
    Ok(skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_steps_can_be_left_out() {
        let parse = |line: &str| skipped(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(parse("--skip test --skip bench").unwrap(), ["test", "bench"]);
        assert!(parse("").unwrap().is_empty());
        for wrong in ["--skip", "--skip tests", "test"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
