//! HTTP/1.1 toward a server: connections kept alive and reused, one pool for each worker so that no connection is
//! polled from two threads.
//!
//! It follows no redirect (a redirect would send what was judged for one place to another) and asks for no compressed
//! answers, since what is forwarded must be what was inspected.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use crate::gateway::log;
use crate::upstream::connection::{AnswerBody, Connection};
use crate::upstream::resilience::{Breaker, Budget, Repeatable, Resilience, RetryConfig};
use crate::worker;

#[cfg(test)]
mod tests;

/// Idle connections kept for each server and worker.
const IDLE_MAX: usize = 256;
/// A connection that was not used for this long is closed: the server may have closed it, and nobody watches.
const IDLE_PATIENCE: Duration = Duration::from_secs(60);
/// How long connecting may take, TLS included.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a server could not be asked.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum HttpFault {
    /// No connection could be made.
    #[error("no connection to {0}: {1}")]
    Unreachable(String, String),
    /// The connection broke before an answer came.
    #[error("{0} closed the connection without an answer: {1}")]
    Broken(String, String),
    /// No answer in time.
    #[error("{0} did not answer within {1} seconds")]
    Late(String, u64),
    /// It failed so often that it is not asked for a while.
    #[error("{0} failed several times, so nothing is sent to it for another {1} seconds")]
    HeldBack(String, u64),
    /// We have no valid credentials for it.
    #[error("no credentials for {0}: {1}")]
    Credentials(String, String),
}

impl HttpFault {
    /// What whoever asked can do.
    pub(crate) fn advice(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::HeldBack(_, seconds) => {
                return format!(
                    "It failed several times, so it is not asked for a while. Try again in {seconds} seconds."
                )
                .into();
            }
            Self::Unreachable(..) => "It is not reachable; trying again later may help.",
            Self::Broken(..) => "It broke the connection off; whether it acted on the request is not known.",
            Self::Credentials(..) => "The gateway has no valid credentials for it; its operator can see why.",
            Self::Late(..) => "It was too late; whether it acted on the request is not known.",
        })
    }

    /// How long until trying again may help, where that is known.
    pub(crate) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::HeldBack(_, seconds) => Some(Duration::from_secs(*seconds)),
            Self::Unreachable(..) | Self::Broken(..) | Self::Late(..) | Self::Credentials(..) => None,
        }
    }
}

/// The address of an HTTP server, taken apart once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Scheme, host and port as given, for messages.
    pub(crate) shown: String,
    host: String,
    port: u16,
    secure: bool,
    authority: HeaderValue,
    path: String,
    target: Uri,
}

/// The connections to one server.
pub(crate) struct HttpClient {
    address: Address,
    tls: Option<TlsConnector>,
    answer_timeout: Duration,
    connect_timeout: Duration,
    breaker: Option<Breaker>,
    retries: RetryConfig,
    budget: Budget,
    idle: Vec<Mutex<VecDeque<(Instant, Connection)>>>,
}

impl Address {
    /// Takes a URL apart.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let uri: Uri = url.parse().map_err(|error| format!("this is not a URL: {error}"))?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("a URL must begin with http:// or https://".to_owned()),
        };
        let authority = uri.authority().ok_or("this URL names no host")?;
        if authority.as_str().contains('@') {
            return Err("a URL must not hold a user name or a password: put credentials under `headers`".to_owned());
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let shown = format!("{}://{authority}", if secure { "https" } else { "http" });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let authority = HeaderValue::from_str(authority.as_str()).map_err(|error| error.to_string())?;
        let target = path.parse().map_err(|error| format!("the path of this URL cannot be used: {error}"))?;
        Ok(Self { shown, host, port, secure, authority, path, target })
    }

    /// The path and query of the URL.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The path and query as the target of a request.
    pub(crate) fn target(&self) -> Uri {
        self.target.clone()
    }

    /// Whether it is reached over TLS.
    pub(crate) const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it is reached at this host and port.
    pub(crate) fn is_at(&self, authority: &http::uri::Authority) -> bool {
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case(&self.host) && authority.port_u16() == Some(self.port)
    }

    /// Whether another URL has the same scheme, host and port.
    pub(crate) fn same_origin(&self, other: &Self) -> bool {
        (self.secure, &self.host, self.port) == (other.secure, &other.host, other.port)
    }

    /// The same server under another path.
    pub(crate) fn with_path(&self, path: &str) -> Option<Self> {
        Some(Self { path: path.to_owned(), target: path.parse().ok()?, ..self.clone() })
    }
}

impl HttpClient {
    /// A client for one server. `tls` is needed for `https` only.
    pub(crate) fn new(address: Address, tls: Option<Arc<rustls::ClientConfig>>, answer_timeout: Duration) -> Self {
        let idle = (0..worker::COUNT_MAX).map(|_| Mutex::new(VecDeque::new())).collect();
        Self {
            address,
            tls: tls.map(TlsConnector::from),
            answer_timeout,
            connect_timeout: CONNECT_TIMEOUT,
            breaker: None,
            retries: RetryConfig::default(),
            budget: Budget::new(),
            idle,
        }
    }

    /// The same client, with what is done when the server fails.
    pub(crate) fn with_resilience(self, resilience: &Resilience) -> Self {
        Self {
            answer_timeout: resilience.first_byte_timeout.unwrap_or(self.answer_timeout),
            connect_timeout: resilience.connect_timeout.unwrap_or(self.connect_timeout),
            breaker: resilience.breaker.map(Breaker::new),
            retries: resilience.retries.clone(),
            ..self
        }
    }

