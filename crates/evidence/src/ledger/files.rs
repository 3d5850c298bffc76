//! The folder and its files: names, permissions, locks. What differs between operating systems stands here.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock;
use crate::record::text::write_hex;

/// The extension of a ledger file's name.
const EXTENSION: &str = "jsonl";

/// Entries of a folder that are considered when repairing and linking; the ones with the latest names are.
const NAMES_MAX: usize = 4096;

/// Makes the folder and those above it, for this user only. One that exists keeps its permissions.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The name of a new file: when, what for, by which process, and something random.
pub(super) fn name(now: Duration, purpose: &str, process: u32, random: &[u8]) -> String {
    let mut hex = Vec::new();
    write_hex(random, &mut hex);
    format!("{}-{purpose}-{process}-{}.{EXTENSION}", clock::compact(now), String::from_utf8_lossy(&hex))
}

/// Whether a purpose may stand in a file's name.
pub(super) fn is_purpose(purpose: &str) -> bool {
    (1..=32).contains(&purpose.len())
        && purpose.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A file that was made and locked but does not have its name yet: it gets it with its genesis record inside, so that
/// nobody ever sees a ledger file without one.
#[derive(Debug)]
pub(super) struct Unnamed {
    /// Open for appending, locked.
    pub(super) file: File,
    hidden: PathBuf,
}

impl Unnamed {
    pub(super) fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let hidden = folder.join(format!("{name}.new"));
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&hidden)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::Error(error) => error,
            TryLockError::WouldBlock => io::Error::other("a new file was locked by somebody else"),
        })?;
        Ok(Self { file, hidden })
    }

    /// Gives the file its name.
    pub(super) fn publish(&self, folder: &Path, name: &str) -> io::Result<PathBuf> {
        let path = folder.join(name);
        if fs::symlink_metadata(&path).is_ok() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{name} exists")));
        }
        fs::rename(&self.hidden, &path)?;
        Ok(path)
    }

    /// Takes the file away again: nothing was recorded in it.
    pub(super) fn discard(&self) {
        // It was never part of the ledger; if it cannot be removed either, it does no harm.
        let _ = fs::remove_file(&self.hidden);
    }
}

/// Makes names in the folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// The names of all ledger files of a folder, sorted, which for ours is the order in which they were made.
pub(crate) fn ledger_names(folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if Path::new(&name).extension() == Some(OsStr::new(EXTENSION)) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// The ledger files with the time since each was changed, the latest first. Those that cannot be looked at, and those
/// that are no regular files, are left out.
pub(crate) fn recent(folder: &Path, now: Duration) -> io::Result<Vec<(PathBuf, Duration)>> {
    let names = ledger_names(folder)?;
    let mut files: Vec<(PathBuf, Duration)> = names
        .iter()
        .rev()
        .take(NAMES_MAX)
        .filter_map(|name| {
            let path = folder.join(name);
            let data = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file)?;
            let changed = data.modified().ok()?.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
            Some((path, now.saturating_sub(changed)))
        })
        .collect();
    files.sort_by_key(|(_, age)| *age);
    Ok(files)
}

/// Whether another process (or another ledger of this one) has the file open for writing.
pub(crate) fn is_locked_elsewhere(file: &File) -> bool {
    match file.try_lock_shared() {
        Ok(()) => {
            // Nothing is done under this lock; closing the file would give it back as well.
            let _ = file.unlock();
            false
        }
        Err(TryLockError::WouldBlock) => true,
        // A file system without locks: nobody can be told to be writing.
        Err(TryLockError::Error(_)) => false,
    }
}
