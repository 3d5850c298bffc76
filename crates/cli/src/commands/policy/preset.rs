//! `gatehold policy preset`: the policies that come with the program. It prints them as they are.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use gatehold_decide::presets;
use serde_json::json;

use super::open;
use crate::print;
use crate::shared::Failure;

/// List and print the policies that come with the program
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the presets
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a preset as it is: YAML
    Show {
        /// Its name
        name: String,
    },
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::List { json: true } => {
            let all = presets::ALL.map(|preset| json!({ "name": preset.name, "title": preset.title }));
            print::line(&json!(all).to_string());
        }
        Action::List { json: false } => {
            for preset in &presets::ALL {
                print::line(&format!("{:<15} {}", preset.name, preset.title));
            }
        }
        Action::Show { name } => {
            print::line(open::preset(name)?.text.trim_end());
        }
    }
    Ok(ExitCode::SUCCESS)
}
