//! Values that must not be seen: where they come from, and the type that keeps them from being printed.
//!
//! A configuration names a secret by a reference: `${env:NAME}`, `${file:PATH}`, `${keyring:SERVICE/ACCOUNT}` or
//! `${vault:MOUNT/PATH#KEY}`. What it names is read whenever the configuration is. No message here ever holds a value,
//! and values are wiped from memory when the last use of them ends.

use std::cell::RefCell;
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use http::header::HeaderValue;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

mod keyring;
mod literal;
#[cfg(test)]
mod tests;
mod vault;

pub(crate) use literal::looks_secret;
pub(crate) use vault::{Vault, VaultSettings};

/// Bytes of one secret.
pub(crate) const SECRET_BYTES_MAX: usize = 64 * 1024;
/// References in one value.
const REFERENCES_MAX: usize = 16;

const HELP: &str = "write `${env:NAME}`, `${file:PATH}`, `${keyring:SERVICE/ACCOUNT}` or `${vault:MOUNT/PATH#KEY}`; \
                    a literal `${` is written `$${`";

/// A value that must not be seen. It is wiped when the last clone of it is dropped, compared in constant time, and not
/// shown by `Debug`.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes a value in.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(value.into())))
    }

    /// The value. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, with something before it, as a header that is marked sensitive and wiped when it is dropped; `None`
    /// when it cannot stand in a header.
    #[must_use]
    pub fn header(&self, prefix: &str) -> Option<HeaderValue> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(prefix.len() + self.0.len()));
        bytes.extend_from_slice(prefix.as_bytes());
        bytes.extend_from_slice(self.0.as_bytes());
        let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(bytes)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Why a reference leads to no value. It holds the reference at most, never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretFault {
    /// What is wrong, in a sentence without a full stop.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: &'static str,
}

impl SecretFault {
    fn new(message: impl Into<String>, help: &'static str) -> Self {
        Self { message: message.into(), help }
    }
}

/// A value in which references were replaced by what they name.
#[derive(Debug)]
pub(crate) struct Expanded {
    pub(crate) value: Secret,
    /// Whether anything in it came from a reference.
    pub(crate) has_reference: bool,
}

/// Looks a variable of the environment up.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where references are looked up while a configuration is read.
pub(crate) struct Secrets<'a> {
    folder: &'a Path,
    lookup: Lookup<'a>,
    vault: Option<Vault>,
    told: RefCell<Told>,
}

/// What is found out on the way.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The files that were read: a change of one is a change of the configuration.
    pub(crate) files: Vec<PathBuf>,
    /// What the operator should know.
    pub(crate) warnings: Vec<String>,
}

impl<'a> Secrets<'a> {
    /// References to files are relative to `folder`; variables are looked up with `lookup`.
    pub(crate) fn new(folder: &'a Path, lookup: Lookup<'a>) -> Self {
        Self { folder, lookup, vault: None, told: RefCell::default() }
    }

    /// Lets references to Vault be followed.
    pub(crate) fn set_vault(&mut self, vault: Vault) {
        self.vault = Some(vault);
    }

    /// What was found out so far; it is not told twice.
    pub(crate) fn take_told(&self) -> Told {
        self.told.take()
    }

    /// Puts in what the references in a text name. `$${` stands for `${` itself.
    pub(crate) fn expand(&self, text: &str) -> Result<Expanded, SecretFault> {
        let mut out = Zeroizing::new(String::with_capacity(SECRET_BYTES_MAX.min(text.len() + 4096)));
        let mut rest = text;
        let mut references = 0;
        while let Some((before, after)) = rest.split_once("${") {
            if let Some(before) = before.strip_suffix('$') {
                push(&mut out, before)?;
                push(&mut out, "${")?;
                rest = after;
                continue;
            }
            push(&mut out, before)?;
            let (named, tail) = after.split_once('}').ok_or_else(|| SecretFault::new("`${` is not closed", HELP))?;
            references += 1;
            if references > REFERENCES_MAX {
                return Err(SecretFault::new(format!("there are more than {REFERENCES_MAX} references here"), ""));
            }
            push(&mut out, self.find(named)?.reveal())?;
            rest = tail;
        }
        push(&mut out, rest)?;
        Ok(Expanded { value: Secret(Arc::new(out)), has_reference: references > 0 })
    }

