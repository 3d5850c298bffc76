//! The head and body of an HTTP request, checked before anything is made of them: headers that must be single are, the
//! body is UTF-8 JSON without an encoding, within the limit, and mirrored headers agree with it.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use gatehold_wire::headers::{Mirrored, check_mirrored, decode_value, encode_value};
use gatehold_wire::json::Role;
use gatehold_wire::{Message, Method, Refusal, RefusalCode};
use http::StatusCode;
use http::header::{
    self, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING,
};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::timeout;

use crate::identity::{API_KEY, holds_own_key};
use crate::upstream::answer::{Unread, whole};
use crate::upstream::bridge::{LAST_EVENT_ID, PROTOCOL_VERSION, SESSION_ID};

pub(crate) const MCP_METHOD: HeaderName = HeaderName::from_static("mcp-method");
pub(crate) const MCP_NAME: HeaderName = HeaderName::from_static("mcp-name");

/// Headers that mean something to us or to the server and therefore may stand only once.
const SINGLE: [HeaderName; 10] = [
    SESSION_ID,
    PROTOCOL_VERSION,
    LAST_EVENT_ID,
    MCP_METHOD,
    MCP_NAME,
    CONTENT_TYPE,
    CONTENT_LENGTH,
    CONTENT_ENCODING,
    TRANSFER_ENCODING,
    AUTHORIZATION,
];

/// A client that sends nothing of its body for this long is given up after twice that at the latest: a slow writer must
/// not hold a connection for nothing.
const BODY_PATIENCE: Duration = Duration::from_secs(15);

/// Why the body of a client's request is not there.
pub(crate) enum NoBody {
    /// Over the limit.
    Refused(Refusal),
    /// It is no body, or the client is gone.
    Broken,
    /// It did not arrive in time.
    Late,
}

impl NoBody {
    /// The status that says so.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Refused(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

/// Reads the body of a client's request: all of it within the limit, and not too slowly.
pub(crate) async fn body_of(body: Incoming, limit: usize) -> Result<Bytes, NoBody> {
    let moved = AtomicBool::new(false);
    let reading = whole(Watched { body, moved: &moved }, limit);
    tokio::pin!(reading);
    loop {
        match timeout(BODY_PATIENCE, &mut reading).await {
            Ok(Ok(bytes)) => return Ok(bytes),
            Ok(Err(Unread::Refused(refusal))) => return Err(NoBody::Refused(refusal)),
            Ok(Err(Unread::Broken(_))) => return Err(NoBody::Broken),
            Err(_) if moved.swap(false, Ordering::Relaxed) => {}
            Err(_) => return Err(NoBody::Late),
        }
    }
}

/// A body that notes when a piece of it arrives.
struct Watched<'a> {
    body: Incoming,
    moved: &'a AtomicBool,
}

impl HttpBody for Watched<'_> {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_ready() {
            self.moved.store(true, Ordering::Relaxed);
        }
        polled
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Checks what holds for every request.
pub(crate) fn check_head(headers: &HeaderMap) -> Result<(), Refusal> {
    let bad = |detail: String| Err(Refusal::new(RefusalCode::BadHeader, 0, detail));
    // As many keys as values: nothing stands twice.
    if headers.keys_len() != headers.len() {
        let single = |name: &&HeaderName| SINGLE.contains(name) || name.as_str().starts_with("mcp-param-");
        let twice = |name: &&HeaderName| headers.get_all(*name).iter().nth(1).is_some();
        if let Some(name) = headers.keys().filter(single).find(twice) {
            return bad(format!("the header {name} may stand only once"));
        }
    }
    if headers.get(CONTENT_ENCODING).is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return bad("an encoded body (Content-Encoding) cannot be inspected".to_owned());
    }
    let charset = headers.get(CONTENT_TYPE).map_or(Ok(None), charset);
    match charset {
        Ok(None) => Ok(()),
        Ok(Some(charset)) if charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8") => Ok(()),
        Ok(Some(_)) => bad("the body must be UTF-8".to_owned()),
        Err(()) => bad("the header content-type cannot be read".to_owned()),
    }
}

/// The `charset` of a content type. Any parameter that could be taken for one is taken for one.
fn charset(value: &HeaderValue) -> Result<Option<String>, ()> {
    let text = value.to_str().map_err(|_| ())?;
    let found = text.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    });
    Ok(found)
}

