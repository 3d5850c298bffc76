//! Prints recall and false positives per source and kind of labelled texts: folders of JSON Lines with `text`, `label`,
//! `kind`, `lang` and `group`, or of tool definitions. A development tool; it writes nothing.
//!
//! `cargo run --release -p gatehold-inspect --example evaluate -- <folder or file>... [--show n] [--kind k] [--label l]
//! [--langs] [--groups]`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a development tool: it reads files, prints a table, and may stop where its input is not what it expects"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gatehold_inspect::detectors::roles;
use gatehold_inspect::{Findings, Registry, Severity, TextKind};
use gatehold_wire::{Limits, json};
use serde_json::Value;

/// What a row is read as: the kind of the text, and the role of the parameter where one is known.
fn reading(kind: &str) -> (TextKind, Option<&'static str>, Option<&'static str>) {
    match kind {
        "tool_poisoning" | "tool_description" => (TextKind::ToolDescription, None, None),
        "direct_injection" | "jailbreak" | "prompt_argument" => (TextKind::PromptArgument, None, Some("prompt")),
        "shell" => (TextKind::Arguments, Some("ping"), Some("host")),
        "path" => (TextKind::Arguments, Some("read_file"), Some("path")),
        "sqli" => (TextKind::Arguments, Some("find_user"), Some("id")),
        "ssrf" => (TextKind::Arguments, Some("fetch"), Some("url")),
        other => (TextKind::from_name(other).unwrap_or(TextKind::ToolOutput), None, None),
    }
}

/// The families of findings that count as catching a kind.
fn counts(kind: &str, id: &str) -> bool {
    match kind {
        "secret" => id == "SE001",
        "pii" => id.starts_with("PD"),
        "shell" => id == "CI001" || id == "CI002",
        "path" => id == "CI002",
        "sqli" => id == "CI003",
        "ssrf" => id == "SS001",
        _ => !id.starts_with("PD"),
    }
}

#[derive(Default)]
struct Tally {
    rows: usize,
    found: usize,
    ids: BTreeMap<String, usize>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1)).cloned();
    let show: usize = option("--show").and_then(|n| n.parse().ok()).unwrap_or(0);
    let only_kind = option("--kind");
    let only_label = option("--label");
    let only_lang = option("--lang");
    let [by_lang, by_group, is_bare] =
        ["--langs", "--groups", "--bare"].map(|name| arguments.iter().any(|argument| argument == name));
    let registry = Registry::standard();
    let mut table: BTreeMap<(String, String, String), Tally> = BTreeMap::new();
    let mut shown: BTreeMap<(String, String), usize> = BTreeMap::new();
    for file in files(&arguments) {
        for [text, label, kind, lang, group, own_tool, own_parameter] in rows(&file) {
            if only_kind.as_ref().is_some_and(|only| *only != kind)
                || only_label.as_ref().is_some_and(|only| *only != label)
                || only_lang.as_ref().is_some_and(|only| *only != lang)
            {
                continue;
            }
            let mut source = file.file_stem().unwrap().to_string_lossy().into_owned();
            for (_, part) in [(by_lang, &lang), (by_group, &group)].iter().filter(|(wanted, _)| *wanted) {
                source = format!("{source}/{part}");
            }
            let role = (!is_bare).then_some((&own_tool, &own_parameter));
            let found = inspect(&registry, &text, &kind, role.filter(|_| !own_tool.is_empty()), own_tool.is_empty());
            let caught: Vec<_> = found
                .as_slice()
                .iter()
                .filter(|f| {
                    (f.severity > Severity::Low || kind == "pii")
                        && (label == "benign" && !f.id.starts_with("PD") || label == "attack" && counts(&kind, f.id))
                })
                .collect();
            let tally = table.entry((source.clone(), label.clone(), kind.clone())).or_default();
            tally.rows += 1;
            tally.found += usize::from(!caught.is_empty());
            let names: BTreeSet<String> = caught.iter().map(|f| format!("{}/{}", f.id, f.rule)).collect();
            let names: Vec<String> = names.into_iter().collect();
            for name in &names {
                *tally.ids.entry(name.clone()).or_default() += 1;
            }
            let wrong = (label == "attack") == caught.is_empty();
            let count = shown.entry((source.clone(), label.clone())).or_default();
            if wrong && *count < show {
                *count += 1;
                let span = caught.first().map_or(0..0, |f| f.span.clone());
                let around: String = text
                    .get(floor(&text, span.start.saturating_sub(60))..floor(&text, span.end + 60))
                    .unwrap_or("")
                    .to_owned();
                let around = if label == "benign" { around } else { text.chars().take(300).collect() };
                println!("{source} {label} {kind} {} {:?}", names.join(","), around);
            }
        }
    }
    println!("{:28} {:8} {:20} {:>6} {:>6} {:>8}  rules", "source", "label", "kind", "rows", "found", "share");
    for ((source, label, kind), tally) in &table {
        let mut ids: Vec<_> = tally.ids.iter().collect();
        ids.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let ids: Vec<String> = ids.iter().take(6).map(|(id, count)| format!("{id}:{count}")).collect();
        let share = tally.found as f64 * 100.0 / tally.rows as f64;
        println!(
            "{source:28} {label:8} {kind:20} {:>6} {:>6} {share:>7.2}%  {}",
            tally.rows,
            tally.found,
            ids.join(" ")
        );
    }
}

