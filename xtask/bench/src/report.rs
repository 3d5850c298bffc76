//! Shows what was measured: tables for people, one JSON document for machines, and the project's own targets with
//! whether each was met. It measures nothing and hides nothing: a target that could not be measured is shown as such.

use serde_json::{Value, json};

use crate::admission::{self, Cost};
use crate::compare::Row;
use crate::crowd::{Cap, Crowd};
use crate::detection::{self, Read};
use crate::sections::Results;

/// One of the project's targets.
#[derive(Debug)]
pub(crate) struct Claim {
    what: &'static str,
    limit: Limit,
    measured: Option<f64>,
}

/// On which side of a figure a target lies.
#[derive(Debug, Clone, Copy)]
enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

impl Claim {
    /// Whether the target was met; `None` if it was not measured.
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.measured.map(|measured| match self.limit {
            Limit::AtMost(limit) => measured <= limit,
            Limit::AtLeast(limit) => measured >= limit,
        })
    }
}

/// The targets with what was measured for each.
pub(crate) fn claims(results: &Results) -> Vec<Claim> {
    use Limit::{AtLeast, AtMost};
    let http = |connections| find(&results.http, connections, 120);
    let large = find(&results.payload, 32, 100_000);
    let stdio = find(&results.stdio, 1, 120);
    let memory = |state: &str| results.memory.iter().find(|memory| memory.state == state).map(|memory| memory.mib);
    let slowest_start = results.start.iter().filter(|start| start.target.starts_with("gatehold"));
    let soak = |of: fn(&crate::sections::Window) -> f64| match results.soak.as_slice() {
        [early, .., late] => Some(of(late) / of(early)),
        _ => None,
    };
    let admitted = results.admission.iter().find(|cost| cost.what == admission::WHOLE);
    let read = |what: &str, kind: &str| results.reads.iter().find(|read| read.what == what && read.kind == kind);
    let one = |what: &str, kind: &str, size: usize| read(what, kind)?.us.get(size).copied().flatten();
    let slowest = results.reads.iter().filter(|read| read.is_hostile).filter_map(Read::rate).reduce(f64::min);
    let whole = results.whole.iter().find(|row| row.target == detection::WHOLE);
    let broken_caps = (!results.caps.is_empty()).then(|| results.caps.iter().filter(|cap| !cap.holds).count() as f64);
    let claim = |what, limit, measured| Claim { what, limit, measured };
    vec![
        claim("CPU per call at 32 connections, × nginx", AtMost(1.5), http(32).and_then(|row| row.cpu_to_nginx)),
        claim("CPU per call at 256 connections, × nginx", AtMost(1.5), http(256).and_then(|row| row.cpu_to_nginx)),
        claim("rate at 32 connections, × nginx", AtLeast(0.8), http(32).and_then(|row| row.rate_to_nginx)),
        claim("admission in one process, CPU µs per call", AtMost(5.0), admitted.and_then(|cost| cost.added_us)),
        claim("CPU per 1 KB call with everything on, × nginx", AtMost(1.8), whole.and_then(|row| row.cpu_to_nginx)),
        claim("detection, MB/s of prose", AtLeast(300.0), read("prose", "tool_output").and_then(Read::rate)),
        claim("detection, µs for a call of 1 KB", AtMost(5.0), one(detection::CALL, "arguments", 0)),
        claim("detection, µs for a result of 10 KB", AtMost(35.0), one(detection::RESULT, "tool_output", 1)),
        // The largest message within the time that its inspection may take.
        claim("detection, MB/s of the slowest text made to cost time", AtLeast(1.7), slowest),
        claim("rate of 100 KB calls, × nginx", AtLeast(0.8), large.and_then(|row| row.rate_to_nginx)),
        claim("added p50 at 1 connection, µs", AtMost(40.0), http(1).and_then(|row| row.added_p50_us)),
        claim("added p50 over stdio, µs", AtMost(15.0), stdio.and_then(|row| row.added_p50_us)),
        claim("resident memory, proxy idle, MiB", AtMost(15.0), memory("proxy, idle")),
        claim("resident memory at 256 sessions, MiB", AtMost(30.0), memory("proxy, peak at 256 sessions")),
        claim("start to first answer, ms", AtMost(20.0), slowest_start.map(|start| start.median_ms).reduce(f64::max)),
        claim("hard caps that did not hold", AtMost(0.0), broken_caps),
        claim("CPU per call after a million calls, × early", AtMost(1.1), soak(|window| window.cpu_us)),
        claim("memory after a million calls, × early", AtMost(1.1), soak(|window| window.mib)),
    ]
}

