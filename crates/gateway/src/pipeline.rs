//! The one gate. Every message, from either side, over every transport, goes through `Pipeline::pass`: inspected,
//! decided, recorded, and only then sent. Order matters: findings are known before rules are evaluated, and the record
//! is written before the message leaves.
//!
//! It never edits a message (decisions order edits, the ledger carries them out), and there is no other way to get a
//! `Cleared`.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use bytes::Bytes;
use gatehold_decide::{Decision, Mode, Policy, Situation, Verdict, answer};
use gatehold_evidence::{Blocked, Cleared, Durability, Entry, Gate, Ledger, LedgerError, Pending};
use gatehold_inspect::{Budget, Finding, Findings, Flow, Registry, Severity};
use gatehold_session::{Direction, Facts, Origin, Tally};
use gatehold_wire::{Kind, Limits, Message, Refusal};

use crate::approvals::{Desk, Settings};
use crate::holding::{Asks, Held};
use crate::identity::tasks::Tasks;
use crate::limits::Limiter;
use crate::limits::calls::Permit;
use crate::second_tier::{Scorer, SecondTier, Settings as TierSettings};
use crate::state::{State, StateError};

mod redaction;

use redaction::Redaction;

/// The detectors, made once.
type LazyRegistry = LazyLock<Registry, Box<dyn FnOnce() -> Registry + Send>>;

/// How long the inspection of one message may take; over it, the message is denied. Far more than the largest message
/// needs, so that a busy machine denies nothing.
pub(crate) const INSPECTION_TIME_MAX: Duration = Duration::from_secs(10);

/// When the detectors run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detectors {
    /// When somebody wants their findings: the policy has a `findings` section or a rule that rests on findings, or
    /// there is no policy and everything is only recorded.
    #[default]
    Auto,
    /// On every message.
    On,
    /// Never. A policy with a rule that rests on findings is refused then.
    Off,
}

/// What inspects, decides and records. One for the whole process.
#[derive(Debug)]
pub struct Pipeline {
    policy: ArcSwap<Policy>,
    registry: Arc<LazyRegistry>,
    detectors: Detectors,
    /// Whether a record waits a moment for others, so that one write serves them all.
    is_grouped: bool,
    ledger: Arc<Ledger>,
    /// Where held messages wait; without one they are denied.
    desk: Option<Arc<Desk>>,
    /// What we have asked clients ourselves.
    asks: Asks,
    redaction: Redaction,
    /// A model that is asked beside the detectors.
    second_tier: Option<SecondTier>,
    limits: Limits,
    limiter: Limiter,
    /// Whose tasks are.
    tasks: Tasks,
    started: Instant,
}

/// Where one message went: on to the other side, or an answer back to its sender, or nowhere.
#[derive(Debug, Default)]
#[must_use]
pub struct Passage {
    /// What the other side gets: the message, or what stands in its place.
    pub onward: Option<Cleared>,
    /// What the sender gets instead of an answer from the other side.
    pub back: Option<Cleared>,
    /// Whether the message itself went on (edited or not).
    pub passed: bool,
    /// The message waits for a person, and the caller goes on with others meanwhile. Nothing was sent yet.
    pub(crate) held: Option<Box<Held>>,
    /// For a message that passed a limit: how long until trying again may help.
    pub retry_after: Option<Duration>,
    /// The place of a call among those that are under way. Whoever waits for the answer keeps it until then.
    pub place: Option<Permit>,
}

impl Passage {
    fn retried_after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }
}

/// What was found in a message and what is to happen to it, before it is recorded.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) findings: Findings,
    pub(crate) decision: Decision,
    /// What the second tier said: the same for the same message, however often it is judged.
    pub(crate) model: Vec<Finding>,
}

impl Judged {
    /// Whether somebody has to say yes first.
    pub(crate) fn waits(&self) -> bool {
        self.decision.verdict == Verdict::Hold && self.decision.mode == Mode::Enforce
    }

