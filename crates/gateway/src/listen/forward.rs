//! Streamable HTTP to Streamable HTTP: a request passes the gate and is sent on with the bytes it came with; the
//! answer passes the gate message by message and goes back with its own bytes, status and headers. Nothing is
//! buffered but the one message that is being judged.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehold_decide::Policy;
use gatehold_evidence::Cleared;
use gatehold_session::principal::Proof;
use gatehold_session::{Asked, Direction, Principal};
use gatehold_wire::{Batch, Id, Kind, Limits, Message, Refusal, RefusalCode};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method as HttpMethod, Request, Response, StatusCode};
use http_body_util::Full;

use crate::body::{Body, empty, json};
use crate::conversation::{Coming, Conversation, Joiner, Outcome, answers_nothing, join, stray};
use crate::holding::Hold;
use crate::limits::calls::Permit;
use crate::listen::events::{Back, Relayed, relay};
use crate::listen::request::{
    is_initialize, mirror_edited, strip_connection, strip_for_server, strip_mirrored_arguments,
};
use crate::listen::streamable::{
    Call, Membership, has_batches, message as answer_with, refuse, too_many_sessions, try_again,
};
use crate::pipeline::Passage;
use crate::secrets::Secret;
use crate::servers::{HttpReach, Reach};
use crate::sessions::{FarSide, HttpSession};
use crate::upstream::answer::{Media, Unread, media, whole};
use crate::upstream::bridge::{SESSION_ID, set_own};
use crate::upstream::connection::AnswerBody;
use crate::upstream::http::HttpFault;
use crate::upstream::resilience::Repeatable;

/// What one exchange carries: the requests that its answers belong to.
pub(crate) struct Exchange {
    pub(crate) conversation: Arc<Conversation>,
    /// Whose request it is, with the attributes of its proof: what comes back is judged with them too.
    principal: Principal,
    /// The policy that its messages are judged by.
    policy: Arc<Policy>,
    asked: Vec<(Box<str>, Asked)>,
    /// The places of its calls among those under way.
    places: Vec<Permit>,
    since: Duration,
    /// Whether unanswered requests are remembered in the session when the exchange ends: their answers may still come
    /// on a resumed stream.
    in_session: bool,
    /// Whether the revision that is spoken has batches.
    has_batches: bool,
    /// Whether it carries several messages: those are never sent twice.
    is_batch: bool,
    /// The caller's own token, where the server's are exchanged for it.
    pub(crate) subject: Option<Secret>,
}

impl Exchange {
    fn new(call: &Call<'_>, conversation: Arc<Conversation>, in_session: bool) -> Self {
        let since = conversation.pipeline.now();
        let has_batches = has_batches(call, &conversation);
        let principal = call.caller.principal().clone();
        let policy = Arc::clone(&call.snapshot.policy);
        Self {
            conversation,
            principal,
            policy,
            asked: Vec::new(),
            places: Vec::new(),
            since,
            in_session,
            has_batches,
            is_batch: false,
            subject: None,
        }
    }

    /// Reads what the server sent: a message that may stand here, or a batch where there are batches.
    pub(crate) fn read(&self, bytes: Bytes) -> Result<Batch, Refusal> {
        let batch = Message::parse_batch(bytes, self.conversation.pipeline.limits())?;
        match &batch {
            Batch::One(message) if self.is_stray(message) => Err(stray()),
            Batch::Many(_) if !self.has_batches => {
                Err(Refusal::new(RefusalCode::Batch, 0, "batches exist only up to revision 2025-03-26"))
            }
            Batch::One(_) | Batch::Many(_) => Ok(batch),
        }
    }

    fn is_stray(&self, message: &Message) -> bool {
        let is_awaited = message.id().is_some_and(|id| {
            let canonical = id.canonical();
            self.asked.iter().any(|(asked, _)| **asked == *canonical)
                || (self.in_session && self.conversation.session().awaits(Direction::FromClient, id))
        });
        answers_nothing(message, is_awaited)
    }

    /// Passes a batch of the server; `refused` are answers that join it.
    pub(crate) async fn take_batch(&mut self, whole: Bytes, messages: &[Message], refused: Vec<Cleared>) -> Outcome {
        let mut joiner = Joiner::new(whole, messages.len() + refused.len());
        for message in messages {
            if self.is_stray(message) {
                self.conversation.drop_stray(message).await;
            } else {
                joiner.add(self.take_from_server(message).await);
            }
        }
        for back in refused {
            joiner.add(Passage { onward: Some(back), passed: true, ..Passage::default() });
        }
        joiner.finish()
    }

