//! What the preset `standard` does with findings, in one table: the preset's `findings` section is made from it, and
//! `gatehold inspect` and the catalogue of findings show it. It never looks at a message.

use gatehold_inspect::finding::{INSPECTOR_FAILED, UNREADABLE};
use gatehold_inspect::{Finding, Severity};
use gatehold_session::Direction;

use crate::decision::Verdict;

/// One line of the table. The first that concerns a finding decides about it.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// The ids that it concerns: a name, or the beginning of one with `*`.
    pub id: &'static str,
    /// The least severity that it concerns.
    pub at_least: Severity,
    /// The direction that it concerns; both without one.
    pub direction: Option<Direction>,
    /// What happens.
    pub verdict: Verdict,
    /// A sentence for people.
    pub reason: &'static str,
}

impl Line {
    fn names(&self, id: &str) -> bool {
        self.id.strip_suffix('*').map_or(self.id == id, |beginning| id.starts_with(beginning))
    }
}

const fn line(
    id: &'static str,
    at_least: Severity,
    direction: Option<Direction>,
    verdict: Verdict,
    reason: &'static str,
) -> Line {
    Line { id, at_least, direction, verdict, reason }
}

/// The table. What no line concerns is allowed and recorded.
pub const LINES: &[Line] = &[
    line(INSPECTOR_FAILED, Severity::Info, None, Verdict::Deny, "the message could not be inspected"),
    line(UNREADABLE, Severity::Info, None, Verdict::Deny, "the message could not be read"),
    // A server that gives away a secret is made harmless; a client that is about to do so has somebody to ask.
    line("SE*", Severity::Medium, Some(Direction::FromServer), Verdict::Redact, "a secret is taken out"),
    line("SE*", Severity::Medium, Some(Direction::FromClient), Verdict::Hold, "a secret would leave"),
    // Many tools exist for the personal data of their own user: what is kept back is what money or identity hangs on.
    line("PD*", Severity::Medium, Some(Direction::FromServer), Verdict::Redact, "personal data is taken out"),
    line("PD*", Severity::Info, None, Verdict::Allow, "personal data is only recorded"),
    line("*", Severity::High, None, Verdict::Deny, "this looks like an attack"),
    line("*", Severity::Medium, None, Verdict::Hold, "this may be an attack"),
];

/// What happens to a message because of one finding in it.
#[must_use]
pub fn verdict(finding: &Finding, direction: Direction) -> Verdict {
    verdict_for(finding.id, finding.severity, direction)
}

/// What happens to a message because of a finding with this id and severity.
#[must_use]
pub fn verdict_for(id: &str, severity: Severity, direction: Direction) -> Verdict {
    let concerns = |line: &&Line| {
        severity >= line.at_least && line.direction.is_none_or(|only| only == direction) && line.names(id)
    };
    LINES.iter().find(concerns).map_or(Verdict::Allow, |line| line.verdict)
}

/// What happens to a message because of all findings in it: the most severe.
pub fn verdict_of_all<'f>(findings: impl IntoIterator<Item = &'f Finding>, direction: Direction) -> Verdict {
    findings.into_iter().map(|finding| verdict(finding, direction)).max().unwrap_or(Verdict::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_finding_decides_and_small_ones_pass() {
        let from = |id, severity| verdict_for(id, severity, Direction::FromServer);
        assert_eq!(from("PI001", Severity::Critical), Verdict::Deny);
        assert_eq!(from("PI001", Severity::Medium), Verdict::Hold);
        assert_eq!(from("PI001", Severity::Low), Verdict::Allow);
        assert_eq!(from("SE001", Severity::High), Verdict::Redact);
        assert_eq!(verdict_for("SE001", Severity::High, Direction::FromClient), Verdict::Hold);
        assert_eq!(from("PD001", Severity::Medium), Verdict::Redact);
        assert_eq!(from("PD003", Severity::Low), Verdict::Allow);
        assert_eq!(from("GH001", Severity::Critical), Verdict::Deny);
    }
}
