//! What a client says to a server, step by step, so that two runs can be compared: the next step is taken only when the
//! last has had its effect. It knows nothing of transports.

use serde_json::{Value, json};

/// One step.
pub(crate) enum Step {
    /// Send a request and wait for its answer.
    Ask { id: u64, line: String },
    /// Send a notification.
    Tell { line: String },
    /// Wait until this method was heard so often since the beginning.
    Hear { method: &'static str, times: usize },
    /// Send a request, wait for its first progress, cancel it and expect no answer.
    GiveUp { line: String, cancel: String },
}

/// A client's part of a conversation.
pub(crate) struct Script {
    pub(crate) steps: Vec<Step>,
    /// Stands in every request of 2026-07-28.
    meta: Option<Value>,
    next_id: u64,
}

impl Script {
    /// Begins with nothing.
    pub(crate) fn bare() -> Script {
        Script { steps: Vec::new(), meta: None, next_id: 1 }
    }

    /// Begins as clients up to 2025-11-25 do. The client can be asked for everything.
    pub(crate) fn handshake() -> Script {
        let hello = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": { "sampling": {}, "elicitation": {}, "roots": {} },
            "clientInfo": { "name": "gatehold-tests", "version": "0.0.0", "x-unknown": 12345678901234567890_u64 }
        });
        Script::bare().ask("initialize", hello).tell("notifications/initialized", json!({}))
    }

    /// Begins as clients of 2026-07-28 do.
    pub(crate) fn modern() -> Script {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "gatehold-tests", "version": "0.0.0" },
            "io.modelcontextprotocol/clientCapabilities": { "sampling": {}, "elicitation": {}, "roots": {} }
        });
        Script { meta: Some(meta), ..Script::bare() }.ask("server/discover", json!({}))
    }

    pub(crate) fn ask(mut self, method: &str, params: Value) -> Script {
        let (id, line) = self.request(method, params);
        self.steps.push(Step::Ask { id, line });
        self
    }

    pub(crate) fn call(self, tool: &str, arguments: Value) -> Script {
        self.ask("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    pub(crate) fn tell(mut self, method: &str, params: Value) -> Script {
        let line = json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string();
        self.steps.push(Step::Tell { line });
        self
    }

    pub(crate) fn hear(mut self, method: &'static str, times: usize) -> Script {
        self.steps.push(Step::Hear { method, times });
        self
    }

    /// Cancels the request that was answered last: the server is to ignore that, and so is whoever stands between.
    pub(crate) fn late_cancel(self) -> Script {
        let params = json!({ "requestId": self.next_id - 1, "reason": "too late" });
        self.tell("notifications/cancelled", params)
    }

    pub(crate) fn give_up(mut self, tool: &str, arguments: Value) -> Script {
        let params = json!({ "name": tool, "arguments": arguments, "_meta": { "progressToken": "given-up" } });
        let (id, line) = self.request("tools/call", params);
        let cancel = json!({ "requestId": id, "reason": "the user left" });
        let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel }).to_string();
        self.steps.push(Step::GiveUp { line, cancel });
        self
    }

    fn request(&mut self, method: &str, mut params: Value) -> (u64, String) {
        let id = self.next_id;
        self.next_id += 1;
        if let Some(meta) = &self.meta {
            let own = params["_meta"].as_object().cloned().unwrap_or_default();
            let mut all = meta.as_object().cloned().unwrap_or_default();
            all.extend(own);
            params["_meta"] = Value::Object(all);
        }
        (id, json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string())
    }
}

/// What the client answers when the server asks it something; nothing for what is no request.
pub(crate) fn answer(message: &Value) -> Option<String> {
    let (id, method) = (message.get("id")?, message.get("method")?.as_str()?);
    let result = match method {
        "roots/list" => json!({ "roots": [{ "uri": "file:///nowhere", "name": "nowhere" }] }),
        "sampling/createMessage" => {
            json!({ "role": "assistant", "content": { "type": "text", "text": "A word." }, "model": "none" })
        }
        "elicitation/create" => json!({ "action": "accept", "content": { "name": "Ada" } }),
        _ => json!({}),
    };
    Some(json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string())
}

/// Fails with the first thing that is not equal, shortened.
pub(crate) fn assert_same(direct: &[String], through: &[String], what: &str) {
    let short = |line: Option<&String>| match line {
        Some(line) => format!("{} bytes: {}", line.len(), line.chars().take(600).collect::<String>()),
        None => "(nothing more)".to_owned(),
    };
    for index in 0..direct.len().max(through.len()) {
        let (before, after) = (direct.get(index), through.get(index));
        assert!(
            before == after,
            "{what}: message {index} differs\n  directly: {}\n  through:  {}",
            short(before),
            short(after)
        );
    }
    assert!(!direct.is_empty(), "{what}: nothing was said at all");
}
