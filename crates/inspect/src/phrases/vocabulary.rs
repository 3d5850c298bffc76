//! Which English words mean nearly the same: each of some ten thousand words has two codes, of a coarse group and of a
//! finer one, so that what was learnt about `disregard` also counts for `neglect`. The table is made from public word
//! vectors by `examples/train`; a word that is not in it has no codes, and nothing is guessed.

/// The number of codes of each kind.
pub const CODES: usize = 256;
/// The number of groups that the table is searched by, a power of two.
pub const SHELVES: usize = 4096;
/// Where the entries begin: after the number of each shelf's first entry, and the number of all.
pub const ENTRIES: usize = (SHELVES + 1) * 2;
/// The bytes of an entry: a fingerprint of the word, and its two codes.
pub const ENTRY: usize = 4;

const TABLE: &[u8] = include_bytes!("vocabulary.bin");

/// The bytes of the table.
pub const BYTES: usize = TABLE.len();

/// The codes of a word in lower case.
#[must_use]
pub fn codes(word: &str) -> Option<[u8; 2]> {
    let (shelf, print) = place(word);
    let number = |at: usize| Some(usize::from(u16::from_le_bytes(TABLE.get(at * 2..at * 2 + 2)?.try_into().ok()?)));
    let entries = TABLE.get(ENTRIES + number(shelf)? * ENTRY..ENTRIES + number(shelf + 1)? * ENTRY)?;
    entries.chunks_exact(ENTRY).find_map(|entry| match entry {
        [low, high, coarse, fine] if u16::from_le_bytes([*low, *high]) == print => Some([*coarse, *fine]),
        _ => None,
    })
}

/// The shelf of a word and its fingerprint there.
#[must_use]
pub fn place(word: &str) -> (usize, u16) {
    let hash = super::classifier::word_hash(word);
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let [print, high, ..] = [(hash >> 16) as u16, (hash >> 48) as u16];
    (usize::from(high) % SHELVES, print)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_meaning_share_a_code() {
        let near = |a: &str, b: &str| codes(a).unwrap()[0] == codes(b).unwrap()[0];
        assert!(near("monday", "tuesday"));
        assert!(near("ignore", "disregard"));
        assert!(!near("ignore", "monday"));
        assert_eq!(codes("qwzxv"), None);
    }

    #[test]
    fn the_table_is_whole() {
        let count = TABLE.len() - ENTRIES;
        assert_eq!(count % ENTRY, 0);
        let last = u16::from_le_bytes([TABLE[SHELVES * 2], TABLE[SHELVES * 2 + 1]]);
        assert_eq!(usize::from(last), count / ENTRY);
    }
}
