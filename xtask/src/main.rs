//! The one front door: `cargo xtask <verb>` builds, tests and measures the project, the same way on a laptop and in CI.
//! It never changes a source file unless the verb says so (`docs` writes the generated references).
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what a command runner prints is its product")]

mod failure;
mod step;
mod workspace;

mod check;
mod licences;
mod test;
mod tidy;

mod docs;
mod fuzz;
mod readme;

mod bench;
mod conformance;
mod eval;
mod setup;
mod train;

mod ci;

use std::process::ExitCode;

use failure::{Failure, Outcome};

/// Something that can be asked of the front door.
struct Verb {
    /// The word to type.
    name: &'static str,
    /// The options, as shown in the list.
    options: &'static str,
    /// What it does, in one line.
    about: &'static str,
    /// Does it, with the words that follow the verb.
    run: fn(&[String]) -> Outcome,
}

/// All verbs, in the order in which somebody meets them.
const VERBS: &[Verb] = &[
    Verb {
        name: "check",
        options: "",
        about: "formatting, lints, tidy rules, licences: the developer loop",
        run: check::run,
    },
    Verb {
        name: "test",
        options: "[cargo test arguments]",
        about: "installs what the tests need and runs all of them",
        run: test::run,
    },
    Verb {
        name: "setup",
        options: "[npm] [python] [server] [redis]",
        about: "installs what the fidelity tests need, pinned, into this repository",
        run: setup::run,
    },
    Verb {
        name: "conformance",
        options: "[--help for the list]",
        about: "the official suite, directly and through Gatehold: the results must be the same",
        run: conformance::run,
    },
    Verb {
        name: "bench",
        options: "[--help for the list]",
        about: "measures the gateway next to nginx and a direct connection",
        run: bench::run,
    },
    Verb {
        name: "eval",
        options: "[--check] [--data DIR]",
        about: "what the detectors catch and take wrongly; --check fails when a committed figure got worse",
        run: eval::run,
    },
    Verb {
        name: "fuzz",
        options: "[--seconds N]",
        about: "feeds hostile input to the parsers for a while",
        run: fuzz::run,
    },
    Verb {
        name: "docs",
        options: "[--check]",
        about: "writes the generated references; --check only compares them",
        run: docs::run,
    },
    Verb {
        name: "train",
        options: "<folder of data> [--hold]",
        about: "fits the inspector's classifier and writes its weights; --hold only measures it",
        run: train::run,
    },
    Verb { name: "tidy", options: "", about: "the rules of the house that the compiler does not know", run: tidy::run },
    Verb {
        name: "ci",
        options: "[--skip STEP]...",
        about: "everything that has to hold before a change is taken",
        run: ci::run,
    },
];

/// The names of all verbs: the README must list them.
fn verb_names() -> impl Iterator<Item = &'static str> {
    VERBS.iter().map(|verb| verb.name)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Finds the verb and does it.
fn dispatch(arguments: &[String]) -> Outcome {
    let Some((name, rest)) = arguments.split_first() else {
        print_list();
        return Ok(());
    };
    if ["help", "--help", "-h"].contains(&name.as_str()) {
        print_list();
        return Ok(());
    }
    let verb = VERBS
        .iter()
        .find(|verb| verb.name == name)
        .ok_or_else(|| Failure::new(format!("there is no verb `{name}`; `cargo xtask help` lists them")))?;
    (verb.run)(rest)
}

/// Prints what can be asked for.
fn print_list() {
    println!("cargo xtask <verb>\n");
    for verb in VERBS {
        println!("  {:<12} {}", verb.name, verb.about);
        if !verb.options.is_empty() {
            println!("  {:<12}   {}", "", verb.options);
        }
    }
}

/// Refuses every argument, for verbs that take none.
///
/// # Errors
/// When there is an argument.
fn expect_no_arguments(verb: &str, arguments: &[String]) -> Outcome {
    match arguments.first() {
        None => Ok(()),
        Some(word) => Err(Failure::new(format!("`cargo xtask {verb}` takes no arguments, but was given `{word}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_verb_is_refused_with_the_way_to_the_list() {
        let refusal = dispatch(&["chekc".to_owned()]).unwrap_err().to_string();
        assert!(refusal.contains("chekc") && refusal.contains("cargo xtask help"), "{refusal}");
    }

    #[test]
    fn every_verb_has_one_name_and_says_what_it_does() {
        let mut names: Vec<_> = verb_names().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), VERBS.len());
        assert!(VERBS.iter().all(|verb| !verb.about.is_empty()));
    }
}
