//! Shows a record on one line, for people or as JSON. Every character from the record that could steer a terminal is
//! escaped, also in a file that was tampered with.

use serde_json::Value;

use super::{Content, Record};
use crate::record::text::{cut, shown, steers};

/// Bytes of one part of the line.
const PART_BYTES_MAX: usize = 80;

/// One line for people, without a line end: time, session, direction, method, what it names, verdict, rule, bytes.
#[must_use]
pub fn render(record: &Record) -> String {
    let file = || {
        let name = record.file.file_name().unwrap_or_default().to_string_lossy();
        shown(&name)
    };
    let value = match &record.content {
        Content::Json { value, .. } => value,
        Content::Unreadable { bytes } => return format!("?? {bytes} bytes in {} are no record", file()),
        Content::Shortened => return format!("!! {} became shorter: records were removed", file()),
    };
    let kind = part(value, "/kind").unwrap_or_else(|| "?".to_owned());
    // Down to the millisecond, which is what people can compare.
    let time = part(value, "/time").unwrap_or_default();
    let time = time.get(..23).unwrap_or(&time);
    match kind.as_str() {
        "genesis" => format!("{time} -- began {} ({})", file(), part(value, "/purpose").unwrap_or_default()),
        "repair" => format!("{time} -- repaired {}", file()),
        "lifecycle" => lifecycle(time, value),
        _ => message(time, &kind, value),
    }
}

/// The line as JSON, as it was written. What could steer a terminal is escaped in the way of JSON, which means the
/// same; our own records hold nothing of the kind. `None` for what is not a record.
#[must_use]
pub fn json_line(record: &Record) -> Option<String> {
    let Content::Json { line, .. } = &record.content else { return None };
    if !line.chars().any(steers) {
        return Some(line.clone());
    }
    let mut out = String::with_capacity(line.len());
    for character in line.chars() {
        if character < ' ' {
            // Outside strings (a tab between members): inside, JSON does not allow it.
            out.push(' ');
        } else if steers(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(character);
        }
    }
    Some(out)
}

fn lifecycle(time: &str, value: &Value) -> String {
    let mut line = format!("{time} -- {}", part(value, "/event").unwrap_or_default());
    if let Some(Value::Object(fields)) = value.get("fields") {
        for (key, value) in fields {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            line.push_str(&format!(" {}={}", bounded(key), bounded(&text)));
        }
    }
    line
}

fn message(time: &str, kind: &str, value: &Value) -> String {
    let arrow = match value.get("direction").and_then(Value::as_str) {
        Some("from_client") => "->",
        Some("from_server") => "<-",
        _ => "--",
    };
    let session = part(value, "/session").unwrap_or_default();
    let session = cut(&session, 8);
    let server = part(value, "/server/id").unwrap_or_default();
    let method = part(value, "/mcp/method").unwrap_or_else(|| kind.to_owned());
    let named = ["/mcp/tool", "/mcp/resource", "/mcp/prompt"]
        .into_iter()
        .find_map(|place| part(value, place))
        .unwrap_or_default();
    let action = part(value, "/decision/action").unwrap_or_else(|| "?".to_owned());
    let enforced = value.pointer("/decision/enforced").and_then(Value::as_bool) != Some(false);
    let rule = part(value, "/decision/rule").unwrap_or_default();
    let bytes = value.pointer("/message/bytes").and_then(Value::as_u64).unwrap_or(0);
    let kind = if kind == "response" { " (response)" } else { "" };
    let mark = if action == "allow" || enforced { "" } else { " (not enforced)" };
    let gap = if named.is_empty() { "" } else { " " };
    format!("{time} {session} {arrow} {server} {method}{kind}{gap}{named}: {action}{mark} by {rule}, {bytes} bytes")
}

/// A string of the record, as it may be shown.
fn part(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).map(bounded)
}

fn bounded(text: &str) -> String {
    let kept = cut(text, PART_BYTES_MAX);
    let mark = if kept.len() < text.len() { "…" } else { "" };
    format!("{}{mark}", shown(kept))
}
