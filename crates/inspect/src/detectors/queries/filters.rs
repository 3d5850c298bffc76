//! Operators of stores of documents, and values that change the filter of a directory or a tree: NoSQL, LDAP, XPath.

use std::sync::LazyLock;

use super::Found;
use crate::detectors::needles::Needles;

const OPERATORS: &[&str] = &[
    "$where",
    "$ne\"",
    "$gt\"",
    "$gte\"",
    "$lt\"",
    "$lte\"",
    "$nin\"",
    "$in\"",
    "$regex\"",
    "$or\"",
    "$and\"",
    "$exists\"",
    "[$ne]",
    "[$gt]",
    "[$lt]",
    "[$gte]",
    "[$lte]",
    "[$regex]",
    "[$nin]",
    "[$in]",
    "[$exists]",
    "[$where]",
    "'$ne'",
    "'$gt'",
    "'$lt'",
    "'$where'",
    "'$regex'",
    "'$or'",
    "$expr\"",
    "$function\"",
    "$ne:",
    "$gt:",
    "$ne :",
    "$regex:",
    "$comment:",
    "&& this.",
    "|| this.",
    "&&this.",
    "||this.",
    "this.password",
    "$accumulator\"",
    "$lookup\"",
];

/// Operators where a value belongs.
pub(super) fn operators(lower: &str) -> Option<Found> {
    static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles::new(OPERATORS));
    let detail = "an operator of a query stands in a value";
    if lower.contains('$') || lower.contains("this.") {
        if let Some(found) = NEEDLES.find(lower) {
            return Some((found.start..lower.len(), "nosql-operator", 0.85, detail));
        }
        let names =
            ["$ne", "$gt", "$gte", "$lt", "$lte", "$nin", "$regex", "$where", "$expr", "$function", "$accumulator"];
        if names.contains(&lower) {
            return Some((0..lower.len(), "nosql-operator", 0.7, "an operator of a query is used as a key"));
        }
    }
    // `'; return true; var a='`, `'||'a'=='a`
    let script = (lower.contains("return true")
        || lower.contains("return 1")
        || lower.contains("while(1)")
        || lower.contains("while(true)"))
        && lower.contains([';', '|'])
        && (lower.contains(['\'', '"']) || lower.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    script.then_some((0..lower.len(), "nosql-operator", 0.8, detail))
}

/// Values that change a filter of a directory or an expression over a tree.
pub(super) fn changes(lower: &str) -> Option<Found> {
    const LDAP: &[&str] = &[
        "*)(",
        ")(&",
        ")(|",
        "*))%00",
        ")(cn=",
        ")(uid=",
        "(|(",
        "(&(",
        ")(mail=",
        ")(objectclass=",
        "*)%00",
        ")(!(",
        "*))(|",
    ];
    if let Some(at) = LDAP
        .iter()
        .find_map(|form| lower.find(form))
        .filter(|_| lower.contains('=') || lower.contains("*)(") || lower.contains(")(&)"))
    {
        // A filter that is whole is one; a value has no business to close what it did not open.
        let whole = lower.trim().starts_with('(') && is_balanced(lower);
        if !whole {
            return Some((at..lower.len(), "ldap-filter", 0.85, "a value changes a directory filter"));
        }
    }
    const XPATH: &[&str] = &[
        "count(/",
        "string-length(",
        "substring(name(",
        "name(/*",
        "//user",
        "/*[1]",
        "or position()",
        "text()=",
        "|//*",
        "| //*",
        "']|",
        "doc('http",
        "ancestor::",
        "child::node()",
        "parent::*",
        "following-sibling::",
        "name(parent",
        "//*[",
    ];
    let quoted = lower.contains(['\'', '"', ']', '|']);
    let at = XPATH.iter().find_map(|form| lower.find(form)).filter(|_| quoted)?;
    let joins = lower.contains(" or ") || lower.contains(" and ") || lower.contains("']") || lower.contains('|');
    let breaks =
        lower.find(['\'', '"']).is_some_and(|quote| quote < at) || lower.contains("|//") || lower.contains("| //");
    (joins && breaks && !lower.contains("://")).then_some((
        at..lower.len(),
        "xpath",
        0.8,
        "a value changes an expression over a tree",
    ))
}

fn is_balanced(text: &str) -> bool {
    let mut open = 0_i64;
    for byte in text.bytes() {
        open += match byte {
            b'(' => 1,
            b')' => -1,
            _ => 0,
        };
        if open < 0 {
            return false;
        }
    }
    open == 0
}