    /// The value that a reference names.
    fn find(&self, reference: &str) -> Result<Secret, SecretFault> {
        match reference.split_once(':') {
            Some(("env", name)) => self.variable(name),
            Some(("file", path)) => self.file(path),
            Some(("keyring", entry)) => keyring::read(entry),
            Some(("vault", path)) => match &self.vault {
                Some(vault) => vault.read(path),
                None => Err(SecretFault::new(
                    format!("`${{vault:{path}}}` cannot be read: no Vault is known"),
                    "set `secrets.vault.address`, or VAULT_ADDR and VAULT_TOKEN",
                )),
            },
            // What stands here may be a secret that holds `${` by accident: it is not repeated.
            _ => Err(SecretFault::new("this reference is not known", HELP)),
        }
    }

    /// A variable of the environment; where it is not set, the file that `<NAME>_FILE` names, as containers do it.
    pub(crate) fn variable(&self, name: &str) -> Result<Secret, SecretFault> {
        if let Some(value) = (self.lookup)(name) {
            return bounded(Secret::new(value), || format!("the variable {name}"));
        }
        match (self.lookup)(&format!("{name}_FILE")) {
            Some(path) => self.file(&path),
            None => Err(SecretFault::new(
                format!("the variable {name} is not set"),
                "set it, or let the same name with `_FILE` behind it name a file that holds the value",
            )),
        }
    }

    fn file(&self, path: &str) -> Result<Secret, SecretFault> {
        let full = self.folder.join(path);
        let fault = |why: String| SecretFault::new(format!("{path} cannot be read: {why}"), "");
        // Opening what is no file could wait for ever.
        let found = std::fs::metadata(&full).map_err(|error| fault(error.to_string()))?;
        if !found.is_file() {
            return Err(fault("it is not a regular file".to_owned()));
        }
        let file = std::fs::File::open(&full).map_err(|error| fault(error.to_string()))?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_BYTES_MAX + 1));
        file.take(SECRET_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(|error| fault(error.to_string()))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| fault("it is not UTF-8 text".to_owned()))?;
        let value = Secret::new(text.trim_end_matches(['\n', '\r']));
        let value = bounded(value, || path.to_owned())?;
        let mut told = self.told.borrow_mut();
        if let Some(who) = others_who_read(&found) {
            told.warnings.push(format!("{path} holds a secret and can be read by {who}: `chmod 600` it"));
        }
        if !told.files.contains(&full) {
            told.files.push(full);
        }
        Ok(value)
    }
}

fn push(out: &mut Zeroizing<String>, part: &str) -> Result<(), SecretFault> {
    let needed = out.len() + part.len();
    if needed > SECRET_BYTES_MAX {
        return Err(SecretFault::new(format!("this value is larger than {SECRET_BYTES_MAX} bytes"), ""));
    }
    if out.capacity() < needed {
        // Growing in place would leave a copy in freed memory.
        let mut larger = Zeroizing::new(String::with_capacity(SECRET_BYTES_MAX));
        larger.push_str(out);
        *out = larger;
    }
    out.push_str(part);
    Ok(())
}

/// Refuses what is empty or too large.
fn bounded(value: Secret, what: impl Fn() -> String) -> Result<Secret, SecretFault> {
    if value.is_empty() {
        return Err(SecretFault::new(format!("{} is empty", what()), ""));
    }
    if value.reveal().len() > SECRET_BYTES_MAX {
        return Err(SecretFault::new(format!("{} is larger than {SECRET_BYTES_MAX} bytes", what()), ""));
    }
    Ok(value)
}

/// Who else may read a file.
fn others_who_read(found: &std::fs::Metadata) -> Option<&'static str> {
    use std::os::unix::fs::PermissionsExt;
    let mode = found.permissions().mode();
    match (mode & 0o004 != 0, mode & 0o040 != 0) {
        (true, _) => Some("everybody on this machine"),
        (false, true) => Some("its group"),
        (false, false) => None,
    }
}

impl fmt::Debug for Secrets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("folder", &self.folder).finish_non_exhaustive()
    }
}
