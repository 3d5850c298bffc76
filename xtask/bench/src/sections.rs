//! The parts of the benchmark, each a function from options to figures. What is measured and why stands at each.

use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gatehold_bench::load::{self, Report, Settings, Until};
use gatehold_bench::round_trip::{self, Conversation};
use gatehold_bench::{process, start};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::admission::{self, Cost};
use crate::compare::{self, Load, Row};
use crate::crowd::{self, Cap, Crowd};
use crate::detection::{self, Read};
use crate::options::{Options, Section};
use crate::target::{self, Folder, Process, Target, Upstream};

/// The text of an ordinary call, in bytes.
const SMALL: usize = 120;

/// Everything that was measured.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) http: Vec<Row>,
    pub(crate) admission: Vec<Cost>,
    pub(crate) reads: Vec<Read>,
    pub(crate) whole: Vec<Row>,
    pub(crate) payload: Vec<Row>,
    pub(crate) stdio: Vec<Row>,
    pub(crate) start: Vec<Start>,
    pub(crate) memory: Vec<Memory>,
    pub(crate) crowd: Vec<Crowd>,
    pub(crate) caps: Vec<Cap>,
    pub(crate) soak: Vec<Window>,
}

/// How long a target takes to its first answer.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) target: &'static str,
    /// The median, in milliseconds.
    pub(crate) median_ms: f64,
    /// The slowest, in milliseconds.
    pub(crate) slowest_ms: f64,
}

/// Resident memory of Gatehold in one state.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    pub(crate) state: &'static str,
    pub(crate) mib: f64,
}

/// A measured stretch of the soak.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    /// Calls that the process had answered when the window began.
    pub(crate) after_calls: u64,
    pub(crate) rate: f64,
    pub(crate) p50_us: f64,
    pub(crate) cpu_us: f64,
    /// Resident memory when the window ended.
    pub(crate) mib: f64,
    pub(crate) errors: u64,
}

/// Runs the sections that were asked for.
pub(crate) fn run(options: &Options) -> io::Result<Results> {
    let targets = Target::all(options);
    let gatehold = targets.iter().find_map(|target| match target {
        Target::Gatehold(program) => Some(program.as_path()),
        Target::Direct | Target::Nginx(_) | Target::Also(_) => None,
    });
    // Proxies of somebody else's are configured with one address: theirs stays up through all rounds.
    let _upstream_of_others = match options.upstream_port {
        0 => None,
        port => Some(Upstream::start(port)?),
    };
    let mut results = Results::default();
    for section in &options.sections {
        match (section, gatehold) {
            (Section::Http, _) => results.http = http(options, &targets)?,
            (Section::Admission, Some(program)) => {
                progress("admission: 120 bytes at 32 connections");
                results.admission = admission::measure(options, program)?;
            }
            (Section::Detection, program) => {
                progress("detection: texts and messages in this process");
                results.reads = detection::reads(options);
                if let Some(program) = program {
                    progress("detection: the whole gate, 1000 bytes at 32 connections");
                    results.whole = detection::whole(options, &targets, program)?;
                }
            }
            (Section::Payload, _) => results.payload = payload(options, &targets)?,
            (Section::Stdio, program) => results.stdio = stdio(options, program)?,
            (Section::Start, program) => results.start = starts(options, program)?,
            (Section::Memory, Some(program)) => results.memory = memory(options, program)?,
            (Section::Crowd, Some(program)) => (results.crowd, results.caps) = crowd::measure(options, program)?,
            (Section::Soak, Some(program)) => results.soak = soak(program)?,
            (Section::Admission | Section::Memory | Section::Crowd | Section::Soak, None) => {
                progress("no gatehold: admission, memory, crowd and soak are left out");
            }
        }
    }
    Ok(results)
}

/// Says on standard error what is going on.
fn progress(what: &str) {
    eprintln!("# {what}");
}

/// A small call at 1, 32 and 256 connections: the cost per call, and what is left of the rate.
fn http(options: &Options, targets: &[Target]) -> io::Result<Vec<Row>> {
    let levels: &[usize] = if options.is_smoke { &[1, 32] } else { &[1, 32, 256] };
    let mut rows = Vec::new();
    for &connections in levels {
        progress(&format!("http: {SMALL} bytes at {connections} connections"));
        rows.extend(compare::over_http(options, targets, Load { connections, payload_bytes: SMALL })?);
    }
    Ok(rows)
}

/// Larger calls at 32 connections: the cost per byte. The text goes both ways.
fn payload(options: &Options, targets: &[Target]) -> io::Result<Vec<Row>> {
    let sizes: &[usize] = if options.is_smoke { &[100_000] } else { &[10_000, 100_000] };
    let mut rows = Vec::new();
    for &payload_bytes in sizes {
        progress(&format!("payload: {payload_bytes} bytes at 32 connections"));
        rows.extend(compare::over_http(options, targets, Load { connections: 32, payload_bytes })?);
    }
    Ok(rows)
}

/// One call at a time with a child over its standard streams: what a desktop client feels. Measured twice: as the
/// kernel schedules it, and with all processes on one processor. The first is what a user has, but depends on which
/// processors the kernel happens to choose (waking an idle one costs more than the call); the second is the work alone.
fn stdio(options: &Options, gatehold: Option<&Path>) -> io::Result<Vec<Row>> {
    let measured: Vec<Option<&Path>> = [None].into_iter().chain(gatehold.map(Some)).collect();
    let load = Load { connections: 1, payload_bytes: SMALL };
    let in_rounds = || {
        compare::in_rounds(options.rounds, &measured, |program| {
            let folder = Folder::create()?;
            let mut command = child_command(*program, &folder)?;
            round_trip::run(&mut command, SMALL, options.warm_up, options.time)
        })
    };
    progress("stdio: one call at a time");
    let mut rows = compare::rows(&["direct", "gatehold"], &in_rounds()?, load);
    progress("stdio: the same on one processor");
    let pinned = on_one_processor(in_rounds)?;
    rows.extend(compare::rows(&["direct, one processor", "gatehold, one processor"], &pinned, load));
    Ok(rows)
}

