//! Starting with something wrong: a clear error on standard error, the right exit status, nothing half begun.

use std::net::TcpListener;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::ask;
use crate::running::{Gate, Running, gatehold, run, stderr, write_config};
use crate::upstream::Upstream;

/// Starts `gatehold serve` with a text as its configuration; gives its exit status and what it said.
fn serve(folder: &Path, config: &str) -> (Option<i32>, String) {
    std::fs::write(folder.join("gatehold.yaml"), config).unwrap();
    let output = run(gatehold()
        .args(["serve", "--ledger"])
        .arg(folder.join("ledger"))
        .arg("--config")
        .arg(folder.join("gatehold.yaml")));
    assert!(output.stdout.is_empty(), "{:?}", String::from_utf8_lossy(&output.stdout));
    (output.status.code(), stderr(&output))
}

#[test]
fn errors_in_the_configuration_are_shown_where_they_are() {
    let folder = TempDir::new().unwrap();
    for (config, words) in [
        ("serverz: {}", &["unknown key `serverz`", "did you mean `servers`?", "gatehold.yaml:1:1"][..]),
        ("servers: {a: {url: 'http://127.0.0.1:1/', tranport: http}}", &["did you mean `transport`?"]),
        ("servers: {a: {url: 'http://127.0.0.1:1/'}}\nlimits: {depth_mx: 3}", &["did you mean `depth_max`?", ":2:"]),
        ("servers: {a: {url: 'http://127.0.0.1:1/'}}\nlimits: {depth_max: 100000}", &["a whole number from 4 to 512"]),
        ("servers: {a: {url: 'http://127.0.0.1:1/'}}\nservers: {}", &["gatehold.yaml:2"]),
        ("servers: {a: {command: 'npx server'}}", &["`command` is a list", "no shell"]),
        ("servers: {a: {command: [x], url: 'http://x/'}}", &["either `command` or `url`"]),
        ("servers: {'a b': {url: 'http://x/'}}", &["cannot be the name of a server"]),
        ("servers: {a__b: {url: 'http://x/'}}", &["cannot be the name of a server"]),
        ("servers: {a: {url: 'http://user:pw@x/'}}", &["must not hold a user name or a password"]),
        ("servers: {a: {url: 'http://x/', headers: {A: '${env:NOT_SET_AT_ALL}'}}}", &["NOT_SET_AT_ALL is not set"]),
        ("servers: {a: {url: 'http://127.0.0.1:1/'}}\nlisten: ['10.0.0.1']", &["is not an address to listen on"]),
        ("servers: {a: {url: 'http://127.0.0.1:1/'}}\nadmin: {listen: '0.0.0.0:0'}", &["must be on loopback"]),
        ("servers: {a: {url: 'http://127.0.0.1:1/'}}\npolicy: none.yaml", &["none.yaml cannot be read"]),
        ("- a\n- b", &["not a table"]),
        ("servers: {a: &x {url: 'http://127.0.0.1:1/'}, b: {<<: *x}}", &["gatehold.yaml:1"]),
        ("\u{0}", &["gatehold.yaml"]),
        ("", &["no server is configured"]),
    ] {
        let (status, said) = serve(folder.path(), config);
        assert_eq!(status, Some(2), "{config}: {said}");
        for word in words {
            assert!(said.contains(word), "{config}: {word:?} in {said}");
        }
        assert!(!said.contains("listening"), "{said}");
    }
    assert!(!folder.path().join("ledger").exists(), "nothing was begun");
    let missing = run(gatehold().args(["serve", "--config", "/no/such/file.yaml"]));
    assert_eq!(missing.status.code(), Some(2));
    assert!(
        stderr(&missing).contains("does not exist") && stderr(&missing).contains("config example"),
        "{}",
        stderr(&missing)
    );
    let secret = "servers: {a: {url: 'http://x/', headers: {'bad name': 's3cret'}}}";
    assert!(!serve(folder.path(), secret).1.contains("s3cret, "), "{secret}");
}

