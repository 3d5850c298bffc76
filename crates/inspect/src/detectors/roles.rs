//! What a parameter is for, as far as its name, its tool's name and its value tell. Detectors of payloads judge a shell
//! command in a shell tool by what it does, and the same text in a host name by being there. No detector itself.

use std::borrow::Cow;

use crate::detectors::{commands, queries};
use crate::text::{Text, TextKind};

/// What a parameter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A command, a script or code that is meant to run.
    Command,
    /// A statement or filter of a query language.
    Query,
    /// A template that somebody fills in.
    Template,
    /// Text or code that is stored, searched or shown.
    Content,
    /// A single value: a name, an id, a host, a path, a number.
    Value,
    /// Nothing is known: the tool has no name, and that of the parameter, if any, says nothing.
    Unknown,
}

impl Role {
    /// The role of a text that a client sends.
    #[must_use]
    pub fn of(text: &Text<'_>) -> Self {
        *text.role.get_or_init(|| Self::by_names(text))
    }

    fn by_names(text: &Text<'_>) -> Self {
        if text.kind == TextKind::ResourceUri {
            return Self::Value;
        }
        // An operator that is a key says nothing of what its value is for.
        let is_operator = text.parameter.is_some_and(|parameter| parameter.starts_with(['$', '@']));
        let Names { parameter, tool } = text.names();
        let name = if is_operator { &[][..] } else { parameter.as_slice() };
        if let Some(role) = named(name, tool) {
            return role;
        }
        if text.kind == TextKind::PromptArgument {
            return Self::Content;
        }
        if tool.is_empty() {
            let is_said = is_sentence(text.original)
                && !commands::is_command_line(text.original)
                && !queries::is_statement(text.original);
            return if is_said { Self::Content } else { Self::Unknown };
        }
        let is_prose = text.original.split_whitespace().nth(PROSE_WORDS_MIN - 1).is_some();
        if is_prose { Self::Content } else { Self::Value }
    }
}

/// A value of a parameter whose name says nothing is prose from so many words on.
const PROSE_WORDS_MIN: usize = 13;

/// Whether a text is said to people, though it may quote code: enough plain words outside of quotes and backticks.
fn is_sentence(text: &str) -> bool {
    const SIGNS: &[char] =
        &['\'', '"', ';', '|', '&', '$', '(', ')', '<', '%', '{', '-', '=', '`', '+', '*', '/', '.', '\\', '#'];
    let trimmed = text.get(..text.floor_char_boundary(SENTENCE_BYTES_MAX)).unwrap_or_default().trim();
    // A payload begins with its sign, or with a value of few words.
    if trimmed.starts_with(SIGNS) && !trimmed.starts_with(['`', '"'])
        || trimmed.starts_with(|c: char| c.is_ascii_digit())
    {
        return false;
    }
    let quote = if trimmed.matches('`').count() >= 2 { '`' } else { '"' };
    let outside = trimmed.split(quote).step_by(2).take(SPANS_MAX);
    let mentions = quote == '`' && trimmed.split_whitespace().any(|word| word.starts_with('`'));
    let is_plain = |word: &&str| {
        let word = word.trim_end_matches([',', '.', '!', '?', ':', ')']);
        word.len() > 1
            && word.chars().all(|c| c.is_alphabetic() || c == '\'')
            && !word.starts_with('\'')
            && !word.ends_with('\'')
            && !STATEMENT_WORDS.contains(&word.to_ascii_lowercase().as_str())
    };
    let words = outside.flat_map(str::split_whitespace).filter(is_plain).take(SENTENCE_WORDS_MIN).count();
    words >= SENTENCE_WORDS_MIN || mentions && words >= 2
}

/// So much of a text is read for it.
const SENTENCE_BYTES_MAX: usize = 2000;
/// So many plain words make a sentence.
const SENTENCE_WORDS_MIN: usize = 4;
/// At most so many pieces between quotes are read for them.
const SPANS_MAX: usize = 64;
/// Words of statements, which count for no sentence.
const STATEMENT_WORDS: &[&str] = &[
    "select", "union", "all", "from", "where", "and", "or", "not", "null", "insert", "into", "values", "update", "set",
    "delete", "drop", "table", "order", "group", "by", "having", "like", "between", "exec", "waitfor", "delay", "case",
    "when", "then", "else", "end", "as", "limit", "top", "distinct", "count", "true", "false", "is", "in", "if",
    "begin", "declare", "create", "user", "database", "schema",
];

