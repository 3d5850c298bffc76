//! Addresses at which a person gives the code that a call waits for: each has a one-time token of its own, of which the
//! desk keeps the digest. Who holds a token sees what waits and may try codes; only a code of the caller's own second
//! factor lets the call go on.

use gatehold_decide::obligation::Way;
use zeroize::Zeroizing;

use super::Desk;
use super::answer::{Answer, AnswerError, Answered, Choice};
use super::hold::Hold;
use super::token::{SHOWN_BYTES_MAX, digest, find, token};
use crate::mfa::{Counted, MfaError};

/// Addresses of one hold: a client that asks again and again gets no more.
const COUNT_MAX: usize = 8;

impl Desk {
    /// The origin under which people reach the management side, where one is configured.
    pub(crate) fn public_url(&self) -> Option<&str> {
        self.settings.public_url.as_deref()
    }

    /// A new address for a hold that waits for a code; `None` where none can be made.
    pub(crate) fn address(&self, hold: &str) -> Option<Zeroizing<String>> {
        let base = self.public_url()?;
        let token = token()?;
        let mut book = self.book();
        let held = book.get_mut(hold).filter(|held| held.needs_code() && held.addresses.len() < COUNT_MAX)?;
        held.addresses.push(digest(&token));
        Some(Zeroizing::new(format!("{base}/holds/{hold}/{}", *token)))
    }

    /// Whether somebody was sent to an address of this hold.
    pub(crate) fn has_address(&self, hold: &str) -> bool {
        self.book().get(hold).is_some_and(|held| !held.addresses.is_empty())
    }

    /// What waits at an address. Nothing is used up by looking: programs look at addresses too.
    pub(crate) fn at_address(&self, hold: &str, token: &str) -> Option<Hold> {
        if token.len() > SHOWN_BYTES_MAX {
            return None;
        }
        let sum = digest(token);
        self.book().get(hold).filter(|held| find(&held.addresses, &sum).is_some()).map(|held| held.hold.clone())
    }

    /// Takes a code in that was given at an address. One that counts ends the hold, and its addresses with it. `None`
    /// when there is no such address.
    ///
    /// Blocks as `give_code` does.
    pub(crate) fn code_at_address(&self, hold: &str, token: &str, code: &str) -> Option<Result<Counted, MfaError>> {
        self.at_address(hold, token)?;
        Some(self.give_code_for(hold, code))
    }

    /// Takes a no in that was given at an address: whoever was asked does not want the call.
    pub(crate) fn deny_at_address(&self, hold: &str, token: &str) -> Option<Result<Answered, AnswerError>> {
        let shown = self.at_address(hold, token)?;
        let answer = Answer {
            by: shown.principal.into(),
            roles: [].into(),
            way: Way::Client,
            choice: Choice::Deny,
            any_arguments: false,
            reason: None,
        };
        Some(self.answer(hold, &answer))
    }
}
