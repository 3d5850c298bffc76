//! Makes a text readable as its reader will read it: every hidden or encoded form becomes a layer, a text of its own
//! with a map back to the original bytes. A text that hides nothing has one layer, itself, and costs one look at each
//! byte. Bounded: at most `LAYERS_MAX` layers, `DEPTH_MAX` deep, and a fixed multiple of the original's bytes.

pub mod characters;
pub mod disguises;
pub mod encodings;
pub mod fold;
pub mod letters;
pub mod map;

use std::ops::Range;

use crate::signals::{self, Hit, Signal};
use map::Mapped;

/// At most this many layers are made of one text.
pub const LAYERS_MAX: usize = 24;
/// All layers together have at most this many times the bytes of the text.
pub const BYTES_FACTOR: usize = 16;
/// Layers inside layers, at most.
pub const DEPTH_MAX: usize = 4;

/// How a layer was made from its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Making {
    /// The original.
    Original,
    /// Folded: see `fold`. The flags say whether something was hidden, and how.
    Folded {
        /// Look-alike letters were replaced.
        lookalikes: bool,
        /// Styled letters were replaced.
        styled: bool,
        /// Invisible characters were taken out.
        invisible: bool,
    },
    /// Decoded or undone; the name is what it was.
    Decoded(&'static str),
}

impl Making {
    /// Whether it makes words of what is written: nothing is encoded in what comes out that was not so before.
    const fn is_of_words(self) -> bool {
        matches!(self, Self::Decoded(name)
            if matches!(name.as_bytes(), b"digits for letters" | b"letters apart" | b"joined words"))
    }

    const fn is_guess(self) -> bool {
        match self {
            Self::Original | Self::Folded { .. } => false,
            Self::Decoded(name) => {
                matches!(
                    name.as_bytes(),
                    b"digits for letters" | b"ROT13" | b"reversed text" | b"letters apart" | b"joined words"
                )
            }
        }
    }
}

/// One reading of a text.
#[derive(Debug)]
pub struct Layer<'a> {
    body: Body<'a>,
    parent: Option<usize>,
    /// How it was made.
    pub making: Making,
    depth: usize,
    /// Whether a reading that it was made of is a guess.
    guessed: bool,
    /// The signals in it, ordered by where they end.
    pub hits: Vec<Hit>,
    /// Whether a folded layer of the same text follows, which says more.
    pub has_folded: bool,
}

#[derive(Debug)]
enum Body<'a> {
    Original(&'a str),
    Made(Mapped),
}

impl Layer<'_> {
    /// Whether the reading, or one that it was made of, is only what a person may see in it (digits for letters, ROT13,
    /// backwards): words can be found there, exact forms cannot.
    #[must_use]
    pub fn is_guess(&self) -> bool {
        self.guessed || self.making.is_guess()
    }

    /// Whether it is a folded reading, in which all letters are small.
    #[must_use]
    pub fn is_folded(&self) -> bool {
        matches!(self.making, Making::Folded { .. })
    }

    /// The text of this reading.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.body {
            Body::Original(text) => text,
            Body::Made(mapped) => mapped.text(),
        }
    }
}

/// All readings of a text; the first is the original.
#[derive(Debug)]
pub struct Layers<'a> {
    first: Layer<'a>,
    more: Vec<Layer<'a>>,
    /// Whether a limit kept a layer from being made: then the text may say more than was read.
    pub exhausted: bool,
}

impl<'a> Layers<'a> {
    /// Reads a text in every way.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let first = Layer {
            body: Body::Original(text),
            parent: None,
            making: Making::Original,
            depth: 0,
            guessed: false,
            hits: signals::find(text),
            has_folded: false,
        };
        let mut layers = Self { first, more: Vec::new(), exhausted: false };
        let mut budget = text.len().saturating_mul(BYTES_FACTOR) + 4096;
        let mut at = 0;
        while at < layers.len() {
            layers.grow(at, &mut budget);
            at += 1;
        }
        layers
    }

    /// The number of layers.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is always the original")]
    pub fn len(&self) -> usize {
        1 + self.more.len()
    }

    /// Bytes of all readings that were made, the original not counted.
    #[must_use]
    pub fn made_bytes(&self) -> usize {
        self.more.iter().map(|layer| layer.text().len()).sum()
    }

    /// All layers with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Layer<'a>)> {
        std::iter::once(&self.first).chain(&self.more).enumerate()
    }

    /// The original bytes that a range of a layer stands for.
    #[must_use]
    pub fn origin(&self, layer: usize, range: Range<usize>) -> Range<usize> {
        let mut range = range;
        let mut at = self.get(layer);
        while let Some(Layer { body: Body::Made(mapped), parent: Some(parent), .. }) = at {
            range = mapped.origin(range);
            at = self.get(*parent);
        }
        range
    }

    /// How a layer was hidden, from the outside in, for people: `base64, then percent`. Empty where it was not.
    #[must_use]
    pub fn route(&self, layer: usize) -> String {
        let mut steps: Vec<&str> = Vec::new();
        let mut at = self.get(layer);
        while let Some(here) = at {
            match here.making {
                Making::Original => {}
                Making::Decoded(name) => steps.push(name),
                Making::Folded { lookalikes, styled, invisible } => {
                    steps.extend(invisible.then_some("invisible characters"));
                    steps.extend(lookalikes.then_some("look-alike letters"));
                    steps.extend(styled.then_some("styled letters"));
                }
            }
            at = here.parent.and_then(|parent| self.get(parent));
        }
        steps.reverse();
        steps.join(", then ")
    }

    fn get(&self, layer: usize) -> Option<&Layer<'a>> {
        match layer.checked_sub(1) {
            None => Some(&self.first),
            Some(index) => self.more.get(index),
        }
    }

    /// Makes the layers that come directly from this one.
    fn grow(&mut self, at: usize, budget: &mut usize) {
        let Some(parent) = self.get(at) else { return };
        if matches!(parent.making, Making::Folded { .. }) {
            return;
        }
        let depth = parent.depth + 1;
        let guessed = parent.is_guess();
        let mut made = readings(parent.text(), &parent.hits, at > 0);
        if parent.making.is_of_words() {
            made.retain(|(_, making)| matches!(making, Making::Folded { .. }));
        }
        let folds = made.iter().any(|(_, making)| matches!(making, Making::Folded { .. }));
        match at.checked_sub(1) {
            None => self.first.has_folded = folds,
            Some(index) => {
                if let Some(layer) = self.more.get_mut(index) {
                    layer.has_folded = folds;
                }
            }
        }
        for (mapped, making) in made {
            // The order in which encodings are undone rarely matters: the same text is read once.
            // A folded text that is the same is kept, since words of other scripts are looked for there.
            let fold = matches!(making, Making::Folded { .. });
            if !fold && self.iter().any(|(_, layer)| layer.text() == mapped.text()) {
                continue;
            }
            let size = mapped.text().len();
            if (depth > DEPTH_MAX && !fold) || self.len() >= LAYERS_MAX || size > *budget {
                self.exhausted = true;
                continue;
            }
            *budget -= size;
            let hits = signals::find(mapped.text());
            self.more.push(Layer {
                body: Body::Made(mapped),
                parent: Some(at),
                making,
                depth,
                guessed,
                hits,
                has_folded: false,
            });
        }
    }
}