/// The role by names alone.
fn named(name: &[Word<'_>], tool: &[Word<'_>]) -> Option<Role> {
    let head = last(name);
    let is = |list: &[&str]| list.contains(&head);
    let tool_has = |list: &[&str]| tool.iter().any(|word| list.contains(&word.as_ref()));
    let of_query = tool_has(DATABASES) || name.iter().any(|word| STATEMENTS.contains(&word.as_ref()));
    if is(TEMPLATES) || tool_has(&["template", "templates", "render"]) && is(&["source", "content", "text", "input"]) {
        return Some(Role::Template);
    }
    if is(STATEMENTS) && (name.len() > 1 || of_query && !tool_has(&["browser", "javascript", "python"])) {
        return Some(Role::Query);
    }
    let runs_code = tool_has(RUNNERS);
    let code =
        is(CODES) && (name.len() == 1 && runs_code || name.iter().any(|word| LANGUAGES.contains(&word.as_ref())));
    if is(COMMANDS) || code || runs_code && is(&["expression", "function", "snippet", "source", "statement"]) {
        return Some(Role::Command);
    }
    if tool_has(SHELLS)
        && (name.is_empty() || is(&["input", "text", "line", "code", "keys", "data", "body", "arg", "args"]))
    {
        return Some(Role::Command);
    }
    if is(STATEMENTS) || is(QUERIES) && of_query || is(FILTERS) {
        return Some(Role::Query);
    }
    if is(VALUES) {
        return Some(Role::Value);
    }
    // A key of an object has its own name: of a database's tool it is part of a filter.
    if head.is_empty() && tool_has(DATABASES) {
        return Some(Role::Query);
    }
    (is(CONTENTS) || is(CODES) && name.len() == 1 && tool_has(&["write", "create", "edit", "save", "format", "review"]))
        .then_some(Role::Content)
}

/// Whether a parameter with this name takes text, by its name alone: what stands in it is one string, also where that
/// string looks like JSON.
#[must_use]
pub fn takes_text(tool: Option<&str>, parameter: &str) -> bool {
    let role = named(&words(Some(parameter)), &words(tool));
    matches!(role, Some(Role::Content | Role::Command | Role::Template))
}

/// Whether the tool is one of a database, or searches: a key that is an operator is ordinary there.
#[must_use]
pub fn is_database(text: &Text<'_>) -> bool {
    let searches = ["filter", "filters", "search"];
    text.names().tool.iter().any(|word| DATABASES.contains(&word.as_ref()) || searches.contains(&word.as_ref()))
}

/// Whether a parameter takes one thing of a strict form, in which no sign of a shell can stand: a host, a number.
#[must_use]
pub fn is_strict(text: &Text<'_>) -> bool {
    is_strict_word(last(&text.names().parameter))
}

/// The same, by the name alone.
pub(crate) fn is_strict_name(parameter: Option<&str>) -> bool {
    // Most names are one word of small letters: they need not be taken apart.
    let name = parameter.unwrap_or_default();
    if name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return is_strict_word(name);
    }
    is_strict_word(last(&words(parameter)))
}

/// Whether a parameter takes a command, by its name alone.
pub(crate) fn is_command_name(parameter: Option<&str>) -> bool {
    let name = parameter.unwrap_or_default();
    if name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return COMMANDS.contains(&name);
    }
    COMMANDS.contains(&last(&words(parameter)))
}

/// Whether a parameter takes an address, a reference or a path: it never begins with an option, nor holds one.
#[must_use]
pub fn takes_no_option(text: &Text<'_>) -> bool {
    OPTIONLESS.contains(&last(&text.names().parameter))
}

