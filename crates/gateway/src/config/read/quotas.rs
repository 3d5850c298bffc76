//! Reads `quotas`: what each tenant may use. What cannot be measured yet is refused here: a quota that is written and
//! not kept is worse than none.

use std::time::Duration;

use gatehold_decide::document::Node;
use gatehold_decide::obligation::{Dimension, Limit, Manner, Rate};
use gatehold_decide::policy::glob::Glob;

use super::Reader;
use crate::config::Config;
use crate::limits::rates::RateRule;

/// Keys of `quotas`.
pub(crate) const QUOTAS: [&str; 5] = [
    "executions_per_minute",
    "concurrent_sessions",
    "cpu_seconds_per_hour",
    "memory_bytes_per_execution",
    "network_requests_per_execution",
];

impl Reader<'_> {
    /// The quotas of each tenant.
    pub(super) fn quotas(&mut self, node: &Node, config: &mut Config) {
        for entry in self.table(node, &QUOTAS) {
            let node = &entry.node;
            match entry.key.as_str() {
                "executions_per_minute" => {
                    let count = u32::try_from(self.number(node, 1, 1_000_000_000)).unwrap_or(1);
                    config.quotas.push(executions(count));
                }
                "concurrent_sessions" => config.sessions.per_tenant_max = Some(self.number(node, 1, 10_000_000)),
                key if QUOTAS.contains(&key) => self.error(
                    format!("`{key}` cannot be measured yet"),
                    &entry.key_span,
                    "servers do not run in a sandbox of ours, so take it away; limit `executions_per_minute` instead",
                ),
                _ => {}
            }
        }
    }
}

/// Calls of tools in any minute, each tenant apart.
fn executions(count: u32) -> RateRule {
    let rate = Rate { count, per: Duration::from_secs(60), burst: count, manner: Manner::Sliding };
    let text = format!("This tenant may call {count} tools a minute.");
    let limit =
        Limit { name: "quota.executions".into(), rate, per: [Dimension::Tenant].into(), text: Some(text.into()) };
    RateRule {
        limit: limit.into(),
        servers: Box::default(),
        methods: Glob::new("tools/call").into_iter().collect(),
        tools: Box::default(),
    }
}
