//! The load generator against real sockets: what it counts as a call, and what it must count as an error. A generator
//! that takes wrong answers for calls would make every broken target look fast.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::{Report, Settings, Until, run};
use crate::session::Endpoint;
use crate::upstream;

/// Makes an answer from a call's id and text.
type Responder = fn(&str, &str) -> String;

fn settings(listener: &TcpListener, connections: usize, payload_bytes: usize) -> Settings {
    let address = listener.local_addr().unwrap();
    Settings {
        endpoint: Endpoint::parse(&format!("http://{address}/mcp")).unwrap(),
        connections,
        payload_bytes,
        warm_up: Duration::ZERO,
        until: Until::Calls(50),
        watched: vec![std::process::id()],
    }
}

/// Runs the generator against the fixture upstream.
fn against_fixture(connections: usize, payload_bytes: usize) -> Report {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = settings(&listener, connections, payload_bytes);
    std::thread::spawn(move || upstream::serve_http(listener));
    run(&settings).unwrap()
}

/// Runs the generator against a server that shakes hands properly and answers each call with what `answer` makes of
/// the call's id and text.
fn against(answer: Responder) -> Report {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = settings(&listener, 1, 40);
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut input = [0; 8192];
        // Few calls, so that errors, which do not count as calls, end the run too.
        for _ in 0..60 {
            let Ok(count @ 1..) = stream.read(&mut input) else { return };
            let text = String::from_utf8_lossy(&input[..count]).into_owned();
            let reply = if text.contains("\"initialize\"") {
                "HTTP/1.1 200 OK\r\nMcp-Session-Id: s\r\nContent-Length: 2\r\n\r\n{}".to_owned()
            } else if text.contains("notifications/initialized") {
                "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".to_owned()
            } else {
                answer(between(&text, "\"id\":", ","), between(&text, "\"text\":\"", "\""))
            };
            stream.write_all(reply.as_bytes()).unwrap();
        }
    });
    run(&settings).unwrap()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map(|(found, _)| found).unwrap_or_default()
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn calls_of_every_size_come_back_and_are_counted() {
    for (connections, payload_bytes) in [(1, 120), (32, 120), (8, 100_000), (2, 3_000_000)] {
        let report = against_fixture(connections, payload_bytes);
        assert_eq!((report.errors, report.first_error), (0, None));
        assert!(report.calls >= 50 && report.calls < 50 + connections as u64, "{}", report.calls);
        assert!(report.rate > 0.0 && report.p50_us > 0.0 && report.p99_us >= report.p50_us);
        assert!(report.peak_kib.unwrap() > 0);
    }
}

#[test]
fn an_answer_as_an_event_stream_counts_too() {
    let report = against(|id, text| {
        let event = format!(
            "event: message\ndata: {{\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":\"{text}\"}}]}},\"id\":{id},\"jsonrpc\":\"2.0\"}}\n\n"
        );
        let half = event.len() / 2;
        let (first, second) = event.split_at(half);
        format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{half:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
            second.len()
        )
    });
    assert_eq!(report.first_error, None);
    assert_eq!(report.calls, 50);
}

#[test]
fn wrong_answers_are_errors_and_never_calls() {
    let wrong: [(Responder, &str); 4] = [
        (|_, text| ok(&format!("{{\"id\":1,\"result\":{{\"content\":[{{\"text\":\"{text}\"}}]}}}}")), "another id"),
        (
            |id, _| {
                ok(&format!("{{\"id\":{id},\"result\":{{\"content\":[{{\"text\":\"refused\"}}],\"isError\":true}}}}"))
            },
            "another text",
        ),
        (|id, _| ok(&format!("{{\"id\":{id},\"error\":{{\"code\":-32001,\"message\":\"denied\"}}}}")), "no text"),
        (|_, _| "HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\ndenied".to_owned(), "status 403: denied"),
    ];
    for (answer, named) in wrong {
        let report = against(answer);
        assert_eq!(report.calls, 0, "{named}");
        assert!(report.errors > 1);
        assert!(report.first_error.as_ref().unwrap().contains(named), "{:?} instead of {named}", report.first_error);
    }
}

#[test]
fn a_connection_that_ends_in_an_answer_ends_the_run() {
    let started = Instant::now();
    let report = against(|_, _| "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n".to_owned());
    assert_eq!((report.calls, report.errors), (0, 1));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_server_that_does_not_shake_hands_is_an_error_with_its_words() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = settings(&listener, 1, 40);
    std::thread::spawn(move || {
        let (mut stream, _): (TcpStream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 8\r\n\r\nno token");
    });
    let error = run(&settings).unwrap_err().to_string();
    assert!(error.contains("401") && error.contains("no token"), "{error}");
}
