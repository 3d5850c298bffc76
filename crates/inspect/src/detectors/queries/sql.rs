//! SQL in a value: what breaks out of quotes, adds conditions that are always true, appends statements, or calls what
//! only a database knows. It reads words and signs, not a grammar: dialects differ, attackers mix them.

use super::Found;

/// A text as the words, numbers and signs of SQL, without comments; at most this many.
pub(super) const TOKENS_MAX: usize = 400;

/// What an SQL reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Number,
    Quote,
    Sign(u8),
    /// `--`, `#` or `/*`, up to its end.
    Comment,
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
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
            [b'&', b'&', ..] => {
                tokens.push(Token::Word("&&"));
                2
            }
            [b'|', b'|', ..] => {
                tokens.push(Token::Word("||"));
                2
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

/// Whether a function or catalogue of a database is named: words that are also others' must be called.
fn calls_database(tokens: &[Token<'_>]) -> bool {
    const CALLED: &[&str] = &[
        "sleep",
        "benchmark",
        "version",
        "char",
        "chr",
        "ascii",
        "substring",
        "unhex",
        "current_setting",
        "pg_sleep",
        "load_file",
    ];
    tokens.iter().enumerate().any(|(at, token)| {
        let Token::Word(word) = token else { return false };
        let next = tokens.get(at + 1);
        match *word {
            "exec" | "declare" => {
                matches!(next, Some(Token::Word(name)) if name.starts_with(['@', 'x', 's', 'm']) || name.contains('.'))
            }
            word if CALLED.contains(&word) => matches!(next, Some(Token::Sign(b'('))),
            word => is_database_function(word),
        }
    })
}

/// SQL that breaks out of a value.
pub(super) fn structured(lower: &str) -> Option<Found> {
    let tokens = tokens(lower);
    let whole = 0..lower.len();
    let words: Vec<&str> =
        tokens.iter().filter_map(|token| if let Token::Word(word) = token { Some(*word) } else { None }).collect();
    let has = |word: &str| words.contains(&word);
    let pair =
        |first: &str, second: &str| words.windows(2).any(|two| matches!(two, [a, b] if *a == first && *b == second));
    let (quote, comment) = (tokens.contains(&Token::Quote), tokens.contains(&Token::Comment));
    let sign = |byte| tokens.contains(&Token::Sign(byte));
    let plain = !quote && !comment && !lower.contains([',', '*', '(', '=']) && !tokens.contains(&Token::Number);
    if has("union") && !plain && words.iter().any(|word| word.starts_with("select")) {
        return Some((whole, "union-select", 0.93, "appends a query to another"));
    }
    let any = |list: &[&str]| list.iter().any(|word| words.contains(word));
    let calls = calls_database(&tokens);
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
    let stacked =
        tokens.windows(2).any(|two| matches!(two, [Token::Sign(b';'), Token::Word(word)] if STATEMENTS.contains(word)));
    if words.iter().any(|word| STATEMENTS.contains(word))
        && stacked
        && (sign(b';') && (quote || comment || sign(b'(') || any(&["table", "from", "into"])))
    {
        return Some((whole, "stacked-statement", 0.88, "appends a statement"));
    }
    if (has("select") && has("from"))
        || pair("insert", "into")
        || (pair("order", "by") && (comment || quote))
        || (pair("group", "by") && (quote || comment || has("having")))
    {
        let signs = [b'(', b'*', b';'].into_iter().any(sign);
        let starts = words.first().is_some_and(|word| STATEMENTS.contains(word)) || quote || comment || signs;
        if starts {
            return Some((whole, "statement-as-value", 0.8, "a value is a statement"));
        }
    }
    clauses(lower, &tokens)
}

/// Clauses alone, quotes that are joined, and values that cut the rest off.
fn clauses(lower: &str, tokens: &[Token<'_>]) -> Option<Found> {
    let whole = 0..lower.len();
    let quote = tokens.contains(&Token::Quote);
    let nested = tokens.windows(2).any(|two| matches!(two, [Token::Sign(b'('), Token::Word("select")]));
    let told = tokens.iter().any(|token| {
        matches!(token, Token::Number | Token::Word("case" | "from" | "concat" | "count" | "user" | "database"))
    });
    if nested && told {
        return Some((whole, "statement-as-value", 0.8, "a value is a statement"));
    }
    if let [Token::Word("order" | "group"), Token::Word("by"), Token::Number, ..]
    | [Token::Word("or" | "and"), Token::Word("true" | "false") | Token::Number]
    | [Token::Number, Token::Word("order" | "group"), Token::Word("by"), Token::Number, ..]
    | [Token::Number, Token::Word("or" | "and"), Token::Word("true" | "false" | "not" | "null"), ..]
    | [Token::Word("handler"), Token::Word(_), Token::Word("open" | "read"), ..] = tokens
    {
        return Some((whole, "clause-as-value", 0.75, "a value is a clause of a statement"));
    }
    if joined_by_operators(lower) || number_and_condition(tokens) {
        return Some((whole, "quote-breakout", 0.82, "breaks out of a quoted value"));
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

/// `a' or 'b`, `a'='`: nothing but operators between the quotes that close a value and open another.
fn joined_by_operators(lower: &str) -> bool {
    let Some(first) = lower.find(['\'', '"']) else { return false };
    let Some(quote) = lower.get(first..=first) else { return false };
    let Some(last) = lower.rfind(quote).filter(|last| *last > first) else { return false };
    let between = lower.get(first + 1..last).unwrap_or_default();
    let before = lower.get(..first).unwrap_or_default();
    if between.len() > 80 || before.contains(' ') && before.len() > 30 {
        return false;
    }
    let tokens = tokens(between);
    let operators = [
        "or", "and", "xor", "like", "div", "mod", "rlike", "regexp", "is", "in", "not", "binary", "between", "sounds",
        "||", "&&",
    ];
    let logic = tokens.iter().any(|token| match token {
        Token::Word(word) => operators.contains(word),
        Token::Sign(sign) => matches!(sign, b'=' | b'<' | b'>' | b'!' | b'^' | b'|' | b'&'),
        _ => false,
    });
    // It begins with the operator, as a value in quotes does not.
    let begins = matches!(
        tokens.first(),
        Some(Token::Sign(b'=' | b'<' | b'>' | b'!' | b'^' | b'|' | b'&' | b'*' | b'+' | b'-' | b')' | b'~' | b'%'))
    ) || matches!(tokens.first(), Some(Token::Word(word)) if operators.contains(word));
    let only = tokens.iter().all(|token| match token {
        Token::Word(word) => {
            operators.contains(word) || word.starts_with('@') || matches!(*word, "null" | "true" | "false")
        }
        _ => true,
    });
    logic && begins && only
}

/// `1 and user()='a'`: a number with a condition on what only a database knows.
fn number_and_condition(tokens: &[Token<'_>]) -> bool {
    let [Token::Number, Token::Word("and" | "or" | "xor" | "&&" | "||"), rest @ ..] = tokens else { return false };
    let compares = rest.iter().any(|token| {
        matches!(
            token,
            Token::Sign(b'=' | b'<' | b'>')
                | Token::Word("like" | "in" | "is" | "between" | "exists" | "rlike" | "regexp")
        )
    });
    let known = rest.iter().enumerate().all(|(at, token)| match token {
        Token::Word(word) => {
            is_own(word) || matches!(rest.get(at + 1), Some(Token::Sign(b'('))) || word.starts_with('@')
        }
        _ => true,
    });
    compares && known && rest.len() <= 60
}

/// `1=1`, `'a'='a'`, `x like x`, `1<2`, `!0`: two constants compared after a logical word.
fn compares(tokens: &[Token<'_>]) -> bool {
    let constants: Vec<&Token<'_>> = tokens
        .iter()
        .filter(|token| !matches!(token, Token::Quote | Token::Comment | Token::Sign(b'(' | b')')))
        .collect();
    constants.windows(4).any(|four| {
        let [logic, left, operator, right] = four else { return false };
        let joins = matches!(logic, Token::Word("or" | "and" | "xor" | "having" | "where" | "not" | "||" | "&&"));
        let compared = matches!(
            operator,
            Token::Sign(b'=' | b'<' | b'>' | b'!' | b'~')
                | Token::Word("like" | "is" | "rlike" | "regexp" | "between" | "in")
        );
        let short = matches!(left, Token::Word(word) if word.len() <= 2 || word.starts_with('@'));
        joins
            && compared
            && (left == right
                || matches!(left, Token::Number)
                || short && matches!(right, Token::Number | Token::Word(_)))
    }) || constants.windows(3).any(|three| {
        matches!(
            three,
            [Token::Word("or" | "and"), Token::Sign(b'!' | b'~'), Token::Number]
                | [Token::Word("||" | "&&"), Token::Number, Token::Sign(b'=' | b'<' | b'>')]
        )
    })
}

/// Whether a quote ends a value before its end: after nothing, a word or a number, and followed by SQL rather than a letter.
fn breaks_out(lower: &str) -> bool {
    let Some(at) = lower.find(['\'', '"', '`']) else { return false };
    // A quote behind a space opens one.
    if lower.get(..at).is_some_and(|before| before.ends_with([' ', ',', ':', '(']) && before.len() > 1) {
        return false;
    }
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

/// A content that is nothing but SQL that breaks out.
pub(super) fn whole(lower: &str) -> Option<Found> {
    let trimmed = lower.trim();
    let begins = trimmed.starts_with(['\'', '"', '`', '-', ')', ';', '1', '0', '9', '2'])
        || trimmed.find(['\'', '"']).is_some_and(|at| !trimmed.get(..at).unwrap_or_default().contains(' '));
    let found = structured(trimmed).filter(|found| {
        begins
            && matches!(
                found.1,
                "union-select" | "tautology" | "stacked-statement" | "comment-cut" | "sql-function" | "quote-breakout"
            )
    })?;
    // `"it's" or "its"?` is a question; SQL has no words but its own and names.
    let tokens = tokens(trimmed);
    let words = tokens.iter().filter(|token| matches!(token, Token::Word(_))).count();
    let own = tokens.iter().filter(|token| matches!(token, Token::Word(word) if is_own(word))).count();
    let broken = matches!(trimmed.as_bytes().first(), Some(b'\'' | b'"' | b'`' | b')' | b'-' | b'0'..=b'9'))
        || breaks_out(trimmed);
    (broken && own * 2 >= words && own > 0 || matches!(found.1, "comment-cut") && words <= 2).then_some(found)
}

/// Words of SQL itself.
fn is_own(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "or", "and", "xor", "not", "like", "is", "null", "in", "between", "having", "union", "all", "from", "where",
        "order", "group", "by", "limit", "into", "values", "table", "if", "case", "when", "then", "else", "end",
        "exists", "true", "false", "delay", "as", "dual", "&&", "||", "rlike", "regexp", "count", "distinct", "concat",
        "substr", "database", "user",
    ];
    WORDS.contains(&word) || STATEMENTS.contains(&word) || is_database_function(word) || word.len() <= 2
}

/// A statement that asks the database about itself or makes it wait, where nobody said that it is one.
pub(super) fn probing(lower: &str) -> Option<Found> {
    const PROBES: &[&str] = &[
        "sleep(",
        "benchmark(",
        "waitfor delay",
        "extractvalue(",
        "updatexml(",
        "randomblob(",
        "dbms_pipe.",
        "utl_http.",
        "utl_inaddr.",
        "mysql.user",
        "pg_shadow",
        "@@version",
        "information_schema.",
        "sysobjects",
        "syscolumns",
        "all_tables",
        "sqlite_master",
        "dbms_ldap",
        "dbms_lock.",
        "generate_series(1,",
        "xmltype((",
        "ctxsys.",
        "pg_ls_dir(",
        "current_setting(",
        "user_password",
        "sys.user$",
        "v$version",
        "sysibm.",
        "syscat.",
    ];
    let probe = PROBES.iter().find_map(|probe| lower.find(probe).map(|at| at..at + probe.len()))?;
    // Tools that show a schema read the catalogue, with plain words.
    let plain = lower
        .get(probe.clone())
        .is_some_and(|probe| matches!(probe, "information_schema." | "sqlite_master" | "@@version"));
    (!plain).then_some((probe, "sql-function", 0.7, "calls functions of a database"))
}
