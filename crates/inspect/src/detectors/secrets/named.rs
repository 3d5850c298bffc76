//! Secrets that are told by the name before them: what is a name, where its value stands, and whether that has the shape
//! of a secret.

use std::ops::Range;

use super::forms::{is_jwt, is_sealed};
use super::shapes::{digits, is_gibberish, is_key_like, is_random_value, is_typed, is_word_like, mixed, mixed_case};
use super::{Found, documented, issuers, logins, values};
use crate::normalise::Layer;
use crate::signals::Hit;

/// How much of a name is read to each side of the word in it that was found, in bytes.
const NAME_MAX: usize = 32;
/// The most that is read of a value, in bytes.
const VALUE_MAX: usize = 600;

/// How names end whose value is no secret, in small letters.
const ENDS: &[&str] = &[
    "_id",
    "-id",
    "audience",
    "_name",
    "-name",
    "_url",
    "_uri",
    "url",
    "_type",
    "_path",
    "_file",
    "_field",
    "_size",
    "_length",
    "_count",
    "_limit",
    "_hash",
    "_version",
    "_endpoint",
    "_expiry",
    "_ttl",
    "_scope",
    "_scopes",
    "_prefix",
    "_arn",
    "_ref",
    "_label",
    "_format",
    "_policy",
    "_algorithm",
    "_alg",
    "_kid",
    "_index",
    "_pattern",
    "_regex",
    "_header",
    "_address",
    "details",
    "_date",
    "_at",
    "_mode",
    "_class",
    "_provider",
    "_status",
    "_region",
    "_space",
];
/// What stands in them or right before them.
const SAYS: &[&str] = &[
    "public",
    "publishable",
    "csrf",
    "xsrf",
    "idempotency",
    "partition",
    "nonce",
    "site key",
    "sitekey",
    "site_key",
    "forgery",
    "recv-key",
    "keystr",
    "authenticity",
    "sort key",
    "sort_key",
    "sortkey",
    "cache key",
    "cache_key",
    "cache-key",
    "cachekey",
];
/// How they end in mixed case.
const CAMEL_ENDS: &[&str] = &[
    "Id", "ID", "Name", "Url", "URL", "Type", "Path", "File", "Hash", "Version", "Details", "Audience", "Arn", "Policy",
];

/// The name of a value: all of the identifier in which a word for a secret was found, and more such words behind it.
struct Name<'t> {
    text: &'t str,
    /// From the first letter of the identifier to the last of the last word.
    range: Range<usize>,
    /// The word that was found, in small letters.
    word: String,
}

impl<'t> Name<'t> {
    fn read(text: &'t str, hit: &Hit) -> Option<Self> {
        let bytes = text.as_bytes();
        let found = text.get(hit.start..hit.end)?;
        let word = found.trim_matches(|c: char| !c.is_alphanumeric());
        // `pass=` and the like end with the sign that gives the value.
        let mut end = hit.end - (found.len() - found.trim_end_matches([' ', '=', ':', '~']).len());
        if end == hit.end {
            let rest = bytes.get(end..)?.iter().take(24);
            end += rest.take_while(|b| is_identifier(**b)).count();
        }
        let before = bytes.get(..hit.start)?.iter().rev().take(NAME_MAX).take_while(|b| is_identifier(**b)).count();
        let mut name = Self { text, range: hit.start - before..end, word: word.to_lowercase() };
        name.take_words();
        Some(name)
    }

    /// Takes the words of a name that is written apart: `private key`, `secret API key`.
    fn take_words(&mut self) {
        const WORDS: &[&str] =
            &["access key", "api key", "api token", "access token", "key", "token", "secret", "value", "code"];
        for _ in 0..2 {
            let Some(rest) = self.text.get(self.range.end..).and_then(|rest| rest.strip_prefix(' ')) else { return };
            let word = WORDS.iter().find(|word| {
                rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
                    && !rest.as_bytes().get(word.len()).is_some_and(|b| is_identifier(*b))
            });
            let Some(word) = word else { return };
            self.range.end += 1 + word.len();
        }
    }

    /// The name with a little of what stands before it, on its line, in small letters.
    fn with_context(&self) -> String {
        let from = self.text.ceil_char_boundary(self.range.start.saturating_sub(12));
        let context = self.text.get(from..self.range.end).unwrap_or_default();
        context.rsplit('\n').next().unwrap_or_default().to_ascii_lowercase()
    }

