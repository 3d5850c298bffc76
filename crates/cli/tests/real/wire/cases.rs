//! What is sent and what is answered: messages that are legal and odd, in both eras. A relay that reads a message into
//! its own types and writes it again loses something of nearly each of them.

use super::recorder::Reply;

/// One exchange.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) method: &'static str,
    /// Beyond those that every request has.
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) body: Vec<u8>,
    pub(super) reply: Reply,
}

const JSON: (&str, &str) = ("content-type", "application/json");
const EVENTS: (&str, &str) = ("content-type", "text/event-stream");
const LEGACY: (&str, &str) = ("mcp-protocol-version", "2025-11-25");
const MODERN: (&str, &str) = ("mcp-protocol-version", "2026-07-28");

/// Numbers as they may be written and mostly are not kept.
const NUMBERS: &str = r#"{"big":12345678901234567890123,"huge":1e400,"tiny":-1E-400,"plain":1e2,"float":1.0,"zero":-0,"exact":0.1000000000000000055511151231257827,"long":3.14159265358979323846264338327950288419716939937510}"#;

/// The session id that the server gives; the client must be able to use what it gets instead.
pub(super) const SERVER_SESSION: &str = "server-session-0123456789abcdef";

/// The handshake of the older era; the session's other exchanges follow it.
pub(super) fn initialize() -> Case {
    let body = br#" {"jsonrpc" : "2.0","id":"first \u00e9 \/","method":"initialize","x-envelope":[null],
	"params":{"protocolVersion":"2025-11-25","capabilities":{"sampling":{},"elicitation":{"form":{},"x-mode":{}},"roots":{"listChanged":true},"experimental":{"a":{}},"x-capability":{"deep":[1,[2,[3]]]}},"clientInfo":{"name":"raw","version":"0","x-client":true},"x-params":"kept","_meta":{"example.org/key":"kept"}}}"#;
    let answer = br#"{"x-first":1, "result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{},"x-unknown":{}},"serverInfo":{"version":"0","name":"recorder","x-info":"kept"},"instructions":"\u0047r\u00fc\u00dfe","x-result":12345678901234567890123},"id":"first \u00e9 \/","jsonrpc":"2.0"}  "#;
    let headers = vec![JSON, ("mcp-session-id", SERVER_SESSION), ("x-server", "kept")];
    post("initialize", vec![], body, Reply { status: 200, headers, pieces: vec![answer.to_vec()] })
}

/// Exchanges within a session of the older era.
pub(super) fn legacy() -> Vec<Case> {
    let unknown = br#"{"jsonrpc":"2.0","id":8,"method":"vendor/unknown","params":{"list":[1,"two",{"three":3e0}]}}"#;
    let unknown_answer =
        br#"{"jsonrpc":"2.0","id":8,"error":{"code":-32601,"message":"no","data":{"x":[1e400]},"x-error":1}}"#;
    let note = br#"{"jsonrpc":"2.0","method":"notifications/vendor","params":{"x":12345678901234567890123}}"#;
    vec![
        numbers_in_a_call(),
        odd_list(),
        post("unknown method", vec![LEGACY], unknown, whole(200, unknown_answer)),
        post("notification", vec![LEGACY], note, Reply { status: 202, headers: vec![], pieces: vec![Vec::new()] }),
        stream("stream", b"\n", 7),
        stream("stream in single bytes", b"\n", 1),
        stream("stream with CR LF", b"\r\n", 3),
        large(),
        listening(),
        server_error(),
    ]
}