    /// Passes a message of the client; a request that goes on is remembered until its answer comes.
    async fn take_from_client(&mut self, message: &Message, hold: Hold<'_>) -> Passage {
        let (direction, coming) =
            (Direction::FromClient, Coming { hold, policy: Some(&self.policy), ..Coming::by(&self.principal) });
        let mut passage = match message.kind() {
            Kind::Request | Kind::Notification => {
                self.conversation.pass_exchanged(direction, message, None, coming).await
            }
            // It answers a request of the server, which the session remembers.
            Kind::Result | Kind::Error => self.conversation.pass_message(direction, message, coming).await,
        };
        self.places.extend(passage.place.take());
        if let (true, Kind::Request, Some(id)) = (passage.passed, message.kind(), message.id()) {
            self.asked.push((id.canonical().into(), Asked::by(message).asked_by(&self.principal)));
        }
        passage
    }

    /// Passes a message of the server.
    pub(crate) async fn take_from_server(&mut self, message: &Message) -> Passage {
        let direction = Direction::FromServer;
        let principal = self.principal.clone();
        let coming = Coming { hold: Hold::Here(None), ..Coming::by(&principal) };
        match message.kind() {
            Kind::Request => self.conversation.pass_message(direction, message, coming).await,
            Kind::Notification => self.conversation.pass_exchanged(direction, message, None, coming).await,
            Kind::Result | Kind::Error => {
                let answers = message.id().and_then(|id| self.take(id));
                self.conversation.pass_exchanged(direction, message, answers, coming).await
            }
        }
    }

    fn take(&mut self, id: Id<'_>) -> Option<(Asked, Duration)> {
        let now = self.conversation.pipeline.now();
        let canonical = id.canonical();
        match self.asked.iter().position(|(asked, _)| **asked == *canonical) {
            Some(at) => Some((self.asked.swap_remove(at).1, now.saturating_sub(self.since))),
            None if self.in_session => self.conversation.session().recall(Direction::FromClient, id, now),
            None => None,
        }
    }

    /// The id of a request that is still unanswered.
    pub(crate) fn unanswered(&self) -> Option<&str> {
        self.asked.first().map(|(id, _)| &**id)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.in_session && !self.asked.is_empty() {
            let mut session = self.conversation.session();
            for (id, asked) in self.asked.drain(..) {
                session.remember(Direction::FromClient, Id(&id), asked, self.since);
            }
        }
    }
}

/// Forwards one message.
pub(crate) async fn one(
    mut call: Call<'_>,
    membership: Membership,
    conversation: Arc<Conversation>,
    message: Message,
) -> Response<Body> {
    let session = session_of(membership);
    if session.is_none() && is_initialize(&message) {
        return initialize(call, message).await;
    }
    let mut exchange = Exchange::new(&call, conversation, session.is_some());
    let passage = exchange.take_from_client(&message, Hold::Here(call.outlet)).await;
    let Some(cleared) = passage.onward else { return not_sent(passage.back, passage.retry_after) };
    if passage.passed
        && let Err(refusal) = mirror_again(&mut call.head.headers, &message, &cleared, &exchange)
    {
        let id = message.id().map(|id| id.0);
        return refuse(&call, &exchange.conversation, message.bytes(), &refusal, id).await;
    }
    drop(message);
    send(call, session, exchange, cleared, Vec::new()).await.response
}

/// Headers that mirror arguments say what the body says after it was edited.
fn mirror_again(
    headers: &mut HeaderMap,
    message: &Message,
    cleared: &Cleared,
    exchange: &Exchange,
) -> Result<(), Refusal> {
    if cleared.bytes() == message.bytes() {
        return Ok(());
    }
    let limits = exchange.conversation.pipeline.limits();
    let limits = Limits { message_bytes_max: cleared.bytes().len(), ..*limits };
    let edited = Message::parse(cleared.bytes().clone(), &limits)?;
    mirror_edited(headers, message, &edited)
}

