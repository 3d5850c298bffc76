//! Many servers as one channel: tools and prompts carry the name of their server (`<server>__<tool>`), lists are
//! joined, and each message is decided where its server is known, under that server's name and the tool's own.
//!
//! A server that cannot be reached or that ends takes only its own tools away.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use gatehold_evidence::Cleared;
use gatehold_session::{Origin, Principal};
use gatehold_wire::edit::{self, Edit};
use gatehold_wire::{Batch, Kind, Message, Method};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::channel::{Fault, Receiver, Sender};
use crate::pipeline::Pipeline;
use crate::servers::Server;
use crate::upstream::connect::{Guard, Link, OpenError};
use member::Member;

mod member;
mod merge;

/// Messages that may wait on either side.
const WAITING_MAX: usize = 64;
/// How long one server may take over its part of a joined answer.
const PART_PATIENCE: Duration = Duration::from_secs(30);
/// Pages of one server's list.
const PAGES_MAX: usize = 100;
/// What stands between a server's name and a tool's.
pub(crate) const SEPARATOR: &str = "__";

/// Everything behind one aggregated channel.
struct Aggregate {
    members: Vec<Arc<Member>>,
    pipeline: Arc<Pipeline>,
    incoming: mpsc::Sender<Result<Bytes, Fault>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Requests of ours to a member, by the id we gave them.
    /// Requests of our own, with the member that each went to.
    parts: HashMap<Box<str>, (usize, oneshot::Sender<Message>)>,
    /// Requests of the client that one member answers, by id: so that a cancellation finds it.
    routed: HashMap<Box<str>, usize>,
    /// Requests of members to the client: the id that the client sees, the member, and the id as the member wrote it.
    asked_by_member: HashMap<Box<str>, (usize, Box<str>)>,
    /// Which member has a resource, learnt from its lists.
    resources: HashMap<Box<str>, usize>,
    /// Which member runs a task.
    tasks: HashMap<Box<str>, usize>,
    numbered: u64,
}

/// Entries of the tables that are learnt from lists and results.
const LEARNT_MAX: usize = 10_000;

/// Opens a channel to all servers at once. They are started or reached when the client's first message comes.
pub(crate) fn open(servers: &[Arc<Server>], origin: &Origin, pipeline: &Arc<Pipeline>) -> Result<Link, OpenError> {
    let (incoming, receiver) = mpsc::channel(WAITING_MAX);
    let (sender, outgoing) = mpsc::channel(WAITING_MAX);
    let members = servers.iter().map(|server| Arc::new(Member::new(server, origin, pipeline))).collect();
    let aggregate =
        Arc::new(Aggregate { members, pipeline: Arc::clone(pipeline), incoming, state: Mutex::new(State::default()) });
    let task = tokio::spawn(aggregate.run(outgoing));
    Ok(Link {
        receiver: Receiver::Queue(receiver),
        sender: Sender::Queue(sender),
        guard: Guard::of_tasks(vec![task.abort_handle()]),
    })
}

impl Aggregate {
    async fn run(self: Arc<Self>, mut outgoing: mpsc::Receiver<Cleared>) {
        self.open_members().await;
        while let Some(cleared) = outgoing.recv().await {
            let Ok(batch) = Message::parse_batch(cleared.bytes().clone(), self.pipeline.limits()) else { continue };
            let messages = match batch {
                Batch::One(message) => vec![message],
                Batch::Many(messages) => messages,
            };
            for message in messages {
                self.take(message, cleared.speaker()).await;
            }
        }
        for member in &self.members {
            member.close().await;
        }
    }

