//! Properties over the whole corpus: a finding names the same text however its message is spelt, and wherever in a long
//! text it stands. What is found must not depend on how somebody else cut, escaped or padded it.

use gatehold_inspect::{Findings, Registry, Severity, TextKind};
use gatehold_session::facts::Direction;
use gatehold_wire::Method;
use serde_json::Value;

use crate::messages::inspect as inspect_message;
use crate::{corpus, read};

/// Every attack of the corpus: where it comes from, and its case.
fn attacks() -> Vec<(String, Value)> {
    let mut attacks = Vec::new();
    for folder in std::fs::read_dir(corpus().join("attacks")).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let file = read(&file.unwrap().path());
            for case in file["cases"].as_array().unwrap() {
                attacks.push((format!("{}/{}", file["detector"], case["name"]), case.clone()));
            }
        }
    }
    attacks
}

/// A string as JSON in which every character is an escape.
fn escaped(text: &str) -> String {
    let units: Vec<String> = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{}\"", units.concat())
}

/// A message that holds a text of this kind, the text written as JSON by the caller.
fn message(kind: TextKind, parameter: Option<&str>, json: &str) -> Option<(String, Direction, Method<'static>)> {
    let parameter = serde_json::to_string(parameter.unwrap_or("text")).unwrap();
    Some(match kind {
        TextKind::ToolOutput => (
            format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[{{"type":"text","text":{json}}}]}}}}"#),
            Direction::FromServer,
            Method::ToolsCall,
        ),
        TextKind::ToolDescription => (
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"result":{{"tools":[{{"name":"a","description":{json},"inputSchema":{{"type":"object"}}}}]}}}}"#
            ),
            Direction::FromServer,
            Method::ToolsList,
        ),
        TextKind::Arguments => (
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"a","arguments":{{{parameter}:{json}}}}}}}"#
            ),
            Direction::FromClient,
            Method::ToolsCall,
        ),
        TextKind::ResourceUri => (
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{{"uri":{json}}}}}"#),
            Direction::FromClient,
            Method::ResourcesRead,
        ),
        _ => return None,
    })
}

/// What was found and the text that it names, for comparison. A span in a message is made of JSON: it is read as such.
fn named(bytes: &[u8], findings: &Findings) -> Vec<(String, String, String)> {
    let mut named: Vec<_> = findings
        .as_slice()
        .iter()
        .map(|finding| {
            let source = std::str::from_utf8(&bytes[finding.span.clone()]).unwrap();
            // The whole value with its quotes, or a part of what stands between them.
            let json = if source.starts_with('"') { source.to_owned() } else { format!("\"{source}\"") };
            let text = serde_json::from_str(&json).unwrap_or_else(|_| panic!("{source:?} cuts an escape in two"));
            (format!("{} {}", finding.id, finding.rule), finding.pointer.to_string(), text)
        })
        .collect();
    named.sort();
    named
}

#[test]
fn a_message_in_other_spellings_has_the_same_findings_in_the_same_words() {
    let mut compared = 0;
    for (name, case) in attacks() {
        let kind = TextKind::from_name(case["kind"].as_str().unwrap()).unwrap();
        let text = case["text"].as_str().unwrap();
        let tool: Option<&'static str> = case["tool"].as_str().map(|tool| &*tool.to_owned().leak());
        let plain = message(kind, case["parameter"].as_str(), &serde_json::to_string(text).unwrap());
        let Some((plain, direction, method)) = plain else { continue };
        let (other, ..) = message(kind, case["parameter"].as_str(), &escaped(text)).unwrap();
        let (message, findings) = inspect_message(&plain, direction, method, tool);
        let expected = named(message.bytes(), &findings);
        assert!(!expected.is_empty(), "{name}: nothing is found in a message");
        let (message, findings) = inspect_message(&other, direction, method, tool);
        assert_eq!(named(message.bytes(), &findings), expected, "{name}");
        compared += 1;
    }
    assert!(compared > 100, "only {compared} cases were compared");
}

