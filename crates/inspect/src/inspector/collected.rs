//! The findings of one message, bounded: with too many, the gravest are kept. It never judges them.

use crate::finding::{Finding, INSPECTOR_FAILED, Severity, UNREADABLE};
use crate::phrases::SUSPICION_MAX;

/// Collects findings, up to a limit.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    /// The rank of the least grave one, while the list is full.
    least: Option<Rank>,
    dropped: u64,
    suspicion: f32,
}

/// How grave a finding is among others: a failure of the gate itself before everything, then severity, then how sure.
type Rank = (bool, Severity, u32);

fn rank(finding: &Finding) -> Rank {
    let failure = finding.id == INSPECTOR_FAILED || finding.id == UNREADABLE;
    // Confidences are from 0 to 1; a number that is none counts as sure.
    let sure = if finding.confidence.is_nan() { 1.0 } else { finding.confidence.clamp(0.0, 1.0) };
    (failure, finding.severity, sure.to_bits())
}

impl Findings {
    /// At most this many findings are kept for one message. With more the gravest are, in the order in which they were
    /// reported: harmless ones cannot crowd out the one that matters.
    pub const COUNT_MAX: usize = 256;

    /// Adds a finding. When there is no room, the least grave of all goes.
    pub fn push(&mut self, finding: Finding) {
        if self.list.len() < Self::COUNT_MAX {
            self.list.push(finding);
            return;
        }
        self.dropped = self.dropped.saturating_add(1);
        let new = rank(&finding);
        if self.least.is_some_and(|least| new <= least) {
            return;
        }
        // Of equally grave ones the last reported goes.
        let weakest = self.list.iter().enumerate().rev().min_by_key(|(_, kept)| rank(kept));
        if let Some((at, least)) = weakest.map(|(at, kept)| (at, rank(kept))) {
            if new > least {
                self.list.remove(at);
                self.list.push(finding);
            }
            self.least = self.list.iter().map(rank).min();
        }
    }

    /// Adds all findings of another collection, each changed by `place`.
    pub(crate) fn append(&mut self, other: Self, mut place: impl FnMut(&mut Finding)) {
        self.dropped = self.dropped.saturating_add(other.dropped);
        self.suspect(other.suspicion);
        for mut finding in other.list {
            place(&mut finding);
            self.push(finding);
        }
    }

    /// The findings so far, in the order in which they were reported.
    #[must_use]
    pub fn as_slice(&self) -> &[Finding] {
        &self.list
    }

    /// How many were found and not kept.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How likely it is that something is wrong, from 0 to 1: the surest finding, raised by further ones of other
    /// kinds. Findings that only inform (personal data) do not count.
    #[must_use]
    pub fn score(&self) -> f32 {
        let mut clean = 1.0_f32;
        let mut seen: Vec<&str> = Vec::new();
        for finding in self.list.iter().filter(|finding| finding.severity > Severity::Low) {
            if !seen.contains(&finding.id) {
                seen.push(finding.id);
                let of_kind = self.list.iter().filter(|other| other.id == finding.id);
                let surest = of_kind.map(|other| other.confidence).fold(0.0, f32::max);
                clean *= 1.0 - surest.clamp(0.0, 1.0);
            }
        }
        1.0 - clean
    }

    /// Notes how near a text came to be reported, from 0 to 1.
    pub(crate) const fn suspect(&mut self, suspicion: f32) {
        self.suspicion = self.suspicion.max(suspicion);
    }

    /// A number from 0 to 1 to put texts in order with: the score, from a half on, where something was found that counts
    /// for it; else how near the most suspicious words came to be reported, below a half. What only informs (personal
    /// data) leaves it below a half.
    #[must_use]
    pub fn ranking(&self) -> f32 {
        let score = self.score();
        if score > 0.0 { score.max(0.5) } else { self.suspicion.clamp(0.0, SUSPICION_MAX) }
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(id: &'static str, severity: Severity, confidence: f32, at: usize) -> Finding {
        let (rule, pointer, detail) = ("rule".into(), "".into(), "a sentence".into());
        Finding { id, rule, severity, confidence, pointer, span: at..at, detail }
    }

    #[test]
    fn what_matters_is_not_crowded_out() {
        let mut found = Findings::default();
        for at in 0..10_000 {
            found.push(finding("PD003", Severity::Low, 0.9, at));
        }
        found.push(finding("PI001", Severity::Critical, 0.9, 10_000));
        for at in 10_001..20_000 {
            found.push(finding("SE001", Severity::High, 0.9, at));
        }
        found.push(finding(INSPECTOR_FAILED, Severity::Critical, 1.0, 20_000));
        for at in 20_001..30_000 {
            found.push(finding("PI001", Severity::Critical, 1.0, at));
        }
        let kept = found.as_slice();
        assert_eq!(kept.len(), Findings::COUNT_MAX);
        assert!(kept.iter().any(|finding| finding.id == INSPECTOR_FAILED));
        assert!(kept.iter().all(|finding| finding.severity == Severity::Critical));
        assert!(kept.is_sorted_by_key(|finding| finding.span.start), "the order of reports stays");
        assert_eq!(found.dropped(), 30_000 - 256);
    }

    #[test]
    fn suspicion_ranks_below_what_is_found() {
        let mut found = Findings::default();
        assert!(found.ranking() < f32::EPSILON);
        found.suspect(0.3);
        found.suspect(0.2);
        found.push(finding("PD003", Severity::Low, 0.9, 0));
        assert!((found.ranking() - 0.3).abs() < 0.001, "what only informs does not count");
        found.suspect(0.8);
        assert!(found.ranking() < 0.5);
        let mut other = Findings::default();
        other.push(finding("PI001", Severity::Medium, 0.2, 0));
        assert!((other.ranking() - 0.5).abs() < 0.001);
        found.append(other, |_| ());
        assert!((found.ranking() - 0.5).abs() < 0.001);
        assert!((found.score() - 0.2).abs() < 0.001, "what policies ask for is what was found");
    }

    #[test]
    fn a_surer_one_takes_the_place_of_a_vaguer_one() {
        let mut found = Findings::default();
        for at in 0..300 {
            found.push(finding("PI001", Severity::High, 0.5, at));
        }
        found.push(finding("PI001", Severity::High, 0.6, 300));
        assert_eq!(found.as_slice().last().map(|finding| finding.span.start), Some(300));
        assert_eq!(found.as_slice().len(), Findings::COUNT_MAX);
    }
}
