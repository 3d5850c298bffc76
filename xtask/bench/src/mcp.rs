//! The few MCP messages of the benchmark, as bytes: what the load generator asks and what the fixture upstream answers,
//! in both protocol eras. It looks for members with a byte search instead of parsing, so that the fixture costs as
//! little as possible; that is sound for the messages written here (a JSON string cannot contain an unescaped quote).

use memchr::memmem;

/// The revision that the load generator speaks: the last one with sessions.
pub const LEGACY_REVISION: &str = "2025-11-25";
/// The revision without sessions, which the fixture upstream answers too.
pub const MODERN_REVISION: &str = "2026-07-28";

/// The first request of a session.
#[must_use]
pub fn initialize() -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"protocolVersion":"{LEGACY_REVISION}","capabilities":{{}},"clientInfo":{{"name":"bench","version":"1"}}}}}}"#
    )
}

/// The notification that ends the handshake.
pub const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// A call of the fixture's tool. `id` must have no leading zero; `text` nothing that JSON escapes.
#[must_use]
pub fn call(id: u64, text: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"echo","arguments":{{"text":"{text}"}}}}}}"#
    )
}

/// A text of exactly `bytes` bytes that begins with a mark of its own, so that an answer can be told from another's.
#[must_use]
pub fn payload(mark: usize, bytes: usize) -> String {
    const WORDS: &str =
        "the quarterly report lists 42 open orders and 7 late shipments, see page 3 for what was agreed; ";
    let mut text = format!("for caller {mark}: ");
    while text.len() < bytes {
        text.push_str(WORDS);
    }
    text.truncate(bytes);
    text
}

/// Why an answer is not the one that was asked for.
///
/// # Errors
/// With what is wrong, in a few words.
pub fn check_answer(body: &[u8], id: &str, text: &str) -> Result<(), &'static str> {
    let found = member(body, b"\"id\":").ok_or("the answer has no id")?;
    let digits = found.len() - found.iter().skip_while(|byte| byte.is_ascii_digit()).count();
    if found.get(..digits) != Some(id.as_bytes()) {
        return Err("the answer has another id");
    }
    let echo = member(body, b"\"text\":\"").ok_or("the answer has no text")?;
    if !echo.starts_with(text.as_bytes()) || echo.get(text.len()) != Some(&b'"') {
        return Err("the answer has another text");
    }
    Ok(())
}

/// What the fixture upstream says to one message.
#[derive(Debug)]
pub enum Answer {
    /// A result or an error, now in the buffer.
    Body,
    /// The same, and a session begins.
    SessionBegins,
    /// Nothing: it was a notification.
    Nothing,
}

/// Writes the answer to `message` into `out` (which is cleared first).
pub fn answer(message: &[u8], out: &mut Vec<u8>) -> Answer {
    out.clear();
    let Some(id) = member(message, b"\"id\":").map(value) else { return Answer::Nothing };
    let is_modern = memmem::find(message, MODERN_REVISION.as_bytes()).is_some();
    out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    out.extend_from_slice(id);
    let method = member(message, b"\"method\":").map(value).unwrap_or_default();
    match method {
        b"\"tools/call\"" => {
            out.extend_from_slice(br#","result":{"content":[{"type":"text","text":"#);
            out.extend_from_slice(member(message, b"\"text\":").map_or(b"\"\"", value));
            out.extend_from_slice(br#"}],"isError":false"#);
            out.extend_from_slice(if is_modern { br#","resultType":"complete"}}"# } else { b"}}" });
        }
        b"\"initialize\"" => {
            out.extend_from_slice(br#","result":{"protocolVersion":"#);
            out.extend_from_slice(member(message, b"\"protocolVersion\":").map_or(b"\"2025-11-25\"", value));
            out.extend_from_slice(
                br#","capabilities":{"tools":{}},"serverInfo":{"name":"bench-upstream","version":"1"}}}"#,
            );
            return Answer::SessionBegins;
        }
        b"\"tools/list\"" => out.extend_from_slice(
            br#","result":{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[{"name":"echo","description":"Returns its text.","inputSchema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}}]}}"#,
        ),
        b"\"server/discover\"" => out.extend_from_slice(
            br#","result":{"resultType":"complete","ttlMs":0,"cacheScope":"private","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"serverInfo":{"name":"bench-upstream","version":"1"}}}"#,
        ),
        b"\"ping\"" => out.extend_from_slice(br#","result":{"resultType":"complete"}}"#),
        _ => out.extend_from_slice(br#","error":{"code":-32601,"message":"Method not found"}}"#),
    }
    Answer::Body
}

/// What follows the first `key`, with the space before it taken off.
fn member<'a>(message: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let at = memmem::find(message, key)?;
    Some(message.get(at + key.len()..)?.trim_ascii_start())
}

/// The string or number that `bytes` begin with.
fn value(bytes: &[u8]) -> &[u8] {
    if bytes.first() != Some(&b'"') {
        let end = bytes.iter().position(|byte| matches!(byte, b',' | b'}' | b' ' | b'\n')).unwrap_or(bytes.len());
        return bytes.get(..end).unwrap_or_default();
    }
    let mut at = 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        if bytes.get(at + found) == Some(&b'"') {
            return bytes.get(..=at + found).unwrap_or_default();
        }
        at += found + 2;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(message: &str) -> serde_json::Value {
        let mut out = Vec::new();
        answer(message.as_bytes(), &mut out);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_call_is_answered_with_its_own_id_and_text() {
        let text = payload(7, 120);
        assert_eq!(text.len(), 120);
        let mut out = Vec::new();
        answer(call(100, &text).as_bytes(), &mut out);
        assert_eq!(check_answer(&out, "100", &text), Ok(()));
        assert_eq!(check_answer(&out, "10", &text), Err("the answer has another id"));
        assert_eq!(check_answer(&out, "100", &payload(8, 120)), Err("the answer has another text"));
        assert_eq!(check_answer(&out, "100", &payload(7, 119)), Err("the answer has another text"));
    }

    #[test]
    fn a_refusal_in_the_shape_of_a_result_is_an_error() {
        let refusal =
            br#"{"jsonrpc":"2.0","id":100,"result":{"content":[{"type":"text","text":"refused"}],"isError":true}}"#;
        assert!(check_answer(refusal, "100", &payload(7, 120)).is_err());
    }

    #[test]
    fn every_answer_is_json_also_when_members_stand_elsewhere() {
        for method in ["initialize", "tools/list", "tools/call", "server/discover", "ping", "no/such"] {
            for message in [
                format!(
                    r#"{{"jsonrpc":"2.0","id":"a\"b","method":"{method}","params":{{"arguments":{{"text":"x\\\"y"}}}}}}"#
                ),
                format!(r#"{{"params": {{"arguments": {{"text": "x\\\"y"}}}}, "method": "{method}", "id": "a\"b" }}"#),
            ] {
                let found = answered(&message);
                assert_eq!(found["id"], "a\"b", "{message}");
                if method == "tools/call" {
                    assert_eq!(found["result"]["content"][0]["text"], "x\\\"y");
                }
            }
        }
    }

    #[test]
    fn a_notification_is_not_answered() {
        let mut out = vec![1];
        assert!(matches!(answer(INITIALIZED.as_bytes(), &mut out), Answer::Nothing));
        assert!(out.is_empty());
    }
}
