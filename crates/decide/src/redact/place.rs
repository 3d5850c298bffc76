//! Where in a message targets stand: in which string or value, and whether that may be edited. It maps bytes only; what
//! stands there afterwards is decided elsewhere.

use std::borrow::Cow;
use std::ops::Range;

use gatehold_wire::edit::{self, Edit};
use gatehold_wire::json::{self, Raw, Type};
use gatehold_wire::{Limits, Message};

use super::{CannotRedact, Target, strictest};

/// A place in a message.
#[derive(Debug)]
pub(super) enum Place {
    /// A whole value; its text, unescaped where it is a string.
    Value { span: Range<usize>, text: String },
    /// Inside a string: the bytes between its quotes.
    Inside { string: Range<usize>, is_key: bool },
}

/// A place, and what is to be taken out there.
#[derive(Debug)]
pub(super) struct Placed<'t> {
    pub(super) place: Place,
    pub(super) targets: Vec<&'t Target>,
}

/// The places of all targets, which are ordered by their start.
pub(super) fn all<'t>(message: &Message, targets: &'t [Target]) -> Result<Vec<Placed<'t>>, CannotRedact> {
    let reach = targets
        .iter()
        .scan(0, |reach, target| {
            *reach = target.span.end.max(*reach);
            Some(*reach)
        })
        .collect();
    let mut search = Search { targets, reach, found: Vec::new(), path: Vec::new(), count: 0 };
    let sections = [("params", message.params()), ("result", message.result()), ("error", message.error())];
    for (name, section) in sections {
        if let Some(section) = section {
            search.path.push(Step::Member(Cow::Borrowed(name)));
            search.value(section)?;
            search.path.pop();
        }
    }
    // What stands in no string and no value of the body is the envelope, or nothing.
    if search.count == targets.len() { Ok(search.found) } else { Err(CannotRedact) }
}

/// One step of the way to a value.
#[derive(Debug)]
enum Step<'m> {
    Member(Cow<'m, str>),
    Item,
}

struct Search<'m, 't> {
    targets: &'t [Target],
    /// For each target, the furthest end of it and those before it: never falls.
    reach: Vec<usize>,
    found: Vec<Placed<'t>>,
    path: Vec<Step<'m>>,
    /// Targets that were found.
    count: usize,
}

impl<'m, 't> Search<'m, 't> {
    fn value(&mut self, value: Raw<'m>) -> Result<(), CannotRedact> {
        let span = value.span();
        let touching = self.touching(&span);
        if touching.is_empty() {
            return Ok(());
        }
        if touching.iter().any(|target| target.span == span) {
            // What holds others is taken out instead of them.
            self.may_edit(false)?;
            if touching.iter().any(|target| target.span.start < span.start || target.span.end > span.end) {
                return Err(CannotRedact);
            }
            let text = value.as_str().map_or_else(|| value.text().to_owned(), Cow::into_owned);
            return self.take(Place::Value { span, text }, touching);
        }
        match value.kind() {
            Type::String => self.string(&span, false, touching),
            // A number is taken out whole: half of one is another.
            Type::Number => {
                self.may_edit(false)?;
                self.within(&span, &touching)?;
                self.take(Place::Value { span, text: value.text().to_owned() }, touching)
            }
            Type::Object => {
                for (key, member) in value.members() {
                    let name = key.as_str().unwrap_or_default();
                    self.path.push(Step::Member(name));
                    let of_key = self.touching(&key.span());
                    if !of_key.is_empty() {
                        self.string(&key.span(), true, of_key)?;
                    }
                    self.value(member)?;
                    self.path.pop();
                }
                Ok(())
            }
            Type::Array => {
                for item in value.items() {
                    self.path.push(Step::Item);
                    self.value(item)?;
                    self.path.pop();
                }
                Ok(())
            }
            Type::Null | Type::Bool => Err(CannotRedact),
        }
    }

    /// A string or a key, quotes included, that holds targets.
    fn string(&mut self, span: &Range<usize>, is_key: bool, targets: Vec<&'t Target>) -> Result<(), CannotRedact> {
        self.may_edit(is_key)?;
        let string = span.start + 1..span.end - 1;
        self.within(&string, &targets)?;
        self.take(Place::Inside { string, is_key }, targets)
    }

