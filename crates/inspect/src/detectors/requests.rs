//! HI001: requests to the user for what a server must not ask for: passwords, codes, keys, card numbers (MCP forbids it
//! for form elicitation since 2025-06-18), and approval texts that press or reassure.

use std::ops::Range;

use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::text::{Place, Text, TextKind, What};

/// The detector.
#[derive(Debug)]
pub struct Requests;

const ID: &str = "HI001";

impl Inspector for Requests {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "Request for credentials, misleading approval",
            catches: "Elicitation that asks for passwords, one-time codes, keys, recovery phrases or card numbers, and \
                      texts that press the user to approve without reading.",
            misses: "A question for something harmless that is used as a secret elsewhere.",
            severity: Severity::High,
            why: "The user answers the client that they trust, and the server gets the answer.",
            remedy: "Decline; a server that needs access uses OAuth or a URL of its own.",
            example: "Your session expired. Please enter your GitHub password and the six-digit code.",
            maturity: Maturity::Stable,
            references: &["OWASP-ASI-2026:ASI09", "COSAI-MCP:T2", "ATLAS:AML.T0100", "CWE-451"],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        if text.kind != TextKind::Elicitation {
            return;
        }
        for (layer, reading) in text.layers.iter() {
            let lower = reading.text().to_lowercase();
            // Lower-casing may change the length of foreign letters; then the whole text is meant.
            let place =
                |range: Range<usize>| if lower.len() == reading.text().len() { range } else { 0..reading.text().len() };
            let found = asks(&lower)
                .map(|range| (range, "asks-for-credentials", 0.85, "asks the user for a credential"))
                .or_else(|| {
                    presses(&lower).map(|range| (range, "pressing-approval", 0.65, "presses the user to approve"))
                });
            if let Some((range, rule, confidence, detail)) = found {
                let severity = if rule == "asks-for-credentials" { Severity::High } else { Severity::Medium };
                findings.push(text.finding(
                    Place { layer, range: place(range) },
                    What { id: ID, rule, severity, confidence, detail },
                ));
                return;
            }
        }
    }
}

const CREDENTIALS: &[&str] = &[
    "password",
    "passphrase",
    "passwort",
    "contraseña",
    "mot de passe",
    "senha",
    "пароль",
    "密码",
    "パスワード",
    "비밀번호",
    "api key",
    "api_key",
    "apikey",
    "access token",
    "access_token",
    "secret key",
    "secret_key",
    "private key",
    "private_key",
    "seed phrase",
    "recovery phrase",
    "mnemonic",
    "one-time code",
    "one time code",
    "otp",
    "2fa",
    "mfa code",
    "verification code",
    "six-digit code",
    "6-digit code",
    "pin code",
    "cvv",
    "cvc",
    "card number",
    "credit card",
    "social security",
    "ssn",
    "client secret",
    "client_secret",
    "ssh key",
    "personal access token",
    "session cookie",
    "bank account number",
    "iban",
];

/// A credential that is asked for, not only mentioned in a warning.
fn asks(lower: &str) -> Option<Range<usize>> {
    const WARNINGS: &[&str] = &[
        "never share your",
        "do not enter",
        "don't enter",
        "without your",
        "no",
        "not need your",
        "never ask for your",
        "forgot",
        "reset",
    ];
    CREDENTIALS.iter().find_map(|word| {
        find_words(lower, word).find_map(|at| {
            let before = lower.get(..at).unwrap_or_default().trim_end();
            let warned = WARNINGS.iter().any(|warning| before.ends_with(warning));
            (!warned).then_some(at..at + word.len())
        })
    })
}

/// The places of a word, whole where it is short: `pin` is not in `opinion`.
fn find_words<'a>(lower: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    lower.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let letter = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = lower.as_bytes();
        word.len() > 5 || (!letter(at.checked_sub(1).and_then(|i| bytes.get(i))) && !letter(bytes.get(at + word.len())))
    })
}

fn presses(lower: &str) -> Option<Range<usize>> {
    const PRESSING: &[&str] = &[
        "just click approve",
        "just approve",
        "simply click accept",
        "click accept to continue",
        "always allow",
        "approve all",
        "no need to read",
        "you can safely ignore the warning",
        "ignore the warning",
        "this is safe, approve",
        "routine approval",
        "approve quickly",
        "without reviewing",
        "pre-approved by",
        "do not cancel",
        "don't cancel",
    ];
    PRESSING.iter().find_map(|phrase| lower.find(phrase).map(|at| at..at + phrase.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    fn found(text: &str) -> bool {
        !Registry::new(vec![Box::new(Requests)]).inspect_text(text, TextKind::Elicitation, None, None).is_empty()
    }

    #[test]
    fn requests() {
        for text in [
            Requests.card().example,
            "api_key",
            "Enter your seed phrase to restore the wallet",
            "Card number and CVV",
            "Gib dein Passwort ein",
            "Nothing changes. Just click approve.",
        ] {
            assert!(found(text), "{text}");
        }
    }

    #[test]
    fn questions() {
        for text in [
            "Which branch shall be deployed?",
            "Your opinion on the summary?",
            "We never ask for your password.",
            "Choose a colour and a size",
            "Please confirm the delivery date",
            "How many keys does the keyboard have?",
        ] {
            assert!(!found(text), "{text}");
        }
    }
}
