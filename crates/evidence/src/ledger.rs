//! The ledger: appends records, keeps the chain, and clears what may leave.
//!
//! Appending puts a sealed record into a buffer; settling writes whatever the buffer holds in one call and hands out
//! the gate. Callers that append before any of them settles share the call. When a write fails, nothing is cleared any
//! more: the ledger stays failed until a new one is opened.

mod files;
mod heads;
mod options;
mod output;
mod repair;

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use gatehold_decide::{Decision, Mode, Verdict};
use gatehold_inspect::Findings;
use gatehold_session::{Direction, Facts, Origin};
use gatehold_wire::{Kind, Limits, Message, Refusal};

use crate::clock::Parts;
use crate::gate::{Blocked, Cleared, Gate, RecordId};
use crate::record::{self, Effect};

pub(crate) use files::{is_locked_elsewhere, ledger_names, recent};
pub use heads::Fragment;
pub(crate) use heads::{TORN_LINES_MAX, is_json};
pub use options::{Durability, Options};
use output::{Output, State, Synced};
pub use repair::Repair;

/// What one record says. Borrowed for the time of the append.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The message that is decided.
    pub message: &'a Message,
    /// Its facts.
    pub facts: &'a Facts<'a>,
    /// What was found.
    pub findings: &'a Findings,
    /// What was decided.
    pub decision: &'a Decision,
    /// For a result or an error: the time since the request left us, as the server took it.
    pub upstream_time: Option<Duration>,
}

/// A record that was appended and is not yet known to be durable. The message cannot leave before `settle`.
#[derive(Debug)]
#[must_use]
pub struct Pending {
    ledger: u64,
    ticket: u64,
    record: RecordId,
    /// What may leave once the record is durable.
    clears: Option<Bytes>,
}

impl Pending {
    /// The id of the record.
    #[must_use]
    pub const fn record(&self) -> RecordId {
        self.record
    }

    /// Makes sure that the record is written (`Durability::Os`: writes all that is waiting in one call if nobody else
    /// has; `Durability::Disk`: waits for the `fdatasync` that covers it) and hands out what may be done.
    ///
    /// Blocks; with `Durability::Disk` for as long as the disk takes.
    ///
    /// # Errors
    /// Nothing was cleared: the ledger could not be written, or is not the one that the record was appended to.
    pub fn settle(self, ledger: &Ledger) -> Result<Gate, LedgerError> {
        if self.ledger != ledger.identity {
            return Err(LedgerError {
                path: ledger.path(),
                cause: "a record was settled with a ledger that it was not appended to".to_owned(),
            });
        }
        ledger.settle_ticket(self.ticket)?;
        Ok(match self.clears {
            Some(bytes) => Gate::Cleared(Cleared::new(bytes, self.record)),
            None => Gate::Blocked(Blocked::new(self.record)),
        })
    }
}

/// Why a record could not be written. Until it can, nothing leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerError {
    /// The file, or the folder if there is no file yet.
    pub path: PathBuf,
    /// What the system said.
    pub cause: String,
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot record in {}: {}; nothing is let through. Free space or mend the folder (or name another one with \
             `--ledger`), then start again",
            self.path.display(),
            self.cause
        )
    }
}

impl std::error::Error for LedgerError {}

impl LedgerError {
    /// The answer that tells a peer that nothing could be recorded. It holds nothing of the message, so it may leave
    /// although no record allows it.
    #[must_use]
    pub fn answer(&self, bytes: Bytes) -> Cleared {
        Cleared::unrecorded(bytes)
    }

    fn at(path: &Path, cause: &io::Error) -> Self {
        Self { path: path.to_owned(), cause: cause.to_string() }
    }
}

/// An open ledger: one file at a time, and the next one when it is full. Dropping it writes the closing record.
pub struct Ledger {
    /// Tells ledgers of this process apart, so that a record is settled where it was appended.
    identity: u64,
    options: Options,
    folder: PathBuf,
    purpose: String,
    repairs: Vec<Repair>,
    // Locks are taken in the order in which they stand here.
    output: Mutex<Output>,
    state: Mutex<State>,
    /// Tickets up to this one are written.
    written: std::sync::atomic::AtomicU64,
    synced: Mutex<Synced>,
    sync_ended: Condvar,
    failure: OnceLock<LedgerError>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("folder", &self.folder)
            .field("options", &self.options)
            .field("failure", &self.failure.get())
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// Opens a new file of its own in `folder` (made with mode 0700 if absent), so that several gateways of one user
    /// never write to the same file. Repairs files that a crash has torn, and writes the genesis record, which names
    /// the heads of the files that are there. `purpose` is `wrap`, `proxy`, `serve` or `demo`.
    ///
    /// # Errors
    /// The folder or the file cannot be made or written.
    pub fn open(folder: &Path, purpose: &str, durability: Durability) -> Result<Self, LedgerError> {
        Self::open_with(folder, purpose, Options { durability, ..Options::default() }, Parts::system())
    }

    /// As `open`, with every option, and with time, randomness and files as arguments.
    ///
    /// # Errors
    /// As for `open`.
    pub fn open_with(folder: &Path, purpose: &str, options: Options, parts: Parts) -> Result<Self, LedgerError> {
        output::open(folder, purpose, options, parts)
    }

