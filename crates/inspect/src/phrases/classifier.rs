//! Two small models for windows around anchors, which know paraphrases that no rule lists: a linear one over hashed
//! words, pairs of words, classes and pairs of classes, and a network over what words nearly mean. Their numbers are part of
//! the binary and made by `examples/train` from data with permissive licences; the same data gives the same bytes.

use std::sync::LazyLock;

use super::Column;
use super::lexicon::Classes;
use super::network::Network;
use super::words::Piece;

/// How many words are read at once.
pub const PIECE_WORDS: usize = 28;
/// Fewer words than this say too little.
pub const PIECE_WORDS_MIN: usize = 4;
/// The number of buckets, a power of two.
pub const BUCKETS: usize = 1 << 16;
/// The bytes before the weights: scale, bias, and a threshold for each column, little-endian `f32`.
pub const HEADER: usize = 24;
/// Where the linear model says less than this, the network is not asked.
pub const ASKED_MIN: f32 = -2.0;
/// What the network adds to the score where it is not asked: what it mostly says of harmless words.
pub const UNASKED: f32 = -4.0;

static WEIGHTS: &[u8] = include_bytes!("weights.bin");

struct Model {
    scale: f32,
    bias: f32,
    thresholds: [f32; 4],
    network: Network<'static>,
}

static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| {
    let number = |at: usize| Some(f32::from_le_bytes(WEIGHTS.get(at..at + 4)?.try_into().ok()?));
    let network = Network::read(WEIGHTS.get(HEADER + BUCKETS..)?)?;
    let thresholds = [number(8)?, number(12)?, number(16)?, number(20)?];
    Some(Model { scale: number(0)?, bias: number(4)?, thresholds, network })
});

/// Whether weights are there.
#[must_use]
pub fn is_trained() -> bool {
    MODEL.is_some()
}

/// The score from which a window is reported in this kind of text.
#[must_use]
pub fn threshold(column: Column) -> Option<f32> {
    MODEL.as_ref().and_then(|model| model.thresholds.get(column as usize).copied())
}

/// The score of a piece: of the linear model, and of the network where that is not sure that nothing is there.
#[must_use]
pub fn score(piece: &Piece, column: Column) -> f32 {
    let Some(model) = MODEL.as_ref() else { return f32::MIN };
    piece.linear + if is_asked(piece.linear) { model.network.score(&piece.cells, column as usize) } else { UNASKED }
}

/// Whether the network is asked about a piece of which the linear model says this.
#[must_use]
pub fn is_asked(linear: f32) -> bool {
    linear >= ASKED_MIN
}

/// The score of the linear model: the sum of the weights of the features, over the root of their number.
#[must_use]
pub fn linear(features: &[u32]) -> f32 {
    let Some(model) = MODEL.as_ref() else { return f32::MIN };
    let weights = WEIGHTS.get(HEADER..HEADER + BUCKETS).unwrap_or_default();
    let sum: i32 = features
        .iter()
        .map(|feature| weights.get(*feature as usize).map_or(0, |byte| i32::from(i8::from_le_bytes([*byte]))))
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "a window has at most some hundred features")]
    let (sum, count) = (sum as f32, features.len().max(1) as f32);
    model.bias + model.scale * sum / count.sqrt()
}

/// A word of the lexicon in a piece: its class, and the number of the word.
#[derive(Debug, Clone, Copy)]
pub struct Sense {
    /// The class, one bit.
    pub class: Classes,
    /// The number of the word in its window.
    pub word: u16,
}

/// The buckets of a piece, each once, in no order.
pub struct Features {
    list: Vec<u32>,
    /// The hashes of the classes of the piece.
    classes: Vec<u64>,
    /// A bit for each bucket that is in the list.
    seen: Vec<u64>,
}

impl Features {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self { list: Vec::new(), classes: Vec::new(), seen: vec![0; BUCKETS / 64] }
    }

    /// The buckets.
    #[must_use]
    pub fn as_slice(&self) -> &[u32] {
        &self.list
    }

    fn push(&mut self, bucket: u32) {
        let Some(seen) = self.seen.get_mut(bucket as usize / 64) else { return };
        let bit = 1 << (bucket % 64);
        if *seen & bit == 0 {
            *seen |= bit;
            self.list.push(bucket);
        }
    }

    fn clear(&mut self) {
        for bucket in self.list.drain(..) {
            if let Some(seen) = self.seen.get_mut(bucket as usize / 64) {
                *seen = 0;
            }
        }
    }
}

