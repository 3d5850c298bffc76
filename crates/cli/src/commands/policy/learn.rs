//! `gatehold policy learn`: a least-privilege policy from what a ledger saw, with what it would have refused. What was
//! refused then, or looked like an attack, is not learnt. It proposes; a person decides.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use gatehold_decide::presets;
use gatehold_decide::writing::{self, Rule, literal};
use gatehold_decide::{Policy, Verdict};
use gatehold_inspect::Severity;
use gatehold_wire::Method;

use super::recorded::{self, Recorded, UNKNOWN, What};
use crate::print;
use crate::shared::Failure;

/// The most different things that are learnt; a ledger with more is too wide for a list.
const LEARNT_MAX: usize = 5_000;
/// What a comment lists of each kind.
const LISTED_MAX: usize = 100;

/// Propose a least-privilege policy from recorded traffic
///
/// The policy allows what passed in the ledger, to whom it passed, and nothing else; it stands on the preset
/// `standard`. Arguments are not recorded, so it cannot narrow them. What it would have refused stands in comments at
/// its end.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The ledger: a file, or a folder
    #[arg(long, value_name = "LEDGER")]
    from: PathBuf,
    /// Learn only what was seen at least this often
    #[arg(long, value_name = "TIMES", default_value_t = 1)]
    at_least: usize,
    /// Allow it to everybody, not only to those who did it
    #[arg(long)]
    for_everybody: bool,
}

/// What was seen, how often it passed, and what speaks against learning it.
#[derive(Debug, Default)]
struct Seen {
    passed: usize,
    refused: usize,
    alarming: usize,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut seen: BTreeMap<What, Seen> = BTreeMap::new();
    let mut is_too_wide = false;
    recorded::read(&arguments.from, &mut |recorded| {
        if !seen.contains_key(&recorded.what) && seen.len() >= LEARNT_MAX {
            is_too_wide = true;
            return;
        }
        let is_refused = matches!(recorded.action.as_str(), "deny" | "hold");
        let is_alarming = recorded.gravest >= Some(Severity::High);
        let one = seen.entry(recorded.what).or_default();
        one.alarming += usize::from(is_alarming);
        one.refused += usize::from(is_refused);
        one.passed += usize::from(!is_refused && !is_alarming);
    })?;
    if is_too_wide {
        let text =
            format!("the ledger has more than {LEARNT_MAX} different things: learn from one file or server at a time");
        return Err(Failure::error(text));
    }
    let mut text = String::from(
        "# Learnt from a ledger: it allows what passed there, and nothing else. Read it before you use it: arguments\n\
         # are not recorded, so it does not narrow them. What needs no rule of its own (lists, notifications) has none.\n\
         version: 1\ndefault: deny\nextends: [standard]\n",
    );
    writing::rules(&rules(arguments, &seen), &mut text);
    let policy = Policy::load_with("the learnt policy", &text, &|_, name| presets::layer(name)).map_err(|error| {
        Failure::error(format!("what was learnt does not load, which is a fault of ours:\n{error}"))
    })?;
    comments(arguments, &seen, &policy, &mut text)?;
    print::line(text.trim_end());
    Ok(ExitCode::SUCCESS)
}

/// What a rule says beside the names that it lists: everything that is learnt with the same of it is one rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    server: String,
    method: String,
    from_server: bool,
    principals: BTreeSet<String>,
}

/// What was used: server, method, whether the server asked, subject.
type Used = (String, String, bool, Option<String>);

/// By whom, and how often.
#[derive(Debug, Default)]
struct Users {
    principals: BTreeSet<String>,
    is_anonymous: bool,
    passed: usize,
}

