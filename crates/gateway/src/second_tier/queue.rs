//! The queue before the model, and the threads that empty it. Bounded, and no server may have more than half of its places:
//! one that floods it takes nothing from the others.
//!
//! A question whose time is over, or that nobody waits for any more, is not put to the model; one that makes the model
//! panic costs its own message the answer and nobody else's.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::cache::Cache;
use super::counts::Counts;
use super::{Scored, Scorer, Silence};

/// The questions of one message.
pub(super) struct Job {
    pub(super) asked: Vec<Asked>,
    pub(super) deadline: Instant,
    pub(super) answer: Answered,
}

/// One text that the model is asked about.
pub(super) struct Asked {
    pub(super) text: String,
    pub(super) digest: [u8; 32],
}

/// What was said of the texts of a job.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Of the first so many of them, in order.
    pub(super) scores: Vec<Scored>,
    /// Why of no more.
    pub(super) silence: Option<Silence>,
}

/// Where the answer goes.
pub(super) enum Answered {
    /// To a message that waits.
    Waiter(oneshot::Sender<Said>),
    /// To nobody who waits.
    Nobody(Box<dyn FnOnce(Said) + Send>),
}

impl Answered {
    /// Whether whoever asked has gone.
    fn is_unheard(&self) -> bool {
        match self {
            Self::Waiter(waiter) => waiter.is_closed(),
            Self::Nobody(_) => false,
        }
    }

    fn send(self, said: Said) {
        match self {
            Self::Waiter(waiter) => {
                // The client may have gone.
                let _unheard = waiter.send(said);
            }
            Self::Nobody(conclude) => conclude(said),
        }
    }
}

/// The queue.
pub(super) struct Queue {
    most: usize,
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(Box<str>, Job)>,
    by_server: HashMap<Box<str>, usize>,
    is_closed: bool,
}

/// There is no place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Queue {
    pub(super) fn new(most: usize) -> Self {
        Self { most, state: Mutex::default(), filled: Condvar::new() }
    }

    /// Puts the questions of a message from or to a server at the end.
    pub(super) fn push(&self, server: &str, job: Job) -> Result<(), Full> {
        let mut state = self.state();
        let of_server = state.by_server.get(server).copied().unwrap_or(0);
        let share = self.most.div_ceil(2);
        if state.is_closed || state.waiting.len() >= self.most || of_server >= share {
            return Err(Full);
        }
        state.by_server.insert(server.into(), of_server + 1);
        state.waiting.push_back((server.into(), job));
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Ends the threads.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.waiting.clear();
        drop(state);
        self.filled.notify_all();
    }

    /// Waits for the next job; `None` at the end.
    fn next(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if state.is_closed {
                return None;
            }
            if let Some((server, job)) = state.waiting.pop_front() {
                match state.by_server.get_mut(&server) {
                    Some(count) if *count > 1 => *count -= 1,
                    _ => {
                        state.by_server.remove(&server);
                    }
                }
                return Some(job);
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of it is one of whole entries.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts questions to the model until the queue is closed.
pub(super) fn work(queue: &Queue, scorer: &dyn Scorer, cache: &Mutex<Cache>, counts: &Counts) {
    while let Some(job) = queue.next() {
        let Job { asked, deadline, answer } = job;
        let is_over = || answer.is_unheard() || Instant::now() >= deadline;
        let mut said = Said::default();
        for asked in &asked {
            match one(asked, scorer, cache, counts, &is_over) {
                Ok(scored) => said.scores.push(scored),
                Err(silence) => {
                    said.silence = Some(silence);
                    break;
                }
            }
        }
        // What concludes it records, and whatever that may do, it ends no thread.
        let _concluded = catch_unwind(AssertUnwindSafe(|| answer.send(said)));
    }
}

fn one(
    asked: &Asked,
    scorer: &dyn Scorer,
    cache: &Mutex<Cache>,
    counts: &Counts,
    is_over: &dyn Fn() -> bool,
) -> Result<Scored, Silence> {
    // Another message, or this one, may have asked the same meanwhile.
    let remembered = cache.lock().unwrap_or_else(PoisonError::into_inner).get(&asked.digest);
    if let Some(scored) = remembered {
        return Ok(scored);
    }
    if is_over() {
        return Err(Silence::Late);
    }
    counts.asked();
    let scored = catch_unwind(AssertUnwindSafe(|| scorer.score(&asked.text, is_over)));
    let scored = scored.unwrap_or(Err(Silence::Failed))?;
    if !scored.confidence.is_finite() {
        return Err(Silence::Failed);
    }
    cache.lock().unwrap_or_else(PoisonError::into_inner).put(asked.digest, scored.clone());
    Ok(scored)
}
