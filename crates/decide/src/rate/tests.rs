//! Rates at their edges: bursts, window borders, clocks that jump, numbers at their bounds; and properties that hold
//! for every run of messages.

use proptest::prelude::*;

use super::*;

const START: u64 = 1_780_000_000_000_000;
const SECOND: u64 = 1_000_000;

fn rate(count: u32, seconds: u64, burst: u32, manner: Manner) -> Rate {
    Rate { count, per: Duration::from_secs(seconds), burst, manner }
}

/// The times of the messages that are let through.
fn through(rate: &Rate, times: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let meter = Meter::of(rate);
    let mut count = Count::default();
    let mut passed = Vec::new();
    for now in times {
        if let Ok(next) = meter.charge(count, now) {
            count = next;
            passed.push(now);
        }
    }
    passed
}

#[test]
fn a_bucket_gives_its_burst_and_then_refills_evenly() {
    let rate = rate(60, 60, 5, Manner::Bucket);
    let at_once = through(&rate, std::iter::repeat_n(START, 10));
    assert_eq!(at_once.len(), 5);
    let flood = through(&rate, (0..100_000).map(|step| START + step * 100));
    assert_eq!(flood.len(), 5 + 9, "5 at once, then one a second for 10 seconds");
    let wait = Meter::of(&rate).charge(Count([5 * 60 * SECOND, START, 0]), START).unwrap_err();
    assert_eq!(wait, Duration::from_secs(1));
}

#[test]
fn a_burst_at_the_edge_of_a_fixed_window_passes_twice_and_in_a_sliding_one_not() {
    let edge = START / (60 * SECOND) * 60 * SECOND + 60 * SECOND;
    let times = || std::iter::repeat_n(edge - 1, 20).chain(std::iter::repeat_n(edge, 20));
    assert_eq!(through(&rate(10, 60, 1, Manner::Fixed), times()).len(), 20);
    assert_eq!(through(&rate(10, 60, 1, Manner::Sliding), times()).len(), 10);
    assert_eq!(through(&rate(10, 60, 10, Manner::Bucket), times()).len(), 10);
}

#[test]
fn the_time_that_is_told_is_the_time_that_it_takes() {
    for manner in [Manner::Bucket, Manner::Fixed, Manner::Sliding] {
        for (count, seconds, burst) in [(1, 1, 1), (7, 1, 3), (10, 60, 10), (1_000_000, 86_400, 100), (3, 3600, 1)] {
            let meter = Meter::of(&rate(count, seconds, burst, manner));
            let (mut kept, mut now) = (Count::default(), START + 123_457);
            for _ in 0..2 * burst.max(count.min(50)) {
                match meter.charge(kept, now) {
                    Ok(next) => kept = next,
                    Err(wait) => {
                        let wait = micros(wait);
                        assert!(wait > 0, "{manner:?} {count}/{seconds}");
                        let early = (wait - 1).saturating_sub(meter.unit);
                        assert!(meter.charge(kept, now + early).is_err(), "{manner:?} {count}/{seconds} {wait}");
                        now += wait;
                        kept = meter.charge(kept, now).unwrap_or_else(|more| {
                            panic!("{manner:?} {count}/{seconds}: {wait} µs are not enough, {more:?} more")
                        });
                    }
                }
            }
        }
    }
}

#[test]
fn a_clock_that_is_set_back_gives_nothing_and_blocks_nobody_for_long() {
    for manner in [Manner::Bucket, Manner::Fixed, Manner::Sliding] {
        let meter = Meter::of(&rate(10, 60, 10, manner));
        let mut count = Count::default();
        for _ in 0..10 {
            count = meter.charge(count, START).unwrap();
        }
        for back in [1, SECOND / 2, 3600 * SECOND, START] {
            let wait = meter.charge(count, START - back).unwrap_err();
            assert!(wait <= Duration::from_secs(121), "{manner:?} {back} {wait:?}");
        }
        // Having gone back and gone on for two minutes, it counts as ever.
        let early = START - 3600 * SECOND;
        assert!(meter.charge(count, early).is_err());
        assert!(meter.charge(count, early + 24 * 3600 * SECOND).is_ok(), "{manner:?}");
    }
}

#[test]
fn threads_that_read_the_clock_side_by_side_gain_nothing() {
    for manner in [Manner::Bucket, Manner::Fixed, Manner::Sliding] {
        let edge = START / (60 * SECOND) * 60 * SECOND;
        let times = (0..1000).map(|step| if step % 2 == 0 { edge } else { edge - 1 });
        assert_eq!(through(&rate(10, 60, 10, manner), times).len(), 10, "{manner:?}");
    }
}

