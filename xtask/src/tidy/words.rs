//! Rules for names and contents of all files: no file named after nothing in particular, no postponed work, nothing
//! that is true on one machine only.

use std::fs;
use std::path::Path;

use crate::failure::Outcome;
use crate::workspace;

/// Names that say nothing about what is inside.
const BANNED_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "types", "manager", "misc"];

/// Marks of postponed work. Written in two parts, so that this file does not hold them.
const POSTPONED: &[&str] =
    &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("todo", "!("), concat!("unimpl", "emented!(")];

/// Folders of single machines. (Other files of the superuser are named by attack cases and their tests.)
const MACHINE_FOLDERS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/tmp/", "brief"),
    concat!("/tmp/", "target-"),
    concat!("/ro", "ot/.cargo"),
    concat!("/ro", "ot/.rustup"),
    concat!("/ro", "ot/.pyenv"),
];

/// Where packages of a lock file may come from: registries that everybody reaches.
const REGISTRIES: &[&str] = &[
    "https://github.com/rust-lang/crates.io-index",
    "https://registry.npmjs.org/",
    "https://files.pythonhosted.org/",
    "https://pypi.org/",
];

/// The largest file whose content is read, in bytes: larger ones are data.
const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// Files and folders with a banned name.
pub(super) fn name_problems() -> Outcome<Vec<String>> {
    Ok(workspace::files()?.iter().filter_map(|path| name_problem(path)).collect())
}

/// What is wrong with the name of a file of ours.
fn name_problem(path: &Path) -> Option<String> {
    if !(path.extension()? == "rs" || path.ends_with("Cargo.toml")) {
        return None;
    }
    let mut names = path.iter().map(|part| Path::new(part).file_stem().unwrap_or(part).to_string_lossy());
    let banned = names.find(|name| BANNED_NAMES.contains(&name.as_ref()))?;
    Some(format!("{}: `{banned}` says nothing; name it after what it does", path.display()))
}

/// Files with a content that they may not have.
pub(super) fn content_problems() -> Outcome<Vec<String>> {
    let mut problems = Vec::new();
    for path in workspace::files()? {
        let file = workspace::root().join(&path);
        if fs::metadata(&file)?.len() > FILE_BYTES_MAX {
            continue;
        }
        // What is not text is data.
        if let Ok(text) = fs::read_to_string(&file) {
            problems.extend(content_problems_of(&path, &text));
        }
    }
    Ok(problems)
}

/// What one file may not have.
fn content_problems_of(path: &Path, text: &str) -> Vec<String> {
    let is_data = path.starts_with("corpus") || path.starts_with("fuzz/corpus");
    let is_lock = ["Cargo.lock", "package-lock.json"].iter().any(|name| path.ends_with(name));
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let place = format!("{}:{}", path.display(), index + 1);
        if is_lock && let Some(source) = foreign_source(line) {
            problems.push(format!("{place}: comes from {source}, which not everybody reaches"));
        }
        if is_data || is_lock {
            continue;
        }
        problems.extend(
            POSTPONED
                .iter()
                .filter(|mark| has_word(line, mark))
                .map(|mark| format!("{place}: `{mark}`: do it, or open an issue")),
        );
        problems.extend(
            MACHINE_FOLDERS
                .iter()
                .filter(|folder| has_folder(line, folder))
                .map(|folder| format!("{place}: `{folder}…` exists on one machine only")),
        );
    }
    problems
}

/// Whether a line has this word as a whole.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|after| after.chars().next());
        let is_part = |character: Option<char>| character.is_some_and(|it| it.is_alphanumeric() || it == '_');
        !is_part(before) && (word.ends_with('(') || !is_part(after))
    })
}

/// Whether a line names this folder as an absolute path, not as the end of another one.
fn has_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|it| it.is_alphanumeric() || ['_', '-', '.', '/', '}', '>', '*'].contains(&it))
    })
}

/// The source that a line of a lock file names, if it is not one of the public registries.
fn foreign_source(line: &str) -> Option<&str> {
    let line = line.trim();
    let value = line.strip_prefix("source = \"registry+").or_else(|| line.strip_prefix("\"resolved\": \""));
    let source = value.or_else(|| line.strip_prefix("source = \""))?.split('"').next()?;
    (!REGISTRIES.iter().any(|registry| source.starts_with(registry))).then_some(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_nothing_are_found_in_folders_too() {
        for banned in ["crates/a/src/utils.rs", "crates/common/Cargo.toml", "crates/a/src/types/x.rs"] {
            assert!(name_problem(Path::new(banned)).is_some(), "{banned}");
        }
        for good in ["crates/wire/src/json.rs", "docs/types.md", "crates/a/src/type_names.rs"] {
            assert!(name_problem(Path::new(good)).is_none(), "{good}");
        }
    }

    #[test]
    fn postponed_work_and_machine_folders_are_found() {
        let line = |text: &str| content_problems_of(Path::new("src/a.rs"), text).len();
        assert_eq!(line(concat!("// TO", "DO: later")), 1);
        assert_eq!(line(concat!("    todo", "!()")), 1);
        assert_eq!(line(concat!("see /wo", "rk/main/x")), 1);
        assert_eq!(line(concat!("crates/wo", "rk/x and METHO", "DO and mastoDO")), 0);
        assert_eq!(
            content_problems_of(Path::new("corpus/attacks/a.json"), concat!("cat /ro", "ot/.ssh/id_rsa")).len(),
            0
        );
    }

    #[test]
    fn a_lock_file_names_public_registries_only() {
        let lock = |text: &str| content_problems_of(Path::new("Cargo.lock"), text).len();
        assert_eq!(lock("source = \"registry+https://github.com/rust-lang/crates.io-index\""), 0);
        assert_eq!(lock("source = \"registry+https://mirror.example/index\""), 1);
        assert_eq!(lock("source = \"git+https://github.com/a/b#c\""), 1);
        let npm = |text: &str| content_problems_of(Path::new("fixtures/npm/package-lock.json"), text).len();
        assert_eq!(npm("\"resolved\": \"https://registry.npmjs.org/a/-/a-1.tgz\","), 0);
        assert_eq!(npm("      \"resolved\": \"http://10.0.0.1:4873/a/-/a-1.tgz\","), 1);
    }
}
