//! What folding has to know of a character, looked up at once: the answers of `characters`, in a table for the scripts
//! that are written most. It decides nothing by itself.

use std::sync::LazyLock;

use super::characters::{is_mark, lookalike, styled, unaccented, unseen};

/// What is known of a character, one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Letter(u8);

impl Letter {
    /// Part of a word: a letter or digit in any form, or what can be hidden among letters.
    pub const WORD: Self = Self(1);
    /// Of another script than Latin, and folding leaves it as it is: most of ordinary text in that script.
    pub const STAYS: Self = Self(2);
    /// A Latin letter in any form: plain ASCII, accented, styled.
    pub const LATIN: Self = Self(4);
    /// Not seen, or drawn on the letter before it.
    pub const HIDES: Self = Self(8);
    /// A letter in another style.
    pub const STYLED: Self = Self(16);
    /// A Latin letter with an accent.
    pub const ACCENTED: Self = Self(32);
    /// A letter of another script that can pass for a Latin one.
    pub const LOOKALIKE: Self = Self(64);
    /// A letter of any script.
    pub const ALPHABETIC: Self = Self(128);

    /// What is known of a character.
    #[must_use]
    #[inline]
    pub fn of(character: char) -> Self {
        let code = character as usize;
        if code < TABLE_SIZE {
            return TABLE.get(code).copied().unwrap_or_default();
        }
        match character {
            // Chinese characters and Korean syllables.
            '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' => Self::WORD.and(Self::STAYS).and(Self::ALPHABETIC),
            _ => Self::computed(character),
        }
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is known of both.
    #[must_use]
    pub const fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether this is known of it.
    #[must_use]
    pub const fn is(self, what: Self) -> bool {
        self.0 & what.0 != 0
    }

    fn computed(character: char) -> Self {
        let hides = unseen(character).is_some() || is_mark(character);
        let is_styled = styled(character).is_some();
        let accented = unaccented(character).is_some();
        let word = character.is_alphanumeric() || (!character.is_ascii() && (hides || is_styled));
        let known = [
            (word, Self::WORD),
            (stays(character), Self::STAYS),
            (character.is_ascii_alphabetic() || accented || is_styled, Self::LATIN),
            (hides, Self::HIDES),
            (is_styled, Self::STYLED),
            (accented, Self::ACCENTED),
            (lookalike(character).is_some(), Self::LOOKALIKE),
            (character.is_alphabetic(), Self::ALPHABETIC),
        ];
        known.into_iter().filter(|(holds, _)| *holds).fold(Self::default(), |all, (_, what)| all.and(what))
    }
}

/// The table goes to the end of the Japanese syllabaries.
const TABLE_SIZE: usize = 0x3100;
static TABLE: LazyLock<Vec<Letter>> = LazyLock::new(|| {
    (0u32..).take(TABLE_SIZE).map(|code| char::from_u32(code).map_or_else(Letter::default, Letter::computed)).collect()
});

/// Letters of other scripts that folding leaves as they are.
const fn stays(character: char) -> bool {
    matches!(
        character,
        'а'..='я' | 'α'..='ω' | 'א'..='ת' | '\u{0900}'..='\u{097F}' | '\u{0E01}'..='\u{0E7F}' | '\u{3041}'..='\u{30FF}'
            | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}'
    )
}

/// The first byte from `from` on that is not ASCII.
#[must_use]
pub fn next_not_ascii(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let (eights, tail) = rest.as_chunks::<8>();
    for (index, eight) in eights.iter().enumerate() {
        let high = u64::from_le_bytes(*eight) & 0x8080_8080_8080_8080;
        if high != 0 {
            return Some(from + index * 8 + high.trailing_zeros() as usize / 8);
        }
    }
    Some(from + eights.len() * 8 + tail.iter().position(|byte| !byte.is_ascii())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_up_is_what_would_be_computed() {
        for character in '\0'..=char::MAX {
            assert_eq!(Letter::of(character), Letter::computed(character), "{character:?}");
        }
    }

    #[test]
    fn the_first_that_is_not_ascii() {
        let text = "twelve bytes and more é, then ü".as_bytes();
        for from in 0..=text.len() {
            let plain = text[from..].iter().position(|byte| !byte.is_ascii()).map(|at| from + at);
            assert_eq!(next_not_ascii(text, from), plain);
        }
        assert_eq!(next_not_ascii(text, 99), None);
    }
}
