//! JSON strings as bytes: finding their end, checking their escapes, comparing and unescaping them.
//!
//! Only `check_escape` looks at unchecked text; everything else works on what lies between the quotes of a string that
//! was checked, and therefore never fails.

use std::borrow::Cow;
use std::cmp::Ordering;

/// The index of the first quote, backslash or control character at or after `at`; the length of the text if none.
#[inline(always)]
pub(crate) fn find_special(text: &[u8], at: usize) -> usize {
    let mut at = at;
    // Most strings are short: two words settle them without setting up the wide loop.
    for _ in 0..2 {
        match word_at(text, at) {
            Some(word) => match specials(word) {
                0 => at += 8,
                found => return at + (found.trailing_zeros() / 8) as usize,
            },
            None => return find_special_slowly(text, at),
        }
    }
    find_special_far(text, at)
}

#[inline(never)]
fn find_special_far(text: &[u8], at: usize) -> usize {
    let mut at = at;
    while let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk::<64>) {
        if chunk_has_special(chunk) {
            break;
        }
        at += 64;
    }
    while let Some(word) = word_at(text, at) {
        match specials(word) {
            0 => at += 8,
            found => return at + (found.trailing_zeros() / 8) as usize,
        }
    }
    find_special_slowly(text, at)
}

fn find_special_slowly(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len())
}

#[inline]
fn word_at(text: &[u8], at: usize) -> Option<u64> {
    text.get(at..).and_then(<[u8]>::first_chunk::<8>).map(|bytes| u64::from_le_bytes(*bytes))
}

/// Eight bytes at a time: the lowest set top bit marks the first special byte. Bits above it may be false alarms,
/// which is why only the lowest is read.
#[inline]
const fn specials(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    ((quote.wrapping_sub(ONES) & !quote) | (backslash.wrapping_sub(ONES) & !backslash) | control) & TOPS
}

/// Without an early exit, so that the compiler turns it into vector instructions.
#[inline]
fn chunk_has_special(chunk: &[u8; 64]) -> bool {
    chunk.iter().fold(false, |found, &byte| found | (byte == b'"') | (byte == b'\\') | (byte < 0x20))
}

/// What is wrong with an escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadEscape {
    /// Not one of the escapes of RFC 8259.
    Unknown,
    /// Half of a surrogate pair.
    LoneSurrogate,
}

/// The number of bytes of the escape that begins at the start of `text` (with its backslash): 2, 6, or 12 for a pair.
pub(crate) fn check_escape(text: &[u8]) -> Result<usize, BadEscape> {
    match text.get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        Some(b'u') => match unit(text).ok_or(BadEscape::Unknown)? {
            0xd800..=0xdbff => {
                let second = text.get(6..).filter(|rest| rest.starts_with(b"\\u")).and_then(unit);
                match second {
                    Some(0xdc00..=0xdfff) => Ok(12),
                    _ => Err(BadEscape::LoneSurrogate),
                }
            }
            0xdc00..=0xdfff => Err(BadEscape::LoneSurrogate),
            _ => Ok(6),
        },
        _ => Err(BadEscape::Unknown),
    }
}

/// The UTF-16 unit of a `\uXXXX` at the start of `text`.
fn unit(text: &[u8]) -> Option<u32> {
    text.get(2..6)?.iter().try_fold(0, |value, &digit| Some(value * 16 + (digit as char).to_digit(16)?))
}

/// The characters of a string, escapes resolved; `inner` is what stands between the quotes of a checked string.
#[derive(Debug, Clone)]
pub(crate) struct Characters<'a> {
    inner: &'a [u8],
}

pub(crate) const fn characters(inner: &[u8]) -> Characters<'_> {
    Characters { inner }
}

impl Iterator for Characters<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let (character, length) = match *self.inner.first()? {
            b'\\' => escaped_character(self.inner),
            byte if byte.is_ascii() => (byte as char, 1),
            byte => {
                let length = if byte >= 0xf0 { 4 } else { 3 - usize::from(byte < 0xe0) };
                let encoded = self.inner.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
                (encoded.and_then(|text| text.chars().next()).unwrap_or(char::REPLACEMENT_CHARACTER), length)
            }
        };
        self.inner = self.inner.get(length..).unwrap_or_default();
        Some(character)
    }
}

/// The character that the escape at the start of `text` stands for, and how many bytes the escape takes.
fn escaped_character(text: &[u8]) -> (char, usize) {
    let character = match text.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let first = unit(text).unwrap_or_default();
            if !(0xd800..0xdc00).contains(&first) {
                return (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6);
            }
            let second = text.get(6..).and_then(unit).unwrap_or_default();
            let joined = 0x10000 + ((first - 0xd800) << 10) + (second & 0x3ff);
            return (char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
        }
        Some(&byte) => byte as char,
        None => char::REPLACEMENT_CHARACTER,
    };
    (character, 2)
}

/// The value of a string; borrowed where nothing is escaped.
pub(crate) fn unescape(inner: &[u8]) -> Cow<'_, str> {
    let Some(mut escape) = memchr::memchr(b'\\', inner) else {
        return Cow::Borrowed(utf8(inner));
    };
    let mut value = String::with_capacity(inner.len());
    let mut rest = inner;
    loop {
        value.push_str(utf8(rest.get(..escape).unwrap_or_default()));
        let (character, length) = escaped_character(rest.get(escape..).unwrap_or_default());
        value.push(character);
        rest = rest.get(escape + length..).unwrap_or_default();
        match memchr::memchr(b'\\', rest) {
            Some(next) => escape = next,
            None => break,
        }
    }
    value.push_str(utf8(rest));
    Cow::Owned(value)
}

/// Bytes of a text that passed the check, cut at ASCII characters, are UTF-8; this proves it again at memory speed,
/// since the type system cannot know.
pub(crate) fn utf8(bytes: &[u8]) -> &str {
    simdutf8::basic::from_utf8(bytes).unwrap_or_default()
}

/// Whether the string has the value `expected`.
pub(crate) fn equals(inner: &[u8], expected: &str) -> bool {
    if inner == expected.as_bytes() {
        // An escaped string never equals its own value: the value would need a backslash where the text has two.
        return memchr::memchr(b'\\', inner).is_none();
    }
    inner.len() > expected.len() && memchr::memchr(b'\\', inner).is_some() && characters(inner).eq(expected.chars())
}

/// Compares the values of two strings, by code points.
pub(crate) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    if memchr::memchr(b'\\', left).is_none() && memchr::memchr(b'\\', right).is_none() {
        left.cmp(right)
    } else {
        characters(left).cmp(characters(right))
    }
}

/// Writes `value` as a JSON string, with quotes, to `out`. Only what RFC 8259 demands is escaped.
pub(crate) fn write(value: &str, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let bytes = value.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut from = 0;
    loop {
        let special = find_special(bytes, from);
        out.extend_from_slice(bytes.get(from..special).unwrap_or_default());
        let Some(&byte) = bytes.get(special) else { break };
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            control => {
                let digit = |value: u8| DIGITS.get(usize::from(value & 15)).copied().unwrap_or(b'0');
                out.extend([b'\\', b'u', b'0', b'0', digit(control >> 4), digit(control)]);
            }
        }
        from = special + 1;
    }
    out.push(b'"');
}
