//! Bodies that two readers could read in two ways, from either side, over every framing: refused, recorded, and never
//! sent on.

use std::io::{Read, Write};
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::children;
use crate::client::{Client, opening};
use crate::http::{Http, ask, post};
use crate::running::{Gate, gatehold, records};
use crate::upstream::Upstream;

/// Bodies and the name of the finding that each becomes. `MARK` must never arrive on the other side.
const BAD: &[(&[u8], &str)] = &[
    (br#"{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"MARK"}"#, "duplicate_key"),
    (br#"{"jsonrpc":"2.0","id":1,"m\u0065thod":"tools/list","method":"MARK"}"#, "duplicate_key"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"MARK"}}"#, "duplicate_key"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"x":{"y":1,"y":"MARK"}}}}"#, "duplicate_key"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Name":"MARK"}}"#, "folded_key"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"tools/list","Method":"MARK"}"#, "folded_key"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"tools/list","ID":"MARK"}"#, "folded_key"),
    ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"a\",\"argument\u{17f}\":{\"x\":\"MARK\"}}}".as_bytes(), "folded_key"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"MARK\ud800"}}"#, "lone_surrogate"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"MARK\udc00\ud800"}}"#, "lone_surrogate"),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"MARK\xff\"}", "invalid_utf8"),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"MARK\xed\xa0\x80\"}", "invalid_utf8"),
    (b"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"MARK\"}", "invalid_utf8"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"MARK"} {}"#, "trailing_bytes"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"MARK"}x"#, "trailing_bytes"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"MARK",}"#, "invalid_json"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"MARK","params":{"x":NaN}}"#, "invalid_json"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"MARK","params":{"x":01}}"#, "invalid_json"),
    (br#"{'jsonrpc':'2.0','id':1,'method':'MARK'}"#, "invalid_json"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"MARK"/**/}"#, "invalid_json"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"MARK"#, "invalid_json"),
    (br#"{"jsonrpc":"1.0","id":1,"method":"MARK"}"#, "not_json_rpc"),
    (br#"{"jsonrpc":"2.0","id":null,"method":"MARK"}"#, "not_json_rpc"),
    (br#"{"jsonrpc":"2.0","id":1.5,"method":"MARK"}"#, "not_json_rpc"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"MARK","result":{}}"#, "not_json_rpc"),
    (br#"{"jsonrpc":"2.0","id":1,"method":"MARK","params":[]}"#, "not_json_rpc"),
    (br#""MARK""#, "not_json_rpc"),
];

fn finding(record: &Value) -> &str {
    record["findings"][0]["rule"].as_str().unwrap_or_default()
}

fn unreadable(records: &[Value], direction: &str) -> Vec<String> {
    let ours = records.iter().filter(|record| record["kind"] == "unreadable" && record["direction"] == direction);
    ours.map(|record| finding(record).to_owned()).collect()
}

#[test]
fn a_client_over_http_is_refused_and_told() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let gate = Gate::before(server.config());
    let mut http = Http::tcp(gate.address());
    for (body, reason) in BAD {
        http.send(&post("/mcp/one", &[], body));
        let answer = http.answer();
        let shown = String::from_utf8_lossy(body);
        assert_eq!(answer.status(), 400, "{shown}");
        assert_eq!(answer.json()["error"]["data"]["reason"], *reason, "{shown}");
        assert!(!answer.text().contains("MARK"), "nothing of the message is repeated: {shown}");
    }
    assert!(server.seen().is_empty(), "{:?}", server.seen());
    let recorded = unreadable(&gate.records(), "from_client");
    assert_eq!(recorded, BAD.iter().map(|(_, reason)| *reason).collect::<Vec<_>>());
}

#[test]
fn a_client_on_standard_streams_is_refused_and_told() {
    let folder = TempDir::new().unwrap();
    let seen = folder.path().join("seen");
    let program = format!("open({:?}, 'w').write(sys.stdin.read())", seen.display().to_string());
    let mut child = gatehold()
        .arg("wrap")
        .arg("--ledger")
        .arg(folder.path().join("ledger"))
        .arg("--")
        .args(children::command(&program))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for (body, _) in BAD {
        stdin.write_all(body).unwrap();
        stdin.write_all(b"\n").unwrap();
    }
    drop(stdin);
    let mut told = String::new();
    child.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(child.wait().unwrap().success());
    let reasons: Vec<String> = told
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["error"]["data"]["reason"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(reasons, BAD.iter().map(|(_, reason)| *reason).collect::<Vec<_>>());
    assert_eq!(std::fs::read_to_string(seen).unwrap(), "", "the child read nothing");
    assert_eq!(unreadable(&records(&folder.path().join("ledger")), "from_client").len(), BAD.len());
}

/// Answers of a server that must not reach the client, `ID` standing for the id of the request.
const BAD_ANSWERS: &[(&str, &str)] = &[
    (r#"{"jsonrpc":"2.0","id":ID,"result":{"content":[],"content":["MARK"]}}"#, "duplicate_key"),
    (r#"{"jsonrpc":"2.0","id":ID,"result":{"tools":[],"Tools":["MARK"]}}"#, "folded_key"),
    (r#"{"jsonrpc":"2.0","id":ID,"result":{},"Result":{"x":"MARK"}}"#, "folded_key"),
    (r#"{"jsonrpc":"2.0","id":ID,"result":{"x":"MARK\ud83d"}}"#, "lone_surrogate"),
    (r#"{"jsonrpc":"2.0","id":ID,"result":{},"error":{"code":1,"message":"MARK"}}"#, "not_json_rpc"),
    (r#"{"jsonrpc":"2.0","id":ID,"result":"MARK"}"#, "not_json_rpc"),
    (r#"{"jsonrpc":"2.0","id":ID,"result":{"x":"MARK"}"#, "invalid_json"),
];

#[test]
fn a_server_over_http_is_withheld_and_the_request_answered() {
    for (body, reason) in BAD_ANSWERS {
        let server = Upstream::answering("200 OK", body);
        let gate = Gate::before(server.config());
        let answer = ask(gate.address(), "/mcp/one", &[], r#"{"jsonrpc":"2.0","id":"q","method":"tools/list"}"#);
        assert_eq!(answer.status(), 502, "{body}");
        assert_eq!((&answer.json()["id"], &answer.json()["error"]["data"]["reason"]), (&json!("q"), &json!(reason)));
        assert!(!answer.text().contains("MARK"), "{body}");
        assert_eq!(unreadable(&gate.records(), "from_server"), [*reason]);
    }
}

#[test]
fn a_server_inside_a_stream_of_events_is_withheld_and_the_request_answered() {
    for (body, reason) in BAD_ANSWERS {
        let server = Upstream::start(move |request, reply| {
            reply.events(&[]);
            reply.event(&json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": "info" } }));
            reply.chunk(format!("data: {}\n\n", body.replace("ID", &request.id())).as_bytes());
            reply.end();
        });
        let gate = Gate::before(server.config());
        let answer = ask(gate.address(), "/mcp/one", &[], r#"{"jsonrpc":"2.0","id":"q","method":"tools/list"}"#);
        assert!(answer.status() == 200 && answer.complete, "{body}");
        assert!(answer.text().contains("notifications/message"), "what came before has passed: {}", answer.text());
        assert_eq!((&answer.json()["id"], &answer.json()["error"]["data"]["reason"]), (&json!("q"), &json!(reason)));
        assert!(!answer.text().contains("MARK"), "{body}");
    }
}

#[test]
fn a_child_is_withheld_and_the_request_answered() {
    let bad: Vec<&str> = BAD_ANSWERS.iter().map(|(body, _)| *body).collect();
    let program = format!(
        "bad = json.loads({:?})\nlines = iter(bad)\n{}",
        json!(bad).to_string(),
        children::greeting("raw(next(lines).replace('ID', json.dumps(message['id'])) + '\\n')")
    );
    let gate = Gate::before(children::config(&program));
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    for (body, reason) in BAD_ANSWERS {
        let answer = client.request("tools/list", json!({}));
        assert_eq!(answer["error"]["data"]["reason"], *reason, "{body}: {answer}");
        assert!(!answer.to_string().contains("MARK"), "{body}");
    }
    assert_eq!(unreadable(&gate.records(), "from_server").len(), BAD_ANSWERS.len());
}

#[test]
fn a_child_behind_standard_streams_is_withheld_and_the_request_answered() {
    let bad: Vec<&str> = BAD_ANSWERS.iter().map(|(body, _)| *body).collect();
    let program = format!(
        "lines = iter(json.loads({:?}))\n{}",
        json!(bad).to_string(),
        children::greeting(
            "if 'id' in message and 'method' in message: raw(next(lines).replace('ID', json.dumps(message['id'])) + '\\n')"
        )
    );
    let folder = TempDir::new().unwrap();
    let mut command = gatehold();
    command.arg("wrap").arg("--ledger").arg(folder.path()).arg("--").args(children::command(&program));
    let mut client = Client::stdio(&mut command);
    client.shake_hands("2025-06-18");
    for (body, reason) in BAD_ANSWERS {
        let answer = client.request("tools/list", json!({}));
        assert_eq!(answer["error"]["data"]["reason"], *reason, "{body}: {answer}");
        assert!(!answer.to_string().contains("MARK"), "{body}");
    }
}

#[test]
fn rubbish_of_a_child_is_dropped_and_recorded_and_the_protocol_goes_on() {
    let program = format!(
        "raw('Starting up...\\n\\x1b[31mred\\n')\n{}",
        children::greeting(
            "raw('about to answer\\n')\nanswer(message, {'content': []})\nraw(b'\\xff\\xfe\\n{\"half\": \\n')"
        )
    );
    let folder = TempDir::new().unwrap();
    let mut command = gatehold();
    command.arg("wrap").arg("--ledger").arg(folder.path()).arg("--").args(children::command(&program));
    let mut client = Client::stdio(&mut command);
    client.shake_hands("2025-06-18");
    for _ in 0..3 {
        assert_eq!(client.call("x", json!({}))["result"]["content"], json!([]));
    }
    client.hang_up();
    assert!(client.is_left());
    assert!(client.others.is_empty(), "{:?}", client.others);
    let recorded = unreadable(&records(folder.path()), "from_server");
    assert_eq!(recorded.len(), 2 + 3 * 3, "{recorded:?}");
}

#[test]
fn rubbish_of_a_child_behind_http_does_not_answer_a_request() {
    let program = format!("raw('hello\\n')\n{}", children::greeting("raw('thinking\\n')\nanswer(message, {'x': 1})"));
    let gate = Gate::before(children::config(&program));
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-06-18");
    assert_eq!(client.call("x", json!({}))["result"]["x"], 1);
}

#[test]
fn too_deep_and_too_wide_bodies_are_refused() {
    let server = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{}}"#);
    let gate = Gate::serve(json!({
        "servers": { "one": server.config() },
        "limits": { "message_bytes_max": 100_000, "depth_max": 10, "members_max": 50 },
    }));
    let nested = |depth: usize| {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"a":{}{}}}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    assert_eq!(ask(gate.address(), "/mcp/one", &[], &nested(8)).status(), 200);
    let deep = ask(gate.address(), "/mcp/one", &[], &nested(9));
    assert_eq!((deep.status(), deep.json()["error"]["data"]["reason"].as_str()), (400, Some("too_deep")));
    let bomb = ask(gate.address(), "/mcp/one", &[], &"[".repeat(99_000));
    assert_eq!(bomb.status(), 400);
    let members: Vec<String> = (0..51).map(|number| format!("\"k{number}\":0")).collect();
    let wide = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{{}}}}}"#, members.join(","));
    let wide = ask(gate.address(), "/mcp/one", &[], &wide);
    assert_eq!((wide.status(), wide.json()["error"]["data"]["reason"].as_str()), (400, Some("too_many_members")));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn batches_pass_where_the_revision_has_them_and_nowhere_else() {
    let server = Upstream::start(|request, reply| {
        if request.json().is_array() {
            let answers: Vec<Value> = request
                .json()
                .as_array()
                .unwrap()
                .iter()
                .filter(|one| one.get("id").is_some())
                .map(|one| json!({ "jsonrpc": "2.0", "id": one["id"], "result": { "was": one["method"] } }))
                .collect();
            return reply.json("200 OK", &json!(answers).to_string());
        }
        let version = request.json()["params"]["protocolVersion"].clone();
        let answer = json!({
            "jsonrpc": "2.0", "id": request.json()["id"],
            "result": { "protocolVersion": version, "capabilities": {}, "serverInfo": { "name": "s", "version": "1" } },
        });
        let headers = ["Content-Type: application/json", "Mcp-Session-Id: s"];
        reply.whole("200 OK", &headers, answer.to_string().as_bytes());
    });
    let gate = Gate::ruled(
        server.config(),
        "version: 1\ndefault: allow\nrules:\n  - {name: no, action: deny, match: {method: x/denied}}\n",
    );
    let batch = r#"[{"jsonrpc":"2.0","id":1,"method":"tools/list"}, {"jsonrpc":"2.0","id":2,"method":"x/denied"},{"jsonrpc":"2.0","method":"notifications/x"}]"#;
    for revision in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        let open = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": opening(revision) });
        let opened = ask(gate.address(), "/mcp/one", &[], &open.to_string());
        let session = format!("Mcp-Session-Id: {}", opened.header("mcp-session-id").unwrap());
        let answer = ask(gate.address(), "/mcp/one", &[&session], batch);
        if revision == "2025-03-26" {
            assert_eq!(answer.status(), 200, "{}", answer.text());
            let answers = answer.json();
            let find = |id: i64| answers.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone();
            assert_eq!(find(1)["result"]["was"], "tools/list");
            assert_eq!(find(2)["error"]["code"], 4030);
            assert_eq!(answers.as_array().unwrap().len(), 2);
        } else {
            assert_eq!((answer.status(), answer.json()["error"]["data"]["reason"].as_str()), (400, Some("batch")));
        }
    }
    let modern = ask(gate.address(), "/mcp/one", &["MCP-Protocol-Version: 2026-07-28"], batch);
    assert_eq!(modern.status(), 400);
    assert!(server.seen().iter().all(|request| !request.text().contains("x/denied")), "{:?}", server.seen());
    assert_eq!(server.seen_with("notifications/x"), 1);
}

#[test]
fn a_batch_whose_requests_are_all_refused_is_answered_although_its_notification_went_on() {
    let server = Upstream::start(|_, reply| reply.whole("202 Accepted", &[], b""));
    let gate = Gate::ruled(server.config(), "version: 1\nrules: []\n");
    let batch = r#"[{"jsonrpc":"2.0","id":1,"method":"x/denied"},{"jsonrpc":"2.0","method":"notifications/x"}]"#;
    let answer = ask(gate.address(), "/mcp/one", &["MCP-Protocol-Version: 2025-03-26"], batch);
    assert_eq!((answer.status(), answer.header("content-type")), (200, Some("application/json")), "{answer:?}");
    assert_eq!((answer.json()[0]["id"].as_i64(), server.seen_with("notifications/x")), (Some(1), 1));
}

#[test]
fn a_batch_through_a_child_comes_back_as_one() {
    let gate = Gate::before(children::config(&children::greeting(
        "if 'id' in message: answer(message, {'was': message['method']})",
    )));
    let mut client = Client::tcp(gate.address());
    client.shake_hands("2025-03-26");
    let session = format!("Mcp-Session-Id: {}", client.session());
    let batch = r#"[{"jsonrpc":"2.0","id":"a","method":"tools/list"},{"jsonrpc":"2.0","id":"b","method":"ping"}]"#;
    let answer = ask(gate.address(), "/mcp/one", &[&session], batch).json();
    let ids: Vec<&str> = answer.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "b"]);
    let nested = ask(gate.address(), "/mcp/one", &[&session], &format!("[{batch}]"));
    assert_eq!(nested.status(), 400);
    assert_eq!(ask(gate.address(), "/mcp/one", &[&session], "[]").status(), 400);
}

#[test]
fn a_batch_from_a_server_is_no_answer_where_the_revision_has_none() {
    let server = Upstream::start(|request, reply| {
        let body = format!(r#"[{{"jsonrpc":"2.0","id":{},"result":{{"x":"MARK"}}}}]"#, request.id());
        reply.json("200 OK", &body);
    });
    let gate = Gate::before(server.config());
    let headers = ["MCP-Protocol-Version: 2025-06-18"];
    let answer = ask(gate.address(), "/mcp/one", &headers, r#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#);
    assert_eq!((answer.status(), &answer.json()["id"]), (502, &json!(7)), "{}", answer.text());
    assert!(!answer.text().contains("MARK"));
    let modern = r#"{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
    let headers = ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/list"];
    assert_eq!(ask(gate.address(), "/mcp/one", &headers, modern).status(), 502);
}

#[test]
fn a_batch_inside_an_event_passes_in_the_revision_that_has_batches() {
    let server = Upstream::start(|request, reply| {
        reply.events(&[]);
        let both = format!(
            r#"[{{"jsonrpc":"2.0","method":"notifications/message","params":{{"level":"info"}}}},{{"jsonrpc":"2.0","id":{},"result":{{"x":1}}}}]"#,
            request.id()
        );
        reply.chunk(format!("id: 5\ndata: {both}\n\n").as_bytes());
        reply.end();
    });
    let gate = Gate::before(server.config());
    let request = r#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#;
    let answer = ask(gate.address(), "/mcp/one", &["MCP-Protocol-Version: 2025-03-26"], request);
    assert_eq!(answer.json()[1]["result"]["x"], 1, "{}", answer.text());
    assert!(answer.text().starts_with("id: 5\n"), "{}", answer.text());
    let later = ask(gate.address(), "/mcp/one", &["MCP-Protocol-Version: 2025-06-18"], request);
    assert_eq!(later.json()["error"]["data"]["reason"], "batch", "{}", later.text());
}

#[test]
fn arguments_over_a_limit_are_refused_and_those_at_it_pass() {
    let upstream = Upstream::answering("200 OK", r#"{"jsonrpc":"2.0","id":ID,"result":{"content":[]}}"#);
    let gate = Gate::serve(json!({
        "servers": { "one": upstream.config() },
        "limits": { "argument_bytes_max": 2000, "arguments_bytes_max": 3000 },
    }));
    // An argument as written has its quotes, and the arguments their braces, keys and separators.
    let call = |one: usize, other: usize| {
        let arguments = json!({ "a": "x".repeat(one - 2), "b": "y".repeat(other - 2) });
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "t", "arguments": arguments } })
            .to_string()
    };
    let around = r#"{"a":,"b":}"#.len();
    assert_eq!(
        ask(gate.address(), "/mcp/one", &[], &call(2000, 3000 - 2000 - around)).json()["result"]["content"],
        json!([])
    );
    let large = ask(gate.address(), "/mcp/one", &[], &call(2001, 100)).json();
    assert!(large["error"]["message"].as_str().unwrap().contains("limits.argument_bytes_max"), "{large}");
    assert_eq!(large["id"], 1, "whoever waits is told");
    let many = ask(gate.address(), "/mcp/one", &[], &call(2000, 3001 - 2000 - around)).json();
    assert!(many["error"]["message"].as_str().unwrap().contains("limits.arguments_bytes_max"), "{many}");
    assert_eq!(upstream.seen_with("tools/call"), 1, "what is over a limit is not sent");
}
