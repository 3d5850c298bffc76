//! Every route of the admin API, in one table: who may use it, what it takes and what it gives. Requests reach a handler
//! only through this table, and the published description is made from it, so that neither can say more than the other.

use http::Method;

/// What somebody may do on the management side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// Looks.
    Viewer,
    /// Ends sessions and changes grants.
    Operator,
    /// Answers what waits for an approval.
    Approver,
    /// Changes the policy.
    PolicyAdmin,
    /// Reads the record.
    Auditor,
}

impl Route {
    /// Whether a one-time token in the body proves who asks, in the place of a credential and a role.
    pub(crate) fn is_by_token(&self) -> bool {
        self.action == Action::AnswerByToken
    }
}

impl Role {
    /// All roles.
    pub(crate) const ALL: [Self; 5] = [Self::Viewer, Self::Operator, Self::Approver, Self::PolicyAdmin, Self::Auditor];

    /// The name, as it stands in keys, tokens and configuration.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::PolicyAdmin => "policy-admin",
            Self::Auditor => "auditor",
        }
    }
}

/// What a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Description,
    Sessions,
    EndSession,
    Approvals,
    Approval,
    AnswerApproval,
    AnswerByToken,
    Grants,
    AddGrant,
    ConfirmGrant,
    RevokeGrant,
    Policy,
    CheckPolicy,
    ApplyPolicy,
    Servers,
    Limits,
    Ledger,
}

/// One route.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// The path; `{id}` stands for one segment.
    pub(crate) path: &'static str,
    pub(crate) action: Action,
    /// One of these is needed. Empty, with a token in the body instead, for the one route that answers by a token.
    pub(crate) roles: &'static [Role],
    /// What it does, in one sentence.
    pub(crate) summary: &'static str,
    /// The name of the schema of its body.
    pub(crate) takes: Option<&'static str>,
    /// The name of the schema of its answer.
    pub(crate) gives: &'static str,
    /// The status of success.
    pub(crate) status: u16,
}

const ANYBODY: &[Role] = &Role::ALL;
const LOOKS: &[Role] = &[Role::Viewer, Role::Operator, Role::Approver, Role::PolicyAdmin, Role::Auditor];
const OPERATES: &[Role] = &[Role::Operator];
const APPROVES: &[Role] = &[Role::Approver];
const SEES_APPROVALS: &[Role] = &[Role::Approver, Role::Auditor];
const RULES: &[Role] = &[Role::PolicyAdmin];
const SEES_POLICY: &[Role] = &[Role::PolicyAdmin, Role::Auditor];
const AUDITS: &[Role] = &[Role::Auditor, Role::Viewer];

const fn looks(
    path: &'static str,
    action: Action,
    roles: &'static [Role],
    gives: &'static str,
    summary: &'static str,
) -> Route {
    Route { method: Method::GET, path, action, roles, summary, takes: None, gives, status: 200 }
}

const fn changes(
    method: Method,
    path: &'static str,
    action: Action,
    roles: &'static [Role],
    (takes, gives): (Option<&'static str>, &'static str),
    summary: &'static str,
) -> Route {
    Route { method, path, action, roles, summary, takes, gives, status: 200 }
}

