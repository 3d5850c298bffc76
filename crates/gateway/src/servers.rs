//! The servers behind the gateway, and the snapshot of everything a reload replaces. A request takes one snapshot and
//! keeps it: it never sees half of the old configuration and half of the new.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use gatehold_decide::Policy;
use gatehold_session::Principal;
use http::{HeaderMap, Request, Response};
use http_body_util::Full;
use tokio::sync::watch;

use crate::config::{ReachConfig, ServerConfig};
use crate::doors::Doors;
use crate::fetch::{FetchConfig, Fetcher};
use crate::identity::Identity;
use crate::listen::tls::Tls;
use crate::secrets::Secret;
use crate::sessions::SessionLimits;
use crate::upstream::child::ChildSpec;
use crate::upstream::connection::AnswerBody;
use crate::upstream::credentials::Credentials;
use crate::upstream::http::{HttpClient, HttpFault};
use crate::upstream::mux::Mux;
use crate::upstream::resilience::Resilience;

/// The name of the aggregate in records and policy. No server can have it: `*` is no letter of a name.
pub(crate) const AGGREGATE: &str = "*";

/// One server: how to reach it, and what is kept of it between requests.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) name: Box<str>,
    /// What it was made from; a reload keeps a server whose configuration is the same.
    pub(crate) config: ServerConfig,
    pub(crate) reach: Reach,
    /// For servers that are channels: the one that serves the stateless requests of a principal.
    stateless: Mutex<HashMap<Principal, Arc<Mux>>>,
    /// Whether a client's token was noticed that was not passed on.
    pub(crate) has_withheld: AtomicBool,
    /// Becomes true when a reload has taken the server out.
    removed: watch::Sender<bool>,
}

/// How a server is reached.
#[derive(Debug)]
pub(crate) enum Reach {
    /// Streamable HTTP.
    Http(HttpReach),
    /// HTTP+SSE of 2024-11-05.
    LegacySse(HttpReach),
    /// A child process.
    Child(ChildSpec),
    /// All the other servers at once.
    Aggregate(Vec<Arc<Server>>),
}

/// What is needed to ask an HTTP server.
#[derive(Debug, Clone)]
pub(crate) struct HttpReach {
    pub(crate) client: Arc<HttpClient>,
    /// Headers that are set on every request, replacing a client's.
    pub(crate) headers: HeaderMap,
    /// Whether the client's own `Authorization` is passed on: only where gateway and server are one resource.
    pub(crate) forward_authorization: bool,
    /// Gets tokens for the server, where it wants some.
    pub(crate) credentials: Option<Arc<Credentials>>,
}

impl HttpReach {
    /// Sends a request, with a token where one is configured. `subject` is the caller's own verified token: it is
    /// exchanged where that is configured, and never passed on.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
        subject: Option<&Secret>,
    ) -> Result<Response<AnswerBody>, HttpFault> {
        match &self.credentials {
            Some(credentials) => credentials.send(request, subject).await,
            None => self.client.send(request).await,
        }
    }
}

/// Everything that a reload replaces, at once.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) servers: BTreeMap<Box<str>, Arc<Server>>,
    /// What is served at `/mcp` itself.
    pub(crate) root: Option<Arc<Server>>,
    pub(crate) doors: Doors,
    pub(crate) session_limits: SessionLimits,
    /// TLS toward clients, where it is spoken.
    pub(crate) tls: Option<Arc<Tls>>,
    /// What fetches on our own account.
    pub(crate) fetcher: Arc<Fetcher>,
    pub(crate) fetch: FetchConfig,
    /// Who may call.
    pub(crate) identity: Arc<Identity>,
    /// The policy that calls are judged by which begin under this snapshot.
    pub(crate) policy: Arc<Policy>,
    /// Where the policy comes from.
    pub(crate) policy_file: Option<PathBuf>,
    /// The state folder.
    pub(crate) state_folder: Option<PathBuf>,
    /// What users of this machine may do on the management side, by the names of their principals.
    pub(crate) admin_roles: BTreeMap<Box<str>, Vec<Box<str>>>,
}

impl Server {
    pub(crate) fn new(config: ServerConfig, reach: Reach) -> Self {
        Self {
            name: config.name.as_str().into(),
            config,
            reach,
            stateless: Mutex::new(HashMap::new()),
            has_withheld: AtomicBool::new(false),
            removed: watch::Sender::new(false),
        }
    }

    /// All servers as one.
    pub(crate) fn aggregate(servers: Vec<Arc<Self>>) -> Self {
        let config = ServerConfig {
            name: AGGREGATE.to_owned(),
            reach: ReachConfig::Child(ChildSpec { command: Vec::new(), environment: Vec::new(), folder: None }),
            resilience: Resilience::default(),
        };
        Self::new(config, Reach::Aggregate(servers))
    }

    /// The channel that serves the stateless requests of a principal, if it still runs.
    pub(crate) fn stateless(&self, principal: &Principal) -> Option<Arc<Mux>> {
        let mut table = self.stateless.lock().unwrap_or_else(PoisonError::into_inner);
        table.retain(|_, mux| !mux.has_ended());
        table.get(principal).cloned()
    }

    /// Keeps a channel for the stateless requests of a principal; the one that was there first stays.
    pub(crate) fn keep_stateless(&self, principal: &Principal, mux: Arc<Mux>) -> Arc<Mux> {
        let mut table = self.stateless.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(table.entry(principal.clone()).or_insert(mux))
    }

    /// Ends everything that goes on with this server, which a reload has taken out.
    pub(crate) fn remove(&self) {
        self.end_stateless();
        self.removed.send_replace(true);
    }

    /// Waits until a reload takes the server out.
    pub(crate) async fn removed(&self) {
        // Its sender lives as long as the server.
        let mut removed = self.removed.subscribe();
        let _ended = removed.wait_for(|removed| *removed).await;
    }

    /// Ends the channels that are kept.
    pub(crate) fn end_stateless(&self) {
        self.stateless.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Snapshot {
    /// The server at a path: `/mcp/<name>`, or `/mcp` for the root.
    pub(crate) fn route(&self, rest: &str) -> Option<&Arc<Server>> {
        match rest {
            "" | "/" => self.root.as_ref(),
            named => self.servers.get(named.strip_prefix('/')?),
        }
    }
}
