//! Streamable HTTP toward clients, a channel toward the server: a child, an HTTP+SSE server, or an aggregate. A legacy
//! session has a channel of its own; the stateless requests of one principal share one.
//!
//! An answer that comes alone is sent as JSON; one that something comes before is sent as a stream of events.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehold_evidence::Cleared;
use gatehold_session::{Direction, Principal};
use gatehold_wire::headers::check_param;
use gatehold_wire::sse::write_event;
use gatehold_wire::{Kind, Message, Method, Refusal, Revision};
use http::header::HeaderValue;
use http::{Response, StatusCode};

use crate::body::{Body, Pieces, empty, event_stream, json};
use crate::channel::Fault;
use crate::conversation::{Coming, Conversation, join};
use crate::listen::streamable::{Call, Membership, message as answer_with, refuse, too_many_sessions, try_again};
use crate::sessions::{FarSide, HttpSession};
use crate::upstream::bridge::SESSION_ID;
use crate::upstream::connect::{OpenError, open};
use crate::upstream::log::{EventLog, Next, parse_event_id};
use crate::upstream::mux::{Delivery, Mux, Waiting};

/// Opens a session: a channel of its own, and the handshake on it.
pub(crate) async fn initialize(call: Call<'_>, message: Message) -> Response<Body> {
    let limits = call.snapshot.session_limits;
    if call.gateway.sessions.count() >= limits.count_max {
        return too_many_sessions(&message);
    }
    let id = call.new_session_id();
    let conversation = call.session_conversation();
    let mux = match start(&call, Arc::clone(&conversation)).await {
        Ok(mux) => mux,
        Err(error) => return unopened(&call, &conversation, &message, &error).await,
    };
    let server = Arc::clone(call.server);
    if call.gateway.sessions.open(&id, conversation, server, FarSide::Mux(Arc::clone(&mux)), &limits).is_err() {
        return too_many_sessions(&message);
    }
    let mut response = exchange(&mux, message, Manner::Legacy { primed: false }, call.coming()).await;
    // In a stream the answer comes later: a server may log before it shakes hands.
    let is_stream = matches!(response.body(), Body::Stream(..));
    if mux.conversation.agreed().is_none() && !is_stream {
        // The handshake failed: there is no session to speak in.
        call.gateway.sessions.close(&id);
    } else if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(SESSION_ID, id);
    }
    response
}

