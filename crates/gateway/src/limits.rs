//! How much anybody may do: what every message of a client is charged against after it was decided and before it is
//! recorded. All limits of one message are charged at once, or none of them is.
//!
//! A limit only ever refuses what is charged against it. What cannot be counted, because the table is full or the shared
//! store is out of reach, is refused as well, unless the operator chose otherwise.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use gatehold_decide::obligation::Limit;
use gatehold_decide::rate::Meter;
use gatehold_decide::{Decision, Reason, Verdict};
use gatehold_session::{Direction, Facts};
use gatehold_wire::Kind;

pub mod calls;
pub(crate) mod key;
pub(crate) mod table;

pub mod rates;
pub mod shared;

use calls::{CallLimits, Calls, Permit};
use key::{LocalKeys, Written, shared_key};
use rates::Rates;
use shared::{Shared, SharedConfig, Unavailable};
use table::{COUNTERS_MAX, Charge, Passed, Table};

/// When to try again while the shared store is out of reach.
const UNAVAILABLE_WAIT: Duration = Duration::from_secs(1);

/// When to try again when as many calls are under way as may be.
const NO_PLACE_WAIT: Duration = Duration::from_secs(1);

/// Everything that is counted, and by which rules.
#[derive(Debug)]
pub struct Limiter {
    rates: ArcSwap<Rates>,
    clock: Clock,
    keys: LocalKeys,
    table: Table,
    calls: Arc<Calls>,
    shared: Option<Shared>,
    refused: AtomicU64,
}

/// The time of the counters: that of the day at the start, and from there on only forward, whatever is done to the
/// clock of the machine.
#[derive(Debug)]
struct Clock {
    started: Instant,
    at_start: u64,
}

/// A limit and where it was written.
#[derive(Debug, Clone, Copy)]
struct Applied<'a> {
    written: Written,
    limit: &'a Limit,
}

/// Why something was not let through.
#[derive(Debug, Clone)]
struct Refusal {
    /// What refused: the limit, or what could not count.
    reason: Arc<str>,
    text: Arc<str>,
    wait: Duration,
}

impl Limiter {
    /// Counts in this process.
    #[must_use]
    pub fn new(rates: Rates) -> Self {
        Self {
            rates: ArcSwap::from_pointee(rates),
            clock: Clock::new(),
            keys: LocalKeys::default(),
            table: Table::new(COUNTERS_MAX),
            calls: Arc::new(Calls::new(CallLimits::default())),
            shared: None,
            refused: AtomicU64::new(0),
        }
    }

    /// Counts in a store that several gateways share.
    ///
    /// # Errors
    /// The store's URL cannot be used; the words do not repeat it.
    pub fn sharing(self, config: &SharedConfig) -> Result<Self, String> {
        Ok(Self { shared: Some(Shared::new(config)?), ..self })
    }

    /// Replaces the rates of the configuration. Counters of limits that did not change go on.
    pub fn replace_rates(&self, rates: Rates) {
        self.rates.store(Arc::new(rates));
    }

    /// Replaces the caps on calls that are under way.
    pub fn replace_calls(&self, limits: CallLimits) {
        self.calls.replace(limits);
    }

