//! The headers of revision 2026-07-28 that mirror the body: `MCP-Protocol-Version`, `Mcp-Method`, `Mcp-Name`,
//! `Mcp-Param-*`. They are hints for intermediaries; decisions are made on the body, and a header that disagrees with
//! it is an attack on someone who trusts the header. This module compares; it never routes.

use std::borrow::Cow;

use crate::json::{Raw, Type, integer_text};
use crate::{Message, Refusal, RefusalCode};

mod base64;
mod schema;

pub use schema::{MirroredParam, mirrored_params};

const MARKER: &[u8] = b"=?base64?";
const MARKER_END: &[u8] = b"?=";

/// Decodes a mirrored value: `=?base64?…?=` (marker lower-case, content UTF-8) or plain visible ASCII, surrounding
/// white space trimmed.
///
/// # Errors
/// `RefusalCode::HeaderMismatch` when it is neither: such a header cannot agree with any body.
pub fn decode_value(value: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    let value = trim(value);
    // Without both marks it is a plain value that happens to look like the beginning or the end of an encoded one.
    let Some(encoded) = value.strip_prefix(MARKER).and_then(|marked| marked.strip_suffix(MARKER_END)) else {
        let is_plain = value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        return match std::str::from_utf8(value) {
            Ok(text) if is_plain => Ok(Cow::Borrowed(text)),
            Ok(_) | Err(_) => Err(undecodable("A mirrored header holds bytes that are not visible ASCII.")),
        };
    };
    let decoded = base64::decode(encoded).and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.map(Cow::Owned).ok_or_else(|| undecodable("A mirrored header is marked as Base64 but holds none of UTF-8."))
}

/// Writes a value as a mirrored header: plain where it is visible ASCII without surrounding white space and does not
/// look like the marker, else `=?base64?…?=`.
#[must_use]
pub fn encode_value(value: &str) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    let is_plain = bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) && trim(bytes).len() == bytes.len();
    let looks_marked = bytes.get(..MARKER.len()).is_some_and(|start| start.eq_ignore_ascii_case(MARKER));
    if is_plain && !looks_marked {
        return Cow::Borrowed(value);
    }
    Cow::Owned(format!("=?base64?{}?=", base64::encode(bytes)))
}

/// Without surrounding white space as HTTP defines it (RFC 9110, section 5.6.3).
fn trim(value: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !is_space(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    value.get(start..end).unwrap_or_default()
}

/// The mirrored headers of one request, as they came; `None` for one that is absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mirrored<'a> {
    /// `MCP-Protocol-Version`
    pub version: Option<&'a [u8]>,
    /// `Mcp-Method`
    pub method: Option<&'a [u8]>,
    /// `Mcp-Name`
    pub name: Option<&'a [u8]>,
}

/// Compares the standard headers of a modern request with its body (2026-07-28, "Streamable HTTP", header rules):
/// each must be present and equal. `Mcp-Name` is compared for the methods that require it.
///
/// # Errors
/// `RefusalCode::HeaderMismatch` when one is missing, differs, or cannot be decoded.
pub fn check_mirrored(message: &Message, headers: &Mirrored<'_>) -> Result<(), Refusal> {
    let Mirrored { version, method, name } = *headers;
    check_plain("MCP-Protocol-Version", version, message.modern_version().as_deref())?;
    let called = message.method();
    check_plain("Mcp-Method", method, called.map(|method| method.name()))?;
    let Some(member) = called.and_then(|method| method.mirrored_param()) else {
        return Ok(());
    };
    // A member of another type is no name: the header must then be absent, and the server refuses the call.
    let expected = message.param(member).and_then(Raw::as_str);
    match (name, expected) {
        (Some(header), Some(expected)) if decode_value(header)? == expected => Ok(()),
        (None, None) => Ok(()),
        (Some(_), Some(_)) => Err(mismatch("Mcp-Name", "differs from the body")),
        (Some(_), None) => Err(mismatch("Mcp-Name", "names what the body does not")),
        (None, Some(_)) => Err(mismatch("Mcp-Name", "is missing")),
    }
}

/// A header that is never encoded.
fn check_plain(header_name: &str, header: Option<&[u8]>, expected: Option<&str>) -> Result<(), Refusal> {
    match (header, expected) {
        (Some(header), Some(expected)) if trim(header) == expected.as_bytes() => Ok(()),
        (Some(_), Some(_)) => Err(mismatch(header_name, "differs from the body")),
        (None, _) => Err(mismatch(header_name, "is missing")),
        (Some(_), None) => Err(mismatch(header_name, "has no counterpart in the body")),
    }
}

/// The header value for an argument: a string as it is, everything else as JSON; `None` when null or absent. Not yet
/// encoded: see [`encode_value`].
#[must_use]
pub fn param_value<'a>(param: &MirroredParam, arguments: Raw<'a>) -> Option<Cow<'a, str>> {
    let value = argument(param, arguments)?;
    value.as_str().or_else(|| Some(Cow::Borrowed(value.text())))
}

fn argument<'a>(param: &MirroredParam, arguments: Raw<'a>) -> Option<Raw<'a>> {
    let value = param.path.iter().try_fold(arguments, |value, key| value.get(key))?;
    if value.kind() == Type::Null { None } else { Some(value) }
}

/// Compares one `Mcp-Param-*` header with the argument it mirrors; integers compare as numbers (`42.0` = `42`).
///
/// # Errors
/// `RefusalCode::HeaderMismatch` when they differ, or one is there without the other, or when the
/// header cannot be decoded.
pub fn check_param(param: &MirroredParam, header: Option<&[u8]>, arguments: Raw<'_>) -> Result<(), Refusal> {
    let header_name = || format!("Mcp-Param-{}", param.header);
    match (header, argument(param, arguments)) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(mismatch(&header_name(), "is missing")),
        (Some(_), None) => Err(mismatch(&header_name(), "has no counterpart in the arguments")),
        (Some(header), Some(value)) => {
            let header = decode_value(header)?;
            let is_same = match value.kind() {
                Type::String => value.is_str(&header),
                Type::Number => {
                    let integer = value.as_i64();
                    header == value.text() || (integer.is_some() && integer_text(&header) == integer)
                }
                Type::Null | Type::Bool | Type::Array | Type::Object => header == value.text(),
            };
            if is_same { Ok(()) } else { Err(mismatch(&header_name(), "differs from the arguments")) }
        }
    }
}

fn mismatch(header_name: &str, what: &str) -> Refusal {
    Refusal::new(RefusalCode::HeaderMismatch, 0, format!("Header `{header_name}` {what}."))
}

/// A header that no body can agree with.
fn undecodable(detail: &str) -> Refusal {
    Refusal::new(RefusalCode::HeaderMismatch, 0, detail)
}

fn bad_header(detail: &str) -> Refusal {
    Refusal::new(RefusalCode::BadHeader, 0, detail)
}
