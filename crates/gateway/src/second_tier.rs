//! The second tier of detection: a model that is slow and knows more, asked beside the detectors about the texts of chosen
//! kinds. It runs on threads of its own behind a bounded queue, with a budget for each message; what it does not say in
//! time is a finding too, and what that comes to is the operator's choice.
//!
//! It changes nothing of what the detectors find, never blocks a thread that serves, and has no model of its own: the
//! binary brings one. Two ways of asking: a message waits for the answer, or it goes on and what is found is recorded
//! afterwards and counts in its session.

mod queue;

mod cache;
mod late;

mod counts;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use gatehold_evidence::{Ledger, RecordId};
use gatehold_inspect::passages::{self, Most, Passage, Says, TooMuch};
use gatehold_inspect::{Finding, Flow, Severity, TextKind};
use gatehold_session::Facts;
use gatehold_wire::Message;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

pub(crate) use cache::TEXTS_MAX;
use cache::{Cache, digest_of};
pub(crate) use counts::Counts;
use late::{Late, Report};
use queue::{Answered, Asked, Job, Queue, Said};

/// Bytes of all texts of one message together.
pub const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// Threads that take questions from the queue. Each runs the model with all threads that the model has; the second keeps
/// short texts from waiting behind one long one.
const WORKERS: usize = 2;
/// Findings that are kept of one message.
const FINDINGS_MAX: usize = 32;

/// A model that can be asked about a text.
pub trait Scorer: Send + Sync + 'static {
    /// How sure it is that the text is an attack. Takes its time, and asks `is_over` now and then whether to go on.
    ///
    /// # Errors
    /// It cannot say.
    fn score(&self, text: &str, is_over: &dyn Fn() -> bool) -> Result<Scored, Silence>;

    /// The SHA-256 of its weights, in hexadecimal.
    fn sha256(&self) -> &str;

    /// What else the record of the start says about it: names and values.
    fn about(&self) -> Vec<(&'static str, String)>;
}

/// What a model says of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// How sure it is that the text is an attack, from 0 to 1.
    pub confidence: f32,
    /// The bytes of the text that it is surest of.
    pub span: Range<usize>,
}

/// Why nothing is said of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// The budget was over.
    Late,
    /// The queue had no place.
    Full,
    /// There is more to read than may be read.
    TooMuch,
    /// The model failed.
    Failed,
}

impl Silence {
    /// The word in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Late => "time",
            Self::Full => "queue",
            Self::TooMuch => "size",
            Self::Failed => "failed",
        }
    }
}

/// What the configuration says about the second tier.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The graph with its weights.
    pub path: PathBuf,
    /// Its tokenizer.
    pub tokenizer: PathBuf,
    /// The SHA-256 that the graph must have.
    pub sha256: Option<String>,
    /// The SHA-256 that the tokenizer must have.
    pub tokenizer_sha256: Option<String>,
    /// The labels that mean an attack; told by their names where none is named.
    pub labels: Vec<String>,
    /// From which confidence on a text is a finding.
    pub threshold: f32,
    /// How grave such a finding is.
    pub severity: Severity,
    /// The kinds of texts that are read.
    pub reads: Vec<TextKind>,
    /// Tokens of one window.
    pub tokens_max: usize,
    /// Bytes of one text.
    pub text_bytes_max: usize,
    /// The time that one message may take, waiting in the queue included.
    pub budget: Duration,
    /// Messages that may wait in the queue.
    pub queue_max: usize,
    /// Threads that work on one window.
    pub threads: usize,
    /// Whether messages wait for the answer.
    pub mode: Mode,
}

/// Whether messages wait for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They wait, and without an answer this happens.
    Wait(OnFailure),
    /// They go on, and what is found is recorded afterwards.
    After,
}

/// What happens with a message of which the model says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// It is recorded, and the message goes on.
    Allow,
    /// Somebody is asked.
    Hold,
    /// The message is not sent.
    Deny,
}

impl OnFailure {
    /// The severity by which policies know it.
    const fn severity(self) -> Severity {
        match self {
            Self::Allow => Severity::Low,
            Self::Hold => Severity::Medium,
            Self::Deny => Severity::Critical,
        }
    }
}

