//! The events of one stream to a client, kept for a while, so that a client whose connection broke can read on where
//! it stopped (`Last-Event-ID`, revisions 2025-03-26 to 2025-11-25).
//!
//! Bounded: when a reader is attached, the source waits for it; when none is, the oldest events go first.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use gatehold_wire::sse::write_event;
use tokio::sync::Notify;
use tokio::time::timeout;

/// Bytes that are kept of one stream; the newest event is kept whatever its size.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Events that are kept of one stream.
const EVENTS_MAX: usize = 1024;
/// How long the source waits for a reader that does not read.
const SLOW_PATIENCE: Duration = Duration::from_secs(10);

/// The events of one stream.
#[derive(Debug)]
pub(crate) struct EventLog {
    stream: u64,
    state: Mutex<State>,
    appended: Notify,
    taken: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the first event that is kept.
    first: u64,
    events: VecDeque<Bytes>,
    bytes: usize,
    /// The number of the next event that a reader has not been given.
    unread: u64,
    /// Which reader is attached; a later one takes the place of an earlier one.
    reader: u64,
    attached: bool,
    ended: bool,
    broken: bool,
}

/// What a reader gets next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Event(Bytes),
    /// The stream is complete.
    Ended,
    /// The stream broke off, or this reader was replaced or fell too far behind.
    Broken,
}

impl EventLog {
    pub(crate) fn new(stream: u64) -> Self {
        Self { stream, state: Mutex::new(State::default()), appended: Notify::new(), taken: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a message. Waits for the reader while too much is unread.
    pub(crate) async fn append(&self, data: &Bytes) {
        while self.is_full_for_reader() {
            if timeout(SLOW_PATIENCE, self.taken.notified()).await.is_err() {
                break;
            }
        }
        self.push(|id, event| write_event(Some("message"), Some(id), data, event));
    }

    /// Adds an event without data: it gives the client an id to come back with before anything has happened
    /// (2025-11-25, "priming event").
    pub(crate) fn prime(&self) {
        self.push(|id, event| event.extend_from_slice(format!("id: {id}\ndata: \n\n").as_bytes()));
    }

    fn push(&self, write: impl FnOnce(&str, &mut Vec<u8>)) {
        let mut state = self.state();
        let number = state.first + state.events.len() as u64;
        let mut event = Vec::new();
        write(&format!("{}.{number}", self.stream), &mut event);
        state.bytes += event.len();
        state.events.push_back(event.into());
        while state.events.len() > 1 && (state.bytes > BYTES_MAX || state.events.len() > EVENTS_MAX) {
            let dropped = state.events.pop_front().map_or(0, |event| event.len());
            state.bytes -= dropped;
            state.first += 1;
        }
        drop(state);
        self.appended.notify_waiters();
    }

    /// Ends the stream in order, or breaks it off.
    pub(crate) fn end(&self, broken: bool) {
        let mut state = self.state();
        state.ended = true;
        state.broken = broken;
        drop(state);
        self.appended.notify_waiters();
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.state().ended
    }

    pub(crate) fn is_attached(&self) -> bool {
        self.state().attached
    }

    /// Attaches a reader after the event `last` (all that is unread when `None`). An earlier reader is detached.
    pub(crate) fn attach(&self, last: Option<u64>) -> u64 {
        let mut state = self.state();
        state.unread = last.map_or_else(|| state.unread.max(state.first), |last| last.saturating_add(1));
        state.reader += 1;
        state.attached = true;
        let reader = state.reader;
        drop(state);
        self.appended.notify_waiters();
        reader
    }

    /// Detaches a reader; what it did not read is kept for the next one.
    pub(crate) fn detach(&self, reader: u64) {
        let mut state = self.state();
        if state.reader == reader {
            state.attached = false;
        }
        drop(state);
        self.taken.notify_waiters();
    }

    /// The next event for a reader; waits for it.
    pub(crate) async fn next(&self, reader: u64) -> Next {
        loop {
            let appended = self.appended.notified();
            tokio::pin!(appended);
            // Registered before looking: what is appended in between is not missed.
            appended.as_mut().enable();
            {
                let mut state = self.state();
                if state.reader != reader || state.unread < state.first {
                    return Next::Broken;
                }
                let at = usize::try_from(state.unread - state.first).unwrap_or(usize::MAX);
                if let Some(event) = state.events.get(at).cloned() {
                    state.unread += 1;
                    drop(state);
                    self.taken.notify_waiters();
                    return Next::Event(event);
                }
                if state.ended {
                    return if state.broken { Next::Broken } else { Next::Ended };
                }
            }
            appended.await;
        }
    }

    fn is_full_for_reader(&self) -> bool {
        let state = self.state();
        let unread = (state.first + state.events.len() as u64).saturating_sub(state.unread);
        state.attached && unread > 0 && (state.bytes > BYTES_MAX / 2 || state.events.len() > EVENTS_MAX / 2) && {
            // What was read already makes room by itself when the next event comes.
            let unread = usize::try_from(unread).unwrap_or(usize::MAX);
            unread > EVENTS_MAX / 4
                || state.events.iter().rev().take(unread).map(Bytes::len).sum::<usize>() > BYTES_MAX / 4
        }
    }
}

/// The stream and the number that an event id of ours names.
pub(crate) fn parse_event_id(id: &str) -> Option<(u64, u64)> {
    let (stream, number) = id.split_once('.')?;
    Some((stream.parse().ok()?, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(next: Next) -> String {
        match next {
            Next::Event(event) => String::from_utf8(event.to_vec()).unwrap(),
            other => format!("{other:?}"),
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_reader_that_comes_back_reads_on_where_it_stopped() {
        let log = EventLog::new(3);
        log.prime();
        log.append(&Bytes::from_static(b"1")).await;
        let reader = log.attach(None);
        assert_eq!(text(log.next(reader).await), "id: 3.0\ndata: \n\n");
        assert!(text(log.next(reader).await).contains("data: 1"));
        log.detach(reader);
        log.append(&Bytes::from_static(b"2")).await;
        log.end(false);
        let again = log.attach(Some(parse_event_id("3.0").unwrap().1));
        assert!(text(log.next(again).await).contains("data: 1"));
        assert!(text(log.next(again).await).contains("data: 2"));
        assert_eq!(log.next(again).await, Next::Ended);
        assert_eq!(log.next(reader).await, Next::Broken, "an old reader gets nothing more");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn memory_is_bounded_without_a_reader_and_the_gap_is_not_hidden() {
        let log = EventLog::new(1);
        let large = Bytes::from(vec![b'x'; 100_000]);
        for _ in 0..100 {
            log.append(&large).await;
        }
        assert!(log.state().bytes <= BYTES_MAX);
        let reader = log.attach(Some(0));
        assert_eq!(log.next(reader).await, Next::Broken);
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn the_source_waits_for_a_slow_reader_but_not_for_ever() {
        let log = EventLog::new(1);
        let reader = log.attach(None);
        let large = Bytes::from(vec![b'x'; 1_500_000]);
        log.append(&large).await;
        log.append(&large).await;
        assert!(timeout(Duration::from_secs(5), log.append(&large)).await.is_err(), "it waits");
        assert!(text(log.next(reader).await).contains("xxx"));
        assert!(text(log.next(reader).await).contains("xxx"));
        timeout(Duration::from_secs(5), log.append(&large)).await.unwrap();
    }
}
