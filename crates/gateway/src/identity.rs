//! Who calls: every request of a client is admitted here, once, before anything is made of it, and a handler cannot
//! be reached without the `Caller` that only admission makes. What is open to everybody is a closed list.
//!
//! It never passes a credential on, never records one, and never says why one was refused beyond what RFC 6750 says.

use std::sync::Arc;
use std::time::Duration;

use gatehold_session::Principal;
use gatehold_session::principal::Proof;
use gatehold_wire::Message;
use http::header::HeaderMap;
use http::{Method, Response, Uri};

pub mod keys;
pub mod settings;

mod certificate;
mod challenge;
mod credential;
pub(crate) mod handle;
pub(crate) mod hex;
mod introspection;
mod issuers;
mod key_set;
mod metadata;
mod refusals;
mod scopes;
mod signature;
pub(crate) mod tasks;
mod token;
mod verified;

pub(crate) use certificate::Names;
pub use certificate::{CertificateRule, NameKind};
pub(crate) use credential::{API_KEY, holds_own_key};
pub(crate) use refusals::Refusals;
pub use settings::Authentication;
pub use signature::Algorithm;

use crate::body::Body;
use crate::fetch::Fetcher;
use crate::gateway::Gateway;
use crate::listen::tls::{Shown, Tls};
use credential::Credential;
use issuers::Issuers;
use keys::{KeyFile, KeyStore};

/// How often the credential of a stream that is open is checked again: a revoked key or a new key set is noticed
/// within this time.
const STREAM_CHECK_EVERY: Duration = Duration::from_secs(2);

/// What a connection itself proves about who is at its other end.
#[derive(Debug, Clone)]
pub(crate) enum Peer {
    /// A user of this machine, whom the kernel names.
    Local(Principal),
    /// Somebody on the network, with the certificate that it has shown.
    Network(Option<Arc<Shown>>),
}

/// A verified caller of one request. Only `Identity::admit` makes one.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    principal: Principal,
    proven: Proven,
    /// Seconds since 1970 at which the proof ends.
    expires: Option<i64>,
}

/// What proves who it is, for streams that may outlive it.
#[derive(Debug, Clone)]
enum Proven {
    /// Nothing that ends: a user of this machine, or nobody in particular.
    ByConnection,
    /// A key or a token, and the path of the request that showed it.
    By(Credential, Box<str>),
    /// A client certificate.
    ByCertificate(Arc<Shown>),
}

