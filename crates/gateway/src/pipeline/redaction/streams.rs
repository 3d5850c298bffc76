//! The end of what a server said last in a session by notifications: a secret may be split over two of them, or over
//! one and the result that follows.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gatehold_inspect::{Flow, joints};
use gatehold_session::{Direction, Facts};

/// Sessions whose last words are kept; another one pushes out any.
const SESSIONS_MAX: usize = 4096;

/// The last words of each session.
#[derive(Debug, Default)]
pub(super) struct Streams(Mutex<HashMap<Box<str>, String>>);

impl Streams {
    /// What was said before this message, where something was.
    pub(super) fn earlier(&self, facts: &Facts<'_>) -> String {
        if facts.direction == Direction::FromClient {
            return String::new();
        }
        let words = self.words();
        if words.is_empty() { String::new() } else { words.get(&facts.origin.session).cloned().unwrap_or_default() }
    }

    /// Keeps what this message adds; a result ends what was said.
    pub(super) fn note(&self, flow: Flow<'_>, earlier: &str) {
        if flow.facts.direction == Direction::FromClient {
            return;
        }
        let session = &flow.facts.origin.session;
        match joints::said_so_far(earlier, flow) {
            Some(said) => {
                let mut words = self.words();
                if words.len() >= SESSIONS_MAX
                    && !words.contains_key(session)
                    && let Some(any) = words.keys().next().cloned()
                {
                    words.remove(&any);
                }
                words.insert(session.clone(), said);
            }
            None if !earlier.is_empty() && flow.message.result().is_some() => {
                self.words().remove(session);
            }
            None => {}
        }
    }

    fn words(&self) -> MutexGuard<'_, HashMap<Box<str>, String>> {
        // Entries are whole whenever the lock is free.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
