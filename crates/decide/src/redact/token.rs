//! The words that stand in the place of what was taken out. They hold nothing of it that its kind does not say, and
//! nothing that a detector would find again. It never keeps a value itself.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{CannotRedact, Home, Means, Replacement, Target};

/// The beginning of a vault token; the kind and sixteen hexadecimal digits follow.
pub(super) const VAULT: &str = "[VAULT:";
/// Bytes of a digest that a token shows.
const DIGEST_BYTES: usize = 8;
/// Letters of a kind that a token shows.
const KIND_MAX: usize = 40;
/// A token is never longer than this, in bytes.
pub(super) const TOKEN_MAX: usize = VAULT.len() + KIND_MAX + 1 + 2 * DIGEST_BYTES + 1;

/// What stands in the place of a value.
pub(super) fn of(value: &str, target: &Target, home: Home<'_>, means: &Means<'_>) -> Result<String, CannotRedact> {
    let kind = kind(&target.what);
    match target.with {
        Replacement::Mark => Ok(format!("[REDACTED:{kind}]")),
        Replacement::Mask => Ok(masked(value, &kind)),
        Replacement::Hash => {
            if is_token(value, "[HASH:") {
                return Ok(value.to_owned());
            }
            let digest = digest(means, &["hash", home.principal.name(), &kind, value])?;
            Ok(format!("[HASH:{kind}#{digest}]"))
        }
        Replacement::Vault => {
            if is_token(value, VAULT) {
                return Ok(value.to_owned());
            }
            let vault = means.vault.ok_or(CannotRedact)?;
            let digest = digest(means, &["vault", home.principal.name(), home.server, &kind, value])?;
            let token = format!("{VAULT}{kind}#{digest}]");
            vault.keep(&token, value, home);
            Ok(token)
        }
    }
}

/// Whether a whole value is such a token already.
fn is_token(value: &str, beginning: &str) -> bool {
    let inner = value.strip_prefix(beginning).and_then(|rest| rest.strip_suffix(']'));
    inner.and_then(|inner| inner.rsplit_once('#')).is_some_and(|(kind, digest)| {
        kind == self::kind(kind) && digest.len() == 2 * DIGEST_BYTES && digest.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// The name of a rule as it may stand in a token: lower-case letters and hyphens. Digits are left out, so that a token
/// never looks like a value.
fn kind(what: &str) -> String {
    let letters = what.chars().map(|c| if c.is_ascii_alphabetic() { c.to_ascii_lowercase() } else { '-' });
    let kind: String = letters.take(KIND_MAX).collect();
    let kind = kind.trim_matches('-');
    if kind.is_empty() { "value".to_owned() } else { kind.to_owned() }
}

/// A star for every letter and digit; what divides groups stays, everything else is a star too.
fn masked(value: &str, kind: &str) -> String {
    let shown = match kind {
        "payment-card" | "iban" => 4,
        _ => 0,
    };
    let marks = value.chars().filter(char::is_ascii_alphanumeric).count();
    let mut seen = 0;
    let mask = |character: char| match character {
        ' ' | '-' | '.' | '/' | ':' | '@' | '_' => character,
        character if character.is_ascii_alphanumeric() => {
            seen += 1;
            if marks >= 12 && seen + shown > marks { character } else { '*' }
        }
        _ => '*',
    };
    value.chars().map(mask).collect()
}

/// The beginning of a keyed digest of these parts, each with its length so that they cannot be shifted.
fn digest(means: &Means<'_>, parts: &[&str]) -> Result<String, CannotRedact> {
    let key = means.key.ok_or(CannotRedact)?;
    let mut code = Hmac::<Sha256>::new_from_slice(key).map_err(|_| CannotRedact)?;
    for part in parts {
        code.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        code.update(part.as_bytes());
    }
    let digest = code.finalize().into_bytes();
    Ok(digest.iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect())
}
