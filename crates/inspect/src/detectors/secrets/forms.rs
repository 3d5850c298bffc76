//! Secrets that can be told by their form alone: how they begin, what they are made of, what can be computed.

use std::ops::Range;

use super::kinds::{Check, Kind, Tail};
use super::shapes::{is_random_value, mixed_case};
use super::{Found, documented, logins, values};
use crate::normalise::Layer;
use crate::signals::Hit;

/// How many bytes after a beginning belong to the kind, up to one more than it may have. `run` is what is known to
/// belong to a long kind, so that a text full of beginnings is not read again from each of them.
fn tail_length(bytes: &[u8], from: usize, kind: &Kind, run: &mut Range<usize>) -> usize {
    const LONG: usize = 1000;
    let end = from + kind.max + 1;
    let is_long = kind.max > LONG && kind.tail == Tail::Dotted;
    let known = if is_long && run.contains(&from) { run.end.min(end) } else { from };
    let more = bytes.get(known..end.min(bytes.len())).unwrap_or_default();
    let until = known + more.iter().take_while(|b| belongs(**b, kind.tail)).count();
    if is_long {
        *run = from..until.max(run.end);
    }
    until - from
}

/// A secret that begins with what only this kind begins with.
pub(super) fn by_form(layer: &Layer<'_>, hit: &Hit, kind: &'static Kind, run: &mut Range<usize>) -> Option<Found> {
    let text = layer.text();
    let bytes = text.as_bytes();
    let begins = text.get(hit.start..hit.end)?;
    // In a folded reading the case is gone: only beginnings that are long enough are told without it.
    let folded = layer.is_folded() && kind.prefix.len() > 3;
    if begins != kind.prefix && !(folded && begins.eq_ignore_ascii_case(kind.prefix)) {
        return None;
    }
    if kind.name == "private-key" {
        return pem(text, hit.start).map(|range| (range, kind.name, 0.97));
    }
    if kind.check == Check::Line {
        return logins::in_line(text, hit.start, kind.prefix);
    }
    let mut start = hit.start;
    let before = start.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    let joins = !kind.prefix.starts_with(|c: char| c.is_ascii_alphanumeric()) || kind.prefix == "Q~";
    if !joins && (before.is_ascii_alphanumeric() || before == b'_' && !kind.prefix.contains(['_', '-', '.'])) {
        return None;
    }
    let unfolded = Kind { tail: Tail::Alphanumeric, ..*kind };
    let by_tail = if folded && kind.tail == Tail::Capitals { &unfolded } else { kind };
    let length = tail_length(bytes, hit.end, by_tail, run);
    if length < kind.min || length > kind.max {
        return None;
    }
    if kind.prefix == ":AA" {
        // Telegram: the number of the bot stands before.
        let digits = bytes.get(..start)?.iter().rev().take(12).take_while(|b| b.is_ascii_digit()).count();
        start -= (8..=10).contains(&digits).then_some(digits)?;
    } else if kind.prefix == "Q~" {
        // Microsoft: three characters and a digit stand before.
        let head = bytes.get(start.checked_sub(4)?..start)?;
        let fits = head.iter().all(|b| belongs(*b, Tail::Dotted)) && head.last().is_some_and(u8::is_ascii_digit);
        start -= fits.then_some(4)?;
    }
    let end = hit.end + length;
    let value = text.get(hit.end..end)?;
    if documented::is_published(text.get(start..end)?) || documented::goes_on_as_pattern(text, end) {
        return None;
    }
    let fits = match kind.check {
        Check::Line => false,
        Check::Hex40 => !values::is_placeholder(value) && ends_in_hex(value),
        Check::Jwk => is_random_value(value) && near_kind(text, start),
        Check::Random => !values::is_placeholder(value) && looks_random(value, kind),
        Check::Crc62 => {
            values::crc62_holds(text.get(start..end)?)
                || (!values::is_placeholder(value) && values::entropy(value) > 3.5)
        }
        Check::Jwt => is_jwt(text.get(start..end)?),
        Check::Contains(inner) => value.contains(inner),
    };
    fits.then_some((start..end, kind.name, 0.95))
}

