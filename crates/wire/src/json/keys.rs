//! The keys of all objects that are open while a text is checked, and the search for duplicates among them.
//!
//! Keys are compared by value, escapes resolved. A hash only spares comparisons and never decides: keys made to collide
//! cost what sorting costs, not its square.

use super::string;

/// Objects up to this many members are compared key by key as they are read; larger ones are sorted when they end.
const COMPARED_AT_ONCE: usize = 32;
const INLINE: usize = 64;

/// Where a key stands between its quotes, and the hash of its value.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Key {
    hash: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Key {
    #[inline(always)]
    pub(super) fn new(text: &[u8], start: u32, end: u32, escaped: bool) -> Self {
        let hash = if escaped {
            hash(string::unescape(slice(text, start, end)).as_bytes())
        } else {
            hash_at(text, start as usize, end as usize)
        };
        Self { hash, start, end }
    }

    const fn same_hash(self, other: Self) -> bool {
        self.hash == other.hash
    }
}

/// Keys of open objects, innermost last. Allocates only beyond 64.
#[derive(Debug)]
pub(super) struct Keys {
    inline: [Key; INLINE],
    heap: Vec<Key>,
    length: usize,
}

impl Keys {
    pub(super) const fn new() -> Self {
        Self { inline: [Key { hash: 0, start: 0, end: 0 }; INLINE], heap: Vec::new(), length: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.length
    }

    #[inline]
    fn from(&self, first: usize) -> &[Key] {
        let all = if self.heap.is_empty() { self.inline.get(..self.length) } else { Some(self.heap.as_slice()) };
        all.and_then(|keys| keys.get(first..)).unwrap_or_default()
    }

    /// The key that was added last.
    #[inline]
    pub(super) fn last(&self) -> Key {
        self.from(self.length.saturating_sub(1)).first().copied().unwrap_or_default()
    }

    /// Adds a key to the object whose keys begin at `first`. `seen` is that object's memory of hashes. Gives false when
    /// the key is known to be there already.
    #[inline(always)]
    pub(super) fn add(&mut self, text: &[u8], first: usize, seen: &mut u64, key: Key) -> bool {
        let bit = 1 << (key.hash & 63);
        if *seen & bit != 0 && self.length - first < COMPARED_AT_ONCE && self.holds(text, first, key) {
            return false;
        }
        *seen |= bit;
        if self.heap.is_empty() {
            if let Some(slot) = self.inline.get_mut(self.length) {
                *slot = key;
                self.length += 1;
                return true;
            }
            self.heap.extend_from_slice(&self.inline);
        }
        self.heap.push(key);
        self.length += 1;
        true
    }

    fn holds(&self, text: &[u8], first: usize, key: Key) -> bool {
        let inner = slice(text, key.start, key.end);
        self.from(first)
            .iter()
            .any(|other| other.same_hash(key) && string::compare(slice(text, other.start, other.end), inner).is_eq())
    }

    /// Forgets the keys of the object that ends. `Err` holds where a key stands that came twice.
    #[inline]
    pub(super) fn close(&mut self, text: &[u8], first: usize) -> Result<(), u32> {
        if self.length - first > COMPARED_AT_ONCE {
            self.find_duplicate(text, first).map_or(Ok(()), Err)?;
        }
        self.length = first;
        if !self.heap.is_empty() {
            self.heap.truncate(first);
        }
        Ok(())
    }

    #[inline(never)]
    fn find_duplicate(&mut self, text: &[u8], first: usize) -> Option<u32> {
        let all = if self.heap.is_empty() { self.inline.get_mut(..self.length)? } else { self.heap.as_mut_slice() };
        let keys = all.get_mut(first..)?;
        let compare = |left: &Key, right: &Key| {
            left.hash
                .cmp(&right.hash)
                .then_with(|| string::compare(slice(text, left.start, left.end), slice(text, right.start, right.end)))
        };
        keys.sort_unstable_by(compare);
        let twice = keys.windows(2).filter_map(|pair| match pair {
            [left, right] if compare(left, right).is_eq() => Some(left.start.max(right.start)),
            _ => None,
        });
        twice.min()
    }
}

#[inline]
fn slice(text: &[u8], start: u32, end: u32) -> &[u8] {
    text.get(start as usize..end as usize).unwrap_or_default()
}

/// The hash of a key that holds no escape. Cheap, since collisions are harmless: the first and the last eight bytes and
/// the length.
#[inline(always)]
fn hash_at(text: &[u8], start: usize, end: usize) -> u32 {
    let length = end - start;
    let word = |at: usize| text.get(at..).and_then(<[u8]>::first_chunk::<8>).map(|bytes| u64::from_le_bytes(*bytes));
    match (word(start), length) {
        // Read eight bytes and drop what lies behind the key: cheaper than to read just the key.
        (Some(head), 1..=8) => mix(head << (64 - 8 * length), 0, length),
        (Some(head), 9..) => mix(head, word(end - 8).unwrap_or_default(), length),
        _ => hash(text.get(start..end).unwrap_or_default()),
    }
}

/// The same hash of a key that stands alone.
#[inline(never)]
fn hash(bytes: &[u8]) -> u32 {
    match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(head), Some(tail)) if bytes.len() > 8 => {
            mix(u64::from_le_bytes(*head), u64::from_le_bytes(*tail), bytes.len())
        }
        _ => mix(short_word(bytes), 0, bytes.len()),
    }
}

/// At most eight bytes at the upper end of a word, the rest zero.
fn short_word(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |word, &byte| word >> 8 | u64::from(byte) << 56)
}

#[inline(always)]
fn mix(head: u64, tail: u64, length: usize) -> u32 {
    let mixed = head.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ tail.wrapping_add(length as u64).rotate_left(32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (mixed ^ (mixed >> 32)) as u32
}
