//! Finds what a request shows to prove who sends it: `Authorization: Bearer` or `X-API-Key`, never the query.

use http::Uri;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use zeroize::Zeroizing;

use super::NotAdmitted;
use super::keys::ShownKey;

/// The other header that may hold an API key.
pub(crate) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Bytes of a token.
const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// Names of query parameters that clients put credentials in. A query is written to logs on its way, so whoever sends
/// one is told, and what it holds is not used.
const NAMES_IN_QUERIES: [&str; 9] =
    ["access_token", "api_key", "api-key", "apikey", "x-api-key", "authorization", "bearer", "token", "key"];

/// What a request shows.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// One of our API keys, unverified.
    Key(ShownKey),
    /// A token of an authorization server, unverified.
    Token(Token),
}

/// A token that cannot be printed by accident and is wiped when it is dropped.
#[derive(Clone)]
pub(crate) struct Token(Zeroizing<String>);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    pub(crate) fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// Refuses a target whose query holds a credential (RFC 6750, section 2.3, is not offered; MCP "Authorization": tokens
/// must not stand in the query).
pub(crate) fn check_target(target: &Uri) -> Result<(), NotAdmitted> {
    let Some(query) = target.query() else { return Ok(()) };
    let holds_credential = query.split(['&', ';']).any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), decoded(value));
        NAMES_IN_QUERIES.iter().any(|known| known.eq_ignore_ascii_case(name.trim())) || holds_key(&value)
    });
    if holds_credential {
        return Err(NotAdmitted::Malformed("a credential must not stand in the query: send it in a header"));
    }
    Ok(())
}

/// Whether the value of a header holds what is written as one of our keys.
pub(crate) fn holds_own_key(value: &HeaderValue) -> bool {
    let text = value.to_str().unwrap_or_default();
    text.split_ascii_whitespace().any(|word| word.starts_with(super::keys::PREFIX))
}

fn holds_key(value: &str) -> bool {
    ShownKey::parse(value.trim()).is_some()
}

/// A part of a query with its percent signs taken out.
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let mut after = bytes.clone();
        match (byte, digit(after.next()), digit(after.next())) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high << 4 | low).unwrap_or_default());
                bytes = after;
            }
            (b'+', _, _) => out.push(b' '),
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What the headers show. Two headers with different values are refused: two readers could choose differently.
pub(crate) fn shown(headers: &HeaderMap) -> Result<Option<Credential>, NotAdmitted> {
    let bearer = match single(headers, &AUTHORIZATION)? {
        Some(value) => bearer(value)?,
        None => None,
    };
    let key = single(headers, &API_KEY)?
        .map(|value| value.to_str().map_err(|_| NotAdmitted::Malformed("the header x-api-key cannot be read")))
        .transpose()?
        .map(str::trim);
    let (text, is_key) = match (bearer, key) {
        (None, None) => return Ok(None),
        (Some(bearer), None) => (bearer, false),
        (None, Some(key)) => (key, true),
        (Some(bearer), Some(key)) if bearer == key => (key, true),
        (Some(_), Some(_)) => {
            return Err(NotAdmitted::Malformed("authorization and x-api-key show different credentials: send one"));
        }
    };
    if text.len() > TOKEN_BYTES_MAX {
        return Err(NotAdmitted::Malformed("the credential is longer than 8 KiB"));
    }
    match ShownKey::parse(text) {
        Some(key) => Ok(Some(Credential::Key(key))),
        None if is_key || text.starts_with(super::keys::PREFIX) => Err(NotAdmitted::Invalid("not-a-key")),
        None => Ok(Some(Credential::Token(Token::new(text)))),
    }
}

fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h HeaderValue>, NotAdmitted> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (first, None) => Ok(first),
        (_, Some(_)) => Err(NotAdmitted::Malformed("a header with a credential may stand only once")),
    }
}

/// The token of `Bearer TOKEN` (RFC 6750, section 2.1; RFC 9110, section 11.4). Another scheme shows nothing to us.
fn bearer(value: &HeaderValue) -> Result<Option<&str>, NotAdmitted> {
    let malformed = NotAdmitted::Malformed("the header authorization cannot be read");
    let text = value.to_str().map_err(|_| malformed)?;
    let (scheme, token) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let token = token.trim();
    // token68 (RFC 9110, section 11.2).
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() || !token.bytes().all(is_token) {
        return Err(malformed);
    }
    Ok(Some(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap()));
        pairs.collect()
    }

    fn twice(name: &'static str, values: [&str; 2]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn one_credential_is_found_in_either_header() {
        let key = ShownKey::generate().unwrap();
        let bearer = format!("bearer  {}", key.secret());
        for headers in [
            headers(&[("authorization", &bearer)]),
            headers(&[("x-api-key", key.secret())]),
            headers(&[("authorization", &bearer), ("x-api-key", key.secret())]),
        ] {
            assert!(matches!(shown(&headers), Ok(Some(Credential::Key(found))) if found.id() == key.id()));
        }
        let token = headers(&[("authorization", "Bearer a.b-c_d~e+f/g==")]);
        assert!(matches!(shown(&token), Ok(Some(Credential::Token(token))) if token.text() == "a.b-c_d~e+f/g=="));
        assert!(
            matches!(shown(&headers(&[("authorization", "Basic eDp5")])), Ok(None)),
            "another scheme shows nothing"
        );
        assert!(matches!(shown(&HeaderMap::new()), Ok(None)));
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        let (one, two) = (ShownKey::generate().unwrap(), ShownKey::generate().unwrap());
        let bearer = format!("Bearer {}", one.secret());
        for headers in [
            headers(&[("authorization", &bearer), ("x-api-key", two.secret())]),
            twice("authorization", [&bearer, &bearer]),
            twice("x-api-key", [one.secret(), one.secret()]),
            headers(&[("authorization", "Bearer")]),
            headers(&[("authorization", "Bearer a b")]),
            headers(&[("authorization", "Bearer a,b")]),
            headers(&[("authorization", "Bearer \u{e9}")]),
            headers(&[("authorization", &format!("Bearer {}", "a".repeat(TOKEN_BYTES_MAX + 1)))]),
        ] {
            assert!(matches!(shown(&headers), Err(NotAdmitted::Malformed(_))), "{headers:?}");
        }
        for (name, value) in [("x-api-key", "secret"), ("authorization", "Bearer gh_0123"), ("x-api-key", "")] {
            assert!(matches!(shown(&headers(&[(name, value)])), Err(NotAdmitted::Invalid(_))), "{value}");
        }
    }

    #[test]
    fn a_credential_in_the_query_is_refused_however_it_is_written() {
        let key = ShownKey::generate().unwrap();
        let named = format!("/mcp?anything={}", key.secret());
        for target in ["/mcp?access_token=x", "/mcp?a=b&API_KEY=x", "/mcp?access%5Ftoken=x", "/mcp?key", &named] {
            assert!(check_target(&target.parse().unwrap()).is_err(), "{target}");
        }
        for target in ["/mcp", "/mcp?session=0123", "/messages/one?session=abc&monkey=1"] {
            assert!(check_target(&target.parse().unwrap()).is_ok(), "{target}");
        }
    }
}
