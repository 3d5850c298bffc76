//! The explicit forward proxy: a client that is told to use a proxy reaches the real server under its own address, and
//! what it says there is judged on the way. Requests to the URL of a configured server pass the gate; other requests to
//! hosts on the list (metadata, token endpoints) pass as they are and are recorded; everything else is refused.
//!
//! It is not an OAuth resource server and changes no credential. What is encrypted inside a tunnel cannot be judged, so
//! it does not pass.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehold_decide::policy::glob::Glob;
use gatehold_session::{Principal, Proof};
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::uri::Authority;
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::body::{Body, empty, json};
use crate::gateway::{CONNECTIONS_MAX, Connection, Gateway};
use crate::identity::Peer;
use crate::listen::prefixed::Prefixed;
use crate::listen::request::{NoBody, body_of, strip_connection};
use crate::listen::streamable::{Call, answer};
use crate::servers::{Reach, Server, Snapshot};
use crate::upstream::answer::whole;
use crate::upstream::bridge::SESSION_ID;
use crate::upstream::http::{Address, HttpClient};

/// Bytes of a request or an answer that passes without being MCP.
const OTHER_BYTES_MAX: usize = 1024 * 1024;
/// How long such an answer may take.
const OTHER_PATIENCE: Duration = Duration::from_secs(30);
/// How long the head of a request may take.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// How long an opened tunnel may be silent before its first byte.
const SILENCE: Duration = Duration::from_secs(30);
/// The first byte of a TLS handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// What the forward proxy is told.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where it listens; loopback.
    pub listen: Option<std::net::SocketAddr>,
    /// Hosts with ports (`as.example:443`, `localhost:*`) to which requests pass that are no MCP. Empty: none.
    pub hosts: Vec<Glob>,
}

/// Serves until the gateway drains.
pub(crate) async fn serve(gateway: Arc<Gateway>, listener: TcpListener, hosts: Arc<[Glob]>) {
    let mut draining = gateway.draining.subscribe();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX as usize));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = crate::listen::http::drained(&mut draining) => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
                let proxy = Proxy::new(Arc::clone(&gateway), Arc::clone(&hosts), place);
                tokio::spawn(proxy.connection(stream, None));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// One connection of a client, and the tunnels in it.
#[derive(Debug, Clone)]
struct Proxy {
    gateway: Arc<Gateway>,
    hosts: Arc<[Glob]>,
    connection: Arc<Connection>,
    /// Taken for as long as the connection, or the tunnel that it became, is open.
    _place: Arc<OwnedSemaphorePermit>,
}

impl Proxy {
    fn new(gateway: Arc<Gateway>, hosts: Arc<[Glob]>, place: OwnedSemaphorePermit) -> Self {
        // The credential in a request is for the real server: to us everybody here is the same.
        let peer = Peer::Local(Principal::new("anonymous", Proof::Anonymous));
        Self { gateway, hosts, connection: Arc::new(Connection::new(peer)), _place: Arc::new(place) }
    }

