//! Second factors: one-time passwords by time (RFC 6238) and recovery codes, kept in the state folder. A code counts
//! once, wrong ones are counted, and after a few of them nobody's code counts for a while.
//!
//! Secrets stand in the folder sealed with a key in a file beside them. That keeps them out of copies, backups and views
//! of the one file; it does not keep them from whoever may read the whole folder, which is its user. No secret and no
//! code is printed or recorded.

use std::fmt;

use gatehold_evidence::{Ledger, LedgerError};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::approvals::hex;
use crate::state::{Locked, State, StateError};

mod recovery;
mod sealing;
#[cfg(test)]
mod tests;

pub use recovery::COUNT as RECOVERY_COUNT;

/// The document.
const DOCUMENT: &str = "mfa.json";
/// The length of a new secret in bytes: that of the hash's output (RFC 4226, section 4, R6, recommends 20).
const SECRET_BYTES: usize = 20;
/// How long one code is shown, in seconds (RFC 6238, section 5.2).
const STEP_SECONDS: u64 = 30;
/// Wrong codes of one principal, one after the other, until none counts for a while.
pub const WRONG_MAX: u32 = 5;
/// For how long, in seconds. Wrong codes that are older than this are forgotten.
pub const LOCKED_SECONDS: i64 = 15 * 60;
/// Enrolled principals.
const COUNT_MAX: usize = 1000;
/// Bytes of a principal's name.
const NAME_BYTES_MAX: usize = 256;
/// What authenticator apps show as the issuer.
const ISSUER: &str = "Gatehold";

/// The second factor of one principal, as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrolled {
    principal: String,
    /// When, in seconds since 1970.
    at: i64,
    /// The sealed secret.
    sealed: String,
    /// The step of the last code that counted: none before or at it counts again.
    last_step: u64,
    /// Wrong codes in a row, and when the last one came.
    wrong: u32,
    wrong_at: i64,
    recovery: recovery::Codes,
}

/// What may be shown of an enrolled principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The principal.
    pub principal: String,
    /// When it was enrolled, in seconds since 1970.
    pub at: i64,
    /// Recovery codes that are left.
    pub recovery_left: usize,
    /// Until when no code counts, if so.
    pub locked_until: Option<i64>,
}

/// A secret that was made and not confirmed yet: nothing is kept before its first code.
pub struct Offer {
    principal: String,
    secret: Zeroizing<Vec<u8>>,
    totp: Totp,
}

/// What kind of code counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// A one-time password.
    Password,
    /// A recovery code; so many are left.
    Recovery(usize),
}

/// Why a code does not count, or nobody was enrolled.
#[derive(Debug, thiserror::Error)]
pub enum MfaError {
    /// The principal has no second factor.
    #[error("{0} has no second factor here; `gatehold mfa enrol --principal NAME` makes one")]
    NotEnrolled(String),
    /// It has one already.
    #[error("{0} has a second factor already; take it away first with `gatehold mfa remove {0}`")]
    Enrolled(String),
    /// The code is wrong.
    #[error("the code is wrong")]
    Wrong,
    /// The code was right, and has been used.
    #[error("this code was used already; wait for the next one")]
    Used,
    /// Too many were wrong.
    #[error("too many codes were wrong; none counts for {0} more seconds")]
    Locked(i64),
    /// Anonymous clients are nobody.
    #[error("clients that are not authenticated have no second factor: nobody could tell whose it is")]
    Nobody,
    /// The name cannot be enrolled.
    #[error("{0}")]
    Unfit(String),
    /// The state folder cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// It could not be recorded, so it does not count.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl MfaError {
    /// The stable name, as it stands in records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotEnrolled(_) => "not_enrolled",
            Self::Enrolled(_) => "enrolled",
            Self::Wrong => "wrong",
            Self::Used => "used",
            Self::Locked(_) => "locked",
            Self::Nobody => "nobody",
            Self::Unfit(_) => "unfit",
            Self::State(_) | Self::Ledger(_) => "failed",
        }
    }
}

