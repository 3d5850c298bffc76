//! A server that runs as our child: exact arguments and no shell, a cleared environment, a process group of its own
//! that is ended as a whole, standard error passed on and its last lines kept for the operator.
//!
//! What is started comes from the command line or the configuration file, never from a message.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStderr, ChildStdin, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::secrets::Secret;

mod output;
#[cfg(test)]
mod tests;

pub(crate) use output::ChildOutput;

/// The variables that a child gets without being asked for: what a program needs to find its files and to speak the
/// user's language. Everything else is held back, since a token meant for one server must not reach another.
const PASSED: &[&str] =
    &["HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER", "XDG_RUNTIME_DIR"];

/// How long a child may go on after its input was closed, and again after SIGTERM.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long its last words may take to arrive after it has ended.
const WORDS_PATIENCE: Duration = Duration::from_millis(500);

/// Lines of standard error that are kept, and bytes of each.
const STDERR_LINES_MAX: usize = 20;
const STDERR_LINE_BYTES_MAX: usize = 2000;

/// What to start and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildSpec {
    /// The program and its arguments, exactly as they are handed over.
    pub command: Vec<OsString>,
    /// Further variables: a name alone is taken from our own environment.
    pub environment: Vec<(String, Option<Secret>)>,
    /// The folder that it starts in; ours when absent.
    pub folder: Option<PathBuf>,
}

/// Why a child did not start.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// No such program.
    #[error("`{0}` was not found: check its spelling, or write its full path")]
    NotFound(String),
    /// The program may not be executed.
    #[error("`{0}` cannot be executed: {1}")]
    NotExecutable(String, String),
    /// The command is empty.
    #[error("there is no command: write it after `--`")]
    Empty,
}

impl SpawnError {
    /// The exit status of a shell in the same case: 127 not found, 126 not executable.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::NotFound(_) => 127,
            Self::NotExecutable(..) => 126,
            Self::Empty => 2,
        }
    }
}

/// A running child.
#[derive(Debug)]
pub(crate) struct Child {
    process: tokio::process::Child,
    group: Option<Pid>,
    last_words: LastWords,
    /// Reads standard error to its end.
    words: Option<JoinHandle<()>>,
    pub(crate) held_back: Vec<String>,
}

/// The pipes of a child.
pub(crate) struct Pipes {
    pub(crate) stdin: ChildStdin,
    pub(crate) stdout: ChildOutput,
}

/// The last lines that a child wrote to its standard error.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastWords(Arc<Mutex<VecDeque<String>>>);

/// How many children run.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// How many children run: the gateway waits for them before it ends.
pub(crate) fn running_children() -> usize {
    RUNNING.load(Ordering::Relaxed)
}

