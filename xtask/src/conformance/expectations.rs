//! Differences that are as they should be, each with its reason: they stand in `fixtures/conformance-expectations.json`.
//! None excuses a check that fails through Gatehold and not directly, unless it says `may_fail`, which only clients of a gateway under
//! an address of its own may. One that no longer occurs is an error.

use std::cell::Cell;

use serde_json::Value;

use crate::failure::{During, Failure, Outcome};
use crate::workspace::{self, list, text};

use super::compare::Difference;

const FILE: &str = "fixtures/conformance-expectations.json";

/// All that is expected to differ.
pub(super) struct Expectations {
    entries: Vec<Entry>,
}

struct Entry {
    servers: Vec<String>,
    paths: Vec<String>,
    revisions: Vec<String>,
    scenario: String,
    reason: String,
    /// Whether checks may fail that pass directly: what should be refused is.
    may_fail: bool,
    /// The runs that could have shown it, and in how many it showed.
    tried: Cell<u32>,
    met: Cell<u32>,
}

/// Which run it was.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) server: &'a str,
    pub(super) revision: &'a str,
    pub(super) path: &'a str,
}

impl Expectations {
    /// Reads them from the repository.
    ///
    /// # Errors
    /// When the file is missing or an entry is not complete.
    pub(super) fn read() -> Outcome<Expectations> {
        let document =
            std::fs::read_to_string(workspace::root().join(FILE)).during(format_args!("cannot read {FILE}"))?;
        Expectations::parse(&document).during(FILE)
    }

    fn parse(document: &str) -> Outcome<Expectations> {
        let document: Value = serde_json::from_str(document)?;
        let entries = document.as_array().during("not a list")?.iter().map(entry).collect::<Outcome<_>>()?;
        Ok(Expectations { entries })
    }

    /// Takes the expected differences out of a run's and gives back the reasons, each once with its scenario.
    pub(super) fn excuse(&self, run: Run<'_>, differences: &mut Vec<Difference>) -> Vec<(String, String)> {
        let mut reasons = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.is_for(run)) {
            entry.tried.set(entry.tried.get() + 1);
            let its_own = |found: &&Difference| entry.covers(&found.scenario);
            if !differences.iter().any(|found| its_own(&found)) {
                continue;
            }
            entry.met.set(entry.met.get() + 1);
            let loses = |found: &Difference| found.is_loss() && !(entry.may_fail && found.status == "FAILURE");
            if !differences.iter().filter(its_own).any(loses) {
                differences.retain(|found| !entry.covers(&found.scenario));
                reasons.push((entry.scenario.clone(), entry.reason.clone()));
            }
        }
        reasons
    }

    /// Fails when something that was expected to differ did not, in no run that could have shown it.
    ///
    /// # Errors
    /// As said.
    pub(super) fn refuse_stale(&self) -> Outcome {
        let stale: Vec<&str> = self
            .entries
            .iter()
            .filter(|entry| entry.tried.get() > 0 && entry.met.get() == 0)
            .map(|entry| entry.scenario.as_str())
            .collect();
        match stale.as_slice() {
            [] => Ok(()),
            stale => Err(Failure::new(format!("no longer different, take it out of {FILE}: {}", stale.join(", ")))),
        }
    }
}

impl Entry {
    /// Whether it is about this scenario; `auth/*` is about all below `auth`.
    fn covers(&self, scenario: &str) -> bool {
        self.scenario.strip_suffix('*').map_or(scenario == self.scenario, |start| scenario.starts_with(start))
    }

    fn is_for(&self, run: Run<'_>) -> bool {
        let names = |known: &[String], name: &str| known.iter().any(|known| known == name);
        names(&self.servers, run.server) && names(&self.revisions, run.revision) && names(&self.paths, run.path)
    }
}

