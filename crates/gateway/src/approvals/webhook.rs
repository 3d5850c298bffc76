//! Tells a service of the operator's by HTTP that something waits: a signed message with what a person must see and, for
//! each person who is needed, a token that answers once. The answer comes back by the admin API, never in the response.
//!
//! Signed as the Standard Webhooks specification has it (`webhook-id`, `webhook-timestamp`, `webhook-signature`), with
//! the body under the signature. It is sent by the one fetcher that cannot be led astray, a few times at most, and
//! nothing waits for it: without it the other ways are still there.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use gatehold_evidence::Ledger;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use sha2::Sha256;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use super::hold::Hold;
use super::{new_id, unix_seconds};
use crate::fetch::{Bounds, FetchConfig, FetchFault, Fetched, Fetcher, Resolver};
use crate::gateway::log;
use crate::secrets::Secret;

/// Messages that wait to be sent. One more is dropped, and that is recorded.
const QUEUE_MAX: usize = 64;
/// How often one message is sent at most, and the time between: it doubles each time.
const TRIES_MAX: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// What one attempt may cost.
const BOUNDS: Bounds = Bounds { body_bytes_max: 4096, time: Duration::from_secs(5), follow_redirects: false };
/// A shorter secret could be guessed from one message.
pub(crate) const SECRET_BYTES_MIN: usize = 24;

/// Where to tell, and how to prove that it was us.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSettings {
    /// The URL. Https, or http on loopback where `fetch` allows it.
    pub url: String,
    /// What messages are signed with.
    pub secret: Secret,
    /// Whether the bytes that will be sent are told. Without them whoever approves must see them elsewhere.
    pub with_message: bool,
    /// What may be fetched from.
    pub fetch: FetchConfig,
}

impl fmt::Debug for WebhookSettings {
    /// Without the secret, and without the URL's query, which may hold one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("WebhookSettings").field("url", &url).finish_non_exhaustive()
    }
}

/// The sending end. When it is dropped the thread ends.
#[derive(Debug)]
pub(super) struct Webhook {
    queue: mpsc::Sender<Told>,
    with_message: bool,
}

/// One message for the service.
struct Told {
    hold: String,
    body: Zeroizing<Vec<u8>>,
}

/// The body.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    timestamp: i64,
    hold: &'a Hold,
    /// Whether `hold.message` is left out.
    message_omitted: bool,
    /// Tokens that answer once each: one for each person who is needed.
    tokens: Vec<&'a str>,
}

impl Webhook {
    /// Starts the thread that sends.
    pub(super) fn start(settings: WebhookSettings, ledger: Arc<Ledger>) -> std::io::Result<Self> {
        let (queue, mut told) = mpsc::channel::<Told>(QUEUE_MAX);
        let with_message = settings.with_message;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("webhook".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let fetcher = Arc::new(Fetcher::new(settings.fetch.clone(), Resolver::system()));
                let settings = Arc::new(settings);
                while let Some(told) = told.recv().await {
                    let (fetcher, settings, ledger) =
                        (Arc::clone(&fetcher), Arc::clone(&settings), Arc::clone(&ledger));
                    tokio::spawn(async move { tell(&fetcher, &settings, &ledger, &told).await });
                }
            });
        })?;
        Ok(Self { queue, with_message })
    }

    /// Tells that something waits. False when too much is waiting to be told already.
    pub(super) fn tell(&self, hold: &Hold, tokens: &[Zeroizing<String>]) -> bool {
        let shown = if self.with_message { hold.clone() } else { Hold { message: String::new(), ..hold.clone() } };
        let body = Body {
            r#type: "hold.opened",
            timestamp: unix_seconds(),
            hold: &shown,
            message_omitted: !self.with_message,
            tokens: tokens.iter().map(|token| token.as_str()).collect(),
        };
        let Ok(body) = serde_json::to_vec(&body) else { return false };
        self.queue.try_send(Told { hold: hold.id.clone(), body: Zeroizing::new(body) }).is_ok()
    }
}

/// Sends one message until it arrives, or has been tried often enough.
async fn tell(fetcher: &Fetcher, settings: &WebhookSettings, ledger: &Ledger, told: &Told) {
    // The same for every attempt, so that the receiver knows a repetition.
    let id = format!("msg_{}", new_id().unwrap_or_default());
    let mut pause = FIRST_PAUSE;
    for attempt in 1..=TRIES_MAX {
        let sent = send(fetcher, settings, &id, &told.body).await;
        let (outcome, goes_on) = match &sent {
            Ok(answer) if answer.status.is_success() => ("arrived".to_owned(), false),
            Ok(answer) => (format!("status {}", answer.status.as_u16()), answer.status.is_server_error()),
            Err(fault) => (fault.to_string(), fault.may_pass()),
        };
        let is_over = !goes_on || attempt == TRIES_MAX;
        if is_over {
            let event =
                if sent.is_ok_and(|answer| answer.status.is_success()) { "webhook_sent" } else { "webhook_failed" };
            let attempts = attempt.to_string();
            let fields = [("hold", &*told.hold), ("webhook", &id), ("attempts", &attempts), ("outcome", &outcome)];
            // Nothing hangs on it: a webhook permits nothing.
            let _unrecorded = ledger.lifecycle(event, &fields);
            if event == "webhook_failed" {
                log(&format!("the approvals webhook could not be told of {}: {outcome}", told.hold));
            }
            return;
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2);
    }
}

async fn send(fetcher: &Fetcher, settings: &WebhookSettings, id: &str, body: &[u8]) -> Result<Fetched, FetchFault> {
    let timestamp = unix_seconds().to_string();
    let signature = sign(settings.secret.reveal().as_bytes(), id, &timestamp, body);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in [("webhook-id", id), ("webhook-timestamp", &timestamp), ("webhook-signature", &signature)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    fetcher.post(&settings.url, headers, body.to_vec(), BOUNDS).await
}

/// The signature over id, time and body: `v1,` and the base 64 of an HMAC-SHA256 (Standard Webhooks, "Signature scheme").
fn sign(secret: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    // Keys of any length are taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests;
