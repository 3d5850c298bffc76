//! Counters that several gateways share, in Valkey or Redis: one script charges all limits of a message at once, in one
//! round trip, by the server's time.
//!
//! It never waits longer than its budget. While the store is out of reach nobody queues for it: what would have to be
//! counted there is told so at once, and one attempt at a time is made to reach it again, ever more rarely.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatehold_decide::obligation::Manner;
use gatehold_decide::rate::Meter;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, Script};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::gateway::log;
use crate::limits::table::Passed;
use crate::secrets::Secret;
use crate::worker;

/// How long making a connection may take, in the background.
const CONNECT_PATIENCE: Duration = Duration::from_secs(1);
/// The first pause before the store is tried again, and the longest.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// So many answers in a row that do not come in time end a connection.
const LATE_MAX: u32 = 3;
/// Charges that may be under way on one connection.
const UNDER_WAY_MAX: usize = 1024;

/// Where the shared counters are, and what happens when they are out of reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedConfig {
    /// `redis://[user:password@]host:port[/database]`, or `redis+unix:///path`.
    pub url: Secret,
    /// How long one charge may take.
    pub budget: Duration,
    /// What stands before every key. Gateways that share counters have the same.
    pub prefix: String,
    /// Whether each gateway counts by itself while the store is out of reach. Else what would be counted is refused.
    pub falls_back: bool,
}

/// The store.
#[derive(Debug)]
pub(crate) struct Shared {
    client: Client,
    /// Its address without credentials, for messages.
    shown: String,
    budget: Duration,
    prefix: String,
    falls_back: bool,
    script: Script,
    /// A connection for each worker, so that no charge crosses threads.
    links: Box<[Arc<Link>]>,
    is_down: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Link {
    state: Mutex<State>,
    /// Wakes those who came while the first connection was being made.
    made: Notify,
    /// Answers in a row that were late.
    late: AtomicU32,
}

#[derive(Default)]
enum State {
    #[default]
    Untried,
    /// It is being made; `again` when one was lost before.
    Connecting {
        again: bool,
    },
    Up(MultiplexedConnection),
    Down {
        until: Instant,
        pause: Duration,
    },
}

/// The store cannot count.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unavailable(String);

impl Shared {
    /// A store that is reached when it is first needed.
    ///
    /// # Errors
    /// The URL cannot be used; the words do not repeat it.
    pub(crate) fn new(config: &SharedConfig) -> Result<Self, String> {
        let client = Client::open(config.url.reveal()).map_err(|_| "this is no URL of Valkey or Redis".to_owned())?;
        let shown = client.get_connection_info().addr().to_string();
        Ok(Self {
            client,
            shown,
            budget: config.budget,
            prefix: config.prefix.clone(),
            falls_back: config.falls_back,
            script: Script::new(include_str!("shared/charge.lua")),
            links: (0..worker::COUNT_MAX).map(|_| Arc::default()).collect(),
            is_down: Arc::default(),
        })
    }

    pub(crate) const fn falls_back(&self) -> bool {
        self.falls_back
    }

    /// Whether the store answered last time.
    pub(crate) fn is_up(&self) -> bool {
        !self.is_down.load(Ordering::Relaxed)
    }

    /// Counts one message against all counters, or, if one of them refuses it, against none.
    pub(crate) async fn charge(&self, charges: &[([u8; 16], Meter)]) -> Result<Result<(), Passed>, Unavailable> {
        let Some(link) = self.links.get(worker::current()) else {
            return Err(Unavailable("this thread has no connection to the store".to_owned()));
        };
        match timeout(self.budget, self.ask(link, charges)).await {
            Ok(Ok([0, _])) => {
                link.late.store(0, Ordering::Relaxed);
                Ok(Ok(()))
            }
            Ok(Ok([index, wait])) => {
                link.late.store(0, Ordering::Relaxed);
                let index = usize::try_from(index).unwrap_or(1).saturating_sub(1);
                let wait = Duration::from_micros(u64::try_from(wait).unwrap_or(0));
                Ok(Err(Passed { index, wait, is_full: false }))
            }
            Ok(Err(unavailable)) => Err(unavailable),
            Err(_) => {
                if link.late.fetch_add(1, Ordering::Relaxed) + 1 >= LATE_MAX {
                    self.lose(link, "it does not answer in time");
                }
                Err(Unavailable(format!("the store gave no answer within {} ms", self.budget.as_millis())))
            }
        }
    }

