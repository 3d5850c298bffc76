//! What tools promise about their structured results, learnt from the lists that pass: a redacted result must keep the
//! promise or drop its structured copy. What is not known counts as a promise that cannot be kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gatehold_wire::Message;
use gatehold_wire::json::Raw;

/// Tools of one server that are remembered; the promise of another one is unknown.
const TOOLS_MAX: usize = 4096;
/// Servers that are remembered. A configuration has no more.
const SERVERS_MAX: usize = 1000;
/// A longer schema is not kept, in bytes.
const SCHEMA_BYTES_MAX: usize = 64 * 1024;
/// Bytes of all schemas of one server.
const SERVER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What a tool promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Promise {
    /// Nobody knows.
    Unknown,
    /// Nothing: it has no `outputSchema`.
    Nothing,
    /// This `outputSchema`.
    Schema(Arc<str>),
}

/// The promises of all servers.
#[derive(Debug, Default)]
pub(super) struct Promises(Mutex<HashMap<Box<str>, Tools>>);

#[derive(Debug, Default)]
struct Tools {
    promises: HashMap<Box<str>, Promise>,
    bytes: usize,
}

impl Promises {
    /// Takes note of a list of tools.
    pub(super) fn learn(&self, server: &str, list: &Message) {
        let Some(tools) = list.result().and_then(|result| result.get("tools")) else { return };
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !servers.contains_key(server) && servers.len() >= SERVERS_MAX {
            return;
        }
        let known = servers.entry(server.into()).or_default();
        for tool in tools.items() {
            if let Some(name) = tool.get("name").and_then(Raw::as_str) {
                known.set(&name, tool.get("outputSchema"));
            }
        }
    }

    /// What a tool promises.
    pub(super) fn of(&self, server: &str, tool: &str) -> Promise {
        let servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        servers.get(server).and_then(|tools| tools.promises.get(tool)).cloned().unwrap_or(Promise::Unknown)
    }
}

impl Tools {
    fn set(&mut self, name: &str, schema: Option<Raw<'_>>) {
        if let Some(Promise::Schema(old)) = self.promises.remove(name) {
            self.bytes -= old.len();
        }
        let promise = match schema {
            None => Promise::Nothing,
            Some(schema) if schema.bytes().len() > SCHEMA_BYTES_MAX => return,
            Some(schema) if self.bytes + schema.bytes().len() > SERVER_BYTES_MAX => return,
            Some(schema) => Promise::Schema(schema.text().into()),
        };
        if self.promises.len() >= TOOLS_MAX {
            return;
        }
        if let Promise::Schema(text) = &promise {
            self.bytes += text.len();
        }
        self.promises.insert(name.into(), promise);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use gatehold_wire::Limits;

    use super::*;

    fn list(tools: &str) -> Message {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"tools":{tools}}}}}"#);
        Message::parse(Bytes::from(text), &Limits::default()).unwrap()
    }

    #[test]
    fn promises_are_learnt_replaced_and_bounded() {
        let promises = Promises::default();
        promises.learn("a", &list(r#"[{"name":"x"},{"name":"y","outputSchema":{"type":"object"}}]"#));
        assert_eq!(promises.of("a", "x"), Promise::Nothing);
        assert_eq!(promises.of("a", "y"), Promise::Schema(r#"{"type":"object"}"#.into()));
        assert_eq!(promises.of("b", "x"), Promise::Unknown);
        let long = format!(r#"[{{"name":"y","outputSchema":{{"title":"{}"}}}}]"#, "x".repeat(SCHEMA_BYTES_MAX));
        promises.learn("a", &list(&long));
        assert_eq!(promises.of("a", "y"), Promise::Unknown, "what was known before may be true no more");
        for number in 0..TOOLS_MAX + 10 {
            promises.learn("a", &list(&format!(r#"[{{"name":"t{number}","outputSchema":{{}}}}]"#)));
        }
        assert_eq!(promises.of("a", &format!("t{}", TOOLS_MAX + 5)), Promise::Unknown);
    }
}
