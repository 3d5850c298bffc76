//! One JSON-RPC 2.0 message: the bytes as they came, and where the members of its envelope stand.
//!
//! A `Message` exists only if the bytes passed `json::check`, have the shape of a request, notification, result or
//! error, and hold no key that merely looks like a protocol key (see `RefusalCode::FoldedKey`). Its bytes are the ones
//! that are inspected, digested and forwarded.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::json::{Raw, Type, scan, string};
use crate::{Limits, Method, Refusal, RefusalCode};

mod envelope;
mod known_keys;

use envelope::{Envelope, Members, Span, wide};

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Has a method and an id.
    Request,
    /// Has a method and no id.
    Notification,
    /// Has a result and an id.
    Result,
    /// Has an error; the id may be null or absent.
    Error,
}

/// A request id exactly as written: `1` and `"1"` are different ids, and so are `1` and `1.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id<'a>(pub &'a str);

impl<'a> Id<'a> {
    /// The id in one spelling: a peer may answer `"a\/b"` with `"a/b"`, which is the same string. Numbers stay as
    /// written. Compare and store this, forward what was written.
    #[must_use]
    pub fn canonical(self) -> Cow<'a, str> {
        let inner = self.0.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match inner {
            Some(inner) if inner.contains('\\') => {
                let mut written = Vec::with_capacity(self.0.len());
                string::write(&string::unescape(inner.as_bytes()), &mut written);
                Cow::Owned(string::utf8(&written).to_owned())
            }
            Some(_) | None => Cow::Borrowed(self.0),
        }
    }
}

/// One checked JSON-RPC message. Cloning is cheap: the bytes are shared.
#[derive(Clone)]
pub struct Message {
    bytes: Bytes,
    kind: Kind,
    id: Option<Span>,
    method: Name,
    /// `params`, `result` or `error`, by the kind.
    body: Option<Span>,
    members: Members,
}

/// The method of a message.
#[derive(Clone)]
enum Name {
    /// A result or an error has none.
    Absent,
    /// A method of MCP.
    Known(Method<'static>),
    /// Another method, written without escapes between these bytes.
    Plain(Span),
    /// Another method, written with escapes.
    Unescaped(Arc<str>),
}

impl fmt::Debug for Message {
    /// Without the bytes: they may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("kind", &self.kind)
            .field("method", &self.method())
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// What one HTTP body or one line holds.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "nearly every body is one message, which is worth no allocation")]
pub enum Batch {
    /// A single message.
    One(Message),
    /// A JSON array of messages, each a slice of the same bytes (revisions up to 2025-03-26). Never empty.
    Many(Vec<Message>),
}

impl Batch {
    /// The messages in their order.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        let messages = match self {
            Self::One(message) => std::slice::from_ref(message),
            Self::Many(messages) => messages,
        };
        messages.iter()
    }
}

impl Message {
    /// Parses one message. White space around it is kept in `bytes`.
    ///
    /// # Errors
    /// A refusal; an array is refused with `RefusalCode::Batch`.
    pub fn parse(bytes: Bytes, limits: &Limits) -> Result<Self, Refusal> {
        let mut envelope = Envelope::new();
        let span = scan::scan(&bytes, limits, &mut envelope)?;
        match bytes.get(span.start) {
            Some(b'{') => Self::from_envelope(bytes, envelope, span.start),
            Some(b'[') => {
                Err(Refusal::new(RefusalCode::Batch, span.start, "A batch stands where one message is expected."))
            }
            _ => Err(not_json_rpc(span.start, "A message is a JSON object.")),
        }
    }

    /// Parses one message or a batch. Whether a batch is lawful depends on the revision: the caller decides.
    ///
    /// # Errors
    /// A refusal, also when a batch is empty, nested, or over `batch_messages_max`.
    pub fn parse_batch(bytes: Bytes, limits: &Limits) -> Result<Batch, Refusal> {
        let first = bytes.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        if first != Some(&b'[') {
            return Self::parse(bytes, limits).map(Batch::One);
        }
        let array = crate::json::check(&bytes, limits)?;
        let start = array.span().start;
        // One more than the limit tells that it is passed, however long the array is.
        let spans: Vec<Range<usize>> =
            array.items().take(limits.batch_messages_max.saturating_add(1)).map(Raw::span).collect();
        if spans.is_empty() {
            return Err(Refusal::new(RefusalCode::Batch, start, "A batch is empty."));
        }
        if spans.len() > limits.batch_messages_max {
            return Err(Refusal::new(RefusalCode::Batch, start, "A batch has more messages than the limit."));
        }
        let messages = spans.into_iter().map(|span| {
            let offset = span.start;
            Self::parse(bytes.slice(span), limits)
                .map_err(|refusal| Refusal { offset: offset + refusal.offset, ..refusal })
        });
        messages.collect::<Result<Vec<_>, _>>().map(Batch::Many)
    }

