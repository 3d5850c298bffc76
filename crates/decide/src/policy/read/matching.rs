//! Reads `match`: the conditions of a rule, sorted from cheap to dear.

use gatehold_inspect::Severity;
use gatehold_session::{Direction, Proof, Transport};
use gatehold_wire::Revision;

use super::{Reader, SEVERITIES, get};
use crate::document::{Entry, Node, Value};
use crate::policy::argument::Bound;
use crate::policy::check::{Check, Counter, FindingTest, Patterns, Wanted};
use crate::policy::expression::Expression;
use crate::policy::glob::Glob;
use crate::policy::number::Number;
use crate::policy::window::{DAYS, Days, Hours, Window, read_minute, read_zone};

/// The most labels that a rule asks for.
const LABELS_MAX: usize = 64;

const MATCH_KEYS: [&str; 23] = [
    "method",
    "server",
    "tool",
    "resource",
    "prompt",
    "direction",
    "principal",
    "role",
    "group",
    "scope",
    "label",
    "tenant",
    "proof",
    "client",
    "client_claimed",
    "transport",
    "revision",
    "time",
    "hints",
    "findings",
    "risk",
    "tally",
    "arguments",
];
/// What an entry of `roles` may ask for: it has its role by itself, and rests on no claim.
const ROLE_KEYS: [&str; 20] = [
    "method",
    "server",
    "tool",
    "resource",
    "prompt",
    "direction",
    "principal",
    "group",
    "scope",
    "label",
    "tenant",
    "proof",
    "client",
    "transport",
    "revision",
    "time",
    "findings",
    "risk",
    "tally",
    "arguments",
];
const TIME_KEYS: [&str; 4] = ["days", "from", "to", "zone"];
const HINT_KEYS: [&str; 4] = ["read_only", "destructive", "idempotent", "open_world"];
const FINDINGS_KEYS: [&str; 2] = ["id", "at_least"];
const BOUND_KEYS: [&str; 4] = ["above", "at_least", "below", "at_most"];
const TALLY_KEYS: [&str; 4] = ["requests", "calls", "denied", "alarming"];

const PROOFS: [(&str, Proof); 5] = [
    (Proof::ApiKey.name(), Proof::ApiKey),
    (Proof::Token.name(), Proof::Token),
    (Proof::Certificate.name(), Proof::Certificate),
    (Proof::LocalUser.name(), Proof::LocalUser),
    (Proof::Anonymous.name(), Proof::Anonymous),
];
const TRANSPORTS: [(&str, Transport); 4] = [
    (Transport::Stdio.name(), Transport::Stdio),
    (Transport::StreamableHttp.name(), Transport::StreamableHttp),
    (Transport::LegacySse.name(), Transport::LegacySse),
    (Transport::UnixSocket.name(), Transport::UnixSocket),
];
const DIRECTIONS: [(&str, Direction); 2] =
    [("from_client", Direction::FromClient), ("from_server", Direction::FromServer)];

/// The direction of a rule, and its other conditions.
pub(super) type Conditions = (Option<Direction>, Box<[Check]>);

impl Reader {
    /// The conditions under `match`.
    pub(super) fn conditions(&mut self, entry: &Entry) -> Option<Conditions> {
        let help = "leave `match` out for a rule that concerns every message";
        if let Value::Table(table) = &entry.node.value {
            self.unknown_yet(table)?;
        }
        let table = self.filled_table(entry, "`match` is empty", help, "`match`", &MATCH_KEYS)?;
        self.checks(table)
    }

    /// An expression under `when`. Its errors are shown in the expression where it stands in the file as it is.
    pub(super) fn expression(&mut self, node: &Node) -> Option<Expression> {
        let text = self.text(node, "put the expression in single quotes")?;
        match Expression::read(text) {
            Ok(expression) => Some(expression),
            Err(faults) => {
                for fault in faults {
                    let span = fault.span.and_then(|span| self.within(node, text, span));
                    self.error::<()>(fault.message, span.unwrap_or_else(|| node.span.clone()), fault.help);
                }
                None
            }
        }
    }

