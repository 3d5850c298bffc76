//! `cargo xtask test`: the one command that installs what the tests need and runs all of them. What follows the verb is
//! passed to `cargo test`.

use crate::failure::Outcome;
use crate::{readme, setup, step};

/// The README's examples first, then every test of the workspace, so that the closing lines are those of the tests.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    setup::run(&[])?;
    let examples = step::step("README examples", readme::run_examples);
    let tests = step::step("tests", || run_tests(arguments));
    examples.and(tests)
}

/// Runs cargo's tests and adds up their results.
fn run_tests(arguments: &[String]) -> Outcome {
    let mut command = step::cargo(&["test", "--locked", "--no-fail-fast"]);
    if arguments.is_empty() {
        command.arg("--workspace");
    }
    command.args(arguments);
    let mut tally = Tally::default();
    let outcome = step::run_watched(&mut command, |line| tally.watch(line));
    println!("{}", tally.shown());
    outcome
}

/// The results of all test programs together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    programs: u64,
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tally {
    /// Adds one closing line of a test program; ignores every other line.
    fn watch(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("test result: ") else { return };
        self.programs += 1;
        for part in rest.split([';', '.']) {
            let mut words = part.split_whitespace();
            if let (Some(Ok(count)), Some(kind)) = (words.next().map(str::parse::<u64>), words.next()) {
                match kind {
                    "passed" => self.passed += count,
                    "failed" => self.failed += count,
                    "ignored" => self.ignored += count,
                    _ => {}
                }
            }
        }
    }

    /// One line for the end.
    fn shown(&self) -> String {
        let Self { programs, passed, failed, ignored } = self;
        format!("all tests: {passed} passed, {failed} failed, {ignored} ignored, in {programs} test programs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_added_up() {
        let mut tally = Tally::default();
        for line in [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.06s",
            "running 3 tests",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 9 filtered out; finished in 1.16s",
        ] {
            tally.watch(line);
        }
        assert_eq!(tally, Tally { programs: 2, passed: 14, failed: 1, ignored: 1 });
    }
}
