//! The sessions of HTTP clients: ours, named by 256 random bits, bound to the principal that opened them. A session
//! that another principal names looks exactly like one that does not exist.
//!
//! Idle sessions end after a while, all sessions end after a longer while, and there is a hard cap on their number.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use gatehold_session::Principal;
use http::HeaderValue;
use tokio::sync::mpsc;

use crate::channel::Posted;
use crate::conversation::Conversation;
use crate::servers::Server;
use crate::upstream::mux::Mux;

/// How long sessions live and how many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// A session ends when nothing was said in it for this long.
    pub idle: Duration,
    /// A session ends this long after it began, whatever is said in it.
    pub lifetime: Duration,
    /// Sessions at a time.
    pub count_max: usize,
    /// Sessions at a time of one tenant; those without a tenant count as one.
    pub per_tenant_max: Option<usize>,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(60 * 60),
            lifetime: Duration::from_secs(24 * 60 * 60),
            count_max: 10_000,
            per_tenant_max: None,
        }
    }
}

/// One session of an HTTP client.
#[derive(Debug)]
pub(crate) struct HttpSession {
    /// What the client shows. Whoever has it can speak in the session, so it stands in no record.
    pub(crate) id: Box<str>,
    pub(crate) conversation: Arc<Conversation>,
    pub(crate) server: Arc<Server>,
    pub(crate) far: FarSide,
    begun: Duration,
    used_ms: AtomicU64,
}

/// A session as an operator may see it: without the id that opens it.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) session: Box<str>,
    pub(crate) principal: String,
    pub(crate) proof: &'static str,
    pub(crate) server: Box<str>,
    pub(crate) age: Duration,
    pub(crate) idle: Duration,
}

impl Seen {
    fn of(session: &HttpSession, now: Duration) -> Self {
        let origin = &session.conversation.origin;
        Self {
            session: origin.session.clone(),
            principal: origin.principal.name().to_owned(),
            proof: origin.principal.proof().name(),
            server: origin.server.clone(),
            age: now.saturating_sub(session.begun),
            idle: now.saturating_sub(Duration::from_millis(session.used_ms.load(Ordering::Relaxed))),
        }
    }
}

/// What a session is joined to.
#[derive(Debug)]
pub(crate) enum FarSide {
    /// A session of an HTTP server, by the id that the server gave it.
    Http(HeaderValue),
    /// A channel of this session's own: a child, an HTTP+SSE connection, an aggregate.
    Mux(Arc<Mux>),
}

impl FarSide {
    pub(crate) fn mux(&self) -> Option<&Arc<Mux>> {
        match self {
            Self::Mux(mux) => Some(mux),
            Self::Http(_) => None,
        }
    }
}

/// All sessions of HTTP clients.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    table: RwLock<HashMap<Box<str>, Arc<HttpSession>>>,
}

/// No session can be opened: there are `count_max` already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// A random name: 256 bits from the operating system, in hexadecimal.
pub(crate) fn new_id() -> Box<str> {
    use std::fmt::Write as _;
    let mut random = [0_u8; 32];
    if getrandom::fill(&mut random).is_err() {
        // Without randomness ids could be guessed; no session is better than that one.
        std::process::abort();
    }
    let mut id = String::with_capacity(64);
    for byte in random {
        // Writing to a string cannot fail.
        let _infallible = write!(id, "{byte:02x}");
    }
    id.into()
}

impl Sessions {
    /// Adds a session under `id`.
    pub(crate) fn open(
        &self,
        id: &str,
        conversation: Arc<Conversation>,
        server: Arc<Server>,
        far: FarSide,
        limits: &SessionLimits,
    ) -> Result<(), Full> {
        let now = conversation.pipeline.now();
        let session = HttpSession {
            id: id.into(),
            conversation,
            server,
            far,
            begun: now,
            used_ms: AtomicU64::new(milliseconds(now)),
        };
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= limits.count_max {
            return Err(Full);
        }
        if let Some(most) = limits.per_tenant_max {
            let tenant = |session: &HttpSession| session.conversation.origin.principal.attributes().tenant.clone();
            let own = tenant(&session);
            if table.values().filter(|other| tenant(other) == own).count() >= most {
                return Err(Full);
            }
        }
        table.insert(id.into(), Arc::new(session));
        Ok(())
    }