/// Whether a parameter takes a file or a folder.
#[must_use]
pub fn is_file(text: &Text<'_>) -> bool {
    let names = [
        "path",
        "paths",
        "file",
        "files",
        "filename",
        "filepath",
        "folder",
        "directory",
        "dir",
        "root",
        "roots",
        "workspace",
        "uri",
    ];
    names.contains(&last(&text.names().parameter))
}

/// Whether a parameter is an address or a list of them, which mail is sent to.
#[must_use]
pub fn is_mail(text: &Text<'_>) -> bool {
    let head = last(&text.names().parameter);
    ["to", "cc", "bcc", "from", "email", "mail", "recipient", "recipients", "subject", "sender"].contains(&head)
}

/// A word of a name, in small letters.
pub(crate) type Word<'a> = Cow<'a, str>;

/// The words of the names of a parameter and of its tool.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    pub(crate) parameter: Vec<Word<'a>>,
    pub(crate) tool: Vec<Word<'a>>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(tool: Option<&'a str>, parameter: Option<&'a str>) -> Self {
        Self { parameter: words(parameter), tool: words(tool) }
    }
}

/// The last word of a name, which says what the thing is; empty where there is none.
fn last<'a>(words: &'a [Word<'_>]) -> &'a str {
    words.last().map_or("", Cow::as_ref)
}

/// The words of a name: `searchQuery`, `search_query` and `search-query` are two, in small letters.
fn words(name: Option<&str>) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let name = name.unwrap_or_default();
    let end = name.char_indices().nth(NAME_CHARACTERS_MAX).map_or(name.len(), |(at, _)| at);
    let name = name.get(..end).unwrap_or_default();
    let mut was_lower = false;
    let mut from = None;
    for (at, character) in name.char_indices() {
        if !character.is_alphanumeric() {
            words.extend(from.take().and_then(|from| word(name, from, at)));
            continue;
        }
        if was_lower && character.is_uppercase() {
            words.extend(from.take().and_then(|from| word(name, from, at)));
        }
        from.get_or_insert(at);
        was_lower = character.is_lowercase() || character.is_ascii_digit();
    }
    words.extend(from.and_then(|from| word(name, from, name.len())));
    words
}

fn word(name: &str, from: usize, to: usize) -> Option<Word<'_>> {
    let word = name.get(from..to)?;
    let is_small = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let lower = || Cow::Owned(word.chars().flat_map(char::to_lowercase).collect());
    Some(if is_small { Cow::Borrowed(word) } else { lower() })
}

/// Longer names are not read to their end.
const NAME_CHARACTERS_MAX: usize = 200;

/// Whether the last word of a parameter says that it has a strict form. Asked of every short value, so no list is walked.
fn is_strict_word(word: &str) -> bool {
    matches!(
        word,
        "host"
            | "hostname"
            | "ip"
            | "domain"
            | "port"
            | "id"
            | "ids"
            | "uuid"
            | "guid"
            | "region"
            | "limit"
            | "offset"
            | "server"
            | "count"
            | "page"
            | "size"
            | "year"
            | "month"
            | "day"
            | "hours"
            | "minutes"
            | "zone"
            | "locale"
            | "lang"
            | "currency"
            | "country"
            | "latitude"
            | "longitude"
            | "timezone"
            | "userid"
            | "ipaddress"
            | "fqdn"
            | "mac"
            | "interface"
            | "pid"
            | "width"
            | "height"
    )
}

const OPTIONLESS: &[&str] = &[
    "host",
    "hostname",
    "ip",
    "domain",
    "url",
    "uri",
    "branch",
    "ref",
    "refs",
    "remote",
    "repo",
    "repository",
    "revision",
    "commit",
    "tag",
    "file",
    "filename",
    "path",
    "filepath",
    "email",
    "user",
    "username",
    "endpoint",
    "server",
    "target",
    "package",
    "rev",
    "container",
    "pod",
    "service",
    "namespace",
    "domain",
    "image",
    "bucket",
    "region",
    "owner",
];