    /// Where it connects to.
    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    /// Sends one request and waits for the head of its answer.
    pub(crate) async fn send(
        self: &Arc<Self>,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<AnswerBody>, HttpFault> {
        request.headers_mut().insert(HOST, self.address.authority.clone());
        match timeout(self.answer_timeout, self.send_again_and_again(request)).await {
            Ok(Ok((response, connection))) => {
                Ok(response.map(|body| AnswerBody::new(body, connection, Arc::clone(self))))
            }
            Ok(Err(fault)) => Err(fault),
            Err(_) => {
                self.note(false);
                Err(HttpFault::Late(self.address.shown.clone(), self.answer_timeout.as_secs()))
            }
        }
    }

    /// Sends, and sends again what is marked as repeatable while no answer comes, as often as is configured.
    async fn send_again_and_again(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(Response<Incoming>, Connection), HttpFault> {
        let is_repeatable = self.retries.count_max > 0 && request.extensions().get::<Repeatable>().is_some();
        if !is_repeatable {
            return self.send_once(request).await;
        }
        self.budget.deposit();
        let mut number = 0;
        loop {
            let sent = self.send_once(request.clone()).await;
            let is_worth_it = match &sent {
                Ok((response, _)) => matches!(response.status().as_u16(), 502..=504),
                Err(HttpFault::Unreachable(..) | HttpFault::Broken(..)) => true,
                Err(HttpFault::Late(..) | HttpFault::HeldBack(..) | HttpFault::Credentials(..)) => false,
            };
            if !is_worth_it || number >= self.retries.count_max || !self.budget.withdraw() {
                return sent;
            }
            drop(sent);
            tokio::time::sleep(self.retries.pause(number)).await;
            number += 1;
        }
    }

    /// Sends once, unless the server failed too often, and takes note of how it went.
    async fn send_once(&self, request: Request<Full<Bytes>>) -> Result<(Response<Incoming>, Connection), HttpFault> {
        if let Some(Err(wait)) = self.breaker.as_ref().map(|breaker| breaker.enter(Instant::now())) {
            return Err(HttpFault::HeldBack(self.address.shown.clone(), gatehold_decide::answer::seconds(wait)));
        }
        let sent = self.send_on_some(request).await;
        match &sent {
            Ok((response, _)) => {
                let counts = self.breaker.as_ref().is_some_and(Breaker::counts_5xx);
                self.note(!(counts && response.status().is_server_error()));
            }
            Err(_) => self.note(false),
        }
        sent
    }

    /// Takes note of whether the server answered.
    fn note(&self, has_answered: bool) {
        let Some(breaker) = &self.breaker else { return };
        if has_answered {
            breaker.succeeded();
        } else if breaker.failed(Instant::now()) {
            log(&format!("{} failed several times: it is not asked for a while", self.address.shown));
        }
    }

    /// Sends on a connection of the pool, or on a new one.
    async fn send_on_some(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<(Response<Incoming>, Connection), HttpFault> {
        while let Some(mut connection) = self.checkout() {
            if !connection.is_ready().await {
                continue;
            }
            match connection.send(request).await {
                Ok(response) => return Ok((response, connection)),
                // A connection that the server had closed meanwhile hands the request back unsent.
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(self.broken(error.error())),
                },
            }
        }
        let mut connection = self.connect().await?;
        match connection.send(request).await {
            Ok(response) => Ok((response, connection)),
            Err(error) => Err(self.broken(error.error())),
        }
    }

    fn broken(&self, error: &hyper::Error) -> HttpFault {
        HttpFault::Broken(self.address.shown.clone(), error.to_string())
    }

    fn checkout(&self) -> Option<Connection> {
        let mut idle = self.idle.get(worker::current())?.lock().unwrap_or_else(PoisonError::into_inner);
        // The one used last is the least likely to have been closed.
        idle.pop_back().map(|(_, connection)| connection)
    }

    async fn connect(&self) -> Result<Connection, HttpFault> {
        let unreachable = |cause: String| HttpFault::Unreachable(self.address.shown.clone(), cause);
        let connecting = async {
            let stream = TcpStream::connect((self.address.host.as_str(), self.address.port))
                .await
                .map_err(|error| unreachable(error.to_string()))?;
            stream.set_nodelay(true).map_err(|error| unreachable(error.to_string()))?;
            let begun = match (&self.tls, self.address.secure) {
                (Some(tls), true) => {
                    let name = ServerName::try_from(self.address.host.clone())
                        .map_err(|error| unreachable(error.to_string()))?;
                    let stream = tls.connect(name, stream).await.map_err(|error| unreachable(error.to_string()))?;
                    Connection::begin(stream).await
                }
                (None, true) => return Err(unreachable("TLS is not set up".to_owned())),
                (_, false) => Connection::begin(stream).await,
            };
            begun.map_err(|error| self.broken(&error))
        };
        timeout(self.connect_timeout, connecting)
            .await
            .unwrap_or_else(|_| Err(unreachable(format!("no answer within {} ms", self.connect_timeout.as_millis()))))
    }

    /// Keeps a connection whose answer was read to its end. Those that were not used for long are closed.
    pub(crate) fn put_back(&self, connection: Connection) {
        let Some(idle) = self.idle.get(worker::current()) else { return };
        let now = Instant::now();
        let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
        while idle.front().is_some_and(|(since, _)| now.duration_since(*since) > IDLE_PATIENCE) {
            idle.pop_front();
        }
        if idle.len() < IDLE_MAX {
            idle.push_back((now, connection));
        }
    }
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpClient").field("address", &self.address.shown).finish_non_exhaustive()
    }
}
