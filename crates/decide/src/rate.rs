//! How rates are counted: a token bucket (GCRA in its leaky-bucket form), fixed windows and sliding ones, in whole
//! numbers. Time is an argument, so the same calls at the same times always end the same.
//!
//! It keeps nothing: what is kept of a counter goes in and comes out as three numbers, which the table of the process
//! and the script of the shared store both hold. No number ever exceeds `EXACT_MAX`, so that the store, which counts in
//! floating point, comes to the very same results.

use std::time::Duration;

use crate::obligation::{Manner, Rate};

#[cfg(test)]
mod tests;

/// The most messages of a rate, and the largest burst.
pub const COUNT_MAX: u32 = 1_000_000_000;
/// The longest time of a rate.
pub const PER_MAX: Duration = Duration::from_secs(31 * 24 * 60 * 60);
/// The shortest time of a rate.
pub const PER_MIN: Duration = Duration::from_millis(1);
/// The largest whole number up to which floating point misses none (2^53).
pub const EXACT_MAX: u64 = 1 << 53;
/// A clock that goes back by less than this is read as standing still: threads read it side by side. One that goes back
/// further was set anew, and is believed.
pub const SKEW_MAX: Duration = Duration::from_secs(1);

/// What is kept of one counter. Three numbers whose meaning the manner gives; all zero before the first message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count(pub [u64; 3]);

/// A rate made ready for counting: in a unit of time in which every product stays exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Meter {
    manner: Manner,
    /// Microseconds of one unit of time.
    unit: u64,
    /// The time of the rate, in units; at least 1.
    per: u64,
    /// Messages in that time; at least 1.
    count: u64,
    /// Messages at once (bucket only); at least 1.
    burst: u64,
}

impl Meter {
    /// Makes a rate ready. What lies outside of the bounds above is brought within them.
    #[must_use]
    pub fn of(rate: &Rate) -> Self {
        let count = u64::from(rate.count.clamp(1, COUNT_MAX));
        let burst = u64::from(rate.burst.clamp(1, COUNT_MAX));
        let micros = micros(rate.per.clamp(PER_MIN, PER_MAX));
        let most = match rate.manner {
            Manner::Bucket => burst,
            Manner::Fixed | Manner::Sliding => count,
        };
        let fits = |unit: &u64| micros.div_ceil(*unit).saturating_mul(most) <= EXACT_MAX;
        let unit = [1, 1_000].into_iter().find(fits).unwrap_or(1_000_000);
        Self { manner: rate.manner, unit, per: micros.div_ceil(unit), count, burst }
    }

    /// How it counts.
    #[must_use]
    pub const fn manner(&self) -> Manner {
        self.manner
    }

    /// What a store that counts by itself is told: microseconds of a unit, units of the time, messages in it, burst.
    #[must_use]
    pub const fn numbers(&self) -> [u64; 4] {
        [self.unit, self.per, self.count, self.burst]
    }

    /// Counts one message at `now` (microseconds since 1970-01-01 UTC).
    ///
    /// # Errors
    /// The message is one too many: how long until the next one is let through, if no other comes before it. The count
    /// stays as it was.
    pub fn charge(&self, count: Count, now: u64) -> Result<Count, Duration> {
        let now = now / self.unit;
        match self.manner {
            Manner::Bucket => self.charge_bucket(count, now),
            Manner::Fixed => self.charge_fixed(count, now),
            Manner::Sliding => self.charge_sliding(count, now),
        }
        .map_err(|units| Duration::from_micros(units.saturating_mul(self.unit)))
    }

    /// When a count may be forgotten, since it then says no more than an empty one: microseconds since 1970.
    #[must_use]
    pub fn forgettable(&self, count: Count) -> u64 {
        let [first, second, third] = count.0;
        let units = match self.manner {
            Manner::Bucket => second.saturating_add(first.div_ceil(self.count)).saturating_add(1),
            Manner::Fixed => third.saturating_add(1).saturating_mul(self.per),
            Manner::Sliding => third.saturating_add(2).saturating_mul(self.per),
        };
        units.saturating_mul(self.unit)
    }

