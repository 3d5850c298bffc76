//! Which messages rules see: the table in the documentation of `policy`, row by row.

use gatehold_wire::Revision;

use super::{deny_only, one_rule};
use crate::scene::{Scene, policy};

#[test]
fn housekeeping_needs_no_rule() {
    let closed = policy("version: 1\n");
    for method in [
        "initialize",
        "ping",
        "server/discover",
        "tools/list",
        "prompts/list",
        "resources/list",
        "resources/templates/list",
        "logging/setLevel",
        "subscriptions/listen",
        "tasks/get",
        "tasks/result",
        "tasks/list",
        "tasks/update",
        "tasks/cancel",
    ] {
        assert_eq!(Scene::request(method).verdict(&closed), "allow protocol", "{method}");
    }
    for method in ["notifications/initialized", "notifications/cancelled", "notifications/x/unknown"] {
        let json = format!(r#"{{"jsonrpc":"2.0","method":"{method}"}}"#);
        assert_eq!(Scene::from_client(&json).verdict(&closed), "allow protocol", "{method}");
        assert_eq!(Scene::from_server(&json).verdict(&closed), "allow protocol", "{method}");
    }
    let result = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
    assert_eq!(Scene::from_client(result).verdict(&closed), "allow protocol");
    let error = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"x"}}"#;
    assert_eq!(Scene::from_server(error).verdict(&closed), "allow protocol");
}

#[test]
fn everything_else_is_denied_by_default() {
    let closed = policy("version: 1\n");
    for method in
        ["resources/directory/read", "tools/Call", "notifications/x", "", "tools/list ", "sampling/createMessage"]
    {
        assert_eq!(Scene::request(method).verdict(&closed), "deny default", "{method}");
    }
    assert_eq!(Scene::call("x", "{}").verdict(&closed), "deny default hidden");
    assert_eq!(Scene::read("file:///x").verdict(&closed), "deny default hidden");
    for method in ["sampling/createMessage", "elicitation/create", "roots/list", "tools/list", "made/up"] {
        let json = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
        assert_eq!(Scene::from_server(&json).verdict(&closed), "deny default", "{method}");
    }
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    assert_eq!(Scene::from_server(ping).verdict(&closed), "allow protocol");
}

#[test]
fn a_call_without_an_id_is_still_a_call() {
    let closed = policy("version: 1\n");
    let scene = Scene::from_client(r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"x"}}"#);
    assert_eq!(scene.verdict(&closed), "deny default hidden");
    assert_eq!(scene.verdict(&deny_only("{tool: x}")), "deny one hidden");
}

#[test]
fn an_explicit_rule_wins_over_housekeeping() {
    let policy = one_rule("deny", "{method: [ping, \"notifications/*\", tools/list]}");
    assert_eq!(Scene::request("ping").verdict(&policy), "deny one");
    assert_eq!(Scene::request("tools/list").verdict(&policy), "deny one");
    let log = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{}}"#;
    assert_eq!(Scene::from_server(log).verdict(&policy), "deny one");
}

#[test]
fn rules_without_direction_do_not_see_answers() {
    let policy = deny_only("{server: notes}");
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}"#;
    let result = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
    assert_eq!(Scene::from_client(call).verdict(&policy), "deny one hidden");
    assert_eq!(Scene::answer(call, result).verdict(&policy), "allow protocol");
}

#[test]
fn rules_about_what_comes_from_a_server() {
    let policy = deny_only("{direction: from_server, tool: x}");
    let call = |tool: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}"}}}}"#);
    let result = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
    let error = r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}}"#;
    assert_eq!(Scene::from_client(&call("x")).verdict(&policy), "allow default");
    assert_eq!(Scene::answer(&call("x"), result).verdict(&policy), "deny one");
    assert_eq!(Scene::answer(&call("x"), error).verdict(&policy), "deny one");
    assert_eq!(Scene::answer(&call("y"), result).verdict(&policy), "allow protocol");
    // An answer to nothing known might be the one that is meant.
    assert_eq!(Scene::from_server(result).verdict(&policy), "deny policy-error");
}

#[test]
fn requests_of_the_server() {
    let policy = policy(
        "version: 1
rules:
  - {name: no-sampling, action: deny, match: {method: sampling/createMessage}}
  - {name: ask, action: allow, match: {direction: from_server, method: elicitation/create}}
",
    );
    let from_server =
        |method: &str| Scene::from_server(&format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{}}}}"#));
    assert_eq!(from_server("sampling/createMessage").verdict(&policy), "deny no-sampling");
    assert_eq!(from_server("elicitation/create").verdict(&policy), "allow ask");
    assert_eq!(from_server("roots/list").verdict(&policy), "deny default");
    assert_eq!(Scene::request("elicitation/create").verdict(&policy), "deny default");
}