/// Forwards the opening of a session, and gives the client a session of ours for the one that the server opens.
async fn initialize(call: Call<'_>, message: Message) -> Response<Body> {
    let gateway = Arc::clone(call.gateway);
    let server = Arc::clone(call.server);
    let limits = call.snapshot.session_limits;
    if gateway.sessions.count() >= limits.count_max {
        return too_many_sessions(&message);
    }
    let id = call.new_session_id();
    let conversation = call.session_conversation();
    let mut exchange = Exchange::new(&call, Arc::clone(&conversation), false);
    let passage = exchange.take_from_client(&message, Hold::Here(call.outlet)).await;
    let Some(cleared) = passage.onward else { return not_sent(passage.back, passage.retry_after) };
    let mut answered = send(call, None, exchange, cleared, Vec::new()).await;
    if let (Some(theirs), true) = (answered.session, answered.response.status().is_success()) {
        if gateway.sessions.open(&id, conversation, server, FarSide::Http(theirs), &limits).is_err() {
            return too_many_sessions(&message);
        }
        if let Ok(ours) = HeaderValue::from_str(&id) {
            answered.response.headers_mut().insert(SESSION_ID, ours);
        }
    }
    answered.response
}

/// Forwards what is left of a batch after each of its messages was judged.
pub(crate) async fn batch(
    mut call: Call<'_>,
    membership: Membership,
    conversation: Arc<Conversation>,
    bytes: Bytes,
    messages: Vec<Message>,
) -> Response<Body> {
    let session = session_of(membership);
    strip_mirrored_arguments(&mut call.head.headers);
    let mut exchange = Exchange::new(&call, conversation, session.is_some());
    exchange.is_batch = true;
    let mut joiner = Joiner::new(bytes, messages.len());
    let mut refused = Vec::new();
    for message in &messages {
        let mut passage = exchange.take_from_client(message, Hold::Never).await;
        refused.extend(passage.back.take());
        joiner.add(passage);
    }
    match joiner.finish().onward {
        Some(cleared) => send(call, session, exchange, cleared, refused).await.response,
        None => not_sent(join(&refused), None),
    }
}

/// Opens the server's own stream for a client (legacy era).
pub(crate) async fn get(mut call: Call<'_>, membership: Membership) -> Response<Body> {
    let session = session_of(membership);
    let conversation = session.as_ref().map_or_else(|| call.loose(), |session| Arc::clone(&session.conversation));
    let Reach::Http(reach) = &call.server.reach else { return empty(StatusCode::INTERNAL_SERVER_ERROR) };
    if let Err(unrecorded) = recorded(&conversation, "http/get").await {
        return unrecorded;
    }
    let mut exchange = Exchange::new(&call, conversation, session.is_some());
    exchange.subject = subject(&call, reach);
    let headers = std::mem::take(&mut call.head.headers);
    let request = outgoing(reach, HttpMethod::GET, headers, session.as_deref(), Bytes::new());
    let answered = reach.send(request, exchange.subject.as_ref()).await;
    answer(&call, session, exchange, answered, Vec::new()).await.response
}

/// Ends the server's session after ours was ended.
pub(crate) async fn delete(mut call: Call<'_>, session: &Arc<HttpSession>) -> Response<Body> {
    let Reach::Http(reach) = &call.server.reach else { return empty(StatusCode::INTERNAL_SERVER_ERROR) };
    if let Err(unrecorded) = recorded(&session.conversation, "http/delete").await {
        return unrecorded;
    }
    let exchange = Exchange::new(&call, Arc::clone(&session.conversation), false);
    let subject = subject(&call, reach);
    let headers = std::mem::take(&mut call.head.headers);
    let request = outgoing(reach, HttpMethod::DELETE, headers, Some(session), Bytes::new());
    let answered = reach.send(request, subject.as_ref()).await;
    answer(&call, None, exchange, answered, Vec::new()).await.response
}

/// Records a request that carries no message. What cannot be recorded is not sent.
async fn recorded(conversation: &Conversation, method: &str) -> Result<(), Response<Body>> {
    let own = conversation.pipeline.own(&conversation.origin, Direction::FromClient, method, Bytes::new());
    match own.await {
        Ok(Some(_)) => Ok(()),
        Ok(None) | Err(_) => Err(empty(StatusCode::SERVICE_UNAVAILABLE)),
    }
}

fn session_of(membership: Membership) -> Option<Arc<HttpSession>> {
    match membership {
        Membership::Session(session) => Some(session),
        Membership::None | Membership::Unknown => None,
    }
}

