//! What all listeners share: the pipeline, the current snapshot, the sessions, the counters; and what one connection
//! of a client has.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use gatehold_inspect::finding::{FOREIGN_HANDLE, TOKEN_WITHHELD};
use gatehold_session::{Origin, Principal, Transport};
use http::header::AUTHORIZATION;
use tokio::sync::{Notify, mpsc, watch};

use crate::channel::Posted;
use crate::conversation::Conversation;
use crate::identity::handle::{self, Worth};
use crate::identity::{Peer, Refusals};
use crate::listen::http::drained;
use crate::listen::streamable::Call;
use crate::pipeline::Pipeline;
use crate::servers::{Reach, Server, Snapshot};
use crate::sessions::{HttpSession, Sessions, Streams, new_id};

/// The running gateway.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) snapshot: ArcSwap<Snapshot>,
    pub(crate) sessions: Sessions,
    pub(crate) streams: Streams,
    pub(crate) counters: Arc<Counters>,
    pub(crate) refusals: Refusals,
    /// Asks for the configuration to be read again.
    pub(crate) read_again: Notify,
    /// Becomes true when the gateway is to end.
    pub(crate) draining: watch::Sender<bool>,
    /// Becomes true when the time for that is over.
    pub(crate) ending: watch::Sender<bool>,
}

/// What is counted, for `/metrics`.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    requests: AtomicU64,
    refused: AtomicU64,
    upstream_failed: AtomicU64,
    connections: AtomicU64,
    sessions_ended: AtomicU64,
}

/// One connection of a client.
#[derive(Debug)]
pub(crate) struct Connection {
    /// What the connection itself proves about who is at its other end.
    pub(crate) peer: Peer,
    name: Box<str>,
    conversations: Mutex<HashMap<WithServer, Arc<Conversation>>>,
}

/// A principal and the server that it speaks with.
type WithServer = (Principal, Box<str>);

/// Conversations that one connection keeps for requests without a session: a connection from a proxy may carry many
/// principals. With more, all but the newest are forgotten, which loses claimed names and nothing else.
const CONVERSATIONS_MAX: usize = 64;

impl Gateway {
    pub(crate) fn new(pipeline: Arc<Pipeline>, snapshot: Snapshot) -> Self {
        Self {
            pipeline,
            snapshot: ArcSwap::from_pointee(snapshot),
            sessions: Sessions::default(),
            streams: Streams::default(),
            counters: Arc::default(),
            refusals: Refusals::default(),
            read_again: Notify::new(),
            draining: watch::Sender::new(false),
            ending: watch::Sender::new(false),
        }
    }

    /// Waits until a channel's conversation is to end: its server was taken out of the configuration, or the gateway
    /// drains and either nothing is unanswered or the time is up.
    pub(crate) async fn is_to_end(&self, server: &Server, conversation: &Conversation) {
        let draining = async {
            drained(&mut self.draining.subscribe()).await;
            while !*self.ending.borrow() && !conversation.session().awaited_by_client().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            () = draining => {}
            () = server.removed() => {}
        }
    }

    /// Records that a session has ended.
    pub(crate) fn session_ended(&self, session: &HttpSession, why: &str) {
        self.counters.sessions_ended.fetch_add(1, Ordering::Relaxed);
        let origin = &session.conversation.origin;
        let fields = [("session", &*origin.session), ("server", &*origin.server), ("why", why)];
        // While nothing can be recorded nothing can be sent either, so the failure is noticed there.
        let _unrecorded = self.pipeline.ledger().lifecycle("session_ended", &fields);
    }

    /// The session that a principal names with a server. One of somebody else is none, and is recorded.
    pub(crate) fn session(&self, id: &str, principal: &Principal, server: &str) -> Option<Arc<HttpSession>> {
        match handle::weigh(id, principal, server, self.pipeline.now()) {
            Worth::Own => self.sessions.find(id, principal, server),
            Worth::Foreign => {
                let (owner, name) = self.sessions.owner(id).unzip();
                self.note_foreign("session", owner.as_ref(), name.as_deref(), (principal, server));
                None
            }
            Worth::Nothing => None,
        }
    }

    /// Where to post for the stream that a principal names with a server. One of somebody else is none, and is recorded.
    pub(crate) fn stream(&self, id: &str, principal: &Principal, server: &str) -> Option<mpsc::Sender<Posted>> {
        match handle::weigh(id, principal, server, self.pipeline.now()) {
            Worth::Own => self.streams.find(id, principal, server),
            Worth::Foreign => {
                self.note_foreign("stream", self.streams.owner(id).as_ref(), None, (principal, server));
                None
            }
            Worth::Nothing => None,
        }
    }

    /// Records that a principal has named what is somebody else's. A client that takes its own to another server has
    /// only lost its way.
    fn note_foreign(
        &self,
        what: &str,
        owner: Option<&Principal>,
        name: Option<&str>,
        (principal, server): (&Principal, &str),
    ) {
        if owner == Some(principal) {
            return;
        }
        let fields = [
            ("finding", FOREIGN_HANDLE),
            ("what", what),
            ("principal", principal.name()),
            ("auth", principal.proof().name()),
            ("issuer", principal.issuer().unwrap_or_default()),
            ("client", principal.client().unwrap_or_default()),
            ("server", server),
            ("session", name.unwrap_or_default()),
            ("owner", owner.map_or("", |owner| owner.name())),
        ];
        let fields: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        // While nothing can be recorded nothing can be sent either, so the failure is noticed there.
        let _unrecorded = self.pipeline.ledger().lifecycle("foreign_handle", &fields);
    }