const COMMANDS: &[&str] = &[
    "command",
    "commands",
    "cmd",
    "cmdline",
    "commandline",
    "script",
    "shell",
    "bash",
    "powershell",
    "exec",
    "argv",
    "build",
    "start",
    "prebuild",
    "postbuild",
    "preinstall",
    "postinstall",
    "prepare",
    "lint",
    "entrypoint",
    "hook",
    "watch",
    "deploy",
];
const CODES: &[&str] = &["code", "js", "javascript", "python", "sourcecode", "snippet", "function"];
/// Words that say which code a parameter takes: `code` alone may be a country's.
const LANGUAGES: &[&str] =
    &["python", "js", "javascript", "typescript", "node", "ruby", "php", "perl", "shell", "source", "lua", "r", "java"];
const SHELLS: &[&str] =
    &["shell", "bash", "zsh", "terminal", "powershell", "pwsh", "console", "command", "commands", "tmux"];
const RUNNERS: &[&str] = &[
    "run",
    "execute",
    "exec",
    "eval",
    "evaluate",
    "interpreter",
    "repl",
    "notebook",
    "python",
    "javascript",
    "js",
    "node",
    "browser",
    "sandbox",
    "jupyter",
    "playwright",
    "puppeteer",
    "console",
    "debug",
    "ipython",
    "code",
    "cell",
];
const TEMPLATES: &[&str] = &["template", "templates", "tpl", "jinja", "handlebars", "mustache", "liquid"];
const STATEMENTS: &[&str] = &["sql", "statement", "statements", "cypher", "sparql", "promql", "sqlquery", "gremlin"];
const QUERIES: &[&str] = &["query", "queries", "pipeline", "filter", "aggregation", "script", "operation", "q", "key"];
/// What narrows a search down is a small language of its own.
const FILTERS: &[&str] = &["filter", "filters", "where", "jq", "jsonpath", "xpath", "jql", "jmespath", "odata"];
const DATABASES: &[&str] = &[
    "sql",
    "query",
    "database",
    "databases",
    "db",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "sqlite",
    "mongo",
    "mongodb",
    "redis",
    "snowflake",
    "bigquery",
    "clickhouse",
    "duckdb",
    "supabase",
    "neo4j",
    "cypher",
    "cassandra",
    "elasticsearch",
    "opensearch",
    "redshift",
    "athena",
    "trino",
    "databricks",
    "dynamodb",
    "documents",
    "collection",
    "aggregate",
    "oracle",
    "mssql",
    "prometheus",
    "loki",
    "graphql",
    "kusto",
    "influx",
    "splunk",
    "logs",
    "metrics",
];
const CONTENTS: &[&str] = &[
    "content",
    "contents",
    "text",
    "texts",
    "body",
    "message",
    "messages",
    "description",
    "prompt",
    "query",
    "queries",
    "question",
    "summary",
    "title",
    "comment",
    "note",
    "notes",
    "instructions",
    "markdown",
    "html",
    "data",
    "str",
    "diff",
    "patch",
    "search",
    "input",
    "subject",
    "caption",
    "regex",
    "pattern",
    "reason",
    "thought",
    "q",
    "keywords",
    "keyword",
    "term",
    "terms",
    "old",
    "new",
    "string",
    "replacement",
    "payload",
    "json",
    "yaml",
    "xml",
    "document",
    "paragraph",
    "css",
    "password",
    "passphrase",
    "secret",
    "token",
    "context",
    "details",
    "feedback",
    "review",
    "bio",
    "topic",
    "glob",
    "csv",
    "lines",
    "edits",
    "todo",
    "task",
    "plan",
    "answer",
    "response",
    "reply",
    "post",
    "tweet",
    "article",
];

/// Last words of parameters that hold one value and never prose.
const VALUES: &[&str] = &[
    "id",
    "ids",
    "uuid",
    "key",
    "name",
    "names",
    "user",
    "username",
    "host",
    "hostname",
    "url",
    "urls",
    "uri",
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "filepath",
    "directory",
    "dir",
    "folder",
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
    "expression",
    "ref",
    "commit",
    "remote",
    "to",
    "cc",
    "bcc",
    "from",
    "lang",
    "language",
    "country",
    "city",
    "location",
    "userid",
];

#[cfg(test)]
mod tests;
