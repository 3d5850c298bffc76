//! The one pass that checks a text. It keeps its own stack, so that no depth can exhaust the thread's.
//!
//! A `Watcher` may look at the keys of the few objects it names while they are being read; everywhere else it costs
//! nothing. It cannot make the check more lenient.

use std::ops::Range;

use super::keys::{Key, Keys};
use super::number;
use super::string::{self, BadEscape};
use crate::{Limits, Refusal, RefusalCode};

/// Sees the members of chosen objects during the check.
pub(crate) trait Watcher {
    /// Names an object or array that is watched; the default stands for every other one.
    type Place: Copy + PartialEq + Default;

    /// The place of the outermost value.
    fn root(&self) -> Self::Place;

    /// The place of a container, given what its parent expected there: an array where an object is watched is not
    /// watched, and the reverse.
    fn opened(&self, expected: Self::Place, is_object: bool) -> Self::Place;

    /// The place of the elements of a watched array; the default for anything else.
    fn element(&self, place: Self::Place) -> Self::Place;

    /// A key of a watched object; `key` is what stands between its quotes. Gives the place of the member's value.
    fn key(&mut self, place: Self::Place, key: &[u8], offset: usize) -> Result<Self::Place, Refusal>;

    /// A member of a watched object whose value was read; `key` without its quotes.
    fn member(&mut self, place: Self::Place, key: Range<u32>, value: Range<u32>);
}

/// Watches nothing.
pub(super) struct Nobody;

impl Watcher for Nobody {
    type Place = ();
    fn root(&self) {}
    fn opened(&self, (): (), _: bool) {}
    fn element(&self, (): ()) {}
    fn key(&mut self, (): (), _: &[u8], _: usize) -> Result<(), Refusal> {
        Ok(())
    }
    fn member(&mut self, (): (), _: Range<u32>, _: Range<u32>) {}
}

/// Checks `text` and gives the span of its value.
pub(crate) fn scan<W: Watcher>(text: &[u8], limits: &Limits, watcher: &mut W) -> Result<Range<usize>, Refusal> {
    if text.len() > limits.message_bytes_max || u32::try_from(text.len()).is_err() {
        return Err(Refusal::new(
            RefusalCode::TooLarge,
            limits.message_bytes_max.min(u32::MAX as usize),
            "The message is larger than the limit.",
        ));
    }
    if text.starts_with(b"\xef\xbb\xbf") {
        return Err(Refusal::new(RefusalCode::InvalidUtf8, 0, "The text begins with a byte order mark."));
    }
    if simdutf8::basic::from_utf8(text).is_err() {
        let offset = simdutf8::compat::from_utf8(text).err().map_or(0, |error| error.valid_up_to());
        return Err(Refusal::new(RefusalCode::InvalidUtf8, offset, "The text is not UTF-8."));
    }
    let place = watcher.root();
    let mut scanner = Scanner {
        text,
        at: 0,
        limits,
        watcher,
        frame: Frame::default(),
        expected: place,
        outer: [Frame::default(); OUTER_INLINE],
        outer_spilled: Vec::new(),
        depth: 0,
        keys: Keys::new(),
        refusal: None,
    };
    let span = scanner.document();
    match (span, scanner.refusal) {
        (Ok(span), None) => Ok(span),
        (_, Some(refusal)) => Err(refusal),
        (Err(Stopped), None) => Err(Refusal::new(RefusalCode::InvalidJson, 0, "The text is not JSON.")),
    }
}

/// The check ended early; the refusal is in the scanner. Keeps the `Result`s of the hot functions in a register.
struct Stopped;

type Step = Result<(), Stopped>;

/// An array or object that is open.
#[derive(Debug, Clone, Copy, Default)]
struct Frame<P> {
    seen: u64,
    keys_from: u32,
    count: u32,
    value_start: u32,
    is_object: bool,
    place: P,
}

const OUTER_INLINE: usize = 16;

struct Scanner<'t, 'w, W: Watcher> {
    text: &'t [u8],
    at: usize,
    limits: &'t Limits,
    watcher: &'w mut W,
    /// The innermost open container; meaningless at depth 0.
    frame: Frame<W::Place>,
    /// The place of the value that comes next.
    expected: W::Place,
    outer: [Frame<W::Place>; OUTER_INLINE],
    outer_spilled: Vec<Frame<W::Place>>,
    depth: usize,
    keys: Keys,
    refusal: Option<Refusal>,
}

