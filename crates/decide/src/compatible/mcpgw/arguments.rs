//! Conditions on arguments of mcpgw's rules. There, nested objects were flattened to dotted names and lists to their JSON
//! text, and every value was compared as a text. It never makes a rule that denies see less, or one that allows see more.

use crate::compatible::{Entry, Reader, Value, get};
use crate::writing::{list, pattern, pattern_as_regex, quoted, step};

/// The most rules that one rule becomes because dotted names may be meant in two ways.
const ALTERNATIVES_MAX: usize = 16;

/// One argument by its name, with the tests of its value.
struct Argument {
    name: String,
    condition: String,
}

/// The `arguments` tables that stand for the conditions of a rule, each for a rule of its own: none at all when nothing
/// can match. `None` inside when there are no conditions, and outside after an error.
pub(super) fn read(reader: &mut Reader, table: &[Entry], is_deny: bool) -> Option<Option<Vec<String>>> {
    let globs = get(table, "arguments");
    let expressions = get(table, "argument_patterns");
    let Some(first) = globs.or(expressions) else { return Some(None) };
    warn(reader, first, is_deny);
    let mut arguments: Vec<Argument> = Vec::new();
    for (entry, is_expression) in [(globs, false), (expressions, true)] {
        let Some(entry) = entry else { continue };
        let Value::Table(names) = &entry.node.value else {
            let message = format!("expected names with patterns, found {}", entry.node.value.kind());
            return reader.error(message, &entry.node.span, "for instance `path: [\"/etc/*\"]`");
        };
        for name in names {
            let texts = reader.texts(&name.node)?;
            let tests = match (texts.is_empty(), is_deny) {
                // An empty list: nothing passes it, so a rule that allows can never match.
                (true, false) => return Some(Some(Vec::new())),
                (true, true) => "absent: false".to_owned(),
                (false, _) if is_expression => expressions_of(reader, name, &texts, is_deny)?,
                (false, _) => globs_of(reader, name, &texts, is_deny),
            };
            match arguments.iter_mut().find(|argument| argument.name == name.key) {
                Some(argument) => argument.condition = joined(reader, name, &argument.condition, &tests)?,
                None => arguments.push(Argument { name: name.key.clone(), condition: tests }),
            }
        }
    }
    if arguments.is_empty() {
        return Some(None);
    }
    alternatives(reader, first, &arguments, is_deny).map(Some)
}

/// Globs and expressions about the same argument: both must hold, and what only asks for a value adds nothing.
fn joined(reader: &mut Reader, entry: &Entry, globs: &str, expressions: &str) -> Option<String> {
    match (globs, expressions) {
        ("absent: false", other) | (other, "absent: false") => Some(other.to_owned()),
        (globs, expressions) if globs.starts_with("glob: ") && expressions.contains("glob: ") => {
            let message = format!("`{}` stands in `arguments` and in `argument_patterns`", entry.key);
            reader.error(message, &entry.key_span, "write its patterns under one of the two")
        }
        (globs, expressions) => Some(format!("{globs}, {expressions}")),
    }
}

fn warn(reader: &mut Reader, entry: &Entry, is_deny: bool) {
    reader.warn_once(
        "no pattern matched a text of more than 512 bytes: padding walked around rules that deny",
        &entry.key_span,
        "here patterns have no such length",
    );
    reader.warn_once(
        "a list was compared as its JSON text, and an object only by its members",
        &entry.key_span,
        "here every element and member is looked at: one suffices to deny, all must match to allow",
    );
    if is_deny {
        reader.warn_once(
            "a rule that denies by an argument is escaped by a tool that names the argument otherwise, here too",
            &entry.key_span,
            "allow what is meant by its arguments instead, and leave the rest to the default",
        );
        reader.warn_once(
            "percent escapes were not resolved before a path was compared",
            &entry.key_span,
            "here patterns with a slash are compared with the plain form too",
        );
    }
}

