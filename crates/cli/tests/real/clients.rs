//! The official client libraries through Gatehold: a program that uses one prints what it saw, and must print the same
//! with Gatehold between. Both eras, over stdio and Streamable HTTP.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use crate::fixtures::Fixtures;
use crate::running::{self, Folder, Running, allow_all, assert_recorded, free_port};
use crate::script::assert_same;

const MODES: [&str; 2] = ["legacy", "auto"];

#[test]
fn the_typescript_client_sees_the_same() {
    let Some(fixtures) = Fixtures::find() else { return };
    let program = vec![fixtures.node.clone(), fixtures.typescript_client()];
    compare_all_ways(&fixtures, &program);
}

#[test]
fn the_python_client_sees_the_same() {
    let Some(fixtures) = Fixtures::find() else { return };
    let program = vec![fixtures.python.clone(), fixtures.python_client()];
    compare_all_ways(&fixtures, &program);
}

fn compare_all_ways(fixtures: &Fixtures, program: &[PathBuf]) {
    let folder = Folder::new();
    let ledger = folder.path().join("ledger");
    let server = fixtures.conformance_server.to_string_lossy().into_owned();
    let own = ["stdio".to_owned(), server.clone(), "stdio".to_owned()];
    let wrapped: Vec<String> = ["stdio", env!("CARGO_BIN_EXE_gatehold"), "wrap", "--ledger"]
        .into_iter()
        .map(str::to_owned)
        .chain([ledger.display().to_string(), "--policy".to_owned(), allow_all(folder.path()).display().to_string()])
        .chain(["--", &server, "stdio"].map(str::to_owned))
        .collect();

    let (_server, port) = start_server(fixtures);
    let url = format!("http://127.0.0.1:{port}/mcp");
    let (_proxy, proxy) = running::proxy(&url, folder.path());
    let children = folder.path().join("children");
    std::fs::create_dir_all(&children).expect("a folder");
    let (_gateway, gateway) = running::serve(json!({ "command": [server, "stdio"] }), &children);

    for mode in MODES {
        let direct = run(program, mode, &own);
        let through = run(program, mode, &wrapped);
        assert_same(&direct, &through, &format!("{mode}, stdio, wrapped"));
        let through = run(program, mode, &http(&format!("http://127.0.0.1:{gateway}/mcp/upstream")));
        assert_same(&direct, &through, &format!("{mode}, stdio server behind HTTP"));

        let direct = run(program, mode, &http(&url));
        let through = run(program, mode, &http(&format!("http://127.0.0.1:{proxy}/mcp")));
        assert_same(&direct, &through, &format!("{mode}, Streamable HTTP, proxied"));
    }
    assert_recorded(&ledger);
}

fn http(url: &str) -> [String; 2] {
    ["http".to_owned(), url.to_owned()]
}

/// Runs the program to its end and gives back its lines, of which the last says that it came to its end.
fn run(program: &[PathBuf], mode: &str, target: &[String]) -> Vec<String> {
    let mut command = Command::new(&program[0]);
    command.args(&program[1..]).arg(mode).args(target);
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let lines: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    let ended = output.status.success() && lines.last().is_some_and(|line| line.contains("\"end\""));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(ended, "{mode} {target:?} ended with {}\n{}\n{words}", output.status, lines.join("\n"));
    lines
}

fn start_server(fixtures: &Fixtures) -> (Running, u16) {
    let port = free_port();
    let mut command = Command::new(&fixtures.conformance_server);
    command.args(["http", "--listen", &format!("127.0.0.1:{port}")]);
    (Running::start(&mut command, port), port)
}
