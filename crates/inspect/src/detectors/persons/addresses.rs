//! Postal addresses by the names of streets and the words that announce them, and addresses of networks and devices by
//! their form.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::{Found, floor, is_whole};

/// Where pages of people are.
pub(super) const PROFILES: &[&str] = &[
    "linkedin.com/in/",
    "instagram.com/",
    "facebook.com/profile.php?id=",
    "facebook.com/people/",
    "xing.com/profile/",
    "vk.com/id",
];

/// The address of the page of a person.
pub(super) fn profile(text: &str, place: &Range<usize>) -> Option<Found> {
    let rest = text.get(place.end..)?;
    let name = rest.bytes().take(80).take_while(|b| b.is_ascii_alphanumeric() || b"-_.%/".contains(b)).count();
    let name = rest.get(..name)?.trim_end_matches(['.', '/']).len();
    (name >= 3).then_some((place.start..place.end + name, "profile-page", 0.7))
}

/// Parts of the names of streets, and of what stands in addresses.
pub(super) const STREETS: &[&str] = &[
    " street",
    " st.",
    " st,",
    " avenue",
    " ave",
    " road",
    " rd.",
    " rd,",
    " lane",
    " drive",
    " boulevard",
    " blvd",
    " court",
    " square",
    " terrace",
    " crescent",
    " parkway",
    " highway",
    " mall",
    "straße",
    "strasse",
    "gasse",
    "platz ",
    "allee ",
    "weg ",
    "rue de",
    "rue du",
    "rue des",
    " avenue de",
    "calle ",
    "avenida ",
    "rua ",
    "via ",
    "viale ",
    "piazza ",
    "straat ",
    "laan ",
    "gatan ",
    "vägen ",
    "gade ",
    "vej ",
    "ulica ",
    "ul. ",
    "улица ",
    "ул. ",
    " suite ",
    " apt. ",
    " apt ",
    " apartment ",
    " unit ",
    "p.o. box",
    "po box",
    " põik ",
    "caddesi",
    " sokak",
];

/// Words after which an address stands.
pub(super) const CUES: &[&str] = &[
    "lives at",
    "lives on",
    "live at",
    "living at",
    "address is",
    "address:",
    "address to",
    "address\":",
    "address=",
    "located at",
    "ship to",
    "deliver to",
    "arrived at",
    "meet me at",
    "moved to",
    "billing address",
    "shipping address",
    "residence:",
    "zip code",
    "zip:",
    "postal code",
    "postcode",
    "plz ",
    "my address",
    "home address",
    "his address",
    "her address",
    "stop at",
    "drops you off at",
];

/// An address around the name of a street: a number of a house must stand near.
pub(super) fn around(text: &str, place: &Range<usize>) -> Option<Found> {
    let start = floor(text, place.start.saturating_sub(48));
    let end = floor(text, place.end + 40);
    let line_start = text.get(start..place.start)?.rfind('\n').map_or(start, |at| start + at + 1);
    let line = text.get(line_start..place.start)?;
    let tail = text.get(place.end..end)?.split('\n').next().unwrap_or_default();
    let boxed = text.get(place.clone())?.to_ascii_lowercase().contains("box");
    let capital = line.split_whitespace().next_back().is_some_and(|word| word.starts_with(char::is_uppercase))
        || tail.trim_start().starts_with(char::is_uppercase)
        || tail.trim_start().starts_with(|c: char| c.is_ascii_digit());
    // `12 High Street`, or `Hauptstraße 12`.
    let number = house_number(line).map(|at| line_start + at..place.end).or_else(|| {
        let digits = tail.find(|c: char| c.is_ascii_digit()).filter(|at| *at <= if boxed { 3 } else { 30 })?;
        let words = tail.get(..digits)?.split_whitespace().count();
        let count = tail.get(digits..)?.bytes().take_while(u8::is_ascii_digit).count();
        (words <= 3 && (1..=5).contains(&count)).then(|| place.start..place.end + digits + count)
    })?;
    (capital || boxed).then_some((trimmed(text, number), "postal-address", 0.7))
}

/// Where the number of a house begins in the words before the name of a street.
fn house_number(line: &str) -> Option<usize> {
    let mut at = line.len();
    for (back, word) in line.rsplit(' ').enumerate().take(6) {
        at = at.checked_sub(word.len() + usize::from(back > 0))?;
        let digits = word.trim_start_matches(['#', '(']).bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && digits <= 6 && word.len() <= digits + 3 {
            return Some(if line.as_bytes().get(at) == Some(&b' ') { at + 1 } else { at });
        }
    }
    None
}

