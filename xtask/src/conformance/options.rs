//! The command line of `cargo xtask conformance`. It checks words; it starts nothing.

use crate::failure::{During, Failure, Outcome};

use super::routes::{Route, SERVERS, Server};
use super::suite::{REVISIONS, Revision};

pub(super) const HELP: &str = "\
cargo xtask conformance [options]

Runs the official conformance suite against a server directly and through Gatehold, and fails when anything differs.

  --quick             what CI runs: the fixture server, 2025-11-25 and 2026-07-28, paths enforce and stdio
  --server NAME       fixture | everything | all (all)
  --revision REV      2025-03-26 | 2025-06-18 | 2025-11-25 | 2026-07-28 | default | all (all)
  --path PATH         direct | control | audit | enforce | http (= audit and enforce) | stdio | all (all)
  --binary PATH       the gatehold to test (the newest of target/{ci,release,debug})

cargo xtask conformance clients [--quick] [--binary PATH] runs the suite's scenarios for clients alone: a client directly,
through the explicit forward proxy, and to an address of the gateway's own. Without options, and with --quick, it follows.

cargo xtask conformance upstream-auth [--binary PATH] runs the suite's authorization scenarios for clients instead, with
Gatehold as the OAuth client.

direct runs nothing but the suite and the server; control puts a plain relay of bytes between them, which shows that a
difference on the other paths is Gatehold's and not noise.";

/// What to run.
pub(super) struct Options {
    pub(super) servers: Vec<&'static Server>,
    pub(super) revisions: Vec<&'static Revision>,
    pub(super) routes: Vec<Route>,
    pub(super) binary: Option<String>,
    pub(super) quick: bool,
}

impl Options {
    pub(super) fn parse(arguments: &[String]) -> Outcome<Options> {
        let mut options = Options {
            servers: SERVERS.iter().collect(),
            revisions: REVISIONS.iter().collect(),
            routes: vec![Route::Direct, Route::Control, Route::Audit, Route::Enforce, Route::Stdio],
            binary: None,
            quick: false,
        };
        if arguments.iter().any(|word| word == "--quick") {
            options.quick = true;
            options.servers.truncate(1);
            options.revisions.retain(|revision| ["2025-11-25", "2026-07-28"].contains(&revision.label));
            options.routes = vec![Route::Direct, Route::Enforce, Route::Stdio];
        }
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let mut value = || words.next().during(format_args!("{word} needs a value; --help shows them"));
            match word {
                "--quick" => {}
                "--server" => options.servers = servers(value()?)?,
                "--revision" => options.revisions = revisions(value()?)?,
                "--path" => options.routes = routes(value()?)?,
                "--binary" => options.binary = Some(value()?.to_owned()),
                other => {
                    return Err(Failure::new(format!("conformance does not know `{other}`; --help shows the options")));
                }
            }
        }
        Ok(options)
    }

    /// What was run, for the last line.
    pub(super) fn title(&self) -> &'static str {
        if self.quick { "conformance --quick" } else { "conformance" }
    }
}

fn servers(word: &str) -> Outcome<Vec<&'static Server>> {
    let chosen: Vec<_> = SERVERS.iter().filter(|server| word == "all" || server.name == word).collect();
    some(chosen, || format!("--server: there is no `{word}`; there are fixture, everything, all"))
}

fn revisions(word: &str) -> Outcome<Vec<&'static Revision>> {
    let chosen: Vec<_> = REVISIONS.iter().filter(|revision| word == "all" || revision.label == word).collect();
    some(chosen, || {
        let known: Vec<_> = REVISIONS.iter().map(|revision| revision.label).collect();
        format!("--revision: there is no `{word}`; there are {}, all", known.join(", "))
    })
}

fn routes(word: &str) -> Outcome<Vec<Route>> {
    let every = [Route::Direct, Route::Control, Route::Audit, Route::Enforce, Route::Stdio];
    let chosen = every.into_iter().filter(|route| match word {
        "all" => true,
        "http" => matches!(route, Route::Audit | Route::Enforce),
        word => route.label() == word,
    });
    some(chosen.collect(), || {
        format!("--path: there is no `{word}`; there are direct, control, audit, enforce, http, stdio, all")
    })
}

fn some<T>(chosen: Vec<T>, otherwise: impl FnOnce() -> String) -> Outcome<Vec<T>> {
    if chosen.is_empty() { Err(Failure::new(otherwise())) } else { Ok(chosen) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Outcome<Options> {
        Options::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn quick_is_the_subset_and_other_options_still_apply() {
        let options = parse(&["--quick", "--revision", "2025-06-18"]).unwrap();
        assert_eq!(options.servers.iter().map(|server| server.name).collect::<Vec<_>>(), ["fixture"]);
        assert_eq!(options.revisions.iter().map(|revision| revision.label).collect::<Vec<_>>(), ["2025-06-18"]);
        assert_eq!(options.routes, [Route::Direct, Route::Enforce, Route::Stdio]);
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_there_is() {
        for words in [&["--server", "other"][..], &["--revision", "2024"], &["--path"], &["--fast"]] {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn http_means_both_modes_of_the_proxy() {
        assert_eq!(parse(&["--path", "http"]).unwrap().routes, [Route::Audit, Route::Enforce]);
    }
}
