//! What a child writes, up to its end: also where something that it has started holds its output open after it.

use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::ChildStdout;
use tokio::time::{Sleep, sleep};

/// How long output is still read after the child has ended.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

/// The standard output of a child. It ends when the child has ended and nothing came for a while.
pub(crate) struct ChildOutput {
    stdout: ChildStdout,
    life: Life,
}

enum Life {
    /// The child runs.
    #[cfg(target_os = "linux")]
    Watched(tokio::io::unix::AsyncFd<OwnedFd>),
    /// The child has ended.
    Over(Pin<Box<Sleep>>),
    /// Nothing is known: the output ends when all who hold it have closed it.
    Unknown,
}

impl ChildOutput {
    /// The output of the child with this process id, which was not waited for yet.
    pub(super) fn new(stdout: ChildStdout, process: Option<rustix::process::Pid>) -> Self {
        Self { stdout, life: process.map_or(Life::Unknown, watch) }
    }

    /// The pipe itself, for a thread that waits on it; the end of the child is then to be watched otherwise.
    pub(crate) fn into_owned_fd(self) -> io::Result<OwnedFd> {
        self.stdout.into_owned_fd()
    }
}

#[cfg(target_os = "linux")]
#[expect(deprecated, reason = "what replaces it is unsafe; an owned descriptor stays open as long as it is registered")]
fn watch(process: rustix::process::Pid) -> Life {
    use rustix::process::{PidfdFlags, pidfd_open};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;
    let Ok(descriptor) = pidfd_open(process, PidfdFlags::NONBLOCK) else { return Life::Unknown };
    AsyncFd::with_interest(descriptor, Interest::READABLE).map_or(Life::Unknown, Life::Watched)
}

#[cfg(not(target_os = "linux"))]
fn watch(_process: rustix::process::Pid) -> Life {
    Life::Unknown
}

impl AsyncRead for ChildOutput {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Poll::Ready(read) = Pin::new(&mut self.stdout).poll_read(context, buffer) {
            return Poll::Ready(read);
        }
        loop {
            match &mut self.life {
                #[cfg(target_os = "linux")]
                Life::Watched(process) => match process.poll_read_ready(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(_)) => self.life = Life::Over(Box::pin(sleep(LAST_OUTPUT))),
                    Poll::Ready(Err(_)) => self.life = Life::Unknown,
                },
                // Nothing was read: the end.
                Life::Over(until) => return until.as_mut().poll(context).map(Ok),
                Life::Unknown => return Poll::Pending,
            }
        }
    }
}
