//! What one session has agreed and what it is waiting for. Every message of a session passes `observe`, which says
//! what a response answers, so that a result is judged as the answer to its request and not as loose text.
//!
//! The tables are bounded: a peer that asks and never listens is refused, not remembered for ever.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gatehold_wire::{Id, Kind, Message, Method, Refusal, RefusalCode, Revision};

use crate::abilities::Abilities;
use crate::asked::{Asked, Subject};
use crate::catalogue::Catalogue;
use crate::facts::{Direction, Facts, Origin, ToolHints};
use crate::principal::Principal;
use crate::tally::Tally;

#[cfg(test)]
mod tests;

/// Requests that one side may have unanswered at a time.
pub const PENDING_MAX: usize = 1024;

/// The state of one session. Time is whatever monotonic clock the caller counts from.
#[derive(Debug, Default)]
pub struct Session {
    asked_by_client: Pending,
    asked_by_server: Pending,
    agreed: Option<Revision>,
    abilities: Abilities,
    client_claimed: Option<Arc<str>>,
    server_claimed: Option<Arc<str>>,
    catalogue: Catalogue,
    tally: Tally,
}

/// What `observe` learnt about one message; lives as long as the judging of it.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// For a result or an error: the request that it answers, and how long ago that was observed.
    pub answers: Option<(Asked, Duration)>,
    /// The revision that is spoken, where known.
    pub revision: Option<Revision>,
    /// What was counted in the session before this message.
    pub tally: Tally,
    hints: Option<ToolHints>,
    client_claimed: Option<Arc<str>>,
    server_claimed: Option<Arc<str>>,
}

impl Session {
    /// A session in which nothing was said yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The revision that both sides agreed on in `initialize`.
    #[must_use]
    pub const fn agreed(&self) -> Option<Revision> {
        self.agreed
    }

    /// What the client said in `initialize` that it can do.
    #[must_use]
    pub const fn abilities(&self) -> Abilities {
        self.abilities
    }

    /// Takes note of a message that travels in this session, where requests and answers share one channel each way.
    ///
    /// # Errors
    /// `RefusalCode::NotJsonRpc` for a request whose id is already waiting for its answer (two answers could then be
    /// taken for each other), or when `PENDING_MAX` requests of that side are unanswered.
    pub fn observe(&mut self, direction: Direction, message: &Message, now: Duration) -> Result<Observed, Refusal> {
        self.observe_from(direction, message, None, now)
    }

    /// As `observe`, for a request of the client whose own proof describes `speaker`: its answer will be judged with
    /// the same attributes.
    ///
    /// # Errors
    /// As for `observe`.
    pub fn observe_from(
        &mut self,
        direction: Direction,
        message: &Message,
        speaker: Option<&Principal>,
        now: Duration,
    ) -> Result<Observed, Refusal> {
        let answers = match (message.kind(), message.id()) {
            (Kind::Request, Some(id)) => {
                let asked = Asked::by(message);
                let asked = match speaker.filter(|_| direction == Direction::FromClient) {
                    Some(speaker) => asked.asked_by(speaker),
                    None => asked,
                };
                self.pending(direction).insert(id, asked, now)?;
                None
            }
            (Kind::Result | Kind::Error, Some(id)) => self.pending(direction.reverse()).take(id, now),
            _ => None,
        };
        Ok(self.learn(direction, message, answers))
    }

    /// Takes note of a message whose request, if it answers one, is known from elsewhere: over HTTP an answer comes
    /// back on the exchange that carried its request, so nothing need be remembered here.
    pub fn learn(&mut self, direction: Direction, message: &Message, answers: Option<(Asked, Duration)>) -> Observed {
        match message.kind() {
            Kind::Request => self.note_request(direction, message),
            Kind::Notification => self.note_cancelled(direction, message),
            Kind::Result | Kind::Error => {
                self.note_answer(direction, answers.as_ref().map(|(asked, _)| asked), message)
            }
        }
        let tool = match message.kind() {
            Kind::Request | Kind::Notification if message.method() == Some(Method::ToolsCall) => message.name(),
            Kind::Request | Kind::Notification => None,
            Kind::Result | Kind::Error => answers.as_ref().and_then(|(asked, _)| match asked.subject() {
                Some((Subject::Tool, name)) => Some(name.into()),
                Some(_) | None => None,
            }),
        };
        let hints = tool.and_then(|tool| self.catalogue.hints(&tool));
        let tally = self.count(direction, message);
        Observed {
            tally,
            hints,
            answers,
            revision: message.modern_version().and_then(|name| Revision::from_name(&name)).or(self.agreed),
            client_claimed: self.client_claimed.clone(),
            server_claimed: self.server_claimed.clone(),
        }
    }

