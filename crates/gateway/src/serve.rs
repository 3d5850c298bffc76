//! The life of the gateway: listeners and workers start, the configuration is replaced while calls run, sessions are
//! reaped, and on SIGTERM calls get their time to end.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gatehold_evidence::{Ledger, LedgerError};
use gatehold_inspect::Registry;
use gatehold_session::Principal;
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep};

use crate::config::{Config, ConfigError, Listen, ReachConfig, Root, ServerConfig};
use crate::doors::Doors;
use crate::fetch::{Fetcher, Resolver, client_settings};
use crate::gateway::{Gateway, OpenConnection, log};
use crate::identity::{Identity, Peer};
use crate::limits::Limiter;
use crate::listen::tls::{self, Tls};
use crate::listen::{explicit, http, unix};
use crate::pipeline::Pipeline;
use crate::second_tier::Scorer;
use crate::servers::{HttpReach, Reach, Server, Snapshot};
use crate::state::{State, StateError};
use crate::upstream::child::running_children;
use crate::upstream::credentials::Credentials;
use crate::upstream::http::{Address, HttpClient};
use crate::watch::watch;
use crate::worker;
use crate::{admin, approvals};

/// How often sessions are looked through.
const REAP_EVERY: Duration = Duration::from_secs(5);
/// How long children may take to end after everything else has.
const CHILDREN_PATIENCE: Duration = Duration::from_secs(5);

/// Why the gateway could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The ledger cannot be written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The state folder cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// An address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(String, String),
    /// The system refused something.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

/// What the caller is told once everything listens.
#[derive(Debug)]
pub struct Started {
    /// The addresses that are listened on, ports filled in.
    pub listening: Vec<String>,
    /// The address of the admin listener.
    pub admin: Option<SocketAddr>,
    /// The file that is recorded in.
    pub ledger: PathBuf,
}

/// Where the configuration comes from when it is read again.
pub type Reload = Box<dyn Fn() -> Result<Config, ConfigError> + Send>;

/// Runs the gateway until it is told to end. `model` is the one that `detection.model` of the configuration names. `watched` are the files whose change makes `reload` be called.
///
/// # Errors
/// Something that is needed to begin is not to be had. Once it runs, nothing but a signal ends it.
pub fn serve(
    config: Config,
    model: Option<Arc<dyn Scorer>>,
    purpose: &str,
    ledger_folder: &Path,
    watched: Vec<PathBuf>,
    reload: Option<Reload>,
    started: impl FnOnce(Started),
) -> Result<(), ServeError> {
    config.check_exposure()?;
    config.check_detectors()?;
    for warning in config.warnings.iter().chain(&config.exposure_warning()) {
        log(warning);
    }
    let ledger = Ledger::open(ledger_folder, purpose, config.durability)?;
    for repair in ledger.repairs() {
        log(&format!("{}: a crash had cut its last record; it was repaired by appending", repair.path.display()));
    }
    let ledger_path = ledger.path();
    let state = config.state_folder.as_deref().map(State::open).transpose()?;
    let pipeline =
        Pipeline::new(Arc::clone(&config.policy), config.detectors, Registry::standard, ledger, config.limits);
    let mut limiter = Limiter::new(config.charged());
    limiter.replace_calls(config.concurrency);
    if let Some(shared) = &config.shared {
        limiter = limiter.sharing(shared).map_err(ConfigError::plain)?;
    }
    let approvals = approvals::Settings { public_url: config.admin.public_url.clone(), ..config.approvals.clone() };
    let mut pipeline = pipeline.with_limiter(limiter).with_desk(approvals, state.as_ref())?;
    match (&config.second_tier, model) {
        (Some(settings), Some(scorer)) => pipeline = pipeline.with_second_tier(settings.clone(), scorer)?,
        (Some(_), None) => return Err(ConfigError::plain("`detection.model` names a model, and none was read").into()),
        (None, _) => {}
    }
    let pipeline = Arc::new(pipeline);
    let snapshot = snapshot(&config, None)?;
    let gateway = Arc::new(Gateway::new(pipeline, snapshot));
    let workers = start_workers(config.workers, &gateway, config.tls.is_some())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let grace = config.grace;
    runtime.block_on(async {
        let listening = listen(&config, &gateway, &workers).await?;
        let mut listening = listening;
        listening.extend(listen_explicit(&config.forward_proxy, &gateway).await?);
        let admin = listen_admin(&config.admin, &gateway).await?;
        // Whoever reads that we have started may send signals and change files at once.
        let mut watched = watched;
        watched.extend(config.files().into_iter().filter(|file| !watched.contains(file)).collect::<Vec<_>>());
        let told = Told::new(watched)?;
        started(Started { listening, admin, ledger: ledger_path });
        run(&gateway, &config, told, reload).await;
        drain(&gateway, grace).await;
        Ok(())
    })
}

