//! All that a detector or a rule may know about one message: plain values, no handles, so that they can be saved and
//! the same message can be judged again tomorrow. Both eras yield the same facts.

use std::borrow::Cow;

use gatehold_wire::json::Raw;
use gatehold_wire::{Kind, Message, Method, Revision};

use crate::asked::{Asked, Subject, subject};
use crate::principal::Principal;

/// Which way a message travels. In MCP both sides send requests, so "request" is not a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client (the agent) toward the server.
    FromClient,
    /// From the server toward the client.
    FromServer,
}

impl Direction {
    /// The stable name, as it stands in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FromClient => "from_client",
            Self::FromServer => "from_server",
        }
    }

    /// The other way.
    #[must_use]
    pub const fn reverse(self) -> Self {
        match self {
            Self::FromClient => Self::FromServer,
            Self::FromServer => Self::FromClient,
        }
    }
}

/// How the message reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Lines over standard input and output.
    Stdio,
    /// Lines over a Unix socket.
    UnixSocket,
    /// Streamable HTTP (2025-03-26 and later).
    StreamableHttp,
    /// HTTP+SSE of 2024-11-05.
    LegacySse,
}

impl Transport {
    /// The stable name, as it stands in records and policy.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::UnixSocket => "unix",
            Self::StreamableHttp => "http",
            Self::LegacySse => "sse",
        }
    }
}

/// The facts that stay the same through a session or an exchange.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Our session id; not the protocol's.
    pub session: Box<str>,
    /// Who is behind the client's side.
    pub principal: Principal,
    /// The name of the upstream server in our configuration.
    pub server: Box<str>,
    /// How the client reached us.
    pub transport: Transport,
}

/// The facts about one message. Borrowed from the message and its session; `'a` ends with them.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// Session, principal, server and transport.
    pub origin: &'a Origin,
    /// The principal with the attributes of the very request's proof. The same principal as the origin's, but another
    /// token may have other scopes.
    pub principal: &'a Principal,
    /// Which way it travels.
    pub direction: Direction,
    /// What kind of JSON-RPC message it is.
    pub kind: Kind,
    /// The method; for a result or an error, the method of the request that it answers, where that is known.
    pub method: Option<Method<'a>>,
    /// The revision that is spoken, where it is known.
    pub revision: Option<Revision>,
    /// The id as written on the wire.
    pub request_id: Option<&'a str>,
    /// The tool that is called, or whose result this is.
    pub tool: Option<Cow<'a, str>>,
    /// The prompt that is fetched, completed, or whose messages these are.
    pub prompt: Option<Cow<'a, str>>,
    /// The resource URI that is read, subscribed to, completed, or whose contents these are; as written.
    pub resource: Option<Cow<'a, str>>,
    /// The name and version that the client gives itself. A claim.
    pub client_claimed: Option<Cow<'a, str>>,
    /// The name and version that the server gives itself. A claim.
    pub server_claimed: Option<Cow<'a, str>>,
    /// What the server's list said of the tool, where it was seen. A claim: it may make a decision stricter, never
    /// milder.
    pub hints: Option<ToolHints>,
}

/// The annotations of a tool (MCP "ToolAnnotations"). Claims of its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ToolHints {
    /// `readOnlyHint`.
    pub read_only: Option<bool>,
    /// `destructiveHint`.
    pub destructive: Option<bool>,
    /// `idempotentHint`.
    pub idempotent: Option<bool>,
    /// `openWorldHint`.
    pub open_world: Option<bool>,
}

/// What a tool is taken for: what its server says of it, and otherwise as the protocol has it by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presumed {
    /// It changes nothing.
    pub read_only: bool,
    /// It may destroy something.
    pub destructive: bool,
    /// Calling it again changes nothing more.
    pub idempotent: bool,
    /// It reaches beyond what its server holds.
    pub open_world: bool,
}

impl ToolHints {
    /// With what is not said as the protocol has it by default (MCP 2025-11-25, "ToolAnnotations"): not read-only,
    /// destructive unless it is read-only, not idempotent, open to the world.
    #[must_use]
    pub fn by_default(self) -> Presumed {
        let read_only = self.read_only.unwrap_or(false);
        Presumed {
            read_only,
            destructive: self.destructive.unwrap_or(!read_only),
            idempotent: self.idempotent.unwrap_or(false),
            open_world: self.open_world.unwrap_or(true),
        }
    }

    /// What the definition of a tool in a list says of it. What is no boolean says nothing.
    #[must_use]
    pub fn of_tool(definition: Raw<'_>) -> Self {
        let Some(annotations) = definition.get("annotations") else { return Self::default() };
        let said = |key: &str| annotations.get(key).and_then(Raw::as_bool);
        Self {
            read_only: said("readOnlyHint"),
            destructive: said("destructiveHint"),
            idempotent: said("idempotentHint"),
            open_world: said("openWorldHint"),
        }
    }
}

impl<'a> Facts<'a> {
    /// The facts that one message states by itself, or, for a result or an error, by the request that it answers.
    #[must_use]
    pub fn of(origin: &'a Origin, direction: Direction, message: &'a Message, answers: Option<&'a Asked>) -> Self {
        let (method, subject) = match message.kind() {
            Kind::Request | Kind::Notification => {
                let method = message.method();
                (method, method.and_then(|method| subject(method, message)))
            }
            Kind::Result | Kind::Error => {
                let subject = answers.and_then(Asked::subject).map(|(kind, name)| (kind, Cow::Borrowed(name)));
                (answers.map(Asked::method), subject)
            }
        };
        let (mut tool, mut prompt, mut resource) = (None, None, None);
        match subject {
            Some((Subject::Tool, name)) => tool = Some(name),
            Some((Subject::Prompt, name)) => prompt = Some(name),
            Some((Subject::Resource, name)) => resource = Some(name),
            None => {}
        }
        Self {
            origin,
            principal: &origin.principal,
            direction,
            kind: message.kind(),
            method,
            revision: None,
            request_id: message.id().map(|id| id.0),
            tool,
            prompt,
            resource,
            client_claimed: None,
            server_claimed: None,
            hints: None,
        }
    }
}
