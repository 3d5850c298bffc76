//! `gatehold policy schema`: the JSON Schema of the policy language. An editor that knows it completes keys and points at
//! wrong ones; what a policy means is checked by `gatehold policy check` alone.

use std::process::ExitCode;

use crate::print;
use crate::shared::Failure;

/// The schema, as it is published with the documentation.
const SCHEMA: &str = include_str!("../../../../../docs/reference/policy.schema.json");

pub(super) fn run() -> Result<ExitCode, Failure> {
    print::line(SCHEMA.trim_end());
    Ok(ExitCode::SUCCESS)
}