/// Gatehold's row at one load.
fn find(rows: &[Row], connections: usize, payload_bytes: usize) -> Option<&Row> {
    let is_it = |row: &&Row| row.connections == connections && row.payload_bytes == payload_bytes;
    rows.iter().filter(is_it).find(|row| row.target == "gatehold")
}

/// Everything as tables in Markdown.
pub(crate) fn tables(results: &Results) -> String {
    let mut text = String::new();
    rows_table(&mut text, "HTTP, 120 bytes each way", &results.http);
    costs_table(&mut text, &results.admission);
    reads_table(&mut text, &results.reads);
    rows_table(&mut text, "The whole gate: HTTP, 1000 bytes each way", &results.whole);
    rows_table(&mut text, "HTTP, larger texts", &results.payload);
    rows_table(&mut text, "stdio, one call at a time", &results.stdio);
    if !results.start.is_empty() {
        text.push_str("\n### Start to first answer\n\n| Target | median ms | slowest ms |\n|---|---:|---:|\n");
        for start in &results.start {
            text.push_str(&format!("| {} | {:.1} | {:.1} |\n", start.target, start.median_ms, start.slowest_ms));
        }
    }
    if !results.memory.is_empty() {
        text.push_str("\n### Resident memory of gatehold\n\n| State | MiB |\n|---|---:|\n");
        for memory in &results.memory {
            text.push_str(&format!("| {} | {:.1} |\n", memory.state, memory.mib));
        }
    }
    crowds_table(&mut text, &results.crowd, &results.caps);
    if !results.soak.is_empty() {
        text.push_str("\n### Soak: 100,000 calls at 32 connections, after…\n\n");
        text.push_str(
            "| calls before | req/s | p50 µs | CPU µs/call | RSS MiB | errors |\n|---:|---:|---:|---:|---:|---:|\n",
        );
        for window in &results.soak {
            let crate::sections::Window { after_calls, rate, p50_us, cpu_us, mib, errors } = window;
            text.push_str(&format!(
                "| {after_calls} | {rate:.0} | {p50_us:.0} | {cpu_us:.1} | {mib:.1} | {errors} |\n"
            ));
        }
    }
    claims_table(&mut text, &claims(results));
    text
}

/// A table of rows, with the first error of each target below it.
fn rows_table(text: &mut String, title: &str, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    text.push_str(&format!(
        "\n### {title}\n\n| Target | bytes | conns | req/s | × direct | × nginx | p50 µs | p99 µs | added p50 µs | CPU µs/call | CPU × nginx | RSS MiB | errors |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
    ));
    for row in rows {
        text.push_str(&format!(
            "| {} | {} | {} | {:.0} | {} | {} | {:.1} | {:.1} | {} | {} | {} | {} | {} |\n",
            row.target,
            row.payload_bytes,
            row.connections,
            row.rate,
            cell(row.rate_to_direct, 2),
            cell(row.rate_to_nginx, 2),
            row.p50_us,
            row.p99_us,
            cell(row.added_p50_us, 1),
            cell(row.cpu_us, 1),
            cell(row.cpu_to_nginx, 2),
            cell(row.peak_mib, 1),
            row.errors,
        ));
    }
    for row in rows {
        if let Some(error) = &row.first_error {
            text.push_str(&format!("\nFirst error of {} at {} connections: {error}\n", row.target, row.connections));
        }
    }
}

/// What admission adds, with the first error of each line below the table.
fn costs_table(text: &mut String, costs: &[Cost]) {
    if costs.is_empty() {
        return;
    }
    text.push_str(
        "\n### Admission: HTTP, 120 bytes, 32 connections\n\n| With | CPU µs/call | added µs | req/s | p50 µs | p99 µs | errors |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for cost in costs {
        let Cost { what, cpu_us, rate, p50_us, p99_us, errors, .. } = cost;
        let added = cell(cost.added_us, 2);
        text.push_str(&format!(
            "| {what} | {cpu_us:.2} | {added} | {rate:.0} | {p50_us:.0} | {p99_us:.0} | {errors} |\n"
        ));
    }
    for cost in costs {
        if let Some(error) = &cost.first_error {
            text.push_str(&format!("\nFirst error with {}: {error}\n", cost.what));
        }
    }
}

