//! Recovery codes: for whoever has lost the app. Each counts once, and only slow hashes (Argon2id) of them are kept.

use argon2::Argon2;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{hex, unhex};

/// Codes that a principal gets.
pub const COUNT: usize = 10;
/// Letters and digits of a code, without the dash in its middle: 50 random bits.
pub(super) const LENGTH: usize = 10;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// Without letters and digits that look alike.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";

/// The hashes of the codes that are left.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Codes {
    salt: String,
    hashes: Vec<String>,
}

impl Codes {
    /// New codes, as they are kept and as they are shown.
    pub(super) fn new() -> Option<(Self, Vec<Zeroizing<String>>)> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).ok()?;
        let shown: Vec<Zeroizing<String>> = (0..COUNT).map(|_| code()).collect::<Option<_>>()?;
        let hashes = shown.iter().map(|code| hash(&code.replace('-', ""), &salt)).collect::<Option<_>>()?;
        Some((Self { salt: hex(&salt), hashes }, shown))
    }

    pub(super) fn left(&self) -> usize {
        self.hashes.len()
    }

    /// Uses a code up, if it is one, and says how many are left.
    pub(super) fn take(&mut self, code: &str) -> Option<usize> {
        let given = hash(&code.to_ascii_lowercase(), &unhex(&self.salt)?)?;
        let at = self.hashes.iter().position(|hash| bool::from(hash.as_bytes().ct_eq(given.as_bytes())))?;
        self.hashes.remove(at);
        Some(self.hashes.len())
    }
}

fn code() -> Option<Zeroizing<String>> {
    let mut random = Zeroizing::new([0_u8; LENGTH]);
    getrandom::fill(&mut *random).ok()?;
    let mut code = Zeroizing::new(String::with_capacity(LENGTH + 1));
    for (at, byte) in random.iter().enumerate() {
        if at == LENGTH / 2 {
            code.push('-');
        }
        code.push(char::from(*ALPHABET.get(usize::from(byte & 31))?));
    }
    Some(code)
}

/// Argon2id with the parameters that OWASP names first (19 MiB, 2 passes): the crate's own.
fn hash(code: &str, salt: &[u8]) -> Option<String> {
    let mut hash = Zeroizing::new([0; HASH_BYTES]);
    Argon2::default().hash_password_into(code.as_bytes(), salt, &mut *hash).ok()?;
    Some(hex(&*hash))
}
