//! `gatehold proxy`: one remote server over HTTP, without a file.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use gatehold_gateway::config::{Listen, ProofConfig, ReachConfig, Root, ServerConfig, parse_header, parse_listen};
use gatehold_gateway::{Config, Reload, Resilience, ServeError, Started, serve};
use http::HeaderMap;

use crate::print;
use crate::shared::{Failure, Gate, describe};

/// Guard one HTTP server
///
/// Listens on an address and passes everything that is allowed on to one upstream server: clients connect to
/// `http://ADDR/mcp` instead of the server's own URL.
///
/// Clients are not authenticated here: whoever reaches the address is let in. For API keys, tokens, certificates or
/// TLS write a configuration and use `gatehold serve`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gatehold proxy --upstream https://mcp.example.com/mcp --policy rules.yaml")]
pub(crate) struct Arguments {
    /// The URL of the server
    #[arg(long, value_name = "URL")]
    upstream: String,
    /// Where clients reach us: `host:port` or `unix:PATH`; repeatable
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8642")]
    listen: Vec<String>,
    /// Where `/healthz`, `/readyz` and `/metrics` are served (loopback only)
    #[arg(long, value_name = "ADDR")]
    admin_listen: Option<SocketAddr>,
    #[command(flatten)]
    gate: Gate,
    #[command(flatten)]
    remote: Remote,
    /// The server's name in policy and records
    #[arg(long, value_name = "NAME", default_value = "upstream")]
    server: String,
    /// Pass the client's `Authorization` on; only where gateway and server are one resource
    #[arg(long)]
    forward_authorization: bool,
    /// Listen beyond loopback although clients are not authenticated
    #[arg(long)]
    insecure_listen: bool,
    /// A `Host` that clients may use besides loopback names; repeatable
    #[arg(long, value_name = "HOST")]
    allowed_host: Vec<String>,
    /// A web origin whose pages may call; repeatable
    #[arg(long, value_name = "ORIGIN")]
    allowed_origin: Vec<String>,
    /// Threads that serve (default: one a processor)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=63))]
    workers: Option<u16>,
}

/// How a remote server is spoken to.
#[derive(Debug, Args)]
pub(crate) struct Remote {
    /// How the server speaks
    #[arg(long, value_enum, default_value = "http")]
    transport: RemoteTransport,
    /// A header for every request to the server; `${env:NAME}` and `${file:PATH}` keep secrets off the command line;
    /// repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    header: Vec<String>,
}

/// The transports of remote servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RemoteTransport {
    /// Streamable HTTP.
    Http,
    /// HTTP+SSE of 2024-11-05.
    Sse,
}

impl Remote {
    pub(crate) fn is_legacy_sse(&self) -> bool {
        self.transport == RemoteTransport::Sse
    }

    pub(crate) fn headers(&self) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        for header in &self.header {
            let (name, value) = parse_header(header).map_err(Failure::error)?;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let config = config(&arguments)?;
    let folder = arguments.gate.ledger_folder()?;
    let told = describe(&config.policy, arguments.gate.policy_name().as_deref());
    // Without its query, which may hold a key.
    let upstream = arguments.upstream.split('?').next().unwrap_or_default().to_owned();
    let watched: Vec<PathBuf> = arguments.gate.policy.iter().cloned().collect();
    let reload: Reload = Box::new(move || self::config(&arguments).map_err(Failure::into_config_error));
    let started = move |started: Started| {
        print_started(&started, &told);
        for address in started.listening.iter().filter(|address| address.starts_with("http")) {
            print::note(&format!("clients connect to {address}/mcp instead of {upstream}"));
        }
    };
    serve(config, None, "proxy", &folder, watched, Some(reload), started).map_err(failure)?;
    Ok(ExitCode::SUCCESS)
}

fn config(arguments: &Arguments) -> Result<Config, Failure> {
    let mut config = Config::new();
    config.listen = arguments
        .listen
        .iter()
        .map(|text| parse_listen(text).map_err(|help| Failure::error(format!("`--listen {text}`: {help}"))))
        .collect::<Result<Vec<Listen>, Failure>>()?;
    config.admin.listen = match arguments.admin_listen {
        Some(address) if !address.ip().is_loopback() => {
            return Err(Failure::error("`--admin-listen` must be on loopback"));
        }
        address => address,
    };
    config.servers = vec![ServerConfig {
        name: arguments.server.clone(),
        reach: ReachConfig::Http {
            url: arguments.upstream.clone(),
            legacy_sse: arguments.remote.is_legacy_sse(),
            headers: arguments.remote.headers()?,
            forward_authorization: arguments.forward_authorization,
            proof: ProofConfig::default(),
        },
        resilience: Resilience::default(),
    }];
    config.root = Root::Server(arguments.server.clone());
    config.policy = arguments.gate.policy()?;
    config.policy_file.clone_from(&arguments.gate.policy);
    config.detectors = arguments.gate.detectors();
    config.state_folder = arguments.gate.state.folder_if_any(None);
    config.durability = arguments.gate.durability().unwrap_or(config.durability);
    config.insecure_listen = arguments.insecure_listen;
    config.allowed_hosts.clone_from(&arguments.allowed_host);
    config.allowed_origins.clone_from(&arguments.allowed_origin);
    if let Some(workers) = arguments.workers {
        config.workers = usize::from(workers);
    }
    Ok(config)
}

/// Says where it listens and where it records.
pub(crate) fn print_started(started: &Started, told: &str) {
    print::note(&format!("listening on {}", started.listening.join(", ")));
    if let Some(admin) = started.admin {
        print::note(&format!("health and metrics on http://{admin}"));
    }
    print::note(&format!("{told}; recording in {}", started.ledger.display()));
}

/// A failure of the gateway as one of the command.
pub(crate) fn failure(error: ServeError) -> Failure {
    match error {
        ServeError::Config(error) => error.into(),
        error => Failure::error(error),
    }
}
