//! What a person is shown of a held message: the very bytes that will be sent, whose they are, where they go, why they
//! were held, and what was decided before in cases like it. Plain values that can be written to a file and read again.
//!
//! Nothing in it is a permission: an approval counts by what the desk itself knows of the message.

use gatehold_decide::obligation::{Demand, Way};
use gatehold_decide::{Decision, Reason};
use gatehold_inspect::Finding;
use gatehold_session::Facts;
use gatehold_wire::Method;
use serde::{Deserialize, Serialize};

/// Messages longer than this, in bytes, are denied instead of held: nobody reads so much before saying yes, and what is
/// not read could hold anything.
pub const SHOWN_BYTES_MAX: usize = 256 * 1024;

/// Findings that are shown of one message, the gravest first.
const FINDINGS_MAX: usize = 32;

/// Earlier decisions that are shown.
pub(super) const EARLIER_MAX: usize = 5;

/// A message that waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Its id: what is named when it is answered, and in records.
    pub id: String,
    /// What it waits for: `approval` or `code` (a second factor of the principal).
    pub needs: Needs,
    /// When it was opened, in seconds since 1970.
    pub opened: i64,
    /// When it is denied if nobody has answered.
    pub until: i64,
    /// The principal.
    pub principal: String,
    /// How the principal was established (`local`, `token`, …).
    pub proof: String,
    /// The session, as records name it.
    pub session: String,
    /// The server that the message goes to.
    pub server: String,
    /// The way it travels: `from_client` or `from_server`.
    pub direction: String,
    /// The method.
    pub method: String,
    /// The tool, prompt or resource that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What the client calls itself. A claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_claimed: Option<String>,
    /// The rule that holds it.
    pub rule: String,
    /// The rule's reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The rule's tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What the detectors found.
    #[serde(default)]
    pub findings: Vec<Shown>,
    /// The bytes that will be sent, all of them.
    pub message: String,
    /// The digest that the answer is bound to, in hexadecimal.
    pub digest: String,
    /// How many different people must approve.
    pub people: u8,
    /// One of these roles is needed to approve; empty means `approver`.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The ways by which it may be answered; empty means all.
    #[serde(default)]
    pub ask: Vec<String>,
    /// Who has approved so far.
    #[serde(default)]
    pub approved_by: Vec<String>,
    /// What was decided before about the same thing of the same principal, the latest first.
    #[serde(default)]
    pub earlier: Vec<Earlier>,
}

/// What a held message waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Needs {
    /// Somebody's approval.
    Approval,
    /// A code of the principal's second factor.
    Code,
}

/// A finding as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Its id.
    pub id: String,
    /// How bad it is.
    pub severity: String,
    /// Where in the message.
    pub pointer: String,
    /// A sentence.
    pub detail: String,
}

/// An earlier decision about the same tool, prompt or resource of the same principal and server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// When, in seconds since 1970.
    pub at: i64,
    /// `approved`, `denied` or `expired`.
    pub outcome: String,
    /// Who decided.
    #[serde(default)]
    pub by: Vec<String>,
    /// Whether the arguments were the same.
    pub same_arguments: bool,
}

/// A message that asks to be held, with everything that was found out about it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The message.
    pub message: &'a gatehold_wire::Message,
    /// Its facts.
    pub facts: &'a Facts<'a>,
    /// What was found in it.
    pub findings: &'a gatehold_inspect::Findings,
    /// The decision that holds it.
    pub decision: &'a Decision,
}

/// When a hold opens and ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) opened: i64,
    pub(super) until: i64,
}

impl Hold {
    /// What is shown of a request. `sent` are the bytes that will be sent.
    pub(super) fn of(
        request: &Request<'_>,
        demand: &Demand,
        id: String,
        digest: String,
        times: Times,
        sent: &str,
    ) -> Self {
        let facts = request.facts;
        let (needs, people, roles, ask) = match demand {
            Demand::Approval(demand) => (Needs::Approval, demand.people, words(&demand.roles), &*demand.ask),
            Demand::StepUp(_) => (Needs::Code, 1, Vec::new(), &[][..]),
        };
        let first: Option<&Reason> = request.decision.reasons.first();
        let name = |name: &Option<std::borrow::Cow<'_, str>>| name.as_deref().map(ToOwned::to_owned);
        Self {
            id,
            needs,
            opened: times.opened,
            until: times.until,
            principal: facts.principal.name().to_owned(),
            proof: facts.principal.proof().name().to_owned(),
            session: facts.origin.session.to_string(),
            server: facts.origin.server.to_string(),
            direction: facts.direction.name().to_owned(),
            method: facts.method.map_or("", Method::name).to_owned(),
            tool: name(&facts.tool),
            prompt: name(&facts.prompt),
            resource: name(&facts.resource),
            client_claimed: name(&facts.client_claimed),
            rule: first.map(|reason| reason.rule.to_string()).unwrap_or_default(),
            reason: first.and_then(|reason| reason.text.as_deref().map(ToOwned::to_owned)),
            tags: words(&request.decision.tags),
            findings: shown(request.findings.as_slice()),
            message: sent.to_owned(),
            digest,
            people,
            roles,
            ask: ask.iter().map(|way: &Way| way.name().to_owned()).collect(),
            approved_by: Vec::new(),
            earlier: Vec::new(),
        }
    }

    /// What it is about, in a few words: `tool delete_file of notes`.
    #[must_use]
    pub fn subject(&self) -> String {
        let what = match (&self.tool, &self.prompt, &self.resource) {
            (Some(tool), _, _) => format!("tool {tool}"),
            (None, Some(prompt), _) => format!("prompt {prompt}"),
            (None, None, Some(resource)) => format!("resource {resource}"),
            (None, None, None) => self.method.clone(),
        };
        format!("{what} of {}", self.server)
    }
}

fn words(words: &[Box<str>]) -> Vec<String> {
    words.iter().map(|word| word.to_string()).collect()
}

/// The gravest findings, so that a flood of harmless ones hides none.
fn shown(findings: &[Finding]) -> Vec<Shown> {
    let mut gravest: Vec<&Finding> = findings.iter().collect();
    gravest.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let shown = gravest.into_iter().take(FINDINGS_MAX).map(|finding| Shown {
        id: finding.id.to_owned(),
        severity: finding.severity.name().to_owned(),
        pointer: finding.pointer.to_string(),
        detail: finding.detail.to_string(),
    });
    shown.collect()
}
