//! The one trait of this crate, and what a detector is handed.

use gatehold_session::Facts;
use gatehold_wire::Message;

use crate::finding::{Finding, Severity};
use crate::text::Text;

/// How far a detector is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maturity {
    /// Reports only.
    Sandbox,
    /// Runs like a stable one, but its false positives were measured on too few sources to rely on it alone.
    Incubating,
    /// On by default: its false positives were measured.
    Stable,
}

/// Constant facts about a detector: the catalogue, the command line and the dashboard are made from them.
#[derive(Debug, Clone, Copy)]
pub struct Card {
    /// The stable id of what it finds.
    pub id: &'static str,
    /// A short title.
    pub title: &'static str,
    /// What it catches, in a sentence.
    pub catches: &'static str,
    /// What it misses, in a sentence.
    pub misses: &'static str,
    /// How bad it is at its worst.
    pub severity: Severity,
    /// Why it matters, in a sentence.
    pub why: &'static str,
    /// What to do about it, in a sentence.
    pub remedy: &'static str,
    /// An example that is found.
    pub example: &'static str,
    /// How far it is trusted.
    pub maturity: Maturity,
    /// Where the technique is described: tagged with edition, such as `OWASP-MCP-2025:MCP03`, `CWE-22`.
    pub references: &'static [&'static str],
}

/// A message with its facts.
#[derive(Debug, Clone, Copy)]
pub struct Flow<'a> {
    /// The message.
    pub message: &'a Message,
    /// All that may be known about it.
    pub facts: &'a Facts<'a>,
}

/// Collects findings, up to a limit.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    /// At most this many findings are kept for one message; the first ones win, and more of them cannot make the
    /// message less suspicious.
    pub const COUNT_MAX: usize = 256;

    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        if self.list.len() < Self::COUNT_MAX {
            self.list.push(finding);
        }
    }

    /// The findings so far, in the order in which they were reported.
    #[must_use]
    pub fn as_slice(&self) -> &[Finding] {
        &self.list
    }

    /// Forgets the findings made since `start`.
    pub(crate) fn truncate(&mut self, start: usize) {
        self.list.truncate(start);
    }

    /// Gives the findings made since `start` their place in the message.
    pub(crate) fn place(&mut self, start: usize, mut place: impl FnMut(&mut Finding)) {
        for finding in self.list.iter_mut().skip(start) {
            place(finding);
        }
    }

    /// How likely it is that something is wrong, from 0 to 1: the surest finding, raised by further ones of other
    /// kinds. Findings that only inform (personal data) do not count.
    #[must_use]
    pub fn score(&self) -> f32 {
        let mut clean = 1.0_f32;
        let mut seen: Vec<&str> = Vec::new();
        for finding in self.list.iter().filter(|finding| finding.severity > Severity::Low) {
            if !seen.contains(&finding.id) {
                seen.push(finding.id);
                let of_kind = self.list.iter().filter(|other| other.id == finding.id);
                let surest = of_kind.map(|other| other.confidence).fold(0.0, f32::max);
                clean *= 1.0 - surest.clamp(0.0, 1.0);
            }
        }
        1.0 - clean
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// A detector: synchronous, stateless, bounded.
pub trait Inspector: Send + Sync {
    /// What it is.
    fn card(&self) -> Card;

    /// Looks at one message as a whole and reports what it finds, with pointers and spans in the message.
    fn inspect(&self, flow: Flow<'_>, findings: &mut Findings) {
        let _ = (flow, findings);
    }

    /// Looks at one string and reports what it finds, with spans in that string and empty pointers; the registry calls
    /// this for every string of a message and leads the spans back to the message.
    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        let _ = (text, findings);
    }
}
