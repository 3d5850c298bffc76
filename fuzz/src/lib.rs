//! What the fuzz targets share: seeds from `corpus/`, and mutations of them that a generator chooses.
//!
//! A generator that knows nothing of JSON hardly ever writes any, so a target's input is not bytes but a recipe: which
//! seed, and what to change in it. Engines guided by coverage can follow recipes as well as bytes.

use std::fs;
use std::io;
use std::path::Path;

/// How an input is made: the seed, then changes, each with a kind, a place and a value.
pub type Recipe = (u8, Vec<(u8, u16, u16)>);

/// The seeds of one target and the words that are worth inserting into them.
#[derive(Debug)]
pub struct Corpus {
    seeds: Vec<Vec<u8>>,
    words: &'static [&'static str],
}

/// Changes applied to one seed at most; more only make noise.
const CHANGES_MAX: usize = 16;

impl Corpus {
    /// Reads every file of `corpus/<target>/`, in the order of their names.
    ///
    /// # Errors
    /// When the folder cannot be read or holds no seed.
    pub fn load(target: &str, words: &'static [&'static str]) -> io::Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        let mut paths = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        let seeds = paths.iter().map(fs::read).collect::<io::Result<Vec<_>>>()?;
        if seeds.is_empty() {
            return Err(io::Error::other(format!("{} holds no seed", folder.display())));
        }
        Ok(Self { seeds, words })
    }

    /// The seeds, unchanged.
    pub fn seeds(&self) -> impl Iterator<Item = &[u8]> {
        self.seeds.iter().map(Vec::as_slice)
    }

    /// The input that a recipe makes.
    #[must_use]
    pub fn input(&self, (seed, changes): &Recipe) -> Vec<u8> {
        let mut input = self.seed(usize::from(*seed)).to_vec();
        for &(kind, place, value) in changes.iter().take(CHANGES_MAX) {
            self.change(&mut input, kind, usize::from(place), value);
        }
        input
    }

    fn seed(&self, index: usize) -> &[u8] {
        self.seeds.get(index % self.seeds.len().max(1)).map_or(&[], Vec::as_slice)
    }

    fn change(&self, input: &mut Vec<u8>, kind: u8, place: usize, value: u16) {
        let at = place % (input.len() + 1);
        let [low, high] = value.to_le_bytes();
        match kind % 8 {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = low;
                }
            }
            1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << (low & 7);
                }
            }
            2 => input.insert(at, low),
            3 => input.truncate(at),
            4 => {
                let end = (at + usize::from(low % 32)).min(input.len());
                input.drain(at..end);
            }
            5 => {
                // A piece of the input once more, elsewhere: duplicate keys, repeated lines.
                let from = usize::from(high) % (input.len() + 1);
                let piece: Vec<u8> = input.iter().skip(from).take(usize::from(low % 64)).copied().collect();
                input.splice(at..at, piece);
            }
            6 => {
                let word = self.words.get(usize::from(value) % self.words.len().max(1)).copied().unwrap_or_default();
                input.splice(at..at, word.bytes());
            }
            _ => {
                let other = self.seed(usize::from(low));
                let from = usize::from(high) % (other.len() + 1);
                let tail: Vec<u8> = other.iter().skip(from).copied().collect();
                input.truncate(at);
                input.extend(tail);
            }
        }
    }
}

/// Cuts a stream into chunks at the given places; every byte is in exactly one chunk, and a chunk may be empty.
#[must_use]
pub fn chunks<'a>(stream: &'a [u8], places: &[u16]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|&place| usize::from(place) % (stream.len() + 1)).collect();
    places.push(stream.len());
    places.sort_unstable();
    let mut from = 0;
    let mut chunks = Vec::with_capacity(places.len());
    for place in places {
        chunks.push(stream.get(from..place).unwrap_or_default());
        from = place;
    }
    chunks
}
