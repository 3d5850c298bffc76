//! `conformance clients`: the suite's scenarios for clients, with a TypeScript SDK client alone and with the same client
//! behind Gatehold. Behind the explicit forward proxy everything must be as without it, signing in included. Behind a
//! gateway under an address of its own, what needs a token must fail as documented, and nothing else may.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::failure::{During, Failure, Outcome};
use crate::{setup, step, workspace};

use super::compare::{self, Difference};
use super::expectations::{Expectations, Run};
use super::options::Options;
use super::suite::{self, Checks, Results};

/// How the expectations name this client.
const CLIENT: &str = "client";
/// How the suite marks scenarios of extensions, which belong to no revision.
const EXTENSION: &str = "extension";
/// How long one scenario may take: on a busy machine the suite's own limit makes false failures.
const SCENARIO_MS_MAX: &str = "90000";
/// The ways through Gatehold: the explicit forward proxy, and an address of the gateway's own.
const WAYS: [&str; 2] = ["forward", "reverse"];
/// What CI runs: the wire, signing in, and scopes that are asked for later, at one revision.
const QUICK_REVISION: &str = "2026-07-28";
const QUICK: [&str; 5] = [
    "tools_call",
    "http-custom-headers",
    "auth/metadata-default",
    "auth/scope-step-up",
    "auth/token-endpoint-auth-post",
];

/// What a client in `reverse` must never come to: a token for the server, which would be one passed through.
const SIGNED_IN: [&str; 3] = ["authorization-request", "token-request", "valid-bearer-token"];

/// Everything that a run needs.
struct Bench {
    node: PathBuf,
    suite: PathBuf,
    binary: PathBuf,
    folder: PathBuf,
}

/// A scenario at a revision.
#[derive(Debug, PartialEq, Eq)]
struct Case {
    scenario: String,
    revision: String,
}

/// What came of all scenarios of a revision over one way.
#[derive(Default)]
struct Sum {
    scenarios: usize,
    passed: u32,
    failed: u32,
    stated: usize,
    differing: usize,
}

/// Runs them.
///
/// # Errors
/// When something cannot be started, or a scenario differs and no reason is stated for it.
pub(super) fn run(arguments: &[String]) -> Outcome {
    let options = Options::parse(arguments)?;
    let (node, suite) = setup::for_suite()?;
    let binary = std::path::absolute(super::find_binary(options.binary.as_deref())?)?;
    let folder = workspace::root().join("target/conformance-clients");
    if folder.exists() {
        fs::remove_dir_all(&folder).during("cannot clear target/conformance-clients")?;
    }
    let bench = Bench { node, suite, binary, folder };
    let expectations = Expectations::read()?;
    let mut cases = bench.cases()?;
    if options.quick {
        cases.retain(|case| case.revision == QUICK_REVISION && QUICK.contains(&case.scenario.as_str()));
    }
    let started = Instant::now();
    let mut sums: BTreeMap<(String, &str), Sum> = BTreeMap::new();
    for case in &cases {
        let direct = bench.look(case, "direct")?;
        add(sums.entry((case.revision.clone(), "direct")).or_default(), &direct);
        for way in WAYS {
            let (through, differences, stated) = compare_once_more(&bench, case, way, &direct, &expectations)?;
            let sum = sums.entry((case.revision.clone(), way)).or_default();
            add(sum, &through);
            sum.stated += stated;
            sum.differing += usize::from(!differences.is_empty());
            for found in differences {
                println!(
                    "  {} · {} · {way}: {} {}: {} times directly, {} times through",
                    case.revision, case.scenario, found.check, found.status, found.direct, found.through
                );
            }
        }
    }
    print(&sums);
    println!(
        "conformance clients in {}; the suite's words: {}",
        step::seconds(started.elapsed()),
        bench.folder.display()
    );
    match sums.values().map(|sum| sum.differing).sum::<usize>() {
        0 if options.quick => Ok(()),
        0 => expectations.refuse_stale(),
        count => Err(Failure::new(format!("{count} scenarios differ from the direct run, as listed above"))),
    }
}

/// What a way shows against the direct run. What differs without a stated reason is looked at again, both ways: some
/// checks measure time.
fn compare_once_more(
    bench: &Bench,
    case: &Case,
    way: &'static str,
    direct: &Checks,
    expectations: &Expectations,
) -> Outcome<(Checks, Vec<Difference>, usize)> {
    let run = Run { server: CLIENT, revision: &case.revision, path: way };
    let judge = |direct: &Checks, through: &Checks| {
        let of = |checks: &Checks| Results::from([(case.scenario.clone(), checks.clone())]);
        let mut differences = compare::differences(&of(direct), &of(through));
        let stated = expectations.excuse(run, &mut differences).len();
        if way == "reverse" && stated > 0 {
            differences.extend(signed_in(&case.scenario, through));
        }
        (differences, stated)
    };
    let through = bench.look(case, way)?;
    let (differences, stated) = judge(direct, &through);
    if differences.is_empty() {
        return Ok((through, differences, stated));
    }
    println!("  differs, looking again: {} · {} · {way}", case.revision, case.scenario);
    let (direct, through) = (bench.look(case, "direct")?, bench.look(case, way)?);
    let (differences, stated) = judge(&direct, &through);
    Ok((through, differences, stated))
}

