//! What a client says it can do for a server that asks: only what we ask for ourselves is read.
//!
//! A claim of the client about itself; it says how to ask, never what is allowed.

use gatehold_wire::json::{Raw, Type};
use gatehold_wire::{Message, Method};

/// Whether and how a client can ask its person something (MCP "Elicitation").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities {
    /// It shows a form.
    pub form: bool,
    /// It opens an address (2025-11-25 and later).
    pub url: bool,
}

impl Abilities {
    /// What a message says of its client: the capabilities of `initialize`, or those that a request of 2026-07-28
    /// carries. `None` for a message that says nothing of it.
    #[must_use]
    pub fn stated_by(message: &Message) -> Option<Self> {
        let capabilities = match message.method() {
            Some(Method::Initialize) => message.param("capabilities"),
            _ => message.meta().and_then(|meta| meta.get("io.modelcontextprotocol/clientCapabilities")),
        };
        capabilities.map(Self::of)
    }

    /// An `elicitation` without members means a form, as before modes existed.
    fn of(capabilities: Raw<'_>) -> Self {
        let Some(elicitation) = capabilities.get("elicitation").filter(|member| member.kind() == Type::Object) else {
            return Self::default();
        };
        let (form, url) = (elicitation.get("form").is_some(), elicitation.get("url").is_some());
        Self { form: form || !url, url }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use gatehold_wire::Limits;

    use super::*;

    fn stated(capabilities: &str) -> Option<Abilities> {
        let text =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"capabilities":{capabilities}}}}}"#);
        Abilities::stated_by(&Message::parse(Bytes::from(text), &Limits::default()).unwrap())
    }

    #[test]
    fn modes_are_read_and_none_means_a_form() {
        let (form, url) = (true, true);
        assert_eq!(stated(r#"{"elicitation":{}}"#), Some(Abilities { form, url: false }));
        assert_eq!(stated(r#"{"elicitation":{"form":{},"url":{}}}"#), Some(Abilities { form, url }));
        assert_eq!(stated(r#"{"elicitation":{"url":{}}}"#), Some(Abilities { form: false, url }));
        assert_eq!(stated(r#"{"sampling":{}}"#), Some(Abilities::default()));
        assert_eq!(stated(r#"{"elicitation":true}"#), Some(Abilities::default()));
    }

    #[test]
    fn a_request_of_the_modern_era_states_them_itself() {
        let text = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","_meta":{
            "io.modelcontextprotocol/protocolVersion":"2026-07-28",
            "io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}}}"#;
        let message = Message::parse(Bytes::from(text), &Limits::default()).unwrap();
        assert_eq!(Abilities::stated_by(&message), Some(Abilities { form: true, url: false }));
        let silent = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}"#;
        assert_eq!(Abilities::stated_by(&Message::parse(Bytes::from(silent), &Limits::default()).unwrap()), None);
    }
}
