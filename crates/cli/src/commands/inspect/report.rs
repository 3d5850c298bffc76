//! What was found, for people and as JSON. Excerpts repeat no secret and no personal data, and nothing in them moves
//! the cursor of a terminal or hides: invisible characters are shown by their number.

use std::fmt::Write as _;
use std::ops::Range;

use gatehold_inspect::normalise::characters;
use gatehold_inspect::{Finding, Registry};
use gatehold_wire::json::write_string;

use super::model::Said;
use super::subject::{Found, Subject};

/// Characters of an excerpt before and after what was found.
const AROUND: usize = 40;
/// Characters of what was found that an excerpt shows.
const SHOWN_MAX: usize = 100;

/// One row as a JSON object and a line end.
pub(super) fn json(id: &str, found: &Found) -> String {
    let mut line = format!("{{\"id\":{id},\"findings\":[{}]", listed(found.findings.as_slice()));
    let _infallible =
        write!(line, ",\"score\":{},\"action\":\"{}\"", decimal(found.findings.ranking()), found.action.name());
    if let Some(said) = &found.model {
        let Said { sha256, confidence, findings, silence, action } = said;
        let silent = silence.map(|silence| format!(",\"silent\":\"{}\"", silence.name())).unwrap_or_default();
        let _infallible = write!(
            line,
            ",\"model\":{{\"sha256\":\"{sha256}\",\"confidence\":{},\"findings\":[{}],\"action\":\"{}\"{silent}}}",
            decimal(*confidence),
            listed(findings),
            action.name(),
        );
    }
    line.push_str("}\n");
    line
}

/// Findings as the elements of a JSON array.
fn listed(findings: &[Finding]) -> String {
    let mut line = String::new();
    for (index, finding) in findings.iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        let (id, rule, detail) = (quoted(finding.id), quoted(&finding.rule), quoted(&finding.detail));
        let _infallible = write!(
            line,
            "{{\"id\":{id},\"rule\":{rule},\"severity\":\"{}\",\"confidence\":{},\"pointer\":{},\"span\":[{},{}],\"detail\":{detail}}}",
            finding.severity.name(),
            decimal(finding.confidence),
            quoted(&finding.pointer),
            finding.span.start,
            finding.span.end,
        );
    }
    line
}

/// One row that could not be read, as a JSON object and a line end.
pub(super) fn json_error(id: &str, error: &str) -> String {
    format!("{{\"id\":{id},\"error\":{}}}\n", quoted(error))
}

/// One of many rows, for people.
pub(super) fn row(id: &str, subject: &Subject, found: &Found, registry: &Registry) -> String {
    let score = decimal(found.findings.ranking());
    let model = said(subject, found, "  ");
    format!(
        "{}: {} (score {score})\n{}{model}",
        visible(id),
        found.action.name(),
        blocks(subject, found, registry, "  ")
    )
}

/// One row that could not be read, for people.
pub(super) fn row_error(id: &str, error: &str) -> String {
    format!("{}: could not be read: {}\n", visible(id), visible(error))
}

/// A single text or message, for people.
pub(super) fn shown(subject: &Subject, found: &Found, registry: &Registry) -> String {
    let count = found.findings.as_slice().len();
    let model = said(subject, found, "");
    if count == 0 {
        return format!("nothing found; the preset `standard` would allow it\n{model}");
    }
    let (score, action) = (decimal(found.findings.ranking()), found.action.name());
    let blocks = blocks(subject, found, registry, "");
    format!("{blocks}\n{count} found, score {score}; the preset `standard` would: {action}\n{model}")
}

/// What the model says, where one was asked.
fn said(subject: &Subject, found: &Found, indent: &str) -> String {
    let Some(said) = &found.model else { return String::new() };
    let (source, private) = (subject.source(), private_spans(found));
    let mut text = String::new();
    for finding in &said.findings {
        let _infallible = writeln!(text, "{indent}{}", headline(finding));
        text.push_str(&excerpt(&source, &finding.span, &private, indent));
    }
    let (confidence, action) = (decimal(said.confidence), said.action.name());
    let silent = said.silence.map(|silence| format!("; it did not read all of it ({})", silence.name()));
    let silent = silent.unwrap_or_default();
    let _infallible = writeln!(
        text,
        "{indent}second tier: the model is {confidence} sure{silent}; for that alone the preset `standard` would: {action}"
    );
    text
}

