//! Reads `concurrency`: how many calls may be under way at a time.

use std::time::Duration;

use gatehold_decide::document::Node;

use super::Reader;
use crate::limits::calls::CallLimits;

/// Keys of `concurrency`.
pub(crate) const CONCURRENCY: [&str; 6] =
    ["calls_max", "per_principal_max", "per_session_max", "per_server_max", "waiting_max", "wait_ms"];

const MOST: usize = 1_000_000;

impl Reader<'_> {
    /// The caps on calls.
    pub(super) fn concurrency(&mut self, node: &Node) -> CallLimits {
        let mut limits = CallLimits::default();
        for entry in self.table(node, &CONCURRENCY) {
            let node = &entry.node;
            match entry.key.as_str() {
                "calls_max" => limits.calls_max = self.number(node, 1, MOST),
                "per_principal_max" => limits.per_principal_max = Some(self.number(node, 1, MOST)),
                "per_session_max" => limits.per_session_max = Some(self.number(node, 1, MOST)),
                "per_server_max" => limits.per_server_max = Some(self.number(node, 1, MOST)),
                "waiting_max" => limits.waiting_max = self.number(node, 0, MOST),
                "wait_ms" => limits.wait = Duration::from_millis(self.number(node, 0, 600_000) as u64),
                _ => {}
            }
        }
        limits
    }
}
