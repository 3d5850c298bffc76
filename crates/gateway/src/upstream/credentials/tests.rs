//! Getting tokens from a strict authorization server over real sockets, and what those who lie get of us.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;

use super::*;
use crate::upstream::http::Address;

mod attacks;
mod world;

use world::{AuthorizationServer, CLIENT_ID, CLIENT_SECRET, ProtectedServer};

fn secret_client() -> Client {
    Client {
        id: CLIENT_ID.to_owned(),
        proof: ClientProof::Secret { secret: Secret::new(CLIENT_SECRET), in_header: None },
    }
}

fn config(issuer: &str, grant: Grant) -> AuthConfig {
    AuthConfig { grant, issuer: issuer.to_owned(), client: secret_client(), scopes: None, resource: None }
}

fn credentials(config: AuthConfig, server: &ProtectedServer) -> Arc<Credentials> {
    let address = Address::parse(&server.url).unwrap();
    let client = Arc::new(HttpClient::new(address, None, Duration::from_secs(10)));
    let fetch = FetchConfig { http_on_loopback: true, ..FetchConfig::default() };
    Arc::new(Credentials::new(config, server.url.parse().unwrap(), (client, HeaderMap::new()), fetch))
}

/// The world with one server and its authorization server, and credentials by `grant`.
fn world(grant: Grant) -> (AuthorizationServer, ProtectedServer, Arc<Credentials>) {
    let authorization = AuthorizationServer::new("/tenant");
    let server = ProtectedServer::new(&authorization);
    let credentials = credentials(config(&authorization.issuer, grant), &server);
    (authorization, server, credentials)
}

async fn call(credentials: &Credentials, subject: Option<&str>) -> Result<(StatusCode, Bytes), HttpFault> {
    let request = Request::post("/mcp").body(Full::new(Bytes::from_static(b"{\"call\":1}"))).unwrap();
    let response = credentials.send(request, subject.map(Secret::new).as_ref()).await?;
    assert!(!response.headers().contains_key(WWW_AUTHENTICATE));
    let status = response.status();
    Ok((status, response.into_body().collect().await.unwrap().to_bytes()))
}

async fn called(credentials: &Credentials, subject: Option<&str>) {
    let (status, body) = call(credentials, subject).await.unwrap();
    assert_eq!((status, &*body), (StatusCode::OK, &b"{\"call\":1}"[..]));
}

fn access() -> Grant {
    Grant::TokenExchange { audience: None, subject: SubjectToken::Access, fixed: None }
}

#[tokio::test]
async fn client_credentials_are_got_once_and_used_for_every_call() {
    for (offered, in_header) in [
        (None, true),
        (Some(vec!["client_secret_post"]), false),
        (Some(vec!["private_key_jwt", "client_secret_basic", "client_secret_post"]), true),
    ] {
        let (authorization, server, credentials) = world(Grant::ClientCredentials);
        authorization.state.lock().unwrap().client_auth = offered;
        called(&credentials, None).await;
        called(&credentials, None).await;
        let forms = authorization.forms();
        assert_eq!(forms.len(), 1, "one token serves many calls");
        assert_eq!(forms[0]["grant_type"], "client_credentials");
        assert_eq!(forms[0]["resource"], server.url);
        assert_eq!(forms[0].contains_key("client_secret"), !in_header);
        assert_eq!(server.tokens_seen(), ["Bearer token-1-us", "Bearer token-1-us"]);
    }
}

#[tokio::test]
async fn a_client_is_proved_with_a_signed_assertion() {
    let key = rcgen::KeyPair::generate().unwrap();
    let (authorization, server, _) = world(Grant::ClientCredentials);
    authorization.state.lock().unwrap().client_key = Some(key.public_key_pem());
    let proof = ClientProof::PrivateKey {
        key: Secret::new(key.serialize_pem()),
        algorithm: jsonwebtoken::Algorithm::ES256,
        key_id: Some("k1".to_owned()),
    };
    let client = Client { id: CLIENT_ID.to_owned(), proof };
    let config = AuthConfig { client, ..config(&authorization.issuer, Grant::ClientCredentials) };
    called(&credentials(config, &server), None).await;
    assert!(!authorization.forms()[0].contains_key("client_secret"));
}

