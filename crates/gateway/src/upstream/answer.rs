//! Reading what an HTTP server answered: whole bodies within the limit, and streams event by event.

use bytes::{Bytes, BytesMut};
use gatehold_wire::sse::{Event, Events};
use gatehold_wire::{Refusal, RefusalCode};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use http_body_util::BodyExt;
use hyper::body::Body;

use crate::upstream::connection::AnswerBody;

/// What a body is, by its `Content-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    Events,
    Other,
}

/// Why a body could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unread {
    /// Over the limit.
    Refused(Refusal),
    /// The connection broke.
    Broken(String),
}

/// The media type of a body. An encoded body (`Content-Encoding`) was not asked for and cannot be inspected: `Other`.
pub(crate) fn media(headers: &HeaderMap) -> Media {
    let encoded = headers.get(CONTENT_ENCODING).is_some_and(|value| value.as_bytes() != b"identity");
    if encoded || headers.get_all(CONTENT_TYPE).iter().count() > 1 {
        return Media::Other;
    }
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return Media::Other };
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Media::Json
    } else if essence.eq_ignore_ascii_case("text/event-stream") {
        Media::Events
    } else {
        Media::Other
    }
}

/// Reads a whole body of at most `limit` bytes.
pub(crate) async fn whole<B>(mut body: B, limit: usize) -> Result<Bytes, Unread>
where
    B: Body<Data = Bytes, Error = hyper::Error> + Unpin,
{
    let too_large = || {
        Unread::Refused(Refusal::new(RefusalCode::TooLarge, limit, format!("the body is larger than {limit} bytes")))
    };
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Unread::Broken(error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + joined.len() + data.len() > limit {
            return Err(too_large());
        }
        // Most bodies come in one piece, which is then used as it is.
        if first.is_empty() && joined.is_empty() {
            first = data;
            continue;
        }
        if joined.is_empty() {
            joined.reserve(first.len() + data.len());
            joined.extend_from_slice(&std::mem::take(&mut first));
        }
        joined.extend_from_slice(&data);
    }
    Ok(if joined.is_empty() { first } else { joined.freeze() })
}

/// Reads a stream of events.
pub(crate) struct EventSource {
    body: AnswerBody,
    events: Option<Events>,
}

impl EventSource {
    pub(crate) fn new(body: AnswerBody, event_bytes_max: usize) -> Self {
        Self { body, events: Some(Events::new(event_bytes_max)) }
    }

    /// The next event; `None` when the server ended the stream in order.
    pub(crate) async fn next(&mut self) -> Option<Result<Event, Unread>> {
        loop {
            let events = self.events.as_mut()?;
            match events.next_event() {
                Ok(Some(event)) => return Some(Ok(event)),
                Ok(None) => {}
                Err(refusal) => {
                    self.events = None;
                    return Some(Err(Unread::Refused(refusal)));
                }
            }
            match self.body.frame().await {
                None => {
                    self.events = None;
                    return None;
                }
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        events.push(data);
                    }
                }
                Some(Err(error)) => {
                    self.events = None;
                    return Some(Err(Unread::Broken(error.to_string())));
                }
            }
        }
    }
}
