//! Secrets and what only looks like one.

mod carriers;
mod layers;

use super::kinds::{Check, Kind, Tail};
use super::*;
use crate::registry::Registry;
use crate::text::TextKind;

fn rules(text: &str) -> Vec<String> {
    let found = Registry::new(vec![Box::new(Secrets)]).inspect_text(text, TextKind::ToolOutput, None, None);
    for finding in found.as_slice() {
        assert!(text.get(finding.span.clone()).is_some());
        assert!(!finding.detail.contains(&text[finding.span.clone()]), "a finding repeats the secret");
    }
    found.as_slice().iter().map(|finding| finding.rule.to_string()).collect()
}

#[test]
fn kinds_are_unique_and_many() {
    let mut names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), KINDS.len());
    assert!(names.len() >= 60);
}

#[test]
fn secrets_are_found() {
    // Parts are joined here so that no scanner mistakes this file for a leak.
    let body = "Ab9Kd7Lm2Qp5Xr8Tz1Vn4Wc6Ey3Hj0Us";
    for (text, rule) in [
        (format!("{}{}", "AKIA", "QZ7R2MWX4KDP9T3V"), "aws-access-key"),
        (format!("x {}{}", "ghp_", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq14"), "github-personal-token"),
        (format!("key={}{body}9fGh2", "sk_live_"), "stripe-live-key"),
        (format!("{}123456789012-234567890123-{body}", "xoxb-"), "slack-bot-token"),
        (format!("postgres://app:{}@db.internal:5432/x", "kD93hf82Lq"), "password-in-url"),
        (format!("curl -u ada:{} https://x.example", "kD93hf82Lq"), "password-in-command"),
        (Secrets.card().example.to_owned(), "named-value"),
        (format!("password = \"{}\"", "hunter2Fox9"), "password-assignment"),
        (
            format!(
                "-----BEGIN {} KEY-----\nMIIEpAIBAAKCAQEAwJr7yQ3vK1l9Zs8mN2bT5uX4cV6dF7gH\n-----END",
                "RSA PRIVATE"
            ),
            "private-key",
        ),
        (
            format!(
                "Authorization: Bearer {}",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
            ),
            "json-web-token",
        ),
    ] {
        assert_eq!(rules(&text), [rule], "{text}");
    }
}

#[test]
fn lookalikes_are_not() {
    for text in [
        "commit 3b18e512dba79e4c8300dd08aeb37f8e728b8dad",
        "id: 123e4567-e89b-12d3-a456-426614174000",
        "sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        "api_key = \"YOUR_API_KEY\"",
        "password: ${DB_PASSWORD}",
        "postgres://user:password@localhost/db",
        "const token = process.env.TOKEN_12345_ABC_98",
        "The token is sent in the Authorization header.",
        "tokenizer=cl100k_base max_tokens=4096",
    ] {
        assert!(rules(text).is_empty(), "{text}: {:?}", rules(text));
    }
}

/// A value as an issuer would draw it, from a small generator that is the same everywhere.
fn drawn(kind: &Kind, state: &mut u64) -> String {
    let alphabet: &[u8] = match kind.tail {
        Tail::Hex => b"0123456789abcdef",
        Tail::Digits => b"0123456789",
        Tail::Capitals => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        Tail::Alphanumeric | Tail::Token | Tail::Dotted | Tail::Base64 => {
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        }
    };
    let mut value: String = (0..kind.min)
        .map(|_| {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(alphabet[(*state >> 33) as usize % alphabet.len()])
        })
        .collect();
    if let Check::Contains(inner) = kind.check {
        value.replace_range(10..10 + inner.len(), inner);
    }
    value
}

#[test]
fn random_values_of_every_kind_are_found() {
    let mut state = 7;
    let mut missed = Vec::new();
    // Short ones can look like words by chance, and those with a structure of their own have tests of their own.
    let drawable =
        KINDS.iter().filter(|kind| kind.min >= 24 && !matches!(kind.check, Check::Jwt | Check::Jwk | Check::Hex40));
    for kind in drawable {
        let head = match kind.prefix {
            ":AA" => "123456789",
            "Q~" => "aB38",
            _ => "",
        };
        let found = (0..20)
            .filter(|_| !rules(&format!("see {head}{}{} there", kind.prefix, drawn(kind, &mut state))).is_empty())
            .count();
        if found < 19 {
            missed.push((kind.name, found));
        }
    }
    assert!(missed.is_empty(), "of twenty: {missed:?}");
}
