//! Policy version 1: ordered rules in YAML, the first that matches decides, and with a policy the default is deny.
//!
//! # Which messages rules see
//!
//! | Message | Matched by | Where no rule matches |
//! |---|---|---|
//! | `tools/call`, `prompts/get`, `resources/read` | rules without `direction`, or `from_client` | the policy's default |
//! | `completion/complete` | as `prompts/get` or `resources/read` of what it refers to | default |
//! | `resources/subscribe`, `resources/unsubscribe` | as `resources/read` of that URI | default |
//! | `subscriptions/listen` | itself, and each URI in it as `resources/read` | allowed; each URI by default |
//! | `initialize`, `ping`, `server/discover`, the list methods, `logging/setLevel`, `tasks/*` | any such rule | allowed |
//! | `notifications/*`, either way | rules without `direction`, or with that one | allowed |
//! | `sampling/createMessage`, `elicitation/create`, `roots/list` from the server | rules without `direction`, or `from_server` | default |
//! | those inside `inputRequests` of a result, or demanded by error `-32042` | as if each were sent | default |
//! | results and errors | only rules that name the direction | allowed |
//! | any other method | rules without `direction`, or with that one | default |
//!
//! An explicit rule wins over what is allowed implicitly (`protocol` in the reasons). A result has the method, tool,
//! prompt and resource of the request that it answers. The entries of a list are decided one by one, see `lists`.
//!
//! # Failing closed
//!
//! A condition that cannot be evaluated (a name that is not a string, arguments that are not an object, a number out
//! of range) makes a rule that denies match, with the reason `policy-error`, and a rule that allows not match.
//!
//! Without a policy file (`Policy::none`) everything is allowed; only what a detector or the parser failed on is
//! denied. It holds no state, reads no clock, and performs no I/O.

pub mod glob;

pub(crate) mod number;

mod plain;

pub(crate) mod argument;

pub(crate) mod subject;

mod window;

mod expression;

mod check;

mod rule;

mod index;

pub(crate) mod evaluate;

pub(crate) mod findings;

mod read;

pub mod view;

pub mod explain;

pub mod possible;
pub mod schemas;

use std::sync::Arc;

use gatehold_inspect::{Findings, Flow};

use crate::decision::{Decision, Mode, Reason, Verdict};
use crate::diagnostic::{Diagnostic, Source};
use crate::lists;
use crate::redact;
use crate::situation::Situation;
use findings::FindingRule;
use index::Index;
use rule::Rule;
use subject::Around;

pub use argument::Path;
pub use rule::Section;

/// A policy that was checked and compiled.
#[derive(Debug)]
pub struct Policy {
    mode: Mode,
    /// `Allow` or `Deny`, where no rule matched.
    default: Verdict,
    /// The files that it is made of: the policy itself, then what it extends.
    layers: Box<[Layer]>,
    /// Their texts, in the same order, for errors that are only found later.
    sources: Box<[Source]>,
    /// In the order of evaluation: what is forbidden first.
    rules: Box<[Rule]>,
    /// How many of the rules forbid.
    forbids: usize,
    /// Which rules could concern what.
    index: Index,
    findings: Box<[FindingRule]>,
    standing: Standing,
    digest: Arc<str>,
    /// Whether rules are evaluated at all; not without a policy file.
    is_ruled: bool,
    /// Whether any entry of a list could be taken out.
    may_hide: bool,
    /// Whether any decision could be a hold.
    may_hold: bool,
}

/// One file of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Its name: a path, or the name of a preset.
    pub name: Arc<str>,
    /// SHA-256 of its text, in lower-case hexadecimal.
    pub digest: Arc<str>,
}

/// What finds the layers that a policy extends: given the name of the file that says so and the name that it gives,
/// the name under which the layer is known (the same for the same layer) and its text, or a sentence why not.
pub type Loader<'l> = &'l dyn Fn(&str, &str) -> Result<(String, String), String>;

/// The reasons that are no rule, made once.
#[derive(Debug)]
struct Standing {
    none: Reason,
    default: Reason,
    protocol: Reason,
    error: Reason,
    uneditable: Reason,
}

impl Standing {
    fn new() -> Self {
        let reason = |rule: &str| Reason { rule: rule.into(), text: None };
        Self {
            none: reason("no-policy"),
            default: reason("default"),
            protocol: reason("protocol"),
            error: Reason {
                rule: Reason::POLICY_ERROR.into(),
                text: Some("policy error: a condition could not be evaluated for this message".into()),
            },
            uneditable: Reason {
                rule: Reason::EDIT_FAILED.into(),
                text: Some("what has to be taken out of this message cannot be".into()),
            },
        }
    }
}

impl Policy {
    /// What applies without a policy file: everything is allowed and recorded, findings are recorded, and only what
    /// cannot be read or inspected is denied.
    #[must_use]
    pub fn none() -> Self {
        Self {
            mode: Mode::Enforce,
            default: Verdict::Allow,
            layers: Box::default(),
            sources: Box::default(),
            rules: Box::default(),
            forbids: 0,
            index: Index::new(&[]),
            findings: Box::default(),
            standing: Standing::new(),
            digest: "none".into(),
            is_ruled: false,
            may_hide: false,
            may_hold: false,
        }
    }

    /// Reads a policy that extends no other. `source` is the file's name, for messages.
    ///
    /// # Errors
    /// Every error found, each with line, column, caret and help; `Display` renders them.
    pub fn load(source: &str, text: &str) -> Result<Self, LoadError> {
        Self::load_with(source, text, &|_, _| Err("nothing can be extended here".to_owned()))
    }

