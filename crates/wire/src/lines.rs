//! Newline framing of stdio and Unix sockets: one message a line. Bytes go in as they arrive, whole lines come out as
//! slices of what arrived.

use bytes::{Buf, Bytes, BytesMut};

use crate::{Refusal, RefusalCode};

/// Splits a stream of bytes into lines without their end (`\n`, with or without `\r`). Empty lines are skipped.
#[derive(Debug)]
pub struct Lines {
    buffer: BytesMut,
    /// How much of the buffer is known to hold no line end.
    scanned: usize,
    line_bytes_max: usize,
    /// Inside a line that was refused.
    skipping: bool,
}

impl Lines {
    /// A splitter for lines of at most `line_bytes_max` bytes, their end not counted.
    #[must_use]
    pub fn new(line_bytes_max: usize) -> Self {
        Self { buffer: BytesMut::new(), scanned: 0, line_bytes_max, skipping: false }
    }

    /// The buffer to read into; what is appended counts as arrived. Call [`Lines::next_line`] until it gives `None`
    /// after each read, or memory is not bounded.
    pub fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The next whole line; `Ok(None)` when more bytes are needed.
    ///
    /// # Errors
    /// `RefusalCode::TooLarge` once for a line over the limit; reading goes on after its end, and the bytes of that
    /// line are dropped as they come, so that memory stays bounded.
    pub fn next_line(&mut self) -> Result<Option<Bytes>, Refusal> {
        loop {
            let unscanned = self.buffer.get(self.scanned..).unwrap_or_default();
            let Some(end) = memchr::memchr(b'\n', unscanned).map(|at| self.scanned + at) else {
                return self.without_line_end();
            };
            self.scanned = 0;
            if self.skipping {
                self.skipping = false;
                self.buffer.advance(end + 1);
                continue;
            }
            let mut line = self.buffer.split_to(end + 1).freeze();
            line.truncate(without_carriage_return(line.get(..end).unwrap_or_default()));
            if line.len() > self.line_bytes_max {
                return Err(self.too_large());
            }
            if !line.is_empty() {
                return Ok(Some(line));
            }
        }
    }

    fn without_line_end(&mut self) -> Result<Option<Bytes>, Refusal> {
        let is_too_large = without_carriage_return(&self.buffer) > self.line_bytes_max;
        if self.skipping || is_too_large {
            self.buffer.clear();
        }
        self.scanned = self.buffer.len();
        if is_too_large && !self.skipping {
            self.skipping = true;
            return Err(self.too_large());
        }
        Ok(None)
    }

    fn too_large(&self) -> Refusal {
        Refusal::new(RefusalCode::TooLarge, self.line_bytes_max, "A line is longer than the limit.")
    }

    /// What is left at the end of the stream: the last line if it had no end.
    #[must_use]
    pub fn finish(self) -> Option<Bytes> {
        let length = without_carriage_return(&self.buffer);
        if self.skipping || length == 0 {
            return None;
        }
        let mut line = self.buffer.freeze();
        line.truncate(length);
        Some(line)
    }
}

/// The length of the line without one `\r` at its end.
fn without_carriage_return(line: &[u8]) -> usize {
    line.strip_suffix(b"\r").unwrap_or(line).len()
}
