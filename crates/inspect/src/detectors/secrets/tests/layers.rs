//! Secrets in every layer in which a text may hide them, and where the finding points.

use std::fmt::Write as _;

use super::Secrets;
use crate::registry::Registry;
use crate::text::TextKind;

/// What is drawn once and for all, in parts.
fn secrets() -> [String; 5] {
    [
        format!("{}{}", "ghp_", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq14"),
        format!("{}{}", "AKIA", "Q3EGRZ7LMN5X2WPT"),
        format!("api_key={}", "kZ8vR2mQ7pL4xT9cB1nD6wF3sG5hJ0yU"),
        format!("xoxb-{}-{}", "482910573648-573920184756", "kZ8vR2mQ7pL4xT9cB1nD6wF3"),
        format!("postgres://app:{}@db.corp.net/x", "kD93hf82LqZ5xR"),
    ]
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "%{byte:02x}");
        out
    })
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.as_bytes()
        .chunks(3)
        .flat_map(|three| {
            let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
            (0..4).map(move |place| {
                let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
                if place > three.len() { '=' } else { char::from(digit) }
            })
        })
        .collect()
}

#[test]
fn secrets_are_found_in_every_layer_and_the_finding_points_at_it() {
    let registry = Registry::new(vec![Box::new(Secrets)]);
    let mut missed = Vec::new();
    for secret in secrets() {
        let wide: String = secret.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
        let apart: String = secret.chars().flat_map(|c| [c, '\u{200B}']).collect();
        let entities: String = secret.chars().fold(String::new(), |mut out, c| {
            let _ = write!(out, "&#{};", u32::from(c));
            out
        });
        for (way, hidden) in [
            ("plain", secret.clone()),
            ("base64", base64(&secret)),
            ("base64 twice", base64(&base64(&secret))),
            ("percent", percent(&secret)),
            ("percent twice", percent(&secret).replace('%', "%25")),
            ("entities", entities),
            ("wide", wide),
            ("apart", apart),
            ("quoted", format!("{{\\\"a\\\":\\\"{secret}\\\"}}")),
            ("key", format!("{{\"{secret}\":1}}")),
        ] {
            let lead = "before it: ";
            let text = format!("{lead}{hidden} and after");
            let found = registry.inspect_text(&text, TextKind::ToolOutput, None, None);
            let points = found
                .as_slice()
                .iter()
                .any(|finding| finding.span.start >= lead.len() && finding.span.end <= lead.len() + hidden.len());
            if !points {
                missed.push(format!("{way}: {text}"));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn exactly_the_secret_is_meant() {
    let registry = Registry::new(vec![Box::new(Secrets)]);
    for (lead, secret, tail) in [
        ("curl https://x.net/a?api_key=", "kZ8vR2mQ7pL4xT9cB1nD6wF3sG5hJ0yU", "&page=2"),
        ("postgres://app:", "kD93hf82LqZ5xR", "@db.corp.net/x"),
        ("Server=db;Pwd=", "kD93hf82LqZ5xR", ";Encrypt=True"),
        ("Passwort: ", "w1KTAB0LcpKc9x", ", bitte"),
        ("wandb ", "9c41f07be25a83d6107f5e3b84ca29d60f1e7a35", " done"),
        ("<password>", "kD93hf82LqZ5xR", "</password>"),
        ("db.corp.net:5432:app:user:", "kD93hf82LqZ5xR", "\nnext"),
        ("auth=(\"svc\", \"", "kD93hf82LqZ5xR", "\")"),
        ("mysql -u root -p", "kD93hf82LqZ5xR", " app"),
    ] {
        let text = format!("{lead}{secret}{tail}");
        let found = registry.inspect_text(&text, TextKind::ToolOutput, None, None);
        let meant: Vec<&str> = found.as_slice().iter().map(|finding| &text[finding.span.clone()]).collect();
        assert_eq!(meant, [secret], "{text}");
    }
}
