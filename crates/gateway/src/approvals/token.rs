//! Answers from afar: each person who is needed gets a token that answers one hold, once. The desk keeps its digest only.
//! Whoever shows a token says who has answered, so what the token was sent to must know its people.

use std::fmt;

use gatehold_decide::obligation::{Demand, Way};
use sha2::{Digest, Sha256};
use subtle::{Choice as Equal, ConstantTimeEq};
use zeroize::Zeroizing;

use super::Desk;
use super::answer::{Answer, AnswerError, Answered, Choice, NotOpened};
use super::binding::{Sum, hex};
use super::book::Held;

/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;
/// Bytes of a token that is shown to us.
pub(super) const SHOWN_BYTES_MAX: usize = 128;

/// A token as it is shown to us, and what it is shown for.
#[derive(Clone, Copy)]
pub struct ByToken<'a> {
    /// The hold that is answered. A token answers its own and no other.
    pub hold: &'a str,
    /// The token.
    pub token: &'a str,
    /// The digest of what whoever answers was shown.
    pub digest: &'a str,
    /// Who has answered, as the service says that the token was sent to.
    pub by: &'a str,
}

impl fmt::Debug for ByToken<'_> {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByToken").field("hold", &self.hold).field("by", &self.by).finish_non_exhaustive()
    }
}

impl Desk {
    /// Tells the webhook of a hold, with a token for each person, where the policy asks by that way.
    pub(super) fn tell_webhook(&self, held: &mut Held) -> Result<(), NotOpened> {
        let (Some(webhook), Demand::Approval(demand)) = (&self.webhook, &held.demand) else { return Ok(()) };
        if !demand.ask.is_empty() && !demand.ask.contains(&Way::Webhook) {
            return Ok(());
        }
        let tokens: Option<Vec<Zeroizing<String>>> = (0..demand.people.max(1)).map(|_| token()).collect();
        let tokens = tokens.ok_or_else(|| NotOpened::Failed("the system gives no randomness".to_owned()))?;
        held.tokens = tokens.iter().map(|token| digest(token)).collect();
        if !webhook.tell(&held.hold, &tokens) {
            // The other ways are still there.
            let fields = [("hold", &*held.hold.id), ("attempts", "0"), ("outcome", "too much waits to be told")];
            let _unrecorded = self.ledger.lifecycle("webhook_failed", &fields);
        }
        Ok(())
    }

    /// Takes an answer in that a webhook's token brings. The token is used up if the answer counts. The roles are
    /// those that `approvals.people` gives the name.
    ///
    /// # Errors
    /// It does not count, and nothing has changed. An unknown token, one of another hold and a hold that is over look the
    /// same.
    pub fn answer_by_token(
        &self,
        shown: &ByToken<'_>,
        choice: Choice,
        any_arguments: bool,
        reason: Option<Box<str>>,
    ) -> Result<Answered, AnswerError> {
        let ByToken { hold, token, digest: read, by } = *shown;
        if token.len() > SHOWN_BYTES_MAX {
            return Err(AnswerError::Unknown);
        }
        let sum = digest(token);
        // Taken out first, so that two answers at a time cannot both use it.
        if !self.take_token(hold, &sum) {
            return Err(AnswerError::Unknown);
        }
        let is_read = self.book().get(hold).is_some_and(|held| held.hold.digest == read);
        let answered = if is_read {
            let roles = self.settings.people.roles_on_host(by);
            self.answer(hold, &Answer { by: by.into(), roles, way: Way::Webhook, choice, any_arguments, reason })
        } else {
            Err(AnswerError::OtherMessage)
        };
        if answered.is_err()
            && let Some(held) = self.book().get_mut(hold)
        {
            held.tokens.push(sum);
        }
        answered
    }

    fn take_token(&self, hold: &str, shown: &Sum) -> bool {
        let mut book = self.book();
        let Some(held) = book.get_mut(hold) else { return false };
        let found = find(&held.tokens, shown);
        if let Some(at) = found {
            held.tokens.swap_remove(at);
        }
        found.is_some()
    }
}

/// Where a digest stands. All are compared, whichever it is.
pub(super) fn find(known: &[Sum], shown: &Sum) -> Option<usize> {
    let mut found = None;
    for (at, token) in known.iter().enumerate() {
        let equal: Equal = token.ct_eq(shown);
        if bool::from(equal) {
            found = Some(at);
        }
    }
    found
}

pub(super) fn token() -> Option<Zeroizing<String>> {
    let mut random = Zeroizing::new([0_u8; TOKEN_BYTES]);
    getrandom::fill(&mut *random).ok()?;
    Some(Zeroizing::new(hex(&*random)))
}

pub(super) fn digest(token: &str) -> Sum {
    Sha256::digest(token.as_bytes()).into()
}
