//! Reads the section `authentication`: who may call.

use std::time::Duration;

use gatehold_decide::document::{Node, Value};

use super::Reader;
use crate::identity::keys::KeyFile;
use crate::identity::settings::{Check, ClaimPath, Claims, Introspection, Issuer, Resource, ScopeRule};
use crate::identity::{Algorithm, Authentication, CertificateRule, NameKind};

const TOP: [&str; 6] = ["api_keys", "resource", "issuers", "certificates", "required_scopes", "scopes"];
const API_KEYS: [&str; 1] = ["file"];
const ISSUER: [&str; 9] = [
    "issuer",
    "jwks",
    "jwks_file",
    "introspection",
    "audiences",
    "algorithms",
    "token_types",
    "leeway_seconds",
    "claims",
];
const INTROSPECTION: [&str; 3] = ["url", "client_id", "client_secret"];
const CLAIMS: [&str; 6] = ["name", "client", "roles", "groups", "tenant", "labels"];
const CERTIFICATES: [&str; 4] = ["principal", "names", "roles", "scopes"];
const SCOPES: [&str; 3] = ["servers", "tools", "require"];
/// Keys that hold a value themselves.
#[cfg(test)]
pub(super) const KEY_COUNT: usize = (TOP.len() - 4)
    + API_KEYS.len()
    + (ISSUER.len() - 2)
    + INTROSPECTION.len()
    + CLAIMS.len()
    + CERTIFICATES.len()
    + SCOPES.len();

/// Authorization servers, and rules about scopes.
const ISSUERS_MAX: usize = 32;
const RULES_MAX: usize = 1000;
/// How far clocks may differ where nothing is said, in seconds, and at most.
const LEEWAY_SECONDS: u64 = 30;
const LEEWAY_SECONDS_MAX: usize = 300;

