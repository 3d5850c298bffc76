//! One conversation between a client and a server: parses what comes, takes note of it in the session, and passes each
//! message through the gate. Batches are split here and joined again.
//!
//! It never sends anything: it says what goes onward and what goes back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use gatehold_decide::Policy;
use gatehold_decide::Verdict;
use gatehold_evidence::Cleared;
use gatehold_session::{Asked, Direction, Observed, Origin, Principal, Session, Tally};
use gatehold_wire::{Batch, Id, Kind, Message, Method, Refusal, RefusalCode, Revision};

use crate::holding::state::returns_to_us;
use crate::holding::wait::Waiting;
use crate::holding::{Held, Hold};
use crate::limits::calls::Permit;
use crate::pipeline::{Passage, Pipeline};
use crate::servers::AGGREGATE;

/// A client, a server, and what they have said so far.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) origin: Origin,
    session: Mutex<Session>,
    /// Whether decisions are made further on, server by server: an aggregate's own side is only recorded.
    transit: bool,
    answered: AtomicBool,
    /// The places of calls that are under way, by their ids, where requests and answers share one channel each way.
    places: Mutex<HashMap<Box<str>, Permit>>,
}

/// How a message comes: by whose proof, and what may be done while it waits for somebody's approval.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coming<'a> {
    /// The principal with the attributes of the very request's proof; the origin's where nothing else is known.
    pub(crate) principal: Option<&'a Principal>,
    pub(crate) hold: Hold<'a>,
    /// The policy that its request began under; the one in use where none is named.
    pub(crate) policy: Option<&'a Policy>,
}

impl Coming<'static> {
    /// With nothing but what the conversation knows, where nothing can wait.
    pub(crate) const PLAIN: Self = Self { principal: None, hold: Hold::Never, policy: None };
}

impl<'a> Coming<'a> {
    /// By the proof of this principal.
    pub(crate) const fn by(principal: &'a Principal) -> Self {
        Self { principal: Some(principal), hold: Hold::Never, policy: None }
    }
}

/// Where the messages of one line or body went.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Outcome {
    /// For the other side.
    pub(crate) onward: Option<Cleared>,
    /// For the sender.
    pub(crate) back: Option<Cleared>,
    /// A message that waits for a person: whoever passed it resumes it.
    pub(crate) held: Option<Box<Held>>,
    /// The sender's bytes could not be read as a message.
    pub(crate) unreadable: Option<RefusalCode>,
}

impl Conversation {
    pub(crate) fn new(pipeline: Arc<Pipeline>, origin: Origin) -> Self {
        let transit = *origin.server == *AGGREGATE;
        Self {
            pipeline,
            origin,
            session: Mutex::new(Session::new()),
            transit,
            answered: AtomicBool::new(false),
            places: Mutex::default(),
        }
    }

    /// The revision that was agreed in `initialize`.
    pub(crate) fn agreed(&self) -> Option<Revision> {
        self.session().agreed()
    }

    /// Whether the server has answered anything.
    pub(crate) fn was_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    pub(crate) fn session(&self) -> MutexGuard<'_, Session> {
        // A panic while the lock was held cannot leave the tables in a state that misjudges: entries are whole.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes one line of a channel on which requests and answers travel freely (stdio, sockets, HTTP+SSE).
    pub(crate) async fn pass_line(&self, direction: Direction, bytes: Bytes, coming: Coming<'_>) -> Outcome {
        match Message::parse_batch(bytes.clone(), self.pipeline.limits()) {
            Ok(Batch::One(message)) => {
                let coming = Coming { hold: Hold::Later, ..coming };
                Outcome::of(self.pass_message(direction, &message, coming).await)
            }
            Ok(Batch::Many(messages)) => {
                if !self.agreed().is_some_and(Revision::has_batches) {
                    let refusal = Refusal::new(RefusalCode::Batch, 0, "batches exist only up to revision 2025-03-26");
                    return self.unreadable(direction, &bytes, &refusal, None).await;
                }
                let mut joiner = Joiner::new(bytes, messages.len());
                for message in &messages {
                    joiner.add(self.pass_message(direction, message, coming).await);
                }
                joiner.finish()
            }
            Err(refusal) => self.unreadable(direction, &bytes, &refusal, None).await,
        }
    }

