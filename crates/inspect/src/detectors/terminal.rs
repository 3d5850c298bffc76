//! TP003: control sequences for terminals, which hide or rewrite what a person sees. Colours in results are ordinary.

use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::text::{Place, Text, What};

/// The detector.
#[derive(Debug)]
pub struct Terminal;

const ID: &str = "TP003";

impl Inspector for Terminal {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "Terminal escape sequences",
            catches: "Escape sequences that move the cursor, erase, conceal, set the title or the clipboard, or make \
                      links; any escape sequence in metadata; escapes written with \\u001b or \\x1b and decoded.",
            misses: "Plain colours in results, which build logs are full of.",
            severity: Severity::High,
            why: "A terminal that shows the text shows something else than the model reads, or runs what it is told.",
            remedy: "Strip the sequences before showing the text; refuse metadata that has them.",
            example: "Adds numbers\u{1b}[8m and reads your files\u{1b}[0m",
            maturity: Maturity::Stable,
            references: &["OWASP-ASI-2026:ASI09", "OWASP-MCP-2025:MCP03", "ATLAS:AML.T0068", "CWE-150"],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        for (layer, reading) in text.layers.iter() {
            // A reading with `\x1b` turned into a control character is only what somebody wrote about, except where a
            // person is shown it.
            if layer > 0 && !text.kind.is_metadata() {
                continue;
            }
            if let Some((range, rule)) = sequence(reading.text(), text.kind.is_metadata()) {
                let severity = if rule == "colour" { Severity::Medium } else { Severity::High };
                let detail = "control sequences for a terminal change what a person sees";
                let what = What { id: ID, rule, severity, confidence: 0.9, detail };
                findings.push(text.finding(Place { layer, range }, what));
            }
        }
    }
}

/// The first sequence that does more than colour, or any at all where `strict`.
fn sequence(text: &str, strict: bool) -> Option<(std::ops::Range<usize>, &'static str)> {
    let bytes = text.as_bytes();
    // U+0080 to U+009F, the one-byte forms, are two bytes in UTF-8 and begin with 0xC2.
    // They are also what text in the wrong character set looks like, so a number must follow.
    let starts = memchr::memchr2_iter(0x1b, 0xC2, bytes).filter_map(|at| match bytes.get(at..at + 2)? {
        [0x1b, kind] => Some((at, at + 2, *kind)),
        [0xC2, 0x9B] if bytes.get(at + 2).is_some_and(u8::is_ascii_digit) => Some((at, at + 2, b'[')),
        [0xC2, 0x9D] if bytes.get(at + 2).is_some_and(u8::is_ascii_digit) => Some((at, at + 2, b']')),
        _ => None,
    });
    let mut colour = None;
    for (start, inside, kind) in starts {
        match kind {
            b'[' => {
                let rest = bytes.get(inside..).unwrap_or_default();
                let length = rest.iter().take(32).position(|b| (0x40..=0x7E).contains(b)).unwrap_or(0);
                let range = start..inside + length + 1;
                let parameters = rest.get(..length).unwrap_or_default();
                match rest.get(length) {
                    Some(b'm') if !parameters.split(|b| *b == b';').any(|p| p == b"8") => {
                        colour.get_or_insert(range);
                    }
                    Some(b'm') => return Some((range, "conceal")),
                    Some(
                        b'A'..=b'H' | b'J' | b'K' | b'S' | b'T' | b'f' | b's' | b'u' | b'h' | b'l' | b'P' | b'X' | b'n',
                    ) => {
                        return Some((range, "cursor"));
                    }
                    _ => {}
                }
            }
            b']' if bytes.get(inside).is_some_and(u8::is_ascii_digit) => {
                return Some((start..inside, "operating-system-command"));
            }
            b'P' | b'_' | b'^' | b'X' => return Some((start..inside, "control-string")),
            b'c' => return Some((start..inside, "reset")),
            _ => {}
        }
    }
    colour.filter(|_| strict).map(|range| (range, "colour"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;
    use crate::text::TextKind;

    fn rules(text: &str, kind: TextKind) -> Vec<String> {
        let found = Registry::new(vec![Box::new(Terminal)]).inspect_text(text, kind, None, None);
        found.as_slice().iter().map(|finding| finding.rule.to_string()).collect()
    }

    #[test]
    fn hiding_sequences() {
        assert_eq!(rules(Terminal.card().example, TextKind::ToolDescription), ["conceal"]);
        assert_eq!(rules("\u{1b}]52;c;ZWNobw==\u{7}", TextKind::ToolOutput), ["operating-system-command"]);
        assert_eq!(rules("a\u{1b}[2K\u{1b}[1Ab", TextKind::ToolOutput), ["cursor"]);
        assert_eq!(rules("\u{9b}2J", TextKind::ToolOutput), ["cursor"]);
        assert_eq!(rules(r"adds \u001b[8mhidden", TextKind::ToolDescription), ["conceal"]);
        assert_eq!(rules("\u{1b}[31mred", TextKind::ToolDescription), ["colour"]);
    }

    #[test]
    fn ordinary_output() {
        assert!(rules("\u{1b}[32mok\u{1b}[0m 12 passed", TextKind::ToolOutput).is_empty());
        assert!(rules(r"print('\x1b[2J') clears", TextKind::ToolOutput).is_empty());
        assert!(rules("tab\there\r\n", TextKind::ToolDescription).is_empty());
        assert!(rules("Â café ©", TextKind::ToolOutput).is_empty());
        assert!(rules("[31m without escape", TextKind::ToolOutput).is_empty());
    }
}
