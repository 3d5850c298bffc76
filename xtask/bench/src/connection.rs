//! A TCP connection that never blocks, with one buffer each way: what the fixture upstream and the load generator have
//! in common. It knows nothing of HTTP.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;

/// The size of a fresh input buffer in bytes; it doubles when a message does not fit.
const INPUT_BYTES: usize = 16 * 1024;
/// The most that is buffered of one message, in bytes.
const INPUT_BYTES_MAX: usize = 128 * 1024 * 1024;

/// A connection and its two buffers.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    input: Vec<u8>,
    filled: usize,
    output: Vec<u8>,
    written: usize,
}

impl Connection {
    /// Takes over a connected stream. Nagle's delay is switched off: every message here is awaited by somebody.
    ///
    /// # Errors
    /// When the kernel refuses the option.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, input: vec![0; INPUT_BYTES], filled: 0, output: Vec::new(), written: 0 })
    }

    /// The stream, for registering it.
    pub fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Reads until nothing is left to read. `peer_ended` says that the readiness event told of the peer's end: then a
    /// short read does not prove that the socket is empty.
    ///
    /// # Errors
    /// When the connection ended or broke, or a message does not fit into the limit.
    pub fn fill(&mut self, peer_ended: bool) -> io::Result<()> {
        loop {
            if self.filled == self.input.len() {
                if self.filled >= INPUT_BYTES_MAX {
                    return Err(io::Error::other("a message is over the benchmark's limit"));
                }
                self.input.resize(self.filled * 2, 0);
            }
            let space = self.input.get_mut(self.filled..).unwrap_or_default();
            let offered = space.len();
            match self.stream.read(space) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    self.filled += count;
                    if count < offered && !peer_ended {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// What has arrived and was not consumed, and the output buffer.
    pub fn parts(&mut self) -> (&[u8], &mut Vec<u8>) {
        (self.input.get(..self.filled).unwrap_or_default(), &mut self.output)
    }

    /// Forgets the first `count` bytes of the input.
    pub fn consume(&mut self, count: usize) {
        self.input.copy_within(count.min(self.filled)..self.filled, 0);
        self.filled = self.filled.saturating_sub(count);
    }

    /// Goes back to the start of the output buffer: what it holds will be sent again.
    pub fn rewind(&mut self) {
        self.written = 0;
    }

    /// Empties the output buffer if all of it was sent.
    pub fn clear_sent(&mut self) {
        if self.written == self.output.len() {
            self.output.clear();
            self.written = 0;
        }
    }

    /// Sends as much of the output buffer as the kernel takes.
    ///
    /// # Errors
    /// When the connection broke.
    pub fn flush(&mut self) -> io::Result<()> {
        while self.written < self.output.len() {
            match self.stream.write(self.output.get(self.written..).unwrap_or_default()) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Gives the stream back, blocking again.
    ///
    /// # Errors
    /// When the kernel refuses the change.
    pub fn into_blocking(self) -> io::Result<std::net::TcpStream> {
        let stream = std::net::TcpStream::from(std::os::fd::OwnedFd::from(self.stream));
        stream.set_nonblocking(false)?;
        Ok(stream)
    }
}
