//! The gateway as the resource that clients sign in for: the official client libraries find the way by themselves, from the
//! refusal over the metadata to a token for the gateway, and once more when a tool needs a scope that they have not.

use std::process::Command;

use serde_json::{Value, json};

use crate::fixtures::Fixtures;
use crate::running::{Folder, Running, allow_all, assert_recorded, free_port, gatehold};

#[test]
fn the_typescript_client_signs_in_and_asks_for_more_when_a_tool_needs_it() {
    let Some(fixtures) = Fixtures::find() else { return };
    let calls =
        json!({ "toolCalls": [{ "name": "test_simple_text" }, { "name": "greet", "arguments": { "name": "Ada" } }] });
    let mut command = Command::new(&fixtures.node);
    command.arg(fixtures.script("conformance-client.mjs")).args(["direct", "-", "-"]);
    command.env("MCP_CONFORMANCE_CONTEXT", calls.to_string());
    sign_in(&fixtures, command);
}

#[test]
fn the_python_client_signs_in_and_asks_for_more_when_a_tool_needs_it() {
    let Some(fixtures) = Fixtures::find() else { return };
    let mut command = Command::new(&fixtures.python);
    command.arg(fixtures.python_signing_in());
    sign_in(&fixtures, command);
}

/// Runs the client, which takes the URL as its last word, to its end, and looks at what the authorization server saw.
fn sign_in(fixtures: &Fixtures, mut client: Command) {
    let folder = Folder::new();
    let seen = folder.path().join("seen");
    let (issuing, port) = (free_port(), free_port());
    let mut authority = Command::new(&fixtures.node);
    authority.arg(fixtures.script("authority.mjs")).arg(issuing.to_string()).arg(&seen);
    let _authority = Running::start(&mut authority, issuing);
    let issuer = format!("http://127.0.0.1:{issuing}");
    let ledger = folder.path().join("ledger");
    let configuration = json!({
        "listen": [format!("127.0.0.1:{port}")],
        "authentication": {
            "resource": format!("http://127.0.0.1:{port}"),
            "issuers": { "main": { "issuer": issuer, "jwks": format!("{issuer}/keys") } },
            "required_scopes": ["mcp"],
            "scopes": [{ "servers": "upstream", "tools": "greet", "require": ["greet.use"] }],
        },
        "fetch": { "http_on_loopback": true },
        "servers": { "upstream": { "command": [fixtures.conformance_server, "stdio"] } },
        "ledger": { "folder": ledger },
        "policy": allow_all(folder.path()),
    });
    let file = folder.path().join("gatehold.yaml");
    std::fs::write(&file, configuration.to_string()).expect("the configuration");
    let _gateway = Running::start(gatehold().args(["serve", "--config"]).arg(&file), port);

    let output = client.arg(format!("http://127.0.0.1:{port}/mcp/upstream")).output().expect("the client");
    let (said, words) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let requests = std::fs::read_to_string(&seen).unwrap_or_default();
    assert!(output.status.success(), "{}\n{said}\n{words}\n{requests}", output.status);
    assert!(said.contains("test_simple_text") && said.contains("\"greet\""), "{said}\n{words}\n{requests}");

    let requests: Vec<Value> = requests.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let to = |path: &str| -> Vec<&Value> { requests.iter().filter(|request| request["path"] == path).collect() };
    assert!(!to("/.well-known/oauth-authorization-server").is_empty() && !to("/register").is_empty());
    let asked = to("/authorize");
    let scopes: Vec<Vec<&str>> =
        asked.iter().map(|request| request["scope"].as_str().unwrap_or_default().split(' ').collect()).collect();
    assert_eq!(asked.len(), 2, "once to come in, once for the tool: {scopes:?}");
    assert!(scopes[0].contains(&"mcp") && !scopes[0].contains(&"greet.use"), "{scopes:?}");
    assert!(scopes[1].contains(&"mcp") && scopes[1].contains(&"greet.use"), "{scopes:?}");
    let here = format!("http://127.0.0.1:{port}");
    for request in asked.iter().chain(&to("/token")) {
        assert!(request["resource"].as_str().is_some_and(|resource| resource.starts_with(&here)), "{request}");
    }
    assert_recorded(&ledger);
}
