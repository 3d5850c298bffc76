//! Follows ledger files while they are written: the last records, and then each new one. Reads only, by looking again;
//! nothing is verified here, and nothing that stands in a record can steer the terminal it is shown on.

mod render;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::ledger::{ledger_names, recent};
use crate::record::LINE_BYTES_MAX;
pub use render::{json_line, render};

/// Records of history that can be asked for.
pub const HISTORY_MAX: usize = 100_000;

/// Files of a folder whose history is looked at: the ones that were changed last.
const HISTORY_FILES_MAX: usize = 64;

/// Bytes that are read from the end of one file for its history.
const HISTORY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes that one look reads from one file; the rest comes with the next look.
const LOOK_BYTES_MAX: u64 = 2 * LINE_BYTES_MAX as u64;

/// One line of a ledger file.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The file.
    pub file: PathBuf,
    /// What stands there.
    pub content: Content,
}

/// What a line is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A JSON object, as written and as read.
    Json {
        /// The line.
        line: String,
        /// Its value.
        value: Value,
    },
    /// Not a record: this many bytes of something else.
    Unreadable {
        /// Its length.
        bytes: usize,
    },
    /// The file is shorter than it was: a ledger file never shrinks. It is read from its beginning again.
    Shortened,
}

/// Follows a file, or a folder with the files that will appear in it.
#[derive(Debug)]
pub struct Tail {
    source: PathBuf,
    is_folder: bool,
    files: BTreeMap<PathBuf, Follow>,
    history: Vec<Record>,
}

/// How far a file was read, and the line that has begun.
#[derive(Debug, Default)]
struct Follow {
    offset: u64,
    begun: Vec<u8>,
    /// Bytes of a line that is longer than any record, which are not kept.
    overlong: usize,
}

impl Tail {
    /// Begins at the end of what is there. The first `poll` gives up to `history` of the last records, in the order of
    /// their time (at most `HISTORY_MAX`, and of the files that were changed last).
    ///
    /// # Errors
    /// The path cannot be read.
    pub fn new(path: &Path, history: usize) -> io::Result<Self> {
        let is_folder = fs::metadata(path)?.is_dir();
        let mut tail = Self { source: path.to_owned(), is_folder, files: BTreeMap::new(), history: Vec::new() };
        let history = history.min(HISTORY_MAX);
        let latest = if is_folder {
            recent(path, Duration::ZERO)?.into_iter().map(|(file, _)| file).take(HISTORY_FILES_MAX).collect()
        } else {
            vec![path.to_owned()]
        };
        for file in latest {
            let (follow, records) = last_records(&file, history)?;
            tail.files.insert(file, follow);
            tail.history.extend(records);
        }
        for file in tail.present()? {
            let length = fs::symlink_metadata(&file).map_or(0, |data| data.len());
            tail.files.entry(file).or_insert(Follow { offset: length, ..Follow::default() });
        }
        sort(&mut tail.history);
        let surplus = tail.history.len().saturating_sub(history);
        tail.history.drain(..surplus);
        Ok(tail)
    }

    /// What has been written since the last call, in the order of time; the history in the first one. Returns at once:
    /// the caller waits between two calls.
    ///
    /// # Errors
    /// The path cannot be read any more.
    pub fn poll(&mut self) -> io::Result<Vec<Record>> {
        let mut records = Vec::new();
        for file in self.present()? {
            let follow = self.files.entry(file.clone()).or_default();
            match follow.read(&file, &mut records) {
                // One file of a folder may be taken away at any time; `verify` tells whether it was missed.
                Err(error) if self.is_folder && error.kind() == io::ErrorKind::NotFound => {}
                other => other?,
            }
        }
        sort(&mut records);
        let mut all = std::mem::take(&mut self.history);
        all.append(&mut records);
        Ok(all)
    }

    /// The files that are there now.
    fn present(&self) -> io::Result<Vec<PathBuf>> {
        if !self.is_folder {
            return Ok(vec![self.source.clone()]);
        }
        Ok(ledger_names(&self.source)?
            .into_iter()
            .map(|name| self.source.join(name))
            .filter(|path| fs::symlink_metadata(path).is_ok_and(|data| data.is_file()))
            .collect())
    }
}

impl Follow {
    fn read(&mut self, path: &Path, records: &mut Vec<Record>) -> io::Result<()> {
        let length = fs::metadata(path)?.len();
        if length < self.offset {
            *self = Self::default();
            records.push(Record { file: path.to_owned(), content: Content::Shortened });
        }
        if length == self.offset {
            return Ok(());
        }
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        let count = file.take(LOOK_BYTES_MAX).read_to_end(&mut bytes)?;
        self.offset += count as u64;
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            let room = LINE_BYTES_MAX.saturating_sub(self.begun.len());
            let kept = text.get(..text.len().min(room)).unwrap_or_default();
            self.begun.extend_from_slice(kept);
            self.overlong += text.len() - kept.len();
            if text.len() < piece.len() {
                let line = std::mem::take(&mut self.begun);
                records.push(record(path, &line, std::mem::take(&mut self.overlong)));
            }
        }
        Ok(())
    }
}

/// The last lines of a file, and where to go on.
fn last_records(path: &Path, count: usize) -> io::Result<(Follow, Vec<Record>)> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    // A guess at the length of a record: more of the file is read than a screen of them needs.
    let window = (count as u64 * 2048 + LINE_BYTES_MAX as u64).min(HISTORY_BYTES_MAX);
    let start = length.saturating_sub(window);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(window).read_to_end(&mut bytes)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let follow = Follow { offset: start + end as u64, ..Follow::default() };
    let whole = bytes.get(..end).unwrap_or_default();
    let mut lines: Vec<&[u8]> = whole.strip_suffix(b"\n").map_or_else(Vec::new, |whole| {
        // The window begins in the middle of a line, unless the file does.
        whole.split(|byte| *byte == b'\n').skip(usize::from(start > 0)).collect()
    });
    let surplus = lines.len().saturating_sub(count);
    lines.drain(..surplus);
    Ok((follow, lines.into_iter().map(|line| record(path, line, 0)).collect()))
}

fn record(path: &Path, line: &[u8], overlong: usize) -> Record {
    let content = std::str::from_utf8(line)
        .ok()
        .filter(|_| overlong == 0)
        .and_then(|line| {
            let value: Value = serde_json::from_str(line).ok()?;
            value.is_object().then(|| Content::Json { line: line.to_owned(), value })
        })
        .unwrap_or(Content::Unreadable { bytes: line.len() + overlong });
    Record { file: path.to_owned(), content }
}

/// Sorts by time; what has none stays behind the one before it.
fn sort(records: &mut Vec<Record>) {
    let mut time = String::new();
    let mut keyed: Vec<(String, Record)> = std::mem::take(records)
        .into_iter()
        .map(|record| {
            if let Some(own) = record.time() {
                own.clone_into(&mut time);
            }
            (time.clone(), record)
        })
        .collect();
    keyed.sort_by(|(left, _), (right, _)| left.cmp(right));
    records.extend(keyed.into_iter().map(|(_, record)| record));
}

impl Record {
    /// The time of the record, RFC 3339.
    #[must_use]
    pub fn time(&self) -> Option<&str> {
        match &self.content {
            Content::Json { value, .. } => value.get("time").and_then(Value::as_str),
            Content::Unreadable { .. } | Content::Shortened => None,
        }
    }
}

#[cfg(test)]
mod tests;
