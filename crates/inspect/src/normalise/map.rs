//! A text that was made from another text, with the way back: every byte of the new text knows which bytes of the
//! old one it came from. It never changes either text.

use std::ops::Range;

/// A text under construction, with the map to where its parts came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapped {
    text: String,
    segments: Vec<Segment>,
}

/// A stretch of the new text. It ends where the next one begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    start: usize,
    origin_start: usize,
    origin_length: usize,
    /// Byte for byte the same as the origin, so that positions inside it can be told apart.
    copied: bool,
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
        if stretch.is_empty() {
            return;
        }
        let continues = self.segments.last_mut().filter(|last| {
            last.copied
                && last.origin_start + last.origin_length == origin_start
                && last.start + last.origin_length == self.text.len()
        });
        match continues {
            Some(last) => last.origin_length += stretch.len(),
            None => self.segments.push(Segment {
                start: self.text.len(),
                origin_start,
                origin_length: stretch.len(),
                copied: true,
            }),
        }
        self.text.push_str(stretch);
    }

    /// Appends what stands for `origin` there: a decoded or folded character, or a separator for an empty range.
    pub fn replace(&mut self, stretch: &str, origin: Range<usize>) {
        if stretch.is_empty() {
            return;
        }
        self.segments.push(Segment {
            start: self.text.len(),
            origin_start: origin.start,
            origin_length: origin.len(),
            copied: false,
        });
        self.text.push_str(stretch);
    }

    /// Like `replace`, for one character.
    pub fn replace_char(&mut self, character: char, origin: Range<usize>) {
        self.replace(character.encode_utf8(&mut [0; 4]), origin);
    }

    /// The bytes of the origin that a range of this text stands for.
    #[must_use]
    pub fn origin(&self, range: Range<usize>) -> Range<usize> {
        let start = self.segment_at(range.start).map_or(0, |segment| match segment.copied {
            true => segment.origin_start + range.start.saturating_sub(segment.start).min(segment.origin_length),
            false => segment.origin_start,
        });
        if range.is_empty() {
            return start..start;
        }
        let end = self.segment_at(range.end - 1).map_or(start, |segment| match segment.copied {
            true => segment.origin_start + (range.end - segment.start).min(segment.origin_length),
            false => segment.origin_start + segment.origin_length,
        });
        start..end.max(start)
    }

    fn segment_at(&self, position: usize) -> Option<&Segment> {
        let after = self.segments.partition_point(|segment| segment.start <= position);
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
        assert_eq!(mapped.segments.len(), 1);
        assert_eq!(mapped.origin(1..3), 4..6);
    }
}