/// Takes off the headers that mirror arguments: a batch has no one call whose they could be.
pub(crate) fn strip_mirrored_arguments(headers: &mut HeaderMap) {
    let names: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("mcp-param-")).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

/// Compares the mirrored headers with the body. In the modern era they are required; elsewhere they have no meaning,
/// and one that contradicts the body is refused all the same: somebody further on may believe it.
pub(crate) fn check_mirrors(message: &Message, headers: &HeaderMap) -> Result<(), Refusal> {
    let value = |name: &HeaderName| headers.get(name).map(HeaderValue::as_bytes);
    if message.modern_version().is_some() {
        let mirrored =
            Mirrored { version: value(&PROTOCOL_VERSION), method: value(&MCP_METHOD), name: value(&MCP_NAME) };
        return check_mirrored(message, &mirrored);
    }
    let method = message.method();
    if let Some(header) = value(&MCP_METHOD) {
        agree(header, method.map(|method| method.name()), "Mcp-Method")?;
    }
    if let Some(header) = value(&MCP_NAME) {
        let key = method.and_then(|method| method.mirrored_param());
        let named = key.and_then(|key| message.param(key)).and_then(|value| value.as_str());
        agree(header, named.as_deref(), "Mcp-Name")?;
    }
    Ok(())
}

/// A batch has no one method or name that a header could mirror.
pub(crate) fn check_no_mirrors(headers: &HeaderMap) -> Result<(), Refusal> {
    for (name, shown) in [(MCP_METHOD, "Mcp-Method"), (MCP_NAME, "Mcp-Name")] {
        if let Some(header) = headers.get(&name) {
            agree(header.as_bytes(), None, shown)?;
        }
    }
    Ok(())
}

/// Makes the headers that mirror arguments (`Mcp-Param-*`) say what the edited body says. Which argument a header
/// mirrors is not known here: it is one whose value was the header's, and all of those must have become the same.
///
/// # Errors
/// A header mirrors what is no longer there, or what cannot be told: it may hold what was taken out of the body.
pub(crate) fn mirror_edited(headers: &mut HeaderMap, message: &Message, edited: &Message) -> Result<(), Refusal> {
    let mut again = Vec::new();
    for (name, header) in headers.iter().filter(|(name, _)| name.as_str().starts_with("mcp-param-")) {
        let refused = || {
            let detail = format!("the header {name} mirrors an argument that was changed, and cannot be made anew");
            Refusal::new(RefusalCode::HeaderMismatch, 0, detail)
        };
        let value = decode_value(header.as_bytes())?;
        // Nothing is taken out of a yes or a no.
        if matches!(&*value, "true" | "false") {
            continue;
        }
        let (before, after) = (scalars(message), scalars(edited));
        // Editing keeps the order and the number of scalars; where it does not, nothing can be told.
        if before.len() != after.len() {
            return Err(refused());
        }
        let mut now = before.iter().zip(&after).filter(|(before, _)| **before == *value).map(|(_, after)| after);
        let first = now.next().ok_or_else(refused)?;
        if !now.all(|other| other == first) {
            return Err(refused());
        }
        let made = HeaderValue::from_str(&encode_value(first)).map_err(|_| refused())?;
        again.push((name.clone(), made));
    }
    for (name, made) in again {
        headers.insert(name, made);
    }
    Ok(())
}

/// The strings and numbers in the arguments of a call, as a header mirrors them, in order.
fn scalars(message: &Message) -> Vec<String> {
    let mut scalars = Vec::new();
    let Some(arguments) = message.arguments() else { return scalars };
    let _walked = arguments.walk(|spot| {
        if spot.role() != Role::Key {
            let value = spot.value();
            scalars.push(value.as_str().map_or_else(|| value.text().to_owned(), Cow::into_owned));
        }
        ControlFlow::<()>::Continue(())
    });
    scalars
}

fn agree(header: &[u8], body: Option<&str>, name: &str) -> Result<(), Refusal> {
    if body == Some(&*decode_value(header)?) {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::HeaderMismatch, 0, format!("the header {name} and the body disagree")))
}

/// Whether a request claims the modern era in its header: the body then must be of it too.
pub(crate) fn claims_modern(headers: &HeaderMap) -> bool {
    headers
        .get(&PROTOCOL_VERSION)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|version| version.trim() >= "2026-07-28")
}