    /// `[level, at, 0]`: each message adds `per` to the level, each unit of time takes `count` from it.
    fn charge_bucket(&self, Count([level, at, _]): Count, now: u64) -> Result<Count, u64> {
        let at = self.clock(at, now);
        let leaked = now.saturating_sub(at).saturating_mul(self.count);
        let level = level.saturating_sub(leaked).saturating_add(self.per);
        let room = self.burst.saturating_mul(self.per);
        if level > room {
            return Err((level - room).div_ceil(self.count));
        }
        Ok(Count([level, at.max(now), 0]))
    }

    /// `[current, 0, window]`.
    fn charge_fixed(&self, count: Count, now: u64) -> Result<Count, u64> {
        let (current, _, window) = self.windows(count, now);
        if current >= self.count {
            return Err(self.until(window.saturating_add(1), now));
        }
        Ok(Count([current + 1, 0, window]))
    }

    /// `[current, previous, window]`: what came in the previous window counts for as much of it as a window that ends
    /// now still covers.
    fn charge_sliding(&self, count: Count, now: u64) -> Result<Count, u64> {
        let (current, previous, window) = self.windows(count, now);
        let left = self.until(window.saturating_add(1), now).min(self.per);
        if current < self.count {
            let room = (self.count - current - 1).saturating_mul(self.per);
            if previous.saturating_mul(left) <= room {
                return Ok(Count([current + 1, previous, window]));
            }
            // The previous window must have left so far that the rest of it fits.
            return Err(left - room / previous.max(1));
        }
        let room = (self.count - 1).saturating_mul(self.per);
        Err(left + self.per.saturating_sub(room / current.max(1)))
    }

    /// The counts of the window of `now` and of the one before, and its number.
    fn windows(&self, Count([current, previous, window]): Count, now: u64) -> (u64, u64, u64) {
        let here = now / self.per;
        let back = micros(SKEW_MAX) / self.unit;
        if here == window {
            (current, previous, window)
        } else if here == window.saturating_add(1) {
            (0, current, here)
        } else if here > window {
            (0, 0, here)
        } else if window.saturating_mul(self.per).saturating_sub(now) <= back {
            (current, previous, window)
        } else {
            // The clock was set back: what was counted is kept.
            (current, previous, here)
        }
    }

    /// The time to count from: one that lies far ahead is of a clock that was set back since.
    fn clock(&self, at: u64, now: u64) -> u64 {
        let back = micros(SKEW_MAX) / self.unit;
        if at.saturating_sub(now) > back { now } else { at }
    }

    /// Units until a window begins; at least 1.
    fn until(&self, window: u64, now: u64) -> u64 {
        window.saturating_mul(self.per).saturating_sub(now).max(1)
    }
}

/// A rate as it is written: a count from 1 to `COUNT_MAX`, a slash, and `s`, `m`, `h` or `d`.
#[must_use]
pub fn written(text: &str) -> Option<(u32, Duration)> {
    let (count, unit) = text.split_once('/')?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    // Only digits: the standard library would take a sign.
    let count = count.bytes().all(|byte| byte.is_ascii_digit()).then(|| count.parse::<u32>().ok()).flatten()?;
    (1..=COUNT_MAX).contains(&count).then_some((count, Duration::from_secs(seconds)))
}

impl Rate {
    /// The rate in words: `10 a minute`.
    #[must_use]
    pub fn words(&self) -> String {
        let time = match self.per.as_secs() {
            1 => "a second".to_owned(),
            60 => "a minute".to_owned(),
            3600 => "an hour".to_owned(),
            86_400 => "a day".to_owned(),
            0 => format!("every {} ms", self.per.as_millis()),
            seconds => format!("every {seconds} seconds"),
        };
        format!("{} {time}", self.count)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
