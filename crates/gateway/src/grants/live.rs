//! The grants as a running gateway has them: read again when the document changes, without a lock on the path of a
//! message. What cannot be read grants nothing.

use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use gatehold_decide::Grant;
use gatehold_evidence::Ledger;

use super::{DOCUMENT, Kept, keep, take_ended};
use crate::approvals::{People, unix_seconds};
use crate::gateway::log;
use crate::state::State;

/// How often a document that could not be tidied is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(30);

/// The grants of a running gateway.
#[derive(Debug)]
pub(crate) struct Live {
    state: Option<State>,
    people: People,
    current: ArcSwap<Vec<Grant>>,
    seen: Mutex<Seen>,
}

/// What was read last.
#[derive(Debug, Default)]
struct Seen {
    /// Which file it was: its number, its size, and when it changed.
    file: Option<(u64, u64, i64, i64)>,
    /// When the next grant ends, in seconds since 1970.
    next_end: Option<i64>,
    not_before: Option<Instant>,
}

impl Live {
    pub(crate) fn new(state: Option<State>, people: People) -> Self {
        Self { state, people, current: ArcSwap::default(), seen: Mutex::default() }
    }

    /// The grants there are. Those that are over are passed over by whoever uses them.
    pub(crate) fn current(&self) -> arc_swap::Guard<Arc<Vec<Grant>>> {
        self.current.load()
    }

    /// Looks whether anything has changed, lets grants end, and says when the next one does.
    pub(crate) fn look(&self, ledger: &Ledger) -> Option<Duration> {
        let state = self.state.as_ref()?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let file = std::fs::symlink_metadata(state.folder().join(DOCUMENT)).ok();
        let file = file.map(|file| (file.ino(), file.size(), file.mtime(), file.mtime_nsec()));
        let now = unix_seconds();
        if file != seen.file {
            seen.file = file;
            self.read(state, &mut seen, ledger);
        }
        if seen.next_end.is_some_and(|end| end <= now) && seen.not_before.is_none_or(|at| at <= Instant::now()) {
            seen.not_before = Some(Instant::now() + TRY_AGAIN);
            match end_what_is_over(state, ledger, now) {
                // The change of the document is seen at the next look.
                Ok(()) => seen.next_end = None,
                Err(error) => log(&format!("grants that are over could not be taken away: {error}")),
            }
        }
        let left = seen.next_end.map(|end| u64::try_from(end.saturating_sub(now)).unwrap_or(0));
        left.map(|left| Duration::from_secs(left.max(1)))
    }

    fn read(&self, state: &State, seen: &mut Seen, ledger: &Ledger) {
        let kept = match state.read::<Vec<Kept>>(DOCUMENT) {
            Ok(kept) => kept.unwrap_or_default(),
            Err(error) => {
                log(&format!("there are no grants: {error}"));
                // Nothing is granted, whether that can be recorded or not.
                let _unrecorded = ledger.lifecycle("grants_unreadable", &[("cause", &error.to_string())]);
                Vec::new()
            }
        };
        let grants = kept.iter().take(super::COUNT_MAX).filter_map(|kept| kept.grant(&self.people)).collect();
        self.current.store(Arc::new(grants));
        seen.next_end = kept.iter().map(Kept::until).min();
        seen.not_before = None;
    }
}

/// Takes the grants that are over out of the document, and records their end: whoever has the lock first does, so that
/// it is recorded once.
fn end_what_is_over(state: &State, ledger: &Ledger, now: i64) -> Result<(), super::GrantError> {
    let locked = state.lock()?;
    let mut grants: Vec<Kept> = locked.read(DOCUMENT)?;
    let ended = take_ended(&mut grants, now);
    if ended.is_empty() { Ok(()) } else { keep(&locked, ledger, &grants, &ended) }
}
