//! What a second tier reads of a message: the texts of the kinds that it was asked for, short strings joined to one, each
//! with the way back to its place. A model costs a thousand times what the detectors cost, so that a name or a word is not
//! worth a question of its own; joined they are, and nobody hides an order in a list of its words.
//!
//! It only gathers, and asks no model.

use std::ops::Range;

use crate::finding::{Finding, MODEL_SAYS, Severity, TIER_FAILED};
use crate::inspector::Flow;
use crate::surface::{self, Spot};
use crate::text::TextKind;

/// Strings of at least so many bytes, with a space in them, are read alone.
const ALONE_BYTES_MIN: usize = 32;
/// Joined strings say something from so many bytes on.
const JOINED_BYTES_MIN: usize = 12;

/// Words that the protocol itself and JSON Schema put into every message. They are not joined: nearly every result would
/// cost a question more.
const PROTOCOL: [&str; 24] = [
    "content",
    "type",
    "text",
    "isError",
    "resultType",
    "complete",
    "structuredContent",
    "result",
    "annotations",
    "audience",
    "user",
    "assistant",
    "role",
    "messages",
    "mimeType",
    "text/plain",
    "application/json",
    "uri",
    "object",
    "string",
    "number",
    "integer",
    "boolean",
    "array",
];

/// One text for a second tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// What is read.
    pub text: String,
    /// What it is for.
    pub kind: TextKind,
    pieces: Vec<Piece>,
}

/// A string of the message within a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// Where it begins in the passage.
    start: usize,
    length: usize,
    /// Its source in the message, quotes included.
    source: Range<usize>,
    pointer: Box<str>,
}

/// How much a second tier reads of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// Bytes of one text.
    pub text_bytes: usize,
    /// Bytes of all texts of a message together.
    pub message_bytes: usize,
}

/// The texts of a message that are of one of these kinds.
///
/// # Errors
/// There is more to read than may be: nothing is then read in part.
pub fn of_message(flow: Flow<'_>, kinds: &[TextKind], most: Most) -> Result<Vec<Passage>, TooMuch> {
    let mut gathered = Gathered { most, bytes: 0, is_too_much: false, alone: Vec::new(), joined: Vec::new() };
    surface::walk(flow, &mut |spot| {
        if kinds.contains(&spot.kind) {
            gathered.take(spot);
        }
    });
    gathered.finish()
}

/// A text that stands in no message.
///
/// # Errors
/// It is longer than what is read.
pub fn of_text(text: &str, kind: TextKind, most: Most) -> Result<Vec<Passage>, TooMuch> {
    if text.len() > most.text_bytes || text.len() > most.message_bytes {
        return Err(TooMuch);
    }
    let piece = Piece { start: 0, length: text.len(), source: 0..0, pointer: "".into() };
    let has_words = !text.trim().is_empty();
    Ok(has_words.then(|| Passage { text: text.to_owned(), kind, pieces: vec![piece] }).into_iter().collect())
}

/// A message has more to read than a second tier may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch;

struct Gathered {
    most: Most,
    bytes: usize,
    is_too_much: bool,
    alone: Vec<Passage>,
    joined: Vec<Group>,
}

/// Short strings of one kind and one tool.
struct Group {
    tool: Option<Box<str>>,
    passage: Passage,
}

impl Gathered {
    fn take(&mut self, spot: &Spot<'_, '_>) {
        if self.is_too_much || PROTOCOL.contains(&spot.text) || spot.text.trim().is_empty() {
            return;
        }
        self.bytes = self.bytes.saturating_add(spot.text.len()).saturating_add(1);
        self.is_too_much = spot.text.len() > self.most.text_bytes || self.bytes > self.most.message_bytes;
        if self.is_too_much {
            return;
        }
        let pointer: Box<str> = spot.pointer().into();
        let mut piece = Piece { start: 0, length: spot.text.len(), source: spot.span(), pointer };
        if spot.text.len() >= ALONE_BYTES_MIN && spot.text.contains(char::is_whitespace) {
            self.alone.push(Passage { text: spot.text.to_owned(), kind: spot.kind, pieces: vec![piece] });
            return;
        }
        let room = self.most.text_bytes.saturating_sub(spot.text.len() + 1);
        // Strings of one tool stand together.
        let group = self.joined.last_mut().filter(|group| {
            group.passage.text.len() <= room && group.passage.kind == spot.kind && group.tool.as_deref() == spot.tool
        });
        if let Some(Group { passage, .. }) = group {
            passage.text.push('\n');
            piece.start = passage.text.len();
            passage.text.push_str(spot.text);
            passage.pieces.push(piece);
        } else {
            let passage = Passage { text: spot.text.to_owned(), kind: spot.kind, pieces: vec![piece] };
            self.joined.push(Group { tool: spot.tool.map(Box::from), passage });
        }
    }

