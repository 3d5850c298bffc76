//! The published description of the admin API (OpenAPI 3.1), made from the table of routes that the server itself uses.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::routes::{ROUTES, Route};

/// The description of all routes.
pub(crate) fn description() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in &ROUTES {
        let method = route.method.as_str().to_ascii_lowercase();
        paths.entry(route.path).or_default().insert(method, operation(route));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Gatehold admin API",
            "version": "1",
            "description": "The management side of a running gateway. Every route needs a credential and one of the roles named with it, but for the one that takes a token in its body; changes are recorded before they take effect. Nothing here takes a command to run.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "responses": { "Problem": { "description": "Why not (RFC 9457).", "content": { "application/problem+json": { "schema": reference("Problem") } } } },
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "An API key, or an access token of a configured issuer." },
                "key": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
            },
        },
        "security": [{ "bearer": [] }, { "key": [] }],
    })
}

fn operation(route: &Route) -> Value {
    let roles: Vec<&str> = route.roles.iter().map(|role| role.name()).collect();
    let content = |name: &str| json!({ "application/json": { "schema": reference(name) } });
    let mut operation = json!({
        "operationId": format!("{:?}", route.action),
        "summary": route.summary,
        "x-roles": roles,
        "responses": {
            route.status.to_string(): { "description": "Done.", "content": content(route.gives) },
            "401": { "$ref": "#/components/responses/Problem" },
            "403": { "$ref": "#/components/responses/Problem" },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    });
    if let Some(fields) = operation.as_object_mut() {
        if route.is_by_token() {
            // The token in the body is the proof.
            fields.insert("security".to_owned(), json!([]));
        }
        if let Some(takes) = route.takes {
            fields.insert("requestBody".to_owned(), json!({ "required": true, "content": content(takes) }));
        }
        if route.path.contains("{id}") {
            let id = json!([{ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "pattern": "^[A-Za-z0-9_-]{1,128}$" } }]);
            fields.insert("parameters".to_owned(), id);
        }
    }
    operation
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

fn list_of(member: &str, item: &Value) -> Value {
    object(&[member], json!({ member: { "type": "array", "items": item } }))
}

fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let number = json!({ "type": "integer", "minimum": 0 });
    let yes = json!({ "type": "boolean" });
    json!({
        "Description": { "type": "object" },
        "Done": object(&["done"], json!({ "done": yes })),
        "Problem": { "type": "object", "required": ["type", "title", "status", "detail"], "properties": {
            "type": text, "title": text, "status": number, "detail": text } },
        "Sessions": object(&["sessions", "total", "streams"], json!({
            "sessions": { "type": "array", "items": object(
                &["session", "principal", "proof", "server", "age_seconds", "idle_seconds"],
                json!({ "session": text, "principal": text, "proof": text, "server": text, "age_seconds": number, "idle_seconds": number })) },
            "total": number, "streams": number })),
        "Approval": approval(),
        "Approvals": list_of("approvals", &reference("Approval")),
        "Answer": object(&["decision", "digest"], json!({
            "decision": { "enum": ["once", "session", "time", "deny"] },
            "digest": { "type": "string", "description": "The digest that the call was shown with." },
            "seconds": { "type": "integer", "minimum": 1, "maximum": 28800, "description": "For `time`." },
            "any_arguments": { "type": "boolean", "default": false },
            "reason": { "type": "string", "maxLength": 500 } })),
        "AnswerByToken": object(&["decision", "digest", "token", "by"], json!({
            "decision": { "enum": ["once", "session", "time", "deny"] },
            "digest": { "type": "string", "description": "The digest that the webhook was sent." },
            "token": { "type": "string", "maxLength": 128, "description": "One of the tokens that the webhook was sent." },
            "by": { "type": "string", "minLength": 1, "maxLength": 256, "description": "Who has answered." },
            "seconds": { "type": "integer", "minimum": 1, "maximum": 28800, "description": "For `time`." },
            "any_arguments": { "type": "boolean", "default": false },
            "reason": { "type": "string", "maxLength": 500 } })),
        "Answered": object(&["outcome", "people_needed"], json!({
            "outcome": { "enum": ["approved", "denied", "expired", "waiting"] }, "people_needed": number })),
        "Grant": { "type": "object", "required": ["id", "servers", "seconds", "from", "by"], "properties": {
            "id": text, "principal": text, "role": text, "servers": texts, "tools": texts, "prompts": texts, "resources": texts,
            "seconds": number, "from": number, "emergency": yes, "reason": text, "by": text, "confirmed_by": text } },
        "Grants": list_of("grants", &reference("Grant")),
        "NewGrant": object(&["seconds"], json!({
            "principal": text, "role": text, "servers": texts, "tools": texts, "prompts": texts, "resources": texts,
            "seconds": { "type": "integer", "minimum": 1 }, "emergency": yes, "reason": text })),
        "Policy": object(&["file", "text", "sha256", "mode", "rules"], json!({
            "file": { "type": ["string", "null"] }, "text": { "type": ["string", "null"] }, "sha256": text,
            "mode": { "enum": ["enforce", "audit"] }, "rules": number })),
        "PolicyText": object(&["text"], json!({ "text": text })),
        "Checked": object(&["valid"], json!({ "valid": yes, "sha256": text, "rules": number, "errors": text })),
        "NewPolicy": object(&["text", "replaces"], json!({
            "text": text, "replaces": { "type": "string", "description": "The digest of the policy in use." } })),
        "Applied": object(&["sha256", "rules", "kept"], json!({
            "sha256": text, "rules": number, "kept": { "type": "string", "description": "Where the old text was kept." } })),
        "Servers": object(&["servers", "aggregate"], json!({ "aggregate": yes, "servers": { "type": "array", "items": object(
            &["name", "kind", "path", "sessions"],
            json!({ "name": text, "kind": { "enum": ["http", "sse", "command", "aggregate"] }, "path": text, "sessions": number })) } })),
        "Limits": { "type": "object" },
        "Ledger": object(&["file", "healthy", "error"], json!({ "file": text, "healthy": yes, "error": { "type": ["string", "null"] } })),
    })
}

fn approval() -> Value {
    json!({ "type": "object",
        "required": ["id", "needs", "opened", "until", "principal", "server", "method", "rule", "message", "digest", "people"],
        "properties": {
            "id": { "type": "string" }, "needs": { "enum": ["approval", "code"] }, "opened": { "type": "integer" },
            "until": { "type": "integer" }, "principal": { "type": "string" }, "server": { "type": "string" },
            "method": { "type": "string" }, "tool": { "type": "string" }, "rule": { "type": "string" },
            "reason": { "type": "string" },
            "message": { "type": "string", "description": "All bytes that will be sent." },
            "digest": { "type": "string", "description": "Repeat it with the answer." },
            "people": { "type": "integer" }, "approved_by": { "type": "array", "items": { "type": "string" } } } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_that_is_named_is_there_and_none_is_left_over() {
        let whole = description().to_string();
        let schemas = schemas();
        for route in &ROUTES {
            for name in route.takes.into_iter().chain([route.gives]) {
                assert!(schemas.get(name).is_some(), "{} names {name}", route.path);
            }
        }
        for name in schemas.as_object().unwrap().keys() {
            let named = whole.matches(&format!("#/components/schemas/{name}\"")).count();
            assert!(named > 0, "{name} is used nowhere");
        }
    }
}
