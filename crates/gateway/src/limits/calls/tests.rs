//! Places for calls: caps hold, places come back whatever happens to who had them, and nobody is starved.

use std::sync::atomic::{AtomicUsize, Ordering};

use gatehold_session::{Origin, Principal, Transport};
use gatehold_wire::{Limits, Message};

use super::*;

fn origin(principal: &str, session: &str, server: &str) -> Origin {
    let proof = if principal == "anonymous" { Proof::Anonymous } else { Proof::ApiKey };
    Origin {
        session: session.into(),
        principal: Principal::new(principal, proof),
        server: server.into(),
        transport: Transport::StreamableHttp,
    }
}

async fn enter(calls: &Arc<Calls>, origin: &Origin) -> Result<Permit, NoPlace> {
    let text = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}"#;
    let message = Message::parse(text.into(), &Limits::default()).unwrap();
    calls.enter(&Facts::of(origin, Direction::FromClient, &message, None)).await
}

fn calls(limits: CallLimits) -> Arc<Calls> {
    Arc::new(Calls::new(limits))
}

#[tokio::test]
async fn each_cap_holds_and_a_place_that_is_given_back_is_used_again() {
    let none = CallLimits { wait: Duration::ZERO, ..CallLimits::default() };
    let (a, b) = (origin("ada", "s1", "one"), origin("bob", "s2", "two"));
    for (limits, others) in [
        (CallLimits { calls_max: 2, ..none }, false),
        (CallLimits { per_principal_max: Some(2), ..none }, true),
        (CallLimits { per_session_max: Some(2), ..none }, true),
        (CallLimits { per_server_max: Some(2), ..none }, true),
    ] {
        let calls = calls(limits);
        let first = enter(&calls, &a).await.unwrap();
        let second = enter(&calls, &a).await.unwrap();
        assert_eq!(enter(&calls, &a).await.unwrap_err(), NoPlace, "{limits:?}");
        assert_eq!(enter(&calls, &b).await.is_ok(), others, "{limits:?}");
        drop(first);
        drop(enter(&calls, &a).await.unwrap());
        assert_eq!(calls.counts(), (1, 0));
        drop(second);
        assert!(calls.state().counts.is_empty(), "nothing is kept of who has no call");
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_refused_after_the_time_and_takes_nothing() {
    let calls = calls(CallLimits { calls_max: 1, wait: Duration::from_millis(300), ..CallLimits::default() });
    let a = origin("ada", "s", "one");
    let held = enter(&calls, &a).await.unwrap();
    let started = tokio::time::Instant::now();
    assert_eq!(enter(&calls, &a).await.unwrap_err(), NoPlace);
    assert_eq!(started.elapsed(), Duration::from_millis(300));
    // One that is dropped while it waits, as when its client goes away, leaves the queue too.
    assert!(timeout(Duration::from_millis(10), enter(&calls, &a)).await.is_err());
    assert_eq!(calls.counts(), (1, 0));
    drop(held);
    assert_eq!(calls.counts(), (0, 0));
    assert!(enter(&calls, &a).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn places_go_round_among_those_who_wait() {
    let calls = calls(CallLimits { calls_max: 1, wait: Duration::from_secs(60), ..CallLimits::default() });
    let held = enter(&calls, &origin("greedy", "s", "one")).await.unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    let who = std::iter::repeat_n("greedy", 50).chain(["ada", "bob"]);
    for name in who {
        let (calls, order) = (Arc::clone(&calls), Arc::clone(&order));
        tasks.push(tokio::spawn(async move {
            let permit = enter(&calls, &origin(name, "s", "one")).await.unwrap();
            order.lock().unwrap().push(name);
            tokio::task::yield_now().await;
            drop(permit);
        }));
        tokio::task::yield_now().await;
    }
    assert_eq!(calls.counts(), (1, 52));
    drop(held);
    for task in tasks {
        task.await.unwrap();
    }
    let order = order.lock().unwrap();
    let place = |name: &str| order.iter().position(|found| *found == name).unwrap();
    assert!(place("ada") <= 2 && place("bob") <= 3, "{order:?}");
}

#[tokio::test(start_paused = true)]
async fn when_the_waiting_room_is_full_the_greediest_makes_room() {
    let limits = CallLimits { calls_max: 1, waiting_max: 4, wait: Duration::from_secs(60), ..CallLimits::default() };
    let calls = calls(limits);
    let held = enter(&calls, &origin("greedy", "s", "one")).await.unwrap();
    let spawn = |name: &'static str| {
        let calls = Arc::clone(&calls);
        tokio::spawn(async move { enter(&calls, &origin(name, "s", "one")).await.map(drop) })
    };
    let greedy: Vec<_> = (0..4).map(|_| spawn("greedy")).collect();
    tokio::task::yield_now().await;
    assert_eq!(calls.counts(), (1, 4));
    assert_eq!(enter(&calls, &origin("greedy", "s", "one")).await.unwrap_err(), NoPlace, "its own kind fills the room");
    let ada = spawn("ada");
    tokio::task::yield_now().await;
    assert_eq!(calls.counts(), (1, 4));
    drop(held);
    assert_eq!(ada.await.unwrap(), Ok(()));
    let mut refused = 0;
    for task in greedy {
        refused += u32::from(task.await.unwrap().is_err());
    }
    assert_eq!(refused, 1);
    assert_eq!(calls.counts(), (0, 0));
}

#[test]
fn caps_hold_and_nothing_is_lost_with_many_threads_that_come_and_go() {
    let limits = CallLimits {
        calls_max: 5,
        per_principal_max: Some(3),
        waiting_max: 20,
        wait: Duration::from_millis(5),
        ..CallLimits::default()
    };
    let calls = calls(limits);
    let inside = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (calls, inside) = (&calls, &inside);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let one = |turn: usize| async move {
                        let origin = origin(["ada", "bob", "eve"][(thread + turn) % 3], "s", "one");
                        if let Ok(permit) = enter(calls, &origin).await {
                            assert!(inside.fetch_add(1, Ordering::SeqCst) < 5);
                            tokio::time::sleep(Duration::from_micros(turn as u64 % 50)).await;
                            inside.fetch_sub(1, Ordering::SeqCst);
                            drop(permit);
                        }
                    };
                    for round in 0..60 {
                        futures_util::future::join_all((0..8).map(|turn| one(round * 8 + turn))).await;
                    }
                });
            });
        }
    });
    assert_eq!(calls.counts(), (0, 0));
    assert!(calls.state().counts.is_empty() && calls.state().queues.is_empty() && calls.state().turns.is_empty());
}
