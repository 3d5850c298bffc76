//! A channel shared by HTTP exchanges: many POSTs go in, one stream of messages comes back, and each message finds its
//! way to the exchange that waits for it.
//!
//! Ids and progress tokens stay as the client wrote them unless two exchanges use the same one at a time; only then
//! the later one is renamed on the way in and named back on the way out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use gatehold_evidence::Cleared;
use gatehold_session::{Asked, Direction, Principal};
use gatehold_wire::edit::{self, Edit};
use gatehold_wire::headers::{MirroredParam, mirrored_params};
use gatehold_wire::{Batch, Id, Kind, Message, Method, Refusal, RefusalCode};
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio::task::JoinHandle;

use crate::channel::{Fault, Receiver, Sender};
use crate::conversation::{Coming, Conversation, meant};
use crate::holding::Hold;
use crate::limits::calls::Permit;
use crate::upstream::connect::Guard;
use crate::upstream::log::EventLog;

/// Exchanges that may wait at a time.
const WAITING_MAX: usize = 4096;
/// Streams of one session whose events are kept.
const STREAMS_MAX: usize = 64;
/// How long the id of a cancelled request is kept from being used again, at least.
const OVER_PATIENCE: Duration = Duration::from_secs(60);
/// Tools whose mirrored parameters are remembered.
const TOOLS_MAX: usize = 10_000;
/// Messages that may wait for a slow exchange.
const DELIVERIES_MAX: usize = 64;
/// How long everybody on a channel waits for one exchange that does not read; then it is given up.
const SLOW_PATIENCE: Duration = Duration::from_secs(10);

/// What an exchange gets.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// Something on the way to the answer.
    Message(Cleared),
    /// The answer, and its error code if it is an error of the server.
    Answer(Cleared, Option<i64>),
}

/// A channel and who waits on it.
#[derive(Debug)]
pub(crate) struct Mux {
    pub(crate) conversation: Arc<Conversation>,
    sender: AsyncMutex<Sender>,
    routes: Mutex<Routes>,
    /// What belongs to no exchange.
    general: EventLog,
    /// The streams of exchanges, so that a client can come back to one.
    streams: Mutex<Streams>,
    /// Which parameters of which tool are mirrored in headers, learnt from lists; `None` before a list was seen.
    mirrored: Mutex<Option<HashMap<Box<str>, Vec<MirroredParam>>>>,
    ended: AtomicBool,
    reader: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Routes {
    waiting: HashMap<Box<str>, Waiter>,
    /// Ids of requests that were cancelled, and when. They are not used again for a while: the cancelling, or an answer
    /// that crossed it, would hit whoever uses the id next.
    over: HashMap<Box<str>, Duration>,
    renamed: u64,
}

#[derive(Debug, Default)]
struct Streams {
    logs: Vec<(u64, Arc<EventLog>)>,
    opened: u64,
}

#[derive(Debug)]
struct Waiter {
    to: mpsc::Sender<Delivery>,
    /// Given up with this.
    _place: Option<Permit>,
    asked: Asked,
    since: Duration,
    /// The id as the client wrote it, when it was renamed.
    own_id: Option<Box<str>>,
    /// The progress token on the channel, and as the client wrote it when it was renamed.
    token: Option<(Box<str>, Option<Box<str>>)>,
    order: u64,
}

/// An exchange that waits for its answer.
#[derive(Debug)]
pub(crate) struct Waiting {
    mux: Arc<Mux>,
    /// The id on the channel.
    id: Box<str>,
    pub(crate) deliveries: mpsc::Receiver<Delivery>,
    /// Whether dropping this before the answer came cancels the request (modern era).
    cancels: bool,
    done: bool,
}

impl Mux {
    /// Starts to read the channel. `guard` is kept as long as the channel runs: dropping it ends a child.
    pub(crate) fn start(
        conversation: Arc<Conversation>,
        receiver: Receiver,
        sender: Sender,
        guard: Guard,
    ) -> Arc<Self> {
        let mux = Arc::new(Self {
            conversation,
            sender: AsyncMutex::new(sender),
            routes: Mutex::new(Routes::default()),
            general: EventLog::new(0),
            streams: Mutex::new(Streams::default()),
            mirrored: Mutex::new(None),
            ended: AtomicBool::new(false),
            reader: Mutex::new(None),
        });
        let reader = tokio::spawn(read(Arc::downgrade(&mux), receiver, guard));
        *mux.reader.lock().unwrap_or_else(PoisonError::into_inner) = Some(reader);
        mux
    }

