//! HashiCorp Vault and OpenBao: `${vault:MOUNT/PATH#KEY}` of a key-value store of version 2, read with a token over the
//! gateway's one fetcher. One secret is asked for once while a configuration is read. It only reads.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use http::StatusCode;
use http::header::{HeaderMap, HeaderName};
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{Secret, SecretFault};
use crate::fetch::{Bounds, FetchConfig, FetchFault, Fetched, Fetcher, Resolver};

const FORM: &str = "write `${vault:MOUNT/PATH#KEY}`; the mount is one word, the store one of version 2";

/// How long Vault may take for one secret.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of one secret with all its keys.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// Secrets of one configuration.
const PATHS_MAX: usize = 256;

/// Where Vault is, and what proves that we may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VaultSettings {
    /// Its URL without a path, as in VAULT_ADDR.
    pub(crate) address: String,
    /// The token.
    pub(crate) token: Secret,
    /// The namespace, where there are namespaces.
    pub(crate) namespace: Option<String>,
}

/// A Vault that is asked while one configuration is read.
pub(crate) struct Vault {
    settings: VaultSettings,
    fetch: FetchConfig,
    read: RefCell<HashMap<String, Zeroizing<Vec<u8>>>>,
}

/// An answer of the store: `data` is the secret's version, `data.data` its keys.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    data: Version<'a>,
}

#[derive(Deserialize)]
struct Version<'a> {
    #[serde(borrow)]
    data: Option<HashMap<Cow<'a, str>, &'a RawValue>>,
}

impl Vault {
    pub(crate) fn new(settings: VaultSettings, fetch: FetchConfig) -> Self {
        Self { settings, fetch, read: RefCell::default() }
    }

    /// The value under `MOUNT/PATH#KEY`.
    pub(super) fn read(&self, reference: &str) -> Result<Secret, SecretFault> {
        let parts = reference.split_once('#').and_then(|(path, key)| Some((path.split_once('/')?, path, key)));
        let Some(((mount, below), path, key)) = parts.filter(|(_, path, key)| is_plain(path) && !key.is_empty()) else {
            return Err(SecretFault::new(format!("`{reference}` does not name a secret of Vault"), FORM));
        };
        if !self.read.borrow().contains_key(path) {
            if self.read.borrow().len() >= PATHS_MAX {
                return Err(SecretFault::new(format!("more than {PATHS_MAX} secrets of Vault are named"), ""));
            }
            let answer = self.ask(mount, below, path)?;
            self.read.borrow_mut().insert(path.to_owned(), answer);
        }
        let read = self.read.borrow();
        let bytes = read.get(path).map(|bytes| bytes.as_slice()).unwrap_or_default();
        let value = value_of(bytes, path, key)?;
        super::bounded(value, || format!("{key} of the secret {path}"))
    }

    fn ask(&self, mount: &str, below: &str, path: &str) -> Result<Zeroizing<Vec<u8>>, SecretFault> {
        let fetched = self.fetch(&format!("{}/v1/{mount}/data/{below}", self.settings.address.trim_end_matches('/')));
        let fetched = fetched.map_err(|fault| {
            SecretFault::new(
                format!("Vault could not be asked for {path}: {fault}"),
                "see `secrets.vault.address`, `fetch.allow` and `fetch.ca`",
            )
        })?;
        let refused = |why: &str, help| Err(SecretFault::new(format!("Vault does not give {path} out: {why}"), help));
        match fetched.status {
            StatusCode::OK => Ok(fetched.body),
            StatusCode::NOT_FOUND => refused("there is no such secret, or it was deleted", FORM),
            StatusCode::FORBIDDEN => {
                refused("the token is not valid, or may not read it", "renew the token, or give it a policy that may")
            }
            StatusCode::SERVICE_UNAVAILABLE => refused("it is sealed", "unseal it"),
            status => refused(&format!("HTTP {}", status.as_u16()), ""),
        }
    }

    /// Fetches on a thread of its own: configurations are read outside of any runtime, and inside of one on reload.
    fn fetch(&self, url: &str) -> Result<Fetched, FetchFault> {
        let mut headers = HeaderMap::new();
        let token = self.settings.token.header("");
        headers.insert(
            HeaderName::from_static("x-vault-token"),
            token.ok_or_else(|| FetchFault::Url("the token of Vault cannot stand in a header".to_owned()))?,
        );
        if let Some(namespace) = self.settings.namespace.as_ref().and_then(|namespace| namespace.parse().ok()) {
            headers.insert(HeaderName::from_static("x-vault-namespace"), namespace);
        }
        let bounds = Bounds { body_bytes_max: ANSWER_BYTES_MAX, time: PATIENCE, follow_redirects: false };
        let failed = |why: String| FetchFault::Unreachable("Vault".to_owned(), why);
        let fetcher = Fetcher::new(self.fetch.clone(), Resolver::system());
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(|error| failed(error.to_string()))?;
                runtime.block_on(fetcher.get(url, headers, bounds))
            });
            asking.join().unwrap_or_else(|_| Err(failed("asking it failed".to_owned())))
        })
    }
}

/// Takes one value out of an answer. Errors of parsing are not passed on: they could repeat what was read.
fn value_of(bytes: &[u8], path: &str, key: &str) -> Result<Secret, SecretFault> {
    let other = || SecretFault::new(format!("what Vault answered for {path} is not a secret of version 2"), FORM);
    let answer: Answer<'_> = serde_json::from_slice(bytes).map_err(|_| other())?;
    let keys = answer.data.data.ok_or_else(other)?;
    let missing = || SecretFault::new(format!("the secret {path} has no `{key}`"), "");
    let raw = keys.get(key).ok_or_else(missing)?.get();
    match raw.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(raw).map(Secret::new).map_err(|_| other()),
        Some(b'{' | b'[' | b'n') | None => {
            Err(SecretFault::new(format!("`{key}` of the secret {path} is not a text"), "name a key that holds a text"))
        }
        Some(_) => Ok(Secret::new(raw)),
    }
}

/// Whether a path has nothing in it that could mean another path.
fn is_plain(path: &str) -> bool {
    path.len() <= 1024
        && path.split('/').all(|part| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'@'))
        })
}
