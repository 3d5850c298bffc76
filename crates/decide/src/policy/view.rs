//! A policy as it is, for people and tools: its rules in the order of evaluation, with where they stand and what is
//! written there. It decides nothing.

use std::ops::Range;
use std::sync::Arc;

use super::rule::{Action, Rule, Shown};
use super::{Layer, Policy, Section};
use crate::document::{Node, Value};
use crate::obligation::{Demand, Limit};
use crate::redact::Redaction;

/// One rule of a policy.
#[derive(Debug, Clone, Copy)]
pub struct RuleView<'p> {
    rule: &'p Rule,
    layer: Option<&'p Layer>,
}

impl Policy {
    /// All rules in the order of evaluation: what is forbidden by any layer, then layer by layer its rules and its
    /// roles. Grants come in between, and the default at the end.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = RuleView<'_>> {
        self.rules.iter().map(|rule| RuleView { rule, layer: self.layers.get(rule.place.layer) })
    }

    /// How many entries the `findings` sections of all layers have.
    #[must_use]
    pub fn finding_rule_count(&self) -> usize {
        self.findings.len()
    }
}

impl<'p> RuleView<'p> {
    /// Its name as written; of an entry of `roles`, the role's.
    #[must_use]
    pub fn name(&self) -> &'p str {
        &self.rule.place.name
    }

    /// Its name as it stands in reasons and records: `audit:<name>`, `role:<name>`, or the name.
    #[must_use]
    pub fn reason_name(&self) -> &'p Arc<str> {
        &self.rule.reason.rule
    }

    /// The section that it stands in.
    #[must_use]
    pub const fn section(&self) -> Section {
        self.rule.place.section
    }

    /// The name of the file or preset that it stands in.
    #[must_use]
    pub fn layer(&self) -> &'p str {
        self.layer.map_or("", |layer| &layer.name)
    }

    /// Which layer that is, from 0 for the policy itself.
    #[must_use]
    pub const fn layer_index(&self) -> usize {
        self.rule.place.layer
    }

    /// Where it stands in that file, in bytes of its text without a byte order mark.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.rule.place.span.clone()
    }

    /// Its action as written: `allow`, `deny`, `audit`, `redact`, `hold`, `step_up` or `limit`.
    #[must_use]
    pub fn action(&self) -> &'static str {
        self.rule.action.name()
    }

    /// Whether the next rules are tried after this one matched: it limits, or it only marks or changes what others let
    /// pass.
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        self.rule.goes_on
    }

    /// What `hidden` says, of a rule that denies.
    #[must_use]
    pub const fn hidden(&self) -> Option<bool> {
        match self.rule.action {
            Action::Deny(Shown::Hidden) => Some(true),
            Action::Deny(Shown::Visible) => Some(false),
            _ => None,
        }
    }

    /// What it waits for, of a rule that holds.
    #[must_use]
    pub fn demand(&self) -> Option<&'p Arc<Demand>> {
        if let Action::Hold(demand) = &self.rule.action { Some(demand) } else { None }
    }

    /// What it charges, of a rule that limits.
    #[must_use]
    pub fn limit(&self) -> Option<&'p Arc<Limit>> {
        if let Action::Limit(limit) = &self.rule.action { Some(limit) } else { None }
    }

    /// What it takes out, of a rule that redacts.
    #[must_use]
    pub fn redaction(&self) -> Option<&'p Arc<Redaction>> {
        if let Action::Redact(redaction) = &self.rule.action { Some(redaction) } else { None }
    }

    /// The sentence that it shows.
    #[must_use]
    pub fn reason(&self) -> Option<&'p str> {
        self.rule.reason.text.as_deref()
    }

    /// Its tags.
    #[must_use]
    pub fn tags(&self) -> &'p [Box<str>] {
        &self.rule.tags
    }

    /// What stands under `match` (of an entry of `roles`: the entry), key by key as written; `None` where the rule
    /// concerns every message.
    #[must_use]
    pub fn conditions(&self) -> Option<&'p Node> {
        self.rule.place.conditions.as_ref()
    }

    /// The texts under one key of `match`: a pattern or a list of them. `None` where the rule does not ask for it, or
    /// asks for something that is no text.
    #[must_use]
    pub fn patterns(&self, key: &str) -> Option<Vec<&'p str>> {
        let Value::Table(table) = &self.conditions()?.value else { return None };
        let texts = |node: &'p Node| match &node.value {
            Value::Text(text) => Some(vec![text.as_str()]),
            Value::List(items) => items
                .iter()
                .map(|item| if let Value::Text(text) = &item.value { Some(text.as_str()) } else { None })
                .collect(),
            _ => None,
        };
        texts(&table.iter().find(|entry| entry.key == key)?.node)
    }

    /// The expression under `when`.
    #[must_use]
    pub fn when(&self) -> Option<&'p str> {
        self.rule.place.when.as_deref()
    }

    /// The conditions in one line, as written: `tool: "read_*", arguments: {…}`; empty for a rule that concerns every
    /// message.
    #[must_use]
    pub fn summary(&self) -> String {
        let written = self.conditions().map(Node::to_string).unwrap_or_default();
        written.strip_prefix('{').and_then(|text| text.strip_suffix('}')).map(str::to_owned).unwrap_or(written)
    }
}
