//! `gatehold wrap` around one child: what it gets, how it ends, what is said to whom.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answers::{Server, Style};
use crate::children;
use crate::client::Client;
use crate::running::{gatehold, is_alive, kill, records, run, stderr, until, verify};

/// `gatehold wrap` with flags, around a child that runs `program`.
fn wrap(folder: &TempDir, flags: &[&str], program: &str) -> Command {
    let mut command = gatehold();
    command
        .arg("wrap")
        .arg("--ledger")
        .arg(folder.path().join("ledger"))
        .args(flags)
        .arg("--")
        .args(children::command(program));
    command
}

/// Runs it with an input to its end.
fn with_input(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _gone = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn the_status_of_the_child_is_returned() {
    let folder = TempDir::new().unwrap();
    for (program, status) in [
        ("sys.exit(0)", 0),
        ("sys.exit(3)", 3),
        ("sys.exit(255)", 255),
        ("os.kill(os.getpid(), 9)", 137),
        ("os.kill(os.getpid(), 15)", 143),
        ("for m in messages(): pass\nsys.exit(9)", 9),
    ] {
        assert_eq!(run(&mut wrap(&folder, &[], program)).status.code(), Some(status), "{program}");
    }
    assert_eq!(verify(&folder.path().join("ledger")).0, 0);
}

#[test]
fn a_child_that_cannot_be_started_is_named() {
    let folder = TempDir::new().unwrap();
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "not a program").unwrap();
    let start = |program: &str| {
        run(gatehold().arg("wrap").arg("--ledger").arg(folder.path().join("ledger")).arg("--").arg(program))
    };
    for (program, status, words) in [
        ("/no/such/program", 127, "was not found"),
        ("no-such-program-anywhere", 127, "was not found"),
        (plain.to_str().unwrap(), 126, "cannot be executed"),
        (folder.path().to_str().unwrap(), 126, "cannot be executed"),
    ] {
        let output = start(program);
        assert_eq!(output.status.code(), Some(status), "{program}: {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
        assert!(output.stdout.is_empty(), "not a byte that is not protocol");
    }
}

#[test]
fn nothing_of_the_environment_is_passed_but_what_is_needed_or_named() {
    let folder = TempDir::new().unwrap();
    let seen = folder.path().join("seen");
    let program = format!("open({:?}, 'w').write(json.dumps(dict(os.environ)))", seen.display().to_string());
    let mut command = wrap(&folder, &["--env", "NAMED", "--env", "GIVEN=a=b", "--env", "EMPTY="], &program);
    command
        .env("SECRET_TOKEN", "s3cret")
        .env("NAMED", "from ours")
        .env("GIVEN", "not this")
        .env("LD_PRELOAD_X", "x")
        .env("LC_TIME", "C");
    assert!(run(&mut command).status.success());
    let environment: Value = serde_json::from_str(&std::fs::read_to_string(seen).unwrap()).unwrap();
    assert_eq!(environment["NAMED"], "from ours");
    assert_eq!(environment["GIVEN"], "a=b");
    assert_eq!(environment["EMPTY"], "");
    assert_eq!(environment["LC_TIME"], "C");
    assert!(environment["PATH"].is_string());
    let known = [
        "HOME",
        "LANG",
        "LANGUAGE",
        "LOGNAME",
        "PATH",
        "SHELL",
        "TERM",
        "TMPDIR",
        "TZ",
        "USER",
        "XDG_RUNTIME_DIR",
        "NAMED",
        "GIVEN",
        "EMPTY",
    ];
    for name in environment.as_object().unwrap().keys() {
        // What the interpreter sets by itself is none of ours.
        assert!(known.contains(&name.as_str()) || name.starts_with("LC_"), "{name} was passed");
    }
    let unset = run(&mut wrap(&folder, &["--env", "NOT_SET_AT_ALL"], "pass"));
    assert_eq!(unset.status.code(), Some(2));
    assert!(stderr(&unset).contains("NOT_SET_AT_ALL"), "{}", stderr(&unset));
}

#[test]
fn a_child_that_dies_at_once_is_explained() {
    let folder = TempDir::new().unwrap();
    let mut command = wrap(&folder, &[], "sys.stderr.write('error: WEATHER_PLACE is required\\n'); sys.exit(1)");
    let output = run(command.env("WEATHER_PLACE", "Zurich").env("WEATHER_KEY", "s3cret"));
    let said = stderr(&output);
    assert!(said.contains("error: WEATHER_PLACE is required"), "its own words are passed on: {said}");
    assert!(said.contains("held back") && said.contains(": WEATHER_PLACE.") && said.contains("--env NAME"), "{said}");
    assert!(!said.contains("Zurich") && !said.contains("s3cret"), "names, never values: {said}");
    let mut command = wrap(&folder, &[], "sys.exit(1)");
    let said = stderr(&run(command.env("WEATHER_KEY", "s3cret")));
    assert!(said.contains("WEATHER_KEY"), "{said}");
    let fine = run(&mut wrap(&folder, &[], "sys.exit(0)"));
    assert!(!stderr(&fine).contains("held back"));
}

#[test]
fn the_end_of_the_input_ends_the_child_gently_then_firmly() {
    let folder = TempDir::new().unwrap();
    // Ends by itself.
    let started = Instant::now();
    let output = run(&mut wrap(&folder, &[], "for m in messages(): pass\nsys.exit(4)"));
    assert_eq!(output.status.code(), Some(4));
    assert!(started.elapsed() < Duration::from_secs(2));
    // Needs SIGTERM, and may tidy up.
    let tidied = folder.path().join("tidied");
    let program = format!(
        "def tidy(*_):\n    open({:?}, 'w').write('x')\n    os._exit(5)\nsignal.signal(signal.SIGTERM, tidy)\nwhile True: time.sleep(0.05)",
        tidied.display().to_string()
    );
    let output = run(&mut wrap(&folder, &[], &program));
    assert_eq!((output.status.code(), tidied.exists()), (Some(5), true));
    // Needs SIGKILL.
    let output =
        run(&mut wrap(&folder, &[], "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(0.05)"));
    assert_eq!(output.status.code(), Some(137));
}

#[test]
fn a_call_that_is_under_way_when_the_input_ends_is_answered() {
    let folder = TempDir::new().unwrap();
    let program = children::greeting("time.sleep(0.5)\nanswer(message, {'late': True})");
    let output = with_input(
        &mut wrap(&folder, &[], &program),
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"}\n{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"x\"}",
    );
    let answers: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 2, "also the last line, which has no end");
    assert!(answers.iter().all(|answer| answer["result"]["late"] == true));
}

