//! Repairs files that a crash has torn, by appending: the fragment stays, and a record after it says how long it is and
//! what its digest is, chained to the last record before it. Nothing is ever rewritten.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::files;
use super::heads::{self, Fragment, Tail};
use crate::chain::Chain;
use crate::clock::TimeText;
use crate::gate::RecordIds;
use crate::record::text::Json;

/// Files that were changed longer ago are left as they are.
const AGE_MAX: Duration = Duration::from_secs(14 * 24 * 3600);

/// Files that one opening looks at.
const FILES_MAX: usize = 256;

/// A file that was repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The file.
    pub path: PathBuf,
    /// What the crash had left.
    pub fragment: Fragment,
}

/// Repairs what can be repaired. A file that cannot be read or written, or that somebody else holds, is left to
/// `verify` to report: it must not keep a new ledger from being opened.
pub(super) fn repair_folder(folder: &Path, now: Duration, ids: &mut RecordIds) -> io::Result<Vec<Repair>> {
    Ok(files::recent(folder, now)?
        .into_iter()
        .take(FILES_MAX)
        .filter(|(_, age)| *age < AGE_MAX)
        .filter_map(|(path, _)| {
            let fragment = repair_file(&path, now, ids).ok().flatten()?;
            Some(Repair { path, fragment })
        })
        .collect())
}

fn repair_file(path: &Path, now: Duration, ids: &mut RecordIds) -> io::Result<Option<Fragment>> {
    // A first look without a lock: nearly always there is nothing to do.
    let mut file = File::open(path)?;
    if !matches!(heads::tail(&mut file)?, Tail::Torn { .. }) {
        return Ok(None);
    }
    let mut file = OpenOptions::new().read(true).append(true).open(path)?;
    if file.try_lock().is_err() {
        return Ok(None);
    }
    // Somebody else may have repaired it in between.
    let Tail::Torn { seq, hash, fragment, ended } = heads::tail(&mut file)? else { return Ok(None) };
    let mut bytes = Vec::new();
    if !ended {
        bytes.push(b'\n');
    }
    let id = ids.next(u64::try_from(now.as_millis()).unwrap_or(u64::MAX));
    let mut chain = Chain { seq: seq + 1, prev: hash };
    chain.seal(id, |out| TimeText::default().write(now, out), &body(&fragment), &mut bytes);
    // One call: a crash in the middle of it leaves a longer fragment, which the next opening repairs.
    file.write_all(&bytes)?;
    file.sync_data()?;
    Ok(Some(fragment))
}

fn body(fragment: &Fragment) -> Vec<u8> {
    let mut body = Vec::new();
    let mut json = Json::new(&mut body);
    json.word("kind", "repair");
    json.open("fragment");
    json.number("offset", fragment.offset);
    json.number("bytes", fragment.bytes);
    json.number("lines", fragment.lines);
    json.word("sha256", &fragment.sha256);
    json.close();
    json.number("pid", u64::from(std::process::id()));
    json.word("version", env!("CARGO_PKG_VERSION"));
    body
}
