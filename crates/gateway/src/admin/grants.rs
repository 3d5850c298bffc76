//! Grants over the admin API: as on the command line, recorded before they count. Nobody grants anything to themselves
//! here.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::dispatch::Asked;
use super::problem::Problem;
use crate::approvals::unix_seconds;
use crate::gateway::Gateway;
use crate::grants::{self, GrantError, Kept, Wanted};
use crate::state::State;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    #[serde(default)]
    principal: Option<String>,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    servers: Vec<String>,
    #[serde(default)]
    tools: Vec<String>,
    #[serde(default)]
    prompts: Vec<String>,
    #[serde(default)]
    resources: Vec<String>,
    seconds: u64,
    #[serde(default)]
    emergency: bool,
    #[serde(default)]
    reason: Option<String>,
}

fn state(gateway: &Gateway) -> Result<State, Problem> {
    let folder = gateway.snapshot.load().state_folder.clone();
    let folder = folder.ok_or_else(|| Problem::failed("this gateway keeps no grants: `state.folder` is not set"))?;
    State::open(&folder).map_err(|error| Problem::failed(error.to_string()))
}

/// The grants there are.
pub(super) fn list(gateway: &Gateway) -> Result<Value, Problem> {
    let kept = grants::list(&state(gateway)?, unix_seconds()).map_err(|error| Problem::failed(error.to_string()))?;
    Ok(json!({ "grants": kept }))
}

/// Gives one, or asks for one.
pub(super) fn add(gateway: &Gateway, asked: &Asked) -> Result<Value, Problem> {
    let new: New = serde_json::from_value(asked.body.clone()).map_err(|error| Problem::body(error.to_string()))?;
    let is_own = new.principal.as_deref() == Some(asked.principal.name())
        || new.role.as_ref().is_some_and(|role| asked.roles.iter().any(|has| **has == **role));
    if is_own && !new.emergency {
        let text = "nobody grants anything to themselves: another operator has to, or ask for an emergency grant";
        return Err(Problem::new(StatusCode::FORBIDDEN, text));
    }
    let wanted = Wanted {
        principal: new.principal,
        role: new.role,
        servers: new.servers,
        tools: new.tools,
        prompts: new.prompts,
        resources: new.resources,
        lasts: Duration::from_secs(new.seconds),
        emergency: new.emergency,
        reason: new.reason,
    };
    let by = asked.principal.name();
    changed(grants::add(&state(gateway)?, gateway.pipeline.ledger(), wanted, by, unix_seconds()))
}

/// Confirms somebody else's emergency grant.
pub(super) fn confirm(gateway: &Gateway, asked: &Asked) -> Result<Value, Problem> {
    let by = asked.principal.name();
    changed(grants::confirm(&state(gateway)?, gateway.pipeline.ledger(), &asked.id, by, unix_seconds()))
}

/// Takes one away.
pub(super) fn revoke(gateway: &Gateway, asked: &Asked) -> Result<Value, Problem> {
    let by = asked.principal.name();
    changed(grants::revoke(&state(gateway)?, gateway.pipeline.ledger(), &asked.id, by, unix_seconds()))
}

fn changed(kept: Result<Kept, GrantError>) -> Result<Value, Problem> {
    kept.map(|kept| json!(kept)).map_err(|error| {
        let status = match &error {
            GrantError::Unfit(_) => StatusCode::BAD_REQUEST,
            GrantError::Unknown(_) => StatusCode::NOT_FOUND,
            GrantError::NotWaiting(_) => StatusCode::CONFLICT,
            GrantError::SamePerson(_) => StatusCode::FORBIDDEN,
            GrantError::State(_) | GrantError::Ledger(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Problem::new(status, error.to_string())
    })
}
