//! SS001: URLs in what a client sends that lead into the gateway's own networks, to cloud metadata, or through schemes
//! that speak other protocols. It judges the text only; what a name resolves to is for the gateway to check.

pub mod host;

use std::ops::Range;

use crate::detectors::roles::{self, Role};
use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::signals::Signal;
use crate::text::{Place, Text, TextKind, What};
use host::Reach;

/// The detector.
#[derive(Debug)]
pub struct Urls;

const ID: &str = "SS001";

/// Literals after which a URL is read.
pub const STARTS: &[&str] = &["://", "http:", "https:", "gopher:", "dict:", "jar:", "netdoc:", "169.254"];

impl Inspector for Urls {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "Request to an internal address",
            catches: "URLs and hosts that lead to this machine, private networks or cloud metadata, in every way an \
                      address can be written, and schemes that reach files or other protocols.",
            misses: "Names that resolve to an internal address; the gateway checks those when it connects.",
            severity: Severity::Critical,
            why: "A server that fetches it hands over what only its own network may see, such as cloud credentials.",
            remedy: "Refuse the call, or allow this address for this tool if it is meant.",
            example: "http://0xa9fea9fe/latest/meta-data/iam/security-credentials/",
            maturity: Maturity::Stable,
            references: &[
                "OWASP-ASI-2026:ASI02",
                "OWASP-MCP-2025:MCP05",
                "COSAI-MCP:T3",
                "COSAI-MCP:T8",
                "CWE-918",
                "CWE-350",
            ],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        if !text.kind.from_client() {
            return;
        }
        let mut seen: Vec<Range<usize>> = Vec::new();
        let mut gravest = Severity::Info;
        let mut report = |layer: usize, range: Range<usize>, judged: Judged| {
            // Of very many only those that are graver than all before are worth more.
            if seen.len() >= Findings::COUNT_MAX && judged.severity <= gravest {
                return;
            }
            gravest = gravest.max(judged.severity);
            let origin = text.layers.origin(layer, range.clone());
            if seen.iter().any(|other| other.start < origin.end && origin.start < other.end) {
                return;
            }
            seen.push(origin);
            let Judged { rule, severity, confidence, detail, .. } = judged;
            findings.push(text.finding(Place { layer, range }, What { id: ID, rule, severity, confidence, detail }));
        };
        let has_url = text.layers.iter().any(|(_, layer)| layer.hits.iter().any(|hit| hit.signal == Signal::Url));
        let told = has_url && is_told(text);
        // Where files belong, their addresses do too; which file it is, is judged as a path.
        let is_files = text.kind == TextKind::ResourceUri || roles::is_file(text);
        for (layer, reading) in text.layers.iter() {
            let whole = reading.text();
            for hit in reading.hits.iter().filter(|hit| hit.signal == Signal::Url) {
                let named = whole.get(hit.start..hit.end).is_some_and(|literal| literal.contains(':'));
                let counts =
                    |judged: &Judged| !told || judged.severity > Severity::Medium && judged.is_address && named;
                if let Some((range, judged)) =
                    at(whole, hit.start, hit.end, is_files).filter(|(_, judged)| counts(judged))
                {
                    report(layer, range, judged);
                }
            }
            if let Some(judged) = bare(text, whole) {
                report(layer, 0..whole.len(), judged);
            }
        }
    }
}

struct Judged {
    rule: &'static str,
    severity: Severity,
    confidence: f32,
    detail: &'static str,
    /// Whether it is about an address, and not about a scheme.
    is_address: bool,
}

/// Text for people, code and commands mention local addresses all the time, and other schemes; a URL parameter does not.
fn is_told(text: &Text<'_>) -> bool {
    let is_prose = text.original.bytes().filter(|b| *b == b' ').count() > 5 && text.kind != TextKind::ResourceUri;
    is_prose || matches!(Role::of(text), Role::Command | Role::Query | Role::Content | Role::Template)
}