impl Settings {
    /// A model and its tokenizer, and what applies where nothing else is said.
    #[must_use]
    pub fn new(path: PathBuf, tokenizer: PathBuf) -> Self {
        Self {
            path,
            tokenizer,
            sha256: None,
            tokenizer_sha256: None,
            labels: Vec::new(),
            threshold: 0.9,
            severity: Severity::Medium,
            reads: vec![TextKind::ToolOutput, TextKind::ToolDescription],
            tokens_max: 512,
            text_bytes_max: 32 * 1024,
            budget: Duration::from_secs(1),
            queue_max: 64,
            threads: std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 4),
            mode: Mode::Wait(OnFailure::Deny),
        }
    }

    /// How much is read of one message.
    #[must_use]
    pub const fn most(&self) -> Most {
        Most { text_bytes: self.text_bytes_max, message_bytes: MESSAGE_BYTES_MAX }
    }
}

/// The running second tier: one for the whole process.
pub struct SecondTier {
    settings: Settings,
    sha256: Box<str>,
    queue: Arc<Queue>,
    cache: Arc<Mutex<Cache>>,
    counts: Arc<Counts>,
    late: Arc<Late>,
    ledger: Weak<Ledger>,
}

impl SecondTier {
    /// Starts the threads that ask the model.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(settings: Settings, scorer: Arc<dyn Scorer>, ledger: &Arc<Ledger>) -> std::io::Result<Self> {
        let tier = Self {
            sha256: scorer.sha256().into(),
            queue: Arc::new(Queue::new(settings.queue_max)),
            cache: Arc::default(),
            counts: Arc::default(),
            late: Arc::default(),
            ledger: Arc::downgrade(ledger),
            settings,
        };
        for number in 0..WORKERS {
            let (queue, scorer) = (Arc::clone(&tier.queue), Arc::clone(&scorer));
            let (cache, counts) = (Arc::clone(&tier.cache), Arc::clone(&tier.counts));
            let run = move || queue::work(&queue, &*scorer, &cache, &counts);
            std::thread::Builder::new().name(format!("model-{number}")).spawn(run)?;
        }
        Ok(tier)
    }

    /// What is counted, for `/metrics`.
    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// How many alarms came late for a session since this was asked last.
    pub(crate) fn late_alarms(&self, session: &str) -> u32 {
        self.late.take(session)
    }

    /// What the model says of a message that waits for it: what it takes for an attack, and that it says nothing, where
    /// it does not. Nothing in the mode `after`.
    pub(crate) async fn ask(&self, message: &Message, facts: &Facts<'_>) -> Vec<Finding> {
        let Mode::Wait(on_failure) = self.settings.mode else { return Vec::new() };
        let deadline = Instant::now() + self.settings.budget;
        let gathered = match self.gather(message, facts) {
            Ok(gathered) => gathered,
            Err(silence) => return vec![self.silent(silence, on_failure, message)],
        };
        let Some(mut gathered) = gathered else { return Vec::new() };
        let mut silence = None;
        if gathered.is_open() {
            let (answer, answered) = oneshot::channel();
            let job = Job { asked: gathered.asked(), deadline, answer: Answered::Waiter(answer) };
            silence = match self.queue.push(&facts.origin.server, job) {
                Err(_) => Some(Silence::Full),
                Ok(()) => match timeout_at(deadline, answered).await {
                    Ok(Ok(said)) => gathered.answered(said),
                    Ok(Err(_)) => Some(Silence::Failed),
                    Err(_) => {
                        // What was read before the time was over counts.
                        gathered.recall(&self.cache);
                        Some(Silence::Late)
                    }
                },
            };
        }
        let mut findings = found(&gathered, message.bytes(), self.settings.threshold, self.says());
        findings.iter().for_each(|_| self.counts.found());
        findings.extend(silence.map(|silence| self.silent(silence, on_failure, message)));
        findings
    }

    /// Asks about a message that has gone on; what is found is recorded with the id of its record. Nothing in the mode
    /// `wait`.
    pub(crate) fn ask_afterwards(&self, message: &Message, facts: &Facts<'_>, record: RecordId) {
        if self.settings.mode != Mode::After {
            return;
        }
        let report = Report::new(facts, record, &self.sha256, self.settings.severity);
        let mut gathered = match self.gather(message, facts) {
            Ok(Some(gathered)) => gathered,
            Ok(None) => return,
            Err(silence) => {
                self.counts.silent(silence);
                return report.silent(silence, &self.ledger);
            }
        };
        let deadline = Instant::now() + self.settings.budget;
        let (ledger, late) = (Weak::clone(&self.ledger), Arc::clone(&self.late));
        let (counts, threshold) = (Arc::clone(&self.counts), self.settings.threshold);
        let (asked, bytes) = (gathered.asked(), message.bytes().clone());
        let unheard = report.clone();
        let mut conclude = move |said: Said| {
            if let Some(silence) = gathered.answered(said) {
                counts.silent(silence);
                report.silent(silence, &ledger);
            }
            for finding in found(&gathered, &bytes, threshold, report.says()) {
                counts.found();
                report.found(&finding, &ledger, &late);
            }
        };
        if asked.is_empty() {
            return conclude(Said::default());
        }
        let job = Job { asked, deadline, answer: Answered::Nobody(Box::new(conclude)) };
        if self.queue.push(&facts.origin.server, job).is_err() {
            self.counts.silent(Silence::Full);
            unheard.silent(Silence::Full, &self.ledger);
        }
    }

    /// The texts of a message with what is known of them already; `None` where there is nothing to read.
    fn gather(&self, message: &Message, facts: &Facts<'_>) -> Result<Option<Gathered>, Silence> {
        let passages = passages::of_message(Flow { message, facts }, &self.settings.reads, self.settings.most());
        let passages = passages.map_err(|TooMuch| Silence::TooMuch)?;
        if passages.is_empty() {
            return Ok(None);
        }
        let digests: Vec<[u8; 32]> = passages.iter().map(|passage| digest_of(&passage.text)).collect();
        let scores = vec![None; passages.len()];
        let mut gathered = Gathered { passages, digests, scores };
        gathered.recall(&self.cache);
        self.counts.known(gathered.scores.iter().flatten().count());
        Ok(Some(gathered))
    }

    fn says(&self) -> Says<'_> {
        Says { model: &self.sha256, confidence: 0.0, severity: self.settings.severity }
    }

    fn silent(&self, silence: Silence, on_failure: OnFailure, message: &Message) -> Finding {
        self.counts.silent(silence);
        passages::silence(silence.name(), on_failure.severity(), message.bytes().len())
    }
}

