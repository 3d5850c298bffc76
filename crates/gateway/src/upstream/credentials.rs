//! The gateway as OAuth client of the servers behind it: it gets access tokens, keeps them in memory, renews them before
//! they end, and puts them on requests. Each token is for one server (RFC 8707) and, where it was exchanged for a
//! caller's, for that caller alone.
//!
//! A caller's own token is never passed on. A request never goes out without the credentials that were configured for it.
//! No token and no secret stands in a message, a record or on a disk.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::{Instant, timeout};
use url::Url;

use crate::fetch::{FetchConfig, Fetcher, Resolver};
use crate::secrets::Secret;
use crate::upstream::connection::AnswerBody;
use crate::upstream::http::{HttpClient, HttpFault};

mod challenge;
mod discovery;
mod settings;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use challenge::is_scope;
use challenge::{Challenge, Scopes};
use discovery::{Issuer, Resource};
pub(crate) use settings::{ALGORITHMS, signing_key};
pub use settings::{AuthConfig, Client, ClientProof, Grant, SubjectToken};
use token::{ASSERTION_TYPE, Form, Granted, Wanted};

/// Callers whose tokens are kept for one server. With more, those that were not used for longest make room.
const CALLERS_MAX: usize = 10_000;
/// How long metadata is used before it is fetched again.
const METADATA_FRESH: Duration = Duration::from_secs(3600);
/// How long the question what a server wants may take.
const PROBE_PATIENCE: Duration = Duration::from_secs(10);
/// A token is renewed this long before its end, or after nine tenths of a shorter life.
const RENEWAL_MARGIN: Duration = Duration::from_secs(60);
/// After a failure nothing is asked for this long, twice as long after each further one, up to the second.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// How often a caller's scopes may grow because the server wants more.
const STEP_UPS_MAX: u32 = 8;

/// Why there are no credentials. The words are for the operator and hold no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(crate) struct CredentialFault {
    kind: Kind,
    why: String,
}

/// What can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It may pass by itself.
    Passing,
    /// Somebody has to change something.
    Lasting,
    /// What was to be exchanged or refreshed is not accepted.
    GrantRefused,
    /// The caller showed nothing that could be exchanged.
    NoCaller,
}

/// The credentials for one server.
pub(crate) struct Credentials {
    config: AuthConfig,
    server: Url,
    /// Asks the server without a message what it wants.
    client: Arc<HttpClient>,
    /// The headers that stand on every request to the server.
    headers: HeaderMap,
    fetch: FetchConfig,
    fetcher: Fetcher,
    metadata: AsyncMutex<Metadata>,
    slots: Mutex<HashMap<[u8; 32], Arc<Slot>>>,
}

/// What is known about where tokens come from.
#[derive(Default)]
struct Metadata {
    found: Option<(Arc<Found>, Instant)>,
    failed: Option<Failed>,
    /// What the server said when it refused last: it is asked for first.
    challenge: Option<Challenge>,
}

struct Found {
    resource: Resource,
    issuer: Issuer,
    /// The identity provider, where one is asked first.
    provider: Option<Issuer>,
    /// The scopes of the first challenge.
    challenged: Option<Scopes>,
}

/// The token of one caller (or of ourselves).
#[derive(Default)]
struct Slot {
    state: Mutex<State>,
    /// Held by whoever asks for a token: others wait, or use what there is.
    flight: AsyncMutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// A refresh token, and the scopes that it is good for.
    refresh: Option<(Secret, Scopes)>,
    /// What the server has demanded so far.
    demanded: Scopes,
    step_ups: u32,
    failed: Option<Failed>,
    used: Option<Instant>,
}

#[derive(Clone)]
struct Held {
    token: Secret,
    since: Instant,
    renew_at: Instant,
    good_until: Instant,
    scopes: Scopes,
}

/// A failure that is remembered, so that it is not repeated with every call.
#[derive(Clone)]
struct Failed {
    fault: CredentialFault,
    until: Instant,
    pause: Duration,
}

impl CredentialFault {
    fn new(kind: Kind, why: impl Into<String>) -> Self {
        Self { kind, why: why.into() }
    }
}

impl Failed {
    /// Notes a failure after an earlier one.
    fn after(earlier: Option<&Self>, fault: CredentialFault) -> Self {
        let pause = earlier.map_or(PAUSE_FIRST, |earlier| (earlier.pause * 2).min(PAUSE_MAX));
        Self { fault, until: Instant::now() + pause, pause }
    }

