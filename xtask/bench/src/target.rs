//! Starts and ends what is measured: the fixture upstream, nginx, Gatehold. Each run gets fresh processes and a folder
//! of its own that is removed afterwards, so that no run feels the one before. Everything listens on loopback.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use gatehold_bench::process;
use gatehold_bench::session::Endpoint;
use gatehold_bench::start;
use rustix::process::{Pid, Signal, kill_process};

use crate::options::{Also, Options};

/// The policy that Gatehold evaluates in every run.
pub(crate) const POLICY: &str = include_str!("../policy.yaml");
/// How many workers nginx is given: one per processor of the machine that the published figures come from.
const NGINX_WORKERS: usize = 2;
/// How long a process may take to come up in full, and to end after SIGTERM before it is killed.
const CHANGE_TIME_MAX: Duration = Duration::from_secs(5);

/// Something that calls can be sent through.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// The fixture upstream itself.
    Direct,
    /// nginx as a plain reverse proxy.
    Nginx(PathBuf),
    /// Gatehold with policy and ledger.
    Gatehold(PathBuf),
    /// A proxy that somebody else runs.
    Also(Also),
}

impl Target {
    /// All targets of a run, the reference first.
    pub(crate) fn all(options: &Options) -> Vec<Self> {
        let nginx = options.has("nginx").then(find_nginx).flatten().map(Self::Nginx);
        let gatehold = options.has("gatehold").then(|| options.gatehold.clone()).flatten().map(Self::Gatehold);
        let also = options.also.iter().cloned().map(Self::Also);
        [Self::Direct].into_iter().chain(nginx).chain(gatehold).chain(also).collect()
    }

