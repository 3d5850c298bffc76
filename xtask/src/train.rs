//! `cargo xtask train`: fits the small classifier of the inspector anew and writes its weights and the report on them.
//! The training itself is an example of the crate `inspect`, since it uses the crate's own reading of texts.

use crate::failure::{Failure, Outcome};
use crate::step;

const WEIGHTS: &str = "crates/inspect/src/phrases/weights.bin";
const REPORT: &str = "crates/inspect/training/report.md";

/// Trains on a folder of data; with `--hold`, only measures with whole sources left out.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let given: &[&str] = match words.as_slice() {
        [folder] if !folder.starts_with('-') => &[folder, WEIGHTS, REPORT],
        [folder, "--hold"] => &[folder, "--hold"],
        _ => {
            return Err(Failure::new(
                "`cargo xtask train` needs the folder that holds `detection/train`, `detection/select` and `mcp-tools`",
            ));
        }
    };
    let mut command =
        step::cargo(&["run", "--locked", "--release", "-p", "gatehold-inspect", "--example", "train", "--"]);
    command.args(given);
    step::run(&mut command)
}
