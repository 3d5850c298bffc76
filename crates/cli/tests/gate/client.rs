//! An MCP client over every way that the gateway can be reached, seen alike: messages go out, messages come in.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::http::{Head, Http, Target, post};
use crate::running::{PATIENCE, Running};

/// A client.
pub(crate) struct Client {
    way: Way,
    /// Kept where streams are opened later; else the end of the one stream is the end of what comes.
    sender: Option<Sender<Value>>,
    incoming: Receiver<Value>,
    /// What came besides the answers that were asked for.
    pub(crate) others: Vec<Value>,
    last_id: u32,
    last_sent: String,
    pub(crate) running: Option<Running>,
}

enum Way {
    Http { target: Target, path: String, session: Arc<Mutex<Option<String>>>, version: Option<String>, open: Open },
    Sse { target: Target, post_to: String, close: Closer },
    Lines { write: Box<dyn Write> },
}

/// The streams that are open, by the id of their request as JSON.
type Open = Arc<Mutex<HashMap<String, Closer>>>;
type Closer = Box<dyn Fn() + Send + Sync>;

impl Client {
    fn new(way: Way, (sender, incoming): (Sender<Value>, Receiver<Value>)) -> Client {
        let sender = matches!(way, Way::Http { .. }).then_some(sender);
        Client { way, sender, incoming, others: Vec::new(), last_id: 0, last_sent: String::new(), running: None }
    }

    /// Streamable HTTP.
    pub(crate) fn http(target: Target, path: &str) -> Client {
        let way =
            Way::Http { target, path: path.to_owned(), session: Arc::default(), version: None, open: Arc::default() };
        Client::new(way, channel())
    }

    pub(crate) fn tcp(address: SocketAddr) -> Client {
        Client::http(Target::Tcp(address), "/mcp/one")
    }

    /// HTTP+SSE.
    pub(crate) fn sse(target: Target, path: &str) -> Client {
        let mut http = Http::connect(&target);
        http.send_get(path, &["Accept: text/event-stream"]);
        let head = http.head().expect("a stream");
        assert_eq!(head.status, 200);
        let close = http.closer();
        let mut events = Vec::new();
        let post_to = http.event(&mut events).expect("an endpoint");
        let pipe = channel();
        let sender = pipe.0.clone();
        std::thread::spawn(move || pour(&mut http, events, &sender));
        Client::new(Way::Sse { target, post_to, close }, pipe)
    }

    /// Lines over a Unix socket.
    pub(crate) fn lines(path: &Path) -> Client {
        let stream = UnixStream::connect(path).unwrap();
        let pipe = channel();
        read_lines(stream.try_clone().unwrap(), pipe.0.clone());
        Client::new(Way::Lines { write: Box::new(stream) }, pipe)
    }

