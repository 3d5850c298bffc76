//! Reads what a rule orders: its action, and what belongs to it.

use std::sync::Arc;
use std::time::Duration;

use super::{Reader, duration_of, get};
use crate::diagnostic::Source;
use crate::document::{Entry, Node, Value};
use crate::obligation::{ApprovalDemand, Demand, Dimension, Limit, Manner, Rate, StepUpDemand, Way};
use crate::policy::argument::Path;
use crate::policy::findings::APPROVAL_WAIT;
use crate::policy::rule::Action;
use crate::redact::{Redaction, Replacement};

/// How long a second factor is waited for where a policy does not say.
const STEP_UP_WAIT: Duration = Duration::from_secs(2 * 60);
/// How long a second factor serves where a policy does not say.
const STEP_UP_LASTS: Duration = Duration::from_secs(15 * 60);
/// The most roles of approvers, dimensions of a limit, or paths to take out.
const ITEMS_MAX: usize = 64;
/// The most that a rate counts to.
const RATE_MAX: u32 = 1_000_000_000;

const APPROVAL_KEYS: [&str; 4] = ["people", "roles", "wait", "ask"];
const SECOND_FACTOR_KEYS: [&str; 2] = ["wait", "lasts"];
const LIMIT_KEYS: [&str; 4] = ["rate", "burst", "per", "manner"];
const REDACT_KEYS: [&str; 3] = ["findings", "arguments", "with"];

pub(super) const REPLACEMENTS: [(&str, Replacement); 4] = [
    (Replacement::Mark.name(), Replacement::Mark),
    (Replacement::Mask.name(), Replacement::Mask),
    (Replacement::Hash.name(), Replacement::Hash),
    (Replacement::Vault.name(), Replacement::Vault),
];

/// The words of `action`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Allow,
    Deny,
    Audit,
    Redact,
    Hold,
    StepUp,
    Limit,
}

const WORDS: [(&str, Word); 7] = [
    ("allow", Word::Allow),
    ("deny", Word::Deny),
    ("audit", Word::Audit),
    ("redact", Word::Redact),
    ("hold", Word::Hold),
    ("step_up", Word::StepUp),
    ("limit", Word::Limit),
];

/// The keys that belong to one action only.
const BELONGING: [(&str, Word); 5] = [
    ("hidden", Word::Deny),
    ("approval", Word::Hold),
    ("second_factor", Word::StepUp),
    ("limit", Word::Limit),
    ("redact", Word::Redact),
];

impl Reader {
    /// What a rule orders.
    pub(super) fn action(
        &mut self,
        table: &[Entry],
        node: &Node,
        name: Option<&Arc<str>>,
        source: &Source,
    ) -> Option<Action> {
        let word = self.required(table, node, "action").and_then(|node| self.word(node, &WORDS))?;
        for (key, owner) in BELONGING {
            if owner != word
                && let Some(entry) = get(table, key)
            {
                let action = WORDS.iter().find(|(_, word)| *word == owner).map_or("", |(name, _)| *name);
                let help = format!("take it out, or write `action: {action}`");
                self.error::<()>(format!("`{key}` belongs to `action: {action}`"), entry.key_span.clone(), help);
            }
        }
        match word {
            Word::Allow => Some(Action::Allow),
            Word::Audit => Some(Action::Audit),
            Word::Deny => self.shown(table).map(Action::Deny),
            Word::Hold => self.approval(table).map(|demand| Action::Hold(Arc::new(demand))),
            Word::StepUp => self.second_factor(table).map(|demand| Action::Hold(Arc::new(demand))),
            Word::Limit => {
                let limit = self.required(table, node, "limit").and_then(|node| self.rate_limit(node))?;
                let text = get(table, "reason").and_then(|entry| match &entry.node.value {
                    Value::Text(text) => Some(text.trim().into()),
                    _ => None,
                });
                let name = self.limit_name(name?, source);
                Some(Action::Limit(Arc::new(Limit { name, text, ..limit })))
            }
            Word::Redact => {
                let node = self.required(table, node, "redact")?;
                self.redaction(node).map(|redaction| Action::Redact(Arc::new(redaction)))
            }
        }
    }