fn not_sent(back: Option<Cleared>, retry_after: Option<Duration>) -> Response<Body> {
    let response = back.map_or_else(|| empty(StatusCode::ACCEPTED), |back| answer_with(StatusCode::OK, &back));
    try_again(response, retry_after)
}

/// An answer, and the session that the server opened with it.
struct Answered {
    response: Response<Body>,
    session: Option<HeaderValue>,
}

/// Sends what was cleared, and answers with what comes back. `refused` are answers to messages of the same batch.
async fn send(
    mut call: Call<'_>,
    session: Option<Arc<HttpSession>>,
    mut exchange: Exchange,
    cleared: Cleared,
    refused: Vec<Cleared>,
) -> Answered {
    let Reach::Http(reach) = &call.server.reach else {
        return Answered { response: empty(StatusCode::INTERNAL_SERVER_ERROR), session: None };
    };
    exchange.subject = subject(&call, reach);
    let headers = std::mem::take(&mut call.head.headers);
    let mut request = outgoing(reach, HttpMethod::POST, headers, session.as_deref(), cleared.bytes().clone());
    if let ([(_, asked)], false) = (&*exchange.asked, exchange.is_batch)
        && call.server.config.resilience.retries.may_repeat(asked)
    {
        request.extensions_mut().insert(Repeatable);
    }
    let answered = reach.send(request, exchange.subject.as_ref()).await;
    answer(&call, session, exchange, answered, refused).await
}

/// Makes the client's answer from the server's.
async fn answer(
    call: &Call<'_>,
    session: Option<Arc<HttpSession>>,
    mut exchange: Exchange,
    answered: Result<Response<AnswerBody>, HttpFault>,
    refused: Vec<Cleared>,
) -> Answered {
    let response = match answered {
        Ok(response) => response,
        Err(fault) => return Answered { response: unreachable(call, &exchange, &fault).await, session: None },
    };
    let (mut head, body) = response.into_parts();
    strip_connection(&mut head.headers);
    head.headers.remove(http::header::CONTENT_LENGTH);
    let theirs = head.headers.remove(SESSION_ID);
    if head.status == StatusCode::NOT_FOUND
        && let Some(session) = &session
    {
        // The server no longer knows its session, so ours has ended too; the client is told by the same 404.
        call.gateway.sessions.close(&session.id);
        call.gateway.session_ended(session, "unknown to its server");
    } else if let (Some(session), Some(_)) = (&session, &theirs)
        && let Ok(ours) = HeaderValue::from_str(&session.id)
    {
        head.headers.insert(SESSION_ID, ours);
    }
    let body = if head.status.is_redirection() {
        // Following it would send what was judged for one place to another, and so would a client that follows it.
        head.headers.remove(http::header::LOCATION);
        head.status = StatusCode::BAD_GATEWAY;
        let detail =
            "the server answered with a redirect, which is not followed: its URL in the configuration is out of date";
        withhold(&exchange, &mut head, b"", &Refusal::new(RefusalCode::NotJsonRpc, 0, detail)).await
    } else if head.status.is_success() && media(&head.headers) == Media::Events {
        let subject = exchange.subject.take();
        let back = Back { gateway: Arc::clone(call.gateway), server: Arc::clone(call.server), session, subject };
        relay(Relayed { exchange, source: body, first: refused }, back)
    } else {
        let bytes = whole(body, call.gateway.pipeline.limits().message_bytes_max).await;
        match bytes {
            Ok(bytes) if bytes.is_empty() && refused.is_empty() => Body::Whole(None),
            bytes => judge_whole(&mut exchange, &mut head, bytes, refused).await,
        }
    };
    Answered { response: Response::from_parts(head, body), session: theirs }
}