/// Why a request is not admitted. The words are for the record, but for those of `Malformed`, which its sender reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAdmitted {
    /// It shows nothing.
    Missing,
    /// What it shows cannot be read as a credential, or shows it where none may stand.
    Malformed(&'static str),
    /// What it shows is not valid, or not any more.
    Invalid(&'static str),
    /// What it shows cannot be checked at the moment.
    Unavailable(&'static str),
}

/// What is known about callers; a part of the snapshot.
#[derive(Debug)]
pub(crate) struct Identity {
    settings: Option<Arc<Authentication>>,
    keys: Option<KeyStore>,
    issuers: Option<Issuers>,
    tls: Option<Arc<Tls>>,
    anonymous: Principal,
}

impl Caller {
    /// Who calls, with the attributes of this request's own proof.
    pub(crate) const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Whether the proof may end while a stream is open.
    pub(crate) const fn can_end(&self) -> bool {
        !matches!(self.proven, Proven::ByConnection)
    }
}

impl Identity {
    /// Reads what the settings name. Key sets of `old` that have not changed are kept, so that a reload forgets no keys.
    ///
    /// # Errors
    /// A file cannot be used.
    pub(crate) fn new(
        settings: Option<&Arc<Authentication>>,
        tls: Option<Arc<Tls>>,
        fetcher: &Arc<Fetcher>,
        old: Option<&Self>,
    ) -> Result<Self, String> {
        let keys = settings.and_then(|settings| settings.api_keys.clone());
        let keys = keys.map(|path| KeyStore::open(KeyFile::at(path))).transpose().map_err(|error| error.to_string())?;
        let issuers = match settings {
            Some(settings) if !settings.issuers.is_empty() => {
                let old = old.and_then(|old| old.issuers.as_ref());
                Some(Issuers::new(settings, Arc::clone(fetcher), old)?)
            }
            _ => None,
        };
        let anonymous = Principal::new("anonymous", Proof::Anonymous);
        Ok(Self { settings: settings.cloned(), keys, issuers, tls, anonymous })
    }

    /// Says who sends a request, from what it shows and what its connection proves.
    pub(crate) async fn admit(&self, peer: &Peer, target: &Uri, headers: &HeaderMap) -> Result<Caller, NotAdmitted> {
        let by_connection = |principal: &Principal| Caller {
            principal: principal.clone(),
            proven: Proven::ByConnection,
            expires: None,
        };
        let certificate = match peer {
            Peer::Local(principal) => return Ok(by_connection(principal)),
            Peer::Network(certificate) => certificate,
        };
        if self.settings.is_none() {
            return Ok(by_connection(&self.anonymous));
        }
        credential::check_target(target)?;
        let proven = match (credential::shown(headers)?, certificate) {
            (Some(credential), _) => Proven::By(credential, target.path().into()),
            (None, Some(certificate)) => Proven::ByCertificate(Arc::clone(certificate)),
            (None, None) => return Err(NotAdmitted::Missing),
        };
        self.verify(proven).await
    }

    /// Verifies what was shown.
    async fn verify(&self, proven: Proven) -> Result<Caller, NotAdmitted> {
        let settings = self.settings.as_ref().ok_or(NotAdmitted::Missing)?;
        let now = unix_seconds();
        let (principal, expires) = match &proven {
            Proven::ByConnection => return Err(NotAdmitted::Missing),
            Proven::By(Credential::Key(key), _) => {
                let known = self.keys.as_ref().and_then(|keys| keys.table().holder(key, now));
                let holder = known.ok_or(NotAdmitted::Invalid("api-key"))?;
                (holder.principal, holder.expires)
            }
            Proven::By(Credential::Token(token), path) => {
                let issuers = self.issuers.as_ref().ok_or(NotAdmitted::Invalid("token"))?;
                let resource = settings.resource.as_ref();
                let here = resource.map(|resource| metadata::audiences(resource, path)).unwrap_or_default();
                let verified = issuers.verify(token.text(), &here, now).await?;
                (verified.principal.clone(), verified.expires)
            }
            Proven::ByCertificate(certificate) => {
                // A certificate that only opens the connection proves nothing more.
                let rule = settings.certificates.as_ref().ok_or(NotAdmitted::Missing)?;
                let is_trusted = self.tls.as_ref().is_some_and(|tls| tls.still_trusts(certificate));
                if !is_trusted {
                    return Err(NotAdmitted::Invalid("certificate"));
                }
                (certificate.names.principal(rule, now)?, Some(certificate.names.expires))
            }
        };
        Ok(Caller { principal, proven, expires })
    }

    /// Whether a caller would still be admitted as the same principal.
    async fn still_admits(&self, caller: &Caller) -> bool {
        if caller.expires.is_some_and(|expires| expires <= unix_seconds()) {
            return false;
        }
        self.verify(caller.proven.clone()).await.is_ok_and(|again| again.principal == caller.principal)
    }

    /// The answer that everybody may have, where a path has one: the documents about the resource, and nothing else.
    pub(crate) fn open_to_all(&self, method: &Method, path: &str) -> Option<Response<Body>> {
        metadata::serve(self.settings.as_deref(), method, path)
    }

    /// The answer to a request that is not admitted.
    pub(crate) fn refused(&self, why: NotAdmitted, path: &str) -> Response<Body> {
        let settings = self.settings.clone().unwrap_or_default();
        challenge::refused(why, &settings, path)
    }

    /// The refusal of messages that need scopes which their caller does not have: HTTP 403, with all that they need.
    pub(crate) fn lacks_scopes<'m>(
        &self,
        caller: &Caller,
        (server, path): (&str, &str),
        messages: impl Iterator<Item = &'m Message>,
    ) -> Option<Response<Body>> {
        let settings = self.settings.as_ref()?;
        let needed = settings.needed(server, messages);
        (!scopes::has_all(&caller.principal, &needed)).then(|| challenge::insufficient(&needed, settings, path))
    }

    /// Whether some messages need scopes.
    pub(crate) fn has_scopes(&self) -> bool {
        self.settings.as_ref().is_some_and(|settings| !settings.all_scopes().is_empty())
    }

    /// Whether clients prove who they are to us, so that what they show is meant for us.
    pub(crate) const fn authenticates(&self) -> bool {
        self.settings.is_some()
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
pub(crate) async fn until_over(gateway: Arc<Gateway>, caller: Caller) {
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
