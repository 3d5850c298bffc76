//! Streamable HTTP toward clients: POST, GET and DELETE at `/mcp…`, in both eras. What the body says decides; the
//! session id is one of ours; and the answer has the shape that each kind of refusal needs to keep a client alive.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehold_decide::answer::seconds;
use gatehold_evidence::Cleared;
use gatehold_session::{Direction, Transport};
use gatehold_wire::{Batch, Message, Refusal, RefusalCode, Revision};
use http::header::{ACCEPT, ALLOW, HeaderValue, RETRY_AFTER};
use http::{Method as HttpMethod, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::body::{Body, empty, json};
use crate::conversation::{Coming, Conversation};
use crate::gateway::{Connection, Gateway, origin_of, public_name};
use crate::holding::{Hold, Outlet};
use crate::identity::{Caller, handle};
use crate::listen::deferred::{may_defer, one_deferred};
use crate::listen::request::{
    NoBody, body_of, check_head, check_mirrors, check_no_mirrors, claims_modern, is_initialize,
};
use crate::listen::{forward, muxed};
use crate::servers::{Reach, Server, Snapshot};
use crate::sessions::HttpSession;
use crate::upstream::bridge::{LAST_EVENT_ID, SESSION_ID};

/// One request as it is handled: where it came in and where it goes.
pub(crate) struct Call<'a> {
    pub(crate) gateway: &'a Arc<Gateway>,
    pub(crate) snapshot: &'a Arc<Snapshot>,
    pub(crate) connection: &'a Arc<Connection>,
    /// Who calls, as the request's own proof says.
    pub(crate) caller: &'a Caller,
    pub(crate) server: &'a Arc<Server>,
    pub(crate) head: http::request::Parts,
    /// Where the client is spoken to while its call waits for a person.
    pub(crate) outlet: Option<&'a Outlet>,
}

/// Which session a request belongs to.
pub(crate) enum Membership {
    /// It names one that is its own.
    Session(Arc<HttpSession>),
    /// It names none.
    None,
    /// It names one that does not exist, or not for it.
    Unknown,
}

/// Answers one request.
pub(crate) async fn answer(call: Call<'_>, body: Incoming) -> Response<Body> {
    call.gateway.note_withheld(&call);
    if let Err(refusal) = check_head(&call.head.headers) {
        return refuse(&call, &call.loose(), b"", &refusal, None).await;
    }
    match call.head.method {
        HttpMethod::POST => post(call, body).await,
        HttpMethod::GET if accepts_events(&call.head) => match call.membership() {
            Membership::Unknown => session_unknown(),
            membership => get(call, membership).await,
        },
        HttpMethod::DELETE => match call.membership() {
            Membership::Session(session) => delete(call, &session).await,
            Membership::None => method_not_allowed(),
            Membership::Unknown => session_unknown(),
        },
        _ => method_not_allowed(),
    }
}

impl<'a> Call<'a> {
    /// The session that the request names.
    pub(crate) fn membership(&self) -> Membership {
        let Some(id) = self.head.headers.get(SESSION_ID) else { return Membership::None };
        let found =
            id.to_str().ok().and_then(|id| self.gateway.session(id, self.caller.principal(), &self.server.name));
        found.map_or(Membership::Unknown, Membership::Session)
    }

    /// The conversation of requests that belong to no session: that of their connection.
    pub(crate) fn loose(&self) -> Arc<Conversation> {
        self.connection.conversation(
            self.gateway,
            self.caller.principal(),
            &self.server.name,
            Transport::StreamableHttp,
        )
    }

    /// An id for a new session of this caller with this server.
    pub(crate) fn new_session_id(&self) -> Box<str> {
        let end = self.gateway.pipeline.now().saturating_add(self.snapshot.session_limits.lifetime);
        handle::issue(self.caller.principal(), &self.server.name, end)
    }

    /// A conversation for a new session.
    pub(crate) fn session_conversation(&self) -> Arc<Conversation> {
        let origin = origin_of(public_name("s"), self.caller.principal(), &self.server.name, Transport::StreamableHttp);
        Arc::new(Conversation::new(Arc::clone(&self.gateway.pipeline), origin))
    }

