//! The counters of this process: a table in parts, each behind its own lock, with a hard cap on each. What is full again
//! is forgotten first and needs no place; a counter that still says something is never forgotten, so a part that is
//! full of them takes no further one, and what would need it is refused.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatehold_decide::rate::{Count, Meter};

use crate::limits::key::LocalKey;

/// Parts of the table.
const PARTS: usize = 64;
/// Counters at a time, of all parts together.
pub(crate) const COUNTERS_MAX: usize = 262_144;

/// One message against one counter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Charge {
    pub(crate) key: LocalKey,
    pub(crate) meter: Meter,
}

/// Why a message is not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Which of the charges refused it.
    pub(crate) index: usize,
    /// How long until it would be let through.
    pub(crate) wait: Duration,
    /// Whether there is no place for the counter, rather than a count that is too high.
    pub(crate) is_full: bool,
}

/// The table.
#[derive(Debug)]
pub(crate) struct Table {
    parts: Box<[Mutex<Part>]>,
    part_max: usize,
}

#[derive(Debug, Default)]
struct Part {
    counters: HashMap<u128, Counter, BuildHasherDefault<AsItIs>>,
    /// Before this time nothing can be forgotten: looking for something would be in vain.
    forgettable: u64,
}

#[derive(Debug, Clone, Copy)]
struct Counter {
    count: Count,
    /// When it may be forgotten, in microseconds since 1970.
    until: u64,
}

/// Keys are hashes already, with a secret.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, key: u128) {
        self.0 = key as u64;
    }
}

impl Table {
    /// A table for so many counters.
    pub(crate) fn new(counters_max: usize) -> Self {
        Self { parts: (0..PARTS).map(|_| Mutex::default()).collect(), part_max: (counters_max / PARTS).max(1) }
    }

    /// Counts one message against all of `charges`, or, if one of them refuses it, against none. `now` is in
    /// microseconds since 1970.
    pub(crate) fn charge(&self, charges: &[Charge], now: u64) -> Result<(), Passed> {
        if let [charge] = charges {
            let mut part = self.lock(part_of(charge));
            let (count, is_new) = part.next(charge, now).map_err(|wait| Passed { index: 0, wait, is_full: false })?;
            if is_new {
                part.make_room(1, self.part_max, now).map_err(|wait| Passed { index: 0, wait, is_full: true })?;
            }
            part.set(charge, count);
            return Ok(());
        }
        self.charge_all(charges, now)
    }

    fn charge_all(&self, charges: &[Charge], now: u64) -> Result<(), Passed> {
        // In the order of the parts, so that two messages never wait for each other.
        let mut order: Vec<usize> = charges.iter().map(part_of).collect();
        order.sort_unstable();
        order.dedup();
        let mut parts: Vec<(usize, MutexGuard<'_, Part>, usize)> =
            order.into_iter().map(|at| (at, self.lock(at), 0)).collect();
        let mut counts = Vec::with_capacity(charges.len());
        let mut longest: Option<Passed> = None;
        for (index, charge) in charges.iter().enumerate() {
            let Some((_, part, news)) = parts.iter_mut().find(|(at, ..)| *at == part_of(charge)) else { continue };
            match part.next(charge, now) {
                Ok((count, is_new)) => {
                    *news += usize::from(is_new);
                    counts.push(count);
                }
                Err(wait) => longest = longer(longest, Passed { index, wait, is_full: false }),
            }
        }
        if let Some(passed) = longest {
            return Err(passed);
        }
        for (at, part, news) in &mut parts {
            if let (1.., Err(wait)) = (*news, part.make_room(*news, self.part_max, now)) {
                let index = charges.iter().position(|charge| part_of(charge) == *at).unwrap_or_default();
                return Err(Passed { index, wait, is_full: true });
            }
        }
        for (charge, count) in charges.iter().zip(counts) {
            if let Some((_, part, _)) = parts.iter_mut().find(|(at, ..)| *at == part_of(charge)) {
                part.set(charge, count);
            }
        }
        Ok(())
    }

    /// How many counters are kept.
    pub(crate) fn len(&self) -> usize {
        (0..PARTS).map(|at| self.lock(at).counters.len()).sum()
    }

    fn lock(&self, at: usize) -> MutexGuard<'_, Part> {
        // INVARIANT: `at` comes from `part_of`, and so many parts there are. A panic under the lock leaves whole
        // entries behind.
        let part = self.parts.get(at).or(self.parts.first());
        match part {
            Some(part) => part.lock().unwrap_or_else(PoisonError::into_inner),
            None => unreachable!("a table has parts"),
        }
    }
}

impl Part {
    /// The count after one more message, and whether the counter is not there yet.
    fn next(&self, charge: &Charge, now: u64) -> Result<(Count, bool), Duration> {
        let kept = self.counters.get(&charge.key.key);
        let count = charge.meter.charge(kept.map(|kept| kept.count).unwrap_or_default(), now)?;
        Ok((count, kept.is_none()))
    }

    fn set(&mut self, charge: &Charge, count: Count) {
        let until = charge.meter.forgettable(count);
        self.forgettable = self.forgettable.min(until);
        self.counters.insert(charge.key.key, Counter { count, until });
    }

    /// Makes room for so many more counters by forgetting those that say nothing any more.
    fn make_room(&mut self, more: usize, most: usize, now: u64) -> Result<(), Duration> {
        if self.counters.len() + more <= most {
            return Ok(());
        }
        if now >= self.forgettable {
            self.counters.retain(|_, counter| counter.until > now);
            self.forgettable = self.counters.values().map(|counter| counter.until).min().unwrap_or(u64::MAX);
        }
        if self.counters.len() + more <= most {
            return Ok(());
        }
        Err(Duration::from_micros(self.forgettable.saturating_sub(now)))
    }
}

fn part_of(charge: &Charge) -> usize {
    charge.key.home as usize % PARTS
}

fn longer(known: Option<Passed>, found: Passed) -> Option<Passed> {
    match known {
        Some(known) if known.wait >= found.wait => Some(known),
        _ => Some(found),
    }
}

#[cfg(test)]
mod tests;
