//! Every error in a policy file, as text. `tests/snapshots/<name>.yaml` is the file, `<name>.txt` is what is shown;
//! `GATEHOLD_UPDATE_SNAPSHOTS=1` writes the latter anew.

use std::fs;
use std::path::{Path, PathBuf};

use gatehold_decide::Policy;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")
}

fn compare(name: &str, shown: &str) -> Result<(), String> {
    let path = folder().join(format!("{name}.txt"));
    if std::env::var_os("GATEHOLD_UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, shown).unwrap();
    }
    let expected = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
    if expected == shown { Ok(()) } else { Err(format!("{name}: expected\n{expected}\nbut it is\n{shown}")) }
}

fn shown(text: &str) -> String {
    let error = Policy::load("policy.yaml", text).expect_err("the file must be refused");
    assert!(!error.to_string().contains('\u{1b}'), "no colour without being asked");
    format!("{error}\n")
}

#[test]
fn every_wrong_file_is_explained() {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 20, "the cases are gone");
    let failures: Vec<String> = names
        .iter()
        .filter_map(|name| {
            let text = fs::read_to_string(folder().join(format!("{name}.yaml"))).unwrap();
            compare(name, &shown(&text)).err()
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_file_that_is_too_large_is_not_parsed() {
    let text = format!("version: 1\n{}", "#".repeat(1024 * 1024));
    compare("made_too_large", &shown(&text)).unwrap();
}

#[test]
fn alias_bombs_end_early() {
    let mut text = String::from("version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
    }
    compare("made_alias_bomb", &shown(&text)).unwrap();
    let deep = format!("version: 1\nrules: {}{}\n", "[".repeat(500), "]".repeat(500));
    compare("made_too_deep", &shown(&deep)).unwrap();
}

#[test]
fn a_long_line_and_control_characters_do_not_bury_the_message() {
    let long = format!("version: 1\nx: \"{}\"\n", "y".repeat(100_000));
    let text = shown(&long);
    assert!(text.len() < 1000, "{} bytes", text.len());
    compare("made_long_value", &text).unwrap();
    let one_line = format!("{{version: 1, {}bad: 1}}\n", " ".repeat(10_000));
    assert!(shown(&one_line).len() < 1000);
    let tabs = shown("version: 1\n\"\\e[31mred\": 1\n");
    assert!(!tabs.contains('\u{1b}'));
}

#[test]
fn many_errors_are_counted() {
    let mut text = String::from("version: 1\nrules:\n");
    for index in 0..50 {
        text.push_str(&format!("  - {{name: r{index}, action: nope}}\n"));
    }
    let shown = shown(&text);
    assert!(shown.ends_with("and 30 more errors\n"), "{shown}");
}

#[test]
fn colour_is_there_for_the_asking() {
    let error = Policy::load("policy.yaml", "version: 9\n").unwrap_err();
    assert!(error.to_colour_string().contains('\u{1b}'));
}
