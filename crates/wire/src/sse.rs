//! Server-sent events (WHATWG HTML, section 9.2), incrementally and without losing a byte: each event is handed out
//! with the bytes it came in, so that ids, `retry`, comments and empty events can be forwarded as they were.
//!
//! What comes out does not depend on how the bytes were cut into chunks. An event comes out with the line end that
//! completes it. Only where the empty line ends in CR and the line before it ended in CRLF is the next byte awaited:
//! there an LF belongs to it. Elsewhere an LF behind such a CR goes to the front of the next event's bytes, where
//! readers take it for the rest of the line end, as the standard demands.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::{Refusal, RefusalCode};

/// One event or one comment block, up to and including the empty line that ends it.
#[derive(Clone)]
pub struct Event {
    /// The bytes as they came, the ending empty line included.
    pub raw: Bytes,
    /// The `data` lines joined with `\n`; `None` when there is no `data` line. Shares `raw` when there is one line.
    pub data: Option<Bytes>,
    /// Where the value of the single `data` line stands in `raw`; `None` when there is none or there are several.
    pub data_span: Option<Range<usize>>,
    /// The last `event` field; empty when absent (`message` by default).
    pub event: Bytes,
    /// The last `id` field; `None` when absent.
    pub id: Option<Bytes>,
    /// The last valid `retry` field, in milliseconds.
    pub retry_ms: Option<u64>,
}

impl std::fmt::Debug for Event {
    /// Without the data: it may hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event")
            .field("raw_bytes", &self.raw.len())
            .field("data_bytes", &self.data.as_ref().map(Bytes::len))
            .field("event", &self.event)
            .field("retry_ms", &self.retry_ms)
            .finish_non_exhaustive()
    }
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    Lf,
    Cr,
    CrLf,
}

/// Splits a stream of bytes into events. Line ends may be LF, CR or CRLF, and may be torn anywhere; a leading byte
/// order mark is accepted and stays in `raw`.
#[derive(Debug)]
pub struct Events {
    /// Begins where the current event begins.
    buffer: BytesMut,
    event_bytes_max: usize,
    /// Where the current line begins in the buffer.
    line_start: usize,
    /// How much of the buffer is known to hold no further line end.
    scanned: usize,
    /// How the line before the current one ended; kept across events.
    line_end: Option<LineEnd>,
    /// Whether an LF at the front of the buffer is the rest of a line end that was handed out.
    owes_line_feed: bool,
    /// Whether nothing was handed out yet: only here may a byte order mark stand.
    at_stream_start: bool,
    failed: Option<Refusal>,
}

impl Events {
    /// A splitter for events of at most `event_bytes_max` bytes.
    #[must_use]
    pub fn new(event_bytes_max: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            event_bytes_max,
            line_start: 0,
            scanned: 0,
            line_end: None,
            owes_line_feed: false,
            at_stream_start: true,
            failed: None,
        }
    }

    /// Adds bytes that arrived. Call [`Events::next_event`] until it gives `None` after each push, or memory is not
    /// bounded. After an error the bytes are dropped.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next whole event or comment block; `Ok(None)` when more bytes are needed. A comment line (keep-alive)
    /// comes out as soon as its empty line does, as an event without data. An empty line without anything before it
    /// comes out likewise.
    ///
    /// # Errors
    /// `RefusalCode::TooLarge` when an event passes the limit; `RefusalCode::InvalidUtf8` when its bytes are not UTF-8.
    /// The stream cannot be read on after an error: it is given again.
    pub fn next_event(&mut self) -> Result<Option<Event>, Refusal> {
        self.event_until(false)
    }

    /// Call at the end of the stream, when `next_event` gives `None`: an event that was complete but awaited the LF
    /// of its last CRLF. Bytes that are still there afterwards are no event.
    ///
    /// # Errors
    /// As [`Events::next_event`].
    pub fn last_event(&mut self) -> Result<Option<Event>, Refusal> {
        self.event_until(true)
    }

    /// What is left at the end of the stream: bytes of an event without its ending empty line. By the standard such
    /// an event is discarded by its reader; not every reader keeps to that, so do not forward it.
    #[must_use]
    pub fn finish(self) -> Bytes {
        self.buffer.freeze()
    }

    fn event_until(&mut self, is_stream_end: bool) -> Result<Option<Event>, Refusal> {
        if let Some(refusal) = &self.failed {
            return Err(refusal.clone());
        }
        let end = self.find_end(is_stream_end);
        if end.unwrap_or(self.buffer.len()) > self.event_bytes_max {
            return Err(self.fail(Refusal::new(
                RefusalCode::TooLarge,
                self.event_bytes_max,
                "A server-sent event is larger than `limits.event_bytes_max` allows.",
            )));
        }
        let Some(end) = end else { return Ok(None) };
        let skipped = self.unread_prefix();
        let raw = self.buffer.split_to(end).freeze();
        self.line_start = 0;
        self.scanned = 0;
        self.at_stream_start = false;
        if simdutf8::basic::from_utf8(&raw).is_err() {
            let offset = simdutf8::compat::from_utf8(&raw).err().map_or(0, |error| error.valid_up_to());
            return Err(self.fail(Refusal::new(RefusalCode::InvalidUtf8, offset, "A server-sent event is not UTF-8.")));
        }
        // Set only now, since `unread_prefix` describes the event that was just taken.
        self.owes_line_feed = self.line_end == Some(LineEnd::Cr);
        Ok(Some(read_fields(raw, skipped)))
    }

    fn fail(&mut self, refusal: Refusal) -> Refusal {
        self.failed = Some(refusal.clone());
        self.buffer = BytesMut::new();
        refusal
    }

    /// How many bytes at the front of the buffer belong to no line: a byte order mark, or the rest of a line end.
    fn unread_prefix(&self) -> usize {
        if self.owes_line_feed && self.buffer.starts_with(b"\n") {
            1
        } else if self.at_stream_start && self.buffer.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        }
    }

    /// Where the current event ends, if it does. Every byte is looked at once, however the stream is cut.
    fn find_end(&mut self, is_stream_end: bool) -> Option<usize> {
        if self.line_start == 0 {
            self.line_start = self.unread_prefix();
            self.scanned = self.scanned.max(self.line_start);
        }
        loop {
            let unscanned = self.buffer.get(self.scanned..).unwrap_or_default();
            let Some(at) = memchr::memchr2(b'\n', b'\r', unscanned).map(|at| self.scanned + at) else {
                self.scanned = self.buffer.len();
                return None;
            };
            let is_empty = at == self.line_start;
            let end = match (self.buffer.get(at), self.buffer.get(at + 1)) {
                (Some(b'\n'), _) => LineEnd::Lf,
                _ if is_empty && self.line_end != Some(LineEnd::CrLf) => LineEnd::Cr,
                (_, Some(b'\n')) => LineEnd::CrLf,
                (_, Some(_)) => LineEnd::Cr,
                (_, None) if is_empty && is_stream_end => LineEnd::Cr,
                // The CR is looked at again when the byte behind it is there.
                (_, None) => {
                    self.scanned = at;
                    return None;
                }
            };
            let next = at + if end == LineEnd::CrLf { 2 } else { 1 };
            self.line_end = Some(end);
            self.line_start = next;
            self.scanned = next;
            if is_empty {
                return Some(next);
            }
        }
    }
}

