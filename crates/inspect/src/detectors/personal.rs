//! Finds runs of digits and codes in text, for the detectors of personal data. No detector itself: it finds
//! candidates, `checks` judges them.

pub(super) mod checks;
pub(super) mod digits;
pub(super) mod lettered;
pub(super) mod mrz;
pub(super) mod national;
pub(super) mod plans;
pub(super) mod taxes;

use std::ops::Range;

/// A run of digits, with single separators inside.
#[derive(Debug, Clone)]
pub(super) struct Number {
    /// Where it stands.
    pub(super) range: Range<usize>,
    /// The digits alone.
    pub(super) digits: String,
    /// Whether separators stood inside.
    pub(super) grouped: bool,
}

/// Calls `visit` for every run of 8 to 19 digits that stands alone: not inside a word, a decimal number or a longer run.
/// Where it does not know a run, or the run is longer, `visit` is called for the parts that spaces make of it.
pub(super) fn numbers(text: &str, mut visit: impl FnMut(Number) -> bool) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(start) = next_digit(bytes, at) {
        let end = run_end(bytes, start);
        at = end;
        let before = start.checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or(b' ');
        let after = bytes.get(end).copied().unwrap_or(b' ');
        let count = bytes.get(start..end).unwrap_or_default().iter().filter(|b| b.is_ascii_digit()).count();
        let inside = before.is_ascii_alphanumeric()
            || matches!(before, b'_' | b'.' | b'$' | b'#' | b'%')
            || after.is_ascii_alphanumeric()
            || after == b'_';
        // The last character of a Chinese id may be an X, that of a Chilean one a K.
        let resident = count == 17 && matches!(after, b'X' | b'x');
        let chilean = matches!(count, 7 | 8) && matches!(bytes.get(end..end + 2), Some(b"-K" | b"-k"));
        if inside && !resident && !chilean {
            continue;
        }
        let end = end + usize::from(resident) + 2 * usize::from(chilean);
        let known =
            (8..=19).contains(&(count + usize::from(chilean))) && number(text, start..end).is_some_and(&mut visit);
        if !known && count > DIGITS_MIN {
            parts(text, start..end, &mut visit);
        }
    }
}

/// The fewest digits of a number.
const DIGITS_MIN: usize = 8;

/// A run as a number, unless it is one of machines.
fn number(text: &str, range: Range<usize>) -> Option<Number> {
    let source = text.get(range.clone())?;
    if is_of_machines(text, source, range.clone()) {
        return None;
    }
    let digits: String = source.chars().filter(char::is_ascii_alphanumeric).collect();
    Some(Number { range, grouped: digits.len() < source.len(), digits })
}

/// Numbers that spaces keep apart in one run: a card with the month it is valid until, an id with a date behind it. Each
/// part alone, and parts that follow each other as those of cards do.
fn parts(text: &str, run: Range<usize>, visit: &mut impl FnMut(Number) -> bool) {
    const PARTS_MAX: usize = 64;
    const CARDS: [&[usize]; 3] = [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4]];
    let Some(source) = text.get(run.clone()) else { return };
    if !source.contains(' ') {
        return;
    }
    let mut places: Vec<Range<usize>> = Vec::new();
    let mut at = run.start;
    for part in source.split(' ').take(PARTS_MAX) {
        places.push(at..at + part.len());
        at += part.len() + 1;
    }
    let mut index = 0;
    while let Some(place) = places.get(index) {
        let count = text.get(place.clone()).map_or(0, |part| part.bytes().filter(u8::is_ascii_digit).count());
        let card = CARDS.iter().find(|lengths| {
            places
                .get(index..index + lengths.len())
                .is_some_and(|parts| parts.iter().zip(**lengths).all(|(part, length)| part.len() == *length))
        });
        let taken = card.is_some_and(|lengths| {
            let end = places.get(index + lengths.len() - 1).map_or(place.end, |last| last.end);
            number(text, place.start..end).is_some_and(&mut *visit)
        });
        if taken {
            index += card.map_or(1, |lengths| lengths.len());
            continue;
        }
        if (DIGITS_MIN..=19).contains(&count)
            && let Some(number) = number(text, place.clone())
        {
            visit(number);
        }
        index += 1;
    }
}

