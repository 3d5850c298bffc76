//! `gatehold policy diff`: what another policy would change. Without a ledger it compares the rules, with one it decides
//! everything again that stands there, under both. What depends on arguments or roles, which no record holds, is
//! counted apart and never guessed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use gatehold_decide::policy::possible::Possible;
use gatehold_decide::policy::view::RuleView;
use gatehold_decide::{Policy, Verdict};
use serde_json::{Value, json};

use super::open;
use super::recorded::{self, Counts, Recorded, UNKNOWN, What};
use crate::print;
use crate::shared::Failure;

/// Groups that are printed of each kind; the rest is counted.
const SHOWN_MAX: usize = 50;

/// Show what another policy would change
///
/// With `--against`, everything in a ledger is decided again under both policies. A record holds no arguments and no
/// roles: where a decision depends on those, both outcomes are possible and it is said so.
///
/// Exit status 0: nothing changes. 1: something does, or may. 2: an error.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The policy as it is: a file, or `preset:NAME`
    before: String,
    /// The policy as it would be
    after: String,
    /// Decide what stands in this ledger again: a file, or a folder
    #[arg(long, value_name = "LEDGER")]
    against: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What would change for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Blocked,
    Held,
    Allowed,
    MayBeBlocked,
    MayBeAllowed,
    Open,
}

impl Change {
    const ALL: [Self; 6] =
        [Self::Blocked, Self::Held, Self::Allowed, Self::MayBeBlocked, Self::MayBeAllowed, Self::Open];

    const fn name(self) -> &'static str {
        match self {
            Self::Blocked => "newly_blocked",
            Self::Held => "newly_held",
            Self::Allowed => "newly_allowed",
            Self::MayBeBlocked => "may_be_blocked",
            Self::MayBeAllowed => "may_be_allowed",
            Self::Open => "open",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Blocked => "newly blocked",
            Self::Held => "newly held for approval",
            Self::Allowed => "newly allowed",
            Self::MayBeBlocked => "may be newly blocked or held, depending on what is not recorded",
            Self::MayBeAllowed => "may be newly allowed, depending on what is not recorded",
            Self::Open => "cannot be told: both policies depend on what is not recorded",
        }
    }
}

/// How often, and by which rules.
#[derive(Debug, Default)]
struct Group {
    count: usize,
    before: String,
    after: String,
}

type Groups = BTreeMap<(Change, What), Group>;

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (before, after) = (open::policy(&arguments.before)?, open::policy(&arguments.after)?);
    let Some(ledger) = &arguments.against else { return Ok(rules(arguments, &before, &after)) };
    let mut groups = Groups::new();
    let counts = recorded::read(ledger, &mut |recorded| {
        if let Some((change, before, after)) = compare(&recorded, &before, &after) {
            let group = groups.entry((change, recorded.what)).or_default();
            group.count += 1;
            (group.before, group.after) = (before, after);
        }
    })?;
    if arguments.json {
        print::line(&as_json(&counts, &groups).to_string());
    } else {
        as_text(&counts, &groups);
    }
    Ok(ExitCode::from(u8::from(!groups.is_empty())))
}

/// How a decision treats a message: passes, waits, does not pass.
const fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allow | Verdict::Redact => 0,
        Verdict::Hold => 1,
        Verdict::Deny => 2,
    }
}

/// What changes for one message, with the rules on either side; nothing when it is decided the same way.
fn compare(recorded: &Recorded, before: &Policy, after: &Policy) -> Option<(Change, String, String)> {
    let findings = recorded.rehearsal.findings(None);
    let old = then(recorded, before, recorded.rehearsal.possible(before, &findings, &UNKNOWN));
    let new = then(recorded, after, recorded.rehearsal.possible(after, &findings, &UNKNOWN));
    let weights = |all: &[Possible]| {
        let weights = all.iter().map(|one| weight(one.verdict));
        (weights.clone().min().unwrap_or(0), weights.max().unwrap_or(0))
    };
    let ((old_least, old_most), (new_least, new_most)) = (weights(&old), weights(&new));
    let change = if old_least == old_most && new_least == new_most {
        match (old_least, new_least) {
            (old, new) if old == new => return None,
            (_, 2) => Change::Blocked,
            (0, _) => Change::Held,
            (_, _) => Change::Allowed,
        }
    } else if old == new {
        return None;
    } else if new_most > old_most || (new_least == new_most && new_most > old_least) {
        Change::MayBeBlocked
    } else if new_least < old_least || (new_least == new_most && new_least < old_most) {
        Change::MayBeAllowed
    } else if old_least == old_most {
        if new_most > old_most { Change::MayBeBlocked } else { Change::MayBeAllowed }
    } else {
        Change::Open
    };
    Some((change, in_words(&old), in_words(&new)))
}

