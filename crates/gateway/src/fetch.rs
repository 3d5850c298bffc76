//! The one way in which the gateway fetches something on its own account: metadata, key sets, tokens, introspection,
//! webhooks, secrets. Whoever names the URL must not gain by it a look at the network that we stand in.
//!
//! Only https (http on loopback where the configuration allows it); a name is resolved once, every address that it has
//! is checked, and the connection goes to a checked one; redirects are refused, or followed a few times with every hop
//! checked anew; sizes and times are bounded; nothing is decompressed. It never carries a client's traffic: that is
//! `upstream`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, COOKIE, HOST, HeaderMap, HeaderValue, LOCATION,
    PROXY_AUTHORIZATION, USER_AGENT,
};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

pub mod address;
mod resolve;
mod target;
#[cfg(test)]
mod tests;
mod trust;

pub use address::{Admitted, Network};
pub use resolve::{Resolver, Resolving};
pub use target::Target;
pub(crate) use trust::read_key;
pub use trust::{client_settings, read_certificates};

/// Fetches at a time; others wait within their own time.
const FETCHES_MAX: usize = 64;
/// Redirects that are followed where the caller wants any followed.
const REDIRECTS_MAX: usize = 3;
/// Headers of an answer, and bytes of its head.
const HEADERS_MAX: usize = 100;
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// How long one address may take to connect, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What the operator says about fetching: the section `fetch` of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FetchConfig {
    /// What is admitted although it is not public.
    pub allow: Vec<Admitted>,
    /// Whether loopback is fetched from, with plain HTTP too.
    pub http_on_loopback: bool,
    /// Certificates trusted besides those of the operating system: a PEM file.
    pub ca: Option<PathBuf>,
}

/// What one fetch may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of the body of the answer.
    pub body_bytes_max: usize,
    /// From the beginning to the last byte, redirects included.
    pub time: Duration,
    /// Whether redirects are followed, which only a GET may ask for. Otherwise a redirect is a fault.
    pub follow_redirects: bool,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { body_bytes_max: 256 * 1024, time: Duration::from_secs(10), follow_redirects: false }
    }
}

/// What came back. Any status but a redirect is an answer; what it means is for the caller to say.
pub struct Fetched {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, wiped when it is dropped: it may hold tokens.
    pub body: Zeroizing<Vec<u8>>,
    /// Where it came from in the end.
    pub target: Target,
}

/// Why nothing came back. The words name scheme, host, port and path, never a query, a header or a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchFault {
    /// The URL is not one that is fetched.
    #[error("{0}")]
    Url(String),
    /// It leads to an address that is not fetched from.
    #[error("{host} leads to {address}, which is {why}: add it to `fetch.allow` if that is meant")]
    Blocked {
        /// The host as it stands in the URL.
        host: String,
        /// The address that it leads to.
        address: IpAddr,
        /// What kind of address it is.
        why: String,
    },
    /// No connection could be made.
    #[error("no connection to {0}: {1}")]
    Unreachable(String, String),
    /// The connection broke, or what came is not HTTP.
    #[error("{0} broke off: {1}")]
    Broken(String, String),
    /// It took too long.
    #[error("{0} did not answer within {1} ms")]
    Late(String, u128),
    /// The answer is larger than allowed.
    #[error("{0} answered with more than {1} bytes")]
    TooLarge(String, usize),
    /// The answer is a redirect, which is not followed, or one too many.
    #[error("{0} answered with a redirect, which is not followed")]
    Redirected(String),
    /// The body is compressed, which was not asked for.
    #[error("{0} answered with an encoded body, which was not asked for")]
    Encoded(String),
}

impl FetchFault {
    /// Whether the same fetch may succeed later without anybody changing anything here.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(..) | Self::Broken(..) | Self::Late(..) => true,
            Self::Url(_) | Self::Blocked { .. } | Self::TooLarge(..) | Self::Redirected(_) | Self::Encoded(_) => false,
        }
    }
}

/// Fetches. Cheap to share, and usable from any runtime: it keeps no connections.
#[derive(Debug)]
pub struct Fetcher {
    config: FetchConfig,
    /// Made when it is first needed: reading the trusted certificates takes some milliseconds.
    tls: OnceLock<Result<Arc<rustls::ClientConfig>, String>>,
    resolver: Resolver,
    running: Semaphore,
}

impl Fetcher {
    /// A fetcher with what the operator says.
    #[must_use]
    pub const fn new(config: FetchConfig, resolver: Resolver) -> Self {
        Self { config, tls: OnceLock::new(), resolver, running: Semaphore::const_new(FETCHES_MAX) }
    }