impl Reader<'_> {
    pub(super) fn authentication(&mut self, node: &Node) -> Authentication {
        let mut authentication = Authentication::default();
        for entry in self.table(node, &TOP) {
            let node = &entry.node;
            match entry.key.as_str() {
                "api_keys" => authentication.api_keys = self.api_keys(node),
                "resource" => authentication.resource = self.resource(node),
                "issuers" => authentication.issuers = self.issuers(node),
                "certificates" => authentication.certificates = self.certificate_rule(node),
                "required_scopes" => authentication.required_scopes = self.each(node, Self::scope),
                "scopes" => authentication.scopes = self.each(node, Self::scope_rule),
                _ => {}
            }
        }
        self.check_authentication(&authentication, node);
        authentication
    }

    fn check_authentication(&mut self, authentication: &Authentication, node: &Node) {
        if !self.errors.is_empty() {
            return;
        }
        let has_way = authentication.api_keys.is_some()
            || !authentication.issuers.is_empty()
            || authentication.certificates.is_some();
        if !has_way {
            let help = "write `api_keys: {}` to take the keys that `gatehold key create` makes, or `issuers`, or `certificates`";
            self.error("`authentication` says no way to authenticate", &node.span, help);
        }
        if !authentication.issuers.is_empty() && authentication.resource.is_none() {
            let help = "write the address that clients use, for instance `resource: https://gateway.example.com`";
            self.error("tokens need a `resource`: they must have been issued for it", &node.span, help);
        }
        let asked = authentication.issuers.iter().filter(|issuer| matches!(issuer.check, Check::Introspection(_)));
        if asked.count() > 1 {
            let help = "a token that does not name its issuer must not be shown to several servers";
            self.error("only one issuer may have `introspection`", &node.span, help);
        }
        let mut names: Vec<&str> = authentication.issuers.iter().map(|issuer| issuer.issuer.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
            self.error("two issuers have the same `issuer`", &node.span, "");
        }
        if authentication.scopes.len() > RULES_MAX {
            self.error(format!("there are more than {RULES_MAX} rules in `scopes`"), &node.span, "");
        }
    }

    fn api_keys(&mut self, node: &Node) -> Option<std::path::PathBuf> {
        if !matches!(node.value, Value::Table(_)) {
            let help = "write `api_keys: {}` for the default file, or `api_keys: { file: PATH }`";
            self.error(format!("here stands {}, not a table", node.value.kind()), &node.span, help);
            return None;
        }
        let named = self.table(node, &API_KEYS).first().map(|entry| &entry.node);
        match named {
            Some(file) => self.path(file),
            None => {
                let path = KeyFile::default_path(self.lookup);
                if path.is_none() {
                    let help = "write `api_keys: { file: PATH }`";
                    self.error("neither XDG_STATE_HOME nor HOME is set", &node.span, help);
                }
                path
            }
        }
    }

    fn resource(&mut self, node: &Node) -> Option<Resource> {
        let text = self.text(node)?;
        match Resource::parse(&text) {
            Ok(resource) => Some(resource),
            Err(help) => {
                self.error(format!("`{text}` is not the address of a resource"), &node.span, &help);
                None
            }
        }
    }

    fn issuers(&mut self, node: &Node) -> Vec<Issuer> {
        let mut issuers = Vec::new();
        for entry in self.table(node, &[]) {
            if issuers.len() >= ISSUERS_MAX {
                self.error(format!("there are more than {ISSUERS_MAX} issuers"), &entry.key_span, "");
                break;
            }
            issuers.extend(self.authority(&entry.node));
        }
        issuers
    }

    fn authority(&mut self, node: &Node) -> Option<Issuer> {
        let (mut name, mut ways) = (None, Vec::new());
        let mut issuer = Issuer {
            issuer: String::new(),
            check: Check::KeySet(String::new()),
            audiences: Vec::new(),
            algorithms: Algorithm::ALL.to_vec(),
            token_types: Vec::new(),
            leeway: Duration::from_secs(LEEWAY_SECONDS),
            claims: Claims::default(),
        };
        for entry in self.table(node, &ISSUER) {
            let node = &entry.node;
            match entry.key.as_str() {
                "issuer" => name = self.text(node),
                "jwks" => ways.extend(self.fetched_url(node).map(Check::KeySet)),
                "jwks_file" => ways.extend(self.path(node).map(Check::KeyFile)),
                "introspection" => ways.extend(self.introspection(node).map(Check::Introspection)),
                "audiences" => issuer.audiences = self.each(node, Self::text),
                "algorithms" => issuer.algorithms = self.each(node, Self::algorithm),
                "token_types" => issuer.token_types = self.each(node, Self::text),
                "leeway_seconds" => {
                    issuer.leeway = Duration::from_secs(self.number(node, 0, LEEWAY_SECONDS_MAX) as u64);
                }
                "claims" => issuer.claims = self.claims(node),
                _ => {}
            }
        }
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            self.error("an issuer needs `issuer`: what stands in `iss` of its tokens", &node.span, "");
            return None;
        };
        let mut ways = ways.into_iter();
        let (Some(check), None) = (ways.next(), ways.next()) else {
            let help = "write one of `jwks: URL`, `jwks_file: PATH` and `introspection: {…}`";
            self.error(format!("it is not clear how tokens of `{name}` are checked"), &node.span, help);
            return None;
        };
        if issuer.algorithms.is_empty() {
            self.error(
                "no algorithm is taken",
                &node.span,
                "leave `algorithms` out to take all that sign with a private key",
            );
        }
        Some(Issuer { issuer: name, check, ..issuer })
    }

    /// An address that we fetch from; whether it may be reached is said when it is.
    fn fetched_url(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        if text.starts_with("https://") || text.starts_with("http://") {
            return Some(text);
        }
        self.error(
            format!("`{text}` is not an address that can be fetched"),
            &node.span,
            "write an `https://` address",
        );
        None
    }

    fn algorithm(&mut self, node: &Node) -> Option<Algorithm> {
        let text = self.text(node)?;
        let found = Algorithm::named(&text);
        if found.is_none() {
            let known = Algorithm::ALL.map(Algorithm::name).join(", ");
            let help = format!("known: {known}; shared secrets and `none` are never taken");
            self.error(format!("`{text}` is not an algorithm that is taken"), &node.span, &help);
        }
        found
    }

    fn introspection(&mut self, node: &Node) -> Option<Introspection> {
        let (mut url, mut client_id, mut client_secret) = (None, None, None);
        for entry in self.table(node, &INTROSPECTION) {
            let node = &entry.node;
            match entry.key.as_str() {
                "url" => url = self.fetched_url(node),
                "client_id" => client_id = self.text(node),
                "client_secret" => client_secret = self.secret(node, "client_secret"),
                _ => {}
            }
        }
        let (Some(url), Some(client_id), Some(client_secret)) = (url, client_id, client_secret) else {
            self.error("`introspection` needs `url`, `client_id` and `client_secret`", &node.span, "");
            return None;
        };
        Some(Introspection { url, client_id, client_secret })
    }

    fn claims(&mut self, node: &Node) -> Claims {
        let mut claims = Claims::default();
        for entry in self.table(node, &CLAIMS) {
            let node = &entry.node;
            if entry.key == "labels" {
                for label in self.table(node, &[]) {
                    if let Some(path) = self.claim_path(&label.node) {
                        claims.labels.push((label.key.clone(), path));
                    }
                }
                continue;
            }
            let path = self.claim_path(node);
            match entry.key.as_str() {
                "name" => claims.name = path.unwrap_or(claims.name),
                "client" => claims.client = path,
                "roles" => claims.roles = path,
                "groups" => claims.groups = path,
                "tenant" => claims.tenant = path,
                _ => {}
            }
        }
        claims
    }

    fn claim_path(&mut self, node: &Node) -> Option<ClaimPath> {
        let text = self.text(node)?;
        if text.is_empty() {
            self.error("a claim needs a name", &node.span, "write for instance `realm_access.roles`");
            return None;
        }
        Some(ClaimPath::parse(&text))
    }

    fn certificate_rule(&mut self, node: &Node) -> Option<CertificateRule> {
        let (mut principal, mut names, mut roles, mut scopes) = (None, Vec::new(), Vec::new(), Vec::new());
        for entry in self.table(node, &CERTIFICATES) {
            let node = &entry.node;
            match entry.key.as_str() {
                "principal" => principal = self.name_kind(node),
                "names" => names = self.each(node, Self::glob),
                "roles" => roles = self.each(node, Self::text),
                "scopes" => scopes = self.each(node, Self::scope),
                _ => {}
            }
        }
        if principal.is_none() && self.errors.is_empty() {
            let help = "write `principal: uri`, `dns`, `email` or `cn`";
            self.error("`certificates` needs `principal`: which name is the client's", &node.span, help);
        }
        Some(CertificateRule { principal: principal?, names, roles, scopes })
    }

    fn name_kind(&mut self, node: &Node) -> Option<NameKind> {
        let text = self.text(node)?;
        let found = NameKind::NAMES.iter().find(|(name, _)| **name == *text).map(|(_, kind)| *kind);
        if found.is_none() {
            self.error(format!("`{text}` is no kind of name"), &node.span, "write `uri`, `dns`, `email` or `cn`");
        }
        found
    }

    fn scope_rule(&mut self, node: &Node) -> Option<ScopeRule> {
        let mut rule = ScopeRule { servers: Vec::new(), tools: Vec::new(), require: Vec::new() };
        for entry in self.table(node, &SCOPES) {
            let node = &entry.node;
            match entry.key.as_str() {
                "servers" => rule.servers = self.each(node, Self::glob),
                "tools" => rule.tools = self.each(node, Self::glob),
                "require" => rule.require = self.each(node, Self::scope),
                _ => {}
            }
        }
        if rule.require.is_empty() && self.errors.is_empty() {
            self.error(
                "a rule about scopes needs `require`",
                &node.span,
                "write for instance `require: [files.write]`",
            );
        }
        Some(rule)
    }

    /// A scope as RFC 6749 writes it (section 3.3): it also stands in a header.
    fn scope(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        let is_scope = !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
        if is_scope {
            return Some(text);
        }
        self.error(format!("`{text}` is not a scope"), &node.span, "a scope has no blanks, quotes or backslashes");
        None
    }
}
