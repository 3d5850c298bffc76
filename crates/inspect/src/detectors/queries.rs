//! CI003: statements of query and template languages where a value belongs, and statements that destroy where a
//! statement belongs. A statement in a database's tool, and a template in a tool for templates, are ordinary.

mod filters;
mod sql;
mod statements;
mod templates;

use std::ops::Range;

use crate::detectors::commands;
use crate::detectors::roles::{self, Role};
use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::signals::Signal;
use crate::text::{Place, Text, What};

/// The detector.
#[derive(Debug)]
pub struct Queries;

const ID: &str = "CI003";

impl Inspector for Queries {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "Query or template injection, destructive statement",
            catches: "SQL that breaks out of a value, operators of NoSQL and LDAP filters, template and lookup \
                      expressions, and statements that drop, truncate, or change every row.",
            misses: "A statement that is harmful only in its place; a value that is injected in two steps.",
            severity: Severity::High,
            why: "A server that builds a statement from the value reads, changes or destroys what it must not.",
            remedy: "Refuse the call; have the server bind values; give its account only the rights it needs.",
            example: "1' OR '1'='1' UNION SELECT name, password FROM users--",
            maturity: Maturity::Stable,
            references: &[
                "OWASP-ASI-2026:ASI02",
                "OWASP-MCP-2025:MCP05",
                "COSAI-MCP:T3",
                "ATLAS:AML.T0101",
                "CWE-89",
                "CWE-94",
                "CWE-90",
                "CWE-943",
                "CWE-643",
                "CWE-1336",
            ],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        let words = text.layers.iter().any(|(_, layer)| layer.hits.iter().any(|hit| hit.signal == Signal::Query));
        if !text.kind.from_client() || text.plain && !words {
            return;
        }
        if text.original.len() > QUERY_MAX {
            if Role::of(text) == Role::Query {
                let detail = "a statement is too long to be judged";
                let what = What { id: ID, rule: "too-long", severity: Severity::High, confidence: 0.9, detail };
                findings.push(text.finding(Place { layer: 0, range: 0..text.original.len() }, what));
            }
            return;
        }
        // Without a word of a query language, a statement or an expression needs one of these signs.
        let signs = |b: u8| {
            matches!(
                b,
                b'\'' | b'"' | b'`' | b'=' | b'(' | b';' | b'#' | b'|' | b'&' | b'{' | b'<' | b'@' | b'$' | b'*' | b'['
            )
        };
        if !words && text.layers.len() == 1 && !text.original.bytes().any(signs) && !text.original.contains("--") {
            return;
        }
        let role = Role::of(text);
        if role == Role::Command {
            return;
        }
        let of_database = roles::is_database(text);
        for (layer, reading) in text.layers.iter().filter(|(_, layer)| !layer.is_guess()) {
            let lower = reading.text().to_ascii_lowercase();
            if let Some((range, rule, confidence, detail)) = judge(&lower, role, of_database) {
                let what = What { id: ID, rule, severity: Severity::High, confidence, detail };
                findings.push(text.finding(Place { layer, range }, what));
                return;
            }
        }
    }
}

/// Whether a text is a statement from its first word on.
pub(crate) fn is_statement(text: &str) -> bool {
    statements::begins_as_statement(&text.to_ascii_lowercase())
}

/// Longer values are content. Where a statement is wanted, such a one is a finding.
const QUERY_MAX: usize = 128 * 1024;

type Found = (Range<usize>, &'static str, f32, &'static str);

fn judge(lower: &str, role: Role, of_database: bool) -> Option<Found> {
    match role {
        Role::Value => value(lower, of_database),
        Role::Query => statements::destructive(lower),
        Role::Template => templates::reaching(lower),
        Role::Content => content(lower),
        Role::Command => None,
        // Without a name, a text that is a statement is judged by what it does, and prose by what stands whole in it.
        Role::Unknown if statements::begins_as_statement(lower) => {
            statements::destructive(lower).or_else(|| sql::probing(lower))
        }
        Role::Unknown if commands::is_command_line(lower) => None,
        Role::Unknown if is_prose(lower) => content(lower),
        Role::Unknown => value(lower, of_database),
    }
}

fn value(lower: &str, of_database: bool) -> Option<Found> {
    // A formula of a sheet has quotes, signs and conditions of its own.
    if lower.strip_prefix('=').is_some_and(|formula| formula.starts_with(|c: char| c.is_ascii_alphabetic())) {
        return None;
    }
    // An address may ask for anything in its query; what breaks out of a value is another matter.
    let is_address = lower.starts_with("http://") || lower.starts_with("https://");
    sql::structured(lower)
        .filter(|found| !is_address || found.1 != "statement-as-value")
        .or_else(|| templates::expression(lower))
        .or_else(|| filters::operators(lower).filter(|_| !of_database))
        .or_else(|| filters::changes(lower))
        .or_else(|| statements::destructive(lower))
}

/// In text for people only what is nothing but a payload counts, and what loads code wherever it stands.
fn content(lower: &str) -> Option<Found> {
    let whole = lower.len() <= WHOLE_BYTES_MAX && !lower.contains('\n');
    templates::lookup(lower)
        .or_else(|| whole.then(|| sql::whole(lower)).flatten())
        .or_else(|| whole.then(|| templates::whole(lower)).flatten())
        .or_else(|| whole.then(|| filters::changes(lower)).flatten().filter(|_| !is_prose(lower)))
}

/// A payload that is a whole content stands on one line no longer than this.
const WHOLE_BYTES_MAX: usize = 300;

/// Whether a text is written for people, or is a document: many words, few of them SQL's own.
fn is_prose(lower: &str) -> bool {
    let breaks =
        |b: u8| b.is_ascii_digit() || matches!(b, b'\'' | b'"' | b')' | b'-' | b';' | b'%' | b'(' | b'|' | b'&' | b'+');
    let opens = lower.trim_start().bytes().next().is_some_and(breaks) && !lower.trim().contains('\n');
    let words = lower.split_whitespace().take(WORDS_MAX).count();
    words >= PROSE_WORDS_MIN && !(opens && words < 4 * PROSE_WORDS_MIN) && sql_words(lower) * 4 < words
}

/// From so many words on a text without a name is prose.
const PROSE_WORDS_MIN: usize = 13;
/// At most this many words of a text are counted.
const WORDS_MAX: usize = 400;

/// How many words of a text are those of SQL.
fn sql_words(lower: &str) -> usize {
    const WORDS: &[&str] = &[
        "select", "union", "from", "where", "and", "or", "null", "case", "when", "then", "order", "by", "insert",
        "into", "all", "concat", "char", "count", "limit", "table", "exec", "declare", "waitfor", "delay",
    ];
    lower.split(|c: char| !c.is_ascii_alphanumeric()).take(WORDS_MAX).filter(|word| WORDS.contains(word)).count()
}

#[cfg(test)]
mod tests;