/// Judges a whole body of the server. What is not a message is withheld, whatever its status says.
async fn judge_whole(
    exchange: &mut Exchange,
    head: &mut http::response::Parts,
    bytes: Result<Bytes, Unread>,
    refused: Vec<Cleared>,
) -> Body {
    let parsed = match &bytes {
        Ok(bytes) if media(&head.headers) == Media::Json => exchange.read(bytes.clone()),
        Ok(_) => Err(Refusal::new(RefusalCode::NotJsonRpc, 0, "the server answered with something other than MCP")),
        Err(Unread::Refused(refusal)) => Err(refusal.clone()),
        Err(Unread::Broken(_)) => Err(Refusal::new(RefusalCode::InvalidJson, 0, "the server broke off its answer")),
    };
    let onward = match (parsed, &bytes) {
        (Ok(Batch::One(message)), _) if refused.is_empty() => exchange.take_from_server(&message).await.onward,
        (Ok(Batch::One(message)), _) => {
            let mut parts = refused;
            parts.extend(exchange.take_from_server(&message).await.onward);
            join(&parts)
        }
        (Ok(Batch::Many(messages)), Ok(whole)) => exchange.take_batch(whole.clone(), &messages, refused).await.onward,
        (Ok(Batch::Many(_)), Err(_)) => None,
        (Err(_), Ok(bytes)) if bytes.is_empty() => {
            // The server has accepted the rest; an answer that says "accepted" is not read for refusals.
            if head.status.is_success() {
                head.status = StatusCode::OK;
            }
            head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            join(&refused)
        }
        (Err(refusal), bytes) => {
            let read = bytes.as_ref().map_or(&b""[..], |bytes| bytes);
            return withhold(exchange, head, read, &refusal).await;
        }
    };
    Body::Whole(onward.map(|cleared| cleared.bytes().clone()))
}

/// Records a body that is not a message, and answers the waiting request in its place.
async fn withhold(exchange: &Exchange, head: &mut http::response::Parts, bytes: &[u8], refusal: &Refusal) -> Body {
    let conversation = &exchange.conversation;
    let id = exchange.unanswered();
    let cleared = conversation.pipeline.refuse(bytes, refusal, Direction::FromServer, &conversation.origin, id).await;
    if head.status.is_success() {
        head.status = StatusCode::BAD_GATEWAY;
    }
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    head.headers.remove(http::header::CONTENT_ENCODING);
    Body::Whole(Some(cleared.bytes().clone()))
}

/// The token that proved the caller of this very request, for a server whose tokens are exchanged for it.
fn subject(call: &Call<'_>, reach: &HttpReach) -> Option<Secret> {
    let is_wanted = reach.credentials.as_ref().is_some_and(|credentials| credentials.wants_subject());
    if !is_wanted || call.caller.principal().proof() != Proof::Token {
        return None;
    }
    let shown = call.head.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = shown.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim()))
}

/// The request toward the server: the client's headers less what must not travel, the session that is the server's.
fn outgoing(
    reach: &HttpReach,
    method: HttpMethod,
    mut headers: HeaderMap,
    session: Option<&HttpSession>,
    body: Bytes,
) -> Request<Full<Bytes>> {
    strip_for_server(&mut headers, reach.forward_authorization);
    if let Some(FarSide::Http(theirs)) = session.map(|session| &session.far) {
        headers.insert(SESSION_ID, theirs.clone());
    }
    set_own(&mut headers, &reach.headers);
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = reach.client.address().target();
    *request.headers_mut() = headers;
    request
}

/// The answer for a server that could not be asked: 502 (504 when it was late), with whose fault it is.
async fn unreachable(call: &Call<'_>, exchange: &Exchange, fault: &HttpFault) -> Response<Body> {
    call.gateway.counters.upstream_failed();
    let conversation = &exchange.conversation;
    let status = match fault {
        HttpFault::Late(..) => StatusCode::GATEWAY_TIMEOUT,
        HttpFault::HeldBack(..) => StatusCode::SERVICE_UNAVAILABLE,
        HttpFault::Unreachable(..) | HttpFault::Broken(..) | HttpFault::Credentials(..) => StatusCode::BAD_GATEWAY,
    };
    let id = exchange.unanswered().unwrap_or("null");
    let mut text = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32603,"message":"#).into_bytes();
    let says = format!("The server `{}` gave no answer; the gateway is well. {}", call.server.name, fault.advice());
    gatehold_wire::json::write_string(&says, &mut text);
    text.extend_from_slice(b"}}");
    call.gateway.log(&format!("server `{}`: {fault}", call.server.name));
    let own = conversation.pipeline.own(&conversation.origin, Direction::FromServer, "upstream/failed", text.into());
    match own.await {
        Ok(Some(cleared)) => try_again(json(status, cleared.bytes().clone()), fault.retry_after()),
        Ok(None) | Err(_) => empty(status),
    }
}