    /// The place in the file of a part of a text, where the text stands there without escapes.
    fn within(&self, node: &Node, text: &str, part: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
        let from = self.source.get(node.span.start..)?;
        // Behind the quote, if there is one.
        let at = from.find(text).filter(|at| *at <= 1)?;
        let start = node.span.start + at;
        Some(start + part.start..start + part.end)
    }

    /// The conditions of an entry of `roles`.
    pub(super) fn role_conditions(&mut self, node: &Node) -> Option<Conditions> {
        if let Value::Table(table) = &node.value {
            self.unknown_yet(table)?;
        }
        let table = self.table(node, "an entry of `roles`", &ROLE_KEYS)?;
        if table.is_empty() {
            let help = "name what the role may do, for instance `{server: \"*\"}` for everything";
            return self.error("the entry is empty", node.span.clone(), help);
        }
        self.checks(table)
    }

    /// What the language has no conditions for yet.
    fn unknown_yet(&mut self, table: &[Entry]) -> Option<()> {
        let future = table.iter().find(|entry| matches!(entry.key.as_str(), "taint" | "trust"));
        let Some(entry) = future else { return Some(()) };
        let message = format!("`{}` cannot be asked for yet", entry.key);
        let help = "this version follows no data from call to call and scores no server: take the condition out";
        self.error(message, entry.key_span.clone(), help)
    }

    fn checks(&mut self, table: &[Entry]) -> Option<Conditions> {
        let errors_before = self.errors.len();
        let direction = self.direction(table);
        if let (Some(Direction::FromServer), Some(entry)) = (direction, get(table, "arguments")) {
            let help = "only what the client sends has arguments: take `direction` or `arguments` out";
            self.error::<()>("what comes from a server has no arguments", entry.key_span.clone(), help);
        }
        let mut checks = Vec::new();
        // In this order they are tried: from cheap to dear.
        for key in ["method", "server", "tool", "prompt", "resource"] {
            checks.extend(get(table, key).and_then(|entry| self.named(key, &entry.node)));
        }
        checks.extend(self.about_the_sender(table));
        checks.extend(self.about_the_moment(table));
        if let Some(entry) = get(table, "arguments") {
            checks.push(Check::Arguments(self.arguments(entry)));
        }
        // A condition that was not understood must not be left out of a rule: the rule would match more.
        (self.errors.len() == errors_before).then(|| (direction, checks.into()))
    }

    pub(super) fn direction(&mut self, table: &[Entry]) -> Option<Direction> {
        get(table, "direction").and_then(|entry| self.word(&entry.node, &DIRECTIONS))
    }

    fn named(&mut self, key: &str, node: &Node) -> Option<Check> {
        let patterns = self.any_pattern(node)?;
        Some(match key {
            "method" => Check::Method(patterns),
            "server" => Check::Server(patterns),
            "tool" => Check::Tool(patterns),
            "prompt" => Check::Prompt(patterns),
            _ => Check::Resource(patterns),
        })
    }

    fn about_the_sender(&mut self, table: &[Entry]) -> Vec<Check> {
        let mut checks = Vec::new();
        let mut of = |reader: &mut Self, key: &str, make: fn(Patterns) -> Check| {
            checks.extend(get(table, key).and_then(|entry| reader.any_pattern(&entry.node)).map(make));
        };
        of(self, "principal", Check::Principal);
        of(self, "role", Check::Role);
        of(self, "group", Check::Group);
        of(self, "scope", Check::Scope);
        of(self, "tenant", Check::Tenant);
        of(self, "client", Check::Client);
        of(self, "client_claimed", Check::ClientClaimed);
        checks.extend(get(table, "label").and_then(|entry| self.labels(entry)));
        checks.extend(get(table, "proof").and_then(|entry| self.words(&entry.node, &PROOFS)).map(Check::Proof));
        let transports = get(table, "transport").and_then(|entry| self.words(&entry.node, &TRANSPORTS));
        checks.extend(transports.map(Check::Transport));
        checks.extend(get(table, "revision").and_then(|entry| self.revisions(&entry.node)));
        checks
    }