    /// The rules of JSON-RPC 2.0 as MCP narrows them: ids are strings or integers, `params` and `result` objects.
    fn from_envelope(bytes: Bytes, envelope: Envelope, start: usize) -> Result<Self, Refusal> {
        let Envelope { jsonrpc, id, method, params, result, error, members, .. } = envelope;
        let raw = |span: &Option<Span>| span.as_ref().map(|span| Raw::checked(&bytes, wide(span)));

        let version = raw(&jsonrpc).ok_or_else(|| not_json_rpc(start, "`jsonrpc` is missing."))?;
        if !version.is_str("2.0") {
            return Err(not_json_rpc(version.span().start, "`jsonrpc` must be \"2.0\"."));
        }
        let (kind, body) = match (raw(&method), raw(&params), raw(&result), raw(&error)) {
            (Some(_), params, None, None) => {
                (if id.is_some() { Kind::Request } else { Kind::Notification }, params.map(|it| ("`params`", it)))
            }
            (None, None, Some(result), None) => (Kind::Result, Some(("`result`", result))),
            (None, None, None, Some(error)) => (Kind::Error, Some(("`error`", error))),
            (None, None, None, None) => {
                return Err(not_json_rpc(start, "One of `method`, `result` and `error` must be there."));
            }
            _ => {
                let detail = "`method` and `params`, `result`, and `error` exclude each other.";
                return Err(not_json_rpc(start, detail));
            }
        };
        if let Some((name, body)) = body
            && body.kind() != Type::Object
        {
            return Err(not_json_rpc(body.span().start, format!("{name} must be an object.")));
        }
        let has_id = check_id(kind, raw(&id), start)?;
        let name = match raw(&method) {
            None => Name::Absent,
            Some(method) => method_name(method)?,
        };
        if let Some(error) = raw(&error) {
            check_error(error)?;
        }
        let body = body.map(|(_, body)| body.span()).map(|span| span.start as u32..span.end as u32);
        Ok(Self { kind, id: id.filter(|_| has_id), method: name, body, members, bytes })
    }

