//! Compares a server as the official conformance suite sees it directly with the same server seen through Gatehold: every
//! scenario must show the same multiset of (check, status). What differs is printed and fails the verb. It judges only
//! sameness: a check that fails both ways is no finding here.

mod clients;
mod compare;
mod expectations;
mod options;
mod process;
mod relay;
mod report;
mod routes;
mod suite;
mod upstream_auth;

use std::path::PathBuf;
use std::time::Instant;

use crate::failure::{During, Failure, Outcome};
use crate::{setup, step, workspace};

use compare::Difference;
use expectations::{Expectations, Run};
use options::Options;
use routes::Route;

/// One run of the suite compared with the direct one.
struct Comparison {
    server: &'static str,
    revision: &'static str,
    route: Route,
    tally: suite::Tally,
    /// What differs and should not.
    differences: Vec<Difference>,
    /// The scenarios that differ and should, with the reason.
    expected: Vec<(String, String)>,
    seconds: f64,
}

/// `conformance [clients | upstream-auth] [--quick] [--server …] [--revision …] [--path …] [--binary PATH]`.
///
/// # Errors
/// When something cannot be run, or when anything differs.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    if arguments.iter().any(|word| word == "--help" || word == "-h") {
        println!("{}", options::HELP);
        return Ok(());
    }
    if let Some((word, rest)) = arguments.split_first()
        && word == "upstream-auth"
    {
        let binary = Options::parse(rest)?.binary;
        return upstream_auth::run(&std::path::absolute(find_binary(binary.as_deref())?)?);
    }
    if let Some((word, rest)) = arguments.split_first()
        && word == "clients"
    {
        return clients::run(rest);
    }
    servers(arguments)?;
    // Who chose a part of the servers did not mean the clients.
    if arguments.iter().all(|word| word == "--quick") { clients::run(arguments) } else { Ok(()) }
}

/// The server side of the suite, as the options say.
fn servers(arguments: &[String]) -> Outcome {
    let options = Options::parse(arguments)?;
    let expectations = Expectations::read()?;
    let fixtures = setup::for_conformance()?;
    let binary = match options.routes.iter().any(Route::needs_gatehold) {
        true => find_binary(options.binary.as_deref())?,
        false => PathBuf::new(),
    };
    let folder = workspace::root().join("target/conformance");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).during("cannot clear target/conformance")?;
    }
    let bench = routes::Bench { fixtures, binary, folder };

    let started = Instant::now();
    let mut comparisons = Vec::new();
    for server in &options.servers {
        for revision in &options.revisions {
            compare_all_routes(&bench, (server, revision), &options, &expectations, &mut comparisons)?;
        }
    }
    report::print(&comparisons);
    let file = report::write(&comparisons, &bench.folder)?;
    println!("{} in {}; report: {}", options.title(), step::seconds(started.elapsed()), file.display());

    let differing = comparisons.iter().filter(|comparison| !comparison.differences.is_empty()).count();
    match differing {
        0 => expectations.refuse_stale(),
        count => Err(Failure::new(format!(
            "{count} of {} runs differ from the direct one, as listed above",
            comparisons.len()
        ))),
    }
}

/// What one run showed: its results, what differs and should not, and what differs with a stated reason.
type Seen = (suite::Results, Vec<Difference>, Vec<(String, String)>);

/// Runs the suite directly, then over every route, and adds what came out.
fn compare_all_routes(
    bench: &routes::Bench,
    (server, revision): (&'static routes::Server, &'static suite::Revision),
    options: &Options,
    expectations: &Expectations,
    comparisons: &mut Vec<Comparison>,
) -> Outcome {
    let mut direct = None;
    let routes = options.routes.iter().filter(|route| **route != Route::Direct && server.compares(**route, revision));
    for route in std::iter::once(&Route::Direct).chain(routes) {
        println!("{} · {} · {}", server.name, revision.label, route.label());
        let started = Instant::now();
        let look = |direct: Option<&suite::Results>| -> Outcome<Seen> {
            let results = bench.run(server, revision, *route)?;
            let mut differences = direct.map(|direct| compare::differences(direct, &results)).unwrap_or_default();
            let run = Run { server: server.name, revision: revision.label, path: route.label() };
            let expected = match *route {
                Route::Direct => Vec::new(),
                _ => expectations.excuse(run, &mut differences),
            };
            Ok((results, differences, expected))
        };
        let (mut results, mut differences, mut expected) = look(direct.as_ref())?;
        if !differences.is_empty() {
            // Some checks wait for something for a limited time. What differs is seen again with fresh processes, and
            // counts if it differs there too; the first sight is printed all the same.
            for seen in &differences {
                println!("  differs, looking again: {}: {} {}", seen.scenario, seen.check, seen.status);
            }
            let again = look(direct.as_ref())?;
            let scenarios: Vec<String> = differences.into_iter().map(|seen| seen.scenario).collect();
            (results, expected) = (again.0, again.2);
            differences = again.1.into_iter().filter(|seen| scenarios.contains(&seen.scenario)).collect();
        }
        comparisons.push(Comparison {
            server: server.name,
            revision: revision.label,
            route: *route,
            tally: suite::tally(&results),
            differences,
            expected,
            seconds: started.elapsed().as_secs_f64(),
        });
        direct.get_or_insert(results);
    }
    Ok(())
}

/// The binary to test: the one that was named, or the newest that was built.
fn find_binary(named: Option<&str>) -> Outcome<PathBuf> {
    if let Some(named) = named {
        let path = PathBuf::from(named);
        return path.is_file().then_some(path).during(format_args!("--binary: there is no file {named}"));
    }
    let built = ["ci", "release", "debug"].map(|profile| workspace::target_folder().join(profile).join("gatehold"));
    let newest = built.into_iter().filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path))).max();
    newest
        .map(|(_, path)| path)
        .during("there is no gatehold binary: run `cargo build -p gatehold` or name one with --binary")
}
