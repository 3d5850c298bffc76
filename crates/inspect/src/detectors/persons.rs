//! PD004: what belongs to a person and has no check digits: names, postal addresses, dates of birth and ages beside the
//! words that say so, network and device addresses, medical and other records by their number. It informs.

mod addresses;
mod names;
mod records;
mod special;

use std::ops::Range;

use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::signals::Signal;
use crate::text::{Place, Text, What};
use special::Category;

/// The detector.
#[derive(Debug)]
pub struct Persons;

const ID: &str = "PD004";
/// At most this many findings of one text: more of them say nothing new.
const COUNT_MAX: usize = 48;

/// What a cue announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cue {
    /// A person's name follows.
    Name,
    /// A part of a postal address.
    Street,
    /// An address follows.
    Address,
    /// A date of birth follows.
    Birth,
    /// An age.
    Age,
    /// The number of a record follows.
    Record,
    /// Something of a special category is said.
    Special(special::Category),
    /// The page of a person follows.
    Profile,
}

/// The cues, for the automaton that reads every text.
pub const CUES: &[(Cue, &[&str])] = &[
    (Cue::Name, names::CUES),
    (Cue::Street, addresses::STREETS),
    (Cue::Address, addresses::CUES),
    (Cue::Birth, records::BIRTH),
    (Cue::Age, records::AGES),
    (Cue::Record, records::RECORDS),
    (Cue::Special(Category::Health), special::HEALTH),
    (Cue::Special(Category::Belief), special::BELIEF),
    (Cue::Special(Category::Origin), special::ORIGIN),
    (Cue::Special(Category::Politics), special::POLITICS),
    (Cue::Special(Category::Union), special::UNION),
    (Cue::Special(Category::Sex), special::SEX),
    (Cue::Special(Category::Genes), special::GENES),
    (Cue::Special(Category::Body), special::BODY),
    (Cue::Profile, addresses::PROFILES),
];

/// A part of a text, its rule, and how sure.
type Found = (Range<usize>, &'static str, f32);

impl Inspector for Persons {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "Details of a person",
            catches: "Names, postal addresses, dates of birth, ages, passports, medical, insurance and licence numbers \
                      beside the words that name them; special categories in the words of records; pages of people; IP and MAC \
                      addresses.",
            misses: "Names and places without such a word: only a model of language knows them.",
            severity: Severity::Medium,
            why: "It is personal data in most of the world, and health data where HIPAA holds.",
            remedy: "Redact it where the receiver does not need it.",
            example: "Patient: Ada Lovelace, born 10.12.1985, MRN 00482913, lives at 12 Analytical Street",
            maturity: Maturity::Incubating,
            references: &["OWASP-MCP-2025:MCP10", "OWASP-LLM-2025:LLM02", "COSAI-MCP:T5", "CWE-359"],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        if text.kind.is_metadata() || text.original.len() < 6 {
            return;
        }
        let reading = text.original;
        let mut found: Vec<Found> = Vec::new();
        let cues = text.layers.iter().next().map_or(&[][..], |(_, layer)| &layer.hits);
        for hit in cues {
            let Signal::Personal(cue) = hit.signal else { continue };
            if found.len() >= COUNT_MAX {
                break;
            }
            let place = hit.start..hit.end;
            let matched = match cue {
                Cue::Name => names::after(reading, &place),
                Cue::Street => addresses::around(reading, &place),
                Cue::Address => addresses::after(reading, &place),
                Cue::Birth => records::birth(reading, &place),
                Cue::Age => records::age(reading, &place),
                Cue::Record => records::number(reading, &place),
                Cue::Special(category) => special::stated(reading, &place, category),
                Cue::Profile => addresses::profile(reading, &place),
            };
            found.extend(matched);
        }
        addresses::network(reading, &mut found, COUNT_MAX);
        found.sort_by_key(|(range, _, _)| (range.start, usize::MAX - range.end));
        let mut until = 0;
        for (range, rule, confidence) in found.into_iter().take(COUNT_MAX) {
            if range.start < until {
                continue;
            }
            until = range.end;
            let grave = matches!(rule, "medical-record" | "health-plan" | "passport-number");
            let severity = if grave { Severity::Medium } else { Severity::Low };
            let detail = format!("belongs to a person ({rule})");
            findings.push(
                text.finding(Place { layer: 0, range }, What { id: ID, rule, severity, confidence, detail: &detail }),
            );
        }
    }
}

/// The largest character boundary not above a position.
fn floor(text: &str, position: usize) -> usize {
    let mut position = position.min(text.len());
    while !text.is_char_boundary(position) {
        position -= 1;
    }
    position
}

/// Whether a cue begins and ends as a word of its own.
fn is_whole(text: &str, place: &Range<usize>) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let ends = text.get(..place.end).and_then(|head| head.chars().next_back());
    let open = ends.is_some_and(|c| !c.is_alphanumeric());
    !letter(text.get(..place.start).and_then(|head| head.chars().next_back()))
        && (open || !letter(text.get(place.end..).and_then(|tail| tail.chars().next())))
}

#[cfg(test)]
mod tests;
