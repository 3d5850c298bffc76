//! Where things are in this repository, and what its manifests say. Reads only; asks cargo and git instead of guessing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::failure::{During, Outcome};
use crate::step;

/// The folder with the workspace's Cargo.toml.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// The folder into which cargo builds.
pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Every file that is tracked or about to be (ignored files are left out), relative to the root, sorted.
///
/// # Errors
/// When git cannot list them: the checks need to know what belongs to the project.
pub(crate) fn files() -> Outcome<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .during("cannot start git, which lists the project's files")?;
    let list = String::from_utf8(output.stdout).during("the names of the project's files")?;
    let mut files: Vec<PathBuf> = list.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect();
    files.retain(|file| root().join(file).is_file());
    files.sort();
    files.dedup();
    (!files.is_empty()).then_some(files).during("git lists no files here: run this in a clone of the repository")
}

/// What `cargo metadata` says about the members of the workspace.
///
/// # Errors
/// Those of cargo.
pub(crate) fn metadata() -> Outcome<Value> {
    let mut command = step::cargo(&["metadata", "--format-version", "1", "--locked", "--no-deps"]);
    Ok(serde_json::from_str(&step::read(&mut command)?)?)
}

/// The elements of a JSON array under `key`; none if there is no array.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The text under `key`; empty if there is none.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
