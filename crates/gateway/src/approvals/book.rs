//! What the desk keeps in memory: what waits, what was approved, what was decided before. Time comes as an argument;
//! it writes nothing and tells nobody.
//!
//! Everything in it is bounded, and what would go beyond a bound is not approved.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use gatehold_decide::obligation::{Demand, Way};
use gatehold_session::Principal;
use gatehold_session::principal::Proof;
use tokio::sync::oneshot;

use super::answer::{Answer, AnswerError, Answered, Choice, NotOpened, Outcome, STANDING_MAX, Scope};
use super::binding::{Binding, Sum};
use super::hold::{EARLIER_MAX, Earlier, Hold};
use super::people::{APPROVER, People};

/// How long an approval of one message waits to be used: the message is at hand, or is sent again at once.
const CLAIM_LASTS: Duration = Duration::from_secs(60);
/// How long a call that a person has denied is denied without asking again.
const DENIAL_LASTS: Duration = Duration::from_secs(60);
/// An approval for a session is forgotten after this time if the session lives longer.
const SESSION_LASTS: Duration = Duration::from_secs(24 * 60 * 60);
/// Approvals for a session or a time that are kept. With more, one counts for its message only.
const STANDING_COUNT_MAX: usize = 4096;
/// Decisions that are remembered, to be shown with holds like them.
const PAST_COUNT_MAX: usize = 256;
/// Holds that one principal may open in a minute.
const OPENED_A_MINUTE_MAX: usize = 30;
const MINUTE: Duration = Duration::from_secs(60);
/// Principals whose second factor is remembered.
const STEPPED_COUNT_MAX: usize = 4096;

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Of everybody together.
    pub pending_max: usize,
    /// Of one principal.
    pub pending_per_principal_max: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { pending_max: 64, pending_per_principal_max: 8 }
    }
}

/// A message that waits, with what only the desk knows of it.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) hold: Hold,
    pub(super) binding: Binding,
    pub(super) demand: Demand,
    pub(super) principal: Principal,
    /// The names under which the caller could answer.
    pub(super) caller: Vec<Box<str>>,
    pub(super) deadline: Instant,
    pub(super) waiting: Option<oneshot::Sender<Outcome>>,
    /// Which attempt of its client waits.
    pub(super) turn: u32,
    /// The digests of the tokens that answer it from afar, once each.
    pub(super) tokens: Vec<Sum>,
    /// The digests of the tokens in addresses at which a code can be given.
    pub(super) addresses: Vec<Sum>,
    approvals: Vec<(Box<str>, Scope)>,
}

/// A hold that is over, before anybody has been told.
#[derive(Debug)]
#[must_use]
pub(super) struct Settled {
    pub(super) held: Held,
    pub(super) outcome: Outcome,
}

/// An approval that lets a message through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Satisfied {
    /// The id of the hold that was approved; in the reason as `approval:<id>`.
    pub id: Box<str>,
}

/// An approval that covers more than one message.
#[derive(Debug)]
struct Standing {
    id: Box<str>,
    alike: Sum,
    arguments: Option<Sum>,
    session: Option<Box<str>>,
    until: Instant,
}

/// An approval of one message that was not used yet.
#[derive(Debug)]
struct Claim {
    id: Box<str>,
    until: Instant,
}

/// A decision of before.
#[derive(Debug)]
struct Past {
    alike: Sum,
    arguments: Sum,
    at: Instant,
    shown: Earlier,
}

/// What the desk keeps in memory.
#[derive(Debug, Default)]
pub(super) struct Book {
    pending: HashMap<Box<str>, Held>,
    claims: HashMap<Sum, Claim>,
    standing: Vec<Standing>,
    stepped: HashMap<Principal, (Instant, Box<str>)>,
    past: VecDeque<Past>,
    opened: VecDeque<(Principal, Instant)>,
}

impl Held {
    pub(super) const fn new(
        hold: Hold,
        binding: Binding,
        demand: Demand,
        principal: Principal,
        caller: Vec<Box<str>>,
        deadline: Instant,
    ) -> Self {
        Self {
            hold,
            binding,
            demand,
            principal,
            caller,
            deadline,
            waiting: None,
            turn: 0,
            tokens: Vec::new(),
            addresses: Vec::new(),
            approvals: Vec::new(),
        }
    }

    pub(super) const fn needs_code(&self) -> bool {
        matches!(self.demand, Demand::StepUp(_))
    }

    fn is_caller(&self, name: &str, people: &People) -> bool {
        self.caller.iter().any(|caller| people.is_same(caller, name))
    }
}