    /// Checks a URL as far as that is possible without asking anybody.
    ///
    /// # Errors
    /// The URL is not one that is fetched.
    pub fn check(&self, url: &str) -> Result<Target, FetchFault> {
        let target = Target::parse(url, self.config.http_on_loopback).map_err(FetchFault::Url)?;
        if let Some(address) = target.literal() {
            self.judge(address, &target)?;
        }
        Ok(target)
    }

    /// Gets a URL.
    ///
    /// # Errors
    /// Whatever kept an answer from coming; an answer with an error status is no error here.
    pub async fn get(&self, url: &str, headers: HeaderMap, bounds: Bounds) -> Result<Fetched, FetchFault> {
        self.fetch(Method::GET, url, headers, Bytes::new(), bounds).await
    }

    /// Posts a body to a URL. A redirect is never followed: it would carry the body to somebody else.
    ///
    /// # Errors
    /// As [`Fetcher::get`].
    pub async fn post(
        &self,
        url: &str,
        headers: HeaderMap,
        body: impl Into<Bytes>,
        bounds: Bounds,
    ) -> Result<Fetched, FetchFault> {
        let bounds = Bounds { follow_redirects: false, ..bounds };
        self.fetch(Method::POST, url, headers, body.into(), bounds).await
    }

    async fn fetch(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
        bounds: Bounds,
    ) -> Result<Fetched, FetchFault> {
        let target = self.check(url)?;
        let shown = target.shown();
        let late = || FetchFault::Late(shown.clone(), bounds.time.as_millis());
        let fetching = async {
            // The semaphore is never closed.
            let _turn = self.running.acquire().await.map_err(|_| late())?;
            self.follow(method, target, headers, body, bounds).await
        };
        timeout(bounds.time, fetching).await.unwrap_or_else(|_| Err(late()))
    }

    async fn follow(
        &self,
        method: Method,
        mut target: Target,
        mut headers: HeaderMap,
        body: Bytes,
        bounds: Bounds,
    ) -> Result<Fetched, FetchFault> {
        for _hop in 0..=REDIRECTS_MAX {
            let fetched = self.once(&method, &target, &headers, body.clone(), bounds).await?;
            if !fetched.status.is_redirection() {
                return Ok(fetched);
            }
            let location = fetched.headers.get(LOCATION).and_then(|location| location.to_str().ok());
            let (Some(location), true) = (location, bounds.follow_redirects) else {
                return Err(FetchFault::Redirected(target.shown()));
            };
            let next = target.join(location, self.config.http_on_loopback).map_err(FetchFault::Url)?;
            if target.is_secure() && !next.is_secure() {
                return Err(FetchFault::Url(format!("{} redirects from https to http", target.shown())));
            }
            if let Some(address) = next.literal() {
                self.judge(address, &next)?;
            }
            if !next.same_origin(&target) {
                drop_credentials(&mut headers);
            }
            target = next;
        }
        Err(FetchFault::Redirected(target.shown()))
    }

