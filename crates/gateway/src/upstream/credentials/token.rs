//! Asking a token endpoint: the form, the proof of the client, and what may come back. A token endpoint that answers
//! with anything but a JSON object that holds a usable token has given nothing.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use jsonwebtoken::{Algorithm, Header};
use serde::{Deserialize, Serialize};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::challenge::{Scopes, scopes};
use super::discovery::{Issuer, is_json};
use super::settings::{Client, ClientProof, signing_key};
use super::{CredentialFault, Kind};
use crate::fetch::{Bounds, FetchFault, Fetcher};
use crate::secrets::Secret;

/// Bytes of a token.
const TOKEN_BYTES_MAX: usize = 32 * 1024;
/// How long a token is used whose lifetime nobody told, and at most.
const LIFETIME_UNTOLD: Duration = Duration::from_secs(300);
const LIFETIME_MAX: Duration = Duration::from_secs(24 * 3600);
/// How long an assertion of ours is valid.
const ASSERTION_SECONDS: u64 = 60;
/// Bytes that a form is made for: as it grows beyond, a copy could stay behind.
const FORM_BYTES: usize = 64 * 1024;

/// What a token endpoint gave.
#[derive(Debug, Clone)]
pub(super) struct Granted {
    pub(super) token: Secret,
    pub(super) lifetime: Duration,
    pub(super) refresh: Option<Secret>,
    /// The scopes that it is for; `None` when they are those that were asked for.
    pub(super) scopes: Option<Scopes>,
}

/// What a token must be called to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A bearer token for a server.
    Access,
    /// An assertion for another authorization server, which is no access token.
    Assertion,
}

/// The type of an identity assertion (draft of the OAuth identity assertion grant).
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:token-type:id-jag";

#[derive(Deserialize)]
struct Answer {
    access_token: Option<Zeroizing<String>>,
    token_type: Option<String>,
    issued_token_type: Option<String>,
    expires_in: Option<serde_json::Value>,
    refresh_token: Option<Zeroizing<String>>,
    scope: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: String,
    iat: u64,
    exp: u64,
}

/// The form of a request for a token. It is wiped when it is dropped.
pub(super) struct Form(Zeroizing<String>);

impl Form {
    pub(super) fn new(grant: &str) -> Self {
        Self(Zeroizing::new(String::with_capacity(FORM_BYTES))).with("grant_type", grant)
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        for piece in byte_serialize(value.as_bytes()) {
            self.0.push_str(piece);
        }
        self
    }

