//! What comes of an answer that nobody waited for: a record that names the record of its message, and a count for the
//! session, so that rules about a session's alarms see it with the next message.
//!
//! It changes nothing about the message itself, which has gone on.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, Weak};

use gatehold_evidence::{Ledger, RecordId};
use gatehold_inspect::passages::Says;
use gatehold_inspect::{Finding, Severity};
use gatehold_session::Facts;

use super::Silence;

/// Sessions whose late alarms are remembered until their next message. With more, further ones are only recorded.
const SESSIONS_MAX: usize = 10_000;

/// Alarms by the public names of sessions.
#[derive(Debug, Default)]
pub(super) struct Late(Mutex<HashMap<Box<str>, u32>>);

impl Late {
    pub(super) fn take(&self, session: &str) -> u32 {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.is_empty() { 0 } else { sessions.remove(session).unwrap_or(0) }
    }

    fn add(&self, session: &str) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = sessions.get_mut(session) {
            *count = count.saturating_add(1);
        } else if sessions.len() < SESSIONS_MAX {
            sessions.insert(session.into(), 1);
        }
    }
}

/// Which message an answer is about.
#[derive(Debug, Clone)]
pub(super) struct Report {
    record: String,
    session: Box<str>,
    server: Box<str>,
    principal: String,
    tool: String,
    model: Box<str>,
    severity: Severity,
}

impl Report {
    pub(super) fn new(facts: &Facts<'_>, record: RecordId, model: &str, severity: Severity) -> Self {
        Self {
            record: record.to_string(),
            session: facts.origin.session.clone(),
            server: facts.origin.server.clone(),
            principal: facts.principal.name().to_owned(),
            tool: facts.tool.as_deref().unwrap_or_default().to_owned(),
            model: model.into(),
            severity,
        }
    }

    pub(super) fn says(&self) -> Says<'_> {
        Says { model: &self.model, confidence: 0.0, severity: self.severity }
    }

    /// Records a finding, and counts it in the session where it is grave.
    pub(super) fn found(&self, finding: &Finding, ledger: &Weak<Ledger>, late: &Late) {
        let confidence = format!("{:.3}", finding.confidence);
        let more = [
            ("finding", finding.id),
            ("rule", &*finding.rule),
            ("severity", finding.severity.name()),
            ("confidence", &*confidence),
            ("pointer", &*finding.pointer),
        ];
        self.write("second_tier_found", &more, ledger);
        if finding.severity >= Severity::High {
            late.add(&self.session);
        }
    }

    /// Records that the model said nothing.
    pub(super) fn silent(&self, silence: Silence, ledger: &Weak<Ledger>) {
        self.write("second_tier_silent", &[("why", silence.name()), ("model_sha256", &*self.model)], ledger);
    }

    fn write(&self, event: &str, more: &[(&str, &str)], ledger: &Weak<Ledger>) {
        let about = [
            ("record", &*self.record),
            ("session", &*self.session),
            ("server", &*self.server),
            ("principal", &*self.principal),
            ("tool", &*self.tool),
        ];
        let fields = about.iter().chain(more).copied().filter(|(_, value)| !value.is_empty());
        let fields: Vec<(&str, &str)> = fields.collect();
        if let Some(ledger) = ledger.upgrade() {
            // While nothing can be recorded nothing can be sent either, so the failure is noticed there.
            let _unrecorded = ledger.lifecycle(event, &fields);
        }
    }
}
