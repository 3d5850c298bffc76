//! The section `forward_proxy`: where clients find the explicit proxy, and to which hosts it lets pass what is no MCP.

use gatehold_decide::document::{Node, Value};
use gatehold_decide::policy::glob::Glob;

use super::Reader;
use crate::config::Listen;
use crate::listen::explicit::Settings;

/// Keys of the section, less the section itself.
#[cfg(test)]
pub(super) const KEY_COUNT: usize = 2 - 1;

/// Hosts on the list.
const HOSTS_MAX: usize = 1000;

impl Reader<'_> {
    pub(super) fn forward_proxy(&mut self, node: &Node) -> Settings {
        let mut settings = Settings::default();
        for entry in self.table(node, &["listen", "hosts"]) {
            match entry.key.as_str() {
                "listen" => match self.listen(&entry.node) {
                    Some(Listen::Tcp(tcp)) if tcp.ip().is_loopback() => settings.listen = Some(tcp),
                    Some(_) => self.error(
                        "the forward proxy must listen on loopback",
                        &entry.node.span,
                        "it authenticates nobody: write `127.0.0.1:PORT`",
                    ),
                    None => {}
                },
                "hosts" => {
                    settings.hosts = self.each(&entry.node, Self::proxied_host);
                    if settings.hosts.len() > HOSTS_MAX {
                        self.error(format!("at most {HOSTS_MAX} hosts can be listed"), &entry.node.span, "");
                    }
                }
                _ => {}
            }
        }
        settings
    }

    fn proxied_host(&mut self, node: &Node) -> Option<Glob> {
        let Value::Text(text) = &node.value else {
            self.error("a host is a text", &node.span, "write `host:port`, for instance `login.example.com:80`");
            return None;
        };
        let glob = Glob::new(&text.to_ascii_lowercase()).ok().filter(|_| text.contains(':'));
        if glob.is_none() {
            self.error(
                "this is no host with a port",
                &node.span,
                "write `host:port`; `*` stands for any run of characters",
            );
        }
        glob
    }
}
