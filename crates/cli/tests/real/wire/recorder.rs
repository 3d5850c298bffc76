//! An upstream that writes down every byte it receives and answers with bytes that were chosen before. It understands no
//! MCP. Which answer a request gets is said by its header `x-case`.

use std::collections::HashMap;
use std::io::{BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::http::{header, read_chunk, read_head};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// An answer to give.
#[derive(Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    /// One piece is sent with its length, several are sent as chunks.
    pub(super) pieces: Vec<Vec<u8>>,
}

pub(super) struct Recorder {
    pub(super) port: u16,
    seen: Arc<Mutex<HashMap<String, Seen>>>,
}

impl Recorder {
    /// Serves on a free port for as long as the test program runs.
    pub(super) fn start(replies: HashMap<String, Reply>) -> Recorder {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let recorder = Recorder { port: listener.local_addr().expect("its address").port(), seen: Arc::default() };
        let (seen, replies) = (recorder.seen.clone(), Arc::new(replies));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, replies) = (seen.clone(), replies.clone());
                std::thread::spawn(move || serve(stream, &seen, &replies));
            }
        });
        recorder
    }

    /// The request of a case.
    ///
    /// # Panics
    /// When it never arrived.
    pub(super) fn seen(&self, case: &str) -> Seen {
        let seen = self.seen.lock().expect("no thread failed");
        seen.get(case).cloned().unwrap_or_else(|| panic!("{case}: the request never reached the server"))
    }
}

fn serve(stream: TcpStream, seen: &Mutex<HashMap<String, Seen>>, replies: &HashMap<String, Reply>) {
    let mut output = stream.try_clone().expect("a second handle");
    let mut reader = BufReader::new(stream);
    while let Some((first, headers)) = read_head(&mut reader) {
        let body = read_body(&mut reader, &headers);
        let method = first.split(' ').next().unwrap_or_default().to_owned();
        let case = header(&headers, "x-case").unwrap_or("(none)").to_owned();
        let reply = replies.get(&case);
        seen.lock().expect("no thread failed").insert(case, Seen { method, headers, body });
        let written = match reply {
            Some(reply) => write_reply(&mut output, reply),
            None => output.write_all(b"HTTP/1.1 500 No case\r\ncontent-length: 0\r\n\r\n"),
        };
        if written.is_err() {
            return;
        }
    }
}

fn read_body(reader: &mut BufReader<TcpStream>, headers: &[(String, String)]) -> Vec<u8> {
    if header(headers, "transfer-encoding").is_some() {
        return std::iter::from_fn(|| read_chunk(reader)).flatten().collect();
    }
    let length = header(headers, "content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    body
}

fn write_reply(output: &mut TcpStream, reply: &Reply) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} As chosen\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let [whole] = reply.pieces.as_slice() {
        head.push_str(&format!("content-length: {}\r\n\r\n", whole.len()));
        output.write_all(head.as_bytes())?;
        return output.write_all(whole);
    }
    head.push_str("transfer-encoding: chunked\r\n\r\n");
    output.write_all(head.as_bytes())?;
    for piece in &reply.pieces {
        output.write_all(format!("{:x}\r\n", piece.len()).as_bytes())?;
        output.write_all(piece)?;
        output.write_all(b"\r\n")?;
        output.flush()?;
        // So that the pieces do not meet in one read on the other side.
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    output.write_all(b"0\r\n\r\n")
}