    /// Whether something of severity `high` or above was found.
    pub(crate) fn is_alarming(&self) -> bool {
        self.findings.as_slice().iter().any(|finding| finding.severity >= Severity::High)
    }
}

impl Pipeline {
    /// A pipeline that records to `ledger`. The detectors, if they are to run, are made beside whatever else has to
    /// start; the first message waits for them.
    #[must_use]
    pub fn new(
        policy: Arc<Policy>,
        detectors: Detectors,
        registry: impl FnOnce() -> Registry + Send + 'static,
        ledger: Ledger,
        limits: Limits,
    ) -> Self {
        let registry: Arc<LazyRegistry> = Arc::new(LazyLock::new(Box::new(registry)));
        if detectors.run_under(&policy) {
            let making = Arc::clone(&registry);
            // Without a thread they are made when the first message comes.
            let _thread = std::thread::Builder::new().name("detectors".to_owned()).spawn(move || {
                LazyLock::force(&making);
            });
        }
        Self {
            policy: ArcSwap::new(policy),
            registry,
            detectors,
            is_grouped: true,
            ledger: Arc::new(ledger),
            desk: None,
            asks: Asks::default(),
            redaction: Redaction::new(),
            second_tier: None,
            limits,
            limiter: Limiter::default(),
            tasks: Tasks::default(),
            started: Instant::now(),
        }
    }

    /// The same pipeline with these limits.
    #[must_use]
    pub fn with_limiter(self, limiter: Limiter) -> Self {
        Self { limiter, ..self }
    }

    /// What messages are charged against.
    #[must_use]
    pub const fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// The same pipeline for one conversation only: no record waits for others.
    #[must_use]
    pub fn for_one_conversation(self) -> Self {
        Self { is_grouped: false, ..self }
    }

    /// The same pipeline with a desk where held messages can wait for people, and with the grants of the state folder.
    ///
    /// # Errors
    /// The system gives no thread for it, or the state folder cannot be used.
    pub fn with_desk(self, settings: Settings, state: Option<&State>) -> Result<Self, StateError> {
        let desk = Desk::start(settings, state, Arc::clone(&self.ledger))?;
        Ok(Self { desk: Some(desk), ..self })
    }

    /// The same pipeline with a model that is asked beside the detectors, whenever they may run at all.
    ///
    /// # Errors
    /// The system gives no thread for it.
    pub fn with_second_tier(self, settings: TierSettings, scorer: Arc<dyn Scorer>) -> std::io::Result<Self> {
        let model = settings.path.display().to_string();
        let second_tier = SecondTier::start(settings, Arc::clone(&scorer), &self.ledger)?;
        let about = scorer.about();
        let about = about.iter().map(|(name, value)| (*name, &**value));
        let fields: Vec<_> = [("model", &*model), ("model_sha256", scorer.sha256())].into_iter().chain(about).collect();
        // While nothing can be recorded nothing can be sent either, so the failure is noticed there.
        let _unrecorded = self.ledger.lifecycle("second_tier", &fields);
        Ok(Self { second_tier: Some(second_tier), ..self })
    }

    /// What is counted of the second tier, in the Prometheus text format.
    pub(crate) fn exposition(&self) -> String {
        self.second_tier.as_ref().map(|tier| tier.counts().exposition()).unwrap_or_default()
    }

    /// How many alarms of the second tier came for a session after their messages had gone on, and were not asked for yet.
    pub(crate) fn late_alarms(&self, session: &str) -> u32 {
        self.second_tier.as_ref().map_or(0, |tier| tier.late_alarms(session))
    }

    /// What the second tier says of a message that waits for it.
    pub(crate) async fn ask_model(&self, message: &Message, facts: &Facts<'_>) -> Vec<Finding> {
        match &self.second_tier {
            Some(tier) => tier.ask(message, facts).await,
            None => Vec::new(),
        }
    }

