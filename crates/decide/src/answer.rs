//! The answers that peers get instead of a message that was refused. The shape keeps clients alive: see the table
//! "How to say no" in ARCHITECTURE.md. Nothing internal and no matched text ever stands in an answer.
//!
//! | What was refused | Answer |
//! |---|---|
//! | `tools/call` of a tool that its list shows | a result with `isError`, one text, `_meta` under `dev.gatehold/decision` |
//! | `tools/call`, `prompts/get`, `completion/complete` of what a list hides | what a server says of an unknown one: `-32602` |
//! | `resources/read` and the like of what a list hides | "Resource not found": `-32602`, in the legacy era `-32002` |
//! | `tasks/get` and the like of a task of somebody else | "Task not found": `-32602` |
//! | any other request of the client | error `REFUSED`, with `data.reason` and `data.record` |
//! | a result | for tools a result with `isError`, elsewhere error `REFUSED` |
//! | `elicitation/create` of the server | a result with `"action":"decline"` |
//! | any other request of the server | error `-32601`, as from a client without the capability |
//! | what could not be read | the error of the refusal |
//!
//! The text of a rule's `reason` is shown, its name never.

use std::borrow::Cow;
use std::time::Duration;

use gatehold_session::Facts;
use gatehold_wire::json::write_string;
use gatehold_wire::{Era, Id, Kind, Message, Method, Refusal};

use crate::decision::{Decision, Reason};

/// The JSON-RPC error code of a refusal by policy. JSON-RPC 2.0 (section 5.1) reserves -32768 to -32000, and MCP
/// 2026-07-28 asks that new codes stay outside; this one is ours.
pub const REFUSED: i32 = 4030;

/// The key of `_meta` under which a refused tool call says so to machines.
pub const META_KEY: &str = "dev.gatehold/decision";

const INVALID_PARAMS: i32 = -32602;
const METHOD_NOT_FOUND: i32 = -32601;
const RESOURCE_NOT_FOUND_LEGACY: i32 = -32002;

/// How many characters of a name that the peer sent are repeated in an answer.
const NAME_CHARACTERS_MAX: usize = 1024;

/// The answer to the sender of a request from the client that was denied; `None` for a notification or a response,
/// which are dropped. `record` is the id of the record that holds everything.
#[must_use]
pub fn to_client_request(message: &Message, facts: &Facts<'_>, decision: &Decision, record: &str) -> Option<Vec<u8>> {
    if message.kind() != Kind::Request {
        return None;
    }
    let id = message.id()?;
    if decision.hidden
        && let Some(answer) = as_if_unknown(id, facts)
    {
        return Some(answer);
    }
    let is_modern = message.modern_version().is_some() || is_modern(facts);
    Some(match facts.method {
        Some(Method::ToolsCall) => tool_refusal(id, facts, is_modern, decision, record, "The call was not made."),
        _ => request_refusal(Some(id), "The request was refused by the gateway.", decision, record),
    })
}

/// What the client gets in place of a result or an error from the server that was denied: same id, same shape
/// (`isError` for tools, a JSON-RPC error elsewhere).
#[must_use]
pub fn instead_of_result(message: &Message, facts: &Facts<'_>, decision: &Decision, record: &str) -> Vec<u8> {
    match (facts.method, message.id()) {
        (Some(Method::ToolsCall), Some(id)) => tool_refusal(
            id,
            facts,
            is_modern(facts),
            decision,
            record,
            "The call was made, but its result was withheld.",
        ),
        (_, id) => request_refusal(id, "The result was withheld by the gateway.", decision, record),
    }
}

/// The answer to the server for a request of its own that was denied (sampling, elicitation, roots); `None` for a
/// notification.
#[must_use]
pub fn to_server_request(message: &Message, facts: &Facts<'_>, decision: &Decision, record: &str) -> Option<Vec<u8>> {
    // Which rule refused is none of the server's business; the record's id lets two operators speak about it.
    let _ = decision;
    if message.kind() != Kind::Request {
        return None;
    }
    let id = message.id()?;
    let method = facts.method.or_else(|| message.method());
    if method == Some(Method::ElicitationCreate) {
        let mut out = begin(Some(id));
        out.extend_from_slice(b"\"result\":{\"action\":\"decline\"}}");
        return Some(out);
    }
    let text = format!("Method not found: {}", shortened(method.map_or("", Method::name)));
    Some(error(Some(id), METHOD_NOT_FOUND, &text, |data| member(data, "record", record)))
}

/// The JSON-RPC error for bytes that could not be read as a message. `id` is the request's id as written, where it
/// could be told.
#[must_use]
pub fn to_unreadable(refusal: &Refusal, id: Option<&str>, record: &str) -> Vec<u8> {
    error(id.map(Id), refusal.code.json_rpc_code(), &refusal.detail, |data| {
        member(data, "reason", refusal.code.name());
        data.push(b',');
        member(data, "record", record);
    })
}