/// What the operator can tell us: signals, and changes of files.
struct Told {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    watched: Vec<PathBuf>,
    changes: mpsc::Receiver<()>,
}

impl Told {
    fn new(watched: Vec<PathBuf>) -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            changes: watch(watched.clone()),
            watched,
        })
    }
}

/// Waits for signals and changes until the gateway is to end.
async fn run(gateway: &Arc<Gateway>, started_with: &Config, mut told: Told, reload: Option<Reload>) {
    let mut reap = interval(REAP_EVERY);
    loop {
        tokio::select! {
            _ = told.terminate.recv() => return,
            _ = told.interrupt.recv() => return,
            _ = told.hang_up.recv() => {}
            () = gateway.read_again.notified() => {}
            Some(()) = told.changes.recv() => {}
            _ = reap.tick() => {
                reap_sessions(gateway);
                // Some file systems tell nobody of a change.
                gateway.snapshot.load().identity.refresh_keys();
                continue;
            }
        }
        gateway.snapshot.load().identity.refresh_keys();
        // A file that is named for the first time is watched before it is read, so that no change is missed.
        let mut named = reload.as_ref().and_then(|reload| Some(reload().ok()?.files())).unwrap_or_default();
        named.retain(|file| !told.watched.contains(file));
        if !named.is_empty() {
            told.watched.append(&mut named);
            told.changes = watch(told.watched.clone());
        }
        read_again(gateway, started_with, reload.as_ref());
    }
}

fn reap_sessions(gateway: &Gateway) {
    let limits = gateway.snapshot.load().session_limits;
    for (_, session) in gateway.sessions.reap(gateway.pipeline.now(), &limits) {
        gateway.session_ended(&session, "idle, too old, or its server has ended");
    }
}

/// Reads the configuration again: all of it is used, or none of it.
fn read_again(gateway: &Gateway, started_with: &Config, reload: Option<&Reload>) {
    let Some(reload) = reload else { return };
    let old = gateway.snapshot.load_full();
    let replaced = reload().and_then(|config| {
        config.check_exposure()?;
        // What runs is what was started with; a change of it waits for a restart.
        started_with.detectors.check(&config.policy).map_err(ConfigError::plain)?;
        let new = snapshot(&config, Some(&old))?;
        Ok((config, new))
    });
    match replaced {
        Ok((config, new)) => {
            let digest = config.policy.digest().to_string();
            // A request keeps the snapshot that it began with, and its policy. What comes later, answers too, is judged by
            // the new one.
            gateway.snapshot.store(Arc::new(new));
            gateway.pipeline.replace_policy(Arc::clone(&config.policy));
            gateway.pipeline.limiter().replace_rates(config.charged());
            gateway.pipeline.limiter().replace_calls(config.concurrency);
            let now = gateway.snapshot.load_full();
            let stays =
                |server: &Arc<Server>| now.servers.values().chain(&now.root).any(|kept| Arc::ptr_eq(kept, server));
            for session in gateway.sessions.retain(stays) {
                gateway.session_ended(&session, "its server was taken out of the configuration");
            }
            for server in old.servers.values().chain(&old.root).filter(|server| !stays(server)) {
                server.remove();
            }
            // While nothing can be recorded nothing can be sent either, so the failure is noticed there.
            let _unrecorded = gateway.pipeline.ledger().lifecycle("reloaded", &[("policy_sha256", &digest)]);
            log("the configuration was read again and is in use");
            for warning in &config.warnings {
                log(warning);
            }
            let fixed = fixed_keys(started_with, &config);
            if !fixed.is_empty() {
                log(&format!("a restart is needed for what changed in: {}", fixed.join(", ")));
            }
        }
        Err(error) => {
            let _unrecorded = gateway.pipeline.ledger().lifecycle("reload_refused", &[]);
            log_block(&format!("the new configuration is not used, the old one stays:\n{error}"));
        }
    }
}

