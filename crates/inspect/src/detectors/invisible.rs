//! TP002: text that people cannot see or that is shown in another order than it is read. Ordinary scripts, emoji and
//! marks of direction are not findings.

use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::normalise::Making;
use crate::normalise::characters::{Unseen, unseen};
use crate::normalise::fold::{hidden_tags, hidden_variations};
use crate::normalise::letters::Letter;
use crate::text::{Place, Text, What};

/// The detector.
#[derive(Debug)]
pub struct Invisible;

const ID: &str = "TP002";

impl Inspector for Invisible {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "Invisible or reordered text",
            catches: "Text in Unicode tags or variation selectors, runs of zero-width characters, zero-width characters \
                      inside Latin words, forced text direction, and encodings nested too deep to be read.",
            misses: "A single joiner between letters of scripts that need it.",
            severity: Severity::Critical,
            why: "The model reads what the person who approves cannot see.",
            remedy: "Refuse the text; ask its author for a version in plain characters.",
            example: "Adds numbers.\u{E0052}\u{E0065}\u{E0061}\u{E0064}",
            maturity: Maturity::Stable,
            references: &["OWASP-ASI-2026:ASI01", "OWASP-MCP-2025:MCP03", "COSAI-MCP:T4", "ATLAS:AML.T0068", "CWE-176"],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        if text.layers.exhausted {
            let what = what("nested-too-deep", Severity::High, 0.7, "the text is encoded in too many ways to be read");
            findings.push(text.finding(Place { layer: 0, range: 0..text.original.len() }, what));
        }
        for (layer, reading) in text.layers.iter().filter(|(_, layer)| !layer.text().is_ascii()) {
            // Escapes are seen as escapes: what they stand for is read, but nothing is hidden from anybody's eyes.
            let shown = matches!(reading.making, Making::Folded { .. } | Making::Decoded("backslash escapes"));
            if layer == 0 || !shown {
                look(text, layer, reading.text(), findings);
            }
        }
    }
}

const fn what<'a>(rule: &'a str, severity: Severity, confidence: f32, detail: &'a str) -> What<'a> {
    What { id: ID, rule, severity, confidence, detail }
}

fn look(text: &Text<'_>, layer: usize, reading: &str, findings: &mut Findings) {
    let mut report = |range, what: What<'_>| findings.push(text.finding(Place { layer, range }, what));
    if let Some(hidden) = hidden_tags(reading) {
        let detail = format!("{} characters are hidden in Unicode tags", hidden.text().len());
        report(hidden.origin(0..hidden.text().len()), what("tags", Severity::Critical, 0.98, &detail));
    }
    if let Some(hidden) = hidden_variations(reading) {
        let detail = format!("{} bytes are hidden in variation selectors", hidden.text().len());
        report(hidden.origin(0..hidden.text().len()), what("variation-selectors", Severity::Critical, 0.98, &detail));
    }
    let counted = Counted::of(reading);
    let first = |at: Option<usize>| at.unwrap_or(0)..reading.len();
    if counted.longest_run >= 8 {
        let detail = format!("{} invisible characters stand in a row", counted.longest_run);
        report(first(counted.first), what("zero-width-run", Severity::High, 0.9, &detail));
    } else if counted.inside_words >= 3 {
        let detail = format!("{} invisible characters stand inside words", counted.inside_words);
        report(first(counted.first), what("zero-width-in-words", Severity::High, 0.8, &detail));
    } else if counted.inside_words > 0 && text.kind.is_metadata() {
        report(
            first(counted.first),
            what("zero-width-in-words", Severity::Medium, 0.7, "an invisible character stands inside a word"),
        );
    }
    if counted.overrides > 0 {
        report(
            first(counted.first_override),
            what(
                "bidi-override",
                Severity::High,
                0.9,
                "the text forces its direction: it is shown in another order than it is read",
            ),
        );
    } else if counted.embeddings > 1 && !counted.right_to_left {
        report(
            first(counted.first_embedding),
            what(
                "bidi-embedding",
                Severity::Medium,
                0.65,
                "the text changes direction without any letter that needs it",
            ),
        );
    }
}

#[derive(Debug, Default)]
struct Counted {
    inside_words: usize,
    longest_run: usize,
    first: Option<usize>,
    overrides: usize,
    first_override: Option<usize>,
    embeddings: usize,
    first_embedding: Option<usize>,
    right_to_left: bool,
}

impl Counted {
    fn of(reading: &str) -> Self {
        let mut counted = Self::default();
        // Most text in other scripts has nothing to count.
        if !reading.chars().any(|character| Letter::of(character).is(Letter::HIDES)) {
            return counted;
        }
        let mut run = 0;
        let mut before = ' ';
        for (at, character) in reading.char_indices() {
            match unseen(character) {
                Some(Unseen::ZeroWidth) if !(at == 0 && character == '\u{FEFF}') => {
                    run += 1;
                    counted.first.get_or_insert(at);
                    counted.longest_run = counted.longest_run.max(run);
                }
                Some(Unseen::BidiOverride) => {
                    counted.overrides += 1;
                    counted.first_override.get_or_insert(at);
                }
                Some(Unseen::BidiEmbedding) => {
                    counted.embeddings += 1;
                    counted.first_embedding.get_or_insert(at);
                }
                Some(_) => {}
                None => {
                    // A soft hyphen or a zero-width space between two words is typography; between letters of one
                    // Latin word that a program reads, it is not.
                    if run > 0 && before.is_ascii_alphabetic() && character.is_ascii_alphabetic() {
                        counted.inside_words += 1;
                    }
                    run = 0;
                    before = character;
                    counted.right_to_left |= matches!(character, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FEFC}');
                }
            }
        }
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;
    use crate::text::TextKind;

    fn rules(text: &str) -> Vec<String> {
        let found = Registry::new(vec![Box::new(Invisible)]).inspect_text(text, TextKind::ToolDescription, None, None);
        found.as_slice().iter().map(|finding| finding.rule.to_string()).collect()
    }

    #[test]
    fn hidden() {
        assert_eq!(rules(Invisible.card().example), ["tags"]);
        assert_eq!(rules("a\u{200B}b c\u{200B}d e\u{200C}f"), ["zero-width-in-words"]);
        assert_eq!(rules(&format!("x{}y", "\u{200B}\u{200C}".repeat(8))), ["zero-width-run"]);
        assert_eq!(rules("file\u{202E}gpj.exe"), ["bidi-override"]);
        assert_eq!(rules("int \u{2066}/* admin \u{2069}*/"), ["bidi-embedding"]);
    }

    #[test]
    fn ordinary() {
        for text in [
            "नमस्ते क्‍ष दुनिया",
            "می‌خواهم کتاب بخوانم",
            "👩‍👩‍👧‍👦 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇩🇪",
            "العربية \u{200F}(نص)\u{200E} عادي",
            "ภาษาไทย",
            "日本語　全角スペース",
            "e\u{0301}te\u{0301} decomposed",
            "non\u{00A0}breaking",
            "\u{FEFF}with a byte order mark",
        ] {
            assert!(rules(text).is_empty(), "{text}: {:?}", rules(text));
        }
    }
}
