//! Tells whether a value that stands in a configuration looks like a secret, by its name or by what it is made of. It
//! only warns: it never decides anything.

/// Parts of names whose values are secrets.
const NAMES: [&str; 13] = [
    "authorization",
    "cookie",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "privatekey",
    "secret",
    "token",
    "api_key",
    "apikey",
    "access_key",
];

/// How well-known credentials begin.
const PREFIXES: [&str; 14] = [
    "sk-",
    "sk_live_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "ASIA",
    "AIza",
    "eyJ",
    "hvs.",
];

/// Beyond this many characters without a space a value is looked at for its randomness.
const RANDOM_CHARS_MIN: usize = 20;
/// Bits for each character that words and paths stay under.
const RANDOM_BITS_MIN: f64 = 3.6;

/// Whether a literal value looks like a secret. A value that ends in an angle bracket is a placeholder.
pub(crate) fn looks_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    // `Bearer x`: what comes last is what counts.
    let last = value.rsplit(' ').next().unwrap_or_default();
    if last.is_empty() || value.ends_with('>') || matches!(last, "true" | "false") || is_place(last) {
        return false;
    }
    let by_name = NAMES.iter().any(|part| name.contains(part)) && last.parse::<u64>().is_err();
    by_name || PREFIXES.iter().any(|prefix| last.starts_with(prefix) && last.len() >= 16) || is_random(last)
}

/// A path or a URL, which variables such as `TOKEN_FILE` hold.
fn is_place(value: &str) -> bool {
    value.starts_with('/') || value.starts_with("./") || value.starts_with("http://") || value.starts_with("https://")
}

/// Whether a value is made of letters and digits without a pattern.
fn is_random(value: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'/' | b'=' | b'.');
    if value.len() < RANDOM_CHARS_MIN || !value.bytes().all(is_token) {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    digits >= 3 && letters >= 3 && entropy(value) > RANDOM_BITS_MIN
}

/// Shannon's entropy of the bytes, in bits for each.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let all = value.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / all)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_other_values() {
        for (name, value) in [
            ("Authorization", "Bearer abc"),
            ("X-API-Key", "k"),
            ("GITHUB_TOKEN", "t0ken"),
            ("DB_PASSWORD", "hunter2"),
            ("X-Thing", "ghp_0123456789abcdefghij"),
            ("X-Thing", "9f86d081884c7d659a2feaa0c55ad015"),
            ("Cookie", "session=1"),
            ("client-secret", "x"),
        ] {
            assert!(looks_secret(name, value), "{name}");
        }
        for (name, value) in [
            ("X-Tenant", "acme"),
            ("NODE_ENV", "production"),
            ("Authorization", ""),
            ("TOKEN_FILE", "/run/secrets/token"),
            ("HOME", "/home/somebody/with/a/long/path1234"),
            ("MAX_TOKENS", "4096"),
            ("USE_TOKEN", "true"),
            ("Accept", "application/json"),
            ("API_KEY", "<your key>"),
            ("URL", "https://example.com/a1b2c3d4e5f6a7b8"),
            ("TZ", "America/Argentina/Buenos_Aires"),
        ] {
            assert!(!looks_secret(name, value), "{name}");
        }
    }
}