    fn is_password(&self) -> bool {
        // Words of other languages are in the list of names as they are.
        const OTHERS: &[&str] = &[
            "pwd",
            "pw",
            "psk",
            "kennwort",
            "contraseña",
            "mot de passe",
            "senha",
            "wachtwoord",
            "hasło",
            "kata sandi",
        ];
        self.word.starts_with("pass") || OTHERS.contains(&self.word.as_str()) || !self.word.is_ascii()
    }

    /// Whether the name says that its value is no secret, whatever it looks like.
    fn says_otherwise(&self) -> bool {
        let name = self.text.get(self.range.clone()).unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        let context = self.with_context();
        CAMEL_ENDS.iter().any(|end| name.ends_with(end))
            || ENDS.iter().any(|end| lower.ends_with(end))
            || SAYS.iter().any(|word| context.contains(word))
    }

    /// Whether the identifier says more than that its value is a secret: `crowdin_token`, but not `api_token`.
    fn has_owner(&self) -> bool {
        const PLAIN: &[&str] =
            &["api", "my", "access", "auth", "app", "user", "the", "client", "x", "your", "a", "some", "this"];
        let name = self.text.get(self.range.clone()).unwrap_or_default().to_ascii_lowercase();
        let head = name.split(self.word.as_str()).next().unwrap_or_default();
        let head = head.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        !head.is_empty() && !head.split(['_', '-', '.', ' ']).all(|word| PLAIN.contains(&word))
    }

    /// Whether it is the name of a header in a command line: `-H "Api-Token: …`.
    fn is_header(&self) -> bool {
        let from = self.text.ceil_char_boundary(self.range.start.saturating_sub(12));
        let head = self.text.get(from..self.range.start).unwrap_or_default();
        ["-H \"", "-H '", "-H\"", "-H'", "header \"", "header '", "header=\""].iter().any(|end| head.ends_with(end))
    }
}

const fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// How a value is given to a name.
struct Given {
    /// Where the value begins.
    at: usize,
    /// Whether a sign says that it is given: `=`, `:`, `,`, `>`.
    assigned: bool,
    /// Whether the sign is `=`.
    equals: bool,
    /// Whether it stands on another line.
    apart: bool,
    /// Whether a colon and a space give it, as in a record that people read.
    spaced: bool,
    /// Whether the scheme before the value is `Basic`.
    basic: bool,
}

impl Given {
    /// What stands between a name and its value. A comma counts between two strings, as in a call that gives a name and
    /// what it stands for.
    fn read(text: &str, from: usize) -> Option<Self> {
        let rest = text.as_bytes().get(from..)?;
        let pair = ["','", "', '", "\",\"", "\", \""].iter().find(|pair| rest.starts_with(pair.as_bytes()));
        let (length, assigned) = match pair {
            Some(pair) => (pair.len(), true),
            None => Self::signs(rest)?,
        };
        let mut given = Self { at: from + length, assigned, equals: false, apart: false, spaced: false, basic: false };
        let between = text.get(from..given.at)?;
        given.equals = between.contains('=');
        given.apart = between.contains('\n');
        given.spaced = between.contains(": ");
        given.step_over(text);
        Some(given)
    }

    /// How many signs stand before the value, and whether one of them gives it.
    fn signs(rest: &[u8]) -> Option<(usize, bool)> {
        const SIGNS_MAX: usize = 40;
        let mut assigned = false;
        for at in 0..SIGNS_MAX {
            let next = rest.get(at + 1);
            match rest.get(at) {
                Some(b' ' | b'\t' | b'"' | b'\'' | b'\\' | b'`' | b'*' | b'~') => {}
                Some(b'\n' | b'\r') if assigned || at == 0 => {}
                Some(b':') if next == Some(&b':') => return None,
                Some(b'=' | b'>' | b':') => assigned = true,
                // The wide colon of East Asian writing, byte by byte.
                Some(0xEF) if rest.get(at + 1..at + 3) == Some(&[0xBC, 0x9A]) => assigned = true,
                Some(0xBC | 0x9A) if assigned => {}
                // `["name"] = "value"`, `set_token("value")`, `{value}` of connection strings.
                Some(b']') if matches!(next, Some(b' ' | b'=' | b':')) => {}
                Some(b'(' | b'{') if matches!(next, Some(b'"' | b'\'')) => assigned = true,
                Some(b'{') if at.checked_sub(1).and_then(|before| rest.get(before)) == Some(&b'=') => {}
                _ => return Some((at, assigned)),
            }
        }
        None
    }

