//! Measures what the detectors catch and what they take wrongly, and prints the figures as JSON: on the project's own
//! corpus, and on folders of labelled texts where there are some. `cargo xtask eval` makes the reference of it.
//!
//! `figures --corpus <folder> [--data <folder with detection/ and mcp-tools/>]`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a measuring tool: it reads files, prints figures, and may stop where its input is not what it expects"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gatehold_inspect::{Finding, Findings, Registry, Severity, TextKind};
use gatehold_wire::{Limits, json};
use serde_json::{Value, json};

/// A text with what is known about it.
#[derive(Clone)]
struct Row {
    set: &'static str,
    source: String,
    attack: bool,
    kind: String,
    lang: String,
    text: String,
    reading: Reading,
    /// The finding that the corpus wants, where it says so.
    wants: Option<String>,
}

/// How a text is read: its kind, its tool and its parameter.
#[derive(Clone)]
struct Reading(TextKind, Option<String>, Option<String>);

/// Counts rows, and those in which something was found.
#[derive(Default)]
struct Tally {
    rows: u64,
    found: u64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        arguments
            .iter()
            .position(|a| a == name)
            .and_then(|at| arguments.get(at + 1))
            .map(|path| PathBuf::from(path.as_str()))
    };
    let registry = Registry::standard();
    let own = own(&option("--corpus").unwrap());
    let mut figures =
        json!({ "own": { "table": table(&registry, &own), "obfuscation": obfuscation(&registry, &own) } });
    figures["tongues"] = tongues(&registry);
    if let Some(data) = option("--data").filter(|data| data.is_dir()) {
        let rows: Vec<Row> = ["select", "train"].into_iter().flat_map(|set| labelled(&data, set)).collect();
        let held: Vec<Row> = rows.iter().filter(|row| row.set == "select").cloned().collect();
        figures["data"] = json!({
            "table": table(&registry, &rows),
            "roles": roles(&registry, &rows),
            "languages": languages(&registry, &held),
            "obfuscation": obfuscation(&registry, &held),
            "definitions": definitions(&registry, &data.join("mcp-tools")),
        });
    }
    println!("{figures}");
}