    /// Serves one connection, or the inside of a tunnel to `authority`.
    async fn connection(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        authority: Option<Authority>,
    ) {
        let service = service_fn(move |request| {
            let (proxy, authority) = (self.clone(), authority.clone());
            async move { Ok::<_, Infallible>(proxy.request(authority.as_ref(), request).await) }
        });
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_PATIENCE)
            .max_headers(100)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        // Broken connections are the client's business.
        let _ended = serving.await;
    }

    async fn request(&self, tunnel: Option<&Authority>, request: Request<Incoming>) -> Response<Body> {
        let (authority, is_plain) = match (tunnel, request.uri().authority(), request.method()) {
            (None, Some(authority), &Method::CONNECT) => return self.tunnel(authority.clone(), request),
            (Some(authority), _, _) => (authority.clone(), true),
            (None, Some(authority), _) => (authority.clone(), request.uri().scheme_str() == Some("http")),
            (None, None, _) => return refuse(StatusCode::BAD_REQUEST, "this is a proxy: name the whole address"),
        };
        if !is_plain {
            return refuse(StatusCode::BAD_REQUEST, "open a tunnel with CONNECT for what is not http://");
        }
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let Ok(address) = Address::parse(&format!("http://{authority}{path}")) else {
            return refuse(StatusCode::BAD_REQUEST, "this address cannot be used");
        };
        let snapshot = self.gateway.snapshot.load_full();
        match self.server_at(&snapshot, &address) {
            Some(server) => self.judged(&snapshot, &server, request).await,
            None if self.admits(&authority) => self.passed(address, request).await,
            None => refuse(StatusCode::FORBIDDEN, "neither a configured server nor a host on the list"),
        }
    }

    /// Opens a tunnel, in which requests are read one by one.
    fn tunnel(&self, authority: Authority, request: Request<Incoming>) -> Response<Body> {
        let snapshot = self.gateway.snapshot.load();
        let is_known = self.admits(&authority)
            || snapshot.servers.values().any(|server| match &server.reach {
                Reach::Http(reach) => reach.client.address().is_at(&authority),
                _ => false,
            });
        if !is_known {
            return refuse(StatusCode::FORBIDDEN, "neither a configured server nor a host on the list");
        }
        let proxy = self.clone();
        tokio::spawn(async move {
            if let Ok(upgraded) = hyper::upgrade::on(request).await {
                proxy.inside(upgraded, authority).await;
            }
        });
        empty(StatusCode::OK)
    }

    async fn inside(self, upgraded: Upgraded, authority: Authority) {
        let mut stream = TokioIo::new(upgraded);
        let Some(first) = first_byte(&mut stream).await else { return };
        if first == TLS_HANDSHAKE {
            let fields = [("host", authority.as_str()), ("why", "what is encrypted cannot be judged")];
            let _unrecorded = self.gateway.pipeline.ledger().lifecycle("proxy_refused", &fields);
            return;
        }
        let whole = Prefixed::new(first, stream);
        Box::pin(self.connection(whole, Some(authority))).await;
    }

    fn server_at(&self, snapshot: &Snapshot, address: &Address) -> Option<Arc<Server>> {
        let is_it = |server: &&Arc<Server>| match &server.reach {
            Reach::Http(reach) => {
                reach.client.address().same_origin(address) && reach.client.address().path() == address.path()
            }
            Reach::LegacySse(_) | Reach::Child(_) | Reach::Aggregate(_) => false,
        };
        snapshot.servers.values().find(is_it).cloned()
    }

    fn admits(&self, authority: &Authority) -> bool {
        let port = authority.port_u16().unwrap_or(80);
        let name = format!("{}:{port}", authority.host().to_ascii_lowercase());
        !authority.as_str().contains('@') && self.hosts.iter().any(|host| host.matches(&name))
    }

    /// A request to a configured server passes the gate as on any other listener.
    async fn judged(
        &self,
        snapshot: &Arc<Snapshot>,
        server: &Arc<Server>,
        request: Request<Incoming>,
    ) -> Response<Body> {
        self.gateway.counters.request();
        let admitted = snapshot.identity.admit(&self.connection.peer, &Uri::from_static("/"), request.headers()).await;
        let Ok(caller) = admitted else { return empty(StatusCode::FORBIDDEN) };
        let (head, body) = request.into_parts();
        let call = Call {
            gateway: &self.gateway,
            snapshot,
            connection: &self.connection,
            caller: &caller,
            server,
            head,
            outlet: None,
        };
        answer(call, body).await
    }

    /// A request that is no MCP passes as it is, after it was recorded.
    async fn passed(&self, address: Address, request: Request<Incoming>) -> Response<Body> {
        let method = request.method().as_str().to_owned();
        // The query may hold a code or a token.
        let path = request.uri().path().to_owned();
        let fields = [("method", method.as_str()), ("host", address.shown.as_str()), ("path", path.as_str())];
        if self.gateway.pipeline.ledger().lifecycle("proxy_passed", &fields).is_err() {
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "this could not be recorded, so nothing was sent");
        }
        let (head, body) = request.into_parts();
        let bytes = match body_of(body, OTHER_BYTES_MAX).await {
            Ok(bytes) => bytes,
            Err(none @ (NoBody::Refused(_) | NoBody::Broken | NoBody::Late)) => return empty(none.status()),
        };
        if looks_like_mcp(&head, &bytes) {
            return refuse(StatusCode::FORBIDDEN, "this is MCP, and no configured server is at this address");
        }
        let mut outgoing = Request::new(Full::new(bytes));
        *outgoing.method_mut() = head.method;
        *outgoing.uri_mut() = address.target();
        *outgoing.headers_mut() = head.headers;
        strip_connection(outgoing.headers_mut());
        outgoing.headers_mut().remove("proxy-authorization");
        outgoing.headers_mut().remove(CONTENT_LENGTH);
        let client = Arc::new(HttpClient::new(address, None, OTHER_PATIENCE));
        let Ok(response) = client.send(outgoing).await else { return empty(StatusCode::BAD_GATEWAY) };
        let (mut head, body) = response.into_parts();
        strip_connection(&mut head.headers);
        head.headers.remove(CONTENT_LENGTH);
        match whole(body, OTHER_BYTES_MAX).await {
            Ok(bytes) => Response::from_parts(head, Body::Whole((!bytes.is_empty()).then_some(bytes))),
            Err(_) => empty(StatusCode::BAD_GATEWAY),
        }
    }
}

/// Whether a request could be MCP under an address that no configured server has: another spelling of its URL would
/// else walk around the gate. What cannot be read beyond doubt counts.
fn looks_like_mcp(head: &http::request::Parts, body: &[u8]) -> bool {
    let says = |name: http::HeaderName, word: &str| {
        let holds = |value: &http::HeaderValue| value.as_bytes().to_ascii_lowercase();
        head.headers.get_all(name).iter().any(|value| memchr::memmem::find(&holds(value), word.as_bytes()).is_some())
    };
    if says(ACCEPT, "text/event-stream") || head.headers.contains_key(SESSION_ID) {
        return true;
    }
    let is_json = says(CONTENT_TYPE, "json") || matches!(body.trim_ascii_start().first(), Some(b'{' | b'['));
    if body.is_empty() || !(is_json || head.headers.contains_key(CONTENT_ENCODING)) {
        return false;
    }
    let Ok(value) = gatehold_wire::json::check(body, &gatehold_wire::Limits::default()) else { return true };
    let is_message = |value: gatehold_wire::json::Raw<'_>| value.members().any(|(key, _)| key.is_str("jsonrpc"));
    match value.kind() {
        gatehold_wire::json::Type::Object => is_message(value),
        _ => true,
    }
}

fn refuse(status: StatusCode, why: &str) -> Response<Body> {
    let mut text = br#"{"error":"#.to_vec();
    gatehold_wire::json::write_string(&format!("Gatehold refuses: {why}"), &mut text);
    text.push(b'}');
    json(status, Bytes::from(text))
}

/// The first byte that a client says in a tunnel; `None` when it says nothing.
async fn first_byte(stream: &mut (impl AsyncRead + Unpin)) -> Option<u8> {
    use tokio::io::AsyncReadExt as _;
    tokio::time::timeout(SILENCE, stream.read_u8()).await.ok()?.ok()
}
