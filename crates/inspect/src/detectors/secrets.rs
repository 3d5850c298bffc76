//! SE001: secrets in any text: by their form (`kinds.rs`), or by the name before them and how random they look. It
//! never prints what it finds. Commit ids, UUIDs, hashes, images and documented examples are not secrets.

mod kinds;
mod owners;
mod values;

use std::ops::Range;

use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::normalise::Layer;
use crate::signals::{Hit, Signal};
use crate::text::{Place, Text, What};
use kinds::{Check, KINDS, Kind, Tail};
pub use owners::OWNERS;

/// The detector.
#[derive(Debug)]
pub struct Secrets;

const ID: &str = "SE001";

/// Words after which the value of a secret may stand.
pub const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "accesskey",
    "access-key",
    "auth_key",
    "authkey",
    "private_key",
    "credential",
    "client_secret",
    "authorization",
    "bearer ",
    "_key",
    "-key",
    " key",
    "_pat",
    "pwd",
    "--user",
    "-u ",
    "account_sid",
    "accountkey",
    "webhook",
    "_pw",
    "connectionstring",
    " private",
    "sessionid",
    "session_id",
    "cookie",
    "basic ",
    "x-api",
    "sha256~",
];

/// The same in capital letters, which stand right after the name of an owner.
pub const CAPITALS: &[&str] = &["KEY", "ACCESS", "PRIVATE", "SECRET", "TOKEN"];

/// The beginnings of all kinds, for the automaton.
pub fn prefixes() -> impl Iterator<Item = (usize, &'static str)> {
    KINDS.iter().enumerate().map(|(row, kind)| (row, kind.prefix))
}

/// The names of all kinds.
pub fn names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name)
}

impl Inspector for Secrets {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "Secret",
            catches: "Keys, tokens and passwords of more than 150 kinds by their form, with checksums where the issuer \
                      defines one; private key blocks; passwords in URLs and command lines; random values after a name \
                      that says what they are.",
            misses: "A secret that looks like a word and has no name beside it.",
            severity: Severity::High,
            why: "Whoever reads it can act as its owner; a model repeats what it reads.",
            remedy: "Revoke the secret, and hand it to the server through its environment instead.",
            example: "AWS_SECRET_ACCESS_KEY=kZ8vR2mQ7pL4xT9cB1nD6wF3sG5hJ0yU8eA2iO4r",
            maturity: Maturity::Stable,
            references: &[
                "OWASP-ASI-2026:ASI03",
                "OWASP-MCP-2025:MCP01",
                "COSAI-MCP:T5",
                "ATLAS:AML.T0055",
                "CWE-798",
                "CWE-522",
                "CWE-532",
            ],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        let mut seen: Vec<Range<usize>> = Vec::new();
        for (number, layer) in text.layers.iter().filter(|(_, layer)| !layer.is_guess()) {
            let mut until = 0;
            let mut run = 0..0;
            for hit in &layer.hits {
                let found = match hit.signal {
                    Signal::Secret(row) => KINDS.get(row).and_then(|kind| by_form(layer, hit, kind, &mut run)),
                    Signal::SecretName if hit.start >= until => by_name(layer, hit),
                    Signal::SecretCapitals if hit.start >= until => by_capitals(layer, hit),
                    Signal::SecretOwner if hit.start >= until => owners::after_owner(layer, hit),
                    Signal::Url => in_url(layer, hit),
                    _ => None,
                };
                let Some((range, rule, confidence)) = found.filter(|(range, _, _)| range.start >= until) else {
                    continue;
                };
                until = range.end;
                let origin = text.layers.origin(number, range.clone());
                if seen.len() >= Findings::COUNT_MAX
                    || seen.iter().any(|other| other.start < origin.end && origin.start < other.end)
                {
                    continue;
                }
                seen.push(origin);
                let detail = format!("this looks like a secret ({rule})");
                let what = What { id: ID, rule, severity: Severity::High, confidence, detail: &detail };
                findings.push(text.finding(Place { layer: number, range }, what));
            }
        }
    }
}

