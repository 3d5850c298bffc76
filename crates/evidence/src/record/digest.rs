//! Digests of what must not stand in a record: bodies, and strings that are too long.
//!
//! The rule: `sha256:<hex>` up to 4 KiB, `blake3:<hex>` above. A small body costs least with SHA-256, for which
//! processors have instructions and for which every auditor has a tool; above, BLAKE3 works on many blocks at once and
//! is several times faster, which keeps an 8 MB result from costing milliseconds. The prefix says which one it is, so a
//! reader never needs to know the rule. The chain itself is SHA-256 throughout.

use sha2::{Digest, Sha256};

use crate::record::text::hex_of_hash;

/// The largest body, in bytes, whose digest is SHA-256.
pub const SHA256_BYTES_MAX: usize = 4 * 1024;

/// Appends the digest with its prefix.
pub(crate) fn write(bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.len() <= SHA256_BYTES_MAX {
        out.extend_from_slice(b"sha256:");
        out.extend_from_slice(&hex_of_hash(&Sha256::digest(bytes).into()));
    } else {
        out.extend_from_slice(b"blake3:");
        out.extend_from_slice(&hex_of_hash(blake3::hash(bytes).as_bytes()));
    }
}

/// The digest that a record holds for these bytes.
#[must_use]
pub fn of(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    write(bytes, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_algorithm_changes_above_the_border() {
        // FIPS 180-4 and the published BLAKE3 vectors for the empty input are checked by the libraries; here the rule.
        assert_eq!(of(b"abc"), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(of(&vec![7; SHA256_BYTES_MAX]).starts_with("sha256:"));
        assert!(of(&vec![7; SHA256_BYTES_MAX + 1]).starts_with("blake3:"));
    }
}
