//! What admission costs: the same calls at 32 connections through gateways that differ in one thing each (a key, a
//! token, a long policy, limits, a shared store), as processor time per call and its difference to the gateway that
//! has none of it. Differences are taken within a round, so that a machine that is busy slows both sides.

use std::io;
use std::path::Path;

use gatehold_bench::load::{self, Report, Settings, Until};
use serde_json::{Value, json};

use crate::compare::{self, median};
use crate::options::Options;
use crate::served::{self, Served, Store};
use crate::target::{Folder, POLICY};

/// How many connections call at a time.
const CONNECTIONS: usize = 32;
/// The text of a call, in bytes.
const PAYLOAD_BYTES: usize = 120;
/// How many rules the long policy has.
const RULES: usize = 1_000;

/// What a gateway has beside the ten rules and the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extra {
    Nothing,
    Key,
    Token,
    Rules,
    Rates,
    Store,
    KeyRulesRates,
    TokenRulesRates,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Cost {
    pub(crate) what: &'static str,
    /// Processor time of the gateway per call, in microseconds.
    pub(crate) cpu_us: f64,
    /// The difference to the gateway that has nothing; `None` for that one itself.
    pub(crate) added_us: Option<f64>,
    pub(crate) rate: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) calls: u64,
    pub(crate) errors: u64,
    pub(crate) first_error: Option<String>,
}

/// The line whose difference is a target: everything in one process, with a token that was seen before.
pub(crate) const WHOLE: &str = "token, 1,000 rules, two rates";

impl Extra {
    const ALL: [Self; 8] = [
        Self::Nothing,
        Self::Key,
        Self::Token,
        Self::Rules,
        Self::Rates,
        Self::Store,
        Self::KeyRulesRates,
        Self::TokenRulesRates,
    ];

    /// The name in the table.
    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing: ten rules, ledger",
            Self::Key => "API key",
            Self::Token => "token (JWT, ES256)",
            Self::Rules => "1,000 rules",
            Self::Rates => "two rates",
            Self::Store => "two rates in a shared store",
            Self::KeyRulesRates => "key, 1,000 rules, two rates",
            Self::TokenRulesRates => WHOLE,
        }
    }

    fn has_key(self) -> bool {
        matches!(self, Self::Key | Self::KeyRulesRates)
    }

    fn has_token(self) -> bool {
        matches!(self, Self::Token | Self::TokenRulesRates)
    }

    fn has_rates(self) -> bool {
        matches!(self, Self::Rates | Self::Store | Self::KeyRulesRates | Self::TokenRulesRates)
    }

    /// The policy as text.
    fn policy(self) -> String {
        let is_long = matches!(self, Self::Rules | Self::KeyRulesRates | Self::TokenRulesRates);
        if is_long { long_policy() } else { POLICY.to_owned() }
    }

    /// A gateway with this, and what its clients show.
    fn start(self, program: &Path, store: Option<&Store>) -> io::Result<(Served, Option<String>)> {
        let folder = Folder::create()?;
        let mut more = json!({});
        let mut set =
            |name: &str, value: Value| more.as_object_mut().and_then(|all| all.insert(name.to_owned(), value));
        let mut credential = None;
        if self.has_key() {
            credential = Some(served::make_key(program, &folder, "bench")?);
            set("authentication", served::keys_section());
        }
        if self.has_token() {
            let (section, token) = served::make_token(&folder)?;
            set("authentication", section);
            credential = Some(token);
        }
        if self.has_rates() {
            set("rates", rates());
        }
        if let Some(store) = store.filter(|_| self == Self::Store) {
            set("state", store.section());
        }
        Ok((Served::start(program, folder, &self.policy(), &more)?, credential))
    }
}

/// Two rates that every call is charged to and none passes: what counting costs, not what refusing costs.
pub(crate) fn rates() -> Value {
    json!([
        { "name": "calls", "rate": "1000000/s", "per": ["principal", "tool"], "match": { "method": "tools/call" } },
        { "name": "all", "rate": "1000000/s", "per": ["session"], "manner": "sliding" },
    ])
}