    /// Counts a message, and says what had been counted before it.
    fn count(&mut self, direction: Direction, message: &Message) -> Tally {
        let before = self.tally;
        if direction == Direction::FromClient && message.kind() == Kind::Request {
            self.tally.requests = before.requests.saturating_add(1);
            if message.method() == Some(Method::ToolsCall) {
                self.tally.calls = before.calls.saturating_add(1);
            }
        }
        before
    }

    /// Counts what came of a message: whether it was a request of the client that did not go on, and whether something
    /// alarming was found in it.
    pub fn count_outcome(&mut self, denied: bool, alarming: bool) {
        self.tally.denied = self.tally.denied.saturating_add(u32::from(denied));
        self.tally.alarming = self.tally.alarming.saturating_add(u32::from(alarming));
    }

    /// Remembers a request whose exchange ended before its answer came: the answer may still come on another stream.
    pub fn remember(&mut self, direction: Direction, id: Id<'_>, asked: Asked, now: Duration) {
        // A table that is full loses the context of a late answer, which is then judged as an answer to nothing.
        let _full = self.pending(direction).insert(id, asked, now);
    }

    /// Finds and forgets the request that a late answer belongs to.
    pub fn recall(&mut self, direction: Direction, id: Id<'_>, now: Duration) -> Option<(Asked, Duration)> {
        self.pending(direction).take(id, now)
    }

    /// Forgets a request, because it was refused and never left.
    pub fn forget(&mut self, direction: Direction, message: &Message) {
        if let Some(id) = message.id() {
            self.pending(direction).waiting.remove(&*id.canonical());
        }
    }

    /// Whether a request of `asked_by` with this id waits for its answer.
    #[must_use]
    pub fn awaits(&self, asked_by: Direction, id: Id<'_>) -> bool {
        let pending = match asked_by {
            Direction::FromClient => &self.asked_by_client,
            Direction::FromServer => &self.asked_by_server,
        };
        pending.waiting.contains_key(&*id.canonical())
    }

    /// The ids of the client's requests that wait for the server's answer, in no order; cancelled ones are not waited
    /// for.
    #[must_use]
    pub fn awaited_by_client(&self) -> Vec<Box<str>> {
        let waiting = self.asked_by_client.waiting.iter().filter(|(_, waiting)| !waiting.cancelled);
        waiting.map(|(id, _)| id.clone()).collect()
    }

    /// Requests that wait for an answer, of both sides.
    #[must_use]
    pub fn pending_count(&self) -> usize {
        self.asked_by_client.waiting.len() + self.asked_by_server.waiting.len()
    }

    fn pending(&mut self, asked_by: Direction) -> &mut Pending {
        match asked_by {
            Direction::FromClient => &mut self.asked_by_client,
            Direction::FromServer => &mut self.asked_by_server,
        }
    }

    fn note_request(&mut self, direction: Direction, message: &Message) {
        if direction != Direction::FromClient {
            return;
        }
        let info = match message.method() {
            Some(Method::Initialize) => {
                self.abilities = Abilities::stated_by(message).unwrap_or_default();
                message.param("clientInfo")
            }
            _ => message.meta().and_then(|meta| meta.get("io.modelcontextprotocol/clientInfo")),
        };
        if let Some(claimed) = info.and_then(claimed_name)
            && self.client_claimed.as_deref() != Some(&*claimed)
        {
            self.client_claimed = Some(claimed);
        }
    }

