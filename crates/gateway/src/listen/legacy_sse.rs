//! HTTP+SSE of 2024-11-05 toward clients: a GET opens the stream whose first event names the address to post to; what
//! is posted there is accepted, and everything that comes back comes on the stream.
//!
//! The address holds a session id of 256 random bits, bound to the principal that opened the stream.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehold_evidence::Cleared;
use gatehold_session::{Direction, Transport};
use gatehold_wire::Message;
use gatehold_wire::sse::write_event;
use http::{Method as HttpMethod, Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::body::{Body, Pieces, empty, event_stream, json};
use crate::channel::{Fault, Posted, Receiver, Sender};
use crate::conversation::Conversation;
use crate::gateway::{Gateway, origin_of, public_name};
use crate::identity::{Caller, handle};
use crate::listen::request::{NoBody, body_of, check_head};
use crate::listen::unix::LAST_WORDS_PATIENCE;
use crate::relay::{Senders, carry};
use crate::servers::{Server, Snapshot};
use crate::upstream::connect::open;

/// Messages that may wait on either side.
const WAITING_MAX: usize = 64;
/// How long a client may take over what its server said last.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// Answers a request to `/sse…` or `/messages…`; `None` when nothing is served there.
pub(crate) async fn serve(
    gateway: &Arc<Gateway>,
    snapshot: &Arc<Snapshot>,
    caller: &Caller,
    request: Request<Incoming>,
) -> Option<Response<Body>> {
    let path = request.uri().path().to_owned();
    if let Some(rest) = path.strip_prefix("/sse") {
        let server = snapshot.route(rest)?;
        return Some(match *request.method() {
            HttpMethod::GET => stream(gateway, caller, server, rest).await,
            _ => empty(StatusCode::METHOD_NOT_ALLOWED),
        });
    }
    let server = snapshot.route(path.strip_prefix("/messages")?)?;
    Some(match *request.method() {
        HttpMethod::POST => post((gateway, snapshot), caller, server, request).await,
        _ => empty(StatusCode::METHOD_NOT_ALLOWED),
    })
}

async fn stream(gateway: &Arc<Gateway>, caller: &Caller, server: &Arc<Server>, rest: &str) -> Response<Body> {
    let origin = origin_of(public_name("s"), caller.principal(), &server.name, Transport::LegacySse);
    let link = match open(server, &origin, &gateway.pipeline).await {
        Ok(link) => link,
        Err(error) => {
            gateway.counters.upstream_failed();
            gateway.log(&format!("server `{}`: {error}", server.name));
            return json(
                StatusCode::BAD_GATEWAY,
                Bytes::from_static(
                    br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"The server could not be started or reached; its operator finds the cause in the gateway's log."}}"#,
                ),
            );
        }
    };
    let id = handle::issue(caller.principal(), &server.name, Duration::MAX);
    let (posted, from_client) = mpsc::channel::<Posted>(WAITING_MAX);
    if gateway.streams.open(&id, caller.principal().clone(), &server.name, posted).is_err() {
        return empty(StatusCode::SERVICE_UNAVAILABLE);
    }
    let (to_client, queue) = mpsc::channel(WAITING_MAX);
    let conversation = Arc::new(Conversation::new(Arc::clone(&gateway.pipeline), origin));
    let (pieces, body) = Body::stream();
    let endpoint = format!("event: endpoint\ndata: /messages{rest}?session={id}\n\n");
    let (gateway, server) = (Arc::clone(gateway), Arc::clone(server));
    tokio::spawn(async move {
        let senders = Senders::new(Sender::Queue(to_client), link.sender);
        let (mut from_client, mut from_server) = (Receiver::Posted(from_client, None), link.receiver);
        let writing = write(endpoint.into(), queue, pieces);
        let mut up = Box::pin(carry(&conversation, Direction::FromClient, &mut from_client, &senders));
        let mut down = Box::pin(carry(&conversation, Direction::FromServer, &mut from_server, &senders));
        tokio::pin!(writing);
        let mut why = tokio::select! {
            _ended = &mut up => Why::Ending,
            _ended = &mut down => Why::ServerEnded,
            () = &mut writing => Why::ClientLeft,
            () = gateway.is_to_end(&server, &conversation) => Why::Ending,
        };
        gateway.streams.close(&id);
        // Stopped in the middle of a line, it would keep the sender.
        drop(up);
        senders.close_server().await;
        if why == Why::Ending {
            // An answer that was just judged is still on its way, and a server may have last words.
            tokio::select! {
                _ended = &mut down => {}
                () = &mut writing => why = Why::ClientLeft,
                () = tokio::time::sleep(LAST_WORDS_PATIENCE) => {}
            }
        }
        drop(down);
        senders.close_client().await;
        drop(link.guard);
        if why != Why::ClientLeft {
            // What the server said last is still in the queue; a client that does not read loses it.
            let _slow = timeout(WRITE_PATIENCE, writing).await;
        }
    });
    event_stream(body)
}

