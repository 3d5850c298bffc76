//! The configuration of the gateway: what is meant, after everything written was checked. Every key is documented in
//! `docs/reference/config.md`.
//!
//! Reading it performs no effect but reading the files it names; a file with an error is not used at all.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gatehold_decide::Policy;
use gatehold_decide::diagnostic::{Diagnostic, Source};
use gatehold_evidence::Durability;
use gatehold_wire::Limits;
use http::HeaderMap;

use crate::fetch::FetchConfig;
use crate::identity::Authentication;
use crate::limits::calls::CallLimits;
use crate::limits::rates::{RateRule, Rates};
use crate::limits::shared::SharedConfig;
pub use crate::listen::tls::TlsConfig;
use crate::pipeline::Detectors;
use crate::sessions::SessionLimits;
use crate::upstream::child::ChildSpec;
pub use crate::upstream::credentials::{AuthConfig, Client, ClientProof, Grant, SubjectToken};
use crate::upstream::resilience::Resilience;

mod keys;
mod limits;
mod policy_file;
mod read;
#[cfg(test)]
mod tests;

pub use keys::{EXAMPLE, reference};
pub use limits::limits_reference;
pub(crate) use policy_file::policy_of_text;
pub use policy_file::{load_policy, load_preset, translated};
pub(crate) use read::is_server_name;
pub use read::{parse_header, parse_listen, parse_secret};

/// Everything that the gateway is told.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where clients reach us.
    pub listen: Vec<Listen>,
    /// Where the operator's checks reach us.
    pub admin: crate::admin::Settings,
    /// The servers, in the order of the file.
    pub servers: Vec<ServerConfig>,
    /// What is served at `/mcp` itself.
    pub root: Root,
    /// The policy that applies.
    pub policy: Arc<Policy>,
    /// Where the policy comes from; `None` when there is none.
    pub policy_file: Option<PathBuf>,
    /// The folder of the ledger.
    pub ledger_folder: Option<PathBuf>,
    /// The state folder; without one nobody on the host can answer, and there are no grants.
    pub state_folder: Option<PathBuf>,
    /// How held messages wait for people.
    pub approvals: crate::approvals::Settings,
    /// When a record counts as written.
    pub durability: Durability,
    /// When the detectors run.
    pub detectors: Detectors,
    /// The model that is asked beside them; `None` without one.
    pub second_tier: Option<crate::second_tier::Settings>,
    /// The limits of parsing.
    pub limits: Limits,
    /// How long sessions live and how many there may be.
    pub sessions: SessionLimits,
    /// How much anybody may do.
    pub rates: Rates,
    /// What each tenant may do; charged beside `rates`.
    pub quotas: Vec<RateRule>,
    /// How many calls may be under way.
    pub concurrency: CallLimits,
    /// Where counters live that several gateways share; `None` when each counts by itself.
    pub shared: Option<SharedConfig>,
    /// Host names that clients may use besides loopback.
    pub allowed_hosts: Vec<String>,
    /// Origins whose pages may call.
    pub allowed_origins: Vec<String>,
    /// The explicit forward proxy.
    pub forward_proxy: crate::listen::explicit::Settings,
    /// How clients on the network are authenticated; `None` when they are not.
    pub authentication: Option<Arc<Authentication>>,
    /// TLS toward clients.
    pub tls: Option<TlsConfig>,
    /// Whether listening beyond loopback without authentication was asked for in so many words.
    pub insecure_listen: bool,
    /// How long a server may take to begin its answer.
    pub answer_timeout: Duration,
    /// How long calls may go on when the gateway is to end.
    pub grace: Duration,
    /// What the gateway may fetch on its own account.
    pub fetch: FetchConfig,
    /// The files that secrets were read from: a change of one is a change of the configuration.
    pub secret_files: Vec<PathBuf>,
    /// What the operator should know although the configuration can be used: place, cause and cure, a line each.
    pub warnings: Vec<String>,
    /// Threads that serve.
    pub workers: usize,
}

