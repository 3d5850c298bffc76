//! From a configuration file to a `Config`. All errors are collected; a file with one error is not used at all.

use std::ffi::OsString;
use std::net::{SocketAddr, ToSocketAddrs};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gatehold_decide::diagnostic::{Diagnostic, Source, nearest};
use gatehold_decide::document::{self, Entry, Node, Value};
use gatehold_evidence::Durability;
use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::{Config, Listen, ReachConfig, Root, ServerConfig};
use crate::fetch::FetchConfig;
use crate::pipeline::Detectors;
use crate::secrets::{Lookup, Secret, Secrets};
use crate::upstream::child::ChildSpec;
use crate::upstream::http::Address;

mod admin;
mod approvals;
mod authentication;
mod concurrency;
mod credentials;
mod detection;
mod fetch;
mod forward_proxy;
mod policy;
mod quotas;
mod rates;
mod resilience;
mod secrets;
mod state;
mod tls;

const TOP: &[&str] = &[
    "listen",
    "insecure_listen",
    "allowed_hosts",
    "allowed_origins",
    "admin",
    "forward_proxy",
    "authentication",
    "tls",
    "servers",
    "aggregate",
    "policy",
    "preset",
    "detectors",
    "detection",
    "ledger",
    "limits",
    "sessions",
    "answer_timeout_seconds",
    "grace_seconds",
    "fetch",
    "secrets",
    "rates",
    "quotas",
    "state",
    "approvals",
    "concurrency",
];
const SERVER: [&str; 14] = [
    "command",
    "env",
    "folder",
    "url",
    "transport",
    "headers",
    "forward_authorization",
    "auth",
    "ca",
    "client_cert",
    "client_key",
    "breaker",
    "retries",
    "timeouts",
];
const LIMITS: [&str; 6] = [
    "message_bytes_max",
    "argument_bytes_max",
    "arguments_bytes_max",
    "depth_max",
    "members_max",
    "batch_messages_max",
];
const SESSIONS: [&str; 3] = ["idle_seconds", "lifetime_seconds", "count_max"];
/// How many keys there are in all: those of the top that hold a value themselves, and those below. The reference must
/// name as many.
#[cfg(test)]
pub(super) const KEY_COUNT: usize = (TOP.len() + 1 - 15)
    + 1
    + authentication::KEY_COUNT
    + tls::TLS.len()
    + (SERVER.len() - 3)
    + resilience::BREAKER.len()
    + resilience::RETRIES.len()
    + resilience::TIMEOUTS.len()
    + 2
    + LIMITS.len()
    + SESSIONS.len()
    + fetch::FETCH.len()
    + secrets::VAULT.len()
    + credentials::KEY_COUNT
    + admin::KEY_COUNT
    + forward_proxy::KEY_COUNT
    + rates::RATE.len()
    + state::REDIS.len()
    + concurrency::CONCURRENCY.len()
    + detection::MODEL.len()
    + quotas::QUOTAS.len()
    + 1
    + (approvals::APPROVALS.len() - 2)
    + approvals::WEBHOOK.len()
    + approvals::PERSON.len();

/// The most servers of one gateway.
const SERVERS_MAX: usize = 1000;

pub(super) fn config(source: &Source, folder: &Path, lookup: Lookup<'_>) -> Result<Config, Vec<Diagnostic>> {
    let document = document::read(source).map_err(|error| vec![error])?;
    let mut reader = Reader::new(folder, lookup);
    let mut config = reader.config(&document);
    if reader.errors.is_empty() {
        config.warnings = reader.warnings.iter().map(|warning| in_a_line(source, warning)).collect();
        config.secret_files = reader.secret_files;
        return Ok(config);
    }
    reader.errors.sort_by_key(|error| error.span.as_ref().map_or(0, |span| span.start));
    Err(reader.errors)
}

/// A warning with its place, in one line.
fn in_a_line(source: &Source, warning: &Diagnostic) -> String {
    let place = warning.span.as_ref().map(|span| source.position(span.start));
    let place =
        place.map_or_else(|| source.name().to_owned(), |(line, column)| format!("{}:{line}:{column}", source.name()));
    let help = warning.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{place}: {}{help}", warning.message)
}

struct Reader<'a> {
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
    /// The files that secrets were read from.
    secret_files: Vec<PathBuf>,
    folder: &'a Path,
    lookup: Lookup<'a>,
    secrets: Secrets<'a>,
}

impl<'a> Reader<'a> {
    fn new(folder: &'a Path, lookup: Lookup<'a>) -> Self {
        let (errors, warnings, secret_files) = (Vec::new(), Vec::new(), Vec::new());
        Self { errors, warnings, secret_files, folder, lookup, secrets: Secrets::new(folder, lookup) }
    }
}

