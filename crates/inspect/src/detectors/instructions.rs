//! Turns phrases into findings, for the detectors whose evidence is what is said to a model. No detector itself.

use std::ops::Range;

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
    let Some((_, layer)) = text.layers.iter().find(|(number, _)| *number == said.layer) else { return 0 };
    if is_mentioned(layer.text(), &said.phrase.span) {
        return said.phrase.worth.saturating_sub(MENTIONED_COST);
    }
    said.phrase.worth.saturating_add(if hides(layer) { 15 } else { 0 }).min(99)
}

/// How much less a phrase is worth that stands alone between quotation marks: somebody speaks about it.
const MENTIONED_COST: u8 = 40;

/// Whether quotation marks stand right before and right after a phrase. An order with anything to do is longer.
fn is_mentioned(text: &str, span: &Range<usize>) -> bool {
    let before = text.get(..span.start).and_then(|head| head.trim_end().chars().next_back());
    let after = text.get(span.end..).and_then(|tail| tail.trim_start_matches(['.', '!', ',']).chars().next());
    let marks = ['"', '\'', '`', '“', '”', '«', '»', '‘', '’', '„'];
    before.is_some_and(|mark| marks.contains(&mark)) && after.is_some_and(|mark| marks.contains(&mark))
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