#[tokio::test]
async fn a_callers_token_is_exchanged_and_never_passed_on() {
    let (authorization, server, credentials) = world(access());
    for subject in ["callers-alice", "callers-bob", "callers-alice"] {
        called(&credentials, Some(subject)).await;
    }
    assert_eq!(
        server.tokens_seen(),
        ["Bearer token-1-callers-alice", "Bearer token-2-callers-bob", "Bearer token-1-callers-alice"]
    );
    let forms = authorization.forms();
    assert_eq!(forms.len(), 2);
    assert_eq!(forms[0]["requested_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    assert_eq!(forms[0]["subject_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    assert!(!forms[0].contains_key("audience"));

    let fault = call(&credentials, None).await.unwrap_err();
    assert!(matches!(fault, HttpFault::Credentials(..)), "{fault}");
    assert!(call(&credentials, Some("stolen")).await.is_err());
    assert_eq!(server.tokens_seen().len(), 3, "nothing is sent without its credentials");
}

#[tokio::test]
async fn a_token_of_the_configuration_is_exchanged_for_every_caller() {
    let fixed = Some(Secret::new("callers-own"));
    let (_, server, credentials) = world(Grant::TokenExchange { audience: None, subject: SubjectToken::Access, fixed });
    assert!(!credentials.wants_subject());
    called(&credentials, None).await;
    called(&credentials, Some("callers-alice")).await;
    assert_eq!(server.tokens_seen(), ["Bearer token-1-callers-own", "Bearer token-1-callers-own"]);
}

#[tokio::test]
async fn a_workload_shows_the_assertion_of_its_platform() {
    let (authorization, server, credentials) = world(Grant::Assertion(Secret::new("jag-for-alice")));
    called(&credentials, None).await;
    let forms = authorization.forms();
    assert_eq!(forms[0]["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_eq!((&forms[0]["assertion"], &forms[0]["resource"]), (&"jag-for-alice".to_owned(), &server.url));
}

#[tokio::test]
async fn an_identity_assertion_leads_to_a_token_of_another_authorization_server() {
    let provider = AuthorizationServer::new("");
    let (authorization, server, _) = world(Grant::ClientCredentials);
    provider.state.lock().unwrap().resource.clone_from(&server.url);
    let grant = Grant::IdentityAssertion {
        issuer: provider.issuer.clone(),
        client: secret_client(),
        subject: SubjectToken::Id,
        fixed: None,
    };
    let credentials = credentials(config(&authorization.issuer, grant), &server);
    called(&credentials, Some("callers-alice")).await;
    let (asked, used) = (provider.forms(), authorization.forms());
    assert_eq!(asked[0]["audience"], authorization.issuer);
    assert_eq!(asked[0]["requested_token_type"], world::ID_JAG);
    assert_eq!(asked[0]["subject_token_type"], "urn:ietf:params:oauth:token-type:id_token");
    assert_eq!(used[0]["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_eq!(used[0]["assertion"], "jag-for-alice");
    assert!(!used[0].values().any(|value| value.contains("callers-alice")), "the caller's token stays with its issuer");
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_with_the_refresh_token() {
    let (authorization, server, credentials) = world(Grant::ClientCredentials);
    {
        let mut state = authorization.state.lock().unwrap();
        (state.refreshes, state.lifetime) = (true, 1);
    }
    called(&credentials, None).await;
    tokio::time::sleep(Duration::from_millis(950)).await;
    called(&credentials, None).await;
    let forms = authorization.forms();
    assert_eq!(forms[1]["grant_type"], "refresh_token");
    assert_eq!((&forms[1]["refresh_token"], &forms[1]["resource"]), (&"refresh-1".to_owned(), &server.url));
    assert_eq!(server.tokens_seen(), ["Bearer token-1-us", "Bearer token-2-us"]);
    // A refresh token that is refused is given up, and the grant is used again.
    tokio::time::sleep(Duration::from_millis(950)).await;
    credentials.slot(None).unwrap().state().refresh = Some((Secret::new("revoked"), Scopes::new()));
    called(&credentials, None).await;
    let grants: Vec<String> = authorization.forms().iter().map(|form| form["grant_type"].clone()).collect();
    assert_eq!(grants, ["client_credentials", "refresh_token", "refresh_token", "client_credentials"]);
}

#[tokio::test]
async fn many_calls_at_a_time_ask_for_one_token() {
    let (authorization, _, credentials) = world(Grant::ClientCredentials);
    let calls = (0..20).map(|_| {
        let credentials = Arc::clone(&credentials);
        tokio::spawn(async move { called(&credentials, None).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    assert_eq!(authorization.forms().len(), 1);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_with_the_same_bytes() {
    let (authorization, server, credentials) = world(Grant::ClientCredentials);
    called(&credentials, None).await;
    authorization.state.lock().unwrap().tokens.clear();
    called(&credentials, None).await;
    assert_eq!(server.tokens_seen(), ["Bearer token-1-us", "Bearer token-1-us", "Bearer token-2-us"]);
    let asked = server.state.lock().unwrap().asked.clone();
    assert_eq!(asked[1].body, asked[2].body);

    // A server that refuses every token is not asked again and again, and neither is the authorization server.
    server.state.lock().unwrap().refuses_all = true;
    for _ in 0..5 {
        assert!(matches!(call(&credentials, None).await, Err(HttpFault::Credentials(..))));
    }
    assert_eq!((server.tokens_seen().len(), authorization.forms().len()), (5, 3));
}

#[tokio::test]
async fn scopes_come_from_the_challenge_and_grow_when_the_server_wants_more() {
    let (authorization, server, credentials) = world(Grant::ClientCredentials);
    server.state.lock().unwrap().challenge = ", scope=\"read\"".to_owned();
    called(&credentials, None).await;
    server.state.lock().unwrap().needs = ["write".to_owned()].into();
    called(&credentials, None).await;
    let scopes: Vec<String> = authorization.forms().iter().map(|form| form["scope"].clone()).collect();
    assert_eq!(scopes, ["read", "read write"], "first what the challenge names, then the union");
    assert_eq!(server.state.lock().unwrap().probes.len(), 1);

    // What the operator does not allow is not asked for, and the refusal is passed on.
    let (authorization, server, _) = world(Grant::ClientCredentials);
    let scopes = Some(vec!["read".to_owned()]);
    let config = AuthConfig { scopes, ..config(&authorization.issuer, Grant::ClientCredentials) };
    let bounded = super::tests::credentials(config, &server);
    server.state.lock().unwrap().needs = ["admin".to_owned()].into();
    let (status, _) = call(&bounded, None).await.unwrap();
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(authorization.forms().iter().map(|form| form["scope"].clone()).collect::<Vec<_>>(), ["read"]);
}

#[tokio::test]
async fn scopes_of_the_metadata_are_asked_for_when_the_challenge_names_none() {
    let (authorization, server, credentials) = world(Grant::ClientCredentials);
    let document = format!(
        r#"{{"resource":"{}","authorization_servers":["{}"],"scopes_supported":["a","b"]}}"#,
        server.url, authorization.issuer
    );
    let named = format!("{}/elsewhere/metadata", server.base());
    {
        let mut state = server.state.lock().unwrap();
        state.documents.clear();
        state.documents.insert("/elsewhere/metadata".to_owned(), document);
        state.challenge = format!(", resource_metadata=\"{named}\"");
    }
    called(&credentials, None).await;
    assert_eq!(authorization.forms()[0]["scope"], "a b");
}

#[tokio::test]
async fn a_refresh_token_of_the_configuration_is_used_and_followed_as_it_rotates() {
    let (authorization, server, first) = world(Grant::ClientCredentials);
    {
        let mut state = authorization.state.lock().unwrap();
        (state.refreshes, state.lifetime) = (true, 1);
    }
    called(&first, None).await;
    let grant = Grant::RefreshToken(Secret::new("refresh-1"));
    let credentials = credentials(config(&authorization.issuer, grant), &server);
    called(&credentials, None).await;
    tokio::time::sleep(Duration::from_millis(950)).await;
    called(&credentials, None).await;
    let used: Vec<_> = authorization.forms().iter().filter_map(|form| form.get("refresh_token").cloned()).collect();
    assert_eq!(used, ["refresh-1", "refresh-2"]);
}

#[tokio::test]
async fn callers_beyond_the_cap_make_room_for_each_other() {
    let (_, _, credentials) = world(access());
    for number in 0..CALLERS_MAX + 5 {
        credentials.slot(Some(&Secret::new(format!("callers-{number}")))).unwrap();
    }
    let kept = credentials.slots.lock().unwrap().len();
    assert!(kept <= CALLERS_MAX && kept > CALLERS_MAX / 2, "{kept}");
}