#[test]
fn a_question_of_the_server_that_nobody_answers_delays_no_end() {
    let folder = TempDir::new().unwrap();
    let program = "say({'jsonrpc': '2.0', 'id': 'r', 'method': 'roots/list'})\nfor m in messages(): pass";
    let mut client = Client::stdio(&mut wrap(&folder, &[], program));
    client.next_with(|message| message["method"] == "roots/list");
    let started = Instant::now();
    client.hang_up();
    assert!(client.is_left());
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[test]
fn grandchildren_end_with_the_child() {
    let folder = TempDir::new().unwrap();
    let pids = folder.path().join("pids");
    let grandchild =
        "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.alarm(60); time.sleep(60)";
    let program = format!(
        "import subprocess\np = subprocess.Popen([sys.executable, '-I', '-S', '-c', {grandchild:?}])\nopen({:?}, 'a').write(str(p.pid) + '\\n')\nfor m in messages(): pass",
        pids.display().to_string()
    );
    let started = Instant::now();
    let output = run(&mut wrap(&folder, &[], &program));
    assert_eq!(output.status.code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(5));
    let grandchild = children::pids(&pids)[0];
    until("the grandchild is gone", || !is_alive(grandchild));
}

#[test]
fn a_signal_ends_the_child_first() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let folder = TempDir::new().unwrap();
        let pids = folder.path().join("pids");
        let program = format!(
            "open({:?}, 'a').write(str(os.getpid()) + '\\n')\nsignal.signal(signal.SIGTERM, lambda *_: os._exit(6))\nsay({{'jsonrpc': '2.0', 'method': 'notifications/x'}})\nwhile True: time.sleep(0.05)",
            pids.display().to_string()
        );
        let mut client = Client::stdio(&mut wrap(&folder, &[], &program));
        client.next();
        let running = client.running.as_mut().unwrap();
        running.signal(signal);
        assert_eq!(running.ends().code(), Some(6), "{signal:?}");
        assert!(!is_alive(children::pids(&pids)[0]));
        let (code, said) = verify(&folder.path().join("ledger"));
        assert_eq!(code, 0, "{said}");
    }
}

