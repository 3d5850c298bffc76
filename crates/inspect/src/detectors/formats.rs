//! CI004: values that change the format they are put into: lines of headers, markup that loads or runs, serialised
//! objects, formulas, keys that reach into every object. Documents that hold such things in plain sight are ordinary
//! where documents belong.

use std::ops::Range;
use std::sync::LazyLock;

use crate::detectors::needles::Needles;
use crate::detectors::roles::{self, Role};
use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::text::{Place, Text, What};

/// The detector.
#[derive(Debug)]
pub struct Formats;

const ID: &str = "CI004";

impl Inspector for Formats {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "Header, markup or object injection",
            catches: "Line breaks with headers behind them, entities and includes that load files, server-side includes, \
                      serialised objects that run code, formulas that call out, prototype keys, format strings.",
            misses: "A serialised object of a format of the server's own, and documents that are harmful only to one reader.",
            severity: Severity::High,
            why: "Whatever reads the value takes part of it as its own format: it sends another header, loads a file, runs \
                  a class.",
            remedy: "Refuse the call; have the server encode values for the format, and read objects without classes.",
            example: "bob%0d%0aSet-Cookie: admin=1",
            maturity: Maturity::Stable,
            references: &[
                "OWASP-ASI-2026:ASI05",
                "OWASP-MCP-2025:MCP05",
                "COSAI-MCP:T3",
                "CWE-93",
                "CWE-502",
                "CWE-611",
                "CWE-1236",
            ],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        if !text.kind.from_client() || text.original.len() > FORMAT_MAX {
            return;
        }
        let serialised = encoded_object(text.original);
        let named =
            text.original.contains("__proto__") || text.parameter.is_some_and(|name| name.starts_with(['$', '@']));
        if text.plain && serialised.is_none() && !named {
            return;
        }
        let role = Role::of(text);
        let what = |rule, detail, severity, confidence| What { id: ID, rule, severity, confidence, detail };
        if let Some((rule, detail)) = serialised.filter(|_| role != Role::Command) {
            let whole = Place { layer: 0, range: 0..text.original.len() };
            findings.push(text.finding(whole, what(rule, detail, Severity::High, 0.85)));
            return;
        }
        let is_mail = roles::is_mail(text);
        for (layer, reading) in text.layers.iter().filter(|(_, layer)| !layer.is_guess()) {
            if let Some((range, rule, detail)) = judge(reading.text(), role, is_mail) {
                findings.push(text.finding(Place { layer, range }, what(rule, detail, Severity::High, 0.85)));
                return;
            }
        }
    }
}

/// Longer values are documents.
const FORMAT_MAX: usize = 128 * 1024;

type Found = (Range<usize>, &'static str, &'static str);

/// What a mark means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Entity,
    Include,
    Object,
    Formula,
    Prototype,
    Script,
}

