//! Folds a text that is not plain ASCII to the form that the lexicon is written in: lower case, without accents,
//! invisible characters and letter styles, with look-alikes of other scripts made Latin inside words that mix scripts.
//! Words of one script stay what they are.

use super::characters::{
    is_mark, is_wide_space, lookalike, styled, tag_to_ascii, unaccented, unseen, variation_to_byte,
};
use super::letters::{Letter, next_not_ascii};
use super::map::Mapped;

/// The folded text and what had to be done for it.
#[derive(Debug)]
pub struct Folded {
    /// The folded text with its map.
    pub mapped: Mapped,
    /// Look-alike letters of another script were made Latin.
    pub lookalikes: bool,
    /// Styled letters (full width, mathematical, circled) were made plain.
    pub styled: bool,
    /// Invisible characters between letters were taken out.
    pub invisible: bool,
}

/// Whether folding would change anything that the lexicon can see: letters and invisible characters. Quotation marks,
/// dashes and wide spaces are no reason: the words are found without.
#[must_use]
pub fn needs_folding(text: &str) -> bool {
    let mut at = 0;
    while let Some(next) = next_not_ascii(text.as_bytes(), at) {
        let Some(character) = text.get(next..).and_then(|rest| rest.chars().next()) else { return true };
        if Letter::of(character).is(Letter::WORD) {
            return true;
        }
        at = next + character.len_utf8();
    }
    false
}

/// Folds a text.
#[must_use]
pub fn fold(text: &str) -> Folded {
    let whole_words = only_lookalikes(text);
    let mut folded =
        Folded { mapped: Mapped::with_capacity(text.len()), lookalikes: false, styled: false, invisible: false };
    // Words and what stands between them, by turns.
    let mut start = 0;
    let mut in_word = true;
    let (mut any, mut common) = (Letter::default(), Letter::default());
    for (at, character) in text.char_indices() {
        let letter = Letter::of(character);
        if letter.is(Letter::WORD) != in_word {
            folded.stretch(text.get(start..at).unwrap_or_default(), start, in_word, any, common, whole_words);
            (start, in_word) = (at, !in_word);
            (any, common) = (letter, letter);
        }
        common = if at == start { letter } else { common.common(letter) };
        any = any.and(letter);
    }
    folded.stretch(text.get(start..).unwrap_or_default(), start, in_word, any, common, whole_words);
    folded
}

/// Whether every letter of another script in this text can pass for a Latin one, beside real Latin letters: then
/// whole words may be disguised, not only parts of them.
fn only_lookalikes(text: &str) -> bool {
    let mut latin = false;
    let mut disguised = false;
    for character in text.chars() {
        if character.is_ascii() {
            latin |= character.is_ascii_alphabetic();
            continue;
        }
        let letter = Letter::of(character);
        if letter.is(Letter::LOOKALIKE) {
            disguised = true;
        } else if letter.is(Letter::ALPHABETIC) && !letter.is(Letter::ACCENTED.and(Letter::STYLED)) {
            return false;
        }
    }
    latin && disguised
}

impl Folded {
    /// A whole word, or all between two. Of its characters something is known of `any`, and something of all in `common`.
    fn stretch(&mut self, stretch: &str, offset: usize, in_word: bool, any: Letter, common: Letter, whole_words: bool) {
        if !in_word {
            self.gap(stretch, offset);
        } else if stretch.is_ascii() {
            self.mapped.lower(stretch, offset);
        } else if !(whole_words || any.is(Letter::LATIN)) && common.is(Letter::STAYS) {
            self.mapped.copy(stretch, offset);
        } else {
            self.word(stretch, offset, whole_words || any.is(Letter::LATIN));
        }
    }

    /// A word, character by character. With letters of several scripts those that look Latin become Latin.
    fn word(&mut self, word: &str, offset: usize, mixed: bool) {
        for (at, character) in word.char_indices() {
            let origin = offset + at..offset + at + character.len_utf8();
            let letter = Letter::of(character);
            if letter.is(Letter::HIDES) {
                self.invisible |= unseen(character).is_some();
            } else if letter.is(Letter::STYLED)
                && let Some(plain) = styled(character)
            {
                self.styled = true;
                self.mapped.replace_char(plain, origin);
            } else if letter.is(Letter::ACCENTED)
                && let Some(plain) = unaccented(character)
            {
                self.mapped.replace_char(plain, origin);
            } else if mixed
                && letter.is(Letter::LOOKALIKE)
                && let Some(plain) = lookalike(character)
            {
                self.lookalikes = true;
                self.mapped.replace_char(plain, origin);
            } else {
                self.other(character, origin);
            }
        }
    }

    fn other(&mut self, character: char, origin: std::ops::Range<usize>) {
        let expanded = match character {
            'ß' => "ss",
            'æ' | 'Æ' => "ae",
            'œ' | 'Œ' => "oe",
            'ﬁ' => "fi",
            'ﬂ' => "fl",
            'ﬀ' => "ff",
            'ё' | 'Ё' => "е",
            'ά' | 'Ά' => "α",
            'έ' | 'Έ' => "ε",
            'ή' | 'Ή' => "η",
            'ί' | 'ϊ' | 'ΐ' | 'Ί' => "ι",
            'ό' | 'Ό' => "ο",
            'ύ' | 'ϋ' | 'ΰ' | 'Ύ' => "υ",
            'ώ' | 'Ώ' => "ω",
            'أ' | 'إ' | 'آ' => "ا",
            'ى' => "ي",
            'ة' => "ه",
            _ => {
                let mut lower = character.to_lowercase();
                let first = lower.next().unwrap_or(character);
                if first == character {
                    self.mapped.copy(character.encode_utf8(&mut [0; 4]), origin.start);
                    return;
                }
                self.mapped.replace_char(first, origin.clone());
                for more in lower.filter(|c| !is_mark(*c)) {
                    self.mapped.replace_char(more, origin.clone());
                }
                return;
            }
        };
        self.mapped.replace(expanded, origin);
    }

