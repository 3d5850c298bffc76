//! Records that requests were not admitted. Whoever has no credential can send as many as it likes, so the record and
//! the log take a few a second and count the rest.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gatehold_evidence::Ledger;

use super::NotAdmitted;

/// Records of requests that were not admitted, a second.
const RECORDS_A_SECOND: u32 = 5;

/// How many requests were not admitted.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    total: AtomicU64,
    window: Mutex<Window>,
}

#[derive(Debug, Default)]
struct Window {
    second: u64,
    recorded: u32,
    unrecorded: u64,
}

impl Refusals {
    /// Takes note of one. `now` counts from the start of the gateway.
    pub(crate) fn note(&self, why: NotAdmitted, now: Duration, ledger: &Ledger) {
        self.total.fetch_add(1, Ordering::Relaxed);
        let unrecorded = {
            let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
            if window.second != now.as_secs() {
                (window.second, window.recorded) = (now.as_secs(), 0);
            }
            if window.recorded >= RECORDS_A_SECOND {
                window.unrecorded += 1;
                return;
            }
            window.recorded += 1;
            std::mem::take(&mut window.unrecorded)
        };
        let (what, detail) = match why {
            NotAdmitted::Missing => ("missing", ""),
            NotAdmitted::Malformed(detail) => ("malformed", detail),
            NotAdmitted::Invalid(detail) => ("invalid", detail),
            NotAdmitted::Unavailable(detail) => ("unchecked", detail),
        };
        let earlier = unrecorded.to_string();
        let fields = [("credential", what), ("why", detail), ("not_recorded_before", &earlier)];
        let fields = fields.iter().filter(|(_, value)| !value.is_empty() && *value != "0").copied();
        // While nothing can be recorded nothing can be sent either, so the failure is noticed there.
        let _unrecorded = ledger.lifecycle("not_admitted", &fields.collect::<Vec<_>>());
    }

    /// How many there were since the start.
    pub(crate) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }
}
