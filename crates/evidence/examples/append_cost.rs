//! Measures what one record costs: CPU time of this process for appending and settling, the write included.
//!
//! `cargo run --release -p gatehold-evidence --example append_cost -- [FOLDER]`. Files are left for `verify`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gatehold_decide::{Decision, Mode, Reason, Verdict};
use gatehold_evidence::{Durability, Entry, Gate, Ledger, verify};
use gatehold_inspect::Findings;
use gatehold_session::principal::Proof;
use gatehold_session::{Direction, Facts, Origin, Principal, Transport};
use gatehold_wire::{Limits, Message, Revision};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let folder = std::env::args_os().nth(1).map_or_else(
        || std::env::temp_dir().join(format!("gatehold-append-cost-{}", std::process::id())),
        PathBuf::from,
    );
    let mut out = io::stdout().lock();
    for (name, bytes) in [("1 KB call", 1024), ("8 KB call", 8192), ("100 KB call", 102_400), ("8 MB call", 8 << 20)] {
        let count = if bytes > 1 << 20 { 200 } else { 200_000 };
        let (cpu, wall) = measure(&folder, Durability::Os, bytes, count, 1)?;
        writeln!(out, "{name:12} os, alone     {cpu:8.2} us CPU {wall:8.2} us")?;
    }
    let (cpu, wall) = measure(&folder, Durability::Os, 1024, 200_000, 16)?;
    writeln!(out, "1 KB call    os, 16 settle together {cpu:8.2} us CPU {wall:8.2} us")?;
    let (cpu, wall) = measure(&folder, Durability::Disk, 1024, 200, 1)?;
    writeln!(out, "1 KB call    disk, alone   {cpu:8.2} us CPU {wall:8.2} us")?;

    let length: u64 =
        fs::read_dir(&folder)?.filter_map(|entry| entry.ok()?.metadata().ok()).map(|data| data.len()).sum();
    let start = Instant::now();
    let report = verify::verify_path(&folder, 1)?;
    let rate = length as f64 / 1e6 / start.elapsed().as_secs_f64();
    writeln!(out, "verify: {} records, {rate:.0} MB/s, valid: {}", report.records(), report.is_valid())?;
    Ok(())
}

/// Microseconds of CPU and of time per record.
fn measure(
    folder: &Path,
    durability: Durability,
    bytes: usize,
    count: u32,
    together: u32,
) -> Result<(f64, f64), Failure> {
    let ledger = Ledger::open(folder, "demo", durability)?;
    let text = format!(
        r#"{{"jsonrpc":"2.0","id":17,"method":"tools/call","params":{{"name":"read_file","arguments":{{"text":"{}"}}}}}}"#,
        "x".repeat(bytes.saturating_sub(100))
    );
    let message = Message::parse(Bytes::from(text), &Limits::default())?;
    let origin = Origin {
        session: "0198f3f2-1f64-7b21-9d6f-6cbb6c1a4f10".into(),
        principal: Principal::new("local", Proof::LocalUser),
        server: "files".into(),
        transport: Transport::StreamableHttp,
    };
    let facts = Facts {
        origin: &origin,
        principal: &origin.principal,
        direction: Direction::FromClient,
        kind: message.kind(),
        method: message.method(),
        revision: Some(Revision::V2025_06_18),
        request_id: Some("17"),
        tool: message.name(),
        prompt: None,
        resource: None,
        client_claimed: Some("claude-code 2.1".into()),
        server_claimed: Some("filesystem 1.0".into()),
        hints: None,
    };
    let findings = Findings::default();
    let decision = Decision {
        verdict: Verdict::Allow,
        mode: Mode::Enforce,
        hidden: false,
        reasons: vec![Reason { rule: Arc::from("files-may-be-read"), text: None }],
        edits: Vec::new(),
        demand: None,
        limits: Vec::new(),
        retry_after: None,
        tags: std::sync::Arc::default(),
        policy: Arc::from("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    };
    let entry =
        Entry { message: &message, facts: &facts, findings: &findings, decision: &decision, upstream_time: None };
    let (cpu, start) = (cpu_time()?, Instant::now());
    let mut pending = Vec::new();
    for _ in 0..count / together {
        for _ in 0..together {
            pending.push(ledger.append(&entry)?);
        }
        for pending in pending.drain(..) {
            let Gate::Cleared(_) = pending.settle(&ledger)? else {
                return Err("an allowed message was blocked".into());
            };
        }
    }
    let per_record = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(count);
    Ok((per_record(cpu_time()?.saturating_sub(cpu)), per_record(start.elapsed())))
}

/// CPU time of this thread, from the scheduler's accounting (Linux).
fn cpu_time() -> Result<Duration, Failure> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split(' ').next().ok_or("no accounting of the scheduler")?.parse()?;
    Ok(Duration::from_nanos(nanoseconds))
}