    /// The name by which a limit is counted: the rule's, with its layer where a nearer layer has a limit of that name.
    fn limit_name(&self, name: &Arc<str>, source: &Source) -> Arc<str> {
        if self.limits.contains(name) { format!("{}/{name}", source.name()).into() } else { name.clone() }
    }

    fn approval(&mut self, table: &[Entry]) -> Option<Demand> {
        let mut demand = ApprovalDemand { people: 1, roles: Box::default(), wait: APPROVAL_WAIT, ask: Box::default() };
        let Some(entry) = get(table, "approval") else { return Some(Demand::Approval(demand)) };
        let help = "take `approval` out to ask one approver for five minutes";
        let table = self.filled_table(entry, "`approval` is empty", help, "`approval`", &APPROVAL_KEYS)?;
        if let Some(entry) = get(table, "people") {
            demand.people = match &entry.node.value {
                Value::Number(count) if count == "1" => 1,
                Value::Number(count) if count == "2" => 2,
                _ => {
                    let help = "one, or two different people: write 1 or 2";
                    return self.error("this many people cannot be asked", entry.node.span.clone(), help);
                }
            };
        }
        if let Some(entry) = get(table, "roles") {
            demand.roles = self.names(&entry.node)?;
        }
        if let Some(entry) = get(table, "wait") {
            demand.wait = self.duration(&entry.node)?;
        }
        if let Some(entry) = get(table, "ask") {
            demand.ask = self.words(&entry.node, &Way::ALL.map(|way| (way.name(), way)))?;
        }
        Some(Demand::Approval(demand))
    }

    fn names(&mut self, node: &Node) -> Option<Box<[Box<str>]>> {
        let names = self.several(node, |reader, node| reader.name(node).map(|name| Box::from(&*name)))?;
        self.few(names, node)
    }

    fn few<T>(&mut self, items: Box<[T]>, node: &Node) -> Option<Box<[T]>> {
        if items.len() <= ITEMS_MAX {
            return Some(items);
        }
        self.error("the list is too long", node.span.clone(), format!("at most {ITEMS_MAX}"))
    }

    fn second_factor(&mut self, table: &[Entry]) -> Option<Demand> {
        let mut demand = StepUpDemand { wait: STEP_UP_WAIT, lasts: STEP_UP_LASTS };
        let Some(entry) = get(table, "second_factor") else { return Some(Demand::StepUp(demand)) };
        let help = "take `second_factor` out to wait two minutes for a code that serves fifteen";
        let table =
            self.filled_table(entry, "`second_factor` is empty", help, "`second_factor`", &SECOND_FACTOR_KEYS)?;
        if let Some(entry) = get(table, "wait") {
            demand.wait = self.duration(&entry.node)?;
        }
        if let Some(entry) = get(table, "lasts") {
            demand.lasts = self.duration(&entry.node)?;
        }
        Some(Demand::StepUp(demand))
    }

    /// `limit`, without its name and text.
    fn rate_limit(&mut self, node: &Node) -> Option<Limit> {
        let table = self.table(node, "`limit`", &LIMIT_KEYS)?;
        let rate = self.required(table, node, "rate").and_then(|node| self.rate(node));
        let manners = [("bucket", Manner::Bucket), ("fixed", Manner::Fixed), ("sliding", Manner::Sliding)];
        let manner = match get(table, "manner") {
            Some(entry) => self.word(&entry.node, &manners)?,
            None => Manner::Bucket,
        };
        let burst = match get(table, "burst") {
            Some(entry) if manner == Manner::Bucket => Some(self.burst(&entry.node)?),
            Some(entry) => {
                let help = "windows have no burst: take it out, or write `manner: bucket`";
                return self.error("`burst` belongs to `manner: bucket`", entry.key_span.clone(), help);
            }
            None => None,
        };
        let per = match get(table, "per") {
            Some(entry) => {
                let per = self.several(&entry.node, Self::dimension)?;
                self.few(per, &entry.node)?
            }
            None => Box::default(),
        };
        let (count, time) = rate?;
        let rate = Rate { count, per: time, burst: burst.unwrap_or(count), manner };
        Some(Limit { name: Arc::from(""), rate, per, text: None })
    }

