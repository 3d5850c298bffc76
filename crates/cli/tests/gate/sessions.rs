//! Sessions: whose they are, how long they live, how many there may be, and what a guess is worth.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::answers::{Server, Style};
use crate::children;
use crate::client::{Client, opening};
use crate::http::{Answer, Http, Target, ask, get};
use crate::running::{Gate, is_alive, until};

const CALL: &str = r#"{"jsonrpc":"2.0","id":"q","method":"tools/list"}"#;

fn open(gate: &Gate, path: &str) -> Answer {
    let message = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": opening("2025-06-18") });
    ask(gate.address(), path, &[], &message.to_string())
}

fn session_header(answer: &Answer) -> String {
    format!("Mcp-Session-Id: {}", answer.header("mcp-session-id").unwrap_or_else(|| panic!("{answer:?}")))
}

fn delete(gate: &Gate, path: &str, session: &str) -> u16 {
    let mut http = Http::tcp(gate.address());
    http.send(format!("DELETE {path} HTTP/1.1\r\nHost: localhost\r\n{session}\r\n\r\n").as_bytes());
    http.answer().status()
}

fn gauge(gate: &Gate) -> u64 {
    let text = get(gate.admin(), "/metrics", &[]).text();
    let line = text.lines().find(|line| line.starts_with("gatehold_sessions ")).unwrap_or_else(|| panic!("{text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_session_is_known_only_to_its_own_server() {
    let server = Server::start(Style::Json);
    let child = children::greeting("answer(message, {'x': 1})");
    let gate = Gate::serve(json!({
        "servers": { "a": server.config(), "b": server.config(), "c": children::config(&child), "d": children::config(&child) },
    }));
    let sessions: Vec<(&str, String)> =
        ["/mcp/a", "/mcp/b", "/mcp/c", "/mcp/d"].map(|path| (path, session_header(&open(&gate, path)))).into();
    for (own, session) in &sessions {
        for (path, _) in &sessions {
            let status = ask(gate.address(), path, &[session], CALL).status();
            assert_eq!(status, if path == own { 200 } else { 404 }, "a session of {own} at {path}");
            if path != own {
                assert_eq!(get(gate.address(), path, &[session, "Accept: text/event-stream"]).status(), 404);
                assert_eq!(delete(&gate, path, session), 404);
            }
        }
        assert_eq!(ask(gate.address(), own, &[session], CALL).status(), 200, "{own} was not ended from elsewhere");
    }
}

#[test]
fn a_guess_finds_nothing() {
    let gate = Gate::before(children::config(&children::greeting("answer(message, {'x': 1})")));
    let opened = session_header(&open(&gate, "/mcp/one"));
    let id = opened.rsplit(' ').next().unwrap();
    assert_eq!(id.len(), 144, "256 random bits, an end and two seals");
    let other = session_header(&open(&gate, "/mcp/one"));
    assert_ne!(opened, other);
    let prefix = &id[..63];
    for guess in
        ["", "1", "*", prefix, &id.to_uppercase(), &format!("{id}0"), &format!("{id}, {id}"), "\u{e9}", &"f".repeat(64)]
    {
        let header = format!("Mcp-Session-Id: {guess}");
        let unchanged = guess == id;
        let answer = ask(gate.address(), "/mcp/one", &[&header], CALL);
        assert!(matches!(answer.status(), 400 | 404) != unchanged, "{guess}: {answer:?}");
    }
    for guess in ["", "?session=", "?session=1", &format!("?session={id}"), "?session=x&session=y"] {
        assert_eq!(ask(gate.address(), &format!("/messages/one{guess}"), &[], CALL).status(), 404, "{guess}");
    }
}

#[test]
fn an_event_id_of_another_session_resumes_nothing() {
    let program = children::greeting(
        "say({'jsonrpc': '2.0', 'method': 'notifications/message', 'params': {'level': 'info', 'data': 'OF THE FIRST'}})\nanswer(message, {'x': 1})",
    );
    let gate = Gate::before(children::config(&program));
    let first = session_header(&open(&gate, "/mcp/one"));
    let answer = ask(gate.address(), "/mcp/one", &[&first], CALL).text();
    assert!(answer.contains("OF THE FIRST"), "{answer}");
    let ids: Vec<&str> =
        answer.lines().filter_map(|line| line.strip_prefix("id: ").or(line.strip_prefix("id:"))).collect();
    let second = session_header(&open(&gate, "/mcp/one"));
    for id in ids.iter().copied().chain(["1-0", "1-1", "0-0", "1", "x", ""]) {
        let mut http = Http::tcp(gate.address());
        let header = format!("Last-Event-ID: {id}");
        http.send_get("/mcp/one", &["Accept: text/event-stream", &second, &header]);
        if http.head().unwrap().status == 200 {
            http.read_timeout(Duration::from_millis(100));
            let piece = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| http.piece()));
            assert!(!format!("{piece:?}").contains("79, 70, 32, 84, 72, 69"), "{piece:?}");
        }
    }
}

#[test]
fn a_session_that_was_ended_is_unknown_and_its_child_is_gone() {
    let folder = tempfile::TempDir::new().unwrap();
    let pids = folder.path().join("pids");
    let server = Server::start(Style::Json);
    let gate = Gate::serve(json!({
        "servers": { "one": children::config(&children::echo(&pids)), "two": server.config() },
    }));
    for path in ["/mcp/one", "/mcp/two"] {
        let session = session_header(&open(&gate, path));
        assert_eq!(gauge(&gate), 1);
        assert!(matches!(delete(&gate, path, &session), 200..=204));
        assert_eq!(ask(gate.address(), path, &[&session], CALL).status(), 404);
        assert_eq!(delete(&gate, path, &session), 404);
        assert_eq!(gauge(&gate), 0);
    }
    assert!(
        server
            .upstream
            .seen()
            .iter()
            .any(|request| request.method == "DELETE" && request.header("mcp-session-id") == Some("theirs-1"))
    );
    until("the child is gone", || children::pids(&pids).iter().all(|pid| !is_alive(*pid)));
}

