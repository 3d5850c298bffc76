//! Folds a text that is not plain ASCII to the form that the lexicon is written in: lower case, without accents,
//! invisible characters and letter styles, with look-alikes of other scripts made Latin inside words that mix scripts.
//! Words of one script stay what they are.

use super::characters::{
    is_mark, is_wide_space, lookalike, styled, tag_to_ascii, unaccented, unseen, variation_to_byte,
};
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
    text.chars().any(|character| !character.is_ascii() && (character.is_alphanumeric() || changes(character)))
}

fn changes(character: char) -> bool {
    unseen(character).is_some() || is_mark(character) || styled(character).is_some()
}

/// Folds a text.
#[must_use]
pub fn fold(text: &str) -> Folded {
    let whole_words = only_lookalikes(text);
    let mut folded =
        Folded { mapped: Mapped::with_capacity(text.len()), lookalikes: false, styled: false, invisible: false };
    let mut rest = text;
    let mut offset = 0;
    while !rest.is_empty() {
        let word_length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(word_length);
        folded.word(word, offset, whole_words);
        offset += word_length;
        let gap_length = tail.find(is_word).unwrap_or(tail.len());
        let (gap, tail) = tail.split_at(gap_length);
        folded.gap(gap, offset);
        offset += gap_length;
        rest = tail;
    }
    folded
}

/// Letters of other scripts that folding leaves as they are: most of ordinary text in them.
const fn is_folded(character: char) -> bool {
    matches!(
        character,
        'а'..='я' | 'α'..='ω' | 'א'..='ת' | '\u{0900}'..='\u{097F}' | '\u{0E01}'..='\u{0E7F}' | '\u{3041}'..='\u{30FF}'
            | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}'
    )
}

fn is_word(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric();
    }
    character.is_alphanumeric() || unseen(character).is_some() || is_mark(character) || styled(character).is_some()
}

/// Whether every letter of another script in this text can pass for a Latin one, beside real Latin letters: then
/// whole words may be disguised, not only parts of them.
fn only_lookalikes(text: &str) -> bool {
    let mut latin = false;
    let mut disguised = false;
    for character in text.chars() {
        if character.is_ascii_alphabetic() {
            latin = true;
        } else if lookalike(character).is_some() {
            disguised = true;
        } else if character.is_alphabetic() && unaccented(character).is_none() && styled(character).is_none() {
            return false;
        }
    }
    latin && disguised
}

impl Folded {
    fn word(&mut self, word: &str, offset: usize, whole_words: bool) {
        if word.is_ascii() {
            self.lower_ascii(word, offset);
            return;
        }
        let latin = word.chars().any(|c| c.is_ascii_alphabetic() || unaccented(c).is_some() || styled(c).is_some());
        let mixed = whole_words || latin;
        if !mixed && word.chars().all(is_folded) {
            self.mapped.copy(word, offset);
            return;
        }
        for (at, character) in word.char_indices() {
            let origin = offset + at..offset + at + character.len_utf8();
            if unseen(character).is_some() || is_mark(character) {
                self.invisible |= unseen(character).is_some();
            } else if let Some(plain) = styled(character) {
                self.styled = true;
                self.mapped.replace_char(plain, origin);
            } else if let Some(plain) = unaccented(character) {
                self.mapped.replace_char(plain, origin);
            } else if let Some(plain) = lookalike(character).filter(|_| mixed) {
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

    fn lower_ascii(&mut self, word: &str, offset: usize) {
        if word.bytes().any(|b| b.is_ascii_uppercase()) {
            for (at, character) in word.char_indices() {
                self.mapped.replace_char(character.to_ascii_lowercase(), offset + at..offset + at + 1);
            }
        } else {
            self.mapped.copy(word, offset);
        }
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
