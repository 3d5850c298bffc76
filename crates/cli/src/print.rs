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
