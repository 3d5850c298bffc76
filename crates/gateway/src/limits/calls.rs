//! How many calls may be under way at a time: in all, of one principal, in one session, to one server. What finds no
//! place waits for a bounded time in a room of bounded size, and is else refused.
//!
//! Nobody is starved by somebody greedy: places go round among those who wait, one each, and when the waiting room is
//! full whoever has the most in it makes room.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatehold_session::principal::Proof;
use gatehold_session::{Direction, Facts};
use gatehold_wire::{Kind, Method};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How many calls may be under way, and how many may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// In all.
    pub calls_max: usize,
    /// Of one principal.
    pub per_principal_max: Option<usize>,
    /// In one session, or on one connection without one.
    pub per_session_max: Option<usize>,
    /// To one server.
    pub per_server_max: Option<usize>,
    /// Calls that may wait for a place.
    pub waiting_max: usize,
    /// How long one waits at most.
    pub wait: Duration,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self {
            calls_max: 8192,
            per_principal_max: None,
            per_session_max: None,
            per_server_max: None,
            waiting_max: 1024,
            wait: Duration::from_secs(1),
        }
    }
}

/// All calls that are under way.
#[derive(Debug)]
pub(crate) struct Calls {
    hasher: RandomState,
    state: Mutex<State>,
}

/// The place of one call. Dropping it gives the place to whoever waits.
#[derive(Debug)]
pub struct Permit {
    calls: Arc<Calls>,
    keys: Keys,
}

/// There is no place, and none came free in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoPlace;

/// What one call counts against.
#[derive(Debug, Clone, Copy)]
struct Keys {
    principal: u64,
    session: u64,
    server: u64,
    /// Whose turn it is when places come free: the principal's, or the session's where nobody has said who they are.
    turn: u64,
}

#[derive(Debug, Default)]
struct State {
    limits: CallLimits,
    total: usize,
    counts: HashMap<u64, usize>,
    waiting: usize,
    queues: HashMap<u64, VecDeque<Waiter>>,
    /// Those with a queue, next first.
    turns: VecDeque<u64>,
    numbers: u64,
}

#[derive(Debug)]
struct Waiter {
    number: u64,
    keys: Keys,
    grant: oneshot::Sender<Permit>,
}

/// What a place was asked for with.
enum Asked {
    Granted(Permit),
    Waits(u64, oneshot::Receiver<Permit>, Duration),
    Refused,
}

impl Calls {
    pub(crate) fn new(limits: CallLimits) -> Self {
        Self { hasher: RandomState::new(), state: Mutex::new(State { limits, ..State::default() }) }
    }

    /// Replaces the limits. Calls that are under way stay, also where there are too many now.
    pub(crate) fn replace(&self, limits: CallLimits) {
        self.state().limits = limits;
    }

    /// How many calls are under way, and how many wait.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let state = self.state();
        (state.total, state.waiting)
    }

    /// Whether a message is a call that takes a place: a request of the client that a server works on. Handshakes and
    /// `ping` are short, and a subscription is no work but a stream that stays open; those are bounded as sessions and
    /// connections are.
    pub(crate) fn counts_for(facts: &Facts<'_>) -> bool {
        facts.direction == Direction::FromClient
            && facts.kind == Kind::Request
            && !matches!(
                facts.method,
                Some(Method::Initialize | Method::Ping | Method::Discover | Method::SubscriptionsListen)
            )
    }

    /// A place for a call; waits for one where that is allowed.
    pub(crate) async fn enter(self: &Arc<Self>, facts: &Facts<'_>) -> Result<Permit, NoPlace> {
        let keys = self.keys(facts);
        let (number, granted, wait) = match self.ask(keys) {
            Asked::Granted(permit) => return Ok(permit),
            Asked::Refused => return Err(NoPlace),
            Asked::Waits(number, granted, wait) => (number, granted, wait),
        };
        // Whoever stops waiting, also because the client has gone, leaves the queue.
        let leaving = Leaving { calls: self, turn: keys.turn, number };
        let permit = match timeout(wait, granted).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(NoPlace),
        };
        drop(leaving);
        permit
    }

    fn ask(self: &Arc<Self>, keys: Keys) -> Asked {
        let mut state = self.state();
        // INVARIANT: whoever waits and could go has gone already (see `release`), so a place that is free is free for
        // this one, unless its own kind is before it.
        if !state.queues.contains_key(&keys.turn) && state.admits(&keys) {
            state.take(&keys);
            return Asked::Granted(Permit { calls: Arc::clone(self), keys });
        }
        if state.limits.wait.is_zero() || !state.make_room(keys.turn) {
            return Asked::Refused;
        }
        let (grant, granted) = oneshot::channel();
        state.numbers += 1;
        let number = state.numbers;
        state.join(Waiter { number, keys, grant });
        Asked::Waits(number, granted, state.limits.wait)
    }

    fn keys(&self, facts: &Facts<'_>) -> Keys {
        let principal = facts.principal;
        let hash = |what: u8, value: &dyn Fn(&mut std::hash::DefaultHasher)| {
            let mut hasher = self.hasher.build_hasher();
            what.hash(&mut hasher);
            value(&mut hasher);
            std::hash::Hasher::finish(&hasher)
        };
        let principal_key = hash(0, &|hasher| (principal.proof(), principal.issuer(), principal.name()).hash(hasher));
        let session = hash(1, &|hasher| facts.origin.session.hash(hasher));
        let server = hash(2, &|hasher| facts.origin.server.hash(hasher));
        let turn = if principal.proof() == Proof::Anonymous { session } else { principal_key };
        Keys { principal: principal_key, session, server, turn }
    }

    fn release(self: &Arc<Self>, keys: &Keys) {
        let mut granted = Vec::new();
        {
            let mut state = self.state();
            state.give_back(keys);
            while let Some(waiter) = state.next() {
                state.take(&waiter.keys);
                granted.push(waiter);
            }
        }
        for waiter in granted {
            let permit = Permit { calls: Arc::clone(self), keys: waiter.keys };
            // Whoever stopped waiting meanwhile gets it back to us by dropping it.
            let _left = waiter.grant.send(permit);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Counts are changed whole: a panic leaves none half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.calls.release(&self.keys);
    }
}

