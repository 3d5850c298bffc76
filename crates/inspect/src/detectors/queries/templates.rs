//! Expressions of template languages and of lookups that loggers run: what computes or reaches for classes where a value
//! belongs, and what reaches for classes where a template belongs.

use std::sync::LazyLock;

use super::Found;
use crate::detectors::needles::Needles;

const DETAIL: &str = "a template expression computes something";

/// Signs that open and close an expression in some template language.
const PAIRS: &[(&str, &str)] = &[
    ("{{", "}}"),
    ("${", "}"),
    ("#{", "}"),
    ("<%", "%>"),
    ("{%", "%}"),
    ("*{", "}"),
    ("@(", ")"),
    ("[[${", "}]]"),
    ("~{", "}"),
    ("{#", "#}"),
    ("<#", ">"),
    ("[=", "]"),
    ("{", "}"),
    ("@{", "}"),
];

/// A lookup that loads something, wherever it stands.
pub(super) fn lookup(lower: &str) -> Option<Found> {
    let at = lower.find("${")?;
    let rest = lower.get(at..)?;
    let loads = rest.contains("://")
        && (rest.contains("jndi:")
            || rest.contains("${lower:")
            || rest.contains("${::-")
            || rest.contains("${upper:")
            || rest.contains(":-j}"));
    loads.then_some((at..lower.len(), "lookup-expression", 0.95, "a lookup expression loads something from elsewhere"))
}

/// Template expressions that compute or reach, and lookups, in a value.
pub(super) fn expression(lower: &str) -> Option<Found> {
    let marks = ["${jndi:", "${lower:", "${::-", "${env:", "${sys:", "${upper:", "${java:", "${main:", "${ctx:"];
    if let Some(at) = marks.iter().find_map(|mark| lower.find(mark)) {
        return Some((
            at..lower.len(),
            "lookup-expression",
            0.95,
            "a lookup expression loads something from elsewhere",
        ));
    }
    for (open, close) in PAIRS {
        let Some(at) = lower.find(open) else { continue };
        let inside = lower.get(at + open.len()..).unwrap_or_default();
        let Some(end) = inside.find(close) else { continue };
        let range = at..at + open.len() + end + close.len();
        let inside = inside.get(..end).unwrap_or_default().trim_start_matches('=').trim();
        // One brace alone opens an object, a set, a block: it takes a call of the system.
        let computes = *open != "{" && *open != "<#" && is_sum(inside);
        if computes || *open != "{" && reaches(inside) {
            return Some((range, "template-expression", 0.85, DETAIL));
        }
    }
    reaching(lower).or_else(|| polyglot(lower))
}

/// A number times a number, as probes do: `7*7`, `7*'7'`, `1337-0`.
fn is_sum(inside: &str) -> bool {
    let bare: String = inside.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '"' | '(' | ')')).collect();
    let digits = bare.bytes().filter(u8::is_ascii_digit).count();
    bare.len() < 40
        && digits >= 2
        && bare.bytes().any(|b| matches!(b, b'*' | b'+' | b'-' | b'/' | b'%'))
        && bare.bytes().all(|b| b.is_ascii_digit() || b"*+-/%.".contains(&b))
        || bare.len() < 24
            && bare.contains('*')
            && digits > 0
            && bare.bytes().filter(u8::is_ascii_alphabetic).count() <= 2
}

/// Words of an expression that reaches for what a template has no business with.
fn reaches(inside: &str) -> bool {
    const WORDS: &[&str] = &[
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
        "settings.",
        "self|",
        "dump(app",
        "app.request",
        "_self",
        "filter('system",
        "|filter(",
        "|map('system",
        "|sort('system",
        "|reduce(",
        "passthru",
        "phpinfo",
        "debug",
        "environ",
        "sys.",
        "global",
        "secret_key",
        "@import",
        "util.",
        "forname",
        "newinstance",
        "php_",
        "print(",
        "sleep(",
        "`",
        "url_for",
        "get_flashed_messages",
        "include ",
        "include(",
        "shell",
        "md5(",
        "loadclass",
        "#context",
        "#request",
        "#application",
        "param.",
        "pageContext",
        "applicationscope",
        "sessionscope",
        "string.",
        "lookup ",
    ];
    static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles::new(WORDS));
    NEEDLES.find(inside).is_some()
}