#[test]
fn a_wrong_flag_names_the_right_one() {
    for (arguments, words) in [
        (&["serve", "--confg", "x"][..], "--config"),
        (&["srve"], "serve"),
        (&["wrap"], "COMMAND"),
        (&["proxy"], "--upstream"),
        (&["wrap", "--url", "http://x/", "--", "cat"], "cannot be used with"),
        (&["proxy", "--upstream", "ftp://x"], "must begin with http"),
        (&["proxy", "--upstream", "http://x/", "--listen", "nowhere"], "127.0.0.1:8642"),
        (&["proxy", "--upstream", "http://x/", "--admin-listen", "0.0.0.0:1"], "loopback"),
        (&["proxy", "--upstream", "http://x/", "--header", "no-equals"], "NAME=VALUE"),
        (&["serve", "--mode", "lenient"], "audit"),
        (&["audit", "verify", "--level", "9", "."], "level"),
    ] {
        let output = run(gatehold().args(arguments));
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{arguments:?}: {words:?} in {}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn listening_beyond_loopback_needs_to_be_said() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let folder = TempDir::new().unwrap();
    let config = json!({ "servers": { "one": server.config() }, "listen": ["0.0.0.0:0"] });
    let (status, said) = serve(folder.path(), &config.to_string());
    assert_eq!(status, Some(2));
    for word in [
        "refusing to listen on 0.0.0.0:0",
        "clients are not authenticated",
        "--insecure-listen",
        "insecure_listen: true",
    ] {
        assert!(said.contains(word), "{word} in {said}");
    }
    let output = run(gatehold()
        .args(["proxy", "--upstream", &server.url(), "--listen", "[::]:0", "--ledger"])
        .arg(folder.path()));
    assert_eq!(output.status.code(), Some(2));
    for listen in ["127.0.0.2:0", "localhost:0", ":0"] {
        write_config(folder.path(), json!({ "servers": { "one": server.config() }, "listen": [listen] }));
        let check = run(gatehold().args(["serve", "--check", "--config"]).arg(folder.path().join("gatehold.yaml")));
        assert_eq!(check.status.code(), Some(0), "{listen} is loopback: {}", stderr(&check));
    }
    write_config(folder.path(), config);
    let path = folder.path().join("gatehold.yaml");
    let gate = Gate::start(folder, gatehold().args(["serve", "--insecure-listen", "--config"]).arg(path));
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], gate.address().port()));
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    assert_eq!(ask(address, "/mcp/one", &[], call).status(), 200);
}

#[test]
fn a_port_or_socket_in_use_is_named() {
    let folder = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let config =
        |listen: &str| json!({ "servers": { "a": { "url": "http://127.0.0.1:1/" } }, "listen": [listen] }).to_string();
    let (status, said) = serve(folder.path(), &config(&address.to_string()));
    assert_eq!(status, Some(2));
    assert!(said.contains(&address.to_string()) && said.contains("Another program uses it"), "{said}");

    let socket = folder.path().join("socket");
    let held = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let (status, said) = serve(folder.path(), &config("unix:socket"));
    assert!(status == Some(2) && said.contains("another process listens on it"), "{said}");
    drop(held);
    std::fs::remove_file(&socket).unwrap();
    std::fs::write(&socket, "precious").unwrap();
    let (status, said) = serve(folder.path(), &config("unix:socket"));
    assert!(status == Some(2) && said.contains("not a socket"), "{said}");
    assert_eq!(std::fs::read_to_string(&socket).unwrap(), "precious", "it was not removed");
}

