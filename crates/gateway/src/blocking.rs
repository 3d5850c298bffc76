//! Files, pipes and sockets that are read and written by a thread of their own, which simply waits in the kernel. For
//! one conversation that is twice as fast as an event loop: the kernel hands the processor straight to whoever the
//! bytes were written for.
//!
//! Never used on a thread that serves anything else.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::task::{Context, Poll};

use rustix::event::{PollFd, PollFlags, poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A descriptor as a stream whose every poll waits until it is done.
#[derive(Debug)]
pub(crate) struct Blocking(File);

impl Blocking {
    pub(crate) fn new(descriptor: OwnedFd) -> Self {
        Self(File::from(descriptor))
    }

    /// Does `act` again and again until it neither would block (somebody may have set the descriptor so, and it is
    /// shared) nor was interrupted.
    fn insist<T>(&mut self, interest: PollFlags, mut act: impl FnMut(&mut File) -> io::Result<T>) -> io::Result<T> {
        loop {
            match act(&mut self.0) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let mut waited = [PollFd::new(&self.0, interest)];
                    match poll(&mut waited, None) {
                        Ok(_) | Err(rustix::io::Errno::INTR) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

impl AsyncRead for Blocking {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let space = buffer.initialize_unfilled();
        let read = self.insist(PollFlags::IN, |file| file.read(space));
        Poll::Ready(read.map(|count| buffer.advance(count)))
    }
}

impl AsyncWrite for Blocking {
    fn poll_write(mut self: Pin<&mut Self>, _context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.insist(PollFlags::OUT, |file| file.write(bytes)))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Dropping it closes it.
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[test]
    fn a_descriptor_that_would_not_block_is_waited_for() {
        let (near, far) = std::os::unix::net::UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        let mut blocking = Blocking::new(near.as_fd().try_clone_to_owned().unwrap());
        let writer = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            (&far).write_all(b"hello").unwrap();
            far
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let read = runtime.block_on(async {
            let mut buffer = [0; 5];
            blocking.read_exact(&mut buffer).await.unwrap();
            buffer
        });
        assert_eq!(&read, b"hello");
        let far = writer.join().unwrap();
        runtime.block_on(blocking.write_all(b"back")).unwrap();
        let mut buffer = [0; 4];
        (&far).read_exact(&mut buffer).unwrap();
        assert_eq!(&buffer, b"back");
    }
}
