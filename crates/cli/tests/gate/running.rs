//! The gateway as a process: started with a configuration, listened to, signalled, and ended with the test.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take. Generous: the machine may be busy with many tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(5);

/// A program that runs, with what it says on standard error.
pub(crate) struct Running {
    pub(crate) child: Child,
    said: Arc<Mutex<String>>,
}

/// A gateway with its folder.
pub(crate) struct Gate {
    pub(crate) running: Running,
    pub(crate) folder: TempDir,
}

/// The binary under test, in an environment of its own.
pub(crate) fn gatehold() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatehold"));
    for name in ["GATEHOLD_CONFIG", "GATEHOLD_POLICY", "GATEHOLD_MODE", "GATEHOLD_LEDGER", "GATEHOLD_DURABILITY"] {
        command.env_remove(name);
    }
    // Never the state of whoever runs the tests.
    command.env("GATEHOLD_STATE", concat!(env!("CARGO_TARGET_TMPDIR"), "/state"));
    command
}

/// Runs a command to its end; fails the test when that takes too long.
pub(crate) fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (sender, receiver) = std::sync::mpsc::channel();
    let pid = child.id();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    match receiver.recv_timeout(PATIENCE) {
        Ok(output) => output.expect("its output"),
        Err(_) => {
            kill(pid, Signal::KILL);
            panic!("{command:?} does not end");
        }
    }
}

/// What a command said on standard error.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn kill(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _gone = kill_process(pid, signal);
    }
}

/// Whether a process of this id runs (a zombie does not).
pub(crate) fn is_alive(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

/// Waits until a condition holds; `what` says which when it never does.
pub(crate) fn until(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < PATIENCE, "never happened: {what}");
        std::thread::sleep(GLANCE);
    }
}

impl Running {
    /// Starts a program; its standard input and output are what the command says.
    pub(crate) fn start(command: &mut Command) -> Running {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let said = Arc::new(Mutex::new(String::new()));
        let (words, to) = (child.stderr.take().expect("a pipe"), Arc::clone(&said));
        std::thread::spawn(move || {
            let mut reader = BufReader::new(words);
            let mut line = Vec::new();
            while matches!(reader.read_until(b'\n', &mut line), Ok(1..)) {
                to.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
        });
        Running { child, said }
    }

    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until the program has said something.
    pub(crate) fn hears(&mut self, words: &str) {
        self.hears_times(words, 1);
    }

    pub(crate) fn hears_times(&mut self, words: &str, times: usize) {
        let started = Instant::now();
        while self.said().matches(words).count() < times {
            if let Some(status) = self.child.try_wait().unwrap() {
                std::thread::sleep(Duration::from_millis(50));
                assert!(self.said().contains(words), "ended with {status} without saying {words:?}: {}", self.said());
                return;
            }
            assert!(started.elapsed() < PATIENCE, "never said {words:?}, but: {}", self.said());
            std::thread::sleep(GLANCE);
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.child.id(), signal);
    }

    /// Waits for the end of the program.
    pub(crate) fn ends(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "does not end; it said: {}", self.said());
            std::thread::sleep(GLANCE);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _gone = self.child.kill();
            let _gone = self.child.wait();
        }
        if std::thread::panicking() {
            let said = self.said();
            // A failing test shows what the gateway said.
            let _unheard = std::io::Write::write_all(&mut std::io::stdout(), said.as_bytes());
        }
    }
}

impl Gate {
    /// `gatehold serve` with a configuration: listens on a port that the system chooses unless it says otherwise.
    pub(crate) fn serve(config: Value) -> Gate {
        Gate::serve_in(TempDir::new().unwrap(), config)
    }

    pub(crate) fn serve_in(folder: TempDir, config: Value) -> Gate {
        write_config(folder.path(), config);
        let mut command = gatehold();
        command.env_remove("GATEHOLD_STATE").args(["serve", "--config"]).arg(folder.path().join("gatehold.yaml"));
        Gate::start(folder, &mut command)
    }

    /// A gateway with one server called `one`.
    pub(crate) fn before(server: Value) -> Gate {
        Gate::serve(json!({ "servers": { "one": server } }))
    }

    /// A gateway with one server called `one` and a policy.
    pub(crate) fn ruled(server: Value, policy: &str) -> Gate {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("policy.yaml"), policy).unwrap();
        Gate::serve_in(folder, json!({ "servers": { "one": server }, "policy": "policy.yaml" }))
    }

    pub(crate) fn start(folder: TempDir, command: &mut Command) -> Gate {
        let mut running = Running::start(command.stdin(Stdio::null()).stdout(Stdio::null()));
        running.hears("recording in");
        Gate { running, folder }
    }

    /// The TCP address that it listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        address_after(&self.running.said(), "listening on http://")
    }

    /// The address that it listens on with TLS.
    pub(crate) fn secure_address(&self) -> SocketAddr {
        address_after(&self.running.said(), "listening on https://")
    }

    /// The address of its admin listener.
    pub(crate) fn admin(&self) -> SocketAddr {
        address_after(&self.running.said(), "health and metrics on http://")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// All records of all ledger files, in the order of each file.
    pub(crate) fn records(&self) -> Vec<Value> {
        records(&self.path("ledger"))
    }

    /// Waits for a record that has a property.
    pub(crate) fn has_recorded(&self, what: &str, wanted: impl Fn(&Value) -> bool) {
        until(what, || self.records().iter().any(&wanted));
    }

    /// Ends the gateway as an operator does, and checks that its ledger is valid.
    pub(crate) fn end_well(&mut self) {
        self.running.signal(Signal::TERM);
        let status = self.running.ends();
        assert_eq!(status.code(), Some(0), "{}", self.running.said());
        let (code, said) = verify(&self.path("ledger"));
        assert_eq!(code, 0, "{said}");
    }
}

fn address_after(said: &str, words: &str) -> SocketAddr {
    let at = said.find(words).unwrap_or_else(|| panic!("{words:?} in {said}"));
    let rest = &said[at + words.len()..];
    let end = rest.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(rest.len());
    rest[..end].parse().unwrap_or_else(|error| panic!("{rest}: {error}"))
}

/// Writes a configuration; a JSON document is a YAML document and needs no quoting rules of its own.
pub(crate) fn write_config(folder: &Path, mut config: Value) {
    let defaults = json!({
        "listen": ["127.0.0.1:0"],
        "admin": { "listen": "127.0.0.1:0" },
        "ledger": { "folder": folder.join("ledger") },
        "state": { "folder": folder.join("state") },
        "workers": 2,
    });
    for (key, value) in defaults.as_object().unwrap() {
        config.as_object_mut().unwrap().entry(key.clone()).or_insert_with(|| value.clone());
    }
    // Replaced as editors do it: never half written.
    let temporary = folder.join("gatehold.yaml.new");
    std::fs::write(&temporary, config.to_string()).unwrap();
    std::fs::rename(temporary, folder.join("gatehold.yaml")).unwrap();
}

/// The records of all files of a ledger. A line that is still being written is left out.
pub(crate) fn records(ledger: &Path) -> Vec<Value> {
    let Ok(files) = std::fs::read_dir(ledger) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    let texts = paths.iter().map(|path| std::fs::read_to_string(path).unwrap());
    texts.flat_map(|text| text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect::<Vec<_>>()).collect()
}

/// `gatehold audit verify`: its exit status and what it said.
pub(crate) fn verify(ledger: &Path) -> (i32, String) {
    let output = run(gatehold().args(["audit", "verify"]).arg(ledger));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output));
    (output.status.code().expect("an exit status"), said)
}