    fn within(&self, span: &Range<usize>, targets: &[&Target]) -> Result<(), CannotRedact> {
        let fits = |target: &&Target| span.start <= target.span.start && target.span.end <= span.end;
        if targets.iter().all(fits) { Ok(()) } else { Err(CannotRedact) }
    }

    fn take(&mut self, place: Place, targets: Vec<&'t Target>) -> Result<(), CannotRedact> {
        self.count += targets.len();
        self.found.push(Placed { place, targets });
        Ok(())
    }

    /// The targets that share a byte with a span. One without bytes is nowhere.
    fn touching(&self, span: &Range<usize>) -> Vec<&'t Target> {
        let end = self.targets.partition_point(|target| target.span.start < span.end);
        let begin = self.reach.partition_point(|reach| *reach <= span.start);
        let touching = self.targets.get(begin..end).unwrap_or_default().iter();
        touching.filter(|target| target.span.end > span.start && !target.span.is_empty()).collect()
    }

    fn may_edit(&self, is_key: bool) -> Result<(), CannotRedact> {
        if is_structural(&self.path, is_key) { Err(CannotRedact) } else { Ok(()) }
    }
}

/// Members of `params` and `result` that say what is asked for or how to go on: with another value the message would
/// mean something else than what was decided.
const MEANING: &[&str] = &[
    "name",
    "uri",
    "ref",
    "cursor",
    "nextCursor",
    "requestState",
    "resultType",
    "protocolVersion",
    "capabilities",
    "progressToken",
    "requestId",
    "taskId",
    "level",
    "method",
    "role",
    "action",
    "mode",
];
/// Members of content that say what it is, or are no text.
const FORM: &[&str] = &["type", "mimeType", "data", "blob", "uriTemplate"];
/// Members of a schema that are for reading.
const READABLE: &[&str] = &["description", "title", "default", "examples", "$comment"];

/// Whether a place holds the meaning or the form of a message rather than what is said in it.
fn is_structural(path: &[Step<'_>], is_key: bool) -> bool {
    let names: Vec<&str> = path
        .iter()
        .filter_map(|step| match step {
            Step::Member(name) => Some(name.as_ref()),
            Step::Item => None,
        })
        .collect();
    let [section, rest @ ..] = names.as_slice() else { return true };
    let (Some(first), Some(last)) = (rest.first(), rest.last()) else { return true };
    // Free of meaning for the protocol: what a tool takes and gives, and the data of an error or a log.
    if matches!(*first, "arguments" | "structuredContent") || (*section == "error" && *first == "data") {
        return is_key && rest.len() == 1;
    }
    if is_key {
        return rest.len() < 3 || rest.contains(&"inputSchema") || rest.contains(&"outputSchema");
    }
    if *section == "params" && *first == "data" {
        return false;
    }
    let in_schema = rest.contains(&"inputSchema") || rest.contains(&"outputSchema");
    let in_protocol_meta =
        rest.contains(&"_meta") && (last.starts_with("io.modelcontextprotocol/") || *last == "progressToken");
    let means_something = rest.len() == 1 && MEANING.contains(first);
    // An entry of a list, or an item of content, names itself.
    let names_itself = matches!(*first, "tools" | "prompts" | "resources" | "resourceTemplates" | "tasks")
        && rest.len() == 2
        && matches!(*last, "name" | "uri" | "uriTemplate" | "taskId");
    let is_form = FORM.contains(last) && !in_schema;
    in_protocol_meta || means_something || names_itself || is_form || (in_schema && !READABLE.contains(last))
}

/// The targets inside one string as ranges that do not touch, cut at whole characters and escapes.
pub(super) fn merged<'t>(
    message: &Message,
    string: &Range<usize>,
    targets: &[&'t Target],
) -> Result<Vec<(Range<usize>, &'t Target)>, CannotRedact> {
    let source = message.bytes().get(string.clone()).ok_or(CannotRedact)?;
    let mut wanted: Vec<(Range<usize>, Vec<&Target>)> = Vec::new();
    for target in targets {
        match wanted.last_mut() {
            Some((span, of)) if target.span.start <= span.end => {
                span.end = span.end.max(target.span.end);
                of.push(target);
            }
            _ => wanted.push((target.span.clone(), vec![target])),
        }
    }
    let mut merged: Vec<(Range<usize>, &Target)> = Vec::new();
    let mut units = Units { source, at: 0 };
    let mut unit = 0..0;
    for (span, of) in wanted {
        let target = strictest(&of).ok_or(CannotRedact)?;
        let (start, end) = (span.start - string.start, span.end - string.start);
        while unit.end <= start {
            unit = units.next().ok_or(CannotRedact)?;
        }
        let from = unit.start;
        while unit.end < end {
            unit = units.next().ok_or(CannotRedact)?;
        }
        let span = string.start + from..string.start + unit.end;
        match merged.last_mut() {
            // Two that share a character or an escape are one.
            Some((last, of)) if span.start < last.end => {
                last.end = last.end.max(span.end);
                *of = strictest(&[of, target]).ok_or(CannotRedact)?;
            }
            _ => merged.push((span, target)),
        }
    }
    Ok(merged)
}

/// Walks the inside of a JSON string by what cannot be cut.
struct Units<'a> {
    source: &'a [u8],
    at: usize,
}