    /// Passes one message, with the session's own memory of what it answers.
    pub(crate) async fn pass_message(&self, direction: Direction, message: &Message, coming: Coming<'_>) -> Passage {
        if direction == Direction::FromClient && self.is_answer_to_us(message, coming.principal).await {
            return Passage::default();
        }
        let observed = self.session().observe_from(direction, message, coming.principal, self.pipeline.now());
        match observed {
            Ok(observed)
                if direction == Direction::FromServer && answers_nothing(message, observed.answers.is_some()) =>
            {
                self.drop_stray(message).await;
                Passage::default()
            }
            Ok(observed) => {
                if direction == Direction::FromServer {
                    self.leave_place(message);
                }
                let mut passage = self.judge(direction, message, &observed, coming).await;
                self.keep_place(direction, message, &mut passage);
                if !passage.passed && passage.held.is_none() && message.kind() == Kind::Request {
                    self.session().forget(direction, message);
                }
                passage
            }
            Err(refusal) => {
                let id = message.id().map(|id| id.0);
                let back = self.pipeline.refuse(message.bytes(), &refusal, direction, &self.origin, id).await;
                Passage { back: Some(back), ..Passage::default() }
            }
        }
    }

    /// Keeps the place of a call until its answer comes. A call that its client has cancelled has none any more.
    pub(crate) fn keep_place(&self, direction: Direction, message: &Message, passage: &mut Passage) {
        if let (Some(place), Some(id)) = (passage.place.take(), message.id()) {
            self.places().insert(id.canonical().into(), place);
        }
        if direction == Direction::FromClient
            && passage.passed
            && message.method() == Some(Method::Cancelled)
            && let Some(id) = message.param("requestId")
        {
            self.places().remove(&*Id(id.text()).canonical());
        }
    }

    fn leave_place(&self, answer: &Message) {
        if let (Kind::Result | Kind::Error, Some(id)) = (answer.kind(), answer.id()) {
            self.places().remove(&*id.canonical());
        }
    }

    fn places(&self) -> MutexGuard<'_, HashMap<Box<str>, Permit>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes one message whose request, if it answers one, is known from the exchange that carries both.
    pub(crate) async fn pass_exchanged(
        &self,
        direction: Direction,
        message: &Message,
        answers: Option<(Asked, Duration)>,
        coming: Coming<'_>,
    ) -> Passage {
        let observed = self.session().learn(direction, message, answers);
        self.judge(direction, message, &observed, coming).await
    }

    /// Records an answer to nothing that was asked, which goes nowhere.
    pub(crate) async fn drop_stray(&self, message: &Message) {
        let direction = Direction::FromServer;
        let _dropped = self.pipeline.refuse(message.bytes(), &stray(), direction, &self.origin, None).await;
    }

    /// Records bytes that could not be read; the sender is told, or, where the bytes were meant as the answer to a
    /// request of the client, whoever waits for that.
    pub(crate) async fn unreadable(
        &self,
        direction: Direction,
        bytes: &[u8],
        refusal: &Refusal,
        id: Option<&str>,
    ) -> Outcome {
        let awaited = match direction {
            Direction::FromServer => self.session().awaited_by_client(),
            Direction::FromClient => Vec::new(),
        };
        if let Some(waiting) = meant(bytes, awaited.iter().map(|id| &**id)) {
            self.session().recall(Direction::FromClient, Id(waiting), self.pipeline.now());
            self.places().remove(waiting);
            let instead = self.pipeline.refuse(bytes, refusal, direction, &self.origin, Some(waiting)).await;
            return Outcome { onward: Some(instead), unreadable: Some(refusal.code), ..Outcome::default() };
        }
        let back = self.pipeline.refuse(bytes, refusal, direction, &self.origin, id).await;
        Outcome { back: Some(back), unreadable: Some(refusal.code), ..Outcome::default() }
    }