/// Takes a waiter out of its queue when it stops waiting.
struct Leaving<'a> {
    calls: &'a Calls,
    turn: u64,
    number: u64,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.calls.state().leave(self.turn, self.number);
    }
}

impl State {
    fn bounded(&self, keys: &Keys) -> [(u64, Option<usize>); 3] {
        [
            (keys.principal, self.limits.per_principal_max),
            (keys.session, self.limits.per_session_max),
            (keys.server, self.limits.per_server_max),
        ]
    }

    fn admits(&self, keys: &Keys) -> bool {
        self.total < self.limits.calls_max
            && self
                .bounded(keys)
                .iter()
                .all(|(key, most)| most.is_none_or(|most| self.counts.get(key).is_none_or(|count| *count < most)))
    }

    fn take(&mut self, keys: &Keys) {
        self.total += 1;
        for (key, most) in self.bounded(keys) {
            // What is not bounded now may be after a reload, so it would count from zero then: too few rather than none.
            if most.is_some() {
                *self.counts.entry(key).or_default() += 1;
            }
        }
    }

    fn give_back(&mut self, keys: &Keys) {
        self.total = self.total.saturating_sub(1);
        for key in [keys.principal, keys.session, keys.server] {
            if let Some(count) = self.counts.get_mut(&key) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.counts.remove(&key);
                }
            }
        }
    }

    /// The next that waits and can go, by turns.
    fn next(&mut self) -> Option<Waiter> {
        if self.total >= self.limits.calls_max {
            return None;
        }
        for _ in 0..self.turns.len() {
            let turn = self.turns.pop_front()?;
            let can_go =
                self.queues.get(&turn).and_then(VecDeque::front).is_some_and(|waiter| self.admits(&waiter.keys));
            if !can_go {
                self.turns.push_back(turn);
                continue;
            }
            let queue = self.queues.get_mut(&turn)?;
            let waiter = queue.pop_front()?;
            if queue.is_empty() {
                self.queues.remove(&turn);
            } else {
                self.turns.push_back(turn);
            }
            self.waiting -= 1;
            return Some(waiter);
        }
        None
    }

    /// Makes room for one more who waits: whoever has the most waiting gives a place up, unless it is the one who asks.
    fn make_room(&mut self, turn: u64) -> bool {
        if self.waiting < self.limits.waiting_max {
            return true;
        }
        let own = self.queues.get(&turn).map_or(0, VecDeque::len);
        let longest = self.queues.iter().max_by_key(|(_, queue)| queue.len()).map(|(turn, queue)| (*turn, queue.len()));
        let Some((greedy, length)) = longest.filter(|(_, length)| *length > own + 1) else { return false };
        let last = self.queues.get_mut(&greedy).and_then(VecDeque::pop_back);
        self.waiting -= usize::from(last.is_some());
        length > 1
    }

    fn join(&mut self, waiter: Waiter) {
        let turn = waiter.keys.turn;
        let queue = self.queues.entry(turn).or_default();
        if queue.is_empty() {
            self.turns.push_back(turn);
        }
        queue.push_back(waiter);
        self.waiting += 1;
    }

    fn leave(&mut self, turn: u64, number: u64) {
        let Some(queue) = self.queues.get_mut(&turn) else { return };
        let before = queue.len();
        queue.retain(|waiter| waiter.number != number);
        self.waiting -= before - queue.len();
        if queue.is_empty() {
            self.queues.remove(&turn);
            self.turns.retain(|known| *known != turn);
        }
    }
}

#[cfg(test)]
mod tests;
