//! A stream of events from an HTTP server to a client: each event that carries a message passes the gate, and every
//! event goes on with the bytes it came in, its id, `retry`, comments and all. Nothing waits for the next event.

use std::sync::Arc;

use bytes::Bytes;
use gatehold_evidence::Cleared;
use gatehold_session::Direction;
use gatehold_wire::sse::{Event, write_event};
use gatehold_wire::{Batch, Refusal};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method as HttpMethod, Request};
use http_body_util::Full;

use crate::body::{Body, BrokenOff, Pieces};
use crate::conversation::Outcome;
use crate::gateway::Gateway;
use crate::listen::forward::Exchange;
use crate::secrets::Secret;
use crate::servers::{Reach, Server};
use crate::sessions::{FarSide, HttpSession};
use crate::upstream::answer::{EventSource, Unread, whole};
use crate::upstream::bridge::{SESSION_ID, set_own};
use crate::upstream::connection::AnswerBody;

/// A stream that is to be relayed.
pub(crate) struct Relayed {
    pub(crate) exchange: Exchange,
    pub(crate) source: AnswerBody,
    /// Messages that come before the server's own.
    pub(crate) first: Vec<Cleared>,
}

/// The way back to the server, for answers to requests of its own that were refused.
pub(crate) struct Back {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) server: Arc<Server>,
    pub(crate) session: Option<Arc<HttpSession>>,
    /// The caller's own token, where the server's are exchanged for it.
    pub(crate) subject: Option<Secret>,
}

/// Starts to relay, and gives the body that the client reads.
pub(crate) fn relay(relayed: Relayed, back: Back) -> Body {
    let (pieces, body) = Body::stream();
    tokio::spawn(run(relayed, back, pieces));
    body
}

