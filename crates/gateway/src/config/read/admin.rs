//! The section `admin`: where the management side is reached and which roles users of this machine have on it.

use gatehold_decide::document::{Node, Value};

use super::Reader;
use crate::admin::{Settings, role_names};
use crate::config::Listen;

/// Keys of the section, less the section itself.
#[cfg(test)]
pub(super) const KEY_COUNT: usize = 3 - 1;

/// Users of this machine that may be given roles.
const USERS_MAX: usize = 1000;

impl Reader<'_> {
    pub(super) fn admin(&mut self, node: &Node) -> Settings {
        let mut settings = Settings::default();
        for entry in self.table(node, &["listen", "socket", "roles"]) {
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
                "roles" => self.admin_roles(&entry.node, &mut settings),
                _ => {}
            }
        }
        settings
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
