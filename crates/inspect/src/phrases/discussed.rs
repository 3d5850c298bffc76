//! Whether somebody speaks about an order rather than giving it: papers, scanners and their tests are full of them. Words
//! about attacks nearby are never enough, since anybody can add them: the order itself must stand in quotation marks, be
//! a pattern, or be reported in the third person. It finds no orders.

use std::ops::Range;

use super::{Classes, Column, DISCUSSED, Token};

/// Different words about attacks that make a discussion, for a rule whose order is also set apart.
const WORDS_MIN: usize = 2;
/// The same for the classifier, which does not say where the order begins.
const WORDS_MIN_WINDOW: usize = 3;
/// So many words about attacks around an order that nothing sets apart.
const WORDS_AMID: usize = 4;
/// How far a closing quotation mark may be, in bytes.
const QUOTE_REACH: usize = 300;
/// How far back a sentence is followed, in bytes.
const SENTENCE_REACH: usize = 200;
/// Words before a verb that is not an order: `tells the model to ignore`, `attacks that override`.
const REPORTING: &[&str] =
    &["to", "can", "could", "may", "might", "that", "which", "by", "of", "an", "the", "they", "who"];

/// Whether a whole window of an output discusses attacks. Nobody does so in metadata or arguments.
pub(super) fn is_window(tokens: &[Token], column: Column) -> bool {
    column == Column::Output && words(tokens).count() >= WORDS_MIN_WINDOW
}

/// Whether the words at `span` of a part of an output are spoken of, and no order.
pub(super) fn is_phrase(part: &str, span: &Range<usize>, tokens: &[Token], column: Column) -> bool {
    column == Column::Output
        && (is_told(part, span)
            || words(tokens).count() >= WORDS_MIN
                && (is_pattern(part, span) || is_quoted(part, span) || is_reported(part, span, tokens)))
}

/// Whether somebody told somebody else to do it: `the court ordered the bank to disregard`. Where a model or the reader
/// stands in the sentence, it is an order to them.
fn is_told(part: &str, span: &Range<usize>) -> bool {
    let from = part.ceil_char_boundary(span.start.saturating_sub(SENTENCE_REACH));
    let head = part.get(from..span.start).unwrap_or_default();
    let sentence = head.rfind(['.', '!', '?', ':', ';', '\n']).and_then(|at| head.get(at + 1..)).unwrap_or(head);
    let mut words = sentence.split_whitespace().rev().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let by_infinitive = words.next() == Some("to");
    let told = words.by_ref().take(TOLD_REACH).any(|word| TELLING.contains(&word));
    let lower = sentence.to_lowercase();
    let is_addressed = lower.split(|c: char| !c.is_alphanumeric()).any(|word| ADDRESSED.contains(&word));
    by_infinitive && told && !is_addressed
}

/// Verbs of somebody who tells others what to do, so many words before the `to` at most.
const TELLING: &[&str] =
    &["told", "ordered", "asked", "instructed", "reminded", "advised", "forced", "directed", "urged"];
const TOLD_REACH: usize = 4;
/// Who is meant by an order to a model or to its reader.
const ADDRESSED: &[&str] = &[
    "you",
    "your",
    "ai",
    "assistant",
    "assistants",
    "agent",
    "agents",
    "model",
    "models",
    "llm",
    "llms",
    "bot",
    "bots",
    "copilot",
    "chatbot",
    "gpt",
    "chatgpt",
    "claude",
    "gemini",
    "i",
    "everyone",
    "anyone",
    "whoever",
    "reader",
    "readers",
];

/// Whether so many words about attacks stand around an order that a person should look at it rather than lose the text:
/// papers quote attacks without quotation marks.
pub(super) fn is_amid(tokens: &[Token], column: Column) -> bool {
    column == Column::Output && words(tokens).count() >= WORDS_AMID
}

/// Where words about attacks stand, each place once.
fn words(tokens: &[Token]) -> impl Iterator<Item = usize> {
    let mut last = None;
    tokens.iter().filter(|token| is_of(token.classes)).filter_map(move |token| {
        let is_new = last != Some(token.start);
        last = Some(token.start);
        is_new.then_some(token.start)
    })
}

fn is_of(classes: Classes) -> bool {
    classes & *DISCUSSED != 0
}

/// A regular expression that looks for orders.
fn is_pattern(part: &str, span: &Range<usize>) -> bool {
    let phrase = part.get(span.clone()).unwrap_or_default();
    ["\\s", "(?:", "(?i", ".*", "\\b"].iter().any(|sign| phrase.contains(sign))
}

/// A quotation mark earlier in the line that is not closed before the phrase, and one of the same kind after it.
fn is_quoted(part: &str, span: &Range<usize>) -> bool {
    let from = part.ceil_char_boundary(span.start.saturating_sub(QUOTE_REACH));
    let end = part.floor_char_boundary(span.end.saturating_add(QUOTE_REACH));
    let head = part.get(from..span.start).unwrap_or_default();
    let head = head.rfind('\n').and_then(|at| head.get(at + 1..)).unwrap_or(head);
    let tail = part.get(span.end..end).unwrap_or_default();
    let is_open = |open: char, close: char| {
        let opened = head.matches(open).count();
        let closed = if open == close { 0 } else { head.matches(close).count() };
        let open_still = if open == close { opened % 2 == 1 } else { opened > closed };
        open_still && tail.contains(close)
    };
    [
        ('"', '"'),
        ('`', '`'),
        ('\u{201C}', '\u{201D}'),
        ('\u{201E}', '\u{201C}'),
        ('\u{AB}', '\u{BB}'),
        ('\u{2018}', '\u{2019}'),
    ]
    .into_iter()
    .any(|(open, close)| is_open(open, close))
        || (head.ends_with('\'') && tail.contains('\''))
}

/// A word about attacks earlier in the sentence, and a verb that is none of an order.
fn is_reported(part: &str, span: &Range<usize>, tokens: &[Token]) -> bool {
    let from = part.ceil_char_boundary(span.start.saturating_sub(SENTENCE_REACH));
    let head = part.get(from..span.start).unwrap_or_default();
    let begin = head.rfind(['.', '!', '?', ':', ';']).map_or(from, |at| from + at + 1);
    let named = tokens.iter().any(|token| is_of(token.classes) && (begin..span.start).contains(&token.start));
    let before = head.split_whitespace().next_back().unwrap_or_default().to_ascii_lowercase();
    named && REPORTING.contains(&before.as_str())
}
