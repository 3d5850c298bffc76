//! Keys that are known by the service that issues them: `wandb 3f0c…`, `taxjar key: …`. A name alone says little, so the
//! value must have the shape that the service gives its keys; with a word for a key beside it, less will do.

mod table;

use std::ops::Range;
use std::sync::LazyLock;

use super::documented::is_sequential;
use super::shapes::{digits, is_gibberish, is_key_like, is_typed, is_uuid_shaped, mixed, mixed_case};
use super::{Found, documented, named, values};
use crate::detectors::needles::Needles;
use crate::normalise::Layer;
use crate::signals::Hit;
use table::{ORDINARY, RARE};

/// The names after which a key may stand alone, for the automaton.
pub fn names() -> impl Iterator<Item = &'static str> {
    RARE.iter().map(|(name, _)| *name)
}

/// Fewer characters than this are no key without a word that says so.
const LENGTH_MIN: usize = 24;
/// The most that is read of a value, in bytes.
const LENGTH_MAX: usize = 600;
/// How far before a word for a key its service is looked for, in bytes.
const REACH: usize = 40;

/// Words between the name of a service and its key.
const WORDS: &[&str] = &[
    "access", "private", "secret", "token", "apikey", "api", "auth", "keys", "key", "pat", "rest", "app", "admin",
    "personal", "client", "user", "account", "license", "password", "code", "live", "prod", "master", "oauth",
    "bearer", "y",
];

/// A value after the name of a service, with nothing but signs and words for a key between.
pub(super) fn after_name(layer: &Layer<'_>, hit: &Hit) -> Option<Found> {
    let text = layer.text();
    let bytes = text.as_bytes();
    let before = hit.start.checked_sub(1).and_then(|at| bytes.get(at));
    if before.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'@' | b'.')) {
        return None;
    }
    let between = Between::read(bytes, hit.end)?;
    let length = bytes.get(between.end..)?.iter().take(LENGTH_MAX).take_while(|b| named::is_value(**b)).count();
    let value = text.get(between.end..between.end + length)?.trim_end_matches(['.', ',', ':', ')', ';']);
    let range = between.end..between.end + value.len();
    let name = text.get(hit.start..hit.end)?;
    if name.eq_ignore_ascii_case("facebook")
        && let Some(length) = facebook_app(bytes.get(range.start..)?)
    {
        return Some((range.start..range.start + length, "facebook-app-token", 0.9));
    }
    if value.len() < 8 || named::is_nothing(text, &range) {
        return None;
    }
    let row = RARE.binary_search_by_key(&&*name.to_ascii_lowercase(), |(rare, _)| *rare);
    let shapes = row.ok().and_then(|row| RARE.get(row)).map_or("", |(_, shapes)| *shapes);
    let found =
        if between.words > 0 { is_keyed(shapes, value, between.assigned) } else { is_alone(shapes, value, &between) };
    found.then_some((range, "key-of-service", if between.words > 0 { 0.75 } else { 0.65 }))
}

/// What stands between a name and a value.
struct Between {
    end: usize,
    /// How many words for a key.
    words: usize,
    /// Whether a sign says that something is given.
    assigned: bool,
    /// Whether it is a hyphen alone.
    hyphen: bool,
}

impl Between {
    const SIGNS_MAX: usize = 6;

    fn read(bytes: &[u8], from: usize) -> Option<Self> {
        let mut between = Self { end: from, words: 0, assigned: false, hyphen: false };
        loop {
            let rest = bytes.get(between.end..)?;
            let signs = rest.iter().take(Self::SIGNS_MAX).take_while(|b| b" _-.:=\"'>`\n\t".contains(b)).count();
            between.assigned |= rest.iter().take(signs).any(|b| matches!(b, b'=' | b':' | b'>'));
            between.hyphen = matches!(rest.get(..signs), Some(b"-" | b"_" | b"."));
            let rest = rest.get(signs..)?;
            let word = WORDS.iter().find(|word| {
                let end = rest.get(word.len());
                let head = rest.get(..word.len());
                // A word ends, or the next one begins.
                head.is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
                    && !end.is_some_and(u8::is_ascii_digit)
                    && (!end.is_some_and(u8::is_ascii_alphabetic)
                        || WORDS.iter().any(|next| {
                            rest.get(word.len()..word.len() + next.len())
                                .is_some_and(|tail| tail.eq_ignore_ascii_case(next.as_bytes()))
                        }))
            });
            match word {
                Some(word) if between.words < 5 => {
                    between.words += 1;
                    between.end += signs + word.len();
                }
                _ => {
                    between.end += signs;
                    return (signs > 0).then_some(between);
                }
            }
        }
    }
}

/// Whether a value right after the name of a service is its key.
fn is_alone(shapes: &str, value: &str, between: &Between) -> bool {
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if fits(shapes, value) && value.len() >= 20 && (!between.hyphen || value.len() >= 32) && plain {
        return !value.bytes().all(|b| b.is_ascii_digit()) && !is_words(value);
    }
    // Commit ids and hashes come with names of services too, in logs; a capital letter or one beyond `f` tells.
    let drawn = !values::is_public_identifier(value) || value.len() == 36 && between.assigned;
    let digits = digits(value);
    let shaped = plain && drawn && is_key_like(value, LENGTH_MIN) && (digits >= 4 || digits >= 2 && mixed_case(value));
    shaped && !between.hyphen && values::entropy(value) > 3.3 && !is_typed(value) && !is_sequential(value)
}

