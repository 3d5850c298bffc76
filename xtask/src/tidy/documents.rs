//! Rules for documents: what ARCHITECTURE.md names exists, and decision records have the parts that make them worth
//! keeping.

use std::collections::BTreeSet;
use std::fs;

use crate::failure::{During, Outcome};
use crate::workspace;

/// Endings of names that are meant as files.
const FILE_ENDINGS: &[&str] = &[".rs", ".md", ".toml", ".yaml", ".txt", ".json"];
/// The parts of a decision record.
const DECISION_PARTS: &[&str] = &["## Context", "## Choice", "## What it costs", "## When to revisit"];

/// Paths that ARCHITECTURE.md names and that do not exist.
pub(super) fn architecture_problems() -> Outcome<Vec<String>> {
    let page = fs::read_to_string(workspace::root().join("ARCHITECTURE.md"));
    let Ok(page) = page else { return Ok(vec!["ARCHITECTURE.md: is missing".to_owned()]) };
    let files: Vec<String> = workspace::files()?.iter().map(|path| path.display().to_string()).collect();
    let is_missing = |path: &&str| !exists(&files, path);
    Ok(named_paths(&page)
        .into_iter()
        .filter(is_missing)
        .map(|path| format!("ARCHITECTURE.md: `{path}` does not exist"))
        .collect())
}

/// What stands in backticks and is meant as a path of this repository, outside of fenced blocks.
fn named_paths(page: &str) -> BTreeSet<&str> {
    let mut paths = BTreeSet::new();
    let mut is_fenced = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        } else if !is_fenced {
            paths.extend(line.split('`').skip(1).step_by(2).filter(|span| is_path(span)));
        }
    }
    paths
}

/// Whether a span is meant as a path: it has a slash inside or ends like a file, and nothing that no path has.
fn is_path(span: &str) -> bool {
    let is_like_a_file = FILE_ENDINGS.iter().any(|ending| span.ends_with(ending));
    let has_folder = span.find('/').is_some_and(|at| at > 0);
    let has_foreign = span.contains([' ', '<', '>', '*', '$', '{', '(', ':', '~', '=', '"']) || span.contains("…");
    // `tools/call` and its like are methods, `application/json` a media type: a path begins in a folder of ours.
    let ours = ["crates/", "xtask/", "docs/", "corpus/", "fuzz/", "fixtures/", ".ci/", ".cargo/"];
    !has_foreign && (is_like_a_file || (has_folder && ours.iter().any(|folder| span.starts_with(folder))))
}

/// Whether a file or folder of this name is there: from the root, below `crates/`, or with the `src/` left out.
fn exists(files: &[String], path: &str) -> bool {
    let path = path.trim_end_matches('/');
    files.iter().any(|file| {
        let short = file.replace("/src/", "/");
        [file.as_str(), short.as_str()].iter().any(|file| {
            let from_crates = file.strip_prefix("crates/").unwrap_or(file);
            [*file, from_crates]
                .iter()
                .any(|file| file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        })
    })
}

/// Decision records without a part, or with a number that is taken.
pub(super) fn decision_problems() -> Outcome<Vec<String>> {
    let mut problems = Vec::new();
    let mut numbers = BTreeSet::new();
    for path in workspace::files()?.into_iter().filter(|path| path.starts_with("docs/adr")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let page = fs::read_to_string(workspace::root().join(&path)).during(path.display())?;
        let number = name.get(..4).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        match number {
            Some(number) if name.get(4..5) == Some("-") && name.ends_with(".md") => {
                if !numbers.insert(number.to_owned()) {
                    problems.push(format!("{}: the number is taken", path.display()));
                }
            }
            _ => problems.push(format!("{}: must be named NNNN-title.md", path.display())),
        }
        let missing = DECISION_PARTS.iter().filter(|part| !page.lines().any(|line| line == **part));
        problems.extend(missing.map(|part| format!("{}: has no part `{part}`", path.display())));
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_methods_and_commands() {
        let page = "See `crates/wire/src/json.rs`, `gateway/pipeline.rs`, `docs/adr/`, `tools/call`, `cargo xtask check`, \
                    `application/json`, `NNNN-<title>.md` and `README.md`.\n```\n`crates/none/x.rs`\n```\n";
        let expected = ["README.md", "crates/wire/src/json.rs", "docs/adr/", "gateway/pipeline.rs"];
        assert_eq!(named_paths(page).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_path_may_leave_out_what_everybody_knows() {
        let files = ["crates/gateway/src/pipeline.rs".to_owned(), "docs/adr/0000-x.md".to_owned()];
        for good in [
            "crates/gateway/src/pipeline.rs",
            "gateway/pipeline.rs",
            "crates/gateway/",
            "docs/adr/",
            "crates/gateway/pipeline.rs",
        ] {
            assert!(exists(&files, good), "{good}");
        }
        for bad in ["gateway/pipe", "crates/gate", "docs/guide/", "pipeline.rs"] {
            assert!(!exists(&files, bad), "{bad}");
        }
    }
}
