//! The rates of the configuration: limits with what they concern. They apply beside those that a policy orders, to
//! everything that matches, whatever allowed it.

use std::sync::Arc;

use gatehold_decide::obligation::Limit;
use gatehold_decide::policy::glob::Glob;
use gatehold_session::Facts;
use gatehold_wire::Kind;

/// The most rates of one configuration.
pub const RATES_MAX: usize = 100;

/// All rates of a configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates(Box<[RateRule]>);

/// One rate of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRule {
    /// What is charged.
    pub limit: Arc<Limit>,
    /// Servers that it concerns; empty for all.
    pub servers: Box<[Glob]>,
    /// Methods that it concerns; empty for all requests. Notifications are concerned only where one is named.
    pub methods: Box<[Glob]>,
    /// Tools that it concerns; empty for everything, calls of tools or not.
    pub tools: Box<[Glob]>,
}

impl Rates {
    /// These rates.
    #[must_use]
    pub fn new(rules: Vec<RateRule>) -> Self {
        Self(rules.into())
    }

    /// These and some more.
    #[must_use]
    pub fn with(&self, more: &[RateRule]) -> Self {
        Self(self.0.iter().chain(more).cloned().collect())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that concern a message.
    pub(crate) fn matching<'r>(&'r self, facts: &Facts<'_>) -> impl Iterator<Item = &'r Limit> {
        self.0.iter().filter(|rule| rule.concerns(facts)).map(|rule| &*rule.limit)
    }
}

impl RateRule {
    fn concerns(&self, facts: &Facts<'_>) -> bool {
        let any = |globs: &[Glob], subject: &str| globs.iter().any(|glob| glob.matches(subject));
        let method = facts.method.map_or("", |method| method.name());
        let by_method = if self.methods.is_empty() { facts.kind == Kind::Request } else { any(&self.methods, method) };
        by_method
            && (self.servers.is_empty() || any(&self.servers, &facts.origin.server))
            && (self.tools.is_empty() || facts.tool.as_deref().is_some_and(|tool| any(&self.tools, tool)))
    }
}