    /// Whether the channel has ended: nothing more will come from it.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Sends a request that was cleared, and waits for what belongs to it.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        message: &Message,
        cleared: Cleared,
        principal: &Principal,
        place: Option<Permit>,
    ) -> Result<Waiting, Fault> {
        let (to, deliveries) = mpsc::channel(DELIVERIES_MAX);
        // What comes back is judged with the attributes of this request's proof.
        let asked = Asked::by(message).asked_by(principal);
        let cancels = asked.is_modern();
        let (id, cleared) = self.enter(message, cleared, asked, (to, place))?;
        let waiting = Waiting { mux: Arc::clone(self), id, deliveries, cancels, done: false };
        self.tell(cleared).await?;
        Ok(waiting)
    }

    /// Sends a notification, or the answer to a request of the server.
    pub(crate) async fn tell(&self, cleared: Cleared) -> Result<(), Fault> {
        if self.has_ended() {
            return Err(Fault::Broken("the server has ended".to_owned()));
        }
        self.sender.lock().await.send(cleared).await
    }

    /// What belongs to no exchange.
    pub(crate) const fn general(&self) -> &EventLog {
        &self.general
    }

    /// A new stream for an exchange. Streams that have ended make room for it, oldest first.
    pub(crate) fn new_stream(&self) -> Arc<EventLog> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.opened += 1;
        let log = Arc::new(EventLog::new(streams.opened));
        if streams.logs.len() >= STREAMS_MAX {
            let at = streams.logs.iter().position(|(_, log)| log.has_ended()).unwrap_or(0);
            streams.logs.remove(at);
        }
        let number = streams.opened;
        streams.logs.push((number, Arc::clone(&log)));
        log
    }

    /// The stream of an exchange by its number.
    pub(crate) fn stream(&self, number: u64) -> Option<Arc<EventLog>> {
        let streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.logs.iter().find(|(found, _)| *found == number).map(|(_, log)| Arc::clone(log))
    }

    /// The mirrored parameters of a tool; `None` while no list of tools was seen.
    pub(crate) fn mirrored(&self, tool: &str) -> Option<Vec<MirroredParam>> {
        let mirrored = self.mirrored.lock().unwrap_or_else(PoisonError::into_inner);
        mirrored.as_ref().map(|tools| tools.get(tool).cloned().unwrap_or_default())
    }

    fn learn_mirrored(&self, answer: &Message) {
        let Some(tools) = answer.result_member("tools") else { return };
        let mut mirrored = self.mirrored.lock().unwrap_or_else(PoisonError::into_inner);
        let known = mirrored.get_or_insert_default();
        for tool in tools.items() {
            let (Some(name), Some(schema)) = (tool.get("name").and_then(|name| name.as_str()), tool.get("inputSchema"))
            else {
                continue;
            };
            match mirrored_params(schema) {
                Ok(params) if !params.is_empty() && known.len() < TOOLS_MAX => known.insert(name.into(), params),
                _ => known.remove(&*name),
            };
        }
    }

    fn routes(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes who waits for a request, renaming its id or token when another exchange uses the same.
    fn enter(
        &self,
        message: &Message,
        cleared: Cleared,
        asked: Asked,
        (to, place): (mpsc::Sender<Delivery>, Option<Permit>),
    ) -> Result<(Box<str>, Cleared), Fault> {
        let own_id: Box<str> = message.id().map_or("null".into(), |id| id.canonical().into());
        let mut routes = self.routes();
        if routes.waiting.len() >= WAITING_MAX {
            let detail = format!("{WAITING_MAX} requests to this server are unanswered");
            return Err(Fault::Refused(Refusal::new(RefusalCode::NotJsonRpc, 0, detail)));
        }
        routes.renamed += 1;
        let order = routes.renamed;
        let token = message.meta().and_then(|meta| meta.get("progressToken"));
        let collides = routes.waiting.contains_key(&own_id) || routes.is_over(&own_id);
        let token_collides = token.is_some_and(|token| routes.by_token(token.text()).is_some());
        let (mut cleared, mut id, mut channel_token) =
            (cleared, own_id.clone(), token.map(|token| Box::from(token.text())));
        if collides || token_collides {
            // The cleared bytes may be an edited message, so the places are looked up in them anew.
            let again =
                Message::parse(cleared.bytes().clone(), self.conversation.pipeline.limits()).map_err(Fault::Refused)?;
            let mut edits = Vec::new();
            let name = format!("\"gatehold-{order}\"");
            if let (true, Some(span)) = (collides, id_span(&again)) {
                edits.push(Edit { span, with: name.clone().into_bytes() });
                id = name.clone().into();
            }
            if let (true, Some(token)) = (token_collides, again.meta().and_then(|meta| meta.get("progressToken"))) {
                edits.push(Edit { span: token.span(), with: name.clone().into_bytes() });
                channel_token = Some(name.into());
            }
            let bytes = edit::apply(again.bytes(), &mut edits).ok_or_else(|| {
                Fault::Refused(Refusal::new(RefusalCode::NotJsonRpc, 0, "the request id cannot be renamed"))
            })?;
            cleared = cleared.readdressed(bytes);
        }
        let own_token = token.map(|token| Box::<str>::from(token.text()));
        let waiter = Waiter {
            to,
            _place: place,
            asked,
            since: self.conversation.pipeline.now(),
            own_id: (id != own_id).then_some(own_id),
            token: channel_token.map(|on_channel| {
                let renamed = own_token.filter(|own| *own != on_channel);
                (on_channel, renamed)
            }),
            order,
        };
        routes.waiting.insert(id.clone(), waiter);
        Ok((id, cleared))
    }

    /// Judges one message from the server and delivers it.
    async fn deliver(self: &Arc<Self>, message: Message) {
        match message.kind() {
            Kind::Result | Kind::Error => self.deliver_answer(message).await,
            Kind::Request | Kind::Notification => self.deliver_other(message).await,
        }
    }

    async fn deliver_answer(&self, message: Message) {
        let waiter = message.id().and_then(|id| self.routes().waiting.remove(&*id.canonical()));
        let Some(waiter) = waiter else {
            if let Some(id) = message.id() {
                self.routes().over.remove(&*id.canonical());
            }
            // The exchange is gone. What was said is still judged and recorded; it goes nowhere.
            let _nobody = self.conversation.pass_exchanged(Direction::FromServer, &message, None, Coming::PLAIN).await;
            return;
        };
        let message = match &waiter.own_id {
            None => message,
            Some(own) => match rename(&message, id_span(&message), own, &self.conversation) {
                Some(renamed) => renamed,
                None => return,
            },
        };
        if waiter.asked.method() == Method::ToolsList {
            self.learn_mirrored(&message);
        }
        let took = self.conversation.pipeline.now().saturating_sub(waiter.since);
        let answers = Some((waiter.asked, took));
        let coming = Coming { hold: Hold::Later, ..Coming::PLAIN };
        let passage = self.conversation.pass_exchanged(Direction::FromServer, &message, answers, coming).await;
        let code = message.error_member("code").and_then(|code| code.as_i64());
        let to = waiter.to;
        if let Some(held) = passage.held {
            // Whoever waits on the same channel does not wait for this one.
            let conversation = Arc::clone(&self.conversation);
            tokio::spawn(async move {
                let passage = tokio::select! {
                    passage = conversation.resume(*held, None) => passage,
                    () = to.closed() => return,
                };
                answer_with(&to, passage.onward, code).await;
            });
        } else {
            answer_with(&to, passage.onward, code).await;
        }
    }

    /// Records what cannot be read, and answers the exchange that waits for it in its place.
    async fn deliver_unreadable(&self, bytes: &[u8], refusal: &Refusal) {
        let waiter = {
            let mut routes = self.routes();
            let id: Option<Box<str>> = meant(bytes, routes.waiting.keys().map(|id| &**id)).map(Into::into);
            id.and_then(|id| routes.waiting.remove_entry(&id))
        };
        let id = waiter.as_ref().map(|(id, waiter)| waiter.own_id.as_ref().unwrap_or(id));
        let conversation = &self.conversation;
        let direction = Direction::FromServer;
        let instead =
            conversation.pipeline.refuse(bytes, refusal, direction, &conversation.origin, id.map(|id| &**id)).await;
        if let Some((_, waiter)) = waiter {
            // The exchange may have ended meanwhile, or not read for too long.
            let _gone = waiter.to.send_timeout(Delivery::Answer(instead, None), SLOW_PATIENCE).await;
        }
    }

    async fn deliver_other(self: &Arc<Self>, message: Message) {
        let (found, message) = match self.owner(&message) {
            Owner::Waiter(found, None) => (Some(found), message),
            Owner::Waiter(found, Some((span, own))) => match rename(&message, Some(span), &own, &self.conversation) {
                Some(renamed) => (Some(found), renamed),
                None => return,
            },
            Owner::Nobody => (None, message),
        };
        let (to, asker) = found.map_or((None, None), |found| (Some(found.to), found.asker));
        let coming = Coming { principal: asker.as_ref(), ..Coming::PLAIN };
        let passage = self.conversation.pass_message(Direction::FromServer, &message, coming).await;
        if let Some(back) = passage.back {
            // The server asked for what it may not have; it is told. If it has ended, the reader notices.
            let _ended = self.tell(back).await;
        }
        let Some(cleared) = passage.onward else { return };
        let undelivered = match to {
            Some(to) => match to.send_timeout(Delivery::Message(cleared), SLOW_PATIENCE).await {
                Ok(()) => return,
                Err(SendTimeoutError::Closed(Delivery::Message(cleared) | Delivery::Answer(cleared, _))) => cleared,
                Err(SendTimeoutError::Timeout(_)) => return self.give_up(&to).await,
            },
            None => cleared,
        };
        self.general.append(undelivered.bytes()).await;
    }

    /// Ends an exchange that does not read, so that nobody waits for it again; the server is told when that cancels.
    async fn give_up(self: &Arc<Self>, to: &mpsc::Sender<Delivery>) {
        let id = {
            let mut routes = self.routes();
            let id = routes.waiting.iter().find(|(_, waiter)| waiter.to.same_channel(to)).map(|(id, _)| id.clone());
            id.and_then(|id| routes.end(id, self.conversation.pipeline.now()))
        };
        if let Some((id, waiter)) = id
            && waiter.asked.is_modern()
        {
            cancel(Arc::clone(self), id).await;
        }
    }

    /// Whose exchange a notification or a request of the server belongs to.
    fn owner(&self, message: &Message) -> Owner {
        let routes = self.routes();
        let by_subscription =
            message.meta().and_then(|meta| meta.get("io.modelcontextprotocol/subscriptionId")).and_then(|id| {
                routes.waiting.get(&*Id(id.text()).canonical()).map(|waiter| (waiter, id.span(), waiter.own_id.clone()))
            });
        let by_token = || {
            let token = message.param("progressToken").filter(|_| message.method() == Some(Method::Progress))?;
            let waiter = routes.by_token(token.text())?;
            let renamed = waiter.token.as_ref().and_then(|(_, own)| own.clone());
            Some((waiter, token.span(), renamed))
        };
        if let Some((waiter, span, renamed)) = by_subscription.or_else(by_token) {
            return Owner::Waiter(Found::from(waiter), renamed.map(|own| (span, own)));
        }
        let about_all = matches!(
            message.method(),
            Some(
                Method::ToolsListChanged
                    | Method::PromptsListChanged
                    | Method::ResourcesListChanged
                    | Method::ResourcesUpdated
            )
        );
        let has_general = self.general.is_attached();
        if about_all && has_general {
            return Owner::Nobody;
        }
        // Nothing says which exchange it belongs to. With one exchange open it is that one; with several, the last.
        match routes.waiting.values().max_by_key(|waiter| waiter.order) {
            Some(waiter) if routes.waiting.len() == 1 || !has_general => Owner::Waiter(Found::from(waiter), None),
            _ => Owner::Nobody,
        }
    }

    /// The channel has ended: everybody who waits learns it by the closing of the exchange.
    fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.routes().waiting.clear();
        self.general.end(false);
    }
}

