//! `cargo xtask check`: what a developer runs all day. It changes nothing and needs no network once the dependencies
//! are there.

use crate::failure::{Failure, Outcome};
use crate::{licences, step, tidy};

/// Formatting, lints, the rules of the house, licences: all of them, so that one run shows all that is wrong.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    crate::expect_no_arguments("check", arguments)?;
    let outcomes = [
        step::step("formatting", || step::run(&mut step::cargo(&["fmt", "--all", "--check"]))),
        step::step("lints", || {
            step::run(&mut step::cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
        }),
        step::step("tidy", || tidy::run(&[])),
        step::step("licences and banned packages", licences::check),
    ];
    let failed: Vec<String> = outcomes.into_iter().filter_map(Result::err).map(|failure| failure.to_string()).collect();
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(failed.join("\nerror: "))) }
}
