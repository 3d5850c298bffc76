//! The file of API keys: a JSON document with the salted hash of each key and what its holder may be called. It is
//! replaced as a whole, so that a reader never sees half of it, and writers wait for each other.
//!
//! It never holds a key itself.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ShownKey;
use crate::identity::hex;

/// Keys of one file, revoked ones included.
pub const KEYS_MAX: usize = 10_000;
/// Bytes of the file.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Characters of a name, a role and the like, and entries of a list of them.
const TEXT_CHARACTERS_MAX: usize = 256;
const LIST_MAX: usize = 256;
/// Bytes of a salt.
const SALT_BYTES: usize = 16;

/// What is kept of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredKey {
    /// The public id: the first part of the key itself.
    pub id: String,
    /// The name that the operator gave it: the verified client in records and policy.
    pub name: String,
    /// The principal that it speaks for; the name where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// Roles of the principal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Groups of the principal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Scopes that the key has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Labels of the principal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The tenant that quotas are counted by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// When it was made.
    #[serde(with = "time")]
    pub created: Timestamp,
    /// When it ends.
    #[serde(default, with = "optional_time", skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    #[serde(default, with = "optional_time", skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
    /// The salt of the hash, in hexadecimal.
    pub salt: String,
    /// HMAC-SHA-256 of the key under the salt, in hexadecimal.
    pub hash: String,
}

/// What the operator says about a new key.
#[derive(Debug, Clone, Default)]
pub struct NewKey {
    /// As in `StoredKey`.
    pub name: String,
    /// As in `StoredKey`.
    pub principal: Option<String>,
    /// As in `StoredKey`.
    pub roles: Vec<String>,
    /// As in `StoredKey`.
    pub groups: Vec<String>,
    /// As in `StoredKey`.
    pub scopes: Vec<String>,
    /// As in `StoredKey`.
    pub labels: BTreeMap<String, String>,
    /// As in `StoredKey`.
    pub tenant: Option<String>,
    /// As in `StoredKey`.
    pub expires: Option<Timestamp>,
}

/// Why the keys cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("the file of API keys, {0}, cannot be used: {1}")]
    File(PathBuf, String),
    /// Others could change it.
    #[error(
        "the file of API keys, {0}, may be changed by others than its owner (mode {1:o}): check that its keys are \
         yours, then run `chmod 600 {0}`"
    )]
    Exposed(PathBuf, u32),
    /// It says something that cannot be meant.
    #[error("the file of API keys, {0}, is not in order: {1}")]
    Content(PathBuf, String),
    /// What is asked for cannot be done.
    #[error("{0}")]
    Refused(String),
}

/// When a file was last changed, as far as its folder says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

/// The document.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    keys: Vec<StoredKey>,
}

