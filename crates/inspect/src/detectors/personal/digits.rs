//! Digits of other scripts, and the spaces and hyphens that word processors put between them, as ASCII, with a map back.
//! No detector itself.

use std::borrow::Cow;
use std::ops::Range;

/// A text whose digits and separators are ASCII.
pub(in crate::detectors) struct Plain<'t> {
    text: Cow<'t, str>,
    /// For each byte of the text, where it stands in the original. Empty where nothing was changed.
    origin: Vec<usize>,
    length: usize,
}

impl<'t> Plain<'t> {
    /// Reads a text. Most cost one look at their bytes.
    pub(in crate::detectors) fn new(original: &'t str) -> Self {
        let length = original.len();
        let same = Self { text: Cow::Borrowed(original), origin: Vec::new(), length };
        // No digit or separator of another script begins with any other byte.
        let begins = |b: &u8| matches!(b, 0xC2 | 0xD9 | 0xDB | 0xDF..=0xE3 | 0xEF | 0xF0);
        if !original.bytes().any(|b| begins(&b)) || !original.chars().any(|c| ascii(c).is_some()) {
            return same;
        }
        let mut text = String::with_capacity(length);
        let mut origin = Vec::with_capacity(length);
        for (at, c) in original.char_indices() {
            let c = ascii(c).unwrap_or(c);
            text.push(c);
            origin.extend((0..c.len_utf8()).map(|offset| at + offset));
        }
        Self { text: Cow::Owned(text), origin, length }
    }

    /// The text to read.
    pub(in crate::detectors) fn text(&self) -> &str {
        &self.text
    }

    /// Where a range of it stands in the original.
    pub(in crate::detectors) fn origin(&self, range: &Range<usize>) -> Range<usize> {
        if self.origin.is_empty() {
            return range.clone();
        }
        let place = |at: usize| self.origin.get(at).copied().unwrap_or(self.length);
        place(range.start)..place(range.end)
    }
}

/// The code points of zero in scripts that have their own digits.
const ZEROS: &[u32] = &[
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0,
    0x0F20, 0x1040, 0x17E0, 0x1810, 0xFF10,
];

fn ascii(c: char) -> Option<char> {
    if c.is_ascii() {
        return None;
    }
    match c {
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => return Some(' '),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}' | '\u{FE63}' => return Some('-'),
        '\u{FF0E}' => return Some('.'),
        '\u{FF0B}' => return Some('+'),
        _ => {}
    }
    let digit = ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(*zero).filter(|digit| *digit <= 9))?;
    char::from_digit(digit, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_other_scripts_become_ascii_with_a_map_back() {
        let original = "عدد ٤١١١ и ４１１１\u{A0}1111";
        let plain = Plain::new(original);
        let at = plain.text().find("4111").unwrap();
        assert_eq!(&original[plain.origin(&(at..at + 4))], "٤١١١");
        let at = plain.text().rfind("4111 1111").unwrap();
        assert_eq!(&original[plain.origin(&(at..at + 9))], "４１１１\u{A0}1111");
        assert_eq!(Plain::new("plain é 12").origin(&(9..11)), 9..11);
    }
}
