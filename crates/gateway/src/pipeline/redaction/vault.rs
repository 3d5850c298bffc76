//! The vault: values that were taken out of results and may go back to their server, in memory, wiped when they go.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use gatehold_decide::redact::{Home, Vault};
use gatehold_session::Principal;
use zeroize::Zeroizing;

/// Values that are kept; one more pushes out the oldest.
const VALUES_MAX: usize = 10_000;
/// Bytes of all values together; more push out the oldest.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Values in memory.
#[derive(Default)]
pub(super) struct MemoryVault(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    kept: HashMap<Box<str>, Kept>,
    /// Tokens from the oldest to the newest.
    order: VecDeque<Box<str>>,
    bytes: usize,
}

struct Kept {
    value: Zeroizing<String>,
    server: Box<str>,
    principal: Principal,
}

impl MemoryVault {
    pub(super) fn is_empty(&self) -> bool {
        self.shelf().kept.is_empty()
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // Entries are whole whenever the lock is free.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Vault for MemoryVault {
    fn keep(&self, token: &str, value: &str, home: Home<'_>) {
        let mut shelf = self.shelf();
        // A token is a digest of its value and its home: what is there already is the same.
        if shelf.kept.contains_key(token) || value.len() > BYTES_MAX {
            return;
        }
        while shelf.kept.len() >= VALUES_MAX || shelf.bytes + value.len() > BYTES_MAX {
            let Some(oldest) = shelf.order.pop_front() else { break };
            if let Some(gone) = shelf.kept.remove(&oldest) {
                shelf.bytes -= gone.value.len();
            }
        }
        shelf.bytes += value.len();
        shelf.order.push_back(token.into());
        let kept = Kept {
            value: Zeroizing::new(value.to_owned()),
            server: home.server.into(),
            principal: home.principal.clone(),
        };
        shelf.kept.insert(token.into(), kept);
    }

    fn value(&self, token: &str, home: Home<'_>) -> Option<String> {
        let shelf = self.shelf();
        let kept = shelf.kept.get(token)?;
        let is_home = *kept.server == *home.server && kept.principal == *home.principal;
        is_home.then(|| kept.value.to_string())
    }
}

#[cfg(test)]
mod tests {
    use gatehold_session::principal::Proof;

    use super::*;

    #[test]
    fn the_oldest_goes_and_nothing_goes_elsewhere() {
        let vault = MemoryVault::default();
        let (ada, eve) = (Principal::new("ada", Proof::LocalUser), Principal::new("eve", Proof::LocalUser));
        let home = Home { server: "crm", principal: &ada };
        for number in 0..=VALUES_MAX {
            vault.keep(&format!("[VAULT:x#{number}]"), &number.to_string(), home);
        }
        assert_eq!(vault.value("[VAULT:x#0]", home), None);
        assert_eq!(vault.value("[VAULT:x#1]", home).as_deref(), Some("1"));
        assert_eq!(vault.value("[VAULT:x#1]", Home { server: "mail", ..home }), None);
        assert_eq!(vault.value("[VAULT:x#1]", Home { principal: &eve, ..home }), None);
        vault.keep("[VAULT:large]", &"x".repeat(BYTES_MAX), home);
        assert_eq!(vault.shelf().kept.len(), 1);
        vault.keep("[VAULT:larger]", &"x".repeat(BYTES_MAX + 1), home);
        assert_eq!(vault.value("[VAULT:larger]", home), None);
        assert_eq!(vault.shelf().bytes, BYTES_MAX);
    }
}
