//! What single characters look like and do: which are invisible, which stand for a Latin letter, which are only
//! another form of one. Tables and arithmetic, no text is walked here.

/// Why a character cannot be seen, or what it does to the characters around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unseen {
    /// Zero width: spaces, joiners, soft hyphens, fillers, invisible operators.
    ZeroWidth,
    /// A variation selector.
    Variation,
    /// A character of the tag block (U+E0000).
    Tag,
    /// Forces a direction against the letters' own (U+202D, U+202E).
    BidiOverride,
    /// Embeds or isolates a direction.
    BidiEmbedding,
    /// Marks a direction; ordinary in Arabic and Hebrew.
    BidiMark,
}

/// Whether the character is invisible, and how.
#[must_use]
pub const fn unseen(character: char) -> Option<Unseen> {
    Some(match character {
        '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' => {
            Unseen::ZeroWidth
        }
        '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' => {
            Unseen::ZeroWidth
        }
        '\u{FFA0}' | '\u{1D173}'..='\u{1D17A}' => Unseen::ZeroWidth,
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => Unseen::Variation,
        '\u{E0000}'..='\u{E007F}' => Unseen::Tag,
        '\u{202D}' | '\u{202E}' => Unseen::BidiOverride,
        '\u{202A}'..='\u{202C}' | '\u{2066}'..='\u{2069}' => Unseen::BidiEmbedding,
        '\u{200E}' | '\u{200F}' | '\u{061C}' => Unseen::BidiMark,
        _ => return None,
    })
}

/// The ASCII character hidden in a tag character.
#[must_use]
pub fn tag_to_ascii(character: char) -> Option<char> {
    let code = u32::from(character);
    (0xE0020..=0xE007E).contains(&code).then(|| char::from_u32(code - 0xE0000)).flatten()
}

/// The byte that a variation selector stands for when data is smuggled in them.
#[must_use]
pub fn variation_to_byte(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ 0xFE00..=0xFE0F => u8::try_from(code - 0xFE00).ok(),
        code @ 0xE0100..=0xE01EF => u8::try_from(code - 0xE0100 + 16).ok(),
        _ => None,
    }
}

/// Spaces that are not U+0020.
#[must_use]
pub const fn is_wide_space(character: char) -> bool {
    matches!(
        character,
        '\u{00A0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200A}' | '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}' | '\u{2800}'
    )
}

/// Letters that are only written in another style: full width, mathematical, circled, squared, small capitals.
#[must_use]
pub fn styled(character: char) -> Option<char> {
    let code = u32::from(character);
    let letter = |index: u32| char::from_u32(u32::from('a') + index % 26);
    match code {
        0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).map(|plain| plain.to_ascii_lowercase()),
        0x1D400..=0x1D6A3 => letter((code - 0x1D400) % 52),
        0x1D7CE..=0x1D7FF => char::from_u32(u32::from('0') + (code - 0x1D7CE) % 10),
        0x249C..=0x24B5 => letter(code - 0x249C),
        0x24B6..=0x24E9 => letter(code - 0x24B6),
        0x1F110..=0x1F129 => letter(code - 0x1F110),
        0x1F130..=0x1F149 => letter(code - 0x1F130),
        0x1F150..=0x1F169 => letter(code - 0x1F150),
        0x1F170..=0x1F189 => letter(code - 0x1F170),
        0x24EA => Some('0'),
        0x3002 | 0xFF61 => Some('.'),
        0x2460..=0x2468 => char::from_u32(u32::from('1') + code - 0x2460),
        _ => small_letter(character),
    }
}

