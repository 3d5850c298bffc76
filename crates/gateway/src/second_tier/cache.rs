//! What the model said of texts before, by their digests, so that a list of tools is not read twice. Bounded: two halves,
//! of which the older is forgotten when the newer is full.
//!
//! What the model did not say is not remembered.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Scored;

/// Texts that are remembered, at most.
pub(crate) const TEXTS_MAX: usize = 8192;

/// Scores by the SHA-256 of their texts.
#[derive(Debug, Default)]
pub(super) struct Cache {
    new: HashMap<[u8; 32], Scored>,
    old: HashMap<[u8; 32], Scored>,
}

/// The digest of a text.
pub(super) fn digest_of(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

impl Cache {
    /// What was said of a text; it is then remembered longer.
    pub(super) fn get(&mut self, digest: &[u8; 32]) -> Option<Scored> {
        if let Some(scored) = self.new.get(digest) {
            return Some(scored.clone());
        }
        let scored = self.old.remove(digest)?;
        self.put(*digest, scored.clone());
        Some(scored)
    }

    pub(super) fn put(&mut self, digest: [u8; 32], scored: Scored) {
        if self.new.len() >= TEXTS_MAX / 2 {
            self.old = std::mem::take(&mut self.new);
        }
        self.new.insert(digest, scored);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.new.len() + self.old.len()
    }
}
