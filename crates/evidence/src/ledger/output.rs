//! The moving parts of an open ledger: sealing into the shared buffer, writing it in one call, one sync for all that
//! wait, and the next file when one is full.

use std::mem;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::Duration;
use std::{fs, io};

use super::files::{self, Unnamed};
use super::heads::{self, Tail};
use super::options::Options;
use super::repair::repair_folder;
use super::{Durability, Ledger, LedgerError};
use crate::chain::Chain;
use crate::clock::{Parts, Store, TimeText};
use crate::gate::{RecordId, RecordIds};
use crate::record;
use crate::record::text::{Json, write_hex};

/// Bytes that wait without anybody settling before an append writes them itself.
const WAITING_BYTES_MAX: usize = 1024 * 1024;

/// What appending needs.
#[derive(Debug)]
pub(super) struct State {
    parts: Parts,
    ids: RecordIds,
    times: TimeText,
    chain: Chain,
    /// Sealed records that nobody has written yet.
    waiting: Vec<u8>,
    /// The ticket of the last record; counts on through all files.
    ticket: u64,
    /// Length of the current file with what waits.
    file_bytes: u64,
}

impl State {
    /// Seals a record into the waiting bytes.
    fn seal(&mut self, body: &[u8]) -> (u64, RecordId) {
        let now = self.parts.clock.now();
        let id = self.ids.next(millis(now));
        let before = self.waiting.len();
        let times = &mut self.times;
        self.chain.seal(id, |out| times.write(now, out), body, &mut self.waiting);
        self.file_bytes += (self.waiting.len() - before) as u64;
        self.ticket += 1;
        (self.ticket, id)
    }
}

/// What writing needs.
#[derive(Debug)]
pub(super) struct Output {
    /// The file that is written now.
    pub(super) path: PathBuf,
    name: String,
    store: Arc<dyn Store>,
    /// Changes places with the waiting bytes.
    spare: Vec<u8>,
    /// Keeps the lock of the file, whatever the store does.
    _lock: fs::File,
}

/// What syncing needs.
#[derive(Debug, Default)]
pub(super) struct Synced {
    /// Tickets up to this one are on the disk.
    ticket: u64,
    /// Whether a thread is syncing for everybody.
    running: bool,
}

/// Opens a ledger: folder, repairs, first file.
pub(super) fn open(folder: &Path, purpose: &str, options: Options, parts: Parts) -> Result<Ledger, LedgerError> {
    let at_folder = |error: io::Error| LedgerError::at(folder, &error);
    if !files::is_purpose(purpose) {
        return Err(LedgerError {
            path: folder.to_owned(),
            cause: "a ledger's purpose is 1 to 32 lower-case letters, digits and hyphens".to_owned(),
        });
    }
    files::make_folder(folder).map_err(at_folder)?;
    let mut random = [0; 8];
    parts.randomness.fill(&mut random).map_err(at_folder)?;
    let mut state = State {
        ids: RecordIds::new(u64::from_be_bytes(random)),
        parts,
        times: TimeText::default(),
        chain: Chain::genesis(),
        waiting: Vec::new(),
        ticket: 0,
        file_bytes: 0,
    };
    let now = state.parts.clock.now();
    let repairs = repair_folder(folder, now, &mut state.ids).map_err(at_folder)?;
    let output = begin_file(folder, purpose, options, &mut state, None)?;
    Ok(Ledger {
        identity: next_identity(),
        options,
        folder: folder.to_owned(),
        purpose: purpose.to_owned(),
        repairs,
        output: Mutex::new(output),
        written: AtomicU64::new(state.ticket),
        state: Mutex::new(state),
        synced: Mutex::new(Synced::default()),
        sync_ended: Condvar::new(),
        failure: OnceLock::new(),
    })
}

impl Ledger {
    /// Seals a record and returns its ticket and id.
    pub(super) fn seal(&self, body: &[u8]) -> Result<(u64, RecordId), LedgerError> {
        let mut state = self.lock(&self.state)?;
        if state.file_bytes >= self.options.file_bytes_max {
            drop(state);
            self.begin_next_file()?;
            state = self.lock(&self.state)?;
        }
        // Looked at under the lock: nothing is sealed after the closing record.
        self.check()?;
        let sealed = state.seal(body);
        let is_too_much = state.waiting.len() >= WAITING_BYTES_MAX;
        drop(state);
        if is_too_much {
            self.write_waiting(sealed.0)?;
        }
        Ok(sealed)
    }

