//! Runs targets against each other in alternating rounds and boils the rounds down: a ratio is taken within a round,
//! where both sides met the same machine, and only then the median over the rounds.

use std::io;

use gatehold_bench::load::{self, Report, Settings, Until};

use crate::options::Options;
use crate::target::Target;

/// One row of a table: a target at one load.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) target: String,
    pub(crate) connections: usize,
    pub(crate) payload_bytes: usize,
    /// Calls per second.
    pub(crate) rate: f64,
    /// The rate as a share of the direct one, and of nginx's.
    pub(crate) rate_to_direct: Option<f64>,
    pub(crate) rate_to_nginx: Option<f64>,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// What the target adds to the median of a direct call.
    pub(crate) added_p50_us: Option<f64>,
    pub(crate) cpu_us: Option<f64>,
    /// Processor time per call as a multiple of nginx's.
    pub(crate) cpu_to_nginx: Option<f64>,
    pub(crate) peak_mib: Option<f64>,
    pub(crate) calls: u64,
    pub(crate) errors: u64,
    pub(crate) first_error: Option<String>,
}

/// A load that every target is put under.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) payload_bytes: usize,
}

/// All rounds of all targets under one load, over HTTP.
pub(crate) fn over_http(options: &Options, targets: &[Target], load: Load) -> io::Result<Vec<Row>> {
    let rounds = in_rounds(options.rounds, targets, |target| {
        let running = target.start()?;
        let settings = Settings {
            endpoint: running.endpoint.clone(),
            connections: load.connections,
            payload_bytes: load.payload_bytes,
            warm_up: options.warm_up,
            until: Until::Elapsed(options.time),
            watched: running.pids.clone(),
        };
        load::run(&settings).map_err(|error| running.explain(target.name(), &error))
    })?;
    let names: Vec<&str> = targets.iter().map(Target::name).collect();
    Ok(rows(&names, &rounds, load))
}

/// Measures each of `targets` once per round, in turn; every second round in reverse. The result has one list per
/// target, with one report per round.
pub(crate) fn in_rounds<T>(
    rounds: usize,
    targets: &[T],
    mut measure: impl FnMut(&T) -> io::Result<Report>,
) -> io::Result<Vec<Vec<Report>>> {
    let mut reports = vec![Vec::with_capacity(rounds); targets.len()];
    for round in 0..rounds {
        let mut order: Vec<usize> = (0..targets.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            if let (Some(target), Some(list)) = (targets.get(index), reports.get_mut(index)) {
                list.push(measure(target)?);
            }
        }
    }
    Ok(reports)
}

/// Boils the rounds down to a row per target. The first target is the direct one.
pub(crate) fn rows(names: &[&str], rounds: &[Vec<Report>], load: Load) -> Vec<Row> {
    let direct = rounds.first();
    let nginx = names.iter().position(|name| *name == "nginx").and_then(|index| rounds.get(index));
    let row = |(name, own): (&&str, &Vec<Report>)| Row {
        target: (*name).to_owned(),
        connections: load.connections,
        payload_bytes: load.payload_bytes,
        rate: median(own.iter().map(|report| report.rate)).unwrap_or_default(),
        rate_to_direct: against(own, direct, |own, direct| Some(own.rate / direct.rate)),
        rate_to_nginx: against(own, nginx, |own, nginx| Some(own.rate / nginx.rate)),
        p50_us: median(own.iter().map(|report| report.p50_us)).unwrap_or_default(),
        p99_us: median(own.iter().map(|report| report.p99_us)).unwrap_or_default(),
        added_p50_us: against(own, direct, |own, direct| Some(own.p50_us - direct.p50_us)),
        cpu_us: median(own.iter().filter_map(|report| report.cpu_us)),
        cpu_to_nginx: against(own, nginx, |own, nginx| Some(own.cpu_us? / nginx.cpu_us?)),
        peak_mib: own.iter().filter_map(|report| report.peak_kib).max().map(|kib| kib as f64 / 1024.0),
        calls: own.iter().map(|report| report.calls).sum(),
        errors: own.iter().map(|report| report.errors).sum(),
        first_error: own.iter().find_map(|report| report.first_error.clone()),
    };
    names.iter().zip(rounds).map(row).collect()
}

/// The median, over the rounds, of what `relate` makes of the two reports of a round.
fn against(
    own: &[Report],
    other: Option<&Vec<Report>>,
    relate: impl Fn(&Report, &Report) -> Option<f64>,
) -> Option<f64> {
    median(own.iter().zip(other?).filter_map(|(own, other)| relate(own, other)).filter(|value| value.is_finite()))
}

/// The middle value; between the two middle ones of an even number. `None` of nothing.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get(values.len().saturating_sub(1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(rate: f64, p50_us: f64, cpu_us: Option<f64>) -> Report {
        Report {
            calls: 10,
            errors: 0,
            first_error: None,
            rate,
            p50_us,
            p99_us: p50_us * 2.0,
            cpu_us,
            peak_kib: Some(2048),
        }
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), Some(2.5));
        assert_eq!(median([].into_iter()), None);
    }

    #[test]
    fn every_second_round_runs_in_reverse() {
        let mut order = Vec::new();
        let reports = in_rounds(3, &["a", "b", "c"], |name| {
            order.push(*name);
            Ok(report(1.0, 1.0, None))
        })
        .unwrap();
        assert_eq!(order.concat(), "abccbaabc");
        assert!(reports.iter().all(|list| list.len() == 3));
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The machine was ten times slower in the second round: a ratio of medians would not be 0.5.
        let rounds = vec![
            vec![report(100.0, 10.0, Some(4.0)), report(10.0, 100.0, Some(40.0)), report(80.0, 11.0, Some(5.0))],
            vec![report(50.0, 20.0, Some(6.0)), report(5.0, 120.0, Some(60.0)), report(40.0, 22.0, Some(7.5))],
        ];
        let rows = rows(&["direct", "nginx"], &rounds, Load { connections: 32, payload_bytes: 120 });
        assert_eq!(rows[1].rate_to_direct, Some(0.5));
        assert_eq!(rows[1].added_p50_us, Some(11.0));
        assert_eq!(rows[0].cpu_to_nginx, Some(4.0 / 6.0));
        assert_eq!((rows[1].peak_mib, rows[1].calls), (Some(2.0), 30));
    }

    #[test]
    fn without_nginx_there_is_no_ratio_to_it() {
        let rows = rows(&["direct"], &[vec![report(1.0, 1.0, None)]], Load { connections: 1, payload_bytes: 120 });
        assert!(rows[0].rate_to_nginx.is_none() && rows[0].cpu_us.is_none());
    }
}