/// A text of which only the kind is known, or the value of a call.
fn inspect(registry: &Registry, text: &str, kind: &str, role: Option<(&String, &String)>, by_kind: bool) -> Findings {
    if !by_kind {
        return argument(registry, text, role);
    }
    let (text_kind, tool, parameter) = reading(kind);
    registry.inspect_text(text, text_kind, tool, parameter)
}

/// A value of a call, or all its arguments as JSON, as `gatehold inspect` reads them.
fn argument(registry: &Registry, text: &str, role: Option<(&String, &String)>) -> Findings {
    let (tool, parameter) = (role.map(|(tool, _)| tool.as_str()), role.map(|(_, parameter)| parameter.as_str()));
    let is_text = parameter.is_some_and(|parameter| roles::takes_text(tool, parameter));
    let structured = !is_text && text.trim_ascii_start().starts_with(['{', '[']);
    match json::check(text.as_bytes(), &Limits::default()).ok().filter(|_| structured) {
        Some(value) => registry.inspect_value(value, TextKind::Arguments, tool, parameter),
        None => registry.inspect_text(text, TextKind::Arguments, tool, parameter),
    }
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn files(arguments: &[String]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in arguments.iter().map(Path::new).filter(|path| path.exists()) {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            files.push(path.to_owned());
        }
    }
    files.sort();
    files
}

fn rows(file: &Path) -> Vec<[String; 7]> {
    let content = std::fs::read_to_string(file).unwrap();
    if file.extension().is_some_and(|extension| extension == "jsonl") {
        let lines = content.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let member = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let names = ["text", "label", "kind", "lang", "group", "tool", "param"];
        return lines.map(|row| names.map(|name| member(&row, name))).collect();
    }
    // A server's definitions: one row a tool, with all its strings one after another.
    let server: Value = serde_json::from_str(&content).unwrap_or_default();
    let mut rows = Vec::new();
    for section in ["tools", "prompts", "resources", "resourceTemplates", "instructions"] {
        let members = match &server[section] {
            Value::Array(items) => items.clone(),
            Value::Null => Vec::new(),
            other => vec![other.clone()],
        };
        for member in members {
            let mut strings = Vec::new();
            collect(&member, &mut strings);
            for text in strings {
                let [label, kind] = ["benign", "tool_description"].map(String::from);
                rows.push([text, label, kind, String::new(), String::new(), String::new(), String::new()]);
            }
        }
    }
    rows
}

fn collect(value: &Value, strings: &mut Vec<String>) {
    match value {
        Value::String(text) => strings.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, strings)),
        Value::Object(members) => {
            for (key, member) in members {
                strings.push(key.clone());
                collect(member, strings);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
