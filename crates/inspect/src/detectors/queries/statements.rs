//! Statements that destroy data, take rights or reach out of the database, wherever a statement belongs: judged one by
//! one, outside of strings and comments. Reading, writing and changing rows that a condition names is ordinary.

use super::Found;

/// One statement as its words, with signs and numbers; strings are one word each.
type Statement<'a> = Vec<&'a str>;

/// What stands for a string.
const STRING: &str = "''";
/// At most this many words of all statements are read.
const WORDS_MAX: usize = 20_000;

/// A statement that destroys, grants, or runs what is no query.
pub(super) fn destructive(lower: &str) -> Option<Found> {
    let (rule, detail) =
        statements(lower).iter().find_map(|statement| harm(statement)).or_else(|| reaches_out(lower))?;
    Some((0..lower.len(), rule, 0.75, detail))
}

/// Words that statements begin with.
const FIRST: &[&str] = &[
    "select", "with", "insert", "update", "delete", "create", "alter", "drop", "truncate", "explain", "show",
    "describe", "pragma", "grant", "revoke", "merge", "begin", "commit", "rollback", "vacuum", "analyze", "copy",
    "call", "use", "set", "match", "return",
];
/// Words that follow them.
const SECOND: &[&str] = &[
    "select",
    "insert",
    "update",
    "delete",
    "into",
    "from",
    "table",
    "tables",
    "index",
    "view",
    "database",
    "schema",
    "user",
    "role",
    "set",
    "function",
    "distinct",
    "count",
    "*",
    "or",
    "temp",
    "temporary",
    "unique",
    "analyze",
    "materialized",
    "column",
    "columns",
    "databases",
    "transaction",
    "all",
    "top",
    "case",
];

/// Whether a text is a statement from its first word on.
pub(super) fn begins_as_statement(lower: &str) -> bool {
    let mut words = lower.trim_start().split([' ', '\n', '\t', ';']).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return false };
    let second = words.next().unwrap_or_default();
    // Words that programs are called by as well.
    let shared = match first {
        "exec" | "execute" => {
            ["xp_", "sp_", "master", "immediate", "dbo."].iter().any(|procedure| second.starts_with(procedure))
        }
        "truncate" => !second.starts_with('-') && !second.is_empty() && words.clone().count() < 4,
        "copy" => {
            second.starts_with('(')
                || words.clone().any(|word| matches!(word, "to" | "from"))
                    && words.clone().any(|word| word == "program")
        }
        "attach" => second == "database",
        "shutdown" => second.is_empty() || second.starts_with("with") || second.starts_with("--"),
        _ => false,
    };
    if shared {
        return true;
    }
    if !FIRST.contains(&first) {
        return false;
    }
    let clause =
        || words.clone().take(200).any(|word| matches!(word, "from" | "where" | "set" | "values" | "as" | "on"));
    SECOND.contains(&second)
        || second.contains(['(', ',', '*', '.'])
        || first == "update" && clause()
        || first == "select" && clause()
        || first == "with" && clause()
}

fn statements(lower: &str) -> Vec<Statement<'_>> {
    let mut all = vec![Vec::new()];
    let mut rest = lower;
    let mut count = 0;
    // Behind a quote that is never closed no other is looked at: that would take a pass for each.
    let mut is_closed = true;
    while let Some(first) = rest.chars().next().filter(|_| count < WORDS_MAX) {
        let bytes = rest.as_bytes();
        let (length, word) = match bytes {
            [b'-', b'-', ..] | [b'#', b' ', ..] => (rest.find('\n').unwrap_or(rest.len()), None),
            // MySQL runs what stands in `/*! … */`.
            [b'/', b'*', b'!', ..] => (3 + rest.bytes().skip(3).take_while(u8::is_ascii_digit).count(), None),
            [b'/', b'*', ..] => (rest.find("*/").map_or(rest.len(), |end| end + 2), None),
            [b'\'', ..] if is_closed => match string(rest) {
                Some(length) => (length, Some(STRING)),
                None => {
                    is_closed = false;
                    (1, None)
                }
            },
            [b'\'', ..] => (1, None),
            [b'"' | b'`' | b'[', ..] => (1, None),
            [b';', ..] => {
                all.push(Vec::new());
                (1, None)
            }
            [b'a'..=b'z' | b'0'..=b'9' | b'_' | b'$' | b'@' | b'#', ..] => {
                let length = rest
                    .bytes()
                    .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'.' | b'@' | b'#'))
                    .count();
                (length, rest.get(..length))
            }
            _ if first.is_ascii_punctuation() => (1, rest.get(..1)),
            _ => (first.len_utf8(), None),
        };
        if let (Some(word), Some(statement)) = (word, all.last_mut()) {
            statement.push(word);
            count += 1;
        }
        rest = rest.get(length.max(1)..).unwrap_or_default();
    }
    all
}