/// Why a stream ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    ClientLeft,
    ServerEnded,
    Ending,
}

/// Writes the stream until its reader is gone.
async fn write(endpoint: Bytes, mut queue: mpsc::Receiver<Cleared>, pieces: Pieces) {
    if pieces.send(endpoint).await.is_err() {
        return;
    }
    loop {
        let cleared = tokio::select! {
            cleared = queue.recv() => cleared,
            () = pieces.reader_gone() => return,
        };
        let Some(cleared) = cleared else { return };
        let mut event = Vec::with_capacity(cleared.bytes().len() + 32);
        write_event(Some("message"), None, cleared.bytes(), &mut event);
        if pieces.send(event.into()).await.is_err() {
            return;
        }
    }
}

/// Takes a message for a stream. It is judged on the stream's own task; the answer here says only that it came.
async fn post(
    (gateway, snapshot): (&Arc<Gateway>, &Arc<Snapshot>),
    caller: &Caller,
    server: &Arc<Server>,
    request: Request<Incoming>,
) -> Response<Body> {
    let id = request.uri().query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("session=")));
    let Some(posted) = id.and_then(|id| gateway.stream(id, caller.principal(), &server.name)) else {
        return crate::listen::streamable::session_unknown();
    };
    if check_head(request.headers()).is_err() {
        return empty(StatusCode::BAD_REQUEST);
    }
    let path = request.uri().path().to_owned();
    let limit = gateway.pipeline.limits().message_bytes_max;
    let arrived = match body_of(request.into_body(), limit).await {
        Ok(bytes) => Ok(bytes),
        Err(NoBody::Refused(refusal)) => Err(Fault::Refused(refusal)),
        Err(none @ (NoBody::Broken | NoBody::Late)) => return empty(none.status()),
    };
    if let Some(refused) = lacks_scopes((gateway, snapshot), caller, (&server.name, &path), arrived.as_ref().ok()) {
        return refused;
    }
    let accepted = arrived.is_ok();
    match posted.send((caller.principal().clone(), arrived)).await {
        Ok(()) if accepted => empty(StatusCode::ACCEPTED),
        Ok(()) => empty(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => crate::listen::streamable::session_unknown(),
    }
}

/// The refusal of a message that needs scopes which its caller lacks. What cannot be read needs none: it is refused on
/// the stream's own task.
fn lacks_scopes(
    (gateway, snapshot): (&Gateway, &Snapshot),
    caller: &Caller,
    place: (&str, &str),
    arrived: Option<&Bytes>,
) -> Option<Response<Body>> {
    if !snapshot.identity.has_scopes() {
        return None;
    }
    let batch = Message::parse_batch(arrived?.clone(), gateway.pipeline.limits()).ok()?;
    snapshot.identity.lacks_scopes(caller, place, batch.messages())
}
