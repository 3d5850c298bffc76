//! The approvals desk: messages that a policy holds wait here until people have approved them, somebody has said no, or
//! their time is over. It is the one door for every way of answering: the host's files, the admin API, a webhook's token
//! and the client's elicitation all end in `Desk::answer`, and codes of a second factor in `Desk::give_code`.
//!
//! It sends nothing and decides nothing by itself: who holds a message opens a hold, waits for its outcome and passes
//! the message through the gate again, where `Desk::satisfied` finds the approval, once. What cannot be recorded does
//! not happen, and what nobody answers is denied.

mod address;
mod answer;
mod binding;
mod book;
mod code;
mod files;
mod hold;
mod host;
mod people;
mod record;
mod token;
mod webhook;

use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gatehold_decide::obligation::Demand;
use gatehold_decide::{Decision, Grant, Reason, Verdict};
use gatehold_evidence::Ledger;
use gatehold_session::principal::Proof;
use gatehold_session::{Facts, Principal, Transport};
use gatehold_wire::Message;
use tokio::sync::oneshot;

use crate::grants::Live;
use crate::state::{State, StateError, User, Watching, passwd_name, watch};

pub use answer::{Answer, AnswerError, Answered, Choice, NotOpened, Outcome, STANDING_MAX, Scope};
pub(crate) use binding::hex;
use binding::{Binding, sent};
use book::{Book, Held, Settled};
pub use book::{Bounds, Satisfied};
use files::Files;
pub use files::{Given, Reply, Said, give, pending};
pub use hold::{Earlier, Hold, Needs, Request, SHOWN_BYTES_MAX, Shown};
pub use people::{APPROVER, Known, People};
pub use token::ByToken;
pub(crate) use webhook::SECRET_BYTES_MIN;
use webhook::Webhook;
pub use webhook::WebhookSettings;

/// How long the desk sleeps when nothing is due. What it waits for wakes it.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// How long it sleeps at most while something waits: changes wake it, and this is for those that go unseen.
const GLANCE: Duration = Duration::from_secs(1);
/// The same where the system cannot watch the folder.
const GLANCE_UNWATCHED: Duration = Duration::from_millis(100);
/// Characters of an id.
const ID_LENGTH: usize = 12;

/// What the desk is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// How much may wait.
    pub bounds: Bounds,
    /// Who may answer on the host.
    pub people: People,
    /// A service that is told what waits.
    pub webhook: Option<WebhookSettings>,
    /// The origin under which people reach the management side: with it, they are sent to a page for their codes.
    pub public_url: Option<Box<str>>,
}

/// Where held messages wait. One for the whole process.
#[derive(Debug)]
pub struct Desk {
    settings: Settings,
    book: Mutex<Book>,
    ledger: Arc<Ledger>,
    /// Where people on the host see and answer what waits.
    files: Option<Files>,
    /// Where second factors are.
    state: Option<State>,
    webhook: Option<Webhook>,
    /// The name of the user who runs this process: over standard streams that is who makes the calls, whatever the
    /// principal is called.
    own_user: Box<str>,
    watching: Option<Watching>,
    grants: Live,
    /// Wakes the thread that lets holds expire.
    nudge: mpsc::Sender<()>,
}

/// A hold that was opened. Dropping it withdraws the hold: whoever waited has gone.
#[derive(Debug)]
pub struct Ticket {
    id: Box<str>,
    /// Which attempt of its client this is.
    turn: u32,
    desk: Arc<Desk>,
    receiver: oneshot::Receiver<Outcome>,
    is_over: bool,
}

