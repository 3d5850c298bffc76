//! One MCP server in four shapes: Streamable HTTP that answers with JSON or with events, HTTP+SSE, and a child. Each
//! has the same tools, so that what a client sees through the gateway can be compared.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::running::PATIENCE;
use crate::upstream::{Reply, Request, Upstream};

/// How the server answers over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Json,
    Events,
    Legacy,
}

/// What the server remembers.
#[derive(Default)]
struct Memory {
    asked: AtomicU32,
    waiting: Mutex<HashMap<String, Sender<Value>>>,
    general: Mutex<Option<Reply>>,
    cancelled: Mutex<Vec<String>>,
}

/// A running server of one of the HTTP shapes.
pub(crate) struct Server {
    pub(crate) upstream: Upstream,
    memory: Arc<Memory>,
    style: Style,
}

impl Server {
    pub(crate) fn start(style: Style) -> Server {
        let memory = Arc::new(Memory::default());
        let remembered = Arc::clone(&memory);
        let upstream = Upstream::start(move |request, reply| answer(style, &remembered, request, reply));
        Server { upstream, memory, style }
    }

    pub(crate) fn config(&self) -> Value {
        match self.style {
            Style::Legacy => json!({ "url": self.url(), "transport": "sse" }),
            Style::Json | Style::Events => self.upstream.config(),
        }
    }

    pub(crate) fn url(&self) -> String {
        match self.style {
            Style::Legacy => format!("http://{}/sse", self.upstream.address),
            Style::Json | Style::Events => self.upstream.url(),
        }
    }

    /// How many calls were cancelled, by a message or by closing their stream.
    pub(crate) fn cancelled(&self) -> usize {
        self.memory.cancelled.lock().unwrap().len()
    }
}

fn answer(style: Style, memory: &Arc<Memory>, request: &Request, reply: &mut Reply) {
    match (request.method.as_str(), style) {
        ("GET", _) => {
            reply.events(&[]);
            if style == Style::Legacy {
                reply.chunk(b"event: endpoint\ndata: /messages?session=7\n\n");
            }
            *memory.general.lock().unwrap() = Some(reply.another());
            reply.is_left(PATIENCE * 3);
        }
        ("POST", Style::Legacy) => {
            reply.whole("202 Accepted", &[], b"");
            let (memory, message) = (Arc::clone(memory), request.json());
            std::thread::spawn(move || {
                if let Some(answer) = handle(&memory, &message, &mut |between| say(&memory, between), None) {
                    say(&memory, &answer);
                }
            });
        }
        ("POST", Style::Json | Style::Events) => post(style, memory, &request.json(), reply),
        _ => reply.whole("204 No Content", &[], b""),
    }
}

/// Says something on the stream that belongs to no request.
fn say(memory: &Memory, message: &Value) {
    let mut general = memory.general.lock().unwrap();
    general.as_mut().expect("a stream is open").event(message);
}

fn post(style: Style, memory: &Memory, message: &Value, reply: &mut Reply) {
    if message.get("method").is_none() || message.get("id").is_none() {
        let _nothing = handle(memory, message, &mut |_| {}, None);
        reply.whole("202 Accepted", &[], b"");
        return;
    }
    let session = if message["method"] == "initialize" { "Mcp-Session-Id: theirs-1" } else { "X-Nothing: here" };
    if style == Style::Json {
        let mut left = reply.another();
        let answer = handle(memory, message, &mut |between| say(memory, between), Some(&mut left));
        match answer {
            Some(answer) => {
                reply.whole("200 OK", &["Content-Type: application/json", session], answer.to_string().as_bytes());
            }
            None => reply.close(),
        }
        return;
    }
    reply.events(&[session]);
    let (mut left, mut between) = (reply.another(), reply.another());
    let answer = handle(memory, message, &mut |message| between.event(message), Some(&mut left));
    match answer {
        Some(answer) => {
            reply.event(&answer);
            reply.end();
        }
        None => reply.close(),
    }
}

/// What the server makes of one message. `say` sends something before the answer; `left` tells when the client has
/// closed the stream, where it may.
fn handle(memory: &Memory, message: &Value, say: &mut dyn FnMut(&Value), left: Option<&mut Reply>) -> Option<Value> {
    let Some(method) = message["method"].as_str() else {
        let waiting = memory.waiting.lock().unwrap().remove(message["id"].as_str().unwrap_or_default());
        if let Some(waiting) = waiting {
            let _gone = waiting.send(message.clone());
        }
        return None;
    };
    if method == "notifications/cancelled" {
        memory.cancelled.lock().unwrap().push(message["params"]["requestId"].to_string());
    }
    let id = message.get("id")?;
    let params = &message["params"];
    let is_modern = params["_meta"].get("io.modelcontextprotocol/protocolVersion").is_some();
    let result = match (method, params["name"].as_str()) {
        ("initialize", _) => json!({
            "protocolVersion": params["protocolVersion"], "capabilities": { "tools": {} },
            "serverInfo": { "name": "scripted", "version": "1" }, "x-unknown": { "kept": [1, null] },
        }),
        ("server/discover", _) => json!({
            "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {},
            "serverInfo": { "name": "scripted", "version": "1" }, "ttlMs": 0, "cacheScope": "private",
        }),
        ("tools/list", _) => tools(params["cursor"].as_str()),
        ("tools/call", Some("echo")) => json!({ "content": [text(&params["arguments"]["text"])], "x-unknown": 1 }),
        ("tools/call", Some("ask")) => {
            let answer = sample(memory, say);
            let received = answer.recv_timeout(PATIENCE).expect("an answer to sampling");
            json!({ "content": [text(&received["result"]["content"]["text"])], "error": received["error"]["code"] })
        }
        ("tools/call", Some("count")) => {
            for step in 1..=2 {
                say(&json!({
                    "jsonrpc": "2.0", "method": "notifications/progress",
                    "params": { "progressToken": params["_meta"]["progressToken"], "progress": step },
                }));
            }
            json!({ "content": [text(&json!("counted"))] })
        }
        ("tools/call", Some("slow")) if is_modern => return wait_until_left(memory, id, left),
        ("tools/call", Some("slow")) => {
            crate::running::until("a cancellation", || memory.cancelled.lock().unwrap().contains(&id.to_string()));
            json!({ "content": [], "cancelled": true })
        }
        ("subscriptions/listen", _) => {
            let meta = json!({ "io.modelcontextprotocol/subscriptionId": id });
            for method in ["notifications/subscriptions/acknowledged", "notifications/tools/list_changed"] {
                say(&json!({ "jsonrpc": "2.0", "method": method, "params": { "_meta": meta } }));
            }
            return wait_until_left(memory, id, left);
        }
        _ => {
            return Some(json!({
                "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": "Method not found", "data": method },
            }));
        }
    };
    Some(json!({ "jsonrpc": "2.0", "id": id, "result": result }))
}