/// Judges the URL around a hit.
fn at(whole: &str, start: usize, end: usize, is_files: bool) -> Option<(Range<usize>, Judged)> {
    let before = whole.get(..start)?;
    let scheme_length = before
        .bytes()
        .rev()
        .take(16)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'))
        .count();
    let literal = whole.get(start..end)?;
    let (scheme_start, authority) = match literal {
        "://" => (start - scheme_length, end),
        _ if literal.ends_with(':') => (start, end),
        _ => (start, start),
    };
    // A scheme is short, and what no colon follows soon is none.
    let named = whole.get(scheme_start..)?;
    let colon = named.bytes().take(SCHEME_BYTES_MAX).position(|b| b == b':');
    let scheme = whole.get(scheme_start..colon.map_or(end, |at| scheme_start + at))?.to_ascii_lowercase();
    if let Some(judged) = scheme_of(&scheme).filter(|_| !(is_files && scheme == "file")) {
        return Some((scheme_start..authority, judged));
    }
    let rest = whole.get(authority..)?;
    let slashes = rest.bytes().take_while(|b| matches!(b, b'/' | b'\\')).count();
    if literal != "://" && literal.ends_with(':') && slashes == 0 {
        return None;
    }
    let host_start = authority + slashes;
    let ends = |b: &u8| b"/?#\\\"'<> \n\r\t`,)|".contains(b);
    let length = whole.get(host_start..)?.bytes().take(AROUND_BYTES).take_while(|b| !ends(b)).count();
    let authority_text = whole.get(host_start..host_start + length)?;
    // A number is a host where the scheme goes to hosts; `users://42` names a user.
    let is_network =
        matches!(scheme.as_str(), "" | "http" | "https" | "ws" | "wss" | "ftp" | "ftps" | "rsync" | "ssh" | "git");
    if literal == "://"
        && !is_network
        && authority_text.bytes().all(|b| b.is_ascii_alphanumeric())
        && authority_text != "localhost"
    {
        return None;
    }
    // Different parsers take what stands before or after an `@` as the host: judge every part.
    let later = behind(whole.get(host_start + length..).unwrap_or_default());
    let near = before.get(before.ceil_char_boundary(before.len().saturating_sub(AROUND_BYTES))..).unwrap_or_default();
    let nested = near.contains("://") && near.contains('?');
    let judged = authority_text
        .split('@')
        .chain([later])
        .filter_map(|part| host::reach(without_port(part)))
        .max_by_key(|(reach, _)| *reach == Reach::Metadata)?;
    // An address inside the query of another is not where the request goes, however plain.
    let judged = judged_reach(judged);
    (!nested || judged.severity > Severity::Medium).then_some((scheme_start..host_start + length, judged))
}

/// The host behind an `@` that a backslash or another sign keeps out of the authority.
fn behind(tail: &str) -> &str {
    let tail = tail.get(..tail.floor_char_boundary(AROUND_BYTES)).unwrap_or_default();
    let Some(tail) = tail.get(1..).filter(|_| !tail.starts_with('/')) else { return "" };
    let until = tail.split(['/', ' ', '"']).next().unwrap_or_default();
    until.split_once('@').map_or("", |(_, host)| host).split(['?', '#', '\\']).next().unwrap_or_default()
}

/// No scheme is longer.
const SCHEME_BYTES_MAX: usize = 32;
/// So much before and behind an address is read for what it belongs to.
const AROUND_BYTES: usize = 400;

fn without_port(part: &str) -> &str {
    if part.starts_with('[') {
        return part;
    }
    match part.matches(':').count() {
        0 => part,
        1 => part.split(':').next().unwrap_or(part),
        // `user:password` in front of nothing, or a bare IPv6 address.
        _ if part.bytes().all(|b| b.is_ascii_hexdigit() || b == b':' || b == b'.') => part,
        _ => part.split(':').next().unwrap_or(part),
    }
}

const fn judged_reach((reach, hidden): (Reach, bool)) -> Judged {
    let (severity, detail) = match (reach, hidden) {
        (Reach::Metadata, _) => (Severity::Critical, "leads to the metadata service of a cloud"),
        (Reach::Loopback, true) => (Severity::High, "leads to this machine, written so that it cannot be seen"),
        (Reach::Private, true) => (Severity::High, "leads into a private network, written so that it cannot be seen"),
        (Reach::Special, true) => (Severity::High, "leads to a special address, written so that it cannot be seen"),
        (Reach::Loopback, false) => (Severity::Medium, "leads to this machine"),
        (Reach::Private, false) => (Severity::Medium, "leads into a private network"),
        (Reach::Special, false) => (Severity::Medium, "leads to a special address"),
    };
    let confidence = match reach {
        Reach::Metadata => 0.97,
        _ if hidden => 0.95,
        _ => 0.7,
    };
    Judged { rule: reach.rule(), severity, confidence, detail, is_address: true }
}

