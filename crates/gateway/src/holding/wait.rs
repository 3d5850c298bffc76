//! One held call from its holding to its end: the desk opens a hold, the client is asked where it can show a question,
//! progress is told, and whoever answers first ends the waiting. Then the call passes the gate again.
//!
//! Whatever goes wrong on the way is a denial: what cannot be asked is not approved.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehold_decide::obligation::{Demand, Way};
use gatehold_decide::{Decision, Reason, Verdict};
use gatehold_evidence::Cleared;
use gatehold_session::{Abilities, Direction, Facts, Observed, Principal, Proof};
use gatehold_wire::edit::Edit;
use gatehold_wire::{Kind, Message};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::approvals::{Answer, Choice, Desk, Needs, Outcome, Request, Ticket};
use crate::conversation::Conversation;
use crate::holding::asks::Asked;
use crate::holding::state::{Returned, carries_answers, returned, written};
use crate::holding::words::{self, Said};
use crate::holding::{Held, Hold, Outlet};
use crate::pipeline::{Judged, Passage};

/// How often the client of a held call is told that it still waits, where it asked for progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);
/// What one more report adds to the progress: so little that the server's own reports, which follow, are greater.
const PROGRESS_STEP: f64 = 0.000_001;

/// A message that was judged, and whether it waits.
pub(crate) struct Waiting<'a> {
    pub(crate) direction: Direction,
    pub(crate) message: &'a Message,
    pub(crate) observed: &'a Observed,
    pub(crate) principal: Option<&'a Principal>,
}

/// How the waiting for one message ended.
enum End {
    /// Somebody answered, or nobody did.
    Outcome(Outcome),
    /// The client was asked to send the call again with its answer; until then this is what it gets.
    Asked(Bytes),
    /// The client is gone.
    Gone,
}

/// What a client is asked.
struct Question {
    /// The parameters of `elicitation/create`.
    params: Vec<u8>,
    /// Whether it sends the person to an address.
    is_address: bool,
}

impl Conversation {
    /// Passes a message that waits for a person, or that comes back to a hold.
    pub(crate) async fn hold(&self, waiting: Waiting<'_>, mut judged: Judged, hold: Hold<'_>) -> Passage {
        let back = returned(waiting.message).filter(|_| waiting.direction == Direction::FromClient);
        let edit = back.as_ref().map(|back| back.edit.clone());
        if judged.waits() {
            match (self.pipeline.desk(), hold) {
                (None, _) => {
                    deny(&mut judged.decision, "approval:nobody", "There is nobody to ask for an approval here.")
                }
                (Some(_), Hold::Never) => {
                    deny(
                        &mut judged.decision,
                        "approval:unasked",
                        "This needs an approval, which cannot be asked for where it stands, as in a batch.",
                    );
                }
                (Some(_), Hold::Later) => {
                    return Passage {
                        held: Some(Box::new(Held {
                            message: waiting.message.clone(),
                            direction: waiting.direction,
                            observed: waiting.observed.clone(),
                            principal: waiting.principal.cloned(),
                            judged,
                        })),
                        ..Passage::default()
                    };
                }
                (Some(desk), Hold::Here(outlet)) => {
                    let desk = Arc::clone(desk);
                    match self.wait(&waiting, &mut judged, &desk, back, outlet).await {
                        Ok(()) => {}
                        Err(passage) => return passage,
                    }
                }
            }
        }
        if let Some(edit) = edit {
            taken_out(&mut judged.decision, edit);
        }
        let facts = self.facts_of(&waiting);
        self.pipeline.conclude(waiting.message, &facts, &judged, waiting.observed.answer_time()).await
    }

    /// Goes on with a message that was set aside.
    pub(crate) async fn resume(&self, held: Held, outlet: Option<&Outlet>) -> Passage {
        let Held { message, direction, observed, principal, judged } = held;
        let waiting = Waiting { direction, message: &message, observed: &observed, principal: principal.as_ref() };
        let mut passage = self.hold(waiting, judged, Hold::Here(outlet)).await;
        self.keep_place(direction, &message, &mut passage);
        if !passage.passed && message.kind() == Kind::Request {
            self.session().forget(direction, &message);
        }
        passage
    }