    /// Refuses a call whose arguments are over a limit. Nobody waits for an answer to a notification.
    async fn oversized(&self, direction: Direction, message: &Message, refusal: &Refusal) -> Passage {
        let id = message.id().map(|id| id.0);
        let back = self.pipeline.refuse(message.bytes(), refusal, direction, &self.origin, id).await;
        Passage { back: id.map(|_| back), ..Passage::default() }
    }

    /// The tally with the alarms of a model that were raised when their messages had gone on already.
    fn with_late_alarms(&self, mut tally: Tally) -> Tally {
        let late = self.pipeline.late_alarms(&self.origin.session);
        (0..late).for_each(|_| self.session().count_outcome(false, true));
        tally.alarming = tally.alarming.saturating_add(late);
        tally
    }

    async fn judge(&self, direction: Direction, message: &Message, observed: &Observed, coming: Coming<'_>) -> Passage {
        if direction == Direction::FromServer && message.kind() == Kind::Result {
            self.answered.store(true, Ordering::Relaxed);
        }
        if self.transit {
            let mut passage = self.pipeline.transit(&self.origin, direction, message).await;
            if let Some(principal) = coming.principal {
                passage.onward = passage.onward.map(|cleared| cleared.spoken_by(principal));
            }
            return passage;
        }
        if let Err(refusal) = message.check_arguments(self.pipeline.limits()) {
            return self.oversized(direction, message, &refusal).await;
        }
        let speaker = coming.principal.unwrap_or(&self.origin.principal);
        let facts = observed.facts_from(&self.origin, speaker, direction, message);
        let model = self.pipeline.ask_model(message, &facts).await;
        let tally = self.with_late_alarms(observed.tally);
        let mut judged = self.pipeline.judge(message, &facts, tally, coming.policy, model);
        self.pipeline.charge(&mut judged, &facts).await;
        let is_request = direction == Direction::FromClient && message.kind() == Kind::Request;
        let is_denied = is_request && judged.decision.verdict == Verdict::Deny;
        if is_denied || judged.is_alarming() {
            self.session().count_outcome(is_denied, judged.is_alarming());
        }
        if judged.waits() || returns_to_us(message) {
            let waiting = Waiting { direction, message, observed, principal: coming.principal };
            return Box::pin(self.hold(waiting, judged, coming.hold)).await;
        }
        self.pipeline.conclude(message, &facts, &judged, observed.answer_time()).await
    }
}

impl Outcome {
    pub(crate) fn of(passage: Passage) -> Self {
        Self { onward: passage.onward, back: passage.back, held: passage.held, unreadable: None }
    }
}

/// Whether a message of a server is an answer to nothing. Clients compare ids loosely (`1` and `"1"` are the same to
/// many), so such an answer would be taken for one, and it was judged as none.
pub(crate) fn answers_nothing(message: &Message, is_awaited: bool) -> bool {
    matches!(message.kind(), Kind::Result | Kind::Error) && message.id().is_some() && !is_awaited
}

/// Why an answer to nothing is refused.
pub(crate) fn stray() -> Refusal {
    Refusal::new(RefusalCode::NotJsonRpc, 0, "the answer belongs to no request that waits for one")
}