/// Where clients reach us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// A TCP address.
    Tcp(SocketAddr),
    /// A Unix socket, for HTTP and for newline-framed messages.
    Unix(PathBuf),
}

/// What is served at `/mcp` itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// Nothing.
    Nothing,
    /// The one server of this name.
    Server(String),
    /// All servers at once, with `<server>__<tool>` names.
    Aggregate,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// Its name, as it stands in addresses, policy and records.
    pub name: String,
    /// How it is reached.
    pub reach: ReachConfig,
    /// What is done when it fails.
    pub resilience: Resilience,
}

/// How a server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReachConfig {
    /// By Streamable HTTP, or HTTP+SSE.
    Http {
        /// Its URL.
        url: String,
        /// Whether it speaks HTTP+SSE of 2024-11-05.
        legacy_sse: bool,
        /// Headers set on every request.
        headers: HeaderMap,
        /// Whether the client's `Authorization` is passed on.
        forward_authorization: bool,
        /// How we prove ourselves to it, and it to us.
        proof: ProofConfig,
    },
    /// As a child of ours.
    Child(ChildSpec),
}

/// How the gateway and a server prove themselves to each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProofConfig {
    /// How access tokens are got.
    pub auth: Option<Box<AuthConfig>>,
    /// Certificates trusted for this server besides those of the operating system: a PEM file.
    pub ca: Option<PathBuf>,
    /// The PEM files of our certificate and of its private key.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

/// A configuration that was refused, rendered for people.
#[derive(Debug, thiserror::Error)]
#[error("{rendered}")]
pub struct ConfigError {
    rendered: String,
    coloured: String,
}

impl ConfigError {
    pub(crate) fn of(source: &Source, diagnostics: &[Diagnostic]) -> Self {
        Self { rendered: source.render(diagnostics), coloured: source.render_colour(diagnostics) }
    }

    /// A refusal that concerns no place in a file.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        let rendered = text.into();
        Self { coloured: rendered.clone(), rendered }
    }

    /// With ANSI escapes, for a terminal.
    #[must_use]
    pub fn to_colour_string(&self) -> &str {
        &self.coloured
    }
}

