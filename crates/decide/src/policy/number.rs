//! Numbers as they are written, compared exactly: `1e400` and integers beyond 2^53 do not pass by rounding.
//!
//! It never converts to a machine number. What cannot be compared (an exponent of absurd length) says so, and the
//! caller fails closed.

use std::cmp::Ordering;
use std::fmt;

/// The longest exponent, in digits, that is read. Any real number needs far fewer.
const EXPONENT_DIGITS_MAX: usize = 17;

/// A JSON number (RFC 8259, section 6), borrowed as written: `0.d1d2d3… × 10^magnitude`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decimal<'a> {
    negative: bool,
    /// The digits from the first to the last that is not zero, perhaps with a point among them; empty for zero.
    digits: &'a str,
    magnitude: i64,
}

/// The text is not a number, or its exponent is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotComparable;

impl<'a> Decimal<'a> {
    /// Reads a number.
    ///
    /// # Errors
    /// When `text` is not exactly a JSON number, or its exponent has more than 17 digits.
    pub(crate) fn read(text: &'a str) -> Result<Self, NotComparable> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (significand, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((significand, exponent)) => (significand, read_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match significand.split_once('.') {
            Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
            Some(_) => return Err(NotComparable),
            None => (significand, ""),
        };
        if !is_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
            return Err(NotComparable);
        }
        let leading = significand.trim_start_matches(['0', '.']);
        let digits = if significand.contains('.') {
            leading.trim_end_matches(['0', '.'])
        } else {
            leading.trim_end_matches('0')
        };
        if digits.is_empty() {
            return Ok(Self { negative: false, digits: "", magnitude: 0 });
        }
        // Digits before the point, or minus the zeros that follow it when there are none before.
        let point = if whole == "0" {
            let zeros = fraction.len() - fraction.trim_start_matches('0').len();
            i64::try_from(zeros).map_err(|_| NotComparable)?.checked_neg().ok_or(NotComparable)?
        } else {
            i64::try_from(whole.len()).map_err(|_| NotComparable)?
        };
        let magnitude = point.checked_add(exponent).ok_or(NotComparable)?;
        Ok(Self { negative, digits, magnitude })
    }

    /// Orders two numbers by value.
    #[must_use]
    pub(crate) fn compare(self, other: Self) -> Ordering {
        match (self.signum(), other.signum()) {
            (1, 1) => self.compare_size(other),
            (-1, -1) => other.compare_size(self),
            (mine, theirs) => mine.cmp(&theirs),
        }
    }

    fn signum(self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => -1,
        }
    }

    fn compare_size(self, other: Self) -> Ordering {
        // A digit more, after equal ones, is larger: neither ends in zero.
        let digits = |text: &'a str| text.bytes().filter(|byte| *byte != b'.');
        let theirs = other.digits.bytes().filter(|byte| *byte != b'.');
        self.magnitude.cmp(&other.magnitude).then_with(|| digits(self.digits).cmp(theirs))
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn read_exponent(text: &str) -> Result<i64, NotComparable> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !is_digits(unsigned) {
        return Err(NotComparable);
    }
    let significant = unsigned.trim_start_matches('0');
    if significant.len() > EXPONENT_DIGITS_MAX {
        return Err(NotComparable);
    }
    let value = if significant.is_empty() { 0 } else { significant.parse::<i64>().map_err(|_| NotComparable)? };
    Ok(if negative { -value } else { value })
}

/// A number of a policy, which owns its text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Number(Box<str>);

impl Number {
    /// Keeps a number that can be compared.
    ///
    /// # Errors
    /// As `Decimal::read`.
    pub(crate) fn new(text: &str) -> Result<Self, NotComparable> {
        Decimal::read(text)?;
        Ok(Self(text.into()))
    }

    /// How `written` compares with this number.
    ///
    /// # Errors
    /// When `written` cannot be compared.
    pub(crate) fn order_of(&self, written: &str) -> Result<Ordering, NotComparable> {
        Ok(Decimal::read(written)?.compare(Decimal::read(&self.0)?))
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