    /// The session `id` of this principal with this server.
    pub(crate) fn find(&self, id: &str, principal: &Principal, server: &str) -> Option<Arc<HttpSession>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let session = table.get(id)?;
        let origin = &session.conversation.origin;
        if origin.principal != *principal || *origin.server != *server {
            return None;
        }
        session.used_ms.store(milliseconds(session.conversation.pipeline.now()), Ordering::Relaxed);
        Some(Arc::clone(session))
    }

    /// Whose session an id is, and the session's public name.
    pub(crate) fn owner(&self, id: &str) -> Option<(Principal, Box<str>)> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let origin = &table.get(id)?.conversation.origin;
        Some((origin.principal.clone(), origin.session.clone()))
    }

    /// Ends a session.
    pub(crate) fn close(&self, id: &str) -> Option<Arc<HttpSession>> {
        self.table.write().unwrap_or_else(PoisonError::into_inner).remove(id)
    }

    /// Ends and returns the sessions that were idle or lived for too long, and those whose far side has ended.
    pub(crate) fn reap(&self, now: Duration, limits: &SessionLimits) -> Vec<(Box<str>, Arc<HttpSession>)> {
        let over = |session: &HttpSession| {
            let used = Duration::from_millis(session.used_ms.load(Ordering::Relaxed));
            now.saturating_sub(used) > limits.idle
                || now.saturating_sub(session.begun) > limits.lifetime
                || session.far.mux().is_some_and(|mux| mux.has_ended())
        };
        let ids: Vec<Box<str>> = {
            let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
            table.iter().filter(|(_, session)| over(session)).map(|(id, _)| id.clone()).collect()
        };
        if ids.is_empty() {
            return Vec::new();
        }
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        ids.into_iter().filter_map(|id| table.remove(&id).map(|session| (id, session))).collect()
    }

    /// Ends and returns all sessions with servers that fail `keep`.
    pub(crate) fn retain(&self, keep: impl Fn(&Arc<Server>) -> bool) -> Vec<Arc<HttpSession>> {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        table.extract_if(|_, session| !keep(&session.server)).map(|(_, session)| session).collect()
    }

    /// All sessions as an operator may see them, the oldest first.
    pub(crate) fn seen(&self, now: Duration) -> Vec<Seen> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let mut seen: Vec<Seen> = table.values().map(|session| Seen::of(session, now)).collect();
        drop(table);
        seen.sort_by_key(|seen| std::cmp::Reverse(seen.age));
        seen
    }

    /// The id of the session that records call by this name.
    pub(crate) fn named(&self, name: &str) -> Option<Box<str>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.iter().find(|(_, session)| *session.conversation.origin.session == *name).map(|(id, _)| id.clone())
    }

    /// How many sessions there are.
    pub(crate) fn count(&self) -> usize {
        self.table.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// The open streams of HTTP+SSE clients: where what is posted for them goes.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    table: Mutex<HashMap<Box<str>, Stream>>,
}

#[derive(Debug)]
struct Stream {
    principal: Principal,
    server: Box<str>,
    posted: mpsc::Sender<Posted>,
}

impl Streams {
    /// Streams at a time.
    const COUNT_MAX: usize = 10_000;

    /// Adds a stream under `id`.
    pub(crate) fn open(
        &self,
        id: &str,
        principal: Principal,
        server: &str,
        posted: mpsc::Sender<Posted>,
    ) -> Result<(), Full> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= Self::COUNT_MAX {
            return Err(Full);
        }
        table.insert(id.into(), Stream { principal, server: server.into(), posted });
        Ok(())
    }

    /// Where to post for the stream `id` of this principal with this server.
    pub(crate) fn find(&self, id: &str, principal: &Principal, server: &str) -> Option<mpsc::Sender<Posted>> {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let stream = table.get(id)?;
        (stream.principal == *principal && *stream.server == *server).then(|| stream.posted.clone())
    }

    /// Whose stream an id is.
    pub(crate) fn owner(&self, id: &str) -> Option<Principal> {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.get(id).map(|stream| stream.principal.clone())
    }

    /// Ends a stream.
    pub(crate) fn close(&self, id: &str) {
        self.table.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// How many streams there are.
    pub(crate) fn count(&self) -> usize {
        self.table.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
