//! The state folder: what running gateways and the command line share on one host (grants, holds, second factors), as
//! small JSON documents. Written whole or not at all, read strictly, changed under one lock, and seen by every process
//! that watches.
//!
//! The folder belongs to one user, who may do everything with it: what stands here is as trustworthy as that user. It
//! never holds what another user could have written: folder and files of anybody else, links, and files that others may
//! write to are refused.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use serde::Serialize;
use serde::de::DeserializeOwned;

mod user;
mod watch;

pub use user::{User, passwd_name};
pub(crate) use watch::{Watching, watch};

/// The most bytes of one document.
pub const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;
/// How long a change waits for another one to end.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
/// Entries of a folder that are looked at.
const ENTRIES_MAX: usize = 10_000;
/// The version of every document's form.
const VERSION: u32 = 1;

/// Why the state folder, or a document in it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The folder cannot be made or looked at.
    #[error("the state folder {} cannot be used: {cause}. Name another one with `--state DIR`", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// Others than its user could write to it, or it is somebody else's.
    #[error("{} is not used: {why}", path.display())]
    Untrusted {
        /// The folder or file.
        path: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// A document cannot be read or written.
    #[error("{} cannot be {what}: {cause}", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        what: &'static str,
        /// What the system or the reader said.
        cause: String,
    },
    /// A document would become too large.
    #[error("{} would become larger than {DOCUMENT_BYTES_MAX} bytes", .0.display())]
    TooLarge(PathBuf),
    /// Somebody else holds the lock.
    #[error("{} is locked by another process for too long; try again", .0.display())]
    Locked(PathBuf),
}

/// An open state folder.
#[derive(Debug, Clone)]
pub struct State {
    folder: PathBuf,
    owner: u32,
}

/// The lock of a state folder, as long as it lives.
#[derive(Debug)]
pub struct Locked<'a> {
    state: &'a State,
    _lock: File,
}

#[derive(Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<T> {
    version: u32,
    content: T,
}

