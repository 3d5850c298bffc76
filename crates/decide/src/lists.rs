//! Filtering of lists by the same decision as calls: what a client may not use, it does not see.
//!
//! Every entry of `tools/list`, `prompts/list`, `resources/list` and `resources/templates/list` is decided as a use of
//! it (`tools/call`, `prompts/get`, `resources/read`; a template by its `uriTemplate`) with arguments that are not yet
//! known: a deny rule that depends on arguments does not hide, an allow rule that depends on them shows. What is
//! taken out is cut from the bytes; the rest keeps its bytes and its order, and cursors are not touched. An entry
//! without a readable name is taken out: nothing can be decided about it.
//!
//! A list that was filtered must not be shared by a cache (2026-07-28, caching): `"cacheScope":"public"` becomes
//! `"private"`, and `ttlMs` is clamped so that a change of policy takes effect.

use gatehold_inspect::Flow;
use gatehold_session::{Direction, ToolHints};
use gatehold_wire::edit::{Edit, retain_items};
use gatehold_wire::json::{Raw, Type};
use gatehold_wire::{Kind, Method};

use crate::decision::{Decision, Reason, Verdict};
use crate::policy::Policy;
use crate::policy::evaluate;
use crate::policy::number::Number;
use crate::policy::subject::Around;

/// How long a client may keep a filtered list, in milliseconds.
pub const FILTERED_TTL_MS_MAX: u32 = 60_000;

/// Takes out of a list what the policy does not allow: the decision becomes `Redact` with the edits. A list that is
/// no list becomes `Deny`.
pub(crate) fn filter(policy: &Policy, around: &Around<'_>, flow: Flow<'_>, decision: &mut Decision) {
    if !policy.may_hide() || flow.facts.kind != Kind::Result || flow.facts.direction != Direction::FromServer {
        return;
    }
    let Some((member, method, name)) = flow.facts.method.and_then(entries_of) else { return };
    let Some(result) = flow.message.result() else { return };
    let Some(list) = result.get(member) else { return };
    match list.kind() {
        Type::Array => {}
        Type::Null => return,
        Type::Bool | Type::Number | Type::String | Type::Object => {
            return decision.deny(policy.error_reason().clone());
        }
    }
    let mut because: Vec<Reason> = Vec::new();
    let (mut spans, mut keep) = (Vec::new(), Vec::new());
    for entry in list.items() {
        let refused = match entry.get(name).and_then(Raw::as_str) {
            Some(name) => {
                let hints = (method == Method::ToolsCall).then(|| ToolHints::of_tool(entry));
                let ruling = evaluate::entry(policy, around, method, &name, hints);
                (!ruling.is_listed()).then_some(ruling.reason)
            }
            None => Some(policy.error_reason().clone()),
        };
        spans.push(entry.span());
        keep.push(refused.is_none());
        if let Some(reason) = refused
            && !because.contains(&reason)
        {
            because.push(reason);
        }
    }
    if because.is_empty() {
        return;
    }
    let mut edits = retain_items(&spans, &keep);
    edits.extend(keep_private(result));
    // What is taken out of an entry goes with the entry.
    let stays =
        |edit: &Edit| !edits.iter().any(|cut| cut.span.start <= edit.span.start && edit.span.end <= cut.span.end);
    decision.edits.retain(stays);
    decision.edits.append(&mut edits);
    decision.verdict = decision.verdict.max(Verdict::Redact);
    because.append(&mut decision.reasons);
    decision.reasons = because;
}

/// For a list method: the member of its result, the method that uses an entry, and the member that names an entry.
fn entries_of(method: Method<'_>) -> Option<(&'static str, Method<'static>, &'static str)> {
    let member = method.list_member()?;
    Some(match member {
        "tools" => (member, Method::ToolsCall, "name"),
        "prompts" => (member, Method::PromptsGet, "name"),
        "resourceTemplates" => (member, Method::ResourcesRead, "uriTemplate"),
        _ => (member, Method::ResourcesRead, "uri"),
    })
}

/// The edits that keep a filtered list out of shared caches, and not for long in any.
fn keep_private(result: Raw<'_>) -> impl Iterator<Item = Edit> {
    let scope = result.get("cacheScope").filter(|scope| scope.is_str("public"));
    let scope = scope.map(|scope| Edit { span: scope.span(), with: b"\"private\"".to_vec() });
    let clamped = FILTERED_TTL_MS_MAX.to_string();
    let too_long = |ttl: &Raw<'_>| {
        let order = Number::new(&clamped).and_then(|limit| limit.order_of(ttl.text()));
        ttl.kind() == Type::Number && order.map_or(true, std::cmp::Ordering::is_gt)
    };
    let ttl = result.get("ttlMs").filter(too_long).map(|ttl| Edit { span: ttl.span(), with: clamped.into_bytes() });
    scope.into_iter().chain(ttl)
}

#[cfg(test)]
mod tests;
