//! Many literals looked for in one pass, whatever their case. No detector itself.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

/// A list of literals made ready.
pub(super) struct Needles(AhoCorasick);

impl Needles {
    /// Made once, from constants.
    #[expect(clippy::expect_used, reason = "the lists are constants, and tests build them")]
    pub(super) fn new(list: &[&str]) -> Self {
        let builder =
            AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).ascii_case_insensitive(true).build(list);
        Self(builder.expect("constant literals"))
    }

    /// The first place where one of them stands.
    pub(super) fn find(&self, text: &str) -> Option<Range<usize>> {
        self.0.find(text).map(|found| found.range())
    }

    /// Every place, with the number of the literal.
    pub(super) fn all<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, Range<usize>)> + 'a {
        self.0.find_iter(text).map(|found| (found.pattern().as_usize(), found.range()))
    }
}
