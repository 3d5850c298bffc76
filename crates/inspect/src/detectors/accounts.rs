//! PD001: payment cards and bank accounts, by issued range, length and check digits.

use std::ops::Range;

use crate::detectors::personal::digits::Plain;
use crate::detectors::personal::{checks, near, next_digit, numbers};
use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::text::{Place, Text, What};

/// The detector.
#[derive(Debug)]
pub struct Accounts;

const ID: &str = "PD001";
/// The shortest card has twelve digits.
const DIGITS_MIN: usize = 12;

impl Inspector for Accounts {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "Payment card or bank account",
            catches: "Card numbers of issued ranges with the sum of Luhn, IBANs of more than seventy countries with \
                      their remainder.",
            misses: "Account numbers without check digits.",
            severity: Severity::Medium,
            why: "It is personal data, and money can be taken with it.",
            remedy: "Redact it, or keep the session from sending it on.",
            example: "Card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00",
            maturity: Maturity::Stable,
            references: &["OWASP-MCP-2025:MCP10", "OWASP-LLM-2025:LLM02", "COSAI-MCP:T5", "ATLAS:AML.T0057", "CWE-359"],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        if text.kind.is_metadata() || text.original.len() < DIGITS_MIN {
            return;
        }
        let plain = Plain::new(text.original);
        let reading = plain.text();
        let mut report = |range: Range<usize>, rule, confidence, detail| {
            findings.push(text.finding(
                Place { layer: 0, range: plain.origin(&range) },
                What { id: ID, rule, severity: Severity::Medium, confidence, detail },
            ));
        };
        numbers(reading, |number| {
            let words =
                ["card", "visa", "amex", "cc", "pan", "payment", "master", "karte", "carte", "tarjeta", "cartão"];
            let named = || near(reading, &number.range, &words);
            // Beside the word for it, the sum is enough: ranges are issued faster than tables are written.
            let sum = (13..=19).contains(&number.digits.len()) && checks::luhn(&number.digits);
            let found = checks::card(&number.digits) || sum && named();
            if found {
                let sure = number.grouped || named();
                report(number.range, "payment-card", if sure { 0.95 } else { 0.75 }, "a payment card number");
            }
            found
        });
        ibans(reading, |range| report(range, "iban", 0.97, "a bank account (IBAN)"));
    }
}

/// Every place where an IBAN stands, with or without spaces.
fn ibans(text: &str, mut visit: impl FnMut(std::ops::Range<usize>)) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(start) = two_letters_two_digits(bytes, from) {
        from = start + 4;
        if start.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric) {
            continue;
        }
        let mut compact = 0;
        for (at, byte) in bytes.iter().enumerate().skip(start).take(44) {
            if byte.is_ascii_alphanumeric() {
                compact += 1;
            } else if !matches!(byte, b' ' | b'-') {
                break;
            }
            let whole = !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
            if compact >= 15 && whole && text.get(start..=at).is_some_and(checks::iban) {
                visit(start..at + 1);
                from = at + 1;
                break;
            }
        }
    }
}

/// The next place where an IBAN may begin.
fn two_letters_two_digits(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 2;
    while let Some(digit) = next_digit(bytes, at) {
        if let Some([a, b, _, d]) = bytes.get(digit - 2..digit + 2)
            && a.is_ascii_alphabetic()
            && b.is_ascii_alphabetic()
            && d.is_ascii_digit()
        {
            return Some(digit - 2);
        }
        at = digit + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;
    use crate::text::TextKind;

    fn rules(text: &str) -> Vec<String> {
        let found = Registry::new(vec![Box::new(Accounts)]).inspect_text(text, TextKind::ToolOutput, None, None);
        found.as_slice().iter().map(|finding| finding.rule.to_string()).collect()
    }

    #[test]
    fn accounts() {
        assert_eq!(rules(Accounts.card().example), ["payment-card", "iban"]);
        assert_eq!(rules("{\"pan\":\"378282246310005\"}"), ["payment-card"]);
        assert_eq!(rules("4111 1111 1111 1111 12/27 123"), ["payment-card"]);
        assert_eq!(rules("card 4111111111111111 12 2027 and 378282246310005 1234"), ["payment-card", "payment-card"]);
        assert_eq!(rules("4111\u{A0}1111\u{A0}1111\u{A0}1111"), ["payment-card"]);
        assert_eq!(rules("４１１１１１１１１１１１１１１１"), ["payment-card"]);
        assert_eq!(rules("5555–5555–5555–4444"), ["payment-card"]);
        assert_eq!(rules("5555-5555-5555-4444"), ["payment-card"]);
        assert_eq!(rules("GB29NWBK60161331926819"), ["iban"]);
        assert_eq!(rules("FR14 2004 1010 0505 0001 3M02 606."), ["iban"]);
    }

    #[test]
    fn other_numbers() {
        for text in [
            "order 4111111111111112",
            "1700000000000",
            "id 0000000000000000",
            "commit 3b18e512dba79e4c8300dd08aeb37f8e728b8dad",
            "pi is 3.14159265358979323846",
            "DE89370400440532013001",
            "dtoa gives 544431068535091.6",
            "4EBB 5428 5429 5210 5246 542A 542B",
        ] {
            assert!(rules(text).is_empty(), "{text}");
        }
    }
}