    /// How a message comes that is answered by this call.
    pub(crate) fn coming(&self) -> Coming<'a> {
        Coming {
            hold: Hold::Here(self.outlet),
            policy: Some(&self.snapshot.policy),
            ..Coming::by(self.caller.principal())
        }
    }

    pub(crate) fn is_channel(&self) -> bool {
        !matches!(self.server.reach, Reach::Http(_))
    }
}

async fn post(call: Call<'_>, body: Incoming) -> Response<Body> {
    let limits = *call.gateway.pipeline.limits();
    let bytes = match body_of(body, limits.message_bytes_max).await {
        Ok(bytes) => bytes,
        Err(NoBody::Refused(refusal)) => return refuse(&call, &call.loose(), b"", &refusal, None).await,
        Err(none @ (NoBody::Broken | NoBody::Late)) => return empty(none.status()),
    };
    let membership = call.membership();
    let parsed = Message::parse_batch(bytes.clone(), &limits);
    // The modern era has no sessions: a session id means nothing in it.
    let is_modern = matches!(&parsed, Ok(Batch::One(message)) if message.modern_version().is_some());
    let conversation = match &membership {
        Membership::Session(session) => Arc::clone(&session.conversation),
        Membership::Unknown if !is_modern => return session_unknown(),
        Membership::None | Membership::Unknown => call.loose(),
    };
    let batch = match parsed {
        Ok(batch) => batch,
        Err(refusal) => return refuse(&call, &conversation, &bytes, &refusal, None).await,
    };
    let place = (&*call.server.name, call.head.uri.path());
    if let Some(refused) = call.snapshot.identity.lacks_scopes(call.caller, place, batch.messages()) {
        return refused;
    }
    match batch {
        Batch::One(message) => {
            if let Err(refusal) = check_mirrors(&message, &call.head.headers) {
                let id = message.id().map(|id| id.0);
                return refuse(&call, &conversation, &bytes, &refusal, id).await;
            }
            if may_defer(&call, &message) {
                return one_deferred(call, membership, conversation, message).await;
            }
            one(call, membership, conversation, message).await
        }
        Batch::Many(messages) => {
            let allowed = batches_allowed(&call, &conversation, &messages);
            if let Err(refusal) = allowed.and_then(|()| check_no_mirrors(&call.head.headers)) {
                return refuse(&call, &conversation, &bytes, &refusal, None).await;
            }
            match call.server.reach {
                Reach::Http(_) => forward::batch(call, membership, conversation, bytes, messages).await,
                _ => muxed::batch(membership, messages, call.caller.principal()).await,
            }
        }
    }
}

/// Answers one message.
pub(crate) async fn one(
    call: Call<'_>,
    membership: Membership,
    conversation: Arc<Conversation>,
    message: Message,
) -> Response<Body> {
    if call.is_channel() {
        let modern = message.modern_version().is_some() || claims_modern(&call.head.headers);
        return match (membership, modern) {
            (Membership::Session(session), _) => muxed::in_session(&session, message, call.coming()).await,
            (_, true) => muxed::stateless(call, message).await,
            _ if is_initialize(&message) => muxed::initialize(call, message).await,
            _ => session_missing(),
        };
    }
    forward::one(call, membership, conversation, message).await
}

async fn get(call: Call<'_>, membership: Membership) -> Response<Body> {
    match (membership, call.is_channel()) {
        (membership, false) => forward::get(call, membership).await,
        (Membership::Session(session), true) => {
            let last = call.head.headers.get(LAST_EVENT_ID).map(|id| id.to_str().unwrap_or_default());
            muxed::listen(&session, last)
        }
        (_, true) => method_not_allowed(),
    }
}

async fn delete(call: Call<'_>, session: &Arc<HttpSession>) -> Response<Body> {
    if let Some(id) = call.head.headers.get(SESSION_ID).and_then(|id| id.to_str().ok()) {
        call.gateway.sessions.close(id);
    }
    call.gateway.session_ended(session, "closed by its client");
    if call.is_channel() { empty(StatusCode::NO_CONTENT) } else { forward::delete(call, session).await }
}

