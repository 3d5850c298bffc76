//! Who calls: every request of a client is admitted here, once, before anything is made of it, and a handler cannot
//! be reached without the `Caller` that only admission makes. What is open to everybody is a closed list.
//!
//! It never passes a credential on, never records one, and never says why one was refused beyond what RFC 6750 says.

use std::sync::Arc;
use std::time::Duration;

use gatehold_session::Principal;
use gatehold_session::principal::Proof;
use http::Uri;
use http::header::HeaderMap;

pub mod keys;
pub mod settings;

mod challenge;
mod credential;
pub(crate) mod hex;
mod refusals;

pub(crate) use challenge::refused;
pub(crate) use credential::{API_KEY, holds_own_key};
pub(crate) use refusals::Refusals;
pub use settings::Authentication;

use credential::Credential;
use keys::{KeyFile, KeyFileError, KeyStore};

/// How often the credential of a stream that is open is checked again: a revoked key or a new key set is noticed
/// within this time.
const STREAM_CHECK_EVERY: Duration = Duration::from_secs(2);

/// What a connection itself proves about who is at its other end.
#[derive(Debug, Clone)]
pub(crate) enum Peer {
    /// A user of this machine, whom the kernel names.
    Local(Principal),
    /// Somebody on the network.
    Network,
}

/// A verified caller of one request. Only `Identity::admit` makes one.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    principal: Principal,
    /// What it showed, for streams that may outlive it.
    credential: Option<Credential>,
    /// Seconds since 1970 at which the proof ends.
    expires: Option<i64>,
}

/// Why a request is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAdmitted {
    /// It shows nothing.
    Missing,
    /// What it shows cannot be read as a credential, or shows it where none may stand.
    Malformed(&'static str),
    /// What it shows is not valid, or not any more. The word is for the record.
    Invalid(&'static str),
}

/// What is known about callers; a part of the snapshot.
#[derive(Debug)]
pub(crate) struct Identity {
    settings: Option<Arc<Authentication>>,
    keys: Option<KeyStore>,
    anonymous: Principal,
}

impl Caller {
    /// Who calls, with the attributes of this request's own proof.
    pub(crate) const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Whether the proof may end while a stream is open.
    pub(crate) const fn can_end(&self) -> bool {
        self.credential.is_some() || self.expires.is_some()
    }
}

impl Identity {
    /// Reads what the settings name.
    ///
    /// # Errors
    /// A file cannot be used.
    pub(crate) fn new(settings: Option<&Arc<Authentication>>) -> Result<Self, KeyFileError> {
        let keys = settings.and_then(|settings| settings.api_keys.clone());
        Ok(Self {
            keys: keys.map(|path| KeyStore::open(KeyFile::at(path))).transpose()?,
            settings: settings.cloned(),
            anonymous: Principal::new("anonymous", Proof::Anonymous),
        })
    }

    /// Says who sends a request, from what it shows and what its connection proves.
    pub(crate) async fn admit(&self, peer: &Peer, target: &Uri, headers: &HeaderMap) -> Result<Caller, NotAdmitted> {
        if let Peer::Local(principal) = peer {
            return Ok(Caller { principal: principal.clone(), credential: None, expires: None });
        }
        if self.settings.is_none() {
            return Ok(Caller { principal: self.anonymous.clone(), credential: None, expires: None });
        }
        credential::check_target(target)?;
        let Some(credential) = credential::shown(headers)? else { return Err(NotAdmitted::Missing) };
        self.verify(credential).await
    }

    /// Verifies what was shown.
    async fn verify(&self, credential: Credential) -> Result<Caller, NotAdmitted> {
        match &credential {
            Credential::Key(key) => {
                let known = self.keys.as_ref().and_then(|keys| keys.table().holder(key, unix_seconds()));
                let holder = known.ok_or(NotAdmitted::Invalid("api-key"))?;
                Ok(Caller { principal: holder.principal, expires: holder.expires, credential: Some(credential) })
            }
            Credential::Token => Err(NotAdmitted::Invalid("token")),
        }
    }

    /// Whether a caller would still be admitted as the same principal.
    async fn still_admits(&self, caller: &Caller) -> bool {
        if caller.expires.is_some_and(|expires| expires <= unix_seconds()) {
            return false;
        }
        match &caller.credential {
            None => true,
            Some(credential) => {
                self.verify(credential.clone()).await.is_ok_and(|again| again.principal == caller.principal)
            }
        }
    }

    /// Reads the keys again if their file has changed: revoking a key must not wait for anything else to be in order.
    pub(crate) fn refresh_keys(&self) {
        let Some(keys) = &self.keys else { return };
        match keys.refresh() {
            Ok(true) => crate::gateway::log(&format!(
                "the API keys in {} were read again: {} are not revoked",
                keys.file().path().display(),
                keys.table().len()
            )),
            Ok(false) => {}
            Err(error) => crate::gateway::log(&format!("{error}; the keys that were known stay in use")),
        }
    }
}

/// Waits until a caller's proof has ended: expired, revoked, or not valid under a new configuration.
pub(crate) async fn until_over(gateway: Arc<crate::gateway::Gateway>, caller: Caller) {
    loop {
        let left = caller.expires.map(|expires| {
            let seconds = u64::try_from(expires.saturating_sub(unix_seconds())).unwrap_or_default();
            Duration::from_secs(seconds)
        });
        tokio::time::sleep(left.map_or(STREAM_CHECK_EVERY, |left| left.min(STREAM_CHECK_EVERY))).await;
        let identity = Arc::clone(&gateway.snapshot.load().identity);
        if !identity.still_admits(&caller).await {
            return;
        }
    }
}

/// Seconds since 1970. With a clock before that every proof with an end counts as ended.
fn unix_seconds() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(i64::MAX, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
