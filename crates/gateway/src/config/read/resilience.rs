//! Reads what is done about servers that fail: `breaker`, `retries` and `timeouts` of a server.

use std::time::Duration;

use gatehold_decide::document::{Entry, Node};

use super::Reader;
use crate::upstream::resilience::{BreakerConfig, Resilience, RetryConfig};

pub(super) const BREAKER: [&str; 4] = ["failures", "window_seconds", "open_seconds", "counts_5xx"];
pub(super) const RETRIES: [&str; 3] = ["count_max", "pause_ms", "tools"];
pub(super) const TIMEOUTS: [&str; 2] = ["connect_ms", "first_byte_ms"];

impl Reader<'_> {
    /// What is done when the server fails; only where it is reached by HTTP.
    pub(super) fn resilience(&mut self, entries: &[Entry]) -> Resilience {
        let is_http = entries.iter().any(|entry| entry.key == "url");
        let mut resilience = Resilience::default();
        for entry in entries {
            let key = entry.key.as_str();
            if !matches!(key, "breaker" | "retries" | "timeouts") {
                continue;
            }
            if !is_http {
                self.error(format!("`{key}` is of servers with a `url`"), &entry.key_span, "take it away");
                continue;
            }
            match key {
                "breaker" => resilience.breaker = Some(self.breaker(&entry.node)),
                "retries" => resilience.retries = self.retries(&entry.node),
                _ => self.timeouts(&entry.node, &mut resilience),
            }
        }
        resilience
    }

    fn breaker(&mut self, node: &Node) -> BreakerConfig {
        let mut config = BreakerConfig {
            failures: 5,
            window: Duration::from_secs(30),
            open: Duration::from_secs(30),
            counts_5xx: true,
        };
        for entry in self.table(node, &BREAKER) {
            let node = &entry.node;
            match entry.key.as_str() {
                "failures" => config.failures = self.small(node, 1, 10_000),
                "window_seconds" => config.window = self.seconds(node),
                "open_seconds" => config.open = self.seconds(node),
                _ => config.counts_5xx = self.boolean(node),
            }
        }
        config
    }

    fn retries(&mut self, node: &Node) -> RetryConfig {
        let mut config = RetryConfig { count_max: 2, pause: Duration::from_millis(100), tools: Box::default() };
        for entry in self.table(node, &RETRIES) {
            let node = &entry.node;
            match entry.key.as_str() {
                "count_max" => config.count_max = self.small(node, 0, 10),
                "pause_ms" => config.pause = Duration::from_millis(u64::from(self.small(node, 1, 60_000))),
                _ => config.tools = self.each(node, Self::glob).into(),
            }
        }
        config
    }

    fn timeouts(&mut self, node: &Node, resilience: &mut Resilience) {
        for entry in self.table(node, &TIMEOUTS) {
            let time = Duration::from_millis(u64::from(self.small(&entry.node, 1, 86_400_000)));
            match entry.key.as_str() {
                "connect_ms" => resilience.connect_timeout = Some(time),
                _ => resilience.first_byte_timeout = Some(time),
            }
        }
    }

    fn small(&mut self, node: &Node, least: usize, most: usize) -> u32 {
        u32::try_from(self.number(node, least, most)).unwrap_or(u32::MAX)
    }
}
