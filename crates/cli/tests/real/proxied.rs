//! A real server over HTTP, directly and through `gatehold`: Streamable HTTP, and the older pair of a stream and a POST
//! path, each also behind the other kind of listener.

use std::process::Command;

use serde_json::json;

use crate::fixtures::Fixtures;
use crate::remote::{self, Heard};
use crate::running::{self, Folder, Running, assert_recorded, free_port};
use crate::script::assert_same;
use crate::servers::everything_script;

#[test]
fn streamable_http_says_the_same_through_the_proxy() {
    let Some(fixtures) = Fixtures::find() else { return };
    let folder = Folder::new();
    let (_server, port) = start_everything(&fixtures, "streamableHttp");
    let direct = remote::streamable(port, "/mcp", &everything_script());
    let (_gatehold, through) = running::proxy(&format!("http://127.0.0.1:{port}/mcp"), folder.path());
    let through = remote::streamable(through, "/mcp", &everything_script());
    assert_same_heard(&direct, &through, "streamableHttp");
    assert_recorded(&folder.path().join("ledger"));
}

#[test]
fn the_older_transport_says_the_same_through_the_gateway() {
    let Some(fixtures) = Fixtures::find() else { return };
    let folder = Folder::new();
    let (_server, port) = start_everything(&fixtures, "sse");
    let direct = remote::event_pair(port, "/sse", &everything_script());
    let upstream = json!({ "url": format!("http://127.0.0.1:{port}/sse"), "transport": "sse" });
    let (_gatehold, gateway) = running::serve(upstream, folder.path());
    let through = remote::event_pair(gateway, "/sse/upstream", &everything_script());
    assert_same_heard(&direct, &through, "sse to sse");
    let through = remote::streamable(gateway, "/mcp/upstream", &everything_script());
    assert_same(&direct.messages, &through.messages, "streamable to sse");
}

#[test]
fn a_streamable_server_says_the_same_to_a_client_of_the_older_transport() {
    let Some(fixtures) = Fixtures::find() else { return };
    let folder = Folder::new();
    let (_server, port) = start_everything(&fixtures, "streamableHttp");
    let direct = remote::streamable(port, "/mcp", &everything_script());
    let upstream = json!({ "url": format!("http://127.0.0.1:{port}/mcp") });
    let (_gatehold, gateway) = running::serve(upstream, folder.path());
    let through = remote::event_pair(gateway, "/sse/upstream", &everything_script());
    assert_same(&direct.messages, &through.messages, "sse to streamable");
}

fn start_everything(fixtures: &Fixtures, transport: &str) -> (Running, u16) {
    let port = free_port();
    let mut command = Command::new(&fixtures.node);
    command.arg(fixtures.npm_server("server-everything")).arg(transport).env("PORT", port.to_string());
    (Running::start(&mut command, port), port)
}

fn assert_same_heard(direct: &Heard, through: &Heard, what: &str) {
    assert_same(&direct.messages, &through.messages, what);
    assert_eq!(direct.statuses, through.statuses, "{what}: another status");
}
