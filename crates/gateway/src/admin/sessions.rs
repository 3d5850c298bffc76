//! The sessions of HTTP clients, by the names that stand in records. The ids that open them are secrets and never
//! stand in an answer.

use std::sync::Arc;

use serde_json::{Value, json};

use super::dispatch::Asked;
use super::problem::Problem;
use crate::gateway::Gateway;

/// Sessions that one answer lists.
const LISTED_MAX: usize = 1000;

/// The open sessions.
pub(super) fn list(gateway: &Gateway) -> Value {
    let now = gateway.pipeline.now();
    let all = gateway.sessions.seen(now);
    let total = all.len();
    let rows: Vec<Value> = all
        .into_iter()
        .take(LISTED_MAX)
        .map(|seen| {
            json!({
                "session": seen.session,
                "principal": seen.principal,
                "proof": seen.proof,
                "server": seen.server,
                "age_seconds": seen.age.as_secs(),
                "idle_seconds": seen.idle.as_secs(),
            })
        })
        .collect();
    json!({ "sessions": rows, "total": total, "streams": gateway.streams.count() })
}

/// Ends one.
pub(super) fn end(gateway: &Arc<Gateway>, asked: &Asked) -> Result<Value, Problem> {
    let Some(id) = gateway.sessions.named(&asked.id) else { return Err(Problem::unknown("session")) };
    let fields = [("session", asked.id.as_str()), ("by", asked.principal.name())];
    gateway
        .pipeline
        .ledger()
        .lifecycle("admin_session_ended", &fields)
        .map_err(|error| Problem::failed(error.to_string()))?;
    match gateway.sessions.close(&id) {
        Some(session) => {
            gateway.session_ended(&session, "ended by an operator");
            Ok(json!({ "done": true }))
        }
        None => Err(Problem::unknown("session")),
    }
}
