//! The HTTP listener: takes a connection, checks who knocks, and routes each request to the face that serves it. An
//! unknown path is answered without a word about what exists.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue, TRANSFER_ENCODING};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::body::{Body, json};
use crate::gateway::{Connection, Gateway};
use crate::identity::{Caller, Peer, until_over};
use crate::listen::{legacy_sse, streamable};
use crate::servers::Snapshot;

/// How long the head of a request may take to arrive: a slow writer must not hold a connection for nothing.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of a request's head, and headers in it.
const HEAD_BYTES_MAX: usize = 64 * 1024;
const HEADERS_MAX: usize = 100;

/// Serves one connection, which its caller counts, to its end, or to the end of its current request when the gateway
/// drains.
pub(crate) async fn serve(
    gateway: Arc<Gateway>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
) {
    let connection = Arc::new(Connection::new(peer));
    let mut draining = gateway.draining.subscribe();
    let service = service_fn({
        let gateway = Arc::clone(&gateway);
        move |request| {
            let (gateway, connection) = (Arc::clone(&gateway), Arc::clone(&connection));
            async move { Ok::<_, Infallible>(answer(&gateway, &connection, request).await) }
        }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(HEAD_BYTES_MAX.max(8192 * 4))
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    tokio::select! {
        // Broken connections are the client's business.
        _ended = &mut serving => {}
        () = drained(&mut draining) => {
            serving.as_mut().graceful_shutdown();
            let _ended = serving.await;
        }
    }
}

/// Waits until the gateway drains.
pub(crate) async fn drained(draining: &mut watch::Receiver<bool>) {
    // Its sender lives as long as the gateway.
    let _ended = draining.wait_for(|draining| *draining).await;
}

/// Answers a request. After a chunked one the connection ends: had it a length too (which the parser hides), what
/// follows is a request to some readers and a part of the body to others (RFC 9112, section 6.3).
async fn answer(gateway: &Arc<Gateway>, connection: &Arc<Connection>, request: Request<Incoming>) -> Response<Body> {
    let is_chunked = request.headers().contains_key(TRANSFER_ENCODING);
    let mut response = route(gateway, connection, request).await;
    if is_chunked {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn route(gateway: &Arc<Gateway>, connection: &Arc<Connection>, request: Request<Incoming>) -> Response<Body> {
    gateway.counters.request();
    let snapshot = gateway.snapshot.load_full();
    if let Err(why) = snapshot.doors.check_target(request.uri()).and_then(|()| snapshot.doors.check(request.headers()))
    {
        return forbidden(why);
    }
    if let Some(answer) = snapshot.identity.open_to_all(request.method(), request.uri().path()) {
        return answer;
    }
    // Nothing below is reached without a caller, and only this makes one.
    let caller = match snapshot.identity.admit(&connection.peer, request.uri(), request.headers()).await {
        Ok(caller) => caller,
        Err(why) => {
            gateway.refusals.note(why, gateway.pipeline.now(), gateway.pipeline.ledger());
            return snapshot.identity.refused(why, request.uri().path());
        }
    };
    if let Some(refused) = snapshot.identity.lacks_scopes(&caller, ("", request.uri().path()), std::iter::empty()) {
        return refused;
    }
    let mut response = handle(gateway, &snapshot, (connection, &caller), request).await;
    if caller.can_end() {
        // A stream ends with the proof of whoever opened it.
        response.body_mut().end_when(|| Box::pin(until_over(Arc::clone(gateway), caller)));
    }
    response
}

/// Hands an admitted request to what serves its path.
async fn handle(
    gateway: &Arc<Gateway>,
    snapshot: &Arc<Snapshot>,
    (connection, caller): (&Arc<Connection>, &Caller),
    request: Request<Incoming>,
) -> Response<Body> {
    let path = request.uri().path();
    if let Some(rest) = path.strip_prefix("/mcp")
        && (rest.is_empty() || rest.starts_with('/'))
    {
        let rest = rest.to_owned();
        let answered = streamable::serve(gateway, snapshot, (connection, caller), &rest, request).await;
        return answered.unwrap_or_else(not_found);
    }
    if path.starts_with("/sse") || path.starts_with("/messages") {
        let answered = legacy_sse::serve(gateway, snapshot, caller, request).await;
        return answered.unwrap_or_else(not_found);
    }
    not_found()
}

fn not_found() -> Response<Body> {
    let text = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Nothing is served at this address."}}"#;
    json(StatusCode::NOT_FOUND, Bytes::from_static(text.as_bytes()))
}

fn forbidden(why: &str) -> Response<Body> {
    let mut text = br#"{"jsonrpc":"2.0","error":{"code":-32000,"message":"#.to_vec();
    gatehold_wire::json::write_string(&format!("Forbidden: {why}"), &mut text);
    text.extend_from_slice(b"},\"id\":null}");
    json(StatusCode::FORBIDDEN, text.into())
}