    fn holds(&self) -> bool {
        Instant::now() < self.until
    }
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token was not accepted.
    fn refused(&self, held: &Held, demanded: Scopes) {
        let mut state = self.state();
        state.demanded.extend(demanded);
        // Somebody may have got a new one meanwhile.
        state.held.take_if(|now| now.since == held.since);
    }

    /// The token's scopes do not suffice. True when asking for more may help: the server has named some that were not
    /// asked for yet, and has not done so too often.
    fn step_up(&self, held: &Held, demanded: Scopes) -> bool {
        let mut state = self.state();
        if demanded.is_subset(&state.demanded) || state.step_ups >= STEP_UPS_MAX {
            return false;
        }
        // What was granted before stays: dropping it would make the next call ask for it again.
        state.demanded.extend(held.scopes.iter().cloned());
        state.demanded.extend(demanded);
        state.step_ups += 1;
        state.held.take_if(|now| now.since == held.since);
        true
    }
}

impl Credentials {
    /// Credentials for the server at `server`, which `client` reaches.
    pub(crate) fn new(
        config: AuthConfig,
        server: Url,
        (client, headers): (Arc<HttpClient>, HeaderMap),
        fetch: FetchConfig,
    ) -> Self {
        let fetcher = Fetcher::new(fetch.clone(), Resolver::system());
        let (metadata, slots) = (AsyncMutex::default(), Mutex::default());
        Self { config, server, client, headers, fetch, fetcher, metadata, slots }
    }

    /// What these credentials may fetch from: with other rules they have to be made anew.
    pub(crate) const fn fetch_config(&self) -> &FetchConfig {
        &self.fetch
    }

    /// Whether tokens are exchanged for the caller's.
    pub(crate) const fn wants_subject(&self) -> bool {
        match &self.config.grant {
            Grant::TokenExchange { fixed, .. } | Grant::IdentityAssertion { fixed, .. } => fixed.is_none(),
            Grant::ClientCredentials | Grant::Assertion(_) | Grant::RefreshToken(_) => false,
        }
    }