    /// Waits until the decision about a held message is final. `Err` holds what the client gets for now, or nothing at
    /// all when it has gone.
    async fn wait(
        &self,
        waiting: &Waiting<'_>,
        judged: &mut Judged,
        desk: &Arc<Desk>,
        back: Option<Returned>,
        outlet: Option<&Outlet>,
    ) -> Result<(), Passage> {
        let facts = self.facts_of(waiting);
        let request =
            Request { message: waiting.message, facts: &facts, findings: &judged.findings, decision: &judged.decision };
        // An answer counts for the hold that was shown and for no other.
        let rejoined = back.as_ref().and_then(|back| desk.rejoin(&back.hold, &request));
        // Who was sent to an address answers there; the client only says whether it will be opened.
        let is_addressed = back.as_ref().is_some_and(|back| rejoined.is_some() && desk.has_address(&back.hold));
        let back = back.filter(|back| rejoined.is_some() && !(is_addressed && back.will_open));
        let said = back.and_then(|back| back.said);
        let ticket = match rejoined.map_or_else(|| desk.open(&request), Ok) {
            Ok(ticket) => ticket,
            Err(refused) => {
                if let Some(finding) = refused.finding() {
                    judged.findings.push(finding);
                }
                deny(&mut judged.decision, "approval:refused", refused.text());
                return Ok(());
            }
        };
        let hold = ticket.id().to_owned();
        if let Some((said, reason)) = said {
            self.answer(desk, &hold, facts.principal, said, reason);
        }
        let question =
            if is_addressed { None } else { self.question(waiting, &facts, desk, &ticket, &judged.decision) };
        match self.ask_and_wait(waiting, &facts, desk, ticket, question, outlet).await {
            End::Outcome(Outcome::Approved { .. }) => {
                // The same gate once more, which now finds the approval; what else has changed meanwhile counts too.
                let model = std::mem::take(&mut judged.model);
                *judged = self.pipeline.judge(waiting.message, &facts, waiting.observed.tally, None, model);
                if judged.waits() {
                    deny(
                        &mut judged.decision,
                        "approval:spent",
                        "The approval was for another state of things; ask again.",
                    );
                }
                Ok(())
            }
            End::Outcome(Outcome::Denied { reason, .. }) => {
                let text = reason.map_or_else(
                    || "It was not approved.".to_owned(),
                    |reason| format!("It was not approved: {}", words::plain(&reason)),
                );
                deny(&mut judged.decision, &format!("denied:{hold}"), &text);
                Ok(())
            }
            End::Outcome(Outcome::Expired) => {
                deny(&mut judged.decision, &format!("expired:{hold}"), "Nobody approved it in time.");
                Ok(())
            }
            End::Asked(bytes) => Err(self.asked_again(waiting, bytes).await),
            End::Gone => {
                deny(&mut judged.decision, &format!("withdrawn:{hold}"), "Its client has gone.");
                Ok(())
            }
        }
    }

