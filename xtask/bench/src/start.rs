//! How long a target takes from being started to its first answer, as a client sees it.

use std::io;
use std::net::TcpStream;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::round_trip::Conversation;
use crate::session::{Endpoint, Session};

/// A target that has not answered after this long has failed.
const START_TIME_MAX: Duration = Duration::from_secs(20);

/// From the start of a child to its answer to `initialize` over its standard streams.
///
/// # Errors
/// When it does not answer.
pub fn first_answer_of_child(command: &mut Command) -> io::Result<Duration> {
    let started = Instant::now();
    let mut conversation = Conversation::start(command, START_TIME_MAX)?;
    conversation.initialize()?;
    Ok(started.elapsed())
}

/// From the start of a server to the end of the first handshake over HTTP. The server is handed to `keep` at once, so
/// that it is ended whatever comes.
///
/// # Errors
/// When it does not answer.
pub fn first_answer_of_server<K>(
    command: &mut Command,
    keep: impl FnOnce(Child) -> K,
    endpoint: &Endpoint,
) -> io::Result<(Duration, K)> {
    let started = Instant::now();
    let kept = keep(command.spawn()?);
    await_listener(endpoint, || true)?;
    let session = Session::open(endpoint)?;
    let took = started.elapsed();
    session.close(endpoint);
    Ok((took, kept))
}

/// Waits until something accepts connections there, or until `is_alive` says that nothing will.
///
/// # Errors
/// When nothing does for too long, or never will.
pub fn await_listener(endpoint: &Endpoint, mut is_alive: impl FnMut() -> bool) -> io::Result<()> {
    let address = endpoint.address;
    let started = Instant::now();
    loop {
        match TcpStream::connect_timeout(&address, Duration::from_secs(1)) {
            Ok(_) => return Ok(()),
            Err(error) if started.elapsed() > START_TIME_MAX => {
                let limit = START_TIME_MAX.as_secs();
                let sentence = format!("nothing accepts connections at {address} after {limit} seconds: {error}");
                return Err(io::Error::new(error.kind(), sentence));
            }
            Err(_) if !is_alive() => return Err(io::Error::other(format!("it ended before it listened at {address}"))),
            Err(_) => std::thread::sleep(Duration::from_micros(200)),
        }
    }
}
