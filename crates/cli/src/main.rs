//! The `gatehold` command. Data goes to standard output and everything else to standard error; for `wrap` standard
//! output is the protocol and nothing else is ever written there.
//!
//! Exit status: 0 success, 1 a negative answer, 2 an error; `wrap` returns its child's, or 126 and 127 when the child
//! cannot be executed or found.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod commands;
mod print;
mod second_tier;
mod shared;

/// The security gateway for AI agents.
///
/// Every message between an agent and its MCP servers passes one gate: parsed strictly, decided by policy, recorded in a
/// chain that verifies offline, and only then sent. Detectors run where the policy asks for their findings, or where
/// there is no policy.
#[derive(Debug, Parser)]
#[command(name = "gatehold", version, max_term_width = 100, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// One variant and one file under `commands/` for each command.
#[derive(Debug, Subcommand)]
enum Command {
    Demo(commands::demo::Arguments),
    Wrap(commands::wrap::Arguments),
    Proxy(commands::proxy::Arguments),
    Serve(commands::serve::Arguments),
    Key(commands::key::Arguments),
    Approvals(commands::approvals::Arguments),
    Grant(commands::grant::Arguments),
    Mfa(commands::mfa::Arguments),
    Audit(commands::audit::Arguments),
    Inspect(commands::inspect::Arguments),
    Explain(commands::explain::Arguments),
    Policy(commands::policy::Arguments),
    Config(commands::config::Arguments),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Demo(arguments) => commands::demo::run(&arguments),
        Command::Wrap(arguments) => commands::wrap::run(arguments),
        Command::Proxy(arguments) => commands::proxy::run(arguments),
        Command::Serve(arguments) => commands::serve::run(arguments),
        Command::Explain(arguments) => commands::explain::run(&arguments),
        Command::Inspect(arguments) => commands::inspect::run(&arguments),
        Command::Key(arguments) => commands::key::run(arguments),
        Command::Approvals(arguments) => commands::approvals::run(&arguments),
        Command::Grant(arguments) => commands::grant::run(arguments),
        Command::Mfa(arguments) => commands::mfa::run(arguments),
        Command::Audit(arguments) => commands::audit::run(arguments),
        Command::Policy(arguments) => commands::policy::run(&arguments),
        Command::Config(arguments) => commands::config::run(&arguments),
    };
    result.unwrap_or_else(|failure| {
        print::error(&failure.to_string());
        ExitCode::from(failure.status)
    })
}
