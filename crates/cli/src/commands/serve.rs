//! `gatehold serve`: the gateway for many servers.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use gatehold_gateway::config::parse_listen;
use gatehold_gateway::{Config, Reload, Started, serve};

use super::proxy::{failure, print_started};
use crate::print;
use crate::second_tier;
use crate::shared::{
    DetectorsArgument, DurabilityArgument, Failure, ModeArgument, StateArgument, default_ledger_folder, describe,
    in_mode,
};

/// Run the gateway for many servers
///
/// Each server of the configuration is served at `/mcp/<server>`, and for clients of the first revision at
/// `/sse/<server>`. The configuration is read again when it changes and on SIGHUP; a file with an error changes nothing.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The configuration file
    #[arg(long, short = 'C', value_name = "FILE", default_value = "gatehold.yaml", env = "GATEHOLD_CONFIG")]
    config: PathBuf,
    /// Listen here instead of where the file says; repeatable
    #[arg(long, value_name = "ADDR")]
    listen: Vec<String>,
    /// Whether decisions are carried out or only recorded
    #[arg(long, value_enum, env = "GATEHOLD_MODE")]
    mode: Option<ModeArgument>,
    /// When the detectors run, instead of what the file says
    #[arg(long, value_enum, env = "GATEHOLD_DETECTORS")]
    detectors: Option<DetectorsArgument>,
    /// The folder of the record, instead of what the file says
    #[arg(long, value_name = "DIR", env = "GATEHOLD_LEDGER")]
    ledger: Option<PathBuf>,
    #[command(flatten)]
    state: StateArgument,
    /// When a record counts as written, instead of what the file says
    #[arg(long, value_enum, env = "GATEHOLD_DURABILITY")]
    durability: Option<DurabilityArgument>,
    /// Listen beyond loopback although clients are not authenticated
    #[arg(long)]
    insecure_listen: bool,
    /// Read the configuration and everything it names, say whether it is in order, and end
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let config = config(&arguments)?;
    config.check_exposure()?;
    config.check_detectors()?;
    let model = config.second_tier.as_ref().map(second_tier::open).transpose()?;
    if arguments.check {
        for warning in &config.warnings {
            print::note(&format!("warning: {warning}"));
        }
        print::line(&format!("{}: in order, {} servers", arguments.config.display(), config.servers.len()));
        return Ok(ExitCode::SUCCESS);
    }
    let folder = match arguments.ledger.clone().or_else(|| config.ledger_folder.clone()) {
        Some(folder) => folder,
        None => default_ledger_folder()?,
    };
    let told = describe(&config.policy, config.policy_file.as_deref());
    let paths = config.paths();
    let files = std::iter::once(arguments.config.clone()).chain(config.policy_files());
    let watched = files.chain(config.secret_files.iter().cloned()).collect();
    let reload: Reload = Box::new(move || self::config(&arguments).map_err(Failure::into_config_error));
    let started = move |started: Started| {
        print_started(&started, &told);
        let base = started.listening.iter().find(|address| address.starts_with("http"));
        for path in &paths {
            print::note(&format!("serving {}{path}", base.map_or("", String::as_str)));
        }
    };
    serve(config, model, "serve", &folder, watched, Some(reload), started).map_err(failure)?;
    Ok(ExitCode::SUCCESS)
}

fn config(arguments: &Arguments) -> Result<Config, Failure> {
    if !Path::new(&arguments.config).exists() {
        return Err(Failure::error(format!(
            "{} does not exist. Name your configuration with `--config FILE`; `gatehold config example` prints one to \
             begin with",
            arguments.config.display()
        )));
    }
    let mut config = Config::load(&arguments.config)?;
    if !arguments.listen.is_empty() {
        config.listen = arguments
            .listen
            .iter()
            .map(|text| parse_listen(text).map_err(|help| Failure::error(format!("`--listen {text}`: {help}"))))
            .collect::<Result<_, _>>()?;
    }
    if arguments.mode.is_some()
        && let Some(policy) =
            Arc::into_inner(std::mem::replace(&mut config.policy, Arc::new(gatehold_decide::Policy::none())))
    {
        config.policy = Arc::new(in_mode(policy, arguments.mode));
    }
    config.state_folder = arguments.state.folder_if_any(config.state_folder.as_deref());
    if let Some(detectors) = arguments.detectors {
        config.detectors = detectors.into();
    }
    if let Some(durability) = arguments.durability {
        config.durability = durability.into();
    }
    config.insecure_listen |= arguments.insecure_listen;
    Ok(config)
}
