//! What the operator says about authentication: the section `authentication` of the configuration, after it was read.

use std::path::PathBuf;
use std::time::Duration;

use gatehold_decide::policy::glob::Glob;

use super::certificate::CertificateRule;
use super::signature::Algorithm;
use crate::secrets::Secret;

/// How clients on the network are authenticated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authentication {
    /// The file of API keys, where they are taken.
    pub api_keys: Option<PathBuf>,
    /// The public address of the gateway, where tokens are taken.
    pub resource: Option<Resource>,
    /// The authorization servers whose tokens are taken.
    pub issuers: Vec<Issuer>,
    /// Who the holder of a client certificate is, where certificates are taken as proof.
    pub certificates: Option<CertificateRule>,
    /// Scopes that every request needs.
    pub required_scopes: Vec<String>,
    /// Scopes that calls of certain tools need besides.
    pub scopes: Vec<ScopeRule>,
}

impl Authentication {
    /// The files whose change matters.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let key_sets = self.issuers.iter().filter_map(|issuer| match &issuer.check {
            Check::KeyFile(path) => Some(path),
            Check::KeySet(_) | Check::Introspection(_) => None,
        });
        self.api_keys.iter().chain(key_sets)
    }
}

/// The public address of the gateway as clients write it: scheme, host and port, and a path where there is one, without
/// a slash at its end, query or fragment (RFC 8707, section 2; MCP "Authorization", canonical server URI).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource(String);

impl Resource {
    /// Checks an address.
    ///
    /// # Errors
    /// What to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let help = || {
            "write the address that clients use, without a slash at its end: `https://gateway.example.com`; `http` only for \
             loopback"
                .to_owned()
        };
        let url = url::Url::parse(text).map_err(|_| help())?;
        let is_loopback = url.host_str().is_some_and(crate::doors::is_loopback);
        let is_secure = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
        let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        // What the library writes for it must be what was written, or clients would write it in two ways.
        let written = url.as_str().trim_end_matches('/') == text;
        if is_secure && is_bare && url.password().is_none() && written {
            Ok(Self(text.to_owned()))
        } else {
            Err(help())
        }
    }

    /// The address.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The name or address of the host.
    pub(crate) fn host(&self) -> Option<String> {
        url::Url::parse(&self.0).ok()?.host_str().map(ToOwned::to_owned)
    }

    /// The resource at a path of the gateway, for instance `/mcp/notes`.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Scheme, host and port: where documents at `/.well-known/` are.
    pub(crate) fn origin(&self) -> &str {
        let authority = self.0.find("://").map_or(0, |at| at + 3);
        let end = self.0.get(authority..).and_then(|rest| rest.find('/')).map_or(self.0.len(), |at| authority + at);
        self.0.get(..end).unwrap_or(&self.0)
    }

    /// The path of the address: empty, or with a slash at its beginning.
    pub(crate) fn path(&self) -> &str {
        self.0.get(self.origin().len()..).unwrap_or_default()
    }
}

/// One authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Its identifier: what stands in `iss`, compared exactly.
    pub issuer: String,
    /// How its tokens are checked.
    pub check: Check,
    /// Audiences that are taken instead of the gateway's own addresses.
    pub audiences: Vec<String>,
    /// Algorithms that are taken.
    pub algorithms: Vec<Algorithm>,
    /// Kinds of tokens (`typ`) that are taken; the usual ones where it is empty.
    pub token_types: Vec<String>,
    /// How far clocks may differ.
    pub leeway: Duration,
    /// Where the claims stand.
    pub claims: Claims,
}

/// How tokens of an issuer are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// By keys from a URL.
    KeySet(String),
    /// By keys in a file.
    KeyFile(PathBuf),
    /// By asking the server about each (RFC 7662).
    Introspection(Introspection),
}

/// How a server is asked about a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introspection {
    /// Where.
    pub url: String,
    /// Who we are to the server.
    pub client_id: String,
    /// What proves it.
    pub client_secret: Secret,
}

/// Where claims stand in a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The principal's name.
    pub name: ClaimPath,
    /// The client; `client_id`, else `azp`, where nothing is said.
    pub client: Option<ClaimPath>,
    /// Roles.
    pub roles: Option<ClaimPath>,
    /// Groups.
    pub groups: Option<ClaimPath>,
    /// The tenant.
    pub tenant: Option<ClaimPath>,
    /// Labels, by their names.
    pub labels: Vec<(String, ClaimPath)>,
}

impl Default for Claims {
    fn default() -> Self {
        Self {
            name: ClaimPath::parse("sub"),
            client: None,
            roles: None,
            groups: None,
            tenant: None,
            labels: Vec::new(),
        }
    }
}

/// A place in claims: `realm_access.roles`, or, for names with dots in them, `/https:~1~1example.com~1roles` (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPath(Vec<String>);

impl ClaimPath {
    /// Reads a path.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.strip_prefix('/') {
            Some(pointer) => Self(pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect()),
            None => Self(text.split('.').map(ToOwned::to_owned).collect()),
        }
    }

    pub(super) fn steps(&self) -> &[String] {
        &self.0
    }
}

/// Scopes that calls of certain tools need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeRule {
    /// Which servers; all where it is empty.
    pub servers: Vec<Glob>,
    /// Which tools; all where it is empty.
    pub tools: Vec<Glob>,
    /// What is needed.
    pub require: Vec<String>,
}
