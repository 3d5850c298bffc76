//! Reads how the gateway proves itself to a server: `servers.<name>.auth`, `ca`, `client_cert` and `client_key`.

use gatehold_decide::document::{Entry, Node};
use http::header::{AUTHORIZATION, HeaderMap};
use url::Url;

use super::Reader;
use crate::config::ProofConfig;
use crate::secrets::Secret;
use crate::upstream::credentials::{
    ALGORITHMS, AuthConfig, Client, ClientProof, Grant, SubjectToken, is_scope, signing_key,
};

const CLIENT: [&str; 6] = ["client_id", "client_secret", "private_key", "algorithm", "key_id", "client_auth"];
const AUTH: [&str; 10] = [
    "grant",
    "issuer",
    "scopes",
    "resource",
    "audience",
    "subject_token",
    "subject_token_type",
    "assertion",
    "refresh_token",
    "provider",
];
/// Keys that hold a value themselves: those of `auth` less `provider`, those of a client twice, the provider's issuer;
/// less `auth`, which stands among the keys of a server.
#[cfg(test)]
pub(super) const KEY_COUNT: usize = AUTH.len() - 1 + 2 * CLIENT.len() + 1 - 1;

/// Scopes of one server.
const SCOPES_MAX: usize = 100;

const GRANTS: &str = "write `client_credentials`, `token_exchange`, `id_jag`, `jwt_bearer` or `refresh_token`";

fn find<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Node> {
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
}

