//! What an approval is bound to, so that nothing else can ride on it: digests over the bytes that will be sent and over
//! everything that says whose they are, where they go and which rule held them.
//!
//! It never compares names loosely, and every part is written with its length, so that two different calls cannot run
//! together into one digest.

use bytes::Bytes;
use gatehold_decide::Decision;
use gatehold_session::{Direction, Facts, Principal};
use gatehold_wire::json::Raw;
use gatehold_wire::{Kind, Message, Method, edit};
use sha2::{Digest, Sha256};

/// A SHA-256 digest.
pub(crate) type Sum = [u8; 32];

/// Everything that identifies one held message, from the narrowest to the widest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    /// These bytes, of this principal, in this session, to this server, held by this rule of this policy.
    pub(crate) exact: Sum,
    /// The same without the session, the request's id, and what a client adds when it sends a call again with its
    /// answers (`inputResponses`, `requestState`): a second attempt at the same call.
    pub(crate) attempt: Sum,
    /// Any call of this thing of this server by this principal, held by this rule of this policy.
    pub(crate) alike: Sum,
    /// What it carries, as written: all of `params` but `_meta`, which clients fill anew for every request.
    pub(crate) arguments: Sum,
    /// The session.
    pub(crate) session: Box<str>,
}

/// The bytes that will be sent if the message is approved: those of the message with the decision's edits. `None` when
/// the edits do not fit, and nothing can be sent.
pub(crate) fn sent(message: &Message, decision: &Decision) -> Option<Bytes> {
    edit::apply(message.bytes(), &mut decision.edits.clone())
}

impl Binding {
    pub(crate) fn of(sent: &[u8], message: &Message, facts: &Facts<'_>, decision: &Decision) -> Self {
        let arguments = arguments(message);
        let mut alike = Sum256::new("alike");
        alike.principal(facts.principal);
        alike.add(facts.origin.server.as_bytes());
        alike.add(decision.reasons.first().map_or(&[], |reason| reason.rule.as_bytes()));
        alike.add(decision.policy.as_bytes());
        alike.add(facts.direction.name().as_bytes());
        alike.add(facts.method.map_or("", Method::name).as_bytes());
        for name in [&facts.tool, &facts.prompt, &facts.resource] {
            // Absent and empty are different things.
            alike.add(&[u8::from(name.is_some())]);
            alike.add(name.as_deref().unwrap_or_default().as_bytes());
        }
        let alike = alike.end();
        let mut exact = Sum256::new("exact");
        exact.add(&alike);
        exact.add(facts.origin.session.as_bytes());
        exact.add(sent);
        let mut attempt = Sum256::new("attempt");
        attempt.add(&alike);
        add_attempt(&mut attempt, message, facts, sent);
        Self { exact: exact.end(), attempt: attempt.end(), alike, arguments, session: facts.origin.session.clone() }
    }
}

/// What stays the same when a client sends a call again with the answers that it was asked for.
fn add_attempt(sum: &mut Sum256, message: &Message, facts: &Facts<'_>, sent: &[u8]) {
    let is_call = facts.direction == Direction::FromClient && message.kind() == Kind::Request;
    match message.params() {
        Some(params) if is_call => sum.members(params, &["inputResponses", "requestState"]),
        // What is not a call is not tried again: only the very bytes.
        Some(_) | None => sum.add(sent),
    }
}

/// The digest of what the message carries.
fn arguments(message: &Message) -> Sum {
    let mut sum = Sum256::new("arguments");
    match (message.params(), message.result()) {
        (Some(params), _) => sum.members(params, &["_meta", "inputResponses", "requestState"]),
        (None, Some(result)) => sum.add(result.text().as_bytes()),
        (None, None) => sum.add(&[]),
    }
    sum.end()
}

/// A digest over parts, each with its length before it.
struct Sum256(Sha256);

impl Sum256 {
    fn new(purpose: &str) -> Self {
        let mut sum = Self(Sha256::new());
        sum.add(b"gatehold approval 1");
        sum.add(purpose.as_bytes());
        sum
    }

    fn add(&mut self, part: &[u8]) {
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    /// All members of an object but these, as written and in their order.
    fn members(&mut self, object: Raw<'_>, but: &[&str]) {
        for (key, value) in object.members() {
            if !but.iter().any(|but| key.is_str(but)) {
                self.add(key.text().as_bytes());
                self.add(value.text().as_bytes());
            }
        }
    }

    fn principal(&mut self, principal: &Principal) {
        self.add(principal.proof().name().as_bytes());
        self.add(principal.name().as_bytes());
        for part in [principal.issuer(), principal.client()] {
            self.add(&[u8::from(part.is_some())]);
            self.add(part.unwrap_or_default().as_bytes());
        }
    }

    fn end(self) -> Sum {
        self.0.finalize().into()
    }
}

/// A digest in lower-case hexadecimal.
pub(crate) fn hex(sum: &[u8]) -> String {
    let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 });
    sum.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
