//! Conditions on the arguments of a call: a path to values, and a test of each value found there.
//!
//! Lists hide nothing: wherever a path meets a list, every element is looked at. For a rule that denies, one value
//! that passes the test suffices, values inside objects at the end of the path count too, and a value that cannot be
//! tested counts as passing. For a rule that allows, there must be at least one value, every one must pass, and every
//! branch must have one. It compares unescaped strings and numbers as written; it never decodes JSON inside a string.

use std::cell::Cell;

use gatehold_wire::json::{Raw, Type};

use super::glob::Glob;
use super::number::Number;
use super::plain::plain_form;

/// What came of evaluating something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It does not hold.
    No,
    /// It holds.
    Yes,
    /// It could not be told.
    Error,
}

impl Outcome {
    /// Both must hold. What surely does not hold outweighs what cannot be told.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Error, _) | (_, Self::Error) => Self::Error,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    /// One must hold. What surely holds outweighs what cannot be told.
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Error, _) | (_, Self::Error) => Self::Error,
            (Self::No, Self::No) => Self::No,
        }
    }
}

impl From<bool> for Outcome {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// Which way a condition fails closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// For a rule that denies: any value suffices.
    Any,
    /// For a rule that allows: every value must pass.
    Every,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// The member with this name, of an object or of every object in a list.
    Member(Box<str>),
    /// Every element of a list, every member of an object.
    Each,
}

/// A path of a policy to values in arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(pub(crate) Box<[Step]>);

impl Path {
    /// Reads a dotted path, for instance `card.number` or `rows.*.name`.
    ///
    /// # Errors
    /// A sentence: an empty step, or a lone backslash at the end.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        read_path(text).map(Self)
    }

    /// Hands out every value that stands at the path, through lists wherever they stand.
    pub(crate) fn each_value<'r>(&self, value: Raw<'r>, found: &mut dyn FnMut(Raw<'r>)) {
        each_value(value, &self.0, 0, found);
    }
}

fn each_value<'r>(value: Raw<'r>, path: &[Step], depth: usize, found: &mut dyn FnMut(Raw<'r>)) {
    let Some((step, rest)) = path.split_first() else { return found(value) };
    if depth > DEPTH_MAX {
        // Deeper than anything that a message may hold: whatever stands there is taken whole.
        return found(value);
    }
    match (value.kind(), step) {
        (Type::Object, Step::Member(name)) => {
            if let Some(member) = value.get(name) {
                each_value(member, rest, depth + 1, found);
            }
        }
        (Type::Object, Step::Each) => {
            value.members().for_each(|(_, member)| each_value(member, rest, depth + 1, found));
        }
        (Type::Array, Step::Each) => value.items().for_each(|item| each_value(item, rest, depth + 1, found)),
        (Type::Array, Step::Member(_)) => value.items().for_each(|item| each_value(item, path, depth + 1, found)),
        (Type::Null | Type::Bool | Type::Number | Type::String, Step::Member(_) | Step::Each) => {}
    }
}

/// A text or a number or a boolean that a value is compared with.
#[derive(Debug, Clone)]
pub(crate) enum Scalar {
    Text(Box<str>),
    Number(Number),
    Bool(bool),
}

/// A comparison of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl Bound {
    /// Whether a value that compares so with the number is within.
    pub(crate) fn admits(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Above => order.is_gt(),
            Self::AtLeast => order.is_ge(),
            Self::Below => order.is_lt(),
            Self::AtMost => order.is_le(),
        }
    }
}

/// One test of one value.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Glob(Glob),
    Regex(regex::Regex),
    OneOf(Box<[Scalar]>),
    AnyOf(Box<[Test]>),
    Compare(Bound, Number),
}

/// What is demanded of what stands at the path.
#[derive(Debug, Clone)]
pub(crate) enum Demand {
    /// Nothing stands there.
    Absent,
    /// Something stands there.
    Present,
    /// Values there pass all of these tests.
    Tests(Box<[Test]>),
}

/// A path and what is demanded there.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) path: Box<[Step]>,
    pub(crate) demand: Demand,
}