/// Forty hexadecimal digits behind nothing, `local_`, or sixteen more and `_`.
fn ends_in_hex(value: &str) -> bool {
    let (head, tail) = value.rsplit_once('_').unwrap_or(("", value));
    let hex = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit());
    hex(tail, 40) && (head.is_empty() || head == "local" || hex(head, 16))
}

/// Whether the kind of a key in JSON stands near its private part.
fn near_kind(text: &str, at: usize) -> bool {
    const REACH: usize = 2000;
    let window = text.floor_char_boundary(at.saturating_sub(REACH))..text.floor_char_boundary(at + REACH);
    text.get(window).is_some_and(|window| memchr::memmem::find(window.as_bytes(), b"\"kty\"").is_some())
}

/// Short or common beginnings need a value that is random beyond doubt.
fn looks_random(value: &str, kind: &Kind) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    match kind.tail {
        Tail::Digits => true,
        Tail::Hex => values::entropy(value) > 2.8 && digits >= 4,
        Tail::Capitals => values::entropy(value) > 2.5 && (kind.prefix.len() >= 4 || digits > 2),
        Tail::Alphanumeric | Tail::Token | Tail::Dotted | Tail::Base64 => {
            // The number before it makes the beginning of Telegram long enough.
            let short = kind.prefix.len() <= 3 && kind.prefix != ":AA";
            let floor = if short { 3.9 } else { 3.0 };
            values::entropy(value) > floor && (digits >= 2 || !short && mixed_case(value) || kind.prefix == "Q~")
        }
    }
}

const fn belongs(byte: u8, tail: Tail) -> bool {
    match tail {
        Tail::Hex => byte.is_ascii_hexdigit(),
        Tail::Digits => byte.is_ascii_digit(),
        Tail::Alphanumeric => byte.is_ascii_alphanumeric(),
        Tail::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        Tail::Token => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
        Tail::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'),
        Tail::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/' | b'=' | b'%'),
    }
}

/// A PEM or OpenSSH block of a private key with at least some of the key in it.
fn pem(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let mut head_end = rest.len().min(80);
    while !rest.is_char_boundary(head_end) {
        head_end -= 1;
    }
    let head = rest.get(..head_end)?;
    let label = head.get(11..)?.split("-----").next()?;
    let upper = label.to_ascii_uppercase();
    if !upper.ends_with("PRIVATE KEY") && !upper.ends_with("PRIVATE KEY BLOCK") {
        return None;
    }
    let body = rest.get(11 + label.len() + 5..)?;
    let end = body.find("-----END").or_else(|| body.find("-----end")).unwrap_or(body.len().min(8192));
    let key: usize = body.bytes().take(end).filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).count();
    let inner = body.get(..end).unwrap_or_default();
    (key >= 40 && !inner.contains("...")).then(|| start..(start + 11 + label.len() + 5 + end).min(text.len()))
}

/// A token of any of the JOSE kinds: its header decodes to JSON that names an algorithm, whatever follows.
pub(super) fn is_sealed(token: &str) -> bool {
    const LENGTH_MIN: usize = 80;
    let mut parts = token.split('.');
    let header = parts.next().and_then(values::base64_bytes).unwrap_or_default();
    let body = parts.next().unwrap_or_default();
    let named = header.starts_with(b"{") && memchr::memmem::find(&header, b"\"alg\"").is_some();
    let drawn = body.bytes().filter(u8::is_ascii_digit).count() >= 3 && !documented::is_periodic(body);
    named && token.len() >= LENGTH_MIN && body.len() >= 30 && drawn && !body.starts_with("ey")
}

pub(super) fn is_jwt(token: &str) -> bool {
    let mut parts = token.split('.');
    let (Some(header), Some(payload)) = (parts.next(), parts.next()) else { return false };
    let signature = parts.next().unwrap_or_default();
    // Every JSON object in base64 begins with `eyJ` or, with white space, `ew`.
    let shaped = header.len() >= 16
        && payload.len() >= 8
        && (payload.starts_with("ey") || payload.starts_with("ew"))
        && signature.len() >= 20;
    shaped && !values::is_dull(payload) && !values::is_documented(payload)
}
