//! Value added tax numbers of the European Union and its neighbours, by country, length and check digits. They name
//! companies, and people who trade under their own name. No detector itself.

use super::checks::{at, digits, luhn, varied, weighted};
use super::national::iso7064_11_10;

/// Whether a word of letters and digits is such a number.
pub(in crate::detectors) fn vat(word: &str) -> bool {
    // Most words are none: nothing is copied for them.
    if !word.get(..2).is_some_and(|country| country.bytes().all(|byte| byte.is_ascii_alphabetic()))
        || !(10..=14).contains(&word.len())
    {
        return false;
    }
    let upper = word.to_ascii_uppercase();
    let (Some(country), Some(rest)) = (upper.get(..2), upper.get(2..)) else { return false };
    let numeric = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    let d = digits(rest);
    let number = |range: std::ops::Range<usize>| rest.get(range).and_then(|part| part.parse::<u64>().ok()).unwrap_or(0);
    match (country, rest.len()) {
        ("DE", 9) => numeric && iso7064_11_10(&d),
        ("AT", 9) => rest.starts_with('U') && at_vat(&d),
        ("BE", 10) => numeric && 97 - number(0..8) % 97 == number(8..10),
        ("NL", 12) => nl_vat(&upper, rest, &d),
        ("FR", 11) => numeric && (12 + 3 * (number(2..11) % 97)) % 97 == number(0..2),
        ("IT", 11) => numeric && luhn(rest),
        ("PL", 10) => numeric && weighted(&d, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == at(&d, 9) && varied(&d),
        ("PT", 9) => numeric && down(weighted(&d, &[9, 8, 7, 6, 5, 4, 3, 2])) == at(&d, 8) && varied(&d),
        ("DK", 8) => numeric && weighted(&d, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) && varied(&d),
        ("FI", 8) => numeric && down(weighted(&d, &[7, 9, 10, 5, 8, 4, 2])) == at(&d, 7) && varied(&d),
        ("SE", 12) => numeric && rest.get(..10).is_some_and(luhn),
        ("LU", 8) => numeric && number(0..6) % 89 == number(6..8) && varied(&d),
        ("HU", 8) => numeric && (10 - weighted(&d, &[9, 7, 3, 1, 9, 7, 3]) % 10) % 10 == at(&d, 7) && varied(&d),
        ("GB", 9) => numeric && gb_vat(&d),
        _ => false,
    }
}

const fn down(sum: u32) -> u32 {
    match 11 - sum % 11 {
        10 | 11 => 0,
        rest => rest,
    }
}

fn at_vat(digits: &[u32]) -> bool {
    let sum: u32 = (0..7)
        .map(|place| {
            let doubled = at(digits, place) * (1 + u32::try_from(place % 2).unwrap_or(0));
            doubled / 10 + doubled % 10
        })
        .sum();
    digits.len() == 8 && (96 - sum) % 10 == at(digits, 7)
}

/// Since 2020 by the remainder of 97 over all of it; before, by the citizen's number in it.
fn nl_vat(upper: &str, rest: &str, digits: &[u32]) -> bool {
    if rest.as_bytes().get(9) != Some(&b'B') || digits.len() != 11 {
        return false;
    }
    let remainder = upper
        .chars()
        .filter_map(|c| c.to_digit(36))
        .fold(0u32, |sum, digit| (sum * if digit > 9 { 100 } else { 10 } + digit) % 97);
    remainder == 1 || (weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) + 10 * at(digits, 8)).is_multiple_of(11)
}

fn gb_vat(digits: &[u32]) -> bool {
    let sum = weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) + at(digits, 7) * 10 + at(digits, 8);
    varied(digits) && (sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_companies() {
        for good in [
            "DE136695976",
            "ATU13585627",
            "BE0428759497",
            "FR40303265045",
            "IT00743110157",
            "PL8567346215",
            "PT501964843",
            "DK13585628",
            "FI20774740",
            "SE556188840401",
            "LU15027442",
            "HU12892312",
            "GB980780684",
            "NL004495445B01",
        ] {
            assert!(vat(good), "{good}");
        }
        for wrong in ["DE136695977", "FR40303265046", "IT00743110158", "AB123456789", "DE13669597", ""] {
            assert!(!vat(wrong), "{wrong}");
        }
    }
}