    /// Returns when the record with this ticket is as durable as was asked for.
    pub(super) fn settle_ticket(&self, ticket: u64) -> Result<(), LedgerError> {
        self.check()?;
        if self.written.load(Ordering::Acquire) < ticket {
            self.write_waiting(ticket)?;
        }
        match self.options.durability {
            Durability::Os => Ok(()),
            Durability::Disk => self.await_sync(ticket),
        }
    }

    /// Writes all that waits in one call, unless somebody else has written up to this ticket by now.
    fn write_waiting(&self, ticket: u64) -> Result<(), LedgerError> {
        let mut output = self.lock(&self.output)?;
        self.check()?;
        if self.written.load(Ordering::Acquire) >= ticket {
            return Ok(());
        }
        let mut state = self.lock(&self.state)?;
        mem::swap(&mut state.waiting, &mut output.spare);
        let last = state.ticket;
        drop(state);
        self.write_out(&mut output)?;
        self.written.store(last, Ordering::Release);
        Ok(())
    }

    /// Writes the spare buffer out and empties it.
    fn write_out(&self, output: &mut Output) -> Result<(), LedgerError> {
        write_all(&*output.store, &output.spare).map_err(|error| self.fail(LedgerError::at(&output.path, &error)))?;
        output.spare.clear();
        // Room for one burst is kept, not for the largest that ever was.
        output.spare.shrink_to(WAITING_BYTES_MAX / 4);
        Ok(())
    }

    /// Waits until a sync covers this ticket; does it for everybody if nobody is at it.
    fn await_sync(&self, ticket: u64) -> Result<(), LedgerError> {
        let mut synced = self.lock(&self.synced)?;
        loop {
            self.check()?;
            if synced.ticket >= ticket {
                return Ok(());
            }
            if synced.running {
                synced = self.sync_ended.wait(synced).map_err(|_| self.panicked())?;
                continue;
            }
            synced.running = true;
            drop(synced);
            let result = self.sync_written();
            synced = self.lock(&self.synced)?;
            synced.running = false;
            if let Ok(covered) = result {
                synced.ticket = synced.ticket.max(covered);
            }
            self.sync_ended.notify_all();
            result?;
        }
    }

    /// Syncs the current file and says up to which ticket that reaches. Files before it were synced when they ended.
    fn sync_written(&self) -> Result<u64, LedgerError> {
        let output = self.lock(&self.output)?;
        let (store, path) = (Arc::clone(&output.store), output.path.clone());
        let covered = self.written.load(Ordering::Acquire);
        drop(output);
        store.sync().map_err(|error| self.fail(LedgerError::at(&path, &error)))?;
        Ok(covered)
    }

    /// Closes the file that is full and begins the next one, whose genesis names it.
    fn begin_next_file(&self) -> Result<(), LedgerError> {
        let mut output = self.lock(&self.output)?;
        self.check()?;
        let mut state = self.lock(&self.state)?;
        if state.file_bytes < self.options.file_bytes_max {
            return Ok(());
        }
        self.finish_file(&mut output, &mut state, "full")?;
        let from = Continued { name: &output.name, seq: state.chain.seq - 1, hash: state.chain.prev };
        let next = begin_file(&self.folder, &self.purpose, self.options, &mut state, Some(&from))
            .map_err(|failure| self.fail(failure))?;
        *output = next;
        self.written.store(state.ticket, Ordering::Release);
        Ok(())
    }

    /// Writes what waits and the closing record; on the disk where that was asked for.
    fn finish_file(&self, output: &mut Output, state: &mut State, reason: &str) -> Result<(), LedgerError> {
        let mut body = Vec::new();
        record::write_lifecycle("closed", &[("reason", reason)], true, &mut body);
        state.seal(&body);
        mem::swap(&mut state.waiting, &mut output.spare);
        self.write_out(output)?;
        if self.options.durability == Durability::Disk {
            output.store.sync().map_err(|error| self.fail(LedgerError::at(&output.path, &error)))?;
        }
        self.written.store(state.ticket, Ordering::Release);
        Ok(())
    }

    /// Writes the closing record of the ledger.
    pub(super) fn write_closing(&self, reason: &str) -> Result<(), LedgerError> {
        let mut output = self.lock(&self.output)?;
        self.check()?;
        let mut state = self.lock(&self.state)?;
        self.finish_file(&mut output, &mut state, reason)?;
        // Still under both locks: nobody seals a record after the closing one.
        self.fail(LedgerError { path: output.path.clone(), cause: "the ledger is closed".to_owned() });
        Ok(())
    }

