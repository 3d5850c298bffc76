//! The page at which a person gives the code that a call waits for. It shows the very bytes that will be sent, with
//! everything written out that could deceive the eye, and takes a code or a no.
//!
//! It has no script, stands in no frame, is kept by nobody, and takes a form only from itself. The one-time token in its
//! address opens it; whoever has neither that nor the caller's second factor gets nothing.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use sha2::{Digest as _, Sha256};

use super::routes::is_id;
use crate::approvals::{Desk, Hold};
use crate::body::{Body, empty};
use crate::doors::Doors;
use crate::gateway::Gateway;
use crate::holding::words;

/// Bytes of a form.
const FORM_BYTES_MAX: usize = 4 * 1024;
/// How long a form may take to arrive.
const FORM_PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of a code.
const CODE_BYTES_MAX: usize = 64;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}dt{font-weight:600}dd{margin:0 0 .6rem;overflow-wrap:anywhere;white-space:pre-wrap;font-family:ui-monospace,monospace}input,button{font:inherit;padding:.4rem .7rem;margin-right:.5rem}.said{border-left:.3rem solid #b00;padding-left:.7rem}";

/// What somebody says at the page.
enum Said {
    Code(String),
    Deny,
}

/// Answers what is asked at `/holds/`; `rest` follows that.
pub(super) async fn answer(gateway: &Gateway, rest: &str, request: Request<Incoming>) -> Response<Body> {
    let Some((hold, token)) = rest.split_once('/').filter(|(hold, token)| is_id(hold) && is_id(token)) else {
        return empty(StatusCode::NOT_FOUND);
    };
    let desk = gateway.pipeline.desk().map(Arc::clone);
    let Some((desk, public)) = desk.and_then(|desk| desk.public_url().map(Box::<str>::from).map(|url| (desk, url)))
    else {
        return empty(StatusCode::NOT_FOUND);
    };
    if !is_our_host(&request, &public) {
        return empty(StatusCode::FORBIDDEN);
    }
    match *request.method() {
        Method::GET => desk.at_address(hold, token).map_or_else(nothing, |held| show(StatusCode::OK, &held, None)),
        Method::POST if !is_from_itself(request.headers(), &public) => empty(StatusCode::FORBIDDEN),
        Method::POST => {
            let (hold, token) = (hold.to_owned(), token.to_owned());
            match form(request).await {
                Some(said) => take(desk, hold, token, said).await,
                None => page(StatusCode::BAD_REQUEST, "<p>This form cannot be read. Open the address again.</p>"),
            }
        }
        _ => empty(StatusCode::METHOD_NOT_ALLOWED),
    }
}

/// Takes a code or a no. Blocking work is done elsewhere.
async fn take(desk: Arc<Desk>, hold: String, token: String, said: Said) -> Response<Body> {
    let taken = tokio::task::spawn_blocking(move || match said {
        Said::Deny => desk.deny_at_address(&hold, &token).map(|denied| match denied {
            Ok(_) => page(StatusCode::OK, "<p>The call is denied. You can close this page.</p>"),
            Err(error) => refused(&desk, &hold, &token, &error.to_string()),
        }),
        Said::Code(code) => desk.code_at_address(&hold, &token, &code).map(|given| match given {
            Ok(_) => page(StatusCode::OK, "<p>The code counts, and the call goes on. You can close this page.</p>"),
            Err(error) => refused(&desk, &hold, &token, &error.to_string()),
        }),
    });
    taken.await.ok().flatten().unwrap_or_else(nothing)
}

fn refused(desk: &Desk, hold: &str, token: &str, why: &str) -> Response<Body> {
    desk.at_address(hold, token).map_or_else(nothing, |held| show(StatusCode::FORBIDDEN, &held, Some(why)))
}

/// The same for what never was, is over, or is somebody else's.
fn nothing() -> Response<Body> {
    page(StatusCode::NOT_FOUND, "<p>Nothing waits here: it was answered, has expired, or was never here.</p>")
}

/// Whether the request names the host under which the page is public, or this machine.
fn is_our_host(request: &Request<Incoming>, public: &str) -> bool {
    let host = public.split_once("://").map_or(public, |(_, host)| host);
    let doors = Doors { allowed_hosts: vec![host.to_owned()], ..Doors::default() };
    let mut hosts = HeaderMap::new();
    for value in request.headers().get_all(HOST) {
        hosts.append(HOST, value.clone());
    }
    doors.check_target(request.uri()).is_ok() && doors.check(&hosts).is_ok()
}

/// Whether a form was sent by the page itself. A page that sends no referrer sends `Origin: null` with its forms (Fetch,
/// "append a request `Origin` header"), so `Sec-Fetch-Site` counts where there is one.
fn is_from_itself(headers: &HeaderMap, public: &str) -> bool {
    let only = |name: HeaderName| {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Some(None),
            (Some(value), None) => value.to_str().ok().map(Some),
            _ => None,
        }
    };
    match (only(HeaderName::from_static("sec-fetch-site")), only(ORIGIN)) {
        (Some(Some("same-origin")), Some(origin)) => origin.is_none_or(|origin| origin == "null" || origin == public),
        (Some(None), Some(Some(origin))) => origin == public,
        _ => false,
    }
}

