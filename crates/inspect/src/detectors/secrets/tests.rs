//! Secrets and what only looks like one.

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
