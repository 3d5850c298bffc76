//! What the desk records: that something waits, who said what by which way, and how it ended. Never the message itself,
//! a code or a token.

use gatehold_evidence::LedgerError;

use super::Desk;
use super::answer::{Answer, Choice, Outcome};
use super::book::Settled;
use super::hold::{Hold, Needs};

impl Desk {
    pub(super) fn record_opened(&self, hold: &Hold) -> Result<(), LedgerError> {
        let people = hold.people.to_string();
        let needs = match hold.needs {
            Needs::Approval => "approval",
            Needs::Code => "code",
        };
        let subject = hold.subject();
        self.ledger.lifecycle(
            "hold_opened",
            &[
                ("hold", &hold.id),
                ("needs", needs),
                ("people", &people),
                ("principal", &hold.principal),
                ("session", &hold.session),
                ("subject", &subject),
                ("rule", &hold.rule),
                ("digest", &hold.digest),
                ("ask", &hold.ask.join(",")),
            ],
        )
    }

    pub(super) fn record_answered(&self, id: &str, answer: &Answer) -> Result<(), LedgerError> {
        let time = match answer.choice {
            Choice::For(time) => time.as_secs().to_string(),
            Choice::Once | Choice::Session | Choice::Deny => String::new(),
        };
        let any = if answer.any_arguments { "any" } else { "same" };
        self.ledger.lifecycle(
            "hold_answered",
            &[
                ("hold", id),
                ("by", &answer.by),
                ("way", answer.way.name()),
                ("choice", answer.choice.name()),
                ("seconds", &time),
                ("arguments", any),
                ("reason", answer.reason.as_deref().unwrap_or_default()),
            ],
        )
    }

    pub(super) fn record_settled(&self, settled: &Settled) -> Result<(), LedgerError> {
        let (event, by) = match &settled.outcome {
            Outcome::Approved { by, .. } => ("hold_approved", by.join(",")),
            Outcome::Denied { by, .. } => ("hold_denied", by.to_string()),
            Outcome::Expired => ("hold_expired", String::new()),
        };
        let hold = &settled.held.hold;
        self.ledger.lifecycle(event, &[("hold", &hold.id), ("by", &by), ("digest", &hold.digest)])
    }
}