// `inline(always)` stands on what runs for every token: as calls these few would cost half as much again.
impl<W: Watcher> Scanner<'_, '_, W> {
    fn document(&mut self) -> Result<Range<usize>, Stopped> {
        self.white_space();
        let start = self.at;
        self.value()?;
        let end = self.at;
        self.white_space();
        if self.at < self.text.len() {
            return self.stop(RefusalCode::TrailingBytes, self.at, "Bytes follow the value.").map(|()| 0..0);
        }
        Ok(start..end)
    }

    /// One value, and everything inside it.
    fn value(&mut self) -> Step {
        loop {
            self.frame.value_start = self.at as u32;
            let opened = match self.peek() {
                b'"' => {
                    self.string()?;
                    false
                }
                b'{' => self.open(true)?,
                b'[' => self.open(false)?,
                b'-' | b'0'..=b'9' => self.number()?,
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => return self.stop(RefusalCode::InvalidJson, self.at, "Expected a JSON value."),
            };
            if opened {
                continue;
            }
            if !self.after_value()? {
                return Ok(());
            }
        }
    }

    /// Goes on behind a value, closing what ends there. Gives whether another value follows.
    #[inline]
    fn after_value(&mut self) -> Result<bool, Stopped> {
        loop {
            if self.depth == 0 {
                return Ok(false);
            }
            if self.frame.is_object && self.frame.place != W::Place::default() {
                let key = self.keys.last();
                let value = self.frame.value_start..self.at as u32;
                self.watcher.member(self.frame.place, key.start..key.end, value);
            }
            self.white_space();
            match (self.peek(), self.frame.is_object) {
                (b',', true) => {
                    self.at += 1;
                    self.white_space();
                    self.key()?;
                    return Ok(true);
                }
                (b',', false) => {
                    self.at += 1;
                    self.white_space();
                    self.count()?;
                    return Ok(true);
                }
                (b'}', true) | (b']', false) => {
                    self.at += 1;
                    self.close()?;
                }
                (_, true) => {
                    return self.stop(RefusalCode::InvalidJson, self.at, "Expected `,` or `}`.").map(|()| false);
                }
                (_, false) => {
                    return self.stop(RefusalCode::InvalidJson, self.at, "Expected `,` or `]`.").map(|()| false);
                }
            }
        }
    }

    /// Opens an array or object. Gives whether a value follows (it is not empty).
    #[inline(always)]
    fn open(&mut self, is_object: bool) -> Result<bool, Stopped> {
        if self.depth >= self.limits.depth_max {
            let refused =
                self.stop(RefusalCode::TooDeep, self.at, "Arrays and objects are nested deeper than the limit.");
            return refused.map(|()| false);
        }
        let place = self.watcher.opened(self.expected, is_object);
        match self.outer.get_mut(self.depth) {
            Some(slot) => *slot = self.frame,
            None => self.outer_spilled.push(self.frame),
        }
        self.depth += 1;
        self.at += 1;
        let keys_from = self.keys.len() as u32;
        self.frame = Frame { seen: 0, keys_from, count: 0, value_start: 0, is_object, place };
        self.white_space();
        let end = if is_object { b'}' } else { b']' };
        if self.peek() == end {
            self.at += 1;
            self.close()?;
            return Ok(false);
        }
        // Nothing that a parent expected outlives the opening of a container of the wrong type.
        self.expected = self.watcher.element(place);
        if is_object {
            self.key()?
        } else {
            self.count()?
        }
        Ok(true)
    }

    #[inline]
    fn close(&mut self) -> Step {
        if self.frame.is_object
            && let Err(offset) = self.keys.close(self.text, self.frame.keys_from as usize)
        {
            return self.stop(RefusalCode::DuplicateKey, offset as usize, "An object has the same key twice.");
        }
        self.depth -= 1;
        let outer = match self.outer.get(self.depth) {
            Some(&frame) => Some(frame),
            None => self.outer_spilled.pop(),
        };
        self.frame = outer.unwrap_or_default();
        self.expected = self.watcher.element(self.frame.place);
        Ok(())
    }

