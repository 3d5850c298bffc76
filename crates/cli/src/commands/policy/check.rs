//! `gatehold policy check`: whether a policy is in order, and what is suspicious in it. It changes nothing.

use std::borrow::Cow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use gatehold_decide::diagnostic::{Diagnostic, Source};
use gatehold_decide::lint::{self, Level, Lint};
use gatehold_decide::policy::schemas::ToolSchema;
use gatehold_decide::{Policy, presets};
use gatehold_wire::{Limits, json as wire};
use serde_json::{Value, json};

use super::open::{self, Text};
use crate::print;
use crate::shared::Failure;

/// Read a policy and say whether it is in order, and what is suspicious in it
///
/// Exit status 0: in order. 1: with `--strict`, something is suspicious. 2: it does not load, or with `--tools` a rule
/// names an argument that no tool it is about has.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The policy: a file, or `preset:NAME`
    policy: String,
    /// End with status 1 when there is a warning (hints do not count)
    #[arg(long)]
    strict: bool,
    /// The tools of a server, to compare the arguments that rules name with: a result of `tools/list`, or a file with
    /// `tools` and `serverInfo`
    #[arg(long, value_name = "FILE")]
    tools: Option<PathBuf>,
    /// The server's name in the configuration (default: the name in the file of `--tools`)
    #[arg(long, value_name = "NAME", requires = "tools")]
    server: Option<String>,
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let named = &arguments.policy;
    let policy = match open::policy(named).and_then(|policy| compared(arguments, policy)) {
        Ok(policy) => policy,
        Err(failure) if arguments.json => {
            print::line(&json!({ "policy": named, "ok": false, "error": failure.to_string() }).to_string());
            return Ok(ExitCode::from(2));
        }
        Err(failure) => return Err(failure),
    };
    let texts = texts(named, &policy)?;
    let lints = lint::lint(&policy);
    if arguments.json {
        print::line(&as_json(named, &policy, &texts, &lints).to_string());
    } else {
        as_text(named, &policy, &texts, &lints);
    }
    let is_suspicious = lints.iter().any(|lint| lint.code.level() == Level::Warning);
    Ok(ExitCode::from(u8::from(arguments.strict && is_suspicious)))
}

/// The policy, if every argument that it names is one of the tools that were given.
fn compared(arguments: &Arguments, policy: Policy) -> Result<Policy, Failure> {
    let Some(path) = &arguments.tools else { return Ok(policy) };
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| Failure::error(format!("{shown} cannot be read: {error}")))?;
    let list = wire::check(&bytes, &Limits::default())
        .map_err(|refusal| Failure::error(format!("{shown} is no JSON that the gateway would read: {refusal}")))?;
    let list = list.get("result").unwrap_or(list);
    let named = list.get("serverInfo").and_then(|info| info.get("name")?.as_str());
    let Some(server) = arguments.server.as_deref().map(Cow::Borrowed).or(named) else {
        let help = "name the server as the configuration does: `--server NAME`";
        return Err(Failure::error(format!("{shown} does not say whose tools these are; {help}")));
    };
    let Some(tools) = ToolSchema::of_list(&server, list) else {
        let help = "give a result of `tools/list`, a JSON object with `tools`";
        return Err(Failure::error(format!("{shown} has no list of tools; {help}")));
    };
    policy.check_schemas(&tools).map_err(Failure::error)?;
    Ok(policy)
}

/// The layers that are files.
fn texts(named: &str, policy: &Policy) -> Result<Vec<Text>, Failure> {
    let is_file = |name: &&Arc<str>| ***name == *named || presets::find(name).is_none();
    let names = policy.layers().iter().map(|layer| &layer.name).filter(is_file);
    names.map(|name| open::text(named, name)).collect()
}

/// The text that the places of a lint mean.
fn source_of<'t>(texts: &'t [Text], layer: &str) -> Option<&'t Source> {
    texts.iter().find(|text| text.original.name() == layer).map(|text| &text.source)
}

fn as_text(named: &str, policy: &Policy, texts: &[Text], lints: &[Lint]) {
    for text in texts {
        if let Some(translation) = &text.translation {
            let name = text.original.name();
            print::line(&format!("{name} is a policy of {}, and is translated.", translation.format.name()));
            print::line("What differs from it, or was weaker there than it looked:\n");
            print::line(&format!("{}\n", text.original.render_warnings(&translation.warnings)));
        }
    }
    for lint in lints {
        let message = format!("{}[{}]: {}", lint.code.level().name(), lint.code.name(), lint.message);
        let mut shown = Diagnostic::of_file(message.clone()).with_help(lint.help);
        if source_of(texts, &lint.layer).is_some() && !lint.span.is_empty() {
            shown.span = Some(lint.span.clone());
        }
        let text = match source_of(texts, &lint.layer) {
            Some(source) => source.render_warnings(&[shown]),
            None => format!("{message}\n  = help: {}", lint.help),
        };
        print::line(&format!("{}\n", text.trim_start_matches("warning: ")));
    }
    let count = |level: Level| lints.iter().filter(|lint| lint.code.level() == level).count();
    let (warnings, hints) = (count(Level::Warning), count(Level::Hint));
    let rules = policy.rule_count();
    let mode = policy.mode().name();
    let suspicious = match (warnings, hints) {
        (0, 0) => String::new(),
        (warnings, hints) => format!("; {warnings} warnings, {hints} hints"),
    };
    print::line(&format!("{named}: in order, {rules} rules, mode {mode}{suspicious}"));
}

fn as_json(named: &str, policy: &Policy, texts: &[Text], lints: &[Lint]) -> Value {
    let place = |source: &Source, offset: usize| {
        let (line, column) = source.position(offset);
        (json!(line), json!(column))
    };
    let lints: Vec<Value> = lints
        .iter()
        .map(|lint| {
            let at = source_of(texts, &lint.layer).filter(|_| !lint.span.is_empty());
            let (line, column) = at.map_or((Value::Null, Value::Null), |source| place(source, lint.span.start));
            json!({
                "code": lint.code.name(), "level": lint.code.level().name(), "rule": &*lint.rule,
                "message": lint.message, "help": lint.help, "file": &*lint.layer, "line": line, "column": column,
            })
        })
        .collect();
    let translated: Vec<Value> = texts
        .iter()
        .filter_map(|text| {
            let translation = text.translation.as_ref()?;
            let warnings: Vec<Value> = translation
                .warnings
                .iter()
                .map(|warning| {
                    let start = warning.span.as_ref().map_or(0, |span| span.start);
                    let (line, column) = place(&text.original, start);
                    json!({ "message": warning.message, "help": warning.help, "line": line, "column": column })
                })
                .collect();
            Some(json!({ "file": text.original.name(), "format": translation.format.name(), "warnings": warnings }))
        })
        .collect();
    json!({
        "policy": named, "ok": true, "rules": policy.rule_count(), "mode": policy.mode().name(),
        "digest": &**policy.digest(), "lints": lints, "translated": translated,
    })
}