/// The keys that differ and that only a restart changes.
fn fixed_keys(before: &Config, after: &Config) -> Vec<&'static str> {
    let rows = [
        ("`listen`", before.listen == after.listen),
        ("`tls` (whether it is spoken)", before.tls.is_some() == after.tls.is_some()),
        ("`admin.listen`", (&before.admin.listen, &before.admin.socket) == (&after.admin.listen, &after.admin.socket)),
        ("`admin.public_url`", before.admin.public_url == after.admin.public_url),
        ("`ledger`", (&before.ledger_folder, before.durability) == (&after.ledger_folder, after.durability)),
        ("`approvals`", before.approvals == after.approvals),
        ("`detectors`", before.detectors == after.detectors),
        ("`state`", before.shared == after.shared && before.state_folder == after.state_folder),
        ("`detection.model`", before.second_tier == after.second_tier),
        ("`limits`", before.limits == after.limits),
        ("`answer_timeout_seconds` (of servers that stay)", before.answer_timeout == after.answer_timeout),
        ("`grace_seconds`", before.grace == after.grace),
        ("`workers`", before.workers == after.workers),
    ];
    rows.into_iter().filter(|(_, is_same)| !is_same).map(|(key, _)| key).collect()
}

/// Writes several lines for the operator.
fn log_block(text: &str) {
    for line in text.lines() {
        log(line);
    }
}

/// Makes the snapshot of a configuration. A server that has not changed is taken over with all its connections.
fn snapshot(config: &Config, old: Option<&Snapshot>) -> Result<Snapshot, ConfigError> {
    let mut servers = BTreeMap::new();
    for server in &config.servers {
        let kept = old
            .and_then(|old| old.servers.get(server.name.as_str()))
            .filter(|old| old.config == *server && fetches_as(old, config));
        let built = match kept {
            Some(kept) => Arc::clone(kept),
            None => Arc::new(build(server, config)?),
        };
        servers.insert(Box::<str>::from(server.name.as_str()), built);
    }
    let root = match &config.root {
        Root::Nothing => None,
        Root::Server(name) => servers.get(name.as_str()).cloned(),
        Root::Aggregate => {
            let all: Vec<Arc<Server>> = servers.values().cloned().collect();
            let kept = old.and_then(|old| old.root.as_ref()).filter(|old| match &old.reach {
                Reach::Aggregate(before) => {
                    before.len() == all.len() && before.iter().zip(&all).all(|(old, new)| Arc::ptr_eq(old, new))
                }
                _ => false,
            });
            Some(kept.cloned().unwrap_or_else(|| Arc::new(Server::aggregate(all))))
        }
    };
    let tls = config.tls.as_ref().map(Tls::new).transpose().map_err(ConfigError::plain)?.map(Arc::new);
    let kept = old.filter(|old| old.fetch == config.fetch).map(|old| Arc::clone(&old.fetcher));
    let fetcher = kept.unwrap_or_else(|| Arc::new(Fetcher::new(config.fetch.clone(), Resolver::system())));
    let before = old.map(|old| &*old.identity);
    let identity = Identity::new(config.authentication.as_ref(), tls.clone(), &fetcher, before);
    let identity = identity.map_err(ConfigError::plain)?;
    let resource = config.authentication.as_ref().and_then(|authentication| authentication.resource.as_ref());
    let own_host = resource.and_then(|resource| resource.host());
    Ok(Snapshot {
        servers,
        root,
        doors: Doors {
            // Whoever says under which address the gateway is public has allowed its name.
            allowed_hosts: config.allowed_hosts.iter().cloned().chain(own_host).collect(),
            allowed_origins: config.allowed_origins.clone(),
            beyond_loopback: config.beyond_loopback(),
        },
        session_limits: config.sessions,
        tls,
        fetch: config.fetch.clone(),
        fetcher,
        identity: Arc::new(identity),
        policy: Arc::clone(&config.policy),
        policy_file: config.policy_file.clone(),
        state_folder: config.state_folder.clone(),
        admin_roles: config.admin.roles.clone(),
    })
}

/// Whether what a server's credentials may fetch from is still what the configuration says.
fn fetches_as(server: &Server, config: &Config) -> bool {
    let reach = match &server.reach {
        Reach::Http(reach) | Reach::LegacySse(reach) => reach,
        Reach::Child(_) | Reach::Aggregate(_) => return true,
    };
    reach.credentials.as_ref().is_none_or(|credentials| *credentials.fetch_config() == config.fetch)
}

