//! `gatehold wrap`: one local server, protected, in one line.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use gatehold_gateway::approvals::Settings;
use gatehold_gateway::config::{ProofConfig, ReachConfig, Root, ServerConfig, parse_secret};
use gatehold_gateway::wrap::{WrapError, wrap};
use gatehold_gateway::{ChildSpec, Config, Pipeline, Resilience, Secret, bridge};
use gatehold_inspect::Registry;
use gatehold_session::{Origin, Transport};
use gatehold_wire::Limits;

use crate::print;
use crate::shared::{Failure, Gate, Local, describe};

/// Guard one server over standard input and output
///
/// Starts the command as a child, exactly as written and without a shell, and stands between it and the client that
/// started us. With `--url` the server is a remote one instead.
///
/// The child gets a cleared environment: PATH, HOME and a few others, and what `--env` names.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    gatehold wrap -- npx -y @modelcontextprotocol/server-filesystem ~/notes\n  \
    gatehold wrap --policy rules.yaml --env GITHUB_TOKEN -- github-mcp-server stdio\n  \
    gatehold wrap --url https://mcp.example.com/mcp --header 'Authorization=Bearer ${env:TOKEN}'")]
pub(crate) struct Arguments {
    #[command(flatten)]
    gate: Gate,
    #[command(flatten)]
    local: Local,
    /// A variable that the server needs: by name from our environment, or with its value; repeatable
    #[arg(long, value_name = "NAME[=VALUE]")]
    env: Vec<String>,
    /// The server's name in policy and records (default: the command's own)
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// A remote server instead of a command
    #[arg(long, value_name = "URL", conflicts_with_all = ["command", "env"])]
    url: Option<String>,
    #[command(flatten)]
    remote: super::proxy::Remote,
    /// The command and its arguments
    #[arg(last = true, value_name = "COMMAND", required_unless_present = "url")]
    command: Vec<OsString>,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let policy = arguments.gate.policy()?;
    arguments.gate.detectors().check(&policy).map_err(Failure::error)?;
    let told = describe(&policy, arguments.gate.policy_name().as_deref());
    let ledger = arguments.gate.open_ledger("wrap")?;
    print::note(&format!("{told}; recording in {}", ledger.path().display()));
    let state = arguments.gate.state.open_if_any()?;
    let pipeline = Pipeline::new(policy, arguments.gate.detectors(), Registry::standard, ledger, Limits::default())
        .for_one_conversation()
        .with_desk(Settings::default(), state.as_ref())
        .map_err(Failure::error)?;
    let pipeline = Arc::new(pipeline);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::error)?;
    let status = match &arguments.url {
        Some(url) => runtime.block_on(remote(&arguments, url, Arc::clone(&pipeline)))?,
        None => runtime.block_on(local(&arguments, Arc::clone(&pipeline)))?,
    };
    // Reading standard input may still hold a thread of the runtime: it is not waited for.
    runtime.shutdown_background();
    if let Some(desk) = pipeline.desk() {
        desk.close();
    }
    pipeline.ledger().close("the conversation ended").map_err(Failure::error)?;
    Ok(ExitCode::from(status))
}

async fn local(arguments: &Arguments, pipeline: Arc<Pipeline>) -> Result<u8, Failure> {
    let spec =
        ChildSpec { command: arguments.command.clone(), environment: environment(&arguments.env)?, folder: None };
    let origin = Origin {
        session: gatehold_gateway::wrap::session_name(),
        principal: arguments.local.principal()?,
        server: server_name(arguments).into(),
        transport: Transport::Stdio,
    };
    match wrap(pipeline, origin, &spec).await {
        Ok(report) => {
            if let Some(hint) = report.hint {
                print::note(&hint);
            }
            Ok(report.status)
        }
        Err(WrapError::Spawn(error)) => Err(Failure::with_status(error.exit_code(), error)),
        Err(error @ WrapError::Streams(_)) => Err(Failure::error(error)),
    }
}

async fn remote(arguments: &Arguments, url: &str, pipeline: Arc<Pipeline>) -> Result<u8, Failure> {
    let name = arguments.server.clone().unwrap_or_else(|| "remote".to_owned());
    let reach = ReachConfig::Http {
        url: url.to_owned(),
        legacy_sse: arguments.remote.is_legacy_sse(),
        headers: arguments.remote.headers()?,
        forward_authorization: false,
        proof: ProofConfig::default(),
    };
    let config = Config {
        servers: vec![ServerConfig { name: name.clone(), reach, resilience: Resilience::default() }],
        root: Root::Server(name),
        ..Config::new()
    };
    bridge(&config, pipeline, arguments.local.principal()?).await.map_err(Failure::error)?;
    Ok(0)
}

/// The server's name: what was given, or the last part of the program's path.
fn server_name(arguments: &Arguments) -> String {
    arguments.server.clone().unwrap_or_else(|| {
        let program = arguments.command.first().map(std::path::PathBuf::from).unwrap_or_default();
        program.file_name().map_or_else(|| "server".to_owned(), |name| name.to_string_lossy().into_owned())
    })
}

fn environment(given: &[String]) -> Result<Vec<(String, Option<Secret>)>, Failure> {
    given
        .iter()
        .map(|variable| match variable.split_once('=') {
            Some(("", _)) => Err(Failure::error("`--env` needs a name: write `--env NAME` or `--env NAME=VALUE`")),
            Some((name, value)) => match parse_secret(value) {
                Ok(value) => Ok((name.to_owned(), Some(value))),
                Err(error) => Err(Failure::error(format!("`--env {name}`: {error}"))),
            },
            None if std::env::var_os(variable).is_none() => Err(Failure::error(format!(
                "`--env {variable}`: this variable is not set; set it, or give its value with `--env {variable}=VALUE`"
            ))),
            None => Ok((variable.clone(), None)),
        })
        .collect()
}