/// One message in a session.
pub(crate) async fn in_session(session: &Arc<HttpSession>, message: Message, coming: Coming<'_>) -> Response<Body> {
    match &session.far {
        FarSide::Mux(mux) => exchange(mux, message, Manner::of_session(mux), coming).await,
        FarSide::Http(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// One message of the modern era, on the channel that all stateless requests of the principal share.
pub(crate) async fn stateless(call: Call<'_>, message: Message) -> Response<Body> {
    let mux = match call.server.stateless(call.caller.principal()) {
        Some(mux) => mux,
        None => {
            let conversation = call.session_conversation();
            match start(&call, Arc::clone(&conversation)).await {
                Ok(mux) => call.server.keep_stateless(call.caller.principal(), mux),
                Err(error) => return unopened(&call, &conversation, &message, &error).await,
            }
        }
    };
    if let Err(refusal) = check_params(&mux, &message, &call).await {
        let id = message.id().map(|id| id.0);
        return refuse(&call, &mux.conversation, message.bytes(), &refusal, id).await;
    }
    if message.method() == Some(Method::Cancelled) {
        // Over HTTP a request is cancelled by closing its own stream (2026-07-28, "Cancellation"). An id that a message
        // names may be that of somebody else here: it is recorded and goes nowhere.
        let coming = Coming::by(call.caller.principal());
        let _dropped = mux.conversation.pass_exchanged(Direction::FromClient, &message, None, coming).await;
        return empty(StatusCode::ACCEPTED);
    }
    let manner = Manner::stateless(&message);
    exchange(&mux, message, manner, call.coming()).await
}

/// Compares the `Mcp-Param-*` headers of a tool call with its arguments, as the server would if it spoke HTTP. The
/// tool's schema says which there are; if no list was seen yet, one is asked for.
async fn check_params(mux: &Arc<Mux>, message: &Message, call: &Call<'_>) -> Result<(), Refusal> {
    let headers = &call.head.headers;
    if message.method() != Some(Method::ToolsCall) || message.modern_version().is_none() {
        return Ok(());
    }
    let Some(tool) = message.name() else { return Ok(()) };
    if mux.mirrored(&tool).is_none() {
        ask_for_tools(mux, message, call.caller.principal()).await;
    }
    // A call without arguments has none that a header could mirror.
    let none = gatehold_wire::json::check(b"{}", &gatehold_wire::Limits::default())?;
    let arguments = message.arguments().unwrap_or(none);
    for param in mux.mirrored(&tool).unwrap_or_default() {
        let header = headers.get(format!("mcp-param-{}", param.header)).map(HeaderValue::as_bytes);
        check_param(&param, header, arguments)?;
    }
    Ok(())
}

/// Asks the server for its tools on our own account, with the `_meta` of the request that needs them.
async fn ask_for_tools(mux: &Arc<Mux>, message: &Message, speaker: &Principal) {
    /// Pages that are read.
    const PAGES_MAX: usize = 100;
    let Some(meta) = message.meta() else { return };
    let mut cursor = String::new();
    for page in 0..PAGES_MAX {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":"gatehold-tools-{page}","method":"tools/list","params":{{{cursor}"_meta":{}}}}}"#,
            meta.text()
        );
        let conversation = &mux.conversation;
        let Ok(request) = Message::parse(text.into(), conversation.pipeline.limits()) else { return };
        let own = conversation.pipeline.own(
            &conversation.origin,
            Direction::FromClient,
            "tools/list",
            request.bytes().clone(),
        );
        let Ok(Some(cleared)) = own.await else { return };
        let Ok(mut waiting) = mux.ask(&request, cleared, speaker, None).await else { return };
        let answer = loop {
            match waiting.next().await {
                Some(Delivery::Message(_)) => {}
                Some(Delivery::Answer(answer, _)) => break answer,
                None => return,
            }
        };
        let answer = Message::parse(answer.bytes().clone(), conversation.pipeline.limits());
        let next = answer.ok().and_then(|answer| {
            answer.result_member("nextCursor").map(|cursor| format!(r#""cursor":{},"#, cursor.text()))
        });
        match next {
            Some(next) => cursor = next,
            None => return,
        }
    }
}

/// A batch (up to 2025-03-26): each message is its own exchange, and the answers are joined again.
pub(crate) async fn batch(membership: Membership, messages: Vec<Message>, principal: &Principal) -> Response<Body> {
    let Membership::Session(session) = membership else { return empty(StatusCode::BAD_REQUEST) };
    let Some(mux) = session.far.mux() else { return empty(StatusCode::INTERNAL_SERVER_ERROR) };
    let mut waiting = Vec::new();
    let mut answers = Vec::new();
    for message in messages {
        match send(mux, message, Coming::by(principal)).await {
            Sent::Waiting(exchange) => waiting.push(exchange),
            Sent::Refused(back, _) => answers.push(back),
            Sent::Accepted => {}
            Sent::Failed => return lost("null"),
        }
    }
    for mut exchange in waiting {
        loop {
            match exchange.next().await {
                Some(Delivery::Message(between)) => answers.push(between),
                Some(Delivery::Answer(answer, _)) => {
                    answers.push(answer);
                    break;
                }
                None => return lost("null"),
            }
        }
    }
    match join(&answers) {
        Some(joined) => answer_with(StatusCode::OK, &joined),
        None => empty(StatusCode::ACCEPTED),
    }
}

/// A stream of a session (legacy era): the one that `Last-Event-ID` names, read on after that event, or else the one
/// for what belongs to no exchange.
pub(crate) fn listen(session: &Arc<HttpSession>, last_event: Option<&str>) -> Response<Body> {
    let Some(mux) = session.far.mux() else { return empty(StatusCode::INTERNAL_SERVER_ERROR) };
    let resumed = last_event.map(|id| (id, parse_event_id(id)));
    let log = match resumed {
        None if mux.general().is_attached() => {
            let text = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Conflict: Only one SSE stream is allowed per session"}}"#;
            return json(StatusCode::CONFLICT, Bytes::from_static(text.as_bytes()));
        }
        None | Some((_, Some((0, _)))) => Followed::General(Arc::clone(mux)),
        Some((_, Some((stream, _)))) => match mux.stream(stream) {
            Some(log) => Followed::Stream(log),
            None => return no_such_event(),
        },
        Some((_, None)) => return no_such_event(),
    };
    let last = resumed.and_then(|(_, parsed)| parsed).map(|(_, number)| number);
    let reader = log.log().attach(last);
    let (pieces, body) = Body::stream();
    tokio::spawn(follow(log, reader, pieces));
    event_stream(body)
}

/// An event that never was, or that is no longer kept.
fn no_such_event() -> Response<Body> {
    let text = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Invalid event id: nothing is kept to resume from"}}"#;
    json(StatusCode::BAD_REQUEST, Bytes::from_static(text.as_bytes()))
}

/// The log that a reader follows.
enum Followed {
    General(Arc<Mux>),
    Stream(Arc<EventLog>),
}

impl Followed {
    fn log(&self) -> &EventLog {
        match self {
            Self::General(mux) => mux.general(),
            Self::Stream(log) => log,
        }
    }
}

/// Brings a log to its reader until one of them ends.
async fn follow(followed: Followed, reader: u64, pieces: Pieces) {
    let log = followed.log();
    loop {
        let next = tokio::select! {
            next = log.next(reader) => next,
            () = pieces.reader_gone() => break,
        };
        match next {
            Next::Event(event) => {
                if pieces.send(event).await.is_err() {
                    break;
                }
            }
            Next::Ended => break,
            Next::Broken => {
                pieces.break_off().await;
                break;
            }
        }
    }
    log.detach(reader);
}

/// Opens a channel for a call.
async fn start(call: &Call<'_>, conversation: Arc<Conversation>) -> Result<Arc<Mux>, OpenError> {
    let link = open(call.server, &conversation.origin, &conversation.pipeline).await?;
    Ok(Mux::start(conversation, link.receiver, link.sender, link.guard))
}

/// How an exchange is answered.
#[derive(Clone, Copy)]
enum Manner {
    /// In a session: errors are HTTP 200, and streams can be come back to.
    Legacy {
        /// Whether a stream begins with an event that carries only an id.
        primed: bool,
    },
    /// Stateless: errors of the protocol have an HTTP status.
    Modern {
        /// Whether the request carries all that `_meta` must hold.
        is_complete: bool,
    },
}

impl Manner {
    fn of_session(mux: &Mux) -> Self {
        Self::Legacy { primed: mux.conversation.agreed().is_some_and(|revision| revision >= Revision::V2025_11_25) }
    }

    fn stateless(message: &Message) -> Self {
        let has = |key: &str| message.meta().is_some_and(|meta| meta.get(key).is_some());
        let is_complete =
            has("io.modelcontextprotocol/protocolVersion") && has("io.modelcontextprotocol/clientCapabilities");
        Self::Modern { is_complete }
    }
}

/// Passes one message and answers it.
async fn exchange(mux: &Arc<Mux>, message: Message, manner: Manner, coming: Coming<'_>) -> Response<Body> {
    let id: Box<str> = message.id().map_or("null", |id| id.0).into();
    match send(mux, message, coming).await {
        Sent::Waiting(waiting) => respond(mux, waiting, manner, &id).await,
        Sent::Refused(back, wait) => try_again(answer_with(StatusCode::OK, &back), wait),
        Sent::Accepted => empty(StatusCode::ACCEPTED),
        Sent::Failed => lost(&id),
    }
}

enum Sent {
    Waiting(Waiting),
    Refused(Cleared, Option<Duration>),
    Accepted,
    Failed,
}

async fn send(mux: &Arc<Mux>, message: Message, coming: Coming<'_>) -> Sent {
    let direction = Direction::FromClient;
    let conversation = &mux.conversation;
    let passage = match message.kind() {
        Kind::Request | Kind::Notification => conversation.pass_exchanged(direction, &message, None, coming).await,
        Kind::Result | Kind::Error => conversation.pass_message(direction, &message, coming).await,
    };
    let Some(cleared) = passage.onward else {
        let wait = passage.retry_after;
        return passage.back.map_or(Sent::Accepted, |back| Sent::Refused(back, wait));
    };
    if message.kind() != Kind::Request {
        return mux.tell(cleared).await.map_or(Sent::Failed, |()| Sent::Accepted);
    }
    let principal = coming.principal.unwrap_or(&conversation.origin.principal);
    match mux.ask(&message, cleared, principal, passage.place).await {
        Ok(waiting) => Sent::Waiting(waiting),
        Err(Fault::Refused(refusal)) => {
            let id = message.id().map(|id| id.0);
            Sent::Refused(
                conversation.pipeline.refuse(message.bytes(), &refusal, direction, &conversation.origin, id).await,
                None,
            )
        }
        Err(Fault::Broken(_)) => Sent::Failed,
    }
}

/// Answers with JSON when the answer comes first, else with a stream.
async fn respond(mux: &Arc<Mux>, mut waiting: Waiting, manner: Manner, id: &str) -> Response<Body> {
    match waiting.next().await {
        None => lost(id),
        Some(Delivery::Answer(answer, code)) => answer_with(status_of(code, manner), &answer),
        Some(Delivery::Message(first)) => {
            let (pieces, body) = Body::stream();
            match manner {
                Manner::Modern { .. } => {
                    tokio::spawn(stream(waiting, first, pieces));
                }
                Manner::Legacy { primed } => {
                    let log = mux.new_stream();
                    if primed {
                        log.prime();
                    }
                    let reader = log.attach(None);
                    tokio::spawn(follow(Followed::Stream(Arc::clone(&log)), reader, pieces));
                    tokio::spawn(keep(waiting, first, log));
                }
            }
            event_stream(body)
        }
    }
}

/// Brings an exchange into its log, whether somebody reads it or not: in the legacy era a client that goes away has
/// not cancelled, and may come back.
async fn keep(mut waiting: Waiting, first: Cleared, log: Arc<EventLog>) {
    log.append(first.bytes()).await;
    loop {
        match waiting.next().await {
            Some(Delivery::Message(between)) => log.append(between.bytes()).await,
            Some(Delivery::Answer(answer, _)) => {
                log.append(answer.bytes()).await;
                return log.end(false);
            }
            None => return log.end(true),
        }
    }
}

/// Brings an exchange to its client (modern era): when the client goes away, the request is cancelled.
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
            Some(Delivery::Answer(answer, _)) => {
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
fn status_of(code: Option<i64>, manner: Manner) -> StatusCode {
    let Manner::Modern { is_complete } = manner else { return StatusCode::OK };
    match code {
        Some(-32601) => StatusCode::NOT_FOUND,
        Some(-32022..=-32020) => StatusCode::BAD_REQUEST,
        Some(-32602) if !is_complete => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

/// The server ended before it answered.
fn lost(id: &str) -> Response<Body> {
    let text = format!(
        r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32603,"message":"The server ended before it answered; the gateway is well. Whether it acted on the request is not known."}}}}"#
    );
    json(StatusCode::BAD_GATEWAY, text.into())
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
    let says = format!(
        "The server `{}` could not be started or reached; its operator finds the cause in the gateway's log.",
        call.server.name
    );
    gatehold_wire::json::write_string(&says, &mut text);
    text.extend_from_slice(b"}}");
    let own = conversation.pipeline.own(&conversation.origin, Direction::FromServer, "upstream/failed", text.into());
    match own.await {
        Ok(Some(cleared)) => answer_with(StatusCode::BAD_GATEWAY, &cleared),
        Ok(None) | Err(_) => empty(StatusCode::BAD_GATEWAY),
    }
}
