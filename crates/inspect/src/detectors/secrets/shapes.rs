//! What a value looks like: a key, a word, a number, something typed along the keyboard. It knows nothing of names.

use super::documented::is_sequential;
use super::values;

/// How many digits there are.
pub(super) fn digits(value: &str) -> usize {
    value.bytes().filter(u8::is_ascii_digit).count()
}

/// Capital and small letters.
pub(super) fn mixed_case(value: &str) -> bool {
    value.bytes().any(|b| b.is_ascii_uppercase()) && value.bytes().any(|b| b.is_ascii_lowercase())
}

/// Letters and digits, with at least two of the one and one of the other.
pub(super) fn mixed(value: &str) -> bool {
    digits(value) >= 1 && value.bytes().filter(u8::is_ascii_alphabetic).count() >= 2
}

/// Whether a value has the shape of a key, even one that somebody typed along the alphabet: one run of letters and
/// digits, and no words.
pub(super) fn is_key_like(value: &str, floor: usize) -> bool {
    let shaped = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+/=:".contains(&b));
    let words = is_word_like(value) || is_number_like(value) || values::is_alphabet(value);
    if value.len() < floor || !shaped || value.starts_with("eyJ") || words {
        return false;
    }
    let longest = value.split(|c: char| !c.is_ascii_alphanumeric()).max_by_key(|part| part.len()).unwrap_or_default();
    let digits = digits(value);
    // Names of things are made of short words; a key has a long part, or is full of digits.
    longest.len() >= 12 && self::digits(longest) >= 2 && mixed(value) && !is_name(longest)
        || digits * 3 >= value.len() && mixed(value) && value.len() >= 24
        || digits == value.len()
}

/// Dates, versions and amounts: short numbers, or numbers with signs.
fn is_number_like(value: &str) -> bool {
    let digits = digits(value);
    value.bytes().all(|b| b.is_ascii_digit() || b".:-/+TZ".contains(&b)) && (digits < value.len() || digits < 20)
}

/// Letters and digits strictly by turns are typed along the keyboard.
pub(super) fn is_typed(value: &str) -> bool {
    let turns =
        value.as_bytes().windows(2).filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit()));
    turns.count() + 2 >= value.len()
}

/// Words with a number at the end or joined by marks, such as `version-2` or `node_modules/x1`.
pub(super) fn is_word_like(value: &str) -> bool {
    let parts = value.split(['-', '_', '.', '/', ':']);
    // Paths and resource names: an extension, or many short parts.
    if value.contains('/') && value.contains('.') {
        return true;
    }
    if value.contains('/') && parts.clone().count() >= 3 && parts.clone().all(|part| part.len() <= 12) {
        return true;
    }
    // The name of a constant.
    let constant = |part: &str| part.len() <= 10 && part.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
    if value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && value.split('_').count() >= 3
        && value.split('_').all(constant)
    {
        return true;
    }
    parts.clone().count() > 1
        && parts.clone().all(|part| {
            part.bytes().all(|b| b.is_ascii_digit()) || !part.bytes().any(|b| b.is_ascii_digit()) || part.len() <= 3
        })
}

/// Whether letters and digits are mixed as only chance mixes them.
pub(super) fn is_random_value(value: &str) -> bool {
    let digits = digits(value);
    if digits < 2 || !mixed(value) || is_word_like(value) || values::is_alphabet(value) {
        return false;
    }
    // How often a digit and a letter stand side by side.
    let changes = value
        .as_bytes()
        .iter()
        .zip(value.as_bytes().iter().skip(1))
        .filter(|(a, b)| {
            a.is_ascii_digit() != b.is_ascii_digit() && b.is_ascii_alphanumeric() && a.is_ascii_alphanumeric()
        })
        .count();
    // Letters and digits strictly by turns are typed along the keyboard, for examples.
    let drawn = digits >= 3 && values::entropy(value) > 3.0;
    let dense = mixed_case(value) && values::entropy(value) > 3.7;
    (drawn || dense) && changes >= 3 && changes + 2 < value.len()
}

/// Whether a value is one run of letters that no language writes: five consonants in a row in one case, or capital and
/// small letters without order.
pub(super) fn is_gibberish(value: &str) -> bool {
    let mut run = 0;
    let mut longest = 0;
    for byte in value.bytes() {
        let vowel = matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
        run = if byte.is_ascii_alphabetic() && !vowel { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric());
    let signs = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+/=".contains(&b));
    if mixed_case(value) { signs && is_without_order(value) } else { plain && longest >= 5 }
}

/// Whether capital letters stand where no word begins.
fn is_without_order(value: &str) -> bool {
    let small = |b: Option<&u8>| b.is_some_and(u8::is_ascii_lowercase);
    let bytes = value.as_bytes();
    let mut changes = 0;
    let mut broken = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let next = bytes.get(at + 1);
        changes += usize::from(
            byte.is_ascii_uppercase() && small(next)
                || byte.is_ascii_lowercase() && next.is_some_and(u8::is_ascii_uppercase),
        );
        // The last of some capitals begins a word: two small letters follow.
        let last = byte.is_ascii_uppercase() && !next.is_some_and(u8::is_ascii_uppercase);
        broken += usize::from(last && !(small(next) && small(bytes.get(at + 2))));
    }
    changes * 100 >= value.len() * 36 && broken >= 2
}

/// Whether a value is the name of something: words without signs between and one number in them, such as
/// `ClientCapabilities2026Schema`.
fn is_name(value: &str) -> bool {
    let bytes = value.as_bytes();
    let runs = bytes.iter().enumerate().filter(|(at, b)| {
        b.is_ascii_digit() && !at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(u8::is_ascii_digit)
    });
    let letters = bytes.iter().all(u8::is_ascii_alphanumeric) && !bytes.iter().all(u8::is_ascii_hexdigit);
    letters
        && runs.count() <= 1
        && !is_gibberish(value)
        && !is_sequential(value)
        && bytes.iter().any(u8::is_ascii_lowercase)
}

/// Whether a value is a UUID, or has its form with other letters.
pub(super) fn is_uuid_shaped(value: &str) -> bool {
    let mut parts = value.split('-');
    let fits = [8, 4, 4, 4, 12].iter().all(|length| {
        parts.next().is_some_and(|part| part.len() == *length && part.bytes().all(|b| b.is_ascii_alphanumeric()))
    });
    fits && parts.next().is_none()
}
