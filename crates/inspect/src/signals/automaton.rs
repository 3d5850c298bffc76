//! A dense automaton for many literals, made for one thing: reading every byte of every message. It folds case and runs
//! of white space by itself, and reads four stretches of a text side by side, since each step waits for the one before
//! it and a processor has time for several. What it finds is reported in order; what it means is judged elsewhere.

use std::ops::Range;

/// Rows of the table are this wide: a class for every byte that stands in a literal, one for white space, one for the
/// rest. The classes of letters come first, so that reading words touches one line of the cache for each state.
const CLASS_BITS: u32 = 7;
const CLASSES_MAX: usize = 1 << CLASS_BITS;
/// The class of all bytes that stand in no literal.
const OTHER: u8 = 0;
/// The class of white space, commas and asterisks.
const SPACE: u8 = 1;
/// How many stretches are read side by side.
const LANES: usize = 4;
/// The longest stretch, in bytes.
const STRETCH_MAX: usize = 512;
/// At most so many bytes before a stretch are read again to know its state.
const BACK_MAX: usize = 256;
/// Shorter texts are read in one go.
const LANES_FROM: usize = 256;

/// Finds literals, whatever their case and however many spaces stand between their words.
pub(super) struct Automaton {
    /// The next state for each state and class.
    table: Vec<u16>,
    /// The class of each byte.
    classes: [u8; 256],
    /// States from this one on end a literal.
    first_match: u16,
    /// Where in `ended` the literals of each such state begin.
    ends_from: Vec<u32>,
    /// The numbers of the literals that end, the longest first.
    ended: Vec<u32>,
    /// The length of each literal.
    lengths: Vec<usize>,
    /// The longest literal, in bytes: so much of a text decides the state.
    longest: usize,
}

/// A literal that was found: its number, and the bytes from its first to its last when nothing was folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) literal: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A place in a stretch where literals end.
#[derive(Debug, Clone, Copy, Default)]
struct Event {
    at: u16,
    state: u16,
}

