//! A window of text as words, in the form that the lexicon and the classifier read.

use std::ops::Range;

use super::classifier::Sense;
use super::network::{self, Cell};
use super::{Column, Token, classifier};
use crate::normalise::characters::is_unspaced;

/// What the classifier reads of some words in a row.
#[derive(Debug, Clone, Default)]
pub struct Piece {
    /// The buckets of the linear model.
    pub features: Vec<u32>,
    /// The score of the linear model.
    pub linear: f32,
    /// The rows of the network, by word.
    pub cells: Vec<Cell>,
}

/// A window as words: lower case, one space before each word, with the way back.
pub(super) struct Words<'a> {
    part: &'a str,
    pub(super) text: String,
    /// Where each byte of `text` came from, in the window.
    origin: Vec<u32>,
    /// The number of the word that each byte belongs to.
    pub(super) number: Vec<u16>,
}

impl<'a> Words<'a> {
    pub(super) fn of(part: &'a str) -> Self {
        let text = String::with_capacity(part.len() + 16);
        let mut words = Self { part, text, origin: Vec::new(), number: Vec::new() };
        let mut number = 0u16;
        let mut unspaced = 0u16;
        let mut inside = false;
        for (at, character) in part.char_indices() {
            if is_unspaced(character) {
                // Two characters of a script without spaces count as a word.
                unspaced += 1;
                number = number.saturating_add(unspaced % 2);
                inside = true;
                words.push(character, at, number);
            } else if is_word(character) {
                if !inside {
                    number = number.saturating_add(1);
                    words.push(' ', at, number);
                }
                inside = true;
                words.push(character.to_ascii_lowercase(), at, number);
            } else if character == '’' && inside {
                words.push('\'', at, number);
            } else {
                // Marks that are words of their own in tags and paths are kept; the rest separates.
                let kept = matches!(character, '.' | '/' | '\'' | '-' | ':') && follows(part, at, character);
                if kept && !inside {
                    number = number.saturating_add(1);
                    words.push(' ', at, number);
                }
                inside = kept;
                if kept {
                    words.push(character, at, number);
                }
            }
        }
        words.push(' ', part.len(), number);
        words
    }

