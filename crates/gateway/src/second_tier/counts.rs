//! What the second tier counts, for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Silence;

/// The counters.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    asked: AtomicU64,
    known: AtomicU64,
    found: AtomicU64,
    late: AtomicU64,
    full: AtomicU64,
    too_much: AtomicU64,
    failed: AtomicU64,
}

impl Counts {
    pub(super) fn asked(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn known(&self, texts: usize) {
        self.known.fetch_add(texts as u64, Ordering::Relaxed);
    }

    pub(super) fn found(&self) {
        self.found.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn silent(&self, silence: Silence) {
        let counter = match silence {
            Silence::Late => &self.late,
            Silence::Full => &self.full,
            Silence::TooMuch => &self.too_much,
            Silence::Failed => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// The counters in the Prometheus text format.
    pub(crate) fn exposition(&self) -> String {
        let value = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let rows = [
            ("gatehold_model_texts_total", "Texts that the model of the second tier was asked about.", &self.asked),
            ("gatehold_model_remembered_total", "Texts of which it was known what the model says.", &self.known),
            ("gatehold_model_findings_total", "Texts that the model took for an attack.", &self.found),
        ];
        let mut out = String::new();
        for (name, help, counter) in rows {
            out.push_str(&format!("# HELP {name} {help}\n# TYPE {name} counter\n{name} {}\n", value(counter)));
        }
        let name = "gatehold_model_silent_total";
        out.push_str(&format!("# HELP {name} Messages of which the model said nothing.\n# TYPE {name} counter\n"));
        for (silence, counter) in [
            (Silence::Late, &self.late),
            (Silence::Full, &self.full),
            (Silence::TooMuch, &self.too_much),
            (Silence::Failed, &self.failed),
        ] {
            out.push_str(&format!("{name}{{why=\"{}\"}} {}\n", silence.name(), value(counter)));
        }
        out
    }
}