/// Runs `work` for every row, on as many threads as there are processors, and gives the results in order.
fn each<T: Send>(rows: &[Row], work: impl Fn(&Row) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = rows.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let running: Vec<_> =
            rows.chunks(share).map(|rows| scope.spawn(|| rows.iter().map(&work).collect::<Vec<T>>())).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn inspect(registry: &Registry, row: &Row, text: &str) -> bool {
    let Reading(kind, tool, parameter) = &row.reading;
    is_found(&registry.inspect_text(text, *kind, tool.as_deref(), parameter.as_deref()), row)
}

/// Whether what was found counts: for an attack the family that it is of, for a harmless text anything that would stop
/// it. Personal data in a harmless text is no mistake.
fn is_found(found: &Findings, row: &Row) -> bool {
    found.as_slice().iter().any(|finding| match (&row.wants, row.attack) {
        (Some(wanted), true) => finding.id == wanted,
        (_, false) => finding.severity > Severity::Low && !finding.id.starts_with("PD"),
        (None, true) if row.kind == "pii" => finding.id.starts_with("PD"),
        (None, true) => finding.severity > Severity::Low && counts(&row.kind, finding.id),
    })
}

/// The families of findings that count as catching a kind.
fn counts(kind: &str, id: &str) -> bool {
    match kind {
        "secret" => id == "SE001",
        // One value may be several of them: a query that is stopped as a command is stopped.
        "shell" | "path" | "sqli" => id.starts_with("CI"),
        "ssrf" => id == "SS001",
        _ => !id.starts_with("PD"),
    }
}

/// What a labelled text is read as: for payloads, the parameter has the role that they attack.
fn reading(kind: &str) -> Reading {
    let (kind, tool, parameter) = match kind {
        "tool_poisoning" | "tool_description" => (TextKind::ToolDescription, None, None),
        "direct_injection" | "jailbreak" => (TextKind::PromptArgument, None, Some("prompt")),
        "shell" => (TextKind::Arguments, Some("ping"), Some("host")),
        "path" => (TextKind::Arguments, Some("read_file"), Some("path")),
        "sqli" => (TextKind::Arguments, Some("find_user"), Some("id")),
        "ssrf" => (TextKind::Arguments, Some("fetch"), Some("url")),
        _ => (TextKind::ToolOutput, None, None),
    };
    Reading(kind, tool.map(str::to_owned), parameter.map(str::to_owned))
}

/// What a text is as an argument: payloads where they attack, harmless texts where such are sent. None for the others.
fn argument(row: &Row) -> Option<Reading> {
    let of = |tool: &str, parameter: &str| {
        Some(Reading(TextKind::Arguments, Some(tool.to_owned()), Some(parameter.to_owned())))
    };
    match (row.source.as_str(), row.kind.as_str()) {
        (_, "shell" | "path" | "sqli" | "ssrf") => Some(reading(&row.kind)),
        ("nl2bash_benign", _) => of("bash", "command"),
        ("docs_code_train" | "tldr_docs", _) => of("write_file", "content"),
        ("bfcl", "benign_text") => of("chat", "message"),
        _ => None,
    }
}

/// Arguments of each source and kind: what is found where the tool and the parameter are known, and where neither is.
/// Only findings about arguments count; what a model would make of the text is measured elsewhere.
fn roles(registry: &Registry, rows: &[Row]) -> Value {
    let arguments: Vec<(Row, Reading)> =
        rows.iter().filter_map(|row| argument(row).map(|reading| (row.clone(), reading))).collect();
    let rows: Vec<Row> = arguments.into_iter().map(|(row, reading)| Row { reading, ..row }).collect();
    let found = each(&rows, |row| {
        let Reading(kind, tool, parameter) = &row.reading;
        let stops = |tool: Option<&str>, parameter: Option<&str>| {
            let found = registry.inspect_text(&row.text, *kind, tool, parameter);
            let counts = |id: &str| id.starts_with("CI") || id.starts_with("SS");
            found.as_slice().iter().any(|finding| finding.severity > Severity::Low && counts(finding.id))
        };
        [stops(tool.as_deref(), parameter.as_deref()), stops(None, None)]
    });
    let mut tallies: BTreeMap<(&str, &str, String), [Tally; 2]> = BTreeMap::new();
    for (row, found) in rows.iter().zip(found) {
        let Reading(_, tool, parameter) = &row.reading;
        let role = format!("{}.{}", tool.as_deref().unwrap_or_default(), parameter.as_deref().unwrap_or_default());
        let tallies = tallies.entry((&row.source, if row.attack { "attack" } else { "benign" }, role)).or_default();
        for (tally, found) in tallies.iter_mut().zip(found) {
            tally.rows += 1;
            tally.found += u64::from(found);
        }
    }
    let lines = tallies.into_iter().map(|((source, label, role), [known, unknown])| {
        json!({ "source": source, "label": label, "role": role, "rows": known.rows, "found": known.found,
                "unknown": unknown.found })
    });
    lines.collect()
}

/// The project's own cases.
fn own(corpus: &Path) -> Vec<Row> {
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in std::fs::read_dir(corpus.join("attacks")).unwrap() {
        files.extend(std::fs::read_dir(folder.unwrap().path()).unwrap().map(|file| file.unwrap().path()));
    }
    files.extend(std::fs::read_dir(corpus.join("benign")).unwrap().map(|file| file.unwrap().path()));
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        let file: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        for case in file["cases"].as_array().unwrap() {
            let member = |name: &str| case[name].as_str().map(str::to_owned);
            let kind = TextKind::from_name(case["kind"].as_str().unwrap()).unwrap();
            rows.push(Row {
                set: "own",
                source: file["detector"].as_str().unwrap().to_owned(),
                attack: file["finding"].is_string(),
                kind: kind.name().to_owned(),
                lang: String::new(),
                text: member("text").unwrap(),
                reading: Reading(kind, member("tool"), member("parameter")),
                wants: file["finding"].as_str().map(str::to_owned),
            });
        }
    }
    rows
}