impl Default for Features {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads the features of a piece: the buckets of its words, of the beginnings of long words, of pairs and skipped pairs of
/// words, of classes, alone and with the column, and of pairs of classes that stand near each other, in order; each once.
pub fn features<'a>(words: impl Iterator<Item = &'a str>, senses: &[Sense], column: Column, features: &mut Features) {
    features.clear();
    let (mut last, mut before) = (0u64, 0u64);
    for word in words {
        let hash = word_hash(word);
        features.push(bucket(hash));
        if let Some(stem) = stem(word) {
            features.push(bucket(mix(word_hash(stem), 0x57E4)));
        }
        if last != 0 {
            features.push(bucket(mix(last, hash)));
        }
        if before != 0 {
            features.push(bucket(mix(before.rotate_left(17), hash)));
        }
        before = last;
        last = hash;
    }
    let mut classes = std::mem::take(&mut features.classes);
    classes.clear();
    classes.extend(senses.iter().map(|sense| class_hash(sense.class)));
    for (at, (sense, class)) in senses.iter().zip(&classes).enumerate() {
        features.push(bucket(*class));
        features.push(bucket(mix(*class, column as u64 + 11)));
        for (next, other) in senses.iter().zip(&classes).skip(at + 1).take(PAIRS_MAX) {
            let distance = next.word.saturating_sub(sense.word);
            if distance > FAR {
                break;
            }
            let near = if distance <= NEAR { 0x0E } else { 0xFA };
            features.push(bucket(mix(class.rotate_left(5) ^ near, *other)));
        }
    }
    features.classes = classes;
    features.push(bucket(mix(column as u64 + 1, 0xC01)));
}

/// Words between two classes that are near, and that are still a pair.
const NEAR: u16 = 4;
const FAR: u16 = 12;
/// At most this many pairs begin at a word.
const PAIRS_MAX: usize = 10;

const fn class_hash(class: Classes) -> u64 {
    mix(class.trailing_zeros() as u64 + 1, 0xC1A5_5E5D)
}

/// The beginning of a long word, which stays the same when the ending changes.
fn stem(word: &str) -> Option<&str> {
    let (end, _) = word.char_indices().nth(5)?;
    word.chars().nth(6)?;
    word.get(..end)
}

/// FNV-1a; numbers of one length are one word, long words are cut.
pub(super) fn word_hash(word: &str) -> u64 {
    word.bytes().take(24).fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        let byte = if byte.is_ascii_digit() { b'0' } else { byte };
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

const fn mix(a: u64, b: u64) -> u64 {
    let mixed = (a ^ b.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 29)
}

#[expect(clippy::cast_possible_truncation, reason = "masked to the number of buckets")]
const fn bucket(hash: u64) -> u32 {
    ((hash ^ (hash >> 31)) as u32) & (BUCKETS as u32 - 1)
}

#[cfg(test)]
mod tests {
    use super::super::{network, vocabulary};
    use super::*;

    #[test]
    fn features_are_few_and_stable() {
        let mut features = Features::new();
        let senses = [Sense { class: 1, word: 1 }, Sense { class: 2, word: 2 }];
        super::features(["ignore", "all", "rules"].into_iter(), &senses, Column::Output, &mut features);
        let first = features.as_slice().to_vec();
        super::features(["ignore", "all", "rules", "all"].into_iter(), &[], Column::Output, &mut features);
        super::features(["ignore", "all", "rules"].into_iter(), &senses, Column::Output, &mut features);
        assert_eq!(first, features.as_slice());
        // Three words, two pairs and a skipped pair of them; two classes, each with the column, one pair; the column.
        assert_eq!(first.len(), 12);
        assert!(first.iter().all(|feature| (*feature as usize) < BUCKETS));
    }

    #[test]
    fn the_weights_fit() {
        assert!(WEIGHTS.len() + vocabulary::BYTES <= 256 * 1024);
        assert_eq!(WEIGHTS.len(), HEADER + BUCKETS + network::BYTES);
        assert!(is_trained());
    }
}
