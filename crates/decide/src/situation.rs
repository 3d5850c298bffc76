//! What a decision depends on beside the message, its facts and the policy: the time, and what was granted. Values, so
//! that a decision can be made again tomorrow with the values of today.

use crate::grant::Grant;

/// The circumstances of one decision.
#[derive(Debug, Clone, Copy, Default)]
pub struct Situation<'a> {
    /// Seconds since 1970-01-01 UTC.
    pub now: i64,
    /// The grants there are; those that are over or not yet valid are passed over.
    pub grants: &'a [Grant],
    /// What was counted in the session so far.
    pub tally: Tally,
}

/// What was counted in one session before the message that is decided. Counters stay at their maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Requests of the client.
    pub requests: u32,
    /// Tools called.
    pub calls: u32,
    /// Requests that were denied.
    pub denied: u32,
    /// Messages with findings of severity `high` or above.
    pub alarming: u32,
}
