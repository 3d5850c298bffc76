//! Dates of birth, ages, the numbers of records and licences, each beside the word that names it.

use std::ops::Range;

use super::{Found, floor, is_whole};

/// Words before a date of birth.
pub(super) const BIRTH: &[&str] = &[
    "born on",
    "born in",
    "born:",
    "born ",
    "date of birth",
    "date_of_birth",
    "dateofbirth",
    "birth date",
    "birthdate",
    "birthday",
    "dob",
    "d.o.b",
    "geboren am",
    "geburtsdatum",
    "né le",
    "née le",
    "date de naissance",
    "nacido el",
    "fecha de nacimiento",
    "data di nascita",
    "nato il",
    "data de nascimento",
    "дата рождения",
    "出生日期",
    "生年月日",
];
/// Words of ages.
pub(super) const AGES: &[&str] = &[
    "years old",
    "year old",
    "year-old",
    "y/o",
    "yo male",
    "yo female",
    "aged ",
    "age of ",
    "just turned ",
    "i'll turn ",
    "i am turning ",
    "age:",
    "jahre alt",
    "ans",
];
/// Words before the number of a record.
pub(super) const RECORDS: &[&str] = &[
    "mrn",
    "medical record",
    "patient id",
    "patient number",
    "patient no",
    "chart number",
    "health plan",
    "member id",
    "beneficiary id",
    "beneficiary number",
    "medicare",
    "medicaid",
    "insurance id",
    "insurance number",
    "subscriber id",
    "policy number",
    "policy no",
    "driver's license",
    "drivers license",
    "driver license",
    "driving licence",
    "driver's licence",
    "license number",
    "licence number",
    "license plate",
    "licence plate",
    "plate number",
    "passport",
    "reisepass",
    "passeport",
    "pasaporte",
    "passaporto",
    "visa number",
    "vin ",
    "vin:",
    "vehicle id",
    "imei",
    "serial number",
    "device id",
    "account number",
    "account no",
    "employee id",
    "student id",
    "personalausweis",
    "certificate number",
];
/// A date after a word for birth.
pub(super) fn birth(text: &str, place: &Range<usize>) -> Option<Found> {
    if !is_whole(text, place) {
        return None;
    }
    let rest = text.get(place.end..floor(text, place.end + 44))?;
    let first = rest.find(|c: char| c.is_ascii_digit()).filter(|at| *at <= 18)?;
    let digits = rest.get(first..)?;
    let run = digits.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'/' | b'.')).count();
    let run = digits.get(..run)?.trim_end_matches(['-', '/', '.']).len();
    let numeric = digits.get(..run)?;
    let count = numeric.bytes().filter(u8::is_ascii_digit).count();
    let split = numeric.bytes().filter(|b| !b.is_ascii_digit()).count();
    if split == 2 && (4..=8).contains(&count) || split == 0 && count == 8 {
        return Some((place.end + first..place.end + first + run, "date-of-birth", 0.85));
    }
    // `12 March 1985`, `March 12, 1985`, or a year alone.
    let line = rest.split(['\n', '"', ';']).next()?;
    let year = year(line)?;
    let month = MONTHS.iter().any(|month| line.get(..year.start).unwrap_or_default().to_lowercase().contains(month));
    let start = if month { line.len() - line.trim_start_matches([' ', ':', '"', ',']).len() } else { year.start };
    let named = text.get(place.clone())?.to_ascii_lowercase();
    let sure = month || !named.starts_with("born");
    sure.then_some((place.end + start..place.end + year.end, "date-of-birth", if month { 0.8 } else { 0.6 }))
}

const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mai", "okt", "dez", "mär",
    "févr", "juil", "août", "déc", "ene", "abr", "ago", "dic", "gen", "mag", "giu", "lug", "set", "ott",
];

/// A year of somebody who may still live.
fn year(line: &str) -> Option<Range<usize>> {
    let bytes = line.as_bytes();
    bytes.windows(4).enumerate().find_map(|(at, four)| {
        let fits = matches!(four, [b'1', b'9', a, b] | [b'2', b'0', a, b] if a.is_ascii_digit() && b.is_ascii_digit());
        let digit = |b: Option<&u8>| b.is_some_and(u8::is_ascii_digit);
        let alone = !digit(at.checked_sub(1).and_then(|i| bytes.get(i))) && !digit(bytes.get(at + 4));
        (fits && alone).then_some(at..at + 4)
    })
}

/// A number of years beside a word for age.
pub(super) fn age(text: &str, place: &Range<usize>) -> Option<Found> {
    let cue = text.get(place.clone())?.to_ascii_lowercase();
    let range = if cue.starts_with("age") || cue.contains("turn") {
        let rest = text.get(place.end..floor(text, place.end + 8))?;
        let start = rest.find(|c: char| c.is_ascii_digit()).filter(|at| *at <= 2)?;
        let count = rest.get(start..)?.bytes().take_while(u8::is_ascii_digit).count();
        place.end + start..place.end + start + count
    } else {
        let head = text.get(..place.start)?.trim_end_matches([' ', '-']);
        let count = head.bytes().rev().take_while(u8::is_ascii_digit).count();
        head.len() - count..head.len()
    };
    let years: u16 = text.get(range.clone())?.parse().ok()?;
    let person = cue != "ans" || text.get(..range.start).is_some_and(|head| head.trim_end().ends_with(['a', 'e', 's']));
    ((1..=120).contains(&years) && is_whole(text, place) && person).then_some((range, "age", 0.6))
}

/// The number that stands after the word for a record.
pub(super) fn number(text: &str, place: &Range<usize>) -> Option<Found> {
    if !is_whole(text, place) {
        return None;
    }
    let cue = text.get(place.clone())?.to_ascii_lowercase();
    let rest = text.get(place.end..floor(text, place.end + 48))?.split(['\n', ';', '}']).next()?;
    let mut at = place.end;
    for word in rest.split([' ', ':', '=', '"', '#', ',', '(', ')', '\'']).take(8) {
        let value = word.trim_end_matches(['.', '?', '!']);
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let shaped = value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/'));
        let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
        let least = if cue.contains("plate") { 2 } else { 4 };
        let capital = value.bytes().all(|b| !b.is_ascii_lowercase()) || digits * 2 > value.len();
        if digits >= least && shaped && capital && (5..=24).contains(&value.len()) && letters <= 12 {
            let rule = rule_of(&cue, value)?;
            return Some((at..at + value.len(), rule, 0.75));
        }
        at += word.len() + 1;
    }
    None
}

fn rule_of(cue: &str, value: &str) -> Option<&'static str> {
    let any = |words: &[&str]| words.iter().any(|word| cue.contains(word));
    Some(if any(&["mrn", "medical", "patient", "chart"]) {
        "medical-record"
    } else if any(&["health", "member", "beneficiary", "medica", "insurance", "subscriber", "policy"]) {
        "health-plan"
    } else if any(&["driv", "license number", "licence number", "certificate"]) {
        "licence-number"
    } else if any(&["plate", "vin", "vehicle"]) {
        let vehicle = value.len() == 17 && !value.contains(['I', 'O', 'Q']) || any(&["plate", "vehicle"]);
        return vehicle.then_some("vehicle-id");
    } else if any(&["pass", "pasa", "visa", "ausweis"]) {
        "passport-number"
    } else if any(&["imei", "serial", "device"]) {
        "device-id"
    } else if any(&["account"]) {
        "account-number"
    } else {
        "personal-number"
    })
}
