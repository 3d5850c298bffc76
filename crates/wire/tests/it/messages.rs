//! The rules of the envelope, batches, and what a message hands out.

use bytes::Bytes;
use gatehold_wire::RefusalCode::{Batch as BatchCode, DuplicateKey, FoldedKey, InvalidJson, NotJsonRpc};
use gatehold_wire::{Batch, Kind, Limits, Message, Method, RefusalCode};

fn parse(text: &str) -> Result<Message, RefusalCode> {
    Message::parse(Bytes::copy_from_slice(text.as_bytes()), &Limits::default()).map_err(|refusal| refusal.code)
}

fn batch(text: &str) -> Result<Batch, RefusalCode> {
    Message::parse_batch(Bytes::copy_from_slice(text.as_bytes()), &Limits::default()).map_err(|refusal| refusal.code)
}

#[test]
fn every_kind_is_told_apart() {
    let cases = [
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, Kind::Request, Some("1")),
        (r#"{"jsonrpc":"2.0","id":"a","method":"ping","params":{}}"#, Kind::Request, Some("\"a\"")),
        (r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, Kind::Notification, None),
        (r#"{"result":{},"id":-7,"jsonrpc":"2.0"}"#, Kind::Result, Some("-7")),
        (r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"no"}}"#, Kind::Error, Some("1")),
        (r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no","data":[1]}}"#, Kind::Error, None),
        (r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"no"}}"#, Kind::Error, None),
        ("\n { \"jsonrpc\" : \"2.0\" , \"id\" : 1 , \"method\" : \"ping\" } \n", Kind::Request, Some("1")),
        (
            r#"{"jsonrpc":"2.0","id":123456789012345678901234567890,"method":"ping"}"#,
            Kind::Request,
            Some("123456789012345678901234567890"),
        ),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","trace":{"x":1},"_meta":[]}"#, Kind::Request, Some("1")),
        (r#"{"\u006asonrpc":"\u0032.0","\u0069d":1,"m\u0065thod":"ping"}"#, Kind::Request, Some("1")),
    ];
    for (text, kind, id) in cases {
        let message = parse(text).unwrap_or_else(|code| panic!("{code:?}: {text}"));
        assert_eq!(message.kind(), kind, "{text}");
        assert_eq!(message.id().map(|id| id.0), id, "{text}");
        assert_eq!(message.bytes(), text.as_bytes());
        assert_eq!(message.params().is_some(), text.contains("params"));
        assert_eq!(message.method().is_some(), matches!(kind, Kind::Request | Kind::Notification));
    }
}

#[test]
fn other_shapes_are_no_message() {
    let cases = [
        ("1", NotJsonRpc),
        ("null", NotJsonRpc),
        ("\"x\"", NotJsonRpc),
        ("{}", NotJsonRpc),
        ("[]", BatchCode),
        ("[1]", BatchCode),
        ("[1", InvalidJson),
        (r#"{"id":1,"method":"ping"}"#, NotJsonRpc),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, NotJsonRpc),
        (r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0 ","id":1,"method":"ping"}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1.0,"method":"ping"}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1e2,"method":"ping"}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"method":7}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"method":null}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":null}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","error":{"code":1,"message":""}}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"result":{},"error":null}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"result":{},"params":{}}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"params":{}}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","result":{}}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":null,"result":{}}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"result":null}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"result":[]}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"error":"no"}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"error":{}}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":"x"}}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":"x"}}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":null}}"#, NotJsonRpc),
        (r#"{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}"#, DuplicateKey),
        (r#"{"jsonrpc":"2.0","id":1,"method":"a","meth\u006fd":"b"}"#, DuplicateKey),
        (r#"{"jsonrpc":"2.0","id":1,"method":"a","Method":"b"}"#, FoldedKey),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text).err(), Some(expected), "{text}");
    }
}

#[test]
fn methods_are_known_however_they_are_written() {
    let method = |name: &str| {
        let message = parse(&format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{name}"}}"#)).unwrap();
        (message.method() == Some(Method::ToolsCall), message.method().unwrap().name().to_owned())
    };
    assert_eq!(method("tools/call"), (true, "tools/call".to_owned()));
    assert_eq!(method(r"tools\/call"), (true, "tools/call".to_owned()));
    assert_eq!(method(r"tools/\u0063all"), (true, "tools/call".to_owned()));
    assert_eq!(method("Tools/call"), (false, "Tools/call".to_owned()));
    assert_eq!(method(r"acme\/do"), (false, "acme/do".to_owned()));
    assert_eq!(method("acme/do"), (false, "acme/do".to_owned()));
    assert_eq!(method(""), (false, String::new()));
}

#[test]
fn look_ups_find_what_the_walk_finds() {
    let text = r#"{"params":{"n\u0061me":"a\/b","x":{"name":"inner"},"arguments":{"name":"n","uri":1},"uri":"file:\/\/x",
        "_meta":{"io.modelcontextprotocol\/protocolVersion":"2026-07-28"}},"method":"tools/call","id":1,"jsonrpc":"2.0"}"#;
    let message = parse(text).unwrap();
    assert_eq!(message.name().unwrap(), "a/b");
    assert_eq!(message.uri().unwrap(), "file://x");
    assert_eq!(message.arguments().unwrap().get("name").unwrap().text(), "\"n\"");
    assert_eq!(message.modern_version().unwrap(), "2026-07-28");
    assert_eq!(message.meta().unwrap().members().count(), 1);
    assert!(message.param("nothing").is_none() && message.result_member("name").is_none());
    for (key, value) in message.params().unwrap().members() {
        let found = message.param(&key.as_str().unwrap()).unwrap();
        assert_eq!((found.span(), found.text()), (value.span(), value.text()));
        assert_eq!(&text[found.span()], found.text());
    }
}

