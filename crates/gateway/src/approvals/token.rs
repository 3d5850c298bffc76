//! Answers from afar: each person who is needed gets a token that answers one hold, once. The desk keeps its digest only.
//! Whoever shows a token says who has answered, so what the token was sent to must know its people.

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
const SHOWN_BYTES_MAX: usize = 128;

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

    /// Takes an answer in that a webhook's token brings. The token is used up if the answer counts. `by` is who has
    /// answered, as the service says; the roles are those of `approvals.people`.
    ///
    /// # Errors
    /// It does not count, and nothing has changed. An unknown token and a hold that is over look the same.
    pub fn answer_by_token(
        &self,
        token: &str,
        by: &str,
        choice: Choice,
        any_arguments: bool,
        reason: Option<Box<str>>,
    ) -> Result<Answered, AnswerError> {
        if token.len() > SHOWN_BYTES_MAX {
            return Err(AnswerError::Unknown);
        }
        let shown = digest(token);
        // Taken out first, so that two answers at a time cannot both use it.
        let id = self.take_token(&shown).ok_or(AnswerError::Unknown)?;
        let roles = self.settings.people.roles_on_host(by);
        let answer = Answer { by: by.into(), roles, way: Way::Webhook, choice, any_arguments, reason };
        let answered = self.answer(&id, &answer);
        if answered.is_err()
            && let Some(held) = self.book().get_mut(&id)
        {
            held.tokens.push(shown);
        }
        answered
    }

    fn take_token(&self, shown: &Sum) -> Option<Box<str>> {
        let mut book = self.book();
        // All are compared, whichever it is.
        let mut found = None;
        for (id, held) in book.pending_mut() {
            for (at, token) in held.tokens.iter().enumerate() {
                let equal: Equal = token.ct_eq(shown);
                if bool::from(equal) {
                    found = Some((id.clone(), at));
                }
            }
        }
        let (id, at) = found?;
        book.get_mut(&id)?.tokens.swap_remove(at);
        Some(id)
    }
}

fn token() -> Option<Zeroizing<String>> {
    let mut random = Zeroizing::new([0_u8; TOKEN_BYTES]);
    getrandom::fill(&mut *random).ok()?;
    Some(Zeroizing::new(hex(&*random)))
}

fn digest(token: &str) -> Sum {
    Sha256::digest(token.as_bytes()).into()
}