/// Whether the body opens a legacy session.
pub(crate) fn is_initialize(message: &Message) -> bool {
    message.method() == Some(Method::Initialize)
}

/// Headers that belong to one connection (RFC 9110, section 7.6.1).
const OF_CONNECTION: [HeaderName; 8] = [
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Headers of a client that its server gets from us or not at all: the last would let the server answer in a form that
/// cannot be inspected.
const OF_CLIENT: [HeaderName; 5] =
    [header::HOST, header::CONTENT_LENGTH, SESSION_ID, header::EXPECT, header::ACCEPT_ENCODING];

/// The client's credentials.
const CREDENTIALS: [HeaderName; 3] = [AUTHORIZATION, header::COOKIE, API_KEY];

/// Takes off what must not travel on to the server.
pub(crate) fn strip_for_server(headers: &mut HeaderMap, forward_authorization: bool) {
    strip_connection(headers);
    let credentials: &[HeaderName] = if forward_authorization { &[] } else { &CREDENTIALS };
    strip(headers, &[&OF_CLIENT, credentials]);
    if forward_authorization {
        // A key of ours is for us alone, also where gateway and server are one resource.
        for name in [AUTHORIZATION, API_KEY] {
            if headers.get(&name).is_some_and(holds_own_key) {
                headers.remove(name);
            }
        }
    }
}

/// Takes off what belongs to one connection, and what its `Connection` header names.
pub(crate) fn strip_connection(headers: &mut HeaderMap) {
    if headers.contains_key(header::CONNECTION) {
        let lists: Vec<HeaderValue> = headers.get_all(header::CONNECTION).iter().cloned().collect();
        headers.remove(header::CONNECTION);
        for name in lists.iter().flat_map(|list| list.to_str().unwrap_or_default().split(',')).map(str::trim) {
            if !name.eq_ignore_ascii_case("close") && !name.eq_ignore_ascii_case("keep-alive") {
                headers.remove(name);
            }
        }
    }
    strip(headers, &[&OF_CONNECTION]);
}

/// Takes off the named headers. Most requests have none of most of them, and looking at the few that are there is
/// cheaper than looking each name up.
fn strip(headers: &mut HeaderMap, doomed: &[&[HeaderName]]) {
    loop {
        let found = headers.keys().find(|name| doomed.iter().any(|names| names.contains(name))).cloned();
        match found {
            Some(name) => headers.remove(name),
            None => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use gatehold_wire::Limits;

    use super::*;

    fn call(arguments: &str) -> Message {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"x","arguments":{arguments}}}}}"#
        );
        Message::parse(Bytes::from(text), &Limits::default()).unwrap()
    }

    fn mirrored(header: &str, before: &str, after: &str) -> Result<String, RefusalCode> {
        let mut headers = HeaderMap::new();
        headers.insert("mcp-param-key", HeaderValue::from_str(header).unwrap());
        mirror_edited(&mut headers, &call(before), &call(after)).map_err(|refusal| refusal.code)?;
        Ok(headers["mcp-param-key"].to_str().unwrap().to_owned())
    }

    #[test]
    fn a_header_follows_the_argument_it_mirrors_or_the_call_is_refused() {
        let before = r#"{"a":"s3cret","b":["s3cret",7],"c":"other","d":true}"#;
        let after = r#"{"a":"[REDACTED:x]","b":["[REDACTED:x]",7],"c":"other","d":true}"#;
        assert_eq!(mirrored("s3cret", before, after).unwrap(), "[REDACTED:x]");
        assert_eq!(mirrored("=?base64?czNjcmV0?=", before, after).unwrap(), "[REDACTED:x]");
        for unchanged in ["other", "7", "true"] {
            assert_eq!(mirrored(unchanged, before, after).unwrap(), unchanged);
        }
        let half = r#"{"a":"[REDACTED:x]","b":["s3cret",7],"c":"other","d":true}"#;
        let fewer = r#"{"a":"[REDACTED:x]","b":"[REDACTED:x]","c":"other","d":true}"#;
        for (header, after) in [("s3cret", half), ("s3cret", fewer), ("s3cre", after), ("42", after)] {
            assert_eq!(mirrored(header, before, after), Err(RefusalCode::HeaderMismatch), "{header} {after}");
        }
        assert_eq!(mirrored("a", r#"{"a":"a"}"#, r#"{"a":"é\n"}"#).unwrap(), "=?base64?w6kK?=");
    }
}
