//! Programs, ports and folders that last as long as a test and no longer.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// How long anything may take. Generous: the machine may be busy with many tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(10);

/// The binary under test.
pub(crate) fn gatehold() -> Command {
    Command::new(env!("CARGO_BIN_EXE_gatehold"))
}

/// A program that serves on a port, in a process group of its own that ends with this value.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Starts the program and waits until something listens on `port`.
    pub(crate) fn start(command: &mut Command, port: u16) -> Running {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        let mut running = Running { child: command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")) };
        // Its words are of use when it fails, and must not fill the pipe when it does not.
        let mut words = running.child.stderr.take().expect("a pipe");
        let said = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = std::io::copy(&mut words, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if let Some(status) = running.child.try_wait().expect("its status") {
                panic!("{command:?} ended with {status}:\n{}", said.join().unwrap_or_default());
            }
            assert!(started.elapsed() < PATIENCE, "{command:?} does not listen on port {port}");
            std::thread::sleep(GLANCE);
        }
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        end_group(&mut self.child);
    }
}

/// Ends a program and all that it started: asks first, then insists.
pub(crate) fn end_group(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::TERM);
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(20) && matches!(child.try_wait(), Ok(None)) {
            std::thread::sleep(GLANCE);
        }
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}

/// A port on loopback that nobody listens on now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// `gatehold proxy` in front of a URL; returns its port.
pub(crate) fn proxy(upstream: &str, folder: &Path) -> (Running, u16) {
    let port = free_port();
    let mut command = gatehold();
    command.args(["proxy", "--upstream", upstream, "--listen", &format!("127.0.0.1:{port}")]);
    command.arg("--policy").arg(allow_all(folder)).arg("--ledger").arg(folder.join("ledger"));
    (Running::start(&mut command, port), port)
}

/// `gatehold serve` with one server called `upstream`; returns its port.
pub(crate) fn serve(server: serde_json::Value, folder: &Path) -> (Running, u16) {
    let port = free_port();
    // A JSON document is a YAML document, and needs no quoting rules of its own.
    let configuration = serde_json::json!({
        "listen": [format!("127.0.0.1:{port}")],
        "servers": { "upstream": server },
        "ledger": { "folder": folder.join("ledger") },
        "policy": allow_all(folder),
    });
    let file = folder.join("gatehold.yaml");
    std::fs::write(&file, configuration.to_string()).expect("the configuration");
    (Running::start(gatehold().args(["serve", "--config"]).arg(&file), port), port)
}

/// A policy that objects to nothing, in a file.
pub(crate) fn allow_all(folder: &Path) -> PathBuf {
    let file = folder.join("allow-all.yaml");
    std::fs::write(&file, "version: 1\ndefault: allow\nrules: []\n").expect("the policy");
    file
}

/// The ledger in `folder` must be valid and not empty: what was let through was recorded.
pub(crate) fn assert_recorded(folder: &Path) {
    let output = gatehold().args(["audit", "verify"]).arg(folder).output().expect("gatehold audit verify");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the ledger does not verify: {said}");
}

/// A folder that is removed with this value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("gatehold-real-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path.canonicalize().expect("its path"))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