impl Drop for Mux {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.lock().unwrap_or_else(PoisonError::into_inner).take() {
            reader.abort();
        }
    }
}

/// Delivers an answer. The exchange may have ended meanwhile, or not read for too long.
async fn answer_with(to: &mpsc::Sender<Delivery>, cleared: Option<Cleared>, code: Option<i64>) {
    if let Some(cleared) = cleared {
        let _gone = to.send_timeout(Delivery::Answer(cleared, code), SLOW_PATIENCE).await;
    }
}

/// An exchange that something of the server belongs to, and who asked.
struct Found {
    to: mpsc::Sender<Delivery>,
    asker: Option<Principal>,
}

impl From<&Waiter> for Found {
    fn from(waiter: &Waiter) -> Self {
        Self { to: waiter.to.clone(), asker: waiter.asked.principal().cloned() }
    }
}

enum Owner {
    Waiter(Found, Option<(std::ops::Range<usize>, Box<str>)>),
    Nobody,
}

impl Routes {
    /// Ends an exchange whose answer is not waited for any more, and keeps its id from being used again.
    fn end(&mut self, id: Box<str>, now: Duration) -> Option<(Box<str>, Waiter)> {
        let waiter = self.waiting.remove(&id)?;
        if self.over.len() >= WAITING_MAX {
            self.over.retain(|_, since| now.saturating_sub(*since) < OVER_PATIENCE);
        }
        if self.over.len() < WAITING_MAX {
            self.over.insert(id.clone(), now);
        }
        Some((id, waiter))
    }

