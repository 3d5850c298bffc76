//! `gatehold policy show`: what a policy is, with everything that it extends, and in which order it is tried.

use std::process::ExitCode;

use clap::Args;
use gatehold_decide::Policy;
use gatehold_decide::policy::view::RuleView;
use serde_json::{Value, json};

use super::open;
use crate::print;
use crate::shared::Failure;

/// Show a policy: its rules in the order in which they are tried
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The policy: a file, or `preset:NAME`
    policy: String,
    /// Print the text of every layer in order instead, in our language; a policy of another gateway as its translation
    #[arg(long)]
    effective: bool,
    /// Print the rules as JSON
    #[arg(long, conflicts_with = "effective")]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let policy = open::policy(&arguments.policy)?;
    if arguments.json {
        print::line(&as_json(&policy).to_string());
    } else if arguments.effective {
        effective(&arguments.policy, &policy)?;
    } else {
        in_order(&policy);
    }
    Ok(ExitCode::SUCCESS)
}

/// Every layer's text, the nearest first.
fn effective(named: &str, policy: &Policy) -> Result<(), Failure> {
    for (index, layer) in policy.layers().iter().enumerate() {
        let text = open::text(named, &layer.name)?;
        let translated = match &text.translation {
            Some(translation) => format!(", translated from {}", translation.format.name()),
            None => String::new(),
        };
        if index > 0 {
            print::line("---");
        }
        print::line(&format!("# layer {}: {}{translated}", index + 1, layer.name));
        print::line(&format!("# sha256 {}", layer.digest));
        print::line(text.source.text().trim_end());
    }
    Ok(())
}

fn in_order(policy: &Policy) {
    for rule in policy.rules() {
        let conditions = match (rule.summary(), rule.when()) {
            (summary, None) if summary.is_empty() => "every message".to_owned(),
            (summary, None) => summary,
            (summary, Some(when)) => format!("{summary}  when: {when}").trim_start().to_owned(),
        };
        let section = rule.section().name();
        print::line(&format!("{section:<6}  {:<7}  {}  ({})", rule.action(), rule.name(), rule.layer()));
        print::line(&format!("                 {conditions}"));
    }
    print::line(&format!("mode {}, {} entries of findings", policy.mode().name(), policy.finding_rule_count()));
}

fn as_json(policy: &Policy) -> Value {
    let layers: Vec<Value> =
        policy.layers().iter().map(|layer| json!({ "name": &*layer.name, "sha256": &*layer.digest })).collect();
    let rule = |rule: RuleView<'_>| {
        json!({
            "name": rule.name(), "section": rule.section().name(), "layer": rule.layer(), "action": rule.action(),
            "match": rule.summary(), "when": rule.when(), "reason": rule.reason(), "hidden": rule.hidden(),
            "tags": rule.tags().iter().map(|tag| &**tag).collect::<Vec<_>>(), "goes_on": rule.goes_on(),
        })
    };
    json!({
        "layers": layers, "rules": policy.rules().map(rule).collect::<Vec<_>>(), "mode": policy.mode().name(),
        "findings": policy.finding_rule_count(), "digest": &**policy.digest(),
    })
}