fn labelled(data: &Path, set: &'static str) -> Vec<Row> {
    let Ok(folder) = std::fs::read_dir(data.join("detection").join(set)) else { return Vec::new() };
    let mut files: Vec<PathBuf> = folder.map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        let source = file.file_stem().unwrap().to_string_lossy().into_owned();
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let Ok(row) = serde_json::from_str::<Value>(line) else { continue };
            let member = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            rows.push(Row {
                set,
                source: source.clone(),
                attack: row["label"] == "attack",
                kind: member("kind"),
                lang: member("lang"),
                text: member("text"),
                reading: reading(&member("kind")),
                wants: None,
            });
        }
    }
    rows
}

/// The project's own cases in many languages, which nothing was ever fitted on.
const TONGUES: &str = include_str!("../training/held/languages.jsonl");

/// Rows and found ones of each language, kind and label.
fn tongues(registry: &Registry) -> Value {
    let rows: Vec<Row> = TONGUES
        .lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let member = |name: &str| row[name].as_str().unwrap().to_owned();
            Row {
                set: "tongues",
                source: String::new(),
                attack: row["label"] == "attack",
                kind: member("kind"),
                lang: member("lang"),
                text: member("text"),
                reading: Reading(TextKind::from_name(&member("kind")).unwrap(), None, None),
                wants: None,
            }
        })
        .collect();
    let mut tallies: BTreeMap<(&str, bool, &str), Tally> = BTreeMap::new();
    for (row, found) in rows.iter().zip(each(&rows, |row| inspect(registry, row, &row.text))) {
        let tally = tallies.entry((&row.lang, row.attack, &row.kind)).or_default();
        tally.rows += 1;
        tally.found += u64::from(found);
    }
    let lines = tallies.into_iter().map(|((lang, attack, kind), tally)| {
        let label = if attack { "attack" } else { "benign" };
        json!({ "lang": lang, "label": label, "kind": kind, "rows": tally.rows, "found": tally.found })
    });
    lines.collect()
}

/// Rows and found ones of each set, source, label and kind.
fn table(registry: &Registry, rows: &[Row]) -> Value {
    let mut tallies: BTreeMap<(&str, &str, bool, &str), Tally> = BTreeMap::new();
    for (row, found) in rows.iter().zip(each(rows, |row| inspect(registry, row, &row.text))) {
        let tally = tallies.entry((row.set, &row.source, row.attack, &row.kind)).or_default();
        tally.rows += 1;
        tally.found += u64::from(found);
    }
    let lines = tallies.into_iter().map(|((set, source, attack, kind), tally)| {
        let label = if attack { "attack" } else { "benign" };
        json!({ "set": set, "source": source, "label": label, "kind": kind, "rows": tally.rows, "found": tally.found })
    });
    lines.collect()
}

/// Attacks by language, of all sources together.
fn languages(registry: &Registry, rows: &[Row]) -> Value {
    let attacks: Vec<Row> = rows.iter().filter(|row| row.attack && is_said(row)).cloned().collect();
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (row, found) in attacks.iter().zip(each(&attacks, |row| inspect(registry, row, &row.text))) {
        let tally = tallies.entry(&row.lang).or_default();
        tally.rows += 1;
        tally.found += u64::from(found);
    }
    tallies
        .into_iter()
        .filter(|(_, tally)| tally.rows >= 10)
        .map(|(lang, tally)| json!({ "lang": lang, "rows": tally.rows, "found": tally.found }))
        .collect()
}

/// Whether an attack is said in words, so that the disguises below leave it one.
fn is_said(row: &Row) -> bool {
    let by_words = ["TP001", "PI001", "PI002", "PI003"];
    match &row.wants {
        Some(wanted) => by_words.contains(&wanted.as_str()),
        None => matches!(row.kind.as_str(), "direct_injection" | "indirect_injection" | "tool_poisoning" | "jailbreak"),
    }
}

