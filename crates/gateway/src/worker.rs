//! The workers: threads that each run their own single-threaded runtime. A connection lives on one worker from its
//! first byte to its last, and so do the upstream connections that serve it, so that a call never crosses threads.

use std::cell::Cell;
use std::time::Duration;

/// How many workers there can be at most.
pub(crate) const COUNT_MAX: usize = 64;

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

/// The number of the worker that runs this code; 0 outside of workers.
pub(crate) fn current() -> usize {
    NUMBER.get()
}

/// Tells this thread which worker it is.
pub(crate) fn enter(number: usize) {
    NUMBER.set(number.min(COUNT_MAX - 1));
}

/// A timer that is always due soon. Every call sets timers of many seconds and takes them back; without an earlier one
/// the runtime would be woken for each of them, by a system call to itself, to look at the clock again.
pub(crate) async fn beat() {
    let mut beat = tokio::time::interval(Duration::from_millis(500));
    loop {
        beat.tick().await;
    }
}
