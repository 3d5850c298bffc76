//! Writing for people. Failing to write is no reason to fail: the reader may have gone (`gatehold audit tail | head`).

use std::io::{IsTerminal, Write as _};

/// A line of data, on standard output. False when nobody reads any more.
pub(crate) fn line(text: &str) -> bool {
    writeln!(std::io::stdout(), "{text}").is_ok()
}

/// Lines for the operator, on standard error.
pub(crate) fn note(text: &str) {
    for line in text.lines() {
        let _unheard = writeln!(std::io::stderr(), "gatehold: {line}");
    }
}

/// An error, on standard error. Text that comes with its own layout is left as it is.
pub(crate) fn error(text: &str) {
    let _unheard = match text.starts_with("error") || text.starts_with('\u{1b}') {
        true => writeln!(std::io::stderr(), "{text}"),
        false => writeln!(std::io::stderr(), "gatehold: error: {text}"),
    };
}

/// Whether standard error may be coloured (`NO_COLOR` and `TERM=dumb` say no).
pub(crate) fn colours() -> bool {
    let unset = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    unset && std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Text of somebody else, safe for a terminal and for the reader's eye: what has no shape of its own, turns the direction
/// of writing, or moves the cursor is shown as its code.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_deceptive(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Controls, format characters, fillers, and every space but the plain one (Unicode 16, general categories Cc, Cf, Zl,
/// Zp, Zs, and the default ignorable ones).
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(
            u32::from(c),
            0xAD | 0x34F
                | 0x600..=0x605
                | 0x61C
                | 0x6DD
                | 0x70F
                | 0x115F..=0x1160
                | 0x17B4..=0x17B5
                | 0x180B..=0x180F
                | 0x200B..=0x200F
                | 0x2028..=0x202E
                | 0x2060..=0x206F
                | 0x2800
                | 0x3164
                | 0xFE00..=0xFE0F
                | 0xFEFF
                | 0xFFA0
                | 0xFFF0..=0xFFFB
                | 0xE000..=0xF8FF
                | 0x110BD
                | 0x1BCA0..=0x1BCA3
                | 0x1D173..=0x1D17A
                | 0xE0000..=0x10FFFF
        )
}
