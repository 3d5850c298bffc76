//! What the operator says about proving ourselves to a server: `servers.<name>.auth`.

use jsonwebtoken::{Algorithm, EncodingKey};

use crate::secrets::Secret;

/// How the gateway gets access tokens for a server. The client belongs to one issuer and is shown to no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthConfig {
    /// What is asked for.
    pub grant: Grant,
    /// The issuer of the server's authorization server, exactly as its metadata says it.
    pub issuer: String,
    /// What we are there.
    pub client: Client,
    /// All scopes that may ever be asked for. `None`: what the server demands, else what its metadata lists.
    pub scopes: Option<Vec<String>>,
    /// The server's identifier where it is not its URL.
    pub resource: Option<String>,
}

/// How a token is come by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// For ourselves (RFC 6749, section 4.4).
    ClientCredentials,
    /// For the caller, in exchange for the caller's token (RFC 8693).
    TokenExchange {
        /// Who is to accept the new token, beside the resource.
        audience: Option<String>,
        /// What the caller's token is.
        subject: SubjectToken,
        /// The token that is exchanged instead of the caller's: all callers act as whom it is about.
        fixed: Option<Secret>,
    },
    /// For the caller, with an assertion of the identity provider (RFC 8693, then RFC 7523).
    IdentityAssertion {
        /// The identity provider's issuer.
        issuer: String,
        /// What we are there.
        client: Client,
        /// What the caller's token is.
        subject: SubjectToken,
        /// As for an exchange.
        fixed: Option<Secret>,
    },
    /// For ourselves, with an assertion that our own platform gives us: a workload's identity (RFC 7523).
    Assertion(Secret),
    /// For whoever consented once, with the refresh token that came of it.
    RefreshToken(Secret),
}

/// What the caller's token is, as RFC 8693 names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectToken {
    /// An access token.
    Access,
    /// An ID token.
    Id,
    /// A JWT of another kind.
    Jwt,
}

impl SubjectToken {
    /// The URN of RFC 8693, section 3.
    #[must_use]
    pub const fn urn(self) -> &'static str {
        match self {
            Self::Access => "urn:ietf:params:oauth:token-type:access_token",
            Self::Id => "urn:ietf:params:oauth:token-type:id_token",
            Self::Jwt => "urn:ietf:params:oauth:token-type:jwt",
        }
    }
}

/// A client at one authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// What proves that we are it.
    pub proof: ClientProof,
}

/// What proves a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientProof {
    /// Nothing: a public client.
    None,
    /// A secret; `in_header` says where it goes, `None` that the server's metadata decides.
    Secret {
        /// The secret.
        secret: Secret,
        /// In the header (`client_secret_basic`) or in the form (`client_secret_post`).
        in_header: Option<bool>,
    },
    /// An assertion signed with a private key (RFC 7523).
    PrivateKey {
        /// The key in PEM form.
        key: Secret,
        /// What it signs with.
        algorithm: Algorithm,
        /// Its name, where the server knows several.
        key_id: Option<String>,
    },
}

/// The signatures of assertions that are offered, by their names in RFC 7518 and RFC 8037.
pub(crate) const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("EdDSA", Algorithm::EdDSA),
];

/// The key that signs, made from its PEM form.
///
/// # Errors
/// A sentence that does not repeat the key.
pub(crate) fn signing_key(pem: &Secret, algorithm: Algorithm) -> Result<EncodingKey, String> {
    let bytes = pem.reveal().as_bytes();
    let read = match algorithm {
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(bytes),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(bytes),
        _ => EncodingKey::from_rsa_pem(bytes),
    };
    // The cause is left out: it could repeat what was read.
    read.map_err(|_| format!("the private key is not one that {algorithm:?} signs with, in PEM form (PKCS #8)"))
}
