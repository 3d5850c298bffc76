//! Servers and authorization servers that want our credentials, or more than is theirs.

use super::world::{self, AuthorizationServer, ProtectedServer, response};
use super::*;

async fn refused_with(credentials: &Credentials, expected: &str) {
    let fault = call(credentials, None).await.unwrap_err();
    let HttpFault::Credentials(_, why) = &fault else { panic!("{fault}") };
    assert!(why.contains(expected), "{why}");
    let shown = format!("{fault} {fault:?} {credentials:?}");
    assert!(!shown.contains("hush") && !shown.contains(CLIENT_SECRET), "{shown}");
}

#[tokio::test]
async fn a_server_that_names_another_issuer_gets_nothing() {
    let (authorization, server, credentials) = world(Grant::ClientCredentials);
    let evil = AuthorizationServer::new("");
    let document = format!(r#"{{"resource":"{}","authorization_servers":["{}"]}}"#, server.url, evil.issuer);
    server.state.lock().unwrap().documents.insert("/.well-known/oauth-protected-resource/mcp".to_owned(), document);
    refused_with(&credentials, "does not name the issuer").await;
    assert!(evil.forms().is_empty() && authorization.forms().is_empty() && server.tokens_seen().is_empty());
}

#[tokio::test]
async fn metadata_that_speaks_for_another_issuer_is_refused() {
    let (authorization, _, credentials) = world(Grant::ClientCredentials);
    for other in ["https://as.example", "", &format!("{}/", authorization.issuer)] {
        authorization.state.lock().unwrap().other_issuer = Some(other.to_owned());
        refused_with(&credentials, "another issuer").await;
        credentials.metadata.lock().await.failed = None;
        credentials.slot(None).unwrap().state().failed = None;
    }
    assert!(authorization.forms().is_empty());
}

#[tokio::test]
async fn metadata_about_another_resource_is_refused() {
    for resource in ["https://bank.example/mcp", "http://127.0.0.1:1/mcp", "{base}/mcp/deeper", "{base}/other"] {
        let (authorization, server, credentials) = world(Grant::ClientCredentials);
        let resource = resource.replace("{base}", &server.base());
        let document = format!(r#"{{"resource":"{resource}","authorization_servers":["{}"]}}"#, authorization.issuer);
        server.state.lock().unwrap().documents.insert("/.well-known/oauth-protected-resource/mcp".to_owned(), document);
        refused_with(&credentials, "another resource").await;
        assert!(authorization.forms().is_empty());
    }
}

#[tokio::test]
async fn a_challenge_that_points_into_the_network_is_not_followed() {
    for url in [
        "http://169.254.169.254/latest",
        "https://10.0.0.1/x",
        "https://[::ffff:169.254.169.254]/",
        "file:///etc/passwd",
    ] {
        let (authorization, server, credentials) = world(Grant::ClientCredentials);
        server.state.lock().unwrap().challenge = format!(", resource_metadata=\"{url}\"");
        assert!(matches!(call(&credentials, None).await, Err(HttpFault::Credentials(..))), "{url}");
        assert!(authorization.forms().is_empty() && server.tokens_seen().is_empty());
    }
}

#[tokio::test]
async fn what_is_not_an_answer_of_a_token_endpoint_gives_no_token() {
    let html = response("200 OK", "Content-Type: text/html\r\n", "<html>hush {\"access_token\":\"x\"}</html>");
    let plain = response("200 OK", "", r#"{"access_token":"hush","token_type":"Bearer"}"#);
    let redirect = response("307 Temporary Redirect", "Location: https://evil.example/\r\n", "");
    let coded = world::json("400 Bad Request", r#"{"error":"invalid_scope","error_description":"hush"}"#);
    let odd = world::json("400 Bad Request", r#"{"error":"hush <script>"}"#);
    let other = world::json("200 OK", r#"{"access_token":"hush","token_type":"DPoP"}"#);
    for (instead, expected) in [
        (html, "something other than JSON"),
        (plain, "something other than JSON"),
        (redirect, "redirect"),
        (coded, "`invalid_scope`"),
        (odd, "refused (HTTP 400)"),
        (other, "not a bearer token"),
    ] {
        let (authorization, server, credentials) = world(Grant::ClientCredentials);
        authorization.state.lock().unwrap().instead = Some(instead);
        refused_with(&credentials, expected).await;
        assert!(server.tokens_seen().is_empty());
    }
}

#[tokio::test]
async fn a_secret_never_shows_in_what_is_told_about_its_refusal() {
    let (authorization, server, _) = world(Grant::ClientCredentials);
    let proof = ClientProof::Secret { secret: Secret::new("hush-wrong"), in_header: None };
    let client = Client { id: CLIENT_ID.to_owned(), proof };
    let config = AuthConfig { client, ..config(&authorization.issuer, Grant::ClientCredentials) };
    assert!(!format!("{config:?}").contains("hush"));
    refused_with(&credentials(config, &server), "`invalid_client`").await;
}

#[tokio::test]
async fn failures_are_remembered_and_not_repeated_with_every_call() {
    let (authorization, server, credentials) = world(Grant::ClientCredentials);
    authorization.state.lock().unwrap().instead = Some(world::json("503 Service Unavailable", "{}"));
    for _ in 0..10 {
        refused_with(&credentials, "HTTP 503").await;
    }
    assert_eq!(server.state.lock().unwrap().probes.len(), 1);
    authorization.state.lock().unwrap().instead = None;
    tokio::time::sleep(PAUSE_FIRST + Duration::from_millis(50)).await;
    called(&credentials, None).await;
}

#[tokio::test]
async fn no_message_of_a_client_travels_without_credentials() {
    let (_, server, credentials) = world(Grant::ClientCredentials);
    called(&credentials, None).await;
    let probes = server.state.lock().unwrap().probes.clone();
    assert!(!probes.is_empty() && probes.iter().all(|probe| !probe.body.contains("call")), "{probes:?}");
}

#[tokio::test]
async fn a_server_that_always_wants_other_scopes_gets_few_tries() {
    let (authorization, server, credentials) = world(Grant::ClientCredentials);
    for round in 0..20 {
        server.state.lock().unwrap().needs = [format!("scope-{round}"), "never".to_owned()].into();
        authorization.state.lock().unwrap().tokens.values_mut().for_each(std::collections::BTreeSet::clear);
        let (_status, _) = call(&credentials, None).await.unwrap();
    }
    assert!(authorization.forms().len() <= 1 + STEP_UPS_MAX as usize, "{}", authorization.forms().len());
}

#[tokio::test]
async fn an_attackers_server_is_not_given_the_token_of_another() {
    // The same authorization server guards both: each token names its own resource.
    let (authorization, server, first) = world(Grant::ClientCredentials);
    called(&first, None).await;
    let other = ProtectedServer::new(&authorization);
    let second = credentials(config(&authorization.issuer, Grant::ClientCredentials), &other);
    called(&second, None).await;
    let forms = authorization.forms();
    assert_eq!((&forms[0]["resource"], &forms[1]["resource"]), (&server.url, &other.url));
    assert_ne!(server.tokens_seen(), other.tokens_seen());
}
