//! PD002: national ids, social security and tax numbers with their check digits, and passports by their machine-readable
//! zone. Forms that are not rare need a word that names them nearby.

use std::ops::Range;

use crate::detectors::personal::digits::Plain;
use crate::detectors::personal::lettered::{lettered, words};
use crate::detectors::personal::mrz;
use crate::detectors::personal::national::NATIONAL;
use crate::detectors::personal::taxes::vat;
use crate::detectors::personal::{codes, near, numbers};
use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::text::{Place, Text, What};

/// The detector.
#[derive(Debug)]
pub struct Identities;

const ID: &str = "PD002";

impl Inspector for Identities {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "National id",
            catches: "Personal, social security, health and tax numbers of more than forty countries and offices, with \
                      check digits where they are defined, and the machine-readable zone of passports.",
            misses: "A bare number without the word that says what it is, where the form is common.",
            severity: Severity::Medium,
            why: "It identifies a person for life, and is what identity theft begins with.",
            remedy: "Redact it, or keep the session from sending it on.",
            example: "SSN: 536-22-1234",
            maturity: Maturity::Stable,
            references: &["OWASP-MCP-2025:MCP10", "OWASP-LLM-2025:LLM02", "COSAI-MCP:T5", "ATLAS:AML.T0057", "CWE-359"],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        // Nothing that is looked for is shorter.
        if text.kind.is_metadata() || text.original.len() < 6 {
            return;
        }
        let plain = Plain::new(text.original);
        let reading = plain.text();
        let mut report = |range: &Range<usize>, rule: &'static str, severity, confidence| {
            let detail = "a number that identifies a person";
            let place = Place { layer: 0, range: plain.origin(range) };
            findings.push(text.finding(place, What { id: ID, rule, severity, confidence, detail }));
        };
        numbers(reading, |number| {
            let matched = NATIONAL.iter().filter(|national| national.length == number.digits.len()).find(|national| {
                (national.holds)(&number.digits)
                    && (national.alone
                        || near(reading, &number.range, national.words)
                        || is_dashed_ssn(national.name, reading.get(number.range.clone())))
            });
            if let Some(national) = matched {
                report(&number.range, national.name, Severity::Medium, 0.9);
            }
            matched.is_some()
        });
        codes(reading, |range| {
            let Some(word) = reading.get(range.clone()) else { return };
            if let Some((name, alone)) = lettered(word)
                && (alone || near(reading, &range, words(name)))
            {
                report(&range, name, Severity::Medium, 0.9);
            } else if vat(word) {
                // Mostly companies.
                report(&range, "vat-number", Severity::Low, 0.7);
            }
        });
        for range in mrz::zones(reading) {
            report(&range, "passport-mrz", Severity::Medium, 0.95);
        }
    }
}

/// The form with dashes, `536-22-1234`, is the American number's alone.
fn is_dashed_ssn(name: &str, source: Option<&str>) -> bool {
    name == "us-social-security"
        && source.is_some_and(|source| {
            source.len() == 11
                && source
                    .bytes()
                    .enumerate()
                    .all(|(at, b)| if matches!(at, 3 | 6) { b == b'-' } else { b.is_ascii_digit() })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;
    use crate::text::TextKind;

    fn rules(text: &str) -> Vec<String> {
        let found = Registry::new(vec![Box::new(Identities)]).inspect_text(text, TextKind::ToolOutput, None, None);
        found.as_slice().iter().map(|finding| finding.rule.to_string()).collect()
    }

    #[test]
    fn identities() {
        assert_eq!(rules(Identities.card().example), ["us-social-security"]);
        assert_eq!(rules("NHS number 943 476 5919"), ["gb-national-health"]);
        assert_eq!(rules("CPF: 529.982.247-25"), ["br-cpf"]);
        assert_eq!(rules("codice RSSMRA85T10A562S"), ["it-fiscal-code"]);
        assert_eq!(rules("身份证 11010519491231002X"), ["cn-resident-identity"]);
        assert_eq!(rules("DEA AB1234563, IMEI 490154203237518"), ["imei", "us-prescriber"]);
        assert_eq!(rules("RUT 12.345.678-5 y RUT 10.000.013-K"), ["cl-rut", "cl-rut"]);
        assert_eq!(rules("CUIT 20-12345678-6"), ["ar-tax-id"]);
        assert_eq!(rules("SSN 536-22-1234 1985-03-04"), ["us-social-security"]);
        assert_eq!(rules("NHS ９４３ ４７６ ５９１９"), ["gb-national-health"]);
        assert_eq!(rules("kimlik ١٠٠٠٠٠٠٠١٤٦"), ["tr-identity"]);
        assert_eq!(rules("USt-IdNr. DE136695976"), ["vat-number"]);
        assert_eq!(rules("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"), ["passport-mrz"]);
    }

    #[test]
    fn other_numbers() {
        for text in [
            "invoice 943 476 5919",
            "529982247250",
            "2024-01-02 12:30:00",
            "version 1.2.3.4",
            "call 555-123-4567",
            "build 20240102123000",
        ] {
            assert!(rules(text).is_empty(), "{text}: {:?}", rules(text));
        }
    }
}
