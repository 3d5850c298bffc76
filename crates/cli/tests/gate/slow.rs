//! Peers that are slow to read, slow to write, or that stop half-way: they wait for themselves, nobody else does, and
//! what they hold is bounded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::children;
use crate::client::Client;
use crate::http::{Http, Piece, ask, post};
use crate::running::{Gate, PATIENCE, until};
use crate::upstream::Upstream;

const CALL: &str = r#"{"jsonrpc":"2.0","id":"q","method":"tools/list"}"#;

fn resident_mebibytes(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1024
}

#[test]
fn a_client_that_does_not_read_makes_its_server_wait_and_nobody_else() {
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let server = Upstream::start(move |request, reply| {
        if request.text().contains("quick") {
            return reply.json("200 OK", r#"{"jsonrpc":"2.0","id":"quick","result":{}}"#);
        }
        reply.events(&[]);
        for _ in 0..2000 {
            reply.event(
                &json!({ "jsonrpc": "2.0", "method": "notifications/x", "params": { "x": "y".repeat(50_000) } }),
            );
            count.fetch_add(1, Ordering::Relaxed);
        }
        reply.chunk(b"data: {\"jsonrpc\":\"2.0\",\"id\":\"q\",\"result\":{}}\n\n");
        reply.end();
    });
    let gate = Gate::before(server.config());
    let mut slow = Http::tcp(gate.address());
    slow.send(&post("/mcp/one", &[], CALL.as_bytes()));
    let mut before = 0;
    until("the server has to wait", || {
        std::thread::sleep(Duration::from_millis(200));
        let now = written.load(Ordering::Relaxed);
        std::mem::replace(&mut *LAST.lock().unwrap(), now) == now && now > 0
    });
    static LAST: std::sync::Mutex<usize> = std::sync::Mutex::new(0);
    before += written.load(Ordering::Relaxed);
    assert!(before < 1000, "{before} events were taken from the server although nobody reads them");
    let resident = resident_mebibytes(gate.running.child.id());
    assert!(resident < 100, "{resident} MiB");
    let started = Instant::now();
    assert_eq!(ask(gate.address(), "/mcp/one", &[], &CALL.replace("\"q\"", "\"quick\"")).status(), 200);
    assert!(started.elapsed() < Duration::from_secs(3));
    // Read at last, it is all there.
    let answer = slow.answer();
    assert!(answer.complete);
    assert_eq!(answer.text().matches("notifications/x").count(), 2000);
}

#[test]
fn a_client_that_writes_byte_by_byte_is_understood() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let gate = Gate::before(server.config());
    let mut http = Http::tcp(gate.address());
    for byte in post("/mcp/one", &[], CALL.as_bytes()) {
        http.send(&[byte]);
        std::thread::sleep(Duration::from_micros(200));
    }
    assert_eq!(http.answer().status(), 200);
    assert_eq!(server.seen()[0].text(), CALL);
}

#[test]
fn a_request_that_never_ends_is_given_up() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let gate = Gate::before(server.config());
    let request = post("/mcp/one", &[], CALL.as_bytes());
    let chunked = b"POST /mcp/one HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"jso\r\n";
    let parts: [&[u8]; 3] = [b"POST /mcp/one HTTP/1.1\r\nHost: loc", &request[..request.len() - 5], chunked];
    let mut held: Vec<Http> = parts
        .iter()
        .map(|part| {
            let mut http = Http::tcp(gate.address());
            http.send(part);
            http.read_timeout(Duration::from_secs(50));
            http
        })
        .collect();
    for http in &mut held {
        let status = http.try_answer().map(|answer| answer.status());
        assert!(matches!(status, None | Some(400 | 408)), "{status:?}");
        assert!(http.is_closed());
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_client_that_has_hung_up_half_way_leaves_nothing_behind() {
    let server = Upstream::start(|request, reply| {
        if request.text().contains("wait") {
            assert!(reply.is_left(PATIENCE), "a client that is gone is noticed");
            return;
        }
        reply.json("200 OK", r#"{"jsonrpc":"2.0","id":"q","result":{}}"#);
    });
    let gate = Gate::before(server.config());
    // Half a request and then the end: no request.
    for half in
        ["POST /mcp/one HTTP/1.1\r\nHo".as_bytes(), &post("/mcp/one", &[], CALL.as_bytes())[..150], b"\r\n", b""]
    {
        let mut http = Http::tcp(gate.address());
        http.send(half);
        http.half_close();
        let status = http.try_answer().map(|answer| answer.status());
        assert!(matches!(status, None | Some(400)), "{status:?}");
    }
    assert!(server.seen().is_empty());
    // A whole request and then the end: as gone as any other (in 2026-07-28 that is how a request is cancelled), or
    // answered; but never left hanging.
    let mut http = Http::tcp(gate.address());
    http.send(&post("/mcp/one", &[], CALL.as_bytes()));
    http.half_close();
    let status = http.try_answer().map(|answer| answer.status());
    assert!(matches!(status, None | Some(200)), "{status:?}");
    let mut http = Http::tcp(gate.address());
    http.send(&post("/mcp/one", &[], CALL.replace("tools/list", "wait").as_bytes()));
    server.has_seen("wait");
    http.half_close();
    assert!(http.is_closed());
    assert_eq!(ask(gate.address(), "/mcp/one", &[], CALL).status(), 200);
}

#[test]
fn a_client_that_does_not_read_does_not_stop_others_of_the_same_child() {
    // Requests of the modern era share a channel: one that is not read must not stop it for ever.
    let program = "
for message in messages():
    if message['method'] == 'flood':
        for _ in range(3000): say({'jsonrpc': '2.0', 'method': 'notifications/progress', 'params': {'progressToken': message['params']['_meta']['progressToken'], 'progress': 1, 'message': 'y' * 5000}})
    answer(message, {'x': 1})
";
    let gate = Gate::before(children::config(program));
    let request = |method: &str| {
        let params =
            json!({ "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "progressToken": method } });
        json!({ "jsonrpc": "2.0", "id": method, "method": method, "params": params }).to_string()
    };
    let headers = |method: &str| ["MCP-Protocol-Version: 2026-07-28".to_owned(), format!("Mcp-Method: {method}")];
    let mut slow = Http::tcp(gate.address());
    let lines = headers("flood");
    slow.send(&post("/mcp/one", &[&lines[0], &lines[1]], request("flood").as_bytes()));
    assert!(slow.head().is_some());
    assert!(matches!(slow.piece(), Piece::Bytes(_)));
    let lines = headers("other");
    let answer = ask(gate.address(), "/mcp/one", &[&lines[0], &lines[1]], &request("other"));
    assert_eq!(answer.json()["result"]["x"], 1);
}

#[test]
fn a_legacy_call_goes_on_when_its_client_has_gone() {
    let folder = tempfile::TempDir::new().unwrap();
    let done = folder.path().join("done");
    let program = children::greeting(&format!(
        "time.sleep(0.3)\nopen({:?}, 'w').write('done')\nanswer(message, {{'x': 1}})",
        done.display().to_string()
    ));
    let gate = Gate::before(children::config(&program));
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    let call = client.begin("tools/call", json!({ "name": "x" }));
    std::thread::sleep(Duration::from_millis(50));
    client.leave(&call);
    until("the call is done", || done.exists());
    assert!(!gate.running.said().contains("cancelled"));
    assert_eq!(client.request("tools/list", json!({}))["result"]["x"], 1);
}