impl Offer {
    /// A new secret for a principal.
    ///
    /// # Errors
    /// The name cannot be enrolled, or the system gives no randomness.
    pub fn new(principal: &str) -> Result<Self, MfaError> {
        if principal.trim().is_empty() || principal.len() > NAME_BYTES_MAX || principal.chars().any(char::is_control) {
            return Err(MfaError::Unfit(format!("a principal's name has 1 to {NAME_BYTES_MAX} bytes")));
        }
        let mut secret = Zeroizing::new(vec![0; SECRET_BYTES]);
        getrandom::fill(&mut secret).map_err(|error| MfaError::Unfit(error.to_string()))?;
        let totp = totp(&secret, principal)?;
        Ok(Self { principal: principal.to_owned(), secret, totp })
    }

    /// The secret in base 32, for typing it into an app. Shown once.
    #[must_use]
    pub fn secret(&self) -> Zeroizing<String> {
        Zeroizing::new(self.totp.secret().to_base32())
    }

    /// The address that apps read from a QR code (`otpauth://`).
    ///
    /// # Errors
    /// It cannot be written.
    pub fn address(&self) -> Result<Zeroizing<String>, MfaError> {
        self.totp.to_url().map(Zeroizing::new).map_err(|error| MfaError::Unfit(error.to_string()))
    }

    /// The address as a QR code of block characters: dark modules are blocks, with the quiet zone around.
    ///
    /// # Errors
    /// It cannot be drawn.
    pub fn qr_code(&self) -> Result<Zeroizing<String>, MfaError> {
        let unfit = |error: qrcode::types::QrError| MfaError::Unfit(error.to_string());
        let code = qrcode::QrCode::new(self.address()?.as_bytes()).map_err(unfit)?;
        Ok(Zeroizing::new(code.render::<qrcode::render::unicode::Dense1x2>().quiet_zone(true).build()))
    }

    /// Keeps the secret, once its first code has shown that an app has it. Gives the recovery codes, which are shown
    /// once.
    ///
    /// # Errors
    /// The code is wrong, the principal is enrolled already, or nothing could be recorded or kept.
    pub fn accept(
        &self,
        state: &State,
        ledger: &Ledger,
        code: &str,
        by: &str,
        now: i64,
    ) -> Result<Vec<Zeroizing<String>>, MfaError> {
        let step = matching_step(&self.totp, code, now).ok_or(MfaError::Wrong)?;
        let locked = state.lock()?;
        let mut all: Vec<Enrolled> = locked.read(DOCUMENT)?;
        if all.iter().any(|enrolled| enrolled.principal == self.principal) {
            return Err(MfaError::Enrolled(self.principal.clone()));
        }
        if all.len() >= COUNT_MAX {
            return Err(MfaError::Unfit(format!("{COUNT_MAX} principals are enrolled already")));
        }
        let unfit = |cause: &str| MfaError::Unfit(cause.to_owned());
        let (recovery, codes) = recovery::Codes::new().ok_or_else(|| unfit("recovery codes could not be made"))?;
        let key = sealing::Key::of(&locked)?;
        let sealed = key.seal(&self.principal, &self.secret).ok_or_else(|| unfit("the secret could not be sealed"))?;
        ledger.lifecycle("mfa_enrolled", &[("principal", &self.principal), ("by", by)])?;
        let principal = self.principal.clone();
        all.push(Enrolled { principal, at: now, sealed, last_step: step, wrong: 0, wrong_at: 0, recovery });
        locked.write(DOCUMENT, &all)?;
        Ok(codes)
    }
}

impl fmt::Debug for Offer {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offer").field("principal", &self.principal).finish_non_exhaustive()
    }
}

/// Checks a code of a principal. A right one is used up by that, on the disk, before this returns.
///
/// Blocks: for a recovery code about as long as a slow hash takes.
///
/// # Errors
/// It does not count.
pub fn check(state: &State, principal: &str, code: &str, now: i64) -> Result<Counted, MfaError> {
    let locked = state.lock()?;
    let mut all: Vec<Enrolled> = locked.read(DOCUMENT)?;
    let found = all.iter_mut().find(|enrolled| enrolled.principal == principal);
    let enrolled = found.ok_or_else(|| MfaError::NotEnrolled(principal.to_owned()))?;
    if let Some(until) = enrolled.locked_until(now) {
        return Err(MfaError::Locked(until.saturating_sub(now)));
    }
    let counted = enrolled.count(&locked, code, now);
    match counted {
        Ok(_) => enrolled.wrong = 0,
        Err(MfaError::Wrong | MfaError::Used) => {
            let is_recent = now.saturating_sub(enrolled.wrong_at) < LOCKED_SECONDS;
            enrolled.wrong = if is_recent { enrolled.wrong.saturating_add(1) } else { 1 };
            enrolled.wrong_at = now;
        }
        Err(error) => return Err(error),
    }
    // What was not written could be used again: it does not count.
    locked.write(DOCUMENT, &all)?;
    counted
}

