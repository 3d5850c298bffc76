//! Who is behind a connection or a request, as verified by us, and what the proof said about them.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// How a principal was established.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Proof {
    /// Nothing was asked for (a loopback listener without authentication).
    Anonymous,
    /// The user of the operating system that runs this process, or that connected to a Unix socket.
    LocalUser,
    /// One of our API keys.
    ApiKey,
    /// An access token of an authorization server: a JWT, or one that was introspected.
    Token,
    /// A client's certificate.
    Certificate,
}

impl Proof {
    /// The stable name, as it stands in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::LocalUser => "local",
            Self::ApiKey => "api_key",
            Self::Token => "token",
            Self::Certificate => "mtls",
        }
    }
}

/// What a proof says beside the name. It may differ from one request to the next of the same principal (another token
/// has other scopes), so each request is judged by the attributes of its own proof.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Roles, as policy matches them.
    pub roles: Box<[Box<str>]>,
    /// Groups of the directory, where the proof names any.
    pub groups: Box<[Box<str>]>,
    /// OAuth scopes.
    pub scopes: Box<[Box<str>]>,
    /// Labels: names and values.
    pub labels: Box<[(Box<str>, Box<str>)]>,
    /// The tenant that quotas are counted by.
    pub tenant: Option<Box<str>>,
}

/// What makes two principals the same.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Identity {
    name: Box<str>,
    /// Who vouches for the name: the issuer of a token. Two issuers may give two people the same name.
    issuer: Option<Box<str>>,
    /// The OAuth client or the key that is used, as verified.
    client: Option<Box<str>>,
}

/// A verified principal. Cloning is cheap. Two principals are the same if name, issuer, client and proof are; their
/// attributes do not matter for that.
#[derive(Clone)]
pub struct Principal {
    identity: Arc<Identity>,
    proof: Proof,
    attributes: Arc<Attributes>,
}

impl Principal {
    /// A principal by name, without attributes.
    #[must_use]
    pub fn new(name: &str, proof: Proof) -> Self {
        Self::vouched(name, proof, None, None)
    }

    /// A principal that `issuer` vouches for and that acts through the verified `client`.
    #[must_use]
    pub fn vouched(name: &str, proof: Proof, issuer: Option<&str>, client: Option<&str>) -> Self {
        let identity = Identity { name: name.into(), issuer: issuer.map(Into::into), client: client.map(Into::into) };
        Self { identity: Arc::new(identity), proof, attributes: Arc::default() }
    }

    /// The same principal with these attributes.
    #[must_use]
    pub fn with_attributes(self, attributes: Attributes) -> Self {
        Self { attributes: Arc::new(attributes), ..self }
    }

    /// The name, as policy matches it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.identity.name
    }

    /// Who vouches for the name.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.identity.issuer.as_deref()
    }

    /// The verified client (OAuth client, or name of the key) that the principal acts through.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        self.identity.client.as_deref()
    }

    /// How it was established.
    #[must_use]
    pub const fn proof(&self) -> Proof {
        self.proof
    }

    /// What the proof says beside the name.
    #[must_use]
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }
}

impl PartialEq for Principal {
    fn eq(&self, other: &Self) -> bool {
        self.proof == other.proof && self.identity == other.identity
    }
}

impl Eq for Principal {}

impl Hash for Principal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.proof.hash(state);
        self.identity.hash(state);
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.proof.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_do_not_make_another_principal_but_issuer_and_client_do() {
        let ada = Principal::vouched("ada", Proof::Token, Some("https://a.example"), Some("agent"));
        let scoped = ada.clone().with_attributes(Attributes { scopes: ["x".into()].into(), ..Attributes::default() });
        assert_eq!(ada, scoped);
        assert_eq!(&*scoped.attributes().scopes, ["x".into()]);
        assert_ne!(ada, Principal::vouched("ada", Proof::Token, Some("https://b.example"), Some("agent")));
        assert_ne!(ada, Principal::vouched("ada", Proof::Token, Some("https://a.example"), Some("other")));
        assert_ne!(Principal::new("ada", Proof::LocalUser), Principal::new("ada", Proof::ApiKey));
    }
}
