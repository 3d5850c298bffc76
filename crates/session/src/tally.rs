//! What was counted in one session: numbers that policies may ask for. It never decides, and never forgets.

/// What was counted in one session before the message that is decided. Counters stay at their maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Requests of the client.
    pub requests: u32,
    /// Tools called.
    pub calls: u32,
    /// Requests of the client that did not go on.
    pub denied: u32,
    /// Messages with findings of severity `high` or above.
    pub alarming: u32,
}
