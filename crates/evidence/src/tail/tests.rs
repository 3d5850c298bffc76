//! History, following, and hostile files.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Content, Record, Tail, json_line, render};
use crate::{Durability, Ledger};

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("gatehold-tail-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn events(records: &[Record]) -> Vec<String> {
    records
        .iter()
        .map(|record| match &record.content {
            Content::Json { value, .. } => {
                value["event"].as_str().or(value["kind"].as_str()).unwrap_or("none").to_owned()
            }
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn history_and_what_comes_after_in_old_and_new_files() {
    let folder = Folder::new();
    let first = Ledger::open(&folder.0, "demo", Durability::Os).unwrap();
    let second = Ledger::open(&folder.0, "demo", Durability::Os).unwrap();
    for event in ["a", "b", "c"] {
        first.lifecycle(event, &[]).unwrap();
        second.lifecycle(&format!("{event}2"), &[]).unwrap();
    }
    let mut tail = Tail::new(&folder.0, 3).unwrap();
    let mut none = Tail::new(&folder.0, 0).unwrap();
    assert_eq!(events(&tail.poll().unwrap()), ["b2", "c", "c2"]);
    assert!(tail.poll().unwrap().is_empty() && none.poll().unwrap().is_empty());
    second.lifecycle("d2", &[]).unwrap();
    first.lifecycle("d", &[]).unwrap();
    assert_eq!(events(&tail.poll().unwrap()), ["d2", "d"], "in the order of time, not of files");
    let third = Ledger::open(&folder.0, "demo", Durability::Os).unwrap();
    third.lifecycle("e", &[]).unwrap();
    assert_eq!(events(&tail.poll().unwrap()), ["genesis", "e"]);
    assert_eq!(events(&none.poll().unwrap()), ["d2", "d", "genesis", "e"]);
    fs::remove_file(third.path()).unwrap();
    assert!(tail.poll().unwrap().is_empty());
    assert_eq!(Tail::new(&first.path(), 100).unwrap().poll().unwrap().len(), 5);
}

#[test]
fn a_line_that_comes_in_pieces_is_one_line() {
    let folder = Folder::new();
    fs::create_dir(&folder.0).unwrap();
    let path = folder.0.join("x.jsonl");
    let mut file = fs::File::create(&path).unwrap();
    let mut tail = Tail::new(&path, 10).unwrap();
    let mut all = Vec::new();
    for byte in b"{\"event\":\"\xc3\xa9\"}\nnonsense\n{\"event\":\"last\"}" {
        file.write_all(&[*byte]).unwrap();
        all.extend(tail.poll().unwrap());
    }
    assert_eq!(events(&all), ["é", "Unreadable { bytes: 8 }"], "what has no line end is not shown yet");
    file.write_all(b"\n").unwrap();
    assert_eq!(events(&tail.poll().unwrap()), ["last"]);
    file.write_all(&vec![b'x'; 5 << 20]).unwrap();
    file.write_all(b"\n{\"event\":\"after\"}\n").unwrap();
    let mut rest = Vec::new();
    for _ in 0..5 {
        rest.extend(tail.poll().unwrap());
    }
    assert_eq!(events(&rest), [format!("Unreadable {{ bytes: {} }}", 5 << 20), "after".to_owned()]);
    fs::write(&path, "{\"event\":\"new\"}\n").unwrap();
    assert_eq!(events(&tail.poll().unwrap()), ["Shortened", "new"]);
    assert!(Tail::new(&folder.0.join("absent"), 1).is_err());
}

#[test]
fn nothing_in_a_file_steers_the_terminal() {
    let folder = Folder::new();
    fs::create_dir(&folder.0).unwrap();
    let path = folder.0.join("\u{1b}x.jsonl");
    // Written by hand: our own records hold none of these.
    let hostile = "\u{9b}2J\u{202e}\u{7f}\\u001b[31m\\n\\r\u{2028}";
    let line = format!(
        "{{\"kind\":\"request\",\t\"time\":\"{hostile}\",\"session\":\"{hostile}\",\"direction\":\"{hostile}\",\
         \"server\":{{\"id\":\"{hostile}\"}},\"mcp\":{{\"method\":\"{hostile}\",\"tool\":\"{hostile}\"}},\
         \"decision\":{{\"action\":\"{hostile}\",\"rule\":\"{}\"}}}}",
        hostile.repeat(100)
    );
    let lifecycle =
        format!("{{\"kind\":\"lifecycle\",\"event\":\"{hostile}\",\"fields\":{{\"{hostile}\":\"{hostile}\"}}}}");
    fs::write(&path, format!("{line}\n{lifecycle}\n\u{1b}[2J\n")).unwrap();
    let records = Tail::new(&folder.0, 10).unwrap().poll().unwrap();
    assert_eq!(records.len(), 3);
    for record in &records {
        let shown = render(record);
        assert!(!shown.chars().any(crate::record::text::steers), "{shown:?}");
        if let Some(json) = json_line(record) {
            assert!(!json.chars().any(crate::record::text::steers), "{json:?}");
            let Content::Json { value, .. } = &record.content else { panic!("a JSON line is JSON") };
            assert_eq!(&serde_json::from_str::<serde_json::Value>(&json).unwrap(), value, "it means the same");
        }
    }
}

#[test]
fn a_message_is_one_readable_line() {
    let line = r#"{"v":1,"seq":3,"time":"2026-07-28T12:00:00.123456789Z","kind":"request","direction":"from_client","session":"0198f3f2-1f64","server":{"id":"files"},"mcp":{"method":"tools/call","tool":"read_file"},"decision":{"action":"deny","rule":"no-secrets","enforced":false},"message":{"bytes":120}}"#;
    let record = super::record(std::path::Path::new("x.jsonl"), line.as_bytes(), 0);
    assert_eq!(
        render(&record),
        "2026-07-28T12:00:00.123 0198f3f2 -> files tools/call read_file: deny (not enforced) by no-secrets, 120 bytes"
    );
    assert_eq!(json_line(&record).as_deref(), Some(line));
}
