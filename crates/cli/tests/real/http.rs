//! A small HTTP/1.1 client on a bare socket: it shows every byte of an answer and adds nothing of its own to a request.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};

use crate::running::PATIENCE;

/// An answer whose body is still to be read.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case, in the order in which they came.
    pub(crate) headers: Vec<(String, String)>,
    body: Body,
}

/// A request: a method, a path, headers and a body, sent as they stand here.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: &'a [u8],
}

/// Sends a request to loopback and reads the head of the answer.
pub(crate) fn send(port: u16, request: &Request<'_>) -> Answer {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
    stream.set_nodelay(true).expect("no delay");
    let mut head = format!("{} {} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n", request.method, request.path);
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if request.method == "POST" {
        head.push_str(&format!("content-length: {}\r\n", request.body.len()));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).expect("the request's head");
    stream.write_all(request.body).expect("the request's body");
    let mut reader = BufReader::new(stream);
    let (first, headers) = read_head(&mut reader).expect("an answer");
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let body = Body::new(reader, &headers, status);
    Answer { status, headers, body }
}

/// Reads a first line and headers; nothing when the connection ends before them.
pub(crate) fn read_head(reader: &mut impl BufRead) -> Option<(String, Vec<(String, String)>)> {
    let mut line = || -> Option<String> {
        let mut line = String::new();
        (reader.read_line(&mut line).ok()? > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    };
    let first = line()?;
    let mut headers = Vec::new();
    loop {
        let header = line()?;
        if header.is_empty() {
            return Some((first, headers));
        }
        let (name, value) = header.split_once(':').unwrap_or_else(|| panic!("no header: {header}"));
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

/// The value of a header that stands once.
pub(crate) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"))
    }

    /// The whole body.
    pub(crate) fn bytes(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.body.next() {
            bytes.extend(piece);
        }
        bytes
    }

    /// The event stream in the body.
    pub(crate) fn events(self) -> Events {
        Events { body: self.body, rest: Vec::new() }
    }

    /// Something with which another thread can end the reading.
    pub(crate) fn closer(&self) -> TcpStream {
        self.body.reader.get_ref().try_clone().expect("a second handle")
    }
}

/// Ends a connection from another thread.
pub(crate) fn close(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Both);
}

/// How the end of a body is known.
#[derive(Clone, Copy)]
enum Framing {
    Length(usize),
    Chunked,
    Close,
}

/// A body, read in the pieces in which it comes.
struct Body {
    reader: BufReader<TcpStream>,
    framing: Framing,
}

impl Body {
    fn new(reader: BufReader<TcpStream>, headers: &[(String, String)], status: u16) -> Body {
        let length = header(headers, "content-length").and_then(|length| length.parse().ok());
        let framing = match length {
            _ if [204, 304].contains(&status) => Framing::Length(0),
            _ if header(headers, "transfer-encoding").is_some_and(|coding| coding.contains("chunked")) => {
                Framing::Chunked
            }
            Some(length) => Framing::Length(length),
            None => Framing::Close,
        };
        Body { reader, framing }
    }

    /// The next piece; nothing at the end, or when the connection breaks.
    fn next(&mut self) -> Option<Vec<u8>> {
        match self.framing {
            Framing::Chunked => read_chunk(&mut self.reader),
            Framing::Close => self.piece(64 * 1024),
            Framing::Length(0) => None,
            Framing::Length(left) => {
                let piece = self.piece(left)?;
                self.framing = Framing::Length(left - piece.len());
                Some(piece)
            }
        }
    }

    fn piece(&mut self, length_max: usize) -> Option<Vec<u8>> {
        let available = self.reader.fill_buf().ok()?;
        let length = available.len().min(length_max);
        let piece = available[..length].to_vec();
        self.reader.consume(length);
        (length > 0).then_some(piece)
    }
}

/// Reads one chunk of a chunked body; nothing at its end.
pub(crate) fn read_chunk(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut size = String::new();
    reader.read_line(&mut size).ok()?;
    let length = usize::from_str_radix(size.trim().split(';').next()?, 16).ok()?;
    let mut chunk = vec![0; length + 2];
    reader.read_exact(&mut chunk).ok()?;
    chunk.truncate(length);
    (length > 0).then_some(chunk)
}

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: String,
    pub(crate) data: String,
}

/// The events of a stream, as they come. Comments are passed over; an event without data is none.
pub(crate) struct Events {
    body: Body,
    rest: Vec<u8>,
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let (mut kind, mut data) = (String::new(), Vec::new());
        loop {
            let line = self.line()?;
            match line.split_once(':').map(|(field, value)| (field, value.strip_prefix(' ').unwrap_or(value))) {
                Some(("event", value)) => kind = value.to_owned(),
                Some(("data", value)) => data.push(value.to_owned()),
                _ if line.is_empty() => {
                    let text = data.join("\n");
                    if !text.is_empty() {
                        return Some(Event { kind, data: text });
                    }
                    kind.clear();
                    data.clear();
                }
                _ => {}
            }
        }
    }
}

impl Events {
    fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                let text = String::from_utf8(line).expect("UTF-8");
                return Some(text.trim_end_matches(['\r', '\n']).to_owned());
            }
            self.rest.extend(self.body.next()?);
        }
    }
}