/// Who was served beside somebody greedy, and which caps held.
fn crowds_table(text: &mut String, crowds: &[Crowd], caps: &[Cap]) {
    if crowds.is_empty() {
        return;
    }
    text.push_str(
        "\n### One well-behaved client beside a greedy one\n\n| greedy connections | cap per principal | p50 ms | p99 ms | calls/s | errors | greedy calls/s | greedy refused | peak RSS MiB | upstream sockets |\n|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for crowd in crowds {
        let Crowd {
            greedy, greedy_rate, greedy_refused, polite_rate, polite_errors, peak_mib, upstream_sockets, ..
        } = crowd;
        let (capped, p50, p99) =
            (if crowd.is_capped { "yes" } else { "no" }, crowd.polite_p50_us / 1e3, crowd.polite_p99_us / 1e3);
        text.push_str(&format!(
            "| {greedy} | {capped} | {p50:.2} | {p99:.2} | {polite_rate:.0} | {polite_errors} | {greedy_rate:.0} | {greedy_refused} | {peak_mib:.0} | {upstream_sockets} |\n"
        ));
    }
    text.push_str("\n| Hard cap | limit | seen | |\n|---|---:|---|---|\n");
    for Cap { what, limit, seen, holds } in caps {
        let verdict = if *holds { "holds" } else { "BROKEN" };
        text.push_str(&format!("| {what} | {limit} | {seen} | {verdict} |\n"));
    }
}

/// What each text costs at each size.
fn reads_table(text: &mut String, reads: &[Read]) {
    for (is_hostile, title) in [(false, "ordinary texts"), (true, "texts made to cost time")] {
        let rows: Vec<&Read> = reads.iter().filter(|read| read.is_hostile == is_hostile).collect();
        if rows.is_empty() {
            continue;
        }
        text.push_str(&format!(
            "\n### Detection, all detectors: {title}\n\n| Text | read as | 1 KB, µs | 10 KB, µs | 1 MB, µs | MB/s |\n|---|---|---:|---:|---:|---:|\n"
        ));
        for read in rows {
            let [small, large, huge] = read.us.map(|us| cell(us, 1));
            let rate = cell(read.rate(), 0);
            text.push_str(&format!("| {} | {} | {small} | {large} | {huge} | {rate} |\n", read.what, read.kind));
        }
    }
}

/// The targets, met or missed.
fn claims_table(text: &mut String, claims: &[Claim]) {
    text.push_str("\n### Targets\n\n| Target | limit | measured | |\n|---|---:|---:|---|\n");
    for claim in claims {
        let limit = match claim.limit {
            Limit::AtMost(limit) => format!("≤ {limit}"),
            Limit::AtLeast(limit) => format!("≥ {limit}"),
        };
        let verdict = match claim.is_met() {
            Some(true) => "pass",
            Some(false) => "MISS",
            None => "not measured",
        };
        text.push_str(&format!("| {} | {limit} | {} | {verdict} |\n", claim.what, cell(claim.measured, 2)));
    }
}

/// A figure, or a dash where there is none.
fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