    fn note_answer(&mut self, direction: Direction, answers: Option<&Asked>, message: &Message) {
        let Some(result) = message.result() else { return };
        match answers.map(Asked::method) {
            // A client has no say in what tools are like.
            Some(Method::ToolsList) if direction == Direction::FromServer => return self.catalogue.learn(result),
            Some(Method::Initialize) => {}
            _ => return,
        }
        self.agreed = result
            .get("protocolVersion")
            .and_then(|version| version.as_str())
            .and_then(|name| Revision::from_name(&name));
        self.server_claimed = result.get("serverInfo").and_then(claimed_name);
    }

    fn note_cancelled(&mut self, direction: Direction, message: &Message) {
        if message.method() == Some(Method::Cancelled)
            && let Some(id) = message.param("requestId")
        {
            self.pending(direction).cancel(&Id(id.text()).canonical());
        }
    }
}

impl Observed {
    /// The facts about the message that was observed.
    #[must_use]
    pub fn facts<'a>(&'a self, origin: &'a Origin, direction: Direction, message: &'a Message) -> Facts<'a> {
        self.facts_from(origin, &origin.principal, direction, message)
    }

    /// As `facts`, for a message on an exchange whose own proof describes `speaker`. An answer is judged with the
    /// attributes of whoever asked.
    #[must_use]
    pub fn facts_from<'a>(
        &'a self,
        origin: &'a Origin,
        speaker: &'a Principal,
        direction: Direction,
        message: &'a Message,
    ) -> Facts<'a> {
        let answers = self.answers.as_ref().map(|(asked, _)| asked);
        let mut facts = Facts::of(origin, direction, message, answers);
        let asker = answers.and_then(Asked::principal).filter(|_| direction == Direction::FromServer);
        facts.principal = asker.unwrap_or(speaker);
        facts.revision = self.revision;
        facts.hints = self.hints;
        facts.client_claimed = self.client_claimed.as_deref().map(Into::into);
        facts.server_claimed = self.server_claimed.as_deref().map(Into::into);
        facts
    }

    /// How long the answering side took, for a result or an error.
    #[must_use]
    pub fn answer_time(&self) -> Option<Duration> {
        self.answers.as_ref().map(|(_, took)| *took)
    }
}

/// `name version` of a `clientInfo` or `serverInfo`, cut at 256 bytes: it is a claim for display only.
fn claimed_name(info: gatehold_wire::json::Raw<'_>) -> Option<Arc<str>> {
    let name = info.get("name")?.as_str()?;
    let version = info.get("version").and_then(|version| version.as_str()).unwrap_or_default();
    let mut claimed = format!("{name} {version}");
    let end = claimed.floor_char_boundary(256);
    claimed.truncate(end);
    Some(claimed.trim_end().into())
}

#[derive(Debug, Default)]
struct Pending {
    waiting: HashMap<Box<str>, Waiting>,
}

#[derive(Debug)]
struct Waiting {
    asked: Asked,
    since: Duration,
    cancelled: bool,
}

impl Pending {
    fn insert(&mut self, id: Id<'_>, asked: Asked, now: Duration) -> Result<(), Refusal> {
        let key = id.canonical();
        if self.waiting.get(&*key).is_some_and(|waiting| !waiting.cancelled) {
            return Err(Refusal::new(RefusalCode::NotJsonRpc, 0, "a request with this id is still unanswered"));
        }
        if self.waiting.len() >= PENDING_MAX {
            // A cancelled request need not be answered, so its entry may go first.
            self.waiting.retain(|_, waiting| !waiting.cancelled);
            if self.waiting.len() >= PENDING_MAX {
                let detail = format!("{PENDING_MAX} requests of this session are unanswered");
                return Err(Refusal::new(RefusalCode::NotJsonRpc, 0, detail));
            }
        }
        self.waiting.insert(key.into(), Waiting { asked, since: now, cancelled: false });
        Ok(())
    }

    fn take(&mut self, id: Id<'_>, now: Duration) -> Option<(Asked, Duration)> {
        let waiting = self.waiting.remove(&*id.canonical())?;
        Some((waiting.asked, now.saturating_sub(waiting.since)))
    }

    fn cancel(&mut self, id: &str) {
        if let Some(waiting) = self.waiting.get_mut(id) {
            waiting.cancelled = true;
        }
    }
}
