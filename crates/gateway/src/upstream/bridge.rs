//! A Streamable HTTP server as a channel, for clients that talk over one (stdio, sockets, HTTP+SSE) and for
//! aggregates: each message becomes a POST, whatever comes back becomes messages, and the server's own stream is kept
//! open beside it.
//!
//! Eras are passed, not translated: a handshake gives this channel its session, and a message of the modern era gets
//! its mirrored headers from its own body.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use gatehold_evidence::Cleared;
use gatehold_wire::headers::{self, MirroredParam};
use gatehold_wire::{Batch, Kind, Message, Method};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Request, StatusCode};
use http_body_util::Full;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::channel::{Fault, Receiver, Sender};
use crate::gateway::log;
use crate::pipeline::Pipeline;
use crate::servers::{HttpReach, Reach, Server};
use crate::upstream::answer::{EventSource, Media, media, whole};
use crate::upstream::connect::{Guard, Link};
use crate::upstream::connection::AnswerBody;
use crate::upstream::http::HttpFault;

/// Messages that may wait on either side.
const WAITING_MAX: usize = 64;
/// Tools whose mirrored parameters are remembered.
const TOOLS_MAX: usize = 10_000;

pub(crate) const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
pub(crate) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
pub(crate) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

struct Bridge {
    server: Arc<Server>,
    pipeline: Arc<Pipeline>,
    incoming: mpsc::Sender<Result<Bytes, Fault>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    session: Option<HeaderValue>,
    version: Option<HeaderValue>,
    mirrored: HashMap<Box<str>, Vec<MirroredParam>>,
    exchanges: HashMap<Box<str>, AbortHandle>,
    listening: Option<AbortHandle>,
}

/// Opens the channel; nothing is sent before the client's first message.
pub(crate) fn open(server: &Arc<Server>, pipeline: &Arc<Pipeline>) -> Link {
    let (incoming, receiver) = mpsc::channel(WAITING_MAX);
    let (sender, outgoing) = mpsc::channel(WAITING_MAX);
    let bridge = Arc::new(Bridge {
        server: Arc::clone(server),
        pipeline: Arc::clone(pipeline),
        incoming,
        state: Mutex::new(State::default()),
    });
    // The task ends by itself once the sender is dropped, after it has ended the server's session.
    tokio::spawn(bridge.run(outgoing));
    Link { receiver: Receiver::Queue(receiver), sender: Sender::Queue(sender), guard: Guard::default() }
}