impl Automaton {
    /// An automaton for these literals, or `None` where they are too many or too different for its table.
    pub(super) fn new<'a>(literals: impl Iterator<Item = &'a str> + Clone) -> Option<Self> {
        let classes = classes(literals.clone())?;
        let mut trie = Trie::new();
        // Every text with a space is in the state of that space at least, which says where the next one is skipped.
        let blank = trie.insert(&[SPACE], None)?;
        let mut lengths = Vec::new();
        for (number, literal) in literals.enumerate() {
            lengths.push(literal.len());
            let word: Vec<u8> = literal.bytes().filter_map(|byte| classes.get(usize::from(byte)).copied()).collect();
            // What is read as a space cannot be found as anything else.
            if literal.bytes().zip(&word).all(|(byte, class)| byte == b' ' || *class != SPACE) {
                trie.insert(&word, u32::try_from(number).ok())?;
            }
        }
        debug_assert_eq!(blank, 1, "the space is the first literal");
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let mut made = trie.finish()?;
        made.classes = classes;
        made.lengths = lengths;
        made.longest = longest;
        Some(made)
    }

    /// Calls `visit` for everything that is found, ordered by where it ends. Allocates nothing.
    pub(super) fn find(&self, text: &[u8], mut visit: impl FnMut(Found)) {
        let mut state = 0;
        let mut done = 0;
        if text.len() >= LANES_FROM {
            let mut events = [[Event::default(); STRETCH_MAX]; LANES];
            while text.len() - done >= LANES_FROM {
                let stretch = ((text.len() - done) / LANES).min(STRETCH_MAX);
                let Some(counts) = self.stretches(text, done, stretch, &mut state, &mut events) else {
                    self.one_by_one(text, done..done + LANES * stretch, &mut state, &mut visit);
                    done += LANES * stretch;
                    continue;
                };
                for ((lane, events), count) in events.iter().enumerate().zip(counts) {
                    for event in events.iter().take(count) {
                        let at = done + lane * stretch + usize::from(event.at);
                        self.report(text, at, event.state, &mut visit);
                    }
                }
                done += LANES * stretch;
            }
        }
        self.one_by_one(text, done..text.len(), &mut state, &mut visit);
    }

    /// Reads a part of a text in one go.
    fn one_by_one(&self, text: &[u8], part: Range<usize>, state: &mut u16, visit: &mut impl FnMut(Found)) {
        for (at, byte) in text.iter().enumerate().take(part.end).skip(part.start) {
            *state = self.next(*state, *byte);
            if *state >= self.first_match {
                self.report(text, at, *state, visit);
            }
        }
    }

    /// Reads four stretches that begin at `from`, and says how many events of each were noted: where a literal may end,
    /// and the state there. `None` where it cannot be known with which state one of them begins.
    fn stretches(
        &self,
        text: &[u8],
        from: usize,
        stretch: usize,
        state: &mut u16,
        events: &mut [[Event; STRETCH_MAX]; LANES],
    ) -> Option<[usize; LANES]> {
        let part = |lane: usize| text.get(from + lane * stretch..from + (lane + 1) * stretch).unwrap_or_default();
        let warm = |lane: usize| self.state_before(text, from + lane * stretch);
        let [mut a, mut b, mut c, mut d] = [*state, warm(1)?, warm(2)?, warm(3)?];
        let mut counts = [0; LANES];
        let first = self.first_match;
        let bytes = part(0).iter().zip(part(1)).zip(part(2)).zip(part(3));
        for (at, (((in_a, in_b), in_c), in_d)) in (0u16..).zip(bytes) {
            a = self.next(a, *in_a);
            b = self.next(b, *in_b);
            c = self.next(c, *in_c);
            d = self.next(d, *in_d);
            if a.max(b).max(c.max(d)) >= first {
                for ((state, events), count) in [a, b, c, d].into_iter().zip(events.iter_mut()).zip(&mut counts) {
                    if state >= first
                        && let Some(event) = events.get_mut(*count)
                    {
                        *event = Event { at, state };
                        *count += 1;
                    }
                }
            }
        }
        *state = d;
        Some(counts)
    }

    /// The state after everything before `at`: what stands further back than the longest literal has no say. `None` where
    /// that is far back, since a long run of spaces counts as one.
    fn state_before(&self, text: &[u8], at: usize) -> Option<u16> {
        let head = text.get(..at).unwrap_or_default();
        let mut needed = self.longest;
        let mut from = head.len();
        let mut is_space = false;
        // Of a run of spaces only one counts.
        for byte in head.iter().rev().take(BACK_MAX) {
            let space = self.class(*byte) == SPACE;
            needed -= usize::from(!(space && is_space));
            is_space = space;
            from -= 1;
            if needed == 0 {
                break;
            }
        }
        let known = needed == 0 || from == 0;
        known.then(|| head.get(from..).unwrap_or_default().iter().fold(0, |state, byte| self.next(state, *byte)))
    }

    /// How many states there are, and how long the longest literal is.
    #[cfg(test)]
    pub(super) const fn size(&self) -> (usize, usize) {
        (self.table.len() >> CLASS_BITS, self.longest)
    }

    fn report(&self, text: &[u8], at: usize, state: u16, visit: &mut impl FnMut(Found)) {
        // A space after a space changes nothing, and what ends with a space was told at the first.
        let is_space = |at: usize| text.get(at).is_some_and(|byte| self.class(*byte) == SPACE);
        if is_space(at) && at.checked_sub(1).is_some_and(is_space) {
            return;
        }
        let row = usize::from(state - self.first_match);
        let begin = self.ends_from.get(row).map_or(0, |at| *at as usize);
        let end = self.ends_from.get(row + 1).map_or(0, |at| *at as usize);
        for literal in self.ended.get(begin..end).unwrap_or_default() {
            let literal = *literal as usize;
            let end = at + 1;
            let start = end.saturating_sub(self.lengths.get(literal).copied().unwrap_or(0));
            visit(Found { literal, start, end });
        }
    }

    #[inline(always)]
    fn class(&self, byte: u8) -> u8 {
        self.classes.get(usize::from(byte)).copied().unwrap_or(OTHER)
    }

    #[inline(always)]
    fn next(&self, state: u16, byte: u8) -> u16 {
        self.table.get(usize::from(state) << CLASS_BITS | usize::from(self.class(byte))).copied().unwrap_or(0)
    }
}

/// A class for each byte of the literals, the same for both cases of a letter.
fn classes<'a>(literals: impl Iterator<Item = &'a str>) -> Option<[u8; 256]> {
    let mut classes = [OTHER; 256];
    for byte in b" \t\n\r*," {
        *classes.get_mut(usize::from(*byte))? = SPACE;
    }
    let mut next = SPACE + 1;
    for byte in (b'a'..=b'z').chain(literals.flat_map(str::bytes)) {
        let slot = classes.get_mut(usize::from(byte.to_ascii_lowercase()))?;
        if *slot == OTHER {
            (usize::from(next) < CLASSES_MAX).then_some(())?;
            *slot = next;
            next += 1;
        }
    }
    for letter in b'A'..=b'Z' {
        let small = classes.get(usize::from(letter.to_ascii_lowercase())).copied()?;
        *classes.get_mut(usize::from(letter))? = small;
    }
    Some(classes)
}

