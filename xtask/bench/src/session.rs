//! Opens and closes one MCP session over HTTP with plain blocking calls: the part of a measurement that is not
//! measured. Every call has a time limit.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::http;
use crate::mcp;

/// How long one answer of a handshake may take.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// How long the answer to the closing request is awaited.
const CLOSING_TIME_MAX: Duration = Duration::from_millis(500);

/// Where an MCP server listens.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// What stands in the `Host` field.
    pub authority: String,
    /// The resolved address.
    pub address: SocketAddr,
    /// The path with its leading slash.
    pub path: String,
    /// What stands behind `Authorization: Bearer` of every request; without it there is no such field.
    pub credential: Option<String>,
}

impl Endpoint {
    /// Reads a URL such as `http://127.0.0.1:3000/mcp`.
    ///
    /// # Errors
    /// When it is not plain HTTP, or the host is not found.
    pub fn parse(url: &str) -> io::Result<Self> {
        let wrong = |why: &str| io::Error::other(format!("`{url}` {why}"));
        let rest = url.strip_prefix("http://").ok_or_else(|| wrong("does not begin with http://"))?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let with_port = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        let address = with_port.to_socket_addrs()?.next().ok_or_else(|| wrong("names a host without an address"))?;
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { authority: authority.to_owned(), address, path: path.to_owned(), credential: None })
    }

    /// The same place, for somebody who shows this key or token.
    #[must_use]
    pub fn with_credential(mut self, credential: Option<&str>) -> Self {
        self.credential = credential.map(str::to_owned);
        self
    }

    /// The header field of the credential; empty without one.
    fn credential_field(&self) -> String {
        self.credential.as_ref().map_or_else(String::new, |text| format!("Authorization: Bearer {text}\r\n"))
    }

    /// The head of a POST with a body of `length` bytes, within a session or before it.
    #[must_use]
    pub fn post_head(&self, session: Option<&str>, length: usize) -> String {
        let Self { authority, path, .. } = self;
        let mut head = format!(
            "POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\n"
        );
        head.push_str(&self.credential_field());
        if let Some(session) = session {
            head.push_str(&session_fields(session));
        }
        head.push_str(&format!("Content-Length: {length}\r\n\r\n"));
        head
    }
}

/// The header fields of a message within a session; the id is empty where the server has none.
fn session_fields(session: &str) -> String {
    let revision = format!("MCP-Protocol-Version: {}\r\n", mcp::LEGACY_REVISION);
    if session.is_empty() { revision } else { format!("{revision}Mcp-Session-Id: {session}\r\n") }
}

/// A session that is open on its own connection.
#[derive(Debug)]
pub struct Session {
    /// The connection, with nothing unread on it.
    pub stream: TcpStream,
    /// The session id that the server gave; empty if it gave none.
    pub id: String,
}

impl Session {
    /// Connects and shakes hands.
    ///
    /// # Errors
    /// When the server cannot be reached or does not answer as MCP demands.
    pub fn open(endpoint: &Endpoint) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&endpoint.address, ANSWER_TIME_MAX)?;
        stream.set_nodelay(true)?;
        let mut session = Self { stream, id: String::new() };
        session.id = session.initialize(endpoint)?;
        session.ask(
            endpoint.post_head(Some(&session.id), mcp::INITIALIZED.len()),
            mcp::INITIALIZED,
            &[202, 200, 204],
        )?;
        Ok(session)
    }

    /// Sends the first request and returns the session id.
    fn initialize(&mut self, endpoint: &Endpoint) -> io::Result<String> {
        let body = mcp::initialize();
        self.ask(endpoint.post_head(None, body.len()), &body, &[200])
    }

    /// Sends one request, waits for its answer, checks the status, returns the session id in it.
    fn ask(&mut self, head: String, body: &str, statuses: &[u16]) -> io::Result<String> {
        self.stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
        self.stream.write_all((head + body).as_bytes())?;
        let mut input = Vec::new();
        let mut piece = [0; 4096];
        loop {
            if let Some(answer) = http::read(&input).map_err(io::Error::other)? {
                let status = answer.status();
                if !statuses.contains(&status) {
                    let body = String::from_utf8_lossy(answer.body.get(..200).unwrap_or(&answer.body)).into_owned();
                    return Err(io::Error::other(format!("the handshake was answered with status {status}: {body}")));
                }
                return Ok(String::from_utf8_lossy(answer.session.unwrap_or_default()).into_owned());
            }
            match self.stream.read(&mut piece)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => input.extend_from_slice(piece.get(..count).unwrap_or_default()),
            }
        }
    }

    /// Ends the session as a polite client does. Nothing depends on the answer, so that no failure is reported.
    pub fn close(mut self, endpoint: &Endpoint) {
        let Endpoint { authority, path, .. } = endpoint;
        let fields = session_fields(&self.id) + &endpoint.credential_field();
        let request = format!("DELETE {path} HTTP/1.1\r\nHost: {authority}\r\n{fields}Content-Length: 0\r\n\r\n");
        if self.stream.set_read_timeout(Some(CLOSING_TIME_MAX)).is_ok()
            && self.stream.write_all(request.as_bytes()).is_ok()
        {
            let mut answer = [0; 1024];
            // Only awaited, so that the server has seen the request before the connection goes.
            let _ = self.stream.read(&mut answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_stands_in_every_head_and_only_if_there_is_one() {
        let endpoint = Endpoint::parse("http://127.0.0.1:3000/mcp").unwrap();
        assert!(!endpoint.post_head(None, 0).contains("Authorization"));
        let head = endpoint.with_credential(Some("k")).post_head(Some("s"), 0);
        assert!(head.contains("\r\nAuthorization: Bearer k\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    }

    #[test]
    fn a_url_is_taken_apart() {
        let endpoint = Endpoint::parse("http://127.0.0.1:3000/mcp/notes").unwrap();
        assert_eq!((endpoint.path.as_str(), endpoint.address.port()), ("/mcp/notes", 3000));
        assert_eq!(Endpoint::parse("http://127.0.0.1").unwrap().path, "/");
        assert!(Endpoint::parse("https://127.0.0.1/").is_err());
        assert!(Endpoint::parse("127.0.0.1:1").is_err());
    }
}