impl State {
    /// Opens the folder, and makes it (mode 0700) if there is none.
    ///
    /// # Errors
    /// It cannot be made, is somebody else's, or others may use it.
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        let failed = |error: io::Error| StateError::Folder { path: folder.to_owned(), cause: error.to_string() };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let metadata = fs::metadata(folder).map_err(failed)?;
        let untrusted = |why: String| StateError::Untrusted { path: folder.to_owned(), why };
        let ours = rustix::process::geteuid().as_raw();
        if !metadata.is_dir() {
            return Err(untrusted("it is no folder".to_owned()));
        }
        if metadata.uid() != ours {
            let owner = passwd_name(metadata.uid()).unwrap_or_else(|| format!("uid:{}", metadata.uid()));
            return Err(untrusted(format!(
                "it belongs to {owner}: run this as that user (`sudo -u {owner} gatehold …`)"
            )));
        }
        if metadata.mode() & 0o077 != 0 {
            return Err(untrusted(format!("others may use it: `chmod 700 {}`", folder.display())));
        }
        Ok(Self { folder: folder.to_owned(), owner: ours })
    }

    /// A folder inside, under the same rules.
    ///
    /// # Errors
    /// As for `open`.
    pub fn inside(&self, name: &str) -> Result<Self, StateError> {
        Self::open(&self.folder.join(name))
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads a document. `None` when there is none.
    ///
    /// # Errors
    /// It is not trustworthy, or not what it should be.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StateError> {
        let path = self.folder.join(name);
        let failed = |cause: String| StateError::Document { path: path.clone(), what: "read", cause };
        let Some(bytes) = self.read_bytes(&path)? else { return Ok(None) };
        let document: Document<T> = serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))?;
        if document.version != VERSION {
            return Err(failed(format!(
                "it has version {}, and this program reads version {VERSION}",
                document.version
            )));
        }
        Ok(Some(document.content))
    }

    fn read_bytes(&self, path: &Path) -> Result<Option<Vec<u8>>, StateError> {
        let failed = |cause: String| StateError::Document { path: path.to_owned(), what: "read", cause };
        let untrusted = |why: &str| StateError::Untrusted { path: path.to_owned(), why: why.to_owned() };
        // A pipe or a device must not make us wait, and a link must not lead elsewhere.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
        let opened = OpenOptions::new().read(true).custom_flags(i32::try_from(flags).unwrap_or_default()).open(path);
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error.to_string())),
        };
        let metadata = file.metadata().map_err(|error| failed(error.to_string()))?;
        if !metadata.is_file() {
            return Err(untrusted("it is no plain file"));
        }
        if metadata.uid() != self.owner {
            return Err(untrusted("it belongs to somebody else than its folder"));
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(untrusted("others may write to it"));
        }
        let mut bytes = Vec::new();
        let most = DOCUMENT_BYTES_MAX as u64;
        file.take(most + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
        if bytes.len() as u64 > most {
            return Err(failed(format!("it is larger than {DOCUMENT_BYTES_MAX} bytes")));
        }
        Ok(Some(bytes))
    }

    /// Writes a document: readers see the old one or the new one, never a part. It is on the disk when this returns.
    ///
    /// # Errors
    /// It cannot be written; the old one stays.
    pub fn write<T: Serialize>(&self, name: &str, content: &T) -> Result<(), StateError> {
        self.put(name, content, true)
    }

    /// Writes a document that means nothing any more when the machine ends.
    ///
    /// # Errors
    /// As for `write`.
    pub fn write_fleeting<T: Serialize>(&self, name: &str, content: &T) -> Result<(), StateError> {
        self.put(name, content, false)
    }

    fn put<T: Serialize>(&self, name: &str, content: &T, is_lasting: bool) -> Result<(), StateError> {
        let path = self.folder.join(name);
        let failed = |cause: String| StateError::Document { path: path.clone(), what: "written", cause };
        let document = Document { version: VERSION, content };
        let mut bytes = serde_json::to_vec(&document).map_err(|error| failed(error.to_string()))?;
        bytes.push(b'\n');
        if bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(StateError::TooLarge(path));
        }
        let failed = |error: io::Error| failed(error.to_string());
        let unique = random_name().map_err(failed)?;
        let temporary = self.folder.join(format!(".{unique}.new"));
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
            file.write_all(&bytes)?;
            if is_lasting {
                file.sync_all()?;
            }
            fs::rename(&temporary, &path)?;
            if is_lasting { File::open(&self.folder)?.sync_all() } else { Ok(()) }
        })();
        if written.is_err() {
            // It may never have been made.
            let _absent = fs::remove_file(&temporary);
        }
        written.map_err(failed)
    }

    /// Takes a document away; true if there was one.
    ///
    /// # Errors
    /// It cannot be taken away.
    pub fn remove(&self, name: &str) -> Result<bool, StateError> {
        let path = self.folder.join(name);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StateError::Document { path, what: "written", cause: error.to_string() }),
        }
    }

    /// The names of what is in the folder, sorted, but not of what is still being written.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>, StateError> {
        let failed = |error: io::Error| StateError::Folder { path: self.folder.clone(), cause: error.to_string() };
        let entries = fs::read_dir(&self.folder).map_err(failed)?;
        let names = entries.take(ENTRIES_MAX).filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        Ok(names)
    }

    /// Locks the folder for a change: whoever changes a document reads it under the lock.
    ///
    /// # Errors
    /// Somebody else keeps the lock.
    pub fn lock(&self) -> Result<Locked<'_>, StateError> {
        let path = self.folder.join("lock");
        let failed = |error: io::Error| StateError::Folder { path: self.folder.clone(), cause: error.to_string() };
        let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
        let opened =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).custom_flags(flags).open(&path);
        let file = opened.map_err(failed)?;
        let until = Instant::now() + LOCK_PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Locked { state: self, _lock: file }),
                Err(fs::TryLockError::WouldBlock) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(fs::TryLockError::WouldBlock) => return Err(StateError::Locked(path)),
                Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
    }
}

impl Locked<'_> {
    /// Reads a document, or its empty form.
    ///
    /// # Errors
    /// As for `State::read`.
    pub fn read<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, StateError> {
        Ok(self.state.read(name)?.unwrap_or_default())
    }

    /// Writes a document.
    ///
    /// # Errors
    /// As for `State::write`.
    pub fn write<T: Serialize>(&self, name: &str, content: &T) -> Result<(), StateError> {
        self.state.write(name, content)
    }

    /// The folder that is locked.
    #[must_use]
    pub const fn state(&self) -> &State {
        self.state
    }
}

/// A name that nobody else uses.
pub(crate) fn random_name() -> io::Result<String> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(crate::approvals::hex(&random))
}

#[cfg(test)]
mod tests;