/// A way to hide a text.
type Disguise = (&'static str, fn(&str) -> String);

const DISGUISES: [Disguise; 7] = [
    ("zero-width", |text| text.chars().flat_map(|c| [c, '\u{200B}']).collect()),
    ("tags", |text| {
        text.chars().map(|c| if c.is_ascii() { char::from_u32(0xE0000 + u32::from(c)).unwrap() } else { c }).collect()
    }),
    ("homoglyphs", |text| text.chars().map(lookalike).collect()),
    ("full-width", |text| text.chars().map(wide).collect()),
    ("base64", base64),
    ("spacing", |text| {
        let apart = |word: &str| word.chars().map(String::from).collect::<Vec<_>>().join(" ");
        text.split(' ').map(apart).collect::<Vec<_>>().join("   ")
    }),
    ("entities", |text| {
        text.chars()
            .map(|c| if c.is_ascii_alphabetic() { format!("&#{};", u32::from(c)) } else { c.to_string() })
            .collect()
    }),
];

fn lookalike(c: char) -> char {
    match c {
        'a' => 'а',
        'e' => 'е',
        'o' => 'о',
        'p' => 'р',
        'c' => 'с',
        'x' => 'х',
        'y' => 'у',
        'i' => 'і',
        's' => 'ѕ',
        other => other,
    }
}

fn wide(c: char) -> char {
    match c {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).unwrap(),
        other => other,
    }
}

fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place)) as usize & 63;
            encoded.push(if place <= three.len() { char::from(ALPHABET[index]) } else { '=' });
        }
    }
    encoded
}

/// Of the attacks in words that are caught as they are, without a disguise of their own: how many are caught in each
/// disguise. A shorter text than this is no attack when it is encoded, and a longer one is too much to be spelt out.
fn obfuscation(registry: &Registry, rows: &[Row]) -> Value {
    let said: Vec<Row> =
        rows.iter().filter(|row| row.attack && is_said(row) && (20..4000).contains(&row.text.len())).cloned().collect();
    let is_caught = each(&said, |row| {
        let Reading(kind, tool, parameter) = &row.reading;
        let found = registry.inspect_text(&row.text, *kind, tool.as_deref(), parameter.as_deref());
        let is_open = |finding: &&Finding| finding.severity > Severity::Low && !finding.detail.contains("(hidden by");
        found.as_slice().iter().any(|finding| is_open(&finding)) && is_found(&found, row)
    });
    let caught: Vec<Row> =
        said.iter().zip(is_caught).filter(|(_, caught)| *caught).map(|(row, _)| row.clone()).collect();
    let any = |found: &Findings| found.as_slice().iter().any(|finding| finding.severity > Severity::Low);
    DISGUISES
        .iter()
        .map(|(name, hide)| {
            let found = each(&caught, |row| {
                let Reading(kind, tool, parameter) = &row.reading;
                any(&registry.inspect_text(&hide(&row.text), *kind, tool.as_deref(), parameter.as_deref()))
            });
            json!({ "form": name, "rows": caught.len(), "found": found.iter().filter(|found| **found).count() })
        })
        .collect()
}

/// Definitions of real servers' tools, each inspected whole as the gate would.
fn definitions(registry: &Registry, folder: &Path) -> Value {
    let mut tally = Tally::default();
    let mut wrong = Vec::new();
    let Ok(files) = std::fs::read_dir(folder) else { return Value::Null };
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in files {
        let server: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap_or_default();
        for section in ["tools", "prompts", "resources", "resourceTemplates"] {
            for definition in server[section].as_array().into_iter().flatten() {
                let text = definition.to_string();
                let Ok(value) = json::check(text.as_bytes(), &Limits::default()) else { continue };
                let found = registry.inspect_value(value, TextKind::ToolDescription, definition["name"].as_str(), None);
                let bad = found.as_slice().iter().find(|finding| finding.severity > Severity::Low);
                tally.rows += 1;
                tally.found += u64::from(bad.is_some());
                wrong.extend(bad.map(|finding| {
                    let server = file.file_stem().unwrap().to_string_lossy().into_owned();
                    format!("{server} {}: {} {}", definition["name"], finding.id, finding.rule)
                }));
            }
        }
    }
    json!({ "rows": tally.rows, "found": tally.found, "wrong": wrong })
}