    /// A key and its colon.
    #[inline(always)]
    fn key(&mut self) -> Step {
        if self.peek() != b'"' {
            return self.stop(RefusalCode::InvalidJson, self.at, "Expected a key in double quotes.");
        }
        let start = self.at + 1;
        let escaped = self.string()?;
        let end = self.at - 1;
        if end - start > self.limits.key_bytes_max {
            return self.stop(
                RefusalCode::TooManyMembers,
                start,
                "A key is longer than `limits.key_bytes_max` allows.",
            );
        }
        self.count()?;
        let key = Key::new(self.text, start as u32, end as u32, escaped);
        if !self.keys.add(self.text, self.frame.keys_from as usize, &mut self.frame.seen, key) {
            return self.stop(RefusalCode::DuplicateKey, start, "An object has the same key twice.");
        }
        if self.frame.place != W::Place::default() {
            let inner = self.text.get(start..end).unwrap_or_default();
            match self.watcher.key(self.frame.place, inner, start) {
                Ok(place) => self.expected = place,
                Err(refusal) => {
                    self.refusal = Some(refusal);
                    return Err(Stopped);
                }
            }
        }
        self.white_space();
        if self.peek() != b':' {
            return self.stop(RefusalCode::InvalidJson, self.at, "Expected `:` after a key.");
        }
        self.at += 1;
        self.white_space();
        Ok(())
    }

    #[inline]
    fn count(&mut self) -> Step {
        self.frame.count += 1;
        if self.frame.count as usize > self.limits.members_max {
            return self.stop(
                RefusalCode::TooManyMembers,
                self.at,
                "An array or object has more members than the limit.",
            );
        }
        Ok(())
    }

    /// A string with its quotes. Gives whether it holds an escape.
    #[inline(always)]
    fn string(&mut self) -> Result<bool, Stopped> {
        let mut at = string::find_special(self.text, self.at + 1);
        let mut escaped = false;
        loop {
            match self.text.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    at = match string::check_escape(self.text.get(at..).unwrap_or_default()) {
                        Ok(length) => string::find_special(self.text, at + length),
                        Err(bad) => return self.bad_escape(bad, at).map(|()| false),
                    };
                }
                Some(_) => {
                    let detail = "A control character stands unescaped in a string.";
                    return self.stop(RefusalCode::InvalidJson, at, detail).map(|()| false);
                }
                None => return self.stop(RefusalCode::InvalidJson, at, "A string does not end.").map(|()| false),
            }
        }
    }

    #[cold]
    fn bad_escape(&mut self, bad: BadEscape, at: usize) -> Step {
        match bad {
            BadEscape::Unknown => self.stop(RefusalCode::InvalidJson, at, "An escape is not one of JSON's."),
            BadEscape::LoneSurrogate => {
                self.stop(RefusalCode::LoneSurrogate, at, "An escape encodes half of a surrogate pair.")
            }
        }
    }

    #[inline]
    fn number(&mut self) -> Result<bool, Stopped> {
        match number::scan(self.text.get(self.at..).unwrap_or_default()) {
            Ok(length) => {
                self.at += length;
                Ok(false)
            }
            Err(at) => self
                .stop(RefusalCode::InvalidJson, self.at + at, "A number is not written as JSON demands.")
                .map(|()| false),
        }
    }

    #[inline]
    fn literal(&mut self, expected: &[u8]) -> Result<bool, Stopped> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(expected)) {
            self.at += expected.len();
            return Ok(false);
        }
        self.stop(RefusalCode::InvalidJson, self.at, "Expected a JSON value.").map(|()| false)
    }

    #[inline(always)]
    fn white_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    /// The byte at hand; 0, which is lawful nowhere outside strings, at the end.
    #[inline(always)]
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or_default()
    }

    #[cold]
    #[inline(never)]
    fn stop(&mut self, code: RefusalCode, offset: usize, detail: &'static str) -> Step {
        self.refusal = Some(Refusal::new(code, offset, detail));
        Err(Stopped)
    }
}