    /// Records, once for each server, that a client has sent a token which was not meant for us and was not passed on.
    pub(crate) fn note_withheld(&self, call: &Call<'_>) {
        let passes_on = matches!(&call.server.reach, Reach::Http(reach) if reach.forward_authorization);
        if passes_on || call.snapshot.identity.authenticates() || !call.head.headers.contains_key(AUTHORIZATION) {
            return;
        }
        if call.server.has_withheld.swap(true, Ordering::Relaxed) {
            return;
        }
        let server = &*call.server.name;
        self.log(&format!(
            "server `{server}`: a client sends a token, which is not passed on; `forward_authorization` does that where \
             gateway and server are one resource"
        ));
        let fields = [("finding", TOKEN_WITHHELD), ("server", server)];
        // While nothing can be recorded nothing can be sent either, so the failure is noticed there.
        let _unrecorded = self.pipeline.ledger().lifecycle("token_withheld", &fields);
    }

    /// Tells the operator.
    pub(crate) fn log(&self, text: &str) {
        log(text);
    }
}

/// Writes a line for the operator to standard error. Control characters are taken out, since parts of it may come from
/// a peer.
pub(crate) fn log(text: &str) {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // Nobody may be listening.
    let _unheard = writeln!(std::io::stderr(), "gatehold: {clean}");
}

impl Counters {
    pub(crate) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn upstream_failed(&self) {
        self.upstream_failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// The counters in the Prometheus text format, with the number of sessions and of requests not admitted.
    pub(crate) fn exposition(&self, sessions: usize, not_admitted: u64) -> String {
        let value = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let rows = [
            ("gatehold_sessions", "gauge", "Sessions of HTTP clients that are open.", sessions as u64),
            ("gatehold_connections", "gauge", "Connections of clients that are open.", value(&self.connections)),
            ("gatehold_requests_total", "counter", "HTTP requests to MCP endpoints.", value(&self.requests)),
            (
                "gatehold_unreadable_total",
                "counter",
                "Requests that could not be read as a message.",
                value(&self.refused),
            ),
            (
                "gatehold_upstream_failures_total",
                "counter",
                "Requests that a server did not answer.",
                value(&self.upstream_failed),
            ),
            ("gatehold_not_admitted_total", "counter", "Requests without a valid credential.", not_admitted),
            ("gatehold_sessions_ended_total", "counter", "Sessions that have ended.", value(&self.sessions_ended)),
        ];
        let mut out = String::new();
        for (name, kind, help, value) in rows {
            out.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n"));
        }
        out
    }
}

/// The most connections of clients over TCP at a time; one more is closed at once.
pub(crate) const CONNECTIONS_MAX: u64 = 16_384;

/// A connection of a client, counted from when this is made until it is dropped. Whoever takes a connection makes it at
/// once: were it counted only by the thread that serves it, a flood would be let in before the first is counted.
pub(crate) struct OpenConnection(Arc<Counters>);

impl OpenConnection {
    /// One that is let in whatever others there are: from the user who owns the Unix socket.
    pub(crate) fn always(counters: &Arc<Counters>) -> Self {
        Self::count(counters).0
    }

    /// `None` when there are `CONNECTIONS_MAX` already.
    pub(crate) fn within_cap(counters: &Arc<Counters>) -> Option<Self> {
        let (counted, before) = Self::count(counters);
        (before < CONNECTIONS_MAX).then_some(counted)
    }

    /// One more, and how many there were before it.
    fn count(counters: &Arc<Counters>) -> (Self, u64) {
        let before = counters.connections.fetch_add(1, Ordering::Relaxed);
        (Self(Arc::clone(counters)), before)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connection {
    pub(crate) fn new(peer: Peer) -> Self {
        Self { peer, name: public_name("c"), conversations: Mutex::new(HashMap::new()) }
    }

    /// The conversation of a principal on this connection with a server, for requests that belong to no session.
    pub(crate) fn conversation(
        &self,
        gateway: &Gateway,
        principal: &Principal,
        server: &str,
        transport: Transport,
    ) -> Arc<Conversation> {
        let mut conversations = self.conversations.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (principal.clone(), Box::from(server));
        if let Some(conversation) = conversations.get(&key) {
            return Arc::clone(conversation);
        }
        let origin = origin_of(self.name.clone(), principal, server, transport);
        let conversation = Arc::new(Conversation::new(Arc::clone(&gateway.pipeline), origin));
        if conversations.len() >= CONVERSATIONS_MAX {
            conversations.clear();
        }
        conversations.insert(key, Arc::clone(&conversation));
        conversation
    }
}

/// Where messages come from that a principal says to a server.
pub(crate) fn origin_of(session: Box<str>, principal: &Principal, server: &str, transport: Transport) -> Origin {
    Origin { session, principal: principal.clone(), server: server.into(), transport }
}

/// A name for a session or a connection in records. It is not the id that a client shows: that one opens the session
/// and is a secret.
pub(crate) fn public_name(prefix: &str) -> Box<str> {
    let random = new_id();
    format!("{prefix}-{}", random.get(..16).unwrap_or_default()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cap_of_connections_holds_when_many_come_at_once() {
        let counters = Arc::new(Counters::default());
        let taken: Vec<OpenConnection> = std::thread::scope(|scope| {
            let many = || (0..CONNECTIONS_MAX / 2).filter_map(|_| OpenConnection::within_cap(&counters)).collect();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn::<_, Vec<OpenConnection>>(many)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(taken.len() as u64, CONNECTIONS_MAX);
        assert!(OpenConnection::within_cap(&counters).is_none());
        let local = OpenConnection::always(&counters);
        drop((taken, local));
        assert_eq!(counters.connections(), 0);
        assert!(OpenConnection::within_cap(&counters).is_some());
    }
}
