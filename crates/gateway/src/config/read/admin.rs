//! The section `admin`: where the management side is reached and which roles users of this machine have on it.

use gatehold_decide::document::{Node, Value};

use super::Reader;
use crate::admin::{Settings, role_names};
use crate::config::Listen;
use crate::doors::is_loopback;

/// Keys of the section, less the section itself.
#[cfg(test)]
pub(super) const KEY_COUNT: usize = 4 - 1;

/// Users of this machine that may be given roles.
const USERS_MAX: usize = 1000;

impl Reader<'_> {
    pub(super) fn admin(&mut self, node: &Node) -> Settings {
        let mut settings = Settings::default();
        for entry in self.table(node, &["listen", "socket", "roles", "public_url"]) {
            match entry.key.as_str() {
                "listen" => match self.listen(&entry.node) {
                    Some(Listen::Tcp(tcp)) if tcp.ip().is_loopback() => settings.listen = Some(tcp),
                    Some(_) => self.error(
                        "the admin listener must be on loopback",
                        &entry.node.span,
                        "write `127.0.0.1:PORT`, or name a Unix socket under `socket`",
                    ),
                    None => {}
                },
                "socket" => settings.socket = self.path(&entry.node),
                "public_url" => settings.public_url = self.public_url(&entry.node),
                "roles" => self.admin_roles(&entry.node, &mut settings),
                _ => {}
            }
        }
        settings
    }

    /// `public_url`: an origin, and nothing behind it.
    fn public_url(&mut self, node: &Node) -> Option<Box<str>> {
        let text = self.text(node)?;
        let origin = url::Url::parse(&text).ok().filter(|url| {
            let is_safe =
                url.scheme() == "https" || (url.scheme() == "http" && url.host_str().is_some_and(is_loopback));
            let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
            is_safe && is_bare && url.username().is_empty() && url.password().is_none()
        });
        if origin.is_none() {
            self.error(
                "this is no public address",
                &node.span,
                "write an origin with https, as `https://gate.example`",
            );
        }
        origin.map(|url| url.origin().ascii_serialization().into())
    }

    /// `roles`: names of principals (`uid:1000`) and what they may do.
    fn admin_roles(&mut self, node: &Node, settings: &mut Settings) {
        let known = role_names();
        for entry in self.table(node, &[]) {
            let roles = self.each(&entry.node, |reader, node| reader.admin_role(node, &known));
            if roles.is_empty() {
                let help = format!("name at least one of: {}", known.join(", "));
                self.error("no role is named here", &entry.node.span, &help);
            } else if settings.roles.len() >= USERS_MAX {
                self.error(format!("at most {USERS_MAX} users can be given roles"), &entry.key_span, "");
                return;
            } else {
                settings.roles.insert(entry.key.as_str().into(), roles);
            }
        }
    }

    fn admin_role(&mut self, node: &Node, known: &[&str]) -> Option<Box<str>> {
        match &node.value {
            Value::Text(text) if known.contains(&text.as_str()) => Some(text.as_str().into()),
            _ => {
                self.error("this is no role of the admin API", &node.span, &format!("roles: {}", known.join(", ")));
                None
            }
        }
    }
}
