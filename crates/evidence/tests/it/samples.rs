//! Folders and messages for the tests.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use gatehold_decide::{Decision, Mode, Reason, Verdict};
use gatehold_evidence::{Entry, Gate, Ledger, LedgerError};
use gatehold_inspect::Findings;
use gatehold_session::principal::Proof;
use gatehold_session::{Attributes, Direction, Facts, Origin, Principal, Transport};
use gatehold_wire::{Limits, Message};

/// A folder that is removed with the value.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("gatehold-evidence-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn origin() -> Origin {
    Origin {
        session: "session-1".into(),
        principal: Principal::vouched("me", Proof::Token, Some("https://id.example"), Some("agent-1")).with_attributes(
            Attributes { roles: ["reader".into()].into(), tenant: Some("acme".into()), ..Attributes::default() },
        ),
        server: "files".into(),
        transport: Transport::StreamableHttp,
    }
}

pub(crate) fn decision(verdict: Verdict) -> Decision {
    Decision {
        verdict,
        mode: Mode::Enforce,
        hidden: false,
        reasons: vec![Reason { rule: "rule-1".into(), text: None }],
        edits: Vec::new(),
        demand: None,
        limits: Vec::new(),
        retry_after: None,
        tags: std::sync::Arc::default(),
        policy: "none".into(),
    }
}

/// Records one message and returns what the gate says.
pub(crate) fn record(
    ledger: &Ledger,
    text: String,
    findings: &Findings,
    decision: &Decision,
) -> Result<Gate, LedgerError> {
    let message = Message::parse(Bytes::from(text), &Limits::default()).unwrap();
    let origin = origin();
    let from_client = message.method().is_some();
    let facts = Facts {
        origin: &origin,
        principal: &origin.principal,
        direction: if from_client { Direction::FromClient } else { Direction::FromServer },
        kind: message.kind(),
        method: message.method(),
        revision: None,
        request_id: message.id().map(|id| id.0),
        tool: message.name(),
        prompt: None,
        resource: message.uri(),
        client_claimed: Some("client".into()),
        server_claimed: None,
        hints: None,
    };
    let upstream_time = (!from_client).then_some(std::time::Duration::from_micros(1234));
    let entry = Entry { message: &message, facts: &facts, findings, decision, upstream_time };
    ledger.append(&entry)?.settle(ledger)
}

pub(crate) fn call(index: usize) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{index},"method":"tools/call","params":{{"name":"read","arguments":{{"n":{index}}}}}}}"#
    )
}
