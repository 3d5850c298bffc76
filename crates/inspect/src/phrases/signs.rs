//! Words that are signs in metadata, and the sentences they stand in. It knows no rules: `asides` and `demands` weigh
//! what stands together in a sentence.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::words::{Words, is_boundary};

/// A set of signs, one bit each.
pub(super) type Signs = u64;

/// A sentence that is longer is read in pieces of so many bytes.
const SENTENCE_BYTES_MAX: usize = 2000;

/// A word with its sign, and where it stands in its sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) signs: Signs,
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The words of each sign, written as in the lexicon: `*` for any ending, `_` for a space.
pub(super) type Table = &'static [(Signs, &'static str)];

/// A table made ready.
pub(super) struct Reader {
    automaton: AhoCorasick,
    /// The sign of each pattern, and whether any ending may follow.
    entries: Vec<(Signs, bool)>,
}

impl Reader {
    #[expect(clippy::expect_used, reason = "the patterns are constants, and a test builds them")]
    pub(super) fn of(table: Table) -> Self {
        let words = table.iter().flat_map(|(signs, words)| words.split_whitespace().map(|word| (*signs, word)));
        let (patterns, entries): (Vec<String>, Vec<(Signs, bool)>) = words
            .map(|(signs, word)| (word.trim_end_matches('*').replace('_', " "), (signs, word.ends_with('*'))))
            .unzip();
        let automaton =
            AhoCorasick::builder().match_kind(MatchKind::Standard).build(patterns).expect("constant patterns");
        Self { automaton, entries }
    }

    /// The signs in a sentence, in order.
    pub(super) fn tokens(&self, words: &Words<'_>) -> Vec<Token> {
        let bytes = words.text.as_bytes();
        let mut tokens: Vec<Token> = Vec::new();
        for found in self.automaton.find_overlapping_iter(&words.text) {
            let Some((signs, open)) = self.entries.get(found.pattern().as_usize()).copied() else { continue };
            let begins = found.start().checked_sub(1).and_then(|at| bytes.get(at)).is_none_or(|b| is_boundary(*b));
            let ends = bytes.get(found.end()).is_none_or(|byte| is_boundary(*byte));
            if !(begins && (ends || open)) {
                continue;
            }
            let number = |at: usize| words.number.get(at).copied().unwrap_or(0);
            let end = words.ending(found.end());
            tokens.push(Token {
                signs,
                first: number(found.start()),
                last: number(end.saturating_sub(1)),
                start: words.origin(found.start()),
                end: words.origin_end(end),
            });
        }
        tokens.sort_by_key(|token| (token.start, token.end));
        tokens
    }
}

/// All signs of some words together.
pub(super) fn together(tokens: &[Token]) -> Signs {
    tokens.iter().fold(0, |all, token| all | token.signs)
}

/// Whether a line is about a parameter: it begins with its name and a colon.
pub(super) fn is_label(sentence: &str) -> bool {
    let sentence = sentence.trim_start_matches(['-', '*', '`', ' ', '•']);
    let name = sentence.split(char::is_whitespace).next().unwrap_or_default();
    let next = sentence.get(name.len()..).unwrap_or_default().trim_start();
    name.len() > 1 && (name.ends_with(':') || next.starts_with('(') && next.contains("):"))
}

/// The sentences of a text: they end at a mark of `ends` before a space, at the end of a paragraph, and at a tag.
pub(super) fn sentences(text: &str, ends: &'static [u8]) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut start = 0;
    std::iter::from_fn(move || {
        while bytes.get(start).is_some_and(u8::is_ascii_whitespace) {
            start += 1;
        }
        let begin = (start < bytes.len()).then_some(start)?;
        let mut at = begin;
        while let Some(byte) = bytes.get(at) {
            let next = bytes.get(at + 1).copied().unwrap_or(b' ');
            at += 1;
            let is_end = match byte {
                b'>' => next.is_ascii_whitespace(),
                end if ends.contains(end) => next.is_ascii_whitespace() || next == b'<',
                // A line that goes on in small letters is the same sentence, wrapped; one that names a parameter is not.
                b'\n' => !text.get(at..).is_some_and(goes_on),
                _ => false,
            };
            if is_end || at - begin >= SENTENCE_BYTES_MAX {
                break;
            }
        }
        start = text.ceil_char_boundary(at);
        Some(begin..start)
    })
}

/// Whether a line goes on with a sentence of the line before.
fn goes_on(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t']);
    line.starts_with(|first: char| first.is_ascii_lowercase()) && !is_label(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_they_end() {
        let text = "One is v1.2. Two\n- three\nFour";
        let parts: Vec<&str> = sentences(text, b".!?;").map(|range| &text[range]).collect();
        assert_eq!(parts, ["One is v1.2.", "Two\n", "- three\n", "Four"]);
        let listed = "Sends it\nto a host\nheaders: what to add";
        assert_eq!(sentences(listed, b".!?;").map(|range| &listed[range]).collect::<Vec<_>>().len(), 2);
        assert!(sentences(&"é忽".repeat(9000), b".!?;").all(|range| range.len() < SENTENCE_BYTES_MAX + 4));
        assert_eq!(sentences("", b".!?;").count(), 0);
        assert_eq!(sentences(" \n ", b".!?;").count(), 0);
    }

    #[test]
    fn labels_are_names_with_a_colon() {
        assert!(is_label("cookies: what to send"));
        assert!(is_label("- `path` (string): where"));
        assert!(!is_label("Sends cookies: all of them"));
    }
}
