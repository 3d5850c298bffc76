//! From the first start-up line to the last record: draining, crashes, repairs, health.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

use crate::children;
use crate::client::Client;
use crate::http::{Http, Target, ask, get, post};
use crate::running::{Gate, gatehold, is_alive, run, stderr, until, verify};
use crate::upstream::Upstream;

const CALL: &str = r#"{"jsonrpc":"2.0","id":"q","method":"tools/list"}"#;

#[test]
fn sigterm_lets_a_call_end_and_takes_no_new_one() {
    let server = Upstream::start(|request, reply| {
        std::thread::sleep(Duration::from_millis(if request.text().contains("slow") { 1500 } else { 0 }));
        reply.json("200 OK", r#"{"jsonrpc":"2.0","id":"q","result":{"late":true}}"#);
    });
    let mut gate = Gate::before(server.config());
    let mut idle = Http::tcp(gate.address());
    idle.send(&post("/mcp/one", &[], CALL.as_bytes()));
    assert_eq!(idle.answer().status(), 200);
    let mut slow = Http::tcp(gate.address());
    slow.send(&post("/mcp/one", &[], CALL.replace("tools/list", "slow").as_bytes()));
    server.has_seen("slow");
    let (address, admin) = (gate.address(), gate.admin());
    let started = Instant::now();
    gate.running.signal(Signal::TERM);
    until("not ready", || get(admin, "/readyz", &[]).status() == 503);
    assert!(get(admin, "/readyz", &[]).text().contains("draining"));
    assert_eq!(get(admin, "/healthz", &[]).status(), 200);
    assert!(idle.is_closed(), "a connection that waits for nothing ends");
    until("no new connections", || std::net::TcpStream::connect(address).is_err());
    let answer = slow.answer();
    assert_eq!((answer.status(), answer.json()["result"]["late"].as_bool()), (200, Some(true)));
    assert_eq!(gate.running.ends().code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(6));
    let (code, said) = verify(&gate.path("ledger"));
    assert_eq!(code, 0, "{said}");
    assert!(gate.records().last().unwrap()["event"] == "closed", "{:?}", gate.records().last());
}

/// A gateway with a child and a client on each way in, each with a call under way.
fn busy(folder: &TempDir, stubborn: bool) -> (Gate, Vec<Client>) {
    let pids = folder.path().join("pids");
    let ignore = if stubborn { "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" } else { "" };
    let after = if stubborn { "\ntime.sleep(40)" } else { "" };
    let program = format!(
        "{ignore}open({:?}, 'a').write(str(os.getpid()) + '\\n')\n{}{after}",
        pids.display().to_string(),
        children::greeting("time.sleep(1)\nif 'id' in message: answer(message, {'x': 1})")
    );
    let gate = Gate::serve(json!({
        "listen": ["127.0.0.1:0", "unix:socket"], "servers": { "one": children::config(&program) }, "grace_seconds": 4,
    }));
    let mut clients = vec![
        Client::tcp(gate.address()),
        Client::sse(Target::Tcp(gate.address()), "/sse/one"),
        Client::lines(&gate.path("socket")),
    ];
    for client in &mut clients {
        client.shake_hands("2025-06-18");
    }
    (gate, clients)
}

#[test]
fn sigterm_ends_children_of_every_listener_after_their_calls() {
    let folder = TempDir::new().unwrap();
    let (mut gate, mut clients) = busy(&folder, false);
    let calls: Vec<_> = clients.iter_mut().map(|client| client.begin("tools/list", json!({}))).collect();
    std::thread::sleep(Duration::from_millis(200));
    gate.running.signal(Signal::TERM);
    for (client, call) in clients.iter_mut().zip(&calls) {
        assert_eq!(client.answer(call)["result"]["x"], 1, "a call in flight ends");
    }
    assert_eq!(gate.running.ends().code(), Some(0));
    let pids = children::pids(&folder.path().join("pids"));
    assert_eq!(pids.len(), 3);
    assert!(pids.iter().all(|pid| !is_alive(*pid)), "children outlive the gateway");
    assert_eq!(verify(&gate.path("ledger")).0, 0);
}

#[test]
fn sigterm_ends_children_that_do_not_want_to() {
    let folder = TempDir::new().unwrap();
    let (mut gate, clients) = busy(&folder, true);
    let pids = children::pids(&folder.path().join("pids"));
    assert_eq!(pids.len(), 3);
    drop(clients);
    gate.running.signal(Signal::TERM);
    assert_eq!(gate.running.ends().code(), Some(0));
    assert!(pids.iter().all(|pid| !is_alive(*pid)), "children outlive the gateway");
}

#[test]
fn a_stream_that_is_open_for_ever_does_not_keep_the_gateway_for_ever() {
    let server = crate::answers::Server::start(crate::answers::Style::Events);
    let child = children::config(&children::greeting("answer(message, {'x': 1})"));
    let mut gate = Gate::serve(json!({ "servers": { "one": child, "two": server.config() }, "grace_seconds": 1 }));
    let mut clients = ["/mcp/one", "/mcp/two"].map(|path| Client::http(Target::Tcp(gate.address()), path));
    for client in &mut clients {
        client.shake_hands("2025-06-18");
        client.open_general();
    }
    let started = Instant::now();
    gate.running.signal(Signal::TERM);
    assert_eq!(gate.running.ends().code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    assert_eq!(verify(&gate.path("ledger")).0, 0);
}

#[test]
fn sigint_ends_it_as_well() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let mut gate = Gate::before(server.config());
    ask(gate.address(), "/mcp/one", &[], CALL);
    gate.running.signal(Signal::INT);
    assert_eq!(gate.running.ends().code(), Some(0));
    assert_eq!(verify(&gate.path("ledger")).0, 0);
}

#[test]
fn a_crash_under_load_leaves_a_ledger_that_the_next_start_repairs() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let mut folder = TempDir::new().unwrap();
    let ledger = folder.path().join("ledger");
    for round in 0..3 {
        let mut gate = Gate::serve_in(folder, json!({ "servers": { "one": server.config() } }));
        let address = gate.address();
        let load: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(move || {
                    let mut http = Http::tcp(address);
                    let mut answered = 0;
                    loop {
                        http.send(&post("/mcp/one", &[], CALL.as_bytes()));
                        match http.try_answer() {
                            Some(answer) if answer.complete => answered += 1,
                            _ => return answered,
                        }
                    }
                })
            })
            .collect();
        // A file with nothing but its genesis has nothing to be repaired from: the first answer may take its time.
        let own = gate.running.child.id().to_string();
        let recorded = || {
            let names = std::fs::read_dir(&ledger).unwrap().map(|file| file.unwrap().path());
            let mut files = names.filter(|path| path.to_string_lossy().contains(&format!("-serve-{own}-")));
            files.any(|path| std::fs::read_to_string(path).unwrap().contains("from_server"))
        };
        until("the load is served", recorded);
        std::thread::sleep(Duration::from_millis(150 + 70 * round));
        gate.running.signal(Signal::KILL);
        gate.running.ends();
        let answered: usize = load.into_iter().map(|thread| thread.join().unwrap()).sum();
        let (code, said) = verify(&ledger);
        assert!(code == 0 || said.contains("TORN"), "{said}");
        assert!(!said.contains("BROKEN"), "{said}");
        let results = gate.records().iter().filter(|record| record["direction"] == "from_server").count();
        assert!(results >= answered, "{answered} answers were sent, {results} recorded");
        folder = gate.folder;
    }
    // A record that was cut in the middle.
    let mut files: Vec<_> = std::fs::read_dir(&ledger).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let last = files.last().unwrap();
    let before = std::fs::read(last).unwrap();
    std::fs::write(last, &before[..before.len() - 40]).unwrap();
    let (code, said) = verify(&ledger);
    assert!(code == 1 && said.contains("TORN"), "{said}");
    let mut gate = Gate::serve_in(folder, json!({ "servers": { "one": server.config() } }));
    gate.running.hears("repaired by appending");
    let after = std::fs::read(last).unwrap();
    assert!(
        after.starts_with(&before[..before.len() - 40]) && after.len() > before.len() - 40,
        "nothing was rewritten"
    );
    gate.end_well();
}

