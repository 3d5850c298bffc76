//! Reads the section `fetch`: what the gateway may fetch on its own account.

use gatehold_decide::document::Node;

use super::Reader;
use crate::fetch::{Admitted, FetchConfig, Network, read_certificates};

/// The keys of the section.
pub(super) const FETCH: [&str; 3] = ["allow", "http_on_loopback", "ca"];

/// Entries of `fetch.allow`.
const ALLOWED_MAX: usize = 1000;

impl Reader<'_> {
    pub(super) fn fetch(&mut self, node: &Node) -> FetchConfig {
        let mut fetch = FetchConfig::default();
        for entry in self.table(node, &FETCH) {
            match entry.key.as_str() {
                "allow" => {
                    fetch.allow = self.each(&entry.node, Self::admitted);
                    if fetch.allow.len() > ALLOWED_MAX {
                        self.error(format!("there are more than {ALLOWED_MAX} entries"), &entry.node.span, "");
                    }
                }
                "http_on_loopback" => fetch.http_on_loopback = self.boolean(&entry.node),
                "ca" => fetch.ca = self.certificates(&entry.node),
                _ => {}
            }
        }
        fetch
    }

    fn admitted(&mut self, node: &Node) -> Option<Admitted> {
        let text = self.text(node)?;
        if text.contains('/') || text.contains(':') || text.parse::<std::net::IpAddr>().is_ok() {
            return match text.parse::<Network>() {
                Ok(network) => Some(Admitted::Network(network)),
                Err(error) => {
                    self.error(error, &node.span, "write a range such as `10.1.2.0/24`, or the name of a host");
                    None
                }
            };
        }
        match url::Host::parse(&text) {
            Ok(url::Host::Domain(name)) => Some(Admitted::Host(name.trim_end_matches('.').to_ascii_lowercase())),
            _ => {
                let help = "write a range such as `10.1.2.0/24`, or the name of a host such as `vault.internal`";
                self.error(
                    format!("`{text}` is neither a range of addresses nor the name of a host"),
                    &node.span,
                    help,
                );
                None
            }
        }
    }

    /// A PEM file with certificates, which is read to see that it can be used.
    pub(super) fn certificates(&mut self, node: &Node) -> Option<std::path::PathBuf> {
        let path = self.path(node)?;
        match read_certificates(&path) {
            Ok(_) => Some(path),
            Err(error) => {
                self.error(error, &node.span, "");
                None
            }
        }
    }
}
