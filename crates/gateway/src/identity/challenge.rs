//! The answers to requests that are not admitted: 401 with a challenge, 400 for what cannot be read (RFC 6750,
//! section 3). They say nothing about what exists behind the gateway.

use http::header::{HeaderValue, WWW_AUTHENTICATE};
use http::{Response, StatusCode};

use super::NotAdmitted;
use crate::body::{Body, json};

/// The answer to a request that is not admitted.
pub(crate) fn refused(why: NotAdmitted) -> Response<Body> {
    let (status, message, error) = match why {
        NotAdmitted::Missing => (StatusCode::UNAUTHORIZED, "Unauthorized: a credential is needed", None),
        NotAdmitted::Invalid(_) => {
            (StatusCode::UNAUTHORIZED, "Unauthorized: the credential is not valid", Some("invalid_token"))
        }
        NotAdmitted::Malformed(why) => (StatusCode::BAD_REQUEST, why, Some("invalid_request")),
    };
    let mut challenge = "Bearer realm=\"gatehold\"".to_owned();
    if let Some(error) = error {
        challenge.push_str(&format!(", error=\"{error}\""));
    }
    let mut text = br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"#.to_vec();
    gatehold_wire::json::write_string(message, &mut text);
    text.extend_from_slice(b"}}");
    let mut response = json(status, text.into());
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
