//! The difference of two runs: scenario by scenario, the multisets of (check, status).

use super::suite::{Checks, Results};

/// A check that did not come out equally often, or a scenario that only one side has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) scenario: String,
    pub(super) check: String,
    pub(super) status: String,
    pub(super) direct: u32,
    pub(super) through: u32,
}

impl Difference {
    /// Whether something failed that did not fail directly, or did not run at all.
    pub(super) fn is_loss(&self) -> bool {
        (self.status == "FAILURE" && self.through > self.direct) || self.status == RAN
    }
}

/// Stands where a status stands when one side has not run the scenario.
pub(super) const RAN: &str = "RAN";

/// Everything in which `through` is not what `direct` is.
pub(super) fn differences(direct: &Results, through: &Results) -> Vec<Difference> {
    let none = Checks::new();
    let mut scenarios: Vec<&String> = direct.keys().chain(through.keys()).collect();
    scenarios.sort();
    scenarios.dedup();
    let mut found = Vec::new();
    for scenario in scenarios {
        let (before, after) = (direct.get(scenario).unwrap_or(&none), through.get(scenario).unwrap_or(&none));
        // A scenario that ran without a single check must not look like one that did not run.
        if direct.contains_key(scenario) != through.contains_key(scenario) {
            found.push(Difference {
                scenario: scenario.clone(),
                check: "(the scenario itself)".to_owned(),
                status: RAN.to_owned(),
                direct: u32::from(direct.contains_key(scenario)),
                through: u32::from(through.contains_key(scenario)),
            });
        }
        let mut keys: Vec<_> = before.keys().chain(after.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let count = |checks: &Checks| checks.get(key).copied().unwrap_or_default();
            if count(before) != count(after) {
                found.push(Difference {
                    scenario: scenario.clone(),
                    check: key.0.clone(),
                    status: key.1.clone(),
                    direct: count(before),
                    through: count(after),
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A check, its status and how often.
    type Entry<'a> = (&'a str, &'a str, u32);

    fn results(entries: &[(&str, &[Entry<'_>])]) -> Results {
        entries
            .iter()
            .map(|(scenario, checks)| {
                let checks = checks.iter().map(|(id, status, count)| (((*id).into(), (*status).into()), *count));
                ((*scenario).to_owned(), checks.collect())
            })
            .collect()
    }

    #[test]
    fn equal_runs_do_not_differ() {
        let run = results(&[("ping", &[("ping", "SUCCESS", 1)])]);
        assert_eq!(differences(&run, &run), []);
    }

    #[test]
    fn another_status_is_one_less_and_one_more() {
        let direct = results(&[("ping", &[("ping", "SUCCESS", 1)])]);
        let through = results(&[("ping", &[("ping", "FAILURE", 1)])]);
        let found: Vec<_> = differences(&direct, &through)
            .into_iter()
            .map(|found| (found.status, found.direct, found.through))
            .collect();
        assert_eq!(found, [("FAILURE".to_owned(), 0, 1), ("SUCCESS".to_owned(), 1, 0)]);
    }

    #[test]
    fn a_count_matters() {
        let direct = results(&[("polling", &[("event", "INFO", 3)])]);
        let through = results(&[("polling", &[("event", "INFO", 2)])]);
        assert_eq!(differences(&direct, &through).len(), 1);
    }

    #[test]
    fn a_missing_scenario_is_a_difference_even_without_checks() {
        assert_eq!(differences(&results(&[("ping", &[])]), &results(&[])).len(), 1);
        assert_eq!(differences(&results(&[]), &results(&[("ping", &[])])).len(), 1);
    }
}
