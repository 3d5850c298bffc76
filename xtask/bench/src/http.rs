//! Just enough HTTP/1.1 to frame what the fixture upstream, the load generator and the targets send each other: the
//! first line, four header fields, and bodies by length or in chunks. It is not a validating parser and never used by
//! the product.

use std::borrow::Cow;

use memchr::memmem;

/// The longest head that is read, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// The longest body that is read, in bytes.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A request or an answer whose last byte has arrived.
#[derive(Debug)]
pub struct Message<'a> {
    /// The first line, without its line end.
    pub first_line: &'a [u8],
    /// The value of `Mcp-Session-Id`, if there is one.
    pub session: Option<&'a [u8]>,
    /// The body, with the chunk framing taken off.
    pub body: Cow<'a, [u8]>,
    /// How many bytes of the buffer it took.
    pub consumed: usize,
}

impl Message<'_> {
    /// The status of an answer; 0 if the first line has none.
    #[must_use]
    pub fn status(&self) -> u16 {
        let code = self.first_line.split(|&byte| byte == b' ').nth(1).unwrap_or_default();
        std::str::from_utf8(code).ok().and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    /// Whether the first line is a request with this method.
    #[must_use]
    pub fn is_method(&self, method: &str) -> bool {
        self.first_line.strip_prefix(method.as_bytes()).is_some_and(|rest| rest.first() == Some(&b' '))
    }
}

/// Bytes that are no HTTP message, or one that is over a limit.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl std::fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Malformed {}

/// A body without its framing, and the number of bytes that it took with it.
type Taken<'a> = (Cow<'a, [u8]>, usize);

/// What the head says about the body.
enum Framing {
    Length(usize),
    Chunked,
}

/// Reads one message from the start of `buffer`, or `None` while its end has not arrived.
///
/// # Errors
/// When the bytes cannot become a message, or would become one over a limit.
pub fn read(buffer: &[u8]) -> Result<Option<Message<'_>>, Malformed> {
    let Some(end) = memmem::find(buffer, b"\r\n\r\n") else {
        return if buffer.len() > HEAD_BYTES_MAX { Err(Malformed("the head is too long")) } else { Ok(None) };
    };
    let (head, rest) = buffer.split_at(end);
    let body = rest.get(4..).unwrap_or_default();
    let (first_line, fields) = match memmem::find(head, b"\r\n") {
        Some(at) => (head.get(..at).unwrap_or_default(), head.get(at + 2..).unwrap_or_default()),
        None => (head, &[][..]),
    };
    let (framing, session) = read_fields(fields)?;
    let taken = match framing {
        Framing::Length(length) => body.get(..length).map(|body| (Cow::Borrowed(body), length)),
        Framing::Chunked => read_chunks(body)?,
    };
    Ok(taken.map(|(body, length)| Message { first_line, session, body, consumed: end + 4 + length }))
}

/// The framing and the session id that the header fields state.
fn read_fields(fields: &[u8]) -> Result<(Framing, Option<&[u8]>), Malformed> {
    let mut framing = Framing::Length(0);
    let mut session = None;
    for line in fields.split(|&byte| byte == b'\n') {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            framing = Framing::Length(read_number(value, 10).ok_or(Malformed("the content length is no number"))?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") && value.eq_ignore_ascii_case(b"chunked") {
            framing = Framing::Chunked;
        } else if name.eq_ignore_ascii_case(b"mcp-session-id") {
            session = Some(value);
        }
    }
    Ok((framing, session))
}

/// A body in chunks and the number of bytes that it took with its framing, or `None` while its end has not arrived.
fn read_chunks(bytes: &[u8]) -> Result<Option<Taken<'_>>, Malformed> {
    let mut body = Cow::Borrowed(&[][..]);
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(line_end) = memmem::find(rest, b"\r\n") else { return Ok(None) };
        let size = rest.get(..line_end).unwrap_or_default();
        let size = size.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
        let size = read_number(size, 16).ok_or(Malformed("the chunk size is no number"))?;
        let start = line_end + 2;
        let Some(chunk) = rest.get(start..start + size) else { return Ok(None) };
        if rest.len() < start + size + 2 {
            return Ok(None);
        }
        at += start + size + 2;
        if size == 0 {
            return Ok(Some((body, at)));
        }
        if body.is_empty() {
            body = Cow::Borrowed(chunk);
        } else {
            body.to_mut().extend_from_slice(chunk);
        }
        if body.len() > BODY_BYTES_MAX {
            return Err(Malformed("the body is too long"));
        }
    }
}

/// A number within the limit of a body, in this base.
fn read_number(digits: &[u8], base: u32) -> Option<usize> {
    let number = usize::from_str_radix(std::str::from_utf8(digits).ok()?, base).ok()?;
    (number <= BODY_BYTES_MAX).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_complete_at_its_last_byte_and_not_before() {
        for whole in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nMcp-Session-Id: s1\r\n\r\nhello"[..],
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nmcp-session-id:s1\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
        ] {
            for cut in 0..whole.len() {
                assert!(read(&whole[..cut]).unwrap().is_none(), "complete after {cut} bytes");
            }
            let mut with_more = whole.to_vec();
            with_more.extend_from_slice(b"HTTP/1.1 2");
            let message = read(&with_more).unwrap().unwrap();
            assert_eq!((message.status(), &*message.body, message.consumed), (200, &b"hello"[..], whole.len()));
            assert_eq!(message.session, Some(&b"s1"[..]));
        }
    }

    #[test]
    fn a_request_knows_its_method() {
        let bytes = b"POST /mcp HTTP/1.1\r\nHost: x\r\n\r\n";
        let message = read(bytes).unwrap().unwrap();
        assert!(message.is_method("POST") && !message.is_method("POS") && !message.is_method("GET"));
        assert!(message.body.is_empty());
    }

    #[test]
    fn nonsense_and_excess_are_refused() {
        assert_eq!(read(b"X\r\nContent-Length: -1\r\n\r\n").unwrap_err(), Malformed("the content length is no number"));
        assert!(read(b"X\r\nContent-Length: 99999999999\r\n\r\n").is_err());
        assert!(read(b"X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").is_err());
        assert!(read(&vec![b'a'; HEAD_BYTES_MAX + 1]).is_err());
    }
}