    /// Asks the client, tells it that its call waits, and waits for whoever answers first.
    async fn ask_and_wait(
        &self,
        waiting: &Waiting<'_>,
        facts: &Facts<'_>,
        desk: &Arc<Desk>,
        ticket: Ticket,
        question: Option<Question>,
        outlet: Option<&Outlet>,
    ) -> End {
        let is_modern = waiting.message.modern_version().is_some();
        if let (Some(question), true) = (&question, is_modern) {
            let bytes = words::input_required(waiting.message, &question.params, &written(ticket.id()));
            let _parked = ticket.park();
            return End::Asked(bytes.into());
        }
        if let Some(outlet) = outlet
            && outlet.held().await.is_err()
        {
            return End::Gone;
        }
        let id = ticket.id().to_owned();
        let is_address = question.as_ref().is_some_and(|question| question.is_address);
        let mut asked = match (question, outlet) {
            (Some(question), Some(outlet)) => self.ask(facts.principal, &question.params, outlet).await,
            _ => None,
        };
        let outcome = ticket.outcome();
        tokio::pin!(outcome);
        let mut progress = interval_at(Instant::now() + PROGRESS_EVERY, PROGRESS_EVERY);
        progress.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = 0.0;
        loop {
            tokio::select! {
                outcome = &mut outcome => {
                    if is_address {
                        self.tell_complete(&id, outlet).await;
                    }
                    return End::Outcome(outcome);
                }
                answer = answered(&mut asked) => {
                    let answer = answer.filter(|answer| !(is_address && answer.result().is_some_and(words::will_open)));
                    if let Some(answer) = answer {
                        let (said, reason) = answer.result().map_or((Said::Deny, None), words::read);
                        self.answer(desk, &id, facts.principal, said, reason);
                    }
                }
                () = gone(outlet) => return End::Gone,
                _ = progress.tick() => {
                    told += PROGRESS_STEP;
                    if self.tell_progress(waiting.message, outlet, told).await.is_none() {
                        progress.reset_after(Duration::from_secs(24 * 60 * 60));
                    }
                }
            }
        }
    }

    /// The parameters of the question that the client is asked; `None` when it cannot show one, or when the policy or
    /// the desk would not count its answer.
    fn question(
        &self,
        waiting: &Waiting<'_>,
        facts: &Facts<'_>,
        desk: &Desk,
        ticket: &Ticket,
        decision: &Decision,
    ) -> Option<Question> {
        if waiting.direction != Direction::FromClient || waiting.message.kind() != Kind::Request {
            return None;
        }
        let is_modern = waiting.message.modern_version().is_some();
        let abilities = if is_modern { Abilities::stated_by(waiting.message)? } else { self.session().abilities() };
        // A client would drop the answers that it already carries for those to us.
        if is_modern && carries_answers(waiting.message) && returned(waiting.message).is_none() {
            return None;
        }
        let asks_client = |ways: &[Way]| ways.is_empty() || ways.contains(&Way::Client);
        match decision.demand.as_deref()? {
            Demand::Approval(demand) if demand.people > 1 || !asks_client(&demand.ask) => return None,
            Demand::Approval(demand) => {
                let roles = roles_of(facts.principal);
                let may = demand.roles.is_empty() || demand.roles.iter().any(|role| roles.contains(role));
                if !may || !is_identified(facts.principal) {
                    return None;
                }
            }
            Demand::StepUp(_) if !is_identified(facts.principal) => return None,
            Demand::StepUp(_) => {}
        }
        let hold = desk.show(ticket.id())?;
        if hold.message.len() > words::SHOWN_BYTES_MAX {
            return None;
        }
        match hold.needs {
            Needs::Approval => abilities.form.then(|| Question { params: words::form(&hold), is_address: false }),
            // A code is a secret, and no form asks for one: it is given at an address of ours.
            Needs::Code if abilities.url => {
                let params = words::address(&hold, &desk.address(ticket.id())?);
                Some(Question { params, is_address: true })
            }
            Needs::Code => None,
        }
    }

    /// Asks a client of the legacy era.
    async fn ask(&self, principal: &Principal, question: &[u8], outlet: &Outlet) -> Option<Asked<'_>> {
        let asked = self.pipeline.asks().ask(principal)?;
        let mut bytes =
            format!(r#"{{"jsonrpc":"2.0","id":{},"method":"elicitation/create","params":"#, asked.id).into_bytes();
        bytes.extend_from_slice(question);
        bytes.push(b'}');
        let cleared = self.own("elicitation/create", bytes.into()).await?;
        outlet.send(cleared).await.ok()?;
        Some(asked)
    }

    /// Whether a message of the client answers a question of ours; then it is recorded and goes no further.
    pub(crate) async fn is_answer_to_us(&self, message: &Message, principal: Option<&Principal>) -> bool {
        let principal = principal.unwrap_or(&self.origin.principal);
        if !self.pipeline.asks().take(principal, message) {
            return false;
        }
        let bytes = message.bytes().clone();
        // What it means is recorded by the desk; this only says that it came.
        let _recorded = self.pipeline.own(&self.origin, Direction::FromClient, "elicitation/create", bytes).await;
        true
    }

