//! `gatehold policy explain`: one message, and every rule that is considered for it, with why it did or did not match.
//! Nothing is sent and nothing is recorded.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use gatehold_decide::Decision;
use gatehold_decide::diagnostic::Source;
use gatehold_decide::document;
use gatehold_decide::policy::explain::{Came, Considered};
use gatehold_decide::rehearsal::Rehearsal;
use gatehold_inspect::{Findings, Registry};
use serde_json::{Map, Value, json};

use super::open;
use crate::print;
use crate::shared::Failure;

/// The largest message or arguments that are read, in bytes.
const INPUT_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Show what a policy decides about one message, and why
///
/// Exit status 0: it would pass. 1: it would be held or refused. 2: an error.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The policy: a file, or `preset:NAME`
    policy: String,
    /// A call of this tool
    #[arg(long, value_name = "NAME", group = "what")]
    tool: Option<String>,
    /// A read of this resource
    #[arg(long, value_name = "URI", group = "what")]
    resource: Option<String>,
    /// A fetch of this prompt
    #[arg(long, value_name = "NAME", group = "what")]
    prompt: Option<String>,
    /// A request of this method
    #[arg(long, group = "what")]
    method: Option<String>,
    /// A JSON-RPC message in a file; `-` for standard input
    #[arg(long, value_name = "FILE", group = "what")]
    message: Option<PathBuf>,
    /// The arguments of the call, as JSON; `@FILE` reads them from a file
    #[arg(long, value_name = "JSON")]
    arguments: Option<String>,
    /// The message comes from the server
    #[arg(long)]
    from_server: bool,
    /// The server's name in the configuration
    #[arg(long)]
    server: Option<String>,
    /// Who calls
    #[arg(long, value_name = "NAME")]
    principal: Option<String>,
    /// How that was shown: local, api_key, token, mtls, anonymous
    #[arg(long)]
    proof: Option<String>,
    /// A role of the principal (repeatable)
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// A group of the principal (repeatable)
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// A scope of the principal's token (repeatable)
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A label of the principal (repeatable)
    #[arg(long = "label", value_name = "NAME=VALUE")]
    labels: Vec<String>,
    /// The tenant of the principal
    #[arg(long)]
    tenant: Option<String>,
    /// How the client reaches the gateway: stdio, http, sse, unix
    #[arg(long)]
    transport: Option<String>,
    /// The revision of the protocol
    #[arg(long)]
    revision: Option<String>,
    /// When, for instance `2026-11-20T09:30:00Z`
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Run the detectors over the message
    #[arg(long)]
    detect: bool,
    /// Something that detectors would have found (repeatable)
    #[arg(long = "finding", value_name = "ID[:SEVERITY]")]
    findings: Vec<String>,
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let policy = open::policy(&arguments.policy)?;
    let rehearsal = rehearsal(arguments)?;
    let registry = arguments.detect.then(Registry::standard);
    let findings = rehearsal.findings(registry.as_ref());
    let considered = rehearsal.explain(&policy, &findings);
    let decision = rehearsal.decide(&policy, &findings);
    if arguments.json {
        print::line(&as_json(&considered, &decision, &findings).to_string());
    } else {
        as_text(&considered, &decision);
    }
    Ok(ExitCode::from(u8::from(decision.verdict > gatehold_decide::Verdict::Redact)))
}

/// The message that the flags describe. They become a case of a suite, so that both are read by the same code.
fn rehearsal(arguments: &Arguments) -> Result<Rehearsal, Failure> {
    let mut case = Map::new();
    let message = message(arguments)?;
    case.insert("message".to_owned(), json!(message));
    if arguments.from_server {
        case.insert("direction".to_owned(), json!("from_server"));
    }
    let texts = [
        ("server", &arguments.server),
        ("transport", &arguments.transport),
        ("revision", &arguments.revision),
        ("at", &arguments.at),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            case.insert(key.to_owned(), json!(text));
        }
    }
    case.insert("as".to_owned(), principal(arguments)?);
    if arguments.detect {
        case.insert("detect".to_owned(), json!(true));
    }
    let findings = arguments.findings.iter().map(|finding| match finding.split_once(':') {
        Some((id, severity)) => json!({ "id": id, "severity": severity }),
        None => json!({ "id": finding }),
    });
    case.insert("findings".to_owned(), Value::Array(findings.collect()));
    let source = Source::new("the command line", &Value::Object(case).to_string());
    let shown = |errors: &[gatehold_decide::diagnostic::Diagnostic]| {
        let sentences: Vec<String> = errors
            .iter()
            .map(|error| match &error.help {
                Some(help) => format!("{}: {help}", error.message),
                None => error.message.clone(),
            })
            .collect();
        Failure::error(sentences.join("\n"))
    };
    let node = document::read(&source).map_err(|error| shown(&[error]))?;
    Rehearsal::read(&node).map_err(|errors| shown(&errors))
}

