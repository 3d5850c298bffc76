//! What a record says: one JSON object on one line, described by `docs/reference/record.schema.json`. This module
//! writes the middle of the line, from `kind` on; `chain` writes what stands around it.
//!
//! Bodies never stand in a record, only their digests and lengths. Names, URIs and ids do, cut at 512 bytes, and URIs
//! without what may be secret.

pub mod digest;

pub mod uri;

pub(crate) mod text;

use std::time::Duration;

use bytes::Bytes;
use gatehold_decide::obligation::Demand;
use gatehold_decide::{Decision, Mode, Verdict};
use gatehold_inspect::finding::{Finding, MODEL_SAYS, Severity, UNREADABLE};
use gatehold_session::{Direction, Facts, Origin, Principal};
use gatehold_wire::json::Raw;
use gatehold_wire::{Kind, Message, Method, Refusal};

use crate::ledger::Entry;
use text::Json;

/// The version of the record's form. Members are added freely; the meaning of one never changes within a version.
pub const VERSION: u64 = 1;

/// Findings that one record spells out. Of more, the gravest stay and the number of the others is recorded.
pub const FINDINGS_MAX: usize = 32;

/// Fields of one lifecycle record, and rules named beside the decisive one. What is beyond is counted.
pub const FIELDS_MAX: usize = 32;

/// No record is longer than this, in bytes with its line end: it follows from the bounds of its parts.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;

/// What the gate does with a message, as the record says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect<'a> {
    /// As decided.
    AsDecided,
    /// Edited as decided; these bytes leave.
    Edited(&'a Bytes),
    /// The decision's edits do not fit the message: denied.
    Uneditable,
}

/// Writes the record of a decided message.
pub(crate) fn write_message(entry: &Entry<'_>, effect: Effect<'_>, out: &mut Vec<u8>) {
    let mut json = Json::new(out);
    let facts = entry.facts;
    json.word("kind", kind(facts.kind));
    json.word("direction", facts.direction.name());
    let claimed = (facts.client_claimed.as_deref(), facts.server_claimed.as_deref());
    write_origin(&mut json, facts.origin, facts.principal, claimed.0, claimed.1);
    write_protocol(&mut json, facts);
    let digested = write_body(&mut json, entry.message, facts);
    write_decision(&mut json, entry.decision, effect);
    write_findings(&mut json, entry.findings.as_slice());
    if let Some(time) = entry.upstream_time {
        write_latency(&mut json, time);
    }
    let bytes = entry.message.bytes();
    json.open("message");
    if !digested {
        json.digest("digest", bytes);
    }
    json.number("bytes", bytes.len() as u64);
    json.close();
    if let Effect::Edited(sent) = effect {
        json.open("sent");
        json.digest("digest", sent);
        json.number("bytes", sent.len() as u64);
        json.close();
    }
}

/// Writes the record of bytes that are no message.
pub(crate) fn write_unreadable(
    bytes: &[u8],
    refusal: &Refusal,
    direction: Direction,
    origin: &Origin,
    out: &mut Vec<u8>,
) {
    let mut json = Json::new(out);
    json.word("kind", "unreadable");
    json.word("direction", direction.name());
    write_origin(&mut json, origin, &origin.principal, None, None);
    json.open("decision");
    json.word("action", Verdict::Deny.name());
    json.word("rule", "finding:GH002");
    json.word("policy_sha256", "none");
    json.word("mode", Mode::Enforce.name());
    json.text("reason", &refusal.to_string());
    json.boolean("enforced", true);
    json.boolean("hidden", false);
    json.close();
    let finding = Finding {
        id: UNREADABLE,
        rule: refusal.code.name().into(),
        severity: Severity::High,
        confidence: 1.0,
        pointer: "".into(),
        span: refusal.offset..refusal.offset,
        detail: refusal.detail.as_str().into(),
    };
    write_findings(&mut json, &[finding]);
    json.open("message");
    json.digest("digest", bytes);
    json.number("bytes", bytes.len() as u64);
    json.close();
}

