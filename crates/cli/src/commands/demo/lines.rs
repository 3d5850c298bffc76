//! Lines of the stdio transport (MCP 2025-11-25, transports: one JSON-RPC message a line), read with a limit. It knows
//! nothing of what a line says.

use std::io::{BufRead, Read as _};

/// The longest line that is read, in bytes with its end. The demonstration's own lines are far shorter.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// The next line without its end. `None` when there is none, or none that is whole, short enough and UTF-8.
pub(super) fn next(source: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    source.take(LINE_BYTES_MAX).read_until(b'\n', &mut line).ok()?;
    if line.pop() != Some(b'\n') {
        return None;
    }
    String::from_utf8(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_only() {
        let mut source = &b"one\n\ncut"[..];
        assert_eq!(next(&mut source).as_deref(), Some("one"));
        assert_eq!(next(&mut source).as_deref(), Some(""));
        assert_eq!(next(&mut source), None);
        assert_eq!(next(&mut &b"\xff\n"[..]), None);
    }

    #[test]
    fn a_line_without_end_is_not_collected_for_ever() {
        let mut endless = std::io::BufReader::new(std::io::repeat(b'a'));
        assert_eq!(next(&mut endless), None);
    }
}
