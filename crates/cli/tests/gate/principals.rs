//! Two users of one machine at one Unix socket: neither can use, see or end what is the other's, also when it knows the
//! id. These tests need to be root to become somebody else; otherwise they say so and check what they can.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answers::{Server, Style};
use crate::children::{self, python};
use crate::client::{Client, opening};
use crate::http::{Http, Target, ask, post};
use crate::running::{Gate, run};

/// Somebody else.
const STRANGER: u32 = 65534;

/// Sends bytes over the socket as another user and gives what comes back within a moment.
fn as_stranger(socket: &Path, bytes: &[u8]) -> String {
    let program = "
import os, socket, sys
os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
s = socket.socket(socket.AF_UNIX); s.settimeout(0.4); s.connect(sys.argv[2])
s.sendall(bytes.fromhex(sys.argv[3]))
try:
    while chunk := s.recv(65536): sys.stdout.buffer.write(chunk)
except TimeoutError: pass
";
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut command = Command::new(python());
    command.args(["-I", "-S", "-c", program, &STRANGER.to_string()]).arg(socket).arg(hex);
    let output = run(&mut command);
    assert!(output.status.success(), "{}", crate::running::stderr(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// A gateway whose socket everybody may open.
fn open_to_all(server: Value) -> (Gate, TempDir) {
    let place = TempDir::new().unwrap();
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let socket = place.path().join("socket");
    let gate = Gate::serve(json!({
        "listen": ["127.0.0.1:0", format!("unix:{}", socket.display())], "servers": { "one": server },
    }));
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "a socket is its owner's until the owner says otherwise");
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o666)).unwrap();
    (gate, place)
}

#[test]
fn a_session_of_one_user_is_unknown_to_another() {
    let server = Server::start(Style::Json);
    for config in [server.config(), children::config(&children::greeting("answer(message, {'x': 1})"))] {
        let (gate, place) = open_to_all(config);
        let socket = place.path().join("socket");
        let mut client = Client::http(Target::Unix(socket.clone()), "/mcp/one");
        client.shake_hands("2025-06-18");
        let header = format!("Mcp-Session-Id: {}", client.session());
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
        // Over TCP everybody is anonymous.
        assert_eq!(ask(gate.address(), "/mcp/one", &[&header], call).status(), 404);
        if is_root() {
            let stream =
                format!("GET /mcp/one HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{header}\r\n\r\n");
            let end = format!("DELETE /mcp/one HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n");
            for request in [post("/mcp/one", &[&header], call.as_bytes()), stream.into_bytes(), end.into_bytes()] {
                let answer = as_stranger(&socket, &request);
                assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
            }
            let wrong = as_stranger(&socket, &post("/mcp/one", &["Mcp-Session-Id: no-such"], call.as_bytes()));
            let guessed = as_stranger(&socket, &post("/mcp/one", &[&header], call.as_bytes()));
            let without_date =
                |text: &str| text.lines().filter(|line| !line.starts_with("date:")).collect::<Vec<_>>().join("\n");
            assert_eq!(without_date(&wrong), without_date(&guessed), "another's looks like none");
        }
        assert!(client.request("tools/list", json!({}))["result"].is_object(), "it still belongs to the first");
    }
}

#[test]
fn a_stream_of_one_user_takes_no_messages_of_another() {
    let (gate, place) = open_to_all(children::config(&children::greeting("answer(message, {'x': 1})")));
    let socket = place.path().join("socket");
    let mut client = Client::sse(Target::Unix(socket.clone()), "/sse/one");
    client.shake_hands("2024-11-05");
    let call = r#"{"jsonrpc":"2.0","id":"FORGED","method":"tools/list"}"#;
    assert_eq!(ask(gate.address(), &client.post_to(), &[], call).status(), 404);
    if is_root() {
        let answer = as_stranger(&socket, &post(&client.post_to(), &[], call.as_bytes()));
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    assert_eq!(client.request("tools/list", json!({}))["result"]["x"], 1);
    assert!(!Value::Array(gate.records()).to_string().contains("FORGED"));
}

#[test]
fn stateless_requests_of_two_users_never_share_a_child() {
    let folder = TempDir::new().unwrap();
    let pids = folder.path().join("pids");
    let program = format!(
        "open({:?}, 'a').write(str(os.getpid()) + '\\n')\nfor message in messages(): answer(message, {{'pid': os.getpid()}})",
        pids.display().to_string()
    );
    let (_gate, place) = open_to_all(children::config(&program));
    let socket = place.path().join("socket");
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
    let request =
        post("/mcp/one", &["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: server/discover"], body.as_bytes());
    for _ in 0..2 {
        let mut http = Http::connect(&Target::Unix(socket.clone()));
        http.send(&request);
        assert_eq!(http.answer().status(), 200);
    }
    assert_eq!(children::pids(&pids).len(), 1, "one user shares one");
    if is_root() {
        assert!(as_stranger(&socket, &request).starts_with("HTTP/1.1 200"));
        assert_eq!(children::pids(&pids).len(), 2, "another has its own");
    }
}

#[test]
fn records_say_who_it_was() {
    let (gate, place) = open_to_all(children::config(&children::greeting("answer(message, {'x': 1})")));
    let socket = place.path().join("socket");
    let message =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": opening("2025-06-18") }).to_string();
    ask(gate.address(), "/mcp/one", &[], &message);
    let mut lines = Client::lines(&socket);
    lines.shake_hands("2025-06-18");
    let subjects = |gate: &Gate| -> Vec<String> {
        gate.records().iter().filter_map(|record| record["actor"]["sub"].as_str().map(ToOwned::to_owned)).collect()
    };
    let own = format!("uid:{}", rustix::process::getuid().as_raw());
    assert!(subjects(&gate).contains(&"anonymous".to_owned()));
    assert!(subjects(&gate).contains(&own), "{:?}", subjects(&gate));
    if is_root() {
        as_stranger(&socket, format!("{message}\n").as_bytes());
        assert!(subjects(&gate).contains(&format!("uid:{STRANGER}")));
    }
}
