//! The ways from the suite to a server, and what has to be started for each. Every run gets fresh processes on free
//! ports, which end with the run.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::failure::{During, Outcome};
use crate::setup::Fixtures;

use super::process::{Running, free_port};
use super::relay::Relay;
use super::suite::{self, Results, Revision};

/// A server under comparison.
pub(super) struct Server {
    pub(super) name: &'static str,
    kind: Kind,
}

impl Server {
    /// Whether the route says something at this revision. server-everything speaks only the older revisions, and to a
    /// modern request it answers over HTTP and over stdio in two ways of its own: there is nothing to compare.
    pub(super) fn compares(&self, route: Route, revision: &Revision) -> bool {
        let modern = ["2026-07-28", "default"].contains(&revision.label);
        !matches!((self.kind, route, modern), (Kind::Everything, Route::Stdio, true))
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Fixture,
    Everything,
}

/// All servers; the first is the one of `--quick`.
pub(super) const SERVERS: &[Server] =
    &[Server { name: "fixture", kind: Kind::Fixture }, Server { name: "everything", kind: Kind::Everything }];

/// A way from the suite to the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Route {
    /// Nothing between.
    Direct,
    /// A relay of bytes between: shows that the comparison itself is quiet.
    Control,
    /// `gatehold proxy --mode audit`.
    Audit,
    /// `gatehold proxy` with a policy that allows everything.
    Enforce,
    /// `gatehold serve` with the server as its child, over stdio.
    Stdio,
}

impl Route {
    pub(super) fn label(self) -> &'static str {
        match self {
            Route::Direct => "direct",
            Route::Control => "control",
            Route::Audit => "audit",
            Route::Enforce => "enforce",
            Route::Stdio => "stdio",
        }
    }

    pub(super) fn needs_gatehold(&self) -> bool {
        matches!(self, Route::Audit | Route::Enforce | Route::Stdio)
    }
}

/// Everything that a run needs.
pub(super) struct Bench {
    pub(super) fixtures: Fixtures,
    /// The gatehold under test.
    pub(super) binary: PathBuf,
    /// Results, logs and ledgers go here.
    pub(super) folder: PathBuf,
}

impl Bench {
    /// Starts what the route needs, runs the suite at it and reads the results. Everything has ended afterwards.
    ///
    /// # Errors
    /// When something does not start, or the suite leaves no results.
    pub(super) fn run(&self, server: &Server, revision: &Revision, route: Route) -> Outcome<Results> {
        let folder = self.folder.join(server.name).join(revision.label).join(route.label());
        if folder.exists() {
            fs::remove_dir_all(&folder).during(format_args!("cannot clear {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).during(format_args!("cannot make {}", folder.display()))?;
        let mut running = Vec::new();
        let mut relay = None;
        let url = match route {
            Route::Direct => endpoint(self.start_server(server, &folder, &mut running)?),
            Route::Control => {
                let port = self.start_server(server, &folder, &mut running)?;
                endpoint(relay.insert(Relay::start(port)?).port())
            }
            Route::Audit | Route::Enforce => {
                let upstream = endpoint(self.start_server(server, &folder, &mut running)?);
                endpoint(self.start_proxy(route, &upstream, &folder, &mut running)?)
            }
            Route::Stdio => {
                let port = self.start_gateway(server, &folder, &mut running)?;
                format!("{}/upstream", endpoint(port))
            }
        };
        suite::run(&self.fixtures, &url, revision, &folder)
    }

    /// The server on a free port, which is returned.
    fn start_server(&self, server: &Server, folder: &std::path::Path, running: &mut Vec<Running>) -> Outcome<u16> {
        let port = free_port()?;
        let mut command = match server.kind {
            Kind::Fixture => {
                let mut command = Command::new(&self.fixtures.conformance_server);
                command.args(["http", "--listen", &format!("127.0.0.1:{port}")]);
                command
            }
            Kind::Everything => {
                let mut command = Command::new(&self.fixtures.node);
                command.arg(&self.fixtures.everything).arg("streamableHttp").env("PORT", port.to_string());
                command
            }
        };
        running.push(Running::start(&mut command, folder.join("server.log"), port)?);
        Ok(port)
    }

    fn start_proxy(
        &self,
        route: Route,
        upstream: &str,
        folder: &std::path::Path,
        running: &mut Vec<Running>,
    ) -> Outcome<u16> {
        let port = free_port()?;
        let mut command = Command::new(&self.binary);
        command.args(["proxy", "--upstream", upstream, "--listen", &format!("127.0.0.1:{port}")]);
        command.arg("--ledger").arg(folder.join("ledger"));
        if route == Route::Audit {
            command.args(["--mode", "audit"]);
        } else {
            command.arg("--policy").arg(allow_all(folder)?);
        }
        running.push(Running::start(&mut command, folder.join("gatehold.log"), port)?);
        Ok(port)
    }

    fn start_gateway(&self, server: &Server, folder: &std::path::Path, running: &mut Vec<Running>) -> Outcome<u16> {
        let port = free_port()?;
        let words = match server.kind {
            Kind::Fixture => vec![self.fixtures.conformance_server.clone(), "stdio".into()],
            Kind::Everything => vec![self.fixtures.node.clone(), self.fixtures.everything.clone(), "stdio".into()],
        };
        // A JSON document is a YAML document, and needs no quoting rules of its own.
        let configuration = serde_json::json!({
            "listen": [format!("127.0.0.1:{port}")],
            "servers": { "upstream": { "command": words } },
            "ledger": { "folder": folder.join("ledger") },
            "policy": allow_all(folder)?,
        });
        let file = folder.join("gatehold.yaml");
        fs::write(&file, serde_json::to_string_pretty(&configuration)?)?;
        let mut command = Command::new(&self.binary);
        command.args(["serve", "--config"]).arg(&file);
        running.push(Running::start(&mut command, folder.join("gatehold.log"), port)?);
        Ok(port)
    }
}

fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}/mcp")
}

/// A policy that objects to nothing, in a file.
fn allow_all(folder: &std::path::Path) -> Outcome<PathBuf> {
    let file = folder.join("allow-all.yaml");
    fs::write(&file, "version: 1\ndefault: allow\nrules: []\n")?;
    Ok(file)
}
