//! Runs the official suite at a URL and reads what it left: one `checks.json` per scenario, in nested folders whose names
//! end with a time. Times and messages are dropped; what remains is which check had which status how often.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{During, Failure, Outcome};
use crate::setup::Fixtures;
use crate::workspace::text;

/// A revision of MCP to speak.
pub(super) struct Revision {
    pub(super) label: &'static str,
    /// The option for the suite; without it each scenario chooses, and the extensions are tested too.
    option: Option<&'static str>,
}

/// All revisions that the suite speaks, oldest first, then its default.
pub(super) const REVISIONS: &[Revision] = &[
    Revision { label: "2025-03-26", option: Some("2025-03-26") },
    Revision { label: "2025-06-18", option: Some("2025-06-18") },
    Revision { label: "2025-11-25", option: Some("2025-11-25") },
    Revision { label: "2026-07-28", option: Some("2026-07-28") },
    Revision { label: "default", option: None },
];

/// How long one scenario may take. The suite's own limit makes false failures on a busy machine.
const SCENARIO_MS_MAX: &str = "90000";

/// How often each (check, status) occurred in a scenario.
pub(super) type Checks = BTreeMap<(String, String), u32>;
/// All scenarios of a run.
pub(super) type Results = BTreeMap<String, Checks>;
/// How often each status occurred in a run.
pub(super) type Tally = BTreeMap<String, u32>;

/// Runs the suite; its words go to `suite.log` in `folder`, its results below `results`.
///
/// # Errors
/// When it cannot be started or leaves no results. That checks fail is no error: they may fail directly too.
pub(super) fn run(fixtures: &Fixtures, url: &str, revision: &Revision, folder: &Path) -> Outcome<Results> {
    let results = folder.join("results");
    fs::create_dir_all(&results)?;
    let log = File::create(folder.join("suite.log"))?;
    let mut command = Command::new(&fixtures.node);
    command.arg(&fixtures.suite).args(["server", "--url", url, "--suite", "all", "--timeout", SCENARIO_MS_MAX]);
    if let Some(option) = revision.option {
        command.args(["--spec-version", option]);
    }
    command.arg("-o").arg(&results).current_dir(folder);
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    // A proxy of the machine must not come between the suite and loopback.
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command.status().during("cannot start the conformance suite")?;
    let read = read(&results)?;
    if read.is_empty() {
        return Err(Failure::new(format!(
            "the suite left no results; its words are in {}/suite.log",
            folder.display()
        )));
    }
    Ok(read)
}

/// Counts the statuses of a run.
pub(super) fn tally(results: &Results) -> Tally {
    let mut tally = Tally::new();
    for ((_, status), count) in results.values().flatten() {
        *tally.entry(status.clone()).or_default() += count;
    }
    tally
}

/// The results in a folder that the suite wrote.
///
/// # Errors
/// When a file cannot be read or is not what the suite writes.
pub(super) fn read(folder: &Path) -> Outcome<Results> {
    let mut results = Results::new();
    collect(folder, "", &mut results)?;
    Ok(results)
}

/// Reads this folder's checks, then those of the folders in it.
fn collect(folder: &Path, scenario: &str, results: &mut Results) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            let below = if scenario.is_empty() { String::new() } else { format!("{scenario}/") };
            collect(&entry.path(), &format!("{below}{}", without_time(&name)), results)?;
        } else if name == "checks.json" {
            let checks = results.entry(scenario.to_owned()).or_default();
            count(&fs::read_to_string(entry.path())?, checks).during(entry.path().display())?;
        }
    }
    Ok(())
}

fn count(document: &str, checks: &mut Checks) -> Outcome {
    let listed: serde_json::Value = serde_json::from_str(document)?;
    for check in listed.as_array().during("checks.json is not a list")? {
        let (id, status) = (text(check, "id"), text(check, "status"));
        if id.is_empty() || status.is_empty() {
            return Err(Failure::new("a check has no id or no status: has the suite's format changed?"));
        }
        *checks.entry((id.to_owned(), status.to_owned())).or_default() += 1;
    }
    Ok(())
}

/// The scenario in a folder's name: `server-ping-2026-11-20T05-30-47-763Z` is `ping`.
fn without_time(name: &str) -> &str {
    let shape = "-0000-00-00T00-00-00-000Z";
    let name = name.strip_prefix("server-").unwrap_or(name);
    let Some((scenario, time)) = name.split_at_checked(name.len().saturating_sub(shape.len())) else { return name };
    let fits = time.len() == shape.len()
        && time
            .bytes()
            .zip(shape.bytes())
            .all(|(byte, model)| if model == b'0' { byte.is_ascii_digit() } else { byte == model });
    if fits { scenario } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_name_loses_its_prefix_and_time() {
        assert_eq!(without_time("server-ping-2026-11-20T05-30-47-763Z"), "ping");
        assert_eq!(without_time("server-server-stateless-2026-11-20T05-30-47-763Z"), "server-stateless");
        assert_eq!(without_time("auth"), "auth");
        assert_eq!(without_time("ping-2026-11-20"), "ping-2026-11-20");
    }

    #[test]
    fn a_check_without_a_status_is_an_error_and_not_silence() {
        assert!(count(r#"[{"id":"a"}]"#, &mut Checks::new()).is_err());
        assert!(count(r#"{"id":"a","status":"SUCCESS"}"#, &mut Checks::new()).is_err());
    }

    #[test]
    fn the_same_check_twice_counts_twice() {
        let mut checks = Checks::new();
        count(r#"[{"id":"a","status":"SUCCESS"},{"id":"a","status":"SUCCESS"}]"#, &mut checks).unwrap();
        assert_eq!(checks.values().copied().collect::<Vec<_>>(), [2]);
    }
}
