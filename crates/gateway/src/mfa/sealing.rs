//! Seals the secrets of second factors with AES-256-GCM, each for its principal, so that one cannot be put in another's
//! place. The key is a document of its own in the same folder.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::{hex, unhex};
use crate::state::{Locked, StateError};

/// The document of the key.
const DOCUMENT: &str = "mfa.key.json";
const KEY_BYTES: usize = 32;

/// The key of a state folder.
pub(super) struct Key(LessSafeKey);

impl Key {
    /// The folder's key; a new one where there is none yet.
    pub(super) fn of(locked: &Locked<'_>) -> Result<Self, StateError> {
        let unfit = |cause: &str| StateError::Document {
            path: locked.state().folder().join(DOCUMENT),
            what: "read",
            cause: cause.to_owned(),
        };
        let bytes = match locked.state().read::<String>(DOCUMENT)?.map(Zeroizing::new) {
            Some(text) => Zeroizing::new(unhex(&text).ok_or_else(|| unfit("it is no key"))?),
            None => {
                let mut bytes = Zeroizing::new(vec![0; KEY_BYTES]);
                getrandom::fill(&mut bytes).map_err(|error| unfit(&error.to_string()))?;
                locked.write(DOCUMENT, &*Zeroizing::new(hex(&bytes)))?;
                bytes
            }
        };
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| unfit("it is no key"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    pub(super) fn seal(&self, principal: &str, secret: &[u8]) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).ok()?;
        let mut sealed = Zeroizing::new(secret.to_vec());
        let aad = Aad::from(principal.as_bytes());
        let tag = self.0.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed).ok()?;
        Some(format!("{}{}{}", hex(&nonce), hex(&sealed), hex(tag.as_ref())))
    }

    pub(super) fn open(&self, principal: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = unhex(sealed)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let mut secret = Zeroizing::new(sealed.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.0.open_in_place(nonce, Aad::from(principal.as_bytes()), &mut secret).ok()?.len();
        secret.truncate(length);
        Some(secret)
    }
}
