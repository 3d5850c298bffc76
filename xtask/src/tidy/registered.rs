//! Rules for things of a kind, one file each: what implements the trait of its kind stands in the one list of them. A
//! detector that nobody runs would be worse than none.

use std::fs;

use crate::failure::{During, Outcome};
use crate::workspace;

/// Things that come one to a file.
struct Kind {
    /// The folder of the files.
    folder: &'static str,
    /// The trait that makes a file one of them; other files there are what they have in common.
    implemented: &'static str,
    /// The file with the list.
    list: &'static str,
}

/// All kinds that have a list.
const KINDS: &[Kind] = &[Kind {
    folder: "crates/inspect/src/detectors",
    implemented: "Inspector",
    list: "crates/inspect/src/detectors.rs",
}];

/// Files whose thing is not in the list of its kind.
pub(super) fn problems() -> Outcome<Vec<String>> {
    let mut problems = Vec::new();
    let files = workspace::files()?;
    for kind in KINDS {
        let list = fs::read_to_string(workspace::root().join(kind.list)).during(kind.list)?;
        for path in files.iter().filter(|path| path.parent().is_some_and(|folder| folder.ends_with(kind.folder))) {
            let text = fs::read_to_string(workspace::root().join(path)).during(path.display())?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            if implements(&text, kind.implemented).during(path.display())? && !list.contains(&format!("{name}::")) {
                problems.push(format!("{}: is not in the list of {}", path.display(), kind.list));
            }
        }
    }
    Ok(problems)
}

/// Whether a file implements this trait for something, outside of its tests.
fn implements(text: &str, name: &str) -> syn::Result<bool> {
    let is_it = |item: &syn::Item| match item {
        syn::Item::Impl(item) => item
            .trait_
            .as_ref()
            .is_some_and(|(_, path, _)| path.segments.last().is_some_and(|segment| segment.ident == name)),
        _ => false,
    };
    Ok(syn::parse_file(text)?.items.iter().any(is_it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_implements_the_trait_is_told_from_what_only_helps() {
        assert!(implements("struct X; impl crate::inspector::Inspector for X {}", "Inspector").unwrap());
        assert!(!implements("struct X; impl X {} impl Drop for X { fn drop(&mut self) {} }", "Inspector").unwrap());
        let only_in_tests = "#[cfg(test)] mod tests { struct X; impl Inspector for X {} }";
        assert!(!implements(only_in_tests, "Inspector").unwrap());
    }
}