    /// The window itself.
    pub(super) const fn part(&self) -> &'a str {
        self.part
    }

    fn push(&mut self, character: char, at: usize, number: u16) {
        self.text.push(character);
        for _ in 0..character.len_utf8() {
            self.origin.push(u32::try_from(at).unwrap_or(u32::MAX));
            self.number.push(number);
        }
    }

    /// The words that are names in code, such as `send_mail`, and where they stand in the window.
    pub(super) fn names(&self) -> impl Iterator<Item = (usize, usize)> {
        spoken(&self.text).filter(|(_, word)| word.trim_matches('_').contains('_')).map(|(at, word)| {
            let end = at + word.len();
            (self.origin(at), self.origin_end(end))
        })
    }

    /// The words that are addresses on the network, and where they stand in the window.
    pub(super) fn addresses(&self) -> impl Iterator<Item = (usize, usize)> {
        let is_address =
            |word: &str| word.contains("://") || word.split_once('@').is_some_and(|(_, host)| host.contains('.'));
        spoken(&self.text).filter(move |(_, word)| is_address(word)).map(|(at, word)| {
            let end = at + word.len();
            (self.origin(at), self.origin_end(end))
        })
    }

    /// Hands out pieces of `classifier::PIECE_WORDS` words, and the bytes of the window they came from. The rows of the
    /// network are made where it is asked, or for `all`.
    pub(super) fn pieces(
        &self,
        tokens: &[Token],
        column: Column,
        all: bool,
        mut visit: impl FnMut(&Piece, Range<usize>),
    ) {
        let words: Vec<(usize, &str)> = spoken(&self.text).collect();
        let mut made = Piece::default();
        let mut features = classifier::Features::new();
        let mut senses = Vec::new();
        let mut start = 0;
        loop {
            let end = (start + classifier::PIECE_WORDS).min(words.len());
            let piece = words.get(start..end).unwrap_or_default();
            let (Some((first, _)), Some((last, word))) = (piece.first(), piece.last()) else { return };
            let range = self.origin(*first)..self.origin_end(last + word.len());
            if piece.len() < classifier::PIECE_WORDS_MIN {
                return;
            }
            senses.clear();
            let from = tokens.partition_point(|token| token.start < range.start);
            let inside = tokens.iter().skip(from).take_while(|token| token.start < range.end);
            senses.extend(inside.filter(|token| token.end <= range.end && token.classes & *super::UNREAD == 0).map(
                |token| Sense { class: token.classes & !(*super::FOREIGN | *super::SOFT), word: token.first_word },
            ));
            classifier::features(piece.iter().map(|(_, word)| *word), &senses, column, &mut features);
            made.features.clear();
            made.features.extend_from_slice(features.as_slice());
            made.cells.clear();
            made.linear = classifier::linear(&made.features);
            if all || classifier::is_asked(made.linear) {
                self.cells(piece, &senses, &mut made.cells);
            }
            visit(&made, range);
            if end == words.len() {
                return;
            }
            start += classifier::PIECE_WORDS / 2;
        }
    }

    /// The rows of the network for a piece.
    fn cells(&self, piece: &[(usize, &str)], senses: &[Sense], cells: &mut Vec<Cell>) {
        for (number, (at, word)) in (0u8..).zip(piece) {
            let from = self.origin(*at);
            let written = self.part.get(from..self.origin_end(at + word.len())).unwrap_or(word);
            let before = self.part.get(..from).unwrap_or_default();
            network::cells(word, written, before, number, cells);
        }
        let first = piece.first().and_then(|(at, _)| self.number.get(*at)).copied().unwrap_or(0);
        for sense in senses {
            let number = u8::try_from(sense.word.saturating_sub(first)).unwrap_or(u8::MAX);
            if usize::from(number) < piece.len() {
                cells.push(Cell { word: number, row: network::class_row(sense.class) });
            }
        }
        cells.sort_unstable_by_key(|cell| (cell.word, cell.row));
        cells.dedup();
    }

    /// Where the word that goes on at `position` ends.
    pub(super) fn ending(&self, position: usize) -> usize {
        position + self.text.bytes().skip(position).take_while(|byte| !is_boundary(*byte)).count()
    }

    /// Where the character before `position` ends in the window.
    pub(super) fn origin_end(&self, position: usize) -> usize {
        let last = self.origin(position.saturating_sub(1));
        last + self.part.get(last..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
    }

    pub(super) fn origin(&self, position: usize) -> usize {
        self.origin.get(position).map_or(0, |at| *at as usize)
    }
}

/// The words of a text with their places; of scripts without spaces, every two characters.
fn spoken(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text;
    let mut offset = 0;
    std::iter::from_fn(move || {
        let begin = rest.find(|c: char| c != ' ')?;
        let from = rest.get(begin..)?;
        let length = match from.chars().next() {
            Some(first) if is_unspaced(first) => {
                from.chars().take(2).take_while(|c| is_unspaced(*c)).map(char::len_utf8).sum()
            }
            _ => from.find(|c: char| c == ' ' || is_unspaced(c)).unwrap_or(from.len()),
        };
        let word = (offset + begin, from.get(..length)?);
        offset += begin + length;
        rest = from.get(length..)?;
        Some(word)
    })
}

/// Signs that begin or make up markup count as letters, so that `<important>` and `[inst]` are words.
fn is_word(character: char) -> bool {
    character.is_alphanumeric()
        || matches!(character, '<' | '>' | '|' | '[' | ']' | '#' | '_' | '@')
        || (!character.is_ascii()
            && !character.is_whitespace()
            && !character.is_ascii_punctuation()
            && !matches!(character, '\u{2010}'..='\u{2027}' | '\u{3001}'..='\u{303F}' | '\u{FF00}'..='\u{FF0F}' | '،' | '؛' | '؟' | '।' | '«' | '»'))
}

/// Whether a full stop, slash, apostrophe, hyphen or colon stands inside a word rather than after it.
fn follows(part: &str, at: usize, mark: char) -> bool {
    let before = part.get(..at).and_then(|text| text.chars().next_back());
    let after = part.get(at + mark.len_utf8()..).and_then(|text| text.chars().next());
    let after = after.is_some_and(|c| c.is_alphanumeric() || (mark == ':' || mark == '/') && c == '/');
    match mark {
        // A leading dot belongs to the name of a hidden file.
        '.' | '/' => after,
        _ => after && before.is_some_and(|c| c.is_alphanumeric() || c == '/' || c == ':'),
    }
}

/// Whether a word may begin after this byte, or end before it.
pub(super) const fn is_boundary(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte != b'_'
}
