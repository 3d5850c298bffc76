//! A server of 2024-11-05 (HTTP+SSE) as a channel: one GET whose events are the server's messages, and a POST address
//! that its first event names. An address on another origin is refused: it would send what was judged for this server
//! to somebody else.

use bytes::Bytes;
use gatehold_evidence::Cleared;
use gatehold_wire::{Batch, Message};
use http::Request;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http_body_util::Full;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::channel::{Fault, Receiver, Sender};
use crate::gateway::log;
use crate::pipeline::Pipeline;
use crate::servers::HttpReach;
use crate::upstream::answer::{EventSource, Media, media};
use crate::upstream::bridge::set_own;
use crate::upstream::connect::{Guard, Link, OpenError};
use crate::upstream::http::{Address, HttpFault};

const WAITING_MAX: usize = 64;
/// How long the first event, which names the address, may take.
const ENDPOINT_PATIENCE: Duration = Duration::from_secs(10);

/// Opens the stream and learns where to post.
pub(crate) async fn open(reach: &HttpReach, pipeline: &Arc<Pipeline>) -> Result<Link, OpenError> {
    let mut request = Request::get(reach.client.address().path())
        .body(Full::new(Bytes::new()))
        .map_err(|error| OpenError::Protocol(error.to_string()))?;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
    set_own(request.headers_mut(), &reach.headers);
    let response = reach.send(request, None).await?;
    let (head, body) = response.into_parts();
    if !head.status.is_success() || media(&head.headers) != Media::Events {
        return Err(OpenError::Protocol(format!(
            "{} did not open a stream of events (HTTP {}): is it an HTTP+SSE server?",
            reach.client.address().shown,
            head.status.as_u16()
        )));
    }
    let mut source = EventSource::new(body, pipeline.limits().event_bytes_max);
    let endpoint = timeout(ENDPOINT_PATIENCE, endpoint(&mut source, reach.client.address()))
        .await
        .map_err(|_| OpenError::Protocol("the server named no address to post to".to_owned()))??;

    let (incoming, receiver) = mpsc::channel(WAITING_MAX);
    let (sender, outgoing) = mpsc::channel(WAITING_MAX);
    let reading = tokio::spawn(read(source, incoming.clone()));
    let posting = Posting { reach: reach.clone(), endpoint, incoming, pipeline: Arc::clone(pipeline) };
    let posting = tokio::spawn(posting.run(outgoing));
    Ok(Link {
        receiver: Receiver::Queue(receiver),
        sender: Sender::Queue(sender),
        guard: Guard::of_tasks(vec![reading.abort_handle(), posting.abort_handle()]),
    })
}

/// The address of the first `endpoint` event, on the server's own origin.
async fn endpoint(source: &mut EventSource, server: &Address) -> Result<Address, OpenError> {
    while let Some(event) = source.next().await {
        let Ok(event) = event else { break };
        if &*event.event != b"endpoint" {
            continue;
        }
        let data = event.data.unwrap_or_default();
        let text = String::from_utf8_lossy(&data).into_owned();
        return resolve(server, text.trim());
    }
    Err(OpenError::Protocol("the server closed its stream before it named an address to post to".to_owned()))
}

/// Resolves what an `endpoint` event says: an absolute URL on the same origin, an absolute path, or a relative one.
fn resolve(server: &Address, endpoint: &str) -> Result<Address, OpenError> {
    if endpoint.contains("://") || endpoint.starts_with("//") {
        let named = Address::parse(endpoint).map_err(OpenError::Protocol)?;
        if !named.same_origin(server) {
            return Err(OpenError::Protocol(format!(
                "the server wants its messages posted to {}, which is not {}: refused",
                named.shown, server.shown
            )));
        }
        return Ok(named);
    }
    if endpoint.bytes().any(|byte| byte.is_ascii_control() || byte == b' ') {
        return Err(OpenError::Protocol("the address that the server named is not a URL".to_owned()));
    }
    let path = server.path().split('?').next().unwrap_or("/");
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let resolved = match endpoint.as_bytes().first() {
        Some(b'/') => endpoint.to_owned(),
        Some(b'?') => format!("{path}{endpoint}"),
        _ => format!("{folder}/{endpoint}"),
    };
    server
        .with_path(&resolved)
        .ok_or_else(|| OpenError::Protocol("the address that the server named is not a URL".to_owned()))
}

async fn read(mut source: EventSource, incoming: mpsc::Sender<Result<Bytes, Fault>>) {
    while let Some(event) = source.next().await {
        let arrived = match event {
            Ok(event) => match event.data.filter(|data| !data.is_empty()) {
                Some(data) => Ok(data),
                None => continue,
            },
            Err(_broken) => break,
        };
        if incoming.send(arrived).await.is_err() {
            return;
        }
    }
    let _gone = incoming.send(Err(Fault::Broken("the server closed its stream".to_owned()))).await;
}

struct Posting {
    reach: HttpReach,
    endpoint: Address,
    incoming: mpsc::Sender<Result<Bytes, Fault>>,
    pipeline: Arc<Pipeline>,
}

impl Posting {
    async fn run(self, mut outgoing: mpsc::Receiver<Cleared>) {
        while let Some(cleared) = outgoing.recv().await {
            let failed = match self.post(&cleared).await {
                Ok(()) => continue,
                Err(how) => how,
            };
            // Whoever waits for an answer to this message gets one from us, judged like the server's own.
            let Ok(Batch::One(message)) = Message::parse_batch(cleared.bytes().clone(), self.pipeline.limits()) else {
                continue;
            };
            let Some(id) = message.id() else { continue };
            let mut text =
                format!(r#"{{"jsonrpc":"2.0","id":{},"error":{{"code":-32603,"message":"#, id.0).into_bytes();
            gatehold_wire::json::write_string(&format!("The server could not be reached: {failed}"), &mut text);
            text.extend_from_slice(b"}}");
            let _gone = self.incoming.send(Ok(text.into())).await;
        }
    }

    async fn post(&self, cleared: &Cleared) -> Result<(), String> {
        let mut request = Request::post(self.endpoint.path())
            .body(Full::new(cleared.bytes().clone()))
            .map_err(|error| error.to_string())?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        set_own(request.headers_mut(), &self.reach.headers);
        let response = self.reach.send(request, None).await.map_err(|fault| match &fault {
            // What is wrong with our credentials is for the operator.
            HttpFault::Credentials(..) => {
                log(&fault.to_string());
                fault.advice().into_owned()
            }
            other => other.to_string(),
        })?;
        let (head, body) = response.into_parts();
        // The answer says "accepted" and nothing else; it is read so that the connection can be used again.
        let _read = crate::upstream::answer::whole(body, 64 * 1024).await;
        if head.status.is_success() { Ok(()) } else { Err(format!("it answered HTTP {}", head.status.as_u16())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_on_another_origin_is_refused() {
        let server = Address::parse("http://127.0.0.1:9/base/sse").unwrap();
        for endpoint in ["http://127.0.0.1:10/m", "https://127.0.0.1:9/m", "//evil.example/m", "http://evil.example/"] {
            assert!(resolve(&server, endpoint).is_err(), "{endpoint}");
        }
        for (endpoint, path) in [
            ("/messages?s=1", "/messages?s=1"),
            ("messages", "/base/messages"),
            ("?s=1", "/base/sse?s=1"),
            ("http://127.0.0.1:9/m", "/m"),
        ] {
            assert_eq!(resolve(&server, endpoint).unwrap().path(), path);
        }
        assert!(resolve(&server, "/a b\r\nX: y").is_err());
    }
}