/// The globs of one argument.
fn globs_of(reader: &mut Reader, entry: &Entry, texts: &[&str], is_deny: bool) -> String {
    if texts.iter().any(|text| text.starts_with(['[', '{'])) {
        let message = "a pattern about the JSON text of a list or an object has no counterpart here";
        if is_deny {
            reader.warn(message, &entry.key_span, "the rule denies whenever the argument is there");
            return "absent: false".to_owned();
        }
        reader.warn(message, &entry.key_span, "it matches no value, so it allows nothing");
    }
    if texts.contains(&"*") {
        return "absent: false".to_owned();
    }
    // A plain value was compared as a text: the number 10 matched "10".
    if !is_deny && texts.iter().all(|text| is_plain_value(text)) {
        let values: Vec<String> = texts.iter().flat_map(|text| [quoted(text), (*text).to_owned()]).collect();
        return format!("one_of: [{}]", values.join(", "));
    }
    let patterns: Vec<String> =
        texts.iter().flat_map(|text| if is_deny { paths_too(text) } else { vec![pattern(text)] }).collect();
    format!("glob: {}", list(&patterns))
}

/// Paths were cleaned before they were compared, also with patterns that have no slash: what such a pattern matches must
/// be matched where it stands at the end of a path that would be cleaned. The plain form that we compare with keeps a
/// slash at the end, cleaning took it off.
fn paths_too(text: &str) -> Vec<String> {
    let plain = pattern(text);
    let mut patterns = vec![plain.clone()];
    if text.contains('/') {
        if !plain.ends_with(['*', '/']) {
            patterns.push(format!("{plain}/"));
        }
        return patterns;
    }
    patterns.extend([format!("*..*/{plain}"), format!("*..*/{plain}/*")]);
    if plain.starts_with('*') {
        patterns.extend([format!("*/{plain}"), format!("*/{plain}/")]);
    }
    patterns
}

/// Whether YAML reads the text as a number or a boolean that we can compare.
fn is_plain_value(text: &str) -> bool {
    matches!(text, "true" | "false") || crate::policy::number::Number::new(text).is_ok()
}

/// The expressions of one argument. Whether they were meant as regular expressions or as globs is not said in the
/// file: to deny either reading suffices, to allow both must match where both are possible.
fn expressions_of(reader: &mut Reader, entry: &Entry, texts: &[&str], is_deny: bool) -> Option<String> {
    reader.warn_once(
        "`argument_patterns` can be read as regular expressions or as globs",
        &entry.key_span,
        "to deny either reading suffices here, to allow both must match where both make sense",
    );
    let expressions: Vec<String> =
        texts.iter().filter(|text| regex::Regex::new(text).is_ok()).map(|text| (*text).to_owned()).collect();
    let globs = || texts.iter().map(|text| pattern_as_regex(text));
    if is_deny {
        let both: Vec<String> = expressions.into_iter().chain(globs()).collect();
        return Some(format!("regex: {}", list(&both)));
    }
    // Nobody writes these in a glob.
    let is_surely_regex = texts.iter().any(|text| text.contains(['^', '$', '\\', '|']));
    match (expressions.is_empty(), is_surely_regex) {
        (true, true) => {
            reader.error("this is neither an expression nor a pattern", &entry.node.span, "write it as `arguments`")
        }
        (false, true) => Some(format!("regex: {}", list(&expressions))),
        (true, false) => Some(format!("glob: {}", list(&texts.iter().map(|text| pattern(text)).collect::<Vec<_>>()))),
        (false, false) => {
            let globs: Vec<String> = texts.iter().map(|text| pattern(text)).collect();
            Some(format!("regex: {}, glob: {}", list(&expressions), list(&globs)))
        }
    }
}

/// The tables, one for each way in which the dotted names can be meant.
fn alternatives(reader: &mut Reader, first: &Entry, arguments: &[Argument], is_deny: bool) -> Option<Vec<String>> {
    let mut tables = vec![Vec::new()];
    for argument in arguments {
        let nested: Vec<String> = argument.name.split('.').map(step).collect();
        let mut paths = vec![nested.join(".")];
        // A dotted name meant a nested member or one with a dot in its name; to allow, only the first is taken.
        if argument.name.contains('.') {
            if argument.name.split('.').any(str::is_empty) {
                paths = vec![step(&argument.name)];
            } else if is_deny {
                paths.push(step(&argument.name));
            }
        }
        tables = tables
            .iter()
            .flat_map(|table| {
                paths.iter().map(move |path| {
                    let mut table: Vec<String> = table.clone();
                    table.push(format!("{}: {{{}}}", quoted(path), argument.condition));
                    table
                })
            })
            .collect();
        if tables.len() > ALTERNATIVES_MAX {
            return reader.error(
                "this rule names too many arguments with dots in them",
                &first.key_span,
                "write it as several rules",
            );
        }
    }
    Some(tables.into_iter().map(|table| format!("{{{}}}", table.join(", "))).collect())
}