/// Does `work` with this thread, and all processes that it starts, kept on the first processor that it may use.
fn on_one_processor<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let before = sched_getaffinity(None)?;
    let mut one = CpuSet::new();
    if let Some(first) = (0..CpuSet::MAX_CPU).find(|&number| before.is_set(number)) {
        one.set(first);
    }
    sched_setaffinity(None, &one)?;
    let outcome = work();
    sched_setaffinity(None, &before)?;
    outcome
}

/// The fixture upstream as a child, alone or wrapped by this Gatehold.
fn child_command(gatehold: Option<&Path>, folder: &Folder) -> io::Result<Command> {
    match gatehold {
        None => Ok(Command::new(target::upstream_program()?)),
        Some(program) => target::wrap_command(program, folder),
    }
}

/// From the start of the process to the first answered request: what a client waits when it opens.
fn starts(options: &Options, gatehold: Option<&Path>) -> io::Result<Vec<Start>> {
    progress("start: time to the first answer");
    let repeats = if options.is_smoke { 2 } else { 15 };
    let child = |program: Option<&Path>| -> io::Result<Vec<Duration>> {
        (0..repeats)
            .map(|_| {
                let folder = Folder::create()?;
                start::first_answer_of_child(&mut child_command(program, &folder)?)
            })
            .collect()
    };
    let mut found = vec![Start::of("child alone", &child(None)?)];
    if let Some(program) = gatehold {
        found.push(Start::of("gatehold wrap", &child(Some(program))?));
        let proxy: io::Result<Vec<Duration>> = (0..repeats)
            .map(|_| {
                let folder = Folder::create()?;
                let upstream = Upstream::start(0)?;
                let (mut command, endpoint) = target::proxy_command(program, &folder, &upstream.endpoint)?;
                let (took, _running) = start::first_answer_of_server(&mut command, Process, &endpoint)?;
                Ok(took)
            })
            .collect();
        found.push(Start::of("gatehold proxy", &proxy?));
    }
    Ok(found)
}

impl Start {
    /// Boils several starts down.
    fn of(target: &'static str, times: &[Duration]) -> Self {
        let milliseconds = || times.iter().map(|time| time.as_secs_f64() * 1e3);
        let median_ms = compare::median(milliseconds()).unwrap_or_default();
        Self { target, median_ms, slowest_ms: milliseconds().fold(0.0, f64::max) }
    }
}

/// Resident memory: idle before any session, and with 256 sessions that all have made calls.
fn memory(options: &Options, program: &Path) -> io::Result<Vec<Memory>> {
    progress("memory: idle and at 256 sessions");
    let mut found = Vec::new();
    let target = Target::Gatehold(program.to_owned());
    let running = target.start()?;
    std::thread::sleep(Duration::from_millis(500));
    found.push(Memory::of("proxy, idle", &running.pids, process::memory_kib));
    let settings = Settings {
        endpoint: running.endpoint.clone(),
        connections: 256,
        payload_bytes: SMALL,
        warm_up: Duration::ZERO,
        until: Until::Elapsed(options.time),
        watched: running.pids.clone(),
    };
    load::run(&settings).map_err(|error| running.explain(target.name(), &error))?;
    found.push(Memory::of("proxy, peak at 256 sessions", &running.pids, process::peak_memory_kib));
    let folder = Folder::create()?;
    let mut wrapped = Conversation::start(&mut target::wrap_command(program, &folder)?, Duration::from_secs(20))?;
    wrapped.initialize()?;
    std::thread::sleep(Duration::from_millis(500));
    found.push(Memory::of("wrap, idle", &[wrapped.pid()], process::memory_kib));
    Ok(found)
}

impl Memory {
    /// Reads one figure of these processes.
    fn of(state: &'static str, pids: &[u32], read: impl Fn(u32) -> Option<u64>) -> Self {
        let kib: u64 = pids.iter().filter_map(|&pid| read(pid)).sum();
        Self { state, mib: kib as f64 / 1024.0 }
    }
}

/// One process under load for a million calls: the cost per call and the memory must be what they were at the start.
fn soak(program: &Path) -> io::Result<Vec<Window>> {
    let target = Target::Gatehold(program.to_owned());
    let running = target.start()?;
    let calls = |count: u64| -> io::Result<Report> {
        let settings = Settings {
            endpoint: running.endpoint.clone(),
            connections: 32,
            payload_bytes: SMALL,
            warm_up: Duration::ZERO,
            until: Until::Calls(count),
            watched: running.pids.clone(),
        };
        load::run(&settings).map_err(|error| running.explain(target.name(), &error))
    };
    let mut windows = Vec::new();
    let mut made = 0;
    for before in [10_000, 1_000_000_u64] {
        progress(&format!("soak: the window after {before} calls"));
        made += calls(before.saturating_sub(made))?.calls;
        let report = calls(100_000)?;
        let memory = Memory::of("", &running.pids, process::memory_kib);
        windows.push(Window {
            after_calls: made,
            rate: report.rate,
            p50_us: report.p50_us,
            cpu_us: report.cpu_us.unwrap_or_default(),
            mib: memory.mib,
            errors: report.errors,
        });
        made += report.calls;
    }
    Ok(windows)
}
