//! Tokens that were verified, by their digest, so that a signature is checked once and not with every request. The token
//! itself is not kept.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};

use gatehold_session::Principal;

/// Tokens that are remembered. With more, those that are over go first, then whichever.
const VERIFIED_MAX: usize = 10_000;

/// What a good token says.
#[derive(Debug)]
pub(super) struct Verified {
    pub(super) principal: Principal,
    pub(super) audiences: Box<[Box<str>]>,
    /// Seconds since 1970, leeway included.
    pub(super) expires: Option<i64>,
    /// Which issuer, by its place in the settings.
    pub(super) issuer: usize,
    pub(super) source: Source,
    /// Until when the answer of a server counts, in seconds since 1970.
    pub(super) holds_until: Option<i64>,
}

/// Why it is believed.
#[derive(Debug)]
pub(super) enum Source {
    /// A key has signed it, which was last known at a generation of its key set.
    Key { print: [u8; 32], generation: AtomicU64 },
    /// Its issuer said so.
    Asked,
}

impl Source {
    pub(super) const fn key(print: [u8; 32], generation: u64) -> Self {
        Self::Key { print, generation: AtomicU64::new(generation) }
    }
}

/// The tokens that are remembered.
#[derive(Debug, Default)]
pub(super) struct VerifiedTokens {
    table: RwLock<HashMap<[u8; 32], Arc<Verified>>>,
}

impl VerifiedTokens {
    /// What is known of a token at a time in seconds since 1970.
    pub(super) fn find(&self, digest: &[u8; 32], now: i64) -> Option<Arc<Verified>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.get(digest).filter(|verified| verified.holds_at(now)).cloned()
    }

    pub(super) fn keep(&self, digest: [u8; 32], verified: Arc<Verified>, now: i64) {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= VERIFIED_MAX {
            table.retain(|_, verified| verified.holds_at(now));
        }
        if table.len() >= VERIFIED_MAX {
            let mut count = 0_usize;
            table.retain(|_, _| {
                count += 1;
                count.is_multiple_of(2)
            });
        }
        table.insert(digest, verified);
    }
}

impl Verified {
    fn holds_at(&self, now: i64) -> bool {
        self.expires.is_none_or(|expires| expires > now) && self.holds_until.is_none_or(|until| until > now)
    }
}
