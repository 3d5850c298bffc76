//! What the demonstration says about the record. All of it is read from the ledger's files after the run: what was
//! denied and by which rule, whether the chain verifies, and whether a changed byte is noticed.

use std::fs;
use std::path::Path;

use gatehold_evidence::verify::{Report, Status, verify_path};
use serde_json::Value;

use super::notes_server::SECRET;
use crate::shared::Failure;

/// What the record says.
#[derive(Debug)]
pub(super) struct Account {
    /// What was denied, in order.
    pub(super) denied: Vec<Denial>,
    /// Tools whose descriptions were found to be poisoned.
    pub(super) noticed: Vec<Notice>,
    /// Whether the secret stands anywhere in the record.
    pub(super) holds_secret: bool,
    /// The report on the ledger's folder.
    pub(super) report: Report,
    /// What happened to a copy with one byte changed.
    pub(super) tampered: Tampered,
}

/// One decision that denied.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Denial {
    /// What was denied.
    pub(super) what: String,
    /// The rule, as the record names it.
    pub(super) rule: String,
    /// Why, as the policy words it.
    pub(super) reason: String,
}

/// One finding that was recorded and did not deny.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) id: String,
    pub(super) what: String,
    pub(super) detail: String,
}

/// What verification says of a copy with one byte changed.
#[derive(Debug)]
pub(super) struct Tampered {
    /// Whether it was noticed.
    pub(super) noticed: bool,
    /// What it said.
    pub(super) words: String,
}

/// Reads the ledger in `folder`. `spare` is a folder for the copy.
pub(super) fn read(folder: &Path, spare: &Path) -> Result<Account, Failure> {
    let report = verify_path(folder, 1).map_err(Failure::error)?;
    let (mut denied, mut noticed) = (Vec::new(), Vec::new());
    let mut holds_secret = false;
    for file in &report.files {
        let text = read_text(&file.path)?;
        holds_secret |= text.contains(SECRET);
        for line in text.lines() {
            let Ok(record) = serde_json::from_str::<Value>(line) else { continue };
            denied.extend(denial(&record));
            noticed.extend(notices(&record));
        }
    }
    let original = report.files.first().map(|file| file.path.clone()).unwrap_or_default();
    let tampered = tamper(&original, &spare.join("changed.jsonl"))?;
    Ok(Account { denied, noticed, holds_secret, report, tampered })
}

fn denial(record: &Value) -> Option<Denial> {
    if at(record, "/decision/action") != "deny" {
        return None;
    }
    Some(Denial {
        what: subject(record),
        rule: at(record, "/decision/rule").to_owned(),
        reason: at(record, "/decision/reason").to_owned(),
    })
}

/// The grave findings of a message that was let through.
fn notices(record: &Value) -> Vec<Notice> {
    if at(record, "/decision/action") == "deny" {
        return Vec::new();
    }
    let findings = record.get("findings").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut notices: Vec<Notice> = Vec::new();
    for finding in findings {
        let id = at(finding, "/id");
        if at(finding, "/severity") == "critical" && !notices.iter().any(|notice| notice.id == id) {
            let detail = at(finding, "/detail").to_owned();
            notices.push(Notice { id: id.to_owned(), what: subject(record), detail });
        }
    }
    notices
}

/// What a record is about, in words.
fn subject(record: &Value) -> String {
    let tool = at(record, "/mcp/tool");
    let about = if tool.is_empty() { at(record, "/mcp/method") } else { tool };
    match at(record, "/kind") {
        "response" => format!("answer to {about}"),
        "request" => format!("call of {about}"),
        kind => format!("{kind} {about}"),
    }
}

/// Copies a ledger file, changes one byte of the first denial, and verifies the copy.
fn tamper(original: &Path, copy: &Path) -> Result<Tampered, Failure> {
    let denial = "\"action\":\"deny\"";
    let text = read_text(original)?;
    // Only the last letter changes, as if by a single flipped bit or by a hand that knows what it does.
    let changed = text.replacen(denial, "\"action\":\"denx\"", 1);
    fs::write(copy, changed)
        .map_err(|error| Failure::error(format!("{} cannot be written: {error}", copy.display())))?;
    let report = verify_path(copy, 1).map_err(Failure::error)?;
    let words = match report.files.first().map(|file| &file.status) {
        Some(Status::Broken { line, what, .. }) => format!("line {line}: {what}"),
        Some(_) | None => report.to_string(),
    };
    Ok(Tampered { noticed: !report.is_valid(), words })
}

fn read_text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::error(format!("{} cannot be read: {error}", path.display())))
}

fn at<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