    /// Opens every member side by side; one that cannot be opened is left out and the operator is told.
    async fn open_members(self: &Arc<Self>) {
        let opening = self.members.iter().enumerate().map(|(index, member)| async move {
            match timeout(PART_PATIENCE, member.open()).await {
                Ok(Ok(receiver)) => {
                    let aggregate = Arc::downgrade(self);
                    let member = Arc::clone(member);
                    tokio::spawn(async move { read(aggregate, index, member, receiver).await });
                }
                Ok(Err(error)) => crate::gateway::log(&format!("server `{}`: {error}", member.name())),
                Err(_) => crate::gateway::log(&format!("server `{}`: it did not start in time", member.name())),
            }
        });
        join_all(opening).await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_id(&self) -> Box<str> {
        let mut state = self.state();
        state.numbered += 1;
        format!("\"gatehold-{}\"", state.numbered).into()
    }

    /// Takes one message of the client.
    async fn take(self: &Arc<Self>, message: Message, speaker: Option<&Principal>) {
        match message.kind() {
            Kind::Request => {
                // Joined answers take as long as the slowest server: other messages go on meanwhile.
                let aggregate = Arc::clone(self);
                if is_joined(&message) {
                    let speaker = speaker.cloned();
                    tokio::spawn(async move { aggregate.join(&message, speaker.as_ref()).await });
                } else if self.pipeline.may_hold() {
                    // One that waits for a person must not make the others wait.
                    let speaker = speaker.cloned();
                    tokio::spawn(async move { aggregate.route(message, speaker.as_ref()).await });
                } else {
                    self.route(message, speaker).await;
                }
            }
            Kind::Notification => self.notify(message, speaker).await,
            Kind::Result | Kind::Error => self.answer_member(message, speaker).await,
        }
    }

    /// Asks every member and answers with what they say together.
    async fn join(self: Arc<Self>, message: &Message, speaker: Option<&Principal>) {
        let Some(id) = message.id().map(|id| id.0.to_owned()) else { return };
        let asking = self.members.iter().enumerate().filter(|(_, member)| member.takes(message.method())).map(
            |(index, member)| {
                let aggregate = Arc::clone(&self);
                let member = Arc::clone(member);
                let message = message.clone();
                async move { (index, aggregate.pages(index, &member, &message, speaker).await) }
            },
        );
        let parts = join_all(asking).await;
        self.learn_resources(&parts);
        let named: Vec<(&str, &[Message])> = parts
            .iter()
            .filter_map(|(index, pages)| Some((self.members.get(*index)?.name(), pages.as_slice())))
            .collect();
        let answer = merge::answer(message, &id, &named);
        self.to_client(answer.into()).await;
    }

    /// One member's part of a joined answer: all pages of a list.
    async fn pages(
        &self,
        index: usize,
        member: &Arc<Member>,
        message: &Message,
        speaker: Option<&Principal>,
    ) -> Vec<Message> {
        let mut pages = Vec::new();
        let mut cursor: Option<String> = None;
        while pages.len() < PAGES_MAX {
            let id = self.next_id();
            let Some(request) = merge::part_request(message, &id, cursor.as_deref()) else { break };
            let Some(answer) = self.ask((index, member), &id, request, speaker).await else { break };
            member.learn(message.method(), &answer);
            cursor = answer
                .result_member("nextCursor")
                .and_then(|cursor| cursor.as_str())
                .map(std::borrow::Cow::into_owned)
                .filter(|_| message.method().and_then(Method::list_member).is_some());
            pages.push(answer);
            if cursor.is_none() {
                break;
            }
        }
        pages
    }

    /// Asks a member something on our own account and waits for its judged answer.
    async fn ask(
        &self,
        (index, member): (usize, &Arc<Member>),
        id: &str,
        request: Bytes,
        speaker: Option<&Principal>,
    ) -> Option<Message> {
        let (answered, answer) = oneshot::channel();
        self.state().parts.insert(id.into(), (index, answered));
        let message = Message::parse(request, self.pipeline.limits()).ok()?;
        let sent = match member.pass(&message, speaker).await {
            passage if passage.onward.is_some() => member.send(passage.onward).await,
            _ => false,
        };
        let answer = if sent { timeout(PART_PATIENCE, answer).await.ok().and_then(Result::ok) } else { None };
        if answer.is_none() {
            self.state().parts.remove(id);
        }
        answer
    }

    fn learn_resources(&self, parts: &[(usize, Vec<Message>)]) {
        let mut state = self.state();
        for (index, pages) in parts {
            for resource in
                pages.iter().filter_map(|page| page.result_member("resources")).flat_map(|list| list.items())
            {
                if let Some(uri) = resource.get("uri").and_then(|uri| uri.as_str())
                    && state.resources.len() < LEARNT_MAX
                {
                    state.resources.entry(uri.into()).or_insert(*index);
                }
            }
        }
    }

    /// Sends a request to the member that it is for; an error answers it where there is none.
    async fn route(self: &Arc<Self>, message: Message, speaker: Option<&Principal>) {
        let Some(id) = message.id().map(|id| id.0.to_owned()) else { return };
        match message.method() {
            Some(Method::Ping) => return self.to_client(merge::empty_result(&id, false).into()).await,
            Some(Method::LoggingSetLevel) => {
                self.broadcast(&message, speaker).await;
                return self.to_client(merge::empty_result(&id, false).into()).await;
            }
            _ => {}
        }
        let Some((index, own)) = self.owner(&message) else {
            return self.to_client(merge::unknown(&message, &id).into()).await;
        };
        let Some(member) = self.members.get(index).filter(|member| member.is_open()) else {
            return self.to_client(merge::unknown(&message, &id).into()).await;
        };
        let passage = member.pass(&own, speaker).await;
        if let Some(back) = passage.back {
            // What is hidden must answer like what no member has, under the name that the client used.
            let refused = Message::parse(back.bytes().clone(), self.pipeline.limits()).ok();
            let code = refused.as_ref().and_then(|refused| refused.error_member("code")?.as_i64());
            let answer = if code == Some(-32602) { merge::unknown(&message, &id).into() } else { back.bytes().clone() };
            return self.to_client(answer).await;
        }
        let canonical: Box<str> = own.id().map(|id| id.canonical().into()).unwrap_or_default();
        self.state().routed.insert(canonical.clone(), index);
        if !member.send(passage.onward).await {
            self.state().routed.remove(&canonical);
            self.to_client(merge::member_ended(&id, member.name()).into()).await;
        }
    }

    /// The member that a request is for, and the request as that member knows it.
    fn owner(&self, message: &Message) -> Option<(usize, Message)> {
        let by_name = |name: &str| {
            let (server, own) = name.split_once(SEPARATOR)?;
            Some((self.members.iter().position(|member| member.name() == server)?, own.to_owned()))
        };
        let renamed = |index: usize, span: std::ops::Range<usize>, own: &str| {
            let mut with = Vec::new();
            gatehold_wire::json::write_string(own, &mut with);
            let bytes = edit::apply(message.bytes(), &mut [Edit { span, with }])?;
            Some((index, Message::parse(bytes, self.pipeline.limits()).ok()?))
        };
        match message.method()? {
            Method::ToolsCall | Method::PromptsGet => {
                let (index, own) = by_name(&message.name()?)?;
                renamed(index, message.param("name")?.span(), &own)
            }
            Method::Complete => {
                let reference = message.param("ref")?;
                match reference.get("name") {
                    Some(name) => {
                        let (index, own) = by_name(&name.as_str()?)?;
                        renamed(index, name.span(), &own)
                    }
                    None => self.resource_owner(&reference.get("uri")?.as_str()?).map(|index| (index, message.clone())),
                }
            }
            Method::ResourcesRead | Method::ResourcesSubscribe | Method::ResourcesUnsubscribe => {
                self.resource_owner(&message.uri()?).map(|index| (index, message.clone()))
            }
            Method::TasksGet | Method::TasksResult | Method::TasksUpdate | Method::TasksCancel => {
                let task = message.param("taskId")?.as_str()?;
                let index = self.state().tasks.get(&*task).copied()?;
                Some((index, message.clone()))
            }
            _ => None,
        }
    }

    /// Who has a resource: the one whose list named it, or the only member that has resources at all.
    fn resource_owner(&self, uri: &str) -> Option<usize> {
        if let Some(index) = self.state().resources.get(uri) {
            return Some(*index);
        }
        let mut able = self.members.iter().enumerate().filter(|(_, member)| member.takes(Some(Method::ResourcesRead)));
        match (able.next(), able.next()) {
            (Some((index, _)), None) => Some(index),
            _ => None,
        }
    }

    async fn notify(&self, message: Message, speaker: Option<&Principal>) {
        let cancelled = message.param("requestId").filter(|_| message.method() == Some(Method::Cancelled));
        if let Some(id) = cancelled {
            let canonical = gatehold_wire::Id(id.text()).canonical().into_owned();
            let index = self.state().routed.remove(&*canonical);
            if let Some(member) = index.and_then(|index| self.members.get(index)) {
                let passage = member.pass(&message, speaker).await;
                member.send(passage.onward).await;
            }
            return;
        }
        self.broadcast(&message, speaker).await;
    }

    async fn broadcast(&self, message: &Message, speaker: Option<&Principal>) {
        for member in self.members.iter().filter(|member| member.is_open()) {
            let own = match (message.kind(), self.next_id()) {
                (Kind::Request, id) => merge::part_request(message, &id, None)
                    .and_then(|bytes| Message::parse(bytes, self.pipeline.limits()).ok()),
                _ => Some(message.clone()),
            };
            if let Some(own) = own {
                let passage = member.pass(&own, speaker).await;
                member.send(passage.onward).await;
            }
        }
    }

    /// Brings the client's answer to the member that asked.
    async fn answer_member(&self, message: Message, speaker: Option<&Principal>) {
        let asked = message.id().and_then(|id| self.state().asked_by_member.remove(&*id.canonical()));
        let Some((index, own_id)) = asked else { return };
        let (Some(member), Some(own)) = (self.members.get(index), merge::with_id(&message, &own_id, &self.pipeline))
        else {
            return;
        };
        let passage = member.pass(&own, speaker).await;
        member.send(passage.onward).await;
    }

    /// Takes one message of a member, already judged.
    async fn take_judged(&self, index: usize, message: Message) {
        match message.kind() {
            Kind::Request => {
                let (Some(own), id) = (message.id().map(|id| Box::<str>::from(id.0)), self.next_id()) else { return };
                self.state().asked_by_member.insert(id.clone(), (index, own));
                if let Some(renamed) = merge::with_id(&message, &id, &self.pipeline) {
                    self.to_client(renamed.bytes().clone()).await;
                }
            }
            Kind::Notification => self.to_client(message.bytes().clone()).await,
            Kind::Result | Kind::Error => {
                let Some(canonical) = message.id().map(|id| id.canonical().into_owned()) else { return };
                let part = self.state().parts.remove(&*canonical);
                if let Some((_, part)) = part {
                    // Whoever asked may have stopped waiting.
                    let _late = part.send(message);
                    return;
                }
                self.state().routed.remove(&*canonical);
                self.learn_task(index, &message);
                self.to_client(message.bytes().clone()).await;
            }
        }
    }

    fn learn_task(&self, index: usize, message: &Message) {
        let task = message
            .result_member("taskId")
            .or_else(|| message.result_member("task").and_then(|task| task.get("taskId")))
            .and_then(|task| task.as_str());
        let mut state = self.state();
        if let Some(task) = task
            && state.tasks.len() < LEARNT_MAX
        {
            state.tasks.insert(task.into(), index);
        }
    }

    /// A member has ended: what waits for it is answered, and everything else goes on.
    async fn member_ended(&self, index: usize, member: &Member) {
        member.close().await;
        let waiting: Vec<Box<str>> = {
            let mut state = self.state();
            let ids = state.routed.iter().filter(|(_, routed)| **routed == index).map(|(id, _)| id.clone()).collect();
            state.routed.retain(|_, routed| *routed != index);
            // Whoever waits for its part of an answer goes on without it.
            state.parts.retain(|_, (asked, _)| *asked != index);
            ids
        };
        crate::gateway::log(&format!("server `{}` has ended; its tools are gone from the aggregate", member.name()));
        for id in waiting {
            self.to_client(merge::member_ended(&id, member.name()).into()).await;
        }
    }

    async fn to_client(&self, bytes: Bytes) {
        // The client is gone; the aggregate ends with it.
        let _gone = self.incoming.send(Ok(bytes)).await;
    }
}

/// Whether all members answer a request together.
fn is_joined(message: &Message) -> bool {
    matches!(message.method(), Some(Method::Initialize | Method::Discover))
        || message.method().and_then(Method::list_member).is_some()
}

/// Reads a member's channel to its end, judging each message.
async fn read(aggregate: std::sync::Weak<Aggregate>, index: usize, member: Arc<Member>, mut receiver: Receiver) {
    while let Some(arrived) = receiver.next().await {
        let Some(aggregate) = aggregate.upgrade() else { return };
        let judged = match arrived {
            Ok(line) => member.judge_line(line).await,
            Err(Fault::Refused(refusal)) => member.refuse_line(b"", &refusal).await,
            Err(Fault::Broken(_)) => break,
        };
        for cleared in judged {
            if let Ok(message) = Message::parse(cleared.bytes().clone(), aggregate.pipeline.limits()) {
                aggregate.take_judged(index, message).await;
            }
        }
    }
    if let Some(aggregate) = aggregate.upgrade() {
        aggregate.member_ended(index, &member).await;
    }
}