/// The literals as a tree.
struct Trie {
    /// The children of each state, each with its class.
    children: Vec<Vec<(u8, u16)>>,
    /// The literals that end in each state.
    ends: Vec<Vec<u32>>,
}

impl Trie {
    fn new() -> Self {
        Self { children: vec![Vec::new()], ends: vec![Vec::new()] }
    }

    /// Adds a word and gives its state; `None` where there are too many states.
    fn insert(&mut self, word: &[u8], number: Option<u32>) -> Option<u16> {
        let mut state = 0;
        for class in word {
            let known = self.children.get(usize::from(state))?.iter().find(|(known, _)| known == class);
            state = match known {
                Some((_, child)) => *child,
                None => {
                    let child = u16::try_from(self.ends.len()).ok()?;
                    self.ends.push(Vec::new());
                    self.children.push(Vec::new());
                    self.children.get_mut(usize::from(state))?.push((*class, child));
                    child
                }
            };
        }
        self.ends.get_mut(usize::from(state))?.extend(number);
        Some(state)
    }

    fn children(&self, state: u16) -> &[(u8, u16)] {
        self.children.get(usize::from(state)).map_or(&[], Vec::as_slice)
    }

    /// Fills in where each state leads when a literal breaks off (the automaton of Aho and Corasick, 1975). States are
    /// numbered anew: those that are met most first, those that end a literal last.
    fn finish(mut self) -> Option<Automaton> {
        let (order, fallen) = self.fall_back()?;
        let ends = |state: &u16| self.ends.get(usize::from(*state)).filter(|ends| !ends.is_empty());
        let (matching, silent): (Vec<u16>, Vec<u16>) = order.iter().copied().partition(|state| ends(state).is_some());
        let mut numbers = vec![0u16; order.len()];
        for (number, state) in (0u16..).zip(silent.iter().chain(&matching)) {
            *numbers.get_mut(usize::from(*state))? = number;
        }
        let number = |state: u16| numbers.get(usize::from(state)).copied();
        let row = |state: u16| Some(usize::from(number(state)?) << CLASS_BITS);
        let mut table = vec![0u16; order.len() << CLASS_BITS];
        // Breadth first: the row of the shorter state to fall back to is complete already.
        for state in &order {
            let (from, to) = (row(*fallen.get(usize::from(*state))?)?, row(*state)?);
            table.copy_within(from..from + CLASSES_MAX, to);
            for (class, child) in self.children(*state) {
                *table.get_mut(to + usize::from(*class))? = number(*child)?;
            }
        }
        // After a space, another one changes nothing.
        let after_space = order.iter().map(|state| table.get(row(*state)? + usize::from(SPACE)).copied());
        for state in after_space.collect::<Option<Vec<u16>>>()? {
            *table.get_mut((usize::from(state) << CLASS_BITS) + usize::from(SPACE))? = state;
        }
        let mut ends_from = vec![0];
        let mut ended = Vec::new();
        for state in &matching {
            ended.extend(ends(state).into_iter().flatten());
            ends_from.push(u32::try_from(ended.len()).ok()?);
        }
        let first_match = u16::try_from(silent.len()).ok()?;
        let (classes, lengths, longest) = ([OTHER; 256], Vec::new(), 0);
        Some(Automaton { table, classes, first_match, ends_from, ended, lengths, longest })
    }

    /// The states, the shorter ones first, and for each the longest other state that its text ends with. Whatever ends in
    /// that one ends in the state too.
    fn fall_back(&mut self) -> Option<(Vec<u16>, Vec<u16>)> {
        let mut fallen = vec![0u16; self.ends.len()];
        let mut order = vec![0u16];
        let mut next = 0;
        while let Some(state) = order.get(next).copied() {
            next += 1;
            for (class, child) in self.children(state).to_vec() {
                order.push(child);
                let mut back = state;
                let found = loop {
                    if back == 0 {
                        break 0;
                    }
                    back = *fallen.get(usize::from(back))?;
                    if let Some((_, found)) = self.children(back).iter().find(|(known, _)| *known == class) {
                        break *found;
                    }
                };
                *fallen.get_mut(usize::from(child))? = found;
                let more = self.ends.get(usize::from(found)).cloned().unwrap_or_default();
                self.ends.get_mut(usize::from(child))?.extend(more);
            }
        }
        Some((order, fallen))
    }
}
