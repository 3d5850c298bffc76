//! Machine-readable zones of passports, visas and identity cards (ICAO 9303), by the check digits of their dates. No
//! detector itself.

use std::ops::Range;

/// Lines of a zone are this long: two of 44 or 36 characters, or three of 30.
const LENGTHS: [usize; 3] = [44, 36, 30];

/// Every zone in a text: all of its lines, or what there is of them.
pub(in crate::detectors) fn zones(text: &str) -> Vec<Range<usize>> {
    let mut zones: Vec<Range<usize>> = Vec::new();
    if memchr::memmem::find(text.as_bytes(), b"<<").is_none() {
        return zones;
    }
    let mut before: Option<Range<usize>> = None;
    let mut at = 0;
    for line in text.split('\n') {
        let trimmed = line.trim_end_matches('\r');
        let start = at + (trimmed.len() - trimmed.trim_start().len());
        let place = start..at + trimmed.trim_end().len();
        at += line.len() + 1;
        let Some(content) = text.get(place.clone()).filter(|content| is_line(content)) else {
            before = None;
            continue;
        };
        let follows = zones.last().is_some_and(|zone| before.as_ref().is_some_and(|line| line.end == zone.end));
        if dates_hold(content) || is_first(content) {
            let from = before.as_ref().filter(|line| line.len() == place.len()).map_or(place.start, |line| line.start);
            match zones.last_mut().filter(|_| follows) {
                Some(zone) => zone.end = place.end,
                None => zones.push(from..place.end),
            }
        } else if follows && content.contains("<<") {
            // The third line has the name.
            if let Some(zone) = zones.last_mut() {
                zone.end = place.end;
            }
        }
        before = Some(place);
    }
    zones
}

fn is_line(content: &str) -> bool {
    LENGTHS.contains(&content.len())
        && content.contains('<')
        && content.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'<')
}

/// The first line of a passport: `P<UTOERIKSSON<<ANNA<MARIA<<<…`.
fn is_first(content: &str) -> bool {
    content.len() == 44 && content.starts_with("P<") && content.contains("<<")
}

/// Whether the check digits of birth and expiry hold.
fn dates_hold(content: &str) -> bool {
    let (birth, expiry) = if content.len() == 30 { (0, 8) } else { (13, 21) };
    [birth, expiry].iter().all(|start| {
        let (Some(date), Some(check)) = (content.get(*start..start + 6), content.as_bytes().get(start + 6)) else {
            return false;
        };
        date.bytes().all(|b| b.is_ascii_digit()) && check.is_ascii_digit() && sum(date) == u32::from(check - b'0')
    })
}

/// The sum with the weights 7, 3, 1.
fn sum(field: &str) -> u32 {
    let value = |c: char| c.to_digit(36).unwrap_or(0);
    field.chars().zip([7, 3, 1].into_iter().cycle()).map(|(c, weight)| value(c) * weight).sum::<u32>() % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_of_the_standard() {
        let passport = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
        assert_eq!(zones(passport).first(), Some(&(0..passport.len())));
        let card =
            "x\nI<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<\ny";
        assert_eq!(zones(card).first(), Some(&(2..card.len() - 2)));
        assert!(zones("a << b\nif (x << 2) {").is_empty());
    }
}