/// What was recorded under this very policy is known: of what is possible only that remains.
fn then(recorded: &Recorded, policy: &Policy, possible: Vec<Possible>) -> Vec<Possible> {
    if possible.len() < 2 || recorded.policy != **policy.digest() {
        return possible;
    }
    let known: Vec<Possible> = possible.iter().filter(|one| one.verdict.name() == recorded.action).cloned().collect();
    if known.is_empty() { possible } else { known }
}

fn in_words(possible: &[Possible]) -> String {
    let words: Vec<String> = possible.iter().map(|one| format!("{} by {}", one.verdict.name(), one.rule)).collect();
    words.join(" or ")
}

fn as_text(counts: &Counts, groups: &Groups) {
    let Counts { files, replayed, skipped } = counts;
    print::line(&format!(
        "{replayed} messages of {files} files decided again; {skipped} could not be (cut names, or no records)"
    ));
    let mut changed = 0;
    for change in Change::ALL {
        let of_kind: Vec<_> = groups.iter().filter(|((kind, _), _)| *kind == change).collect();
        let count: usize = of_kind.iter().map(|(_, group)| group.count).sum();
        if count == 0 {
            continue;
        }
        changed += count;
        print::line(&format!("\n{}: {count}", change.title()));
        for ((_, what), group) in of_kind.iter().take(SHOWN_MAX) {
            let who = recorded::printable(&what.principal);
            print::line(&format!("  {:>6} x {} for {who}", group.count, what.sentence()));
            print::line(&format!("           before: {}", group.before));
            print::line(&format!("           after:  {}", group.after));
        }
        if let Some(more) = of_kind.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
            print::line(&format!("           and {more} more of this kind"));
        }
    }
    print::line(&format!("\nunchanged: {}", replayed - changed));
}

fn as_json(counts: &Counts, groups: &Groups) -> Value {
    let changes: Vec<Value> = groups
        .iter()
        .map(|((change, what), group)| {
            json!({
                "change": change.name(), "count": group.count, "method": what.method, "subject": what.subject,
                "server": what.server, "principal": what.principal, "before": group.before, "after": group.after,
            })
        })
        .collect();
    let changed: usize = groups.values().map(|group| group.count).sum();
    json!({
        "files": counts.files, "replayed": counts.replayed, "skipped": counts.skipped,
        "unchanged": counts.replayed - changed, "changes": changes,
    })
}

/// Compares the rules by their names.
fn rules(arguments: &Arguments, before: &Policy, after: &Policy) -> ExitCode {
    let written = |rule: &RuleView<'_>| {
        let name = format!("{} {}", rule.section().name(), rule.name());
        let reason = rule.reason().map_or_else(String::new, |reason| format!(" reason: {reason}"));
        let when = rule.when().map_or_else(String::new, |when| format!(" when: {when}"));
        (name, format!("{} {}{when}{reason}", rule.action(), rule.summary()))
    };
    let old: Vec<(String, String)> = before.rules().map(|rule| written(&rule)).collect();
    let new: Vec<(String, String)> = after.rules().map(|rule| written(&rule)).collect();
    let mut lines: Vec<(&str, &str, &str)> = Vec::new();
    for (name, text) in old.iter().filter(|rule| !new.contains(rule)) {
        lines.push(("-", name, text));
    }
    for (name, text) in new.iter().filter(|rule| !old.contains(rule)) {
        lines.push(("+", name, text));
    }
    let kept = |rules: &[(String, String)], others: &[(String, String)]| -> Vec<(String, String)> {
        rules.iter().filter(|rule| others.contains(rule)).cloned().collect()
    };
    let is_reordered = kept(&old, &new) != kept(&new, &old);
    let is_same_file = before.digest() == after.digest();
    if arguments.json {
        let changes: Vec<Value> =
            lines.iter().map(|(sign, name, text)| json!({ "sign": sign, "rule": name, "text": text })).collect();
        let value = json!({ "changes": changes, "reordered": is_reordered, "same_text": is_same_file });
        print::line(&value.to_string());
    } else {
        for (sign, name, text) in &lines {
            print::line(&format!("{sign} {name}: {text}"));
        }
        if is_reordered {
            print::line("rules stand in another order");
        }
        if lines.is_empty() && !is_reordered && !is_same_file {
            print::line("the rules are the same; mode, default, findings, effects or comments differ");
        }
    }
    ExitCode::from(u8::from(!is_same_file))
}
