//! The fixture upstream: an MCP server with one tool that echoes its text, answered from one thread with as little work
//! as possible, over HTTP (`/mcp`, plain JSON answers, a session id on `initialize`) or over standard input and output.
//! It accepts any session id: it measures proxies, it does not check them.

use std::io::{self, BufRead, Write};
use std::net::TcpListener as StdTcpListener;

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};

use crate::connection::Connection;
use crate::http;
use crate::mcp::{self, Answer};

/// The token of the listener; connections have the index of their place.
const LISTENER: Token = Token(usize::MAX);
/// The most connections at a time; more are closed at once.
const CONNECTIONS_MAX: usize = 4096;

/// Answers on this listener until the process ends.
///
/// # Errors
/// When the kernel's readiness queue or the listener fails.
pub fn serve_http(listener: StdTcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut listener = TcpListener::from_std(listener);
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    let mut places: Vec<Option<Connection>> = Vec::new();
    let mut body = Vec::new();
    loop {
        if let Err(error) = poll.poll(&mut events, None) {
            if error.kind() == io::ErrorKind::Interrupted {
                continue;
            }
            return Err(error);
        }
        for event in &events {
            if event.token() == LISTENER {
                accept(&listener, &poll, &mut places)?;
                continue;
            }
            let Some(place) = places.get_mut(event.token().0) else { continue };
            let Some(connection) = place else { continue };
            if advance(connection, event.is_readable(), event.is_read_closed(), &mut body).is_err() {
                *place = None;
            }
        }
    }
}

/// Takes every connection that waits.
fn accept(listener: &TcpListener, poll: &Poll, places: &mut Vec<Option<Connection>>) -> io::Result<()> {
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(error) => return Err(error),
        };
        let free = places.iter().position(Option::is_none).unwrap_or(places.len());
        if free >= CONNECTIONS_MAX {
            continue;
        }
        let mut connection = Connection::new(stream)?;
        poll.registry().register(connection.stream(), Token(free), Interest::READABLE | Interest::WRITABLE)?;
        match places.get_mut(free) {
            Some(place) => *place = Some(connection),
            None => places.push(Some(connection)),
        }
    }
}

/// Reads what has arrived, answers every complete request in order, sends what fits.
fn advance(connection: &mut Connection, readable: bool, peer_ended: bool, body: &mut Vec<u8>) -> io::Result<()> {
    let filled = if readable { connection.fill(peer_ended) } else { Ok(()) };
    loop {
        let (input, output) = connection.parts();
        let Some(request) = http::read(input).map_err(io::Error::other)? else { break };
        respond(&request, body, output)?;
        let consumed = request.consumed;
        connection.consume(consumed);
    }
    connection.flush()?;
    connection.clear_sent();
    filled
}

/// Writes the answer to one request.
fn respond(request: &http::Message<'_>, body: &mut Vec<u8>, output: &mut Vec<u8>) -> io::Result<()> {
    if request.is_method("DELETE") {
        return output.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
    if !request.is_method("POST") {
        return output
            .write_all(b"HTTP/1.1 405 Method Not Allowed\r\nAllow: POST, DELETE\r\nContent-Length: 0\r\n\r\n");
    }
    let session = match mcp::answer(&request.body, body) {
        Answer::Nothing => return output.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"),
        Answer::SessionBegins => "Mcp-Session-Id: 5f0c6f5e-bench-upstream\r\n",
        Answer::Body => "",
    };
    write!(
        output,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{session}Content-Length: {}\r\n\r\n",
        body.len()
    )?;
    output.write_all(body)
}

/// Answers each line of `input` with a line of `output` until the input ends.
///
/// # Errors
/// Those of the two streams.
pub fn serve_lines(mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    let mut body = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        if !matches!(mcp::answer(&line, &mut body), Answer::Nothing) {
            body.push(b'\n');
            output.write_all(&body)?;
            output.flush()?;
        }
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_answered_in_order_and_notifications_are_not() {
        let input = format!("{}\n{}\n{}\n", mcp::initialize(), mcp::INITIALIZED, mcp::call(5, "hello"));
        let mut output = Vec::new();
        serve_lines(input.as_bytes(), &mut output).unwrap();
        let lines: Vec<&[u8]> = output.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(mcp::check_answer(lines[1], "5", "hello"), Ok(()));
    }
}