/// Writes the record of a message that the gateway sends on its own account.
pub(crate) fn write_own(
    origin: &Origin,
    direction: Direction,
    method: &str,
    kind: Kind,
    bytes: &[u8],
    out: &mut Vec<u8>,
) {
    let mut json = Json::new(out);
    json.word("kind", self::kind(kind));
    json.word("direction", direction.name());
    json.boolean("own", true);
    write_origin(&mut json, origin, &origin.principal, None, None);
    json.open("mcp");
    json.text("method", method);
    json.close();
    json.open("decision");
    json.word("action", Verdict::Allow.name());
    json.word("rule", "own");
    json.word("policy_sha256", "none");
    json.word("mode", Mode::Enforce.name());
    json.boolean("enforced", true);
    json.boolean("hidden", false);
    json.close();
    json.open_list("findings");
    json.close_list();
    json.open("message");
    json.digest("digest", bytes);
    json.number("bytes", bytes.len() as u64);
    json.close();
}

/// Writes a record about the gateway itself. `last` marks the end of the file.
pub(crate) fn write_lifecycle(event: &str, fields: &[(&str, &str)], last: bool, out: &mut Vec<u8>) {
    let mut json = Json::new(out);
    json.word("kind", "lifecycle");
    json.text("event", event);
    if last {
        json.boolean("last", true);
    }
    json.open("fields");
    for (index, (key, value)) in fields.iter().take(FIELDS_MAX).enumerate() {
        // A key that occurs twice would be read differently by two readers: the first one stands.
        if !fields.iter().take(index).any(|(earlier, _)| earlier == key) {
            json.foreign(key, value);
        }
    }
    json.close();
    if fields.len() > FIELDS_MAX {
        json.number("fields_omitted", (fields.len() - FIELDS_MAX) as u64);
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Request => "request",
        Kind::Notification => "notification",
        Kind::Result | Kind::Error => "response",
    }
}

fn write_origin(
    json: &mut Json<'_>,
    origin: &Origin,
    principal: &Principal,
    client_claimed: Option<&str>,
    server_claimed: Option<&str>,
) {
    json.text("session", &origin.session);
    write_actor(json, principal);
    json.open("client");
    json.optional("name_claimed", client_claimed);
    json.word("transport", origin.transport.name());
    json.close();
    json.open("server");
    json.text("id", &origin.server);
    json.optional("name_claimed", server_claimed);
    json.close();
}

/// Who is behind the client's side, with what the proof of this very request says.
fn write_actor(json: &mut Json<'_>, principal: &Principal) {
    let attributes = principal.attributes();
    json.open("actor");
    json.text("sub", principal.name());
    json.word("auth", principal.proof().name());
    json.optional("issuer", principal.issuer());
    json.optional("client", principal.client());
    json.optional("tenant", attributes.tenant.as_deref());
    write_items(json, "roles", attributes.roles.iter().map(|role| &**role));
    json.close();
}

/// A list of texts, left out when it is empty. What is beyond `FIELDS_MAX` is left out.
fn write_items<'t>(json: &mut Json<'_>, key: &'static str, items: impl Iterator<Item = &'t str>) {
    let mut items = items.take(FIELDS_MAX).peekable();
    if items.peek().is_none() {
        return;
    }
    json.open_list(key);
    items.for_each(|item| json.item(item));
    json.close_list();
}

fn write_protocol(json: &mut Json<'_>, facts: &Facts<'_>) {
    json.open("mcp");
    if let Some(revision) = facts.revision {
        json.word("version", revision.name());
    }
    json.optional("method", facts.method.map(Method::name));
    json.optional("tool", facts.tool.as_deref());
    if let Some(resource) = facts.resource.as_deref() {
        let kept = uri::redact(resource);
        json.text("resource", &kept);
        if kept != resource {
            json.boolean("resource_redacted", true);
        }
    }
    json.optional("prompt", facts.prompt.as_deref());
    json.optional("request_id", facts.request_id);
    json.close();
}

/// Writes the digest of what the message carries and says whether it carries anything.
fn write_body(json: &mut Json<'_>, message: &Message, facts: &Facts<'_>) -> bool {
    if let Some(arguments) = message.arguments() {
        write_arguments(json, "arguments", arguments);
    } else if let Some(params) = message.params() {
        write_arguments(json, "params", params);
    } else if let Some(result) = message.result() {
        // Only the result of a tool has this member; looking for it means walking the result.
        let may_say = matches!(facts.method, Some(Method::ToolsCall | Method::TasksResult) | None);
        let is_error = may_say && result.get("isError").and_then(Raw::as_bool) == Some(true);
        json.open("result");
        json.digest("digest", result.text().as_bytes());
        json.number("bytes", result.text().len() as u64);
        json.boolean("is_error", is_error);
        json.close();
    } else if let Some(error) = message.error() {
        json.open("result");
        json.digest("digest", error.text().as_bytes());
        json.number("bytes", error.text().len() as u64);
        json.boolean("is_error", true);
        if let Some(code) = error.get("code").and_then(Raw::as_i64) {
            json.raw("code", &code.to_string());
        }
        json.close();
    } else {
        return false;
    }
    true
}

