//! A text that was made from another text, with the way back: every byte of the new text knows which bytes of the
//! old one it came from. It never changes either text.

use std::ops::Range;

/// A text under construction, with the map to where its parts came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapped {
    text: String,
    segments: Vec<Segment>,
}

/// A stretch of the new text, made of equal units: each has so many bytes, which stand for so many bytes of the origin.
/// It ends where the next one begins. What was copied are units of one byte that stand for one byte. Positions are of 32
/// bits, since there may be as many stretches as characters; no message is that long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    start: u32,
    origin_start: u32,
    unit: u32,
    origin_unit: u32,
}

impl Segment {
    /// The bytes of the origin that the byte at `position` stands for.
    fn origin(self, position: usize) -> Range<usize> {
        let [start, origin, unit, of] =
            [self.start, self.origin_start, self.unit, self.origin_unit].map(|number| number as usize);
        let begin = origin + position.saturating_sub(start) / unit.max(1) * of;
        begin..begin + of
    }
}

impl Mapped {
    /// Room for a text of about this many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), segments: Vec::new() }
    }

    /// The text so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Appends a stretch that stands in the origin as it is, beginning at `origin_start`.
    pub fn copy(&mut self, stretch: &str, origin_start: usize) {
        if !stretch.is_empty() {
            self.begin(origin_start, 1, 1);
            self.text.push_str(stretch);
        }
    }

    /// Like `copy`, with letters of ASCII made small.
    pub fn lower(&mut self, stretch: &str, origin_start: usize) {
        let from = self.text.len();
        self.copy(stretch, origin_start);
        if let Some(copied) = self.text.get_mut(from..) {
            copied.make_ascii_lowercase();
        }
    }

    /// Appends what stands for `origin` there: a decoded or folded character, or a separator for an empty range.
    pub fn replace(&mut self, stretch: &str, origin: Range<usize>) {
        if !stretch.is_empty() {
            self.begin(origin.start, stretch.len(), origin.len());
            self.text.push_str(stretch);
        }
    }

    /// Goes on with the last segment where its next unit would be the same, or begins a new one.
    fn begin(&mut self, origin_start: usize, unit: usize, origin_unit: usize) {
        let [start, origin_start, unit, origin_unit] =
            [self.text.len(), origin_start, unit, origin_unit].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        let goes_on = self.segments.last().is_some_and(|last| {
            last.unit == unit
                && last.origin_unit == origin_unit
                && (start - last.start).is_multiple_of(unit)
                && last.origin(self.text.len()).start == origin_start as usize
        });
        if !goes_on {
            self.segments.push(Segment { start, origin_start, unit, origin_unit });
        }
    }

    /// Like `replace`, for one character.
    pub fn replace_char(&mut self, character: char, origin: Range<usize>) {
        self.replace(character.encode_utf8(&mut [0; 4]), origin);
    }

    /// The bytes of the origin that a range of this text stands for.
    #[must_use]
    pub fn origin(&self, range: Range<usize>) -> Range<usize> {
        let at = |position: usize| self.segment_at(position).map_or(0..0, |segment| segment.origin(position));
        let start = at(range.start.min(self.text.len())).start;
        let last = range.end.min(self.text.len()).checked_sub(1).filter(|_| !range.is_empty());
        start..last.map_or(start, |last| at(last).end.max(start))
    }

    fn segment_at(&self, position: usize) -> Option<&Segment> {
        let after = self.segments.partition_point(|segment| segment.start as usize <= position);
        self.segments.get(after.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_lead_back() {
        let mut mapped = Mapped::default();
        mapped.copy("ab", 0);
        mapped.replace_char('c', 2..5);
        mapped.copy("de", 5);
        assert_eq!(mapped.text(), "abcde");
        assert_eq!(mapped.origin(0..2), 0..2);
        assert_eq!(mapped.origin(2..3), 2..5);
        assert_eq!(mapped.origin(1..4), 1..6);
        assert_eq!(mapped.origin(4..5), 6..7);
        assert_eq!(mapped.origin(3..3), 5..5);
    }

    #[test]
    fn neighbouring_copies_are_one_stretch() {
        let mut mapped = Mapped::default();
        mapped.copy("ab", 3);
        mapped.copy("cd", 5);
        mapped.lower("EF", 7);
        assert_eq!(mapped.segments.len(), 1);
        assert_eq!(mapped.origin(1..3), 4..6);
        assert_eq!((mapped.text(), mapped.origin(5..6)), ("abcdef", 8..9));
    }

    #[test]
    fn neighbouring_replacements_of_one_shape_are_one_stretch() {
        let mut mapped = Mapped::default();
        for (index, character) in "абв".chars().enumerate() {
            mapped.replace_char(character, 6 * index..6 * index + 6);
        }
        mapped.replace_char('\n', 18..18);
        mapped.replace_char('\n', 18..18);
        mapped.replace_char('a', 20..21);
        assert_eq!(mapped.segments.len(), 3);
        assert_eq!(mapped.origin(2..4), 6..12);
        assert_eq!(mapped.origin(0..6), 0..18);
        assert_eq!(mapped.origin(6..8), 18..18);
        assert_eq!(mapped.origin(8..9), 20..21);
        assert_eq!(mapped.origin(9..9), 21..21);
        assert_eq!(mapped.origin(40..50), 21..21);
    }
}
