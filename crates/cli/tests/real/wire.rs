//! Bare bytes through `gatehold proxy`, between a client and a server that were made for this: bodies must be identical
//! both ways, and headers too but for those that belong to one connection. Needs nothing installed.

mod cases;
mod recorder;

use std::collections::HashMap;

use crate::http::{self, Request};
use crate::running::{self, Folder, assert_recorded};

use cases::Case;
use recorder::Recorder;

/// Headers that belong to one connection or to who answers, and the session id, which is Gatehold's own.
const OWN: [&str; 12] = [
    "connection",
    "content-length",
    "date",
    "host",
    "keep-alive",
    "mcp-session-id",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

#[test]
fn bodies_and_headers_of_the_older_era_are_kept() {
    let mut all = vec![cases::initialize()];
    all.extend(cases::legacy());
    let (recorder, folder) = (record(&all), Folder::new());
    let (_gatehold, port) = running::proxy(&upstream(&recorder), folder.path());
    let mut session = None;
    for case in &all {
        let answer = exchange(port, case, session.as_deref(), &recorder);
        if case.name == "initialize" {
            session = http::header(&answer, "mcp-session-id").map(str::to_owned);
            assert!(session.is_some(), "the client was given no session");
        } else {
            let theirs = recorder.seen(case.name).headers;
            let theirs = http::header(&theirs, "mcp-session-id");
            assert_eq!(theirs, Some(cases::SERVER_SESSION), "{}: not the server's own session", case.name);
        }
    }
    assert_recorded(&folder.path().join("ledger"));
}

#[test]
fn bodies_and_headers_of_the_modern_era_are_kept() {
    let all = cases::modern();
    let (recorder, folder) = (record(&all), Folder::new());
    let (_gatehold, port) = running::proxy(&upstream(&recorder), folder.path());
    for case in &all {
        exchange(port, case, None, &recorder);
        let theirs = recorder.seen(case.name).headers;
        assert_eq!(http::header(&theirs, "mcp-session-id"), None, "{}: 2026-07-28 has no sessions", case.name);
    }
    assert_recorded(&folder.path().join("ledger"));
}

/// The counterparts without Gatehold: what the other tests find must not be theirs.
#[test]
fn client_and_recorder_by_themselves_keep_everything() {
    let mut all = vec![cases::initialize()];
    all.extend(cases::legacy());
    all.extend(cases::modern());
    let recorder = record(&all);
    for case in &all {
        exchange(recorder.port, case, None, &recorder);
    }
}

fn record(all: &[Case]) -> Recorder {
    Recorder::start(all.iter().map(|case| (case.name.to_owned(), case.reply.clone())).collect::<HashMap<_, _>>())
}

fn upstream(recorder: &Recorder) -> String {
    format!("http://127.0.0.1:{}/mcp", recorder.port)
}

/// Sends a case, compares both sides and gives back the answer's headers.
fn exchange(port: u16, case: &Case, session: Option<&str>, recorder: &Recorder) -> Vec<(String, String)> {
    let name = case.name;
    let mut headers = every_request(case);
    headers.extend(session.map(|session| ("mcp-session-id".to_owned(), session.to_owned())));
    let sent = travelling(&headers);
    let request = Request { method: case.method, path: "/mcp", headers, body: &case.body };
    let answer = http::send(port, &request);
    let (status, back) = (answer.status, answer.headers.clone());
    let body = answer.bytes();

    let seen = recorder.seen(name);
    assert_eq!(seen.method, case.method, "{name}: another method");
    assert_bytes(&case.body, &seen.body, &format!("{name}: the request's body"));
    assert_eq!(travelling(&seen.headers), sent, "{name}: the request's headers");

    assert_eq!(status, case.reply.status, "{name}: another status: {}", String::from_utf8_lossy(&body));
    assert_bytes(&case.reply.pieces.concat(), &body, &format!("{name}: the answer's body"));
    let given: Vec<(String, String)> =
        case.reply.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    assert_eq!(travelling(&back), travelling(&given), "{name}: the answer's headers");
    back
}

/// The headers of every request, and the case's own.
fn every_request(case: &Case) -> Vec<(String, String)> {
    let mut headers = vec![
        ("x-case", case.name),
        ("accept", "application/json;q=0.9, text/event-stream"),
        ("user-agent", "raw/0 (nothing; like it)"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("tracestate", "vendor=value,other=\"quoted\""),
        ("baggage", "key=value;property, other=1"),
        ("x-custom", "kept, with \"quotes\" and a; semicolon"),
        ("x-twice", "one"),
        ("x-twice", "two"),
    ];
    if case.method == "POST" {
        headers.push(("content-type", "application/json; charset=UTF-8"));
    }
    headers.extend(&case.headers);
    headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The headers that must arrive, sorted.
fn travelling(headers: &[(String, String)]) -> Vec<(String, String)> {
    let mut headers: Vec<_> = headers.iter().filter(|(name, _)| !OWN.contains(&name.as_str())).cloned().collect();
    headers.sort();
    headers
}

/// Fails with the place of the first byte that differs.
fn assert_bytes(expected: &[u8], actual: &[u8], what: &str) {
    let same = expected.iter().zip(actual).take_while(|(before, after)| before == after).count();
    let around = |bytes: &[u8]| {
        let window = &bytes[same.saturating_sub(60).min(bytes.len())..(same + 120).min(bytes.len())];
        String::from_utf8_lossy(window).into_owned()
    };
    assert!(
        expected == actual,
        "{what}: {} bytes became {}, the first that differs is {same}\n  before: …{}…\n  after:  …{}…",
        expected.len(),
        actual.len(),
        around(expected),
        around(actual)
    );
}
