//! Ten thousand clients at one gateway: what it takes of memory, whether the hard caps hold (calls under way, sessions,
//! connections), and what one well-behaved client feels beside somebody greedy, with a cap for each principal and
//! without. Everybody has an API key; the greedy one asks again as soon as it has an answer, also a refusal.

use std::io::{self, Read};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use gatehold_bench::load::{self, Report, Settings, Until};
use gatehold_bench::process;
use gatehold_bench::session::{Endpoint, Session};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;

use crate::options::Options;
use crate::served::{self, Served};
use crate::target::{Folder, POLICY};

/// The cap of calls under way.
const CALLS_MAX: usize = 256;
/// The cap for each principal, where one is set.
const PER_PRINCIPAL_MAX: usize = 8;
/// How many connections a gateway takes in all: fixed in the product, and stated in its table of limits.
const CONNECTIONS_MAX: usize = 16_384;
/// How many connections more than that are tried.
const CONNECTIONS_BEYOND: usize = 500;
/// Descriptors that this process and the gateway need at the cap of connections.
const DESCRIPTORS: u64 = 18_000;
/// Sockets that the upstream may have beside one per call under way: its listener, its poll, standard streams, and
/// connections that were closed a moment ago.
const SOCKETS_BESIDE: u64 = 32;
/// Descriptors that the gateway may have beside its connections.
const DESCRIPTORS_BESIDE: usize = 100;
/// How often the processes are looked at.
const GLANCE: Duration = Duration::from_millis(50);
/// How many connections are opened in one go.
const CONNECTIONS_AT_ONCE: usize = 100;
/// How long somebody works beside the connections: longer than it takes to open them.
const WORKING_BESIDE: Duration = Duration::from_secs(15);
/// How long a connection may take to be turned away.
const TURNING_AWAY: Duration = Duration::from_secs(2);

/// What happened while somebody was greedy.
#[derive(Debug, Clone)]
pub(crate) struct Crowd {
    /// Connections of the greedy principal.
    pub(crate) greedy: usize,
    /// Whether each principal had a cap.
    pub(crate) is_capped: bool,
    /// Calls of the greedy one that were answered, per second, and those that were refused.
    pub(crate) greedy_rate: f64,
    pub(crate) greedy_refused: u64,
    pub(crate) polite_rate: f64,
    pub(crate) polite_p50_us: f64,
    pub(crate) polite_p99_us: f64,
    /// Calls of the well-behaved one that were not answered as they should.
    pub(crate) polite_errors: u64,
    /// The most memory that the gateway had resident.
    pub(crate) peak_mib: f64,
    /// The most sockets that the upstream had open: calls under way cannot be more, but some have just ended.
    pub(crate) upstream_sockets: u64,
}

/// A hard cap and whether it held.
#[derive(Debug, Clone)]
pub(crate) struct Cap {
    pub(crate) what: &'static str,
    pub(crate) limit: usize,
    /// What was seen, in words.
    pub(crate) seen: String,
    pub(crate) holds: bool,
}

/// Both tables.
pub(crate) fn measure(options: &Options, program: &Path) -> io::Result<(Vec<Crowd>, Vec<Cap>)> {
    raise_descriptors()?;
    let all = if options.is_smoke { 200 } else { 10_000 };
    let mut caps = Vec::new();
    let mut crowds = Vec::new();
    for (greedy, is_capped) in [(0, false), (all / 10, false), (all / 10, true), (all - 1, false), (all - 1, true)] {
        eprintln!("# crowd: one well-behaved client beside {greedy} connections, capped: {is_capped}");
        let gate = Gate::start(program, all, is_capped)?;
        crowds.push(gate.serve(greedy, options.time, (greedy + 1 == all).then_some(&mut caps))?);
    }
    let calls = crowds.iter().map(|crowd| crowd.upstream_sockets).max().unwrap_or_default();
    caps.push(Cap {
        what: "calls under way (`concurrency.calls_max`)",
        limit: CALLS_MAX,
        seen: format!(
            "at most {calls} sockets at the upstream: of calls under way, and of calls that ended a moment ago"
        ),
        // A call gives its place back before its connection can be used again, so there may be twice as many.
        holds: calls <= 2 * CALLS_MAX as u64 + SOCKETS_BESIDE,
    });
    caps.push(connections(program)?);
    Ok((crowds, caps))
}

/// Takes as many descriptors as the system gives; the gateway inherits that.
fn raise_descriptors() -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    if limit.maximum.is_some_and(|most| most < DESCRIPTORS) {
        let sentence = format!("the crowd needs {DESCRIPTORS} descriptors; raise the hard limit (`ulimit -Hn`)");
        return Err(io::Error::other(sentence));
    }
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    Ok(())
}

/// A gateway with two principals.
struct Gate {
    served: Served,
    greedy: Endpoint,
    polite: Endpoint,
    is_capped: bool,
}

impl Gate {
    fn start(program: &Path, sessions_max: usize, is_capped: bool) -> io::Result<Self> {
        let folder = Folder::create()?;
        let greedy = served::make_key(program, &folder, "greedy")?;
        let polite = served::make_key(program, &folder, "polite")?;
        let mut concurrency = json!({ "calls_max": CALLS_MAX });
        if is_capped && let Some(all) = concurrency.as_object_mut() {
            all.insert("per_principal_max".to_owned(), json!(PER_PRINCIPAL_MAX));
        }
        let more = json!({
            "authentication": served::keys_section(), "concurrency": concurrency,
            "sessions": { "count_max": sessions_max },
        });
        let served = Served::start(program, folder, POLICY, &more)?;
        let endpoint = |key: &str| served.endpoint.clone().with_credential(Some(key));
        Ok(Self { greedy: endpoint(&greedy), polite: endpoint(&polite), served, is_capped })
    }