fn wait_until_left(memory: &Memory, id: &Value, left: Option<&mut Reply>) -> Option<Value> {
    match left {
        Some(left) => {
            if left.is_left(PATIENCE) {
                memory.cancelled.lock().unwrap().push(id.to_string());
            }
        }
        None => std::thread::sleep(Duration::from_secs(1)),
    }
    None
}

fn sample(memory: &Memory, say: &mut dyn FnMut(&Value)) -> Receiver<Value> {
    let id = format!("srv-{}", memory.asked.fetch_add(1, Ordering::Relaxed));
    let (sender, receiver) = channel();
    memory.waiting.lock().unwrap().insert(id.clone(), sender);
    say(&json!({
        "jsonrpc": "2.0", "id": id, "method": "sampling/createMessage",
        "params": { "messages": [], "maxTokens": 5, "x-unknown": true },
    }));
    receiver
}

fn text(value: &Value) -> Value {
    json!({ "type": "text", "text": value })
}

/// Two pages of tools.
fn tools(cursor: Option<&str>) -> Value {
    let tool = |name: &str| json!({ "name": name, "inputSchema": { "type": "object" }, "x-unknown": name });
    match cursor {
        None => json!({ "tools": [tool("echo"), tool("ask"), tool("count")], "nextCursor": "page 2" }),
        Some(_) => json!({ "tools": [tool("slow"), tool("secret")] }),
    }
}

/// The same server as a child. Cancellations are said on standard error.
pub(crate) const CHILD: &str = r#"
asked = {}
counter = 0
slow = {}
def tool(name):
    return {"name": name, "inputSchema": {"type": "object"}, "x-unknown": name}
def text(value):
    return {"content": [{"type": "text", "text": value}]}
def modern(params):
    return "io.modelcontextprotocol/protocolVersion" in params.get("_meta", {})
for message in messages():
    method, params = message.get("method"), message.get("params", {})
    if method is None:
        call = asked.pop(message["id"], None)
        if call: answer(call, dict(text(message.get("result", {}).get("content", {}).get("text")), error=message.get("error", {}).get("code")))
        continue
    if method == "notifications/cancelled":
        sys.stderr.write("cancelled %s\n" % json.dumps(params["requestId"])); sys.stderr.flush()
        call = slow.pop(json.dumps(params["requestId"]), None)
        if call and not modern(call["params"]): answer(call, {"content": [], "cancelled": True})
        continue
    if "id" not in message: continue
    name = params.get("name")
    if method == "initialize":
        answer(message, {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": "scripted", "version": "1"}, "x-unknown": {"kept": [1, None]}})
    elif method == "server/discover":
        answer(message, {"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {}, "serverInfo": {"name": "scripted", "version": "1"}, "ttlMs": 0, "cacheScope": "private"})
    elif method == "tools/list":
        if params.get("cursor"): answer(message, {"tools": [tool("slow"), tool("secret")]})
        else: answer(message, {"tools": [tool("echo"), tool("ask"), tool("count")], "nextCursor": "page 2"})
    elif name == "echo":
        answer(message, dict(text(params["arguments"]["text"]), **{"x-unknown": 1}))
    elif name == "ask":
        counter += 1
        asked["srv-%d" % counter] = message
        say({"jsonrpc": "2.0", "id": "srv-%d" % counter, "method": "sampling/createMessage", "params": {"messages": [], "maxTokens": 5, "x-unknown": True}})
    elif name == "count":
        for step in (1, 2):
            say({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": params["_meta"]["progressToken"], "progress": step}})
        answer(message, text("counted"))
    elif name == "slow":
        slow[json.dumps(message["id"])] = message
        sys.stderr.write("is slow\n"); sys.stderr.flush()
    elif method == "subscriptions/listen":
        meta = {"io.modelcontextprotocol/subscriptionId": message["id"]}
        say({"jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged", "params": {"_meta": meta}})
        say({"jsonrpc": "2.0", "method": "notifications/tools/list_changed", "params": {"_meta": meta}})
    else:
        say({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "Method not found", "data": method}})
"#;