    async fn ask(&self, link: &Arc<Link>, charges: &[([u8; 16], Meter)]) -> Result<[i64; 2], Unavailable> {
        let mut connection = self.connection(link).await?;
        let mut invocation = self.script.prepare_invoke();
        for (key, meter) in charges {
            // One hash tag for all: what one message is charged against must live in one slot of a cluster.
            invocation.key(format!("{{{}}}:limit:{:032x}", self.prefix, u128::from_be_bytes(*key)));
            invocation.arg(match meter.manner() {
                Manner::Bucket => "bucket",
                Manner::Fixed => "fixed",
                Manner::Sliding => "sliding",
            });
            for number in meter.numbers() {
                invocation.arg(number);
            }
        }
        let answer: Result<(i64, i64), RedisError> = invocation.invoke_async(&mut connection).await;
        match answer {
            Ok((index, wait)) => Ok([index, wait]),
            Err(error) => {
                if error.is_io_error() || error.is_connection_dropped() || error.is_unrecoverable_error() {
                    self.lose(link, &error.to_string());
                }
                Err(Unavailable(error.to_string()))
            }
        }
    }

    /// The connection of this worker. Only while the very first one is being made does anybody wait for it.
    async fn connection(&self, link: &Arc<Link>) -> Result<MultiplexedConnection, Unavailable> {
        loop {
            let made = link.made.notified();
            tokio::pin!(made);
            made.as_mut().enable();
            match self.look(link) {
                Look::Up(connection) => return Ok(connection),
                Look::Down => return Err(Unavailable(format!("the store at {} is out of reach", self.shown))),
                Look::First => made.await,
            }
        }
    }

    fn look(&self, link: &Arc<Link>) -> Look {
        let mut state = link.state();
        let (again, pause) = match &*state {
            State::Up(connection) => return Look::Up(connection.clone()),
            State::Connecting { again: false } => return Look::First,
            State::Connecting { again: true } => return Look::Down,
            State::Down { until, .. } if Instant::now() < *until => return Look::Down,
            State::Down { pause, .. } => (true, *pause),
            State::Untried => (false, PAUSE_MIN),
        };
        *state = State::Connecting { again };
        drop(state);
        let (client, script, link, shown) =
            (self.client.clone(), self.script.clone(), Arc::clone(link), self.shown.clone());
        let is_down = Arc::clone(&self.is_down);
        tokio::spawn(async move {
            let made = timeout(CONNECT_PATIENCE, connect(&client, &script)).await;
            let made = made.unwrap_or_else(|_| Err("it does not answer".to_owned()));
            link.settle(made, pause, &is_down, &shown);
        });
        if again { Look::Down } else { Look::First }
    }

    /// Gives a connection up. The first to notice says so.
    fn lose(&self, link: &Link, cause: &str) {
        let mut state = link.state();
        if let State::Up(_) = &*state {
            *state = State::Down { until: Instant::now() + jittered(PAUSE_MIN), pause: PAUSE_MIN };
            drop(state);
            say_down(&self.is_down, &self.shown, cause);
        }
    }
}

enum Look {
    Up(MultiplexedConnection),
    First,
    Down,
}

impl Link {
    fn state(&self) -> MutexGuard<'_, State> {
        // States are replaced whole: a panic leaves none half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of how an attempt to connect ended.
    fn settle(&self, made: Result<MultiplexedConnection, String>, pause: Duration, is_down: &AtomicBool, shown: &str) {
        match made {
            Ok(connection) => {
                self.late.store(0, Ordering::Relaxed);
                *self.state() = State::Up(connection);
                if is_down.swap(false, Ordering::Relaxed) {
                    log(&format!("the shared store at {shown} is in use again"));
                }
            }
            Err(cause) => {
                let next = (pause * 2).min(PAUSE_MAX);
                *self.state() = State::Down { until: Instant::now() + jittered(pause), pause: next };
                say_down(is_down, shown, &cause);
            }
        }
        self.made.notify_waiters();
    }
}

fn say_down(is_down: &AtomicBool, shown: &str, cause: &str) {
    if !is_down.swap(true, Ordering::Relaxed) {
        log(&format!("the shared store at {shown} cannot be used: {cause}. It is tried again"));
    }
}

async fn connect(client: &Client, script: &Script) -> Result<MultiplexedConnection, String> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_PATIENCE))
        .set_response_timeout(Some(CONNECT_PATIENCE))
        .set_concurrency_limit(UNDER_WAY_MAX);
    let mut connection =
        client.get_multiplexed_async_connection_with_config(&config).await.map_err(|error| error.to_string())?;
    script.prepare_invoke().load_async(&mut connection).await.map_err(|error| error.to_string())?;
    Ok(connection)
}

/// A pause between half and one and a half of this, so that many gateways do not come back at once.
fn jittered(pause: Duration) -> Duration {
    let mut random = [0_u8; 4];
    // Without randomness the pause is the shortest.
    let _fixed = getrandom::fill(&mut random);
    pause / 2 + pause.mul_f64(f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX))
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Untried => "untried",
            Self::Connecting { .. } => "connecting",
            Self::Up(_) => "up",
            Self::Down { .. } => "down",
        })
    }
}

#[cfg(test)]
mod tests;