/// Exchanges of 2026-07-28.
pub(super) fn modern() -> Vec<Case> {
    let discover = modern_body("server/discover", 1, "");
    let discover_answer = br#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28","2099-01-01"],"capabilities":{"tools":{"x":1}},"ttlMs":0,"cacheScope":"private","x":1e400}}"#;
    let unknown = modern_body("vendor/unknown", 2, r#""x":[{}],"#);
    let unknown_answer = br#"{"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"Method not found"}}"#;
    let call = modern_body(
        "tools/call",
        3,
        r#""name":"gr\u00fc\u00df","arguments":{"region":" Z\u00fcrich","n":12345678901234567890123},"#,
    );
    let call_headers = vec![
        MODERN,
        ("mcp-method", "tools/call"),
        ("mcp-name", "=?base64?Z3LDvMOf?="),
        ("mcp-param-region", "=?base64?IFrDvHJpY2g=?="),
        ("mcp-param-unknown", "x"),
    ];
    let refused = modern_body("tools/call", 4, r#""name":"t","arguments":{},"#);
    let refused_answer = br#"{"jsonrpc":"2.0","id":4,"error":{"code":-32021,"message":"no","data":{"requiredCapabilities":{"sampling":{}}}}}"#;
    let asked = modern_body(
        "tools/call",
        5,
        r#""name":"t","arguments":{"a":1},"requestState":"op\/aque","inputResponses":{"k":{"action":"accept","content":{"x":1.50}}},"#,
    );
    let asked_answer = br#"{"jsonrpc":"2.0","id":5,"result":{"resultType":"vendor_kind","requestState":"\u006fpaque","inputRequests":{"k":{"method":"vendor/ask","params":{"x":1e400}}}}}"#;
    let named = |method, name| vec![MODERN, ("mcp-method", method), ("mcp-name", name)];
    vec![
        post("discover", vec![MODERN, ("mcp-method", "server/discover")], &discover, whole(200, discover_answer)),
        post(
            "modern unknown method",
            vec![MODERN, ("mcp-method", "vendor/unknown")],
            &unknown,
            whole(404, unknown_answer),
        ),
        post("modern call", call_headers, &call, call_stream()),
        post("modern refusal", named("tools/call", "t"), &refused, whole(400, refused_answer)),
        post("unknown result type", named("tools/call", "t"), &asked, whole(200, asked_answer)),
    ]
}

fn post(name: &'static str, headers: Vec<(&'static str, &'static str)>, body: &[u8], reply: Reply) -> Case {
    Case { name, method: "POST", headers, body: body.to_vec(), reply }
}

fn whole(status: u16, body: &[u8]) -> Reply {
    let headers = vec![
        ("content-type", "application/json; charset=utf-8"),
        ("x-server", "kept, \"too\""),
        ("cache-control", "no-store"),
    ];
    Reply { status, headers, pieces: vec![body.to_vec()] }
}

fn numbers_in_a_call() -> Case {
    let body = format!(
        r#"{{"method":"tools/call","id":9007199254740991,"params":{{"arguments":{NUMBERS},"name":"t","_meta":{{"progressToken":"p","x":{NUMBERS}}},"x":null}},"jsonrpc":"2.0"}}"#
    );
    let answer = format!(
        r#"{{"jsonrpc":"2.0","id":9007199254740991,"result":{{"content":[{{"type":"text","text":"\ud83d\ude00 😀 \u0000","x":1}},{{"type":"vendor","data":{NUMBERS}}}],"structuredContent":{NUMBERS},"isError":false,"x":{{}}}}}}"#
    );
    post("numbers", vec![LEGACY], body.as_bytes(), whole(200, answer.as_bytes()))
}

fn odd_list() -> Case {
    let body = br#"{"jsonrpc":"2.0","id":"list","method":"tools/list","params":{"cursor":"","x":[]}}"#;
    let answer = format!(
        r#"{{"jsonrpc":"2.0","id":"list","result":{{"tools":[{{"name":"b","inputSchema":{{"type":"object","maximum":1e400,"x-order":{{"z":1,"a":2}}}},"annotations":{{"readOnlyHint":true,"x-hint":1}},"icons":[{{"src":"https://example.org/i.png","x":1}}],"execution":{{"taskSupport":"optional"}},"x-tool":{NUMBERS}}},{{"name":"a","inputSchema":{{}}}}],"nextCursor":"more","x":1}}}}"#
    );
    post("list", vec![LEGACY], body, whole(200, answer.as_bytes()))
}

/// A stream with everything that the format allows, cut into pieces of `size` bytes.
fn stream(name: &'static str, end: &[u8], size: usize) -> Case {
    let body = br#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"t","arguments":{},"_meta":{"progressToken":1}}}"#;
    let lines = [
        ": a comment before anything",
        "",
        "id: 0/1",
        "retry: 500",
        "data:",
        "",
        "event: message",
        "id: 1/1",
        r#"data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1e-400,"x":12345678901234567890123}}"#,
        "",
        ":",
        "",
        r#"data:{"jsonrpc":"2.0","method":"notifications/vendor","params":{"a":1}}"#,
        "x-unknown-field: kept",
        "",
        "id: 2/1",
        r#"data: {"jsonrpc":"2.0","id":3,"result":{"content":[],"#,
        "data: \"text\":\"gr\u{fc}\u{df} \u{1f512}\",\"x\":1e400}}",
        "",
    ];
    let mut whole = Vec::new();
    for line in lines {
        whole.extend(line.as_bytes());
        whole.extend(end);
    }
    let pieces = whole.chunks(size).map(<[u8]>::to_vec).collect();
    let headers =
        vec![EVENTS, ("cache-control", "no-cache, no-transform"), ("x-accel-buffering", "no"), ("x-server", "kept")];
    post(name, vec![LEGACY], body, Reply { status: 200, headers, pieces })
}

fn large() -> Case {
    let text = "0123456789 \u{e9}\\n\\\"\u{1f512}".repeat(100_000);
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{{"name":"t","arguments":{{"text":"{text}"}}}}}}"#
    );
    let answer = format!(r#"{{"jsonrpc":"2.0","id":4,"result":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#);
    let pieces = answer.as_bytes().chunks(100_003).map(<[u8]>::to_vec).collect();
    post("large", vec![LEGACY], body.as_bytes(), Reply { status: 200, headers: vec![JSON], pieces })
}

