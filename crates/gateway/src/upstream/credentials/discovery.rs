//! Finding out where tokens for a server come from: the metadata of the protected resource (RFC 9728), then that of the
//! authorization server (RFC 8414, or OpenID Connect Discovery).
//!
//! The operator has named the issuer, and nothing that a server says can change it: a server that names another one is
//! refused, or our credentials would go to whomever it likes.

use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use url::Url;

use super::challenge::{Challenge, Scopes, scopes};
use super::{CredentialFault, Kind};
use crate::fetch::{Bounds, Fetched, Fetcher};

/// What a server says about itself as a protected resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resource {
    /// Its identifier, which every request for a token names (RFC 8707).
    pub(super) id: String,
    /// The scopes that it lists.
    pub(super) scopes: Option<Scopes>,
}

/// What an authorization server says about itself, as far as it concerns us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Issuer {
    pub(super) issuer: String,
    pub(super) token_endpoint: String,
    /// How clients may prove themselves there; `None` when it does not say.
    pub(super) client_auth: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct ResourceDocument {
    resource: String,
    authorization_servers: Option<Vec<String>>,
    scopes_supported: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct IssuerDocument {
    issuer: String,
    token_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// The metadata of the resource at `server`: where its challenge says, else at the well-known place with the path, else
/// at the root. A server without any is what the operator says it is.
pub(super) async fn resource(
    fetcher: &Fetcher,
    server: &Url,
    issuer: &str,
    challenge: Option<&Challenge>,
) -> Result<Resource, CredentialFault> {
    if let Some(named) = challenge.and_then(|challenge| challenge.resource_metadata.as_deref()) {
        let found = document(fetcher, named).await?;
        let found = found.ok_or_else(|| metadata(format!("{} is not there", without_query(named))))?;
        return check_resource(&found, server, issuer);
    }
    for place in well_known(server, "oauth-protected-resource", true) {
        if let Some(found) = document(fetcher, place.as_str()).await? {
            return check_resource(&found, server, issuer);
        }
    }
    Ok(Resource { id: canonical(server), scopes: None })
}

fn check_resource(fetched: &Fetched, server: &Url, issuer: &str) -> Result<Resource, CredentialFault> {
    let document: ResourceDocument = serde_json::from_slice(&fetched.body)
        .map_err(|_| metadata(format!("{} is not the metadata of a resource", fetched.target.shown())))?;
    if !is_resource_of(&document.resource, server) {
        return Err(metadata(format!("{} is about another resource than the server", fetched.target.shown())));
    }
    // An issuer is compared letter by letter; the operator's is the only one that gets our credentials.
    match document.authorization_servers {
        Some(servers) if servers.iter().any(|named| named == issuer) => {}
        _ => {
            let why = format!("{} does not name the issuer {issuer}, whose client we are", fetched.target.shown());
            return Err(CredentialFault::new(Kind::Lasting, why));
        }
    }
    let scopes = document.scopes_supported.and_then(|listed| scopes(listed.iter().map(String::as_str)));
    Ok(Resource { id: document.resource, scopes })
}

/// Whether `resource` is the server's URL, or a folder of it on the same origin.
fn is_resource_of(resource: &str, server: &Url) -> bool {
    let Ok(resource) = Url::parse(resource) else { return false };
    if resource.origin() != server.origin() || resource.fragment().is_some() || !resource.username().is_empty() {
        return false;
    }
    if resource.query().is_some() && resource.query() != server.query() {
        return false;
    }
    let (folder, path) = (resource.path().trim_end_matches('/'), server.path().trim_end_matches('/'));
    path == folder || path.strip_prefix(folder).is_some_and(|below| below.starts_with('/'))
}

/// The metadata of the authorization server of `issuer`.
pub(super) async fn issuer(fetcher: &Fetcher, issuer: &str) -> Result<Issuer, CredentialFault> {
    let url = Url::parse(issuer).map_err(|error| metadata(format!("the issuer is not a URL: {error}")))?;
    for place in issuer_places(&url) {
        let Some(found) = document(fetcher, place.as_str()).await? else { continue };
        let document: IssuerDocument = serde_json::from_slice(&found.body).map_err(|_| {
            metadata(format!("{} is not the metadata of an authorization server", found.target.shown()))
        })?;
        if document.issuer != issuer {
            let why = format!("{} speaks for another issuer than {issuer}", found.target.shown());
            return Err(CredentialFault::new(Kind::Lasting, why));
        }
        let token_endpoint = document
            .token_endpoint
            .ok_or_else(|| metadata(format!("{} names no token endpoint", found.target.shown())))?;
        // Checked before anything is sent there, and again when it is.
        fetcher.check(&token_endpoint)?;
        let client_auth = document.token_endpoint_auth_methods_supported;
        return Ok(Issuer { issuer: document.issuer, token_endpoint, client_auth });
    }
    Err(metadata(format!("{issuer} publishes no metadata")))
}

/// Where the metadata of an issuer may be: RFC 8414 with the path inserted, OpenID Connect inserted, then appended.
fn issuer_places(issuer: &Url) -> Vec<Url> {
    let mut places = well_known(issuer, "oauth-authorization-server", false);
    places.extend(well_known(issuer, "openid-configuration", false));
    let path = issuer.path().trim_end_matches('/');
    if !path.is_empty() {
        let mut appended = issuer.clone();
        appended.set_path(&format!("{path}/.well-known/openid-configuration"));
        places.push(appended);
    }
    places
}

/// The well-known URL with the path behind it, and with `and_root` the one without.
fn well_known(url: &Url, name: &str, and_root: bool) -> Vec<Url> {
    let mut root = url.clone();
    root.set_query(None);
    root.set_fragment(None);
    root.set_path(&format!("/.well-known/{name}"));
    let path = url.path().trim_end_matches('/');
    if path.is_empty() {
        return vec![root];
    }
    let mut with_path = root.clone();
    with_path.set_path(&format!("/.well-known/{name}{path}"));
    if and_root { vec![with_path, root] } else { vec![with_path] }
}

/// The server's URL as a resource identifier: no fragment, and no slash for an empty path.
fn canonical(server: &Url) -> String {
    let mut url = server.clone();
    url.set_fragment(None);
    match (url.path(), url.query()) {
        ("/", None) => url.as_str().trim_end_matches('/').to_owned(),
        _ => url.into(),
    }
}

/// Fetches a document; `None` when there is none (any 4xx).
async fn document(fetcher: &Fetcher, url: &str) -> Result<Option<Fetched>, CredentialFault> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let bounds = Bounds { follow_redirects: true, ..Bounds::default() };
    let fetched = fetcher.get(url, headers, bounds).await?;
    if fetched.status.is_client_error() {
        return Ok(None);
    }
    if !fetched.status.is_success() {
        let why = format!("{} answered HTTP {}", fetched.target.shown(), fetched.status.as_u16());
        return Err(CredentialFault::new(Kind::Passing, why));
    }
    if !is_json(&fetched.headers) {
        return Err(metadata(format!("{} is not JSON", fetched.target.shown())));
    }
    Ok(Some(fetched))
}

/// Whether an answer says that it is JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn metadata(why: String) -> CredentialFault {
    CredentialFault::new(Kind::Lasting, why)
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn metadata_is_looked_for_in_the_order_of_the_specification() {
        let shown = |places: Vec<Url>| places.iter().map(Url::to_string).collect::<Vec<_>>();
        assert_eq!(
            shown(issuer_places(&url("https://as.example/tenant/1"))),
            [
                "https://as.example/.well-known/oauth-authorization-server/tenant/1",
                "https://as.example/.well-known/openid-configuration/tenant/1",
                "https://as.example/tenant/1/.well-known/openid-configuration",
            ]
        );
        assert_eq!(
            shown(issuer_places(&url("https://as.example"))),
            [
                "https://as.example/.well-known/oauth-authorization-server",
                "https://as.example/.well-known/openid-configuration",
            ]
        );
        assert_eq!(
            shown(well_known(&url("https://mcp.example/a/mcp?x=1"), "oauth-protected-resource", true)),
            [
                "https://mcp.example/.well-known/oauth-protected-resource/a/mcp",
                "https://mcp.example/.well-known/oauth-protected-resource",
            ]
        );
        assert_eq!(canonical(&url("https://mcp.example/#x")), "https://mcp.example");
        assert_eq!(canonical(&url("https://MCP.example:443/mcp")), "https://mcp.example/mcp");
    }

    #[test]
    fn a_resource_is_the_server_or_a_folder_of_it() {
        let server = url("https://mcp.example/a/mcp");
        for same in
            ["https://mcp.example/a/mcp", "https://mcp.example/a/mcp/", "https://mcp.example/a", "https://mcp.example"]
        {
            assert!(is_resource_of(same, &server), "{same}");
        }
        for other in [
            "https://evil.example/a/mcp",
            "http://mcp.example/a/mcp",
            "https://mcp.example:8443/a/mcp",
            "https://mcp.example/a/mc",
            "https://mcp.example/a/mcp/deeper",
            "https://mcp.example/a/mcp?x=1",
            "https://mcp.example/a/mcp#f",
            "https://me@mcp.example/a/mcp",
            "not a url",
            "",
        ] {
            assert!(!is_resource_of(other, &server), "{other}");
        }
    }
}