    /// Whether an id may belong to a cancelled request: with too many of them to know each, every id may.
    fn is_over(&self, id: &str) -> bool {
        self.over.len() >= WAITING_MAX || self.over.contains_key(id)
    }

    fn by_token(&self, token: &str) -> Option<&Waiter> {
        self.waiting.values().find(|waiter| waiter.token.as_ref().is_some_and(|(on_channel, _)| **on_channel == *token))
    }
}

impl Waiting {
    /// The next delivery; `None` when the server has ended.
    pub(crate) async fn next(&mut self) -> Option<Delivery> {
        let delivery = self.deliveries.recv().await;
        self.done = matches!(delivery, None | Some(Delivery::Answer(..)));
        delivery
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.done || !self.cancels {
            return;
        }
        // Closing the stream is how a client of the modern era cancels; on the channel it is a notification.
        let now = self.mux.conversation.pipeline.now();
        let known = self.mux.routes().end(self.id.clone(), now).is_some();
        if known && let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(cancel(Arc::clone(&self.mux), self.id.clone()));
        }
    }
}

async fn cancel(mux: Arc<Mux>, id: Box<str>) {
    let text = format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#);
    let conversation = Arc::clone(&mux.conversation);
    let own =
        conversation.pipeline.own(&conversation.origin, Direction::FromClient, "notifications/cancelled", text.into());
    if let Ok(Some(cleared)) = own.await {
        // A server that has ended needs no cancelling.
        let _ended = mux.tell(cleared).await;
    }
}

