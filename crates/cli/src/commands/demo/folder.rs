//! The folder that the demonstration works in: new, closed to other users, and removed at the end unless it is kept.

use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::shared::Failure;

/// How many names are tried before giving up.
const ATTEMPTS_MAX: u32 = 16;

/// A folder that disappears with this value.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    keep: bool,
}

impl Folder {
    /// A new folder under the system's folder for temporary files (`TMPDIR`).
    pub(super) fn new(keep: bool) -> Result<Self, Failure> {
        let parent = std::env::temp_dir();
        // Commands get this path as an argument and may run elsewhere.
        let parent = std::path::absolute(&parent).unwrap_or(parent);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().subsec_nanos();
        let mut last = None;
        for attempt in 0..ATTEMPTS_MAX {
            let name = format!("gatehold-demo-{}-{:08x}", std::process::id(), now.wrapping_add(attempt));
            let path = parent.join(name);
            // Creating fails where anything has this name already, a link laid out by somebody else included.
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { path, keep }),
                Err(error) => {
                    let taken = error.kind() == ErrorKind::AlreadyExists;
                    last = Some(error);
                    if !taken {
                        break;
                    }
                }
            }
        }
        let cause = last.map(|error| error.to_string()).unwrap_or_default();
        Err(Failure::error(format!(
            "the demo cannot make a folder in {}: {cause}. Set TMPDIR to a folder that you can write to",
            parent.display()
        )))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A new folder inside.
    pub(super) fn inner(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.path.join(name);
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| Failure::error(format!("{} cannot be made: {error}", path.display())))?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.keep {
            // Nothing can be done about it here; what stays holds nothing that is not made up.
            let _stays = std::fs::remove_dir_all(&self.path);
        }
    }
}
