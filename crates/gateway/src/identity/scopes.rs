//! Which scopes a request needs: those that every request needs, and those that the tools it calls need besides.

use gatehold_session::Principal;
use gatehold_session::principal::Proof;
use gatehold_wire::{Message, Method};

use super::settings::Authentication;

impl Authentication {
    /// All scopes that messages to a server need, without the doubles, in the order of the configuration.
    pub(super) fn needed<'a, 'm>(&'a self, server: &str, messages: impl Iterator<Item = &'m Message>) -> Vec<&'a str> {
        let mut needed: Vec<&str> = Vec::new();
        let mut add = |scopes: &'a [String]| {
            for scope in scopes {
                if !needed.contains(&scope.as_str()) {
                    needed.push(scope);
                }
            }
        };
        add(&self.required_scopes);
        if self.scopes.is_empty() {
            return needed;
        }
        for message in messages.filter(|message| message.method() == Some(Method::ToolsCall)) {
            let Some(tool) = message.name() else { continue };
            // Behind the aggregate a tool carries the name of its server.
            let (server, tool) = match tool.split_once(crate::upstream::aggregate::SEPARATOR) {
                Some((named, tool)) if server == crate::servers::AGGREGATE => (named, tool),
                _ => (server, &*tool),
            };
            for rule in &self.scopes {
                let fits = |globs: &[gatehold_decide::policy::glob::Glob], name: &str| {
                    globs.is_empty() || globs.iter().any(|glob| glob.matches(name))
                };
                if fits(&rule.servers, server) && fits(&rule.tools, tool) {
                    add(&rule.require);
                }
            }
        }
        needed
    }

    /// Every scope that is named anywhere.
    pub(super) fn all_scopes(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for scope in self.required_scopes.iter().chain(self.scopes.iter().flat_map(|rule| &rule.require)) {
            if !all.contains(&scope.as_str()) {
                all.push(scope);
            }
        }
        all
    }
}

/// Whether a principal has all of the scopes. A user of this machine, whom the kernel names, has no scopes and needs
/// none.
pub(super) fn has_all(principal: &Principal, needed: &[&str]) -> bool {
    matches!(principal.proof(), Proof::LocalUser)
        || needed.iter().all(|scope| principal.attributes().scopes.iter().any(|own| **own == **scope))
}
