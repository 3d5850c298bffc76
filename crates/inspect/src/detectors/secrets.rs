//! SE001: secrets in any text: by their form (`kinds.rs`), or by the name before them and how random they look. It
//! never prints what it finds. Commit ids, UUIDs, hashes, images and documented examples are not secrets.

mod documented;
mod forms;
mod issuers;
mod kinds;
mod logins;
mod named;
mod shapes;
mod values;

use std::ops::Range;

use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::signals::Signal;
use crate::text::{Place, Text, What};
use kinds::KINDS;

pub use issuers::names as issuers;

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
    "pass=",
    "pass:",
    "pass\"",
    "_pass",
    "_auth",
    ".auth",
    "\"auth\"",
    " auth:",
    " wif",
    "pw:",
    "pw=",
    "psk=",
    "psk:",
    "auth=(",
    "passwort",
    "kennwort",
    "contraseña",
    "mot de passe",
    "senha:",
    "wachtwoord",
    "lösenord",
    "hasło",
    "şifre",
    "kata sandi",
    "пароль",
    "Пароль",
    "密码",
    "密碼",
    "パスワード",
    "비밀번호",
    "كلمة المرور",
    "mysql",
    "sshpass",
    "redis-cli",
    "appid",
    "licensekey",
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
                    Signal::Secret(row) => KINDS.get(row).and_then(|kind| forms::by_form(layer, hit, kind, &mut run)),
                    Signal::SecretName if hit.start >= until => named::by_name(layer, hit),
                    Signal::SecretCapitals if hit.start >= until => named::by_capitals(layer, hit),
                    Signal::SecretOwner if hit.start >= until => issuers::after_name(layer, hit),
                    Signal::Url => logins::in_url(layer, hit),
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

#[cfg(test)]
mod tests;