    /// A place for a call that is about to go on; `None` for what takes none.
    ///
    /// # Errors
    /// There is no place: the decision that says so.
    pub(crate) async fn enter(&self, decision: &Decision, facts: &Facts<'_>) -> Result<Option<Permit>, Box<Decision>> {
        let goes_on = matches!(decision.verdict, Verdict::Allow | Verdict::Redact);
        if !goes_on || !Calls::counts_for(facts) {
            return Ok(None);
        }
        self.calls.enter(facts).await.map(Some).map_err(|calls::NoPlace| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            let mut denied = decision.clone();
            Refusal::no_place().deny(&mut denied);
            Box::new(denied)
        })
    }

    /// How many counters this process keeps, and how many messages passed a limit, in the Prometheus text format.
    pub(crate) fn exposition(&self) -> String {
        let (counters, refused) = (self.table.len(), self.refused.load(Ordering::Relaxed));
        let (calls, waiting) = self.calls.counts();
        format!(
            "# HELP gatehold_calls Calls that are under way.\n# TYPE gatehold_calls gauge\ngatehold_calls {calls}\n\
             # HELP gatehold_calls_waiting Calls that wait for a place.\n\
             # TYPE gatehold_calls_waiting gauge\ngatehold_calls_waiting {waiting}\n\
             # HELP gatehold_limit_counters Counters of limits that are kept in this process.\n\
             # TYPE gatehold_limit_counters gauge\ngatehold_limit_counters {counters}\n\
             # HELP gatehold_limited_total Messages that passed a limit and were refused.\n\
             # TYPE gatehold_limited_total counter\ngatehold_limited_total {refused}\n{}",
            self.shared.as_ref().map_or(String::new(), |shared| format!(
                "# HELP gatehold_shared_state_up Whether the shared store of limits answers.\n\
                 # TYPE gatehold_shared_state_up gauge\ngatehold_shared_state_up {}\n",
                u8::from(shared.is_up())
            ))
        )
    }

    /// Charges a message that is about to go on against every limit that concerns it. A limit that is passed makes the
    /// decision a denial.
    pub(crate) async fn charge(&self, decision: &mut Decision, facts: &Facts<'_>) {
        let is_asking = matches!(facts.kind, Kind::Request | Kind::Notification);
        if facts.direction != Direction::FromClient || !is_asking || decision.verdict == Verdict::Deny {
            return;
        }
        let rates = self.rates.load();
        if decision.limits.is_empty() && rates.is_empty() {
            return;
        }
        let of_policy = decision.limits.iter().map(|limit| Applied { written: Written::Policy, limit });
        let of_config = rates.matching(facts).map(|limit| Applied { written: Written::Config, limit });
        let applied: Vec<Applied<'_>> = of_policy.chain(of_config).collect();
        if applied.is_empty() {
            return;
        }
        let charged = match &self.shared {
            None => self.charge_here(&applied, facts),
            Some(shared) => self.charge_shared(shared, &applied, facts).await,
        };
        if let Err(refusal) = charged {
            drop(applied);
            self.refused.fetch_add(1, Ordering::Relaxed);
            refusal.deny(decision);
        }
    }

    /// Charges the counters that gateways share.
    async fn charge_shared(&self, shared: &Shared, applied: &[Applied<'_>], facts: &Facts<'_>) -> Result<(), Refusal> {
        let charges: Vec<_> = applied
            .iter()
            .map(|Applied { written, limit }| {
                let meter = Meter::of(&limit.rate);
                (shared_key(*written, limit, &meter, facts), meter)
            })
            .collect();
        match shared.charge(&charges).await {
            Ok(Ok(())) => {
                if shared.falls_back() {
                    // So that nobody begins anew when this gateway has to count by itself.
                    let _passed = self.charge_here(applied, facts);
                }
                Ok(())
            }
            Ok(Err(passed)) => Err(Refusal::of(applied, &passed)),
            Err(_) if shared.falls_back() => self.charge_here(applied, facts),
            Err(unavailable) => Err(Refusal::unavailable(&unavailable)),
        }
    }

    /// Charges the counters of this process.
    fn charge_here(&self, applied: &[Applied<'_>], facts: &Facts<'_>) -> Result<(), Refusal> {
        let mut charges: Vec<Charge> = Vec::with_capacity(applied.len());
        for Applied { written, limit } in applied {
            let meter = Meter::of(&limit.rate);
            charges.push(Charge { key: self.keys.of(*written, limit, &meter, facts), meter });
        }
        self.table.charge(&charges, self.clock.now()).map_err(|passed| Refusal::of(applied, &passed))
    }
}

impl Default for Limiter {
    fn default() -> Self {
        Self::new(Rates::default())
    }
}

impl Clock {
    fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), at_start: micros(since) }
    }

    /// Microseconds since 1970-01-01 UTC.
    fn now(&self) -> u64 {
        self.at_start.saturating_add(micros(self.started.elapsed()))
    }
}

impl Refusal {
    fn of(applied: &[Applied<'_>], passed: &Passed) -> Self {
        let Some(Applied { limit, .. }) = applied.get(passed.index) else {
            return Self { reason: "limit:".into(), text: "A limit was passed.".into(), wait: passed.wait };
        };
        let text = match (&limit.text, passed.is_full) {
            (_, true) => "The gateway counts as many callers as it can.".into(),
            (Some(text), false) => Arc::clone(text),
            (None, false) => format!("At most {} are let through.", limit.rate.words()).into(),
        };
        Self { reason: format!("limit:{}", limit.name).into(), text, wait: passed.wait }
    }

    fn no_place() -> Self {
        let text = "As many calls are under way as may be.";
        Self { reason: "limit:concurrency".into(), text: text.into(), wait: NO_PLACE_WAIT }
    }

    /// What cannot be counted is not let through. The cause is the operator's business and stands in the log.
    fn unavailable(_cause: &Unavailable) -> Self {
        let text = "The gateway cannot count at the moment, so it lets nothing through that must be counted.";
        Self { reason: Reason::STATE_UNAVAILABLE.into(), text: text.into(), wait: UNAVAILABLE_WAIT }
    }

    /// Makes a decision the denial that this is.
    fn deny(self, decision: &mut Decision) {
        let reason = Reason { rule: self.reason, text: Some(self.text) };
        decision.reasons.insert(0, reason);
        decision.verdict = Verdict::Deny;
        decision.hidden = false;
        decision.edits.clear();
        decision.demand = None;
        decision.retry_after = Some(self.wait);
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
