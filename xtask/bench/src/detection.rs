//! What detection costs: texts that all detectors read in this process, ordinary ones and such as are made to cost time;
//! whole messages; and the gate with everything on (a token, rates, the preset `standard`, the ledger) next to a direct
//! connection and nginx. Only time is measured: what detectors find is measured by `cargo xtask eval`.

use std::hint::black_box;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use gatehold_bench::load::{self, Settings, Until};
use gatehold_inspect::{Flow, Registry, TextKind};
use gatehold_session::principal::{Principal, Proof};
use gatehold_session::{Direction, Facts, Origin, Transport};
use gatehold_wire::{Limits, Message};
use serde_json::json;

use crate::admission;
use crate::compare::{self, Load, Row};
use crate::options::Options;
use crate::served::{self, Served};
use crate::target::{Folder, Target};

mod texts;

use texts::{HOSTILE, ORDINARY};

/// The sizes of a text, in bytes.
pub(crate) const SIZES: [usize; 3] = [1_000, 10_000, 1_000_000];
/// The load of the whole gate.
const WHOLE_LOAD: Load = Load { connections: 32, payload_bytes: 1_000 };
/// The name of the gate with everything on.
pub(crate) const WHOLE: &str = "gatehold, all on";
/// How long one batch of repetitions takes, at least.
const BATCH_MIN: Duration = Duration::from_millis(20);
/// Of so many batches the fastest counts: whatever else the machine does only adds time.
const BATCHES: usize = 5;

/// One text, or one kind of message, at each size.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub(crate) what: &'static str,
    /// What the text is for.
    pub(crate) kind: &'static str,
    pub(crate) is_hostile: bool,
    /// Microseconds for each of `SIZES`; `None` where that size was not measured.
    pub(crate) us: [Option<f64>; SIZES.len()],
}

impl Read {
    /// Megabytes a second at the largest size that was measured.
    pub(crate) fn rate(&self) -> Option<f64> {
        SIZES.iter().zip(self.us).rev().find_map(|(bytes, us)| Some(*bytes as f64 / us?))
    }
}

/// A call of about a kilobyte, as `claims` names it.
pub(crate) const CALL: &str = "message: call with 36 arguments";
/// A result of ten kilobytes.
pub(crate) const RESULT: &str = "message: result with one text";

/// Reads everything in this process.
pub(crate) fn reads(options: &Options) -> Vec<Read> {
    let registry = Registry::standard();
    let sizes = if options.is_smoke { 2 } else { SIZES.len() };
    let read = |what, unit, kind: TextKind, is_hostile| {
        let us = sized(sizes, |bytes| {
            let text = repeated(unit, bytes);
            fastest(|| {
                black_box(registry.inspect_text(black_box(&text), kind, None, None));
            })
        });
        Read { what, kind: kind.name(), is_hostile, us }
    };
    let mut reads = Vec::new();
    for (what, unit) in ORDINARY {
        reads.push(read(what, unit, TextKind::ToolOutput, false));
        reads.push(read(what, unit, TextKind::Arguments, false));
    }
    reads.extend(messages(&registry));
    for (what, unit) in HOSTILE {
        reads.push(read(what, unit, TextKind::ToolOutput, true));
        reads.push(read(what, unit, TextKind::Arguments, true));
    }
    reads
}

fn sized(sizes: usize, measure: impl Fn(usize) -> f64) -> [Option<f64>; SIZES.len()] {
    let mut us = [None; SIZES.len()];
    for (place, bytes) in us.iter_mut().zip(SIZES).take(sizes) {
        *place = Some(measure(bytes));
    }
    us
}

/// Microseconds of one run in the fastest batch.
fn fastest(mut run: impl FnMut()) -> f64 {
    let begun = Instant::now();
    run();
    let rounds = (BATCH_MIN.as_secs_f64() / begun.elapsed().as_secs_f64().max(1e-7)).clamp(1.0, 1e5).ceil();
    let batches = (0..BATCHES).map(|_| {
        let begun = Instant::now();
        let mut left = rounds;
        while left > 0.0 {
            run();
            left -= 1.0;
        }
        begun.elapsed().as_secs_f64() / rounds * 1e6
    });
    batches.fold(f64::MAX, f64::min)
}

/// A text of about this many bytes.
fn repeated(unit: &str, bytes: usize) -> String {
    let mut text = unit.repeat(bytes / unit.len() + 1);
    text.truncate(text.floor_char_boundary(bytes));
    text
}

