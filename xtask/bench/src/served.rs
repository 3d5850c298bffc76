//! `gatehold serve` in front of the fixture upstream, configured as a measurement needs it, and the credentials that
//! its clients show: keys made by the program itself, and a token signed with a key made at the start. Nothing here
//! measures, and no credential outlives the folder that it was made for.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatehold_bench::session::Endpoint;
use gatehold_bench::start;
use serde_json::{Value, json};

use crate::target::{self, Folder, Process, Upstream};

/// The name of the issuer and of the gateway in tokens. Nothing is ever asked there.
const ISSUER: &str = "https://login.bench.example";
const RESOURCE: &str = "https://gateway.bench.example";
/// How long a token is valid: longer than any run.
const TOKEN_SECONDS: u64 = 24 * 3600;
/// How long a store may take until it listens.
const STORE_START_TIME_MAX: Duration = Duration::from_secs(5);

/// A gateway that answers, with its folder and its upstream.
#[derive(Debug)]
pub(crate) struct Served {
    // The order of the fields is the order in which they end.
    pub(crate) process: Process,
    pub(crate) folder: Folder,
    pub(crate) upstream: Upstream,
    /// Where its only server is reached.
    pub(crate) endpoint: Endpoint,
}

impl Served {
    /// Starts it with these rules and these members of the configuration beside the server, the policy and the ledger.
    pub(crate) fn start(program: &Path, folder: Folder, policy: &str, more: &Value) -> io::Result<Self> {
        let upstream = Upstream::start(0)?;
        let mut endpoint = target::free_endpoint()?;
        endpoint.path = "/mcp/one".to_owned();
        fs::write(folder.join("policy.yaml"), policy)?;
        let url = format!("http://{}{}", upstream.endpoint.authority, upstream.endpoint.path);
        let mut configuration = json!({
            "listen": [endpoint.authority], "policy": "policy.yaml", "ledger": { "folder": folder.join("ledger") },
            "servers": { "one": { "url": url } },
        });
        if let (Some(all), Some(more)) = (configuration.as_object_mut(), more.as_object()) {
            all.extend(more.clone());
        }
        // What is JSON is YAML too.
        let path = folder.join("gatehold.yaml");
        fs::write(&path, configuration.to_string())?;
        let mut command = Command::new(program);
        command.arg("serve").arg("--config").arg(path);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(folder.log()?);
        let mut process = Process(command.spawn()?);
        start::await_listener(&endpoint, || process.is_alive()).map_err(|error| folder.explain("gatehold", &error))?;
        Ok(Self { process, folder, upstream, endpoint })
    }

    /// An error with what the gateway wrote to its log.
    pub(crate) fn explain(&self, error: &io::Error) -> io::Error {
        self.folder.explain("gatehold", error)
    }
}

/// Makes an API key in the folder's `keys.json`, which `keys_section` names, and returns it.
pub(crate) fn make_key(program: &Path, folder: &Folder, name: &str) -> io::Result<String> {
    let output = Command::new(program)
        .args(["key", "create", name, "--role", "bench", "--file"])
        .arg(folder.join("keys.json"))
        .stdin(Stdio::null())
        .output()?;
    let key = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && key.starts_with("gh_") {
        return Ok(key);
    }
    Err(io::Error::other(format!("`gatehold key create` failed: {}", String::from_utf8_lossy(&output.stderr))))
}

/// What `authentication` holds so that the keys of `make_key` count.
pub(crate) fn keys_section() -> Value {
    json!({ "api_keys": { "file": "keys.json" } })
}

/// Makes a signing key, writes its public half to the folder, and returns the section `authentication` for tokens of
/// this key together with one token.
pub(crate) fn make_token(folder: &Folder) -> io::Result<(Value, String)> {
    let broken = |_| io::Error::other("the token of the benchmark cannot be signed");
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(broken)?;
    let point = key.public_key().as_ref();
    let (x, y) = (point.get(1..33).unwrap_or_default(), point.get(33..).unwrap_or_default());
    let keys = json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "kid": "bench", "use": "sig", "alg": "ES256",
        "x": encoded(x), "y": encoded(y),
    }] });
    fs::write(folder.join("jwks.json"), keys.to_string())?;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?.as_secs();
    let head = json!({ "alg": "ES256", "typ": "at+jwt", "kid": "bench" });
    let claims = json!({
        "iss": ISSUER, "aud": RESOURCE, "sub": "ada", "client_id": "bench", "scope": "mcp",
        "iat": seconds, "exp": seconds + TOKEN_SECONDS, "roles": ["bench"],
    });
    let text = format!("{}.{}", encoded(head.to_string()), encoded(claims.to_string()));
    let signature = key.sign(&SystemRandom::new(), text.as_bytes()).map_err(broken)?;
    let section = json!({
        "resource": RESOURCE,
        "issuers": { "main": {
            "issuer": ISSUER, "jwks_file": folder.join("jwks.json"), "algorithms": ["ES256"],
            "claims": { "roles": "roles" },
        } },
    });
    Ok((section, format!("{text}.{}", encoded(signature))))
}

/// Base64 as tokens have it.
fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A Redis (or Valkey) on a Unix socket in a folder of its own.
#[derive(Debug)]
pub(crate) struct Store {
    #[expect(dead_code, reason = "kept so that it runs as long as it is needed")]
    process: Process,
    folder: Folder,
}

impl Store {
    /// Starts it; `None` where neither program is installed.
    pub(crate) fn start() -> io::Result<Option<Self>> {
        for program in ["redis-server", "valkey-server"] {
            let folder = Folder::create()?;
            let socket = folder.join("store.sock");
            let child = Command::new(program)
                .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
                .arg(&socket)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(folder.log()?)
                .spawn();
            let mut process = match child {
                Ok(child) => Process(child),
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let started = Instant::now();
            while std::os::unix::net::UnixStream::connect(&socket).is_err() {
                if started.elapsed() > STORE_START_TIME_MAX || !process.is_alive() {
                    return Err(folder.explain(program, &io::Error::other("it does not listen")));
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            return Ok(Some(Self { process, folder }));
        }
        Ok(None)
    }

    /// The section `state` that names it.
    pub(crate) fn section(&self) -> Value {
        let url = format!("redis+unix://{}", self.folder.join("store.sock").display());
        // A charge may be late when the processors are busy; what is measured here is its cost.
        json!({ "redis": { "url": url, "timeout_ms": 1000 } })
    }
}
