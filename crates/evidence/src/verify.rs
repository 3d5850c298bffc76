//! Checks ledger files offline: that no record was changed, removed, inserted or moved, and, for a folder, that no file
//! is missing that another one names. Reads only; what it cannot prove it does not claim.
//!
//! Level 1, the only one so far, is the hash chain. It shows that the files are as they were written, unless somebody
//! who can write to the folder has computed the whole chain anew, in every file that names another. Records cut from
//! the end of a file without a closing record are missed only if another file names a later one.

mod file;
mod report;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::ledger::ledger_names;
use file::{Anchors, Genesis, NameCheck};
pub use report::{Ending, FileReport, Missing, Report, Status};

/// The levels that exist.
pub const LEVELS: &[u32] = &[1];

/// Why nothing could be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyError {
    /// There is no such level.
    UnknownLevel(u32),
    /// The path cannot be read.
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// The folder holds no ledger file. Nothing is not valid.
    Nothing(PathBuf),
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownLevel(level) => {
                write!(f, "there is no verification level {level}; the only one so far is 1 (the hash chain)")
            }
            Self::Unreadable { path, cause } => {
                write!(f, "cannot read {}: {cause}; name a ledger file or the folder that holds them", path.display())
            }
            Self::Nothing(path) => write!(
                f,
                "there is no ledger file (`*.jsonl`) in {}: nothing to verify, which is not the same as valid",
                path.display()
            ),
        }
    }
}

impl std::error::Error for VerifyError {}

/// Checks a ledger file, or all ledger files of a folder. Memory does not grow with the length of the files.
///
/// # Errors
/// Nothing could be checked at all. What is wrong with a file stands in the report.
pub fn verify_path(path: &Path, level: u32) -> Result<Report, VerifyError> {
    if !LEVELS.contains(&level) {
        return Err(VerifyError::UnknownLevel(level));
    }
    let unreadable =
        |error: std::io::Error| VerifyError::Unreadable { path: path.to_owned(), cause: error.to_string() };
    let kind = fs::metadata(path).map_err(unreadable)?;
    if !kind.is_dir() {
        let status = file::verify(path, Anchors::default(), NameCheck::Ignore);
        return Ok(Report {
            path: path.to_owned(),
            level,
            files: vec![FileReport { path: path.to_owned(), status }],
            missing: Vec::new(),
        });
    }
    let names = ledger_names(path).map_err(unreadable)?;
    if names.is_empty() {
        return Err(VerifyError::Nothing(path.to_owned()));
    }
    let (mut anchors, missing) = expectations(path, &names);
    let files = names
        .iter()
        .map(|name| {
            let file = path.join(name);
            let expected = name.to_str().and_then(|name| anchors.remove(name)).unwrap_or_default();
            let status = file::verify(&file, expected, NameCheck::Demand);
            FileReport { path: file, status }
        })
        .collect();
    Ok(Report { path: path.to_owned(), level, files, missing })
}

/// What the genesis records of a folder say about the other files: records that must be there, by file, and the files
/// that are not.
fn expectations(folder: &Path, names: &[std::ffi::OsString]) -> (BTreeMap<String, Anchors>, Vec<Missing>) {
    let mut anchors: BTreeMap<String, Anchors> = BTreeMap::new();
    let mut missing: BTreeMap<String, String> = BTreeMap::new();
    for name in names {
        let Some(genesis) = Genesis::read(&folder.join(name)) else { continue };
        for named in genesis.named() {
            let is_there = names.binary_search_by(|name| name.as_os_str().cmp(named.file.as_ref())).is_ok();
            let named_by = || name.to_string_lossy().into_owned();
            if is_there {
                anchors.entry(named.file.clone()).or_default().expect(named.seq, &named.hash, named_by());
            } else {
                missing.entry(named.file.clone()).or_insert_with(named_by);
            }
        }
    }
    (anchors, missing.into_iter().map(|(file, named_by)| Missing { file, named_by }).collect())
}

#[cfg(test)]
mod tests;