    /// `value` of a pair that is written in two members, `is` of a sentence, the scheme of a header.
    fn step_over(&mut self, text: &str) {
        let rest = text.get(self.at..).unwrap_or_default();
        for word in ["value=\"", "value='", "value: ", "value\": \"", "value\":\"", "Value=\"", "is: ", "is ", "="] {
            if let Some(rest) = rest.strip_prefix(word) {
                self.at += word.len() + (rest.len() - rest.trim_start_matches(['"', '\'', '`', ' ']).len());
                self.assigned |= !word.starts_with("is") || word.contains(':');
                break;
            }
        }
        let rest = text.get(self.at..).unwrap_or_default();
        const SCHEMES: &[&str] =
            &["Bearer ", "Basic ", "Token ", "Key ", "ApiKey ", "Splunk ", "GenieKey ", "Bot ", "SSWS ", "token="];
        if let Some(scheme) =
            SCHEMES.iter().find(|scheme| rest.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)))
        {
            self.at += scheme.len();
            self.basic = *scheme == "Basic ";
        }
    }
}

/// A value after a name that says it is a secret.
pub(super) fn by_name(layer: &Layer<'_>, hit: &Hit) -> Option<Found> {
    let text = layer.text();
    let bytes = text.as_bytes();
    let found = text.get(hit.start..hit.end)?;
    if matches!(found.trim(), "mysql" | "sshpass" | "redis-cli") {
        return logins::in_client(text, hit.end, found.trim());
    }
    if found == "auth=(" {
        return logins::in_pair(text, hit.end);
    }
    if matches!(found.trim(), "-u" | "--user") {
        let signs = bytes.get(hit.end..)?.iter().take(8).take_while(|b| b" \"'=>\t\\`".contains(b)).count();
        return logins::in_command(text, hit.end + signs);
    }
    let name = Name::read(text, hit)?;
    let mut given = Given::read(text, name.range.end)?;
    given.basic |= name.word == "basic";
    // Between two lines only a word of its own is a name: a line of base64 may end with anything.
    let within = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    if given.apart && !given.assigned && (within(hit.start.checked_sub(1)) || within(Some(hit.end))) {
        return None;
    }
    if given.at == name.range.end && !found.ends_with(['~']) {
        return glued(text, hit);
    }
    if !given.assigned
        && let Some(found) = told(text, &name)
    {
        return Some(found);
    }
    let length = bytes.get(given.at..)?.iter().take(VALUE_MAX).take_while(|b| is_value(**b)).count();
    let value = text.get(given.at..given.at + length)?.trim_end_matches(['.', ',', ')', ';', ':']);
    let value = value.split_once('&').map_or(value, |(value, _)| value);
    let range = given.at..given.at + value.len();
    if value.len() < 6 || is_nothing(text, &range) {
        return None;
    }
    if given.basic
        && let Some(real) = logins::in_basic(value)
    {
        return real.then_some((range, "named-value", 0.8));
    }
    judged(text, hit, &name, &given, value).map(|(rule, confidence)| (range, rule, confidence))
}

/// What a value is, by its name and its shape.
fn judged(text: &str, hit: &Hit, name: &Name<'_>, given: &Given, value: &str) -> Option<(&'static str, f32)> {
    // Its form says more than its name.
    if value.starts_with("eyJ") {
        let real = is_jwt(value) || is_sealed(value);
        return real.then_some(("json-web-token", 0.95));
    }
    let password = name.is_password();
    if name.says_otherwise() || says(text, hit.start, PAGING) || values::is_repeated(value) {
        return None;
    }
    if password && is_password(text, name, given, value) {
        return Some(("password-assignment", 0.75));
    }
    let generic = !name.has_owner();
    // A bare `key` is the key of a list as often as that of a door.
    let bare = generic && matches!(name.word.as_str(), "key" | "cookie") && !name.with_context().contains("api");
    if values::is_public_identifier(value) && (bare || says(text, hit.start, PUBLIC)) {
        return None;
    }
    let typed = generic && (documented::is_sequential(value) || documented::is_periodic(value));
    if !typed && let Some(found) = drawn(text, hit, name, given, value) {
        return Some(found);
    }
    issuers::is_of_named(text, &name.range, value, given.assigned && !given.apart).then_some(("key-of-service", 0.7))
}