    /// Reads a policy and the layers that it extends.
    ///
    /// # Errors
    /// Every error found in any of the layers.
    pub fn load_with(source: &str, text: &str, loader: Loader<'_>) -> Result<Self, LoadError> {
        read::policy(source, text, loader).map_err(|files| LoadError { files })
    }

    /// The mode that the policy states.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The same policy in another mode, for instance one given on the command line.
    #[must_use]
    pub fn with_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// What happens where no rule matches: `Allow` or `Deny`.
    #[must_use]
    pub const fn default_verdict(&self) -> Verdict {
        self.default
    }

    /// The files that the policy is made of, in the order in which their rules are tried.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// SHA-256 of the policy file, in lower-case hexadecimal; `none` without one. Of a policy with layers, SHA-256 of the
    /// digests of all of them in their order, each followed by a line feed.
    #[must_use]
    pub fn digest(&self) -> &Arc<str> {
        &self.digest
    }

    /// Whether findings matter: a rule or a `findings` section says what is to happen with some, or there is no policy
    /// and everything that can be known is recorded.
    #[must_use]
    pub fn wants_findings(&self) -> bool {
        !self.is_ruled || !self.findings.is_empty() || self.rules.iter().any(Rule::wants_findings)
    }

    /// The name of the first rule whose conditions or effect rest on findings: without detectors it would see none, and
    /// what it is there to stop would pass.
    #[must_use]
    pub fn rule_on_findings(&self) -> Option<&str> {
        self.rules.iter().find(|rule| rule.wants_findings()).map(|rule| &*rule.reason.rule)
    }

    /// Whether a decision of this policy can be a hold.
    #[must_use]
    pub const fn may_hold(&self) -> bool {
        self.may_hold
    }

    /// How many rules there are.
    #[must_use]
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// Decides about one message.
    pub fn decide(&self, flow: Flow<'_>, findings: &Findings, situation: &Situation<'_>) -> Decision {
        let around = Around::new(flow.facts, findings, situation);
        let mut targets = Vec::new();
        let mut decision = if self.is_ruled {
            let judged = evaluate::message(self, &around, flow);
            for redaction in judged.redactions {
                redact::targets(redaction, flow.message, findings, &mut targets);
            }
            judged.decision
        } else {
            self.unruled()
        };
        let mut poisoned = Vec::new();
        if !findings.is_empty() {
            poisoned = findings::apply(self, flow, findings, &mut decision, &mut targets);
        }
        if self.is_ruled && decision.verdict != Verdict::Deny {
            lists::filter(self, &around, flow, &poisoned, &mut decision);
        }
        if decision.verdict != Verdict::Deny && !targets.is_empty() {
            self.redact(flow, targets, situation, &mut decision);
        }
        decision
    }

    /// Orders the edits that take things out of a message, beside those that filter a list.
    fn redact(
        &self,
        flow: Flow<'_>,
        mut targets: Vec<redact::Target>,
        situation: &Situation<'_>,
        decision: &mut Decision,
    ) {
        // What is taken out whole needs nothing taken out of it.
        let goes = |span: &std::ops::Range<usize>| {
            decision.edits.iter().any(|edit| edit.span.start <= span.start && span.end <= edit.span.end)
        };
        targets.retain(|target| !goes(&target.span));
        let edited = redact::edits(flow, &targets, &situation.means)
            .and_then(|edits| redact::combine(&mut decision.edits, edits));
        match edited {
            Ok(()) => decision.verdict = decision.verdict.max(Verdict::Redact),
            Err(redact::CannotRedact) => decision.deny(self.standing.uneditable.clone()),
        }
    }

    /// The same policy without its index, to compare with.
    #[cfg(test)]
    pub(crate) fn linear(mut self) -> Self {
        self.index = Index::linear(self.rules.len());
        self
    }

    /// Whether any entry of a list could be taken out.
    pub(crate) const fn may_hide(&self) -> bool {
        self.may_hide
    }

    /// The reason for what could not be evaluated.
    pub(crate) const fn error_reason(&self) -> &Reason {
        &self.standing.error
    }

    fn unruled(&self) -> Decision {
        Decision {
            verdict: Verdict::Allow,
            mode: self.mode,
            hidden: false,
            reasons: vec![self.standing.none.clone()],
            edits: Vec::new(),
            demand: None,
            limits: Vec::new(),
            retry_after: None,
            tags: Arc::default(),
            policy: self.digest.clone(),
        }
    }
}

/// A policy that was refused: every error found, with its place.
#[derive(Debug)]
pub struct LoadError {
    files: Vec<(Source, Vec<Diagnostic>)>,
}

impl LoadError {
    /// The errors, file by file, in the order of each file.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<&Diagnostic> {
        self.files.iter().flat_map(|(_, diagnostics)| diagnostics).collect()
    }

    /// The errors with the file that each is in.
    pub fn files(&self) -> impl Iterator<Item = (&Source, &[Diagnostic])> {
        self.files.iter().map(|(source, diagnostics)| (source, &**diagnostics))
    }

    /// All errors with their lines, in colour (ANSI escapes), for a terminal.
    #[must_use]
    pub fn to_colour_string(&self) -> String {
        let rendered: Vec<_> =
            self.files.iter().map(|(source, diagnostics)| source.render_colour(diagnostics)).collect();
        rendered.join("\n\n")
    }
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rendered: Vec<_> = self.files.iter().map(|(source, diagnostics)| source.render(diagnostics)).collect();
        f.write_str(&rendered.join("\n\n"))
    }
}

impl std::error::Error for LoadError {}

#[cfg(test)]
mod tests;