    fn burst(&mut self, node: &Node) -> Option<u32> {
        let count = match &node.value {
            Value::Number(count) => count.parse::<u32>().ok().filter(|count| (1..=RATE_MAX).contains(count)),
            _ => None,
        };
        count.or_else(|| self.error("this is no burst", node.span.clone(), "a whole number, at least 1"))
    }

    /// `10/m`, or `10/30s`.
    fn rate(&mut self, node: &Node) -> Option<(u32, Duration)> {
        let help = "write how many in which time, for instance `10/s`, `100/m` or `500/15m`; units are s, m, h and d";
        let text = self.text(node, help)?;
        let read = |text: &str| {
            let (count, time) = text.split_once('/')?;
            let is_plain = !count.is_empty() && count.bytes().all(|digit| digit.is_ascii_digit());
            let count = count.parse::<u32>().ok().filter(|count| is_plain && (1..=RATE_MAX).contains(count))?;
            let time = if time.len() == 1 { duration_of(&format!("1{time}"))? } else { duration_of(time)? };
            (time <= super::DURATION_MAX).then_some((count, time))
        };
        read(text).or_else(|| self.error(format!("`{text}` is not a rate"), node.span.clone(), help))
    }

    fn dimension(&mut self, node: &Node) -> Option<Dimension> {
        const DIMENSIONS: [&str; 7] = ["principal", "client", "tenant", "session", "server", "method", "tool"];
        let help = "for instance `principal`, `tool` or `\"label:team\"`";
        let text = self.text(node, help)?;
        Some(match text {
            "principal" => Dimension::Principal,
            "client" => Dimension::Client,
            "tenant" => Dimension::Tenant,
            "session" => Dimension::Session,
            "server" => Dimension::Server,
            "method" => Dimension::Method,
            "tool" => Dimension::Tool,
            other => match other.strip_prefix("label:") {
                Some(label) if !label.is_empty() => Dimension::Label(label.into()),
                Some(_) | None => {
                    let expected = format!("one of: {}, label:<name>", DIMENSIONS.join(", "));
                    let help = crate::diagnostic::nearest(other, &DIMENSIONS)
                        .map_or(expected, |near| format!("did you mean `{near}`?"));
                    return self.error(format!("nothing is counted by `{other}`"), node.span.clone(), help);
                }
            },
        })
    }

    fn redaction(&mut self, node: &Node) -> Option<Redaction> {
        let table = self.table(node, "`redact`", &REDACT_KEYS)?;
        let findings = match get(table, "findings") {
            Some(entry) => self.patterns(&entry.node)?,
            None => Box::default(),
        };
        let arguments = match get(table, "arguments") {
            Some(entry) => {
                let paths = self.several(&entry.node, Self::path)?;
                self.few(paths, &entry.node)?
            }
            None => Box::default(),
        };
        let with = match get(table, "with") {
            Some(entry) => self.word(&entry.node, &REPLACEMENTS)?,
            None => Replacement::Mark,
        };
        if findings.is_empty() && arguments.is_empty() {
            let help = "name `findings`, for instance `[\"SE*\"]`, or `arguments` by their paths";
            return self.error("nothing is named to take out", node.span.clone(), help);
        }
        Some(Redaction { findings, arguments, with })
    }

    pub(super) fn path(&mut self, node: &Node) -> Option<Path> {
        let text = self.text(node, "paths are texts: put it in quotes")?;
        match Path::read(text) {
            Ok(path) => Some(path),
            Err(sentence) => {
                let help = "steps are separated by dots, `*` is every element, `\\.` is a literal dot";
                self.error(sentence, node.span.clone(), help)
            }
        }
    }
}