fn write_arguments(json: &mut Json<'_>, of: &str, value: Raw<'_>) {
    json.open("args");
    json.word("of", of);
    json.digest("digest", value.text().as_bytes());
    json.number("bytes", value.text().len() as u64);
    json.close();
}

fn write_decision(json: &mut Json<'_>, decision: &Decision, effect: Effect<'_>) {
    let first = decision.reasons.first();
    json.open("decision");
    if effect == Effect::Uneditable {
        json.word("action", Verdict::Deny.name());
        json.word("rule", "edit-failed");
        json.word("decided", decision.verdict.name());
        json.optional("decided_rule", first.map(|reason| &*reason.rule));
    } else {
        json.word("action", decision.verdict.name());
        json.text("rule", first.map_or("none", |reason| &*reason.rule));
    }
    json.text("policy_sha256", &decision.policy);
    json.word("mode", decision.mode.name());
    if effect == Effect::Uneditable {
        json.word("reason", "The ordered edits do not fit the message.");
    } else {
        json.optional("reason", first.and_then(|reason| reason.text.as_deref()));
    }
    if decision.reasons.len() > 1 {
        json.open_list("also");
        for reason in decision.reasons.iter().skip(1).take(FIELDS_MAX) {
            json.item(&reason.rule);
        }
        json.close_list();
    }
    write_items(json, "tags", decision.tags.iter().map(|tag| &**tag));
    write_items(json, "limits", decision.limits.iter().map(|limit| &*limit.name));
    if let Some(demand) = decision.demand.as_deref() {
        write_demand(json, demand);
    }
    json.boolean("enforced", decision.mode == Mode::Enforce);
    json.boolean("hidden", decision.hidden);
    json.close();
}

/// What a held message waits for.
fn write_demand(json: &mut Json<'_>, demand: &Demand) {
    json.open("demand");
    match demand {
        Demand::Approval(approval) => {
            json.word("kind", "approval");
            json.number("people", approval.people.into());
            write_items(json, "roles", approval.roles.iter().map(|role| &**role));
            json.number("wait_seconds", approval.wait.as_secs());
        }
        Demand::StepUp(factor) => {
            json.word("kind", "step_up");
            json.number("wait_seconds", factor.wait.as_secs());
            json.number("lasts_seconds", factor.lasts.as_secs());
        }
    }
    json.close();
}

fn write_findings(json: &mut Json<'_>, findings: &[Finding]) {
    json.open_list("findings");
    if findings.len() <= FINDINGS_MAX {
        findings.iter().for_each(|finding| write_finding(json, finding));
        json.close_list();
        return;
    }
    // A flood of harmless findings must not push the grave one out of the record.
    let mut gravest: Vec<&Finding> = findings.iter().collect();
    gravest.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    gravest.iter().take(FINDINGS_MAX).for_each(|finding| write_finding(json, finding));
    json.close_list();
    json.number("findings_omitted", (findings.len() - FINDINGS_MAX) as u64);
}

fn write_finding(json: &mut Json<'_>, finding: &Finding) {
    // What is not a number says nothing about how sure the detector is; taken as sure.
    let confidence = if finding.confidence.is_nan() { 1.0 } else { finding.confidence.clamp(0.0, 1.0) };
    json.open_item();
    json.text("id", finding.id);
    json.text("rule", &finding.rule);
    json.word("severity", finding.severity.name());
    json.raw("confidence", &format!("{confidence:.3}"));
    json.text("pointer", &finding.pointer);
    json.raw("span", &format!("[{},{}]", finding.span.start, finding.span.end));
    json.text("detail", &finding.detail);
    if finding.id == MODEL_SAYS {
        json.word("tier", "model");
    }
    json.close();
}

fn write_latency(json: &mut Json<'_>, time: Duration) {
    json.open("latency_us");
    json.number("upstream", u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    json.close();
}
