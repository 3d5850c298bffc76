//! Streamable HTTP toward clients, a channel toward the server: a child, an HTTP+SSE server, or an aggregate. A legacy
//! session has a channel of its own; the stateless requests of one principal share one.
//!
//! An answer that comes alone is sent as JSON; one that something comes before is sent as a stream of events.

use std::sync::Arc;

use bytes::Bytes;
use gatehold_evidence::Cleared;
use gatehold_session::Direction;
use gatehold_wire::sse::write_event;
use gatehold_wire::{Kind, Message, Revision};
use http::header::HeaderValue;
use http::{Response, StatusCode};

use crate::body::{Body, Pieces, empty, event_stream, json};
use crate::channel::Fault;
use crate::conversation::{Conversation, Joiner, join};
use crate::listen::streamable::{Call, Membership, message as answer_with, too_many_sessions};
use crate::sessions::{FarSide, HttpSession, new_id};
use crate::upstream::bridge::SESSION_ID;
use crate::upstream::connect::{OpenError, open};
use crate::upstream::mux::{Delivery, Mux, Waiting};

/// Opens a session: a channel of its own, and the handshake on it.
pub(crate) async fn initialize(call: Call<'_>, message: Message) -> Response<Body> {
    let limits = call.snapshot.session_limits;
    if call.gateway.sessions.count() >= limits.count_max {
        return too_many_sessions();
    }
    let id = new_id();
    let conversation = call.connection.session_conversation(call.gateway, &call.server.name);
    let mux = match start(&call, Arc::clone(&conversation)).await {
        Ok(mux) => mux,
        Err(error) => return unopened(&call, &conversation, &message, &error).await,
    };
    let server = Arc::clone(call.server);
    if call.gateway.sessions.open(&id, conversation, server, FarSide::Mux(Arc::clone(&mux)), &limits).is_err() {
        return too_many_sessions();
    }
    let mut response = exchange(&mux, message).await;
    if mux.conversation.agreed().is_none() {
        // The handshake failed: there is no session to speak in.
        call.gateway.sessions.close(&id);
    } else if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(SESSION_ID, id);
    }
    response
}

