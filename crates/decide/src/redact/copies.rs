//! A value that is taken out in one place is taken out wherever the message repeats it: the text of a result and its
//! structured copy, where a name beside the value may have given it away in one of them only.

use std::ops::{ControlFlow, Range};

use aho_corasick::AhoCorasick;
use gatehold_wire::Message;
use gatehold_wire::json::Raw;

use super::{CannotRedact, Target, place};

/// Shorter values are words that stand in a text for reasons of their own.
const VALUE_BYTES_MIN: usize = 8;
/// More places than this are not edited.
const COPIES_MAX: usize = 10_000;

/// Adds a target for every place where the value of one stands again.
pub(super) fn add(message: &Message, targets: &mut Vec<Target>) -> Result<(), CannotRedact> {
    let mut values: Vec<(String, usize)> = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        // A whole value is what it is because of its place.
        let bytes = message.bytes().get(target.span.clone()).ok_or(CannotRedact)?;
        if bytes.len() < VALUE_BYTES_MIN || bytes.starts_with(b"\"") {
            continue;
        }
        if let Ok(value) = place::decoded(message, &target.span)
            && value.len() >= VALUE_BYTES_MIN
            && !values.iter().any(|(other, _)| *other == value)
        {
            values.push((value, index));
        }
    }
    if values.is_empty() {
        return Ok(());
    }
    let search = AhoCorasick::new(values.iter().map(|(value, _)| value)).map_err(|_| CannotRedact)?;
    let mut found: Vec<(Range<usize>, usize)> = Vec::new();
    let sections = [message.params(), message.result(), message.error()];
    for section in sections.into_iter().flatten() {
        let walked = section.walk_strings(|spot| {
            look(spot.value(), &search, &mut found);
            if found.len() > COPIES_MAX { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if walked.is_break() {
            return Err(CannotRedact);
        }
    }
    let known: Vec<Range<usize>> = targets.iter().map(|target| target.span.clone()).collect();
    for (span, pattern) in found {
        let index = values.get(pattern).map(|(_, index)| *index);
        let Some(target) = index.and_then(|index| targets.get(index)).cloned() else { continue };
        if !known.contains(&span) {
            targets.push(Target { span, ..target });
        }
    }
    Ok(())
}

/// Every place in one string, as bytes of the message.
fn look(string: Raw<'_>, search: &AhoCorasick, found: &mut Vec<(Range<usize>, usize)>) {
    let Some(text) = string.as_str() else { return };
    let inner = string.span().start + 1;
    let source = string.bytes();
    let source = source.get(1..source.len().saturating_sub(1)).unwrap_or_default();
    let mut position = place::Position::new(source);
    for hit in search.find_iter(&*text) {
        let start = position.of(hit.start());
        let end = position.of(hit.end());
        found.push((inner + start..inner + end, hit.pattern().as_usize()));
    }
}
