//! `gatehold explain`: what a finding means, why it matters, what to do about it, and what others call it. The same text
//! makes the catalogue in the documentation. It reads nothing and sends nothing.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use gatehold_decide::diagnostic::nearest;
use gatehold_decide::{Verdict, standard};
use gatehold_inspect::catalogue::{self, Entry, RuleEntry};
use gatehold_session::Direction;
use serde_json::json;

use crate::print;
use crate::shared::Failure;

/// Say what a finding means and what to do about it
///
/// Takes the id of a finding (`TP001`) or the name of a rule (`override-prior`). Without either, lists all findings.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The id of a finding, or the name of a rule
    what: Option<String>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    /// Print the whole catalogue as a page of Markdown
    #[arg(long, conflicts_with_all = ["what", "json"])]
    catalogue: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let entries = catalogue::entries();
    let text = match &arguments.what {
        _ if arguments.catalogue => page(&entries),
        None if arguments.json => lines(entries.iter().map(|entry| as_json(entry).to_string())),
        None => lines(entries.iter().map(|entry| format!("{}  {}", entry.card.id, entry.card.title))),
        Some(what) => match (entries.iter().find(|entry| entry.card.id.eq_ignore_ascii_case(what)), rule(what)) {
            (Some(entry), _) if arguments.json => as_json(entry).to_string(),
            (Some(entry), _) => explained(entry),
            (None, Some(rule)) if arguments.json => {
                json!({ "rule": rule.name, "findings": rule.ids, "says": rule.says }).to_string()
            }
            (None, Some(rule)) => explained_rule(&rule, &entries),
            (None, None) => return Err(unknown(what, &entries)),
        },
    };
    print::line(text.trim_end());
    Ok(ExitCode::SUCCESS)
}

fn rule(name: &str) -> Option<RuleEntry> {
    catalogue::rules().into_iter().find(|rule| rule.name.eq_ignore_ascii_case(name))
}

fn unknown(what: &str, entries: &[Entry]) -> Failure {
    let rules = catalogue::rules();
    let known: Vec<&str> =
        entries.iter().map(|entry| entry.card.id).chain(rules.iter().map(|rule| rule.name)).collect();
    let help = match nearest(what, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`gatehold explain` lists all findings".to_owned(),
    };
    Failure::error(format!("there is no finding and no rule `{}`; {help}", what.escape_debug()))
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

/// What the preset `standard` does with it, each way.
fn standard_action(entry: &Entry, direction: Direction) -> Verdict {
    standard::verdict_for(entry.card.id, entry.card.severity, direction)
}

fn standard_words(entry: &Entry) -> String {
    let (client, server) =
        (standard_action(entry, Direction::FromClient).name(), standard_action(entry, Direction::FromServer).name());
    if client == server { server.to_owned() } else { format!("{server} from a server, {client} from a client") }
}

fn as_json(entry: &Entry) -> serde_json::Value {
    let Entry { card, mistakes, mappings } = entry;
    let mappings: Vec<_> = mappings
        .iter()
        .map(|mapping| json!({ "list": mapping.list, "id": mapping.id, "title": mapping.title }))
        .collect();
    json!({
        "id": card.id,
        "title": card.title,
        "severity": card.severity.name(),
        "means": card.catches,
        "why": card.why,
        "remedy": card.remedy,
        "example": card.example,
        "misses": card.misses,
        "mistakes": mistakes,
        "standard": {
            "from_client": standard_action(entry, Direction::FromClient).name(),
            "from_server": standard_action(entry, Direction::FromServer).name(),
        },
        "mappings": mappings,
    })
}

fn explained(entry: &Entry) -> String {
    let Entry { card, mistakes, mappings } = entry;
    let mut text = format!("{}: {} ({} at its worst)\n", card.id, card.title, card.severity.name());
    for (name, line) in [
        ("What it means", card.catches),
        ("Why it matters", card.why),
        ("What to do", card.remedy),
        ("Example", &visible(card.example)),
        ("What it misses", card.misses),
        ("What it may take wrongly", mistakes),
        ("What the preset `standard` does", &standard_words(entry)),
    ] {
        let _infallible = write!(text, "\n{name}:\n  {line}\n");
    }
    text.push_str("\nWhat others call it:\n");
    for mapping in mappings {
        let _infallible = writeln!(text, "  {}: {} {}", mapping.list, mapping.id, mapping.title);
    }
    text
}

fn explained_rule(rule: &RuleEntry, entries: &[Entry]) -> String {
    let mut text = format!("{}: a rule that finds what {}\n\nIt is reported as:\n", rule.name, rule.says);
    for entry in entries.iter().filter(|entry| rule.ids.contains(&entry.card.id)) {
        let _infallible = writeln!(text, "  {}  {}", entry.card.id, entry.card.title);
    }
    text.push_str("\nTo let it pass in one place, put an entry with `action: audit` into the policy's `findings`.\n");
    text
}

/// An example in which nothing hides and nothing moves the cursor.
fn visible(text: &str) -> String {
    use gatehold_inspect::normalise::characters::unseen;

    let shown = |c: char| {
        if c.is_control() || unseen(c).is_some() { format!("<U+{:04X}>", u32::from(c)) } else { c.to_string() }
    };
    text.chars().map(shown).collect()
}

/// The page of all findings.
fn page(entries: &[Entry]) -> String {
    let mut text =
        "# Findings\n\nEverything that can be found, as `gatehold explain <id>` says it. What happens with a \
                    finding is the policy's choice; the preset `standard` chooses as stated.\n\n\
                    | Id | Finding | At its worst | `standard` |\n|---|---|---|---|\n"
            .to_owned();
    for entry in entries {
        let (id, title) = (entry.card.id, entry.card.title);
        let (severity, action) = (entry.card.severity.name(), standard_words(entry));
        let _infallible = writeln!(text, "| [{id}](#{}) | {title} | {severity} | {action} |", id.to_lowercase());
    }
    for Entry { card, mistakes, mappings } in entries {
        let example = visible(card.example);
        let _infallible = write!(
            text,
            "\n## {}\n\n**{}.** {}\n\n- Why it matters: {}\n- What to do: {}\n- What it misses: {}\n- What it may take \
             wrongly: {mistakes}\n\nExample:\n\n```text\n{example}\n```\n\n| List | Id | Title |\n|---|---|---|\n",
            card.id, card.title, card.catches, card.why, card.remedy, card.misses,
        );
        for mapping in mappings {
            let _infallible = writeln!(text, "| {} | {} | {} |", mapping.list, mapping.id, mapping.title);
        }
    }
    text
}
