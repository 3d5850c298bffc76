//! An HTTP server that does what the test says: one thread a connection, every request remembered, every byte of an
//! answer under control.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::running::{PATIENCE, until};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The connection that a request came on; an answer is what is written to it.
pub(crate) struct Reply {
    stream: TcpStream,
    /// Whether the connection is used for another request afterwards.
    keep: bool,
}

/// A scripted server.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The method of the JSON-RPC message in the body.
    pub(crate) fn rpc(&self) -> String {
        self.json()["method"].as_str().unwrap_or_default().to_owned()
    }

    /// The id of the message as JSON text.
    pub(crate) fn id(&self) -> String {
        self.json()["id"].to_string()
    }
}

impl Upstream {
    /// Starts a server that answers each request with `script`.
    pub(crate) fn start(script: impl Fn(&Request, &mut Reply) + Send + Sync + 'static) -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (script, all) = (Arc::new(script), Arc::clone(&seen));
        // It listens until the test process ends.
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let (script, all) = (Arc::clone(&script), Arc::clone(&all));
                std::thread::spawn(move || serve(stream, &all, &*script));
            }
        });
        Upstream { address, seen }
    }

    /// A server that answers every request with these bytes, and closes.
    pub(crate) fn saying(bytes: impl Into<Vec<u8>>) -> Upstream {
        let bytes = bytes.into();
        Upstream::start(move |_, reply| {
            reply.raw(&bytes);
            reply.close();
        })
    }

    /// A server that answers every request with a body of JSON in which `ID` stands for the id of the request.
    pub(crate) fn answering(status: &'static str, body: &'static str) -> Upstream {
        Upstream::start(move |request, reply| reply.json(status, &body.replace("ID", &request.id())))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// How a configuration names this server.
    pub(crate) fn config(&self) -> Value {
        serde_json::json!({ "url": self.url() })
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// The requests whose body or target holds a text.
    pub(crate) fn seen_with(&self, text: &str) -> usize {
        self.seen().iter().filter(|request| request.text().contains(text) || request.target.contains(text)).count()
    }

    pub(crate) fn has_seen(&self, text: &str) {
        until(&format!("the server sees {text}"), || self.seen_with(text) > 0);
    }
}

impl Reply {
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        let _gone = self.stream.write_all(bytes);
    }

    /// A whole answer of JSON.
    pub(crate) fn json(&mut self, status: &str, body: &str) {
        self.whole(status, &["Content-Type: application/json"], body.as_bytes());
    }

    /// A whole answer.
    pub(crate) fn whole(&mut self, status: &str, headers: &[&str], body: &[u8]) {
        let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        self.raw(&[head.as_bytes(), body].concat());
    }

    /// The head of a stream of events.
    pub(crate) fn events(&mut self, headers: &[&str]) {
        let mut head =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n".to_owned();
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        self.raw(format!("{head}\r\n").as_bytes());
    }

    /// Bytes of a chunked body.
    pub(crate) fn chunk(&mut self, bytes: &[u8]) {
        let head = format!("{:x}\r\n", bytes.len());
        self.raw(&[head.as_bytes(), bytes, b"\r\n"].concat());
    }

    /// One event with this message.
    pub(crate) fn event(&mut self, message: &Value) {
        self.chunk(format!("event: message\ndata: {message}\n\n").as_bytes());
    }

    /// The end of a chunked body.
    pub(crate) fn end(&mut self) {
        self.raw(b"0\r\n\r\n");
    }

    /// Closes the connection.
    pub(crate) fn close(&mut self) {
        self.keep = false;
        let _gone = self.stream.shutdown(Shutdown::Both);
    }

    /// Waits until the other side closes the connection; false when it does not within `patience`.
    pub(crate) fn is_left(&mut self, patience: Duration) -> bool {
        self.stream.set_read_timeout(Some(patience)).unwrap();
        let left = match self.stream.read(&mut [0_u8; 1]) {
            Ok(0) => true,
            Ok(_) => false,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        };
        self.keep = false;
        left
    }

    pub(crate) fn another(&self) -> Reply {
        Reply { stream: self.stream.try_clone().unwrap(), keep: false }
    }
}

fn serve(mut stream: TcpStream, all: &Mutex<Vec<Request>>, script: &(dyn Fn(&Request, &mut Reply) + Send + Sync)) {
    let _slower = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer) {
        all.lock().unwrap().push(request.clone());
        let mut reply = Reply { stream: stream.try_clone().unwrap(), keep: true };
        script(&request, &mut reply);
        if !reply.keep {
            return;
        }
    }
}

/// Reads one request. Whatever frames its body counts, as a careless server would have it: `Content-Length` first.
fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    let _slower = stream.set_read_timeout(Some(PATIENCE * 3));
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        more(stream, buffer)?;
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    buffer.drain(..end + 4);
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    while buffer.len() < length {
        more(stream, buffer)?;
    }
    let body = buffer.drain(..length).collect();
    Some(Request { method, target, headers, body })
}

fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0_u8; 65536];
    match stream.read(&mut chunk) {
        Ok(0) | Err(_) => None,
        Ok(count) => {
            buffer.extend_from_slice(&chunk[..count]);
            Some(())
        }
    }
}