/// Each finding with its place; why it matters and what to do once for each id.
fn blocks(subject: &Subject, found: &Found, registry: &Registry, indent: &str) -> String {
    let source = subject.source();
    let private = private_spans(found);
    let mut text = String::new();
    let mut explained: Vec<&str> = Vec::new();
    for finding in found.findings.as_slice() {
        let _infallible = writeln!(text, "{indent}{}", headline(finding));
        text.push_str(&excerpt(&source, &finding.span, &private, indent));
        let card = registry.cards().find(|card| card.id == finding.id && !explained.contains(&card.id));
        if let Some(card) = card {
            let _infallible = writeln!(text, "{indent}  why: {}\n{indent}  what to do: {}", card.why, card.remedy);
            explained.push(finding.id);
        }
    }
    text
}

/// What was found and where, on one line.
fn headline(finding: &Finding) -> String {
    let place = if finding.pointer.is_empty() { String::new() } else { format!(", at {}", visible(&finding.pointer)) };
    format!(
        "{} {} ({}, confidence {}): {}{place}",
        finding.id,
        visible(&finding.rule),
        finding.severity.name(),
        decimal(finding.confidence),
        visible(&finding.detail),
    )
}

/// What no excerpt repeats.
fn private_spans(found: &Found) -> Vec<Range<usize>> {
    let is_private = |finding: &&Finding| finding.id.starts_with("SE") || finding.id.starts_with("PD");
    found.findings.as_slice().iter().filter(is_private).map(|finding| finding.span.clone()).collect()
}

/// The place with some text around it and marks below it.
fn excerpt(source: &str, span: &Range<usize>, private: &[Range<usize>], indent: &str) -> String {
    let start = source.floor_char_boundary(span.start);
    let end = source.ceil_char_boundary(span.end.max(start));
    let (before, rest) = source.split_at_checked(start).unwrap_or_default();
    let (inside, after) = rest.split_at_checked(end - start).unwrap_or((rest, ""));
    let hides = |at: usize| private.iter().any(|range| range.contains(&at));
    let show = |text: &str, offset: usize, count: usize| -> String {
        let characters = text.char_indices().take(count);
        characters.map(|(at, c)| if hides(offset + at) { "•".to_owned() } else { visible_character(c) }).collect()
    };
    let skipped = before.char_indices().rev().nth(AROUND - 1).map_or(0, |(at, _)| at);
    let lead = show(before.get(skipped..).unwrap_or_default(), skipped, AROUND);
    let meant = show(inside, start, SHOWN_MAX);
    let cut = if inside.chars().nth(SHOWN_MAX).is_some() { "…" } else { "" };
    let tail = if cut.is_empty() { show(after, end, AROUND) } else { String::new() };
    let (gap, marks) = (" ".repeat(width(&lead)), "^".repeat(width(&meant).max(1)));
    format!("{indent}  | {lead}{meant}{cut}{tail}\n{indent}  | {gap}{marks}\n")
}

/// A text in which nothing moves a cursor or hides.
fn visible(text: &str) -> String {
    text.chars().map(visible_character).collect()
}

fn visible_character(character: char) -> String {
    let hides = character.is_control() || characters::unseen(character).is_some();
    match character {
        '\n' => "⏎".to_owned(),
        '\t' => " ".to_owned(),
        hidden if hides => format!("<U+{:04X}>", u32::from(hidden)),
        other => other.to_string(),
    }
}

/// Columns of a terminal: characters of East Asia and pictures take two.
fn width(text: &str) -> usize {
    let wide = |c: char| matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD);
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

fn quoted(text: &str) -> String {
    let mut written = Vec::with_capacity(text.len() + 2);
    write_string(text, &mut written);
    String::from_utf8(written).unwrap_or_default()
}

/// Four decimals at most, without the zeros at the end.
fn decimal(value: f32) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() { "0".to_owned() } else { text.to_owned() }
}
