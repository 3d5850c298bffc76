//! Where to look: every string of a message that reaches a model, a tool or a person, with what it is for. Nothing is
//! left out: a member that is not known is treated as what its surroundings are.

use std::borrow::Cow;
use std::ops::Range;

use gatehold_session::facts::Direction;
use gatehold_wire::json::{Raw, Type};
use gatehold_wire::{Kind, Method};

use crate::inspector::Flow;
use crate::text::TextKind;

/// Shorter numbers are not looked at, in characters.
const NUMBER_BYTES_MIN: usize = 9;

/// One string of a message, or one long number.
#[derive(Debug)]
pub struct Spot<'a, 'p> {
    /// Its value, unescaped.
    pub text: &'p str,
    /// What it is for.
    pub kind: TextKind,
    /// The tool or prompt it belongs to.
    pub tool: Option<&'p str>,
    /// Where its source text stands in the message.
    raw: Raw<'a>,
    path: &'p [Step<'a>],
    /// The member that holds the whole value, for values that do not stand in a message.
    holder: Option<&'p str>,
}

/// One step of the way to a value.
#[derive(Debug, Clone)]
enum Step<'a> {
    Member(Cow<'a, str>),
    Item(usize),
}

impl Spot<'_, '_> {
    /// The name of the nearest member that holds the string.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        let named = self.path.iter().rev().find_map(|step| match step {
            Step::Member(name) => Some(name.as_ref()),
            Step::Item(_) => None,
        });
        named.or(self.holder)
    }

    /// The RFC 6901 pointer to the string.
    #[must_use]
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in self.path {
            pointer.push('/');
            match step {
                Step::Member(name) => pointer.push_str(&name.replace('~', "~0").replace('/', "~1")),
                Step::Item(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }

    /// The bytes of the message that the source of the value takes, quotes included.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.raw.span()
    }

    /// The bytes of the message that a range of the unescaped value stands for.
    #[must_use]
    pub fn span_in_message(&self, range: Range<usize>) -> Range<usize> {
        span_in_source(self.raw, range)
    }
}

/// The bytes of the source that a range of the unescaped value of a string stands for; of a number, the bytes themselves.
pub(crate) fn span_in_source(raw: Raw<'_>, range: Range<usize>) -> Range<usize> {
    span_in_text(raw.text(), raw.span().start, range)
}

/// The same for a source of which only the text and its place are known.
pub(crate) fn span_in_text(source: &str, base: usize, range: Range<usize>) -> Range<usize> {
    if !source.starts_with('"') {
        return base + range.start..base + range.end;
    }
    let inner = source.get(1..source.len().saturating_sub(1)).unwrap_or_default();
    base + 1 + escaped_position(inner, range.start)..base + 1 + escaped_position(inner, range.end)
}

/// The position in the source of a JSON string at which byte `target` of its value begins.
fn escaped_position(source: &str, target: usize) -> usize {
    if memchr::memchr(b'\\', source.as_bytes()).is_none() {
        return target.min(source.len());
    }
    let mut value = 0;
    let mut at = 0;
    while at < source.len() && value < target {
        let Some(rest) = source.get(at..) else { break };
        let (taken, made) = match rest.as_bytes() {
            [b'\\', b'u', ..] => escaped_unit(rest),
            [b'\\', ..] => (2, 1),
            _ => rest.chars().next().map_or((1, 1), |c| (c.len_utf8(), c.len_utf8())),
        };
        at += taken;
        value += made;
    }
    at.min(source.len())
}

/// How many source bytes a `\u` escape takes, and how many bytes of UTF-8 it makes.
fn escaped_unit(rest: &str) -> (usize, usize) {
    let unit = rest.get(2..6).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0);
    match unit {
        0..0x80 => (6, 1),
        0x80..0x800 => (6, 2),
        0xD800..0xDC00 => (12, 4),
        _ => (6, 3),
    }
}

/// Calls `visit` for every string of a message, and for every number that is long enough to be a card or an id.
pub fn walk(flow: Flow<'_>, visit: &mut dyn FnMut(&Spot<'_, '_>)) {
    let message = flow.message;
    let tool = flow.facts.tool.as_deref().or(flow.facts.prompt.as_deref());
    let mut walker = Walker { visit, tool: tool.map(Cow::Borrowed), holder: None, path: Vec::new() };
    let sections = [("params", message.params()), ("result", message.result()), ("error", message.error())];
    for (name, section) in sections {
        if let Some(section) = section {
            walker.path.push(Step::Member(Cow::Borrowed(name)));
            walker.value(section, kind_of(flow));
            walker.path.pop();
        }
    }
}

/// Calls `visit` for every string of one JSON value that does not stand in a message: the arguments of a call, the
/// definition of a tool. `parameter` is the member that holds the value, where it is known; pointers begin below it.
pub fn walk_value<'a>(
    value: Raw<'a>,
    kind: TextKind,
    tool: Option<&str>,
    parameter: Option<&str>,
    visit: &mut dyn FnMut(&Spot<'_, '_>),
) {
    let tool = tool.map(|tool| Cow::Owned(tool.to_owned()));
    let mut walker = Walker { visit, tool, holder: parameter, path: Vec::new() };
    walker.value(value, kind);
}

