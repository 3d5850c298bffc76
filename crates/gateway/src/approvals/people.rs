//! Who may answer on the host, and when two names are one person.
//!
//! It proves nothing about anybody: names arrive here from whoever has verified them.

/// The role that is needed to approve where a policy names none.
pub const APPROVER: &str = "approver";

/// One person as configured under `approvals.people`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// The name: of the user on the host, or of the principal.
    pub name: Box<str>,
    /// The roles when answering on the host.
    pub roles: Box<[Box<str>]>,
    /// Other names of the same person, as principals have them (`ada@example.com`): two names of one person never count
    /// as two people.
    pub also: Box<[Box<str>]>,
}

/// The people that the configuration names. Without any, whoever may write to the state folder has the role
/// `approver`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct People {
    known: Box<[Known]>,
}

impl People {
    /// These people.
    #[must_use]
    pub fn new(known: Vec<Known>) -> Self {
        Self { known: known.into() }
    }

    /// The roles of a user of this host who may write to the state folder.
    #[must_use]
    pub fn roles_on_host(&self, name: &str) -> Box<[Box<str>]> {
        if self.known.is_empty() {
            return [Box::<str>::from(APPROVER)].into();
        }
        self.find(name).map(|known| known.roles.clone()).unwrap_or_default()
    }

    /// Whether two names are one person. Case does not tell people apart: where it could matter, a doubt must not make
    /// one person two.
    #[must_use]
    pub fn is_same(&self, one: &str, other: &str) -> bool {
        if fold(one) == fold(other) {
            return true;
        }
        match (self.find(one), self.find(other)) {
            (Some(one), Some(other)) => std::ptr::eq(one, other),
            (Some(_) | None, _) => false,
        }
    }

    /// Whether somebody is known by this name.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<&Known> {
        let name = fold(name);
        self.known.iter().find(|known| fold(&known.name) == name || known.also.iter().any(|also| fold(also) == name))
    }
}

fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_spaces_and_other_names_do_not_make_another_person() {
        let people = People::new(vec![
            Known {
                name: "ada".into(),
                roles: [Box::<str>::from("lead")].into(),
                also: ["ada@example.com".into()].into(),
            },
            Known { name: "bob".into(), ..Known::default() },
        ]);
        assert!(people.is_same("ada", "Ada ") && people.is_same("ADA@example.com", "ada"));
        assert!(!people.is_same("ada", "bob") && !people.is_same("bob", "carol"));
        assert_eq!(&*people.roles_on_host("ada"), [Box::<str>::from("lead")]);
        assert!(people.roles_on_host("carol").is_empty(), "who is not named has no role");
        assert_eq!(&*People::default().roles_on_host("carol"), [Box::<str>::from(APPROVER)]);
    }
}
