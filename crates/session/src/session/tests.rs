//! Conversations and what the session makes of them.

use bytes::Bytes;
use gatehold_wire::Limits;

use super::*;
use crate::asked::Subject;
use crate::facts::Transport;
use crate::principal::{Principal, Proof};

fn message(text: &str) -> Message {
    Message::parse(Bytes::copy_from_slice(text.as_bytes()), &Limits::default()).unwrap()
}

fn origin() -> Origin {
    Origin {
        session: "s".into(),
        principal: Principal::new("ann", Proof::LocalUser),
        server: "notes".into(),
        transport: Transport::Stdio,
    }
}

const NOW: Duration = Duration::from_secs(5);

#[test]
fn a_result_is_judged_as_the_answer_to_its_request() {
    let mut session = Session::new();
    let call = message(r#"{"jsonrpc":"2.0","id":"1","method":"tools/call","params":{"name":"read"}}"#);
    let _ = session.observe(Direction::FromClient, &call, NOW).unwrap();
    let other = message(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    let observed = session.observe(Direction::FromServer, &other, NOW).unwrap();
    assert!(observed.answers.is_none(), "the number 1 is not the string 1");
    let result = message(r#"{"jsonrpc":"2.0","id":"1","result":{}}"#);
    let observed = session.observe(Direction::FromServer, &result, NOW + Duration::from_secs(2)).unwrap();
    let origin = origin();
    let facts = observed.facts(&origin, Direction::FromServer, &result);
    assert_eq!(facts.method, Some(Method::ToolsCall));
    assert_eq!(facts.tool.as_deref(), Some("read"));
    assert_eq!(observed.answer_time(), Some(Duration::from_secs(2)));
    assert_eq!(session.pending_count(), 0);
}

#[test]
fn both_sides_may_use_the_same_id() {
    let mut session = Session::new();
    let call = message(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read"}}"#);
    let ask = message(r#"{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{}}"#);
    let _ = session.observe(Direction::FromClient, &call, NOW).unwrap();
    let _ = session.observe(Direction::FromServer, &ask, NOW).unwrap();
    let answer = message(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    let observed = session.observe(Direction::FromClient, &answer, NOW).unwrap();
    assert_eq!(observed.answers.unwrap().0.method(), Method::SamplingCreateMessage);
}

#[test]
fn an_id_in_flight_cannot_be_used_again_to_have_one_answer_taken_for_another() {
    let mut session = Session::new();
    let list = message(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#);
    let call = message(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read"}}"#);
    let _ = session.observe(Direction::FromClient, &list, NOW).unwrap();
    assert_eq!(session.observe(Direction::FromClient, &call, NOW).unwrap_err().code, RefusalCode::NotJsonRpc);
}

#[test]
fn cancelled_requests_make_room_and_others_do_not() {
    let mut session = Session::new();
    for id in 0..PENDING_MAX {
        let call = message(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#));
        let _ = session.observe(Direction::FromClient, &call, NOW).unwrap();
    }
    let more = message(r#"{"jsonrpc":"2.0","id":"more","method":"ping"}"#);
    assert!(session.observe(Direction::FromClient, &more, NOW).is_err());
    let cancel = message(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#);
    let _ = session.observe(Direction::FromClient, &cancel, NOW).unwrap();
    assert!(session.observe(Direction::FromClient, &more, NOW).is_ok());
    assert_eq!(session.pending_count(), PENDING_MAX);
}

#[test]
fn the_agreed_revision_and_the_claims_come_from_the_handshake() {
    let mut session = Session::new();
    let initialize = message(
        r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","clientInfo":{"name":"c","version":"1"}}}"#,
    );
    let _ = session.observe(Direction::FromClient, &initialize, NOW).unwrap();
    let answer = message(
        r#"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18","serverInfo":{"name":"s","version":"2"}}}"#,
    );
    let _ = session.observe(Direction::FromServer, &answer, NOW).unwrap();
    assert_eq!(session.agreed(), Some(Revision::V2025_06_18));
    let list = message(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#);
    let observed = session.observe(Direction::FromClient, &list, NOW).unwrap();
    let origin = origin();
    let facts = observed.facts(&origin, Direction::FromClient, &list);
    assert_eq!(facts.revision, Some(Revision::V2025_06_18));
    assert_eq!(facts.client_claimed.as_deref(), Some("c 1"));
    assert_eq!(facts.server_claimed.as_deref(), Some("s 2"));
}

#[test]
fn a_completion_names_what_its_reference_names() {
    let origin = origin();
    let complete = message(
        r#"{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/resource","uri":"file:///a"},"argument":{"name":"x","value":""}}}"#,
    );
    let facts = Facts::of(&origin, Direction::FromClient, &complete, None);
    assert_eq!(facts.resource.as_deref(), Some("file:///a"));
    assert_eq!(Asked::by(&complete).subject(), Some((Subject::Resource, "file:///a")));
}

#[test]
fn what_is_awaited_can_be_told() {
    let mut session = Session::new();
    let now = Duration::ZERO;
    let parse = |text: &'static str| Message::parse(text.into(), &Limits::default()).unwrap();
    session.observe(Direction::FromClient, &parse(r#"{"jsonrpc":"2.0","id":1,"method":"x"}"#), now).unwrap();
    session.observe(Direction::FromServer, &parse(r#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#), now).unwrap();
    assert!(session.awaits(Direction::FromClient, Id("1")) && !session.awaits(Direction::FromClient, Id("\"1\"")));
    assert!(!session.awaits(Direction::FromClient, Id("2")) && session.awaits(Direction::FromServer, Id("2")));
    assert_eq!(session.awaited_by_client(), ["1".into()]);
    let cancelled = parse(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#);
    session.observe(Direction::FromClient, &cancelled, now).unwrap();
    assert!(session.awaited_by_client().is_empty(), "nobody waits for what was cancelled");
    assert!(session.awaits(Direction::FromClient, Id("1")), "but its answer would be one");
}

#[test]
fn annotations_are_learnt_from_lists_and_counters_count() {
    let mut session = Session::new();
    let list = message(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#);
    session.observe(Direction::FromClient, &list, Duration::ZERO).unwrap();
    let result = message(
        r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"rm","annotations":{"destructiveHint":true,"readOnlyHint":"no"}},{"x":1}]}}"#,
    );
    session.observe(Direction::FromServer, &result, Duration::ZERO).unwrap();
    let call = message(r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"rm"}}"#);
    let observed = session.observe(Direction::FromClient, &call, Duration::ZERO).unwrap();
    assert_eq!((observed.tally.requests, observed.tally.calls), (1, 0), "before this message");
    let origin = origin();
    let hints = observed.facts(&origin, Direction::FromClient, &call).hints.unwrap();
    assert_eq!((hints.destructive, hints.read_only), (Some(true), None), "what is no boolean says nothing");
    session.count_outcome(true, true);
    let other = message(r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"mv"}}"#);
    let observed = session.observe(Direction::FromClient, &other, Duration::ZERO).unwrap();
    assert_eq!(observed.tally, Tally { requests: 2, calls: 1, denied: 1, alarming: 1 });
    assert_eq!(observed.facts(&origin, Direction::FromClient, &other).hints, None);
    let answer = message(r#"{"jsonrpc":"2.0","id":2,"result":{}}"#);
    let observed = session.observe(Direction::FromServer, &answer, Duration::ZERO).unwrap();
    assert_eq!(observed.facts(&origin, Direction::FromServer, &answer).hints, Some(hints), "also of its result");
}

#[test]
fn a_list_of_too_many_tools_is_not_remembered_whole() {
    let mut session = Session::new();
    let list = message(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#);
    session.observe(Direction::FromClient, &list, Duration::ZERO).unwrap();
    let tools: Vec<String> = (0..5000).map(|index| format!(r#"{{"name":"t{index}"}}"#)).collect();
    let long = "x".repeat(300);
    let result = message(&format!(
        r#"{{"jsonrpc":"2.0","id":1,"result":{{"tools":[{{"name":"{long}"}},{}]}}}}"#,
        tools.join(",")
    ));
    session.observe(Direction::FromServer, &result, Duration::ZERO).unwrap();
    for (name, is_known) in [("t0", true), ("t4095", true), ("t4096", false), (long.as_str(), false)] {
        assert_eq!(session.catalogue.hints(name).is_some(), is_known, "{name}");
    }
}
