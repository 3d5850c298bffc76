//! Reads `state`: what gateways of one host share in a folder, and where counters live that several hosts share.

use std::time::Duration;

use gatehold_decide::document::Node;

use super::Reader;
use crate::config::Config;
use crate::limits::shared::{Shared, SharedConfig};

/// Keys of `state.redis`.
pub(crate) const REDIS: [&str; 4] = ["url", "timeout_ms", "fallback", "prefix"];

/// How long a charge may take where nothing is said.
const BUDGET: Duration = Duration::from_millis(50);

impl Reader<'_> {
    /// The folder of this host, and the store that several share.
    pub(super) fn state(&mut self, node: &Node, config: &mut Config) {
        for entry in self.table(node, &["folder", "redis"]) {
            match entry.key.as_str() {
                "folder" => config.state_folder = self.path(&entry.node),
                "redis" => config.shared = self.redis(&entry.node),
                _ => {}
            }
        }
    }

    fn redis(&mut self, redis: &Node) -> Option<SharedConfig> {
        let mut config = SharedConfig {
            url: "".to_owned().into(),
            budget: BUDGET,
            prefix: "gatehold".to_owned(),
            falls_back: false,
        };
        let mut url = None;
        for entry in self.table(redis, &REDIS) {
            let node = &entry.node;
            match entry.key.as_str() {
                "url" => {
                    let written = self.text(node);
                    url = written.and_then(|text| self.perhaps_secret(&text, "url", &node.span)).map(|url| (url, node));
                }
                "timeout_ms" => config.budget = Duration::from_millis(self.number(node, 1, 10_000) as u64),
                "fallback" => match self.text(node).as_deref() {
                    Some("deny") => config.falls_back = false,
                    Some("local") => config.falls_back = true,
                    Some(_) => self.error("unknown fallback", &node.span, "write `deny` or `local`"),
                    None => {}
                },
                "prefix" => config.prefix = self.prefix(node),
                _ => {}
            }
        }
        let Some((url, node)) = url else {
            if self.errors.is_empty() {
                self.error(
                    "`state.redis` needs a `url`",
                    &redis.span,
                    "for instance `url: \"redis://127.0.0.1:6379\"`",
                );
            }
            return None;
        };
        config.url = url;
        if config.url.reveal().starts_with("rediss:") || config.url.reveal().starts_with("valkeys:") {
            let help = "reach it through a tunnel that encrypts, or by a private network";
            self.error("the store cannot be reached over TLS yet", &node.span, help);
            return None;
        }
        if let Err(error) = Shared::new(&config) {
            self.error(error, &node.span, "write `redis://user:password@host:port/database`");
            return None;
        }
        Some(config)
    }

    fn prefix(&mut self, node: &Node) -> String {
        let text = self.text(node).unwrap_or_default();
        let is_lawful = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'));
        if !is_lawful {
            self.error("this cannot stand before keys", &node.span, "use 1 to 64 of a-z, A-Z, 0-9, -, _, . and :");
        }
        text
    }
}
