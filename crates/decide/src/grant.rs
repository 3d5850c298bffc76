//! Grants: permissions with an end. A grant allows what no `forbid` rule forbids, whatever the other rules say, and
//! never outlives its time.
//!
//! A grant that names nothing grants nothing. Where grants are kept, and who may give them, is decided elsewhere.

use gatehold_session::Principal;

use crate::policy::glob::Glob;

/// Who has a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grantee {
    /// The principal of this name.
    Principal(Box<str>),
    /// Every principal with this role.
    Role(Box<str>),
}

/// What a grant is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted<'a> {
    /// The call of a tool.
    Tool(&'a str),
    /// The use of a prompt.
    Prompt(&'a str),
    /// The reading of a resource. Both its written and its plain form must be covered.
    Resource(&'a str),
}

/// One grant.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Its id, as it stands in reasons (`grant:<id>`) and in the record.
    pub id: Box<str>,
    /// Who has it.
    pub grantee: Grantee,
    /// Servers it is for; empty for none.
    pub servers: Box<[Glob]>,
    /// Tools it is for.
    pub tools: Box<[Glob]>,
    /// Prompts it is for.
    pub prompts: Box<[Glob]>,
    /// Resources it is for.
    pub resources: Box<[Glob]>,
    /// Valid from this moment, in seconds since 1970.
    pub from: i64,
    /// Valid before this moment.
    pub until: i64,
    /// Given for an emergency, by two people: it stands out in the record.
    pub emergency: bool,
}

impl Grant {
    /// Whether the grant allows this principal this thing of this server now.
    #[must_use]
    pub fn covers(&self, principal: &Principal, server: &str, what: Granted<'_>, now: i64) -> bool {
        let (patterns, name) = match what {
            Granted::Tool(name) => (&self.tools, name),
            Granted::Prompt(name) => (&self.prompts, name),
            Granted::Resource(name) => (&self.resources, name),
        };
        (self.from..self.until).contains(&now)
            && self.is_of(principal)
            && self.servers.iter().any(|glob| glob.matches(server))
            && patterns.iter().any(|glob| glob.matches(name))
    }

    fn is_of(&self, principal: &Principal) -> bool {
        match &self.grantee {
            Grantee::Principal(name) => **name == *principal.name(),
            Grantee::Role(role) => principal.attributes().roles.contains(role),
        }
    }
}

#[cfg(test)]
mod tests {
    use gatehold_session::principal::{Attributes, Proof};

    use super::*;

    fn globs(patterns: &[&str]) -> Box<[Glob]> {
        patterns.iter().map(|pattern| Glob::new(pattern).unwrap()).collect()
    }

    #[test]
    fn a_grant_covers_its_people_its_things_and_its_time() {
        let grant = Grant {
            id: "g1".into(),
            grantee: Grantee::Role("operator".into()),
            servers: globs(&["db"]),
            tools: globs(&["drop_*"]),
            prompts: globs(&[]),
            resources: globs(&[]),
            from: 100,
            until: 200,
            emergency: false,
        };
        let plain = Principal::new("ada", Proof::LocalUser);
        let ada =
            plain.clone().with_attributes(Attributes { roles: ["operator".into()].into(), ..Attributes::default() });
        assert!(grant.covers(&ada, "db", Granted::Tool("drop_table"), 100));
        assert!(!grant.covers(&ada, "db", Granted::Tool("drop_table"), 99), "not yet");
        assert!(!grant.covers(&ada, "db", Granted::Tool("drop_table"), 200), "over");
        assert!(!grant.covers(&ada, "notes", Granted::Tool("drop_table"), 150), "another server");
        assert!(!grant.covers(&ada, "db", Granted::Prompt("drop_table"), 150), "empty means closed");
        assert!(!grant.covers(&plain, "db", Granted::Tool("drop_table"), 150), "without the role");
    }
}