/// The waiting request that unreadable bytes of a server were meant to answer, as far as can be told: the one whose id
/// they hold, or, of bytes that are not there any more (over the limit), the only one that waits. A wrong guess makes
/// one request fail; no guess would leave one waiting for ever.
pub(crate) fn meant<'a>(bytes: &[u8], mut waiting: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if bytes.is_empty() {
        let only = waiting.next()?;
        return waiting.next().is_none().then_some(only);
    }
    let is_answer = ["\"result\"", "\"error\""].iter().any(|key| memchr::memmem::find(bytes, key.as_bytes()).is_some());
    if is_answer { waiting.find(|id| holds_id(bytes, id)) } else { None }
}

/// Whether a member `id` with this value stands somewhere in the bytes.
fn holds_id(bytes: &[u8], id: &str) -> bool {
    memchr::memmem::find_iter(bytes, b"\"id\"").any(|at| {
        let after = bytes.get(at + 4..).unwrap_or_default().trim_ascii_start();
        let value = after.strip_prefix(b":").unwrap_or_default().trim_ascii_start();
        let rest = value.strip_prefix(id.as_bytes());
        rest.is_some_and(|rest| rest.first().is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b'.'))
    })
}

/// Joins what became of the messages of a batch: the batch as it came when all of it went on unchanged, else an array
/// of what is left.
pub(crate) struct Joiner {
    whole: Bytes,
    count: usize,
    onward: Vec<Cleared>,
    back: Vec<Cleared>,
}

impl Joiner {
    pub(crate) fn new(whole: Bytes, count: usize) -> Self {
        Self { whole, count, onward: Vec::new(), back: Vec::new() }
    }

    pub(crate) fn add(&mut self, passage: Passage) {
        self.onward.extend(passage.onward);
        self.back.extend(passage.back);
    }

    pub(crate) fn finish(self) -> Outcome {
        let untouched = self.onward.len() == self.count
            && self.onward.iter().all(|cleared| lies_within(cleared.bytes(), &self.whole));
        let onward = if untouched { Cleared::merged(&self.onward, self.whole) } else { join(&self.onward) };
        Outcome { onward, back: join(&self.back), ..Outcome::default() }
    }
}

/// Whether `part` is a slice of the very buffer of `whole`, so that nothing in it was edited.
fn lies_within(part: &Bytes, whole: &Bytes) -> bool {
    let (whole, part) = (whole.as_ptr_range(), part.as_ptr_range());
    whole.start <= part.start && part.end <= whole.end
}

/// An array of messages; nothing when there are none.
pub(crate) fn join(parts: &[Cleared]) -> Option<Cleared> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.bytes().len() + 1).sum::<usize>() + 1);
    for (index, part) in parts.iter().enumerate() {
        bytes.push(if index == 0 { b'[' } else { b',' });
        bytes.extend_from_slice(part.bytes());
    }
    bytes.push(b']');
    Cleared::merged(parts, bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_bytes_are_matched_with_the_request_that_they_name() {
        let line = br#"{"jsonrpc":"2.0", "id" : 12 ,"result":{"a":1,"a":2}}"#;
        assert_eq!(meant(line, ["1", "2", "12", "123", "\"12\""].into_iter()), Some("12"));
        let text = br#"{"id":"a-1","error":{"code":1,"code":2}}"#;
        assert_eq!(meant(text, ["\"a-1\"", "1"].into_iter()), Some("\"a-1\""));
        assert_eq!(meant(br#"{"id":1.5,"result":{}"#, ["1"].into_iter()), None);
        assert_eq!(meant(br#"{"id":1,"method":"x","method":"y"}"#, ["1"].into_iter()), None, "no answer");
        assert_eq!(meant(b"starting up: \"id\" 1", ["1"].into_iter()), None);
        assert_eq!(meant(b"{\"result\":0,\"id\":", ["1"].into_iter()), None, "cut off");
    }

    #[test]
    fn bytes_that_are_gone_are_those_of_the_only_request() {
        assert_eq!(meant(b"", ["7"].into_iter()), Some("7"));
        assert_eq!(meant(b"", ["7", "8"].into_iter()), None);
        assert_eq!(meant(b"", std::iter::empty()), None);
    }
}