const MARKS: &[(&str, Mark)] = &[
    ("<!entity", Mark::Entity),
    ("<!doctype", Mark::Entity),
    ("xi:include", Mark::Entity),
    ("/xinclude", Mark::Entity),
    ("<!--#exec", Mark::Include),
    ("<!--#include", Mark::Include),
    ("<!--#echo", Mark::Include),
    ("<!--#printenv", Mark::Include),
    ("<!--#config", Mark::Include),
    ("<!--#set", Mark::Include),
    ("<esi:include", Mark::Include),
    ("!!python/object", Mark::Object),
    ("!!python/module", Mark::Object),
    ("!!python/name:os.", Mark::Object),
    ("tag:yaml.org,2002:python/object", Mark::Object),
    ("!ruby/object", Mark::Object),
    ("!ruby/hash", Mark::Object),
    ("!!javax.", Mark::Object),
    ("!!java.", Mark::Object),
    ("!!com.sun.", Mark::Object),
    ("!!org.spring", Mark::Object),
    ("!!org.apache", Mark::Object),
    ("_$$nd_func$$_", Mark::Object),
    ("objectdataprovider", Mark::Object),
    ("windowsclaimsidentity", Mark::Object),
    ("system.configuration.install.assemblyinstaller", Mark::Object),
    ("jdbcrowsetimpl", Mark::Object),
    ("templatesimpl", Mark::Object),
    ("classpathxmlapplicationcontext", Mark::Object),
    ("filesystemxmlapplicationcontext", Mark::Object),
    ("java.beans.xmldecoder", Mark::Object),
    ("<dynamic-proxy>", Mark::Object),
    ("java.beans.eventhandler", Mark::Object),
    ("commons.collections.functors", Mark::Object),
    ("cos\nsystem", Mark::Object),
    ("cposix\nsystem", Mark::Object),
    ("cnt\nsystem", Mark::Object),
    ("csubprocess\n", Mark::Object),
    ("c__builtin__\n", Mark::Object),
    ("cbuiltins\n", Mark::Object),
    ("|'/c ", Mark::Formula),
    ("|' /c", Mark::Formula),
    ("|'/k ", Mark::Formula),
    ("cmd|'", Mark::Formula),
    ("dde(", Mark::Formula),
    ("msexcel|", Mark::Formula),
    ("rundll32|", Mark::Formula),
    ("powershell|", Mark::Formula),
    ("importxml(", Mark::Formula),
    ("importdata(", Mark::Formula),
    ("importfeed(", Mark::Formula),
    ("importhtml(", Mark::Formula),
    ("webservice(", Mark::Formula),
    ("hyperlink(", Mark::Formula),
    ("image(", Mark::Formula),
    ("__proto__", Mark::Prototype),
    ("constructor.prototype", Mark::Prototype),
    ("constructor[prototype]", Mark::Prototype),
    ("[constructor][prototype]", Mark::Prototype),
    ("<script", Mark::Script),
    ("onerror=", Mark::Script),
    ("onload=", Mark::Script),
    ("onmouseover=", Mark::Script),
    ("onfocus=", Mark::Script),
    ("ontoggle=", Mark::Script),
    ("javascript:", Mark::Script),
];

fn judge(text: &str, role: Role, is_mail: bool) -> Option<Found> {
    if role == Role::Command || role == Role::Query {
        return None;
    }
    let is_value = matches!(role, Role::Value) || role == Role::Unknown && text.len() < SHORT_BYTES_MAX;
    static NEEDLES: LazyLock<Needles> = LazyLock::new(|| {
        let marks: Vec<&str> = MARKS.iter().map(|(mark, _)| *mark).collect();
        Needles::new(&marks)
    });
    for (number, range) in NEEDLES.all(text).take(HITS_MAX) {
        let Some((_, mark)) = MARKS.get(number) else { continue };
        let rest = text.get(range.end..).unwrap_or_default();
        let near = rest.get(..rest.floor_char_boundary(NEAR_BYTES)).unwrap_or_default().to_ascii_lowercase();
        let found = match mark {
            Mark::Entity => loads(text, range.start, &near)
                .then_some(("external-entity", "an entity of a document loads a file or an address")),
            Mark::Include => (is_value || near.contains("cmd") || near.contains("virtual") || near.contains("file"))
                .then_some(("server-side-include", "a comment makes a server run or load something")),
            Mark::Object => (is_value || text.len() < OBJECT_ALONE_BYTES_MAX || runs(&near))
                .then_some(("serialised-object", "a value is an object that runs code when it is read")),
            Mark::Formula => formula(text, &near, number)
                .then_some(("formula", "a formula of a sheet runs a program or sends cells out")),
            Mark::Prototype => (is_value || text.trim_start().starts_with("__proto__"))
                .then_some(("prototype-key", "a key reaches into every object of the program")),
            Mark::Script => (is_value && is_script(text, range.start, &near))
                .then_some(("script-in-value", "a value is a script for whoever shows it")),
        };
        if let Some((rule, detail)) = found {
            return Some((range, rule, detail));
        }
    }
    if let Some(range) = headers(text).filter(|_| is_value || is_mail) {
        return Some((range, "header-lines", "a line break adds lines of its own to a header"));
    }
    let object = object_of_php(text).filter(|_| role != Role::Content || text.trim_start().starts_with("O:"));
    object.map(|range| (range, "serialised-object", "a value is an object that runs code when it is read")).or_else(
        || {
            conversions(text)
                .filter(|_| is_value)
                .map(|range| (range, "format-string", "a value is a row of conversions of a format"))
        },
    )
}

