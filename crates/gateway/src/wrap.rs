//! `gatehold wrap` for a local server: our standard streams on one side, a child on the other, the gate between.
//!
//! Nothing but protocol is ever written to standard output, and the child's exit status becomes ours.

use std::os::fd::AsFd;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use gatehold_session::{Direction, Origin};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use crate::blocking::Blocking;
use crate::channel::{LineReceiver, LineSender, Receiver, Sender};
use crate::conversation::Conversation;
use crate::pipeline::Pipeline;
use crate::relay::{Senders, carry};
use crate::upstream::child::{Child, ChildSpec, LastWords, SpawnError, shell_status};

/// How long a server may take over requests that are unanswered when its input closes.
const UNANSWERED_PATIENCE: Duration = Duration::from_secs(30);
/// How long output is still read after the child has ended: a process that it started may hold the pipe open.
const DRAIN_PATIENCE: Duration = Duration::from_secs(1);
/// How long closing the server's input may take.
const CLOSE_PATIENCE: Duration = Duration::from_millis(100);
/// A child that ends sooner than this without an answer was started wrongly.
const AT_ONCE: Duration = Duration::from_secs(10);

/// How a wrapped server ended.
#[derive(Debug)]
pub struct WrapReport {
    /// The status to exit with: the child's own.
    pub status: u8,
    /// What to tell the operator, where the child ended at once.
    pub hint: Option<String>,
}