#[test]
fn input_that_a_result_asks_for_is_decided_as_if_it_were_requested() {
    let policy = policy(
        "version: 1
rules:
  - {name: calls, action: allow, match: {method: tools/call}}
  - {name: ask, action: allow, match: {method: elicitation/create}}
",
    );
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}"#;
    let asking = |kind: &str, requests: &str| {
        let result =
            format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"resultType":"{kind}","inputRequests":{requests}}}}}"#);
        Scene::answer(call, &result)
    };
    let elicit = r#"{"a":{"method":"elicitation/create","params":{}}}"#;
    let both = r#"{"a":{"method":"elicitation/create"},"b":{"method":"sampling\/createMessage"}}"#;
    assert_eq!(asking("input_required", elicit).verdict(&policy), "allow protocol");
    assert_eq!(asking("input_required", both).verdict(&policy), "deny default");
    assert_eq!(asking("something_else", both).verdict(&policy), "deny default");
    assert_eq!(asking("input_required", r#"[{"method":"roots/list"}]"#).verdict(&policy), "deny default");
    assert_eq!(asking("input_required", r#"{"a":{}}"#).verdict(&policy), "deny default");
    assert_eq!(asking("input_required", "null").verdict(&policy), "allow protocol");
    // A legacy result may hold anything by that name; one that claims to ask is taken at its word.
    let legacy = Revision::V2025_11_25;
    assert_eq!(asking("x", both).speaking(legacy).verdict(&policy), "allow protocol");
    assert_eq!(asking("input_required", both).speaking(legacy).verdict(&policy), "deny default");
    let tasks = format!(r#"{{"jsonrpc":"2.0","method":"notifications/tasks","params":{{"inputRequests":{both}}}}}"#);
    assert_eq!(Scene::from_server(&tasks).verdict(&policy), "deny default");
}

#[test]
fn elicitation_demanded_by_an_error_is_elicitation() {
    let error = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32042,"message":"m","data":{"elicitations":[]}}}"#;
    assert_eq!(Scene::from_server(error).verdict(&deny_only("{method: elicitation/create}")), "deny one");
    assert_eq!(Scene::from_server(error).verdict(&policy("version: 1\n")), "deny default");
    assert_eq!(Scene::from_server(error).verdict(&policy("version: 1\ndefault: allow\n")), "allow protocol");
}

#[test]
fn subscriptions_follow_reading() {
    let policy = policy(
        "version: 1
rules:
  - {name: secrets, action: deny, match: {method: resources/read, resource: \"note://secret/*\"}}
  - {name: notes, action: allow, match: {method: resources/read, resource: \"note://*\"}}
",
    );
    for method in ["resources/read", "resources/subscribe", "resources/unsubscribe"] {
        assert_eq!(Scene::on_uri(method, "note://a").verdict(&policy), "allow notes", "{method}");
        assert_eq!(Scene::on_uri(method, "note://secret/a").verdict(&policy), "deny secrets hidden", "{method}");
        assert_eq!(Scene::on_uri(method, "file:///x").verdict(&policy), "deny default hidden", "{method}");
    }
    let listen = |uris: &str| {
        Scene::from_client(&format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{{"notifications":{{"resourceSubscriptions":{uris}}}}}}}"#
        ))
    };
    assert_eq!(listen("[]").verdict(&policy), "allow protocol");
    assert_eq!(listen(r#"["note://a","note://b"]"#).verdict(&policy), "allow protocol");
    assert_eq!(listen(r#"["note://a","note:\/\/secret/b"]"#).verdict(&policy), "deny secrets hidden");
    assert_eq!(listen(r#"["note://a",7]"#).verdict(&policy), "deny policy-error");
    assert_eq!(listen(r#"{"0":"note://secret/a"}"#).verdict(&policy), "deny policy-error");
}

#[test]
fn completion_follows_what_it_refers_to() {
    let policy = policy(
        "version: 1
rules:
  - {name: greet, action: allow, match: {method: prompts/get, prompt: greet, arguments: {name: {glob: \"A*\"}}}}
  - {name: notes, action: allow, match: {method: resources/read, resource: \"note://{id}\"}}
",
    );
    let complete = |reference: &str| {
        Scene::from_client(&format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{{"ref":{reference},"argument":{{"name":"n","value":"v"}}}}}}"#
        ))
    };
    assert_eq!(complete(r#"{"type":"ref/prompt","name":"greet"}"#).verdict(&policy), "allow greet");
    assert_eq!(complete(r#"{"type":"ref/prompt","name":"secret"}"#).verdict(&policy), "deny default hidden");
    assert_eq!(complete(r#"{"type":"ref/resource","uri":"note://{id}"}"#).verdict(&policy), "allow notes");
    assert_eq!(complete(r#"{"type":"ref/resource","uri":"file:///{p}"}"#).verdict(&policy), "deny default hidden");
    // Two references at once, or none: nobody knows which one the server takes.
    assert_eq!(complete(r#"{"name":"greet","uri":"file:///x"}"#).verdict(&policy), "deny default");
    assert_eq!(complete("{}").verdict(&policy), "deny default");
    assert_eq!(complete("{}").verdict(&deny_only("{prompt: secret}")), "deny policy-error");
}

#[test]
fn what_is_hidden_is_what_no_arguments_could_reach() {
    let policy = policy(
        "version: 1
rules:
  - {name: no-etc, action: deny, match: {tool: read, arguments: {path: \"/etc/*\"}}}
  - {name: read, action: allow, match: {tool: read}}
  - {name: count, action: allow, match: {tool: count, arguments: {n: {below: 5}}}}
",
    );
    assert_eq!(Scene::call("read", r#"{"path":"/etc/passwd"}"#).verdict(&policy), "deny no-etc");
    assert_eq!(Scene::call("read", r#"{"path":"/srv/x"}"#).verdict(&policy), "allow read");
    assert_eq!(Scene::call("count", r#"{"n":7}"#).verdict(&policy), "deny default");
    assert_eq!(Scene::call("other", "{}").verdict(&policy), "deny default hidden");
}
