//! Codes of second factors at the desk: one that counts lets go on what waits for it, and lasts as long as the policy
//! says, for its principal only.

use std::time::Instant;

use gatehold_evidence::LedgerError;
use gatehold_session::Principal;
use gatehold_session::principal::Proof;

use super::answer::{Outcome, Scope};
use super::{Desk, new_id, unix_seconds};
use crate::mfa::{self, Counted, MfaError};

impl Desk {
    /// Takes a code of the principal's second factor in. If it counts, what waits for it goes on, and later calls pass as
    /// long as their policy says.
    ///
    /// Blocks for writes to the disk, and for a recovery code as long as a slow hash takes.
    ///
    /// # Errors
    /// It does not count, and nothing has changed but the number of wrong codes.
    pub fn give_code(&self, principal: &Principal, code: &str) -> Result<Counted, MfaError> {
        let checked = match &self.state {
            _ if principal.proof() == Proof::Anonymous => Err(MfaError::Nobody),
            Some(state) => mfa::check(state, principal.name(), code, unix_seconds()),
            None => Err(MfaError::NotEnrolled(principal.name().to_owned())),
        };
        match checked {
            Ok(counted) => {
                self.second_factor_shown(principal)?;
                Ok(counted)
            }
            Err(error) => {
                let fields = [("principal", principal.name()), ("why", error.name())];
                self.ledger.lifecycle("second_factor_refused", &fields)?;
                Err(error)
            }
        }
    }

    /// Takes a code in for the principal whose message waits as `id`.
    ///
    /// # Errors
    /// As for `give_code`; `MfaError::Unfit` when nothing of this id waits for a code.
    pub fn give_code_for(&self, id: &str, code: &str) -> Result<Counted, MfaError> {
        let principal = self.book().get(id).filter(|held| held.needs_code()).map(|held| held.principal.clone());
        match principal {
            Some(principal) => self.give_code(&principal, code),
            None => Err(MfaError::Unfit("nothing of this id waits for a code".to_owned())),
        }
    }

    pub(super) fn second_factor_shown(&self, principal: &Principal) -> Result<(), LedgerError> {
        let now = Instant::now();
        let id: Box<str> = new_id().unwrap_or_default().into();
        let mut book = self.book();
        self.expire(&mut book, now);
        self.ledger.lifecycle("second_factor_shown", &[("id", &id), ("principal", principal.name())])?;
        book.stepped_up(principal, id, now);
        for id in book.awaiting_code(principal) {
            let by = [principal.name().into()].into();
            if let Some(settled) = book.settle(&id, Outcome::Approved { by, scope: Scope::default() }) {
                self.conclude(&mut book, settled, now);
            }
        }
        Ok(())
    }
}