/// A value that looks drawn, after a name of any kind.
fn drawn(text: &str, hit: &Hit, name: &Name<'_>, given: &Given, value: &str) -> Option<(&'static str, f32)> {
    let floor = if given.assigned { 16 } else { 20 };
    if value.len() >= floor && is_random_value(value) {
        return Some(("named-value", if given.assigned { 0.8 } else { 0.7 }));
    }
    // A name with its owner before it, as in `crowdin_token`, needs less.
    let owned = hit.start.checked_sub(1).and_then(|at| text.as_bytes().get(at)).is_some_and(|b| is_identifier(*b));
    let shaped = if given.assigned && owned && !given.apart && (given.equals || !is_typed(value)) {
        is_key_like(value, 15)
    } else {
        is_key_like(value, 24) && digits(value) >= 4 && (owned && !given.spaced || !is_typed(value))
    };
    let letters =
        given.assigned && !given.apart && value.len() >= 20 && is_gibberish(value) && !documented::is_sequential(value);
    let header = name.is_header()
        && given.assigned
        && value.len() >= 10
        && digits(value) >= 3
        && mixed(value)
        && value.bytes().all(|b| b.is_ascii_alphanumeric());
    (shaped || letters || header).then_some(("named-key", 0.7))
}

/// Whether a value after a word for a password is one that somebody uses.
fn is_password(text: &str, name: &Name<'_>, given: &Given, value: &str) -> bool {
    const SHOWN: &[&str] = &["pass", "secret", "123", "user", "qwerty"];
    let plain = value.to_ascii_lowercase().replace(['@', '4'], "a").replace('0', "o").replace(['$', '5'], "s");
    let lower = value.to_ascii_lowercase();
    let shown = value.len() < 24 && SHOWN.iter().any(|word| lower.contains(word) || plain.contains(word));
    // `machine … login … password …` has no sign between.
    let from = text.ceil_char_boundary(name.range.start.saturating_sub(80));
    let head = text.get(from..name.range.start).unwrap_or_default();
    let login = ["login ", "user ", "username "].iter().any(|word| head.contains(word));
    let said = text.get(name.range.end..given.at).is_some_and(|between| between.contains(" is"));
    let given_so = given.assigned && !given.apart || (said || login && !given.apart) && !is_word_with_number(value);
    let shaped = !values::is_public_identifier(value) && !is_word_like(value) || login;
    // Without a digit, only signs or capitals without order say that nobody would write it as a word.
    let letters: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let signs = value.len() - letters.len();
    let drawn = mixed(value) || (signs > 0 && mixed_case(value) || value.len() >= 10) && is_gibberish(&letters);
    given_so && !shown && value.len() >= 8 && drawn && shaped && !value.trim_end_matches('=').contains("==")
}

/// Letters and then digits, as people make names of accounts.
fn is_word_with_number(value: &str) -> bool {
    value.trim_end_matches(|c: char| c.is_ascii_digit()).bytes().all(|b| b.is_ascii_alphabetic())
}

/// A value that a sentence gives to a name: `the key you asked for: kZ8v…`, `the token of the job is kZ8v…`.
fn told(text: &str, name: &Name<'_>) -> Option<Found> {
    const SENTENCE_MAX: usize = 48;
    let rest = text.get(name.range.end..text.floor_char_boundary(name.range.end + SENTENCE_MAX))?;
    let rest = rest.split(['\n', '"', ';', '.', '(', '=']).next()?;
    let at = [": ", " is "].iter().filter_map(|sign| rest.find(sign).map(|at| at + sign.len())).min()?;
    let start = name.range.end + at;
    let length = text.as_bytes().get(start..)?.iter().take(VALUE_MAX).take_while(|b| is_value(**b)).count();
    let value = text.get(start..start + length)?.trim_end_matches(['.', ',', ')', ';', ':']);
    let range = start..start + value.len();
    let hash = values::is_public_identifier(value) && (name.word != "token" || says(text, start, PUBLIC));
    let real = value.len() >= 24 && is_random_value(value) && !hash && !is_nothing(text, &range);
    (real && !name.says_otherwise() && !documented::is_sequential(value) && !is_typed(value)).then_some((
        range,
        "named-value",
        0.7,
    ))
}

/// A key that hangs on its name by a hyphen or underscore: `acme-secret-key-123e4567-…`.
fn glued(text: &str, hit: &Hit) -> Option<Found> {
    let mut rest = text.get(hit.end..)?;
    for word in ["-key", "_key", "key", "-token", "token"] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let value = rest.strip_prefix(['-', '_'])?;
    let length = value.bytes().take(200).take_while(|b| b.is_ascii_alphanumeric() || *b == b'-').count();
    let value = value.get(..length)?;
    let start = text.len() - rest.len() + 1;
    let real = is_key_like(value, 20) && digits(value) >= 4 && !values::is_placeholder(value);
    real.then_some((start..start + length, "named-key", 0.7))
}

