//! Turns phrases into findings, for the detectors whose evidence is what is said to a model. No detector itself.

use crate::finding::{Finding, Severity};
use crate::normalise::{Layer, Making};
use crate::phrases::WORTH_MIN;
use crate::phrases::rules::Topic;
use crate::text::{Place, Said, Text, What};

/// The findings for the phrases of one topic.
pub fn findings(text: &Text<'_>, topic: Topic, id: &'static str) -> Vec<Finding> {
    let mut seen: Vec<&str> = Vec::new();
    let mut findings = Vec::new();
    for said in text.phrases.iter().filter(|said| said.phrase.source.topic() == topic) {
        let rule = said.phrase.source.name();
        let worth = worth(text, said);
        if worth < WORTH_MIN || seen.contains(&rule) {
            continue;
        }
        seen.push(rule);
        let detail = said.phrase.source.says();
        findings.push(text.finding(
            Place { layer: said.layer, range: said.phrase.span.clone() },
            What { id, rule, severity: severity(worth), confidence: f32::from(worth) / 100.0, detail },
        ));
    }
    findings
}

/// The worth of a phrase, with what its surroundings add: an order that somebody took the trouble to hide is meant.
fn worth(text: &Text<'_>, said: &Said) -> u8 {
    let hidden = text.layers.iter().find(|(number, _)| *number == said.layer).is_some_and(|(_, layer)| hides(layer));
    said.phrase.worth.saturating_add(if hidden { 15 } else { 0 }).min(99)
}

const fn hides(layer: &Layer<'_>) -> bool {
    match layer.making {
        Making::Original => false,
        Making::Folded { lookalikes, styled, invisible } => lookalikes || styled || invisible,
        Making::Decoded(_) => true,
    }
}

const fn severity(worth: u8) -> Severity {
    match worth {
        85.. => Severity::Critical,
        65..85 => Severity::High,
        _ => Severity::Medium,
    }
}