/// A text without a name that is longer is a document.
const SHORT_BYTES_MAX: usize = 400;
/// A shorter content with an object in it is nothing else.
const OBJECT_ALONE_BYTES_MAX: usize = 150;
/// At most this many marks of one text are looked at.
const HITS_MAX: usize = 200;
/// So much behind a mark says what it does.
const NEAR_BYTES: usize = 200;

/// Whether an entity, a document type or an include names a file or an address.
fn loads(text: &str, start: usize, near: &str) -> bool {
    let include = text.get(start..).is_some_and(|rest| !rest.starts_with("<!"));
    let address = [
        "\"file:",
        "'file:",
        "\"http",
        "'http",
        "\"ftp",
        "\"php:",
        "'php:",
        "\"expect:",
        "\"jar:",
        "\"/etc",
        "\"gopher:",
        "\"netdoc:",
        "'expect:",
    ]
    .iter()
    .any(|form| near.contains(form));
    // The document types of web pages are named by address too.
    let of_page = near.contains("-//w3c")
        || near.contains("w3.org/")
        || near.trim_start().starts_with("html")
        || near.contains("-//") && near.contains("dtd");
    let many = text.get(start..).is_some_and(|rest| rest.starts_with("<!ENTITY") || rest.starts_with("<!entity"))
        && text.matches("<!ENTITY").take(4).count() > 3;
    if include {
        return near.contains("href") && address;
    }
    (near.contains("system") || near.contains("public")) && address && !of_page || many
}

/// Whether an object that stands in a document names what runs.
fn runs(near: &str) -> bool {
    ["system", "exec", "eval", "popen", "subprocess", "runtime", "scriptengine", "classloader"]
        .iter()
        .any(|word| near.contains(word))
}

/// Whether a formula calls out: one that only links is a link.
fn formula(text: &str, near: &str, number: usize) -> bool {
    let trimmed = text.trim_start_matches(['"', '\'', ' ', '\t', ';', ',']);
    let begins = trimmed.starts_with(['=', '+', '-', '@']);
    let links = MARKS.get(number).is_some_and(|(mark, _)| matches!(*mark, "hyperlink(" | "image("));
    let sends = near.contains("http") && near.contains('&');
    let runs = MARKS.get(number).is_some_and(|(mark, _)| mark.contains('|')) && text.contains('!');
    begins && (!links || sends) || runs
}

/// Whether markup in a value runs: an element or an attribute, not the word.
fn is_script(text: &str, start: usize, near: &str) -> bool {
    let mark = text.get(start..).unwrap_or_default().to_ascii_lowercase();
    if mark.starts_with("javascript:") {
        return text.trim_start().len() == text.len() - start
            && near.contains(['(', '=', '/'])
            && !near.starts_with(' ');
    }
    if mark.starts_with("<script") {
        return near.contains("</script") || near.contains("alert") || near.contains("src") || near.contains("//");
    }
    text.get(..start).is_some_and(|before| before.contains('<')) && near.contains(['(', '`', '&'])
}