impl Child {
    /// Starts a child. `prefix` stands before each of its lines of standard error (empty for none).
    pub(crate) fn start(spec: &ChildSpec, prefix: &str) -> Result<(Self, Pipes), SpawnError> {
        let (program, arguments) = spec.command.split_first().ok_or(SpawnError::Empty)?;
        let name = program.to_string_lossy().into_owned();
        let (environment, held_back) = environment(spec, std::env::vars_os());
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        if let Some(folder) = &spec.folder {
            command.current_dir(folder);
        }
        let mut process = command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => SpawnError::NotFound(name.clone()),
            _ => SpawnError::NotExecutable(name.clone(), error.to_string()),
        })?;
        let group = process.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let last_words = LastWords::default();
        let stderr = process.stderr.take();
        let words = stderr.map(|stderr| tokio::spawn(pass_on(stderr, last_words.clone(), prefix.to_owned())));
        match (process.stdin.take(), process.stdout.take()) {
            (Some(stdin), Some(stdout)) => {
                RUNNING.fetch_add(1, Ordering::Relaxed);
                Ok((
                    Self { process, group, last_words, words, held_back },
                    Pipes { stdin, stdout: ChildOutput::new(stdout, group) },
                ))
            }
            _ => Err(SpawnError::NotExecutable(name, "its pipes could not be made".to_owned())),
        }
    }

    /// Waits until the child has ended.
    pub(crate) async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.process.wait().await
    }

    /// Ends the child, whose input is closed already: wait, SIGTERM, SIGKILL, each for the whole group. Returns how
    /// it ended, where that could be learnt.
    pub(crate) async fn stop(&mut self) -> Option<ExitStatus> {
        let mut status = timeout(PATIENCE, self.process.wait()).await.ok();
        if status.is_none() {
            self.signal(Signal::TERM);
            status = timeout(PATIENCE, self.process.wait()).await.ok();
        }
        // Children of the child that outlive it are ended too.
        self.signal(Signal::KILL);
        match status {
            Some(status) => status.ok(),
            None => self.process.wait().await.ok(),
        }
    }

    /// Sends a signal to the child's process group.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // The group may have ended already.
            let _gone = kill_process_group(group, signal);
        }
    }

    /// What the child, which has ended, wrote last to its standard error.
    pub(crate) async fn last_words(&mut self) -> LastWords {
        if let Some(words) = self.words.take() {
            // A process that it started may hold its standard error open.
            let _late = timeout(WORDS_PATIENCE, words).await;
        }
        self.last_words.clone()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

impl LastWords {
    /// The lines, oldest first.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Last words for a test.
    #[cfg(test)]
    pub(crate) fn saying(line: &str) -> Self {
        let words = Self::default();
        words.add(line.as_bytes());
        words
    }

    fn add(&self, line: &[u8]) {
        let line = line.get(..line.len().min(STDERR_LINE_BYTES_MAX)).unwrap_or(line);
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= STDERR_LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(String::from_utf8_lossy(line).trim_end().to_owned());
    }
}

/// The status that a shell would report: the exit code, or 128 and the number of the signal.
pub(crate) fn shell_status(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code & 0xff).unwrap_or(1)
}

/// What the child gets, and the names of what it does not get.
fn environment(
    spec: &ChildSpec,
    ours: impl Iterator<Item = (OsString, OsString)>,
) -> (Vec<(OsString, OsString)>, Vec<String>) {
    let (mut passed, mut held_back) = (Vec::new(), Vec::new());
    for (name, value) in ours {
        let text = name.to_string_lossy();
        let asked = spec.environment.iter().any(|(asked, given)| *asked == text && given.is_none());
        if asked || PASSED.contains(&&*text) || text.starts_with("LC_") {
            passed.push((name, value));
        } else if !spec.environment.iter().any(|(asked, _)| *asked == text) {
            held_back.push(text.into_owned());
        }
    }
    for (name, value) in &spec.environment {
        if let Some(value) = value {
            passed.push((name.into(), value.reveal().into()));
        }
    }
    held_back.sort_unstable();
    (passed, held_back)
}

/// Passes a child's standard error on, line by line, and keeps the last lines.
async fn pass_on(stderr: ChildStderr, last_words: LastWords, prefix: String) {
    let mut reader = BufReader::new(stderr);
    let mut ours = tokio::io::stderr();
    let mut line = Vec::new();
    let mut at_start = true;
    loop {
        let (consumed, ended) = match reader.fill_buf().await {
            Ok([]) | Err(_) => break,
            Ok(chunk) => match memchr::memchr(b'\n', chunk) {
                Some(end) => (chunk.get(..=end).unwrap_or(chunk).to_vec(), true),
                None => (chunk.to_vec(), false),
            },
        };
        reader.consume(consumed.len());
        if line.len() < STDERR_LINE_BYTES_MAX {
            line.extend_from_slice(&consumed);
        }
        let mut out = Vec::with_capacity(prefix.len() + consumed.len());
        if at_start {
            out.extend_from_slice(prefix.as_bytes());
        }
        out.extend_from_slice(&consumed);
        // Nobody may be listening to our own standard error; the child must not notice.
        let _unheard = ours.write_all(&out).await;
        let _unheard = ours.flush().await;
        at_start = ended;
        if ended {
            last_words.add(&line);
            line.clear();
        }
    }
    if !line.is_empty() {
        last_words.add(&line);
    }
}
