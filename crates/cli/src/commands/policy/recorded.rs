//! Recorded traffic, read from ledger files so that it can be decided again. A record holds no arguments and no roles:
//! what depends on those stays open. It verifies nothing (`gatehold audit verify` does) and changes nothing.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use gatehold_decide::rehearsal::{Rehearsal, finding_id, seconds};
use gatehold_decide::situation::Tally;
use gatehold_evidence::record::LINE_BYTES_MAX;
use gatehold_inspect::{Finding, Severity};
use gatehold_session::principal::Proof;
use gatehold_session::{Direction, Principal, Transport};
use gatehold_wire::Revision;
use serde_json::{Value, json};

use crate::shared::Failure;

/// The most sessions whose counters are kept; of more, the counters begin again.
const SESSIONS_MAX: usize = 100_000;

/// What no record says: keys of `match`.
pub(super) const UNKNOWN: [&str; 9] =
    ["arguments", "role", "group", "scope", "label", "tenant", "client", "hints", "when"];

/// One message that was recorded.
pub(super) struct Recorded {
    pub(super) rehearsal: Rehearsal,
    /// What was asked: the method and its subject.
    pub(super) what: What,
    /// What was decided then.
    pub(super) action: String,
    /// Under which policy.
    pub(super) policy: String,
    /// The gravest finding.
    pub(super) gravest: Option<Severity>,
}

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct What {
    pub(super) method: String,
    /// The tool, prompt or resource.
    pub(super) subject: Option<String>,
    pub(super) server: String,
    pub(super) principal: String,
    pub(super) is_anonymous: bool,
    pub(super) from_server: bool,
}

impl What {
    /// In words.
    pub(super) fn sentence(&self) -> String {
        let subject = self.subject.as_ref().map_or_else(String::new, |subject| format!(" {}", printable(subject)));
        let way = if self.from_server { "asked by" } else { "on" };
        format!("{}{subject} {way} {}", printable(&self.method), printable(&self.server))
    }
}

/// How much was read.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) files: usize,
    pub(super) replayed: usize,
    /// Names that were cut when they were recorded, and lines that are no records.
    pub(super) skipped: usize,
}

/// Reads the requests and notifications of a ledger file, or of every file in a folder, in their order, and hands each
/// to `each`.
pub(super) fn read(path: &Path, each: &mut dyn FnMut(Recorded)) -> Result<Counts, Failure> {
    let mut counts = Counts::default();
    let mut sessions: HashMap<String, Tally> = HashMap::new();
    for file in files(path)? {
        counts.files += 1;
        let failed = |error: std::io::Error| Failure::error(format!("{} cannot be read: {error}", file.display()));
        let mut reader = BufReader::new(File::open(&file).map_err(failed)?);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut reader).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line).map_err(failed)?;
            if read == 0 {
                break;
            }
            let Ok(record) = serde_json::from_slice::<Value>(&line) else {
                counts.skipped += 1;
                continue;
            };
            let kind = text_at(&record, "/kind");
            if !matches!(kind, Some("request" | "notification")) || record.pointer("/own").is_some() {
                continue;
            }
            let session = text_at(&record, "/session").unwrap_or_default().to_owned();
            if sessions.len() >= SESSIONS_MAX {
                sessions.clear();
            }
            let tally = sessions.entry(session).or_default();
            match recorded(&record, *tally) {
                Some(recorded) => {
                    counts.replayed += 1;
                    count(tally, &recorded);
                    each(recorded);
                }
                None => counts.skipped += 1,
            }
        }
    }
    if counts.files == 0 {
        return Err(Failure::error(format!("{}: there is no ledger file (`*.jsonl`)", path.display())));
    }
    Ok(counts)
}

fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: std::io::Error| Failure::error(format!("{} cannot be read: {error}", path.display()));
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.extension().is_some_and(|extension| extension == "jsonl") && file.is_file() {
            files.push(file);
        }
    }
    // Names begin with their time.
    files.sort();
    Ok(files)
}

fn count(tally: &mut Tally, recorded: &Recorded) {
    if recorded.what.from_server {
        return;
    }
    tally.requests = tally.requests.saturating_add(1);
    if recorded.what.method == "tools/call" {
        tally.calls = tally.calls.saturating_add(1);
    }
    if recorded.action == "deny" {
        tally.denied = tally.denied.saturating_add(1);
    }
    if recorded.gravest >= Some(Severity::High) {
        tally.alarming = tally.alarming.saturating_add(1);
    }
}