impl Enrolled {
    fn locked_until(&self, now: i64) -> Option<i64> {
        let until = self.wrong_at.saturating_add(LOCKED_SECONDS);
        (self.wrong >= WRONG_MAX && now < until).then_some(until)
    }

    /// Whether a code counts; if so it is used up.
    fn count(&mut self, locked: &Locked<'_>, code: &str, now: i64) -> Result<Counted, MfaError> {
        let code: Zeroizing<String> =
            Zeroizing::new(code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect());
        if code.len() == recovery::LENGTH {
            return self.recovery.take(&code).map(Counted::Recovery).ok_or(MfaError::Wrong);
        }
        let secret = sealing::Key::of(locked)?.open(&self.principal, &self.sealed);
        let secret = secret.ok_or_else(|| MfaError::Unfit("the secret cannot be opened with the key".to_owned()))?;
        let step = matching_step(&totp(&secret, &self.principal)?, &code, now).ok_or(MfaError::Wrong)?;
        if step <= self.last_step {
            return Err(MfaError::Used);
        }
        self.last_step = step;
        Ok(Counted::Password)
    }
}

/// Who is enrolled.
///
/// # Errors
/// The state folder cannot be used.
pub fn list(state: &State, now: i64) -> Result<Vec<Summary>, StateError> {
    let all: Vec<Enrolled> = state.read(DOCUMENT)?.unwrap_or_default();
    let summaries = all.iter().map(|enrolled| Summary {
        principal: enrolled.principal.clone(),
        at: enrolled.at,
        recovery_left: enrolled.recovery.left(),
        locked_until: enrolled.locked_until(now),
    });
    Ok(summaries.collect())
}

/// Takes a principal's second factor away.
///
/// # Errors
/// It has none, or it could not be recorded or taken away.
pub fn remove(state: &State, ledger: &Ledger, principal: &str, by: &str) -> Result<(), MfaError> {
    let locked = state.lock()?;
    let mut all: Vec<Enrolled> = locked.read(DOCUMENT)?;
    let before = all.len();
    all.retain(|enrolled| enrolled.principal != principal);
    if all.len() == before {
        return Err(MfaError::NotEnrolled(principal.to_owned()));
    }
    ledger.lifecycle("mfa_removed", &[("principal", principal), ("by", by)])?;
    locked.write(DOCUMENT, &all)?;
    Ok(())
}

/// One-time passwords of a secret: SHA-1, six digits, 30 seconds, as every app understands (RFC 6238).
fn totp(secret: &[u8], principal: &str) -> Result<Totp, MfaError> {
    // A colon would end the label.
    let account = principal.replace(':', "-");
    let builder = Builder::new().with_secret(secret).with_account_name(account).with_issuer(Some(ISSUER));
    builder.build().map_err(|error| MfaError::Unfit(error.to_string()))
}

/// The step that a code belongs to: the present one, the one before or the one after (RFC 6238, section 5.2, on delay and
/// drift).
fn matching_step(totp: &Totp, code: &str, now: i64) -> Option<u64> {
    let now = u64::try_from(now).ok()? / STEP_SECONDS;
    let steps = [now.saturating_sub(1), now, now.saturating_add(1)];
    let right = |step: &u64| {
        let expected = Zeroizing::new(totp.generate(step.saturating_mul(STEP_SECONDS)).to_string());
        bool::from(expected.as_bytes().ct_eq(code.as_bytes()))
    };
    // The latest one, so that no earlier step stays open for the same code.
    steps.iter().rev().find(|step| right(step)).copied()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}
