//! `conformance upstream-auth`: the suite's authorization scenarios for clients, with Gatehold as the OAuth client and a
//! plain client before it that knows of no token. Scenarios that a person with a browser has to take part in are left
//! out: the gateway has no such flow.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{During, Failure, Outcome};
use crate::{setup, workspace};

/// The scenarios that need no browser: four flows, and two servers that lie about who they are.
const SCENARIOS: [&str; 6] = [
    "auth/client-credentials-basic",
    "auth/client-credentials-jwt",
    "auth/enterprise-managed-authorization",
    "auth/wif-jwt-bearer",
    "auth/resource-mismatch",
    "auth/metadata-issuer-mismatch",
];

/// Runs them.
///
/// # Errors
/// When something cannot be started, or a scenario fails.
pub(super) fn run(binary: &Path) -> Outcome {
    let (node, script) = setup::for_suite()?;
    let folder = workspace::root().join("target/conformance-upstream-auth");
    std::fs::create_dir_all(&folder)?;
    let client = workspace::root().join("fixtures/npm/upstream-auth.mjs");
    let command = [node.as_path(), &client, binary].map(|part| part.display().to_string()).join(" ");
    let mut failed = Vec::new();
    for scenario in SCENARIOS {
        let log_path = folder.join(format!("{}.log", scenario.replace('/', "-")));
        let log = File::create(&log_path)?;
        let mut suite = Command::new(&node);
        suite.arg(&script).args(["client", "--command", &command, "--scenario", scenario]);
        suite.current_dir(&folder).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // A proxy of the machine must not come between the suite and loopback.
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            suite.env_remove(name);
        }
        let passed = suite.status().during("cannot start the conformance suite")?.success();
        println!("  {} {scenario}", if passed { "passed" } else { "FAILED" });
        if !passed {
            failed.push(format!("{scenario} ({})", log_path.display()));
        }
    }
    match failed.as_slice() {
        [] => Ok(()),
        failed => Err(Failure::new(format!("scenarios failed; the suite's words: {}", failed.join(", ")))),
    }
}