/// What loads or runs classes, in whatever template language.
const FORMS: &[&str] = &[
    "__class__",
    "__mro__",
    "__subclasses__",
    "__globals__",
    "__builtins__",
    "__import__",
    "freemarker.template.utility",
    "?new()",
    "t(java.lang",
    "getruntime(",
    "class.forname(",
    ".forname(\"java",
    ".forname('java",
    "java.lang.runtime",
    "java.lang.processbuilder",
    "constructor.constructor",
    "string.sub \"constructor",
    "process.mainmodule",
    "child_process",
    "filter('system')",
    "filter(\"system\")",
    "map('system')",
    "_self.env.",
    "registerundefinedfiltercallback",
    "{php}",
    "{system(",
    "{exec(",
    "{passthru(",
    "{shell_exec(",
    "{phpinfo(",
    "{literal}{php",
    "smarty_internal_write_file",
    "self::getstreamvariable",
    "{{config",
    "{{ config",
    "{{self}}",
    "{{settings",
    "lipsum.__",
    "cycler.__",
    "joiner.__",
    "request.application",
    "|attr(",
    "new java.",
    "@java.lang",
    "#_memberaccess",
    "#cmd=",
    "ognlcontext",
    "springframework.",
    "#rt=",
    "{{dump(app",
    "objectconstructor",
    "object.constructor",
    "getclass()",
    "{$smarty",
    "render(@",
    "<%system",
    "<% system",
    "<%= system",
    "<%=system",
    "<%= `",
    "<%=`",
    "file.read(",
    "file.open(",
    "io.popen(",
    "dir.entries(",
    "{{range.constructor",
];

/// An expression that does so: no template has to.
pub(super) fn reaching(lower: &str) -> Option<Found> {
    static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles::new(FORMS));
    let found = NEEDLES.find(lower)?;
    // In running code these are ordinary: it takes the signs of a template beside it.
    let signs = [
        "{{", "${", "#{", "<%", "{%", "*{", "#set", "<#", "{php", "{system", "{exec", "{pass", "{shell", "{phpinfo",
        "${{", "%{", "?new", "{literal", "{self", "{smarty",
    ];
    signs.iter().any(|sign| lower.contains(sign)).then_some((found, "template-expression", 0.85, DETAIL))
}

/// Beginnings of many template languages at once: `${{<%[%'"}}%\`.
fn polyglot(lower: &str) -> Option<Found> {
    let signs = ["${", "{{", "<%", "[%", "#{", "{%", "}}%", "{@"].iter().filter(|sign| lower.contains(*sign)).count();
    let letters = lower.bytes().filter(u8::is_ascii_alphanumeric).count();
    (signs >= 3 && letters * 3 < lower.len() * 2).then_some((0..lower.len(), "template-expression", 0.8, DETAIL))
}

/// A content that is nothing but an expression.
pub(super) fn whole(lower: &str) -> Option<Found> {
    let trimmed = lower.trim();
    let closed =
        PAIRS.iter().any(|(open, close)| *open != "{" && trimmed.starts_with(open) && trimmed.ends_with(close));
    closed.then(|| {
        let found = expression(trimmed)?;
        let inside = trimmed.get(2..trimmed.len().saturating_sub(1)).unwrap_or_default();
        (is_sum(inside.trim_end_matches('}').trim_end_matches('%'))
            || reaching(lower).is_some()
            || found.1 == "lookup-expression")
            .then_some(found)
    })?
}
