//! Plays a script to a server over HTTP, as Streamable HTTP or as the older pair of a stream and a POST path, and keeps
//! every message that came back, whichever way it came.

use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

use serde_json::Value;

use crate::http::{self, Request};
use crate::running::PATIENCE;
use crate::script::{self, Script, Step};

/// What came back, as a multiset: over HTTP the order between streams means nothing.
pub(crate) struct Heard {
    /// Each message's JSON text, sorted.
    pub(crate) messages: Vec<String>,
    /// The status of each POST, in order.
    pub(crate) statuses: Vec<u16>,
}

/// Plays a script to a Streamable HTTP endpoint.
pub(crate) fn streamable(port: u16, path: &str, script: &Script) -> Heard {
    let mut player = Player::new(port, path);
    for step in &script.steps {
        let line = match step {
            Step::Ask { line, .. } | Step::Tell { line } => line,
            Step::Hear { method, times } => {
                player.wait_for(&format!("{method} so often: {times}"), |messages| count(messages, method) >= *times);
                continue;
            }
            Step::GiveUp { .. } => panic!("over HTTP a call is given up otherwise"),
        };
        let answer = player.line.post(line);
        let message: Value = serde_json::from_str(line).expect("our own JSON");
        if message["method"] == "initialize" {
            player.line.session = answer.header("mcp-session-id").map(str::to_owned);
            player.line.version = Some("2025-11-25".to_owned());
        }
        player.take(answer);
        if message["method"] == "notifications/initialized" && player.line.session.is_some() {
            player.listen("GET", path);
        }
    }
    player.finish()
}

/// Plays a script over the transport of 2024-11-05: answers come on the stream, whose first event names the POST path.
pub(crate) fn event_pair(port: u16, path: &str, script: &Script) -> Heard {
    let mut player = Player::new(port, path);
    player.line.path = player.listen("GET", path).recv_timeout(PATIENCE).expect("an endpoint event");
    for step in &script.steps {
        match step {
            Step::Tell { line } => player.post_only(line),
            Step::Ask { id, line } => {
                player.post_only(line);
                player.wait_for(&format!("the answer to {line:.200}"), |messages| answered(messages, *id));
            }
            Step::Hear { method, times } => {
                player.wait_for(method, |messages| count(messages, method) >= *times);
            }
            Step::GiveUp { .. } => panic!("over HTTP a call is given up otherwise"),
        }
    }
    player.finish()
}

fn count(messages: &[String], method: &str) -> usize {
    parsed(messages).filter(|message| message["method"] == method).count()
}

fn answered(messages: &[String], id: u64) -> bool {
    parsed(messages).any(|message| message["id"] == id && message.get("method").is_none())
}

fn parsed(messages: &[String]) -> impl Iterator<Item = Value> {
    messages.iter().filter_map(|message| serde_json::from_str(message).ok())
}

/// Where and how to post.
#[derive(Clone)]
struct Line {
    port: u16,
    path: String,
    session: Option<String>,
    version: Option<String>,
}

impl Line {
    fn post(&self, body: &str) -> http::Answer {
        let mut headers = self.headers();
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        let message: Value = serde_json::from_str(body).expect("our own JSON");
        if let Some(version) = message.pointer("/params/_meta/io.modelcontextprotocol~1protocolVersion") {
            headers.push(("mcp-protocol-version".to_owned(), version.as_str().unwrap_or_default().to_owned()));
            headers.push(("mcp-method".to_owned(), message["method"].as_str().unwrap_or_default().to_owned()));
            if let Some(name) = message.pointer("/params/name").and_then(Value::as_str) {
                headers.push(("mcp-name".to_owned(), name.to_owned()));
            }
        }
        http::send(self.port, &Request { method: "POST", path: &self.path, headers, body: body.as_bytes() })
    }

    fn headers(&self) -> Vec<(String, String)> {
        let mut headers = vec![("accept".to_owned(), "application/json, text/event-stream".to_owned())];
        headers.extend(self.session.iter().map(|session| ("mcp-session-id".to_owned(), session.clone())));
        headers.extend(self.version.iter().map(|version| ("mcp-protocol-version".to_owned(), version.clone())));
        headers
    }
}

struct Player {
    line: Line,
    heard: Arc<Mutex<Vec<String>>>,
    statuses: Vec<u16>,
    streams: Vec<(TcpStream, JoinHandle<()>)>,
}

impl Player {
    fn new(port: u16, path: &str) -> Player {
        let line = Line { port, path: path.to_owned(), session: None, version: None };
        Player { line, heard: Arc::default(), statuses: Vec::new(), streams: Vec::new() }
    }

    fn post_only(&mut self, line: &str) {
        let answer = self.line.post(line);
        self.statuses.push(answer.status);
        answer.bytes();
    }

    /// Takes all that an answer to a POST brings.
    fn take(&mut self, answer: http::Answer) {
        self.statuses.push(answer.status);
        if answer.is_stream() {
            for event in answer.events() {
                keep(&self.heard, &self.line, event.data);
            }
        } else {
            let body = String::from_utf8(answer.bytes()).expect("UTF-8");
            if !body.is_empty() {
                keep(&self.heard, &self.line, body);
            }
        }
    }

    /// Opens the stream on which the server speaks by itself. What it gives back tells the endpoint, if one is named.
    fn listen(&mut self, method: &str, path: &str) -> Receiver<String> {
        let answer = http::send(self.line.port, &Request { method, path, headers: self.line.headers(), body: b"" });
        let (sender, endpoint) = mpsc::channel();
        if !answer.is_stream() {
            return endpoint;
        }
        let closer = answer.closer();
        let (heard, mut line) = (self.heard.clone(), self.line.clone());
        let thread = std::thread::spawn(move || {
            for event in answer.events() {
                if event.kind == "endpoint" {
                    line.path = event.data.clone();
                    tell(&sender, event.data);
                } else {
                    keep(&heard, &line, event.data);
                }
            }
        });
        self.streams.push((closer, thread));
        endpoint
    }

    fn wait_for(&self, what: &str, reached: impl Fn(&[String]) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let messages = self.heard.lock().expect("no thread failed").clone();
            if reached(&messages) {
                return;
            }
            let so_far: String = messages.iter().map(|message| format!("  {message:.300}\n")).collect();
            assert!(Instant::now() < deadline, "{what} does not come; so far:\n{so_far}");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    fn finish(mut self) -> Heard {
        if self.line.session.is_some() {
            let headers = self.line.headers();
            http::send(self.line.port, &Request { method: "DELETE", path: &self.line.path, headers, body: b"" })
                .bytes();
        }
        for (stream, thread) in self.streams.drain(..) {
            http::close(&stream);
            thread.join().expect("the stream's reader");
        }
        let mut messages = self.heard.lock().expect("no thread failed").clone();
        messages.sort();
        Heard { messages, statuses: self.statuses }
    }
}

/// Keeps a message and answers it when it is a question.
fn keep(heard: &Mutex<Vec<String>>, line: &Line, text: String) {
    let message: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:.300}"));
    heard.lock().expect("no thread failed").push(text);
    if let Some(answer) = script::answer(&message) {
        line.post(&answer).bytes();
    }
}

fn tell(sender: &Sender<String>, endpoint: String) {
    // Whoever opened the stream may not care.
    let _ = sender.send(endpoint);
}