    /// One request and its answer on a connection of its own.
    async fn once(
        &self,
        method: &Method,
        target: &Target,
        headers: &HeaderMap,
        body: Bytes,
        bounds: Bounds,
    ) -> Result<Fetched, FetchFault> {
        let request = request(method, target, headers, body)?;
        let stream = self.connect(target).await?;
        let broken = |error: hyper::Error| FetchFault::Broken(target.shown(), cause(&error));
        let (mut sender, driver) = http1::Builder::new()
            .max_headers(HEADERS_MAX)
            .max_header_size(HEAD_BYTES_MAX)
            .max_buf_size(HEAD_BYTES_MAX * 2)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(broken)?;
            let (head, body) = response.into_parts();
            // The body of a redirect says nothing.
            let body = match head.status.is_redirection() {
                true => Zeroizing::default(),
                false => read(target, &head.headers, body, bounds.body_bytes_max).await?,
            };
            Ok(Fetched { status: head.status, headers: head.headers, body, target: target.clone() })
        };
        tokio::pin!(exchange, driver);
        // The connection is driven here and dropped with the exchange: nothing of it outlives the fetch.
        tokio::select! {
            biased;
            fetched = &mut exchange => fetched,
            _ended = &mut driver => exchange.await,
        }
    }

    /// Connects to an address that was checked: the name is not resolved a second time.
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, FetchFault> {
        let addresses = self.addresses(target).await?;
        let mut last = FetchFault::Unreachable(target.shown(), "the name has no address".to_owned());
        for address in addresses {
            let connecting = self.connect_to(target, SocketAddr::new(address, target.port()));
            match timeout(CONNECT_TIMEOUT, connecting).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = FetchFault::Unreachable(target.shown(), error.to_string()),
                Err(_) => {
                    let why = format!("no answer within {} seconds", CONNECT_TIMEOUT.as_secs());
                    last = FetchFault::Unreachable(target.shown(), why);
                }
            }
        }
        Err(last)
    }

    async fn connect_to(&self, target: &Target, address: SocketAddr) -> std::io::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        if !target.is_secure() {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(target.host().to_owned()).map_err(std::io::Error::other)?;
        let tls = self.tls.get_or_init(|| client_settings(self.config.ca.as_deref(), None)).clone();
        let tls = TlsConnector::from(tls.map_err(std::io::Error::other)?);
        Ok(Box::new(tls.connect(name, stream).await?))
    }

    /// The addresses of a target, each of them checked: one that is not fetched from refuses them all.
    async fn addresses(&self, target: &Target) -> Result<Vec<IpAddr>, FetchFault> {
        let unreachable = |why: String| FetchFault::Unreachable(target.shown(), why);
        let addresses = match target.literal() {
            Some(address) => vec![address],
            None => self.resolver.addresses(target.host()).await.map_err(|error| unreachable(error.to_string()))?,
        };
        if addresses.len() > resolve::ADDRESSES_MAX {
            return Err(unreachable(format!("the name has more than {} addresses", resolve::ADDRESSES_MAX)));
        }
        for address in &addresses {
            self.judge(*address, target)?;
        }
        Ok(addresses.into_iter().map(|address| address.to_canonical()).collect())
    }

    fn judge(&self, address: IpAddr, target: &Target) -> Result<(), FetchFault> {
        let blocked = |why: String| FetchFault::Blocked { host: target.host().to_owned(), address, why };
        if address.to_canonical().is_loopback() && self.config.http_on_loopback && target.names_loopback() {
            return Ok(());
        }
        // Plain HTTP has said that it stays on this machine.
        if !target.is_secure() {
            return Err(blocked("not loopback".to_owned()));
        }
        address::judge(address, target.host(), &self.config.allow).map_err(|why| blocked(why.to_string()))
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

fn request(
    method: &Method,
    target: &Target,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, FetchFault> {
    let unusable = || FetchFault::Url(format!("{} cannot be asked for", target.shown()));
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method.clone();
    *request.uri_mut() = target.path().ok_or_else(unusable)?;
    *request.headers_mut() = headers.clone();
    let headers = request.headers_mut();
    headers.insert(HOST, target.authority().ok_or_else(unusable)?);
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("gatehold/", env!("CARGO_PKG_VERSION"))));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
}

/// Reads a body within its limit.
async fn read(
    target: &Target,
    headers: &HeaderMap,
    mut body: Incoming,
    limit: usize,
) -> Result<Zeroizing<Vec<u8>>, FetchFault> {
    let is_encoded = |value: &HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.get_all(CONTENT_ENCODING).iter().any(is_encoded) {
        return Err(FetchFault::Encoded(target.shown()));
    }
    let too_large = || FetchFault::TooLarge(target.shown(), limit);
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(too_large());
    }
    // As large as it may become from the start where that is known, so that no copy is left behind by growing.
    let mut read = Zeroizing::new(Vec::with_capacity(announced));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| FetchFault::Broken(target.shown(), cause(&error)))?;
        let Ok(data) = frame.into_data() else { continue };
        if read.len().saturating_add(data.len()) > limit {
            return Err(too_large());
        }
        extend(&mut read, &data);
    }
    Ok(read)
}

/// Appends without leaving a copy of the earlier bytes in freed memory.
fn extend(read: &mut Zeroizing<Vec<u8>>, data: &[u8]) {
    if read.capacity() - read.len() < data.len() {
        let mut larger = Zeroizing::new(Vec::with_capacity((read.len() + data.len()).next_power_of_two()));
        larger.extend_from_slice(read);
        *read = larger;
    }
    read.extend_from_slice(data);
}

/// Takes out what proves who we are: it was meant for another origin.
fn drop_credentials(headers: &mut HeaderMap) {
    let sensitive: Vec<_> =
        headers.iter().filter(|(_, value)| value.is_sensitive()).map(|(name, _)| name.clone()).collect();
    for name in sensitive.into_iter().chain([AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION]) {
        headers.remove(name);
    }
}

/// An error of hyper with its cause.
fn cause(error: &hyper::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

impl std::fmt::Debug for Fetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Headers and body may hold secrets.
        f.debug_struct("Fetched").field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}
