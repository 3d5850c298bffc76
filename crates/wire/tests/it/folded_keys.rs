//! Keys that look like the protocol's and are not (CVE-2026-27896 and its kin).

use bytes::Bytes;
use gatehold_wire::{Limits, Message, RefusalCode};

fn code(text: &str) -> Option<RefusalCode> {
    Message::parse(Bytes::copy_from_slice(text.as_bytes()), &Limits::default()).err().map(|refusal| refusal.code)
}

fn request(params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#)
}

fn result(result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#)
}

const ENVELOPES: &[&str] = &[
    r#"{"jsonrpc":"2.0","id":1,"method":"ping","ID":2}"#,
    r#"{"jsonrpc":"2.0","id":1,"method":"ping","Params":{}}"#,
    r#"{"JSONRPC":"2.0","id":1,"method":"ping"}"#,
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"param\u{17f}\":{}}",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"re\u{17f}ult\":{}}",
    r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m","Code":2}}"#,
];

const PARAMS: &[&str] = &[
    r#"{"name":"a","Name":"b"}"#,
    r#"{"NAME":"b"}"#,
    r#"{"nam\u0045":"b"}"#,
    r#"{"Arguments":{}}"#,
    "{\"argument\u{17f}\":{}}",
    r#"{"argument\u017f":{}}"#,
    "{\"progre\u{17f}sToken\":1}",
    "{\"progre\u{df}Token\":1}",
    "{\"progressTo\u{212a}en\":1}",
    "{\"ta\u{212a}Id\":1,\"tas\u{212a}Id\":1}",
    "{\"tas\u{212a}\":{}}",
    "{\"ur\u{131}\":\"x\"}",
    "{\"UR\u{130}\":\"x\"}",
    "{\"uri\u{307}\":\"x\"}",
    "{\"\u{ff4e}ame\":1}",
    "{\"\u{ff2e}\u{ff21}\u{ff2d}\u{ff25}\":1}",
    "{\"na\u{200b}me\":1}",
    "{\"name\u{feff}\":1}",
    "{\"na\\u00adme\":1}",
    "{\"reque\u{fb06}Id\":1}",
    "{\"\u{1d427}ame\":1}",
    "{\"\u{24dd}ame\":1}",
    r#"{"_META":{}}"#,
    "{\"\u{ff3f}meta\":{}}",
    r#"{"inputresponses":{}}"#,
    r#"{"RequestState":""}"#,
    r#"{"taskid":""}"#,
    r#"{"ref":{"Name":1}}"#,
    r#"{"ref":{"type":"ref/prompt","Uri":1}}"#,
    r#"{"argument":{"name":"a","Value":1}}"#,
    r#"{"_meta":{"ProgressToken":1}}"#,
    r#"{"_meta":{"io.modelcontextprotocol/protocolversion":1}}"#,
    r#"{"_meta":{"IO.modelcontextprotocol\/clientInfo":1}}"#,
    r#"{"capabilities":{"Sampling":{}}}"#,
    r#"{"_meta":{"io.modelcontextprotocol/clientCapabilities":{"Elicitation":{}}}}"#,
    r#"{"notifications":{"ResourceSubscriptions":["x"]}}"#,
    r#"{"context":{"Arguments":{}}}"#,
    r#"{"result":{"Content":[]}}"#,
    r#"{"inputRequests":{"a":{"method":"roots/list","params":{"URL":"x"}}}}"#,
];