/// What the strings of a message are for, as a whole.
fn kind_of(flow: Flow<'_>) -> TextKind {
    let method = flow.facts.method;
    let answers = matches!(flow.message.kind(), Kind::Result | Kind::Error);
    match (flow.facts.direction, method) {
        (Direction::FromClient, Some(Method::PromptsGet | Method::Complete)) => TextKind::PromptArgument,
        (
            Direction::FromClient,
            Some(Method::ResourcesRead | Method::ResourcesSubscribe | Method::ResourcesUnsubscribe),
        ) => TextKind::ResourceUri,
        (Direction::FromClient, _) => TextKind::Arguments,
        (Direction::FromServer, Some(Method::ElicitationCreate)) => TextKind::Elicitation,
        (
            Direction::FromServer,
            Some(
                Method::ToolsList
                | Method::PromptsList
                | Method::ResourcesList
                | Method::ResourceTemplatesList
                | Method::Initialize
                | Method::Discover,
            ),
        ) if answers => TextKind::ToolDescription,
        (Direction::FromServer, _) => TextKind::ToolOutput,
    }
}

struct Walker<'a, 'v> {
    visit: &'v mut dyn FnMut(&Spot<'_, '_>),
    tool: Option<Cow<'a, str>>,
    holder: Option<&'v str>,
    path: Vec<Step<'a>>,
}

impl<'a> Walker<'a, '_> {
    fn value(&mut self, raw: Raw<'a>, kind: TextKind) {
        match raw.kind() {
            Type::String => {
                if let Some(text) = raw.as_str() {
                    self.spot(&text, raw, kind);
                }
            }
            Type::Object => self.object(raw, kind),
            Type::Array => {
                for (index, item) in raw.items().enumerate() {
                    self.path.push(Step::Item(index));
                    self.value(item, kind);
                    self.path.pop();
                }
            }
            // A card or an id may be written as a number. Short ones are counts and dates.
            Type::Number if !kind.is_metadata() && raw.bytes().len() >= NUMBER_BYTES_MIN => {
                self.spot(raw.text(), raw, kind);
            }
            Type::Null | Type::Bool | Type::Number => {}
        }
    }

    fn object(&mut self, raw: Raw<'a>, kind: TextKind) {
        // In a list, the object that has a name is the tool that its other members are about.
        let outer = self.tool.clone();
        if kind == TextKind::ToolDescription
            && let Some(name) = raw.get("name").and_then(Raw::as_str)
        {
            self.tool = Some(name);
        }
        for (key, value) in raw.members() {
            let Some(name) = key.as_str() else { continue };
            let inner = member_kind(kind, &name);
            // Binary content is not text: its bytes are base64 by definition of the protocol.
            let binary = matches!(name.as_ref(), "data" | "blob") && is_binary(raw) && is_base64(value);
            self.path.push(Step::Member(name.clone()));
            self.spot(&name, key, if kind.is_metadata() { TextKind::Name } else { kind });
            if !binary {
                self.value(value, inner);
            }
            self.path.pop();
        }
        self.tool = outer;
    }

    fn spot(&mut self, text: &str, raw: Raw<'a>, kind: TextKind) {
        let spot = Spot { text, kind, tool: self.tool.as_deref(), raw, path: &self.path, holder: self.holder };
        (self.visit)(&spot);
    }
}

/// What a member of an object is for, where it differs from the object.
fn member_kind(kind: TextKind, name: &str) -> TextKind {
    match (kind, name) {
        (TextKind::ToolDescription, "name") => TextKind::Name,
        (TextKind::ResourceUri, "_meta") => TextKind::Arguments,
        _ => kind,
    }
}

/// Whether an object is image or audio content, or a blob resource of a binary type.
fn is_binary(object: Raw<'_>) -> bool {
    let mime = object.get("mimeType").and_then(Raw::as_str);
    mime.is_some_and(|mime| {
        mime.starts_with("image/") && !mime.starts_with("image/svg")
            || mime.starts_with("audio/")
            || mime.starts_with("video/")
    })
}

/// Whether a value is nothing but base64: text with a binary label is still read.
fn is_base64(value: Raw<'_>) -> bool {
    let source = value.text();
    let inner = source.get(1..source.len().saturating_sub(1)).unwrap_or_default();
    source.starts_with('"') && inner.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_in_escaped_strings() {
        let source = r"a\n\u0041é\ud83d\ude00z";
        // Value: a, newline, A, é (2), 😀 (4), z.
        assert_eq!(escaped_position(source, 1), 1);
        assert_eq!(escaped_position(source, 2), 3);
        assert_eq!(escaped_position(source, 3), 9);
        assert_eq!(escaped_position(source, 5), 11);
        assert_eq!(escaped_position(source, 9), 23);
        assert_eq!(escaped_position(source, 10), 24);
        assert_eq!(escaped_position("plain", 3), 3);
    }
}