    pub(super) fn with_some(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds scopes, if there are any.
    pub(super) fn with_scopes(self, scopes: &Scopes) -> Self {
        let joined = scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        self.with_some("scope", Some(joined.as_str()).filter(|joined| !joined.is_empty()))
    }
}

/// The bytes of a form, wiped when the last user of them is gone.
struct FormBytes(Zeroizing<String>);

impl AsRef<[u8]> for FormBytes {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Sends a form to the token endpoint of an issuer, as the client that we are there.
pub(super) async fn ask(
    fetcher: &Fetcher,
    issuer: &Issuer,
    client: &Client,
    form: Form,
    wanted: Wanted,
) -> Result<Granted, CredentialFault> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let Form(text) = prove(client, issuer, form, &mut headers)?;
    let body = Bytes::from_owner(FormBytes(text));
    let fetched = fetcher.post(&issuer.token_endpoint, headers, body, Bounds::default()).await?;
    let shown = fetched.target.shown();
    if !is_json(&fetched.headers) {
        let why = format!("{shown} answered HTTP {} with something other than JSON", fetched.status.as_u16());
        let kind = if fetched.status.is_server_error() { Kind::Passing } else { Kind::Lasting };
        return Err(CredentialFault::new(kind, why));
    }
    if !fetched.status.is_success() {
        let code = serde_json::from_slice::<Refusal>(&fetched.body).ok().map(|refusal| refusal.error);
        return Err(refused(&shown, fetched.status, code.filter(|code| is_code(code))));
    }
    read(&fetched.body, wanted).map_err(|why| CredentialFault::new(Kind::Lasting, format!("{shown} {why}")))
}

/// A refusal by the endpoint. Its description is not repeated: nobody knows what it holds.
fn refused(shown: &str, status: http::StatusCode, code: Option<String>) -> CredentialFault {
    let kind = match code.as_deref() {
        Some("invalid_grant") => Kind::GrantRefused,
        Some("temporarily_unavailable" | "server_error" | "slow_down") => Kind::Passing,
        _ if status.is_server_error() || status.as_u16() == 429 => Kind::Passing,
        _ => Kind::Lasting,
    };
    let code = code.map(|code| format!(" with `{code}`")).unwrap_or_default();
    CredentialFault::new(kind, format!("{shown} refused{code} (HTTP {})", status.as_u16()))
}

/// Whether an error code can be shown: letters, digits and underscores.
fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Adds what proves that we are the client.
fn prove(client: &Client, issuer: &Issuer, form: Form, headers: &mut HeaderMap) -> Result<Form, CredentialFault> {
    match &client.proof {
        ClientProof::None => Ok(form.with("client_id", &client.id)),
        ClientProof::Secret { secret, in_header } => {
            let offers = |method: &str| match &issuer.client_auth {
                // RFC 8414: without a word it is `client_secret_basic`.
                None => method == "client_secret_basic",
                Some(methods) => methods.iter().any(|offered| offered == method),
            };
            let in_header = in_header.or_else(|| {
                let order = [("client_secret_basic", true), ("client_secret_post", false)];
                order.into_iter().find(|(method, _)| offers(method)).map(|(_, in_header)| in_header)
            });
            match in_header {
                Some(true) => {
                    headers.insert(AUTHORIZATION, basic(&client.id, secret)?);
                    Ok(form)
                }
                Some(false) => Ok(form.with("client_id", &client.id).with("client_secret", secret.reveal())),
                None => {
                    let why = format!("{} takes no client secret, and we have nothing else", issuer.issuer);
                    Err(CredentialFault::new(Kind::Lasting, why))
                }
            }
        }
        ClientProof::PrivateKey { key, algorithm, key_id } => {
            let assertion = assertion(client, &issuer.issuer, key, *algorithm, key_id.clone())
                .map_err(|why| CredentialFault::new(Kind::Lasting, why))?;
            Ok(form
                .with("client_id", &client.id)
                .with("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .with("client_assertion", &assertion))
        }
    }
}

/// The header of `client_secret_basic`: both parts are form-encoded first (RFC 6749, section 2.3.1).
fn basic(id: &str, secret: &Secret) -> Result<HeaderValue, CredentialFault> {
    let encode = |text: &str| Zeroizing::new(byte_serialize(text.as_bytes()).collect::<String>());
    let pair = Zeroizing::new(format!("{}:{}", *encode(id), *encode(secret.reveal())));
    Secret::new(STANDARD.encode(pair.as_bytes()))
        .header("Basic ")
        .ok_or_else(|| CredentialFault::new(Kind::Lasting, "the client's secret cannot stand in a header"))
}

/// A signed statement that we are the client (RFC 7523), for this issuer only and for a minute.
fn assertion(
    client: &Client,
    issuer: &str,
    key: &Secret,
    algorithm: Algorithm,
    key_id: Option<String>,
) -> Result<Zeroizing<String>, String> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|error| format!("no randomness: {error}"))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let claims = Claims {
        iss: &client.id,
        sub: &client.id,
        aud: issuer,
        jti: STANDARD.encode(random),
        iat: now,
        exp: now + ASSERTION_SECONDS,
    };
    let header = Header { kid: key_id, ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, &claims, &signing_key(key, algorithm)?)
        .map(Zeroizing::new)
        .map_err(|_| "the client's assertion could not be signed".to_owned())
}

/// Reads what a token endpoint gave. The words are about the answer and never repeat any of it.
fn read(body: &[u8], wanted: Wanted) -> Result<Granted, String> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| "gave no answer of a token endpoint".to_owned())?;
    let token_type = answer.token_type.unwrap_or_default();
    match wanted {
        Wanted::Access if !token_type.eq_ignore_ascii_case("bearer") => {
            return Err("gave a token that is not a bearer token".to_owned());
        }
        Wanted::Assertion if answer.issued_token_type.as_deref() != Some(ASSERTION_TYPE) => {
            return Err("gave something other than an identity assertion".to_owned());
        }
        Wanted::Access | Wanted::Assertion => {}
    }
    let token = answer.access_token.ok_or("gave no token")?;
    // What goes into a header must be able to stand there (RFC 6750, section 2.1).
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() || token.len() > TOKEN_BYTES_MAX || !token.bytes().all(is_token) {
        return Err("gave a token that cannot stand in a header".to_owned());
    }
    let lifetime = match answer.expires_in {
        None => LIFETIME_UNTOLD,
        // Some servers write the number as a text.
        Some(told) => {
            let seconds = told.as_u64().or_else(|| told.as_str().and_then(|text| text.parse().ok()));
            Duration::from_secs(seconds.ok_or("gave a lifetime that is no number")?).min(LIFETIME_MAX)
        }
    };
    let refresh = answer.refresh_token.filter(|refresh| (1..=TOKEN_BYTES_MAX).contains(&refresh.len()));
    Ok(Granted {
        token: Secret::new(token.as_str()),
        lifetime,
        refresh: refresh.map(|refresh| Secret::new(refresh.as_str())),
        scopes: answer.scope.and_then(|granted| scopes(granted.split(' '))),
    })
}

