//! The rules made ready, and how one is matched against the words of a window. What a match is worth is judged elsewhere.

use std::ops::Range;

use super::lexicon::Classes;
use super::rules::Rule;
use super::{Token, class_bit};

/// A rule made ready.
pub(super) struct Compiled {
    pub(super) rule: &'static Rule,
    pub(super) steps: Vec<Step>,
    /// For rules in any order: the words from first to last.
    near: Option<u16>,
    guard: Classes,
}

#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) any_of: Classes,
    all_of: Classes,
    none_of: Classes,
    gap: u16,
}

impl Step {
    const fn takes(self, classes: Classes) -> bool {
        self.may_take(classes) && classes & self.none_of == 0
    }

    /// Whether one of several words, which have these classes together, can be taken.
    const fn may_take(self, classes: Classes) -> bool {
        classes & self.any_of != 0 && classes & self.all_of == self.all_of
    }
}

impl Compiled {
    pub(super) fn new(rule: &'static Rule) -> Option<Self> {
        let (body, guard) = rule.pattern.split_once('!').unwrap_or((rule.pattern, ""));
        let guard = guard.split('|').map(|name| class_bit(name.trim())).fold(0, |a, b| a | b);
        let (inner, near) = match body.trim().strip_prefix('{') {
            Some(braced) => {
                let (inner, distance) = braced.split_once("}~")?;
                (inner, Some(distance.trim().parse().ok()?))
            }
            None => (body, None),
        };
        let mut steps = Vec::new();
        let mut gap = 0;
        for word in inner.split_whitespace() {
            if let Some(number) = word.strip_prefix('~') {
                gap = number.parse().ok()?;
                continue;
            }
            let (word, none) = word.split_once('^').unwrap_or((word, ""));
            let (any, all) = word.split_once('&').unwrap_or((word, ""));
            let any_of = any.split('|').map(class_bit).fold(0, |a, b| a | b);
            steps.push(Step { any_of, all_of: class_bit(all), none_of: class_bit(none), gap });
            gap = 0;
        }
        (!steps.is_empty()).then_some(Self { rule, steps, near, guard })
    }

    pub(super) fn possible(&self, present: Classes) -> bool {
        self.steps.iter().all(|step| step.may_take(present))
    }

    /// The first place where the rule matches.
    pub(super) fn matches(&self, tokens: &[Token]) -> Option<Range<usize>> {
        match self.near {
            Some(distance) => self.matches_near(tokens, distance),
            None => self.matches_ordered(tokens),
        }
    }

    fn matches_near(&self, tokens: &[Token], distance: u16) -> Option<Range<usize>> {
        let first = self.steps.first()?;
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| first.takes(token.classes)) {
            let close = |other: &&Token| {
                other.first_word.abs_diff(token.first_word) <= distance
                    && (other.start >= token.end || other.end <= token.start)
            };
            let around = tokens.get(at.saturating_sub(24)..(at + 24).min(tokens.len())).unwrap_or_default();
            let mut start = token.start;
            let mut end = token.end;
            let complete = self.steps.iter().skip(1).all(|step| {
                let found = around.iter().filter(close).find(|other| step.takes(other.classes));
                if let Some(found) = found {
                    start = start.min(found.start);
                    end = end.max(found.end);
                }
                found.is_some()
            });
            if complete {
                return Some(start..end);
            }
        }
        None
    }

    /// Advances all partial matches together: `reached[i]` says from where the steps so far lead to token `i`.
    fn matches_ordered(&self, tokens: &[Token]) -> Option<Range<usize>> {
        let first = self.steps.first()?;
        let mut reached: Vec<Option<usize>> =
            tokens.iter().enumerate().map(|(at, token)| first.takes(token.classes).then_some(at)).collect();
        for step in self.steps.iter().skip(1) {
            let mut next = vec![None; tokens.len()];
            for (at, token) in tokens.iter().enumerate().filter(|(_, token)| step.takes(token.classes)) {
                let from = tokens.iter().zip(&reached).take(at).rev().take(48).find_map(|(before, from)| {
                    let follows =
                        before.end <= token.start && token.first_word.saturating_sub(before.last_word) <= step.gap + 1;
                    from.filter(|_| follows)
                });
                if let Some(slot) = next.get_mut(at) {
                    *slot = from;
                }
            }
            reached = next;
        }
        reached.iter().enumerate().find_map(|(last, from)| {
            let from = (*from)?;
            let (head, tail) = (tokens.get(from)?, tokens.get(last)?);
            (!self.guarded(tokens, from, last)).then_some(head.start..tail.end)
        })
    }

    fn guarded(&self, tokens: &[Token], from: usize, last: usize) -> bool {
        let Some(head) = tokens.get(from) else { return false };
        self.guard != 0
            && tokens
                .iter()
                .take(last + 1)
                .any(|token| token.classes & self.guard != 0 && token.first_word + 5 >= head.first_word)
    }
}