    /// The desk, where there is one.
    #[must_use]
    pub const fn desk(&self) -> Option<&Arc<Desk>> {
        self.desk.as_ref()
    }

    /// What we have asked clients ourselves.
    pub(crate) const fn asks(&self) -> &Asks {
        &self.asks
    }

    /// Whether a message may have to wait for a person.
    pub(crate) fn may_hold(&self) -> bool {
        self.desk.is_some() && self.policy.load().may_hold()
    }

    /// The policy in use.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.load_full()
    }

    /// Replaces the policy. Messages that are being decided finish under the old one.
    pub fn replace_policy(&self, policy: Arc<Policy>) {
        self.policy.store(policy);
    }

    /// The limits of parsing.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The ledger, for records about the gateway itself.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Time since the start: the clock that sessions count by.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Passes one message through the gate. `tally` is what its session had counted before.
    pub async fn pass(
        &self,
        message: &Message,
        facts: &Facts<'_>,
        tally: Tally,
        upstream_time: Option<Duration>,
    ) -> Passage {
        let model = self.ask_model(message, facts).await;
        let mut judged = self.judge(message, facts, tally, None, model);
        self.charge(&mut judged, facts).await;
        self.conclude(message, facts, &judged, upstream_time).await
    }

    /// Inspects and decides, by the policy that the message's request began under, or by the one in use. `model` is what
    /// the second tier said. Nothing is recorded yet, and nothing can leave.
    pub(crate) fn judge(
        &self,
        message: &Message,
        facts: &Facts<'_>,
        tally: Tally,
        policy: Option<&Policy>,
        model: Vec<Finding>,
    ) -> Judged {
        let flow = Flow { message, facts };
        let in_use = self.policy.load();
        let policy = policy.unwrap_or(&in_use);
        let is_inspected = self.detectors.run_under(policy);
        let mut findings = if is_inspected {
            self.redaction.inspect(flow, |earlier| self.inspect(earlier, flow))
        } else {
            Findings::default()
        };
        model.iter().for_each(|finding| findings.push(finding.clone()));
        let promised = self.redaction.promised(message, facts);
        let means = self.redaction.means(&promised);
        let grants = self.desk.as_ref().map(|desk| desk.grants());
        let grants = grants.as_ref().map_or(&[][..], |grants| grants.as_slice());
        let situation = Situation { now: unix_seconds(), grants, tally, means };
        let mut decision = policy.decide(flow, &findings, &situation);
        if is_inspected {
            self.redaction.complete(policy, flow, &situation, &mut decision, |flow| self.inspect("", flow));
        }
        drop(in_use);
        self.release(&mut decision, message, facts);
        // Last, so that nobody who is asked sees what the vault keeps.
        self.redaction.restore(flow, &means, &mut decision);
        if let Some(foreign) = self.tasks.guard(message, facts, &mut decision) {
            findings.push(foreign);
        }
        Judged { findings, decision, model }
    }

    /// Charges a message that was judged against every limit that concerns it, once. After the decision, so that only
    /// what is let through or held counts; before the record, so that it says what became of the message.
    pub(crate) async fn charge(&self, judged: &mut Judged, facts: &Facts<'_>) {
        self.limiter.charge(&mut judged.decision, facts).await;
    }

    /// Records what was decided, and clears the message or words its refusal.
    pub(crate) async fn conclude(
        &self,
        message: &Message,
        facts: &Facts<'_>,
        judged: &Judged,
        upstream_time: Option<Duration>,
    ) -> Passage {
        let Judged { findings, decision, .. } = judged;
        // The last thing before the record: a place is taken only by what goes on.
        let full;
        let (place, decision) = match self.limiter.enter(decision, facts).await {
            Ok(place) => (place, decision),
            Err(denied) => {
                full = denied;
                (None, &*full)
            }
        };
        let entry = Entry { message, facts, findings, decision, upstream_time };
        let gate = match self.ledger.append(&entry) {
            Ok(pending) => self.settle(pending).await,
            Err(error) => Err(error),
        };
        match gate {
            Ok(Gate::Cleared(cleared)) => {
                if let Some(tier) = &self.second_tier {
                    tier.ask_afterwards(message, facts, cleared.record());
                }
                Passage { onward: Some(cleared), passed: true, place, ..Passage::default() }
            }
            Ok(Gate::Blocked(blocked)) => {
                let record = blocked.record().to_string();
                refused(message, facts, |kind| match kind {
                    Answer::ToClient => answer::to_client_request(message, facts, decision, &record),
                    Answer::ToServer => answer::to_server_request(message, facts, decision, &record),
                    Answer::Onward => Some(answer::instead_of_result(message, facts, decision, &record)),
                })
                .map(|bytes| blocked.answer(bytes))
                .retried_after(decision.retry_after)
            }
            Err(error) => {
                let id = message.id().map(|id| id.0);
                refused(message, facts, |_| Some(not_recorded(id))).map(|bytes| error.answer(bytes))
            }
        }
    }

    /// Runs the detectors, within the time that one message may take. `earlier` is what was said before it in a stream.
    fn inspect(&self, earlier: &str, flow: Flow<'_>) -> Findings {
        let begun = Instant::now();
        let is_over = || begun.elapsed() > INSPECTION_TIME_MAX;
        self.registry.inspect_after(earlier, flow, Budget { is_over: Some(&is_over), ..Budget::default() })
    }

    /// Records bytes that could not be read as a message, and words the answer for their sender. `id` is the id as
    /// written, where it could be told.
    pub async fn refuse(
        &self,
        bytes: &[u8],
        refusal: &Refusal,
        direction: Direction,
        origin: &Origin,
        id: Option<&str>,
    ) -> Cleared {
        let gate = match self.ledger.append_unreadable(bytes, refusal, direction, origin) {
            Ok(pending) => self.settle(pending).await,
            Err(error) => Err(error),
        };
        match gate {
            Ok(Gate::Blocked(blocked)) => answer_unreadable(blocked, refusal, id),
            // What cannot be read is never cleared, so nothing of it is sent here either.
            Ok(Gate::Cleared(cleared)) => {
                let record = cleared.record().to_string();
                cleared.readdressed(answer::to_unreadable(refusal, id, &record).into())
            }
            Err(error) => error.answer(not_recorded(id).into()),
        }
    }

    /// Records a message on the way to or from an aggregate. It is decided where its server is known: no server gets,
    /// and no server's words leave the aggregate, without `pass`.
    pub(crate) async fn transit(&self, origin: &Origin, direction: Direction, message: &Message) -> Passage {
        let method = message.method().map_or("", gatehold_wire::Method::name);
        match self.own(origin, direction, method, message.bytes().clone()).await {
            Ok(cleared) => Passage { passed: cleared.is_some(), onward: cleared, ..Passage::default() },
            Err(error) => {
                let id = message.id().map(|id| id.0);
                let back = (message.kind() == Kind::Request).then(|| error.answer(not_recorded(id).into()));
                Passage { back, ..Passage::default() }
            }
        }
    }

    /// Records and clears a message that the gateway itself sends, such as the closing of an upstream session.
    ///
    /// # Errors
    /// The record could not be written.
    pub async fn own(
        &self,
        origin: &Origin,
        direction: Direction,
        method: &str,
        bytes: Bytes,
    ) -> Result<Option<Cleared>, LedgerError> {
        let pending = self.ledger.append_own(origin, direction, method, bytes)?;
        match self.settle(pending).await? {
            Gate::Cleared(cleared) => Ok(Some(cleared)),
            Gate::Blocked(_) => Ok(None),
        }
    }

    /// Lets a held message through that was approved already: by a person, or by a second factor that still lasts.
    fn release(&self, decision: &mut Decision, message: &Message, facts: &Facts<'_>) {
        if decision.verdict == Verdict::Hold
            && decision.mode == Mode::Enforce
            && let Some(satisfied) = self.desk.as_ref().and_then(|desk| desk.satisfied(decision, message, facts))
        {
            Desk::release(decision, &satisfied);
        }
    }

    async fn settle(&self, pending: Pending) -> Result<Gate, LedgerError> {
        match self.ledger.durability() {
            Durability::Os => {
                // Other messages that are ready now append first, and one write serves them all.
                if self.is_grouped {
                    tokio::task::yield_now().await;
                }
                pending.settle(&self.ledger)
            }
            Durability::Disk => {
                let ledger = Arc::clone(&self.ledger);
                let settled = tokio::task::spawn_blocking(move || pending.settle(&ledger)).await;
                settled.unwrap_or_else(|error| {
                    Err(LedgerError { path: self.ledger.path(), cause: format!("the writer failed: {error}") })
                })
            }
        }
    }
}