#[test]
fn look_ups_work_beyond_the_table() {
    for count in [0, 1, 11, 12, 13, 200] {
        let members: Vec<String> = (0..count).map(|index| format!("\"k{index}\":{index}")).collect();
        let members = members.join(",");
        let request = parse(&format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{{members}}}}}"#)).unwrap();
        let result = parse(&format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{{members}}}}}"#)).unwrap();
        for index in 0..count {
            let key = format!("k{index}");
            assert_eq!(request.param(&key).unwrap().as_i64(), Some(index));
            assert_eq!(result.result_member(&key).unwrap().as_i64(), Some(index));
            assert!(result.param(&key).is_none());
        }
        assert!(request.param(&format!("k{count}")).is_none());
    }
    // What stands deeper under the same names is not the body's.
    let nested =
        parse(r#"{"jsonrpc":"2.0","id":1,"result":{"result":{"a":1},"error":{"b":1},"task":{"c":1},"d":1}}"#).unwrap();
    assert!(["a", "b", "c"].iter().all(|key| nested.result_member(key).is_none()));
    assert_eq!(nested.result_member("d").unwrap().as_i64(), Some(1));
    let error = parse(r#"{"jsonrpc":"2.0","error":{"code":-1,"message":"m","data":{"x":1}}}"#).unwrap();
    assert_eq!(error.error_member("data").unwrap().text(), r#"{"x":1}"#);
    assert!(error.result_member("data").is_none() && error.result().is_none() && error.params().is_none());
}

#[test]
fn ids_have_one_canonical_spelling() {
    let id = |written: &str| parse(&format!(r#"{{"jsonrpc":"2.0","id":{written},"method":"x"}}"#)).unwrap();
    assert_eq!(id(r#""a\/b""#).id().unwrap().canonical(), id(r#""a/b""#).id().unwrap().canonical());
    assert_eq!(id(r#""\u00e9""#).id().unwrap().canonical(), id("\"\u{e9}\"").id().unwrap().canonical());
    assert_eq!(id(r#""a\"b""#).id().unwrap().canonical(), r#""a\"b""#);
    assert_ne!(id("1").id().unwrap().canonical(), id("\"1\"").id().unwrap().canonical());
    assert_ne!(id("1").id(), id("\"1\"").id());
}

#[test]
fn batches_are_slices_of_the_same_bytes() {
    let text = " [ {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"} ,\n{\"jsonrpc\":\"2.0\",\"method\":\"x\"}] ";
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let Ok(Batch::Many(messages)) = Message::parse_batch(bytes.clone(), &Limits::default()) else {
        panic!("a batch is many messages");
    };
    assert_eq!(messages.iter().map(Message::kind).collect::<Vec<_>>(), [Kind::Request, Kind::Notification]);
    for message in &messages {
        assert!(bytes.as_ptr_range().contains(&message.bytes().as_ptr()), "the bytes were copied");
    }
    let one = " {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"} ";
    assert!(matches!(batch(one), Ok(Batch::One(_))));
}

#[test]
fn unlawful_batches_are_refused() {
    let request = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    assert_eq!(batch("[]").err(), Some(BatchCode));
    assert_eq!(batch(&format!("[[{request}]]")).err(), Some(BatchCode));
    assert_eq!(batch(&format!("[{request},1]")).err(), Some(NotJsonRpc));
    assert_eq!(batch(&format!("[{request},]")).err(), Some(InvalidJson));
    assert_eq!(batch(&format!("[{request}")).err(), Some(InvalidJson));
    assert_eq!(batch(&format!("[{request}]]")).err(), Some(RefusalCode::TrailingBytes));
    assert_eq!(batch("").err(), Some(InvalidJson));
    let full = |count: usize| format!("[{}]", vec![request; count].join(","));
    assert!(batch(&full(100)).is_ok());
    assert_eq!(batch(&full(101)).err(), Some(BatchCode));

    let folded = format!("[{request}, {{\"jsonrpc\":\"2.0\",\"id\":2,\"METHOD\":\"x\"}}]");
    let refusal = Message::parse_batch(Bytes::from(folded.clone()), &Limits::default()).unwrap_err();
    assert_eq!(refusal.code, FoldedKey);
    assert_eq!(refusal.offset, folded.find("METHOD").unwrap(), "offsets count from the start of the batch");
}

#[test]
fn debug_output_keeps_the_content_to_itself() {
    let message =
        parse(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"n","arguments":{"k":"hunter2"}}}"#);
    assert!(!format!("{message:?}").contains("hunter2"));
}
