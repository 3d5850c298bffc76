//! The answers to requests that are not admitted: 401 and 403 with a challenge, 400 for what cannot be read (RFC 6750,
//! section 3; RFC 9728, section 5; MCP "Authorization"). They say nothing about what exists behind the gateway.

use http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Response, StatusCode};

use super::settings::Authentication;
use super::{NotAdmitted, metadata};
use crate::body::{Body, json};

/// The answer to a request to `path` that is not admitted.
pub(super) fn refused(why: NotAdmitted, settings: &Authentication, path: &str) -> Response<Body> {
    let (status, message, error) = match why {
        NotAdmitted::Missing => (StatusCode::UNAUTHORIZED, "Unauthorized: a credential is needed", None),
        NotAdmitted::Invalid(_) => {
            (StatusCode::UNAUTHORIZED, "Unauthorized: the credential is not valid", Some("invalid_token"))
        }
        NotAdmitted::Malformed(why) => (StatusCode::BAD_REQUEST, why, Some("invalid_request")),
        NotAdmitted::Unavailable(_) => {
            let message = "The credential cannot be checked at the moment. Try again later.";
            let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, message);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
            return response;
        }
    };
    let required: Vec<&str> = settings.required_scopes.iter().map(String::as_str).collect();
    let mut response = answer(status, message);
    challenge(&mut response, settings, path, error, &required);
    response
}

/// The answer to a request that lacks scopes: all that it needs are named at once.
pub(super) fn insufficient(needed: &[&str], settings: &Authentication, path: &str) -> Response<Body> {
    let mut response = answer(StatusCode::FORBIDDEN, "Forbidden: the credential lacks a scope that this needs");
    challenge(&mut response, settings, path, Some("insufficient_scope"), needed);
    response
}

fn answer(status: StatusCode, message: &str) -> Response<Body> {
    let mut text = br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"#.to_vec();
    gatehold_wire::json::write_string(message, &mut text);
    text.extend_from_slice(b"}}");
    json(status, text.into())
}

fn challenge(
    response: &mut Response<Body>,
    settings: &Authentication,
    path: &str,
    error: Option<&str>,
    scopes: &[&str],
) {
    let mut parameters = Vec::new();
    match &settings.resource {
        Some(resource) if !settings.issuers.is_empty() => {
            parameters.push(format!("resource_metadata=\"{}\"", metadata::address(resource, path)));
        }
        _ => parameters.push("realm=\"gatehold\"".to_owned()),
    }
    if !scopes.is_empty() {
        parameters.push(format!("scope=\"{}\"", scopes.join(" ")));
    }
    if let Some(error) = error {
        parameters.push(format!("error=\"{error}\""));
    }
    if let Ok(value) = HeaderValue::from_str(&format!("Bearer {}", parameters.join(", "))) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
}
