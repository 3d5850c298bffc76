//! What a decision depends on beside the message, its facts and the policy: the time, and what was granted. Values, so
//! that a decision can be made again tomorrow with the values of today.

pub use gatehold_session::Tally;

use crate::grant::Grant;
use crate::redact::Means;

/// The circumstances of one decision.
#[derive(Debug, Clone, Copy, Default)]
pub struct Situation<'a> {
    /// Seconds since 1970-01-01 UTC.
    pub now: i64,
    /// The grants there are; those that are over or not yet valid are passed over.
    pub grants: &'a [Grant],
    /// What was counted in the session so far.
    pub tally: Tally,
    /// What redaction needs.
    pub means: Means<'a>,
}