/// The successes of a scenario that mean that the client got a token, where it must get none.
fn signed_in<'a>(scenario: &'a str, through: &'a Checks) -> impl Iterator<Item = Difference> + 'a {
    let signs = |(check, status): &(String, String)| status == "SUCCESS" && SIGNED_IN.contains(&check.as_str());
    through.iter().filter(move |(key, _)| signs(key)).map(move |((check, status), count)| Difference {
        scenario: scenario.to_owned(),
        check: check.clone(),
        status: status.clone(),
        direct: 0,
        through: *count,
    })
}

impl Bench {
    /// Everything that the suite has for clients.
    fn cases(&self) -> Outcome<Vec<Case>> {
        let listed = step::read(Command::new(&self.node).arg(&self.suite).args(["list", "--client"]))?;
        let cases: Vec<Case> = listed.lines().flat_map(cases_of).collect();
        if cases.is_empty() {
            return Err(Failure::new("the suite lists no scenario for clients: has its output changed?"));
        }
        Ok(cases)
    }

    /// Runs one scenario one way and counts its checks.
    fn look(&self, case: &Case, way: &str) -> Outcome<Checks> {
        let folder = self.folder.join(&case.revision).join(case.scenario.replace('/', "-")).join(way);
        let results = folder.join("results");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&results)?;
        let log = File::create(folder.join("suite.log"))?;
        let client = workspace::root().join("fixtures/npm/conformance-client.mjs");
        let words = [self.node.as_path(), &client, Path::new(way), &self.binary, &folder];
        let words = words.map(|part| part.display().to_string()).join(" ");
        let mut suite = Command::new(&self.node);
        suite.arg(&self.suite).args(["client", "--command", &words, "--scenario", &case.scenario]);
        suite.args(["--timeout", SCENARIO_MS_MAX]).arg("-o").arg(&results);
        if case.revision != EXTENSION {
            suite.args(["--spec-version", &case.revision]);
        }
        suite.current_dir(&folder).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // A proxy of the machine must not come between the suite and loopback.
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            suite.env_remove(name);
        }
        // Its status says whether checks failed; they may fail directly too.
        let _judged_by_its_checks = suite.status().during("cannot start the conformance suite")?;
        suite::read(&results)?.remove(&case.scenario).during(format_args!(
            "the suite left no results for {}; its words are in {}",
            case.scenario,
            folder.display()
        ))
    }
}

/// The cases in a line such as `  - tools_call [2025-11-25,2026-07-28]`.
fn cases_of(line: &str) -> Vec<Case> {
    let named = line.trim().strip_prefix("- ").and_then(|rest| rest.strip_suffix(']')?.split_once(" ["));
    let Some((scenario, revisions)) = named else { return Vec::new() };
    revisions.split(',').map(|revision| Case { scenario: scenario.to_owned(), revision: revision.to_owned() }).collect()
}

fn add(sum: &mut Sum, checks: &Checks) {
    sum.scenarios += 1;
    for ((_, status), count) in checks {
        match status.as_str() {
            "SUCCESS" => sum.passed += count,
            "FAILURE" => sum.failed += count,
            _ => {}
        }
    }
}

fn print(sums: &BTreeMap<(String, &str), Sum>) {
    println!(
        "\n{:<11} {:<8} {:>9} {:>7} {:>7} {:>8} {:>7}",
        "revision", "way", "scenarios", "passed", "failed", "differs", "stated"
    );
    for ((revision, way), sum) in sums {
        println!(
            "{revision:<11} {way:<8} {:>9} {:>7} {:>7} {:>8} {:>7}",
            sum.scenarios, sum.passed, sum.failed, sum.differing, sum.stated
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_behind_another_address_is_a_finding() {
        let checks = |id: &str, status: &str| Checks::from([((id.to_owned(), status.to_owned()), 1)]);
        assert_eq!(signed_in("auth/a", &checks("token-request", "SUCCESS")).count(), 1);
        assert_eq!(signed_in("auth/a", &checks("token-request", "FAILURE")).count(), 0);
        assert_eq!(signed_in("auth/a", &checks("pkce-code-challenge-sent", "SUCCESS")).count(), 0);
    }

    #[test]
    fn a_scenario_is_run_at_each_of_its_revisions_and_other_lines_are_none() {
        let cases = cases_of("  - auth/pre-registration [2025-11-25,2026-07-28]");
        let named: Vec<_> = cases.iter().map(|case| (case.scenario.as_str(), case.revision.as_str())).collect();
        assert_eq!(named, [("auth/pre-registration", "2025-11-25"), ("auth/pre-registration", "2026-07-28")]);
        assert!(cases_of("Client scenarios (test against a client):").is_empty());
    }
}
