//! JSON numbers as text: their grammar, and exact integers out of every way of writing one.

/// The length of the number at the start of `text` (RFC 8259, section 6); `Err` holds where the grammar is broken.
#[inline(always)]
pub(crate) fn scan(text: &[u8]) -> Result<usize, usize> {
    let byte = |at: usize| text.get(at).copied().unwrap_or_default();
    let mut at = usize::from(byte(0) == b'-');
    match byte(at) {
        b'0' => at += 1,
        b'1'..=b'9' => at = digits(text, at + 1),
        _ => return Err(at),
    }
    if byte(at) == b'.' {
        let fraction = at + 1;
        at = digits(text, fraction);
        if at == fraction {
            return Err(at);
        }
    }
    if matches!(byte(at), b'e' | b'E') {
        let exponent = at + 1 + usize::from(matches!(byte(at + 1), b'+' | b'-'));
        at = digits(text, exponent);
        if at == exponent {
            return Err(at);
        }
    }
    // `01`, `1x`, `1.2.3`: what follows a number must not look as if it went on.
    if matches!(byte(at), b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') { Err(at) } else { Ok(at) }
}

#[inline]
fn digits(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while text.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

/// The number as an integer, exactly, however it is written; `None` if it has a fraction or does not fit.
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    let (negative, magnitude) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    let exponent_at = magnitude.iter().position(|byte| matches!(byte, b'e' | b'E')).unwrap_or(magnitude.len());
    let (mantissa, exponent) = magnitude.split_at_checked(exponent_at)?;
    let point = mantissa.iter().position(|&byte| byte == b'.').unwrap_or(mantissa.len());
    let fraction_digits = mantissa.len().saturating_sub(point + 1);

    let mut value: i128 = 0;
    let mut significant: u32 = 0;
    let mut zeros: i64 = 0;
    for &digit in mantissa.iter().filter(|byte| byte.is_ascii_digit()) {
        // Zeros are held back until a later digit needs them, so that `4.20e1` does not look like a fraction.
        if digit == b'0' {
            zeros += 1;
            continue;
        }
        let shift = if significant == 0 { 0 } else { u32::try_from(zeros).ok()? };
        significant = significant.saturating_add(shift).saturating_add(1);
        if significant > 19 {
            return None;
        }
        value = value * 10_i128.pow(shift + 1) + i128::from(digit - b'0');
        zeros = 0;
    }
    if value == 0 {
        return Some(0);
    }
    let scale = written_exponent(exponent).saturating_add(zeros).saturating_sub(i64::try_from(fraction_digits).ok()?);
    let scale = u32::try_from(scale).ok().filter(|&scale| scale <= 19)?;
    let value = value * 10_i128.pow(scale);
    i64::try_from(if negative { -value } else { value }).ok()
}

/// The value of `e+12`, saturating; 0 for an empty text.
fn written_exponent(text: &[u8]) -> i64 {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit());
    let size = digits.fold(0_i64, |size, &digit| size.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    if text.get(1) == Some(&b'-') { -size } else { size }
}