impl Iterator for Units<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let (length, _) = unit(self.source.get(self.at..)?);
        let start = self.at;
        self.at = (start + length).min(self.source.len());
        (length > 0).then_some(start..self.at)
    }
}

/// What cannot be cut at the beginning of the inside of a string (a character, an escape, two escapes that are one
/// character): how many bytes it takes, and how many of the value it makes.
fn unit(rest: &[u8]) -> (usize, usize) {
    match rest {
        [] => (0, 0),
        [b'\\', b'u', a, b, c, d, ..] => {
            let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(0);
            match (digit(a) << 12) | (digit(b) << 8) | (digit(c) << 4) | digit(d) {
                0..0x80 => (6, 1),
                0x80..0x800 => (6, 2),
                0xD800..0xDC00 => (12.min(rest.len()), 4),
                _ => (6, 3),
            }
        }
        [b'\\', ..] => (2.min(rest.len()), 1),
        [0..0xC0, ..] => (1, 1),
        [0xC0..0xE0, ..] => (2.min(rest.len()), 2),
        [0xE0..0xF0, ..] => (3.min(rest.len()), 3),
        [0xF0..=0xFF, ..] => (4.min(rest.len()), 4),
    }
}

/// Leads rising positions in the value of a string to positions between its quotes.
pub(super) struct Position<'a> {
    source: &'a [u8],
    written: usize,
    read: usize,
}

impl<'a> Position<'a> {
    pub(super) const fn new(source: &'a [u8]) -> Self {
        Self { source, written: 0, read: 0 }
    }

    /// Where the byte of the value stands that is at least the last one asked for.
    pub(super) fn of(&mut self, value: usize) -> usize {
        while self.read < value {
            let (taken, made) = unit(self.source.get(self.written..).unwrap_or_default());
            if taken == 0 {
                break;
            }
            self.written += taken;
            self.read += made;
        }
        self.written
    }
}

/// The text that some bytes inside a string stand for.
pub(super) fn decoded(message: &Message, span: &Range<usize>) -> Result<String, CannotRedact> {
    let source = message.bytes().get(span.clone()).ok_or(CannotRedact)?;
    let token = [b"\"", source, b"\""].concat();
    let limits = Limits { message_bytes_max: usize::MAX, ..Limits::default() };
    let value = json::check(&token, &limits).map_err(|_| CannotRedact)?;
    value.as_str().map(Cow::into_owned).ok_or(CannotRedact)
}

/// Proves that the edited message is still one: it is parsed again.
pub(super) fn proved(message: &Message, edits: &[Edit]) -> Result<(), CannotRedact> {
    let edited = edit::apply(message.bytes(), &mut edits.to_vec()).ok_or(CannotRedact)?;
    // The message was within its limits; what is longer for its tokens is not read by us again.
    let unlimited = Limits {
        message_bytes_max: usize::MAX,
        depth_max: 1024,
        members_max: usize::MAX,
        key_bytes_max: usize::MAX,
        ..Limits::default()
    };
    Message::parse(edited, &unlimited).map(|_| ()).map_err(|_| CannotRedact)
}
