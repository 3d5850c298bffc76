//! The published schema against real records of every kind. The checker knows the part of JSON Schema that the schema
//! uses, and refuses one that uses more.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehold_decide::obligation::{ApprovalDemand, Demand, Limit, Manner, Rate, StepUpDemand};
use gatehold_decide::{Decision, Verdict};
use gatehold_evidence::clock::Parts;
use gatehold_evidence::{Durability, Ledger, Options};
use gatehold_inspect::{Finding, Findings, Severity};
use gatehold_session::Direction;
use gatehold_wire::edit::Edit;
use gatehold_wire::{Refusal, RefusalCode};
use serde_json::Value;

use crate::samples::{Folder, call, decision, origin, record};

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/record.schema.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Checks a value; panics with the place where it does not satisfy the schema.
fn check(root: &Value, schema: &Value, value: &Value, place: &str) {
    for (keyword, argument) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => {}
            "$ref" => {
                let target = root.pointer(argument.as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
                check(root, target, value, place);
            }
            "type" => assert!(has_type(value, argument.as_str().unwrap()), "{place}: {value} is no {argument}"),
            "const" => assert_eq!(value, argument, "{place}"),
            "enum" => assert!(argument.as_array().unwrap().contains(value), "{place}: {value} is none of {argument}"),
            "maxLength" => {
                assert!(value.as_str().unwrap().chars().count() as u64 <= argument.as_u64().unwrap(), "{place}")
            }
            "minimum" => assert!(value.as_f64().unwrap() >= argument.as_f64().unwrap(), "{place}"),
            "maximum" => assert!(value.as_f64().unwrap() <= argument.as_f64().unwrap(), "{place}"),
            "maxItems" => assert!(value.as_array().unwrap().len() as u64 <= argument.as_u64().unwrap(), "{place}"),
            "items" => value.as_array().unwrap().iter().for_each(|item| check(root, argument, item, place)),
            "pattern" => {
                assert!(matches_pattern(argument.as_str().unwrap(), value.as_str().unwrap()), "{place}: {value}")
            }
            "required" => {
                for name in argument.as_array().unwrap() {
                    assert!(value.get(name.as_str().unwrap()).is_some(), "{place}: {name} is missing in {value}");
                }
            }
            "properties" => {
                for (name, member) in value.as_object().unwrap() {
                    // Stricter than the schema, which lets later versions add members: ours are all described.
                    let known = argument.get(name).unwrap_or_else(|| panic!("{place}/{name} is not described"));
                    check(root, known, member, &format!("{place}/{name}"));
                }
            }
            "additionalProperties" => {
                value.as_object().unwrap().values().for_each(|member| check(root, argument, member, place));
            }
            "oneOf" => {
                let kind = &value["kind"];
                let of_kind = |variant: &&Value| match &variant["properties"]["kind"] {
                    Value::Object(condition) if condition.contains_key("const") => &condition["const"] == kind,
                    condition => condition["enum"].as_array().unwrap().contains(kind),
                };
                let fitting: Vec<&Value> = argument.as_array().unwrap().iter().filter(of_kind).collect();
                assert_eq!(fitting.len(), 1, "{place}: {kind}");
                check(root, fitting[0], value, place);
            }
            other => panic!("the schema uses `{other}`, which this check does not know"),
        }
    }
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => panic!("unknown type {name}"),
    }
}

fn matches_pattern(pattern: &str, text: &str) -> bool {
    let hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    match pattern {
        "^[0-9a-f]{64}$" => hex(text, 64),
        "^(sha256|blake3):[0-9a-f]{64}$" => {
            text.strip_prefix("sha256:").or_else(|| text.strip_prefix("blake3:")).is_some_and(|rest| hex(rest, 64))
        }
        "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$" => {
            let parts: Vec<&str> = text.split('-').collect();
            parts.len() == 5
                && parts.iter().zip([8, 4, 4, 4, 12]).all(|(part, length)| hex(part, length))
                && parts[2].starts_with('7')
                && parts[3].starts_with(['8', '9', 'a', 'b'])
        }
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{9}Z$" => {
            text.bytes()
                .zip("0000-00-00T00:00:00.000000000Z".bytes())
                .all(|(found, model)| if model == b'0' { found.is_ascii_digit() } else { found == model })
                && text.len() == 30
        }
        _ => panic!("unknown pattern {pattern}"),
    }
}

/// A decision that waits for two people, and is charged.
fn held() -> Decision {
    let wait = Duration::from_secs(60);
    let approval = ApprovalDemand { people: 2, roles: ["lead".into()].into(), wait, ask: Box::default() };
    let rate = Rate { count: 1, per: wait, burst: 1, manner: Manner::Bucket };
    let mut held = decision(Verdict::Hold);
    held.demand = Some(Arc::new(Demand::Approval(approval)));
    held.limits = vec![Arc::new(Limit { name: "slow".into(), rate, per: Box::default(), text: None })];
    held
}