    fn gap(&mut self, gap: &str, offset: usize) {
        if gap.is_ascii() {
            self.mapped.copy(gap, offset);
            return;
        }
        for (at, character) in gap.char_indices() {
            let origin = offset + at..offset + at + character.len_utf8();
            match character {
                c if is_wide_space(c) => self.mapped.replace_char(' ', origin),
                '’' | '‘' => self.mapped.replace_char('\'', origin),
                '\u{2010}'..='\u{2015}' => self.mapped.replace_char('-', origin),
                c => self.mapped.copy(c.encode_utf8(&mut [0; 4]), origin.start),
            }
        }
    }
}

/// The text that is hidden in characters of the tag block, or `None` where there is none.
#[must_use]
pub fn hidden_tags(text: &str) -> Option<Mapped> {
    // Every character of the block begins with these bytes.
    memchr::memmem::find(text.as_bytes(), b"\xF3\xA0")?;
    let mut mapped = Mapped::default();
    let mut flag_tags_left = 0;
    for (at, character) in text.char_indices() {
        if let Some(plain) = tag_to_ascii(character) {
            if flag_tags_left == 0 {
                mapped.replace_char(plain, at..at + character.len_utf8());
            } else {
                flag_tags_left -= 1;
            }
        } else {
            // A black flag followed by up to six tags is the flag of a region (Unicode TR51), such as that of Scotland.
            flag_tags_left = if character == '\u{1F3F4}' { 6 } else { 0 };
        }
    }
    (mapped.text().len() >= 2).then_some(mapped)
}

/// The text that is hidden in runs of variation selectors, one byte each, or `None` where there is none.
#[must_use]
pub fn hidden_variations(text: &str) -> Option<Mapped> {
    let bytes = text.as_bytes();
    memchr::memmem::find(bytes, b"\xEF\xB8").or_else(|| memchr::memmem::find(bytes, b"\xF3\xA0"))?;
    let mut mapped = Mapped::default();
    let mut run: Vec<u8> = Vec::new();
    let mut start = 0;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match variation_to_byte(character) {
            Some(byte) => {
                if run.is_empty() {
                    start = at;
                }
                run.push(byte);
            }
            None => {
                // An emoji that was asked for four times hides nothing.
                let differs = run.iter().any(|byte| Some(byte) != run.first());
                if run.len() >= 4
                    && differs
                    && let Ok(hidden) = std::str::from_utf8(&run)
                {
                    mapped.replace(hidden, start..at);
                }
                run.clear();
            }
        }
    }
    (!mapped.text().is_empty()).then_some(mapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        fold(text).mapped.text().to_owned()
    }

    #[test]
    fn one_selector_again_and_again_hides_nothing() {
        assert!(hidden_variations("\u{267F}\u{FE0F}\u{FE0F}\u{FE0F}\u{FE0F}").is_none());
        let hidden: String = "rm -rf".bytes().map(|b| char::from_u32(0xE0100 + u32::from(b) - 16).unwrap()).collect();
        assert_eq!(hidden_variations(&format!("a{hidden}")).unwrap().text(), "rm -rf");
    }

    #[test]
    fn folds_what_hides_latin() {
        assert_eq!(folded("Ｉｇｎｏｒｅ"), "ignore");
        assert_eq!(folded("іgnоrе all"), "ignore all");
        assert_eq!(folded("i\u{200B}g\u{200D}nore"), "ignore");
        assert_eq!(folded("𝗶𝗴𝗻𝗼𝗿𝗲"), "ignore");
        assert_eq!(folded("Instrucción PRÉVIA"), "instruccion previa");
        assert_eq!(folded("i\u{0336}g\u{0336}nore"), "ignore");
    }

    #[test]
    fn leaves_other_scripts_alone() {
        assert_eq!(folded("Привет, мир"), "привет, мир");
        assert_eq!(folded("忽略 之前"), "忽略 之前");
        assert!(!fold("Привет").lookalikes);
    }

    #[test]
    fn a_map_leads_back() {
        let text = "x Ｉｇ!";
        let folded = fold(text);
        let at = folded.mapped.text().find("ig").unwrap();
        assert_eq!(&text[folded.mapped.origin(at..at + 2)], "Ｉｇ");
    }

    #[test]
    fn hidden_text_is_read() {
        let tags: String = "hi you".chars().map(|c| char::from_u32(0xE0000 + c as u32).unwrap()).collect();
        assert_eq!(hidden_tags(&format!("a{tags}")).unwrap().text(), "hi you");
        assert!(hidden_tags("\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}").is_none());
        let bytes: String = "send".bytes().map(|b| char::from_u32(0xE0100 + u32::from(b) - 16).unwrap()).collect();
        assert_eq!(hidden_variations(&format!("😀{bytes}")).unwrap().text(), "send");
        assert!(hidden_variations("❤\u{FE0F} ok").is_none());
    }
}
