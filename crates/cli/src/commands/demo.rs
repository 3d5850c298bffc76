//! `gatehold demo`.

use std::process::ExitCode;

use clap::Args;

use crate::shared::Failure;

/// See an attack with and without the gateway
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_arguments: &Arguments) -> Result<ExitCode, Failure> {
    Err(Failure::error("not yet"))
}
