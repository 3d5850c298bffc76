//! Names of people after the words that announce them. Never a name alone: words with a capital are not names.

use std::ops::Range;

use super::{Found, floor, is_whole};

/// Words after which a name stands.
pub(super) const CUES: &[&str] = &[
    "my name is",
    "name's",
    "name is",
    "full name:",
    "\nname:",
    "full_name",
    "first name:",
    "first_name",
    "last name:",
    "last_name",
    "surname:",
    "patient:",
    "patient name",
    "customer:",
    "employee:",
    "applicant:",
    "beneficiary:",
    "cardholder",
    "account holder",
    "maiden name",
    "i am called",
    "was called",
    "is called",
    "your name?",
    "last name?",
    "mr.",
    "mrs.",
    "ms.",
    "dr.",
    "prof.",
    "mr ",
    "mrs ",
    "ms ",
    "herr ",
    "frau ",
    "monsieur ",
    "madame ",
    "señor ",
    "señora ",
    "dear ",
    "sincerely,",
    "regards,",
    "je m'appelle",
    "ich heiße",
    "me llamo",
    "mi chiamo",
    "meu nome é",
    "меня зовут",
];

/// Words with a capital that follow such cues and are no names.
const NOT_NAMES: &[&str] = &[
    "Sir",
    "Madam",
    "Team",
    "All",
    "Customer",
    "User",
    "Hiring",
    "Friend",
    "Friends",
    "Colleagues",
    "The",
    "A",
    "An",
    "This",
    "Not",
    "None",
    "Null",
    "True",
    "False",
    "Unknown",
    "String",
    "Test",
    "Example",
    "Name",
    "Value",
    "I",
    "Id",
    "Type",
    "If",
    "When",
    "Please",
    "Thank",
    "Thanks",
    "We",
    "You",
    "It",
    "To",
    "Santa",
    "God",
    "Lord",
    "Support",
    "Editor",
    "Reader",
];

/// The name that follows a cue: one to four words with capitals.
pub(super) fn after(text: &str, place: &Range<usize>) -> Option<Found> {
    if !is_whole(text, place) {
        return None;
    }
    let rest = text.get(place.end..floor(text, place.end + 120))?;
    let trimmed = rest.trim_start_matches([' ', ':', '"', '\'', ',', '\n', '\r', '=', '\t', '*']);
    let start = place.end + (rest.len() - trimmed.len());
    if rest.len() - trimmed.len() > 6 {
        return None;
    }
    let mut end = 0;
    let mut count = 0;
    let mut at = 0;
    for word in trimmed.split_inclusive([' ', '\u{A0}']).take(5) {
        let bare = word.trim_end_matches([' ', '\u{A0}']);
        let name = bare.trim_end_matches([',', '.', '"', '\'', ';', ':', '!', '?', ')', '*', '<']);
        let name = name.split(['\n', '"', ',', '<', '|']).next().unwrap_or_default();
        let capital = name.chars().next().is_some_and(char::is_uppercase);
        let letters = name.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '-' | '.' | '’'));
        let particle =
            matches!(name, "van" | "von" | "de" | "der" | "da" | "di" | "del" | "la" | "bin" | "el") && count > 0;
        if !(particle || capital && letters) || NOT_NAMES.contains(&name) {
            break;
        }
        count += usize::from(capital);
        if capital {
            end = at + name.len();
        }
        at += word.len();
        let initial = name.chars().count() <= 2;
        if count == 4 || name.len() < bare.len() && !(initial && bare.ends_with('.')) {
            break;
        }
    }
    let name = trimmed.get(..end)?;
    (count > 0 && name.chars().count() >= 2).then_some((start..start + end, "person-name", 0.7))
}
