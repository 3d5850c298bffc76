//! The one trait of this crate, and what a detector is handed.

use gatehold_session::Facts;
use gatehold_wire::Message;

use crate::finding::Severity;
use crate::text::Text;

mod collected;

pub use collected::Findings;

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
