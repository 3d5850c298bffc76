//! What the gateway is doing: servers, limits, the ledger. Numbers and names; no command, no header, no secret.

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::servers::Reach;

/// The servers.
pub(super) fn servers(gateway: &Gateway) -> Value {
    let snapshot = gateway.snapshot.load();
    let now = gateway.pipeline.now();
    let sessions = gateway.sessions.seen(now);
    let rows: Vec<Value> = snapshot
        .servers
        .values()
        .map(|server| {
            let kind = match &server.reach {
                Reach::Http(_) => "http",
                Reach::LegacySse(_) => "sse",
                Reach::Child(_) => "command",
                Reach::Aggregate(_) => "aggregate",
            };
            let open = sessions.iter().filter(|seen| *seen.server == *server.name).count();
            json!({ "name": &*server.name, "kind": kind, "path": format!("/mcp/{}", server.name), "sessions": open })
        })
        .collect();
    json!({ "servers": rows, "aggregate": snapshot.root.as_ref().is_some_and(|root| matches!(root.reach, Reach::Aggregate(_))) })
}

/// The limits in force.
pub(super) fn limits(gateway: &Gateway) -> Value {
    let limits = gateway.pipeline.limits();
    let sessions = gateway.snapshot.load().session_limits;
    json!({
        "message_bytes_max": limits.message_bytes_max,
        "argument_bytes_max": limits.argument_bytes_max,
        "arguments_bytes_max": limits.arguments_bytes_max,
        "depth_max": limits.depth_max,
        "members_max": limits.members_max,
        "batch_messages_max": limits.batch_messages_max,
        "sessions": {
            "count_max": sessions.count_max,
            "idle_seconds": sessions.idle.as_secs(),
            "lifetime_seconds": sessions.lifetime.as_secs(),
            "open": gateway.sessions.count(),
        },
    })
}

/// Where is recorded.
pub(super) fn ledger(gateway: &Gateway) -> Value {
    let ledger = gateway.pipeline.ledger();
    let health = ledger.health();
    json!({
        "file": ledger.path().display().to_string(),
        "healthy": health.is_ok(),
        "error": health.err().map(|error| error.to_string()),
    })
}