    fn finish(self) -> Result<Vec<Passage>, TooMuch> {
        if self.is_too_much {
            return Err(TooMuch);
        }
        let joined = self.joined.into_iter().map(|group| group.passage);
        let says_something = |passage: &Passage| passage.text.len() >= JOINED_BYTES_MIN;
        Ok(self.alone.into_iter().chain(joined.filter(says_something)).collect())
    }
}

impl Passage {
    /// The finding that a model takes this passage for an attack, `span` being the bytes of it that it is surest of.
    /// `message` is what the passage was gathered from; nothing for a text that stands in none. `model` is the SHA-256 of
    /// the model, in hexadecimal.
    #[must_use]
    pub fn finding(&self, message: &[u8], span: Range<usize>, says: Says<'_>) -> Finding {
        let Says { model, confidence, severity } = says;
        let (pointer, span) = self.place(message, span);
        let detail = format!("the model of the second tier takes this for an attack (it is {confidence:.2} sure)");
        let rule = format!("sha256:{model}").into();
        Finding { id: MODEL_SAYS, rule, severity, confidence, pointer, span, detail: detail.into() }
    }

    /// Where a part of the passage stands in the message: exactly, where it lies in one string; else from the first string
    /// that it touches to the last.
    fn place(&self, message: &[u8], span: Range<usize>) -> (Box<str>, Range<usize>) {
        let touched =
            |piece: &&Piece| piece.start < span.end.max(span.start + 1) && span.start <= piece.start + piece.length;
        let pieces: Vec<&Piece> = self.pieces.iter().filter(touched).collect();
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return ("".into(), 0..message.len()) };
        if pieces.len() > 1 {
            let pointer = pieces.iter().fold(&*first.pointer, |shared, piece| ancestor(shared, &piece.pointer));
            return (pointer.into(), first.source.start..last.source.end);
        }
        let within = span.start.saturating_sub(first.start)..span.end.saturating_sub(first.start).min(first.length);
        let source = message.get(first.source.clone()).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let place = match source {
            Some(source) if !source.is_empty() => surface::span_in_text(source, first.source.start, within),
            _ => within,
        };
        (first.pointer.clone(), place)
    }
}

/// What a model says of a passage.
#[derive(Debug, Clone, Copy)]
pub struct Says<'a> {
    /// The SHA-256 of the model, in hexadecimal.
    pub model: &'a str,
    /// How sure it is, from 0 to 1.
    pub confidence: f32,
    /// How bad it is if it is right.
    pub severity: Severity,
}

/// The finding that a second tier says nothing of a message, and why. `severity` is what that comes to.
#[must_use]
pub fn silence(why: &str, severity: Severity, message_bytes: usize) -> Finding {
    Finding {
        id: TIER_FAILED,
        rule: why.into(),
        severity,
        confidence: 1.0,
        pointer: "".into(),
        span: 0..message_bytes,
        detail: format!("the model of the second tier says nothing of this message: {why}").into(),
    }
}

/// The longest pointer that both begin with.
fn ancestor<'p>(one: &'p str, other: &str) -> &'p str {
    let shared = one.split('/').zip(other.split('/')).take_while(|(one, other)| one == other);
    let length: usize = shared.map(|(token, _)| token.len() + 1).sum();
    one.get(..length.saturating_sub(1)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