/// The stream on which the server speaks by itself, taken up again after an event.
fn listening() -> Case {
    let stream = b"id: 8\nretry: 20\ndata:\n\n: still here\n\nid: 9\ndata: {\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"roots/list\",\"x\":1e400}\n\nid: 10\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n";
    let pieces = stream.chunks(11).map(<[u8]>::to_vec).collect();
    let reply = Reply { status: 200, headers: vec![EVENTS, ("x-server", "kept")], pieces };
    Case {
        name: "listening",
        method: "GET",
        headers: vec![LEGACY, ("last-event-id", "7/\u{7e}")],
        body: Vec::new(),
        reply,
    }
}

fn server_error() -> Case {
    let body = br#"{"jsonrpc":"2.0","id":5,"method":"resources/read","params":{"uri":"test://a%2Fb/../c?d#e"}}"#;
    let answer =
        br#"{"jsonrpc":"2.0","id":5,"error":{"code":-32002,"message":"gone","data":{"uri":"test://a%2Fb/../c?d#e"}}}"#;
    let headers = vec![JSON, ("retry-after", "3"), ("x-server", "kept")];
    post("server error", vec![LEGACY], body, Reply { status: 400, headers, pieces: vec![answer.to_vec()] })
}

fn modern_body(method: &str, id: u32, params: &str) -> Vec<u8> {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{{params}"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{{"name":"raw","version":"0","x":1}},"io.modelcontextprotocol/clientCapabilities":{{"extensions":{{"example.org/x":{{"deep":{NUMBERS}}}}}}},"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","example.org/x":[]}}}},"x":1}}"#
    )
    .into_bytes()
}

fn call_stream() -> Reply {
    let stream = b"data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":\"p\",\"progress\":1}}\n\n: keep-alive\n\ndata: {\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"resultType\":\"complete\",\"content\":[],\"structuredContent\":12345678901234567890123}}\n\n";
    let pieces = stream.chunks(13).map(<[u8]>::to_vec).collect();
    Reply { status: 200, headers: vec![EVENTS, ("x-accel-buffering", "no")], pieces }
}