/// All routes.
pub(crate) static ROUTES: [Route; 17] = [
    looks("/openapi.json", Action::Description, ANYBODY, "Description", "This description."),
    looks("/v1/sessions", Action::Sessions, LOOKS, "Sessions", "The open sessions of HTTP clients."),
    changes(
        Method::DELETE,
        "/v1/sessions/{id}",
        Action::EndSession,
        OPERATES,
        (None, "Done"),
        "Ends a session; its client has to begin anew.",
    ),
    looks("/v1/approvals", Action::Approvals, SEES_APPROVALS, "Approvals", "The calls that wait for an approval."),
    looks(
        "/v1/approvals/{id}",
        Action::Approval,
        SEES_APPROVALS,
        "Approval",
        "One call that waits, with the very bytes that will be sent.",
    ),
    changes(
        Method::POST,
        "/v1/approvals/{id}/answer",
        Action::AnswerApproval,
        APPROVES,
        (Some("Answer"), "Answered"),
        "Approves or denies a call that waits.",
    ),
    changes(
        Method::POST,
        "/v1/approvals/{id}/answer-by-token",
        Action::AnswerByToken,
        &[],
        (Some("AnswerByToken"), "Answered"),
        "Approves or denies a call that waits, by a token that the webhook was sent: it answers once, and needs no role.",
    ),
    looks(
        "/v1/grants",
        Action::Grants,
        LOOKS,
        "Grants",
        "The grants there are, and those that wait for a second person.",
    ),
    changes(
        Method::POST,
        "/v1/grants",
        Action::AddGrant,
        OPERATES,
        (Some("NewGrant"), "Grant"),
        "Grants something for a time; for an emergency, a second person has to confirm it.",
    ),
    changes(
        Method::POST,
        "/v1/grants/{id}/confirm",
        Action::ConfirmGrant,
        OPERATES,
        (None, "Grant"),
        "Confirms an emergency grant of somebody else.",
    ),
    changes(Method::DELETE, "/v1/grants/{id}", Action::RevokeGrant, OPERATES, (None, "Grant"), "Takes a grant away."),
    looks("/v1/policy", Action::Policy, SEES_POLICY, "Policy", "The policy that is in use: its file, text and digest."),
    changes(
        Method::POST,
        "/v1/policy/check",
        Action::CheckPolicy,
        SEES_POLICY,
        (Some("PolicyText"), "Checked"),
        "Says what is wrong with a policy; changes nothing.",
    ),
    changes(
        Method::PUT,
        "/v1/policy",
        Action::ApplyPolicy,
        RULES,
        (Some("NewPolicy"), "Applied"),
        "Replaces the policy file, keeps the old one beside it, and uses the new one from now on.",
    ),
    looks(
        "/v1/servers",
        Action::Servers,
        LOOKS,
        "Servers",
        "The servers behind the gateway, without commands and secrets.",
    ),
    looks("/v1/limits", Action::Limits, LOOKS, "Limits", "The limits in force."),
    looks("/v1/ledger", Action::Ledger, AUDITS, "Ledger", "Where is recorded, and whether it can be."),
];

/// The routes at a path, and what stands in the place of `{id}`.
pub(crate) fn at(path: &str) -> Vec<(&'static Route, Option<String>)> {
    ROUTES.iter().filter_map(|route| matched(route.path, path).map(|id| (route, id))).collect()
}

/// Compares segment by segment. An empty segment is none.
fn matched(pattern: &str, path: &str) -> Option<Option<String>> {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    let mut id = None;
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(id),
            (Some("{id}"), Some(segment)) if is_id(segment) => id = Some(segment.to_owned()),
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return None,
        }
    }
}

/// Ids are short and plain; anything else names nothing.
pub(super) fn is_id(segment: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=128).contains(&segment.len()) && segment.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_route_stands_once_and_is_open_to_somebody() {
        let mut seen = HashSet::new();
        for route in &ROUTES {
            assert!(seen.insert((route.method.clone(), route.path)), "{} {} stands twice", route.method, route.path);
            assert_eq!(route.roles.is_empty(), route.is_by_token(), "{} is closed to everybody", route.path);
            assert!(route.summary.ends_with('.'), "{}", route.path);
            let is_change = route.method != Method::GET;
            assert!(!is_change || route.roles.len() <= 2, "{} {}: a change is not for all", route.method, route.path);
        }
    }

    #[test]
    fn a_path_is_found_whole_or_not_at_all() {
        assert_eq!(at("/v1/grants/g-1").len(), 1);
        assert_eq!(at("/v1/grants/g-1").first().unwrap().1.as_deref(), Some("g-1"));
        assert_eq!(at("/v1/grants").len(), 2);
        for nothing in
            ["/v1/grants/", "/v1/grants/../policy", "/v1/grants/a/b", "/V1/grants", "/v1/grants/%2e", "//v1/grants", ""]
        {
            assert!(at(nothing).is_empty(), "{nothing}");
        }
    }
}