    /// The bytes as they came.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Which kind of message it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The id as written; `None` if absent or null.
    #[must_use]
    pub fn id(&self) -> Option<Id<'_>> {
        self.id.as_ref().map(|span| Id(Raw::checked(&self.bytes, wide(span)).text()))
    }

    /// The method, of a request or a notification.
    #[must_use]
    pub fn method(&self) -> Option<Method<'_>> {
        match &self.method {
            Name::Absent => None,
            Name::Known(method) => Some(*method),
            Name::Plain(span) => Some(Method::Other(Raw::checked(&self.bytes, wide(span)).text())),
            Name::Unescaped(name) => Some(Method::Other(name)),
        }
    }

    fn body(&self) -> Option<Raw<'_>> {
        self.body.as_ref().map(|span| Raw::checked(&self.bytes, wide(span)))
    }

    /// `params`, of a request or a notification.
    #[must_use]
    pub fn params(&self) -> Option<Raw<'_>> {
        match self.kind {
            Kind::Request | Kind::Notification => self.body(),
            Kind::Result | Kind::Error => None,
        }
    }

    /// `result`.
    #[must_use]
    pub fn result(&self) -> Option<Raw<'_>> {
        if self.kind == Kind::Result { self.body() } else { None }
    }

    /// `error`.
    #[must_use]
    pub fn error(&self) -> Option<Raw<'_>> {
        if self.kind == Kind::Error { self.body() } else { None }
    }

    /// A member of `params`, `result` or `error`, whichever there is.
    fn body_member(&self, key: &str) -> Option<Raw<'_>> {
        if !self.members.is_complete() {
            return self.body()?.get(key);
        }
        let is_wanted = |span: Range<usize>| string::equals(self.bytes.get(span).unwrap_or_default(), key);
        self.members.iter().find(|(name, _)| is_wanted(name.clone())).map(|(_, value)| Raw::checked(&self.bytes, value))
    }

    /// A member of `params`, found without walking the whole of it.
    #[must_use]
    pub fn param(&self, key: &str) -> Option<Raw<'_>> {
        match self.kind {
            Kind::Request | Kind::Notification => self.body_member(key),
            Kind::Result | Kind::Error => None,
        }
    }

    /// A member of `result`, found without walking the whole of it.
    #[must_use]
    pub fn result_member(&self, key: &str) -> Option<Raw<'_>> {
        if self.kind == Kind::Result { self.body_member(key) } else { None }
    }

    /// A member of `error`, found without walking the whole of it.
    #[must_use]
    pub fn error_member(&self, key: &str) -> Option<Raw<'_>> {
        if self.kind == Kind::Error { self.body_member(key) } else { None }
    }

    /// `params.name`, unescaped: the tool or prompt that is named.
    #[must_use]
    pub fn name(&self) -> Option<Cow<'_, str>> {
        self.param("name").and_then(Raw::as_str)
    }

    /// `params.uri`, unescaped.
    #[must_use]
    pub fn uri(&self) -> Option<Cow<'_, str>> {
        self.param("uri").and_then(Raw::as_str)
    }

    /// `params.arguments`.
    #[must_use]
    pub fn arguments(&self) -> Option<Raw<'_>> {
        self.param("arguments")
    }

    /// Checks the size of a call's arguments. Costs nothing for a message that is smaller than both limits.
    ///
    /// # Errors
    /// `RefusalCode::TooLarge`, with the key that raises the limit.
    pub fn check_arguments(&self, limits: &Limits) -> Result<(), Refusal> {
        let Limits { argument_bytes_max: one_max, arguments_bytes_max: all_max, .. } = *limits;
        if self.bytes.len() <= one_max.min(all_max) {
            return Ok(());
        }
        let Some(arguments) = self.arguments() else { return Ok(()) };
        if arguments.text().len() > all_max {
            let detail = format!("The arguments have more than {all_max} bytes (`limits.arguments_bytes_max`).");
            return Err(Refusal::new(RefusalCode::TooLarge, arguments.span().start, detail));
        }
        let large = arguments.members().find(|(_, value)| value.text().len() > one_max);
        match large {
            Some((_, value)) => {
                let detail = format!("An argument has more than {one_max} bytes (`limits.argument_bytes_max`).");
                Err(Refusal::new(RefusalCode::TooLarge, value.span().start, detail))
            }
            None => Ok(()),
        }
    }

    /// `_meta` of `params` (request, notification) or of `result`.
    #[must_use]
    pub fn meta(&self) -> Option<Raw<'_>> {
        self.param("_meta").or_else(|| self.result_member("_meta"))
    }

    /// The protocol version that a request of the modern era carries in
    /// `params._meta["io.modelcontextprotocol/protocolVersion"]` (2026-07-28, section "Versioning"). Its presence is
    /// what makes a message modern.
    #[must_use]
    pub fn modern_version(&self) -> Option<Cow<'_, str>> {
        self.param("_meta")?.get("io.modelcontextprotocol/protocolVersion")?.as_str()
    }
}

/// Whether there is an id that is not null, as the kind demands.
fn check_id(kind: Kind, id: Option<Raw<'_>>, start: usize) -> Result<bool, Refusal> {
    let Some(id) = id else {
        return match kind {
            Kind::Notification | Kind::Error => Ok(false),
            Kind::Request | Kind::Result => Err(not_json_rpc(start, "A result needs an `id`.")),
        };
    };
    let is_integer = !id.bytes().iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
    match id.kind() {
        Type::String => Ok(true),
        Type::Number if is_integer => Ok(true),
        Type::Null if kind == Kind::Error => Ok(false),
        Type::Null | Type::Bool | Type::Number | Type::Array | Type::Object => {
            Err(not_json_rpc(id.span().start, "`id` must be a string or an integer."))
        }
    }
}

fn method_name(method: Raw<'_>) -> Result<Name, Refusal> {
    let span = method.span();
    let name = method.as_str().ok_or_else(|| not_json_rpc(span.start, "`method` must be a string."))?;
    Ok(match (Method::known(&name), &name) {
        (Some(method), _) => Name::Known(method),
        (None, Cow::Borrowed(_)) => Name::Plain(span.start as u32 + 1..span.end as u32 - 1),
        (None, Cow::Owned(name)) => Name::Unescaped(Arc::from(name.as_str())),
    })
}

fn check_error(error: Raw<'_>) -> Result<(), Refusal> {
    let start = error.span().start;
    let code = error.get("code").ok_or_else(|| not_json_rpc(start, "`error.code` is missing."))?;
    if code.as_i64().is_none() {
        return Err(not_json_rpc(code.span().start, "`error.code` must be an integer."));
    }
    let message = error.get("message").ok_or_else(|| not_json_rpc(start, "`error.message` is missing."))?;
    if message.kind() != Type::String {
        return Err(not_json_rpc(message.span().start, "`error.message` must be a string."));
    }
    Ok(())
}

fn not_json_rpc(offset: usize, detail: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::NotJsonRpc, offset, detail)
}