/// Whether digits with separators are a decimal fraction, an object identifier, or part of a table of hexadecimal codes.
fn is_of_machines(text: &str, source: &str, range: Range<usize>) -> bool {
    let separators = source.bytes().filter(|byte| !byte.is_ascii_alphanumeric());
    let dots = separators.clone().filter(|byte| *byte == b'.').count();
    let code = |word: Option<&str>| {
        word.is_some_and(|word| {
            word.len() == 4
                && word.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
                && word.bytes().any(|byte| byte.is_ascii_uppercase())
        })
    };
    let lead = text.get(text.floor_char_boundary(range.start.saturating_sub(CODE_REACH))..range.start);
    let tail = text.get(range.end..text.ceil_char_boundary(range.end.saturating_add(CODE_REACH)));
    (dots == 1 && separators.count() == 1)
        || dots > 4
        || (source.contains(' ')
            && (code(lead.unwrap_or_default().split_whitespace().next_back())
                || code(tail.unwrap_or_default().split_whitespace().next())))
}

/// How far a neighbouring code is looked for.
const CODE_REACH: usize = 8;

/// The next digit, looked for in eight bytes at a time: texts are full of them, or have none at all.
pub(super) fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let rest = bytes.get(from..)?;
    let (eights, tail) = rest.as_chunks::<8>();
    for (index, eight) in eights.iter().enumerate() {
        // Digits are 0 to 9 then; adding 118 sets the high bit of all others but those that have it already.
        let turned = u64::from_le_bytes(*eight) ^ 0x3030_3030_3030_3030;
        let digits = !((turned & !HIGH).wrapping_add(0x7676_7676_7676_7676) | turned) & HIGH;
        if digits != 0 {
            return Some(from + index * 8 + digits.trailing_zeros() as usize / 8);
        }
    }
    let at = tail.iter().position(u8::is_ascii_digit)?;
    Some(from + eights.len() * 8 + at)
}

/// Where a run of digits ends, single separators included.
fn run_end(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    let mut at = start;
    loop {
        match bytes.get(at) {
            Some(b) if b.is_ascii_digit() => {
                at += 1;
                end = at;
            }
            Some(b' ' | b'-' | b'.' | b'/') if at == end && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {
                at += 1
            }
            _ => return end,
        }
    }
}

/// Calls `visit` for every word of letters and digits mixed, 8 to 34 characters long.
pub(super) fn codes(text: &str, mut visit: impl FnMut(Range<usize>)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(digit) = next_digit(bytes, at) {
        let joined = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
        let back = bytes.get(at..digit).unwrap_or_default().iter().rev().take(34).take_while(|b| joined(b)).count();
        let ahead = bytes.get(digit..).unwrap_or_default().iter().take_while(|b| joined(b)).count();
        let (start, end) = (digit - back, digit + ahead);
        at = end;
        let letters = bytes.get(start..end).unwrap_or_default().iter().any(u8::is_ascii_alphabetic);
        if letters && (8..=34).contains(&(end - start)) && bytes.get(end).is_none_or(|b| *b != b'_') {
            visit(start..end);
        }
    }
}

/// Whether one of these words stands within 60 bytes before, or 24 after, a place; words of up to four letters must be
/// whole.
pub(super) fn near(text: &str, range: &Range<usize>, words: &[&str]) -> bool {
    let mut start = range.start.saturating_sub(60);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut end = (range.end + 24).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let Some(around) = text.get(start..end) else { return false };
    let lower = around.to_lowercase();
    words.iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let whole = |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphabetic());
            let bytes = lower.as_bytes();
            word.len() > 4 || (whole(at.checked_sub(1).and_then(|i| bytes.get(i))) && whole(bytes.get(at + word.len())))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_found_wherever_they_stand() {
        let mut state = 5u64;
        for length in 0..3000usize {
            let bytes: Vec<u8> = (0..length % 40)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let drawn = (state >> 33).to_le_bytes()[0];
                    if length % 3 == 0 { drawn } else { b"/0:9a;\xb0\xb9\x80-"[usize::from(drawn) % 10] }
                })
                .collect();
            for from in 0..=bytes.len() {
                let plain = bytes[from..].iter().position(u8::is_ascii_digit).map(|at| from + at);
                assert_eq!(next_digit(&bytes, from), plain, "{bytes:?} from {from}");
            }
        }
        assert_eq!(next_digit(b"1", 2), None);
    }
}