impl Desk {
    /// A desk that records to `ledger`, with the thread that keeps its time. With a state folder, people on the host can
    /// answer.
    ///
    /// # Errors
    /// The system gives no thread, or the state folder cannot be used.
    pub fn start(settings: Settings, state: Option<&State>, ledger: Arc<Ledger>) -> Result<Arc<Self>, StateError> {
        let (nudge, nudged) = mpsc::channel();
        let files = state.map(Files::open).transpose()?;
        let folders: Vec<&Path> = files.iter().map(Files::folder).chain(state.map(State::folder)).collect();
        let watching = watch(&folders, nudge.clone());
        let grants = Live::new(state.cloned(), settings.people.clone());
        // From the first message on.
        let _next = grants.look(&ledger);
        let no_thread = |error: std::io::Error| StateError::Folder {
            path: state.map(|state| state.folder().to_owned()).unwrap_or_default(),
            cause: error.to_string(),
        };
        let webhook = settings.webhook.clone().map(|webhook| Webhook::start(webhook, Arc::clone(&ledger)));
        let webhook = webhook.transpose().map_err(no_thread)?;
        let desk = Arc::new(Self {
            settings,
            book: Mutex::default(),
            ledger,
            files,
            state: state.cloned(),
            webhook,
            own_user: User::current().name.into(),
            watching,
            grants,
            nudge,
        });
        let kept = Arc::downgrade(&desk);
        let thread = std::thread::Builder::new().name("approvals".to_owned()).spawn(move || keep(&kept, &nudged));
        thread.map_err(no_thread)?;
        Ok(desk)
    }

    /// Holds a message until its outcome. The decision must be a `Hold` with a demand.
    ///
    /// Blocks for a write to the ledger.
    ///
    /// # Errors
    /// It cannot be held: deny it, with `NotOpened::text` for the peer and, where there is one, `NotOpened::finding`.
    pub fn open(self: &Arc<Self>, request: &Request<'_>) -> Result<Ticket, NotOpened> {
        let opened = self.try_open(request);
        if let Err(error) = &opened {
            let facts = request.facts;
            // Where this cannot be recorded nothing can be sent either.
            let _unrecorded = self.ledger.lifecycle(
                "hold_refused",
                &[
                    ("why", error.name()),
                    ("finding", if *error == NotOpened::Flooded { gatehold_inspect::finding::HOLD_FLOOD } else { "" }),
                    ("principal", facts.principal.name()),
                    ("session", &facts.origin.session),
                    ("server", &facts.origin.server),
                ],
            );
        }
        opened
    }