/// Where a message's id stands.
pub(crate) fn id_span(message: &Message) -> Option<std::ops::Range<usize>> {
    let id = message.id()?.0;
    let start = (id.as_ptr() as usize).checked_sub(message.bytes().as_ptr() as usize)?;
    Some(start..start + id.len())
}

/// The message with another id or token at `span`.
fn rename(
    message: &Message,
    span: Option<std::ops::Range<usize>>,
    own: &str,
    conversation: &Conversation,
) -> Option<Message> {
    let mut edits = vec![Edit { span: span?, with: own.as_bytes().to_vec() }];
    let bytes = edit::apply(message.bytes(), &mut edits)?;
    Message::parse(bytes, conversation.pipeline.limits()).ok()
}

/// Reads the channel to its end.
async fn read(mux: std::sync::Weak<Mux>, mut receiver: Receiver, guard: Guard) {
    while let Some(arrived) = receiver.next().await {
        let Some(mux) = mux.upgrade() else { break };
        match arrived {
            Ok(line) => read_line(&mux, line).await,
            Err(Fault::Refused(refusal)) => mux.deliver_unreadable(b"", &refusal).await,
            Err(Fault::Broken(_)) => break,
        }
    }
    if let Some(mux) = mux.upgrade() {
        mux.end();
        guard.ended(&mux.conversation).await;
    }
}

async fn read_line(mux: &Arc<Mux>, line: Bytes) {
    match Message::parse_batch(line.clone(), mux.conversation.pipeline.limits()) {
        Ok(Batch::One(message)) => mux.deliver(message).await,
        Ok(Batch::Many(messages)) => {
            for message in messages {
                mux.deliver(message).await;
            }
        }
        Err(refusal) => mux.deliver_unreadable(&line, &refusal).await,
    }
}