const fn small_letter(character: char) -> Option<char> {
    Some(match character {
        'ᴀ' | 'ᵃ' | 'ₐ' => 'a',
        'ʙ' | 'ᵇ' => 'b',
        'ᴄ' | 'ᶜ' => 'c',
        'ᴅ' | 'ᵈ' => 'd',
        'ᴇ' | 'ᵉ' | 'ₑ' | 'ℯ' | 'ℰ' => 'e',
        'ꜰ' | 'ᶠ' | 'ℱ' => 'f',
        'ɢ' | 'ᵍ' | 'ℊ' => 'g',
        'ʜ' | 'ʰ' | 'ₕ' | 'ℋ' | 'ℌ' | 'ℍ' | 'ℎ' => 'h',
        'ɪ' | 'ⁱ' | 'ᵢ' | 'ℐ' | 'ℑ' => 'i',
        'ᴊ' | 'ʲ' | 'ⱼ' => 'j',
        'ᴋ' | 'ᵏ' | 'ₖ' => 'k',
        'ʟ' | 'ˡ' | 'ₗ' | 'ℒ' | 'ℓ' => 'l',
        'ᴍ' | 'ᵐ' | 'ₘ' | 'ℳ' => 'm',
        'ɴ' | 'ⁿ' | 'ₙ' | 'ℕ' => 'n',
        'ᴏ' | 'ᵒ' | 'ₒ' | 'ℴ' => 'o',
        'ᴘ' | 'ᵖ' | 'ₚ' | 'ℙ' => 'p',
        'ℚ' => 'q',
        'ʀ' | 'ʳ' | 'ᵣ' | 'ℛ' | 'ℜ' | 'ℝ' => 'r',
        'ꜱ' | 'ˢ' | 'ₛ' | 'ſ' => 's',
        'ᴛ' | 'ᵗ' | 'ₜ' => 't',
        'ᴜ' | 'ᵘ' | 'ᵤ' => 'u',
        'ᴠ' | 'ᵛ' | 'ᵥ' => 'v',
        'ᴡ' | 'ʷ' => 'w',
        'ˣ' | 'ₓ' => 'x',
        'ʏ' | 'ʸ' => 'y',
        'ᴢ' | 'ᶻ' | 'ℤ' => 'z',
        _ => return None,
    })
}

/// The plain letter under an accent, in lower case; `None` where the character is not an accented Latin letter.
#[must_use]
pub const fn unaccented(character: char) -> Option<char> {
    Some(match character {
        'À'..='Å' | 'à'..='å' | 'Ā'..='ą' | 'Ǎ' | 'ǎ' | '\u{1EA0}'..='\u{1EB7}' => 'a',
        'Ç' | 'ç' | 'Ć'..='č' => 'c',
        'Ď'..='đ' | 'Ð' | 'ð' => 'd',
        'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' | '\u{1EB8}'..='\u{1EC7}' => 'e',
        'Ĝ'..='ģ' | 'Ǧ' | 'ǧ' => 'g',
        'Ĥ'..='ħ' => 'h',
        'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' | 'Ǐ' | 'ǐ' | '\u{1EC8}'..='\u{1ECB}' => 'i',
        'Ĵ' | 'ĵ' => 'j',
        'Ķ'..='ĸ' => 'k',
        'Ĺ'..='ł' => 'l',
        'Ñ' | 'ñ' | 'Ń'..='ŋ' => 'n',
        'Ò'..='Ö' | 'Ø' | 'ò'..='ö' | 'ø' | 'Ō'..='ő' | 'Ơ' | 'ơ' | 'Ǒ' | 'ǒ' | '\u{1ECC}'..='\u{1EE3}' => {
            'o'
        }
        'Ŕ'..='ř' => 'r',
        'Ś'..='š' | 'Ș' | 'ș' => 's',
        'Ţ'..='ŧ' | 'Ț' | 'ț' => 't',
        'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' | 'Ư' | 'ư' | 'Ǔ' | 'ǔ' | '\u{1EE4}'..='\u{1EF1}' => 'u',
        'Ŵ' | 'ŵ' => 'w',
        'Ý' | 'ý' | 'ÿ' | 'Ŷ'..='Ÿ' | '\u{1EF2}'..='\u{1EF9}' => 'y',
        'Ź'..='ž' => 'z',
        _ => return None,
    })
}

