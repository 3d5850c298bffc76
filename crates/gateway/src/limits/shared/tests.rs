//! The shared store, a real one: the same counts as in the process, never waiting beyond the budget, and back again by
//! itself. The server is Debian's package `redis-server` (or `valkey-server`), on a Unix socket of its own.

use std::process::{Child, Command, Stdio};

use gatehold_decide::obligation::Rate;
use gatehold_decide::rate::Count;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::*;

struct Server {
    folder: TempDir,
    process: Child,
}

impl Server {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let process = Self::run(&folder);
        Self { folder, process }
    }

    /// Every write is on the disk before it is answered, so that a server that is killed forgets nothing.
    fn run(folder: &TempDir) -> Child {
        let program = ["redis-server", "valkey-server"].into_iter().find(|program| {
            Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
        });
        let program = program.expect("redis-server or valkey-server is installed: `cargo xtask setup redis` says how");
        let socket = folder.path().join("redis.sock");
        let mut process = Command::new(program)
            .args(["--port", "0", "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--unixsocket"])
            .arg(&socket)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..1000 {
            if std::os::unix::net::UnixStream::connect(&socket).is_ok() {
                return process;
            }
            assert!(process.try_wait().unwrap().is_none(), "the server ended");
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server does not listen");
    }

    fn url(&self) -> String {
        format!("redis+unix://{}", self.folder.path().join("redis.sock").display())
    }

    fn shared(&self, budget: Duration) -> Shared {
        let config = SharedConfig { url: self.url().into(), budget, prefix: "test".to_owned(), falls_back: false };
        Shared::new(&config).unwrap()
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

const BUDGET: Duration = Duration::from_millis(50);

fn meter(count: u32, seconds: u64, manner: Manner) -> Meter {
    Meter::of(&Rate { count, per: Duration::from_secs(seconds), burst: count, manner })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Charges until something else than success comes back, or so often.
async fn passed(shared: &Shared, charges: &[([u8; 16], Meter)], times: u32) -> u32 {
    let mut passed = 0;
    for _ in 0..times {
        passed += u32::from(matches!(shared.charge(charges).await, Ok(Ok(()))));
    }
    passed
}

#[test]
fn two_gateways_together_pass_no_limit_and_charge_all_or_nothing() {
    let server = Server::start();
    block_on(async {
        let (one, two) = (server.shared(Duration::from_secs(5)), server.shared(Duration::from_secs(5)));
        let (wide, narrow) = (([1; 16], meter(30, 3600, Manner::Bucket)), ([2; 16], meter(20, 3600, Manner::Sliding)));
        let both = [wide, narrow];
        let (a, b) = tokio::join!(passed(&one, &both, 40), passed(&two, &both, 40));
        assert_eq!(a + b, 20);
        let refused = one.charge(&both).await.unwrap().unwrap_err();
        assert!(refused.index == 1 && refused.wait > Duration::from_secs(60), "{refused:?}");
        assert_eq!(passed(&two, &[wide], 40).await, 10, "what the narrow one refused cost nothing");
    });
}

/// The script and the process count alike: the same messages at the same times, of every kind of rate.
#[test]
fn the_script_counts_exactly_as_the_process_does() {
    let server = Server::start();
    let source = include_str!("charge.lua").replace("redis.call('TIME')", "{ARGV[#ARGV - 1], ARGV[#ARGV]}");
    assert!(source.contains("#ARGV"), "the time is replaced");
    block_on(async {
        let client = Client::open(server.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let script = Script::new(&source);
        let mut seed = 88_172_645_463_325_252_u64;
        let mut random = |below: u64| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed % below
        };
        for round in 0..60_u64 {
            let manner = [Manner::Bucket, Manner::Fixed, Manner::Sliding][(round % 3) as usize];
            let largest = [20, 1000, 1_000_000_000][(round / 3 % 3) as usize];
            let rate = Rate {
                count: random(largest) as u32 + 1,
                per: Duration::from_millis([10, 1000, 60_000, 3_600_000, 2_592_000_000][random(5) as usize]),
                burst: random(20) as u32 + 1,
                manner,
            };
            let meter = Meter::of(&rate);
            let (mut count, mut now) = (Count::default(), 1_780_000_000_000_000 + random(1_000_000_000));
            for _ in 0..40 {
                now = if random(20) == 0 {
                    now - random(3_000_000)
                } else {
                    now + random(rate.per.as_micros() as u64 / 8 + 2)
                };
                let mut invocation = script.prepare_invoke();
                invocation.key(format!("k{round}"));
                invocation.arg(match manner {
                    Manner::Bucket => "bucket",
                    Manner::Fixed => "fixed",
                    Manner::Sliding => "sliding",
                });
                for number in meter.numbers() {
                    invocation.arg(number);
                }
                invocation.arg(now / 1_000_000).arg(now % 1_000_000);
                let (refused, wait): (u64, u64) = invocation.invoke_async(&mut connection).await.unwrap();
                match meter.charge(count, now) {
                    Ok(next) => {
                        assert_eq!(refused, 0, "{rate:?} {count:?} {now}");
                        count = next;
                        // The store drops by its own clock what it may forget, so it is put back as it was.
                        let text = count.0.map(|number| number.to_string()).join(" ");
                        let mut set = redis::cmd("SET");
                        set.arg(format!("k{round}")).arg(&text);
                        let before: Option<String> = set.arg("GET").query_async(&mut connection).await.unwrap();
                        assert!(before.is_none_or(|before| before == text), "{rate:?}");
                    }
                    Err(told) => {
                        assert_eq!((refused, wait), (1, told.as_micros() as u64), "{rate:?} {count:?} {now}");
                    }
                }
            }
        }
    });
}

#[test]
fn a_server_that_is_paused_costs_the_budget_and_soon_nothing_and_is_used_again() {
    let server = Server::start();
    block_on(async {
        let shared = server.shared(BUDGET);
        let many = [([3; 16], meter(1_000_000, 1, Manner::Bucket))];
        while shared.charge(&many).await.is_err() {}
        server.signal(Signal::STOP);
        let mut slow = 0;
        for _ in 0..100 {
            let started = Instant::now();
            assert!(shared.charge(&many).await.is_err());
            let took = started.elapsed();
            assert!(took < BUDGET * 4, "{took:?}");
            slow += u32::from(took > BUDGET / 2);
        }
        assert!(slow <= LATE_MAX, "{slow} waited");
        server.signal(Signal::CONT);
        let started = Instant::now();
        while shared.charge(&many).await.is_err() {
            assert!(started.elapsed() < Duration::from_secs(20), "never used again");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(shared.is_up());
    });
}

#[test]
fn a_server_that_is_killed_under_load_comes_back_with_its_counts() {
    let mut server = Server::start();
    block_on(async {
        let (one, two) = (server.shared(BUDGET), server.shared(BUDGET));
        let limit = [([4; 16], meter(100, 3600, Manner::Bucket))];
        let first = async {
            let mut passed = 0;
            while passed < 20 {
                passed += u32::from(matches!(one.charge(&limit).await, Ok(Ok(()))));
            }
            passed
        };
        let mut total = first.await + passed(&two, &limit, 30).await;
        server.kill();
        for _ in 0..50 {
            let started = Instant::now();
            assert!(one.charge(&limit).await.is_err() && two.charge(&limit).await.is_err());
            assert!(started.elapsed() < BUDGET * 4);
        }
        server.process = Server::run(&server.folder);
        let started = Instant::now();
        // Both gateways go on as hard as they can until the store refuses.
        loop {
            let (a, b) = tokio::join!(one.charge(&limit), two.charge(&limit));
            total += u32::from(matches!(a, Ok(Ok(())))) + u32::from(matches!(b, Ok(Ok(()))));
            if matches!(a, Ok(Err(_))) && matches!(b, Ok(Err(_))) {
                break;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "never used again");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!((99..=100).contains(&total), "one that was counted may have been told to nobody: {total}");
    });
}

#[test]
fn a_counter_that_holds_something_else_counts_as_out_of_reach() {
    let server = Server::start();
    block_on(async {
        let shared = server.shared(Duration::from_secs(5));
        let limit = [([5; 16], meter(100, 3600, Manner::Bucket))];
        let client = Client::open(server.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let key = format!("{{test}}:limit:{}", "05".repeat(16));
        redis::cmd("SET").arg(&key).arg("0 0 -99").exec_async(&mut connection).await.unwrap();
        assert!(shared.charge(&limit).await.is_err());
        redis::cmd("DEL").arg(&key).exec_async(&mut connection).await.unwrap();
        redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut connection).await.unwrap();
        assert_eq!(shared.charge(&limit).await.unwrap(), Ok(()), "a script that was flushed is loaded again");
        let lives: i64 = redis::cmd("PTTL").arg(&key).query_async(&mut connection).await.unwrap();
        assert!((1..=37_000).contains(&lives), "{lives}: a counter lives until it says nothing any more");
    });
}

/// `cargo test --release -p gatehold-gateway --lib what_a_shared_charge_costs -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn what_a_shared_charge_costs() {
    let server = Server::start();
    block_on(async {
        let shared = server.shared(Duration::from_secs(5));
        let charges =
            [([6; 16], meter(1_000_000, 1, Manner::Bucket)), ([7; 16], meter(1_000_000, 60, Manner::Sliding))];
        let mut took: Vec<Duration> = Vec::new();
        for _ in 0..20_000 {
            let started = std::time::Instant::now();
            shared.charge(&charges).await.unwrap().unwrap();
            took.push(started.elapsed());
        }
        took.sort();
        println!("two limits in one round trip: p50 {:?}, p99 {:?}", took[10_000], took[19_800]);
    });
}