/// One message in a session.
pub(crate) async fn in_session(session: &Arc<HttpSession>, message: Message) -> Response<Body> {
    match &session.far {
        FarSide::Mux(mux) => exchange(mux, message).await,
        FarSide::Http(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// One message of the modern era, on the channel that all stateless requests of the principal share.
pub(crate) async fn stateless(call: Call<'_>, message: Message) -> Response<Body> {
    if let Some(mux) = call.server.stateless(&call.connection.principal) {
        return exchange(&mux, message).await;
    }
    let conversation = call.connection.session_conversation(call.gateway, &call.server.name);
    match start(&call, Arc::clone(&conversation)).await {
        Ok(mux) => exchange(&call.server.keep_stateless(&call.connection.principal, mux), message).await,
        Err(error) => unopened(&call, &conversation, &message, &error).await,
    }
}

/// A batch (up to 2025-03-26): each message is its own exchange, and the answers are joined again.
pub(crate) async fn batch(
    _call: Call<'_>,
    membership: Membership,
    _conversation: Arc<Conversation>,
    whole: Bytes,
    messages: Vec<Message>,
) -> Response<Body> {
    let Membership::Session(session) = membership else { return empty(StatusCode::BAD_REQUEST) };
    let Some(mux) = session.far.mux() else { return empty(StatusCode::INTERNAL_SERVER_ERROR) };
    let mut waiting = Vec::new();
    let mut answers = Vec::new();
    // The parts are joined only to answer: on the channel each message travels by itself.
    drop(Joiner::new(whole, messages.len()));
    for message in messages {
        match send(mux, message).await {
            Sent::Waiting(exchange) => waiting.push(exchange),
            Sent::Refused(back) => answers.push(back),
            Sent::Accepted => {}
            Sent::Failed => return lost(),
        }
    }
    for mut exchange in waiting {
        loop {
            match exchange.next().await {
                Some(Delivery::Message(between)) => answers.push(between),
                Some(Delivery::Answer(answer)) => {
                    answers.push(answer);
                    break;
                }
                None => return lost(),
            }
        }
    }
    match join(&answers) {
        Some(joined) => answer_with(StatusCode::OK, &joined),
        None => empty(StatusCode::ACCEPTED),
    }
}

/// The stream for what belongs to no exchange (legacy era).
pub(crate) fn listen(session: &Arc<HttpSession>) -> Response<Body> {
    let Some(mux) = session.far.mux() else { return empty(StatusCode::INTERNAL_SERVER_ERROR) };
    let Some(mut general) = mux.open_general() else {
        let text = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Conflict: Only one SSE stream is allowed per session"}}"#;
        return json(StatusCode::CONFLICT, Bytes::from_static(text.as_bytes()));
    };
    let (pieces, body) = Body::stream();
    tokio::spawn(async move {
        loop {
            let next = tokio::select! {
                next = general.recv() => next,
                () = pieces.reader_gone() => return,
            };
            match next {
                Some(cleared) if pieces.send(event(&cleared)).await.is_ok() => {}
                _ => return,
            }
        }
    });
    event_stream(body)
}

/// Opens a channel for a call.
async fn start(call: &Call<'_>, conversation: Arc<Conversation>) -> Result<Arc<Mux>, OpenError> {
    let link = open(call.server, &conversation.origin, &conversation.pipeline).await?;
    Ok(Mux::start(conversation, link.receiver, link.sender, link.guard))
}

/// Passes one message and answers it.
async fn exchange(mux: &Arc<Mux>, message: Message) -> Response<Body> {
    let misses_version = message.modern_version().is_none();
    let wants_priming = mux.conversation.agreed().is_some_and(|revision| revision >= Revision::V2025_11_25);
    match send(mux, message).await {
        Sent::Waiting(waiting) => respond(waiting, misses_version, wants_priming).await,
        Sent::Refused(back) => answer_with(StatusCode::OK, &back),
        Sent::Accepted => empty(StatusCode::ACCEPTED),
        Sent::Failed => lost(),
    }
}

enum Sent {
    Waiting(Waiting),
    Refused(Cleared),
    Accepted,
    Failed,
}

async fn send(mux: &Arc<Mux>, message: Message) -> Sent {
    let direction = Direction::FromClient;
    let conversation = &mux.conversation;
    let passage = match message.kind() {
        Kind::Request | Kind::Notification => conversation.pass_exchanged(direction, &message, None).await,
        Kind::Result | Kind::Error => conversation.pass_message(direction, &message).await,
    };
    let Some(cleared) = passage.onward else {
        return passage.back.map_or(Sent::Accepted, Sent::Refused);
    };
    if message.kind() != Kind::Request {
        return mux.tell(cleared).await.map_or(Sent::Failed, |()| Sent::Accepted);
    }
    match mux.ask(&message, cleared).await {
        Ok(waiting) => Sent::Waiting(waiting),
        Err(Fault::Refused(refusal)) => {
            let id = message.id().map(|id| id.0);
            Sent::Refused(
                conversation.pipeline.refuse(message.bytes(), &refusal, direction, &conversation.origin, id).await,
            )
        }
        Err(Fault::Broken(_)) => Sent::Failed,
    }
}

/// Answers with JSON when the answer comes first, else with a stream.
async fn respond(mut waiting: Waiting, misses_version: bool, _wants_priming: bool) -> Response<Body> {
    match waiting.next().await {
        None => lost(),
        Some(Delivery::Answer(answer)) => answer_with(status_of(&answer, misses_version), &answer),
        Some(Delivery::Message(first)) => {
            let (pieces, body) = Body::stream();
            tokio::spawn(stream(waiting, first, pieces));
            event_stream(body)
        }
    }
}

async fn stream(mut waiting: Waiting, first: Cleared, pieces: Pieces) {
    if pieces.send(event(&first)).await.is_err() {
        return;
    }
    loop {
        let delivery = tokio::select! {
            delivery = waiting.next() => delivery,
            () = pieces.reader_gone() => return,
        };
        match delivery {
            Some(Delivery::Message(between)) => {
                if pieces.send(event(&between)).await.is_err() {
                    return;
                }
            }
            Some(Delivery::Answer(answer)) => {
                let _gone = pieces.send(event(&answer)).await;
                return;
            }
            // The server ended: the stream must not look complete.
            None => return pieces.break_off().await,
        }
    }
}

fn event(cleared: &Cleared) -> Bytes {
    let mut out = Vec::with_capacity(cleared.bytes().len() + 32);
    write_event(Some("message"), None, cleared.bytes(), &mut out);
    out.into()
}

/// The HTTP status that the modern era gives to errors (2026-07-28, "Streamable HTTP"); everything else is 200.
fn status_of(answer: &Cleared, misses_version: bool) -> StatusCode {
    let bytes = answer.bytes();
    let code = gatehold_wire::json::check(bytes, &gatehold_wire::Limits::default())
        .ok()
        .and_then(|answer| answer.get("error")?.get("code")?.as_i64());
    match code {
        Some(-32601) if !misses_version => StatusCode::NOT_FOUND,
        Some(-32022..=-32020) => StatusCode::BAD_REQUEST,
        Some(-32602) if misses_version => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

/// The server ended before it answered.
fn lost() -> Response<Body> {
    let text = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"The server ended before it answered; the gateway is well. Whether it acted on the request is not known."}}"#;
    json(StatusCode::BAD_GATEWAY, Bytes::from_static(text.as_bytes()))
}

/// No channel could be opened.
async fn unopened(
    call: &Call<'_>,
    conversation: &Conversation,
    message: &Message,
    error: &OpenError,
) -> Response<Body> {
    call.gateway.counters.upstream_failed();
    call.gateway.log(&format!("server `{}`: {error}", call.server.name));
    let id = message.id().map_or("null", |id| id.0);
    let mut text = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32603,"message":"#).into_bytes();
    let says = format!("The server `{}` could not be started or reached; its operator finds the cause in the gateway's log.", call.server.name);
    gatehold_wire::json::write_string(&says, &mut text);
    text.extend_from_slice(b"}}");
    let own = conversation.pipeline.own(&conversation.origin, Direction::FromServer, "upstream/failed", text.into());
    match own.await {
        Ok(Some(cleared)) => answer_with(StatusCode::BAD_GATEWAY, &cleared),
        Ok(None) | Err(_) => empty(StatusCode::BAD_GATEWAY),
    }
}