/// A line break and a header, or a request, behind it.
fn headers(text: &str) -> Option<Range<usize>> {
    const NAMES: &[&str] = &[
        "set-cookie:",
        "location:",
        "content-type:",
        "content-length:",
        "transfer-encoding:",
        "host:",
        "x-forwarded-",
        "x-",
        "bcc:",
        "cc:",
        "to:",
        "from:",
        "subject:",
        "reply-to:",
        "mime-version:",
        "rcpt to:",
        "mail from:",
        "http/1.",
        "authorization:",
        "cookie:",
        "refresh:",
        "access-control-",
        "content-disposition:",
        "get / ",
        "get http",
        "post / ",
        "link:",
        "status:",
        "referer:",
        "user-agent:",
        "connection:",
    ];
    // Careless decoders make line breaks of the letters whose low bytes they are.
    text.match_indices(['\n', '\r', '\u{560A}', '\u{560D}', '\u{2028}']).take(HITS_MAX).find_map(|(at, _)| {
        let line = text.get(at..)?.trim_start_matches(['\r', '\n', ' ', '\t', '\u{560A}', '\u{560D}', '\u{2028}']);
        let head = line.get(..line.floor_char_boundary(24))?.to_ascii_lowercase();
        let named = NAMES.iter().any(|name| {
            head.starts_with(name) && (*name != "x-" || line.split(' ').next().is_some_and(|word| word.contains(':')))
        });
        // An empty line ends the headers; what follows is a body.
        let body = text.get(at..).is_some_and(|rest| rest.starts_with("\r\n\r\n")) && line.starts_with('<');
        (named || body).then(|| at..at + (text.len() - at - line.len()) + head.len().min(line.len()))
    })
}

/// `O:8:"stdClass":1:{…}`, alone or in an array.
fn object_of_php(text: &str) -> Option<Range<usize>> {
    text.match_indices("O:").take(HITS_MAX).find_map(|(at, _)| {
        let first = at == 0
            || text
                .as_bytes()
                .get(at - 1)
                .is_some_and(|b| matches!(b, b';' | b'{' | b'|' | b'"' | b'\'' | b'=' | b' '));
        let rest = text.get(at + 2..)?;
        let digits = rest.bytes().take(4).take_while(|b| b.is_ascii_digit() || *b == b'+').count();
        let named = digits > 0 && rest.get(digits..)?.starts_with(":\"");
        (first && named && text.contains(":{")).then_some(at..at + 4 + digits)
    })
}

/// Objects of Java, .NET, Python and Ruby in base64 or hexadecimal: they begin alike.
fn encoded_object(text: &str) -> Option<(&'static str, &'static str)> {
    const BEGINNINGS: &[&str] = &[
        "rO0AB",
        "AAEAAAD/////",
        "gASV",
        "gAJj",
        "gANj",
        "gARj",
        "BAhvO",
        "BAhbC",
        "aced0005",
        "ACED0005",
        "KLUv_rO0",
    ];
    let trimmed = text.trim().trim_matches(['"', '\'']);
    let begins = BEGINNINGS.iter().any(|beginning| trimmed.starts_with(beginning));
    (begins && trimmed.len() >= 20)
        .then_some(("serialised-object", "a value is an object that runs code when it is read"))
}

/// Conversions of a format in a row: `%n%n`, `%x%x%x%x`, `%p.%p.%p.%p`.
fn conversions(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut start, mut count, mut tells) = (0, 0_usize, 0_usize);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte != b'%' {
            count = if matches!(byte, b'.' | b',' | b'|' | b'-' | b' ' | b'_' | b':' | b'/') { count } else { 0 };
            tells = if count == 0 { 0 } else { tells };
            at += 1;
            continue;
        }
        let form = bytes.get(at + 1..).unwrap_or_default();
        let width =
            form.iter().take(6).take_while(|b| b.is_ascii_digit() || matches!(b, b'$' | b'.' | b'l' | b'h')).count();
        match form.get(width) {
            Some(letter @ (b'n' | b'x' | b'p' | b's' | b'X')) => {
                start = if count == 0 { at } else { start };
                count += 1;
                tells += match letter {
                    b'n' if form.get(..width).is_some_and(|form| form.contains(&b'$')) => 4,
                    b'n' => 2,
                    _ => 1,
                };
                at += 2 + width;
            }
            _ => {
                (count, tells) = (0, 0);
                at += 1;
            }
        }
        if tells >= 4 {
            return Some(start..at.min(text.len()));
        }
    }
    None
}

#[cfg(test)]
mod tests;