impl Bridge {
    fn reach(&self) -> Option<&HttpReach> {
        match &self.server.reach {
            Reach::Http(reach) => Some(reach),
            Reach::LegacySse(_) | Reach::Child(_) | Reach::Aggregate(_) => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Posts what the client says until it has nothing more to say, then ends the server's session.
    async fn run(self: Arc<Self>, mut outgoing: mpsc::Receiver<Cleared>) {
        while let Some(cleared) = outgoing.recv().await {
            self.say(cleared).await;
        }
        let (session, exchanges, listening) = {
            let mut state = self.state();
            (state.session.take(), std::mem::take(&mut state.exchanges), state.listening.take())
        };
        for exchange in exchanges.into_values().chain(listening) {
            exchange.abort();
        }
        if session.is_some() {
            self.end_session(session).await;
        }
    }

    async fn say(self: &Arc<Self>, cleared: Cleared) {
        let Ok(batch) = Message::parse_batch(cleared.bytes().clone(), self.pipeline.limits()) else { return };
        let Some(request) = self.request(&batch, cleared.bytes().clone()) else { return };
        match &batch {
            Batch::One(message) if message.kind() == Kind::Request => {
                let id: Box<str> = message.id().map_or("null", |id| id.0).into();
                let message = message.clone();
                let bridge = Arc::clone(self);
                let key = id.clone();
                let task = tokio::spawn(async move {
                    bridge.exchange(request, Some(&message)).await;
                    bridge.state().exchanges.remove(&key);
                });
                self.state().exchanges.insert(id, task.abort_handle());
            }
            Batch::One(message) => {
                if self.cancels_modern(message) {
                    return;
                }
                // Awaited: what is said after a notification must not overtake it.
                self.exchange(request, Some(message)).await;
                if message.method() == Some(Method::Initialized) {
                    self.listen();
                }
            }
            Batch::Many(_) => {
                let bridge = Arc::clone(self);
                tokio::spawn(async move { bridge.exchange(request, None).await });
            }
        }
    }

    /// In the modern era a request is cancelled by closing its exchange. True when that was done.
    fn cancels_modern(&self, message: &Message) -> bool {
        if message.method() != Some(Method::Cancelled) || self.state().version.is_some() {
            return false;
        }
        let Some(id) = message.param("requestId") else { return false };
        match self.state().exchanges.remove(id.text()) {
            Some(exchange) => {
                exchange.abort();
                true
            }
            None => false,
        }
    }

    fn request(&self, batch: &Batch, body: Bytes) -> Option<Request<Full<Bytes>>> {
        let reach = self.reach()?;
        let mut request = Request::post(reach.client.address().path()).body(Full::new(body)).ok()?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        let modern = match batch {
            Batch::One(message) => self.mirror(message, headers),
            Batch::Many(_) => false,
        };
        if !modern {
            self.session_headers(headers);
        }
        set_own(headers, &reach.headers);
        Some(request)
    }

    fn session_headers(&self, headers: &mut HeaderMap) {
        let state = self.state();
        if let Some(session) = &state.session {
            headers.insert(SESSION_ID, session.clone());
        }
        if let Some(version) = &state.version {
            headers.insert(PROTOCOL_VERSION, version.clone());
        }
    }

    /// Sets the headers that mirror the body of a modern message; false for a legacy one.
    fn mirror(&self, message: &Message, to: &mut HeaderMap) -> bool {
        let Some(version) = message.modern_version() else { return false };
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(&headers::encode_value(value)) {
                to.insert(name, value);
            }
        };
        set(PROTOCOL_VERSION, &version);
        let Some(method) = message.method() else { return true };
        set(HeaderName::from_static("mcp-method"), method.name());
        if let Some(name) = method.mirrored_param().and_then(|key| message.param(key)).and_then(|value| value.as_str())
        {
            set(HeaderName::from_static("mcp-name"), &name);
        }
        if method == Method::ToolsCall
            && let (Some(tool), Some(arguments)) = (message.name(), message.arguments())
        {
            let state = self.state();
            for param in state.mirrored.get(&*tool).into_iter().flatten() {
                let name = format!("mcp-param-{}", param.header.to_ascii_lowercase());
                if let (Ok(name), Some(value)) = (HeaderName::try_from(name), headers::param_value(param, arguments)) {
                    set(name, &value);
                }
            }
        }
        true
    }

    /// One POST and everything that comes back on it.
    async fn exchange(self: &Arc<Self>, request: Request<Full<Bytes>>, message: Option<&Message>) {
        let Some(reach) = self.reach() else { return };
        let id = message.filter(|message| message.kind() == Kind::Request).and_then(|message| message.id());
        let id = id.map(|id| id.0);
        match reach.send(request, None).await {
            Ok(response) => {
                let (head, body) = response.into_parts();
                if message.and_then(Message::method) == Some(Method::Initialize) && head.status.is_success() {
                    self.state().session = head.headers.get(SESSION_ID).cloned();
                }
                let answered = match media(&head.headers) {
                    Media::Json => self.take_whole(body, message).await,
                    Media::Events => self.take_events(body, message).await,
                    Media::Other => false,
                };
                if !answered && let Some(id) = id {
                    let how = failure(head.status);
                    self.fail(id, &how).await;
                }
            }
            Err(fault) => {
                let told = match &fault {
                    // What is wrong with our credentials is for the operator.
                    HttpFault::Credentials(..) => {
                        log(&format!("server `{}`: {fault}", self.server.name));
                        fault.advice().into_owned()
                    }
                    other => other.to_string(),
                };
                if let Some(id) = id {
                    self.fail(id, &told).await;
                }
            }
        }
    }

    /// Takes a JSON answer; true when the request was answered by it.
    async fn take_whole(&self, body: AnswerBody, message: Option<&Message>) -> bool {
        let Ok(bytes) = whole(body, self.pipeline.limits().message_bytes_max).await else { return false };
        let Ok(batch) = Message::parse_batch(bytes.clone(), self.pipeline.limits()) else {
            // Judged, refused and recorded by the gate; the request still needs an answer.
            let _gone = self.incoming.send(Ok(bytes)).await;
            return false;
        };
        let answered = match &batch {
            Batch::One(answer) => {
                self.learn(message, answer);
                answer.id().is_some() && matches!(answer.kind(), Kind::Result | Kind::Error)
            }
            Batch::Many(_) => true,
        };
        let _gone = self.incoming.send(Ok(bytes)).await;
        answered
    }

    /// Takes a stream of events; true when the request was answered on it.
    async fn take_events(&self, body: AnswerBody, message: Option<&Message>) -> bool {
        let mut source = EventSource::new(body, self.pipeline.limits().event_bytes_max);
        let mut answered = false;
        while let Some(Ok(event)) = source.next().await {
            let Some(data) = event.data.filter(|data| !data.is_empty()) else { continue };
            if let (Some(asked), Ok(arrived)) = (message, Message::parse(data.clone(), self.pipeline.limits()))
                && matches!(arrived.kind(), Kind::Result | Kind::Error)
                && arrived.id() == asked.id()
            {
                answered = true;
                self.learn(message, &arrived);
            }
            if self.incoming.send(Ok(data)).await.is_err() {
                return true;
            }
        }
        answered
    }

    /// Notes what later requests need: the agreed version, and which parameters of which tool are mirrored.
    fn learn(&self, asked: Option<&Message>, answer: &Message) {
        let (Some(asked), Some(result)) = (asked, answer.result()) else { return };
        match asked.method() {
            Some(Method::Initialize) => {
                let version = result.get("protocolVersion").and_then(|version| version.as_str());
                self.state().version = version.and_then(|version| HeaderValue::from_str(&version).ok());
            }
            Some(Method::ToolsList) => {
                for tool in result.get("tools").into_iter().flat_map(|tools| tools.items()) {
                    let (Some(name), Some(schema)) =
                        (tool.get("name").and_then(|name| name.as_str()), tool.get("inputSchema"))
                    else {
                        continue;
                    };
                    let params = headers::mirrored_params(schema).unwrap_or_default();
                    let mut state = self.state();
                    if params.is_empty() {
                        state.mirrored.remove(&*name);
                    } else if state.mirrored.len() < TOOLS_MAX {
                        state.mirrored.insert(name.into(), params);
                    }
                }
            }
            _ => {}
        }
    }

    /// Keeps the server's own stream open (legacy era), resuming it when the server closes it.
    fn listen(self: &Arc<Self>) {
        let bridge = Arc::clone(self);
        let task = tokio::spawn(async move {
            let mut last_id: Option<HeaderValue> = None;
            let mut pause_ms = 1000;
            while bridge.listen_once(&mut last_id, &mut pause_ms).await {
                tokio::time::sleep(std::time::Duration::from_millis(pause_ms)).await;
            }
        });
        if let Some(earlier) = self.state().listening.replace(task.abort_handle()) {
            earlier.abort();
        }
    }

    /// Opens the stream once and reads it to its end; false when there is no use in opening it again.
    async fn listen_once(&self, last_id: &mut Option<HeaderValue>, pause_ms: &mut u64) -> bool {
        let Some(reach) = self.reach() else { return false };
        let Ok(mut request) = Request::get(reach.client.address().path()).body(Full::new(Bytes::new())) else {
            return false;
        };
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        self.session_headers(headers);
        if let Some(id) = last_id.as_ref() {
            headers.insert(LAST_EVENT_ID, id.clone());
        }
        set_own(headers, &reach.headers);
        let Ok(response) = reach.send(request, None).await else { return true };
        let (head, body) = response.into_parts();
        if !head.status.is_success() || media(&head.headers) != Media::Events {
            return false;
        }
        let mut source = EventSource::new(body, self.pipeline.limits().event_bytes_max);
        while let Some(Ok(event)) = source.next().await {
            if let Some(id) = event.id.as_ref().and_then(|id| HeaderValue::from_bytes(id).ok()) {
                *last_id = Some(id);
            }
            if let Some(retry) = event.retry_ms {
                *pause_ms = retry.clamp(10, 60_000);
            }
            if let Some(data) = event.data.filter(|data| !data.is_empty())
                && self.incoming.send(Ok(data)).await.is_err()
            {
                return false;
            }
        }
        true
    }

    async fn end_session(&self, session: Option<HeaderValue>) {
        let (Some(reach), Some(session)) = (self.reach(), session) else { return };
        let Ok(mut request) = Request::delete(reach.client.address().path()).body(Full::new(Bytes::new())) else {
            return;
        };
        request.headers_mut().insert(SESSION_ID, session);
        if let Some(version) = self.state().version.clone() {
            request.headers_mut().insert(PROTOCOL_VERSION, version);
        }
        set_own(request.headers_mut(), &reach.headers);
        // The server may not know DELETE, or be gone: its session then ends by its own clock.
        let _unheard = reach.send(request, None).await;
    }

    /// Answers a request that the server did not answer.
    async fn fail(&self, id: &str, how: &str) {
        let mut text = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32603,"message":"#).into_bytes();
        gatehold_wire::json::write_string(&format!("The server could not be reached: {how}"), &mut text);
        text.extend_from_slice(b"}}");
        let _gone = self.incoming.send(Ok(text.into())).await;
    }
}

/// Sets the headers that the configuration wants on every request.
pub(crate) fn set_own(headers: &mut HeaderMap, own: &HeaderMap) {
    for (name, value) in own {
        headers.insert(name.clone(), value.clone());
    }
}

fn failure(status: StatusCode) -> String {
    match status {
        StatusCode::NOT_FOUND => "it no longer knows this session (HTTP 404)".to_owned(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            format!("it refuses the credentials (HTTP {})", status.as_u16())
        }
        status => format!("it answered HTTP {} without a message", status.as_u16()),
    }
}