/// The length of a string with its quotes, if it is closed.
fn string(rest: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        at += rest.get(at..)?.find('\'')? + 1;
        if !rest.get(at..)?.starts_with('\'') {
            return Some(at);
        }
        at += 1;
    }
}

type Harm = (&'static str, &'static str);

const DESTROYS: &str = "a statement destroys data or takes rights";

fn harm(statement: &[&str]) -> Option<Harm> {
    let at = statement.iter().position(|word| !matches!(*word, "explain" | "begin" | "then" | "(" | "analyze"))?;
    let words = statement.get(at..)?;
    // `truncate -s 10M file` is a program, `update-alternatives` too.
    if matches!(words, ["truncate" | "update" | "config" | "module" | "shutdown", "-", ..]) {
        return None;
    }
    let pair = |first: &str, second: &[&str]| {
        words.windows(2).any(|two| matches!(two, [a, b] if *a == first && second.contains(b)))
    };
    let has = |word: &str| words.contains(&word);
    if has("drop") && drops(words) {
        return Some(("drop", DESTROYS));
    }
    if words.first() == Some(&"truncate") && words.len() <= 12 && !named_for_a_while(words) {
        return Some(("truncate", DESTROYS));
    }
    let narrowed = words
        .iter()
        .position(|word| *word == "where")
        .is_some_and(|at| !always(words.get(at + 1..).unwrap_or_default()));
    let narrowed = narrowed || has("limit") || has("using") && has("on");
    if pair("delete", &["from"]) && !narrowed && !named_for_a_while(words) {
        return Some(("delete-everything", DESTROYS));
    }
    if words.first() == Some(&"update") && has("set") && !narrowed && has("=") && !named_for_a_while(words) {
        return Some(("update-everything", DESTROYS));
    }
    let graph = words.first() == Some(&"match") && has("delete") || pair("detach", &["delete"]);
    if graph && !has("where") && !has("{") && !has(":") {
        return Some(("delete-everything", DESTROYS));
    }
    takes_rights(words, &pair).then_some(("privilege", DESTROYS)).or_else(|| key_values(words))
}

/// `drop table x`, of a name that does not say that it is for a while only.
fn drops(words: &[&str]) -> bool {
    const THINGS: &[&str] = &[
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
        "tablespace",
        "owned",
        "login",
        "type",
        "sequence",
    ];
    words.windows(2).any(|two| matches!(two, ["drop", thing] if THINGS.contains(thing))) && !named_for_a_while(words)
}

fn named_for_a_while(words: &[&str]) -> bool {
    words.iter().skip(1).any(|word| {
        word.split(['_', '.', '#']).any(|part| {
            matches!(part, "tmp" | "temp" | "temporary" | "test" | "staging" | "scratch" | "bak" | "pg_temp")
        }) || word.starts_with('#')
    })
}

/// Whether a condition holds for every row: `1=1`, `true`, `'a'='a'`.
fn always(condition: &[&str]) -> bool {
    // `id=id`
    matches!(condition, [left, "=", right] if left == right)
        || matches!(condition, ["true" | "1"] | ["true" | "1", ";", ..])
        || matches!(condition, [left, "=", right, rest @ ..] if left == right && (rest.is_empty() || rest.first() == Some(&"or")) && (left.bytes().all(|b| b.is_ascii_digit()) || *left == STRING))
        || condition.windows(4).any(|four| matches!(four, ["or", left, "=", right] if left == right && left.bytes().all(|b| b.is_ascii_digit())))
}