#[test]
fn the_largest_and_the_smallest_rates_stay_within_their_numbers() {
    for manner in [Manner::Bucket, Manner::Fixed, Manner::Sliding] {
        for rate in [
            Rate { count: u32::MAX, per: Duration::MAX, burst: u32::MAX, manner },
            Rate { count: 0, per: Duration::ZERO, burst: 0, manner },
            Rate { count: u32::MAX, per: Duration::ZERO, burst: 0, manner },
            Rate { count: 0, per: Duration::MAX, burst: u32::MAX, manner },
        ] {
            let meter = Meter::of(&rate);
            for count in [Count::default(), Count([u64::MAX; 3]), Count([EXACT_MAX, START, START])] {
                for now in [0, 1, START, u64::MAX] {
                    if let Ok(next) = meter.charge(count, now) {
                        let _any = meter.charge(next, now);
                    }
                    let _any = meter.forgettable(count);
                }
            }
            let kept = meter.charge(Count::default(), START).unwrap();
            assert!(kept.0.iter().all(|number| *number <= EXACT_MAX), "{rate:?} {kept:?}");
        }
    }
}

#[test]
fn a_rate_is_read_as_it_is_written_and_nothing_else_is() {
    assert_eq!(written("100/m"), Some((100, Duration::from_secs(60))));
    assert_eq!(written("1000000000/d"), Some((COUNT_MAX, Duration::from_secs(86_400))));
    for wrong in [
        "",
        "/",
        "0/s",
        "+1/s",
        "-1/s",
        "1/",
        "1/w",
        "1/ s",
        "1 /s",
        "1000000001/s",
        "99999999999/s",
        "1.5/s",
        "m/1",
        "1/m/m",
    ] {
        assert_eq!(written(wrong), None, "{wrong}");
    }
}

#[test]
fn rates_are_said_in_words() {
    assert_eq!(rate(10, 60, 1, Manner::Bucket).words(), "10 a minute");
    assert_eq!(rate(3, 7, 1, Manner::Bucket).words(), "3 every 7 seconds");
}

fn manners() -> impl Strategy<Value = Manner> {
    prop_oneof![Just(Manner::Bucket), Just(Manner::Fixed), Just(Manner::Sliding)]
}

proptest! {
    /// A bucket lets through at most its burst and what refills; a fixed window its count in each window; a sliding
    /// one its count, by its own weighing, and never more than twice that in any span.
    #[test]
    fn no_run_of_messages_passes_a_limit(
        manner in manners(), count in 1_u32..50, burst in 1_u32..50, seconds in 1_u64..100,
        steps in prop::collection::vec(0_u64..3_000_000, 1..400),
    ) {
        let rate = rate(count, seconds, burst, manner);
        let mut now = START;
        let times: Vec<u64> = steps.iter().map(|step| { now += step; now }).collect();
        let passed = through(&rate, times);
        let per = seconds * SECOND;
        for (index, from) in passed.iter().enumerate() {
            let within = |span: u64| passed[index..].iter().filter(|at| **at - from < span).count() as u64;
            match manner {
                Manner::Bucket => {
                    for span in [per / 7, per, 3 * per] {
                        let most = u64::from(burst) + (span * u64::from(count)).div_ceil(per);
                        prop_assert!(within(span) <= most);
                    }
                }
                Manner::Fixed => {
                    let window = from / per;
                    let here = passed.iter().filter(|at| **at / per == window).count() as u64;
                    prop_assert!(here <= u64::from(count));
                }
                Manner::Sliding => {
                    let window = from / per;
                    let here = passed.iter().filter(|at| **at / per == window).count() as u64;
                    prop_assert!(here <= u64::from(count) && within(per) <= 2 * u64::from(count));
                }
            }
        }
    }

    /// A count that may be forgotten says no more than an empty one.
    #[test]
    fn what_is_forgotten_made_no_difference(
        manner in manners(), count in 1_u32..50, burst in 1_u32..50, seconds in 1_u64..100, messages in 1_usize..60,
    ) {
        let meter = Meter::of(&rate(count, seconds, burst, manner));
        let mut kept = Count::default();
        for _ in 0..messages {
            kept = meter.charge(kept, START).unwrap_or(kept);
        }
        let mut now = meter.forgettable(kept);
        let mut fresh = Count::default();
        for step in 0..100_u64 {
            now += step * 1000;
            let (a, b) = (meter.charge(kept, now), meter.charge(fresh, now));
            prop_assert_eq!(a.is_ok(), b.is_ok());
            if let (Ok(a), Ok(b)) = (a, b) {
                (kept, fresh) = (a, b);
            }
        }
    }
}
