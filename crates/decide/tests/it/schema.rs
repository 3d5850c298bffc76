//! The published JSON Schema agrees with the reader: what is in order for one is for the other, and a key that one does
//! not know the other does not know either.

use std::fs;
use std::path::{Path, PathBuf};

use gatehold_decide::diagnostic::Source;
use gatehold_decide::document::{self, Node, Value};
use gatehold_decide::{Policy, presets};
use serde_json::{Map, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn validator() -> jsonschema::Validator {
    let text = fs::read_to_string(root().join("docs/reference/policy.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn as_json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => json!(null),
        Value::Bool(value) => json!(value),
        Value::Number(written) => serde_json::from_str(written).unwrap_or_else(|_| json!(written)),
        Value::Text(text) => json!(text),
        Value::List(items) => items.iter().map(as_json).collect(),
        Value::Table(entries) => {
            let members: Map<String, serde_json::Value> =
                entries.iter().map(|entry| (entry.key.clone(), as_json(&entry.node))).collect();
            members.into()
        }
    }
}

fn parsed(text: &str) -> serde_json::Value {
    let source = Source::new("policy.yaml", text);
    as_json(&document::read(&source).unwrap_or_else(|error| panic!("{}", source.render(&[error]))))
}

fn loads(text: &str) -> bool {
    Policy::load_with("policy.yaml", text, &|_, name| {
        presets::layer(name).or_else(|_| Ok((name.to_owned(), "version: 1\n".to_owned())))
    })
    .is_ok()
}

/// The policies in the documentation: every YAML block that begins with a version.
fn examples() -> Vec<String> {
    let mut examples = Vec::new();
    for entry in fs::read_dir(root().join("docs/guide")).unwrap() {
        let page = fs::read_to_string(entry.unwrap().path()).unwrap();
        for block in page.split("```yaml\n").skip(1) {
            let example = block.split("```").next().unwrap();
            let is_policy = example.lines().any(|line| line == "version: 1") && loads(example);
            examples.extend(is_policy.then(|| example.to_owned()));
        }
    }
    assert!(examples.len() >= 6, "the guides have {} policies", examples.len());
    examples
}

#[test]
fn examples_and_presets_are_in_order() {
    let validator = validator();
    let presets = presets::ALL.iter().map(|preset| preset.text.to_owned());
    for text in examples().into_iter().chain(presets) {
        let errors: Vec<String> = validator.iter_errors(&parsed(&text)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\nin\n{text}");
    }
}

/// Every table of a document, with one key misspelt each time.
fn mutations(value: &serde_json::Value) -> Vec<serde_json::Value> {
    let mut out = Vec::new();
    match value {
        serde_json::Value::Object(members) => {
            for (key, member) in members {
                // Names that people choose are no keys.
                let mut misspelt = members.clone();
                if let Some(value) = misspelt.remove(key) {
                    misspelt.insert(format!("{key}x"), value);
                    out.push(misspelt.into());
                }
                if matches!(key.as_str(), "arguments" | "label" | "roles") {
                    continue;
                }
                for changed in mutations(member) {
                    let mut members = members.clone();
                    members.insert(key.clone(), changed);
                    out.push(members.into());
                }
            }
        }
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                for changed in mutations(item) {
                    let mut items = items.clone();
                    items[index] = changed;
                    out.push(items.into());
                }
            }
        }
        _ => {}
    }
    out
}

#[test]
fn a_misspelt_key_is_an_error_for_both() {
    let validator = validator();
    let mut count = 0;
    let presets = presets::ALL.iter().map(|preset| preset.text.to_owned());
    for text in examples().into_iter().chain(presets) {
        for mutated in mutations(&parsed(&text)) {
            assert!(!validator.is_valid(&mutated), "the schema takes {mutated}");
            count += 1;
            // The reader is slower: one in seven.
            if count % 7 == 0 {
                assert!(!loads(&mutated.to_string()), "the reader takes {mutated}");
            }
        }
    }
    assert!(count > 300, "{count} mutations");
}

/// Words of the schema that the reader does not know, and the other way round.
#[test]
fn the_words_are_the_same() {
    let validator = validator();
    let rule = |rest: &str| format!("version: 1\nrules:\n  - {{name: a, {rest}}}\n");
    for (text, is_in_order) in [
        (rule("action: allow"), true),
        (rule("action: permit"), false),
        (rule("action: deny, hidden: true"), true),
        (rule("action: deny, hidden: 1"), false),
        (rule("action: deny, match: {proof: [mtls, anonymous]}"), true),
        (rule("action: deny, match: {proof: jwt}"), false),
        (rule("action: deny, match: {transport: sse}"), true),
        (rule("action: deny, match: {transport: websocket}"), false),
        (rule("action: deny, match: {tally: {denied: {above: 3}}}"), true),
        (rule("action: deny, match: {tally: {refused: {above: 3}}}"), false),
        (rule("action: deny, match: {tool: []}"), false),
        (rule("action: deny, match: {}"), false),
        (rule("action: deny, match: {time: {days: [mon-fri], from: '08:00', to: '18:00', zone: Europe/Zurich}}"), true),
        (rule("action: deny, match: {time: {days: weekend}}"), false),
        (rule("action: limit, limit: {rate: 10/m, per: [principal, 'label:team'], manner: sliding}"), true),
        (rule("action: limit, limit: {rate: 10/m, per: [agent]}"), false),
        (rule("action: hold, approval: {people: 2, wait: 5m, ask: [client, host]}"), true),
        (rule("action: hold, approval: {people: 3}"), false),
        (rule("action: step_up, second_factor: {wait: 2m, lasts: 1h}"), true),
        (rule("action: redact, redact: {findings: ['SE*'], with: mask}"), true),
        (rule("action: redact, redact: {findings: ['SE*'], with: stars}"), false),
        ("version: 1\nfindings: [{id: 'SE*', action: hold}]\n".to_owned(), true),
        ("version: 1\nfindings: [{id: 'SE*', action: allow}]\n".to_owned(), false),
        ("version: 1\nfindings: [{action: deny}]\n".to_owned(), false),
        ("version: 2\n".to_owned(), false),
        ("mode: audit\n".to_owned(), false),
        ("version: 1\nmode: observe\n".to_owned(), false),
        ("version: 1\nroles: {a: [{tool: x}]}\n".to_owned(), true),
        ("version: 1\nroles: {a: [{hints: {destructive: false}}]}\n".to_owned(), false),
        ("version: 1\nforbid: [{name: a, action: deny}]\n".to_owned(), false),
    ] {
        assert_eq!(loads(&text), is_in_order, "the reader, {text}");
        assert_eq!(validator.is_valid(&parsed(&text)), is_in_order, "the schema, {text}");
    }
}