impl Reader<'_> {
    fn config(&mut self, document: &Node) -> Config {
        let mut config = Config::new();
        let mut known: Vec<&str> = TOP.to_vec();
        known.push("workers");
        let entries = self.table(document, &known);
        let find = |key: &str| entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node);
        // What other sections name is looked up with these two.
        config.fetch = find("fetch").map(|node| self.fetch(node)).unwrap_or_default();
        self.secrets(find("secrets"), &config.fetch);
        for entry in entries {
            let node = &entry.node;
            match entry.key.as_str() {
                "listen" => config.listen = self.each(node, Self::listen),
                "insecure_listen" => config.insecure_listen = self.boolean(node),
                "allowed_hosts" => config.allowed_hosts = self.each(node, Self::text),
                "allowed_origins" => config.allowed_origins = self.each(node, Self::text),
                "forward_proxy" => config.forward_proxy = self.forward_proxy(node),
                "admin" => config.admin = self.admin(node),
                "authentication" => config.authentication = Some(Arc::new(self.authentication(node))),
                "tls" => config.tls = self.tls(node),
                "servers" => config.servers = self.servers(node),
                "aggregate" if self.boolean(node) => config.root = Root::Aggregate,
                "policy" => self.policy(node, &mut config),
                "preset" => self.preset(node, find("policy").is_some(), &mut config),
                "detectors" => config.detectors = self.detectors(node),
                "detection" => self.detection(node, &mut config),
                "ledger" => self.ledger(node, &mut config),
                "state" => self.state(node, &mut config),
                "approvals" => self.approvals(node, &mut config),
                "limits" => self.limits(node, &mut config),
                "sessions" => self.sessions(node, &mut config),
                "answer_timeout_seconds" => config.answer_timeout = self.seconds(node),
                "grace_seconds" => config.grace = self.seconds(node),
                "rates" => config.rates = self.rates(node),
                "quotas" => self.quotas(node, &mut config),
                "concurrency" => config.concurrency = self.concurrency(node),
                "workers" => config.workers = self.number(node, 1, 64),
                _ => {}
            }
        }
        if config.servers.is_empty() && self.errors.is_empty() {
            self.errors.push(
                Diagnostic::of_file("no server is configured").with_help(
                    "write one under `servers`, for instance `notes: { url: \"http://127.0.0.1:3000/mcp\" }`",
                ),
            );
        }
        config
    }

    fn error(&mut self, message: impl Into<String>, span: &Range<usize>, help: &str) {
        let diagnostic = Diagnostic::new(message, span.clone());
        self.errors.push(if help.is_empty() { diagnostic } else { diagnostic.with_help(help) });
    }

    /// The entries of a table; a key that is not known is an error that names the nearest known one.
    fn table<'n>(&mut self, node: &'n Node, known: &[&str]) -> &'n [Entry] {
        let Value::Table(entries) = &node.value else {
            if node.value != Value::Null {
                self.error(
                    format!("here stands {}, not a table of keys and values", node.value.kind()),
                    &node.span,
                    "",
                );
            }
            return &[];
        };
        for entry in entries {
            if known.is_empty() || known.contains(&entry.key.as_str()) {
                continue;
            }
            let help = match nearest(&entry.key, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known keys: {}", known.join(", ")),
            };
            self.error(format!("unknown key `{}`", entry.key), &entry.key_span, &help);
        }
        entries
    }

    fn each<T>(&mut self, node: &Node, read: impl Fn(&mut Self, &Node) -> Option<T>) -> Vec<T> {
        match &node.value {
            Value::List(items) => items.iter().filter_map(|item| read(self, item)).collect(),
            _ => read(self, node).into_iter().collect(),
        }
    }

    fn text(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            other => {
                self.error(format!("here stands {}, not a text", other.kind()), &node.span, "put it in quotes");
                None
            }
        }
    }

    fn boolean(&mut self, node: &Node) -> bool {
        match &node.value {
            Value::Bool(value) => *value,
            other => {
                self.error(
                    format!("here stands {}, not a boolean", other.kind()),
                    &node.span,
                    "write `true` or `false`",
                );
                false
            }
        }
    }

    fn number(&mut self, node: &Node, least: usize, most: usize) -> usize {
        let written = match &node.value {
            Value::Number(written) => written.parse::<usize>().ok(),
            _ => None,
        };
        match written {
            Some(number) if (least..=most).contains(&number) => number,
            _ => {
                self.error(format!("a whole number from {least} to {most} is needed here"), &node.span, "");
                least
            }
        }
    }

    fn seconds(&mut self, node: &Node) -> Duration {
        Duration::from_secs(self.number(node, 1, 31_536_000) as u64)
    }

    fn path(&mut self, node: &Node) -> Option<PathBuf> {
        Some(self.folder.join(self.text(node)?))
    }

    fn listen(&mut self, node: &Node) -> Option<Listen> {
        let text = self.text(node)?;
        match parse_listen(&text) {
            Ok(Listen::Unix(path)) => Some(Listen::Unix(self.folder.join(path))),
            Ok(listen) => Some(listen),
            Err(help) => {
                self.error(format!("`{text}` is not an address to listen on"), &node.span, &help);
                None
            }
        }
    }

    fn ledger(&mut self, node: &Node, config: &mut Config) {
        for entry in self.table(node, &["folder", "durability"]) {
            match entry.key.as_str() {
                "folder" => config.ledger_folder = self.path(&entry.node),
                "durability" => match self.text(&entry.node).as_deref() {
                    Some("os") => config.durability = Durability::Os,
                    Some("disk") => config.durability = Durability::Disk,
                    Some(_) => self.error("unknown durability", &entry.node.span, "write `os` or `disk`"),
                    None => {}
                },
                _ => {}
            }
        }
    }

    fn detectors(&mut self, node: &Node) -> Detectors {
        match &node.value {
            Value::Text(text) if text == "auto" => Detectors::Auto,
            Value::Text(text) if text == "on" => Detectors::On,
            Value::Text(text) if text == "off" => Detectors::Off,
            _ => {
                self.error("unknown word for `detectors`", &node.span, "write `auto`, `on` or `off`");
                Detectors::Auto
            }
        }
    }

    fn limits(&mut self, node: &Node, config: &mut Config) {
        for entry in self.table(node, &LIMITS) {
            let node = &entry.node;
            match entry.key.as_str() {
                "message_bytes_max" => {
                    config.limits.message_bytes_max = self.number(node, 1024, 1 << 30);
                    config.limits.event_bytes_max = config.limits.message_bytes_max.saturating_add(4096);
                }
                "depth_max" => config.limits.depth_max = self.number(node, 4, 512),
                "members_max" => config.limits.members_max = self.number(node, 16, 10_000_000),
                "argument_bytes_max" => config.limits.argument_bytes_max = self.number(node, 1024, 1 << 30),
                "arguments_bytes_max" => config.limits.arguments_bytes_max = self.number(node, 1024, 1 << 30),
                "batch_messages_max" => config.limits.batch_messages_max = self.number(node, 1, 10_000),
                _ => {}
            }
        }
    }

    fn sessions(&mut self, node: &Node, config: &mut Config) {
        for entry in self.table(node, &SESSIONS) {
            match entry.key.as_str() {
                "idle_seconds" => config.sessions.idle = self.seconds(&entry.node),
                "lifetime_seconds" => config.sessions.lifetime = self.seconds(&entry.node),
                "count_max" => config.sessions.count_max = self.number(&entry.node, 1, 10_000_000),
                _ => {}
            }
        }
    }

    fn servers(&mut self, node: &Node) -> Vec<ServerConfig> {
        let mut servers = Vec::new();
        for entry in self.table(node, &[]) {
            if !is_server_name(&entry.key) {
                self.error(
                    format!("`{}` cannot be the name of a server", entry.key),
                    &entry.key_span,
                    "use 1 to 64 of a-z, A-Z, 0-9, - and _, without two _ in a row: it stands in addresses and tool names",
                );
            } else if servers.len() >= SERVERS_MAX {
                self.error(format!("there are more than {SERVERS_MAX} servers"), &entry.key_span, "");
                break;
            } else if let Some(reach) = self.server(&entry.node) {
                let Value::Table(entries) = &entry.node.value else { continue };
                let resilience = self.resilience(entries);
                servers.push(ServerConfig { name: entry.key.clone(), reach, resilience });
            }
        }
        servers
    }

    fn server(&mut self, node: &Node) -> Option<ReachConfig> {
        let entries = self.table(node, &SERVER);
        let find = |key: &str| entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node);
        match (find("command"), find("url")) {
            (Some(command), None) => {
                self.refuse_proof_of_child(entries);
                self.child(command, find("env"), find("folder"))
            }
            (None, Some(url)) => {
                let legacy_sse = match find("transport").map(|node| (self.text(node), node)) {
                    None => false,
                    Some((Some(text), _)) if text == "http" => false,
                    Some((Some(text), _)) if text == "sse" => true,
                    Some((_, node)) => {
                        self.error("unknown transport", &node.span, "write `http` or `sse`");
                        false
                    }
                };
                let text = self.text(url)?;
                if let Err(error) = Address::parse(&text) {
                    self.error(error, &url.span, "");
                }
                let headers = find("headers").map(|node| self.headers(node)).unwrap_or_default();
                let forward_authorization = find("forward_authorization").is_some_and(|node| self.boolean(node));
                let proof = self.proof(entries, &headers, forward_authorization);
                Some(ReachConfig::Http { url: text, legacy_sse, headers, forward_authorization, proof })
            }
            (Some(_), Some(url)) => {
                self.error("a server has either `command` or `url`", &url.span, "take one of them away");
                None
            }
            (None, None) => {
                self.error("a server needs `command` or `url`", &node.span, "");
                None
            }
        }
    }

    fn child(&mut self, command: &Node, env: Option<&Node>, folder: Option<&Node>) -> Option<ReachConfig> {
        let Value::List(_) = &command.value else {
            let help = "write program and arguments as a list: [\"npx\", \"-y\", \"some-server\"]; there is no shell";
            self.error("`command` is a list", &command.span, help);
            return None;
        };
        let words: Vec<OsString> = self.each(command, Self::text).into_iter().map(OsString::from).collect();
        if words.is_empty() {
            self.error("`command` is empty", &command.span, "");
            return None;
        }
        let mut environment = Vec::new();
        for entry in env.map_or(&[][..], |env| self.table(env, &[])) {
            let value = match &entry.node.value {
                Value::Null => None,
                Value::Number(written) => Some(Secret::new(written.as_str())),
                Value::Bool(value) => Some(Secret::new(value.to_string())),
                _ => match self.text(&entry.node) {
                    Some(text) => self.perhaps_secret(&text, &entry.key, &entry.node.span),
                    None => continue,
                },
            };
            environment.push((entry.key.clone(), value));
        }
        let folder = folder.and_then(|folder| self.path(folder));
        Some(ReachConfig::Child(ChildSpec { command: words, environment, folder }))
    }

    fn headers(&mut self, node: &Node) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for entry in self.table(node, &[]) {
            let Some(text) = self.text(&entry.node) else { continue };
            let Some(value) = self.perhaps_secret(&text, &entry.key, &entry.node.span) else { continue };
            let value = value.header("");
            match (HeaderName::try_from(entry.key.as_str()), value) {
                (Ok(name), Some(value)) => {
                    headers.insert(name, value);
                }
                _ => self.error("this is not an HTTP header", &entry.key_span, ""),
            }
        }
        headers
    }
}

