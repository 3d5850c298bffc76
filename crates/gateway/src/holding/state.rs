//! How a client of the stateless era comes back to a held call: it repeats the call with its answer and with the state
//! that we gave it (2026-07-28, "Multi round-trip requests"). The state only names the hold; what an answer is worth is
//! decided by the desk, which knows whose call it was and what was in it.
//!
//! A server never sees any of it: it is spliced out before the call goes on.

use gatehold_wire::edit::Edit;
use gatehold_wire::json::{Raw, Type};
use gatehold_wire::{Kind, Message};

use crate::holding::words::{self, QUESTION, Said};

/// What our states begin with.
const PREFIX: &str = "gatehold-hold:";

/// A call that came back to us.
#[derive(Debug)]
pub(crate) struct Returned {
    /// The hold that its state names.
    pub(crate) hold: String,
    /// What the person said; `None` when the answer is missing.
    pub(crate) said: Option<(Said, Option<String>)>,
    /// Whether the person will open the address that was sent: then `said` is none of it.
    pub(crate) will_open: bool,
    /// Takes our state and the answer to us out of the call.
    pub(crate) edit: Edit,
}

/// The state that names a hold.
pub(crate) fn written(hold: &str) -> String {
    format!("{PREFIX}{hold}")
}

/// Whether a call carries answers or a state already, for its server or for us: then no other question may be asked
/// on the same way, since the client would drop the first answers for ours.
pub(crate) fn carries_answers(message: &Message) -> bool {
    ["inputResponses", "requestState"].iter().any(|member| message.param(member).is_some())
}

/// Whether a call comes back to a hold.
pub(crate) fn returns_to_us(message: &Message) -> bool {
    message.kind() == Kind::Request
        && message.modern_version().is_some()
        && message.param("requestState").and_then(Raw::as_str).is_some_and(|state| state.starts_with(PREFIX))
}

/// What a call brings back to us; `None` for one that does not name a hold.
pub(crate) fn returned(message: &Message) -> Option<Returned> {
    if message.kind() != Kind::Request || message.modern_version().is_none() {
        return None;
    }
    let state = message.param("requestState")?.as_str()?;
    let hold = state.strip_prefix(PREFIX)?.to_owned();
    let params = message.params()?;
    let responses = message.param("inputResponses").filter(|responses| responses.kind() == Type::Object);
    let answer = responses.and_then(|responses| responses.get(QUESTION));
    Some(Returned {
        hold,
        said: answer.map(words::read),
        will_open: answer.is_some_and(words::will_open),
        edit: Edit { span: params.span(), with: without(params) },
    })
}

/// The params without our state and without the answer to us; everything else as it was written.
fn without(params: Raw<'_>) -> Vec<u8> {
    let mut kept = Kept::new();
    for (key, value) in params.members() {
        if key.is_str("requestState") {
            continue;
        }
        if key.is_str("inputResponses") && value.kind() == Type::Object {
            let mut others = Kept::new();
            for (name, response) in value.members().filter(|(name, _)| !name.is_str(QUESTION)) {
                others.add(name, response.text().as_bytes());
            }
            if others.count > 0 {
                kept.add(key, &others.end());
            }
            continue;
        }
        kept.add(key, value.text().as_bytes());
    }
    kept.end()
}

/// An object that is put together from members as they were written.
struct Kept {
    out: Vec<u8>,
    count: usize,
}

impl Kept {
    fn new() -> Self {
        Self { out: vec![b'{'], count: 0 }
    }

    fn add(&mut self, key: Raw<'_>, value: &[u8]) {
        if self.count > 0 {
            self.out.push(b',');
        }
        self.count += 1;
        self.out.extend_from_slice(key.text().as_bytes());
        self.out.push(b':');
        self.out.extend_from_slice(value);
    }

    fn end(mut self) -> Vec<u8> {
        self.out.push(b'}');
        self.out
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use gatehold_wire::{Limits, edit};

    use super::*;

    fn call(more: &str) -> Message {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"x" , "arguments":{{"a": 1}}{more},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}}}}"#
        );
        Message::parse(Bytes::from(text), &Limits::default()).unwrap()
    }

    #[test]
    fn what_is_ours_is_taken_out_and_the_rest_keeps_its_bytes() {
        let message = call(
            r#","inputResponses":{"theirs":{"x": 1},"dev.gatehold/approval":{"action":"accept","content":{"decision":"approve once"}}},"requestState":"gatehold-hold:h1""#,
        );
        let returned = returned(&message).unwrap();
        assert_eq!((returned.hold.as_str(), returned.said.clone()), ("h1", Some((Said::Once, None))));
        let sent = edit::apply(message.bytes(), &mut [returned.edit]).unwrap();
        let expected = r#"{"name":"x","arguments":{"a": 1},"inputResponses":{"theirs":{"x": 1}},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}"#;
        assert_eq!(Message::parse(sent, &Limits::default()).unwrap().params().unwrap().text(), expected);
    }

    #[test]
    fn a_call_without_an_answer_says_nothing_and_other_states_are_not_ours() {
        let silent = returned(&call(r#","requestState":"gatehold-hold:h1""#)).unwrap();
        assert_eq!(silent.said, None);
        let odd = returned(&call(r#","inputResponses":[1],"requestState":"gatehold-hold:h1""#)).unwrap();
        assert_eq!(odd.said, None);
        assert!(returned(&call(r#","requestState":"theirs""#)).is_none());
        assert!(returned(&call("")).is_none());
        assert!(carries_answers(&call(r#","requestState":"theirs""#)) && !carries_answers(&call("")));
    }

    #[test]
    fn nothing_of_ours_remains() {
        let message = call(
            r#","requestState":"gatehold-hold:h1","inputResponses":{"dev.gatehold/approval":{"action":"decline"}}"#,
        );
        let returned = returned(&message).unwrap();
        assert_eq!(returned.said, Some((Said::Deny, None)));
        let sent = edit::apply(message.bytes(), &mut [returned.edit]).unwrap();
        let again = Message::parse(sent, &Limits::default()).unwrap();
        assert!(!carries_answers(&again) && again.name().as_deref() == Some("x"));
    }
}