    /// Hands an answer of the person behind the client to the desk. One that does not count changes nothing: the desk
    /// has recorded why.
    fn answer(&self, desk: &Desk, hold: &str, principal: &Principal, said: Said, reason: Option<String>) {
        let choice = match said {
            Said::Once => Choice::Once,
            Said::Session => Choice::Session,
            Said::Minutes(minutes) => Choice::For(Duration::from_secs(u64::from(minutes) * 60)),
            Said::Deny => Choice::Deny,
        };
        let answer = Answer {
            by: principal.name().into(),
            roles: roles_of(principal),
            way: Way::Client,
            choice,
            any_arguments: false,
            reason: reason.map(Into::into),
        };
        let _uncounted = desk.answer(hold, &answer);
    }

    /// Reports progress on a held call; `None` when its client did not ask for any, or is gone.
    async fn tell_progress(&self, message: &Message, outlet: Option<&Outlet>, done: f64) -> Option<()> {
        let token = message.meta().and_then(|meta| meta.get("progressToken"))?;
        let bytes = format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{},"progress":{done:.6},"message":"waiting for an approval"}}}}"#,
            token.text()
        );
        let cleared = self.own("notifications/progress", bytes.into()).await?;
        outlet?.send(cleared).await.ok()
    }

    /// Tells a client that what was asked at an address is over. Nothing hangs on it.
    async fn tell_complete(&self, id: &str, outlet: Option<&Outlet>) {
        let bytes = format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{{"elicitationId":"{id}"}}}}"#
        );
        if let (Some(outlet), Some(cleared)) =
            (outlet, self.own("notifications/elicitation/complete", bytes.into()).await)
        {
            let _gone = outlet.send(cleared).await;
        }
    }

    /// What the client gets that is to send its call again with an answer.
    async fn asked_again(&self, waiting: &Waiting<'_>, bytes: Bytes) -> Passage {
        let method = waiting.message.method().map_or("", gatehold_wire::Method::name);
        Passage { back: self.own(method, bytes).await, ..Passage::default() }
    }

    /// Records and clears a message of ours for the client.
    async fn own(&self, method: &str, bytes: Bytes) -> Option<Cleared> {
        self.pipeline.own(&self.origin, Direction::FromServer, method, bytes).await.ok().flatten()
    }

    fn facts_of<'a>(&'a self, waiting: &Waiting<'a>) -> Facts<'a> {
        let speaker = waiting.principal.unwrap_or(&self.origin.principal);
        waiting.observed.facts_from(&self.origin, speaker, waiting.direction, waiting.message)
    }
}

/// Whether we know who is asked: an answer of just anybody approves nothing.
fn is_identified(principal: &Principal) -> bool {
    principal.proof() != Proof::Anonymous
}

fn roles_of(principal: &Principal) -> Box<[Box<str>]> {
    principal.attributes().roles.clone()
}

/// Waits for the answer to a question; for ever when none was asked. `None` when it can no longer come.
async fn answered(asked: &mut Option<Asked<'_>>) -> Option<Message> {
    match asked {
        Some(waiting) => {
            let answer = (&mut waiting.answer).await.ok();
            *asked = None;
            answer
        }
        None => std::future::pending().await,
    }
}

async fn gone(outlet: Option<&Outlet>) {
    match outlet {
        Some(outlet) => outlet.gone().await,
        None => std::future::pending().await,
    }
}

/// Turns a hold into a denial.
fn deny(decision: &mut Decision, rule: &str, text: &str) {
    decision.verdict = Verdict::Deny;
    decision.demand = None;
    decision.edits.clear();
    decision.reasons.insert(0, Reason { rule: rule.into(), text: Some(text.into()) });
}

/// Takes what was meant for us out of a call that goes on.
fn taken_out(decision: &mut Decision, edit: Edit) {
    if matches!(decision.verdict, Verdict::Allow | Verdict::Redact) {
        decision.verdict = Verdict::Redact;
        decision.edits.push(edit);
    }
}
