//! The documents that tell a client where to get a token (RFC 9728): the only addresses that are open to everybody. They
//! are written for every path that could be served, so that nobody learns from them which are.

use http::{Method, Response, StatusCode};
use serde_json::json;

use super::settings::{Authentication, Resource};
use crate::body::{Body, empty, json as json_answer};
use crate::config::is_server_name;

/// Where the documents are (RFC 9728, section 3).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The path of a resource that a request is for, as it stands in its address: `/mcp/notes` of `/mcp/notes/`, and the
/// stream's of what is posted for a stream.
pub(super) fn resource_path(path: &str) -> String {
    let path = path.strip_suffix('/').unwrap_or(path);
    match path.strip_prefix("/messages") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("/sse{rest}"),
        _ => path.to_owned(),
    }
}

/// Whether a path could be a resource of ours.
fn is_resource(path: &str) -> bool {
    let rest = path.strip_prefix("/mcp").or_else(|| path.strip_prefix("/sse"));
    rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('/').is_some_and(is_server_name))
}

/// The addresses of the resource that a request to `path` is for: its own, and the gateway's as a whole.
pub(super) fn audiences(resource: &Resource, path: &str) -> Vec<String> {
    let path = resource_path(path);
    let mut own = vec![resource.text().to_owned()];
    if is_resource(&path) {
        own.push(resource.at(&path));
    }
    own
}

/// The address of the document about the resource that a request to `path` is for.
pub(super) fn address(resource: &Resource, path: &str) -> String {
    let path = resource_path(path);
    let path = if is_resource(&path) { path } else { String::new() };
    format!("{}{WELL_KNOWN}{}{path}", resource.origin(), resource.path())
}

/// The document at a path, or `None` where the path is none of these.
pub(super) fn serve(settings: Option<&Authentication>, method: &Method, path: &str) -> Option<Response<Body>> {
    let rest = path.strip_prefix(WELL_KNOWN)?;
    if !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    let settings = settings?;
    let resource = settings.resource.as_ref().filter(|_| !settings.issuers.is_empty())?;
    // The path of the public address stands between, where a proxy in front has not taken it away.
    let named = rest.strip_prefix(resource.path()).unwrap_or(rest);
    let named = named.strip_suffix('/').unwrap_or(named);
    if !named.is_empty() && !is_resource(named) {
        return Some(empty(StatusCode::NOT_FOUND));
    }
    if method != Method::GET && method != Method::HEAD {
        return Some(empty(StatusCode::METHOD_NOT_ALLOWED));
    }
    let issuers: Vec<&str> = settings.issuers.iter().map(|issuer| issuer.issuer.as_str()).collect();
    let mut document = json!({
        "resource": resource.at(named),
        "authorization_servers": issuers,
        "bearer_methods_supported": ["header"],
        "resource_name": "Gatehold",
    });
    let scopes = settings.all_scopes();
    if let (false, Some(members)) = (scopes.is_empty(), document.as_object_mut()) {
        members.insert("scopes_supported".to_owned(), json!(scopes));
    }
    Some(json_answer(StatusCode::OK, document.to_string().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_has_its_own_resource_and_all_have_the_gateways() {
        let plain = Resource::parse("https://gw.example").unwrap();
        assert_eq!(audiences(&plain, "/mcp/notes/"), ["https://gw.example", "https://gw.example/mcp/notes"]);
        assert_eq!(audiences(&plain, "/messages/notes"), ["https://gw.example", "https://gw.example/sse/notes"]);
        assert_eq!(audiences(&plain, "/mcp"), ["https://gw.example", "https://gw.example/mcp"]);
        assert_eq!(audiences(&plain, "/mcp/../x"), ["https://gw.example"]);
        assert_eq!(address(&plain, "/mcp/notes"), format!("https://gw.example{WELL_KNOWN}/mcp/notes"));
        assert_eq!(address(&plain, "/\"x"), format!("https://gw.example{WELL_KNOWN}"));
        let below = Resource::parse("https://gw.example/tools").unwrap();
        assert_eq!(audiences(&below, "/mcp/notes")[1], "https://gw.example/tools/mcp/notes");
        assert_eq!(address(&below, "/mcp/notes"), format!("https://gw.example{WELL_KNOWN}/tools/mcp/notes"));
    }

    #[test]
    fn an_address_of_the_gateway_has_one_writing() {
        for good in ["https://gw.example", "https://gw.example:8443/tools", "http://127.0.0.1:8642", "http://[::1]:1"] {
            assert!(Resource::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "https://gw.example/",
            "http://gw.example",
            "https://GW.example",
            "https://gw.example:443",
            "https://gw.example/a/../b",
            "https://gw.example?x",
            "https://gw.example#x",
            "https://u@gw.example",
            "gw.example",
            "ftp://gw.example",
            "",
        ] {
            assert!(Resource::parse(bad).is_err(), "{bad}");
        }
    }
}
