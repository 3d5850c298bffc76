//! PD003: e-mail addresses and telephone numbers. Ordinary in most traffic, so it informs; policy says where they must
//! not go.

use std::ops::Range;

use crate::detectors::personal::digits::Plain;
use crate::detectors::personal::{near, numbers, plans};
use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::text::{Place, Text, What};

/// The detector.
#[derive(Debug)]
pub struct Contacts;

const ID: &str = "PD003";
/// Words beside which a row of digits is a telephone number.
const PHONES: &[&str] = &[
    "phone",
    "tel",
    "mobile",
    "call",
    "fax",
    "whatsapp",
    "cell",
    "text me",
    "my number",
    "answering at",
    "messages to",
    "message to",
    "number is",
    "contact number",
    "reach me",
    "contact me",
    "registered",
    "dial",
    "sms",
    "hotline",
    "numéro",
    "número",
    "numero",
    "handy",
    "celular",
    "móvil",
    "tlf",
    "電話",
    "전화",
    "هاتف",
    "telefon",
    "téléphone",
    "电话",
    "телефон",
];

impl Inspector for Contacts {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "E-mail address or telephone number",
            catches: "E-mail addresses, international numbers of a country with as many digits as it has, North American numbers, and other numbers beside a word \
                      for telephone.",
            misses: "National numbers without such a word; addresses of the documentation domains are not reported.",
            severity: Severity::Low,
            why: "It is personal data in most of the world.",
            remedy: "Redact it where the receiver does not need it.",
            example: "Write to ada.lovelace@analytical.engine or call +44 20 7946 0958",
            maturity: Maturity::Stable,
            references: &["OWASP-MCP-2025:MCP10", "OWASP-LLM-2025:LLM02", "COSAI-MCP:T5", "CWE-359"],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        // Nothing that is looked for is shorter.
        if text.kind.is_metadata() || text.original.len() < 6 {
            return;
        }
        let plain = Plain::new(text.original);
        let reading = plain.text();
        let mut report = |range: Range<usize>, rule, confidence, detail| {
            findings.push(text.finding(
                Place { layer: 0, range: plain.origin(&range) },
                What { id: ID, rule, severity: Severity::Low, confidence, detail },
            ));
        };
        for at in memchr::memchr_iter(b'(', reading.as_bytes()) {
            if let Some(range) = bracketed(reading, at) {
                report(range, "telephone", 0.8, "a telephone number");
            }
        }
        for at in memchr::memchr_iter(b'@', reading.as_bytes()) {
            if let Some(range) = address(reading, at) {
                report(range, "email", 0.9, "an e-mail address");
            }
        }
        numbers(reading, |number| {
            let plus = number.range.start.checked_sub(1).and_then(|at| reading.as_bytes().get(at)) == Some(&b'+');
            let source = reading.get(number.range.clone()).unwrap_or_default();
            let count = number.digits.len();
            let named = || near(reading, &number.range, PHONES);
            // Behind a plus sign the country says how long a number is; a word for it makes up for a mistake.
            let phone = (plus && plans::is_international(&number.digits))
                || is_american(source)
                || ((8..=13).contains(&count) && named());
            if phone {
                let start = if plus { number.range.start - 1 } else { number.range.start };
                report(start..number.range.end, "telephone", if plus { 0.9 } else { 0.7 }, "a telephone number");
            }
            phone
        });
    }
}

/// `415-555-2671`, `415.555.2671`, `1-415-555-2671`.
fn is_american(source: &str) -> bool {
    let groups: Vec<&str> = source.split(['-', '.', ' ']).collect();
    let groups = groups.strip_prefix(&["1"]).unwrap_or(&groups);
    matches!(groups, [area, office, line] if area.len() == 3 && office.len() == 3 && line.len() == 4 && !area.starts_with(['0', '1']) && !office.starts_with(['0', '1']))
}

/// `(415) 555-2671`, also with a country before and an extension behind.
fn bracketed(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at + 1..)?;
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let area = digits(rest);
    let behind = rest.get(area..)?.strip_prefix(')')?;
    let number = behind.strip_prefix([' ', '-']).unwrap_or(behind);
    let first = digits(number);
    let line = number.get(first..)?.strip_prefix(['-', '.', ' ']);
    let last = line.map_or(0, digits);
    let fits = (2..=5).contains(&area) && (3..=5).contains(&first) && (3..=5).contains(&last);
    let real = fits && (7..=13).contains(&(area + first + last));
    let length = 1 + area + 1 + (behind.len() - number.len()) + first + 1 + last;
    (real && !text.as_bytes().get(at + length).is_some_and(u8::is_ascii_alphanumeric)).then_some(at..at + length)
}

/// The address around an `@`.
fn address(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let local = bytes
        .get(..at)?
        .iter()
        .rev()
        .take(64)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'%' | b'+' | b'-'))
        .count();
    let domain = bytes
        .get(at + 1..)?
        .iter()
        .take(253)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        .count();
    let mut end = at + 1 + domain;
    while matches!(bytes.get(end - 1), Some(b'.' | b'-')) {
        end -= 1;
    }
    let host = text.get(at + 1..end)?.to_ascii_lowercase();
    let (name, top) = host.rsplit_once('.')?;
    let user = text.get(at - local..at)?;
    let real = local > 0
        && !name.is_empty()
        && top.len() >= 2
        && top.bytes().all(|b| b.is_ascii_alphabetic())
        && bytes.get(end) != Some(&b':')
        && !matches!(user, "git" | "user" | "you" | "noreply" | "no-reply");
    let documentation = ["example.com", "example.org", "example.net", "example"]
        .iter()
        .any(|zone| host == *zone || host.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.')));
    (real && !documentation).then_some(at - local..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;
    use crate::text::TextKind;

    fn rules(text: &str) -> Vec<String> {
        let found = Registry::new(vec![Box::new(Contacts)]).inspect_text(text, TextKind::ToolOutput, None, None);
        found.as_slice().iter().map(|finding| finding.rule.to_string()).collect()
    }

    #[test]
    fn contacts() {
        assert_eq!(rules(Contacts.card().example), ["email", "telephone"]);
        assert_eq!(rules("call 415-555-2671"), ["telephone"]);
        assert_eq!(rules("+49 30 12345678, +81 3-1234-5678"), ["telephone", "telephone"]);
        assert_eq!(rules("office (415) 555-2671 x12"), ["telephone"]);
        assert_eq!(rules("my number is 0961 7596216"), ["telephone"]);
        assert_eq!(rules("Phone: 0496 46 46 70"), ["telephone"]);
        assert_eq!(rules("<mailto:bob+x@mail.company.co.uk>"), ["email"]);
        assert_eq!(rules("{\"email\":\"a@b.io\"}"), ["email"]);
    }

    #[test]
    fn other_text() {
        for text in [
            "git@github.com:x/y.git",
            "pkg@1.2.3",
            "someone@example.com",
            "order 1234567890",
            "@user mentioned",
            "2024-01-02",
            "offset +2101234567",
            "delta +99912345678",
        ] {
            assert!(rules(text).is_empty(), "{text}");
        }
    }
}