/// How deep a walk goes, whatever the limit of messages is; deeper cannot be evaluated.
const DEPTH_MAX: usize = 192;
/// How many bytes of nested containers one condition walks through in search of values; more cannot be evaluated.
const WALK_BYTES_MAX: usize = 64 * 1024 * 1024;

impl Condition {
    /// Whether the condition holds for these arguments; `None` stands for arguments that were left out.
    pub(crate) fn holds(&self, arguments: Option<Raw<'_>>, quantifier: Quantifier) -> Outcome {
        let search = Search { condition: self, quantifier, bytes: Cell::new(0) };
        match arguments {
            Some(arguments) => search.walk(arguments, &self.path, 0),
            None => search.missing(),
        }
    }
}

/// One search through arguments.
struct Search<'c> {
    condition: &'c Condition,
    quantifier: Quantifier,
    bytes: Cell<usize>,
}

impl Search<'_> {
    /// What a branch without a value means.
    fn missing(&self) -> Outcome {
        match self.condition.demand {
            Demand::Absent => Outcome::Yes,
            Demand::Present | Demand::Tests(_) => Outcome::No,
        }
    }

    fn walk(&self, value: Raw<'_>, path: &[Step], depth: usize) -> Outcome {
        if depth > DEPTH_MAX {
            return Outcome::Error;
        }
        let Some((step, rest)) = path.split_first() else { return self.end(value, depth) };
        match (value.kind(), step) {
            (Type::Object, Step::Member(name)) => match value.get(name) {
                Some(member) => self.walk(member, rest, depth + 1),
                None => self.missing(),
            },
            (Type::Object, Step::Each) => self.each(value.members().map(|(_, member)| member), rest, depth),
            (Type::Array, Step::Each) => self.each(value.items(), rest, depth),
            (Type::Array, Step::Member(_)) if self.may_descend(value) => self.each(value.items(), path, depth),
            (Type::Array, Step::Member(_)) => Outcome::Error,
            (Type::Null | Type::Bool | Type::Number | Type::String, Step::Member(_) | Step::Each) => self.missing(),
        }
    }

    /// Over all values; over none, as where nothing stands.
    fn each<'r>(&self, values: impl Iterator<Item = Raw<'r>>, path: &[Step], depth: usize) -> Outcome {
        let mut joined = None;
        for value in values {
            let outcome = self.walk(value, path, depth + 1);
            let (outcome, decisive) = match self.quantifier {
                Quantifier::Any => (joined.map_or(outcome, |before: Outcome| before.or(outcome)), Outcome::Yes),
                Quantifier::Every => (joined.map_or(outcome, |before: Outcome| before.and(outcome)), Outcome::No),
            };
            if outcome == decisive {
                return outcome;
            }
            joined = Some(outcome);
        }
        joined.unwrap_or_else(|| self.missing())
    }

    /// At the end of the path.
    fn end(&self, value: Raw<'_>, depth: usize) -> Outcome {
        let kind = value.kind();
        match &self.condition.demand {
            // Null is taken for absent or for present, whichever is the stricter reading.
            Demand::Absent => (kind == Type::Null && self.quantifier == Quantifier::Any).into(),
            Demand::Present => (kind != Type::Null || self.quantifier == Quantifier::Any).into(),
            Demand::Tests(tests) => match kind {
                Type::Array if self.may_descend(value) => self.each(value.items(), &[], depth),
                Type::Object if self.quantifier == Quantifier::Every => Outcome::No,
                Type::Object if self.may_descend(value) => {
                    self.each(value.members().map(|(_, member)| member), &[], depth)
                }
                Type::Array | Type::Object => Outcome::Error,
                Type::Null => Outcome::No,
                Type::Bool | Type::Number | Type::String => self.test_all(tests, value, kind),
            },
        }
    }

    fn test_all(&self, tests: &[Test], value: Raw<'_>, kind: Type) -> Outcome {
        let text = value.as_str();
        let leaf = Leaf { kind, text: text.as_deref().unwrap_or_else(|| value.text()), quantifier: self.quantifier };
        let mut outcome = Outcome::Yes;
        for test in tests {
            outcome = outcome.and(test.passes(leaf));
            if outcome == Outcome::No {
                break;
            }
        }
        outcome
    }

    fn may_descend(&self, container: Raw<'_>) -> bool {
        let bytes = self.bytes.get().saturating_add(container.text().len());
        self.bytes.set(bytes);
        bytes <= WALK_BYTES_MAX
    }
}