/// A value after a name in capital letters with its owner before it: `deepgramKEY io3l0…`, `tefter PRIVATE KEY zyxw…`.
pub(super) fn by_capitals(layer: &Layer<'_>, hit: &Hit) -> Option<Found> {
    let text = layer.text();
    let bytes = text.as_bytes();
    let before = |back: usize| hit.start.checked_sub(back).and_then(|at| bytes.get(at)).copied().unwrap_or(b'\n');
    let apart = matches!(before(1), b' ' | b'_' | b'-' | b'.');
    if !is_identifier(before(if apart { 2 } else { 1 })) || says(text, hit.start, PUBLIC) {
        return None;
    }
    let mut at = hit.end;
    // The rest of the name, as in `ACCESS_KEY`.
    for _ in 0..2 {
        let rest = text.get(at..)?;
        let word = ["KEY", "key", "TOKEN", "token", "SECRET", "secret"]
            .iter()
            .find(|word| rest.trim_start_matches([' ', '_', '-']).starts_with(**word));
        let Some(word) = word else { break };
        at += rest.len() - rest.trim_start_matches([' ', '_', '-']).len() + word.len();
    }
    let gap = bytes.get(at..)?.iter().take(6).take_while(|b| b" _-.:=\"'>\n".contains(b)).count();
    let start = at + gap;
    let length = bytes.get(start..)?.iter().take(VALUE_MAX).take_while(|b| is_value(**b)).count();
    let value = text.get(start..start + length)?.trim_end_matches(['.', ',', ')', ';', ':']);
    let range = start..start + value.len();
    // A line of base64 may end with anything.
    let line_end = bytes.get(at..start).is_some_and(|between| between.contains(&b'\n')) && !apart;
    if gap == 0 || line_end || value.len() < 8 || is_nothing(text, &range) {
        return None;
    }
    if is_key_like(value, 15) {
        return Some((range, "named-key", 0.7));
    }
    let assigned = bytes.get(at..start).is_some_and(|between| between.contains(&b'=') || between.contains(&b':'));
    issuers::is_of_named(text, &(hit.start..at), value, assigned).then_some((range, "key-of-service", 0.7))
}

/// Whether a value is none: a placeholder, a published example, a pattern, the name of where the real one is.
pub(super) fn is_nothing(text: &str, range: &Range<usize>) -> bool {
    let value = text.get(range.clone()).unwrap_or_default();
    values::is_placeholder(value)
        || is_reference(value)
        || documented::is_published(value)
        || documented::goes_on_as_pattern(text, range.end)
}

/// Words before a name which say that a place in a list is meant. `statuspage` is an owner of keys.
const PAGING: &[&str] =
    &["next", "continuation", "cursor", "sync", " page", "_page", "-page", ".page", "\"page", "'page", "startpage"];

/// Words before a name which say that a hash or an identifier is meant.
const PUBLIC: &[&str] = &[
    "checksum",
    "hash",
    "digest",
    "sha",
    "md5",
    "commit",
    "etag",
    "public",
    "cache",
    "uuid",
    "primary",
    "foreign",
    "object",
    "credentialsid",
    "secretsid",
];

/// Whether one of the words stands shortly before a place, on its line.
fn says(text: &str, at: usize, words: &[&str]) -> bool {
    // Only a few bytes back, however long the line is: this runs once for every name in a text.
    let start = text.ceil_char_boundary(at.saturating_sub(28));
    let head = text.get(start..at).unwrap_or_default();
    let tail = head.rsplit('\n').next().unwrap_or_default().to_ascii_lowercase();
    words.iter().any(|word| tail.contains(word))
}

/// Whether a byte can be in a value.
pub(super) const fn is_value(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'(' | b'[' | b'{' | b'}' | b',' | b';' | b'\\' | b'|')
}

/// Whether a value only says where the real one is: a variable, a call, a path, a URL, an expression.
pub(super) fn is_reference(value: &str) -> bool {
    value.starts_with(['$', '%', '.', '@', '#', '*', '~', '&', '!'])
        || value.starts_with(['/', '-']) && !(value.len() >= 20 && is_random_value(value))
        || value.contains("://")
        || value.contains("env.")
        || value.contains("process.")
        || value.contains("os.")
        || value.contains("${")
        || value.contains("::")
        || value.contains("->")
        || value.trim_end_matches('=').contains("==")
        || value.contains("()")
        || is_path_of_names(value)
}

/// Names joined by dots, as code reaches for something: `protocol.KeyDetails.PKCS1_RSA`.
fn is_path_of_names(value: &str) -> bool {
    let names = |part: &str| {
        part.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && (is_word_like(part) || !is_random_value(part) && part.len() <= 40)
            && !is_gibberish(part)
    };
    value.contains('.') && value.split('.').all(names)
}