/// A text in a record.
fn text_at<'r>(record: &'r Value, pointer: &str) -> Option<&'r str> {
    record.pointer(pointer).and_then(Value::as_str)
}

/// One record as a message; `None` where too little of it was kept.
fn recorded(record: &Value, tally: Tally) -> Option<Recorded> {
    let text = |pointer: &str| text_at(record, pointer).map(str::to_owned);
    // What was cut is another name.
    let cut =
        ["/mcp/method_digest", "/mcp/tool_digest", "/mcp/prompt_digest", "/mcp/resource_digest", "/server/id_digest"];
    if cut.iter().any(|pointer| record.pointer(pointer).is_some()) {
        return None;
    }
    let method = text("/mcp/method")?;
    let direction = match text_at(record, "/direction")? {
        "from_server" => Direction::FromServer,
        _ => Direction::FromClient,
    };
    let (params, subject) = params(&method, text("/mcp/tool"), text("/mcp/prompt"), text("/mcp/resource"));
    let message = match text_at(record, "/kind") {
        Some("request") => json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }),
        _ => json!({ "jsonrpc": "2.0", "method": method, "params": params }),
    };
    let (server, name) = (text("/server/id")?, text("/actor/sub")?);
    let proof = proof(text_at(record, "/actor/auth")?)?;
    let transport = transport(text_at(record, "/client/transport")?)?;
    let findings = findings(record.pointer("/findings")?);
    let gravest = findings.iter().map(|finding| finding.severity).max();
    let rehearsal = Rehearsal::new(&message.to_string(), direction)
        .ok()?
        .by(Principal::new(&name, proof))
        .at(&server, transport)
        .when(seconds(text_at(record, "/time")?)?)
        .speaking(text_at(record, "/mcp/version").and_then(Revision::from_name))
        .claiming(text_at(record, "/client/name_claimed"))
        .after(tally)
        .finding(findings);
    let (is_anonymous, from_server) = (proof == Proof::Anonymous, direction == Direction::FromServer);
    Some(Recorded {
        rehearsal,
        what: What { method, subject, server, principal: name, is_anonymous, from_server },
        action: text("/decision/action")?,
        policy: text("/decision/policy_sha256")?,
        gravest,
    })
}

/// The params that a record stands for, and what they name.
fn params(
    method: &str,
    tool: Option<String>,
    prompt: Option<String>,
    resource: Option<String>,
) -> (Value, Option<String>) {
    let completed = |reference: Value| json!({ "ref": reference, "argument": { "name": "", "value": "" } });
    match (tool, prompt, resource) {
        (Some(tool), ..) => (json!({ "name": tool }), Some(tool)),
        (_, Some(prompt), _) if method == "completion/complete" => {
            (completed(json!({ "type": "ref/prompt", "name": prompt })), Some(prompt))
        }
        (_, Some(prompt), _) => (json!({ "name": prompt }), Some(prompt)),
        (_, _, Some(uri)) if method == "completion/complete" => {
            (completed(json!({ "type": "ref/resource", "uri": uri })), Some(uri))
        }
        (_, _, Some(uri)) => (json!({ "uri": uri }), Some(uri)),
        (None, None, None) => (json!({}), None),
    }
}

fn proof(name: &str) -> Option<Proof> {
    let all = [Proof::Anonymous, Proof::LocalUser, Proof::ApiKey, Proof::Token, Proof::Certificate];
    all.into_iter().find(|proof| proof.name() == name)
}

fn transport(name: &str) -> Option<Transport> {
    let all = [Transport::Stdio, Transport::UnixSocket, Transport::StreamableHttp, Transport::LegacySse];
    all.into_iter().find(|transport| transport.name() == name)
}

fn findings(list: &Value) -> Vec<Finding> {
    let all = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    let read = |finding: &Value| {
        let severity = text_at(finding, "/severity")?;
        Some(Finding {
            id: finding_id(text_at(finding, "/id")?)?,
            rule: text_at(finding, "/rule").unwrap_or_default().into(),
            severity: all.into_iter().find(|known| known.name() == severity)?,
            confidence: finding.pointer("/confidence")?.to_string().parse().ok()?,
            pointer: text_at(finding, "/pointer").unwrap_or_default().into(),
            span: 0..0,
            detail: "".into(),
        })
    };
    list.as_array().into_iter().flatten().filter_map(read).collect()
}

/// A peer's text, with nothing that moves a cursor.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '?' } else { character }).collect()
}
