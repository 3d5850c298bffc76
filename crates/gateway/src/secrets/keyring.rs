//! The operating system's keyring: `${keyring:SERVICE/ACCOUNT}`. On Linux that is the kernel's, which holds what was put
//! into it until the session or the machine ends. It only reads.

use super::{Secret, SecretFault};

const FORM: &str = "write `${keyring:SERVICE/ACCOUNT}`";

/// Reads an entry.
pub(super) fn read(entry: &str) -> Result<Secret, SecretFault> {
    match entry.split_once('/') {
        Some((service, account)) if !service.is_empty() && !account.is_empty() => look_up(service, account),
        _ => Err(SecretFault::new(format!("`{entry}` does not name an entry of the keyring"), FORM)),
    }
}

#[cfg(all(feature = "keyring", target_os = "linux"))]
fn look_up(service: &str, account: &str) -> Result<Secret, SecretFault> {
    use keyring_core::api::CredentialStoreApi;
    const HELP: &str = "put it there as `keyring:ACCOUNT@SERVICE`: `keyctl padd user keyring:ACCOUNT@SERVICE @s`";
    let shown = format!("{service}/{account}");
    let fault = |error: keyring_core::Error| match error {
        keyring_core::Error::NoEntry => SecretFault::new(format!("the keyring has no entry {shown}"), HELP),
        // Other errors may carry what was read.
        _ => SecretFault::new(format!("the keyring does not give {shown} out"), HELP),
    };
    let store = linux_keyutils_keyring_store::Store::new().map_err(fault)?;
    let entry = store.build(service, account, None).map_err(fault)?;
    super::bounded(Secret::new(entry.get_password().map_err(fault)?), || format!("the entry {shown} of the keyring"))
}

#[cfg(not(all(feature = "keyring", target_os = "linux")))]
fn look_up(service: &str, account: &str) -> Result<Secret, SecretFault> {
    Err(SecretFault::new(
        format!("{service}/{account} cannot be read: this build of Gatehold has no keyring"),
        "use `${env:NAME}` or `${file:PATH}`, or a build with the feature `keyring`",
    ))
}