    fn settings(&self, endpoint: &Endpoint, connections: usize, warm_up: Duration, time: Duration) -> Settings {
        Settings {
            endpoint: endpoint.clone(),
            connections,
            payload_bytes: 120,
            warm_up,
            until: Until::Elapsed(time),
            watched: vec![self.served.process.pid()],
        }
    }

    /// The well-behaved client beside this many connections of the greedy one. With `caps`, all sessions are taken:
    /// then one more must find no place.
    fn serve(&self, greedy: usize, time: Duration, caps: Option<&mut Vec<Cap>>) -> io::Result<Crowd> {
        // The greedy one begins before the measured time of the other and goes on after it.
        let settle = Duration::from_secs(1);
        let explain = |error: io::Error| self.served.explain(&error);
        let polite = load::prepare(&self.settings(&self.polite, 1, settle, time)).map_err(explain)?;
        let crowd =
            load::prepare(&self.settings(&self.greedy, greedy, Duration::ZERO, time + 2 * settle)).map_err(explain)?;
        if let Some(caps) = caps {
            caps.push(self.one_session_more(greedy + 1));
        }
        let (is_over, sockets) = (AtomicBool::new(false), AtomicU64::new(0));
        let upstream = self.served.upstream.process.pid();
        let (polite, crowd) = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    sockets.fetch_max(process::open_files(upstream).unwrap_or_default(), Ordering::Relaxed);
                    std::thread::sleep(GLANCE);
                }
            });
            let crowd = scope.spawn(|| crowd.go());
            let polite = polite.go();
            let crowd = crowd.join().unwrap_or_else(|_| Err(io::Error::other("the load of the crowd broke off")));
            is_over.store(true, Ordering::Relaxed);
            (polite, crowd)
        });
        let (polite, crowd) = (polite.map_err(explain)?, crowd.map_err(explain)?);
        Ok(self.found(greedy, &polite, &crowd, sockets.into_inner()))
    }

    /// The figures of both.
    fn found(&self, greedy: usize, polite: &Report, crowd: &Report, upstream_sockets: u64) -> Crowd {
        let peak_kib = process::peak_memory_kib(self.served.process.pid()).unwrap_or_default();
        Crowd {
            greedy,
            is_capped: self.is_capped,
            greedy_rate: crowd.rate,
            greedy_refused: crowd.errors,
            polite_rate: polite.rate,
            polite_p50_us: polite.p50_us,
            polite_p99_us: polite.p99_us,
            polite_errors: polite.errors,
            peak_mib: peak_kib as f64 / 1024.0,
            upstream_sockets,
        }
    }

    /// Tries to open one session more than there may be.
    fn one_session_more(&self, limit: usize) -> Cap {
        let seen = match Session::open(&self.polite) {
            Ok(session) => {
                session.close(&self.polite);
                None
            }
            Err(error) => Some(error.to_string()),
        };
        let holds = seen.as_ref().is_some_and(|sentence| sentence.contains("status 503"));
        let seen = seen.unwrap_or_else(|| "one more was opened".to_owned());
        let seen = seen.chars().filter(|letter| *letter != '|').take(120).collect();
        Cap { what: "sessions (`sessions.count_max`)", limit, seen, holds }
    }
}

/// Opens more connections than a gateway takes: those beyond are closed, and whoever was there goes on all the while.
fn connections(program: &Path) -> io::Result<Cap> {
    let gate = Gate::start(program, 100, false)?;
    let polite = load::prepare(&gate.settings(&gate.polite, 1, Duration::ZERO, WORKING_BESIDE))?;
    let working = std::thread::spawn(|| polite.go());
    let address = gate.served.endpoint.address;
    let (mut streams, mut most) = (Vec::new(), 0);
    while streams.len() < CONNECTIONS_MAX + CONNECTIONS_BEYOND {
        for _ in 0..CONNECTIONS_AT_ONCE {
            streams.push(TcpStream::connect_timeout(&address, TURNING_AWAY)?);
        }
        // Less than the listener's queue at a time: what finds no place there is sent again a second later.
        std::thread::sleep(GLANCE);
        let descriptors = process::open_files(gate.served.process.pid()).unwrap_or_default();
        most = usize::try_from(descriptors).unwrap_or(usize::MAX).max(most);
    }
    std::thread::sleep(TURNING_AWAY);
    let open = streams.iter().filter(|stream| is_open(stream)).count();
    let report = working.join().unwrap_or_else(|_| Err(io::Error::other("the load beside the connections broke off")));
    let report = report.map_err(|error| gate.served.explain(&error))?;
    Ok(Cap {
        what: "connections (fixed)",
        limit: CONNECTIONS_MAX,
        seen: format!(
            "at most {most} descriptors; {open} of {} stayed open beside one that worked ({} calls, {} errors)",
            streams.len(),
            report.calls,
            report.errors
        ),
        // On a machine that is too slow the first are closed for their silence before the last are open; then the cap
        // was not reached, and nothing is shown.
        holds: (CONNECTIONS_MAX..=CONNECTIONS_MAX + DESCRIPTORS_BESIDE).contains(&most)
            && open <= CONNECTIONS_MAX
            && report.errors == 0
            && report.calls > 0,
    })
}

/// Whether the other side has not closed this connection.
fn is_open(mut stream: &TcpStream) -> bool {
    let is_silent = |error: io::Error| error.kind() == io::ErrorKind::WouldBlock;
    stream.set_nonblocking(true).is_ok() && stream.read(&mut [0; 1]).is_err_and(is_silent)
}
