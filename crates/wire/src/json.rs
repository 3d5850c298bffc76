//! Strict JSON over borrowed bytes: one checking pass, then views into the same text.
//!
//! `check` accepts exactly RFC 8259 and refuses what two readers could take differently: duplicate keys (compared
//! after unescaping), lone surrogates, a byte order mark, trailing bytes. It allocates nothing for ordinary messages.
//! A `Raw` is made only from checked text, so walking it cannot fail. Numbers are kept as written.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};

use crate::{Limits, Refusal};

mod keys;
mod number;
pub(crate) mod scan;
pub(crate) mod string;
pub(crate) mod walk;

pub use walk::{Items, Members, Role, Spot};

#[cfg(test)]
mod tests;

/// The type of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number, of any size.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// One value inside a checked text: the exact source text, without surrounding white space, and where it stands.
#[derive(Clone, Copy)]
pub struct Raw<'a> {
    // INVARIANT: a whole value (or key) of a text that passed `scan::scan`. Bytes rather than `str`, so that a value
    // can be cut out of a message of megabytes without proving again that all of it is UTF-8.
    text: &'a [u8],
    offset: usize,
}

impl std::fmt::Debug for Raw<'_> {
    /// Type and place only: the value may hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Raw({:?} at {:?})", self.kind(), self.span())
    }
}

impl<'a> Raw<'a> {
    /// A value of a message that was checked before.
    pub(crate) fn checked(text: &'a [u8], span: Range<usize>) -> Self {
        Self { offset: span.start, text: text.get(span).unwrap_or_default() }
    }

    /// The source text of the value. Proves again that it is UTF-8, at memory speed; [`Raw::bytes`] costs nothing.
    #[must_use]
    pub fn text(self) -> &'a str {
        string::utf8(self.text)
    }

    /// The source text of the value, as bytes.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        self.text
    }

    /// Where the value stands in the text that was checked, in bytes.
    #[must_use]
    pub fn span(self) -> Range<usize> {
        self.offset..self.offset + self.text.len()
    }

    /// The type of the value.
    #[must_use]
    pub fn kind(self) -> Type {
        match self.text.first() {
            Some(b'"') => Type::String,
            Some(b'{') => Type::Object,
            Some(b'[') => Type::Array,
            Some(b't' | b'f') => Type::Bool,
            Some(b'-' | b'0'..=b'9') => Type::Number,
            _ => Type::Null,
        }
    }

    /// What stands between the quotes of a string, escapes as written.
    fn inner(self) -> Option<&'a [u8]> {
        self.text.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""))
    }

    /// The value of a string, unescaped; borrowed where nothing was escaped. `None` for other types.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        self.inner().map(string::unescape)
    }

    /// The value of a boolean.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.text {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// A number as an integer, where it is one that fits (also when written `42.0` or `4.2e1`).
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        if self.kind() == Type::Number { number::integer(self.text) } else { None }
    }

    /// A number as the nearest `f64`; infinite when out of range.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        if self.kind() == Type::Number { self.text().parse().ok() } else { None }
    }

    /// The member of an object, by its unescaped key. `None` for other types.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Raw<'a>> {
        self.members().find(|(k, _)| k.is_str(key)).map(|(_, value)| value)
    }

    /// Whether this is a string whose value is `expected`; allocates nothing.
    #[must_use]
    pub fn is_str(self, expected: &str) -> bool {
        self.inner().is_some_and(|inner| string::equals(inner, expected))
    }

    /// The members of an object in the order written, each key as a string value; empty for other types.
    #[must_use]
    pub fn members(self) -> Members<'a> {
        Members::of(self)
    }

    /// The elements of an array; empty for other types.
    #[must_use]
    pub fn items(self) -> Items<'a> {
        Items::of(self)
    }

    /// The value at an RFC 6901 JSON pointer.
    #[must_use]
    pub fn pointer(self, pointer: &str) -> Option<Raw<'a>> {
        if pointer.is_empty() {
            return Some(self);
        }
        let mut value = self;
        for token in pointer.strip_prefix('/')?.split('/') {
            value = match value.kind() {
                Type::Object if token.contains('~') => value.get(&unescape_token(token)?)?,
                Type::Object => value.get(token)?,
                Type::Array => value.items().nth(array_index(token)?)?,
                Type::Null | Type::Bool | Type::Number | Type::String => return None,
            };
        }
        Some(value)
    }

    /// Visits every key, string and number inside this value, in the order written, in one pass. Allocates nothing per
    /// visit; a spot builds its JSON pointer only when asked. `ControlFlow::Break` ends the walk.
    pub fn walk<B>(self, visit: impl FnMut(&Spot<'a, '_>) -> ControlFlow<B>) -> ControlFlow<B> {
        walk::walk(self, visit)
    }

    /// Visits every key and every string inside this value, as [`Raw::walk`] does.
    pub fn walk_strings<B>(self, mut visit: impl FnMut(&Spot<'a, '_>) -> ControlFlow<B>) -> ControlFlow<B> {
        walk::walk(self, |spot| match spot.role() {
            Role::Key | Role::String => visit(spot),
            Role::Number => ControlFlow::Continue(()),
        })
    }
}

/// A reference token with `~1` and `~0` resolved; `None` where `~` is followed by anything else (RFC 6901, section 3).
fn unescape_token(token: &str) -> Option<String> {
    let mut value = String::with_capacity(token.len());
    let mut characters = token.chars();
    while let Some(character) = characters.next() {
        value.push(match character {
            '~' => match characters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            other => other,
        });
    }
    Some(value)
}

/// An array index: digits without leading zeros (RFC 6901, section 4).
fn array_index(token: &str) -> Option<usize> {
    let is_plain = token == "0" || (!token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit()));
    if is_plain { token.parse().ok() } else { None }
}

/// The integer that a text outside JSON writes as JSON would; `None` if it is no number or no integer that fits.
pub(crate) fn integer_text(text: &str) -> Option<i64> {
    if number::scan(text.as_bytes()) == Ok(text.len()) { number::integer(text.as_bytes()) } else { None }
}

/// Checks a whole text: one JSON value with nothing but white space around it.
///
/// # Errors
/// A refusal with the offset at which reading stopped.
pub fn check<'a>(text: &'a [u8], limits: &Limits) -> Result<Raw<'a>, Refusal> {
    scan::scan(text, limits, &mut scan::Nobody).map(|span| Raw::checked(text, span))
}

/// Writes `value` as a JSON string, with quotes, to `out`. Only what RFC 8259 demands is escaped.
pub fn write_string(value: &str, out: &mut Vec<u8>) {
    string::write(value, out);
}
