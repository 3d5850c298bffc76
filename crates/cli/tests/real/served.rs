//! The five real servers as children of `gatehold serve`, used by a plain HTTP client: the messages must be those that
//! the server writes when it is used directly.

use serde_json::json;

use crate::fixtures::Fixtures;
use crate::remote;
use crate::running::{self, Folder, assert_recorded};
use crate::script::assert_same;
use crate::servers::{self, Server, settled};
use crate::stdio;

#[test]
fn five_stdio_servers_say_the_same_over_http() {
    let Some(fixtures) = Fixtures::find() else { return };
    let folder = Folder::new();
    for index in 0..servers::all(&fixtures, folder.path()).len() {
        let server = servers::all(&fixtures, folder.path()).remove(index);
        let direct = stdio::play(&mut server.command(), &server.script);
        let direct = sorted(direct.lines);

        let server = servers::all(&fixtures, folder.path()).remove(index);
        let own = folder.path().join(format!("gatehold-{index}"));
        std::fs::create_dir_all(&own).expect("a folder");
        let (_gatehold, port) = running::serve(json!({ "command": words(&server) }), &own);
        let through = remote::streamable(port, "/mcp/upstream", &server.script);
        assert_same(&direct, &sorted(through.messages), server.name);
        assert_recorded(&own.join("ledger"));
    }
}

#[test]
fn a_stdio_server_says_the_same_over_the_older_pair_of_paths() {
    let Some(fixtures) = Fixtures::find() else { return };
    let folder = Folder::new();
    let server = servers::all(&fixtures, folder.path()).remove(1);
    let direct = sorted(stdio::play(&mut server.command(), &server.script).lines);
    let (_gatehold, port) = running::serve(json!({ "command": words(&server) }), folder.path());
    let through = remote::event_pair(port, "/sse/upstream", &server.script);
    assert_same(&direct, &sorted(through.messages), server.name);
}

fn words(server: &Server) -> Vec<String> {
    server.words.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

fn sorted(lines: Vec<String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.iter().map(|line| settled(line)).collect();
    lines.sort();
    lines
}
