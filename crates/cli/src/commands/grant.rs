//! `gatehold grant`: permissions with an end, and the two people of an emergency.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use gatehold_gateway::grants::{self, Kept, Wanted};
use gatehold_gateway::state::User;

use super::mfa::Who;
use crate::print;
use crate::shared::{Failure, Host, moment, now, parse_time};

/// Permit something for a time
///
/// A grant allows what the policy's rules do not, and never what its `forbid` section forbids. Gateways that run see it
/// at once, and every step is recorded.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    gatehold grant add --for 2h --principal ada --server db --tool 'drop_*' --reason 'migration'\n  \
    gatehold grant emergency --for 30m --role operator --server db --tool '*' --reason 'the site is down'")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Give a grant
    Add {
        #[command(flatten)]
        wanted: WantedArguments,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        host: Host,
    },
    /// Ask for an emergency grant: it counts once another person has confirmed it
    ///
    /// At most an hour, from the moment of the confirmation, which must come within 15 minutes.
    Emergency {
        #[command(flatten)]
        wanted: WantedArguments,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        host: Host,
    },
    /// Confirm an emergency grant that another person has asked for
    Confirm {
        /// Its id
        id: String,
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        host: Host,
    },
    /// Show the grants that there are
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        host: Host,
    },
    /// Take a grant away
    Revoke {
        /// Its id
        id: String,
        #[command(flatten)]
        host: Host,
    },
}

/// What is to be granted.
#[derive(Debug, Args)]
struct WantedArguments {
    /// For how long: `30s`, `5m`, `2h`, `1d`
    #[arg(long = "for", value_name = "TIME", value_parser = parse_time)]
    lasts: Duration,
    /// The principal that gets it
    #[arg(long, value_name = "NAME", required_unless_present = "role", conflicts_with = "role")]
    principal: Option<String>,
    /// The role whose principals get it
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// A server, as a glob; repeatable (default: all of them)
    #[arg(long, value_name = "GLOB")]
    server: Vec<String>,
    /// A tool, as a glob; repeatable
    #[arg(long, value_name = "GLOB")]
    tool: Vec<String>,
    /// A resource, as a glob; repeatable
    #[arg(long, value_name = "GLOB")]
    resource: Vec<String>,
    /// A prompt, as a glob; repeatable
    #[arg(long, value_name = "GLOB")]
    prompt: Vec<String>,
    /// Print the grant as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::Add { wanted, reason, host } => add(wanted, reason, false, &host),
        Action::Emergency { wanted, reason, host } => add(wanted, Some(reason), true, &host),
        Action::Confirm { id, who, host } => {
            let (state, ledger) = (host.state()?, host.ledger("grant")?);
            let by = who.name(&state)?;
            let grant = grants::confirm(&state, &ledger, &id, &by, now()).map_err(Failure::error)?;
            print::line(&format!("confirmed by {by}: {}", describe(&grant)));
            Ok(ExitCode::SUCCESS)
        }
        Action::List { json, host } => list(json, &host),
        Action::Revoke { id, host } => {
            let (state, ledger) = (host.state()?, host.ledger("grant")?);
            let grant = grants::revoke(&state, &ledger, &id, &User::current().name, now()).map_err(Failure::error)?;
            print::line(&format!("revoked: {}", describe(&grant)));
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn add(wanted: WantedArguments, reason: Option<String>, emergency: bool, host: &Host) -> Result<ExitCode, Failure> {
    let json = wanted.json;
    let wanted = Wanted {
        principal: wanted.principal,
        role: wanted.role,
        servers: wanted.server,
        tools: wanted.tool,
        prompts: wanted.prompt,
        resources: wanted.resource,
        lasts: wanted.lasts,
        emergency,
        reason,
    };
    let (state, ledger) = (host.state()?, host.ledger("grant")?);
    let by = User::current().name;
    let grant = grants::add(&state, &ledger, wanted, &by, now()).map_err(Failure::error)?;
    if json {
        print::line(&serde_json::to_string(&grant).map_err(Failure::error)?);
    } else if emergency {
        print::line(&format!("asked for by {by}: {}", describe(&grant)));
        print::note(&format!("another person confirms it within 15 minutes: `gatehold grant confirm {}`", grant.id));
    } else {
        print::line(&format!("granted: {}", describe(&grant)));
    }
    Ok(ExitCode::SUCCESS)
}

fn list(json: bool, host: &Host) -> Result<ExitCode, Failure> {
    let grants = grants::list(&host.state()?, now()).map_err(Failure::error)?;
    if json {
        print::line(&serde_json::to_string(&grants).map_err(Failure::error)?);
        return Ok(ExitCode::SUCCESS);
    }
    if grants.is_empty() {
        print::note("there are no grants");
    }
    for grant in &grants {
        print::line(&describe(grant));
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(grant: &Kept) -> String {
    let state = match (grant.is_waiting(), &grant.confirmed_by) {
        (true, _) => format!("emergency, waits for a second person, lapses {}", moment(grant.until())),
        (false, Some(second)) => format!("emergency, confirmed by {second}, ends {}", moment(grant.until())),
        (false, None) => format!("ends {}", moment(grant.until())),
    };
    let reason = grant.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    print::plain(&format!("{}  {}: {}; {state}; by {}{reason}", grant.id, grant.grantee(), grant.things(), grant.by))
}
