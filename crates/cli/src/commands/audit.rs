//! `gatehold audit`: reading and verifying the record.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use gatehold_evidence::tail::{Tail, json_line, render};
use gatehold_evidence::verify::verify_path;

use crate::print;
use crate::shared::{Failure, default_ledger_folder};

/// Read and verify the record
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Verify the chain of a ledger file or of all files in a folder
    ///
    /// Exit status 0: valid. 1: not valid. 2: it could not be checked.
    Verify {
        /// The file or folder (default: where records are written by default)
        path: Option<PathBuf>,
        /// What is verified: 1 is the chain
        #[arg(long, default_value_t = 1)]
        level: u32,
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show decisions as they are recorded
    Tail {
        /// The file or folder (default: where records are written by default)
        path: Option<PathBuf>,
        /// Records to show from before
        #[arg(long, short = 'n', default_value_t = 20)]
        lines: usize,
        /// Show what is there and end
        #[arg(long)]
        no_follow: bool,
        /// Print the records as JSON lines
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::Verify { path, level, json } => verify(path, level, json),
        Action::Tail { path, lines, no_follow, json } => tail(path, lines, !no_follow, json),
    }
}

fn verify(path: Option<PathBuf>, level: u32, json: bool) -> Result<ExitCode, Failure> {
    let path = path.map_or_else(default_ledger_folder, Ok)?;
    let report = verify_path(&path, level).map_err(Failure::error)?;
    let text = if json { report.to_json() } else { report.to_string() };
    print::line(text.trim_end());
    Ok(if report.is_valid() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn tail(path: Option<PathBuf>, lines: usize, follow: bool, json: bool) -> Result<ExitCode, Failure> {
    let path = path.map_or_else(default_ledger_folder, Ok)?;
    let failed = |error: std::io::Error| Failure::error(format!("{} cannot be read: {error}", path.display()));
    let mut tail = Tail::new(&path, lines).map_err(failed)?;
    loop {
        for record in tail.poll().map_err(failed)? {
            let text = if json { json_line(&record) } else { Some(render(&record)) };
            if text.is_some_and(|text| !print::line(&text)) {
                return Ok(ExitCode::SUCCESS);
            }
        }
        if !follow {
            return Ok(ExitCode::SUCCESS);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