    fn try_open(self: &Arc<Self>, request: &Request<'_>) -> Result<Ticket, NotOpened> {
        let decision = request.decision;
        let demand = match &decision.demand {
            Some(demand) if decision.verdict == Verdict::Hold => Arc::clone(demand),
            Some(_) | None => return Err(NotOpened::NoDemand),
        };
        let sent = sent(request.message, decision).ok_or(NotOpened::Uneditable)?;
        if sent.len() > SHOWN_BYTES_MAX {
            return Err(NotOpened::TooLong);
        }
        let text = str::from_utf8(&sent).map_err(|_| NotOpened::Uneditable)?;
        let binding = Binding::of(&sent, request.message, request.facts, decision);
        let wait = match &*demand {
            Demand::Approval(demand) => demand.wait,
            Demand::StepUp(demand) => demand.wait,
        };
        let (now, at) = (Instant::now(), unix_seconds());
        let until = at.saturating_add(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
        let times = hold::Times { opened: at, until };
        let id = new_id().ok_or_else(|| NotOpened::Failed("the system gives no randomness".to_owned()))?;
        let mut hold = Hold::of(request, &demand, id.clone(), hex(&binding.exact), times, text);
        let principal = request.facts.principal;
        let (sender, receiver) = oneshot::channel();

        let mut book = self.book();
        book.has_room(principal, &binding, self.settings.bounds, now)?;
        hold.earlier = book.earlier(&binding);
        self.record_opened(&hold).map_err(|error| NotOpened::Failed(error.to_string()))?;
        if let Some(files) = &self.files {
            files.write(&hold).map_err(|error| NotOpened::Failed(error.to_string()))?;
        }
        let caller = self.caller(request.facts);
        // Without a representable end there is no time in which somebody could answer.
        let deadline = now.checked_add(wait).unwrap_or(now);
        let mut held = Held::new(hold, binding, Demand::clone(&demand), principal.clone(), caller, deadline);
        held.waiting = Some(sender);
        self.tell_webhook(&mut held)?;
        book.open(held, now);
        drop(book);
        self.wake();
        Ok(Ticket { id: id.into(), turn: 0, desk: Arc::clone(self), receiver, is_over: false })
    }

    /// The grants there are.
    pub(crate) fn grants(&self) -> arc_swap::Guard<Arc<Vec<Grant>>> {
        self.grants.current()
    }

    /// What waits, the oldest first.
    #[must_use]
    pub fn pending(&self) -> Vec<Hold> {
        let mut holds: Vec<Hold> = self.book().pending().map(|held| held.hold.clone()).collect();
        holds.sort_by(|one, other| (one.opened, &one.id).cmp(&(other.opened, &other.id)));
        holds
    }

    /// One hold that waits.
    #[must_use]
    pub fn show(&self, id: &str) -> Option<Hold> {
        self.book().get(id).map(|held| held.hold.clone())
    }

    /// Takes an answer in: the one door for every way.
    ///
    /// # Errors
    /// It does not count, and nothing has changed.
    pub fn answer(&self, id: &str, answer: &Answer) -> Result<Answered, AnswerError> {
        let now = Instant::now();
        let mut book = self.book();
        self.expire(&mut book, now);
        if let Err(error) = book.admit(id, answer, &self.settings.people) {
            drop(book);
            let fields = [("hold", id), ("by", &*answer.by), ("way", answer.way.name()), ("why", error.name())];
            self.ledger.lifecycle("hold_answer_refused", &fields).map_err(AnswerError::Unrecorded)?;
            return Err(error);
        }
        self.record_answered(id, answer).map_err(AnswerError::Unrecorded)?;
        let (answered, settled) = book.take(id, answer)?;
        match (settled, book.get(id), &self.files) {
            (Some(settled), _, _) => self.conclude(&mut book, settled, now),
            // Others see who has approved already; what counts is what the desk knows.
            (None, Some(held), Some(files)) => drop(files.write(&held.hold)),
            (None, _, _) => {}
        }
        drop(book);
        self.wake();
        Ok(answered)
    }

    /// Whether an approval that was given lets this held message through: one for the very message (used up by this), or
    /// one for calls like it, or a second factor that still lasts.
    #[must_use]
    pub fn satisfied(&self, decision: &Decision, message: &Message, facts: &Facts<'_>) -> Option<Satisfied> {
        let demand = decision.demand.as_deref().filter(|_| decision.verdict == Verdict::Hold)?;
        let sent = sent(message, decision)?;
        let binding = Binding::of(&sent, message, facts, decision);
        let now = Instant::now();
        let mut book = self.book();
        let satisfied = book.satisfied(&binding, now);
        match demand {
            Demand::Approval(_) => satisfied,
            Demand::StepUp(demand) => satisfied.or_else(|| book.step_up(facts.principal, demand.lasts, now)),
        }
    }

    /// Turns a `Hold` that `satisfied` lets through into a decision that allows, with the reason `approval:<id>`. What
    /// the decision orders beside (edits, limits) stays.
    pub fn release(decision: &mut Decision, satisfied: &Satisfied) {
        decision.verdict = if decision.edits.is_empty() { Verdict::Allow } else { Verdict::Redact };
        decision.demand = None;
        decision.reasons.insert(0, Reason { rule: format!("approval:{}", satisfied.id).into(), text: None });
    }

    /// Whether the principal has shown its second factor within this time.
    #[must_use]
    pub fn step_up_valid(&self, principal: &Principal, lasts: Duration) -> bool {
        self.book().step_up(principal, lasts, Instant::now()).is_some()
    }

    /// A waiting call was sent again by its client, with the answers that it was asked for: whoever sends it takes the
    /// hold over, if principal, server, rule and everything but the request's id and those answers are the same. The
    /// approval then counts for the bytes of this second attempt.
    #[must_use]
    pub fn rejoin(self: &Arc<Self>, id: &str, request: &Request<'_>) -> Option<Ticket> {
        let sent = sent(request.message, request.decision)?;
        let binding = Binding::of(&sent, request.message, request.facts, request.decision);
        let mut book = self.book();
        let held = book.get_mut(id)?;
        if held.binding.attempt != binding.attempt || held.principal != *request.facts.principal {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        held.binding = binding;
        held.waiting = Some(sender);
        held.turn += 1;
        Some(Ticket { id: id.into(), turn: held.turn, desk: Arc::clone(self), receiver, is_over: false })
    }

    /// Ends everything that waits: the gateway ends.
    pub fn close(&self) {
        let mut book = self.book();
        let ids: Vec<Box<str>> = book.pending().map(|held| held.hold.id.as_str().into()).collect();
        for id in ids {
            if let Some(settled) = book.settle(&id, Outcome::Expired) {
                self.conclude(&mut book, settled, Instant::now());
            }
        }
        drop(book);
        if let Some(files) = &self.files {
            files.clear();
        }
    }

    fn withdraw(&self, id: &str, turn: u32) {
        let mut book = self.book();
        // Somebody else may have taken it over.
        if book.get(id).is_none_or(|held| held.turn != turn) {
            return;
        }
        if let Some(settled) = book.settle(id, Outcome::Expired) {
            drop(book);
            self.unfile(id);
            // Nothing hangs on it: nobody waits any more.
            let _unrecorded = self.ledger.lifecycle("hold_withdrawn", &[("hold", &settled.held.hold.id)]);
        }
    }

    fn unfile(&self, id: &str) {
        if let Some(files) = &self.files {
            files.remove(id);
        }
    }

    /// Takes answers in, lets expire what is due, and says how long nothing more will be.
    fn tick(&self) -> Duration {
        self.take_from_host();
        let next_end = self.grants.look(&self.ledger).unwrap_or(SLEEP_MAX);
        let now = Instant::now();
        let mut book = self.book();
        self.expire(&mut book, now);
        let next = book.next_deadline();
        let most = match (&self.files, &self.watching) {
            (Some(_), None) => GLANCE_UNWATCHED,
            (Some(_), Some(_)) if next.is_some() => GLANCE,
            (Some(_), Some(_)) | (None, _) => SLEEP_MAX,
        };
        next.map_or(SLEEP_MAX, |next| next.saturating_duration_since(now)).min(most).min(next_end)
    }

    fn expire(&self, book: &mut Book, now: Instant) {
        for settled in book.expired(now) {
            self.conclude(book, settled, now);
        }
    }

    /// Records how a hold ended, makes it count, and tells whoever waits. What cannot be recorded is no approval.
    fn conclude(&self, book: &mut Book, mut settled: Settled, now: Instant) {
        if let Err(error) = self.record_settled(&settled) {
            settled.outcome = Outcome::Denied { by: "gatehold".into(), reason: Some(error.to_string().into()) };
        }
        book.apply(&settled, unix_seconds(), now);
        self.unfile(&settled.held.hold.id);
        if let Some(waiting) = settled.held.waiting {
            // Whoever waited may have gone.
            let _gone = waiting.send(settled.outcome);
        }
    }

    /// The names under which whoever makes a call could answer.
    fn caller(&self, facts: &Facts<'_>) -> Vec<Box<str>> {
        let mut names = vec![facts.principal.name().into()];
        if facts.principal.proof() == Proof::LocalUser && facts.origin.transport == Transport::Stdio {
            names.push(self.own_user.clone());
        }
        // The peer of a Unix socket is named by its number.
        let number = facts.principal.name().strip_prefix("uid:").and_then(|number| number.parse().ok());
        names.extend(number.and_then(passwd_name).map(String::into_boxed_str));
        names
    }

    fn wake(&self) {
        // The thread ends with the desk.
        let _ended = self.nudge.send(());
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A panic while the lock was held cannot leave an approval that nobody gave: entries are whole.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// The id of the hold.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Waits for the outcome. Dropping the future withdraws the hold.
    pub async fn outcome(mut self) -> Outcome {
        let outcome = (&mut self.receiver).await.unwrap_or(Outcome::Expired);
        self.is_over = true;
        outcome
    }

    /// Leaves the hold open although nobody waits: its client was asked to send the call again (`Desk::rejoin`).
    pub fn park(mut self) -> Box<str> {
        self.is_over = true;
        self.id.clone()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.is_over {
            self.desk.withdraw(&self.id, self.turn);
        }
    }
}

/// Lets holds expire until the desk is gone.
fn keep(desk: &Weak<Desk>, nudged: &mpsc::Receiver<()>) {
    loop {
        let Some(wait) = desk.upgrade().map(|desk| desk.tick()) else { return };
        if nudged.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected) {
            return;
        }
    }
}

/// A new id: easy to read aloud, and 60 random bits, so that none is used twice.
pub(crate) fn new_id() -> Option<String> {
    // Without letters and digits that look alike.
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";
    let mut random = [0_u8; ID_LENGTH];
    getrandom::fill(&mut random).ok()?;
    random.iter().map(|byte| ALPHABET.get(usize::from(byte & 31)).map(|letter| char::from(*letter))).collect()
}

/// Seconds since 1970.
pub(crate) fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