/// Why a wrapped server could not be run.
#[derive(Debug, thiserror::Error)]
pub enum WrapError {
    /// The child did not start.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// Our own streams or the child could not be used.
    #[error("the standard streams cannot be used: {0}")]
    Streams(#[from] std::io::Error),
}

enum Why {
    ClientLeft,
    ServerSilent,
    Signalled,
    Exited(std::io::Result<ExitStatus>),
}

/// A name for a session in the record.
#[must_use]
pub fn session_name() -> Box<str> {
    crate::gateway::public_name("s")
}

/// Runs a child behind the gate until it or its client is done.
///
/// # Errors
/// The child cannot be started, or our streams cannot be used.
pub async fn wrap(pipeline: Arc<Pipeline>, origin: Origin, spec: &ChildSpec) -> Result<WrapReport, WrapError> {
    let started = Instant::now();
    let limit = pipeline.limits().message_bytes_max;
    let (mut child, pipes) = Child::start(spec, "")?;
    let sender = |descriptor| Sender::Lines(LineSender::new(Blocking::new(descriptor)));
    let receiver = |descriptor| Receiver::Lines(LineReceiver::new(Blocking::new(descriptor), limit));
    let conversation = Arc::new(Conversation::new(Arc::clone(&pipeline), origin));
    let to_client = sender(std::io::stdout().as_fd().try_clone_to_owned()?);
    let senders = Senders::new(to_client, sender(pipes.stdin.into_owned_fd()?));
    let from_client = receiver(std::io::stdin().as_fd().try_clone_to_owned()?);
    let from_server = receiver(pipes.stdout.into_owned_fd()?);
    let mut up = carry_on_thread(&conversation, Direction::FromClient, from_client, &senders)?;
    let mut down = carry_on_thread(&conversation, Direction::FromServer, from_server, &senders)?;
    let mut down_ended = false;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;

    let why = tokio::select! {
        _ended = &mut up => Why::ClientLeft,
        _ended = &mut down => { down_ended = true; Why::ServerSilent }
        status = child.wait() => Why::Exited(status),
        _ = terminate.recv() => Why::Signalled,
        _ = interrupt.recv() => Why::Signalled,
        _ = hang_up.recv() => Why::Signalled,
    };
    // A thread in the middle of a line that the server does not read keeps the sender; the server's end frees it.
    let _kept = timeout(CLOSE_PATIENCE, senders.close_server()).await;
    let drain = async {
        if !down_ended {
            let _ended = (&mut down).await;
        }
    };
    let status = match why {
        Why::Exited(status) => {
            let _late = timeout(DRAIN_PATIENCE, drain).await;
            status.ok()
        }
        Why::ClientLeft => stop(&mut child, drain, || !conversation.session().awaited_by_client().is_empty()).await,
        Why::ServerSilent | Why::Signalled => stop(&mut child, drain, || false).await,
    };
    let status = status.map_or(1, shell_status);
    // Also where there is no hint: what it said last is passed on before we end.
    let last_words = child.last_words().await;
    let silent = conversation.agreed().is_none() && !conversation.was_answered();
    let hint = (status != 0 && silent && started.elapsed() < AT_ONCE)
        .then(|| hint(status, &last_words, &child.held_back))
        .flatten();
    Ok(WrapReport { status, hint })
}

/// Carries one direction on a thread of its own. The thread may wait for input that never comes: it ends with the
/// process.
fn carry_on_thread(
    conversation: &Arc<Conversation>,
    direction: Direction,
    mut receiver: Receiver,
    senders: &Senders,
) -> std::io::Result<oneshot::Receiver<()>> {
    let (ended, end) = oneshot::channel();
    let (conversation, senders, runtime) = (Arc::clone(conversation), senders.clone(), Handle::current());
    std::thread::Builder::new().name(direction.name().to_owned()).spawn(move || {
        let _how = runtime.block_on(carry(&conversation, direction, &mut receiver, &senders));
        // Whoever waits for the end may have gone.
        let _gone = ended.send(());
    })?;
    Ok(end)
}

/// Stops the child while its last output is still carried to the client.
async fn stop(child: &mut Child, drain: impl Future<Output = ()>, unanswered: impl Fn() -> bool) -> Option<ExitStatus> {
    tokio::pin!(drain);
    let mut drained = false;
    let until = Instant::now() + UNANSWERED_PATIENCE;
    while unanswered() && Instant::now() < until && !drained {
        tokio::select! {
            () = &mut drain => drained = true,
            status = child.wait() => {
                let _late = timeout(DRAIN_PATIENCE, drain).await;
                return status.ok();
            }
            () = sleep(Duration::from_millis(50)) => {}
        }
    }
    let stopping = child.stop();
    tokio::pin!(stopping);
    if !drained {
        tokio::select! {
            () = &mut drain => {}
            status = &mut stopping => {
                let _late = timeout(DRAIN_PATIENCE, drain).await;
                return status;
            }
        }
    }
    stopping.await
}

/// What may be wrong with a server that ended at once: it may miss a variable that was held back from it.
fn hint(status: u8, last_words: &LastWords, held_back: &[String]) -> Option<String> {
    let said = last_words.lines().join("\n");
    let telling = |name: &&String| {
        let upper = name.to_ascii_uppercase();
        ["TOKEN", "KEY", "SECRET", "PASSWORD", "URL", "HOST", "USER", "ACCOUNT", "PROXY", "CONFIG", "API"]
            .iter()
            .any(|part| upper.contains(part))
    };
    let mut names: Vec<&String> = held_back.iter().filter(|name| says(&said, name)).collect();
    if names.is_empty() {
        names = held_back.iter().filter(telling).take(12).collect();
    }
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    (!names.is_empty()).then(|| {
        format!(
            "the server ended with status {status} before it answered anything.\n\
             These variables of your environment were held back from it: {}.\n\
             Pass one that it needs with `--env NAME` before the `--`.",
            names.join(", ")
        )
    })
}

/// Whether a text names a variable: as a word, not as a part of one.
fn says(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + name.len()..).unwrap_or_default());
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_names_what_the_server_itself_asked_for_first() {
        let held_back = ["API_KEY".to_owned(), "EDITOR".to_owned(), "NOTES_HOME".to_owned()];
        assert!(hint(1, &LastWords::default(), &held_back).unwrap().contains(": API_KEY."));
        let said = LastWords::saying("error: NOTES_HOME is not set");
        assert!(hint(1, &said, &held_back).unwrap().contains(": NOTES_HOME."));
        assert!(hint(1, &LastWords::default(), &["EDITOR".to_owned()]).is_none());
        assert!(hint(1, &said, &["HOME".to_owned(), "_".to_owned()]).is_none(), "parts of words are no names");
    }
}
