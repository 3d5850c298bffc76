//! `cargo xtask fuzz`: feeds generated input to the targets in `fuzz/` for a while. The targets are ordinary tests as
//! well, which replay the stored cases; this gives them time to find new ones.

use std::time::Duration;

use crate::failure::{During, Failure, Outcome};
use crate::step;

/// How long each target runs when nothing is said, in seconds.
const SECONDS_DEFAULT: u64 = 10;
/// The longest time per target, in seconds: a day.
const SECONDS_MAX: u64 = 86_400;

/// Runs every target for `--seconds N`.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let seconds = seconds(arguments)?;
    let time_ms = Duration::from_secs(seconds).as_millis().to_string();
    println!("each target runs for {seconds} s with generated input");
    // The ci profile is optimised, so that the same time sees ten times the input; its checks of overflow and of our
    // own assumptions are switched on here, since finding those is the purpose.
    let mut command =
        step::cargo(&["test", "--locked", "--package", "gatehold-fuzz", "--profile", "ci", "--no-fail-fast"]);
    command.env("CARGO_PROFILE_CI_DEBUG_ASSERTIONS", "true").env("CARGO_PROFILE_CI_OVERFLOW_CHECKS", "true");
    command.env("BOLERO_RANDOM_TEST_TIME_MS", &time_ms);
    // Iterations end a target too: let only the time count.
    command.env("BOLERO_RANDOM_ITERATIONS", u32::MAX.to_string());
    step::run(&mut command)
}

/// Reads the one option.
fn seconds(arguments: &[String]) -> Outcome<u64> {
    match arguments {
        [] => Ok(SECONDS_DEFAULT),
        [option, value] if option == "--seconds" => {
            let seconds = value.parse().during(format_args!("`--seconds {value}`"))?;
            if (1..=SECONDS_MAX).contains(&seconds) {
                Ok(seconds)
            } else {
                Err(Failure::new(format!("`--seconds {value}`: needs a number from 1 to {SECONDS_MAX}")))
            }
        }
        _ => Err(Failure::new("`cargo xtask fuzz` takes only `--seconds N`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_bounded() {
        let parse = |line: &str| seconds(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(parse("").unwrap(), SECONDS_DEFAULT);
        assert_eq!(parse("--seconds 3").unwrap(), 3);
        for wrong in ["--seconds", "--seconds 0", "--seconds 86401", "--seconds x", "--minutes 3"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