async fn run(relayed: Relayed, back: Back, pieces: Pieces) {
    let Relayed { mut exchange, source, first } = relayed;
    let event_bytes_max = exchange.conversation.pipeline.limits().event_bytes_max;
    let mut source = EventSource::new(source, event_bytes_max);
    for cleared in first {
        let mut event = Vec::new();
        write_event(None, None, cleared.bytes(), &mut event);
        if pieces.send(event.into()).await.is_err() {
            return;
        }
    }
    loop {
        let arrived = tokio::select! {
            arrived = source.next() => arrived,
            // The client is gone: dropping the source closes its connection, which lets the server know.
            () = pieces.reader_gone() => return,
        };
        let sent = match arrived {
            None => return,
            Some(Ok(event)) => pass(&mut exchange, &back, event, &pieces).await,
            Some(Err(unread)) => {
                broken(&exchange, &unread, &pieces).await;
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Passes one event.
async fn pass(exchange: &mut Exchange, back: &Back, event: Event, pieces: &Pieces) -> Result<(), BrokenOff> {
    // Events without data (priming, keep-alive) carry nothing to judge and go on as they are.
    let Some(data) = event.data.clone().filter(|data| !data.is_empty()) else { return pieces.send(event.raw).await };
    let outcome = match exchange.read(data.clone()) {
        Ok(Batch::One(message)) => Outcome::of(exchange.take_from_server(&message).await),
        Ok(Batch::Many(messages)) => exchange.take_batch(data.clone(), &messages, Vec::new()).await,
        Err(refusal) => return withheld(exchange, &event.event, &data, &refusal, pieces).await,
    };
    if let Some(answer) = outcome.back {
        back.send(answer).await;
    }
    let Some(cleared) = outcome.onward else { return Ok(()) };
    if cleared.bytes().as_ptr() == data.as_ptr() && cleared.bytes().len() == data.len() {
        return pieces.send(event.raw).await;
    }
    pieces.send(with_data(&event, cleared.bytes())).await
}

/// The event with other data: everything else stays as it came.
fn with_data(event: &Event, data: &Bytes) -> Bytes {
    // Line ends are white space between tokens; in an event they would split the data field.
    let data: Vec<u8> = data.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect();
    let spliced = event.data_span.clone().and_then(|span| {
        let (before, after) = (event.raw.get(..span.start)?, event.raw.get(span.end..)?);
        Some([before, &data, after].concat())
    });
    let bytes = spliced.unwrap_or_else(|| {
        let mut out = Vec::new();
        let name = std::str::from_utf8(&event.event).ok().filter(|name| !name.is_empty());
        let id = event.id.as_ref().and_then(|id| std::str::from_utf8(id).ok());
        write_event(name, id, &data, &mut out);
        out
    });
    bytes.into()
}

/// An event that is not a message is withheld. A request that waits is answered in its place, unless the event has a
/// name under which no message can come.
async fn withheld(
    exchange: &Exchange,
    name: &[u8],
    data: &[u8],
    refusal: &Refusal,
    pieces: &Pieces,
) -> Result<(), BrokenOff> {
    let conversation = &exchange.conversation;
    let id = exchange.unanswered();
    let cleared = conversation.pipeline.refuse(data, refusal, Direction::FromServer, &conversation.origin, id).await;
    if id.is_none() || !matches!(name, b"" | b"message") {
        return Ok(());
    }
    let mut event = Vec::new();
    write_event(Some("message"), None, cleared.bytes(), &mut event);
    pieces.send(event.into()).await
}

/// The server's stream cannot be read on. A limit is told to the client; a broken connection is passed on as one.
async fn broken(exchange: &Exchange, unread: &Unread, pieces: &Pieces) {
    match unread {
        Unread::Refused(refusal) => {
            let _gone = withheld(exchange, b"", b"", refusal, pieces).await;
        }
        Unread::Broken(_) => pieces.break_off().await,
    }
}

impl Back {
    /// Posts an answer to the server.
    async fn send(&self, cleared: Cleared) {
        let Reach::Http(reach) = &self.server.reach else { return };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        if let Some(session) = &self.session {
            if let FarSide::Http(theirs) = &session.far {
                headers.insert(SESSION_ID, theirs.clone());
            }
            if let Some(version) = session.conversation.agreed() {
                headers.insert(crate::upstream::bridge::PROTOCOL_VERSION, HeaderValue::from_static(version.name()));
            }
        }
        set_own(&mut headers, &reach.headers);
        let mut request = Request::new(Full::new(cleared.bytes().clone()));
        *request.method_mut() = HttpMethod::POST;
        *request.uri_mut() = reach.client.address().target();
        *request.headers_mut() = headers;
        match reach.send(request, self.subject.as_ref()).await {
            // The answer says "accepted" and nothing else; it is read so that the connection can be used again.
            Ok(response) => {
                let _read = whole(response.into_body(), 64 * 1024).await;
            }
            Err(fault) => self.gateway.log(&format!("server `{}`: {fault}", self.server.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use gatehold_wire::sse::Events;

    use super::*;

    fn event(text: &str) -> Event {
        let mut events = Events::new(1 << 20);
        events.push(text.as_bytes());
        events.next_event().unwrap().unwrap()
    }

    #[test]
    fn other_data_leaves_the_rest_of_the_event_as_it_came() {
        let event = event(": hello\nid: 7\nretry: 10\ndata: {\"a\":1}\n\n");
        assert_eq!(&with_data(&event, &Bytes::from_static(b"{\n}"))[..], b": hello\nid: 7\nretry: 10\ndata: { }\n\n");
    }

    #[test]
    fn data_over_several_lines_is_written_anew_with_its_id() {
        let event = event("id: 7\ndata: {\ndata: }\n\n");
        let text = with_data(&event, &Bytes::from_static(b"{\"b\":2}"));
        let mut again = Events::new(1 << 20);
        again.push(&text);
        let again = again.next_event().unwrap().unwrap();
        assert_eq!(again.data.unwrap(), Bytes::from_static(b"{\"b\":2}"));
        assert_eq!(again.id.unwrap(), Bytes::from_static(b"7"));
    }
}