/// What stands after the word for an address, up to the end of the line, if it has a number.
pub(super) fn after(text: &str, place: &Range<usize>) -> Option<Found> {
    if !is_whole(text, place) {
        return None;
    }
    let rest = text.get(place.end..floor(text, place.end + 90))?;
    let skipped = rest.len() - rest.trim_start_matches([' ', ':', '"', '\'', '=', '\n', '*', '\t', 'i', 's']).len();
    let value = rest.get(skipped..)?;
    let line = value.split(['\n', '"', '|', '}', '{']).next()?;
    let digits = line.bytes().filter(u8::is_ascii_digit).count();
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let code = text.get(place.clone())?.to_ascii_lowercase();
    if code.contains("zip") || code.contains("code") || code.contains("plz") {
        let value: &str = line.split([' ', ',', '.', ';']).next()?;
        let fits = (3..=10).contains(&value.len()) && value.bytes().any(|b| b.is_ascii_digit());
        let fits = fits && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        return fits.then_some((place.end + skipped..place.end + skipped + value.len(), "postal-code", 0.7));
    }
    let network = line.contains("://") || line.contains('@') || line.starts_with("0x") || line.contains("://");
    let shaped =
        (1..=16).contains(&digits) && letters >= 5 && line.contains(' ') && line.chars().any(char::is_uppercase);
    (shaped && !network).then(|| {
        let range = place.end + skipped..place.end + skipped + line.trim_end().len();
        (trimmed(text, range), "postal-address", 0.7)
    })
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = text.get(range.clone()).unwrap_or_default();
    range.start + (part.len() - part.trim_start().len())..range.end - (part.len() - part.trim_end().len())
}

/// IP and MAC addresses that are somebody's: not of loopback, of documentation, or a version.
pub(super) fn network(text: &str, found: &mut Vec<Found>, most: usize) {
    let bytes = text.as_bytes();
    let mut until = 0;
    for at in memchr::memchr2_iter(b'.', b':', bytes) {
        if at < until || found.len() >= most {
            continue;
        }
        let before = at.checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or(b' ');
        let after = bytes.get(at + 1).copied().unwrap_or(b' ');
        let dotted = bytes.get(at) == Some(&b'.');
        let fits = if dotted {
            before.is_ascii_digit() && after.is_ascii_digit()
        } else {
            (before.is_ascii_hexdigit() || before == b':') && (after.is_ascii_hexdigit() || after == b':')
        };
        if !fits {
            continue;
        }
        let belongs =
            |b: &u8| if dotted { b.is_ascii_digit() || *b == b'.' } else { b.is_ascii_hexdigit() || *b == b':' };
        let back = bytes.get(..at).unwrap_or_default().iter().rev().take(40).take_while(|b| belongs(b)).count();
        let ahead = bytes.get(at..).unwrap_or_default().iter().take(40).take_while(|b| belongs(b)).count();
        let (start, mut end) = (at - back, at + ahead);
        until = end;
        while end > start && matches!(bytes.get(end - 1), Some(b'.')) {
            end -= 1;
        }
        let joined = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if joined(start.checked_sub(1).and_then(|i| bytes.get(i))) || joined(bytes.get(end)) {
            continue;
        }
        let Some(source) = text.get(start..end) else { continue };
        let rule = if dotted { ipv4(text, start, source) } else { colons(source) };
        found.extend(rule.map(|rule| (start..end, rule, 0.8)));
    }
}

fn ipv4(text: &str, start: usize, source: &str) -> Option<&'static str> {
    let address: Ipv4Addr = source.parse().ok()?;
    let [a, b, c, d] = address.octets();
    let head = text.get(floor(text, start.saturating_sub(12))..start).unwrap_or_default().to_ascii_lowercase();
    let version = ["version", "ver", "release", "v.", "v "].iter().any(|word| head.contains(word));
    let documented = matches!((a, b, c), (192, 0, 2) | (198, 51, 100) | (203, 0, 113));
    let ordinary = a != 0 && a != 127 && a < 224 && !(a < 10 && d == 0) && !documented;
    (ordinary && !version).then_some("ip-address")
}

fn colons(source: &str) -> Option<&'static str> {
    let groups: Vec<&str> = source.split(':').collect();
    if groups.len() == 6 && groups.iter().all(|group| group.len() == 2) {
        let varied = groups.iter().any(|group| group != &groups.first().copied().unwrap_or_default());
        return varied.then_some("mac-address");
    }
    let address: Ipv6Addr = source.parse().ok()?;
    let [a, b, ..] = address.segments();
    let documented = a == 0x2001 && b == 0xDB8;
    (groups.len() >= 4 && (0x2000..0xFE80).contains(&a) && !documented).then_some("ip-address")
}
