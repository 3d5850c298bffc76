//! The one list of detectors, in the order in which they run, and the guard around each of them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::detectors;
use crate::finding::{Finding, INSPECTOR_FAILED, Severity};
use crate::inspector::{Card, Findings, Flow, Inspector};
use crate::surface::{self, Spot};
use crate::text::{Text, TextKind};

/// The detectors that are switched on.
#[derive(Default)]
pub struct Registry {
    inspectors: Vec<Box<dyn Inspector>>,
}

impl Registry {
    /// A registry of these detectors, run in this order.
    #[must_use]
    pub fn new(inspectors: Vec<Box<dyn Inspector>>) -> Self {
        Self { inspectors }
    }

    /// Every detector of this crate. Builds their tables, so that the first message does not wait for them.
    #[must_use]
    pub fn standard() -> Self {
        let registry = Self { inspectors: detectors::all() };
        let _ = registry.inspect_text("ignore", TextKind::ToolDescription, None, None);
        registry
    }

    /// What the detectors are, in the order in which they run.
    pub fn cards(&self) -> impl Iterator<Item = Card> + '_ {
        self.inspectors.iter().map(|inspector| inspector.card())
    }

    /// Runs every detector over one message and over every string in it. A detector that panics becomes a finding: its
    /// silence is not trusted.
    #[must_use]
    pub fn inspect(&self, flow: Flow<'_>) -> Findings {
        let mut findings = Findings::default();
        let whole = flow.message.bytes().len();
        for inspector in &self.inspectors {
            guarded(inspector.as_ref(), whole, &mut findings, |findings| inspector.inspect(flow, findings));
        }
        let walked = catch_unwind(AssertUnwindSafe(|| {
            surface::walk(flow, &mut |spot: &Spot<'_, '_>| self.inspect_spot(spot, &mut findings));
        }));
        if walked.is_err() {
            findings.push(failed("surface", whole));
        }
        findings
    }

    /// Runs every detector over one string that does not stand in a message. Spans are bytes of `text`.
    #[must_use]
    pub fn inspect_text(&self, text: &str, kind: TextKind, tool: Option<&str>, parameter: Option<&str>) -> Findings {
        let mut findings = Findings::default();
        self.run(text, kind, tool, parameter, &mut findings);
        findings
    }

    fn inspect_spot(&self, spot: &Spot<'_, '_>, findings: &mut Findings) {
        let before = findings.as_slice().len();
        self.run(spot.text, spot.kind, spot.tool, spot.parameter(), findings);
        if findings.as_slice().len() > before {
            let pointer: Box<str> = spot.pointer().into();
            findings.place(before, |finding| {
                finding.span = spot.span_in_message(finding.span.clone());
                finding.pointer = pointer.clone();
            });
        }
    }

    fn run(&self, text: &str, kind: TextKind, tool: Option<&str>, parameter: Option<&str>, findings: &mut Findings) {
        if text.is_empty() {
            return;
        }
        let Ok(text) = catch_unwind(AssertUnwindSafe(|| Text::new(text, kind, tool, parameter))) else {
            findings.push(failed("normalise", text.len()));
            return;
        };
        for inspector in &self.inspectors {
            let whole = text.original.len();
            guarded(inspector.as_ref(), whole, findings, |findings| inspector.inspect_text(&text, findings));
        }
    }
}

fn guarded(inspector: &dyn Inspector, whole: usize, findings: &mut Findings, run: impl FnOnce(&mut Findings)) {
    if catch_unwind(AssertUnwindSafe(|| run(findings))).is_err() {
        findings.push(failed(inspector.card().id, whole));
    }
}

fn failed(what: &str, whole: usize) -> Finding {
    Finding {
        id: INSPECTOR_FAILED,
        rule: what.into(),
        severity: Severity::Critical,
        confidence: 1.0,
        pointer: "".into(),
        span: 0..whole,
        detail: format!("the detector {what} failed on this message").into(),
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.inspectors.iter().map(|inspector| inspector.card().id)).finish()
    }
}
