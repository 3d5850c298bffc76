//! What a parameter is for, as far as its name, its tool's name and its value tell. Detectors of payloads judge a shell
//! command in a shell tool by what it does, and the same text in a host name by being there. No detector itself.

use crate::text::{Text, TextKind};

/// What a parameter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A command or script that is meant to run.
    Command,
    /// A statement of a query language.
    Query,
    /// Text or code that is stored, searched or shown.
    Content,
    /// A single value: a name, an id, a host, a path, a number.
    Value,
}

impl Role {
    /// The role of a text that a client sends.
    #[must_use]
    pub fn of(text: &Text<'_>) -> Self {
        if text.kind == TextKind::ResourceUri {
            return Self::Value;
        }
        let name = text.parameter.unwrap_or_default().to_ascii_lowercase();
        let tool = text.tool.unwrap_or_default().to_ascii_lowercase();
        if has(&name, COMMANDS) || (has(&tool, SHELLS) && !has(&name, &["path", "cwd", "directory", "host", "name"])) {
            return Self::Command;
        }
        if has(&name, QUERIES) && (has(&tool, DATABASES) || has(&name, &["sql", "statement"])) {
            return Self::Query;
        }
        if VALUES.contains(&name.as_str())
            || VALUES.iter().any(|value| name.strip_suffix(value).is_some_and(|rest| rest.ends_with('_')))
        {
            return Self::Value;
        }
        let words = text.original.split_whitespace().count();
        if has(&name, CONTENTS) || words > 12 || text.kind == TextKind::PromptArgument {
            return Self::Content;
        }
        Self::Value
    }
}

/// Whether a parameter takes one thing of a strict form, in which no sign of a shell can stand: a host, a number.
#[must_use]
pub fn is_strict(text: &Text<'_>) -> bool {
    let name = text.parameter.unwrap_or_default().to_ascii_lowercase();
    STRICT.iter().any(|strict| name == *strict || name.strip_suffix(strict).is_some_and(|rest| rest.ends_with('_')))
}

/// Names of parameters, or their last words, of a strict form.
const STRICT: &[&str] =
    &["host", "hostname", "ip", "domain", "port", "id", "uuid", "region", "limit", "offset", "server"];

const COMMANDS: &[&str] = &["command", "cmd", "script", "shell", "bash", "exec", "code", "expression"];
const SHELLS: &[&str] = &[
    "shell",
    "bash",
    "terminal",
    "run_command",
    "execute_command",
    "exec_command",
    "powershell",
    "run_script",
    "run_in",
];
const QUERIES: &[&str] = &["query", "sql", "statement", "pipeline", "filter", "cypher"];
const DATABASES: &[&str] = &[
    "sql",
    "query",
    "database",
    "db_",
    "_db",
    "postgres",
    "mysql",
    "sqlite",
    "mongo",
    "redis",
    "snowflake",
    "bigquery",
    "execute",
];
const CONTENTS: &[&str] = &[
    "content",
    "text",
    "body",
    "message",
    "description",
    "prompt",
    "query",
    "question",
    "summary",
    "title",
    "comment",
    "note",
    "instructions",
    "markdown",
    "html",
    "data",
    "new_str",
    "old_str",
    "diff",
    "patch",
    "search",
    "input",
    "subject",
    "caption",
    "template",
    "regex",
    "pattern",
    "reason",
    "thought",
];

/// Names of parameters, or their last words, that hold one value and never prose.
const VALUES: &[&str] = &[
    "id",
    "uuid",
    "key",
    "name",
    "user",
    "username",
    "host",
    "hostname",
    "url",
    "uri",
    "path",
    "file",
    "filename",
    "directory",
    "dir",
    "email",
    "ip",
    "address",
    "port",
    "domain",
    "branch",
    "repo",
    "repository",
    "owner",
    "table",
    "column",
    "limit",
    "offset",
    "page",
    "sort",
    "order",
    "date",
    "slug",
    "tag",
    "version",
    "region",
    "bucket",
    "endpoint",
    "server",
    "target",
    "login",
];

fn has(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| name.contains(word))
}
