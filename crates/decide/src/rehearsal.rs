//! A message that never came: made from a description, decided like one that did. Suites of cases, `gatehold policy
//! explain` and the replay of a ledger are rehearsals; so is a test of a preset.
//!
//! The message is parsed by the strict parser and its facts are made by the session's own code, so that a rehearsal
//! cannot mean anything else than the real thing. It never sends anything and reads no clock: the time is part of the
//! description.

mod read;

use std::borrow::Cow;

use bytes::Bytes;
use gatehold_inspect::{Finding, Findings, Flow, Registry};
use gatehold_session::asked::Asked;
use gatehold_session::facts::ToolHints;
use gatehold_session::principal::Proof;
use gatehold_session::{Direction, Facts, Origin, Principal, Transport};
use gatehold_wire::{Limits, Message, Refusal, Revision};

pub(crate) use read::Reader;
pub use read::{finding_id, seconds};

use crate::Policy;
use crate::decision::Decision;
use crate::diagnostic::Diagnostic;
use crate::document::Node;
use crate::policy::explain::Considered;
use crate::policy::possible::Possible;
use crate::situation::{Situation, Tally};

/// Noon UTC on Thursday, 1 January 2026: the time of a rehearsal that names none.
pub const NOON: i64 = 1_767_268_800;

/// A message with all that a decision depends on.
#[derive(Debug)]
pub struct Rehearsal {
    origin: Origin,
    message: Message,
    direction: Direction,
    /// What the message answers, when it is an answer.
    answers: Option<Asked>,
    revision: Option<Revision>,
    client_claimed: Option<Box<str>>,
    hints: Option<ToolHints>,
    now: i64,
    tally: Tally,
    stated: Vec<Finding>,
    detect: bool,
}

impl Rehearsal {
    /// A message from a local user to a server called `server`, at noon.
    ///
    /// # Errors
    /// It is no message that the gateway would read.
    pub fn new(json: &str, direction: Direction) -> Result<Self, Refusal> {
        Ok(Self {
            origin: Origin {
                session: "rehearsal".into(),
                principal: Principal::new("local", Proof::LocalUser),
                server: "server".into(),
                transport: Transport::Stdio,
            },
            message: parse(json)?,
            direction,
            answers: None,
            revision: None,
            client_claimed: None,
            hints: None,
            now: NOON,
            tally: Tally::default(),
            stated: Vec::new(),
            detect: false,
        })
    }

    /// A call of a tool; `arguments` is JSON.
    ///
    /// # Errors
    /// The arguments are no JSON that the gateway would read.
    pub fn call(tool: &str, arguments: Option<&str>) -> Result<Self, Refusal> {
        let name = read::json_text(tool);
        let arguments = arguments.map_or_else(String::new, |arguments| format!(",\"arguments\":{arguments}"));
        Self::new(
            &format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"name\":{name}{arguments}}}}}"
            ),
            Direction::FromClient,
        )
    }

    /// Reads a description: a table with the keys of a case in a suite.
    ///
    /// # Errors
    /// Everything that is wrong in it.
    pub fn read(description: &Node) -> Result<Self, Vec<Diagnostic>> {
        let mut reader = Reader::default();
        match reader.rehearsal(description, &[]) {
            Some(rehearsal) if reader.errors.is_empty() => Ok(rehearsal),
            Some(_) | None => Err(reader.errors),
        }
    }

    /// The same message from another principal.
    #[must_use]
    pub fn by(mut self, principal: Principal) -> Self {
        self.origin.principal = principal;
        self
    }

    /// The same message with what the client says of itself.
    #[must_use]
    pub fn claiming(mut self, client: Option<&str>) -> Self {
        self.client_claimed = client.map(Into::into);
        self
    }

    /// The same message after this much of its session.
    #[must_use]
    pub fn after(mut self, tally: Tally) -> Self {
        self.tally = tally;
        self
    }

    /// The same message to or from another server, over another transport.
    #[must_use]
    pub fn at(mut self, server: &str, transport: Transport) -> Self {
        self.origin.server = server.into();
        self.origin.transport = transport;
        self
    }

    /// The same message at another time, in seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn when(mut self, now: i64) -> Self {
        self.now = now;
        self
    }

    /// The same message in another revision.
    #[must_use]
    pub fn speaking(mut self, revision: Option<Revision>) -> Self {
        self.revision = revision;
        self
    }

    /// The same message with these findings instead of any that were stated.
    #[must_use]
    pub fn finding(mut self, findings: Vec<Finding>) -> Self {
        self.stated = findings;
        self
    }

    /// The same message, looked at by the detectors too.
    #[must_use]
    pub fn detecting(mut self) -> Self {
        self.detect = true;
        self
    }

    /// Whether the detectors are to look at it.
    #[must_use]
    pub fn is_detecting(&self) -> bool {
        self.detect
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The facts about it.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        let mut facts = Facts::of(&self.origin, self.direction, &self.message, self.answers.as_ref());
        facts.revision = self.revision;
        facts.client_claimed = self.client_claimed.as_deref().map(Cow::Borrowed);
        facts.hints = self.hints;
        facts
    }

    /// What a decision depends on beside the message and its facts.
    #[must_use]
    pub fn situation(&self) -> Situation<'_> {
        Situation { now: self.now, tally: self.tally, ..Situation::default() }
    }

    /// What the detectors find, if they are to look, and what was stated.
    #[must_use]
    pub fn findings(&self, registry: Option<&Registry>) -> Findings {
        let facts = self.facts();
        let flow = Flow { message: &self.message, facts: &facts };
        let mut findings = match registry {
            Some(registry) if self.detect => registry.inspect(flow),
            Some(_) | None => Findings::default(),
        };
        for finding in &self.stated {
            findings.push(finding.clone());
        }
        findings
    }

    /// Everything that the policy may decide about it when what `unknown` names could be anything.
    #[must_use]
    pub fn possible(&self, policy: &Policy, findings: &Findings, unknown: &[&str]) -> Vec<Possible> {
        let facts = self.facts();
        policy.possible(Flow { message: &self.message, facts: &facts }, findings, &self.situation(), unknown)
    }

    /// Every rule that the policy considers, and what comes of it.
    #[must_use]
    pub fn explain(&self, policy: &Policy, findings: &Findings) -> Vec<Considered> {
        let facts = self.facts();
        policy.explain(Flow { message: &self.message, facts: &facts }, findings, &self.situation())
    }

    /// What the policy decides about it.
    pub fn decide(&self, policy: &Policy, findings: &Findings) -> Decision {
        let facts = self.facts();
        policy.decide(Flow { message: &self.message, facts: &facts }, findings, &self.situation())
    }
}

fn parse(json: &str) -> Result<Message, Refusal> {
    Message::parse(Bytes::copy_from_slice(json.as_bytes()), &Limits::default())
}

#[cfg(test)]
mod tests;