impl Config {
    /// What applies before anything is said.
    #[must_use]
    pub fn new() -> Self {
        Self {
            listen: Vec::new(),
            admin: crate::admin::Settings::default(),
            servers: Vec::new(),
            root: Root::Nothing,
            policy: Arc::new(Policy::none()),
            policy_file: None,
            ledger_folder: None,
            state_folder: None,
            approvals: crate::approvals::Settings::default(),
            durability: Durability::Os,
            detectors: Detectors::default(),
            second_tier: None,
            limits: Limits::default(),
            sessions: SessionLimits::default(),
            rates: Rates::default(),
            quotas: Vec::new(),
            concurrency: CallLimits::default(),
            shared: None,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            forward_proxy: crate::listen::explicit::Settings::default(),
            authentication: None,
            tls: None,
            insecure_listen: false,
            answer_timeout: Duration::from_secs(300),
            grace: Duration::from_secs(10),
            fetch: FetchConfig::default(),
            secret_files: Vec::new(),
            warnings: Vec::new(),
            workers: std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 16),
        }
    }

    /// Reads a configuration file and the policy that it names. Paths in it are relative to its folder.
    ///
    /// # Errors
    /// Every error found, with line, column, caret and help.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = read_text(path)?;
        let name = path.display().to_string();
        let source = Source::new(&name, &text);
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        read::config(&source, folder, &|name| std::env::var(name).ok())
            .map_err(|diagnostics| ConfigError::of(&source, &diagnostics))
    }

    /// Refuses what must not run: listening beyond loopback without authentication, unless it was asked for.
    ///
    /// # Errors
    /// A sentence that says why and what to do.
    pub fn check_exposure(&self) -> Result<(), ConfigError> {
        let takes_certificates =
            self.authentication.as_ref().is_some_and(|authentication| authentication.certificates.is_some());
        if takes_certificates && self.tls.as_ref().is_none_or(|tls| tls.client_ca.is_none()) {
            return Err(ConfigError::plain(
                "`authentication.certificates` takes client certificates, but `tls.client_ca` does not say whose: name the \
                 authorities there",
            ));
        }
        let exposed = self.listen.iter().find_map(|listen| match listen {
            Listen::Tcp(address) if !address.ip().is_loopback() => Some(address),
            Listen::Tcp(_) | Listen::Unix(_) => None,
        });
        match exposed {
            Some(address) if !self.insecure_listen && self.authentication.is_none() => {
                Err(ConfigError::plain(format!(
                    "refusing to listen on {address}: anybody who reaches it could use your servers, since clients are \
                     not authenticated.\n\
                     Add a section `authentication` (`gatehold key create` makes API keys), or listen on 127.0.0.1 \
                     instead, or, behind something that authenticates, repeat with `--insecure-listen` \
                     (`insecure_listen: true` in the file)."
                )))
            }
            _ => Ok(()),
        }
    }

    /// Refuses detectors that are off where somebody rests on them.
    ///
    /// # Errors
    /// A sentence that says why and what to do.
    pub fn check_detectors(&self) -> Result<(), ConfigError> {
        if self.detectors == Detectors::Off && self.second_tier.is_some() {
            return Err(ConfigError::plain(
                "`detection.model` names a model, and detectors are off: it would never be asked. Set `detectors` to auto, or \
                 take the model out",
            ));
        }
        self.detectors.check(&self.policy).map_err(ConfigError::plain)
    }

    /// A warning where credentials travel in the clear.
    #[must_use]
    pub fn exposure_warning(&self) -> Option<String> {
        (self.beyond_loopback() && self.tls.is_none() && self.authentication.is_some()).then(|| {
            "warning: clients beyond this machine send their credentials in the clear: add a section `tls`, or put something \
             that speaks TLS in front"
                .to_owned()
        })
    }

    /// The files that the policy is made of: itself and those that it extends.
    #[must_use]
    pub fn policy_files(&self) -> Vec<PathBuf> {
        let extended = self.policy.layers().iter().skip(1).map(|layer| PathBuf::from(&*layer.name));
        let is_file = |path: &PathBuf| !path.to_string_lossy().starts_with("preset:");
        let named = self.policy_file.clone().filter(is_file);
        named.into_iter().chain(extended.filter(|path| path.is_file())).collect()
    }

    /// Everything of the configuration that messages are charged against.
    #[must_use]
    pub fn charged(&self) -> Rates {
        self.rates.with(&self.quotas)
    }

    /// The paths at which servers are served.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let root = (self.root != Root::Nothing).then(|| "/mcp".to_owned());
        root.into_iter().chain(self.servers.iter().map(|server| format!("/mcp/{}", server.name))).collect()
    }

    /// Files that are read besides the configuration itself: their change is a change of the configuration.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let authentication = self.authentication.iter().flat_map(|authentication| authentication.files());
        let tls = self.tls.iter().flat_map(TlsConfig::files);
        let own = authentication.chain(tls).chain(&self.secret_files).cloned();
        self.policy_files().into_iter().chain(own).collect()
    }

    /// Whether the listeners reach beyond loopback.
    #[must_use]
    pub fn beyond_loopback(&self) -> bool {
        self.listen.iter().any(|listen| matches!(listen, Listen::Tcp(address) if !address.ip().is_loopback()))
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

fn read_text(path: &Path) -> Result<String, ConfigError> {
    let bytes = std::fs::read(path)
        .map_err(|error| ConfigError::plain(format!("{} cannot be read: {error}", path.display())))?;
    if bytes.len() > gatehold_decide::document::FILE_BYTES_MAX {
        return Err(ConfigError::plain(format!("{} is larger than 1 MiB", path.display())));
    }
    String::from_utf8(bytes).map_err(|_| ConfigError::plain(format!("{} is not UTF-8 text", path.display())))
}