/// Ordinary text of about this many bytes, cut where a line ends.
fn filler(bytes: usize) -> String {
    const LINES: [&str; 4] = [
        "The quarterly report shows that sales of the northern region grew by a tenth.\n",
        "Two suppliers changed their prices in the spring; both changes are small.\n",
        "Rain is expected on Thursday, with light winds from the west.\n",
        "The library opens at nine and closes at six.\n",
    ];
    let mut text = String::new();
    for line in LINES.iter().cycle() {
        if text.len() >= bytes {
            break;
        }
        text.push_str(line);
    }
    text
}

#[test]
fn a_finding_does_not_depend_on_where_in_a_text_it_stands() {
    let registry = Registry::standard();
    let mut lost = Vec::new();
    let mut compared = 0;
    for (name, case) in attacks() {
        let kind = TextKind::from_name(case["kind"].as_str().unwrap()).unwrap();
        if !matches!(kind, TextKind::ToolOutput | TextKind::ToolDescription) {
            continue;
        }
        let text = case["text"].as_str().unwrap();
        let alone = registry.inspect_text(text, kind, case["tool"].as_str(), case["parameter"].as_str());
        // Around each limit of the windows that texts are read in.
        for before in [40, 150, 250, 300, 700, 1500, 4000, 4150, 4300, 9000, 70_000] {
            let lead = filler(before);
            let whole = format!("{lead}{text}\n{}", filler(400));
            let found = registry.inspect_text(&whole, kind, case["tool"].as_str(), case["parameter"].as_str());
            // The classifier reads windows and asks more of long texts; what it thinks depends on what stands around.
            let by_form = |rule: &str| !matches!(rule, "classifier" | "combined" | "added");
            for finding in alone.as_slice().iter().filter(|f| f.severity > Severity::Low && by_form(&f.rule)) {
                compared += 1;
                let span = finding.span.start + lead.len()..finding.span.end + lead.len();
                let again = found
                    .as_slice()
                    .iter()
                    .any(|other| other.id == finding.id && other.span.start < span.end && span.start < other.span.end);
                if !again {
                    lost.push(format!("{name}: {} {} after {before} bytes", finding.id, finding.rule));
                }
            }
        }
    }
    assert!(compared > 300, "only {compared} were compared");
    assert!(lost.is_empty(), "{} of {compared} are lost: {lost:#?}", lost.len());
}

/// The rules, not the classifier, must see an order that is cut in two: a model reads both halves as one text.
#[test]
fn an_order_split_over_two_texts_is_found() {
    let registry = Registry::standard();
    let mut lost = Vec::new();
    let mut compared = 0;
    for (name, case) in attacks() {
        let text = case["text"].as_str().unwrap();
        if case["kind"] != "tool_output" || !(name.contains("injection") || name.contains("persistence")) {
            continue;
        }
        let alone = registry.inspect_text(text, TextKind::ToolOutput, None, None);
        let alone: Vec<_> = alone.as_slice().iter().filter(|finding| finding.id.starts_with("PI")).collect();
        let Some(first) = alone.first() else { continue };
        if alone.iter().any(|finding| matches!(&*finding.rule, "classifier" | "combined")) {
            continue;
        }
        let middle = text.floor_char_boundary(usize::midpoint(first.span.start, first.span.end));
        // Within a word, and between two words.
        let space = text[..middle].rfind(' ').unwrap_or(middle);
        for (head, tail) in [text.split_at(middle), (&text[..space], text[space..].trim_start())] {
            let item = |text: &str| format!(r#"{{"type":"text","text":{}}}"#, serde_json::to_string(text).unwrap());
            let message =
                format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[{},{}]}}}}"#, item(head), item(tail));
            let (_, findings) = inspect_message(&message, Direction::FromServer, Method::ToolsCall, None);
            compared += 1;
            if !findings.as_slice().iter().any(|finding| finding.id == first.id) {
                lost.push(format!("{name}: {head:?} | {tail:?}"));
            }
        }
    }
    assert!(compared > 15, "only {compared} were compared");
    assert!(lost.is_empty(), "{} of {compared} are lost: {lost:#?}", lost.len());
}