#[test]
fn a_socket_that_a_crash_has_left_is_replaced() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let config = json!({ "listen": ["unix:socket"], "servers": { "one": server.config() } });
    let mut gate = Gate::serve(config.clone());
    gate.running.signal(rustix::process::Signal::KILL);
    gate.running.ends();
    assert!(gate.path("socket").exists());
    let gate = Gate::serve_in(gate.folder, config);
    let mut http = crate::http::Http::connect(&crate::http::Target::Unix(gate.path("socket")));
    http.send(&crate::http::post("/mcp/one", &[], br#"{"jsonrpc":"2.0","id":1,"method":"x"}"#));
    assert_eq!(http.answer().status(), 200);
}

#[test]
fn an_unreachable_server_does_not_stop_the_start_and_is_explained_when_asked() {
    let folder = TempDir::new().unwrap();
    let mut command = gatehold();
    command
        .args(["proxy", "--upstream", "http://127.0.0.1:1/mcp", "--listen", "127.0.0.1:0", "--ledger"])
        .arg(folder.path().join("ledger"));
    let mut gate = Gate::start(folder, &mut command);
    gate.running.hears("no policy: everything is allowed and recorded");
    gate.running.hears("clients connect to http://127.0.0.1:");
    let answer = ask(gate.address(), "/mcp", &[], r#"{"jsonrpc":"2.0","id":4,"method":"tools/list"}"#);
    assert_eq!((answer.status(), &answer.json()["id"]), (502, &json!(4)));
    gate.running.hears("no connection to http://127.0.0.1:1");

    let folder = TempDir::new().unwrap();
    let mut command = gatehold();
    command.args(["wrap", "--url", "http://127.0.0.1:1/mcp", "--ledger"]).arg(folder.path());
    let mut client = crate::client::Client::stdio(&mut command);
    let answer = client.request("initialize", crate::client::opening("2025-06-18"));
    assert!(answer["error"]["message"].as_str().unwrap().contains("could not be reached"), "{answer}");
}

#[test]
fn secrets_of_the_configuration_are_said_nowhere() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("token"), "fr0m-file\n").unwrap();
    write_config(
        folder.path(),
        json!({ "servers": { "one": {
        "url": server.url(),
        "headers": { "Authorization": "Bearer ${env:UPSTREAM_TOKEN}", "X-File": "${file:token}", "X-Plain": "pl4in" },
    } } }),
    );
    let path = folder.path().join("gatehold.yaml");
    let mut gate =
        Gate::start(folder, gatehold().args(["serve", "--config"]).arg(path).env("UPSTREAM_TOKEN", "s3cret"));
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    ask(gate.address(), "/mcp/one", &["Authorization: Bearer of-the-client", "X-Plain: other"], call);
    let seen = &server.seen()[0];
    assert_eq!(seen.header("authorization"), Some("Bearer s3cret"));
    assert_eq!((seen.header("x-file"), seen.header("x-plain")), (Some("fr0m-file"), Some("pl4in")));
    gate.end_well();
    let everything = format!("{}{}", gate.running.said(), Value::Array(gate.records()));
    for secret in ["s3cret", "fr0m-file", "pl4in", "of-the-client"] {
        assert!(!everything.contains(secret), "{secret}");
    }
}

#[test]
fn two_gateways_write_into_one_folder() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let folder = TempDir::new().unwrap();
    let start = || {
        let mut command = gatehold();
        command.args(["proxy", "--upstream", &server.url(), "--listen", "127.0.0.1:0", "--ledger"]).arg(folder.path());
        let mut running =
            Running::start(command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null()));
        running.hears("recording in");
        running
    };
    let mut both = [start(), start()];
    for running in &both {
        let said = running.said();
        let address =
            said.split("listening on http://").nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap();
        assert_eq!(ask(address, "/mcp", &[], r#"{"jsonrpc":"2.0","id":1,"method":"x"}"#).status(), 200);
    }
    for running in &mut both {
        running.signal(rustix::process::Signal::TERM);
        assert_eq!(running.ends().code(), Some(0));
    }
    assert_eq!(crate::running::verify(folder.path()).0, 0);
}
