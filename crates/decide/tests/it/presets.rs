//! Presets: each row of each suite in `tests/presets` is a control, the feature that produces evidence for it, and a
//! message that shows that the feature is on. The table of the guide is made from the same rows.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gatehold_decide::diagnostic::Source;
use gatehold_decide::presets::{self, Preset};
use gatehold_decide::rehearsal::Rehearsal;
use gatehold_decide::suite::Suite;
use gatehold_decide::{Policy, Verdict, standard};
use gatehold_inspect::{Finding, Registry, Severity};
use gatehold_session::Direction;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn load(preset: &Preset) -> Policy {
    preset.load().unwrap_or_else(|error| panic!("{}: {error}", preset.name))
}

fn suite(preset: &Preset) -> Suite {
    let path = root().join(format!("tests/presets/{}.suite.yaml", preset.name));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let source = Source::new(preset.name, &text);
    Suite::read(&source).unwrap_or_else(|errors| panic!("{}", source.render(&errors)))
}

#[test]
fn every_row_of_every_preset_is_shown_by_a_message() {
    let registry = Registry::standard();
    let mut failures = Vec::new();
    for preset in &presets::ALL {
        let policy = load(preset);
        for case in suite(preset).cases {
            let ran = case.run(&policy, Some(&registry));
            failures.extend(ran.differences.iter().map(|said| format!("{}: {}: {said}", preset.name, case.name)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Every tag that a preset's own text names is shown by a row.
#[test]
fn no_preset_names_a_control_without_a_row() {
    for preset in &presets::ALL {
        let rows: String = suite(preset).cases.iter().map(|case| format!("{}\n", case.name)).collect();
        let tags: BTreeSet<&str> = preset
            .text
            .split('"')
            .filter(|part| {
                part.contains(':') && !part.contains(' ') && part.starts_with(|first: char| first.is_ascii_lowercase())
            })
            .collect();
        let shown = |tag: &str| {
            let control = tag.split_once(':').map_or(tag, |(_, control)| control);
            rows.lines().any(|row| row.split('|').next().unwrap_or("").split(',').any(|named| named.trim() == control))
                || fs::read_to_string(root().join(format!("tests/presets/{}.suite.yaml", preset.name)))
                    .unwrap()
                    .contains(&format!("\"{tag}\""))
        };
        let missing: Vec<&&str> = tags.iter().filter(|tag| !shown(tag)).collect();
        assert!(missing.is_empty(), "{}: no row shows {missing:?}", preset.name);
    }
}

/// The findings of `standard` are those of the table that other parts of the program show.
#[test]
fn standard_decides_about_findings_as_its_table_says() {
    let policy = load(presets::find("standard").unwrap());
    let registry = Registry::standard();
    let ids: Vec<&'static str> = registry.cards().map(|card| card.id).chain(["GH001", "GH002", "RP001"]).collect();
    let severities = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    for id in ids {
        for severity in severities {
            for direction in [Direction::FromClient, Direction::FromServer] {
                let finding = Finding {
                    id,
                    rule: "r".into(),
                    severity,
                    confidence: 1.0,
                    pointer: "/params/x".into(),
                    span: 60..61,
                    detail: "".into(),
                };
                let json = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"x":"abcdef"}}"#;
                let rehearsal = Rehearsal::new(json, direction).unwrap().finding(vec![finding]);
                let decision = rehearsal.decide(&policy, &rehearsal.findings(None));
                let expected = standard::verdict_for(id, severity, direction);
                let decided = decision.verdict;
                // What cannot be taken out beyond doubt is refused: a stated finding has no place in the message.
                let is_same = decided == expected || (expected == Verdict::Redact && decided == Verdict::Deny);
                assert!(is_same, "{id} {severity:?} {direction:?}: {decided:?}, the table says {expected:?}");
            }
        }
    }
}

#[test]
fn presets_stand_alone_and_are_found_by_name() {
    let registry = presets::ALL.map(|preset| preset.name);
    assert_eq!(registry.iter().collect::<BTreeSet<_>>().len(), presets::ALL.len());
    assert!(presets::find("Standard").is_none() && presets::find("").is_none());
    assert!(presets::layer("standart").unwrap_err().contains("did you mean `standard`?"));
    for preset in &presets::ALL {
        assert!(preset.text.starts_with(&format!("# {}: ", preset.name)), "{} says what it is first", preset.name);
        assert!(!preset.text.to_lowercase().contains("compliant with") || preset.text.contains("no preset"));
    }
}

const BEGIN: &str = "<!-- table: made from the presets' tests -->\n";
const END: &str = "<!-- end of the table -->";

/// The guide's table says what the rows say, no more and no less.
#[test]
fn the_table_of_the_guide_is_that_of_the_tests() {
    let mut table = String::from("| Preset | Control | What it does, and the test shows |\n|---|---|---|\n");
    for preset in &presets::ALL {
        for case in suite(preset).cases {
            let (control, feature) = case.name.split_once(" | ").expect("rows are named `control | feature`");
            let control = if control == "-" { "" } else { control };
            let _ = writeln!(table, "| `{}` | {control} | {feature} |", preset.name);
        }
    }
    let path = root().join("../../docs/guide/presets.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has a table");
    let (stored, after) = rest.split_once(END).expect("the table ends");
    if std::env::var_os("GATEHOLD_UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(stored, table, "write it anew with GATEHOLD_UPDATE_SNAPSHOTS=1");
}