/// A batch is lawful in revisions up to 2025-03-26 only: the agreed one, or the one that the header names. Without
/// either, the specification says to assume 2025-03-26.
fn batches_allowed(call: &Call<'_>, conversation: &Conversation, messages: &[Message]) -> Result<(), Refusal> {
    let refused = |detail: &str| Err(Refusal::new(RefusalCode::Batch, 0, detail));
    if !has_batches(call, conversation) {
        return refused("batches exist only up to revision 2025-03-26");
    }
    if messages.iter().any(|message| message.modern_version().is_some() || is_initialize(message)) {
        return refused("this message must not be part of a batch");
    }
    Ok(())
}

/// Whether the revision that is spoken has batches, as far as can be told.
pub(crate) fn has_batches(call: &Call<'_>, conversation: &Conversation) -> bool {
    let header = call.head.headers.get(crate::upstream::bridge::PROTOCOL_VERSION);
    let named = header.map(|value| value.to_str().ok().and_then(|name| Revision::from_name(name.trim())));
    let revision = match (conversation.agreed(), named) {
        (Some(agreed), _) => Some(agreed),
        (None, Some(named)) => named,
        (None, None) => Some(Revision::V2025_03_26),
    };
    revision.is_some_and(Revision::has_batches)
}

/// Records and words a refusal of what could not be read: HTTP 400 (413 for what is too large) with a JSON-RPC error.
pub(crate) async fn refuse(
    call: &Call<'_>,
    conversation: &Conversation,
    bytes: &[u8],
    refusal: &Refusal,
    id: Option<&str>,
) -> Response<Body> {
    let status = match refusal.code {
        RefusalCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    call.gateway.counters.refused();
    let cleared = conversation.pipeline.refuse(bytes, refusal, Direction::FromClient, &conversation.origin, id).await;
    json(status, cleared.bytes().clone())
}

/// An answer with a message that was cleared.
pub(crate) fn message(status: StatusCode, cleared: &Cleared) -> Response<Body> {
    json(status, cleared.bytes().clone())
}

/// An answer that says in its head as well when to try again (RFC 9110, section 10.2.3).
pub(crate) fn try_again(mut response: Response<Body>, wait: Option<Duration>) -> Response<Body> {
    if let Some(wait) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds(wait)));
    }
    response
}

fn accepts_events(head: &http::request::Parts) -> bool {
    let accepted = |value: &HeaderValue| {
        value.to_str().is_ok_and(|value| value.contains("text/event-stream") || value.contains("*/*"))
    };
    head.headers.get_all(ACCEPT).iter().any(accepted)
}

/// The answers below say nothing that a peer sent and decide nothing about a message; they are the protocol's own.
const fn fixed(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

/// A session that does not exist: the client starts a new one (MCP "Streamable HTTP", session management).
pub(crate) fn session_unknown() -> Response<Body> {
    json(
        StatusCode::NOT_FOUND,
        fixed(r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}"#),
    )
}

fn session_missing() -> Response<Body> {
    json(
        StatusCode::BAD_REQUEST,
        fixed(
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: Mcp-Session-Id header is required"}}"#,
        ),
    )
}

pub(crate) fn too_many_sessions(message: &Message) -> Response<Body> {
    let id = message.id().map_or("null", |id| id.0);
    let text = format!(
        r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32603,"message":"The gateway has as many sessions as it may have. Try again later."}}}}"#
    );
    json(StatusCode::SERVICE_UNAVAILABLE, text.into())
}

fn method_not_allowed() -> Response<Body> {
    let text = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Method not allowed."}}"#;
    let mut response = json(StatusCode::METHOD_NOT_ALLOWED, fixed(text));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, POST, DELETE"));
    response
}

/// Routes a request to `/mcp…` by the rest of its path.
pub(crate) async fn serve(
    gateway: &Arc<Gateway>,
    snapshot: &Arc<Snapshot>,
    (connection, caller): (&Arc<Connection>, &Caller),
    rest: &str,
    request: Request<Incoming>,
) -> Option<Response<Body>> {
    let server = snapshot.route(rest)?;
    let (head, body) = request.into_parts();
    Some(answer(Call { gateway, snapshot, connection, caller, server, head, outlet: None }, body).await)
}
