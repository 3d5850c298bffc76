//! What a server says when it refuses: the `WWW-Authenticate` header with the scheme `Bearer` (RFC 6750, RFC 9728). It
//! comes from a peer, so everything in it is bounded and nothing in it is trusted.

use std::collections::BTreeSet;

use http::header::{HeaderMap, WWW_AUTHENTICATE};

/// Bytes of the headers that are looked at.
const BYTES_MAX: usize = 8192;
/// Scopes of one challenge or one list, and bytes of each.
const SCOPES_MAX: usize = 100;
const SCOPE_BYTES_MAX: usize = 256;

/// A set of scopes, in the order of their names.
pub(crate) type Scopes = BTreeSet<String>;

/// A challenge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Challenge {
    /// Where the metadata of the resource is.
    pub(crate) resource_metadata: Option<String>,
    /// The scopes that the request needs; `None` when it does not say.
    pub(crate) scope: Option<Scopes>,
    /// The code of the error.
    pub(crate) error: Option<String>,
}

impl Challenge {
    /// The first `Bearer` challenge among the headers of an answer.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()).find_map(Self::parse)
    }

    /// Reads one header. Parameters of other schemes in the same header are passed over.
    fn parse(text: &str) -> Option<Self> {
        if text.len() > BYTES_MAX {
            return None;
        }
        let mut rest = text.trim_start_matches([' ', '\t', ',']);
        let mut found: Option<Self> = None;
        while !rest.is_empty() {
            let (name, after) = word(rest)?;
            let after_space = after.trim_start_matches([' ', '\t']);
            match after_space.strip_prefix('=') {
                // `name = value` belongs to the scheme before it.
                Some(value) => {
                    let (value, after) = value_of(value.trim_start_matches([' ', '\t']))?;
                    if let Some(challenge) = &mut found {
                        challenge.take(name, value);
                    }
                    rest = after;
                }
                // A word without a value begins a scheme.
                None if found.is_some() => break,
                None => {
                    found = name.eq_ignore_ascii_case("bearer").then(Self::default);
                    rest = after_space;
                }
            }
            rest = rest.trim_start_matches([' ', '\t', ',']);
        }
        found
    }

    fn take(&mut self, name: &str, value: String) {
        // Of a parameter that stands twice the first one counts.
        if name.eq_ignore_ascii_case("resource_metadata") {
            self.resource_metadata.get_or_insert(value);
        } else if name.eq_ignore_ascii_case("scope") && self.scope.is_none() {
            self.scope = scopes(value.split(' '));
        } else if name.eq_ignore_ascii_case("error") {
            self.error.get_or_insert(value);
        }
    }
}

/// Scopes as a set; `None` when one of them is none, or there are too many.
pub(crate) fn scopes<'a>(words: impl Iterator<Item = &'a str>) -> Option<Scopes> {
    let mut scopes = Scopes::new();
    for word in words.filter(|word| !word.is_empty()) {
        if !is_scope(word) || scopes.len() >= SCOPES_MAX {
            return None;
        }
        scopes.insert(word.to_owned());
    }
    Some(scopes)
}

/// Whether a word can be a scope (RFC 6749, section 3.3).
pub(crate) fn is_scope(word: &str) -> bool {
    (1..=SCOPE_BYTES_MAX).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

/// A token at the start of a text, and what follows it.
fn word(text: &str) -> Option<(&str, &str)> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~/".contains(&byte);
    let end = text.bytes().position(|byte| !is_token(byte)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at_checked(end))?
}

/// A token or a quoted text at the start of a text, and what follows it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        // What stands behind a `=` may end in more of them (token68).
        let end = text.find([' ', ',', '\t']).unwrap_or(text.len());
        let (value, after) = text.split_at_checked(end)?;
        return Some((value.to_owned(), after));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(text: &str) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, text.parse().unwrap());
        Challenge::of(&headers)
    }

    #[test]
    fn challenges_are_read_in_every_form() {
        let full = challenge(
            r#"Bearer realm="x, y=z", error="insufficient_scope", scope="b a", resource_metadata="https://h/m?q=\"1\"""#,
        )
        .unwrap();
        assert_eq!(full.resource_metadata.as_deref(), Some("https://h/m?q=\"1\""));
        assert_eq!(full.scope.unwrap().into_iter().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(full.error.as_deref(), Some("insufficient_scope"));
        assert_eq!(challenge("bearer"), Some(Challenge::default()));
        assert_eq!(challenge("Bearer scope=a").unwrap().scope.unwrap().len(), 1);
        let second = challenge(r#"Basic realm="Bearer scope=evil", Bearer scope = "good""#).unwrap();
        assert!(second.scope.unwrap().contains("good"));
        let first = challenge(r#"Bearer scope="mine", Digest scope="theirs", error="x""#).unwrap();
        assert!(first.scope.unwrap().contains("mine") && first.error.is_none());
        let twice = challenge(r#"Bearer resource_metadata="https://a", resource_metadata="https://b""#).unwrap();
        assert_eq!(twice.resource_metadata.as_deref(), Some("https://a"));
    }

    #[test]
    fn what_is_not_one_is_none() {
        for text in ["Basic realm=\"x\"", "", "\"Bearer\"", "Bearer scope=\"open", "Negotiate abc==", "Bearer \"x\""] {
            assert_eq!(challenge(text), None, "{text}");
        }
        assert_eq!(challenge(&format!("Bearer scope=\"{}\"", "a ".repeat(5000))), None);
        let many = challenge(&format!("Bearer scope=\"{}\"", (0..200).map(|n| format!("s{n} ")).collect::<String>()));
        assert_eq!(many.unwrap().scope, None);
        assert!(!is_scope("a b") && !is_scope("a\"") && !is_scope("") && !is_scope("é") && is_scope("mcp:read"));
    }
}
