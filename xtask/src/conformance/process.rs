//! Programs that run in the background for the time of a run: each in a process group of its own, which is ended as a
//! whole, whatever happens.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::failure::{During, Failure, Outcome};
use crate::step;

/// How long a program may take until it listens.
const START_MAX: Duration = Duration::from_secs(60);
/// How long a program may take to end when asked to.
const END_MAX: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(20);

/// A running program; dropping this ends it and all that it started.
pub(super) struct Running {
    child: Child,
}

impl Running {
    /// Starts the program with its output in `log` and waits until something listens on `port`.
    ///
    /// # Errors
    /// When it cannot be started, ends before it listens, or takes too long.
    pub(super) fn start(command: &mut Command, log: PathBuf, port: u16) -> Outcome<Running> {
        let shown = step::shown(command);
        let output = File::create(&log).during(format_args!("cannot write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).process_group(0);
        let child = command.spawn().during(format_args!("cannot start `{shown}`"))?;
        let mut running = Running { child };
        let started = Instant::now();
        while started.elapsed() < START_MAX {
            if TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).is_ok() {
                return Ok(running);
            }
            if let Some(status) = running.child.try_wait()? {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                return Err(Failure::new(format!("`{shown}` ended with {status} before it listened:\n{said}")));
            }
            std::thread::sleep(GLANCE);
        }
        Err(Failure::new(format!("`{shown}` does not listen on port {port}; its output is in {}", log.display())))
    }

    fn signal(&self, signal: Signal) {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // It may have ended by itself.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
        let asked = Instant::now();
        while asked.elapsed() < END_MAX && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(GLANCE);
        }
        // Also when the leader is gone: its children may not be.
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }
}

/// A port on loopback that nobody listens on now.
///
/// # Errors
/// When the system has none to give.
pub(super) fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).during("there is no free port")?;
    Ok(listener.local_addr()?.port())
}