    /// Lines over standard streams.
    pub(crate) fn stdio(command: &mut Command) -> Client {
        let mut running = Running::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()));
        let pipe = channel();
        read_lines(running.child.stdout.take().unwrap(), pipe.0.clone());
        let write = Box::new(running.child.stdin.take().unwrap());
        Client { running: Some(running), ..Client::new(Way::Lines { write }, pipe) }
    }

    /// The session id, over Streamable HTTP.
    pub(crate) fn session(&self) -> String {
        match &self.way {
            Way::Http { session, .. } => session.lock().unwrap().clone().expect("a session"),
            Way::Sse { .. } | Way::Lines { .. } => panic!("no session id"),
        }
    }

    /// Where to post to, over HTTP+SSE.
    pub(crate) fn post_to(&self) -> String {
        match &self.way {
            Way::Sse { post_to, .. } => post_to.clone(),
            Way::Http { .. } | Way::Lines { .. } => panic!("no address to post to"),
        }
    }

    /// Ends what we have to say.
    pub(crate) fn hang_up(&mut self) {
        match &mut self.way {
            Way::Http { open, .. } => open.lock().unwrap().drain().for_each(|(_, close)| close()),
            Way::Sse { close, .. } => close(),
            Way::Lines { write } => *write = Box::new(std::io::sink()),
        }
    }

    pub(crate) fn send(&mut self, message: &Value) {
        self.last_sent = message.to_string().chars().take(200).collect();
        match &mut self.way {
            Way::Lines { write } => {
                let _gone = write.write_all(format!("{message}\n").as_bytes());
            }
            Way::Sse { target, post_to, .. } => {
                let mut http = Http::connect(target);
                http.send(&post(post_to, &[], message.to_string().as_bytes()));
                assert_eq!(http.answer().status(), 202);
            }
            Way::Http { target, path, session, version, open } => {
                let mut headers = Vec::new();
                let is_modern = message["params"]["_meta"].get("io.modelcontextprotocol/protocolVersion").is_some();
                if is_modern {
                    headers.extend(mirrored(message));
                } else {
                    headers.extend(session.lock().unwrap().as_ref().map(|id| format!("Mcp-Session-Id: {id}")));
                    headers.extend(version.as_ref().map(|version| format!("MCP-Protocol-Version: {version}")));
                }
                let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
                let mut http = Http::connect(target);
                http.send(&post(path, &headers, message.to_string().as_bytes()));
                if message.get("id").is_none() || message.get("method").is_none() {
                    assert_eq!(http.answer().status(), 202);
                    return;
                }
                open.lock().unwrap().insert(message["id"].to_string(), http.closer());
                let (sender, session) = (self.sender.clone().unwrap(), Arc::clone(session));
                std::thread::spawn(move || read_http(&mut http, &sender, &session));
            }
        }
    }

    /// Closes the stream of a request.
    pub(crate) fn leave(&mut self, id: &Value) {
        if let Way::Http { open, .. } = &self.way
            && let Some(close) = open.lock().unwrap().remove(&id.to_string())
        {
            close();
        }
    }

    /// Opens the stream for what belongs to no request, where there is one to open.
    pub(crate) fn open_general(&mut self) {
        if let Way::Http { target, path, session, .. } = &self.way {
            let mut http = Http::connect(target);
            let id = format!("Mcp-Session-Id: {}", session.lock().unwrap().as_ref().expect("a session"));
            http.send_get(path, &["Accept: text/event-stream", &id]);
            assert_eq!(http.head().expect("a head").status, 200);
            let sender = self.sender.clone().unwrap();
            std::thread::spawn(move || pour(&mut http, Vec::new(), &sender));
        }
    }

    /// The next message, whatever it is.
    pub(crate) fn next(&mut self) -> Value {
        self.incoming
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|_| panic!("nothing comes after {}; others: {:?}", self.last_sent, self.others))
    }

    /// The next message that has a property; what comes before it is kept in `others`.
    pub(crate) fn next_with(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.others.iter().position(&wanted) {
            return self.others.remove(at);
        }
        loop {
            let message = self.next();
            if wanted(&message) {
                return message;
            }
            self.others.push(message);
        }
    }

    /// Whether the other side has ended.
    pub(crate) fn is_left(&mut self) -> bool {
        loop {
            match self.incoming.recv_timeout(PATIENCE) {
                Ok(message) => self.others.push(message),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return true,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => return false,
            }
        }
    }

    /// Sends a request and gives its id.
    pub(crate) fn begin(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let id = json!(self.last_id);
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The answer to a request.
    pub(crate) fn answer(&mut self, id: &Value) -> Value {
        self.next_with(|message| message.get("method").is_none() && message["id"] == *id)
    }

    /// Sends a request and waits for its answer.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        self.answer(&id)
    }

    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.request("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    /// The handshake of the legacy era.
    pub(crate) fn shake_hands(&mut self, revision: &str) -> Value {
        let answer = self.request("initialize", opening(revision));
        if let Way::Http { version, .. } = &mut self.way {
            *version = Some(revision.to_owned());
        }
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        answer
    }
}

/// The parameters of `initialize`.
pub(crate) fn opening(revision: &str) -> Value {
    json!({
        "protocolVersion": revision, "capabilities": { "sampling": {} },
        "clientInfo": { "name": "scripted", "version": "1" },
    })
}

/// The headers that a modern request needs.
pub(crate) fn mirrored(message: &Value) -> Vec<String> {
    let params = &message["params"];
    let version = params["_meta"]["io.modelcontextprotocol/protocolVersion"].as_str().unwrap();
    let method = message["method"].as_str().unwrap();
    let mut headers = vec![format!("MCP-Protocol-Version: {version}"), format!("Mcp-Method: {method}")];
    if let Some(name) = params["name"].as_str().or_else(|| params["uri"].as_str()) {
        headers.push(format!("Mcp-Name: {name}"));
    }
    headers
}

fn read_http(http: &mut Http, sender: &Sender<Value>, session: &Mutex<Option<String>>) {
    let Some(head) = http.head() else { return };
    if let Some(id) = head.header("mcp-session-id") {
        *session.lock().unwrap() = Some(id.to_owned());
    }
    if is_stream(&head) {
        return pour(http, Vec::new(), sender);
    }
    let length: usize = head.header("content-length").map_or(0, |length| length.parse().unwrap());
    let body = http.body(length);
    if !body.is_empty() {
        let _gone = sender.send(serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {body:?}")));
    }
}

fn is_stream(head: &Head) -> bool {
    head.header("content-type").is_some_and(|media| media.starts_with("text/event-stream"))
}

fn pour(http: &mut Http, mut events: Vec<u8>, sender: &Sender<Value>) {
    http.read_timeout(PATIENCE * 3);
    while let Some(data) = http.event(&mut events) {
        if let Ok(message) = serde_json::from_str(&data)
            && sender.send(message).is_err()
        {
            return;
        }
    }
}

fn read_lines(stream: impl std::io::Read + Send + 'static, sender: Sender<Value>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { return };
            // Anything else than a message on this stream fails the test.
            let message = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if sender.send(message).is_err() {
                return;
            }
        }
    });
}
