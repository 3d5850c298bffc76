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

/// Which words the steps of a rule so far lead to, each with the word that they began at; kept from rule to rule so that
/// nothing is allocated anew.
#[derive(Default)]
pub(super) struct Reached {
    now: Vec<(usize, usize)>,
    next: Vec<(usize, usize)>,
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
    pub(super) fn matches(&self, tokens: &[Token], reached: &mut Reached) -> Option<Range<usize>> {
        match self.near {
            Some(distance) => self.matches_near(tokens, distance),
            None => self.matches_ordered(tokens, reached),
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

    /// Advances all partial matches together, each from the nearest word that it can go on from.
    fn matches_ordered(&self, tokens: &[Token], reached: &mut Reached) -> Option<Range<usize>> {
        /// So many words of the lexicon back the step before may have been taken.
        const BACK_MAX: usize = 48;
        let (first, rest) = self.steps.split_first()?;
        reached.now.clear();
        let begin = tokens.iter().enumerate().filter(|(_, token)| first.takes(token.classes));
        reached.now.extend(begin.map(|(at, _)| (at, at)));
        for step in rest {
            reached.next.clear();
            let (earliest, _) = *reached.now.first()?;
            let mut known = 0;
            for (at, token) in tokens.iter().enumerate().skip(earliest + 1) {
                if !step.takes(token.classes) {
                    continue;
                }
                known += reached.now.iter().skip(known).take_while(|(before, _)| *before < at).count();
                let back = reached.now.get(..known).unwrap_or_default().iter().rev();
                let from = back.take_while(|(before, _)| before + BACK_MAX >= at).find_map(|(before, from)| {
                    let before = tokens.get(*before)?;
                    let follows =
                        before.end <= token.start && token.first_word.saturating_sub(before.last_word) <= step.gap + 1;
                    follows.then_some(*from)
                });
                reached.next.extend(from.map(|from| (at, from)));
            }
            std::mem::swap(&mut reached.now, &mut reached.next);
        }
        reached.now.iter().find_map(|(last, from)| {
            let (head, tail) = (tokens.get(*from)?, tokens.get(*last)?);
            (!self.guarded(tokens, *from, *last)).then_some(head.start..tail.end)
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