impl Detectors {
    /// Whether a policy means what it says while detectors run as this says.
    ///
    /// # Errors
    /// They never run and a rule rests on what they find: a sentence that names it.
    pub fn check(self, policy: &Policy) -> Result<(), String> {
        match policy.rule_on_findings().filter(|_| self == Self::Off) {
            None => Ok(()),
            Some(rule) => Err(format!(
                "the policy's rule `{rule}` rests on what detectors find, and detectors are off: it would see nothing. \
                 Set `detectors` to auto, or take the rule out"
            )),
        }
    }

    /// Whether detectors run under a policy.
    fn run_under(self, policy: &Policy) -> bool {
        match self {
            Self::Auto => policy.wants_findings(),
            Self::On => true,
            Self::Off => false,
        }
    }
}

/// Seconds since 1970. A clock before that is no clock: grants and time windows are then as at the beginning.
fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Who is told about a refusal.
#[derive(Clone, Copy)]
enum Answer {
    ToClient,
    ToServer,
    Onward,
}

/// A refusal's bytes and which way they go.
struct Told {
    bytes: Option<Vec<u8>>,
    onward: bool,
}

impl Told {
    fn map(self, clear: impl FnOnce(Bytes) -> Cleared) -> Passage {
        let cleared = self.bytes.map(|bytes| clear(bytes.into()));
        if self.onward {
            Passage { onward: cleared, ..Passage::default() }
        } else {
            Passage { back: cleared, ..Passage::default() }
        }
    }
}

