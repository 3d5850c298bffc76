//! `gatehold policy test`: runs suites of cases against a policy and shows what is decided otherwise than expected.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use gatehold_decide::diagnostic::Source;
use gatehold_decide::suite::{Case, Ran, Suite};
use gatehold_inspect::Registry;
use serde_json::{Value, json};

use super::open;
use crate::print;
use crate::shared::Failure;

/// The largest suite, in bytes.
const SUITE_BYTES_MAX: u64 = 1024 * 1024;

/// Run suites of cases against a policy
///
/// A suite is a YAML file: a list of `cases`, each a message with what is expected to be decided about it, and
/// optionally the `policy` that they are about, relative to the suite.
///
/// Exit status 0: everything as expected. 1: something is not. 2: a file does not load.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The suites
    #[arg(required = true, value_name = "SUITE")]
    suites: Vec<PathBuf>,
    /// The policy: a file, or `preset:NAME` (default: the one that the suite names)
    #[arg(long, short)]
    policy: Option<String>,
    /// Print one JSON object a case
    #[arg(long)]
    json: bool,
    /// Print the cases that passed too
    #[arg(long, short)]
    verbose: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (mut passed, mut failed) = (0_usize, 0_usize);
    let mut registry = None;
    for path in &arguments.suites {
        let suite = read(path)?;
        let named = match (&arguments.policy, &suite.policy) {
            (Some(named), _) => named.clone(),
            (None, Some(named)) => beside(path, named),
            (None, None) => {
                let text = format!(
                    "{}: the suite names no policy: write `policy: FILE` into it, or say `--policy FILE`",
                    path.display()
                );
                return Err(Failure::error(text));
            }
        };
        let policy = open::policy(&named)?;
        if suite.is_detecting() && registry.is_none() {
            registry = Some(Registry::standard());
        }
        for case in &suite.cases {
            let ran = case.run(&policy, registry.as_ref());
            if ran.differences.is_empty() {
                passed += 1;
            } else {
                failed += 1;
            }
            if arguments.json {
                print::line(&as_json(path, case, &ran).to_string());
            } else if !ran.differences.is_empty() || arguments.verbose {
                as_text(path, case, &ran);
            }
        }
    }
    if !arguments.json {
        print::line(&format!("{} cases: {passed} as expected, {failed} not", passed + failed));
    }
    Ok(ExitCode::from(u8::from(failed > 0)))
}

fn read(path: &Path) -> Result<Suite, Failure> {
    let failed = |error: std::io::Error| Failure::error(format!("{} cannot be read: {error}", path.display()));
    if std::fs::metadata(path).map_err(failed)?.len() > SUITE_BYTES_MAX {
        return Err(Failure::error(format!("{} is larger than 1 MiB", path.display())));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let source = Source::new(&path.display().to_string(), &text);
    Suite::read(&source).map_err(|errors| Failure::error(source.render(&errors)))
}

/// The policy that a suite names, from the suite's folder.
fn beside(suite: &Path, named: &str) -> String {
    if named.starts_with("preset:") {
        return named.to_owned();
    }
    suite.parent().unwrap_or_else(|| Path::new("")).join(named).display().to_string()
}

fn as_text(path: &Path, case: &Case, ran: &Ran) {
    let word = if ran.differences.is_empty() { "ok  " } else { "FAIL" };
    print::line(&format!("{word} {}: {}", path.display(), case.name));
    for difference in &ran.differences {
        print::line(&format!("       {difference}"));
    }
    if !ran.differences.is_empty() {
        let reasons: Vec<&str> = ran.decision.reasons.iter().map(|reason| &*reason.rule).collect();
        print::line(&format!("       decided: {} by {}", ran.decision.verdict.name(), reasons.join(", ")));
    }
}

fn as_json(path: &Path, case: &Case, ran: &Ran) -> Value {
    let reasons: Vec<&str> = ran.decision.reasons.iter().map(|reason| &*reason.rule).collect();
    json!({
        "suite": path.display().to_string(), "case": &*case.name, "ok": ran.differences.is_empty(),
        "verdict": ran.decision.verdict.name(), "rules": reasons, "differences": ran.differences,
    })
}
