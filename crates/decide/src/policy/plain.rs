//! The plain form of a path or URI: what several spellings of one place have in common, so that `/srv/../etc/passwd`,
//! `/etc//passwd` and `file:///%65tc/passwd` cannot walk around a pattern about `/etc`.
//!
//! Nothing is ever forwarded in this form. A deny rule matches when either form does, an allow rule only when both do,
//! so a wrong guess here can refuse too much and never too little.

use std::borrow::Cow;

/// The plain form, where it differs from what is written: percent escapes decoded (once), backslashes as slashes,
/// empty, `.` and `..` segments resolved, `file:/x` and `file://localhost/x` as `file:///x`, scheme and host in lower
/// case, no query or fragment after a `file:` path. `None` when the text is plain already.
#[must_use]
pub(super) fn plain_form(written: &str) -> Option<String> {
    if !may_differ(written) {
        return None;
    }
    let decoded = decode(written);
    let slashed: Cow<'_, str> =
        if decoded.contains('\\') { decoded.replace('\\', "/").into() } else { Cow::Borrowed(&*decoded) };
    let (prefix, path) = split_prefix(&slashed);
    let mut plain = prefix;
    resolve(path, &mut plain);
    (plain != written).then_some(plain)
}

/// Whether anything in the text could have another spelling. Cheap, and wrong only toward yes.
fn may_differ(written: &str) -> bool {
    let bytes = written.as_bytes();
    written.contains("://")
        || written.starts_with("file:")
        || bytes.iter().any(|byte| matches!(byte, b'%' | b'\\'))
        || bytes.windows(2).any(|pair| matches!(pair, b"//" | b"/." | b"./"))
        || written == ".."
        || written == "."
        || scheme_of(written).is_some()
}

/// The scheme of a URI (RFC 3986, section 3.1): a letter and then letters, digits, `+`, `-`, `.`, before a colon.
fn scheme_of(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let mut characters = scheme.chars();
    let first = characters.next()?;
    (first.is_ascii_alphabetic()
        && scheme.len() > 1
        && characters.all(|character| character.is_ascii_alphanumeric() || matches!(character, '+' | '-' | '.')))
    .then_some(scheme)
}

/// Percent escapes decoded once; an escape that is not one stays, and bytes that are not UTF-8 are replaced.
fn decode(written: &str) -> Cow<'_, str> {
    if !written.contains('%') {
        return Cow::Borrowed(written);
    }
    let mut out = Vec::with_capacity(written.len());
    let mut bytes = written.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let pair = (byte == b'%').then(|| Some((digit(ahead.next()?)?, digit(ahead.next()?)?))).flatten();
        match pair {
            Some((high, low)) => {
                out.push(high * 16 + low);
                bytes = ahead;
            }
            None => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned().into()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// What stands before the path, in lower case where case has no meaning, and the path.
fn split_prefix(text: &str) -> (String, &str) {
    let Some(scheme) = scheme_of(text) else { return (String::new(), text) };
    let rest = text.get(scheme.len() + 1..).unwrap_or_default();
    let mut prefix = scheme.to_ascii_lowercase();
    prefix.push(':');
    let is_file = prefix == "file:";
    match rest.strip_prefix("//") {
        Some(after) => {
            let end = after.find('/').unwrap_or(after.len());
            let (host, path) = after.split_at(end);
            prefix.push_str("//");
            if !(is_file && host.eq_ignore_ascii_case("localhost")) {
                prefix.push_str(&host.to_ascii_lowercase());
            }
            (prefix, if is_file { without_query(path) } else { path })
        }
        None if is_file && rest.starts_with('/') => {
            prefix.push_str("//");
            (prefix, without_query(rest))
        }
        None => (prefix, rest),
    }
}

fn without_query(path: &str) -> &str {
    path.find(['?', '#']).and_then(|end| path.get(..end)).unwrap_or(path)
}

/// Appends `path` with empty, `.` and `..` segments resolved. A `..` above the root stays at the root.
fn resolve(path: &str, out: &mut String) {
    let absolute = path.starts_with('/');
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." if segments.last().is_some_and(|last| *last != "..") => {
                segments.pop();
            }
            ".." if absolute => {}
            other => segments.push(other),
        }
    }
    if absolute {
        out.push('/');
    }
    let ends_in_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    out.push_str(&segments.join("/"));
    if ends_in_folder && !segments.is_empty() {
        out.push('/');
    }
}