/// Whether a value beside the name of a service and a word for a key is a key.
fn is_keyed(shapes: &str, value: &str, assigned: bool) -> bool {
    if fits(shapes, value) && !is_words(value) {
        return true;
    }
    let run = value.bytes().all(|b| b.is_ascii_alphanumeric());
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+/=".contains(&b));
    is_uuid_shaped(value)
        || run && value.len() >= 20 && is_gibberish(value)
        || plain && value.len() >= 20 && (is_sequential(value) || documented::is_periodic(value))
        || is_key_like(value, if assigned { 12 } else { 16 })
        || assigned && run && value.len() >= 10 && mixed(value) && digits(value) >= 3
}

/// Words joined by signs, such as `my-first-project`.
fn is_words(value: &str) -> bool {
    !value.bytes().any(|b| b.is_ascii_digit()) && !is_gibberish(value) && !is_sequential(value) && !mixed_case(value)
}

/// Whether a service that issues keys is named in the name of a value or right before it, and the value is one of its keys.
pub(super) fn is_of_named(text: &str, label: &Range<usize>, value: &str, assigned: bool) -> bool {
    static ALL: LazyLock<Needles> = LazyLock::new(|| {
        let all: Vec<&str> = RARE.iter().chain(ORDINARY).map(|(name, _)| *name).collect();
        Needles::new(&all)
    });
    let from = text.floor_char_boundary(label.start.saturating_sub(REACH));
    let Some(head) = text.get(from..label.end) else { return false };
    let start = head.rfind('\n').map_or(0, |at| at + 1);
    let head = head.get(start..).unwrap_or_default();
    ALL.all(head).any(|(row, place)| {
        let shapes = RARE.iter().chain(ORDINARY).nth(row).map_or("", |(_, shapes)| *shapes);
        begins_and_ends(head, &place) && is_keyed(shapes, value, assigned)
    })
}

/// Whether a name stands as a word of its own, or as a part of an identifier.
fn begins_and_ends(head: &str, place: &Range<usize>) -> bool {
    let bytes = head.as_bytes();
    let before = place.start.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    let first = bytes.get(place.start).copied().unwrap_or(b' ');
    let begins = !before.is_ascii_alphanumeric() || before.is_ascii_lowercase() && first.is_ascii_uppercase();
    let rest = head.get(place.end..).unwrap_or_default();
    let next = rest.bytes().next().unwrap_or(b' ');
    let ends = !next.is_ascii_lowercase()
        || WORDS.iter().any(|word| rest.get(..word.len()).is_some_and(|tail| tail.eq_ignore_ascii_case(word)));
    begins && ends
}

/// Whether a value has one of the shapes; see `table`.
fn fits(shapes: &str, value: &str) -> bool {
    shapes.split(' ').any(|shape| fits_one(shape, value))
}

fn fits_one(shape: &str, value: &str) -> bool {
    let mut letters = shape.chars();
    let Some(alphabet) = letters.next() else { return false };
    if alphabet == 'g' {
        return is_uuid_shaped(value);
    }
    let lengths = letters.as_str();
    let (least, most) = lengths.split_once('-').unwrap_or((lengths, lengths));
    let (Ok(least), Ok(most)) = (least.parse::<usize>(), most.parse::<usize>()) else { return false };
    (least..=most).contains(&value.len()) && value.bytes().all(|b| in_alphabet(alphabet, b))
}

const fn in_alphabet(alphabet: char, byte: u8) -> bool {
    match alphabet {
        'h' => byte.is_ascii_hexdigit(),
        'n' => byte.is_ascii_digit(),
        'l' => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
        'u' => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        'a' => byte.is_ascii_alphanumeric(),
        't' => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
        'd' => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/'),
        _ => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_'),
    }
}

/// How long an app token is: the number of the app, a bar, and 27 characters.
fn facebook_app(value: &[u8]) -> Option<usize> {
    let digits = value.iter().take(20).take_while(|b| b.is_ascii_digit()).count();
    let rest = value.get(digits..)?.strip_prefix(b"|")?;
    let tail = rest.iter().take(30).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
    ((13..=17).contains(&digits) && (26..=28).contains(&tail)).then_some(digits + 1 + tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_every_shape_is_read() {
        for table in [RARE, ORDINARY] {
            assert!(table.is_sorted_by_key(|(name, _)| *name));
            for (name, shapes) in table {
                for shape in shapes.split(' ').filter(|shape| !shape.is_empty() && *shape != "g") {
                    let (alphabet, lengths) = shape.split_at(1);
                    let (least, most) = lengths.split_once('-').unwrap_or((lengths, lengths));
                    let (least, most): (usize, usize) = (least.parse().unwrap(), most.parse().unwrap());
                    assert!("hnlautdb".contains(alphabet) && least <= most, "{name}: {shape}");
                }
            }
        }
    }

    #[test]
    fn shapes() {
        assert!(fits("h40 g", "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"));
        assert!(fits("h40 g", "123e4567-e89b-12d3-a456-426614174000"));
        assert!(!fits("h32", "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"));
        assert!(!fits("", "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"));
    }
}