/// Whole messages, string by string: a call with many small arguments, and a result.
fn messages(registry: &Registry) -> Vec<Read> {
    let item = json!({"path": "src/main.rs", "line": 120, "note": "sales of the northern region grew", "done": false});
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "report", "arguments": {"items": vec![item; 9]},
    }});
    let text = repeated("The costs of storage stayed where they were. ", 9_900);
    let result = json!({"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": text}]}});
    let read = |what, message: &serde_json::Value, direction, size: usize| {
        let kind = if direction == Direction::FromClient { TextKind::Arguments } else { TextKind::ToolOutput };
        let message = Message::parse(message.to_string().into(), &Limits::default()).ok()?;
        let origin = Origin {
            session: "bench".into(),
            principal: Principal::new("bench", Proof::LocalUser),
            server: "one".into(),
            transport: Transport::Stdio,
        };
        let facts = Facts::of(&origin, direction, &message, None);
        let mut us = [None; SIZES.len()];
        *us.get_mut(size)? = Some(fastest(|| {
            black_box(registry.inspect(Flow { message: &message, facts: &facts }));
        }));
        Some(Read { what, kind: kind.name(), is_hostile: false, us })
    };
    let call = read(CALL, &call, Direction::FromClient, 0);
    let result = read(RESULT, &result, Direction::FromServer, 1);
    call.into_iter().chain(result).collect()
}

/// What stands between the load and the fixture upstream.
enum Between {
    Other(Target),
    /// A gateway with this policy, and with a token and rates or without.
    Gate {
        name: &'static str,
        policy: &'static str,
        is_admitting: bool,
    },
}

impl Between {
    fn name(&self) -> &str {
        match self {
            Self::Other(target) => target.name(),
            Self::Gate { name, .. } => name,
        }
    }
}

/// The preset that users are told to begin with.
const STANDARD: &str = "version: 1\nextends: [standard]\n";
/// A policy without any entry about findings.
const OPEN: &str = "version: 1\ndefault: allow\n";

/// The whole gate at 32 connections with calls of a kilobyte, and what of it costs how much.
pub(crate) fn whole(options: &Options, targets: &[Target], program: &Path) -> io::Result<Vec<Row>> {
    let others = targets.iter().filter(|target| !matches!(target, Target::Gatehold(_))).cloned();
    let mut all: Vec<Between> = others.map(Between::Other).collect();
    all.push(Between::Gate { name: "gatehold, ledger alone", policy: OPEN, is_admitting: false });
    all.push(Between::Gate { name: "gatehold, `standard`", policy: STANDARD, is_admitting: false });
    all.push(Between::Gate { name: WHOLE, policy: STANDARD, is_admitting: true });
    let rounds = compare::in_rounds(options.rounds, &all, |between| {
        let settings = |endpoint, watched| Settings {
            endpoint,
            connections: WHOLE_LOAD.connections,
            payload_bytes: WHOLE_LOAD.payload_bytes,
            warm_up: options.warm_up,
            until: Until::Elapsed(options.time),
            watched,
        };
        match between {
            Between::Other(target) => {
                let running = target.start()?;
                let settings = settings(running.endpoint.clone(), running.pids.clone());
                load::run(&settings).map_err(|error| running.explain(target.name(), &error))
            }
            Between::Gate { policy, is_admitting, .. } => {
                let folder = Folder::create()?;
                let (mut more, mut credential) = (json!({}), None);
                if *is_admitting {
                    let (section, token) = served::make_token(&folder)?;
                    more = json!({ "authentication": section, "rates": admission::rates() });
                    credential = Some(token);
                }
                let served = Served::start(program, folder, policy, &more)?;
                let endpoint = served.endpoint.clone().with_credential(credential.as_deref());
                load::run(&settings(endpoint, vec![served.process.pid()])).map_err(|error| served.explain(&error))
            }
        }
    })?;
    let names: Vec<&str> = all.iter().map(Between::name).collect();
    Ok(compare::rows(&names, &rounds, WHOLE_LOAD))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_that_of_the_largest_text() {
        let read = |us| Read { what: "x", kind: "y", is_hostile: false, us };
        assert_eq!(read([Some(5.0), None, Some(2_000.0)]).rate(), Some(500.0));
        assert_eq!(read([Some(5.0), None, None]).rate(), Some(200.0));
        assert_eq!(read([None; 3]).rate(), None);
    }

    #[test]
    fn ordinary_texts_and_messages_hold_nothing_that_is_found() {
        let registry = Registry::standard();
        for (what, unit) in ORDINARY {
            for kind in [TextKind::ToolOutput, TextKind::Arguments] {
                let found = registry.inspect_text(&repeated(unit, 10_000), kind, None, None);
                assert!(found.is_empty(), "{what}: {:?}", found.as_slice().first());
            }
        }
        assert_eq!(messages(&registry).len(), 2);
        assert_eq!(repeated("é", 5), "éé");
    }
}