/// What bytes a text has that could hide something.
#[derive(Debug, Clone, Copy, Default)]
struct Traits(u8);

const NOT_ASCII: u8 = 1;
const PERCENT: u8 = 2;
const AMPERSAND: u8 = 4;
const BACKSLASH: u8 = 8;
const EQUALS: u8 = 16;
const DIGIT: u8 = 32;
const SIGN: u8 = 64;

impl Traits {
    /// Compares in blocks, without a branch or a table, so that many bytes are compared at once.
    fn of(text: &str) -> Self {
        let mut found = Self::default();
        for block in text.as_bytes().chunks(128) {
            found.0 |= Self::of_block(block);
        }
        found
    }

    fn of_block(block: &[u8]) -> u8 {
        let (mut high, mut percent, mut ampersand, mut backslash) = (0, 0, 0, 0);
        let (mut equals, mut digit, mut sign) = (0, 0, 0);
        for byte in block {
            high |= byte & 0x80;
            percent |= u8::from(*byte == b'%');
            ampersand |= u8::from(*byte == b'&');
            backslash |= u8::from(*byte == b'\\');
            equals |= u8::from(*byte == b'=');
            digit |= u8::from(byte.wrapping_sub(b'0') < 10);
            sign |= u8::from(*byte == b'@') | u8::from(*byte == b'$');
        }
        (high >> 7) * NOT_ASCII
            + percent * PERCENT
            + ampersand * AMPERSAND
            + backslash * BACKSLASH
            + equals * EQUALS
            + digit * DIGIT
            + sign * SIGN
    }

    const fn has(self, what: u8) -> bool {
        self.0 & what != 0
    }
}

/// All readings of one text that differ from it.
fn readings(text: &str, hits: &[Hit], nested: bool) -> Vec<(Mapped, Making)> {
    let mut made = Vec::new();
    let traits = Traits::of(text);
    if traits.has(NOT_ASCII) {
        if fold::needs_folding(text) {
            let folded = fold::fold(text);
            let (lookalikes, styled, invisible) = (folded.lookalikes, folded.styled, folded.invisible);
            made.push((folded.mapped, Making::Folded { lookalikes, styled, invisible }));
        }
        made.extend(fold::hidden_tags(text).map(|mapped| (mapped, Making::Decoded("Unicode tags"))));
        made.extend(fold::hidden_variations(text).map(|mapped| (mapped, Making::Decoded("variation selectors"))));
    }
    if traits.has(PERCENT) {
        made.extend(encodings::percent(text).map(|mapped| (mapped, Making::Decoded("percent encoding"))));
    }
    if traits.has(AMPERSAND) {
        made.extend(encodings::entities(text).map(|mapped| (mapped, Making::Decoded("HTML entities"))));
    }
    if traits.has(BACKSLASH) {
        made.extend(encodings::backslash(text).map(|mapped| (mapped, Making::Decoded("backslash escapes"))));
    }
    if traits.has(EQUALS) {
        made.extend(encodings::quoted_printable(text).map(|mapped| (mapped, Making::Decoded("quoted-printable"))));
    }
    made.extend(encodings::runs(text).map(|(mapped, name)| (mapped, Making::Decoded(name))));
    if !nested {
        made.extend(disguises::joined(text).map(|mapped| (mapped, Making::Decoded("joined words"))));
    }
    if !nested && disguises::may_be_spaced(text) {
        made.extend(disguises::spaced(text).map(|mapped| (mapped, Making::Decoded("letters apart"))));
    }
    if !nested && (traits.has(DIGIT) || traits.has(SIGN)) && disguises::looks_leet(text) {
        made.push((disguises::unleet(text), Making::Decoded("digits for letters")));
    }
    let turned = |signal| !nested && hits.iter().filter(|hit| hit.signal == signal).take(2).count() >= 1;
    if turned(Signal::Rot13) {
        made.push((disguises::rot13(text), Making::Decoded("ROT13")));
    }
    if turned(Signal::Reversed) {
        made.push((disguises::reversed(text), Making::Decoded("reversed text")));
    }
    made
}

#[cfg(test)]
mod tests;