/// Reads the fields of a whole event; its first `skipped` bytes belong to no line.
fn read_fields(raw: Bytes, skipped: usize) -> Event {
    let mut fields = Fields::default();
    let mut start = skipped;
    while let Some(rest) = raw.get(start..).filter(|rest| !rest.is_empty()) {
        let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        fields.read_line(rest.get(..length).unwrap_or_default(), start);
        let is_pair = rest.get(length..).is_some_and(|end| end.starts_with(b"\r\n"));
        start += length + if is_pair { 2 } else { 1 };
    }
    let slice = |span: &Range<usize>| raw.slice(span.clone());
    let (data, data_span) = match fields.data.as_slice() {
        [] => (None, None),
        [span] => (Some(slice(span)), Some(span.clone())),
        [first, others @ ..] => {
            let mut joined = slice(first).to_vec();
            for span in others {
                joined.push(b'\n');
                joined.extend_from_slice(raw.get(span.clone()).unwrap_or_default());
            }
            (Some(Bytes::from(joined)), None)
        }
    };
    Event {
        data,
        data_span,
        event: fields.event.as_ref().map(slice).unwrap_or_default(),
        id: fields.id.as_ref().map(slice),
        retry_ms: fields.retry_ms,
        raw,
    }
}

/// Where the fields of an event stand.
#[derive(Default)]
struct Fields {
    data: Vec<Range<usize>>,
    event: Option<Range<usize>>,
    id: Option<Range<usize>>,
    retry_ms: Option<u64>,
}

impl Fields {
    /// One line without its end, which begins at `start`. Comments and unknown fields are passed over.
    fn read_line(&mut self, line: &[u8], start: usize) {
        let colon = memchr::memchr(b':', line);
        let name = line.get(..colon.unwrap_or(line.len())).unwrap_or_default();
        let after_colon = colon.map_or(line.len(), |at| at + 1);
        let has_space = line.get(after_colon) == Some(&b' ');
        let value_at = after_colon + usize::from(has_space);
        let span = start + value_at..start + line.len();
        let value = line.get(value_at..).unwrap_or_default();
        match name {
            b"data" => self.data.push(span),
            b"event" => self.event = Some(span),
            b"id" if !value.contains(&0) => self.id = Some(span),
            b"retry" if value.iter().all(u8::is_ascii_digit) => {
                self.retry_ms =
                    std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok()).or(self.retry_ms);
            }
            _ => {}
        }
    }
}

/// Writes an event with one `data` field (line ends in `data` make several lines, which readers join with `\n`).
/// Line ends and NUL in `event` and `id` would be other fields or none: they are left out.
pub fn write_event(event: Option<&str>, id: Option<&str>, data: &[u8], out: &mut Vec<u8>) {
    out.reserve(data.len() + 16);
    for (name, value) in [("event: ", event), ("id: ", id)] {
        if let Some(value) = value {
            out.extend_from_slice(name.as_bytes());
            out.extend(value.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n' | 0)));
            out.push(b'\n');
        }
    }
    let mut rest = data;
    loop {
        let length = memchr::memchr2(b'\n', b'\r', rest);
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(rest.get(..length.unwrap_or(rest.len())).unwrap_or_default());
        out.push(b'\n');
        let Some(length) = length else { break };
        let end = rest.get(length..).unwrap_or_default();
        rest = end.strip_prefix(b"\r\n").or_else(|| end.get(1..)).unwrap_or_default();
    }
    out.push(b'\n');
}
