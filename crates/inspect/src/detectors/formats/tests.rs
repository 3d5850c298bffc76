//! Values that change the format they are put into.

use super::*;
use crate::registry::Registry;
use crate::text::TextKind;

fn rule(text: &str, tool: &str, parameter: &str) -> Option<String> {
    let found =
        Registry::new(vec![Box::new(Formats)]).inspect_text(text, TextKind::Arguments, Some(tool), Some(parameter));
    found.as_slice().first().map(|finding| finding.rule.to_string())
}

#[test]
fn injections() {
    for (text, wanted) in [
        (Formats.card().example, "header-lines"),
        ("a@b.example\nBcc: all@evil.example", "header-lines"),
        ("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>", "external-entity"),
        ("<xi:include href=\"file:///etc/passwd\" parse=\"text\"/>", "external-entity"),
        ("<!--#exec cmd=\"id\" -->", "server-side-include"),
        ("!!python/object/apply:os.system [id]", "serialised-object"),
        ("O:8:\"stdClass\":1:{s:1:\"a\";s:1:\"b\";}", "serialised-object"),
        ("rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcA", "serialised-object"),
        ("=cmd|'/c calc'!A1", "formula"),
        ("__proto__[admin]", "prototype-key"),
        ("%x%x%x%x%n", "format-string"),
        ("<img src=x onerror=alert(1)>", "script-in-value"),
    ] {
        assert_eq!(rule(text, "lookup", "name").as_deref(), Some(wanted), "{text}");
    }
}

#[test]
fn ordinary_values() {
    for (text, parameter) in [
        ("Bob\nNote: call back", "name"),
        ("%Y-%m-%d %H:%M:%S", "format"),
        ("100%s", "name"),
        ("=SUM(A1:A9)", "value"),
        ("=HYPERLINK(\"https://example.com\", \"site\")", "value"),
        ("<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1.dtd\">", "html"),
        ("if (Object.hasOwn(x, '__proto__')) return; <script src=\"a.js\"></script>", "content"),
        ("Subject: hello\nTo: bob\n\nHi", "body"),
        ("onload=later", "name"),
        ("O:Brien", "name"),
    ] {
        assert_eq!(rule(text, "save", parameter), None, "{text}");
    }
}
