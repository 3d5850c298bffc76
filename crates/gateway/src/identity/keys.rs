//! Our own API keys: how a key is written, what is kept of it, and how one that is shown is recognised. A key is 256
//! random bits with a public id; only a salted hash is kept, so that the file of keys opens nothing.
//!
//! It never prints a secret but once, when the key is made, and compares in the same time whether the id is known or
//! not.

use std::collections::HashMap;
use std::sync::Arc;

use gatehold_session::principal::Proof;
use gatehold_session::{Attributes, Principal};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::identity::hex;

pub mod file;
#[cfg(test)]
mod tests;

pub use file::{KeyFile, KeyFileError, NewKey, StoredKey};

/// What every key begins with, so that people and scanners recognise one.
pub const PREFIX: &str = "gh_";
/// Bytes of the public id, of the secret, and of the checksum that catches a key that was cut or mistyped.
const ID_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;
/// Characters of a whole key: prefix, id, `_`, secret, checksum.
const KEY_CHARACTERS: usize = PREFIX.len() + 2 * ID_BYTES + 1 + 2 * (SECRET_BYTES + CHECKSUM_BYTES);

/// The time of the operating system.
#[must_use]
pub fn now() -> jiff::Timestamp {
    // Only a clock millions of years off has no time.
    jiff::Timestamp::from_second(super::unix_seconds()).unwrap_or(jiff::Timestamp::MAX)
}

/// When something ends: after a time such as `90d`, `12h` or `30m`, or at one as RFC 3339 writes it.
///
/// # Errors
/// What to write instead.
pub fn parse_expiry(text: &str) -> Result<jiff::Timestamp, String> {
    let help = || format!("`{text}` is no time: write `90d`, `12h` or `30m`, or a time like `2027-01-01T00:00:00Z`");
    let now = now();
    let time = match text.parse::<jiff::Timestamp>() {
        Ok(time) => time,
        Err(_) => {
            let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(help)?;
            let seconds = match unit {
                "d" => 86_400,
                "h" => 3_600,
                "m" => 60,
                _ => return Err(help()),
            };
            let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
            let number: i64 = number.parse().ok().filter(|number| is_number && *number > 0).ok_or_else(help)?;
            let seconds = number.checked_mul(seconds).ok_or_else(help)?;
            now.checked_add(jiff::SignedDuration::from_secs(seconds)).map_err(|_| help())?
        }
    };
    if time <= now { Err(format!("`{text}` is in the past")) } else { Ok(time) }
}

/// A key as its holder shows it. It cannot be printed by accident.
#[derive(Clone)]
pub struct ShownKey {
    id: Box<str>,
    text: Zeroizing<String>,
}

impl std::fmt::Debug for ShownKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ShownKey({})", self.id)
    }
}

impl ShownKey {
    /// Makes a new key from the operating system's randomness.
    ///
    /// # Errors
    /// The operating system has none.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut random = Zeroizing::new([0_u8; ID_BYTES + SECRET_BYTES]);
        getrandom::fill(&mut *random)?;
        let (id, secret) = random.split_at(ID_BYTES);
        let id = hex::encode(id);
        let mut text = Zeroizing::new(format!("{PREFIX}{id}_"));
        text.push_str(&Zeroizing::new(hex::encode(secret)));
        let checksum = checksum(&text);
        text.push_str(&checksum);
        Ok(Self { id: id.into(), text })
    }

    /// Reads a key that was shown; `None` when it is not written as one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != KEY_CHARACTERS || !text.is_ascii() {
            return None;
        }
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if id.len() != 2 * ID_BYTES || !is_hex(id) || !is_hex(secret) {
            return None;
        }
        let (body, shown) = text.split_at(KEY_CHARACTERS - 2 * CHECKSUM_BYTES);
        (checksum(body) == shown).then(|| Self { id: id.into(), text: Zeroizing::new(text.to_owned()) })
    }

    /// The public id: it stands in lists and records and opens nothing.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The whole key, for the one time that it is shown.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.text
    }

    /// What is kept of the key: its hash under a salt of its own. The key has 256 random bits, so a fast hash is as
    /// good as a slow one.
    fn hash(&self, salt: &[u8]) -> [u8; 32] {
        keyed(salt, self.text.as_bytes())
    }
}

