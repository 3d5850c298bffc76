//! What is done about servers that fail: a circuit breaker for each, and a few repetitions of what may be repeated.
//!
//! Nothing that could act twice is ever repeated: only requests that their sender has marked. What counts as a failure is
//! that no answer came, or an HTTP status of 500 and above; what a server says in the protocol is its answer, however
//! unwelcome.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatehold_decide::policy::glob::Glob;
use gatehold_session::Asked;
use gatehold_session::asked::Subject;
use gatehold_wire::Method;
use tokio::time::Instant;

/// What is done about a server that fails.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resilience {
    /// When calls to it are held back; `None` for never.
    pub breaker: Option<BreakerConfig>,
    /// What is asked again.
    pub retries: RetryConfig,
    /// How long connecting may take; `None` for the default.
    pub connect_timeout: Option<Duration>,
    /// How long the answer may take to begin; `None` for `answer_timeout_seconds`.
    pub first_byte_timeout: Option<Duration>,
}

/// When calls to a server are held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerConfig {
    /// So many failures
    pub failures: u32,
    /// in this time open it,
    pub window: Duration,
    /// for this long. Then one call is let through to see.
    pub open: Duration,
    /// Whether an HTTP status of 500 and above is a failure.
    pub counts_5xx: bool,
}

/// What is asked again when no answer came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RetryConfig {
    /// How often, at most. 0: never.
    pub count_max: u32,
    /// The pause before the first repetition; it doubles.
    pub pause: Duration,
    /// Tools whose calls may be repeated. Empty: none.
    pub tools: Box<[Glob]>,
}

/// The mark of a request that may be repeated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repeatable;

/// The state of one server's breaker.
#[derive(Debug)]
pub(crate) struct Breaker {
    config: BreakerConfig,
    state: Mutex<Circuit>,
}

#[derive(Debug)]
enum Circuit {
    /// All calls go on. The times of the last failures.
    Closed(VecDeque<Instant>),
    /// None does.
    Open { until: Instant },
    /// One does, to see.
    HalfOpen { since: Instant },
}

/// How many repetitions are allowed beside first requests: a tenth of them, and a few at the start.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

/// What one first request puts into the budget, what a repetition takes out of it, and the most that it holds.
const DEPOSIT: u32 = 1;
const PRICE: u32 = 10;
const BUDGET_MAX: u32 = 100;

impl Breaker {
    pub(crate) fn new(config: BreakerConfig) -> Self {
        Self { config, state: Mutex::new(Circuit::Closed(VecDeque::new())) }
    }

    /// Whether an HTTP status of 500 and above is a failure.
    pub(crate) const fn counts_5xx(&self) -> bool {
        self.config.counts_5xx
    }

    /// Whether a call may go on; else how long not.
    pub(crate) fn enter(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.state();
        match &*state {
            Circuit::Closed(_) => Ok(()),
            Circuit::Open { until } if now < *until => Err(*until - now),
            // A call that was let through to see and never came back, since its client left, is not waited for for ever.
            Circuit::HalfOpen { since } if now < *since + self.config.open => Err(*since + self.config.open - now),
            Circuit::Open { .. } | Circuit::HalfOpen { .. } => {
                *state = Circuit::HalfOpen { since: now };
                Ok(())
            }
        }
    }

    /// The server has answered.
    pub(crate) fn succeeded(&self) {
        let mut state = self.state();
        if let Circuit::HalfOpen { .. } = &*state {
            *state = Circuit::Closed(VecDeque::new());
        }
    }

    /// The server has not answered; true when that opened the breaker.
    pub(crate) fn failed(&self, now: Instant) -> bool {
        let mut state = self.state();
        let opens = match &mut *state {
            Circuit::Closed(times) => {
                times.push_back(now);
                while times.front().is_some_and(|first| now.duration_since(*first) > self.config.window) {
                    times.pop_front();
                }
                times.len() >= self.config.failures as usize
            }
            Circuit::HalfOpen { .. } => true,
            // An answer to what was asked before.
            Circuit::Open { .. } => false,
        };
        if opens {
            *state = Circuit::Open { until: now + self.config.open };
        }
        opens
    }

    fn state(&self) -> MutexGuard<'_, Circuit> {
        // States are replaced whole: a panic leaves none half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self(AtomicU32::new(BUDGET_MAX))
    }

    /// Takes note of a first request.
    pub(crate) fn deposit(&self) {
        let add = |kept: u32| Some(kept.saturating_add(DEPOSIT).min(BUDGET_MAX));
        let _kept = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Whether something may be repeated.
    pub(crate) fn withdraw(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |kept| kept.checked_sub(PRICE)).is_ok()
    }
}

impl RetryConfig {
    /// Whether a request may be repeated: lists, reads and the like, and calls of tools that are named here.
    pub(crate) fn may_repeat(&self, asked: &Asked) -> bool {
        match asked.method() {
            Method::Ping
            | Method::Discover
            | Method::ToolsList
            | Method::ResourcesList
            | Method::ResourceTemplatesList
            | Method::ResourcesRead
            | Method::PromptsList
            | Method::PromptsGet
            | Method::Complete
            | Method::TasksGet
            | Method::TasksList => self.count_max > 0,
            Method::ToolsCall => {
                let named = asked.subject().filter(|(kind, _)| *kind == Subject::Tool);
                named.is_some_and(|(_, tool)| self.tools.iter().any(|glob| glob.matches(tool)))
            }
            _ => false,
        }
    }

    /// The pause before repetition `number`, counted from 0: doubled each time, and between half and all of that.
    pub(crate) fn pause(&self, number: u32) -> Duration {
        let mut random = [0_u8; 4];
        // Without randomness the pause is the shortest.
        let _fixed = getrandom::fill(&mut random);
        let share = f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX);
        self.pause.saturating_mul(2_u32.saturating_pow(number.min(16))).mul_f64(0.5 + share / 2.0)
    }
}

#[cfg(test)]
mod tests;
