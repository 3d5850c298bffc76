//! The breaker's three states, and what is never repeated.

use gatehold_wire::{Limits, Message};

use super::*;

const CONFIG: BreakerConfig =
    BreakerConfig { failures: 3, window: Duration::from_secs(10), open: Duration::from_secs(5), counts_5xx: true };

#[test]
fn failures_within_the_window_open_it_and_one_call_closes_it_again() {
    let (breaker, start) = (Breaker::new(CONFIG), Instant::now());
    let at = |seconds: u64| start + Duration::from_secs(seconds);
    assert!(!breaker.failed(at(0)) && !breaker.failed(at(6)));
    assert!(!breaker.failed(at(11)), "the first is forgotten");
    assert!(breaker.failed(at(12)));
    assert_eq!(breaker.enter(at(13)), Err(Duration::from_secs(4)));
    assert!(!breaker.failed(at(14)), "what was asked before does not make it longer");
    breaker.succeeded();
    assert!(breaker.enter(at(16)).is_err(), "nor shorter");
    assert_eq!(breaker.enter(at(17)), Ok(()));
    assert_eq!(breaker.enter(at(17)), Err(Duration::from_secs(5)), "one at a time");
    assert!(breaker.failed(at(18)));
    assert!(breaker.enter(at(22)).is_err());
    assert_eq!(breaker.enter(at(23)), Ok(()));
    breaker.succeeded();
    assert!(breaker.enter(at(23)).is_ok() && breaker.enter(at(23)).is_ok());
    assert!(!breaker.failed(at(23)), "it begins anew");
}

#[test]
fn a_probe_that_never_comes_back_blocks_nothing_for_ever() {
    let (breaker, start) = (Breaker::new(CONFIG), Instant::now());
    for _ in 0..3 {
        breaker.failed(start);
    }
    assert!(breaker.enter(start + CONFIG.open).is_ok());
    assert!(breaker.enter(start + CONFIG.open + Duration::from_secs(4)).is_err());
    assert!(breaker.enter(start + CONFIG.open * 2).is_ok());
}

#[test]
fn calls_are_never_repeated_unless_their_tool_is_named() {
    let retries = RetryConfig { count_max: 2, tools: [Glob::new("read_*").unwrap()].into(), ..RetryConfig::default() };
    let may = |method: &str, name: &str| {
        let text =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{"name":"{name}","uri":"x:y"}}}}"#);
        retries.may_repeat(&Asked::by(&Message::parse(text.into(), &Limits::default()).unwrap()))
    };
    for method in ["tools/list", "resources/read", "prompts/get", "ping"] {
        assert!(may(method, "x"), "{method}");
    }
    assert!(may("tools/call", "read_file") && !may("tools/call", "write_file"));
    for method in ["initialize", "resources/subscribe", "logging/setLevel", "tasks/cancel", "something/else"] {
        assert!(!may(method, "read_x"), "{method}");
    }
}

#[test]
fn a_server_that_is_away_is_not_asked_ever_more() {
    let budget = Budget::new();
    let repeated = (0..1000).filter(|_| budget.withdraw()).count();
    assert_eq!(repeated, 10);
    (0..100).for_each(|_| budget.deposit());
    assert_eq!((0..1000).filter(|_| budget.withdraw()).count(), 10, "a tenth of what was asked");
}
