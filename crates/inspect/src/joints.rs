//! Texts of a message that are read one after the other, put together where they meet: a secret or an order that is
//! split over two of them is in none of them alone. It finds places; what is in them is judged elsewhere.

use std::borrow::Cow;
use std::ops::Range;

use gatehold_wire::json::{Raw, Type};
use gatehold_wire::{Kind, Method};

use crate::finding::Finding;
use crate::inspector::{Findings, Flow};
use crate::surface::span_in_source;

/// So much of a long text is put together with its neighbour, in bytes: the longest secrets of one line fit.
const REACH: usize = 4096;
/// So much of the text of earlier messages is worth keeping for the next, in bytes.
pub const EARLIER_BYTES_MAX: usize = 1024;

/// Texts put together.
pub(crate) struct Chain<'m> {
    text: String,
    parts: Vec<Part<'m>>,
}

/// A piece of a chain.
struct Part<'m> {
    /// Its bytes in the chain.
    at: Range<usize>,
    /// The string that it is of, and where in its value it begins. None for what came earlier.
    of: Option<(Raw<'m>, usize)>,
    pointer: String,
}

impl<'m> Chain<'m> {
    const fn new() -> Self {
        Self { text: String::new(), parts: Vec::new() }
    }

    fn push(&mut self, piece: &str, of: Option<(Raw<'m>, usize)>, pointer: &str) {
        if piece.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(piece);
        self.parts.push(Part { at: start..self.text.len(), of, pointer: pointer.to_owned() });
    }

    /// The texts one after another.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The same texts with a space between them: somebody who splits a sentence may do it between two words.
    pub(crate) fn by_words(&self) -> Self {
        let mut text = String::with_capacity(self.text.len() + self.parts.len());
        let mut parts = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let start = text.len();
            text.push_str(self.text.get(part.at.clone()).unwrap_or_default());
            parts.push(Part { at: start..text.len(), of: part.of, pointer: part.pointer.clone() });
            text.push(' ');
        }
        Self { text, parts }
    }

    /// Reports what stands in more than one part, once for each part that is in the message.
    pub(crate) fn split(&self, finding: &Finding, findings: &mut Findings) {
        let span = &finding.span;
        let touched: Vec<&Part<'_>> =
            self.parts.iter().filter(|part| part.at.start < span.end && span.start < part.at.end).collect();
        if touched.len() < 2 {
            return;
        }
        for part in touched {
            let Some((raw, offset)) = part.of else { continue };
            let start = span.start.max(part.at.start) - part.at.start + offset;
            let end = span.end.min(part.at.end) - part.at.start + offset;
            findings.push(Finding {
                span: span_in_source(raw, start..end),
                pointer: part.pointer.as_str().into(),
                detail: format!("{}, split over several texts", finding.detail).into(),
                ..finding.clone()
            });
        }
    }
}

/// The places of a message where texts meet. None for most messages.
pub(crate) fn chains<'m>(earlier: &str, flow: Flow<'m>) -> Vec<Chain<'m>> {
    let texts = texts(flow);
    let mut chains = Vec::new();
    if texts.is_empty() || (texts.len() < 2 && earlier.is_empty()) {
        return chains;
    }
    let mut chain = Chain::new();
    chain.push(earlier, None, "");
    for (raw, pointer) in texts {
        let Some(text) = raw.as_str() else { continue };
        if text.len() <= 2 * REACH {
            chain.push(&text, Some((raw, 0)), &pointer);
            continue;
        }
        // The middle of a long text meets nothing.
        let head = text.floor_char_boundary(REACH);
        let tail = text.ceil_char_boundary(text.len() - REACH);
        chain.push(text.get(..head).unwrap_or_default(), Some((raw, 0)), &pointer);
        chains.push(std::mem::replace(&mut chain, Chain::new()));
        chain.push(text.get(tail..).unwrap_or_default(), Some((raw, tail)), &pointer);
    }
    chains.push(chain);
    chains.retain(|chain| chain.parts.len() > 1);
    chains
}

/// The end of what was said so far in a stream, with what this message adds: kept for the next one. Nothing for
/// messages that are no part of a stream.
#[must_use]
pub fn said_so_far(earlier: &str, flow: Flow<'_>) -> Option<String> {
    if flow.message.kind() != Kind::Notification {
        return None;
    }
    let mut said = earlier.to_owned();
    for (raw, _) in texts(flow) {
        said.push_str(&raw.as_str().unwrap_or(Cow::Borrowed("")));
    }
    let start = said.ceil_char_boundary(said.len().saturating_sub(EARLIER_BYTES_MAX));
    Some(said.split_off(start)).filter(|said| !said.is_empty())
}

/// The strings of a message that its reader reads one after the other, with their pointers.
fn texts(flow: Flow<'_>) -> Vec<(Raw<'_>, String)> {
    let message = flow.message;
    let mut texts = Vec::new();
    if let Some(result) = message.result() {
        for list in ["content", "contents", "messages"] {
            let items = result.get(list).map(Raw::items).into_iter().flatten();
            for (index, item) in items.enumerate() {
                let inner = item.get("content").filter(|content| content.kind() == Type::Object);
                let (holder, path) = inner.map_or((item, ""), |content| (content, "/content"));
                let text = holder.get("text").filter(|text| text.kind() == Type::String);
                texts.extend(text.map(|text| (text, format!("/result/{list}/{index}{path}/text"))));
            }
        }
    }
    let member = match message.method() {
        Some(Method::LogMessage) => "data",
        Some(Method::Progress) => "message",
        _ => return texts,
    };
    let said = message.param(member).filter(|said| said.kind() == Type::String);
    texts.extend(said.map(|said| (said, format!("/params/{member}"))));
    texts
}
