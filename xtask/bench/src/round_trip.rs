//! Calls over standard input and output, one at a time: what a client feels that starts its server itself. The child
//! is killed when it stays silent, so that a hanging target cannot hang the benchmark.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::histogram::Histogram;
use crate::load::Report;
use crate::{mcp, process};

/// The first id of a call.
const FIRST_ID: u64 = 100_000_000;
/// How long a child may take to end after its input was closed.
const ENDING_TIME_MAX: Duration = Duration::from_secs(5);

/// A child that speaks MCP over its standard streams, killed at the latest when this is dropped.
#[derive(Debug)]
pub struct Conversation {
    child: Arc<Mutex<Child>>,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    line: Vec<u8>,
    /// Dropping it tells the watching thread to go.
    _watch: mpsc::Sender<()>,
    pid: u32,
}

impl Conversation {
    /// Starts the child, which is killed after `time_max` whatever it does. Its standard error is dropped.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command, time_max: Duration) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let missing = || io::Error::other("the child has no pipe");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        let pid = child.id();
        let child = Arc::new(Mutex::new(child));
        let watched = Arc::clone(&child);
        let (watch, ended) = mpsc::channel::<()>();
        std::thread::spawn(move || {
            if ended.recv_timeout(time_max) == Err(RecvTimeoutError::Timeout) {
                // It may have ended by itself just now: then there is nothing to kill.
                let _ = watched.lock().unwrap_or_else(PoisonError::into_inner).kill();
            }
        });
        Ok(Self { child, input: Some(input), output, line: Vec::new(), _watch: watch, pid })
    }

    /// The child's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends one message.
    ///
    /// # Errors
    /// When the child no longer reads.
    pub fn send(&mut self, message: &[u8]) -> io::Result<()> {
        self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.write_all(message)
    }

    /// Waits for one line.
    ///
    /// # Errors
    /// When the child no longer writes.
    pub fn receive(&mut self) -> io::Result<&[u8]> {
        self.line.clear();
        match self.output.read_until(b'\n', &mut self.line)? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the child ended or stayed silent for too long")),
            _ => Ok(&self.line),
        }
    }

    /// Shakes hands as a legacy client does.
    ///
    /// # Errors
    /// When the child does not answer with a result.
    pub fn initialize(&mut self) -> io::Result<()> {
        self.send(format!("{}\n", mcp::initialize()).as_bytes())?;
        let answer = self.receive()?;
        if memchr::memmem::find(answer, b"\"result\"").is_none() {
            let answer = String::from_utf8_lossy(answer).into_owned();
            return Err(io::Error::other(format!("the handshake was answered with: {answer}")));
        }
        self.send(format!("{}\n", mcp::INITIALIZED).as_bytes())
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        drop(self.input.take());
        let started = Instant::now();
        loop {
            let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
            if child.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            if started.elapsed() > ENDING_TIME_MAX {
                // Both can only fail for a child that is gone already.
                let _ = child.kill();
                let _ = child.wait();
                return;
            }
            drop(child);
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Calls the child's tool for `time`, one call after the other, after `warm_up`. The processor time is that of the
/// started process alone, not of the children that it has.
///
/// # Errors
/// When the child cannot be started or stops answering.
pub fn run(command: &mut Command, payload_bytes: usize, warm_up: Duration, time: Duration) -> io::Result<Report> {
    let mut conversation = Conversation::start(command, warm_up + time + Duration::from_secs(20))?;
    conversation.initialize()?;
    let mut calls = Calls { text: mcp::payload(0, payload_bytes), id: FIRST_ID, errors: 0, first_error: None };
    calls.make(&mut conversation, warm_up)?;
    let pid = conversation.pid();
    let cpu_before = process::processor_time(pid).unwrap_or_default();
    let started = Instant::now();
    let histogram = calls.make(&mut conversation, time)?;
    let elapsed = started.elapsed();
    let cpu = process::processor_time(pid).unwrap_or_default().saturating_sub(cpu_before);
    Ok(Report {
        calls: histogram.total(),
        errors: calls.errors,
        first_error: calls.first_error,
        rate: histogram.total() as f64 / elapsed.as_secs_f64(),
        p50_us: histogram.percentile_us(0.5),
        p99_us: histogram.percentile_us(0.99),
        cpu_us: Some(cpu.as_secs_f64() * 1e6 / histogram.total().max(1) as f64),
        peak_kib: process::peak_memory_kib(pid),
    })
}

/// What goes through all calls of a conversation.
struct Calls {
    text: String,
    id: u64,
    errors: u64,
    first_error: Option<String>,
}

impl Calls {
    /// Makes calls for this long.
    fn make(&mut self, conversation: &mut Conversation, time: Duration) -> io::Result<Histogram> {
        let mut histogram = Histogram::default();
        let started = Instant::now();
        while started.elapsed() < time {
            self.id += 1;
            let message = mcp::call(self.id, &self.text) + "\n";
            let asked = Instant::now();
            conversation.send(message.as_bytes())?;
            let answer = conversation.receive()?;
            let took = asked.elapsed();
            match mcp::check_answer(answer, &self.id.to_string(), &self.text) {
                Ok(()) => histogram.add(took),
                Err(wrong) => {
                    self.errors += 1;
                    let answer = answer.get(..300).unwrap_or(answer);
                    self.first_error.get_or_insert(format!("{wrong}: {}", String::from_utf8_lossy(answer)));
                }
            }
        }
        Ok(histogram)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_echoes_nothing_useful_is_an_error_and_a_silent_one_is_killed() {
        let mut mirror = Conversation::start(&mut Command::new("cat"), Duration::from_secs(10)).unwrap();
        assert!(mirror.initialize().unwrap_err().to_string().contains("handshake"));
        let mut silent = Conversation::start(Command::new("sleep").arg("30"), Duration::from_millis(50)).unwrap();
        let started = Instant::now();
        assert!(silent.receive().is_err());
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