const RESULTS: &[&str] = &[
    r#"{"tools":[],"Tools":[]}"#,
    r#"{"isError":false,"iserror":true}"#,
    r#"{"Content":[]}"#,
    r#"{"nextcursor":"x"}"#,
    r#"{"structuredcontent":1}"#,
    r#"{"resulttype":"x"}"#,
    r#"{"Instructions":""}"#,
    "{\"in\u{17f}tructions\":\"\"}",
    r#"{"_meta":{"io.modelcontextprotocol/SERVERINFO":{}}}"#,
    r#"{"tools":[{"name":"a"},{"name":"b","Name":"c"}]}"#,
    r#"{"tools":[{"name":"a","DESCRIPTION":"x"}]}"#,
    r#"{"content":[{"type":"text","text":"a","Text":"b"}]}"#,
    r#"{"content":[{"type":"resource","resource":{"uri":"a","URI":"b"}}]}"#,
    r#"{"resources":[{"Uri":"x"}]}"#,
    r#"{"contents":[{"uri":"x","Blob":""}]}"#,
    r#"{"capabilities":{"TOOLS":{}}}"#,
    r#"{"inputRequests":{"a":{"method":"roots/list","Method":"sampling/createMessage"}}}"#,
    r#"{"result":{"content":[{"Text":"x"}]}}"#,
    r#"{"task":{"TaskId":"x"}}"#,
    r#"{"error":{"Message":"x"}}"#,
];

#[test]
fn folded_keys_are_refused_where_the_protocol_reads() {
    let envelopes = ENVELOPES.iter().map(|text| (*text).to_owned());
    let params = PARAMS.iter().map(|params| request(params));
    let results = RESULTS.iter().map(|members| result(members));
    let texts = envelopes.chain(params).chain(results);
    for text in texts {
        assert_eq!(code(&text), Some(RefusalCode::FoldedKey), "{text}");
    }
}

#[test]
fn variants_are_lawful_where_the_peers_are_free() {
    let params = [
        r#"{"name":"a","arguments":{"name":1,"Name":2,"NAME":3,"Params":{"ID":1}}}"#,
        r#"{"name":"a","x":{"Name":1}}"#,
        r#"{"names":1,"nam":2,"name_":3,"arg":{}}"#,
        r#"{"_meta":{"Name":1,"custom":{"ProgressToken":1}}}"#,
        "{\"\u{43d}ame\":1,\"n\u{e4}me\":1}",
        "{\"\u{fc}\":1,\"na\\nme\":1}",
        r#"{"":1}"#,
        r#"{"inputResponses":{"a":{"Action":"accept"}}}"#,
        r#"{"notifications":{"Tools":1}}"#,
        r#"{"\u006eame":"a","arg\u0075ments":{}}"#,
    ];
    let results = [
        r#"{"structuredContent":{"Name":1,"Tools":[{"Name":1}]},"custom":{"Content":1}}"#,
        r#"{"tools":[{"name":"a","inputSchema":{"properties":{"Name":{},"name":{}},"Type":"x"}}]}"#,
        r#"{"tools":{"Name":1},"content":[[{"Text":1}],"x",{"x":{"Text":1}}]}"#,
        r#"{"messages":[{"Role":"x"}]}"#,
        r#"{"inputRequests":{"Method":{"method":"roots/list"},"method":{"method":"roots/list"}}}"#,
    ];
    for text in params.map(request).into_iter().chain(results.map(result)) {
        assert_eq!(code(&text), None, "{text}");
    }
}

#[test]
fn exact_duplicates_are_refused_even_in_arguments() {
    for params in [r#"{"arguments":{"a":1,"a":2}}"#, r#"{"arguments":{"x":[{"n\u0061me":1,"name":2}]}}"#] {
        assert_eq!(code(&request(params)), Some(RefusalCode::DuplicateKey), "{params}");
    }
}

#[test]
fn a_long_key_is_no_protocol_key() {
    let long = format!(r#"{{"{}":1,"{}":2}}"#, "N".repeat(4_000), "\u{17f}".repeat(1_000));
    assert_eq!(code(&request(&long)), None);
}

#[test]
fn the_refusal_names_the_protocol_key_and_not_the_senders() {
    let text = request(r#"{"name":"a","nAMe":"b"}"#);
    let refusal = Message::parse(Bytes::from(text.clone()), &Limits::default()).unwrap_err();
    assert_eq!(refusal.offset, text.find("nAMe").unwrap());
    assert!(refusal.detail.contains("`name`") && !refusal.detail.contains("nAMe"));
}
