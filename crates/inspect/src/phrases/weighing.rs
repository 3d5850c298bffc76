//! What the classifier says of the windows of one text, taken together: a long text has many windows, and the highest of
//! many scores is high by chance. It reports words; it never judges what they are worth among others.

use std::ops::Range;

use super::words::Words;
use super::{Column, DISCUSSED_MARGIN, FOREIGN, PHRASES_MAX, Phrase, Source, Token, WORTH_MIN, classifier, discussed};

/// The most that suspicion comes to: what is reported begins at a half.
pub const SUSPICION_MAX: f32 = 0.49;

/// How much higher the score must be for a text of so many pieces: it grows with the logarithm, and no more from
/// `PIECES_MAX` on, so that nobody hides an order by writing much around it. What clients send grows no margin: attempts
/// to take a model over are often long there, and harmless messages short.
#[must_use]
pub fn length_margin(column: Column, pieces: usize) -> f32 {
    const PIECES_MAX: u16 = 48;
    if matches!(column, Column::Argument | Column::Prompt) {
        return 0.0;
    }
    let pieces = u16::try_from(pieces).unwrap_or(u16::MAX).clamp(1, PIECES_MAX);
    f32::from(pieces).ln() * 0.4
}

/// How much higher the score must be among words of another language: the classifier knows little of them but what they
/// mean, and ministries revoke instructions too. The rules do the work there.
const FOREIGN_MARGIN: f32 = 2.5;
/// From so many such words on.
const FOREIGN_MIN: usize = 3;

/// Whether two thirds of the words of the lexicon, and some at least, are of another language than English alone.
fn is_foreign(tokens: &[Token]) -> bool {
    let (mut places, mut foreign) = (0, 0);
    for same in tokens.chunk_by(|one, next| one.start == next.start) {
        places += 1;
        foreign += usize::from(same.iter().all(|token| token.classes & *FOREIGN != 0));
    }
    foreign >= FOREIGN_MIN && foreign * 3 >= places * 2
}

/// The scores so far.
#[derive(Debug, Default)]
pub(super) struct Weighing {
    /// Words at or above their threshold, with how far above.
    high: Vec<(f32, Range<usize>)>,
    /// How far above its threshold, or how little below it, anything was.
    highest: Option<f32>,
    /// How many pieces were read.
    pieces: usize,
    /// How much lower the threshold is, since the text leans to an attack by what it speaks of.
    lean: f32,
}

/// Scores of `asides` above this make the threshold lower, each step by so much, up to so many steps.
const LEAN_FROM: i32 = 2;
const LEAN_MAX: i32 = 6;
const LEAN_WORTH: f32 = 0.5;
/// How much lower the threshold is for letters in disguise.
const DISGUISE_WORTH: f32 = 2.5;

impl Weighing {
    /// Lets a score of `asides` that was not enough alone count.
    pub(super) fn lean_by(&mut self, score: i32) {
        #[expect(clippy::cast_precision_loss, reason = "a handful of steps")]
        let steps = (score - LEAN_FROM).clamp(0, LEAN_MAX) as f32;
        self.lean += steps * LEAN_WORTH;
    }

    /// Lets the disguise of a text count: undone, it has no capitals and other marks that the classifier goes by, and
    /// honest texts have none.
    pub(super) fn lean_on_disguise(&mut self) {
        self.lean += DISGUISE_WORTH;
    }

    /// Reads the words of a window, in pieces that overlap by half.
    pub(super) fn read(&mut self, words: &Words<'_>, tokens: &[Token], offset: usize, column: Column) {
        let Some(mut threshold) = classifier::threshold(column) else { return };
        threshold -= self.lean;
        // People who write about attacks use the words of attacks.
        if discussed::is_window(tokens, column) {
            threshold += DISCUSSED_MARGIN;
        }
        if is_foreign(tokens) {
            threshold += FOREIGN_MARGIN;
        }
        let mut best: Option<(f32, Range<usize>)> = None;
        words.pieces(tokens, column, false, |piece, range| {
            self.pieces += 1;
            let above = classifier::score(piece, column) - threshold;
            if best.as_ref().is_none_or(|(other, _)| above > *other) {
                best = Some((above, range));
            }
        });
        let Some((above, range)) = best else { return };
        self.highest = Some(self.highest.map_or(above, |highest| highest.max(above)));
        if above >= 0.0 && self.high.len() < PHRASES_MAX {
            self.high.push((above, offset + range.start..offset + range.end));
        }
    }

    /// Adds what is to be reported, and returns how near the rest came to it: 0 where nothing was read, up to
    /// `SUSPICION_MAX`.
    pub(super) fn report(self, column: Column, phrases: &mut Vec<Phrase>) -> f32 {
        let margin = length_margin(column, self.pieces);
        let threshold = classifier::threshold(column).unwrap_or_default().abs().max(0.1);
        for (above, span) in self.high {
            if above >= margin {
                // At the threshold as sure as the weakest rule; twice as far, as sure as a strong one.
                let above = ((above - margin) / threshold * 30.0).clamp(0.0, 30.0);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 60 and 90")]
                let worth = (f32::from(WORTH_MIN) + above) as u8;
                phrases.push(Phrase { source: Source::Classifier, worth, span });
            }
        }
        self.highest.map_or(0.0, |highest| suspicion(margin - highest))
    }
}

/// The suspicion of a score that is so much below what is reported.
fn suspicion(below: f32) -> f32 {
    (SUSPICION_MAX * 2.0 / (1.0 + (below.max(0.0) / 2.0).exp())).min(SUSPICION_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suspicion_grows_up_to_what_is_reported() {
        let steps: Vec<f32> = [20.0, 8.0, 4.0, 2.0, 0.5, 0.0, -3.0].into_iter().map(suspicion).collect();
        assert!(steps.is_sorted(), "{steps:?}");
        assert!(steps[0] > 0.0 && steps[0] < 0.01);
        assert!((steps[6] - SUSPICION_MAX).abs() < 0.001);
    }

    #[test]
    fn much_around_an_order_hides_it_no_further() {
        let margin = |pieces| length_margin(Column::Output, pieces);
        assert!(margin(0).abs() < f32::EPSILON && margin(1).abs() < f32::EPSILON);
        assert!(margin(10) < margin(20));
        assert!((margin(48) - margin(1_000_000)).abs() < f32::EPSILON);
        assert!(margin(usize::MAX) < 1.6);
        assert!(length_margin(Column::Prompt, 100).abs() < f32::EPSILON);
    }
}