#[test]
fn a_remote_server_is_left_in_order_on_a_signal() {
    let server = Server::start(Style::Events);
    for signal in [Some(Signal::TERM), None] {
        let folder = TempDir::new().unwrap();
        let mut command = gatehold();
        command.arg("wrap").arg("--ledger").arg(folder.path().join("ledger")).args(["--url", &server.url()]);
        let mut client = Client::stdio(&mut command);
        client.shake_hands("2025-06-18");
        client.request("tools/list", json!({}));
        let before = server.upstream.seen().iter().filter(|request| request.method == "DELETE").count();
        match signal {
            Some(signal) => client.running.as_ref().unwrap().signal(signal),
            None => client.hang_up(),
        }
        assert_eq!(client.running.as_mut().unwrap().ends().code(), Some(0));
        let deleted = server.upstream.seen().iter().filter(|request| request.method == "DELETE").count();
        assert_eq!(deleted, before + 1, "the server's session is ended");
        let (code, said) = verify(&folder.path().join("ledger"));
        assert_eq!(code, 0, "{said}");
    }
}

#[test]
fn a_child_that_does_not_read_and_dies_leaves_nobody_waiting() {
    let folder = TempDir::new().unwrap();
    let mut child = wrap(&folder, &[], "time.sleep(0.7)\nos._exit(8)")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let line = format!(
        "{}\n",
        json!({ "jsonrpc": "2.0", "method": "notifications/x", "params": { "x": "y".repeat(500_000) } })
    );
    let writer = std::thread::spawn(move || while stdin.write_all(line.as_bytes()).is_ok() {});
    let (pid, started) = (child.id(), Instant::now());
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > Duration::from_secs(10) {
            kill(pid, Signal::KILL);
            panic!("it hangs");
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    assert_eq!((status.code(), status.signal()), (Some(8), None));
    writer.join().unwrap();
}

#[test]
fn a_client_that_does_not_read_and_goes_leaves_nothing_running() {
    let folder = TempDir::new().unwrap();
    let pids = folder.path().join("pids");
    let program = format!(
        "open({:?}, 'a').write(str(os.getpid()) + '\\n')\nwhile True: say({{'jsonrpc': '2.0', 'method': 'notifications/x', 'params': {{'x': 'y' * 50000}}}})",
        pids.display().to_string()
    );
    let mut child = wrap(&folder, &[], &program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut first = [0_u8; 1000];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    drop(child.stdout.take());
    drop(child.stdin.take());
    until("it ends", || !is_alive(child.id()));
    until("its child ends", || children::pids(&pids).iter().all(|pid| !is_alive(*pid)));
    let _status = child.wait();
}

#[test]
fn large_messages_pass_both_ways() {
    let folder = TempDir::new().unwrap();
    let program = children::greeting("if 'id' in message: answer(message, {'text': message['params']['text']})");
    let mut client = Client::stdio(&mut wrap(&folder, &[], &program));
    client.shake_hands("2025-06-18");
    let text = "y".repeat(8 << 20);
    assert_eq!(client.request("x", json!({ "text": text }))["result"]["text"], text.as_str());
}

#[test]
fn several_wraps_write_into_one_folder() {
    let folder = TempDir::new().unwrap();
    let program = children::greeting("if 'id' in message: answer(message, {'x': 1})");
    let mut clients: Vec<Client> = (0..6).map(|_| Client::stdio(&mut wrap(&folder, &[], &program))).collect();
    for client in &mut clients {
        client.shake_hands("2025-06-18");
    }
    for _ in 0..10 {
        let calls: Vec<Value> = clients.iter_mut().map(|client| client.begin("x", json!({}))).collect();
        for (client, call) in clients.iter_mut().zip(&calls) {
            assert_eq!(client.answer(call)["result"]["x"], 1);
        }
    }
    for client in &mut clients {
        client.hang_up();
        assert_eq!(client.running.as_mut().unwrap().ends().code(), Some(0));
    }
    let ledger = folder.path().join("ledger");
    assert_eq!(verify(&ledger).0, 0);
    let count = records(&ledger).iter().filter(|record| record["mcp"]["method"] == "x").count();
    assert_eq!(count, 6 * 10 * 2);
}

#[test]
fn a_policy_guards_standard_streams_too() {
    let folder = TempDir::new().unwrap();
    let policy = folder.path().join("policy.yaml");
    std::fs::write(
        &policy,
        "version: 1\ndefault: allow\nrules:\n  - {name: no, action: deny, match: {server: named, tool: echo}}\n",
    )
    .unwrap();
    let flags = ["--policy", policy.to_str().unwrap(), "--server", "named"];
    let program =
        children::greeting("if 'id' in message: answer(message, {'tools': [{'name': 'echo'}, {'name': 'b'}]})");
    let mut client = Client::stdio(&mut wrap(&folder, &flags, &program));
    client.shake_hands("2025-06-18");
    assert_eq!(client.request("tools/list", json!({}))["result"]["tools"], json!([{ "name": "b" }]));
    assert_eq!(client.call("echo", json!({}))["error"]["message"], "Unknown tool: echo");
    client.running.as_mut().unwrap().hears("is enforced");
}