impl Reader<'_> {
    /// How we prove ourselves to an HTTP server, and it to us.
    pub(super) fn proof(&mut self, entries: &[Entry], headers: &HeaderMap, forwards: bool) -> ProofConfig {
        let mut proof =
            ProofConfig { ca: find(entries, "ca").and_then(|node| self.certificates(node)), ..Default::default() };
        match (find(entries, "client_cert"), find(entries, "client_key")) {
            (Some(chain), Some(key)) => {
                if let (Some(chain_path), Some(key_path)) = (self.certificates(chain), self.path(key)) {
                    let both = (chain_path, key_path);
                    if let Err(error) = crate::fetch::client_settings(None, Some(&both)) {
                        self.error(error, &key.span, "");
                    }
                    proof.certificate = Some(both);
                }
            }
            (Some(node), None) | (None, Some(node)) => {
                self.error("a certificate needs its key", &node.span, "write both `client_cert` and `client_key`");
            }
            (None, None) => {}
        }
        if let Some(node) = find(entries, "auth") {
            if forwards {
                let help = "a client's own token goes to a server only where both are one resource, without `auth`";
                self.error("`auth` and `forward_authorization` exclude each other", &node.span, help);
            }
            if headers.contains_key(AUTHORIZATION) {
                self.error("`auth` sets the header `Authorization` itself", &node.span, "take it out of `headers`");
            }
            proof.auth = self.auth(node).map(Box::new);
        }
        proof
    }

    /// A child has neither a URL nor TLS.
    pub(super) fn refuse_proof_of_child(&mut self, entries: &[Entry]) {
        for key in ["auth", "ca", "client_cert", "client_key"] {
            if let Some(node) = find(entries, key) {
                self.error(
                    format!("`{key}` is for servers with a `url`"),
                    &node.span,
                    "give a child its secrets by `env`",
                );
            }
        }
    }

    fn auth(&mut self, node: &Node) -> Option<AuthConfig> {
        let known: Vec<&str> = AUTH.into_iter().chain(CLIENT).collect();
        let entries = self.table(node, &known);
        let issuer = self.issuer(node, entries);
        let grant = self.grant(node, entries);
        let client = self.client(node, entries);
        let scopes = find(entries, "scopes").map(|node| self.scopes(node));
        let resource = find(entries, "resource").and_then(|node| {
            let text = self.text(node)?;
            if Url::parse(&text).is_ok_and(|url| url.fragment().is_none()) {
                return Some(text);
            }
            self.error("`resource` is a URL without a fragment", &node.span, "");
            None
        });
        Some(AuthConfig { grant: grant?, issuer: issuer?, client: client?, scopes, resource })
    }

    fn grant(&mut self, node: &Node, entries: &[Entry]) -> Option<Grant> {
        let Some(named) = find(entries, "grant") else {
            self.error("`auth` needs a `grant`", &node.span, GRANTS);
            return None;
        };
        let text = self.text(named)?;
        // A key of another grant would be silently without effect.
        let own: &[&str] = match text.as_str() {
            "client_credentials" => &[],
            "token_exchange" => &["audience", "subject_token", "subject_token_type"],
            "id_jag" => &["provider", "subject_token", "subject_token_type"],
            "jwt_bearer" => &["assertion"],
            "refresh_token" => &["refresh_token"],
            _ => {
                self.error(format!("`{text}` is no grant"), &named.span, GRANTS);
                return None;
            }
        };
        for key in ["audience", "subject_token", "subject_token_type", "provider", "assertion", "refresh_token"] {
            if let Some(node) = find(entries, key).filter(|_| !own.contains(&key)) {
                self.error(format!("`{key}` has no meaning with the grant `{text}`"), &node.span, "take it away");
            }
        }
        let subject = match text.as_str() {
            "id_jag" => SubjectToken::Id,
            _ => SubjectToken::Access,
        };
        let subject = find(entries, "subject_token_type").map_or(subject, |node| self.subject(node));
        let fixed = match find(entries, "subject_token") {
            Some(node) => Some(self.secret(node, "subject_token")?),
            None => None,
        };
        match text.as_str() {
            "client_credentials" => Some(Grant::ClientCredentials),
            "token_exchange" => {
                let audience = find(entries, "audience").and_then(|node| self.text(node));
                Some(Grant::TokenExchange { audience, subject, fixed })
            }
            "id_jag" => {
                let (issuer, client) = self.provider(node, entries)?;
                Some(Grant::IdentityAssertion { issuer, client, subject, fixed })
            }
            "jwt_bearer" => self.needed(node, entries, "assertion").map(Grant::Assertion),
            _ => self.needed(node, entries, "refresh_token").map(Grant::RefreshToken),
        }
    }

    fn provider(&mut self, node: &Node, entries: &[Entry]) -> Option<(String, Client)> {
        let Some(provider) = find(entries, "provider") else {
            self.error("the grant `id_jag` needs a `provider`", &node.span, "write its `issuer` and `client_id`");
            return None;
        };
        let known: Vec<&str> = ["issuer"].into_iter().chain(CLIENT).collect();
        let entries = self.table(provider, &known);
        let issuer = self.issuer(provider, entries);
        let client = self.client(provider, entries);
        Some((issuer?, client?))
    }

    /// A secret without which a grant means nothing.
    fn needed(&mut self, node: &Node, entries: &[Entry], key: &str) -> Option<Secret> {
        match find(entries, key) {
            Some(secret) => self.secret(secret, key),
            None => {
                self.error(format!("this grant needs `{key}`"), &node.span, "give it as `${file:PATH}`");
                None
            }
        }
    }

    fn subject(&mut self, node: &Node) -> SubjectToken {
        match self.text(node).as_deref() {
            Some("id_token") => SubjectToken::Id,
            Some("jwt") => SubjectToken::Jwt,
            Some("access_token") | None => SubjectToken::Access,
            Some(_) => {
                self.error("unknown kind of token", &node.span, "write `access_token`, `id_token` or `jwt`");
                SubjectToken::Access
            }
        }
    }

    fn issuer(&mut self, node: &Node, entries: &[Entry]) -> Option<String> {
        let Some(named) = find(entries, "issuer") else {
            let help = "write it exactly as its metadata does: our credentials are shown to nobody else";
            self.error("the `issuer` is missing", &node.span, help);
            return None;
        };
        let text = self.text(named)?;
        match Url::parse(&text) {
            Ok(url) if url.query().is_none() && url.fragment().is_none() && url.has_host() => Some(text),
            _ => {
                self.error("an `issuer` is a URL without query and fragment", &named.span, "");
                None
            }
        }
    }

    fn client(&mut self, node: &Node, entries: &[Entry]) -> Option<Client> {
        let Some(id) = find(entries, "client_id") else {
            self.error("the `client_id` is missing", &node.span, "write what the authorization server knows us as");
            return None;
        };
        let id = self.text(id)?;
        let method = find(entries, "client_auth").map(|node| (self.text(node).unwrap_or_default(), node));
        let (secret, key) = (find(entries, "client_secret"), find(entries, "private_key"));
        for key in ["algorithm", "key_id"].into_iter().filter(|_| key.is_none()) {
            if let Some(node) = find(entries, key) {
                self.error(format!("`{key}` goes with a `private_key`"), &node.span, "");
            }
        }
        let proof = match (secret, key, method.as_ref().map(|(method, node)| (method.as_str(), *node))) {
            (None, None, None | Some(("none", _))) => ClientProof::None,
            (Some(secret), None, None) => {
                ClientProof::Secret { secret: self.secret(secret, "client_secret")?, in_header: None }
            }
            (Some(secret), None, Some((method @ ("client_secret_basic" | "client_secret_post"), _))) => {
                let in_header = Some(method == "client_secret_basic");
                ClientProof::Secret { secret: self.secret(secret, "client_secret")?, in_header }
            }
            (None, Some(key), None | Some(("private_key_jwt", _))) => self.private_key(key, entries)?,
            (Some(_), Some(key), _) => {
                self.error("a client has a `client_secret` or a `private_key`", &key.span, "take one of them away");
                return None;
            }
            (_, _, Some((_, node))) => {
                let help = "`client_secret_basic` and `client_secret_post` go with a `client_secret`, `private_key_jwt` \
                            with a `private_key`, `none` with neither";
                self.error("this way to prove the client does not fit", &node.span, help);
                return None;
            }
        };
        Some(Client { id, proof })
    }

    fn private_key(&mut self, node: &Node, entries: &[Entry]) -> Option<ClientProof> {
        let key = self.secret(node, "private_key")?;
        let algorithm = match find(entries, "algorithm") {
            None => ALGORITHMS.first().map(|(_, algorithm)| *algorithm)?,
            Some(named) => {
                let text = self.text(named)?;
                match ALGORITHMS.iter().find(|(name, _)| *name == text) {
                    Some((_, algorithm)) => *algorithm,
                    None => {
                        let names: Vec<&str> = ALGORITHMS.iter().map(|(name, _)| *name).collect();
                        self.error("unknown algorithm", &named.span, &format!("write one of {}", names.join(", ")));
                        return None;
                    }
                }
            }
        };
        if let Err(error) = signing_key(&key, algorithm) {
            self.error(error, &node.span, "give the key as `${file:PATH}`; see `algorithm`");
            return None;
        }
        let key_id = find(entries, "key_id").and_then(|node| self.text(node));
        Some(ClientProof::PrivateKey { key, algorithm, key_id })
    }

    fn scopes(&mut self, node: &Node) -> Vec<String> {
        let scopes = self.each(node, Self::text);
        if scopes.len() > SCOPES_MAX || !scopes.iter().all(|scope| is_scope(scope)) {
            self.error(format!("`scopes` are at most {SCOPES_MAX} words without spaces"), &node.span, "write a list");
        }
        scopes
    }
}