type Found = (Range<usize>, &'static str, f32);

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
fn by_form(layer: &Layer<'_>, hit: &Hit, kind: &'static Kind, run: &mut Range<usize>) -> Option<Found> {
    let text = layer.text();
    let bytes = text.as_bytes();
    if text.get(hit.start..hit.end)? != kind.prefix {
        return None;
    }
    if kind.name == "private-key" {
        return pem(text, hit.start).map(|range| (range, kind.name, 0.97));
    }
    let mut start = hit.start;
    let before = start.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    let joins = kind.prefix.starts_with([':', '.', '&', 'Q', 'd']) && kind.name != "databricks-token";
    if !joins && (before.is_ascii_alphanumeric() || before == b'_' && !kind.prefix.contains(['_', '-', '.'])) {
        return None;
    }
    let length = tail_length(bytes, hit.end, kind, run);
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
    let fits = match kind.check {
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

/// Short or common beginnings need a value that is random beyond doubt.
fn looks_random(value: &str, kind: &Kind) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    match kind.tail {
        Tail::Digits => true,
        Tail::Hex => values::entropy(value) > 2.8 && digits >= 4,
        Tail::Capitals => values::entropy(value) > 2.5 && (kind.prefix.len() >= 4 || digits > 2),
        Tail::Alphanumeric | Tail::Token | Tail::Dotted | Tail::Base64 => {
            let floor = if kind.prefix.len() <= 3 { 3.9 } else { 3.0 };
            values::entropy(value) > floor
                && (digits >= 2 || kind.prefix.len() > 3 && mixed_case(value) || kind.prefix == "Q~")
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
    if !label.ends_with("PRIVATE KEY") && !label.ends_with("PRIVATE KEY BLOCK") {
        return None;
    }
    let body = rest.get(11 + label.len() + 5..)?;
    let end = body.find("-----END").unwrap_or(body.len().min(8192));
    let key: usize = body.bytes().take(end).filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).count();
    let inner = body.get(..end).unwrap_or_default();
    (key >= 40 && !inner.contains("...")).then(|| start..(start + 11 + label.len() + 5 + end).min(text.len()))
}

fn is_jwt(token: &str) -> bool {
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

/// A value after a name that says it is a secret.
fn by_name(layer: &Layer<'_>, hit: &Hit) -> Option<Found> {
    let text = layer.text();
    let bytes = text.as_bytes();
    let name = text.get(hit.start..hit.end)?.trim();
    let complete = text.get(..hit.end)?.ends_with([' ', '~']);
    let at = hit.end + if complete { 0 } else { rest_of_name(bytes, hit.end) };
    // `credentialsId` names an identifier.
    let rest = text.get(hit.end..at)?;
    let identifies = rest.ends_with("Id") || rest.ends_with("_id") || rest.ends_with("_ID");
    let command = matches!(name, "-u" | "--user");
    let gap = gap_after_name(bytes, at, command);
    let between = text.get(at..at + gap)?;
    let assigned = between.contains([':', '=', ',']);
    if gap == 0 && !complete {
        return glued(text, hit);
    }
    let start = skip_scheme(text, at + gap);
    let length = bytes.get(start..)?.iter().take(600).take_while(|b| is_value(**b)).count();
    let value = text.get(start..start + length)?.trim_end_matches(['.', ',', ')', ';', ':']);
    let range = start..start + value.len();
    if command {
        return in_command(text, start);
    }
    if values::is_placeholder(value) || is_reference(value) {
        return None;
    }
    let is_password = name.to_ascii_lowercase().starts_with("pass") || matches!(name, "pwd" | "PWD" | "_pw");
    // Its form says more than its name.
    if value.starts_with("eyJ") {
        return is_jwt(value).then_some((range, "json-web-token", 0.95));
    }
    let random = is_random_value(value);
    if says(text, hit.start, PAGING)
        || values::is_repeated(value)
        || values::is_public_identifier(value) && (identifies || says(text, hit.start, PUBLIC))
    {
        return None;
    }
    let lower = value.to_ascii_lowercase();
    let shown = ["pass", "secret", "123", "user", "qwerty"].iter().any(|word| lower.contains(word));
    if assigned
        && is_password
        && !shown
        && value.len() >= 8
        && mixed(value)
        && !values::is_public_identifier(value)
        && !is_word_like(value)
    {
        return Some((range, "password-assignment", 0.75));
    }
    let floor = if assigned { 16 } else { 20 };
    if value.len() >= floor && random {
        return Some((range, "named-value", if assigned { 0.8 } else { 0.7 }));
    }
    // A name with its owner before it, as in `crowdin_token`, needs less.
    let owned = hit.start.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(|b| owner(*b));
    let shaped = if assigned && owned && (between.contains('=') || !is_typed(value)) {
        is_key_like(value, 15)
    } else {
        is_key_like(value, 24) && digits(value) >= 4 && (owned && !between.contains(": ") || !is_typed(value))
    };
    (shaped && !identifies).then_some((range, "named-key", 0.7))
}

/// The length of what stands between a name and its value. A comma counts between two strings, as in a call that
/// gives a name and what it stands for; a colon does not count before the empty user of a command line.
fn gap_after_name(bytes: &[u8], at: usize, command: bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let quoted = |pattern: &[u8]| rest.starts_with(pattern).then_some(pattern.len());
    let pair = [&b"','"[..], b"', '", b"\",\"", b"\", \""].into_iter().find_map(quoted);
    pair.unwrap_or_else(|| {
        let between =
            |b: &&u8| matches!(b, b' ' | b'"' | b'\'' | b'=' | b'>' | b'\t' | b'\\' | b'`') || **b == b':' && !command;
        rest.iter().take(8).take_while(between).count()
    })
}

/// Words before a name which say that a place in a list is meant. `statuspage` is an owner of keys.
const PAGING: &[&str] =
    &["next", "continuation", "cursor", "sync", " page", "_page", "-page", ".page", "\"page", "'page", "startpage"];

/// The length of the rest of a name, as in `secret_access_key` or `TOKEN_V2`.
fn rest_of_name(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default().iter().take(24);
    rest.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count()
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

/// The user and password of a command line: `-u ada:…`, `--user "ada":'…'`.
fn in_command(text: &str, start: usize) -> Option<Found> {
    // The quotation mark before the value was passed over already.
    let bytes = text.as_bytes();
    let length = bytes.get(start..)?.iter().take(300).take_while(|b| b.is_ascii_graphic() && **b != b'|').count();
    let argument = text.get(start..start + length)?;
    let (user, password) = argument.split_once(':')?;
    let password = password.trim_matches(['"', '\'', '{', '}', ',', ')', ';', '`']);
    let real = user.len() <= 80 && password.len() >= 6 && !is_reference(password) && !values::is_placeholder(password);
    let chosen = mixed(password) || password.len() >= 10 && mixed_case(password) && values::entropy(password) > 3.0;
    let shown = ["password", "passwd"].contains(&password.to_ascii_lowercase().as_str());
    let address = user.contains("//") || password.bytes().all(|b| b.is_ascii_digit());
    (real && chosen && !shown && !address).then_some((start..start + length, "password-in-command", 0.8))
}

/// A value after a name in capital letters with its owner before it: `deepgramKEY io3l0…`, `tefter PRIVATE KEY zyxw…`.
fn by_capitals(layer: &Layer<'_>, hit: &Hit) -> Option<Found> {
    let text = layer.text();
    let bytes = text.as_bytes();
    let before = |back: usize| hit.start.checked_sub(back).and_then(|at| bytes.get(at)).copied().unwrap_or(b'\n');
    let apart = matches!(before(1), b' ' | b'_' | b'-' | b'.');
    if !owner(before(if apart { 2 } else { 1 })) || says(text, hit.start, PUBLIC) {
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
    let length = bytes.get(start..)?.iter().take(600).take_while(|b| is_value(**b)).count();
    let value = text.get(start..start + length)?.trim_end_matches(['.', ',', ')', ';', ':']);
    let shaped = gap > 0 && is_key_like(value, 15) && !values::is_placeholder(value) && !is_reference(value);
    shaped.then_some((start..start + value.len(), "named-key", 0.7))
}

/// Whether a byte can end the name of whoever owns a key.
const fn owner(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn digits(value: &str) -> usize {
    value.bytes().filter(u8::is_ascii_digit).count()
}

/// Whether a value has the shape of a key, even one that somebody typed along the alphabet: one run of letters and
/// digits, and no words.
fn is_key_like(value: &str, floor: usize) -> bool {
    let shaped = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+/=:".contains(&b));
    let words = is_word_like(value) || is_number_like(value) || values::is_alphabet(value);
    if value.len() < floor || !shaped || value.starts_with("eyJ") || words {
        return false;
    }
    let longest = value.split(|c: char| !c.is_ascii_alphanumeric()).map(str::len).max().unwrap_or(0);
    let digits = digits(value);
    // Names of things are made of short words; a key has a long part, or is full of digits.
    longest >= 12 && digits >= 2 && mixed(value)
        || digits * 3 >= value.len() && mixed(value) && value.len() >= 24
        || digits == value.len()
}

/// Dates, versions and amounts: short numbers, or numbers with signs.
fn is_number_like(value: &str) -> bool {
    let digits = digits(value);
    value.bytes().all(|b| b.is_ascii_digit() || b".:-/+TZ".contains(&b)) && (digits < value.len() || digits < 20)
}

/// Letters and digits strictly by turns are typed along the keyboard.
fn is_typed(value: &str) -> bool {
    let turns =
        value.as_bytes().windows(2).filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit()));
    turns.count() + 2 >= value.len()
}

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
    let mut start = at.saturating_sub(28);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let head = text.get(start..at).unwrap_or_default();
    let tail = head.rsplit('\n').next().unwrap_or_default().to_ascii_lowercase();
    words.iter().any(|word| tail.contains(word))
}

/// `Bearer`, `Basic` and the like between the name and the value.
fn skip_scheme(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    for scheme in ["Bearer ", "bearer ", "Basic ", "basic ", "Token ", "token ", "Key ", "ApiKey "] {
        if rest.starts_with(scheme) {
            return at + scheme.len();
        }
    }
    at
}

const fn is_value(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'(' | b'[' | b'{' | b',' | b';' | b'\\' | b'|')
}

/// Whether a value only says where the real one is: a variable, a call, a path, a URL, an expression.
fn is_reference(value: &str) -> bool {
    value.starts_with(['$', '%', '/', '.', '@', '#', '*', '-', '~', '&', '!'])
        || value.contains("://")
        || value.contains("env.")
        || value.contains("process.")
        || value.contains("os.")
        || value.contains("${")
        || value.contains("::")
        || value.contains("->")
        || value.trim_end_matches('=').contains("==")
        || value.contains("()")
}

fn mixed_case(value: &str) -> bool {
    value.bytes().any(|b| b.is_ascii_uppercase()) && value.bytes().any(|b| b.is_ascii_lowercase())
}

/// Letters and digits, with at least two of the one and one of the other.
fn mixed(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    digits >= 1 && letters >= 2
}

/// Words with a number at the end or joined by marks, such as `version-2` or `node_modules/x1`.
fn is_word_like(value: &str) -> bool {
    let parts = value.split(['-', '_', '.', '/', ':']);
    // Paths and resource names: many short parts.
    if value.contains('/') && parts.clone().count() >= 3 && parts.clone().all(|part| part.len() <= 12) {
        return true;
    }
    parts.clone().count() > 1
        && parts.clone().all(|part| {
            part.bytes().all(|b| b.is_ascii_digit()) || !part.bytes().any(|b| b.is_ascii_digit()) || part.len() <= 3
        })
}

/// Whether letters and digits are mixed as only chance mixes them.
fn is_random_value(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    if digits < 2 || !mixed(value) || is_word_like(value) || values::is_alphabet(value) {
        return false;
    }
    // How often a digit and a letter stand side by side.
    let changes = value
        .as_bytes()
        .iter()
        .zip(value.as_bytes().iter().skip(1))
        .filter(|(a, b)| {
            a.is_ascii_digit() != b.is_ascii_digit() && b.is_ascii_alphanumeric() && a.is_ascii_alphanumeric()
        })
        .count();
    // Letters and digits strictly by turns are typed along the keyboard, for examples.
    let drawn = digits >= 3 && values::entropy(value) > 3.0;
    let dense = mixed_case(value) && values::entropy(value) > 3.7;
    (drawn || dense) && changes >= 3 && changes + 2 < value.len()
}

/// A password in the user part of a URL.
fn in_url(layer: &Layer<'_>, hit: &Hit) -> Option<Found> {
    let text = layer.text();
    if text.get(hit.start..hit.end)? != "://" {
        return None;
    }
    let rest = text.get(hit.end..)?;
    let length = rest
        .bytes()
        .take(300)
        .take_while(|b| {
            b.is_ascii_graphic() && !matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'|' | b'\\')
        })
        .count();
    let (user, _) = rest.get(..length)?.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let lower = password.to_ascii_lowercase();
    let shown = ["pass", "pwd", "user", "secret", "token", "postgres", "root", "guest", "admin", "..."];
    let placeholder = password.len() < 5
        || is_reference(password)
        || password.contains(['{', '$', '*', '[', '<', '%'])
        || values::is_placeholder(password) && values::entropy(password) < 2.0
        || shown.iter().any(|word| lower.contains(word))
        || lower == name.to_ascii_lowercase();
    let start = hit.end + name.len() + 1;
    (!placeholder).then_some((start..start + password.len(), "password-in-url", 0.85))
}

#[cfg(test)]
mod tests;
