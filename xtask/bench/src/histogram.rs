//! Durations counted in buckets that are at most 0.8 % wide, so that a percentile costs no memory per call. It keeps
//! no single sample.

use std::time::Duration;

/// Buckets per doubling, as a power of two.
const PRECISION_BITS: u32 = 7;
/// Doublings above the precision: up to 2^40 ns, about 18 minutes; what is longer counts as that.
const DOUBLINGS: u32 = 34;

/// How often each duration was seen.
#[derive(Debug, Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; ((DOUBLINGS + 1) << PRECISION_BITS) as usize], total: 0 }
    }
}

impl Histogram {
    /// Counts one duration.
    pub fn add(&mut self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let bucket = bucket_of(nanoseconds).min(self.counts.len() - 1);
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
            self.total += 1;
        }
    }

    /// How many were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The duration, in microseconds, that this share of all (0 to 1) does not exceed; 0 if nothing was counted.
    #[must_use]
    pub fn percentile_us(&self, share: f64) -> f64 {
        let wanted = (self.total as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return middle_of(bucket) / 1_000.0;
            }
        }
        0.0
    }
}

/// The bucket of a number: exact below two to the precision, then this many buckets per doubling.
fn bucket_of(number: u64) -> usize {
    let doublings = (u64::BITS - number.leading_zeros()).saturating_sub(PRECISION_BITS + 1);
    ((u64::from(doublings) << PRECISION_BITS) + (number >> doublings)) as usize
}

/// The middle of a bucket.
fn middle_of(bucket: usize) -> f64 {
    let doublings = (bucket >> PRECISION_BITS).saturating_sub(1);
    let low = (bucket - (doublings << PRECISION_BITS)) as f64;
    let width = 2_f64.powi(i32::try_from(doublings).unwrap_or(i32::MAX));
    (low + 0.5) * width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_holds_its_own_middle() {
        for bucket in 0..((DOUBLINGS + 1) << PRECISION_BITS) as usize {
            assert_eq!(bucket_of(middle_of(bucket) as u64), bucket);
        }
    }

    #[test]
    fn percentiles_are_within_one_per_cent() {
        let mut histogram = Histogram::default();
        for microseconds in 1..=10_000_u64 {
            histogram.add(Duration::from_micros(microseconds));
        }
        for (share, expected) in [(0.5, 5_000.0), (0.99, 9_900.0), (1.0, 10_000.0)] {
            let found = histogram.percentile_us(share);
            assert!((found - expected).abs() / expected < 0.01, "{share}: {found}");
        }
        assert_eq!(histogram.total(), 10_000);
    }

    #[test]
    fn nothing_and_far_too_long_are_no_trouble() {
        let mut histogram = Histogram::default();
        assert!(histogram.percentile_us(0.5) < f64::EPSILON);
        histogram.add(Duration::MAX);
        assert!(histogram.percentile_us(0.5) > 1e9);
    }
}