    /// Sends a request with a token. `subject` is the caller's own verified token, for grants that exchange it.
    ///
    /// A request that is refused as unauthenticated, or for want of scopes, was not acted on: it is sent again once, with
    /// the same bytes and a new token.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
        subject: Option<&Secret>,
    ) -> Result<Response<AnswerBody>, HttpFault> {
        let failed = |fault: CredentialFault| HttpFault::Credentials(self.client.address().shown.clone(), fault.why);
        let subject = self.fixed().or(subject);
        let slot = self.slot(subject).map_err(failed)?;
        let held = self.token(&slot, subject).await.map_err(failed)?;
        let response = self.send_with(&held, request.clone()).await?;
        let (status, challenge) = (response.status(), Challenge::of(response.headers()));
        if !self.learn(&slot, &held, status, challenge).await {
            return self.finish(&slot, &held, response);
        }
        // Its body says nothing that is needed.
        drop(response);
        let held = self.token(&slot, subject).await.map_err(failed)?;
        let response = self.send_with(&held, request).await?;
        self.finish(&slot, &held, response)
    }

    /// The token that is exchanged instead of the caller's.
    const fn fixed(&self) -> Option<&Secret> {
        match &self.config.grant {
            Grant::TokenExchange { fixed, .. } | Grant::IdentityAssertion { fixed, .. } => fixed.as_ref(),
            Grant::ClientCredentials | Grant::Assertion(_) | Grant::RefreshToken(_) => None,
        }
    }

    async fn send_with(
        &self,
        held: &Held,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<AnswerBody>, HttpFault> {
        let unusable =
            || HttpFault::Credentials(self.client.address().shown.clone(), "the token is unusable".to_owned());
        request.headers_mut().insert(AUTHORIZATION, held.token.header("Bearer ").ok_or_else(unusable)?);
        self.client.send(request).await
    }

    /// Learns from a refusal. True when a new token may help.
    async fn learn(&self, slot: &Slot, held: &Held, status: StatusCode, challenge: Option<Challenge>) -> bool {
        let demanded = challenge.as_ref().and_then(|challenge| challenge.scope.clone()).unwrap_or_default();
        let demanded = self.allowed(demanded);
        match status {
            StatusCode::UNAUTHORIZED => {
                slot.refused(held, demanded);
                self.reconsider(challenge).await;
                true
            }
            StatusCode::FORBIDDEN => {
                let error = challenge.and_then(|challenge| challenge.error);
                error.as_deref() == Some("insufficient_scope") && slot.step_up(held, demanded)
            }
            _ => false,
        }
    }

    /// What the caller of `send` gets: never a refusal of our credentials, which would tell a client to authorize itself
    /// at a server that it does not talk to.
    fn finish(
        &self,
        slot: &Slot,
        held: &Held,
        mut response: Response<AnswerBody>,
    ) -> Result<Response<AnswerBody>, HttpFault> {
        response.headers_mut().remove(WWW_AUTHENTICATE);
        if response.status() != StatusCode::UNAUTHORIZED {
            slot.state().failed = None;
            return Ok(response);
        }
        let fault = CredentialFault::new(Kind::Lasting, "it refuses the token that its issuer has just given");
        let mut state = slot.state();
        state.held.take_if(|now| now.since == held.since);
        state.failed = Some(Failed::after(state.failed.as_ref(), fault.clone()));
        Err(HttpFault::Credentials(self.client.address().shown.clone(), fault.why))
    }

    /// What the operator allows of what the server demands.
    fn allowed(&self, demanded: Scopes) -> Scopes {
        match &self.config.scopes {
            Some(allowed) => demanded.into_iter().filter(|scope| allowed.contains(scope)).collect(),
            None => demanded,
        }
    }

    /// The place of a caller's token, named by a digest of what it is exchanged for.
    fn slot(&self, subject: Option<&Secret>) -> Result<Arc<Slot>, CredentialFault> {
        let key = match (&self.config.grant, subject) {
            (Grant::ClientCredentials | Grant::Assertion(_) | Grant::RefreshToken(_), _) => [0; 32],
            (Grant::TokenExchange { .. } | Grant::IdentityAssertion { .. }, Some(subject)) => {
                Sha256::digest(subject.reveal().as_bytes()).into()
            }
            (Grant::TokenExchange { .. } | Grant::IdentityAssertion { .. }, None) => {
                let why = "it takes tokens in exchange for the caller's, and the caller has shown none";
                return Err(CredentialFault::new(Kind::NoCaller, why));
            }
        };
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if !slots.contains_key(&key) && slots.len() >= CALLERS_MAX {
            make_room(&mut slots);
        }
        let slot = Arc::clone(slots.entry(key).or_default());
        slot.state().used = Some(Instant::now());
        Ok(slot)
    }

    /// A token: the one that is held, or a new one. Of several that need one at a time, one asks.
    async fn token(&self, slot: &Slot, subject: Option<&Secret>) -> Result<Held, CredentialFault> {
        if let Some(answer) = ready(slot) {
            return answer;
        }
        let good = slot.state().held.clone().filter(|held| Instant::now() < held.good_until);
        let _flight = match (&good, slot.flight.try_lock()) {
            (_, Ok(flight)) => flight,
            // Another renews it already, and until then it is still good.
            (Some(held), Err(_)) => return Ok(held.clone()),
            (None, Err(_)) => slot.flight.lock().await,
        };
        if let Some(answer) = ready(slot) {
            return answer;
        }
        match self.obtain(slot, subject).await {
            Ok(held) => {
                // Whether it is any good shows when the server sees it: until then an earlier failure is not forgotten.
                slot.state().held = Some(held.clone());
                Ok(held)
            }
            Err(fault) => {
                let mut state = slot.state();
                state.failed = Some(Failed::after(state.failed.as_ref(), fault.clone()));
                good.ok_or(fault)
            }
        }
    }

    /// Gets a new token: with a refresh token if there is one that is enough, else by the grant.
    async fn obtain(&self, slot: &Slot, subject: Option<&Secret>) -> Result<Held, CredentialFault> {
        let found = self.metadata().await?;
        let (refresh, scopes) = {
            let state = slot.state();
            let scopes = self.scopes(&state.demanded, &found);
            let enough = state.refresh.as_ref().filter(|(_, granted)| scopes.is_subset(granted));
            (enough.map(|(refresh, _)| refresh.clone()), scopes)
        };
        let granted = match refresh {
            Some(refresh) => match self.refresh(&found, &refresh, &scopes).await {
                Err(fault) if fault.kind == Kind::GrantRefused => {
                    slot.state().refresh = None;
                    self.grant(&found, subject, &scopes).await?
                }
                refreshed => refreshed?,
            },
            None => self.grant(&found, subject, &scopes).await?,
        };
        Ok(keep(slot, granted, scopes))
    }

    /// The scopes to ask for: what was demanded, else what the resource lists; within what the operator allows.
    fn scopes(&self, demanded: &Scopes, found: &Found) -> Scopes {
        let mut wanted = demanded.clone();
        wanted.extend(self.allowed(found.challenged.clone().unwrap_or_default()));
        if !wanted.is_empty() {
            return wanted;
        }
        match &self.config.scopes {
            Some(allowed) => allowed.iter().cloned().collect(),
            None => found.resource.scopes.clone().unwrap_or_default(),
        }
    }

    async fn grant(
        &self,
        found: &Found,
        subject: Option<&Secret>,
        scopes: &Scopes,
    ) -> Result<Granted, CredentialFault> {
        let resource = found.resource.id.as_str();
        let (issuer, client) = (&found.issuer, &self.config.client);
        let of_caller = || subject.ok_or_else(|| CredentialFault::new(Kind::NoCaller, "the caller has shown no token"));
        let exchange = |subject: &Secret, kind: SubjectToken| {
            Form::new("urn:ietf:params:oauth:grant-type:token-exchange")
                .with("subject_token", subject.reveal())
                .with("subject_token_type", kind.urn())
                .with("resource", resource)
        };
        match &self.config.grant {
            Grant::ClientCredentials => {
                let form = Form::new("client_credentials").with("resource", resource).with_scopes(scopes);
                token::ask(&self.fetcher, issuer, client, form, Wanted::Access).await
            }
            Grant::TokenExchange { audience, subject: kind, .. } => {
                let form = exchange(of_caller()?, *kind)
                    .with("requested_token_type", SubjectToken::Access.urn())
                    .with_some("audience", audience.as_deref())
                    .with_scopes(scopes);
                token::ask(&self.fetcher, issuer, client, form, Wanted::Access).await
            }
            Grant::IdentityAssertion { client: at_provider, subject: kind, .. } => {
                let provider = found.provider.as_ref();
                let provider = provider.ok_or_else(|| CredentialFault::new(Kind::Lasting, "no identity provider"))?;
                let form = exchange(of_caller()?, *kind)
                    .with("requested_token_type", ASSERTION_TYPE)
                    .with("audience", &issuer.issuer)
                    .with_scopes(scopes);
                let assertion = token::ask(&self.fetcher, provider, at_provider, form, Wanted::Assertion).await?;
                let form = bearing(&assertion.token, resource).with_scopes(scopes);
                token::ask(&self.fetcher, issuer, client, form, Wanted::Access).await
            }
            Grant::Assertion(assertion) => {
                let form = bearing(assertion, resource).with_scopes(scopes);
                token::ask(&self.fetcher, issuer, client, form, Wanted::Access).await
            }
            Grant::RefreshToken(refresh) => {
                let refreshed = self.refresh(found, refresh, scopes).await;
                refreshed.map_err(|fault| match fault.kind {
                    Kind::GrantRefused => {
                        let why =
                            format!("{}: the refresh token of the configuration is used up or revoked", fault.why);
                        CredentialFault::new(Kind::Lasting, why)
                    }
                    _ => fault,
                })
            }
        }
    }

    async fn refresh(&self, found: &Found, refresh: &Secret, scopes: &Scopes) -> Result<Granted, CredentialFault> {
        let form = Form::new("refresh_token")
            .with("refresh_token", refresh.reveal())
            .with("resource", &found.resource.id)
            .with_scopes(scopes);
        token::ask(&self.fetcher, &found.issuer, &self.config.client, form, Wanted::Access).await
    }

    /// Where tokens come from, fetched once an hour.
    async fn metadata(&self) -> Result<Arc<Found>, CredentialFault> {
        let mut metadata = self.metadata.lock().await;
        if let Some((found, since)) = &metadata.found
            && since.elapsed() < METADATA_FRESH
        {
            return Ok(Arc::clone(found));
        }
        if let Some(failed) = metadata.failed.as_ref().filter(|failed| failed.holds()) {
            return Err(failed.fault.clone());
        }
        let challenge = match &metadata.challenge {
            Some(challenge) => Some(challenge.clone()),
            None => self.probe().await,
        };
        match self.discover(challenge).await {
            Ok(found) => {
                let found = Arc::new(found);
                metadata.found = Some((Arc::clone(&found), Instant::now()));
                metadata.failed = None;
                Ok(found)
            }
            Err(fault) => {
                metadata.failed = Some(Failed::after(metadata.failed.as_ref(), fault.clone()));
                Err(fault)
            }
        }
    }

    async fn discover(&self, challenge: Option<Challenge>) -> Result<Found, CredentialFault> {
        let named = &self.config.issuer;
        let mut resource = discovery::resource(&self.fetcher, &self.server, named, challenge.as_ref()).await?;
        if let Some(id) = &self.config.resource {
            resource.id.clone_from(id);
        }
        let issuer = discovery::issuer(&self.fetcher, named).await?;
        let provider = match &self.config.grant {
            Grant::IdentityAssertion { issuer, .. } => Some(discovery::issuer(&self.fetcher, issuer).await?),
            Grant::ClientCredentials | Grant::TokenExchange { .. } | Grant::Assertion(_) | Grant::RefreshToken(_) => {
                None
            }
        };
        Ok(Found { resource, issuer, provider, challenged: challenge.and_then(|challenge| challenge.scope) })
    }

    /// Takes a challenge into account: what it says about metadata replaces what was found otherwise.
    async fn reconsider(&self, challenge: Option<Challenge>) {
        let Some(challenge) = challenge else { return };
        let mut metadata = self.metadata.lock().await;
        if metadata.challenge.as_ref().and_then(|known| known.resource_metadata.as_ref())
            != challenge.resource_metadata.as_ref()
        {
            metadata.found = None;
        }
        metadata.challenge = Some(challenge);
    }

    /// Asks the server what it wants: requests without a message and without credentials, which it refuses. Servers of
    /// this kind refuse a POST, those of 2024-11-05 a GET.
    async fn probe(&self) -> Option<Challenge> {
        for (method, body) in [(Method::POST, &b"{}"[..]), (Method::GET, b"")] {
            let mut request = Request::new(Full::new(Bytes::from_static(body)));
            *request.method_mut() = method;
            *request.uri_mut() = self.client.address().target();
            *request.headers_mut() = self.headers.clone();
            let headers = request.headers_mut();
            headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.remove(AUTHORIZATION);
            // Whoever does not answer this will not answer the request either, and then it is told.
            let response = timeout(PROBE_PATIENCE, self.client.send(request)).await.ok()?.ok()?;
            if response.status() == StatusCode::UNAUTHORIZED {
                return Challenge::of(response.headers());
            }
        }
        None
    }
}

