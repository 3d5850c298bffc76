//! Verifies tokens of authorization servers: by their keys, or by asking them, and remembers what was verified until the
//! token expires or its key is gone.

use std::sync::Arc;

use gatehold_session::Principal;
use gatehold_session::principal::Proof;
use sha2::{Digest as _, Sha256};

use super::NotAdmitted;
use super::introspection::Introspector;
use super::key_set::KeySet;
use super::settings::{Authentication, Check, Issuer};
use super::token::{self, Parts, Statement};
use super::verified::{Source, Verified, VerifiedTokens};
use crate::fetch::Fetcher;

#[cfg(test)]
mod tests;

/// The authorization servers, and what of their tokens is known to be good.
#[derive(Debug)]
pub(super) struct Issuers {
    issuers: Vec<Known>,
    fetcher: Arc<Fetcher>,
    verified: VerifiedTokens,
}

#[derive(Debug)]
struct Known {
    settings: Issuer,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Keys(Arc<KeySet>),
    Asking(Introspector),
}

impl Issuers {
    /// The issuers of the settings. Key sets of `old` whose place is the same are kept.
    ///
    /// # Errors
    /// A file of keys cannot be used.
    pub(super) fn new(settings: &Authentication, fetcher: Arc<Fetcher>, old: Option<&Self>) -> Result<Self, String> {
        let mut issuers = Vec::new();
        for issuer in &settings.issuers {
            let way = match &issuer.check {
                Check::Introspection(how) => Way::Asking(Introspector::new(how.clone())),
                place => {
                    let kept = old.and_then(|old| old.key_set(&issuer.issuer, place));
                    let set = kept.unwrap_or_else(|| Arc::new(KeySet::new(place.clone())));
                    set.read_file()?;
                    Way::Keys(set)
                }
            };
            issuers.push(Known { settings: issuer.clone(), way });
        }
        Ok(Self { issuers, fetcher, verified: VerifiedTokens::default() })
    }

    fn key_set(&self, issuer: &str, place: &Check) -> Option<Arc<KeySet>> {
        self.issuers.iter().find_map(|known| match &known.way {
            Way::Keys(set) if known.settings.issuer == issuer && set.place() == place => Some(Arc::clone(set)),
            Way::Keys(_) | Way::Asking(_) => None,
        })
    }

    /// Verifies a token at the time `now` (seconds since 1970), for a resource with these addresses.
    pub(super) async fn verify(&self, text: &str, here: &[String], now: i64) -> Result<Arc<Verified>, NotAdmitted> {
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let verified = match self.remembered(&digest, now) {
            Some(verified) => verified,
            None => {
                let fresh = Arc::new(self.verify_anew(text, now).await?);
                self.verified.keep(digest, Arc::clone(&fresh), now);
                fresh
            }
        };
        let issuer = self.issuers.get(verified.issuer).ok_or(NotAdmitted::Invalid("issuer"))?;
        let taken = if issuer.settings.audiences.is_empty() { here } else { &issuer.settings.audiences };
        let is_for_us = verified.audiences.iter().any(|audience| taken.iter().any(|own| **own == **audience));
        if is_for_us { Ok(verified) } else { Err(NotAdmitted::Invalid("audience")) }
    }

    /// What is remembered of a token, if it still holds.
    fn remembered(&self, digest: &[u8; 32], now: i64) -> Option<Arc<Verified>> {
        let verified = self.verified.find(digest, now)?;
        match (&verified.source, &self.issuers.get(verified.issuer)?.way) {
            (Source::Key { print, generation }, Way::Keys(set)) => {
                set.keep_fresh(&self.fetcher);
                let is_known = generation.load(std::sync::atomic::Ordering::Relaxed) == set.generation();
                if is_known && set.is_usable() {
                    return Some(verified);
                }
                let counted = set.generation();
                if !set.still_has(print) {
                    return None;
                }
                generation.store(counted, std::sync::atomic::Ordering::Relaxed);
                Some(verified)
            }
            (Source::Asked, Way::Asking(_)) => Some(verified),
            _ => None,
        }
    }

    async fn verify_anew(&self, text: &str, now: i64) -> Result<Verified, NotAdmitted> {
        if !token::is_jwt(text) {
            // A token that says nothing of itself can only be asked about, and only one server is asked.
            let asked = self.issuers.iter().enumerate().find_map(|(index, known)| match &known.way {
                Way::Asking(introspector) => Some((index, known, introspector)),
                Way::Keys(_) => None,
            });
            let (index, known, introspector) = asked.ok_or(NotAdmitted::Invalid("form"))?;
            return self.ask(index, known, introspector, text, now).await;
        }
        let parts = Parts::of(text)?;
        let named = parts.issuer()?;
        let found = self.issuers.iter().enumerate().find(|(_, known)| known.settings.issuer == named);
        let (index, known) = found.ok_or(NotAdmitted::Invalid("issuer"))?;
        let settings = &known.settings;
        let set = match &known.way {
            Way::Asking(introspector) => return self.ask(index, known, introspector, text, now).await,
            Way::Keys(set) => set,
        };
        parts.check_kind(&settings.token_types)?;
        if !settings.algorithms.contains(&parts.algorithm) {
            return Err(NotAdmitted::Invalid("algorithm"));
        }
        let generation = set.generation();
        let key = set.find(parts.key_id.as_deref(), parts.algorithm, &self.fetcher).await?;
        if !key.verifies(parts.algorithm, parts.signed, parts.signature) {
            return Err(NotAdmitted::Invalid("signature"));
        }
        let statement = parts.statement(&settings.claims, leeway(settings), now)?;
        Ok(verified(index, settings, statement, Source::key(key.print, generation), None))
    }

    async fn ask(
        &self,
        index: usize,
        known: &Known,
        introspector: &Introspector,
        text: &str,
        now: i64,
    ) -> Result<Verified, NotAdmitted> {
        let settings = &known.settings;
        let statement = introspector.ask(text, settings, leeway(settings), now, &self.fetcher).await?;
        Ok(verified(index, settings, statement, Source::Asked, Some(introspector.holds_until(now))))
    }
}

fn leeway(issuer: &Issuer) -> i64 {
    i64::try_from(issuer.leeway.as_secs()).unwrap_or_default()
}

fn verified(
    issuer: usize,
    settings: &Issuer,
    statement: Statement,
    source: Source,
    holds_until: Option<i64>,
) -> Verified {
    let principal =
        Principal::vouched(&statement.name, Proof::Token, Some(&settings.issuer), statement.client.as_deref());
    Verified {
        principal: principal.with_attributes(statement.attributes),
        audiences: statement.audiences,
        expires: statement.expires,
        issuer,
        source,
        holds_until,
    }
}