fn rules(arguments: &Arguments, seen: &BTreeMap<What, Seen>) -> Vec<Rule> {
    let mut users: BTreeMap<Used, Users> = BTreeMap::new();
    for (what, times) in seen.iter().filter(|(what, times)| times.passed > 0 && needs_a_rule(what)) {
        let used = (what.server.clone(), what.method.clone(), what.from_server, what.subject.clone());
        let users = users.entry(used).or_default();
        users.principals.insert(what.principal.clone());
        users.is_anonymous |= what.is_anonymous;
        users.passed += times.passed;
    }
    let mut shapes: BTreeMap<Shape, BTreeSet<String>> = BTreeMap::new();
    for ((server, method, from_server, subject), Users { principals, is_anonymous, passed }) in users {
        if passed < arguments.at_least {
            continue;
        }
        // A name that nobody proved narrows nothing.
        let principals = if arguments.for_everybody || is_anonymous { BTreeSet::new() } else { principals };
        shapes.entry(Shape { server, method, from_server, principals }).or_default().extend(subject);
    }
    shapes.into_iter().map(|(shape, subjects)| rule(&shape, &subjects)).collect()
}

fn rule(shape: &Shape, subjects: &BTreeSet<String>) -> Rule {
    let literals = |texts: &BTreeSet<String>| texts.iter().map(|text| literal(text)).collect::<Vec<_>>();
    let key = match shape.method.as_str() {
        "tools/call" => "tool",
        "prompts/get" => "prompt",
        _ => "resource",
    };
    let direction = if shape.from_server { "from_server" } else { "from_client" };
    let rule = Rule::new(format!("learnt/{}/{}", shape.server, shape.method), "allow")
        .with("server", &[literal(&shape.server)])
        .with("method", &[literal(&shape.method)])
        .with(key, &literals(subjects))
        .with("principal", &literals(&shape.principals));
    match shape.from_server {
        true => {
            Rule { conditions: [vec![("direction", direction.to_owned())], rule.conditions.clone()].concat(), ..rule }
        }
        false => rule,
    }
}

/// Whether a message needs a rule: the rest is allowed by itself.
fn needs_a_rule(what: &What) -> bool {
    let is_asked = matches!(
        Method::known(&what.method),
        Some(
            Method::ToolsCall
                | Method::PromptsGet
                | Method::ResourcesRead
                | Method::ResourcesSubscribe
                | Method::ResourcesUnsubscribe
                | Method::SamplingCreateMessage
                | Method::ElicitationCreate
                | Method::RootsList
        )
    );
    is_asked || (Method::known(&what.method).is_none() && !what.method.starts_with("notifications/"))
}

/// What was not learnt, and what of the ledger the policy would have refused.
fn comments(
    arguments: &Arguments,
    seen: &BTreeMap<What, Seen>,
    policy: &Policy,
    text: &mut String,
) -> Result<(), Failure> {
    let mut write = |line: &str| {
        text.push_str("# ");
        text.push_str(line);
        text.push('\n');
    };
    let unlearnt: Vec<String> = seen
        .iter()
        .filter(|(_, times)| times.refused + times.alarming > 0)
        .map(|(what, times)| {
            let Seen { refused, alarming, .. } = times;
            format!(
                "  {} for {}: {refused} refused or held, {alarming} alarming",
                what.sentence(),
                recorded::printable(&what.principal)
            )
        })
        .collect();
    listed("Not learnt from:", &unlearnt, &mut write);
    let mut refused: BTreeMap<What, usize> = BTreeMap::new();
    recorded::read(&arguments.from, &mut |recorded: Recorded| {
        let findings = recorded.rehearsal.findings(None);
        let possible = recorded.rehearsal.possible(policy, &findings, &UNKNOWN);
        if possible.iter().all(|one| one.verdict >= Verdict::Hold) {
            *refused.entry(recorded.what).or_default() += 1;
        }
    })?;
    let refused: Vec<String> = refused
        .iter()
        .map(|(what, count)| format!("  {count} x {} for {}", what.sentence(), recorded::printable(&what.principal)))
        .collect();
    let title = if refused.is_empty() {
        "Nothing in the ledger would have been refused."
    } else {
        "What it would have refused or held:"
    };
    listed(title, &refused, &mut write);
    Ok(())
}

fn listed(title: &str, lines: &[String], write: &mut impl FnMut(&str)) {
    if lines.is_empty() && title.ends_with(':') {
        return;
    }
    write("");
    write(title);
    for line in lines.iter().take(LISTED_MAX) {
        write(line);
    }
    if let Some(more) = lines.len().checked_sub(LISTED_MAX).filter(|more| *more > 0) {
        write(&format!("  and {more} more"));
    }
}
