//! Policies of other gateways: `tests/compatible/<name>.policy.yaml` is the file as its users wrote it,
//! `<name>.suite.yaml` says what must be decided under it, and `<name>.translated.txt` is what it becomes, warnings
//! included; `GATEHOLD_UPDATE_SNAPSHOTS=1` writes the latter anew.

use std::fs;
use std::path::{Path, PathBuf};

use gatehold_decide::diagnostic::Source;
use gatehold_decide::suite::Suite;
use gatehold_decide::{Policy, compatible};
use gatehold_inspect::Registry;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compatible")
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().into_string().unwrap().strip_suffix(".policy.yaml").map(str::to_owned)
        })
        .collect();
    names.sort();
    assert!(names.len() >= 6, "the corpus is gone");
    names
}

fn read(name: &str, suffix: &str) -> String {
    let path = folder().join(format!("{name}.{suffix}"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn foreign_policies_decide_as_their_suites_say() {
    let registry = Registry::standard();
    let mut failures = Vec::new();
    for name in names() {
        let policy = Policy::load(&name, &read(&name, "policy.yaml")).unwrap_or_else(|error| panic!("{error}"));
        let source = Source::new(&name, &read(&name, "suite.yaml"));
        let suite = Suite::read(&source).unwrap_or_else(|errors| panic!("{}", source.render(&errors)));
        for case in &suite.cases {
            let ran = case.run(&policy, Some(&registry));
            failures.extend(ran.differences.iter().map(|difference| format!("{name}: {}: {difference}", case.name)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_they_become_is_written_down_and_loads_as_one_of_ours() {
    for name in names() {
        let source = Source::new(&format!("{name}.yaml"), &read(&name, "policy.yaml"));
        let translation = compatible::translate(&source).unwrap().expect("recognised");
        let mut shown = translation.text.clone();
        shown.push_str("\n---\n");
        for warning in &translation.warnings {
            let line = warning.span.as_ref().map_or(0, |span| source.position(span.start).0);
            shown.push_str(&format!("line {line}: {}\n  {}\n", warning.message, warning.help.as_deref().unwrap_or("")));
        }
        let path = folder().join(format!("{name}.translated.txt"));
        if std::env::var_os("GATEHOLD_UPDATE_SNAPSHOTS").is_some() {
            fs::write(&path, &shown).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap_or_default(), shown, "{name}");
        let again = Source::new("translated.yaml", &translation.text);
        assert!(compatible::translate(&again).unwrap().is_none(), "{name}: the translation is one of ours");
        Policy::load("translated.yaml", &translation.text).unwrap_or_else(|error| panic!("{error}"));
    }
}