    fn panicked(&self) -> LedgerError {
        self.fail(LedgerError { path: self.folder.clone(), cause: "a thread panicked while it was writing".to_owned() })
    }
}

/// The end of the file that a new one continues.
struct Continued<'a> {
    name: &'a str,
    seq: u64,
    hash: crate::chain::HashText,
}

/// Makes a file with its genesis record. On failure there is no new file.
fn begin_file(
    folder: &Path,
    purpose: &str,
    options: Options,
    state: &mut State,
    continued: Option<&Continued<'_>>,
) -> Result<Output, LedgerError> {
    let at_folder = |error: io::Error| LedgerError::at(folder, &error);
    let mut random = [0; 36];
    state.parts.randomness.fill(&mut random).map_err(at_folder)?;
    let (nonce, unique) = random.split_at(32);
    let name = files::name(state.parts.clock.now(), purpose, std::process::id(), unique);
    let links = links(folder, state.parts.clock.now()).map_err(at_folder)?;
    state.chain = Chain::genesis();
    state.file_bytes = 0;
    state.seal(&genesis(&name, nonce, purpose, options, continued, &links));
    let genesis = mem::take(&mut state.waiting);

    let unnamed = Unnamed::create(folder, &name).map_err(at_folder)?;
    let made = unnamed.file.try_clone().and_then(|lock| {
        let store = (state.parts.store)(unnamed.file.try_clone()?);
        write_all(&*store, &genesis)?;
        if options.durability == Durability::Disk {
            store.sync()?;
        }
        let path = unnamed.publish(folder, &name)?;
        if options.durability == Durability::Disk {
            files::sync_folder(folder)?;
        }
        Ok((path, store, lock))
    });
    match made {
        Ok((path, store, lock)) => Ok(Output { path, name, store, spare: Vec::new(), _lock: lock }),
        Err(error) => {
            unnamed.discard();
            Err(LedgerError::at(&folder.join(&name), &error))
        }
    }
}

fn genesis(
    name: &str,
    nonce: &[u8],
    purpose: &str,
    options: Options,
    continued: Option<&Continued<'_>>,
    links: &[(String, u64, crate::chain::HashText)],
) -> Vec<u8> {
    let mut body = Vec::new();
    let mut nonce_hex = Vec::new();
    write_hex(nonce, &mut nonce_hex);
    let mut json = Json::new(&mut body);
    json.word("kind", "genesis");
    json.word("format", "gatehold-ledger/1");
    json.word("file", name);
    json.word("nonce", &String::from_utf8_lossy(&nonce_hex));
    json.word("purpose", purpose);
    json.number("pid", u64::from(std::process::id()));
    json.word("version", env!("CARGO_PKG_VERSION"));
    json.word("os", std::env::consts::OS);
    json.word("arch", std::env::consts::ARCH);
    json.word("durability", options.durability.name());
    if let Some(from) = continued {
        json.open("continues");
        json.word("file", from.name);
        json.number("seq", from.seq);
        json.word("hash", &String::from_utf8_lossy(&from.hash));
        json.close();
    }
    json.open_list("links");
    for (file, seq, hash) in links {
        json.open_item();
        json.text("file", file);
        json.number("seq", *seq);
        json.word("hash", &String::from_utf8_lossy(hash));
        json.close();
    }
    json.close_list();
    body
}

/// The heads of the files that were changed last: when one of them is removed or shortened later, it is missed.
fn links(folder: &Path, now: Duration) -> io::Result<Vec<(String, u64, crate::chain::HashText)>> {
    /// A name that is longer was not given by us, and would be cut in the record.
    const NAME_BYTES_MAX: usize = 255;
    Ok(files::recent(folder, now)?
        .into_iter()
        .filter_map(|(path, _)| {
            let name = path.file_name()?.to_str().filter(|name| name.len() <= NAME_BYTES_MAX)?.to_owned();
            match heads::tail(&mut fs::File::open(&path).ok()?).ok()? {
                Tail::Whole { seq, hash } | Tail::Torn { seq, hash, .. } => Some((name, seq, hash)),
                Tail::Other => None,
            }
        })
        .take(heads::LINKS_MAX)
        .collect())
}

/// Writes all bytes, in one call where the system takes them in one.
fn write_all(store: &dyn Store, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match store.write(bytes) {
            Ok(0) => return Err(io::Error::new(io::ErrorKind::WriteZero, "the file takes no more bytes")),
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A number that no other ledger of this process has.
fn next_identity() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
