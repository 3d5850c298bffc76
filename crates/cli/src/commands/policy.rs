//! `gatehold policy`: working on policy files.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use gatehold_gateway::config::load_policy;

use crate::print;
use crate::shared::Failure;

/// Work on policy files
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read a policy file and say whether it is in order
    Check {
        /// The policy file
        file: PathBuf,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let Action::Check { file } = &arguments.action;
    let policy = load_policy(file)?;
    print::line(&format!("{}: in order, {} rules, mode {}", file.display(), policy.rule_count(), policy.mode().name()));
    Ok(ExitCode::SUCCESS)
}