/// Everything as one JSON document. Units are in the names of the members.
pub(crate) fn json(results: &Results, machine: &[(&'static str, String)]) -> Value {
    let rows = |rows: &[Row]| rows.iter().map(row_json).collect::<Vec<_>>();
    let claims = claims(results);
    json!({
        "machine": machine.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>(),
        "http": rows(&results.http),
        "admission": results.admission.iter().map(|cost| json!({
            "with": cost.what, "cpu_us_per_call": cost.cpu_us, "added_cpu_us_per_call": cost.added_us,
            "rate_per_s": cost.rate, "p50_us": cost.p50_us, "p99_us": cost.p99_us, "calls": cost.calls,
            "errors": cost.errors, "first_error": cost.first_error,
        })).collect::<Vec<_>>(),
        "detection": results.reads.iter().map(|read| json!({
            "text": read.what, "kind": read.kind, "is_hostile": read.is_hostile, "mb_per_s": read.rate(),
            "us": detection::SIZES.iter().zip(read.us).map(|(bytes, us)| (bytes.to_string(), json!(us)))
                .collect::<serde_json::Map<_, _>>(),
        })).collect::<Vec<_>>(),
        "whole": rows(&results.whole),
        "payload": rows(&results.payload),
        "stdio": rows(&results.stdio),
        "start": results.start.iter().map(|start| json!({
            "target": start.target, "median_ms": start.median_ms, "slowest_ms": start.slowest_ms,
        })).collect::<Vec<_>>(),
        "memory": results.memory.iter().map(|memory| json!({ "state": memory.state, "mib": memory.mib })).collect::<Vec<_>>(),
        "crowd": results.crowd.iter().map(|crowd| json!({
            "greedy_connections": crowd.greedy, "is_capped": crowd.is_capped, "greedy_rate_per_s": crowd.greedy_rate,
            "greedy_refused": crowd.greedy_refused, "polite_rate_per_s": crowd.polite_rate,
            "polite_p50_us": crowd.polite_p50_us, "polite_p99_us": crowd.polite_p99_us,
            "polite_errors": crowd.polite_errors, "peak_rss_mib": crowd.peak_mib,
            "upstream_sockets": crowd.upstream_sockets,
        })).collect::<Vec<_>>(),
        "caps": results.caps.iter().map(|cap| json!({
            "what": cap.what, "limit": cap.limit, "seen": cap.seen, "holds": cap.holds,
        })).collect::<Vec<_>>(),
        "soak": results.soak.iter().map(|window| json!({
            "after_calls": window.after_calls, "rate_per_s": window.rate, "p50_us": window.p50_us,
            "cpu_us_per_call": window.cpu_us, "rss_mib": window.mib, "errors": window.errors,
        })).collect::<Vec<_>>(),
        "targets": claims.iter().map(|claim| json!({
            "what": claim.what,
            "limit": match claim.limit { Limit::AtMost(limit) | Limit::AtLeast(limit) => limit },
            "limit_is": match claim.limit { Limit::AtMost(_) => "at_most", Limit::AtLeast(_) => "at_least" },
            "measured": claim.measured,
            "met": claim.is_met(),
        })).collect::<Vec<_>>(),
    })
}

/// One row as JSON.
fn row_json(row: &Row) -> Value {
    json!({
        "target": row.target, "connections": row.connections, "payload_bytes": row.payload_bytes,
        "rate_per_s": row.rate, "rate_to_direct": row.rate_to_direct, "rate_to_nginx": row.rate_to_nginx,
        "p50_us": row.p50_us, "p99_us": row.p99_us, "added_p50_us": row.added_p50_us,
        "cpu_us_per_call": row.cpu_us, "cpu_to_nginx": row.cpu_to_nginx, "peak_rss_mib": row.peak_mib,
        "calls": row.calls, "errors": row.errors, "first_error": row.first_error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::Start;

    #[test]
    fn what_was_not_measured_is_neither_met_nor_missed() {
        let claims = claims(&Results::default());
        assert!(claims.iter().all(|claim| claim.is_met().is_none()));
        let mut text = String::new();
        claims_table(&mut text, &claims);
        assert!(text.contains("not measured") && !text.contains("pass") && !text.contains("MISS"));
    }

    #[test]
    fn a_cap_that_did_not_hold_is_a_missed_target() {
        let cap = |holds| Cap { what: "sessions", limit: 1, seen: String::new(), holds };
        for (caps, expected) in [(vec![cap(true)], Some(true)), (vec![cap(true), cap(false)], Some(false))] {
            let claims = claims(&Results { caps, ..Results::default() });
            let claim = claims.iter().find(|claim| claim.what.starts_with("hard caps")).unwrap();
            assert_eq!(claim.is_met(), expected);
        }
    }

    #[test]
    fn the_slower_of_the_two_starts_counts() {
        let start = |target, median_ms| Start { target, median_ms, slowest_ms: 99.0 };
        let start = vec![start("child alone", 50.0), start("gatehold wrap", 5.0), start("gatehold proxy", 25.0)];
        let claims = claims(&Results { start, ..Results::default() });
        let claim = claims.iter().find(|claim| claim.what.starts_with("start")).unwrap();
        assert_eq!((claim.measured, claim.is_met()), (Some(25.0), Some(false)));
    }
}
