//! The management side: `/healthz` (the process runs), `/readyz` (it takes calls and can record) and `/metrics` for
//! everybody who reaches the listener, and the admin API for those who prove who they are and have a role.
//!
//! On the network it is loopback only. It cannot touch a message on its way, and nothing on it takes a command to run.

mod approvals;
mod dispatch;
mod grants;
pub(crate) mod openapi;
mod page;
mod policy;
mod problem;
mod routes;
mod sessions;
mod state;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use gatehold_session::{Principal, Proof};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::time::sleep;

use crate::body::{Body, empty};
use crate::gateway::Gateway;
use crate::identity::Peer;

/// Connections at a time on each listener; one more is closed at once.
const CONNECTIONS_MAX: usize = 128;
/// How long the head of a request may take.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);

/// Where the management side is reached, and who may do what on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The TCP address; loopback.
    pub listen: Option<SocketAddr>,
    /// The Unix socket.
    pub socket: Option<PathBuf>,
    /// The origin under which people reach it, as `https://gate.example`.
    pub public_url: Option<Box<str>>,
    /// Roles of users of this machine, by the name of the principal (`uid:1000`).
    pub roles: BTreeMap<Box<str>, Vec<Box<str>>>,
}

/// The names of all roles.
#[must_use]
pub fn role_names() -> Vec<&'static str> {
    routes::Role::ALL.iter().map(|role| role.name()).collect()
}

/// The published description of the admin API, as JSON.
#[must_use]
pub fn description() -> String {
    let mut text = serde_json::to_string_pretty(&openapi::description()).unwrap_or_default();
    text.push('\n');
    text
}

/// Serves TCP until the process ends: an operator wants to see the draining too.
pub(crate) async fn serve(gateway: Arc<Gateway>, listener: TcpListener) {
    let open = Arc::new(AtomicUsize::new(0));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => begin(&gateway, &open, stream, Peer::Network(None)),
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Serves a Unix socket until the process ends.
pub(crate) async fn serve_socket(gateway: Arc<Gateway>, listener: UnixListener) {
    let open = Arc::new(AtomicUsize::new(0));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Without a name for the other end there is nobody to take in.
                let Ok(user) = stream.peer_cred() else { continue };
                let principal = Principal::new(&format!("uid:{}", user.uid()), Proof::LocalUser);
                begin(&gateway, &open, stream, Peer::Local(principal));
            }
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

fn begin(
    gateway: &Arc<Gateway>,
    open: &Arc<AtomicUsize>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
) {
    if open.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS_MAX {
        open.fetch_sub(1, Ordering::Relaxed);
        return;
    }
    let (gateway, open, peer) = (Arc::clone(gateway), Arc::clone(open), Arc::new(peer));
    tokio::spawn(async move {
        let service = service_fn(move |request| {
            let (gateway, peer) = (Arc::clone(&gateway), Arc::clone(&peer));
            async move { Ok::<_, Infallible>(answer(&gateway, &peer, request).await) }
        });
        let _ended = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_PATIENCE)
            .max_headers(100)
            .serve_connection(TokioIo::new(stream), service)
            .await;
        open.fetch_sub(1, Ordering::Relaxed);
    });
}

async fn answer(gateway: &Arc<Gateway>, peer: &Peer, request: Request<Incoming>) -> Response<Body> {
    // It has doors of its own: people reach it under a public name.
    if let Some(rest) = request.uri().path().strip_prefix("/holds/").map(ToOwned::to_owned) {
        return page::answer(gateway, &rest, request).await;
    }
    let doors = crate::doors::Doors::default();
    if doors.check_target(request.uri()).is_err() || doors.check(request.headers()).is_err() {
        return empty(StatusCode::FORBIDDEN);
    }
    let is_look = request.method() == Method::GET || request.method() == Method::HEAD;
    match request.uri().path() {
        "/healthz" | "/readyz" | "/metrics" if !is_look => empty(StatusCode::METHOD_NOT_ALLOWED),
        "/healthz" => text(StatusCode::OK, "ok\n".to_owned()),
        "/readyz" => readiness(gateway),
        "/metrics" => {
            let sessions = gateway.sessions.count() + gateway.streams.count();
            let counters = gateway.counters.exposition(sessions, gateway.refusals.total());
            text(StatusCode::OK, counters + &gateway.pipeline.limiter().exposition() + &gateway.pipeline.exposition())
        }
        _ => dispatch::answer(gateway, peer, request).await,
    }
}

fn readiness(gateway: &Gateway) -> Response<Body> {
    if *gateway.draining.borrow() {
        return text(StatusCode::SERVICE_UNAVAILABLE, "draining\n".to_owned());
    }
    match gateway.pipeline.ledger().health() {
        Ok(()) => text(StatusCode::OK, "ready\n".to_owned()),
        Err(error) => text(StatusCode::SERVICE_UNAVAILABLE, format!("the ledger cannot be written: {error}\n")),
    }
}

fn text(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::Whole(Some(Bytes::from(text))));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