/// The Latin letter that a letter of another script can be mistaken for, in lower case. Only letters whose usual
/// printed form is the same; used inside words that mix scripts, never on words of one foreign script.
#[must_use]
pub const fn lookalike(character: char) -> Option<char> {
    Some(match character {
        'а' | 'А' | 'α' | 'Α' | 'ɑ' | 'Ꭺ' => 'a',
        'В' | 'Β' | 'Ь' | 'ь' | 'Ᏼ' => 'b',
        'с' | 'С' | 'ϲ' | 'Ϲ' | 'Ꮯ' => 'c',
        'ԁ' | 'Ԁ' | 'Ꭰ' => 'd',
        'е' | 'Е' | 'ё' | 'Ё' | 'ε' | 'Ε' | 'є' | 'Є' | 'Ꭼ' => 'e',
        'ƒ' | 'ϝ' => 'f',
        'ɡ' | 'ց' | 'Ԍ' => 'g',
        'һ' | 'Һ' | 'Н' | 'Η' | 'հ' | 'н' => 'h',
        'і' | 'І' | 'ι' | 'Ι' | 'ї' | 'Ӏ' | 'ӏ' | 'ɩ' | 'Ꭵ' => 'i',
        'ј' | 'Ј' | 'ϳ' | 'Ꭻ' => 'j',
        'к' | 'К' | 'κ' | 'Κ' => 'k',
        'ⅼ' | 'ǀ' | '∣' => 'l',
        'м' | 'М' | 'Μ' | 'ⅿ' => 'm',
        'Ν' | 'ո' | 'п' | 'η' => 'n',
        'о' | 'О' | 'ο' | 'Ο' | 'օ' | 'Օ' | 'σ' => 'o',
        'р' | 'Р' | 'ρ' | 'Ρ' => 'p',
        'ԛ' | 'Ԛ' | 'զ' => 'q',
        'г' | 'ɾ' | 'ᴦ' => 'r',
        'ѕ' | 'Ѕ' | 'ꜱ' | 'Տ' => 's',
        'Т' | 'т' | 'Τ' | 'τ' => 't',
        'υ' | 'ս' | 'μ' => 'u',
        'ν' | 'ѵ' | 'Ѵ' => 'v',
        'ω' | 'ԝ' | 'Ԝ' | 'ա' | 'ш' => 'w',
        'х' | 'Х' | 'χ' | 'Χ' => 'x',
        'у' | 'У' | 'γ' | 'Υ' | 'ү' | 'Ү' => 'y',
        'Ζ' | 'ᴢ' => 'z',
        _ => return None,
    })
}

/// Marks that are drawn on the letter before them and carry no sound of their own in the lexicon: combining accents,
/// Arabic vowel signs and the Arabic filler, Hebrew points.
#[must_use]
pub const fn is_mark(character: char) -> bool {
    matches!(
        character,
        '\u{0300}'..='\u{036F}' | '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{0591}'..='\u{05C7}'
            | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}'
    )
}

/// Scripts that are written without spaces between words.
#[must_use]
pub const fn is_unspaced(character: char) -> bool {
    matches!(
        character,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}'
            | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_letters() {
        assert_eq!(styled('Ｉ'), Some('i'));
        assert_eq!(styled('𝐠'), Some('g'));
        assert_eq!(styled('𝙄'), Some('i'));
        assert_eq!(styled('ⓘ'), Some('i'));
        assert_eq!(styled('𝟕'), Some('7'));
        assert_eq!(styled('g'), None);
        assert_eq!(unaccented('É'), Some('e'));
        assert_eq!(unaccented('ệ'), Some('e'));
        assert_eq!(unaccented('e'), None);
    }

    #[test]
    fn hidden_values() {
        assert_eq!(tag_to_ascii('\u{E0041}'), Some('A'));
        assert_eq!(tag_to_ascii('A'), None);
        assert_eq!(variation_to_byte('\u{FE01}'), Some(1));
        assert_eq!(variation_to_byte('\u{E0131}'), Some(b'A'));
    }
}
