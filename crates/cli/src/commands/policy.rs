//! `gatehold policy`: working on policy files. Each action is a file below this one.
//!
//! Where a policy is asked for, `preset:NAME` names a preset. Exit status 0: yes. 1: a negative answer. 2: an error.

mod check;
mod diff;
mod explain;
mod learn;
mod open;
mod preset;
mod recorded;
mod schema;
mod show;
mod test;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::shared::Failure;

/// Work on policy files
///
/// A policy is a file, ours or one of mcpgw or MCP-Aegis, or `preset:NAME` for one that comes with the program.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Check(check::Arguments),
    Test(test::Arguments),
    Explain(Box<explain::Arguments>),
    Diff(diff::Arguments),
    Learn(learn::Arguments),
    Show(show::Arguments),
    Preset(preset::Arguments),
    /// Print the JSON Schema of policies, for the completion of editors
    Schema,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Check(arguments) => check::run(arguments),
        Action::Test(arguments) => test::run(arguments),
        Action::Explain(arguments) => explain::run(arguments),
        Action::Diff(arguments) => diff::run(arguments),
        Action::Learn(arguments) => learn::run(arguments),
        Action::Show(arguments) => show::run(arguments),
        Action::Preset(arguments) => preset::run(arguments),
        Action::Schema => schema::run(),
    }
}
