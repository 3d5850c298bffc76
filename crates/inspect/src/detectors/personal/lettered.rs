//! National codes of letters and digits, told by their whole form and their check letter.

use super::checks::{digits, weighted};
use super::national::date_ddmmyy;

/// Codes with letters, by their whole form: the Italian fiscal code, Spanish DNI and NIE, Finnish personal code,
/// Chilean RUT, Mexican CURP, British national insurance, Irish PPS, Indian PAN, Singaporean NRIC, vehicle and MRZ forms.
pub(in crate::detectors) fn lettered(word: &str) -> Option<(&'static str, bool)> {
    // Only the Finnish code has a hyphen, after six digits; everything longer than these is something else.
    if word.len() > 18 || (word.contains('-') && word.find('-') != Some(6)) {
        return None;
    }
    let upper = word.to_ascii_uppercase();
    let form: String = upper
        .chars()
        .map(|c| {
            if c.is_ascii_digit() {
                '9'
            } else if c.is_ascii_alphabetic() {
                'A'
            } else {
                c
            }
        })
        .collect();
    match form.as_str() {
        "AAAAAA99A99A999A" => it_fiscal(&upper).then_some(("it-fiscal-code", true)),
        "99999999A" => es_letter(upper.get(..8)?, &upper).then_some(("es-dni", true)),
        "A9999999A" => nie_or_nric(&upper),
        "999999-999A" | "999999-9999" if upper.len() == 11 => fi_code(&upper).then_some(("fi-personal-code", true)),
        "999999A999A" => fi_code(&upper).then_some(("fi-personal-code", true)),
        "AA999999A" => gb_insurance(&upper).then_some(("gb-national-insurance", false)),
        "9999999A" | "9999999AA" => ie_pps(&upper).then_some(("ie-personal-service", false)),
        "AAAAA9999A" => {
            matches!(upper.as_bytes().get(3), Some(b'P' | b'C' | b'H' | b'F' | b'A' | b'T' | b'B' | b'L' | b'J' | b'G'))
                .then_some(("in-permanent-account", false))
        }
        "AA9999999" => us_dea(&upper).then_some(("us-prescriber", false)),
        "A999999999" => tw_identity(&upper).then_some(("tw-identity", false)),
        "AAAA999999AAAAAAA9" | "AAAA999999AAAAAA99" => mx_curp(&upper).then_some(("mx-population-registry", true)),
        _ => None,
    }
}

/// Words beside which a code that is not rare is the one of this name.
pub(in crate::detectors) fn words(name: &str) -> &'static [&'static str] {
    match name {
        "gb-national-insurance" => &["national insurance", "ni number", "nino", "insurance number"],
        "ie-personal-service" => &["pps", "ppsn", "personal public service"],
        "in-permanent-account" => &["pan", "permanent account", "income tax"],
        "us-prescriber" => &["dea"],
        "tw-identity" => &["身分證", "身份證", "national id", "id number", "taiwan"],
        _ => &[],
    }
}

/// The number of the Drug Enforcement Administration, for whoever prescribes.
fn us_dea(code: &str) -> bool {
    let d = digits(code);
    let odd: u32 = d.iter().take(6).step_by(2).sum();
    let even: u32 = d.iter().skip(1).take(5).step_by(2).sum();
    code.starts_with(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'P', 'R', 'S', 'T', 'U', 'X'])
        && d.last() == Some(&((odd + 2 * even) % 10))
        && d.iter().any(|digit| *digit > 0)
}