/// A decision that waits for a second factor.
fn factor() -> Decision {
    let wait = Duration::from_secs(60);
    let mut factor = decision(Verdict::Hold);
    factor.demand = Some(Arc::new(Demand::StepUp(StepUpDemand { wait, lasts: wait })));
    factor
}

/// A ledger with a record of every kind, with every member.
fn write_everything(folder: &Path) {
    let options = Options { durability: Durability::Os, file_bytes_max: 12_000 };
    let ledger = Ledger::open_with(folder, "demo", options, Parts::system()).unwrap();
    let mut findings = Findings::default();
    for _ in 0..40 {
        findings.push(Finding {
            id: "TP001",
            rule: "imperative".into(),
            severity: Severity::Medium,
            confidence: 0.123_456,
            pointer: "/params/arguments/n".into(),
            span: 3..9,
            detail: "text".repeat(1000).into(),
        });
    }
    let none = Findings::default();
    let long = "é".repeat(3000);
    let mut redact = decision(Verdict::Redact);
    redact.edits = vec![Edit { span: 1..1, with: b" ".to_vec() }];
    let mut unfit = redact.clone();
    unfit.edits = vec![Edit { span: 0..9999, with: Vec::new() }];
    let mut many = decision(Verdict::Deny);
    many.reasons = vec![many.reasons[0].clone(); 3];
    many.reasons[0].text = Some(long.as_str().into());
    many.tags = ["soc2:CC6.1".into()].into();
    let (held, factor) = (held(), factor());
    for (text, findings, decision) in [
        (call(7), &none, &held),
        (call(8), &none, &factor),
        (call(1), &findings, &many),
        (call(2), &none, &redact),
        (call(3), &none, &unfit),
        (call(4).replace("read", &long), &none, &decision(Verdict::Hold)),
        (r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.to_owned(), &none, &decision(Verdict::Allow)),
        (
            r#"{"jsonrpc":"2.0","id":"x","method":"resources/read","params":{"uri":"https://u:p@h/a?k=v"}}"#.to_owned(),
            &none,
            &decision(Verdict::Allow),
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[]}}"#.to_owned(),
            &none,
            &decision(Verdict::Allow),
        ),
        (
            format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"text":"{}"}}}}"#, "x".repeat(20_000)),
            &none,
            &decision(Verdict::Allow),
        ),
        (
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":"no"}}"#.to_owned(),
            &none,
            &decision(Verdict::Allow),
        ),
    ] {
        assert!(record(&ledger, text, findings, decision).is_ok());
    }
    let refusal = Refusal::new(RefusalCode::InvalidJson, 3, "no JSON");
    drop(ledger.append_unreadable(b"{x", &refusal, Direction::FromClient, &origin()).unwrap());
    drop(ledger.append_own(&origin(), Direction::FromClient, "initialize", Bytes::from(call(9))).unwrap());
    ledger.lifecycle("server_died", &[("server", "files"), ("status", "1")]).unwrap();
    let path = ledger.path();
    drop(ledger);
    let mut bytes = fs::read(&path).unwrap();
    let closing = bytes.len() - 2 - bytes[..bytes.len() - 1].iter().rev().position(|byte| *byte == b'\n').unwrap();
    bytes.truncate(closing + 20);
    fs::write(&path, bytes).unwrap();
    assert_eq!(Ledger::open(folder, "demo", Durability::Disk).unwrap().repairs().len(), 1);
}

#[test]
fn real_records_satisfy_the_published_schema() {
    let folder = Folder::new();
    write_everything(&folder.0);
    let schema = schema();
    let mut kinds = std::collections::BTreeSet::new();
    let mut members = std::collections::BTreeSet::new();
    for entry in fs::read_dir(&folder.0).unwrap() {
        for line in fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
            // The torn fragment is the one line that is no record.
            let Ok(value) = serde_json::from_str::<Value>(line) else { continue };
            check(&schema, &schema, &value, "");
            kinds.insert(value["kind"].as_str().unwrap().to_owned());
            for part in [Some(&value), value.get("decision"), value.get("actor")].into_iter().flatten() {
                members.extend(part.as_object().unwrap().keys().cloned());
            }
        }
    }
    let expected = ["genesis", "lifecycle", "notification", "repair", "request", "response", "unreadable"];
    assert!(kinds.iter().eq(expected), "{kinds:?}");
    let ours = ["args", "result", "sent", "own", "latency_us", "findings_omitted", "links", "continues", "last"];
    for member in ours.into_iter().chain(["tags", "limits", "demand", "roles", "issuer", "client", "tenant"]) {
        assert!(members.contains(member), "no record has {member}");
    }
}

#[test]
#[should_panic(expected = "is not described")]
fn the_check_sees_a_member_that_is_not_described() {
    let folder = Folder::new();
    let path = Ledger::open(&folder.0, "demo", Durability::Os).unwrap().path();
    let line = fs::read_to_string(path).unwrap().lines().next().unwrap().replacen('{', "{\"x\":1,", 1);
    check(&schema(), &schema(), &serde_json::from_str(&line).unwrap(), "");
}
