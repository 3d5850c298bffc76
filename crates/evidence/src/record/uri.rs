//! Takes what may be secret out of a resource URI: user and password, the values of a query, the fragment, and the
//! payload of a `data:` URI. Scheme, host, path and the names of query parameters stay. It never decides anything: the
//! URI that policy saw and that was sent is the one as written.

use std::borrow::Cow;

use crate::record::text::cut;

/// Stands in place of what was taken out.
const REDACTED: &str = "[redacted]";

/// The URI as it may stand in a record; borrowed if nothing had to be taken out.
#[must_use]
pub fn redact(uri: &str) -> Cow<'_, str> {
    let scheme_is_data = uri.trim_start().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    if scheme_is_data {
        // The media type is worth keeping; without a comma there is none, and everything may be payload.
        let media_type = uri.split_once(',').map_or("data:", |(before, _)| cut(before, 64));
        return Cow::Owned(format!("{media_type},{REDACTED}"));
    }
    if !uri.contains(['@', '?', '#']) {
        return Cow::Borrowed(uri);
    }
    let (place, fragment) = split(uri, '#');
    let (path, query) = split(place, '?');
    let mut out = without_user(path);
    if let Some(query) = query {
        out.push('?');
        for (index, pair) in query.split('&').enumerate() {
            if index > 0 {
                out.push('&');
            }
            match pair.split_once('=') {
                // A second question mark or a separator that some server knows may begin another value.
                Some((name, _)) if !name.contains([';', '?', '@']) => {
                    out.push_str(name);
                    out.push('=');
                    out.push_str(REDACTED);
                }
                Some(_) => out.push_str(REDACTED),
                None if pair.is_empty() => {}
                None => out.push_str(REDACTED),
            }
        }
    }
    if fragment.is_some() {
        out.push('#');
        out.push_str(REDACTED);
    }
    if out == uri { Cow::Borrowed(uri) } else { Cow::Owned(out) }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Takes out everything before the last `@` of each authority: what follows two slashes, up to the next one. Some
/// URIs hold another one in their path, and some readers take a backslash for a slash.
fn without_user(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut slashes = 0;
    for segment in path.split_inclusive(['/', '\\']) {
        let is_authority = slashes >= 2;
        let alone = matches!(segment, "/" | "\\");
        match segment.rfind('@') {
            Some(at) if is_authority => {
                out.push_str(REDACTED);
                out.push_str(segment.get(at..).unwrap_or_default());
            }
            // `scheme:user:password@host` without slashes: an address of mail or of telephony, or a mistake.
            Some(at) if slashes == 0 && segment.contains(':') => {
                let scheme = segment.find(':').map_or(0, |colon| colon + 1);
                out.push_str(segment.get(..scheme.min(at)).unwrap_or_default());
                out.push_str(REDACTED);
                out.push_str(segment.get(at..).unwrap_or_default());
            }
            _ => out.push_str(segment),
        }
        slashes = if alone { slashes + 1 } else { usize::from(segment.ends_with(['/', '\\'])) };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_leave_and_the_path_stays() {
        for (uri, expected) in [
            ("file:///home/me/notes.md", "file:///home/me/notes.md"),
            ("notes://today/1", "notes://today/1"),
            ("https://user:hunter2@host/a/b", "https://[redacted]@host/a/b"),
            ("https://a@b:hunter2@host", "https://[redacted]@host"),
            ("https:\\\\user:hunter2@host\\a", "https:\\\\[redacted]@host\\a"),
            ("//user:hunter2@host/a", "//[redacted]@host/a"),
            ("proxy:///https://user:hunter2@host/a", "proxy:///https://[redacted]@host/a"),
            ("jdbc:postgresql://me:hunter2@db/x", "jdbc:postgresql://[redacted]@db/x"),
            ("mailto:me:hunter2@host", "mailto:[redacted]@host"),
            ("https://h/p?token=hunter2&x=hunter2", "https://h/p?token=[redacted]&x=[redacted]"),
            ("https://h/p?hunter2", "https://h/p?[redacted]"),
            ("https://h/p?a=1;b=hunter2", "https://h/p?a=[redacted]"),
            ("https://h/p?hunter2;b=1", "https://h/p?[redacted]"),
            ("https://h/p#access_token=hunter2", "https://h/p#[redacted]"),
            ("https://h/p?a=hunter2#b?c=hunter2", "https://h/p?a=[redacted]#[redacted]"),
            ("data:text/plain,hunter2", "data:text/plain,[redacted]"),
            ("DATA:hunter2", "data:,[redacted]"),
            ("https://h/~me@work/x", "https://h/~me@work/x"),
        ] {
            assert_eq!(redact(uri), expected, "{uri}");
        }
    }
}