fn tw_identity(code: &str) -> bool {
    let place = code.chars().next().and_then(|c| "ABCDEFGHJKLMNPQRSTUVXYWZIO".find(c));
    let Some(number) = place.and_then(|place| u32::try_from(place).ok()).map(|place| place + 10) else { return false };
    let sum = number / 10 + number % 10 * 9 + weighted(&digits(code), &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    sum.is_multiple_of(10) && code.get(1..2).is_some_and(|sex| matches!(sex, "1" | "2" | "8" | "9"))
}

fn it_fiscal(code: &str) -> bool {
    const ODD: [u32; 36] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16,
        10, 22, 25, 24, 23,
    ];
    let sum: u32 = code
        .chars()
        .take(15)
        .enumerate()
        .filter_map(|(place, c)| {
            let value = c.to_digit(36)?;
            if place % 2 == 0 {
                ODD.get(value as usize).copied()
            } else {
                Some(if value > 9 { value - 10 } else { value })
            }
        })
        .sum();
    code.chars().nth(15).and_then(|c| c.to_digit(36)) == Some(sum % 26 + 10)
}

fn es_letter(number: &str, code: &str) -> bool {
    let expected = number.parse::<usize>().ok().and_then(|n| "TRWAGMYFPDXBNJZSQVHLCKE".chars().nth(n % 23));
    expected.is_some() && expected == code.chars().last()
}

fn nie_or_nric(code: &str) -> Option<(&'static str, bool)> {
    let digit = match code.chars().next()? {
        'X' => "0",
        'Y' => "1",
        'Z' => "2",
        'S' | 'T' | 'F' | 'G' => {
            let digits = digits(code);
            let offset = if matches!(code.chars().next()?, 'T' | 'G') { 4 } else { 0 };
            let table = if matches!(code.chars().next()?, 'S' | 'T') { "JZIHGFEDCBA" } else { "XWUTRQPNMLK" };
            let expected = table.chars().nth(((weighted(&digits, &[2, 7, 6, 5, 4, 3, 2]) + offset) % 11) as usize);
            return (expected == code.chars().last()).then_some(("sg-identity", true));
        }
        _ => return None,
    };
    es_letter(&format!("{digit}{}", code.get(1..8)?), code).then_some(("es-nie", true))
}

fn fi_code(code: &str) -> bool {
    let (Some(birth), Some(serial)) = (code.get(..6), code.get(7..10)) else { return false };
    let century = code.chars().nth(6).is_some_and(|c| "-+ABCDEFYXWVU".contains(c));
    let expected = format!("{birth}{serial}")
        .parse::<usize>()
        .ok()
        .and_then(|n| "0123456789ABCDEFHJKLMNPRSTUVWXY".chars().nth(n % 31));
    century && date_ddmmyy(birth) && expected.is_some() && expected == code.chars().nth(10)
}

fn gb_insurance(code: &str) -> bool {
    let first = code.get(..2).unwrap_or_default();
    let forbidden = first.contains(['D', 'F', 'I', 'Q', 'U', 'V'])
        || first.ends_with('O')
        || matches!(first, "BG" | "GB" | "KN" | "NK" | "NT" | "TN" | "ZZ");
    !forbidden && code.ends_with(['A', 'B', 'C', 'D'])
}

fn ie_pps(code: &str) -> bool {
    let digits = digits(code);
    let extra = code.chars().nth(8).map_or(0, |c| if c == 'W' { 0 } else { u32::from(c) - u32::from('A') + 1 });
    let expected =
        "WABCDEFGHIJKLMNOPQRSTUV".chars().nth(((weighted(&digits, &[8, 7, 6, 5, 4, 3, 2]) + extra * 9) % 23) as usize);
    expected.is_some() && expected == code.chars().nth(7)
}

fn mx_curp(code: &str) -> bool {
    let value = |c: char| "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ".chars().position(|other| other == c).unwrap_or(0);
    let sum: usize = code.chars().take(17).enumerate().map(|(place, c)| value(c) * (18 - place)).sum();
    code.chars().nth(17).and_then(|c| c.to_digit(10)) == u32::try_from((10 - sum % 10) % 10).ok()
        && code.chars().nth(10).is_some_and(|c| matches!(c, 'H' | 'M' | 'X'))
}
