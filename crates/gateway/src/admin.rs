//! The admin listener: `/healthz` (the process runs), `/readyz` (it takes calls and can record), `/metrics`. Loopback
//! only, nothing on it changes anything, and nothing of a message can be read there.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use crate::body::{Body, empty};
use crate::gateway::Gateway;

/// Serves until the process ends: an operator wants to see the draining too.
pub(crate) async fn serve(gateway: Arc<Gateway>, listener: TcpListener) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let gateway = Arc::clone(&gateway);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let response = answer(&gateway, &request);
                async move { Ok::<_, Infallible>(response) }
            });
            let _ended =
                http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn answer(gateway: &Gateway, request: &Request<Incoming>) -> Response<Body> {
    let doors = crate::doors::Doors::default();
    if doors.check(request.headers()).is_err() {
        return empty(StatusCode::FORBIDDEN);
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    match request.uri().path() {
        "/healthz" => text(StatusCode::OK, "ok\n".to_owned()),
        "/readyz" => readiness(gateway),
        "/metrics" => {
            let sessions = gateway.sessions.count() + gateway.streams.count();
            let counters = gateway.counters.exposition(sessions, gateway.refusals.total());
            text(StatusCode::OK, counters + &gateway.pipeline.limiter().exposition())
        }
        _ => empty(StatusCode::NOT_FOUND),
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