/// A string (unescaped), number or boolean (as written).
#[derive(Clone, Copy)]
struct Leaf<'r> {
    kind: Type,
    text: &'r str,
    quantifier: Quantifier,
}

impl Test {
    /// Whether a value passes. A rule that denies also compares across types, as servers that convert would.
    fn passes(&self, leaf: Leaf<'_>) -> Outcome {
        let lenient = leaf.quantifier == Quantifier::Any;
        let as_text = leaf.kind == Type::String || lenient;
        match self {
            Self::Glob(glob) => (as_text && glob_passes(glob, leaf)).into(),
            Self::Regex(regex) => (as_text && regex.is_match(leaf.text)).into(),
            Self::OneOf(scalars) => {
                scalars.iter().fold(Outcome::No, |outcome, scalar| outcome.or(scalar.equals(leaf, lenient)))
            }
            Self::AnyOf(tests) => tests.iter().fold(Outcome::No, |outcome, test| outcome.or(test.passes(leaf))),
            Self::Compare(bound, number) => {
                if leaf.kind != Type::Number && !lenient {
                    return Outcome::No;
                }
                match number.order_of(leaf.text.trim()) {
                    Ok(order) => bound.admits(order).into(),
                    Err(_) => Outcome::Error,
                }
            }
        }
    }
}

/// A pattern that speaks of paths is compared with the plain form too: either suffices to deny, both must match to
/// allow.
fn glob_passes(glob: &Glob, leaf: Leaf<'_>) -> bool {
    let written = glob.matches(leaf.text);
    if !glob.has_slash() || written == (leaf.quantifier == Quantifier::Any) {
        return written;
    }
    plain_form(leaf.text).map_or(written, |plain| glob.matches(&plain))
}

impl Scalar {
    fn equals(&self, leaf: Leaf<'_>, lenient: bool) -> Outcome {
        match self {
            Self::Text(text) => ((leaf.kind == Type::String || lenient) && **text == *leaf.text).into(),
            Self::Bool(expected) => {
                let expected = if *expected { "true" } else { "false" };
                let equal = match leaf.kind {
                    Type::Bool => leaf.text == expected,
                    _ => lenient && leaf.text.trim().eq_ignore_ascii_case(expected),
                };
                equal.into()
            }
            Self::Number(number) => match (leaf.kind, number.order_of(leaf.text.trim())) {
                (Type::Number, Ok(order)) => order.is_eq().into(),
                (Type::Number, Err(_)) => Outcome::Error,
                (_, Ok(order)) => (lenient && order.is_eq()).into(),
                (_, Err(_)) => Outcome::No,
            },
        }
    }
}

/// Reads a dotted path. A backslash takes the next character literally, so that names may hold dots and stars.
///
/// # Errors
/// A sentence: an empty step, or a lone backslash at the end.
pub(crate) fn read_path(text: &str) -> Result<Box<[Step]>, &'static str> {
    let mut steps = Vec::new();
    let (mut name, mut is_escaped) = (String::new(), false);
    let mut finish = |name: &mut String, is_escaped: &mut bool| {
        let step = match (name.as_str(), *is_escaped) {
            ("", _) => return Err("a step of the path is empty"),
            ("*", false) => Step::Each,
            (name, _) => Step::Member(name.into()),
        };
        name.clear();
        *is_escaped = false;
        steps.push(step);
        Ok(())
    };
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '.' => finish(&mut name, &mut is_escaped)?,
            '\\' => {
                name.push(characters.next().ok_or("the path ends in a backslash that escapes nothing")?);
                is_escaped = true;
            }
            other => name.push(other),
        }
    }
    finish(&mut name, &mut is_escaped)?;
    Ok(steps.into())
}
