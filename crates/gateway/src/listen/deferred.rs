//! Requests over HTTP that may have to wait for a person: as soon as one waits, its client gets the head of a stream of
//! events, on which it is asked, sees progress, and at last finds the answer. What need not wait is answered as always.
//!
//! It decides nothing: it only turns an answer that takes long into a stream.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehold_evidence::Cleared;
use gatehold_wire::sse::write_event;
use gatehold_wire::{Kind, Message};
use http::Response;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use tokio::sync::mpsc;

use crate::body::{Body, Pieces, event_stream};
use crate::conversation::Conversation;
use crate::gateway::{Connection, Gateway};
use crate::holding::{Outlet, Said};
use crate::identity::Caller;
use crate::listen::request::is_initialize;
use crate::listen::streamable::{Call, Membership, one};
use crate::servers::{Server, Snapshot};

/// How often a comment is sent on a stream whose call waits, so that nobody on the way takes it for dead.
const ALIVE_EVERY: Duration = Duration::from_secs(15);

/// All that a call needs, owned, so that it can outlive the head of its answer.
struct Owned {
    gateway: Arc<Gateway>,
    snapshot: Arc<Snapshot>,
    connection: Arc<Connection>,
    caller: Caller,
    server: Arc<Server>,
    head: http::request::Parts,
    outlet: Outlet,
}

/// Whether a message may have to wait while its client reads a stream. An `initialize` opens a session in the head of
/// its answer, which a stream would have sent already.
pub(crate) fn may_defer(call: &Call<'_>, message: &Message) -> bool {
    message.kind() == Kind::Request
        && call.outlet.is_none()
        && call.gateway.pipeline.may_hold()
        && !is_initialize(message)
        && call
            .head
            .headers
            .get_all(ACCEPT)
            .iter()
            .any(|value| value.to_str().is_ok_and(|value| value.contains("text/event-stream") || value.contains("*/*")))
}

/// Answers a message that may have to wait.
pub(crate) async fn one_deferred(
    call: Call<'_>,
    membership: Membership,
    conversation: Arc<Conversation>,
    message: Message,
) -> Response<Body> {
    let (outlet, mut said) = Outlet::events();
    let owned = Owned {
        gateway: Arc::clone(call.gateway),
        snapshot: Arc::clone(call.snapshot),
        connection: Arc::clone(call.connection),
        caller: call.caller.clone(),
        server: Arc::clone(call.server),
        head: call.head,
        outlet,
    };
    let mut answering = Box::pin(async move {
        let call = Call {
            gateway: &owned.gateway,
            snapshot: &owned.snapshot,
            connection: &owned.connection,
            caller: &owned.caller,
            server: &owned.server,
            head: owned.head,
            outlet: Some(&owned.outlet),
        };
        one(call, membership, conversation, message).await
    });
    tokio::select! {
        biased;
        response = &mut answering => response,
        Some(first) = said.recv() => {
            let (pieces, body) = Body::stream();
            tokio::spawn(async move {
                // A client that is gone has given the call up: dropping it ends the waiting.
                tokio::select! {
                    () = pieces.reader_gone() => {}
                    () = tell(answering, first, &mut said, &pieces) => {}
                }
            });
            event_stream(body)
        }
    }
}

/// Writes what is said while the call waits, and then its answer.
async fn tell(
    mut answering: impl Future<Output = Response<Body>> + Unpin,
    first: Said,
    said: &mut mpsc::Receiver<Said>,
    pieces: &Pieces,
) {
    if say(first, pieces).await.is_err() {
        return;
    }
    let mut alive = tokio::time::interval(ALIVE_EVERY);
    let response = loop {
        tokio::select! {
            response = &mut answering => break response,
            Some(more) = said.recv() => {
                if say(more, pieces).await.is_err() {
                    return;
                }
            }
            _ = alive.tick() => {
                if pieces.send(Bytes::from_static(b": waiting\n\n")).await.is_err() {
                    return;
                }
            }
        }
    };
    let is_events = is_events(response.headers().get(CONTENT_TYPE));
    match response.into_body() {
        Body::Whole(None) => {}
        Body::Whole(Some(bytes)) => {
            let _gone = pieces.send(event(&bytes)).await;
        }
        Body::Stream(mut stream) if is_events => {
            while let Some(piece) = stream.recv().await {
                let Ok(piece) = piece else { return pieces.break_off().await };
                if pieces.send(piece).await.is_err() {
                    return;
                }
            }
        }
        Body::Stream(_) | Body::Limited(..) | Body::Breaking => pieces.break_off().await,
    }
}

async fn say(said: Said, pieces: &Pieces) -> Result<(), crate::body::BrokenOff> {
    match said {
        Said::Held => pieces.send(Bytes::from_static(b": held\n\n")).await,
        Said::Message(cleared) => pieces.send(message_event(&cleared)).await,
    }
}

fn message_event(cleared: &Cleared) -> Bytes {
    event(cleared.bytes())
}

/// An event with one message. A line end can only be white space between tokens; in an event it would split the data.
fn event(message: &[u8]) -> Bytes {
    let line: Vec<u8> = message.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect();
    let mut out = Vec::with_capacity(line.len() + 32);
    write_event(Some("message"), None, &line, &mut out);
    out.into()
}

fn is_events(content_type: Option<&HeaderValue>) -> bool {
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"))
}