impl Book {
    /// Whether one more hold of this principal may be opened now.
    pub(super) fn has_room(
        &mut self,
        principal: &Principal,
        binding: &Binding,
        bounds: Bounds,
        now: Instant,
    ) -> Result<(), NotOpened> {
        self.opened.retain(|(_, at)| now.duration_since(*at) < MINUTE);
        let denied = |past: &&Past| past.shown.outcome == "denied" && now.duration_since(past.at) < DENIAL_LASTS;
        if self
            .past
            .iter()
            .filter(denied)
            .any(|past| past.alike == binding.alike && past.arguments == binding.arguments)
        {
            return Err(NotOpened::JustDenied);
        }
        let of_principal = self.pending.values().filter(|held| held.principal == *principal).count();
        let lately = self.opened.iter().filter(|(opened, _)| opened == principal).count();
        let is_full = self.pending.len() >= bounds.pending_max
            || of_principal >= bounds.pending_per_principal_max
            || lately >= OPENED_A_MINUTE_MAX
            || self.opened.len() >= OPENED_A_MINUTE_MAX.saturating_mul(bounds.pending_max);
        if is_full { Err(NotOpened::Flooded) } else { Ok(()) }
    }

    /// Takes a hold in and fills in what was decided before.
    pub(super) fn open(&mut self, held: Held, now: Instant) {
        self.opened.push_back((held.principal.clone(), now));
        self.pending.insert(held.hold.id.as_str().into(), held);
    }

    /// What was decided before about the same thing, the latest first.
    pub(super) fn earlier(&self, binding: &Binding) -> Vec<Earlier> {
        let alike = self.past.iter().rev().filter(|past| past.alike == binding.alike);
        let shown =
            alike.map(|past| Earlier { same_arguments: past.arguments == binding.arguments, ..past.shown.clone() });
        shown.take(EARLIER_MAX).collect()
    }