/// Schemes that do more than fetch a page.
fn scheme_of(scheme: &str) -> Option<Judged> {
    let (rule, detail) = match scheme {
        "gopher" | "dict" | "tftp" | "ldap" | "ldaps" | "ldapi" | "sftp" => {
            ("protocol-scheme", "makes the server speak another protocol")
        }
        "jar" | "netdoc" | "phar" | "php" | "expect" | "zip" | "glob" | "ogg" | "rar" | "local_file"
        | "view-source" => ("wrapper-scheme", "makes the server read files or run commands"),
        "file" => ("file-scheme", "makes the server read a local file"),
        _ => return None,
    };
    let severity = if scheme == "file" || scheme == "sftp" { Severity::Medium } else { Severity::High };
    Some(Judged { rule, severity, confidence: 0.8, detail, is_address: false })
}

/// A value that is nothing but a host, in a parameter for one.
fn bare(text: &Text<'_>, whole: &str) -> Option<Judged> {
    let addressed = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b':' | b'/' | b'[');
    let named = whole.eq_ignore_ascii_case("localhost") || whole.eq_ignore_ascii_case("metadata");
    if whole.len() > 260 || whole.contains(' ') || !(named || whole.bytes().any(addressed)) {
        return None;
    }
    let name = text.parameter?.to_ascii_lowercase();
    let role = [
        "url", "uri", "host", "endpoint", "address", "server", "domain", "target", "link", "webhook", "callback",
        "site", "proxy", "ip",
    ];
    if !role.iter().any(|role| name.contains(role)) {
        return None;
    }
    let trimmed = whole.trim_start_matches(['/', '\\']);
    let host = trimmed.split(['/', '?', '#', '\\']).next()?;
    let host = host.rsplit('@').next()?;
    let written = host.contains(['.', ':', '['])
        || host.eq_ignore_ascii_case("localhost")
        || whole.starts_with("//")
        || host.len() >= 8;
    if !written || whole.contains("://") {
        return None;
    }
    host::reach(without_port(host)).map(judged_reach)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    fn rules(text: &str, parameter: &str) -> Vec<String> {
        let found =
            Registry::new(vec![Box::new(Urls)]).inspect_text(text, TextKind::Arguments, Some("fetch"), Some(parameter));
        found.as_slice().iter().map(|finding| finding.rule.to_string()).collect()
    }

    #[test]
    fn internal_addresses() {
        for (url, rule) in [
            (Urls.card().example, "cloud-metadata"),
            ("http://169.254.169.254/latest/meta-data/", "cloud-metadata"),
            ("http://example.com@127.0.0.1/", "loopback"),
            ("http://127.0.0.1@example.com/", "loopback"),
            ("https://[::ffff:7f00:1]:8080/x", "loopback"),
            ("http:/\\127.1/", "loopback"),
            ("http://①②⑦.⓪.⓪.①/", "loopback"),
            ("http://127。0。0。1/", "loopback"),
            ("gopher://example.com:6379/_INFO", "protocol-scheme"),
            ("file:///etc/passwd", "file-scheme"),
            ("http%3A%2F%2F169.254.169.254%2F", "cloud-metadata"),
            ("http://metadata.google.internal/computeMetadata/v1/", "cloud-metadata"),
            ("//10.0.0.1/admin", "private-network"),
            ("169.254.169.254", "cloud-metadata"),
            ("http://42/", "loopback"),
            ("http://spoofed.169.254.169.254.nip.io/", "cloud-metadata"),
        ] {
            assert_eq!(rules(url, "url"), [rule], "{url}");
        }
    }

    #[test]
    fn ordinary_addresses() {
        for url in [
            "https://example.com/?next=/home",
            "https://8.8.8.8/dns-query",
            "https://user@example.com/",
            "mailto:someone@example.com",
            "https://localhost.example.com/",
            "https://example.com/169/254",
            "users://42/profile",
            "s3://7/key",
        ] {
            assert!(rules(url, "url").is_empty(), "{url}");
        }
        assert!(
            rules("Start the server and open http://localhost:3000 in your browser to see it", "content").is_empty()
        );
    }
}