#[test]
fn one_session_has_one_stream_of_its_own() {
    let gate = Gate::before(children::config(&children::greeting("answer(message, {'x': 1})")));
    let session = session_header(&open(&gate, "/mcp/one"));
    let headers = ["Accept: text/event-stream", session.as_str()];
    let mut first = Http::tcp(gate.address());
    first.send_get("/mcp/one", &headers);
    assert_eq!(first.head().unwrap().status, 200);
    assert_eq!(get(gate.address(), "/mcp/one", &headers).status(), 409);
    drop(first);
    until("the place is free again", || {
        let mut again = Http::tcp(gate.address());
        again.send_get("/mcp/one", &headers);
        again.head().unwrap().status == 200
    });
}

#[test]
fn beyond_the_cap_there_is_no_session_and_the_others_stay() {
    let server = Server::start(Style::Json);
    let child = children::config(&children::greeting("answer(message, {'x': 1})"));
    let gate = Gate::serve(json!({
        "servers": { "one": child, "two": server.config() }, "sessions": { "count_max": 2 },
    }));
    let sessions = [session_header(&open(&gate, "/mcp/one")), session_header(&open(&gate, "/mcp/two"))];
    for path in ["/mcp/one", "/mcp/two"] {
        let refused = open(&gate, path);
        assert_eq!((refused.status(), refused.header("mcp-session-id")), (503, None));
        assert_eq!(refused.json()["id"], 0, "the id of the request is repeated");
    }
    for (path, session) in ["/mcp/one", "/mcp/two"].iter().zip(&sessions) {
        assert_eq!(ask(gate.address(), path, &[session], CALL).status(), 200);
    }
    assert_eq!(gauge(&gate), 2);
    delete(&gate, "/mcp/one", &sessions[0]);
    assert_eq!(open(&gate, "/mcp/one").status(), 200);
}

#[test]
fn idle_and_old_sessions_end() {
    let child = children::config(&children::greeting("answer(message, {'x': 1})"));
    let idle = Gate::serve(json!({ "servers": { "one": child }, "sessions": { "idle_seconds": 2 } }));
    let old =
        Gate::serve(json!({ "servers": { "one": child }, "sessions": { "lifetime_seconds": 2, "idle_seconds": 60 } }));
    let (left, used, aged) = (
        session_header(&open(&idle, "/mcp/one")),
        session_header(&open(&idle, "/mcp/one")),
        session_header(&open(&old, "/mcp/one")),
    );
    let started = Instant::now();
    while gauge(&idle) > 1 || gauge(&old) > 0 {
        assert_eq!(ask(idle.address(), "/mcp/one", &[&used], CALL).status(), 200, "what is used is not idle");
        let status = ask(old.address(), "/mcp/one", &[&aged], CALL).status();
        assert!(matches!(status, 200 | 404), "{status}");
        assert!(started.elapsed() < Duration::from_secs(15));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(started.elapsed() > Duration::from_secs(2));
    assert_eq!(ask(idle.address(), "/mcp/one", &[&left], CALL).status(), 404);
    assert_eq!(ask(old.address(), "/mcp/one", &[&aged], CALL).status(), 404);
    let ended = idle.records().iter().filter(|record| record["event"] == "session_ended").count();
    assert_eq!(ended, 1);
}

#[test]
fn a_call_under_way_is_answered_although_its_session_went_idle() {
    let child = children::config(&children::greeting("time.sleep(6.5)\nanswer(message, {'x': 1})"));
    let gate = Gate::serve(json!({ "servers": { "one": child }, "sessions": { "idle_seconds": 1 } }));
    let session = session_header(&open(&gate, "/mcp/one"));
    assert_eq!(ask(gate.address(), "/mcp/one", &[&session], CALL).json()["result"]["x"], 1);
}

#[test]
fn the_gauge_counts_streams_of_the_first_revision_too() {
    let gate = Gate::before(children::config(&children::greeting("answer(message, {'x': 1})")));
    let mut client = Client::sse(Target::Tcp(gate.address()), "/sse/one");
    client.shake_hands("2024-11-05");
    assert_eq!(gauge(&gate), 1);
    let post_to = client.post_to();
    assert_eq!(ask(gate.address(), &post_to, &[], "{}").status(), 202);
    client.hang_up();
    until("the stream is over", || gauge(&gate) == 0);
    assert_eq!(ask(gate.address(), &post_to, &[], CALL).status(), 404);
}

#[test]
fn what_the_cap_counts_is_shown_to_nobody_who_asks_for_a_server() {
    let gate = Gate::before(children::config(&children::greeting("answer(message, {'x': 1})")));
    for path in ["/metrics", "/healthz", "/readyz"] {
        assert_eq!(get(gate.address(), path, &[]).status(), 404);
        assert_eq!(get(gate.admin(), path, &[]).status(), 200);
    }
    let admin: Value = json!(["/", "/mcp/one", "/reload", "/debug"]);
    for path in admin.as_array().unwrap() {
        assert_eq!(
            get(gate.admin(), path.as_str().unwrap(), &[]).status(),
            401,
            "nothing is told without a credential"
        );
    }
    assert_eq!(ask(gate.admin(), "/readyz", &[], "{}").status(), 405);
}
