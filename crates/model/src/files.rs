//! The files of a model: read whole, bounded, from this machine's file system alone, and hashed as they were read. What is
//! hashed is what is used.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The largest file of weights, in bytes.
pub const MODEL_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// The largest `tokenizer.json`, in bytes.
pub const TOKENIZER_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// The largest `config.json`, in bytes.
const CONFIG_BYTES_MAX: u64 = 1024 * 1024;

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file cannot be read.
    #[error("{path} cannot be read: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// A file is larger than what is read.
    #[error("{path} has {bytes} bytes; at most {most} are read")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The limit.
        most: u64,
    },
    /// A file is not the one that was named.
    #[error("{path} has the SHA-256 {found}, and {expected} is expected: it is another one, or it was changed")]
    OtherFile {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: String,
        /// What was named.
        expected: String,
    },
    /// A file is not what it should be.
    #[error("{path} is no {what} that can be used: {cause}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// What is wrong with it.
        cause: String,
    },
    /// Tokenizer, graph and labels do not belong together.
    #[error("the model cannot be used: {0}")]
    Mismatch(String),
}

/// The bytes of a file and their SHA-256.
pub(crate) struct Contents {
    pub(crate) bytes: Vec<u8>,
    pub(crate) sha256: String,
}

/// Reads a file of weights.
pub(crate) fn model(path: &Path) -> Result<Contents, OpenError> {
    read(path, MODEL_BYTES_MAX)
}

/// Reads a `tokenizer.json`.
pub(crate) fn tokenizer(path: &Path) -> Result<Contents, OpenError> {
    read(path, TOKENIZER_BYTES_MAX)
}

/// Reads the `config.json` beside a model; there need not be one.
pub(crate) fn config(model: &Path) -> Result<Option<serde_json::Value>, OpenError> {
    let path = model.with_file_name("config.json");
    if !path.exists() {
        return Ok(None);
    }
    let contents = read(&path, CONFIG_BYTES_MAX)?;
    serde_json::from_slice(&contents.bytes).map(Some).map_err(|error| OpenError::Invalid {
        path,
        what: "configuration of a model",
        cause: error.to_string(),
    })
}

/// Refuses a file with another digest than the one that is expected, if any is.
pub(crate) fn expect(path: &Path, found: &str, expected: Option<&str>) -> Result<(), OpenError> {
    match expected.filter(|expected| !expected.eq_ignore_ascii_case(found)) {
        None => Ok(()),
        Some(expected) => Err(OpenError::OtherFile {
            path: path.to_owned(),
            found: found.to_owned(),
            expected: expected.to_lowercase(),
        }),
    }
}

fn read(path: &Path, most: u64) -> Result<Contents, OpenError> {
    let unreadable = |cause: String| OpenError::Unreadable { path: path.to_owned(), cause };
    // A pipe or a device would have no end, and opening one may wait for ever.
    let about = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !about.is_file() {
        return Err(unreadable("it is not a file".to_owned()));
    }
    let too_large = |bytes| OpenError::TooLarge { path: path.to_owned(), bytes, most };
    if about.len() > most {
        return Err(too_large(about.len()));
    }
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0));
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
    // It may have grown since it was looked at.
    if bytes.len() as u64 > most {
        return Err(too_large(bytes.len() as u64));
    }
    let sha256 = hexadecimal(&Sha256::digest(&bytes));
    Ok(Contents { bytes, sha256 })
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_bounded_hashed_and_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights");
        std::fs::write(&path, b"abc").unwrap();
        let read_within = |most| read(&path, most).map(|contents| contents.sha256);
        assert_eq!(
            read_within(3).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "FIPS 180-2, appendix B.1"
        );
        assert!(matches!(read_within(2), Err(OpenError::TooLarge { bytes: 3, most: 2, .. })));
        assert!(matches!(read(folder.path(), 9), Err(OpenError::Unreadable { .. })), "a folder");
        assert!(matches!(read(&folder.path().join("none"), 9), Err(OpenError::Unreadable { .. })));
        // What never ends is not read.
        assert!(matches!(read(Path::new("/dev/zero"), 9), Err(OpenError::Unreadable { .. })));
    }
}
