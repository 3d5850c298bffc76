//! Asks an authorization server about a token (RFC 7662), for tokens that say nothing of themselves or may be revoked at
//! any moment. An answer counts for a few seconds, and a server that does not answer lets nobody in.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::NotAdmitted;
use super::settings::{Introspection, Issuer};
use super::token::{self, Statement};
use crate::fetch::{Bounds, Fetcher};

/// How long an answer counts, in seconds: a revoked token is noticed within this time.
const HOLDS_SECONDS: i64 = 15;
/// Questions to one server at a time; more callers are told to come again.
const QUESTIONS_MAX: usize = 32;
/// Tokens that were not active and are not asked about again for a while.
const INACTIVE_MAX: usize = 10_000;
/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How long one question may take: a request waits for it.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// Asks one server.
#[derive(Debug)]
pub(super) struct Introspector {
    how: Introspection,
    turns: Semaphore,
    inactive: Mutex<HashMap<[u8; 32], i64>>,
}

impl Introspector {
    pub(super) fn new(how: Introspection) -> Self {
        Self { how, turns: Semaphore::new(QUESTIONS_MAX), inactive: Mutex::new(HashMap::new()) }
    }

    /// Until when an answer of `now` counts, in seconds since 1970.
    pub(super) const fn holds_until(&self, now: i64) -> i64 {
        now.saturating_add(HOLDS_SECONDS)
    }

    /// What the server says of a token.
    pub(super) async fn ask(
        &self,
        text: &str,
        issuer: &Issuer,
        leeway: i64,
        now: i64,
        fetcher: &Fetcher,
    ) -> Result<Statement, NotAdmitted> {
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        if self.is_inactive(&digest, now) {
            return Err(NotAdmitted::Invalid("inactive"));
        }
        let Ok(_turn) = self.turns.try_acquire() else { return Err(NotAdmitted::Unavailable("introspection")) };
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", text)
            .append_pair("token_type_hint", "access_token")
            .finish();
        let bounds = Bounds { body_bytes_max: ANSWER_BYTES_MAX, time: PATIENCE, follow_redirects: false };
        let fetched = fetcher.post(&self.how.url, self.headers()?, body, bounds).await.map_err(|fault| {
            crate::gateway::log(&format!("a token could not be asked about: {fault}"));
            NotAdmitted::Unavailable("introspection")
        })?;
        if !fetched.status.is_success() {
            let status = fetched.status.as_u16();
            crate::gateway::log(&format!("a token could not be asked about: the server answered HTTP {status}"));
            return Err(NotAdmitted::Unavailable("introspection"));
        }
        let answer = token::object(&fetched.body).map_err(|_| NotAdmitted::Unavailable("introspection"))?;
        if answer.get("active").and_then(gatehold_wire::json::Raw::as_bool) != Some(true) {
            self.remember_inactive(digest, now);
            return Err(NotAdmitted::Invalid("inactive"));
        }
        if answer.get("iss").is_some_and(|named| !named.is_str(&issuer.issuer)) {
            return Err(NotAdmitted::Invalid("issuer"));
        }
        token::statement(answer, &issuer.claims, leeway, now)
    }

    /// The form's type, and who we are (RFC 6749, section 2.3.1: both parts are form-encoded first).
    fn headers(&self) -> Result<HeaderMap, NotAdmitted> {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = Zeroizing::new(format!(
            "{}:{}",
            encoded(&self.how.client_id),
            *Zeroizing::new(encoded(self.how.client_secret.reveal()))
        ));
        let basic = Zeroizing::new(format!("Basic {}", *Zeroizing::new(STANDARD.encode(pair.as_bytes()))));
        let mut basic = HeaderValue::from_str(&basic).map_err(|_| NotAdmitted::Unavailable("introspection"))?;
        basic.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, basic);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        Ok(headers)
    }

    fn is_inactive(&self, digest: &[u8; 32], now: i64) -> bool {
        let inactive = self.inactive.lock().unwrap_or_else(PoisonError::into_inner);
        inactive.get(digest).is_some_and(|until| *until > now)
    }

    fn remember_inactive(&self, digest: [u8; 32], now: i64) {
        let mut inactive = self.inactive.lock().unwrap_or_else(PoisonError::into_inner);
        if inactive.len() >= INACTIVE_MAX {
            inactive.retain(|_, until| *until > now);
        }
        if inactive.len() < INACTIVE_MAX {
            inactive.insert(digest, self.holds_until(now));
        }
    }
}