/// The form that shows an assertion (RFC 7523).
fn bearing(assertion: &Secret, resource: &str) -> Form {
    Form::new("urn:ietf:params:oauth:grant-type:jwt-bearer")
        .with("assertion", assertion.reveal())
        .with("resource", resource)
}

/// What there is without asking: a token that needs no renewal, or a failure that is not to be repeated yet.
fn ready(slot: &Slot) -> Option<Result<Held, CredentialFault>> {
    let state = slot.state();
    let now = Instant::now();
    let good = state.held.as_ref().filter(|held| now < held.good_until);
    if let Some(held) = good.filter(|held| now < held.renew_at) {
        return Some(Ok(held.clone()));
    }
    let failed = state.failed.as_ref().filter(|failed| failed.holds())?;
    Some(good.cloned().ok_or_else(|| failed.fault.clone()))
}

/// Puts what was granted into a slot.
fn keep(slot: &Slot, granted: Granted, asked: Scopes) -> Held {
    let now = Instant::now();
    let margin = RENEWAL_MARGIN.min(granted.lifetime / 10);
    let scopes = granted.scopes.unwrap_or(asked);
    if let Some(refresh) = granted.refresh {
        slot.state().refresh = Some((refresh, scopes.clone()));
    }
    Held {
        token: granted.token,
        since: now,
        renew_at: now + granted.lifetime.saturating_sub(margin),
        good_until: now + granted.lifetime,
        scopes,
    }
}

/// Takes out a tenth of the slots: those that were not used for longest.
fn make_room(slots: &mut HashMap<[u8; 32], Arc<Slot>>) {
    let mut by_use: Vec<_> = slots.iter().map(|(key, slot)| (slot.state().used, *key)).collect();
    by_use.sort_unstable();
    for (_, key) in by_use.into_iter().take(CALLERS_MAX / 10) {
        slots.remove(&key);
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("issuer", &self.config.issuer).finish_non_exhaustive()
    }
}