/// HMAC-SHA-256 (RFC 2104).
pub(crate) fn keyed(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key of any length is lawful, so the second branch is never taken; a digest of nothing would match nothing.
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(text);
            mac.finalize().into_bytes().into()
        }
        Err(_) => [0; 32],
    }
}

fn checksum(body: &str) -> String {
    hex::encode(Sha256::digest(body.as_bytes()).get(..CHECKSUM_BYTES).unwrap_or_default())
}

/// The keys that count, ready to be looked up.
#[derive(Debug, Default)]
pub(crate) struct KeyTable {
    keys: HashMap<Box<str>, KnownKey>,
}

#[derive(Debug)]
struct KnownKey {
    salt: Box<[u8]>,
    hash: [u8; 32],
    principal: Principal,
    /// Seconds since 1970 at which it ends.
    expires: Option<i64>,
    is_revoked: bool,
}

/// Who showed a key, and until when that holds.
#[derive(Debug, Clone)]
pub(crate) struct KeyHolder {
    pub(crate) principal: Principal,
    pub(crate) expires: Option<i64>,
}

impl KeyTable {
    pub(crate) fn new(stored: &[StoredKey]) -> Self {
        let keys = stored.iter().filter_map(|key| Some((key.id.as_str().into(), KnownKey::of(key)?))).collect();
        Self { keys }
    }

    /// Who shows this key at the time `now` (seconds since 1970). An unknown id costs as much as a wrong secret.
    pub(crate) fn holder(&self, shown: &ShownKey, now: i64) -> Option<KeyHolder> {
        const NOBODY: ([u8; 16], [u8; 32]) = ([0; 16], [0; 32]);
        let known = self.keys.get(shown.id());
        let (salt, hash) = known.map_or((&NOBODY.0[..], &NOBODY.1), |known| (&known.salt, &known.hash));
        let is_same = bool::from(shown.hash(salt).ct_eq(hash));
        let known = known.filter(|_| is_same)?;
        let is_over = known.is_revoked || known.expires.is_some_and(|expires| expires <= now);
        (!is_over).then(|| KeyHolder { principal: known.principal.clone(), expires: known.expires })
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.values().filter(|key| !key.is_revoked).count()
    }
}

impl KnownKey {
    fn of(stored: &StoredKey) -> Option<Self> {
        let hash = hex::decode(&stored.hash)?;
        let boxed = |list: &[String]| -> Box<[Box<str>]> { list.iter().map(|text| text.as_str().into()).collect() };
        let attributes = Attributes {
            roles: boxed(&stored.roles),
            groups: boxed(&stored.groups),
            scopes: boxed(&stored.scopes),
            labels: stored.labels.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect(),
            tenant: stored.tenant.as_deref().map(Into::into),
        };
        let name = stored.principal.as_deref().unwrap_or(&stored.name);
        Some(Self {
            salt: hex::decode(&stored.salt)?.into(),
            hash: hash.try_into().ok()?,
            principal: Principal::vouched(name, Proof::ApiKey, None, Some(&stored.name)).with_attributes(attributes),
            expires: stored.expires.map(|time| time.as_second()),
            is_revoked: stored.revoked.is_some(),
        })
    }
}

/// The keys of a file, read again when the file changes.
#[derive(Debug)]
pub(crate) struct KeyStore {
    file: KeyFile,
    table: arc_swap::ArcSwap<KeyTable>,
    stamp: std::sync::Mutex<Option<file::Stamp>>,
}

impl KeyStore {
    /// Reads the keys. A file that is not there yet holds none.
    pub(crate) fn open(file: KeyFile) -> Result<Self, KeyFileError> {
        let stamp = file.stamp();
        let table = KeyTable::new(&file.read()?);
        Ok(Self { file, table: arc_swap::ArcSwap::from_pointee(table), stamp: std::sync::Mutex::new(stamp) })
    }

    pub(crate) fn file(&self) -> &KeyFile {
        &self.file
    }

    pub(crate) fn table(&self) -> arc_swap::Guard<Arc<KeyTable>> {
        self.table.load()
    }

    /// Reads the file again if it has changed since. A file with an error changes nothing; the error is returned once
    /// for each change.
    pub(crate) fn refresh(&self) -> Result<bool, KeyFileError> {
        let stamp = self.file.stamp();
        {
            let mut known = self.stamp.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if *known == stamp {
                return Ok(false);
            }
            *known = stamp;
        }
        let table = KeyTable::new(&self.file.read()?);
        self.table.store(Arc::new(table));
        Ok(true)
    }
}