/// A value as it stands on a command line, with what its references name put in. Vault is found as its own tools find
/// it: by VAULT_ADDR and VAULT_TOKEN.
///
/// # Errors
/// A sentence that says what is wrong; it does not repeat the value.
pub fn parse_secret(text: &str) -> Result<Secret, String> {
    let lookup = |name: &str| std::env::var(name).ok();
    let mut reader = Reader::new(Path::new("."), &lookup);
    reader.secrets(None, &FetchConfig::default());
    let expanded = reader.secrets.expand(text).map_err(|fault| fault.message)?;
    Ok(expanded.value)
}

/// A header as it stands on a command line: `NAME=VALUE`, with what its references name put in.
///
/// # Errors
/// A sentence that says what is wrong; it does not repeat the value.
pub fn parse_header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "a header is written `NAME=VALUE`".to_owned())?;
    let value = parse_secret(value.trim())?;
    let name = HeaderName::try_from(name.trim()).map_err(|_| format!("`{name}` is not the name of a header"))?;
    let value = value.header("").ok_or_else(|| format!("the value of {name} is not a header's"))?;
    Ok((name, value))
}

/// A name that can stand in an address and, followed by `__`, before a tool's name.
pub(crate) fn is_server_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && !name.contains("__")
        && !name.ends_with('_')
}

/// An address to listen on: `host:port`, `:port` (loopback), or `unix:PATH`.
///
/// # Errors
/// What to write instead.
pub fn parse_listen(text: &str) -> Result<Listen, String> {
    if let Some(path) = text.strip_prefix("unix:") {
        return Ok(Listen::Unix(path.into()));
    }
    let help = || "write `127.0.0.1:8642`, or `unix:/path/to/socket`".to_owned();
    let text = text.strip_prefix(':').map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(Listen::Tcp(address));
    }
    // Only a loopback name is looked up: another one could mean something else tomorrow.
    match text.rsplit_once(':') {
        Some(("localhost", _)) => {
            text.to_socket_addrs().ok().and_then(|mut found| found.next()).map(Listen::Tcp).ok_or_else(help)
        }
        _ => Err(help()),
    }
}
