//! Walking checked text: members, elements, and every string at any depth. Nothing here can fail, recurse or allocate
//! per value; on text that was not checked the answers would be meaningless, though still without a panic.

use std::ops::ControlFlow;

use super::{Raw, string};

/// Iterates over the members of an object.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Members<'a> {
    /// The members of an object; none of any other value.
    pub(super) fn of(object: Raw<'a>) -> Self {
        Self { cursor: Cursor::inside(object, b'{') }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Raw<'a>, Raw<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.cursor.skip_to_value()?;
        let key = self.cursor.take_value();
        self.cursor.skip_to_value()?;
        Some((key, self.cursor.take_value()))
    }
}

/// Iterates over the elements of an array.
#[derive(Debug, Clone)]
pub struct Items<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Items<'a> {
    /// The elements of an array; none of any other value.
    pub(super) fn of(array: Raw<'a>) -> Self {
        Self { cursor: Cursor::inside(array, b'[') }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Raw<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.cursor.skip_to_value()?;
        Some(self.cursor.take_value())
    }
}

/// A place in checked text between two tokens.
#[derive(Debug, Clone)]
struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    offset: usize,
}

impl<'a> Cursor<'a> {
    fn inside(container: Raw<'a>, opening: u8) -> Self {
        let text = if container.bytes().first() == Some(&opening) { container.bytes() } else { &[] };
        Self { text, at: 1, offset: container.offset }
    }

    /// Moves over white space, commas and colons. `None` at the end of the container.
    #[inline]
    fn skip_to_value(&mut self) -> Option<()> {
        loop {
            match self.text.get(self.at)? {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' => self.at += 1,
                b'}' | b']' => return None,
                _ => return Some(()),
            }
        }
    }

    #[inline]
    fn take_value(&mut self) -> Raw<'a> {
        let start = self.at;
        self.at = value_end(self.text, start);
        Raw { text: self.text.get(start..self.at).unwrap_or_default(), offset: self.offset + start }
    }
}

/// Where the value ends that begins at `start`.
#[inline]
pub(crate) fn value_end(text: &[u8], start: usize) -> usize {
    match text.get(start) {
        Some(b'"') => string_end(text, start),
        Some(b'{' | b'[') => container_end(text, start),
        _ => scalar_end(text, start),
    }
}

#[inline]
fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        at = string::find_special(text, at);
        match text.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return text.len(),
        }
    }
}

fn container_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    let mut depth = 0_usize;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at = string_end(text, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return at + 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[inline]
fn scalar_end(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b':' | b' ' | b'\t' | b'\n' | b'\r');
    start + rest.iter().position(ends).unwrap_or(rest.len()).max(1)
}

/// What a [`Spot`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The key of a member.
    Key,
    /// A string that is a value.
    String,
    /// A number.
    Number,
}

/// A key, string or number met by [`Raw::walk`].
#[derive(Debug)]
pub struct Spot<'a, 'w> {
    role: Role,
    value: Raw<'a>,
    steps: &'w [Step<'a>],
}

impl<'a> Spot<'a, '_> {
    /// What it is.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The key, string or number itself.
    #[must_use]
    pub const fn value(&self) -> Raw<'a> {
        self.value
    }

    /// How many arrays and objects stand around it, counted from the value that is walked.
    #[must_use]
    pub const fn depth(&self) -> usize {
        self.steps.len()
    }

    /// The key of the innermost member around it, or the key itself; `None` where there is no object around.
    #[must_use]
    pub fn key(&self) -> Option<Raw<'a>> {
        self.steps.iter().rev().find_map(|step| match step {
            Step::Member(key) => *key,
            Step::Item(_) => None,
        })
    }

    /// The RFC 6901 pointer from the value that is walked; for a key, the pointer of its member. Allocates.
    #[must_use]
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in self.steps {
            pointer.push('/');
            match step {
                Step::Item(index) => pointer.push_str(&index.to_string()),
                Step::Member(None) => {}
                Step::Member(Some(key)) => push_token(&mut pointer, &key.as_str().unwrap_or_default()),
            }
        }
        pointer
    }
}

/// Adds one reference token, escaped as RFC 6901 demands.
fn push_token(pointer: &mut String, key: &str) {
    for character in key.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            _ => pointer.push(character),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    /// Inside an object, at this member; `None` before the first.
    Member(Option<Raw<'a>>),
    /// Inside an array, at this element.
    Item(usize),
}

/// Visits everything in one pass over the text.
pub(super) fn walk<'a, B>(root: Raw<'a>, mut visit: impl FnMut(&Spot<'a, '_>) -> ControlFlow<B>) -> ControlFlow<B> {
    let text = root.bytes();
    let mut steps: Vec<Step<'a>> = Vec::new();
    let mut expects_key = false;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' => {
                steps.push(Step::Member(None));
                expects_key = true;
            }
            b'[' => steps.push(Step::Item(0)),
            b'}' | b']' => {
                steps.pop();
                expects_key = false;
            }
            b',' => match steps.last_mut() {
                Some(Step::Item(index)) => *index += 1,
                _ => expects_key = true,
            },
            b'"' | b'-' | b'0'..=b'9' => {
                let end = value_end(text, at);
                let value = Raw { text: text.get(at..end).unwrap_or_default(), offset: root.offset + at };
                let role = match byte {
                    b'"' if expects_key => Role::Key,
                    b'"' => Role::String,
                    _ => Role::Number,
                };
                if role == Role::Key {
                    expects_key = false;
                    if let Some(Step::Member(key)) = steps.last_mut() {
                        *key = Some(value);
                    }
                }
                visit(&Spot { role, value, steps: &steps })?;
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    ControlFlow::Continue(())
}