/// What a server says of something that it does not have. Nothing in it may tell a hidden thing from a missing one.
fn as_if_unknown(id: Id<'_>, facts: &Facts<'_>) -> Option<Vec<u8>> {
    let unknown = |text: String| error_without_data(Some(id), INVALID_PARAMS, &text);
    match (facts.method?, &facts.tool, &facts.prompt, &facts.resource) {
        (Method::ToolsCall, Some(tool), _, _) => Some(unknown(format!("Unknown tool: {}", shortened(tool)))),
        (Method::PromptsGet | Method::Complete, _, Some(prompt), _) => {
            Some(unknown(format!("Unknown prompt: {}", shortened(prompt))))
        }
        (Method::TasksGet | Method::TasksResult | Method::TasksUpdate | Method::TasksCancel, _, _, _) => {
            Some(unknown("Failed to retrieve task: Task not found".to_owned()))
        }
        (Method::SubscriptionsListen, _, _, _) => Some(unknown("Resource not found".to_owned())),
        (_, _, _, Some(uri)) => {
            let code = if is_modern(facts) { INVALID_PARAMS } else { RESOURCE_NOT_FOUND_LEGACY };
            Some(error(Some(id), code, "Resource not found", |data| member(data, "uri", &shortened(uri))))
        }
        _ => None,
    }
}

fn tool_refusal(
    id: Id<'_>,
    facts: &Facts<'_>,
    is_modern: bool,
    decision: &Decision,
    record: &str,
    what_happened: &str,
) -> Vec<u8> {
    let tool = facts.tool.as_deref().map_or(Cow::Borrowed("(unreadable)"), shortened);
    let mut text = format!("Refused by the gateway: tool \"{tool}\". {what_happened} ");
    if let Some(shown) = shown_text(decision) {
        text.push_str("Reason: ");
        text.push_str(shown);
        text.push_str(if shown.ends_with(['.', '!', '?']) { " " } else { ". " });
    }
    match decision.retry_after {
        Some(wait) => text.push_str(&format!("Try again in {} seconds. The reference is ", seconds(wait))),
        None => {
            text.push_str("Trying again will not help. The operator of this gateway can say more; the reference is ")
        }
    }
    text.push_str(record);
    text.push('.');
    let mut out = begin(Some(id));
    out.extend_from_slice(b"\"result\":{");
    if is_modern {
        out.extend_from_slice(b"\"resultType\":\"complete\",");
    }
    out.extend_from_slice(b"\"content\":[{\"type\":\"text\",");
    member(&mut out, "text", &text);
    out.extend_from_slice(b"}],\"isError\":true,\"_meta\":{");
    write_string(META_KEY, &mut out);
    out.extend_from_slice(b":{\"verdict\":\"deny\",");
    reason_members(&mut out, decision, record);
    out.extend_from_slice(b"}}}}");
    out
}

fn request_refusal(id: Option<Id<'_>>, text: &str, decision: &Decision, record: &str) -> Vec<u8> {
    let message: Cow<'_, str> = match shown_text(decision) {
        Some(shown) => format!("{text} {shown}").into(),
        None => text.into(),
    };
    error(id, REFUSED, &message, |data| reason_members(data, decision, record))
}

/// `reason`, `text` and `record`, for machines.
fn reason_members(out: &mut Vec<u8>, decision: &Decision, record: &str) {
    member(out, "reason", reason_code(decision));
    if let Some(text) = shown_text(decision) {
        out.push(b',');
        member(out, "text", text);
    }
    out.push(b',');
    member(out, "record", record);
    if let Some(wait) = decision.retry_after {
        out.extend_from_slice(format!(",\"retry_after_seconds\":{}", seconds(wait)).as_bytes());
    }
}

/// Whole seconds, rounded up, at least one (RFC 9110, section 10.2.3: `Retry-After` is in seconds).
#[must_use]
pub fn seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// The kind of the decisive reason. Rules and findings have no names here.
fn reason_code(decision: &Decision) -> &'static str {
    match decision.reasons.first().map(|reason| &*reason.rule) {
        Some(Reason::POLICY_ERROR) => "policy_error",
        Some(rule) if rule.starts_with("finding:") => "inspection",
        Some(rule) if rule.starts_with("limit:") => "limit",
        Some(Reason::STATE_UNAVAILABLE) => "unavailable",
        Some(_) | None => "policy",
    }
}

/// The text of the decisive reason, if it may be shown.
fn shown_text(decision: &Decision) -> Option<&str> {
    decision.reasons.first().and_then(|reason| reason.text.as_deref())
}

fn is_modern(facts: &Facts<'_>) -> bool {
    facts.revision.is_some_and(|revision| revision.era() == Era::Modern)
}

fn shortened(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(NAME_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()).into(),
        None => Cow::Borrowed(name),
    }
}

/// `{"jsonrpc":"2.0","id":…,`, the id exactly as it was written; null where it could not be told (JSON-RPC 2.0,
/// section 5).
fn begin(id: Option<Id<'_>>) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    out.extend_from_slice(id.map_or("null", |id| id.0).as_bytes());
    out.push(b',');
    out
}

fn error(id: Option<Id<'_>>, code: i32, message: &str, data: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = begin_error(id, code, message);
    out.extend_from_slice(b",\"data\":{");
    data(&mut out);
    out.extend_from_slice(b"}}}");
    out
}

fn error_without_data(id: Option<Id<'_>>, code: i32, message: &str) -> Vec<u8> {
    let mut out = begin_error(id, code, message);
    out.extend_from_slice(b"}}");
    out
}

fn begin_error(id: Option<Id<'_>>, code: i32, message: &str) -> Vec<u8> {
    let mut out = begin(id);
    out.extend_from_slice(b"\"error\":{\"code\":");
    out.extend_from_slice(code.to_string().as_bytes());
    out.push(b',');
    member(&mut out, "message", message);
    out
}

/// One member with a string value.
fn member(out: &mut Vec<u8>, key: &str, value: &str) {
    write_string(key, out);
    out.push(b':');
    write_string(value, out);
}

#[cfg(test)]
mod tests;