    fn labels(&mut self, entry: &Entry) -> Option<Check> {
        let help = "name labels with patterns, for instance `{team: \"pay*\"}`";
        let Value::Table(table) = &entry.node.value else {
            let message = format!("expected labels with patterns, found {}", entry.node.value.kind());
            return self.error(message, entry.node.span.clone(), help);
        };
        if table.is_empty() || table.len() > LABELS_MAX {
            return self.error("no labels, or too many, are asked for", entry.key_span.clone(), help);
        }
        let labels: Vec<Option<(Box<str>, Patterns)>> = table
            .iter()
            .map(|entry| self.any_pattern(&entry.node).map(|patterns| (entry.key.as_str().into(), patterns)))
            .collect();
        labels.into_iter().collect::<Option<Vec<_>>>().map(|labels| Check::Label(labels.into()))
    }

    /// Revisions of the protocol: a pattern that fits none of those known is a mistake.
    fn revisions(&mut self, node: &Node) -> Option<Check> {
        let patterns = self.several(node, |reader, node| {
            let glob: Glob = reader.pattern(node)?;
            if Revision::ALL.iter().any(|revision| glob.matches(revision.name())) {
                return Some(glob);
            }
            let known: Vec<&str> = Revision::ALL.iter().map(|revision| revision.name()).collect();
            let help = format!("known revisions: {}", known.join(", "));
            reader.error("no revision of the protocol has this name", node.span.clone(), help)
        })?;
        Some(Check::Revision(Patterns(patterns)))
    }

    fn about_the_moment(&mut self, table: &[Entry]) -> Vec<Check> {
        let mut checks = Vec::new();
        checks.extend(get(table, "time").and_then(|entry| self.window(entry)).map(Check::Time));
        checks.extend(get(table, "hints").and_then(|entry| self.hints(entry)).map(Check::Hints));
        let tests = get(table, "findings").and_then(|entry| self.several(&entry.node, Self::finding_test));
        checks.extend(tests.map(Check::Findings));
        checks.extend(get(table, "risk").and_then(|entry| self.risk(entry)).map(Check::Risk));
        checks.extend(get(table, "tally").and_then(|entry| self.tally(entry)).map(Check::Tally));
        checks
    }

    fn window(&mut self, entry: &Entry) -> Option<Window> {
        let help = "for instance `{days: [mon-fri], from: \"08:00\", to: \"18:00\", zone: Europe/Zurich}`";
        let table = self.filled_table(entry, "`time` is empty", help, "`time`", &TIME_KEYS)?;
        let days = match get(table, "days") {
            Some(entry) => self.several(&entry.node, Self::days)?.iter().copied().reduce(Days::with)?,
            None => Days::ALL,
        };
        let hours = match (get(table, "from"), get(table, "to")) {
            (None, None) => Hours::ALL,
            (Some(from), Some(to)) => {
                let (first, last) = (self.minute(&from.node), self.minute(&to.node));
                match Hours::between(first?, last?) {
                    Some(hours) => hours,
                    None => {
                        let help = "for the whole day leave `from` and `to` out";
                        return self.error("this is no time at all", to.node.span.clone(), help);
                    }
                }
            }
            (Some(entry), None) | (None, Some(entry)) => {
                let help = "a window has both; `24:00` is the end of the day";
                return self.error("`from` and `to` go together", entry.key_span.clone(), help);
            }
        };
        let zone = match get(table, "zone") {
            None => jiff::tz::TimeZone::UTC,
            Some(entry) => {
                let help = "names are those of the IANA database, for instance `Europe/Zurich` or `UTC`";
                let name = self.text(&entry.node, help)?;
                match read_zone(name) {
                    Some(zone) => zone,
                    None => return self.error("no time zone has this name", entry.node.span.clone(), help),
                }
            }
        };
        Some(Window::new(days, hours, zone))
    }