/// The ten rules behind 990 others. Most are about other tools, as in a company with many servers; every fiftieth
/// looks at the arguments of every call, so that no index by name helps.
fn long_policy() -> String {
    let (head, rules) = POLICY.split_once("rules:\n").unwrap_or((POLICY, ""));
    let others = (0..RULES - 10).map(|number| {
        if number % 50 == 0 {
            format!(
                "  - {{name: amount {number}, action: deny, match: {{method: tools/call, tool: \"*\", arguments: \
                 {{amount_{number}: {{above: 100}}}}}}}}\n"
            )
        } else {
            let action = if number % 3 == 0 { "deny" } else { "allow" };
            format!(
                "  - {{name: service {number}, action: {action}, match: {{method: tools/call, tool: \
                 [\"service_{number}_*\", \"job_{number}\"]}}}}\n"
            )
        }
    });
    format!("{head}rules:\n{}{rules}", others.collect::<String>())
}

/// Measures all of it. Where no store is installed, its line is left out.
pub(crate) fn measure(options: &Options, program: &Path) -> io::Result<Vec<Cost>> {
    let store = Store::start()?;
    if store.is_none() {
        eprintln!("# admission: no redis-server, so that the shared store is left out (`cargo xtask setup redis`)");
    }
    let extras: Vec<Extra> = Extra::ALL.into_iter().filter(|extra| *extra != Extra::Store || store.is_some()).collect();
    let rounds = compare::in_rounds(options.rounds, &extras, |extra| {
        let (served, credential) = extra.start(program, store.as_ref())?;
        let settings = Settings {
            endpoint: served.endpoint.clone().with_credential(credential.as_deref()),
            connections: CONNECTIONS,
            payload_bytes: PAYLOAD_BYTES,
            warm_up: options.warm_up,
            until: Until::Elapsed(options.time),
            watched: vec![served.process.pid()],
        };
        load::run(&settings).map_err(|error| served.explain(&error))
    })?;
    Ok(costs(&extras, &rounds))
}

/// Boils the rounds down. The first list is that of the gateway with nothing.
fn costs(extras: &[Extra], rounds: &[Vec<Report>]) -> Vec<Cost> {
    let base = rounds.first();
    let cost = |(extra, own): (&Extra, &Vec<Report>)| Cost {
        what: extra.name(),
        cpu_us: median(own.iter().filter_map(|report| report.cpu_us)).unwrap_or_default(),
        added_us: base
            .filter(|_| *extra != Extra::Nothing)
            .and_then(|base| median(own.iter().zip(base).filter_map(|(own, base)| Some(own.cpu_us? - base.cpu_us?)))),
        rate: median(own.iter().map(|report| report.rate)).unwrap_or_default(),
        p50_us: median(own.iter().map(|report| report.p50_us)).unwrap_or_default(),
        p99_us: median(own.iter().map(|report| report.p99_us)).unwrap_or_default(),
        calls: own.iter().map(|report| report.calls).sum(),
        errors: own.iter().map(|report| report.errors).sum(),
        first_error: own.iter().find_map(|report| report.first_error.clone()),
    };
    extras.iter().zip(rounds).map(cost).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(cpu_us: f64) -> Report {
        Report {
            calls: 10,
            errors: 0,
            first_error: None,
            rate: 1.0,
            p50_us: 1.0,
            p99_us: 2.0,
            cpu_us: Some(cpu_us),
            peak_kib: None,
        }
    }

    #[test]
    fn a_difference_is_taken_within_its_round() {
        // The second round was ten times slower: the difference of the medians would be another.
        let rounds = [vec![report(10.0), report(100.0), report(10.0)], vec![report(12.0), report(103.0), report(12.5)]];
        let costs = costs(&[Extra::Nothing, Extra::Key], &rounds);
        assert_eq!((costs[0].added_us, costs[1].added_us), (None, Some(2.5)));
        assert_eq!((costs[1].cpu_us, costs[1].calls), (12.5, 30));
    }

    #[test]
    fn the_long_policy_has_a_thousand_rules_and_ends_with_the_ten() {
        let policy = long_policy();
        assert_eq!(policy.matches("- {name:").count() + policy.matches("- name:").count(), RULES);
        assert!(policy.ends_with(POLICY.split_once("rules:\n").unwrap().1));
    }
}