    /// The name in tables.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Direct => "direct",
            Self::Nginx(_) => "nginx",
            Self::Gatehold(_) => "gatehold",
            Self::Also(also) => &also.name,
        }
    }

    /// Starts the target in front of a fresh upstream. A proxy of somebody else's runs already.
    pub(crate) fn start(&self) -> io::Result<Running> {
        let folder = Folder::create()?;
        if let Self::Also(also) = self {
            let pids = also.pid.map(process::with_descendants).unwrap_or_default();
            return Ok(Running { endpoint: also.endpoint.clone(), pids, process: None, folder, upstream: None });
        }
        let upstream = Upstream::start(0)?;
        let (mut command, endpoint) = match self {
            Self::Nginx(program) => nginx_command(program, &folder, &upstream.endpoint)?,
            Self::Gatehold(program) => proxy_command(program, &folder, &upstream.endpoint)?,
            Self::Direct | Self::Also(_) => {
                let (endpoint, pids) = (upstream.endpoint.clone(), vec![upstream.process.pid()]);
                return Ok(Running { endpoint, pids, process: None, folder, upstream: Some(upstream) });
            }
        };
        let mut process = Process(command.spawn()?);
        start::await_listener(&endpoint, || process.is_alive()).map_err(|error| folder.explain(self.name(), &error))?;
        let pids = self.await_processes(process.pid())?;
        Ok(Running { endpoint, pids, process: Some(process), folder, upstream: Some(upstream) })
    }

    /// All processes of the target. nginx accepts connections before it has started its workers: they are awaited.
    fn await_processes(&self, pid: u32) -> io::Result<Vec<u32>> {
        let expected = match self {
            Self::Nginx(_) => 1 + NGINX_WORKERS,
            Self::Direct | Self::Gatehold(_) | Self::Also(_) => 1,
        };
        let started = Instant::now();
        loop {
            let pids = process::with_descendants(pid);
            if pids.len() >= expected {
                return Ok(pids);
            }
            if started.elapsed() > CHANGE_TIME_MAX {
                let found = pids.len();
                return Err(io::Error::other(format!("{}: {found} of {expected} processes came up", self.name())));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// A target that answers. Its processes end when this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    /// Where it listens.
    pub(crate) endpoint: Endpoint,
    /// Its processes; empty if they are not known.
    pub(crate) pids: Vec<u32>,
    // The order of the fields is the order in which they end: the proxy before its upstream.
    process: Option<Process>,
    folder: Folder,
    #[expect(dead_code, reason = "kept so that it runs as long as the target")]
    upstream: Option<Upstream>,
}

impl Running {
    /// An error with what the target wrote to its log.
    pub(crate) fn explain(&self, name: &str, error: &io::Error) -> io::Error {
        let ended = self.process.as_ref().is_some_and(|process| process::memory_kib(process.pid()).is_none());
        let fate = if ended { " (it has ended)" } else { "" };
        self.folder.explain(&format!("{name}{fate}"), error)
    }
}

/// The fixture upstream as a process of its own.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) process: Process,
    pub(crate) endpoint: Endpoint,
}

impl Upstream {
    /// Starts it on this port; 0 takes any free one.
    pub(crate) fn start(port: u16) -> io::Result<Self> {
        let mut child = Command::new(upstream_program()?)
            .arg(format!("127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or_else(|| io::Error::other("the upstream has no output"))?;
        let process = Process(child);
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        let endpoint = Endpoint::parse(&format!("http://{}/mcp", address.trim()))
            .map_err(|error| io::Error::other(format!("the fixture upstream did not start: {error}")))?;
        Ok(Self { process, endpoint })
    }
}

/// The fixture upstream's program: it lies beside this one.
pub(crate) fn upstream_program() -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.with_file_name("bench-upstream"))
}

/// A child that ends when this is dropped: first asked, then killed.
#[derive(Debug)]
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has not ended.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_none())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Each of these fails only for a process that is gone already.
        let _ = kill_process(Pid::from_child(&self.0), Signal::TERM);
        let started = Instant::now();
        while started.elapsed() < CHANGE_TIME_MAX {
            if self.0.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder that is removed with all it holds when this is dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes an empty one among the temporary files.
    pub(crate) fn create() -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("gatehold-bench-{}-{number}", std::process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// A file or folder in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A file in it that takes a process's standard error.
    pub(crate) fn log(&self) -> io::Result<File> {
        File::options().create(true).append(true).open(self.join("error.log"))
    }

    /// An error with the last lines of the log.
    pub(crate) fn explain(&self, name: &str, error: &io::Error) -> io::Error {
        let log = fs::read_to_string(self.join("error.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.get(lines.len().saturating_sub(8)..).unwrap_or_default().join("\n  ");
        io::Error::new(error.kind(), format!("{name}: {error}\n  {last}"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays among the temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The nginx of this machine: also where the path of an ordinary user does not look.
fn find_nginx() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")]);
    folders.map(|folder| folder.join("nginx")).find(|program| program.is_file())
}

/// A loopback port that was free a moment ago.
pub(crate) fn free_endpoint() -> io::Result<Endpoint> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    Endpoint::parse(&format!("http://{address}/mcp"))
}

/// nginx as it would stand in front of such a server by somebody who cares for speed: two workers, kept connections on
/// both sides, no access log, and buffers that keep every body of this benchmark off the disk.
fn nginx_command(program: &Path, folder: &Folder, upstream: &Endpoint) -> io::Result<(Command, Endpoint)> {
    let endpoint = free_endpoint()?;
    let own = folder.0.display();
    let configuration = format!(
        "worker_processes {NGINX_WORKERS};\ndaemon off;\npid {own}/nginx.pid;\nerror_log {own}/error.log error;\n\
         events {{ worker_connections 4096; }}\n\
         http {{\n  access_log off;\n  keepalive_timeout 3600s;\n  keepalive_requests 1000000000;\n\
           client_max_body_size 64m;\n  client_body_buffer_size 256k;\n  proxy_buffer_size 16k;\n  proxy_buffers 16 16k;\n\
           client_body_temp_path {own}/body;\n  proxy_temp_path {own}/proxy;\n  fastcgi_temp_path {own}/fastcgi;\n\
           uwsgi_temp_path {own}/uwsgi;\n  scgi_temp_path {own}/scgi;\n\
           upstream fixture {{ server {upstream}; keepalive 512; keepalive_requests 1000000000; keepalive_timeout 3600s; }}\n\
           server {{\n    listen {listen};\n    location / {{\n      proxy_pass http://fixture;\n\
               proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n    }}\n  }}\n}}\n",
        upstream = upstream.address,
        listen = endpoint.address,
    );
    fs::write(folder.join("nginx.conf"), configuration)?;
    let mut command = Command::new(program);
    command.arg("-e").arg(folder.join("error.log")).arg("-p").arg(&folder.0).arg("-c").arg(folder.join("nginx.conf"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(folder.log()?);
    Ok((command, endpoint))
}

/// `gatehold proxy` with the policy of ten rules and a ledger of its own.
pub(crate) fn proxy_command(program: &Path, folder: &Folder, upstream: &Endpoint) -> io::Result<(Command, Endpoint)> {
    let endpoint = free_endpoint()?;
    let upstream = format!("http://{}{}", upstream.authority, upstream.path);
    let mut command = Command::new(program);
    command.args(["proxy", "--upstream", &upstream, "--listen", &endpoint.address.to_string()]);
    with_policy_and_ledger(&mut command, folder)?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(folder.log()?);
    Ok((command, endpoint))
}

/// `gatehold wrap` around the fixture upstream, with the same policy and a ledger of its own.
pub(crate) fn wrap_command(program: &Path, folder: &Folder) -> io::Result<Command> {
    let mut command = Command::new(program);
    command.arg("wrap");
    with_policy_and_ledger(&mut command, folder)?;
    command.arg("--").arg(upstream_program()?);
    Ok(command)
}

/// Adds the two options that every measured Gatehold has.
fn with_policy_and_ledger(command: &mut Command, folder: &Folder) -> io::Result<()> {
    let policy = folder.join("policy.yaml");
    fs::write(&policy, POLICY)?;
    command.arg("--policy").arg(policy).arg("--ledger").arg(folder.join("ledger"));
    Ok(())
}
