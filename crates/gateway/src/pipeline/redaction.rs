//! What redaction needs of the world, and its loop: the key of its tokens, the vault, what tools promise of their
//! results, what was said earlier in a stream. An edited message is inspected again until nothing more is to be taken
//! out of it; one that reaches no end is denied.
//!
//! It decides nothing by itself and edits nothing: `decide` orders every edit, the ledger carries them out.

mod promises;
mod streams;
mod vault;

use std::sync::Arc;

use gatehold_decide::redact::{self, Means, OutputSchema};
use gatehold_decide::{Decision, Mode, Policy, Reason, Situation, Verdict};
use gatehold_inspect::{Findings, Flow};
use gatehold_session::Facts;
use gatehold_wire::edit::{apply, compose};
use gatehold_wire::{Kind, Limits, Message, Method};

use promises::{Promise, Promises};
use streams::Streams;
use vault::MemoryVault;

/// So often an edited message is looked at again. What was taken out may show what had grown together with it.
const ROUNDS_MAX: usize = 8;

/// One for the whole process. Nothing of it survives the process.
pub(super) struct Redaction {
    /// Without randomness there is no key, and what needs one is denied.
    key: Option<[u8; 32]>,
    vault: MemoryVault,
    promises: Promises,
    streams: Streams,
}

impl std::fmt::Debug for Redaction {
    /// Without the key and the vault.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redaction").field("key", &self.key.is_some()).finish_non_exhaustive()
    }
}

/// What a message's tool promises, for as long as the message is judged.
pub(super) struct Promised(Promise);

impl Promised {
    fn schema(&self) -> OutputSchema<'_> {
        match &self.0 {
            Promise::Unknown => OutputSchema::Unknown,
            Promise::Nothing => OutputSchema::Absent,
            Promise::Schema(text) => OutputSchema::Known(text),
        }
    }
}

impl Redaction {
    pub(super) fn new() -> Self {
        let mut key = [0; 32];
        let key = getrandom::fill(&mut key).is_ok().then_some(key);
        Self { key, vault: MemoryVault::default(), promises: Promises::default(), streams: Streams::default() }
    }

    /// Takes note of what a list promises, and says what is known for a result.
    pub(super) fn promised(&self, message: &Message, facts: &Facts<'_>) -> Promised {
        let is_result = message.kind() == Kind::Result;
        let promise = match facts.method {
            Some(Method::ToolsList) if is_result => {
                self.promises.learn(&facts.origin.server, message);
                Promise::Unknown
            }
            Some(Method::ToolsCall) if is_result => {
                facts.tool.as_deref().map_or(Promise::Unknown, |tool| self.promises.of(&facts.origin.server, tool))
            }
            _ => Promise::Unknown,
        };
        Promised(promise)
    }

    pub(super) fn means<'a>(&'a self, promised: &'a Promised) -> Means<'a> {
        Means { key: self.key.as_ref(), vault: Some(&self.vault), output_schema: promised.schema() }
    }

    /// Runs the detectors with what was said before in the same stream, and keeps what this message adds.
    pub(super) fn inspect(&self, flow: Flow<'_>, run: impl FnOnce(&str) -> Findings) -> Findings {
        let earlier = self.streams.earlier(flow.facts);
        let findings = run(&earlier);
        self.streams.note(flow, &earlier);
        findings
    }

    /// Decides again about what a redaction leaves, until nothing more is taken out. What findings alone make stricter
    /// then counts; what rules say about the words that we put in ourselves does not.
    pub(super) fn complete(
        &self,
        policy: &Policy,
        flow: Flow<'_>,
        situation: &Situation<'_>,
        decision: &mut Decision,
        inspect: impl Fn(Flow<'_>) -> Findings,
    ) {
        let is_edited = matches!(decision.verdict, Verdict::Redact | Verdict::Hold) && !decision.edits.is_empty();
        if !is_edited || decision.mode != Mode::Enforce {
            return;
        }
        for _ in 0..ROUNDS_MAX {
            // What cannot be edited is denied where the record is written.
            let Some(message) = edited(flow.message, decision) else { return };
            let again = Flow { message: &message, facts: flow.facts };
            let findings = inspect(again);
            if findings.is_empty() {
                return;
            }
            let next = policy.decide(again, &findings, situation);
            let by_findings = next.reasons.first().is_some_and(|reason| reason.rule.starts_with("finding:"));
            if by_findings && next.verdict > Verdict::Redact && next.verdict > decision.verdict {
                *decision = Decision { limits: std::mem::take(&mut decision.limits), ..next };
                return;
            }
            if next.edits.is_empty() {
                return;
            }
            match compose(flow.message.bytes(), &decision.edits, &next.edits) {
                Some(edits) => decision.edits = edits,
                None => break,
            }
        }
        deny(decision, "the message could not be redacted to an end");
    }

    /// Puts values in the place of the vault tokens of a call that is about to be sent to the server they came from.
    pub(super) fn restore(&self, flow: Flow<'_>, means: &Means<'_>, decision: &mut Decision) {
        if decision.verdict > Verdict::Redact || decision.mode != Mode::Enforce || self.vault.is_empty() {
            return;
        }
        if decision.edits.is_empty() {
            let edits = redact::restore(flow, means);
            if !edits.is_empty() {
                decision.edits = edits;
                decision.verdict = Verdict::Redact;
                decision.reasons.push(Reason { rule: Reason::VAULT.into(), text: None });
            }
        } else if let Some(message) = edited(flow.message, decision) {
            let edits = redact::restore(Flow { message: &message, facts: flow.facts }, means);
            if !edits.is_empty()
                && let Some(edits) = compose(flow.message.bytes(), &decision.edits, &edits)
            {
                decision.edits = edits;
                decision.reasons.push(Reason { rule: Reason::VAULT.into(), text: None });
            }
        }
    }
}

/// The message with the edits of a decision.
fn edited(message: &Message, decision: &Decision) -> Option<Message> {
    // It was within its limits before; its tokens are ours.
    let limits = Limits { message_bytes_max: usize::MAX, key_bytes_max: usize::MAX, ..Limits::default() };
    let limits = Limits { depth_max: 1024, members_max: usize::MAX, ..limits };
    Message::parse(apply(message.bytes(), &mut decision.edits.clone())?, &limits).ok()
}

fn deny(decision: &mut Decision, text: &str) {
    decision.verdict = Verdict::Deny;
    decision.edits.clear();
    decision.limits.clear();
    decision.demand = None;
    decision.reasons.insert(0, Reason { rule: Reason::EDIT_FAILED.into(), text: Some(Arc::from(text)) });
}
