//! Attacks on finished ledgers. Each must be seen, and seen as what it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Status, VerifyError, verify_path};
use crate::{Durability, Ledger};

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("gatehold-verify-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }

    /// A closed file with this many lifecycle records between genesis and close.
    fn ledger(&self, records: usize) -> PathBuf {
        let ledger = Ledger::open(&self.0, "demo", Durability::Os).unwrap();
        for index in 0..records {
            ledger.lifecycle("event", &[("index", &index.to_string())]).unwrap();
        }
        ledger.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn status(path: &Path) -> Status {
    verify_path(path, 1).unwrap().files.swap_remove(0).status
}

/// What the report says is wrong.
fn what(path: &Path) -> String {
    match status(path) {
        Status::Broken { line, what, .. } => format!("{line}: {what}"),
        other => format!("{other:?}"),
    }
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

fn write(path: &Path, lines: &[String]) {
    fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

#[test]
fn any_flipped_bit_of_fifty_records_is_seen() {
    let folder = Folder::new();
    let path = folder.ledger(48);
    let bytes = fs::read(&path).unwrap();
    assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 50);
    let copy = folder.0.join("copy");
    for index in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[index] ^= 1 << (index % 8);
        fs::write(&copy, &changed).unwrap();
        assert!(!verify_path(&copy, 1).unwrap().is_valid(), "byte {index}");
    }
}

#[test]
fn what_was_done_to_the_lines_is_told() {
    let folder = Folder::new();
    let path = folder.ledger(8);
    let original = lines(&path);
    let attack = |change: &dyn Fn(&mut Vec<String>)| {
        let mut changed = original.clone();
        change(&mut changed);
        write(&path, &changed);
        let found = what(&path);
        write(&path, &original);
        found
    };
    assert!(attack(&|lines| lines[3] = lines[3].replace("\"2\"", "\"3\"")).starts_with("4: the record was changed"));
    assert!(attack(&|lines| drop(lines.remove(4))).starts_with("5: records were removed"));
    assert!(attack(&|lines| lines.swap(4, 5)).starts_with("5: records were removed, inserted or moved"));
    assert!(attack(&|lines| lines.insert(4, lines[3].clone())).starts_with("5: records were removed, inserted"));
    assert!(attack(&|lines| lines.insert(4, "{}".to_owned())).starts_with("5: the line is JSON but"));
    assert!(attack(&|lines| lines.insert(4, String::new())).starts_with("5: the line is no record"));
    assert!(attack(&|lines| lines.insert(4, "x".repeat(3 << 20))).starts_with("5: the line is longer"));
    assert!(attack(&|lines| drop(lines.remove(0))).starts_with("1: records were removed"));
    assert!(attack(&|lines| lines.extend(original.clone())).starts_with("11: a record follows the closing record"));
    assert!(attack(&|lines| lines.push("x".to_owned())).starts_with("11: bytes follow the closing record"));
    assert!(attack(&|lines| lines.iter_mut().for_each(|line| line.push('\r'))).contains("carriage return"));
    assert!(attack(&|lines| lines.clear()).contains("Empty"));
    assert!(attack(&|lines| lines.truncate(0)).contains("Empty"));
    assert!(attack(&|lines| *lines = vec!["x".to_owned(); 50]).contains("several lines"));
    assert!(verify_path(&folder.0, 1).unwrap().is_valid(), "and without an attack it is valid");
}

#[test]
fn a_second_chain_after_an_open_one_is_seen() {
    let folder = Folder::new();
    let path = folder.ledger(3);
    let mut both = lines(&path);
    let chain = both.clone();
    both.pop();
    both.extend(chain);
    write(&path, &both);
    assert!(what(&path).starts_with("5: records were removed"), "{}", what(&path));
}

#[test]
fn files_vouch_for_each_other() {
    let folder = Folder::new();
    let (first, second) = (folder.ledger(8), folder.ledger(2));
    let original = fs::read(&first).unwrap();
    let report = || verify_path(&folder.0, 1).unwrap();
    assert!(report().is_valid());

    // Cut at the end: alone it looks as if the writer had been killed; its neighbour knows better.
    let mut cut = lines(&first);
    cut.truncate(5);
    write(&first, &cut);
    assert!(verify_path(&first, 1).unwrap().is_valid());
    assert!(report().to_string().contains("records were cut from the end"), "{}", report());

    // Another chain in its place.
    let elsewhere = Folder::new();
    fs::copy(elsewhere.ledger(8), &first).unwrap();
    assert!(report().to_string().contains("put in place of another"), "{}", report());

    fs::remove_file(&first).unwrap();
    assert!(!report().is_valid());
    assert_eq!(report().missing[0].named_by, second.file_name().unwrap().to_str().unwrap());
    assert!(report().to_string().contains("MISSING"));

    fs::write(&first, "").unwrap();
    assert!(report().to_string().contains("EMPTY"));
    fs::write(&first, &original).unwrap();
    assert!(report().is_valid());
}

#[test]
fn nothing_is_not_valid() {
    let folder = Folder::new();
    assert!(matches!(verify_path(&folder.0, 1), Err(VerifyError::Unreadable { .. })));
    fs::create_dir(&folder.0).unwrap();
    assert!(matches!(verify_path(&folder.0, 1), Err(VerifyError::Nothing(_))));
    fs::write(folder.0.join("notes.txt"), "x").unwrap();
    assert!(matches!(verify_path(&folder.0, 1), Err(VerifyError::Nothing(_))));
    let path = folder.ledger(1);
    for level in [0, 2, 3] {
        let error = verify_path(&path, level).unwrap_err();
        assert!(error.to_string().contains("the only one so far is 1"), "{error}");
    }
    assert!(!verify_path(&folder.0.join("notes.txt"), 1).unwrap().is_valid());
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_neither_followed_nor_waited_for() {
    let folder = Folder::new();
    let path = folder.ledger(1);
    std::os::unix::fs::symlink(&path, folder.0.join("link.jsonl")).unwrap();
    let status = std::process::Command::new("mkfifo").arg(folder.0.join("pipe.jsonl")).status().unwrap();
    assert!(status.success());
    let report = verify_path(&folder.0, 1).unwrap();
    assert_eq!(report.to_string().matches("not a regular file").count(), 2, "{report}");
    assert!(!report.is_valid());
    // Opening another ledger is not stopped by them.
    folder.ledger(1);
}

#[test]
fn a_report_shows_no_control_characters() {
    let folder = Folder::new();
    let path = folder.ledger(1);
    let evil = folder.0.join("\u{1b}[2J.jsonl");
    fs::copy(&path, &evil).unwrap();
    let report = verify_path(&folder.0, 1).unwrap();
    assert!(!report.to_string().chars().any(|c| c.is_control() && c != '\n'), "{report}");
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["valid"], false);
    assert_eq!(json["files"].as_array().unwrap().len(), 2);
    assert!(json["files"].as_array().unwrap().iter().any(|file| file["status"] == "broken"));
}