fn entry(value: &Value) -> Outcome<Entry> {
    let words =
        |key: &str| -> Vec<String> { list(value, key).iter().filter_map(Value::as_str).map(str::to_owned).collect() };
    let entry = Entry {
        servers: words("servers"),
        paths: words("paths"),
        revisions: words("revisions"),
        scenario: text(value, "scenario").to_owned(),
        reason: text(value, "reason").to_owned(),
        may_fail: value.get("may_fail") == Some(&Value::Bool(true)),
        tried: Cell::new(0),
        met: Cell::new(0),
    };
    let empty = entry.servers.is_empty() || entry.paths.is_empty() || entry.revisions.is_empty();
    if empty || entry.scenario.is_empty() || entry.reason.is_empty() {
        return Err(Failure::new(format!("an entry needs servers, paths, revisions, scenario and reason: {value}")));
    }
    if entry.may_fail && entry.paths != ["reverse"] {
        return Err(Failure::new(format!("only on the path reverse may checks fail that pass directly: {value}")));
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: Run<'_> = Run { server: "fixture", revision: "default", path: "stdio" };

    fn expectations() -> Expectations {
        let document =
            r#"[{"servers":["fixture"],"paths":["stdio"],"revisions":["default"],"scenario":"s","reason":"r"}]"#;
        Expectations::parse(document).unwrap()
    }

    fn difference(scenario: &str, status: &str, direct: u32, through: u32) -> Difference {
        let (check, status) = ("c".to_owned(), status.to_owned());
        Difference { scenario: scenario.to_owned(), check, status, direct, through }
    }

    #[test]
    fn what_is_expected_is_taken_out_with_its_reason_and_nothing_else() {
        let mut found = vec![difference("s", "SUCCESS", 1, 0), difference("other", "SUCCESS", 1, 0)];
        assert_eq!(expectations().excuse(RUN, &mut found), [("s".to_owned(), "r".to_owned())]);
        assert_eq!(found.iter().map(|found| found.scenario.as_str()).collect::<Vec<_>>(), ["other"]);
    }

    #[test]
    fn a_new_failure_is_never_excused() {
        let mut found = vec![difference("s", "SUCCESS", 1, 0), difference("s", "FAILURE", 0, 1)];
        assert!(expectations().excuse(RUN, &mut found).is_empty());
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_failure_is_excused_only_where_it_is_stated_and_only_in_reverse() {
        let document = |path: &str| {
            format!(
                r#"[{{"servers":["client"],"paths":["{path}"],"revisions":["r"],"scenario":"auth/*","reason":"r","may_fail":true}}]"#
            )
        };
        assert!(Expectations::parse(&document("forward")).is_err());
        let expectations = Expectations::parse(&document("reverse")).unwrap();
        let run = Run { server: "client", revision: "r", path: "reverse" };
        let mut found = vec![difference("auth/a", "FAILURE", 0, 1), difference("tools_call", "FAILURE", 0, 1)];
        assert_eq!(expectations.excuse(run, &mut found).len(), 1);
        assert_eq!(found.iter().map(|found| found.scenario.as_str()).collect::<Vec<_>>(), ["tools_call"]);
        let mut found = vec![difference("auth/a", super::super::compare::RAN, 1, 0)];
        assert!(expectations.excuse(run, &mut found).is_empty());
    }

    #[test]
    fn a_scenario_that_did_not_run_is_never_excused() {
        let mut found = vec![difference("s", super::super::compare::RAN, 1, 0)];
        assert!(expectations().excuse(RUN, &mut found).is_empty());
    }

    #[test]
    fn another_run_is_not_excused() {
        let mut found = vec![difference("s", "SUCCESS", 1, 0)];
        assert!(expectations().excuse(Run { path: "audit", ..RUN }, &mut found).is_empty());
    }

    #[test]
    fn an_expectation_that_is_not_met_is_an_error_once_it_was_tried() {
        let expectations = expectations();
        assert!(expectations.refuse_stale().is_ok(), "nothing ran yet");
        expectations.excuse(RUN, &mut Vec::new());
        assert!(expectations.refuse_stale().is_err());
    }

    #[test]
    fn the_file_of_the_repository_is_readable() {
        assert!(!Expectations::read().unwrap().entries.is_empty());
    }
}