    fn days(&mut self, node: &Node) -> Option<Days> {
        let help = format!("days are {}, and from one to another `mon-fri`", DAYS.join(", "));
        let text = self.text(node, &help)?;
        Days::read(text).or_else(|| self.error(format!("`{text}` is no day"), node.span.clone(), help))
    }

    fn minute(&mut self, node: &Node) -> Option<u16> {
        let help = "times are written in quotes as hours and minutes: \"08:30\"";
        let text = self.text(node, help)?;
        read_minute(text).or_else(|| self.error(format!("`{text}` is no time of day"), node.span.clone(), help))
    }

    fn hints(&mut self, entry: &Entry) -> Option<Wanted> {
        let help = "for instance `{destructive: true}`";
        let table = self.filled_table(entry, "`hints` is empty", help, "`hints`", &HINT_KEYS)?;
        let mut wanted = Wanted::default();
        for entry in table {
            let place = match entry.key.as_str() {
                "read_only" => &mut wanted.read_only,
                "destructive" => &mut wanted.destructive,
                "idempotent" => &mut wanted.idempotent,
                _ => &mut wanted.open_world,
            };
            *place = Some(self.boolean(&entry.node)?);
        }
        Some(wanted)
    }

    fn finding_test(&mut self, node: &Node) -> Option<FindingTest> {
        let table = self.table(node, "`findings`", &FINDINGS_KEYS)?;
        if table.is_empty() {
            let help = "for instance `{id: \"PI*\", at_least: high}`";
            return self.error("`findings` is empty", node.span.clone(), help);
        }
        let ids = match get(table, "id") {
            Some(entry) => self.any_pattern(&entry.node),
            None => Glob::new("*").ok().map(|any| Patterns(Box::from([any]))),
        };
        let at_least = match get(table, "at_least") {
            Some(entry) => self.word(&entry.node, &SEVERITIES)?,
            None => Severity::Info,
        };
        Some(FindingTest { ids: ids?, at_least })
    }

    fn risk(&mut self, entry: &Entry) -> Option<Box<[(Bound, Number)]>> {
        let bounds = self.bounds(entry, "`risk`", "for instance `{at_least: 0.7}`")?;
        let is_score = |written: &str| written.parse::<f64>().is_ok_and(|score| (0.0..=1.0).contains(&score));
        if let Value::Table(table) = &entry.node.value
            && let Some(wrong) =
                table.iter().find(|entry| matches!(&entry.node.value, Value::Number(written) if !is_score(written)))
        {
            return self.error("a score lies between 0 and 1", wrong.node.span.clone(), "for instance 0.7");
        }
        Some(bounds)
    }

    fn tally(&mut self, entry: &Entry) -> Option<Box<[(Counter, Bound, Number)]>> {
        let help = "for instance `{calls: {above: 100}}`";
        let table = self.filled_table(entry, "`tally` is empty", help, "`tally`", &TALLY_KEYS)?;
        let mut all = Vec::new();
        for entry in table {
            let counter = match entry.key.as_str() {
                "requests" => Counter::Requests,
                "calls" => Counter::Calls,
                "denied" => Counter::Denied,
                _ => Counter::Alarming,
            };
            let bounds = self.bounds(entry, "a counter", "for instance `{above: 100}`")?;
            all.extend(bounds.into_iter().map(|(bound, number)| (counter, bound, number)));
        }
        Some(all.into())
    }

    fn bounds(&mut self, entry: &Entry, what: &str, help: &str) -> Option<Box<[(Bound, Number)]>> {
        let table = self.filled_table(entry, "the condition is empty", help, what, &BOUND_KEYS)?;
        let bounds: Vec<Option<(Bound, Number)>> = table
            .iter()
            .map(|entry| {
                let bound = match entry.key.as_str() {
                    "above" => Bound::Above,
                    "at_least" => Bound::AtLeast,
                    "below" => Bound::Below,
                    _ => Bound::AtMost,
                };
                self.number(&entry.node).map(|number| (bound, number))
            })
            .collect();
        bounds.into_iter().collect()
    }
}