fn build(server: &ServerConfig, config: &Config) -> Result<Server, ConfigError> {
    let reach = match &server.reach {
        ReachConfig::Child(spec) => Reach::Child(spec.clone()),
        ReachConfig::Http { url, legacy_sse, headers, forward_authorization, proof } => {
            let address = Address::parse(url).map_err(ConfigError::plain)?;
            let settings = || client_settings(proof.ca.as_deref(), proof.certificate.as_ref());
            let tls = if address.is_secure() { Some(settings().map_err(ConfigError::plain)?) } else { None };
            let client =
                Arc::new(HttpClient::new(address, tls, config.answer_timeout).with_resilience(&server.resilience));
            let credentials = match &proof.auth {
                Some(auth) => {
                    let url =
                        url.parse().map_err(|error| ConfigError::plain(format!("{url} is not a URL: {error}")))?;
                    let way = (Arc::clone(&client), headers.clone());
                    Some(Arc::new(Credentials::new((**auth).clone(), url, way, config.fetch.clone())))
                }
                None => None,
            };
            let (headers, forward_authorization) = (headers.clone(), *forward_authorization);
            let reach = HttpReach { client, headers, forward_authorization, credentials };
            if *legacy_sse { Reach::LegacySse(reach) } else { Reach::Http(reach) }
        }
    };
    Ok(Server::new(server.clone(), reach))
}

/// Opens a channel to one server and carries a client's standard streams over it: `gatehold wrap --url`.
///
/// # Errors
/// The server cannot be reached, or the streams cannot be used.
pub async fn bridge(config: &Config, pipeline: Arc<Pipeline>, principal: Principal) -> Result<(), ServeError> {
    let snapshot = snapshot(config, None)?;
    let gateway = Arc::new(Gateway::new(pipeline, snapshot));
    let ends = crate::listen::stdio::standard_streams(gateway.pipeline.limits().message_bytes_max)?;
    let snapshot = gateway.snapshot.load_full();
    let Some(server) = snapshot.root.as_ref().or_else(|| snapshot.servers.values().next()) else {
        return Err(ConfigError::plain("no server is configured").into());
    };
    let transport = gatehold_session::Transport::Stdio;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let told = Arc::clone(&gateway);
    let signals = tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        // Who ends us waits for it: what is unanswered stays so.
        told.ending.send_replace(true);
        told.draining.send_replace(true);
    });
    let carried = unix::carry_all(&gateway, server, &principal, transport, ends).await;
    signals.abort();
    carried.map_err(|error| ServeError::Config(ConfigError::plain(error.to_string())))?;
    // The server's own session is ended in the background: it gets a moment for that.
    sleep(Duration::from_millis(200)).await;
    wait_for_children().await;
    Ok(())
}

type Accepted = (std::net::TcpStream, OpenConnection);

/// Starts the threads that serve connections.
fn start_workers(
    count: usize,
    gateway: &Arc<Gateway>,
    is_tls: bool,
) -> std::io::Result<Vec<mpsc::UnboundedSender<Accepted>>> {
    (0..count.clamp(1, worker::COUNT_MAX - 1))
        .map(|number| {
            let (sender, mut accepted) = mpsc::unbounded_channel::<Accepted>();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let gateway = Arc::clone(gateway);
            std::thread::Builder::new().name(format!("worker-{number}")).spawn(move || {
                worker::enter(number + 1);
                runtime.block_on(async move {
                    tokio::spawn(worker::beat());
                    while let Some((stream, counted)) = accepted.recv().await {
                        let Ok(stream) = tokio::net::TcpStream::from_std(stream) else { continue };
                        let gateway = Arc::clone(&gateway);
                        tokio::spawn(async move {
                            let _counted = counted;
                            if is_tls {
                                tls::serve(gateway, stream).await;
                            } else {
                                http::serve(gateway, stream, Peer::Network(None)).await;
                            }
                        });
                    }
                });
            })?;
            Ok(sender)
        })
        .collect()
}