/// Where the keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The file at `path`; it need not exist yet.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// `${XDG_STATE_HOME}/gatehold/keys.json`, by default `~/.local/state/gatehold/keys.json` (XDG Base Directory
    /// Specification). `lookup` reads a variable of the environment.
    #[must_use]
    pub fn default_path(lookup: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
        let absolute = |name: &str| lookup(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let state = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
        state.map(|state| state.join("gatehold").join("keys.json"))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn stamp(&self) -> Option<Stamp> {
        let found = std::fs::metadata(&self.path).ok()?;
        Some(Stamp { inode: found.ino(), bytes: found.len(), changed: (found.ctime(), found.ctime_nsec()) })
    }

    /// All keys, revoked ones included. A file that is not there holds none.
    ///
    /// # Errors
    /// It cannot be read, others could change it, or it is not a file of keys.
    pub fn read(&self) -> Result<Vec<StoredKey>, KeyFileError> {
        let opened = match File::open(&self.path) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed(&error)),
        };
        let found = opened.metadata().map_err(|error| self.failed(&error))?;
        let mode = found.permissions().mode() & 0o777;
        if mode & 0o022 != 0 {
            return Err(KeyFileError::Exposed(self.path.clone(), mode));
        }
        let mut text = Vec::new();
        opened.take(FILE_BYTES_MAX + 1).read_to_end(&mut text).map_err(|error| self.failed(&error))?;
        if text.len() as u64 > FILE_BYTES_MAX {
            return Err(self.wrong("it is larger than 16 MiB"));
        }
        let document: Document = serde_json::from_slice(&text).map_err(|error| self.wrong(&error.to_string()))?;
        self.check(&document)?;
        Ok(document.keys)
    }

    fn check(&self, document: &Document) -> Result<(), KeyFileError> {
        if document.version != 1 {
            return Err(self.wrong("`version` must be 1"));
        }
        if document.keys.len() > KEYS_MAX {
            return Err(self.wrong(&format!("there are more than {KEYS_MAX} keys")));
        }
        let mut ids = std::collections::HashSet::new();
        for key in &document.keys {
            check_texts(key).map_err(|why| self.wrong(&format!("key `{}`: {why}", shown(&key.name))))?;
            let lengths =
                (hex::decode(&key.salt).map(|salt| salt.len()), hex::decode(&key.hash).map(|hash| hash.len()));
            if !matches!(lengths, (Some(SALT_BYTES..), Some(32))) || hex::decode(&key.id).is_none() {
                return Err(self.wrong(&format!("key `{}`: its id, salt or hash is damaged", shown(&key.name))));
            }
            if !ids.insert(key.id.as_str()) {
                return Err(self.wrong(&format!("the id `{}` stands there twice", shown(&key.id))));
            }
        }
        Ok(())
    }

    /// Makes a key. It is returned once and can never be shown again.
    ///
    /// # Errors
    /// The name is taken by a key that is not revoked, or the file cannot be changed.
    pub fn create(&self, new: NewKey, now: Timestamp) -> Result<(ShownKey, StoredKey), KeyFileError> {
        let random = |error: getrandom::Error| KeyFileError::Refused(format!("there is no randomness: {error}"));
        let shown = ShownKey::generate().map_err(random)?;
        let mut salt = [0_u8; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(random)?;
        let stored = StoredKey {
            id: shown.id().to_owned(),
            name: new.name,
            principal: new.principal,
            roles: new.roles,
            groups: new.groups,
            scopes: new.scopes,
            labels: new.labels,
            tenant: new.tenant,
            created: now,
            expires: new.expires,
            revoked: None,
            salt: hex::encode(&salt),
            hash: hex::encode(&shown.hash(&salt)),
        };
        check_texts(&stored).map_err(KeyFileError::Refused)?;
        self.change(|keys| {
            if keys.iter().any(|key| key.name == stored.name && key.revoked.is_none()) {
                return Err(KeyFileError::Refused(format!(
                    "there is a key `{}` already: take another name, or revoke it first with `gatehold key revoke {}`",
                    stored.name, stored.name
                )));
            }
            if keys.len() >= KEYS_MAX {
                return Err(KeyFileError::Refused(format!(
                    "there are {KEYS_MAX} keys already: take revoked ones out of {}",
                    self.path.display()
                )));
            }
            keys.push(stored.clone());
            Ok(())
        })?;
        Ok((shown, stored))
    }

    /// Revokes the key with this name or id.
    ///
    /// # Errors
    /// There is none that is not revoked, or the file cannot be changed.
    pub fn revoke(&self, named: &str, now: Timestamp) -> Result<StoredKey, KeyFileError> {
        self.change(|keys| {
            let found = keys.iter_mut().find(|key| key.revoked.is_none() && (key.name == named || key.id == named));
            let Some(key) = found else {
                return Err(KeyFileError::Refused(format!(
                    "there is no key `{}` that could be revoked in {}: `gatehold key list` shows what there is",
                    shown(named),
                    self.path.display()
                )));
            };
            key.revoked = Some(now);
            Ok(key.clone())
        })
    }

    /// Changes the file while no other writer does.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Vec<StoredKey>) -> Result<T, KeyFileError>,
    ) -> Result<T, KeyFileError> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let failed = |error: io::Error| self.failed(&error);
        make_folder(folder).map_err(failed)?;
        let beside = |ending: &str| {
            let mut name = self.path.file_name().unwrap_or_default().to_os_string();
            name.push(ending);
            folder.join(name)
        };
        let open = |path: &Path, truncate: bool| {
            File::options().create(true).write(true).truncate(truncate).mode(0o600).open(path)
        };
        let lock = open(&beside(".lock"), false).map_err(failed)?;
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).map_err(|error| failed(error.into()))?;
        let mut keys = self.read()?;
        let changed = change(&mut keys)?;
        let text = serde_json::to_vec_pretty(&Document { version: 1, keys })
            .map_err(|error| KeyFileError::Refused(error.to_string()))?;
        let temporary = beside(".new");
        let write = || -> io::Result<()> {
            // What a crash has left may belong to somebody else or have another mode.
            match std::fs::remove_file(&temporary) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
            let mut file = File::options().create_new(true).write(true).mode(0o600).open(&temporary)?;
            file.write_all(&text)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            std::fs::rename(&temporary, &self.path)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(failed)?;
        Ok(changed)
    }

    fn failed(&self, error: &io::Error) -> KeyFileError {
        KeyFileError::File(self.path.clone(), error.to_string())
    }

    fn wrong(&self, why: &str) -> KeyFileError {
        KeyFileError::Content(self.path.clone(), why.to_owned())
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Checks what an operator wrote: texts that can stand in a policy and in a record.
fn check_texts(key: &StoredKey) -> Result<(), String> {
    let lists = [("roles", &key.roles), ("groups", &key.groups), ("scopes", &key.scopes)];
    for (what, list) in lists {
        if list.len() > LIST_MAX {
            return Err(format!("it has more than {LIST_MAX} {what}"));
        }
    }
    if key.labels.len() > LIST_MAX {
        return Err(format!("it has more than {LIST_MAX} labels"));
    }
    let texts = [Some(&key.name), key.principal.as_ref(), key.tenant.as_ref()];
    let texts = texts.into_iter().flatten().chain(lists.into_iter().flat_map(|(_, list)| list));
    for text in texts.chain(key.labels.iter().flat_map(|(name, value)| [name, value])) {
        if text.is_empty() || text.chars().count() > TEXT_CHARACTERS_MAX || text.chars().any(char::is_control) {
            return Err(format!(
                "`{}` cannot stand there: use 1 to {TEXT_CHARACTERS_MAX} characters, and none that control a terminal",
                shown(text)
            ));
        }
    }
    Ok(())
}

/// A text of a file, fit for a terminal.
fn shown(text: &str) -> String {
    text.chars().take(64).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Times as RFC 3339 writes them.
mod time {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom(format!("`{text}` is no time like `2026-11-20T08:00:00Z`")))
    }
}

/// The same, where there may be none.
mod optional_time {
    use jiff::Timestamp;
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::time::serialize(time, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        super::time::deserialize(deserializer).map(Some)
    }
}
