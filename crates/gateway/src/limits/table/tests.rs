//! The table of counters: all or none, full and still right, and many threads at once.

use std::sync::atomic::{AtomicU64, Ordering};

use gatehold_decide::obligation::{Manner, Rate};

use super::*;

const NOW: u64 = 1_780_000_000_000_000;

fn meter(count: u32, seconds: u64) -> Meter {
    Meter::of(&Rate { count, per: Duration::from_secs(seconds), burst: count, manner: Manner::Bucket })
}

fn charge(key: u128, home: u64, meter: Meter) -> Charge {
    Charge { key: LocalKey { key, home }, meter }
}

#[test]
fn all_counters_are_charged_or_none_is() {
    let table = Table::new(COUNTERS_MAX);
    let (wide, narrow) = (charge(1, 1, meter(10, 60)), charge(2, 2, meter(2, 60)));
    for _ in 0..2 {
        table.charge(&[wide, narrow], NOW).unwrap();
    }
    for _ in 0..20 {
        let passed = table.charge(&[wide, narrow], NOW).unwrap_err();
        assert_eq!((passed.index, passed.wait, passed.is_full), (1, Duration::from_secs(30), false));
    }
    // The wide one was charged twice and not twenty-two times.
    for _ in 0..8 {
        table.charge(&[wide], NOW).unwrap();
    }
    assert!(table.charge(&[wide], NOW).is_err());
}

#[test]
fn the_longest_wait_is_told() {
    let table = Table::new(COUNTERS_MAX);
    let (short, long) = (charge(1, 1, meter(1, 60)), charge(2, 1, meter(1, 3600)));
    table.charge(&[short, long], NOW).unwrap();
    let passed = table.charge(&[short, long], NOW).unwrap_err();
    assert_eq!((passed.index, passed.wait), (1, Duration::from_secs(3600)));
}

#[test]
fn a_full_part_refuses_new_counters_and_forgets_none_that_says_something() {
    let table = Table::new(64 * 8);
    let hour = meter(2, 3600);
    let exhausted = charge(0, 0, hour);
    table.charge(&[exhausted], NOW).unwrap();
    table.charge(&[exhausted], NOW).unwrap();
    for key in 1..8 {
        table.charge(&[charge(key, 0, hour)], NOW).unwrap();
    }
    for key in 100..1000 {
        let passed = table.charge(&[charge(key, 0, hour)], NOW + 1).unwrap_err();
        assert!(passed.is_full && passed.wait > Duration::from_secs(1700), "{passed:?}");
    }
    assert!(!table.charge(&[exhausted], NOW + 1).unwrap_err().is_full, "it is still known, and still exhausted");
    assert_eq!(table.len(), 8);
    table.charge(&[charge(100, 1, hour)], NOW).expect("another part has room");
    // Half an hour later those with one message are full again and make room; the exhausted one is not, and stays.
    let later = NOW + 1801 * 1_000_000;
    table.charge(&[charge(100, 0, hour)], later).unwrap();
    table.charge(&[exhausted], later).unwrap();
    assert!(table.charge(&[exhausted], later).is_err());
}

#[test]
fn several_new_counters_of_one_message_do_not_pass_the_cap() {
    let table = Table::new(64 * 4);
    let hour = meter(2, 3600);
    let charges: Vec<Charge> = (0..6).map(|key| charge(key, 0, hour)).collect();
    assert!(table.charge(&charges, NOW).unwrap_err().is_full);
    assert_eq!(table.len(), 0);
    table.charge(&charges[..4], NOW).unwrap();
    assert_eq!(table.len(), 4);
}

#[test]
fn many_threads_together_pass_no_limit() {
    let table = Table::new(COUNTERS_MAX);
    let passed = AtomicU64::new(0);
    let (one, two) = (charge(1, 1, meter(1000, 3600)), charge(2, 9, meter(1500, 3600)));
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (table, passed) = (&table, &passed);
            scope.spawn(move || {
                for turn in 0..2000 {
                    // In both orders: locks must not cross.
                    let both = if (thread + turn) % 2 == 0 { [one, two] } else { [two, one] };
                    if table.charge(&both, NOW).is_ok() {
                        passed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(passed.into_inner(), 1000);
}

/// `cargo test --release -p gatehold-gateway --lib what_a_charge_costs -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn what_a_charge_costs() {
    let table = Table::new(COUNTERS_MAX);
    for limits in [1, 3] {
        let started = std::time::Instant::now();
        for turn in 0..1_000_000_u128 {
            let key = turn % 10_000 * 8;
            let charges: [Charge; 3] =
                std::array::from_fn(|at| charge(key + at as u128, key as u64, meter(1_000_000, 60)));
            table.charge(&charges[..limits], NOW + turn as u64).unwrap();
        }
        println!("{limits} limits: {} ns a message", started.elapsed().as_nanos() / 1_000_000);
    }
}
