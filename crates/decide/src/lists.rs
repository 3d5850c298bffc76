//! Filtering of lists by the same decision as calls: what a client may not use, it does not see.
//!
//! Every entry of `tools/list`, `prompts/list`, `resources/list` and `resources/templates/list` is decided as a use of
//! it (`tools/call`, `prompts/get`, `resources/read`; a template by its `uriTemplate`) with arguments that are not yet
//! known: a deny rule that depends on arguments does not hide, an allow rule that depends on them shows. What is
//! taken out is cut from the bytes; the rest keeps its bytes and its order, and cursors are not touched. An entry
//! without a readable name is taken out: nothing can be decided about it.
//!
//! A finding that denies and stands in one entry takes that entry out too, and the rest of the list passes. Where it
//! cannot be told beyond doubt which entry it stands in, the whole list is denied.
//!
//! A list that was filtered must not be shared by a cache (2026-07-28, caching): `"cacheScope":"public"` becomes
//! `"private"`, and `ttlMs` is clamped so that a change of policy takes effect.

use gatehold_inspect::{Finding, Flow};
use gatehold_session::{Direction, ToolHints};
use gatehold_wire::edit::{Edit, retain_items};
use gatehold_wire::json::{Raw, Type};
use gatehold_wire::{Kind, Method};

use crate::decision::{Decision, Reason, Verdict};
use crate::policy::Policy;
use crate::policy::evaluate;
use crate::policy::findings::Poisoned;
use crate::policy::number::Number;
use crate::policy::subject::Around;

/// How long a client may keep a filtered list, in milliseconds.
pub const FILTERED_TTL_MS_MAX: u32 = 60_000;

/// Takes out of a list what the policy does not allow: the decision becomes `Redact` with the edits. A list that is
/// no list becomes `Deny`.
/// `poisoned` are entries that what was found in them takes out.
pub(crate) fn filter(
    policy: &Policy,
    around: &Around<'_>,
    flow: Flow<'_>,
    poisoned: &[Poisoned],
    decision: &mut Decision,
) {
    let hides = policy.may_hide();
    if (!hides && poisoned.is_empty())
        || flow.facts.kind != Kind::Result
        || flow.facts.direction != Direction::FromServer
    {
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
    for (index, entry) in list.items().enumerate() {
        let found = poisoned.iter().filter(|found| found.index == index);
        let found: Vec<&Reason> = found.map(|found| &found.reason).collect();
        let refused = match entry.get(name).and_then(Raw::as_str) {
            _ if !found.is_empty() => None,
            _ if !hides => None,
            Some(name) => {
                let hints = (method == Method::ToolsCall).then(|| ToolHints::of_tool(entry));
                let ruling = evaluate::entry(policy, around, method, &name, hints);
                (!ruling.is_listed()).then_some(ruling.reason)
            }
            None => Some(policy.error_reason().clone()),
        };
        spans.push(entry.span());
        keep.push(refused.is_none() && found.is_empty());
        for reason in found.into_iter().cloned().chain(refused) {
            if !because.contains(&reason) {
                because.push(reason);
            }
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
    for tag in poisoned.iter().flat_map(|found| found.tags.iter()) {
        if !decision.tags.contains(tag) {
            decision.tags = decision.tags.iter().chain(std::iter::once(tag)).cloned().collect();
        }
    }
}

/// Which entry of the list that a server answers with a finding stands in, from 0. `None` where that is not beyond
/// doubt: in no list, beside its entries, or reaching beyond one of them.
pub(crate) fn entry_of(flow: Flow<'_>, finding: &Finding) -> Option<usize> {
    if flow.facts.kind != Kind::Result || flow.facts.direction != Direction::FromServer {
        return None;
    }
    let (member, ..) = flow.facts.method.and_then(entries_of)?;
    let list = flow.message.result()?.get(member).filter(|list| list.kind() == Type::Array)?;
    let rest = finding.pointer.strip_prefix("/result/")?.strip_prefix(member)?.strip_prefix('/')?;
    let digits = rest.split('/').next()?;
    let index = digits.parse::<usize>().ok().filter(|index| index.to_string() == digits)?;
    let entry = list.items().nth(index)?.span();
    let lies_within = entry.start <= finding.span.start && finding.span.end <= entry.end;
    (lies_within && !finding.span.is_empty()).then_some(index)
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
