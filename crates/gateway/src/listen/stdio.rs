//! Our own standard streams as a channel. Clients start us with pipes or sockets; these are read without a helper
//! thread, which would cost more than all the rest of the work on a message.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as StdUnixStream;

use rustix::fs::{FileType, fstat};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;

use crate::channel::{LineReceiver, LineSender, Receiver, Sender};

/// The client on our standard input and output.
pub(crate) fn standard_streams(line_bytes_max: usize) -> io::Result<(Receiver, Sender)> {
    Ok((Receiver::Lines(standard_input(line_bytes_max)?), Sender::Lines(standard_output()?)))
}

fn standard_input(line_bytes_max: usize) -> io::Result<LineReceiver> {
    let descriptor = io::stdin().as_fd().try_clone_to_owned()?;
    Ok(match kind(&descriptor)? {
        FileType::Fifo => LineReceiver::new(pipe::Receiver::from_owned_fd(descriptor)?, line_bytes_max),
        FileType::Socket => LineReceiver::new(socket(descriptor)?, line_bytes_max),
        _ => LineReceiver::new(tokio::io::stdin(), line_bytes_max),
    })
}

fn standard_output() -> io::Result<LineSender> {
    let descriptor = io::stdout().as_fd().try_clone_to_owned()?;
    if shares_stderr(&descriptor) {
        // Without blocking here, writes to standard error would fail too when the reader is slow.
        return Ok(LineSender::new(tokio::io::stdout()));
    }
    Ok(match kind(&descriptor)? {
        FileType::Fifo => LineSender::new(pipe::Sender::from_owned_fd(descriptor)?),
        FileType::Socket => LineSender::new(socket(descriptor)?),
        FileType::RegularFile => LineSender::new(tokio::fs::File::from_std(File::from(descriptor))),
        _ => LineSender::new(tokio::io::stdout()),
    })
}

fn kind(descriptor: &OwnedFd) -> io::Result<FileType> {
    Ok(FileType::from_raw_mode(fstat(descriptor)?.st_mode))
}

fn shares_stderr(descriptor: &OwnedFd) -> bool {
    match (fstat(descriptor), fstat(io::stderr().as_fd())) {
        (Ok(ours), Ok(stderr)) => (ours.st_dev, ours.st_ino) == (stderr.st_dev, stderr.st_ino),
        _ => true,
    }
}

fn socket(descriptor: OwnedFd) -> io::Result<UnixStream> {
    let stream = StdUnixStream::from(descriptor);
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream)
}
