//! What Article 9 of the GDPR calls special categories, in the words in which records and letters state them of a person:
//! health, belief, origin, politics, union, sex life, genes, body. It informs: presets that speak of such data act on it.

use std::ops::Range;

use super::{Found, floor, is_whole};

/// A special category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Health.
    Health,
    /// Religious or philosophical belief.
    Belief,
    /// Racial or ethnic origin.
    Origin,
    /// Political opinion.
    Politics,
    /// Membership of a trade union.
    Union,
    /// Sex life or sexual orientation.
    Sex,
    /// Genetic data.
    Genes,
    /// Biometric data.
    Body,
}

impl Category {
    /// The rule of its findings.
    pub(super) const fn rule(self) -> &'static str {
        match self {
            Self::Health => "health-data",
            Self::Belief => "belief",
            Self::Origin => "ethnic-origin",
            Self::Politics => "political-opinion",
            Self::Union => "union-membership",
            Self::Sex => "sex-life",
            Self::Genes => "genetic-data",
            Self::Body => "biometric-data",
        }
    }
}

/// Health.
pub(super) const HEALTH: &[&str] = &[
    "diagnosed with",
    "diagnosis:",
    "diagnosis of",
    "hiv positive",
    "hiv-positive",
    "medical history",
    "medical condition",
    "chronic illness",
    "prescribed",
    "complaining of",
    "suffers from",
    "suffering from",
    "allergic to",
    "blood type",
    "blood group",
    "pregnant",
    "disability:",
    "mental health record",
    "hospitalised for",
    "hospitalized for",
    "undergoing treatment",
    "being treated for",
    "diagnostiziert mit",
    "diagnose:",
    "krankengeschichte",
    "leidet an",
    "schwanger",
    "diagnostiqué",
    "souffre de",
    "antécédents médicaux",
    "diagnosticad",
    "historial médico",
    "padece",
    "диагноз:",
    "診断",
];
/// Religious or philosophical belief.
pub(super) const BELIEF: &[&str] = &[
    "religion:",
    "religious belief",
    "religious affiliation",
    "denomination:",
    "practising catholic",
    "practicing catholic",
    "practising muslim",
    "practicing muslim",
    "practising jew",
    "practicing jew",
    "converted to islam",
    "converted to christianity",
    "converted to judaism",
    "konfession:",
    "glaubensbekenntnis",
    "konvertiert",
    "religión:",
    "confession religieuse",
    "вероисповедание",
];
/// Racial or ethnic origin.
pub(super) const ORIGIN: &[&str] = &[
    "ethnicity:",
    "ethnic origin",
    "ethnic background",
    "ethnic group:",
    "race:",
    "racial origin",
    "ethnische herkunft",
    "origine ethnique",
    "origen étnico",
    "origen racial",
    "национальность:",
];
/// Political opinion.
pub(super) const POLITICS: &[&str] = &[
    "political party:",
    "political affiliation",
    "political opinion",
    "political view",
    "party membership",
    "votes for the",
    "voted for the",
    "registered democrat",
    "registered republican",
    "parteimitglied",
    "politische meinung",
    "opinion politique",
    "opiniones políticas",
    "afiliación política",
];
/// Membership of a trade union.
pub(super) const UNION: &[&str] = &[
    "trade union member",
    "union membership",
    "union member",
    "member of the union",
    "member of the trade union",
    "labor union",
    "labour union",
    "shop steward",
    "gewerkschaft",
    "syndiqué",
    "afiliación sindical",
    "afiliado al sindicato",
];
/// Sex life or sexual orientation.
pub(super) const SEX: &[&str] = &[
    "sexual orientation",
    "sexual preference",
    "sex life",
    "sexually active",
    "is gay",
    "is lesbian",
    "is bisexual",
    "is homosexual",
    "is asexual",
    "sexuelle orientierung",
    "orientation sexuelle",
    "orientación sexual",
];
/// Genetic data.
pub(super) const GENES: &[&str] = &[
    "genetic test",
    "genetic data",
    "genetic marker",
    "genome sequence",
    "dna profile",
    "dna test",
    "brca1",
    "brca2",
    "genotype:",
    "gentest",
    "test génétique",
    "prueba genética",
];
/// Biometric data.
pub(super) const BODY: &[&str] = &[
    "biometric",
    "fingerprint template",
    "fingerprint scan",
    "iris scan",
    "retina scan",
    "face template",
    "faceprint",
    "voiceprint",
    "voice print",
    "palm print",
    "fingerabdruck",
    "empreinte digitale",
    "huella dactilar",
];

/// Words by which a person is spoken of.
const PERSONS: &[&str] = &[
    "patient",
    " he ",
    " she ",
    "mr",
    "ms",
    "i am",
    "i was",
    "i'm",
    "male",
    "female",
    "was ",
    "is ",
    "her ",
    "his ",
    "employee",
    "applicant",
    "customer",
    "member",
    "candidate",
    " ist ",
    " sie ",
    " er ",
    "herr ",
    "frau ",
    " est ",
    " es ",
    "my ",
    "who ",
    "they ",
    "their ",
    "has ",
    "client",
    "resident",
    "passenger",
    "student",
    "worker",
];

/// Words of a special category with what is said.
pub(super) fn stated(text: &str, place: &Range<usize>, category: Category) -> Option<Found> {
    const REACH: usize = 60;
    if !is_whole(text, place) {
        return None;
    }
    let rest = text.get(place.end..floor(text, place.end + 40))?;
    let value = rest.trim_start_matches([' ', ':', '"']);
    let line = value.split(['\n', '.', '"', ';', ',']).next().unwrap_or_default().trim_end();
    let start = place.end + (rest.len() - value.len());
    let end = if line.is_empty() { place.end } else { start + line.len() };
    // A person must be spoken of: forms and records do, documentation of forms does not.
    let head = text.get(floor(text, place.start.saturating_sub(REACH))..place.start)?.to_lowercase();
    let cue = text.get(place.clone())?;
    let spoken =
        PERSONS.iter().any(|word| head.contains(word)) || ["he ", "she "].iter().any(|word| head.starts_with(word));
    let given = cue.ends_with(':') || rest.starts_with(':') || rest.starts_with("\":");
    // `is gay` and the like say all themselves.
    let whole = cue.starts_with("is ") || !matches!(category, Category::Health | Category::Sex) && spoken;
    (given && line.len() >= 2 || spoken && (line.len() >= 2 || whole)).then_some((
        place.start..end,
        category.rule(),
        0.6,
    ))
}
