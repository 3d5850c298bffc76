//! `gatehold approvals`: what waits for people, and their answers, for every gateway that runs on this host.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use gatehold_gateway::approvals::{self, Given, Hold, Needs, Said};
use gatehold_gateway::state::State;

use super::mfa::{Who, give_code, given_or_typed};
use crate::print;
use crate::shared::{Failure, StateArgument, moment, parse_time};

/// See and answer what waits for people
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show what waits
    List {
        /// Print it as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        state: StateArgument,
    },
    /// Show one message that waits, with the very bytes that will be sent
    Show {
        /// Its id
        id: String,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        state: StateArgument,
    },
    /// Approve one: this once, or more
    ///
    /// Exit status 0: it counts. 1: it does not.
    Approve {
        /// Its id
        id: String,
        /// Calls like it too, to the end of the session: same principal, server, tool, rule and arguments
        #[arg(long, conflicts_with = "lasts")]
        session: bool,
        /// Calls like it too, for this time: `30s`, `5m`, `2h`, at most `8h`
        #[arg(long = "for", value_name = "TIME", value_parser = parse_time)]
        lasts: Option<Duration>,
        /// With `--session` or `--for`: whatever their arguments are
        #[arg(long)]
        any_arguments: bool,
        /// Why, for the record
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        state: StateArgument,
    },
    /// Deny one
    Deny {
        /// Its id
        id: String,
        /// Why, for the record and the client
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        state: StateArgument,
    },
    /// Give a code of the principal's second factor to one that waits for it
    Code {
        /// Its id
        id: String,
        /// The code; without it, it is read from standard input
        code: Option<String>,
        #[command(flatten)]
        state: StateArgument,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::List { json, state } => list(*json, &state.open()?),
        Action::Show { id, json, state } => {
            let hold = find(&state.open()?, id)?;
            if *json {
                print::line(&serde_json::to_string(&hold).map_err(Failure::error)?);
            } else {
                show(&hold);
            }
            Ok(ExitCode::SUCCESS)
        }
        Action::Approve { id, session, lasts, any_arguments, reason, who, state } => {
            let any_arguments = *any_arguments;
            let said = match (session, lasts) {
                (true, _) => Said::Session { any_arguments },
                (false, Some(time)) => Said::For { seconds: time.as_secs(), any_arguments },
                (false, None) if any_arguments => {
                    return Err(Failure::error("`--any-arguments` needs `--session` or `--for TIME`"));
                }
                (false, None) => Said::Once,
            };
            answer(&state.open()?, id, said, reason.clone(), who)
        }
        Action::Code { id, code, state } => {
            let state = state.open()?;
            let hold = find(&state, id)?;
            give_code(&state, &hold.id, &hold.digest, given_or_typed(code.clone())?)
        }
        Action::Deny { id, reason, who, state } => answer(&state.open()?, id, Said::Deny, reason.clone(), who),
    }
}

fn list(json: bool, state: &State) -> Result<ExitCode, Failure> {
    let holds = approvals::pending(state).map_err(Failure::error)?;
    if json {
        print::line(&serde_json::to_string(&holds).map_err(Failure::error)?);
        return Ok(ExitCode::SUCCESS);
    }
    if holds.is_empty() {
        print::note("nothing waits");
    }
    for hold in &holds {
        let needs = match hold.needs {
            Needs::Approval if hold.people > 1 => {
                format!("{} of {} people have approved", hold.approved_by.len(), hold.people)
            }
            Needs::Approval => "needs an approval".to_owned(),
            Needs::Code => "needs a code".to_owned(),
        };
        print::line(&print::plain(&format!(
            "{}  {} for {}; {needs}, expires {}; rule {}",
            hold.id,
            hold.subject(),
            hold.principal,
            moment(hold.until),
            hold.rule
        )));
    }
    Ok(ExitCode::SUCCESS)
}

/// Letters that the beginning of an id needs: fewer could name another one tomorrow that nobody has looked at.
const BEGINNING_MIN: usize = 4;

/// The hold of an id, or of the beginning of one.
fn find(state: &State, id: &str) -> Result<Hold, Failure> {
    let mut holds = approvals::pending(state).map_err(Failure::error)?;
    holds.retain(|hold| id.len() >= BEGINNING_MIN && hold.id.starts_with(id));
    match (holds.pop(), holds.is_empty()) {
        (Some(hold), true) => Ok(hold),
        (Some(_), false) => Err(Failure::with_status(1, format!("`{id}` is the beginning of several ids"))),
        (None, _) => Err(Failure::with_status(1, format!("nothing waits as `{id}`; see `gatehold approvals list`"))),
    }
}

fn show(hold: &Hold) {
    let line = |name: &str, value: &str| {
        if !value.is_empty() {
            print::line(&format!("{name:<11} {}", print::plain(value)));
        }
    };
    line("id", &hold.id);
    line("what", &format!("{}, by {}", hold.subject(), hold.method));
    line("principal", &format!("{} ({}), session {}", hold.principal, hold.proof, hold.session));
    line("client", &hold.client_claimed.as_ref().map(|name| format!("{name} (its own claim)")).unwrap_or_default());
    line("held by", &format!("rule {}", hold.rule));
    line("reason", hold.reason.as_deref().unwrap_or_default());
    line("tags", &hold.tags.join(", "));
    line("expires", &moment(hold.until));
    if hold.needs == Needs::Code {
        line("needs", "a code of the principal's second factor");
    } else {
        let roles = if hold.roles.is_empty() { "approver".to_owned() } else { hold.roles.join(" or ") };
        line("needs", &format!("{} with the role {roles}", if hold.people > 1 { "2 people" } else { "1 person" }));
    }
    line("approved by", &hold.approved_by.join(", "));
    for finding in &hold.findings {
        line("finding", &format!("{} ({}) at {}: {}", finding.id, finding.severity, finding.pointer, finding.detail));
    }
    for earlier in &hold.earlier {
        let arguments = if earlier.same_arguments { "the same arguments" } else { "other arguments" };
        let by = if earlier.by.is_empty() { String::new() } else { format!(" by {}", earlier.by.join(", ")) };
        line("before", &format!("{}{by} {}, with {arguments}", earlier.outcome, moment(earlier.at)));
    }
    line("digest", &hold.digest);
    print::line(&format!("the {} bytes that will be sent:", hold.message.len()));
    print::line(&print::plain(&hold.message));
}

fn answer(state: &State, id: &str, said: Said, reason: Option<String>, who: &Who) -> Result<ExitCode, Failure> {
    let hold = find(state, id)?;
    let given = Given { hold: hold.id, digest: hold.digest, by: who.name(state)?, said, reason };
    let reply = approvals::give(state, &given).map_err(Failure::error)?;
    if reply.counted {
        print::line(&reply.text);
        return Ok(ExitCode::SUCCESS);
    }
    Err(Failure::with_status(1, reply.text))
}