fn takes_rights(words: &[&str], pair: &dyn Fn(&str, &[&str]) -> bool) -> bool {
    let has = |word: &str| words.contains(&word);
    let first = words.first().copied().unwrap_or_default();
    pair("grant", &["all", "superuser", "dba", "sysadmin"])
        || first == "grant"
            && (has("superuser")
                || has("dba")
                || has("sysdba")
                || has("pg_execute_server_program")
                || has("file")
                || has("super"))
        || matches!(first, "create" | "alter")
            && pair(first, &["user", "role", "login"])
            && (has("superuser") || has("password") || has("identified") || has("createrole"))
        || words.iter().any(|word| word.ends_with("xp_cmdshell"))
        || pair("copy", &["program"])
        || first == "copy"
            && (has("program") || has("to") && words.last() == Some(&STRING) && !has("stdout") && has(STRING))
        || pair("into", &["outfile", "dumpfile"])
        || first == "attach" && has("database") && has("as")
        || first == "shutdown" && words.len() <= 4
        || has("soname")
        || first == "create"
            && has("language")
            && words.iter().any(|word| matches!(*word, "plpythonu" | "plperlu" | "plpython3u" | "c"))
            && has("function")
        || matches!(first, "exec" | "execute") && has("sp_configure")
        || pair("sp_addsrvrolemember", &[STRING])
        || matches!(words, ["alter", "system", "set", ..])
        || first == "kill" && has("all")
}

/// Commands of stores of keys and documents.
fn key_values(words: &[&str]) -> Option<Harm> {
    let harm = matches!(
        words,
        ["flushall" | "flushdb", ..]
            | ["config", "set", "dir" | "dbfilename", ..]
            | ["slaveof" | "replicaof", _, _]
            | ["module", "load", ..]
            | ["debug", "segfault"]
    ) || matches!(words, ["script", "flush"]);
    harm.then_some(("key-store", DESTROYS))
}

/// Functions that reach files, programs and other machines, in whatever statement.
fn reaches_out(lower: &str) -> Option<Harm> {
    const FUNCTIONS: &[&str] = &[
        "pg_read_file(",
        "pg_read_binary_file(",
        "pg_ls_dir(",
        "load_file(",
        "load_extension(",
        "lo_import(",
        "lo_export(",
        "xp_cmdshell",
        "sys_exec(",
        "sys_eval(",
        "dbms_scheduler.create_job",
        "dbms_xslprocessor",
        "utl_file.",
        "utl_http.",
        "xp_dirtree",
        "xp_regwrite",
        "sp_oacreate",
        "openrowset(",
        "opendatasource(",
        "to program '",
        "into outfile",
        "into dumpfile",
        "pg_execute_server_program",
        "java.lang.runtime",
        "writefile(",
        "fts3_tokenizer(",
        "dblink_connect(",
        "dbms_java",
    ];
    // A statement in a string that is run.
    let run = lower.contains("execute immediate") || lower.contains("sp_executesql") || lower.contains("exec(");
    if run && ["drop table", "drop database", "truncate table", "grant all"].iter().any(|harm| lower.contains(harm)) {
        return Some(("drop", DESTROYS));
    }
    const DOCUMENTS: &[&str] = &[
        "dropdatabase(",
        "deletemany({})",
        "remove({})",
        ".drop()",
        "updatemany({}",
        "deleteindex(",
        "dropcollection(",
        "dropindexes(",
    ];
    if FUNCTIONS.iter().any(|function| lower.contains(function)) {
        return Some(("reaches-out", "a statement reaches out of the database"));
    }
    let compact = || lower.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    (lower.contains('(') && DOCUMENTS.iter().any(|call| compact().contains(call))).then_some(("drop", DESTROYS))
}
