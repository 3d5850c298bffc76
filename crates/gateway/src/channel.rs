//! One side of a conversation that carries whole messages both ways: standard streams, a socket, a child's pipes, a
//! queue. What comes in are bytes to be judged; what goes out is only what was cleared.

use std::io;
use std::pin::Pin;

use bytes::Bytes;
use gatehold_evidence::Cleared;
use gatehold_session::Principal;
use gatehold_wire::Refusal;
use gatehold_wire::lines::Lines;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

/// What can go wrong with the other end of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A line or event was over its limit; the channel goes on after it.
    Refused(Refusal),
    /// The other end is gone or broken; the text says how.
    Broken(String),
}

/// What arrives, message by message.
pub(crate) enum Receiver {
    /// Newline-framed bytes.
    Lines(LineReceiver),
    /// Messages that another task took apart.
    Queue(mpsc::Receiver<Result<Bytes, Fault>>),
    /// Messages that were posted one by one, each with its own proof, and who said the last one.
    Posted(mpsc::Receiver<Posted>, Option<Principal>),
}

/// A message that was posted: the principal as the post's own proof describes it, and the bytes.
pub(crate) type Posted = (Principal, Result<Bytes, Fault>);

/// Where cleared messages go.
pub(crate) enum Sender {
    /// Newline-framed bytes.
    Lines(LineSender),
    /// A task that frames them.
    Queue(mpsc::Sender<Cleared>),
}

/// Reads newline-framed messages.
pub(crate) struct LineReceiver {
    stream: Pin<Box<dyn AsyncRead + Send>>,
    lines: Option<Lines>,
}

/// Writes newline-framed messages.
pub(crate) struct LineSender {
    stream: Pin<Box<dyn AsyncWrite + Send>>,
    buffer: Vec<u8>,
}

impl Receiver {
    /// The next message; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, Fault>> {
        match self {
            Self::Lines(lines) => lines.next().await,
            Self::Queue(queue) => queue.recv().await,
            Self::Posted(queue, speaker) => {
                let (principal, arrived) = queue.recv().await?;
                *speaker = Some(principal);
                Some(arrived)
            }
        }
    }

    /// Who said the last message, where each has a proof of its own.
    pub(crate) const fn speaker(&self) -> Option<&Principal> {
        match self {
            Self::Posted(_, speaker) => speaker.as_ref(),
            Self::Lines(_) | Self::Queue(_) => None,
        }
    }
}

impl Sender {
    /// Sends one message; waits while the other end is slow.
    pub(crate) async fn send(&mut self, cleared: Cleared) -> Result<(), Fault> {
        match self {
            Self::Lines(lines) => lines.send(&cleared).await.map_err(|error| Fault::Broken(error.to_string())),
            Self::Queue(queue) => {
                queue.send(cleared).await.map_err(|_| Fault::Broken("the connection has ended".to_owned()))
            }
        }
    }
}

impl LineReceiver {
    pub(crate) fn new(stream: impl AsyncRead + Send + 'static, line_bytes_max: usize) -> Self {
        Self { stream: Box::pin(stream), lines: Some(Lines::new(line_bytes_max)) }
    }

    async fn next(&mut self) -> Option<Result<Bytes, Fault>> {
        loop {
            let lines = self.lines.as_mut()?;
            match lines.next_line() {
                Ok(Some(line)) => return Some(Ok(line)),
                Ok(None) => {}
                Err(refusal) => return Some(Err(Fault::Refused(refusal))),
            }
            let buffer = lines.buffer();
            buffer.reserve(8 * 1024);
            match self.stream.read_buf(buffer).await {
                Ok(0) => return self.lines.take().and_then(Lines::finish).map(Ok),
                Ok(_) => {}
                Err(error) => {
                    self.lines = None;
                    return Some(Err(Fault::Broken(error.to_string())));
                }
            }
        }
    }
}

impl LineSender {
    pub(crate) fn new(stream: impl AsyncWrite + Send + 'static) -> Self {
        Self { stream: Box::pin(stream), buffer: Vec::new() }
    }

    /// Small messages are copied so that message and newline leave in one write, as one atomic line where the pipe
    /// has room; large ones are not.
    async fn send(&mut self, cleared: &Cleared) -> io::Result<()> {
        const COPIED_BYTES_MAX: usize = 64 * 1024;
        let bytes = one_line(cleared.bytes());
        if bytes.len() <= COPIED_BYTES_MAX {
            self.buffer.clear();
            self.buffer.extend_from_slice(&bytes);
            self.buffer.push(b'\n');
            self.stream.write_all(&self.buffer).await?;
        } else {
            self.stream.write_all(&bytes).await?;
            self.stream.write_all(b"\n").await?;
        }
        self.stream.flush().await
    }

    /// Closes the stream: the other end reads its end.
    pub(crate) async fn close(&mut self) {
        // An end that is gone already needs no closing.
        let _gone = self.stream.shutdown().await;
    }
}

/// A message that came over HTTP may be written over several lines; on a line channel it must be one. In checked JSON
/// a raw line end can only be white space between tokens, so a blank means the same.
fn one_line(bytes: &Bytes) -> Bytes {
    if memchr::memchr2(b'\n', b'\r', bytes).is_none() {
        return bytes.clone();
    }
    bytes.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect::<Vec<u8>>().into()
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Lines(_) => "Sender::Lines",
            Self::Queue(_) => "Sender::Queue",
        })
    }
}