async fn form(request: Request<Incoming>) -> Option<Said> {
    let media = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    if media.split(';').next()?.trim() != "application/x-www-form-urlencoded" {
        return None;
    }
    let collected = tokio::time::timeout(FORM_PATIENCE, Limited::new(request.into_body(), FORM_BYTES_MAX).collect());
    let bytes = collected.await.ok()?.ok()?.to_bytes();
    let mut said = None;
    for (name, value) in url::form_urlencoded::parse(&bytes) {
        let one = match &*name {
            "code" if value.trim().is_empty() => continue,
            "code" if value.len() <= CODE_BYTES_MAX => Said::Code(value.trim().to_owned()),
            "deny" => Said::Deny,
            _ => return None,
        };
        // Who says no and gives a code beside means no.
        if !matches!(said, Some(Said::Deny)) {
            said = Some(one);
        }
    }
    said
}

/// The page of a call that waits.
fn show(status: StatusCode, hold: &Hold, said: Option<&str>) -> Response<Body> {
    let mut out =
        String::from("<p>This call waits for the code of your authenticator. Give it only if the call is yours.</p>");
    if let Some(said) = said {
        // Writing to a string cannot fail.
        let _infallible = write!(out, "<p class=\"said\" role=\"alert\">It does not count: {}.</p>", escaped(said));
    }
    out.push_str("<dl>");
    for (name, value) in words::rows(hold) {
        let _infallible = write!(out, "<dt>{name}</dt><dd>{}</dd>", escaped(&value));
    }
    out.push_str(
        "</dl><form method=\"post\"><label>Code <input name=\"code\" autocomplete=\"one-time-code\" maxlength=\"64\" autofocus></label>\
         <button>Let it go on</button><button name=\"deny\" value=\"yes\">Deny</button></form>",
    );
    page(status, &out)
}

/// Text in which nothing means anything to a browser.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in words::plain(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn page(status: StatusCode, body: &str) -> Response<Body> {
    let text = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Gatehold</title><style>{STYLE}</style><h1>Gatehold</h1>{body}</html>\n"
    );
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    let mut response = Response::new(Body::Whole(Some(Bytes::from(text))));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert("content-security-policy", policy);
    }
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_taken(headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        is_from_itself(&map, "https://gate.example")
    }

    #[test]
    fn a_form_is_taken_from_the_page_itself_only() {
        assert!(is_taken(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(is_taken(&[("sec-fetch-site", "same-origin")]));
        assert!(is_taken(&[("origin", "https://gate.example")]));
        for other in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://gate.example")],
            &[("sec-fetch-site", "same-site"), ("origin", "null")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        ] {
            assert!(!is_taken(other), "{other:?}");
        }
    }

    #[test]
    fn nothing_in_a_message_is_markup() {
        assert_eq!(escaped("<script>\"&'\u{202e}"), "&lt;script&gt;&quot;&amp;&#39;\\u{202e}");
    }
}
