//! How long one decision takes under policies of a thousand and ten thousand rules, by what their rules ask for.
//! `cargo run --release -p gatehold-decide --example rule_cost`

#![expect(clippy::print_stdout, reason = "an example prints what it measured")]
#![expect(clippy::disallowed_methods, reason = "what is measured is time")]

use std::hint::black_box;
use std::time::Instant;

use gatehold_decide::rehearsal::Rehearsal;
use gatehold_decide::{LoadError, Policy};
use gatehold_inspect::{Findings, Flow};
use gatehold_session::Transport;

/// Rules of one kind: its name, and the conditions of the rule with a number.
type Form = (&'static str, fn(usize) -> String);

const FORMS: [Form; 8] = [
    ("exact tools", |index| format!("tool: tool_{index}")),
    ("beginnings of tools", |index| format!("tool: \"svc{index}_*\"")),
    ("endings of tools", |index| format!("tool: \"*_act{index}\"")),
    ("servers and methods", |index| format!("server: server{index}, method: tools/call")),
    ("principals", |index| format!("principal: \"user{index}@*\"")),
    ("roles", |index| format!("role: role{index}")),
    ("arguments of many tools", |index| format!("tool: tool_{index}, arguments: {{path: \"/srv/{index}/**\"}}")),
    ("labels, found by nothing", |index| format!("label: {{team: team{index}}}")),
];

fn policy(form: fn(usize) -> String, count: usize) -> Result<Policy, LoadError> {
    let rules: String =
        (0..count).map(|index| format!("  - {{name: r{index}, action: deny, match: {{{}}}}}\n", form(index))).collect();
    Policy::load("policy.yaml", &format!("version: 1\nrules:\n{rules}  - {{name: rest, action: allow}}\n"))
}

/// Nanoseconds of one decision: the least of several rounds, since whatever else runs only adds.
fn cost(policy: &Policy, call: &Rehearsal) -> u128 {
    let (facts, findings, situation) = (call.facts(), Findings::default(), call.situation());
    let flow = Flow { message: call.message(), facts: &facts };
    let round = || {
        let begun = Instant::now();
        for _ in 0..1000 {
            let _ = black_box(policy.decide(black_box(flow), &findings, &situation));
        }
        begun.elapsed().as_nanos() / 1000
    };
    (0..20).map(|_| round()).min().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = r#"{"path":"/srv/500/notes.txt","text":"hello"}"#;
    let call = Rehearsal::call("tool_500", Some(arguments)).map_err(|refusal| refusal.to_string())?;
    let call = call.at("server500", Transport::StreamableHttp);
    println!("{:<28}{:>12}{:>12}", "rules by", "1,000", "10,000");
    for (name, form) in FORMS {
        let costs = [1000, 9999].map(|count| policy(form, count).map(|policy| cost(&policy, &call)));
        let [thousand, many] = costs;
        println!("{name:<28}{:>9} ns{:>9} ns", thousand?, many?);
    }
    Ok(())
}
