//! Looks at the end of a ledger file without reading all of it: where its chain stands, and whether it was torn.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use crate::chain::{self, HashText, Link};
use crate::record::LINE_BYTES_MAX;

/// How many other files a genesis record names.
pub(super) const LINKS_MAX: usize = 32;

/// Lines that a torn end may have. A crash leaves one; a crash while repairing leaves another.
pub(crate) const TORN_LINES_MAX: u64 = 8;

/// How the end of a file looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tail {
    /// The last line is a record whose own hash is right.
    Whole {
        /// Its sequence number.
        seq: u64,
        /// Its hash.
        hash: HashText,
    },
    /// A record is followed by something that is none, as a write leaves it that was cut short.
    Torn {
        /// Sequence number of the last record that is right.
        seq: u64,
        /// Its hash.
        hash: HashText,
        /// What follows it.
        fragment: Fragment,
        /// Whether the file ends with a line end.
        ended: bool,
    },
    /// Empty, or changed in a way that no crash explains.
    Other,
}

/// What follows the last record of a torn file, without the line end before and after it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Fragment {
    /// Where it begins in the file.
    pub offset: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its lines; 0 if only the line end of the last record is missing.
    pub lines: u64,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
}

/// Reads the end of a file: a little first, and more if the last record does not stand in it.
pub(super) fn tail(file: &mut File) -> io::Result<Tail> {
    const LITTLE: u64 = 8 * 1024;
    let length = file.metadata()?.len();
    for window in [LITTLE, 2 * LINE_BYTES_MAX as u64] {
        let start = length.saturating_sub(window);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.by_ref().take(window).read_to_end(&mut bytes)?;
        if let Some(found) = last_record(&bytes, start) {
            return Ok(found);
        }
        if start == 0 {
            break;
        }
    }
    Ok(Tail::Other)
}

/// Finds the last record in the last bytes of a file, which begin at `start`. `None` if there is none.
fn last_record(bytes: &[u8], start: u64) -> Option<Tail> {
    let mut end = bytes.len();
    let mut lines = 0;
    if bytes.last() == Some(&b'\n') {
        end -= 1;
    }
    loop {
        let before = bytes.get(..end)?;
        let begin = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let line = before.get(begin..)?;
        if let Some(link) = Link::parse(line).filter(Link::is_intact) {
            let hash = link.hash.try_into().ok()?;
            return Some(judge(bytes, start, end, lines, (link.seq, hash, link.is_last())));
        }
        if is_json(line) || lines >= TORN_LINES_MAX {
            return Some(Tail::Other);
        }
        lines += 1;
        end = begin.checked_sub(1)?;
    }
}

/// `end` is where the last record ends in `bytes`.
fn judge(bytes: &[u8], start: u64, end: usize, lines: u64, record: (u64, HashText, bool)) -> Tail {
    let (seq, hash, closed) = record;
    let rest = bytes.get(end..).unwrap_or_default();
    if rest == b"\n" {
        return Tail::Whole { seq, hash };
    }
    if closed && !rest.is_empty() {
        // But for a lost line end: nothing is ever written after the closing record: no crash leaves this.
        return Tail::Other;
    }
    let fragment = rest.strip_prefix(b"\n").unwrap_or(rest);
    let ended = rest.ends_with(b"\n");
    let fragment = if ended { fragment.strip_suffix(b"\n").unwrap_or(fragment) } else { fragment };
    let sha256 = String::from_utf8_lossy(&chain::hash(fragment)).into_owned();
    let offset = start + end as u64 + u64::from(!rest.is_empty());
    Tail::Torn { seq, hash, fragment: Fragment { offset, bytes: fragment.len() as u64, lines, sha256 }, ended }
}

/// Whether a line is a complete JSON value: then it was not cut, whatever else it is.
pub(crate) fn is_json(line: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}