#[test]
fn a_ledger_that_was_changed_is_not_valid() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let mut gate = Gate::before(server.config());
    for _ in 0..3 {
        ask(gate.address(), "/mcp/one", &[], CALL);
    }
    gate.end_well();
    let ledger = gate.path("ledger");
    let file = std::fs::read_dir(&ledger)
        .unwrap()
        .map(|file| file.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("\"allow\"", "\"ALLOW\"", 1)).unwrap();
    assert_eq!(verify(&ledger).0, 1);
    std::fs::write(
        &file,
        text.lines().filter(|line| !line.contains("\"seq\":2,")).map(|line| format!("{line}\n")).collect::<String>(),
    )
    .unwrap();
    assert_eq!(verify(&ledger).0, 1);
    std::fs::write(&file, "").unwrap();
    assert_eq!(verify(&ledger).0, 1, "an empty file is not valid");
    let none = run(gatehold().args(["audit", "verify"]).arg(ledger.join("no-such-file")));
    assert_eq!(none.status.code(), Some(2), "{}", stderr(&none));
}

#[test]
fn one_failing_server_takes_nothing_from_another() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let hanging = Upstream::start(|_, reply| {
        reply.is_left(Duration::from_secs(30));
    });
    let gate = Gate::serve(json!({ "servers": {
        "good": server.config(), "gone": { "url": "http://127.0.0.1:1/mcp" }, "hanging": hanging.config(),
        "missing": { "command": ["/no/such/program"] }, "rude": children::config("os._exit(1)"),
    } }));
    let mut stuck = Http::tcp(gate.address());
    stuck.send(&post("/mcp/hanging", &[], CALL.as_bytes()));
    let open =
        json!({ "jsonrpc": "2.0", "id": 5, "method": "initialize", "params": crate::client::opening("2025-06-18") })
            .to_string();
    for path in ["/mcp/gone", "/mcp/missing", "/mcp/rude"] {
        let answer = ask(gate.address(), path, &[], &open);
        assert_eq!((answer.status(), &answer.json()["id"]), (502, &json!(5)), "{path}");
        assert!(!answer.text().contains("/no/such/program"), "what is configured is no client's business");
    }
    assert!(gate.running.said().contains("`/no/such/program` was not found"));
    let started = Instant::now();
    assert_eq!(ask(gate.address(), "/mcp/good", &[], CALL).status(), 200);
    assert!(started.elapsed() < Duration::from_secs(2));
}