fn refused(message: &Message, facts: &Facts<'_>, words: impl FnOnce(Answer) -> Option<Vec<u8>>) -> Told {
    match (message.kind(), facts.direction) {
        (Kind::Request, Direction::FromClient) => Told { bytes: words(Answer::ToClient), onward: false },
        (Kind::Request, Direction::FromServer) => Told { bytes: words(Answer::ToServer), onward: false },
        // Nobody waits for an answer to a notification.
        (Kind::Notification, _) => Told { bytes: None, onward: false },
        // The other side waits for this answer: it gets a refusal in its place.
        (Kind::Result | Kind::Error, _) => Told { bytes: words(Answer::Onward), onward: true },
    }
}

fn answer_unreadable(blocked: Blocked, refusal: &Refusal, id: Option<&str>) -> Cleared {
    let record = blocked.record().to_string();
    blocked.answer(answer::to_unreadable(refusal, id, &record).into())
}

/// The error that a peer gets while nothing can be recorded.
fn not_recorded(id: Option<&str>) -> Vec<u8> {
    let id = id.unwrap_or("null");
    format!(
        concat!(
            r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32603,"message":"The gateway could not record this message, "#,
            r#"so nothing was sent. Its operator finds the cause in the gateway's log."}}}}"#
        ),
        id = id
    )
    .into_bytes()
}

#[cfg(test)]
mod tests;