/// The message as JSON. What the command line gives as JSON stands in it as it is.
fn message(arguments: &Arguments) -> Result<String, Failure> {
    if let Some(path) = &arguments.message {
        if arguments.arguments.is_some() {
            return Err(Failure::error("a message has its arguments in it: take `--arguments` out"));
        }
        return read(path);
    }
    let given = match arguments.arguments.as_deref().map(|given| (given, given.strip_prefix('@'))) {
        None => None,
        Some((_, Some(file))) => Some(read(&PathBuf::from(file))?),
        Some((given, None)) => Some(given.to_owned()),
    };
    let with_arguments = |name: &str| {
        let given = given.as_deref().map_or_else(String::new, |given| format!(",\"arguments\":{given}"));
        format!("{{\"name\":{}{given}}}", json!(name))
    };
    let (method, params) = match (&arguments.tool, &arguments.prompt, &arguments.resource, &arguments.method) {
        (Some(tool), ..) => ("tools/call", Some(with_arguments(tool))),
        (_, Some(prompt), ..) => ("prompts/get", Some(with_arguments(prompt))),
        (_, _, Some(uri), _) => ("resources/read", Some(json!({ "uri": uri }).to_string())),
        (_, _, _, Some(method)) => (method.as_str(), None),
        (None, None, None, None) => {
            return Err(Failure::error(
                "say what is sent: `--tool NAME`, `--resource URI`, `--prompt NAME`, `--method NAME` or `--message FILE`",
            ));
        }
    };
    if given.is_some() && arguments.tool.is_none() && arguments.prompt.is_none() {
        return Err(Failure::error("`--arguments` belongs to `--tool` or `--prompt`"));
    }
    let id = if method.starts_with("notifications/") { "" } else { ",\"id\":1" };
    let params = params.map_or_else(String::new, |params| format!(",\"params\":{params}"));
    Ok(format!("{{\"jsonrpc\":\"2.0\"{id},\"method\":{}{params}}}", json!(method)))
}

fn read(path: &PathBuf) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::error(format!("{} cannot be read: {error}", path.display()));
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().take(INPUT_BYTES_MAX + 1).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).map_err(failed)?.take(INPUT_BYTES_MAX + 1).read_to_string(&mut text)
    };
    if read.map_err(failed)? as u64 > INPUT_BYTES_MAX {
        return Err(Failure::error(format!("{} is larger than 4 MiB", path.display())));
    }
    Ok(text)
}

fn principal(arguments: &Arguments) -> Result<Value, Failure> {
    let mut principal = Map::new();
    let name = arguments.principal.clone().unwrap_or_else(|| "local".to_owned());
    principal.insert("name".to_owned(), json!(name));
    for (key, text) in [("proof", &arguments.proof), ("tenant", &arguments.tenant)] {
        if let Some(text) = text {
            principal.insert(key.to_owned(), json!(text));
        }
    }
    for (key, list) in [("roles", &arguments.roles), ("groups", &arguments.groups), ("scopes", &arguments.scopes)] {
        principal.insert(key.to_owned(), json!(list));
    }
    let mut labels = Map::new();
    for label in &arguments.labels {
        let Some((name, value)) = label.split_once('=') else {
            return Err(Failure::error(format!("`--label {label}`: write `NAME=VALUE`")));
        };
        labels.insert(name.to_owned(), json!(value));
    }
    principal.insert("labels".to_owned(), Value::Object(labels));
    Ok(Value::Object(principal))
}

const fn mark(came: Came) -> &'static str {
    match came {
        Came::Decided => "=>",
        Came::Counted => " +",
        Came::Passed => "  ",
        Came::Failed => " !",
        Came::NotReached => " .",
    }
}

fn as_text(considered: &[Considered], decision: &Decision) {
    for one in considered {
        let layer = if one.layer.is_empty() { String::new() } else { format!("  ({})", one.layer) };
        print::line(&format!("{} {:<7} {}{layer}", mark(one.outcome), one.action, one.rule));
        print::line(&format!("           {}", one.why));
    }
    let rules: Vec<&str> = decision.reasons.iter().map(|reason| &*reason.rule).collect();
    let hidden = if decision.hidden { ", as if it did not exist" } else { "" };
    print::line(&format!("\n{} by {}{hidden}", decision.verdict.name(), rules.join(", ")));
    for text in decision.reasons.iter().filter_map(|reason| reason.text.as_deref()) {
        print::line(&format!("  {text}"));
    }
    for limit in &decision.limits {
        print::line(&format!("  charged: {}", limit.name));
    }
    if !decision.edits.is_empty() {
        print::line(&format!("  {} places are taken out", decision.edits.len()));
    }
    if !decision.tags.is_empty() {
        print::line(&format!("  tags: {}", decision.tags.join(", ")));
    }
}

fn as_json(considered: &[Considered], decision: &Decision, findings: &Findings) -> Value {
    let considered: Vec<Value> = considered
        .iter()
        .map(|one| {
            json!({
                "rule": &*one.rule, "section": one.section.map(|section| section.name()), "layer": &*one.layer,
                "action": one.action, "outcome": one.outcome.name(), "why": one.why, "failed": one.failed,
            })
        })
        .collect();
    let reasons: Vec<Value> = decision
        .reasons
        .iter()
        .map(|reason| json!({ "rule": &*reason.rule, "text": reason.text.as_deref() }))
        .collect();
    let found: Vec<Value> = findings
        .as_slice()
        .iter()
        .map(|finding| json!({ "id": finding.id, "severity": finding.severity.name(), "pointer": &*finding.pointer }))
        .collect();
    json!({
        "verdict": decision.verdict.name(), "hidden": decision.hidden, "reasons": reasons, "findings": found,
        "limits": decision.limits.iter().map(|limit| &*limit.name).collect::<Vec<_>>(),
        "edits": decision.edits.len(), "tags": decision.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(),
        "considered": considered,
    })
}
