//! What verification found, for people and as JSON. Text from a file is escaped before it is shown.

use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use crate::record::text::shown;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was checked.
    #[serde(serialize_with = "path_text")]
    pub path: PathBuf,
    /// At which level.
    pub level: u32,
    /// Each file.
    pub files: Vec<FileReport>,
    /// Files that a genesis record names and that are not there.
    pub missing: Vec<Missing>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The file.
    #[serde(serialize_with = "path_text")]
    pub path: PathBuf,
    /// How it is.
    #[serde(flatten)]
    pub status: Status,
}

/// A file that should be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Its name.
    pub file: String,
    /// The file whose genesis record names it.
    pub named_by: String,
}

/// How a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// Every record is as it was written, in its place.
    Valid {
        /// Records, the genesis record included.
        records: u64,
        /// Time of the first one, RFC 3339.
        first_time: String,
        /// Time of the last one.
        last_time: String,
        /// How the file ends.
        ending: Ending,
        /// Tears that were repaired by appending. The torn fragments stand in the file.
        repairs: u64,
    },
    /// The end was cut in the middle of a record, as a crash does. Not valid until it is repaired, which the next
    /// ledger that is opened in the folder does.
    Torn {
        /// Records before the tear.
        records: u64,
        /// Where the fragment begins, in bytes.
        offset: u64,
        /// Its length in bytes.
        bytes: u64,
    },
    /// A record was changed, removed, inserted or moved.
    Broken {
        /// The line, from 1.
        line: u64,
        /// The sequence number that belongs there.
        seq: u64,
        /// What is wrong.
        what: String,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// There is nothing in the file: not even the genesis record with which every ledger file begins.
    Empty,
    /// It could not be read.
    Unreadable {
        /// Why.
        cause: String,
    },
}

/// How a valid file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// With the closing record.
    Closed,
    /// Its writer is alive at this moment.
    InUse,
    /// Without a closing record: the writer was killed, or records were cut from the end.
    Open,
}

impl Report {
    /// Whether every file is valid and none is missing. Without a file, nothing is valid.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        !self.files.is_empty()
            && self.missing.is_empty()
            && self.files.iter().all(|file| matches!(file.status, Status::Valid { .. }))
    }

    /// All records of the valid files.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.files.iter().map(|file| if let Status::Valid { records, .. } = &file.status { *records } else { 0 }).sum()
    }

    /// The report as one JSON object: its members, and `valid`.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Whole<'a> {
            valid: bool,
            records: u64,
            #[serde(flatten)]
            report: &'a Report,
        }
        let whole = Whole { valid: self.is_valid(), records: self.records(), report: self };
        // Strings and numbers only: this cannot fail. What is empty is not mistaken for a valid report.
        serde_json::to_string(&whole).unwrap_or_default()
    }
}

fn path_text<S: Serializer>(path: &std::path::Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            let name = file.path.file_name().map_or_else(|| file.path.to_string_lossy(), |name| name.to_string_lossy());
            write_file(f, &shown(&name), &file.status)?;
        }
        for missing in &self.missing {
            writeln!(f, "MISSING  {}: named by {}", shown(&missing.file), shown(&missing.named_by))?;
        }
        let files = self.files.len();
        let plural = if files == 1 { "file" } else { "files" };
        if self.is_valid() {
            let open = self.files.iter().filter(|file| is_open(&file.status)).count();
            write!(f, "valid: {files} {plural}, {} records (level {})", self.records(), self.level)?;
            if open > 0 {
                write!(
                    f,
                    "\nnote: {open} without a closing record; records cut from the end of such a file are noticed only \
                     if a later file names them"
                )?;
            }
            Ok(())
        } else {
            write!(f, "NOT VALID: see above ({files} {plural} checked, level {})", self.level)
        }
    }
}

fn is_open(status: &Status) -> bool {
    matches!(status, Status::Valid { ending: Ending::Open, .. })
}

fn write_file(f: &mut fmt::Formatter<'_>, name: &str, status: &Status) -> fmt::Result {
    match status {
        Status::Valid { records, first_time, last_time, ending, repairs } => {
            let ending = match ending {
                Ending::Closed => "closed",
                Ending::InUse => "in use",
                Ending::Open => "no closing record",
            };
            let (first_time, last_time) = (shown(first_time), shown(last_time));
            write!(f, "ok       {name}: {records} records, {first_time} to {last_time}, {ending}")?;
            if *repairs > 0 {
                write!(f, ", {repairs} tear(s) repaired")?;
            }
            writeln!(f)
        }
        Status::Torn { records, offset, bytes } => writeln!(
            f,
            "TORN     {name}: after {records} records, {bytes} bytes at offset {offset} are no whole record; the next \
             start in this folder repairs it by appending"
        ),
        Status::Broken { line, seq, what, expected, found } => writeln!(
            f,
            "BROKEN   {name}: line {line} (record {seq}): {}: expected {}, found {}",
            shown(what),
            shown(expected),
            shown(found)
        ),
        Status::Empty => writeln!(f, "EMPTY    {name}: not even a genesis record; it was emptied"),
        Status::Unreadable { cause } => writeln!(f, "ERROR    {name}: cannot be read: {}", shown(cause)),
    }
}
