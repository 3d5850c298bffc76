//! `gatehold config`: working on configuration files.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use gatehold_gateway::Config;
use gatehold_gateway::config::{EXAMPLE, limits_reference, reference};

use crate::print;
use crate::second_tier;
use crate::shared::Failure;

/// Work on configuration files
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read a configuration file and say whether it is in order
    Check {
        /// The configuration file
        file: PathBuf,
    },
    /// Print a configuration to begin with
    Example,
    /// Print every key with its meaning and default, as Markdown
    Reference,
    /// Print every limit with its default and the key that changes it, as Markdown
    Limits,
    /// Print the description of the admin API (OpenAPI 3.1)
    AdminApi,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Check { file } => {
            let config = Config::load(file)?;
            config.check_exposure()?;
            config.check_detectors()?;
            config.second_tier.as_ref().map(second_tier::open).transpose()?;
            for warning in &config.warnings {
                print::note(&format!("warning: {warning}"));
            }
            print::line(&format!("{}: in order, {} servers", file.display(), config.servers.len()));
        }
        Action::Example => {
            print::line(EXAMPLE.trim_end());
        }
        Action::Reference => {
            print::line(reference().trim_end());
        }
        Action::Limits => {
            print::line(limits_reference().trim_end());
        }
        Action::AdminApi => {
            print::line(gatehold_gateway::admin::description().trim_end());
        }
    }
    Ok(ExitCode::SUCCESS)
}