/// The findings of the passages that reach the threshold, the surest first where there are too many.
fn found(gathered: &Gathered, bytes: &[u8], threshold: f32, says: Says<'_>) -> Vec<Finding> {
    let scored = gathered.passages.iter().zip(&gathered.scores);
    let scored = scored.filter_map(|(passage, scored)| Some((passage, scored.as_ref()?)));
    let mut findings: Vec<Finding> = scored
        .filter(|(_, scored)| scored.confidence >= threshold)
        .map(|(passage, scored)| {
            passage.finding(bytes, scored.span.clone(), Says { confidence: scored.confidence, ..says })
        })
        .collect();
    findings.sort_by(|one, other| other.confidence.total_cmp(&one.confidence));
    findings.truncate(FINDINGS_MAX);
    findings
}

/// The texts of a message and what is known of them.
struct Gathered {
    passages: Vec<Passage>,
    digests: Vec<[u8; 32]>,
    scores: Vec<Option<Scored>>,
}

impl Gathered {
    /// Whether the model has to be asked about any.
    fn is_open(&self) -> bool {
        self.scores.iter().any(Option::is_none)
    }

    /// What has to be asked.
    fn asked(&self) -> Vec<Asked> {
        let all = self.passages.iter().zip(&self.digests).zip(&self.scores);
        let open = all.filter(|(_, score)| score.is_none());
        open.map(|((passage, digest), _)| Asked { text: passage.text.clone(), digest: *digest }).collect()
    }

    /// Fills in what is remembered.
    fn recall(&mut self, cache: &Mutex<Cache>) {
        let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
        for (digest, score) in self.digests.iter().zip(&mut self.scores) {
            if score.is_none() {
                *score = cache.get(digest);
            }
        }
    }

    /// Fills in what was said of the texts that were asked about, and says why some are missing.
    fn answered(&mut self, said: Said) -> Option<Silence> {
        let open = self.scores.iter_mut().filter(|score| score.is_none());
        open.zip(said.scores).for_each(|(score, said)| *score = Some(said));
        // An answer that lacks one is no answer, whatever it says.
        said.silence.or_else(|| self.is_open().then_some(Silence::Failed))
    }
}

impl std::fmt::Debug for SecondTier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondTier").field("sha256", &self.sha256).finish_non_exhaustive()
    }
}

impl Drop for SecondTier {
    /// Ends the threads; what still waits is not asked any more.
    fn drop(&mut self) {
        self.queue.close();
    }
}

#[cfg(test)]
mod tests;
