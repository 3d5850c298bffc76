//! The client's end of the stdio transport: starts a server, asks and waits for answers, and ends the server as the
//! transport prescribes (close its input, wait, kill). No server outlives it, and no wait is without an end.

use std::io::{BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::lines;
use crate::shared::Failure;

/// How long one whole conversation may take. It takes a fraction of a second; a loaded machine is given time.
const PATIENCE: Duration = Duration::from_secs(20);
/// Lines that are read ahead.
const LINES_MAX: usize = 64;

/// A running server and the pipes to it.
pub(super) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<String>,
    asked: u64,
    deadline: Instant,
}

impl Client {
    /// Starts the server. Its standard error goes where `command` says.
    pub(super) fn start(mut command: Command) -> Result<Self, Failure> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child =
            command.spawn().map_err(|error| Failure::error(format!("the demo cannot start {name}: {error}")))?;
        let input = child.stdin.take();
        let (sender, output) = mpsc::sync_channel(LINES_MAX);
        if let Some(pipe) = child.stdout.take() {
            std::thread::spawn(move || {
                let mut pipe = BufReader::new(pipe);
                while let Some(line) = lines::next(&mut pipe) {
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Self { child, input, output, asked: 0, deadline: Instant::now() + PATIENCE })
    }

    /// Sends a request and returns the whole answer, a result or an error.
    pub(super) fn ask(&mut self, method: &str, params: &Value) -> Result<Value, Failure> {
        self.asked += 1;
        let id = self.asked;
        self.write(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            let line = self
                .output
                .recv_timeout(left)
                .map_err(|error| Failure::error(format!("the demo got no answer to {method}: {error}")))?;
            let answer: Value = serde_json::from_str(&line)
                .map_err(|error| Failure::error(format!("the answer to {method} is not JSON: {error}")))?;
            if answer.get("id").and_then(Value::as_u64) == Some(id) && answer.get("method").is_none() {
                return Ok(answer);
            }
        }
    }

    /// Sends a notification.
    pub(super) fn tell(&mut self, method: &str) -> Result<(), Failure> {
        self.write(&json!({ "jsonrpc": "2.0", "method": method }))
    }

    fn write(&mut self, message: &Value) -> Result<(), Failure> {
        let Some(input) = &mut self.input else {
            return Err(Failure::error("the demo's server was closed already"));
        };
        let written = writeln!(input, "{message}").and_then(|()| input.flush());
        written.map_err(|error| Failure::error(format!("the demo's server does not read: {error}")))
    }

    /// Closes the server's input and waits for its end.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        self.input = None;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(Failure::error(format!("the demo's server ended with {status}"))),
                Ok(None) if Instant::now() < self.deadline => std::thread::sleep(Duration::from_millis(2)),
                Ok(None) => return Err(Failure::error("the demo's server did not end when its input did")),
                Err(error) => return Err(Failure::error(format!("the demo's server cannot be waited for: {error}"))),
            }
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.input = None;
        // It has ended, or nothing else ends it.
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ended = self.child.kill();
            let _reaped = self.child.wait();
        }
    }
}