async fn listen(
    config: &Config,
    gateway: &Arc<Gateway>,
    workers: &[mpsc::UnboundedSender<Accepted>],
) -> Result<Vec<String>, ServeError> {
    let mut listening = Vec::new();
    for listen in &config.listen {
        match listen {
            Listen::Tcp(address) => {
                let failed = |error: std::io::Error| ServeError::Listen(address.to_string(), advice(&error));
                let listener = TcpListener::bind(address).await.map_err(failed)?;
                let scheme = if config.tls.is_some() { "https" } else { "http" };
                listening.push(format!("{scheme}://{}", listener.local_addr()?));
                tokio::spawn(accept(Arc::clone(gateway), listener, workers.to_vec()));
            }
            Listen::Unix(path) => {
                let failed = |error: std::io::Error| ServeError::Listen(path.display().to_string(), advice(&error));
                let listener = unix::bind(path).map_err(failed)?;
                listening.push(format!("unix:{}", path.display()));
                tokio::spawn(unix::accept(Arc::clone(gateway), UnixListener::from_std(listener)?));
            }
        }
    }
    Ok(listening)
}

fn advice(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("{error}. Another program uses it: stop that one, or choose another with `--listen`")
        }
        std::io::ErrorKind::PermissionDenied => {
            format!("{error}. Ports below 1024 need privileges: choose a higher one")
        }
        _ => error.to_string(),
    }
}

async fn listen_explicit(settings: &explicit::Settings, gateway: &Arc<Gateway>) -> Result<Option<String>, ServeError> {
    let Some(address) = settings.listen else { return Ok(None) };
    let failed = |error: std::io::Error| ServeError::Listen(address.to_string(), advice(&error));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let shown = format!("proxy:{}", listener.local_addr()?);
    tokio::spawn(explicit::serve(Arc::clone(gateway), listener, settings.hosts.clone().into()));
    Ok(Some(shown))
}

async fn listen_admin(settings: &admin::Settings, gateway: &Arc<Gateway>) -> Result<Option<SocketAddr>, ServeError> {
    if let Some(path) = &settings.socket {
        let failed = |error: std::io::Error| ServeError::Listen(path.display().to_string(), advice(&error));
        let listener = UnixListener::from_std(unix::bind(path).map_err(failed)?)?;
        tokio::spawn(admin::serve_socket(Arc::clone(gateway), listener));
    }
    let Some(address) = settings.listen else { return Ok(None) };
    let failed = |error: std::io::Error| ServeError::Listen(address.to_string(), advice(&error));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr()?;
    tokio::spawn(admin::serve(Arc::clone(gateway), listener));
    Ok(Some(bound))
}

/// Takes connections and deals them out to the workers in turn.
async fn accept(gateway: Arc<Gateway>, listener: TcpListener, workers: Vec<mpsc::UnboundedSender<Accepted>>) {
    let mut draining = gateway.draining.subscribe();
    let mut turn = 0_usize;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = http::drained(&mut draining) => return,
        };
        let Ok((stream, _)) = accepted else {
            // Out of descriptors: a pause lets some be closed.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Some(counted) = OpenConnection::within_cap(&gateway.counters) else { continue };
        // A connection that broke already serves nobody.
        let _slower = stream.set_nodelay(true);
        if let Ok(stream) = stream.into_std() {
            turn = turn.wrapping_add(1);
            if let Some(worker) = workers.get(turn % workers.len().max(1)) {
                // A worker lives as long as the process.
                let _gone = worker.send((stream, counted));
            }
        }
    }
}

/// Lets calls end, then ends sessions and children.
async fn drain(gateway: &Gateway, grace: Duration) {
    gateway.draining.send_replace(true);
    let until = Instant::now() + grace;
    while gateway.counters.connections() > 0 && Instant::now() < until {
        sleep(Duration::from_millis(10)).await;
    }
    gateway.ending.send_replace(true);
    for session in gateway.sessions.retain(|_| false) {
        gateway.session_ended(&session, "the gateway ends");
    }
    let snapshot = gateway.snapshot.load_full();
    for server in snapshot.servers.values().chain(&snapshot.root) {
        server.end_stateless();
    }
    wait_for_children().await;
    if let Some(desk) = gateway.pipeline.desk() {
        desk.close();
    }
    if let Err(error) = gateway.pipeline.ledger().close("the gateway ends") {
        log(&error.to_string());
    }
}

async fn wait_for_children() {
    let until = Instant::now() + CHILDREN_PATIENCE;
    while running_children() > 0 && Instant::now() < until {
        sleep(Duration::from_millis(10)).await;
    }
}
