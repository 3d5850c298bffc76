//! Globs over whole strings: `*` (or `**`) is any run of characters, also none, also `/` and line ends; `?` is one
//! character; a backslash takes the next character literally. There are no character classes, and a
//! `[` must be escaped so that nobody believes in one.
//!
//! Matching never backtracks and knows no length: a pattern and a subject of any size are compared to the end, so
//! that padding cannot make a rule stop looking. It never folds case and never trims.

use std::fmt;

/// A compiled glob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    /// What the subject begins with; the whole subject when `rest` is `None`.
    head: Piece,
    /// What follows the first star.
    rest: Option<Rest>,
    /// Whether the pattern speaks of paths, so that the plain form of a subject counts too.
    has_slash: bool,
}

/// What follows the first star of a pattern: pieces between stars in order, then what the subject ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rest {
    middle: Box<[Piece]>,
    tail: Piece,
}

/// What stands between two stars.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Only literal characters: found with a substring search.
    Literal(Box<str>),
    /// With `?` among them; `None` is any one character.
    Wild(Box<[Option<char>]>),
}

/// Why a pattern was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GlobError {
    /// It ends in a backslash that escapes nothing.
    LoneBackslash,
    /// It holds a `[` that is not escaped: somebody expects a character class, and it would never match.
    Bracket,
}

impl GlobError {
    /// What to do about it.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::LoneBackslash => "write two backslashes for a literal one",
            Self::Bracket => "write `\\[` for a literal bracket, or give several patterns as a list",
        }
    }
}

impl fmt::Display for GlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LoneBackslash => "the pattern ends in a backslash that escapes nothing",
            Self::Bracket => "patterns have no character classes",
        })
    }
}

impl std::error::Error for GlobError {}

/// The longest literal that is looked for when rules are indexed, in bytes.
const LITERAL_BYTES_MAX: usize = 64;

/// What every text that a pattern matches must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Literal<'g> {
    /// The text is this.
    Whole(&'g str),
    /// The text holds this somewhere.
    Part(&'g str),
}

impl<'g> Literal<'g> {
    pub(crate) const fn text(self) -> &'g str {
        match self {
            Self::Whole(text) | Self::Part(text) => text,
        }
    }
}

impl Glob {
    /// The longest literal that every match must hold; `None` where there is none.
    pub(crate) fn literal(&self) -> Option<Literal<'_>> {
        match (&self.head, &self.rest) {
            (Piece::Literal(whole), None) => Some(Literal::Whole(whole)),
            (Piece::Wild(_), None) => None,
            (head, Some(rest)) => std::iter::once(head)
                .chain(&rest.middle)
                .chain([&rest.tail])
                .filter_map(|piece| match piece {
                    Piece::Literal(literal) if !literal.is_empty() => Some(&**literal),
                    Piece::Literal(_) | Piece::Wild(_) => None,
                })
                .max_by_key(|literal| literal.len())
                .map(|literal| {
                    // Its beginning tells as much, and what is built from it stays small.
                    let end = literal.floor_char_boundary(LITERAL_BYTES_MAX);
                    Literal::Part(literal.get(..end).unwrap_or(literal))
                }),
        }
    }

    /// Compiles a pattern.
    ///
    /// # Errors
    /// When the pattern ends in a lone backslash, or holds a bracket that is not escaped.
    pub fn new(pattern: &str) -> Result<Self, GlobError> {
        let mut pieces = split(pattern)?;
        let has_slash = pattern.contains('/');
        if pieces.len() == 1 {
            let head = pieces.pop().unwrap_or_else(Piece::empty);
            return Ok(Self { head, rest: None, has_slash });
        }
        let tail = pieces.pop().unwrap_or_else(Piece::empty);
        let mut pieces = pieces.into_iter();
        let head = pieces.next().unwrap_or_else(Piece::empty);
        let middle = pieces.filter(|piece| !piece.is_empty()).collect();
        Ok(Self { head, rest: Some(Rest { middle, tail }), has_slash })
    }

    /// Whether the whole of `subject` matches.
    #[must_use]
    pub fn matches(&self, subject: &str) -> bool {
        let Some(after_head) = self.head.strip_start(subject) else { return false };
        let Some(rest) = &self.rest else { return after_head.is_empty() };
        let Some(mut open) = rest.tail.strip_end(after_head) else { return false };
        // The leftmost place of each piece leaves the most for those that follow, so the first find is final.
        for piece in &rest.middle {
            let Some(after) = piece.skip_past(open) else { return false };
            open = after;
        }
        true
    }

    /// Whether the pattern holds a `/`.
    #[must_use]
    pub const fn has_slash(&self) -> bool {
        self.has_slash
    }

    /// Whether every string matches.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.head.is_empty() && self.rest.as_ref().is_some_and(|rest| rest.middle.is_empty() && rest.tail.is_empty())
    }
}

/// The pieces between stars, in order; one more than there are stars.
fn split(pattern: &str) -> Result<Vec<Piece>, GlobError> {
    let mut pieces = Vec::new();
    let mut current = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' => pieces.push(Piece::new(&std::mem::take(&mut current))),
            '?' => current.push(None),
            '\\' => current.push(Some(characters.next().ok_or(GlobError::LoneBackslash)?)),
            '[' => return Err(GlobError::Bracket),
            literal => current.push(Some(literal)),
        }
    }
    pieces.push(Piece::new(&current));
    Ok(pieces)
}

impl Piece {
    fn new(characters: &[Option<char>]) -> Self {
        match characters.iter().copied().collect::<Option<String>>() {
            Some(literal) => Self::Literal(literal.into()),
            None => Self::Wild(characters.into()),
        }
    }

    fn empty() -> Self {
        Self::Literal("".into())
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Literal(literal) if literal.is_empty())
    }

    /// What follows the piece, if the subject begins with it.
    fn strip_start<'s>(&self, subject: &'s str) -> Option<&'s str> {
        match self {
            // Comparing with an empty box is dear: it has no address, and the masked loads of `memcmp` stumble on that.
            Self::Literal(literal) if literal.is_empty() => Some(subject),
            Self::Literal(literal) => subject.strip_prefix(&**literal),
            Self::Wild(pattern) => {
                let mut characters = subject.chars();
                for expected in pattern {
                    let found = characters.next()?;
                    if expected.is_some_and(|expected| expected != found) {
                        return None;
                    }
                }
                Some(characters.as_str())
            }
        }
    }

    /// What precedes the piece, if the subject ends with it.
    fn strip_end<'s>(&self, subject: &'s str) -> Option<&'s str> {
        match self {
            Self::Literal(literal) if literal.is_empty() => Some(subject),
            Self::Literal(literal) => subject.strip_suffix(&**literal),
            Self::Wild(pattern) => {
                let mut characters = subject.chars();
                for expected in pattern.iter().rev() {
                    let found = characters.next_back()?;
                    if expected.is_some_and(|expected| expected != found) {
                        return None;
                    }
                }
                Some(characters.as_str())
            }
        }
    }

    /// What follows the leftmost place at which the piece stands.
    fn skip_past<'s>(&self, subject: &'s str) -> Option<&'s str> {
        match self {
            Self::Literal(literal) => subject.split_once(&**literal).map(|(_, after)| after),
            Self::Wild(_) => {
                let mut characters = subject.chars();
                loop {
                    if let Some(after) = self.strip_start(characters.as_str()) {
                        return Some(after);
                    }
                    characters.next()?;
                }
            }
        }
    }
}