    /// The file that is written now. Another one after the size limit was reached.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.output.lock().map_or_else(|_| self.folder.clone(), |output| output.path.clone())
    }

    /// Which durability it was opened with.
    #[must_use]
    pub const fn durability(&self) -> Durability {
        self.options.durability
    }

    /// The files that a crash had torn and that were repaired when this ledger was opened.
    #[must_use]
    pub fn repairs(&self) -> &[Repair] {
        &self.repairs
    }

    /// Appends the record of a decided message.
    ///
    /// # Errors
    /// An earlier write failed and nothing can be recorded.
    pub fn append(&self, entry: &Entry<'_>) -> Result<Pending, LedgerError> {
        let bytes = entry.message.bytes();
        let decision = entry.decision;
        let (effect, clears) = match (decision.mode, decision.verdict) {
            (Mode::Audit, Verdict::Allow | Verdict::Redact | Verdict::Hold | Verdict::Deny)
            | (Mode::Enforce, Verdict::Allow) => (Effect::AsDecided, Some(bytes.clone())),
            (Mode::Enforce, Verdict::Hold | Verdict::Deny) => (Effect::AsDecided, None),
            (Mode::Enforce, Verdict::Redact) => match gatehold_wire::edit::apply(bytes, &mut decision.edits.clone()) {
                Some(edited) => {
                    return self.append_record(Some(edited.clone()), |body| {
                        record::write_message(entry, Effect::Edited(&edited), body);
                    });
                }
                None => (Effect::Uneditable, None),
            },
        };
        self.append_record(clears, |body| record::write_message(entry, effect, body))
    }

    /// Appends the record of bytes that could not be read as a message. Always blocked, in every mode.
    ///
    /// # Errors
    /// As for `append`.
    pub fn append_unreadable(
        &self,
        bytes: &[u8],
        refusal: &Refusal,
        direction: Direction,
        origin: &Origin,
    ) -> Result<Pending, LedgerError> {
        self.append_record(None, |body| record::write_unreadable(bytes, refusal, direction, origin, body))
    }

    /// Appends the record of a message that the gateway sends on its own account: its own `initialize` toward an
    /// upstream, a `ping`, an aggregated answer. It is recorded with the mark `own` and always cleared. `direction` is
    /// the way it travels; `method` the method, or what it answers.
    ///
    /// # Errors
    /// As for `append`.
    pub fn append_own(
        &self,
        origin: &Origin,
        direction: Direction,
        method: &str,
        bytes: Bytes,
    ) -> Result<Pending, LedgerError> {
        // What is no single message (nothing at all when a stream is resumed) asks for something: a request.
        let kind = Message::parse(bytes.clone(), &Limits::default()).map_or(Kind::Request, |message| message.kind());
        self.append_record(Some(bytes.clone()), |body| {
            record::write_own(origin, direction, method, kind, &bytes, body);
        })
    }

    /// Appends a record about the gateway itself: start, stop, reload, a server that died, a session that ended.
    /// `fields` are written as given (at most `record::FIELDS_MAX`, each cut at 512 bytes, a repeated key once) and
    /// must not hold secrets. Written when this returns.
    ///
    /// # Errors
    /// As for `append`.
    pub fn lifecycle(&self, event: &str, fields: &[(&str, &str)]) -> Result<(), LedgerError> {
        let pending = self.append_record(None, |body| record::write_lifecycle(event, fields, false, body))?;
        self.settle_ticket(pending.ticket)
    }

    /// Writes the closing record with its reason. Nothing can be recorded or cleared afterwards. Dropping the ledger
    /// does the same but cannot report a failure.
    ///
    /// # Errors
    /// As for `append`.
    pub fn close(&self, reason: &str) -> Result<(), LedgerError> {
        self.write_closing(reason)
    }

    /// Writes the body with `write` into a buffer of this thread and seals it.
    fn append_record(&self, clears: Option<Bytes>, write: impl FnOnce(&mut Vec<u8>)) -> Result<Pending, LedgerError> {
        /// A buffer that one long record has made larger than this is given back.
        const KEPT_BYTES_MAX: usize = 64 * 1024;
        thread_local! {
            static BODY: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        self.check()?;
        BODY.with_borrow_mut(|body| {
            body.clear();
            write(body);
            let sealed = self.seal(body);
            if body.capacity() > KEPT_BYTES_MAX {
                *body = Vec::new();
            }
            let (ticket, record) = sealed?;
            Ok(Pending { ledger: self.identity, ticket, record, clears })
        })
    }

    /// Whether records can be written: fails with the first failure once anything has failed.
    ///
    /// # Errors
    /// The first failure.
    pub fn health(&self) -> Result<(), LedgerError> {
        self.check()
    }

    /// Fails if anything has failed before.
    fn check(&self) -> Result<(), LedgerError> {
        self.failure.get().map_or(Ok(()), |failure| Err(failure.clone()))
    }

    /// Marks the ledger as failed. The first failure is the one that is reported from then on.
    fn fail(&self, failure: LedgerError) -> LedgerError {
        self.failure.get_or_init(|| failure).clone()
    }

    /// Takes a lock. One that a panic has left behind guards something half done: the ledger has failed.
    fn lock<'m, T>(&self, mutex: &'m Mutex<T>) -> Result<MutexGuard<'m, T>, LedgerError> {
        mutex.lock().map_err(|_| {
            self.fail(LedgerError {
                path: self.folder.clone(),
                cause: "a thread panicked while it was writing".to_owned(),
            })
        })
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        if self.failure.get().is_none() {
            // There is nobody left to tell; verify shows a file without its closing record.
            let _ = self.write_closing("dropped");
        }
    }
}

#[cfg(test)]
mod tests;