impl From<FetchFault> for CredentialFault {
    fn from(fault: FetchFault) -> Self {
        let kind = if fault.may_pass() { Kind::Passing } else { Kind::Lasting };
        Self::new(kind, fault.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_usable_bearer_token_is_taken() {
        let granted = read(
            br#"{"access_token":"a.b-c","token_type":"bearer","expires_in":"60","scope":"x y","refresh_token":"r","extra":1}"#,
            Wanted::Access,
        )
        .unwrap();
        assert_eq!((granted.token.reveal(), granted.lifetime), ("a.b-c", Duration::from_secs(60)));
        assert_eq!(granted.scopes.unwrap().len(), 2);
        let endless = read(br#"{"access_token":"a","token_type":"Bearer","expires_in":99999999999}"#, Wanted::Access);
        assert_eq!(endless.unwrap().lifetime, LIFETIME_MAX);
        for body in [
            &b"<html>hush</html>"[..],
            b"",
            b"[]",
            b"\"hush\"",
            br#"{"access_token":"hush"}"#,
            br#"{"access_token":"hush","token_type":"mac"}"#,
            br#"{"access_token":"","token_type":"Bearer"}"#,
            br#"{"access_token":"hush\r\nX: y","token_type":"Bearer"}"#,
            br#"{"token_type":"Bearer"}"#,
            br#"{"access_token":"hush now","token_type":"Bearer"}"#,
            br#"{"access_token":"hush","token_type":"Bearer","expires_in":-1}"#,
        ] {
            let why = read(body, Wanted::Access).unwrap_err();
            assert!(!why.contains("hush"), "{why}");
        }
        assert!(read(br#"{"access_token":"a","token_type":"Bearer"}"#, Wanted::Assertion).is_err());
    }

    #[test]
    fn a_client_and_its_secret_are_encoded_before_they_are_joined() {
        let value = basic("my client:1", &Secret::new("p%:&")).unwrap();
        let encoded = value.to_str().unwrap().strip_prefix("Basic ").unwrap();
        assert_eq!(STANDARD.decode(encoded).unwrap(), b"my+client%3A1:p%25%3A%26");
        assert!(value.is_sensitive());
    }
}