    pub(super) fn pending(&self) -> impl Iterator<Item = &Held> {
        self.pending.values()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Held> {
        self.pending.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Held> {
        self.pending.get_mut(id)
    }

    /// Whether an answer counts.
    pub(super) fn admit(&self, id: &str, answer: &Answer, people: &People) -> Result<(), AnswerError> {
        let held = self.pending.get(id).ok_or(AnswerError::Unknown)?;
        let is_caller = held.is_caller(&answer.by, people);
        let approver: [Box<str>; 1] = [APPROVER.into()];
        let (wanted, count, ask): (&[Box<str>], u8, &[Way]) = match &held.demand {
            Demand::Approval(demand) if demand.roles.is_empty() => (&approver, demand.people, &demand.ask),
            Demand::Approval(demand) => (&demand.roles, demand.people, &demand.ask),
            Demand::StepUp(_) => (&approver, 1, &[]),
        };
        if !ask.is_empty() && !ask.contains(&answer.way) {
            return Err(AnswerError::NotAsked(answer.way));
        }
        let has_role = answer.roles.iter().any(|role| wanted.contains(role));
        if answer.choice == Choice::Deny {
            return if has_role || is_caller { Ok(()) } else { Err(AnswerError::Role(wanted.into())) };
        }
        let Demand::Approval(demand) = &held.demand else { return Err(AnswerError::NeedsCode) };
        if count > 1 && is_caller {
            return Err(AnswerError::OwnCall);
        }
        // At the client only the caller itself answers; it needs no role where the policy names none.
        let counts = match answer.way {
            Way::Client => is_caller && (demand.roles.is_empty() || has_role),
            Way::Admin | Way::Webhook | Way::Host => has_role,
        };
        if !counts {
            return Err(AnswerError::Role(wanted.into()));
        }
        if held.approvals.iter().any(|(by, _)| people.is_same(by, &answer.by)) {
            return Err(AnswerError::Twice);
        }
        match answer.choice {
            Choice::For(time) if time.is_zero() || time > STANDING_MAX => Err(AnswerError::Time),
            Choice::For(_) | Choice::Once | Choice::Session | Choice::Deny => Ok(()),
        }
    }

    /// Takes an answer that counts. What is settled waits for nothing any more, and nobody has been told yet.
    pub(super) fn take(&mut self, id: &str, answer: &Answer) -> Result<(Answered, Option<Settled>), AnswerError> {
        let held = self.pending.get_mut(id).ok_or(AnswerError::Unknown)?;
        let outcome = if answer.choice == Choice::Deny {
            Outcome::Denied { by: answer.by.clone(), reason: answer.reason.clone() }
        } else {
            held.approvals.push((answer.by.clone(), Scope::of(answer)));
            held.hold.approved_by.push(answer.by.to_string());
            let left = usize::from(held.hold.people).saturating_sub(held.approvals.len());
            if left > 0 {
                return Ok((Answered::Waiting(u8::try_from(left).unwrap_or(u8::MAX)), None));
            }
            let scope = held.approvals.iter().map(|(_, scope)| *scope).reduce(Scope::and).unwrap_or_default();
            Outcome::Approved { by: held.approvals.iter().map(|(by, _)| by.clone()).collect(), scope }
        };
        let settled = self.settle(id, outcome.clone());
        Ok((Answered::Settled(outcome), settled))
    }

    /// Ends a hold.
    pub(super) fn settle(&mut self, id: &str, outcome: Outcome) -> Option<Settled> {
        self.pending.remove(id).map(|held| Settled { held, outcome })
    }

    /// The holds whose time is over.
    pub(super) fn expired(&mut self, now: Instant) -> Vec<Settled> {
        let due = self.pending.iter().filter(|(_, held)| held.deadline <= now).map(|(id, _)| id.clone());
        let due: Vec<Box<str>> = due.collect();
        due.iter().filter_map(|id| self.settle(id, Outcome::Expired)).collect()
    }

    /// When the next hold expires.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.pending.values().map(|held| held.deadline).min()
    }

    /// Makes an outcome count: from now on the message, and what the approval covers, passes. Called once it is
    /// recorded.
    pub(super) fn apply(&mut self, settled: &Settled, at: i64, now: Instant) {
        let (held, outcome) = (&settled.held, &settled.outcome);
        let id: Box<str> = held.hold.id.as_str().into();
        let (name, by): (_, Vec<String>) = match outcome {
            Outcome::Approved { by, .. } => ("approved", by.iter().map(|by| by.to_string()).collect()),
            Outcome::Denied { by, .. } => ("denied", vec![by.to_string()]),
            Outcome::Expired => ("expired", Vec::new()),
        };
        if self.past.len() >= PAST_COUNT_MAX {
            self.past.pop_front();
        }
        let shown = Earlier { at, outcome: name.to_owned(), by, same_arguments: true };
        self.past.push_back(Past { alike: held.binding.alike, arguments: held.binding.arguments, at: now, shown });
        let Outcome::Approved { scope, .. } = outcome else { return };
        self.claims.retain(|_, claim| claim.until > now);
        self.claims.insert(held.binding.exact, Claim { id: id.clone(), until: now + CLAIM_LASTS });
        self.standing.retain(|standing| standing.until > now);
        if scope.is_once() || self.standing.len() >= STANDING_COUNT_MAX {
            return;
        }
        // Clients that are not authenticated are all one principal: what one of them was approved is not the others'.
        let in_session = scope.session || held.principal.proof() == Proof::Anonymous;
        self.standing.push(Standing {
            id,
            alike: held.binding.alike,
            arguments: (!scope.any_arguments).then_some(held.binding.arguments),
            session: in_session.then(|| held.binding.session.clone()),
            until: now + scope.time.unwrap_or(SESSION_LASTS).min(SESSION_LASTS),
        });
    }

    /// Whether an approval lets this message through. One for the message alone is used up by that.
    pub(super) fn satisfied(&mut self, binding: &Binding, now: Instant) -> Option<Satisfied> {
        if let Some(claim) = self.claims.remove(&binding.exact)
            && claim.until > now
        {
            return Some(Satisfied { id: claim.id });
        }
        let covers = |standing: &&Standing| {
            standing.until > now
                && standing.alike == binding.alike
                && standing.arguments.is_none_or(|arguments| arguments == binding.arguments)
                && standing.session.as_ref().is_none_or(|session| *session == binding.session)
        };
        self.standing.iter().find(covers).map(|standing| Satisfied { id: standing.id.clone() })
    }

    /// Notes that a principal has shown its second factor.
    pub(super) fn stepped_up(&mut self, principal: &Principal, id: Box<str>, now: Instant) {
        if self.stepped.len() >= STEPPED_COUNT_MAX && !self.stepped.contains_key(principal) {
            let oldest = self.stepped.iter().min_by_key(|(_, (at, _))| *at).map(|(principal, _)| principal.clone());
            if let Some(oldest) = oldest {
                self.stepped.remove(&oldest);
            }
        }
        self.stepped.insert(principal.clone(), (now, id));
    }

    /// The id of the principal's second factor, if it was shown within this time.
    pub(super) fn step_up(&self, principal: &Principal, lasts: Duration, now: Instant) -> Option<Satisfied> {
        let (at, id) = self.stepped.get(principal)?;
        (now.duration_since(*at) < lasts).then(|| Satisfied { id: id.clone() })
    }

    /// The ids of the holds that wait for a second factor of this principal.
    pub(super) fn awaiting_code(&self, principal: &Principal) -> Vec<Box<str>> {
        let waiting = self.pending.iter().filter(|(_, held)| held.needs_code() && held.principal == *principal);
        waiting.map(|(id, _)| id.clone()).collect()
    }
}
