//! An HTTP client that sends the bytes it is told to, and reads what comes piece by piece.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::running::PATIENCE;

/// Where to connect to.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// One connection.
pub(crate) struct Http {
    stream: Stream,
    read: Vec<u8>,
}

/// The head of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
}

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
    /// Whether the body ended as HTTP says, not by a connection that broke.
    pub(crate) complete: bool,
}

/// What comes next of a streamed body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Bytes(Vec<u8>),
    End,
    Broken,
}

impl Head {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.status
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, or the data of its last event.
    pub(crate) fn json(&self) -> Value {
        let text = self.text();
        let data = text.lines().rev().find_map(|line| line.strip_prefix("data: "));
        serde_json::from_str(data.unwrap_or(&text)).unwrap_or_else(|error| panic!("{error}: {self:?} {text}"))
    }

    pub(crate) fn error_code(&self) -> i64 {
        self.json()["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error: {}", self.text()))
    }
}

/// A POST as text: `headers` are lines without their ends.
pub(crate) fn post(path: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, \
         text/event-stream\r\nContent-Length: {}\r\n",
        body.len()
    );
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    let mut bytes = request.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Sends one POST on a connection of its own and reads the answer.
pub(crate) fn ask(address: SocketAddr, path: &str, headers: &[&str], body: &str) -> Answer {
    let mut http = Http::connect(&Target::Tcp(address));
    http.send(&post(path, headers, body.as_bytes()));
    http.answer()
}

/// Sends one GET on a connection of its own and reads the answer.
pub(crate) fn get(address: SocketAddr, path: &str, headers: &[&str]) -> Answer {
    let mut http = Http::connect(&Target::Tcp(address));
    http.send_get(path, headers);
    http.answer()
}

impl Http {
    pub(crate) fn connect(target: &Target) -> Http {
        let stream = match target {
            Target::Tcp(address) => {
                let stream = TcpStream::connect(address).unwrap();
                stream.set_nodelay(true).unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream.set_write_timeout(Some(PATIENCE)).unwrap();
                Stream::Tcp(stream)
            }
            Target::Unix(path) => Stream::Unix(unix(path)),
        };
        Http { stream, read: Vec::new() }
    }

    pub(crate) fn tcp(address: SocketAddr) -> Http {
        Http::connect(&Target::Tcp(address))
    }

    /// Sends bytes. The other side may have closed already, which the reading will show.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let _closed = match &mut self.stream {
            Stream::Tcp(stream) => stream.write_all(bytes),
            Stream::Unix(stream) => stream.write_all(bytes),
        };
    }

    pub(crate) fn send_get(&mut self, path: &str, headers: &[&str]) {
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n");
        for header in headers {
            request.push_str(header);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        self.send(request.as_bytes());
    }

    /// Ends what we have to say; we still listen.
    pub(crate) fn half_close(&self) {
        let _closed = match &self.stream {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Stream::Unix(stream) => stream.shutdown(Shutdown::Write),
        };
    }

    /// Closes the connection although another thread may be reading from it.
    pub(crate) fn closer(&self) -> Box<dyn Fn() + Send + Sync> {
        match &self.stream {
            Stream::Tcp(stream) => {
                let stream = stream.try_clone().unwrap();
                Box::new(move || drop(stream.shutdown(Shutdown::Both)))
            }
            Stream::Unix(stream) => {
                let stream = stream.try_clone().unwrap();
                Box::new(move || drop(stream.shutdown(Shutdown::Both)))
            }
        }
    }

    pub(crate) fn read_timeout(&self, timeout: Duration) {
        match &self.stream {
            Stream::Tcp(stream) => stream.set_read_timeout(Some(timeout)).unwrap(),
            Stream::Unix(stream) => stream.set_read_timeout(Some(timeout)).unwrap(),
        }
    }

    /// Reads more; false at the end of the connection. Fails the test when nothing comes.
    fn fill(&mut self) -> bool {
        let mut buffer = [0_u8; 65536];
        let count = match &mut self.stream {
            Stream::Tcp(stream) => stream.read(&mut buffer),
            Stream::Unix(stream) => stream.read(&mut buffer),
        };
        match count {
            Ok(0) => false,
            Ok(count) => {
                self.read.extend_from_slice(&buffer[..count]);
                true
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("no answer came; so far: {:?}", String::from_utf8_lossy(&self.read))
            }
            Err(_) => false,
        }
    }

    /// Whether the other side closes without another word.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.read.is_empty() && !self.fill()
    }

    fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return Some(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if !self.fill() {
                return None;
            }
        }
    }

    /// The head of the answer; `None` when the connection closes instead. `100 Continue` is passed over.
    pub(crate) fn head(&mut self) -> Option<Head> {
        loop {
            let status = self.line()?;
            let status =
                status.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{status}"));
            let mut headers = Vec::new();
            loop {
                let line = self.line()?;
                if line.is_empty() {
                    break;
                }
                let (name, value) = line.split_once(':').unwrap();
                headers.push((name.to_owned(), value.trim().to_owned()));
            }
            if status != 100 {
                return Some(Head { status, headers });
            }
        }
    }

    /// The next chunk of a chunked body.
    pub(crate) fn piece(&mut self) -> Piece {
        let Some(size) = self.line() else { return Piece::Broken };
        let size = usize::from_str_radix(&size, 16).unwrap_or_else(|_| panic!("a chunk of size {size:?}"));
        while self.read.len() < size + 2 {
            if !self.fill() {
                return Piece::Broken;
            }
        }
        let bytes: Vec<u8> = self.read.drain(..size + 2).take(size).collect();
        if size == 0 { Piece::End } else { Piece::Bytes(bytes) }
    }

    /// The whole answer.
    pub(crate) fn answer(&mut self) -> Answer {
        self.try_answer().expect("an answer")
    }

    /// The whole answer; `None` when the connection closes instead.
    pub(crate) fn try_answer(&mut self) -> Option<Answer> {
        let head = self.head()?;
        let mut body = Vec::new();
        let mut complete = true;
        if head.header("transfer-encoding").is_some() {
            loop {
                match self.piece() {
                    Piece::Bytes(bytes) => body.extend(bytes),
                    Piece::End => break,
                    Piece::Broken => {
                        complete = false;
                        break;
                    }
                }
            }
        } else {
            let length: usize = head.header("content-length").map_or(0, |length| length.parse().unwrap());
            body = self.body(length);
            complete = body.len() == length;
        }
        Some(Answer { head, body, complete })
    }

    /// A body of this length, or what comes of it before the connection breaks.
    pub(crate) fn body(&mut self, length: usize) -> Vec<u8> {
        while self.read.len() < length && self.fill() {}
        let length = length.min(self.read.len());
        self.read.drain(..length).collect()
    }

    /// The data of the next event of a streamed body, which may be cut anywhere; `None` at its end.
    pub(crate) fn event(&mut self, events: &mut Vec<u8>) -> Option<String> {
        loop {
            let text = String::from_utf8_lossy(events).into_owned();
            if let Some(end) = text.find("\n\n") {
                events.drain(..end + 2);
                let data: Vec<&str> = text[..end].lines().filter_map(|line| line.strip_prefix("data:")).collect();
                if data.is_empty() {
                    continue;
                }
                return Some(data.join("\n").trim().to_owned());
            }
            match self.piece() {
                Piece::Bytes(bytes) => events.extend(bytes),
                Piece::End | Piece::Broken => return None,
            }
        }
    }
}

fn unix(path: &Path) -> UnixStream {
    let stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}
