//! Rules for Rust files, read with a real parser: a paragraph at the top, functions that fit on a screen and files that
//! fit in a head, no file that no module names, and no lint switched off without an argument.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

use super::exceptions::Exceptions;
use crate::failure::{During, Outcome};
use crate::workspace;

/// The most lines of a file.
const FILE_LINES_MAX: usize = 600;
/// The most lines of a function, from its `fn` to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;

/// What one file shows.
#[derive(Debug, Default)]
struct Findings {
    has_paragraph: bool,
    /// Name and length of each function over the cap.
    long_functions: Vec<(String, usize)>,
    /// Modules that it declares in files of their own.
    modules: BTreeSet<String>,
    /// Lints that are switched off without an argument, and tests that are left out without a reason.
    attributes: Vec<String>,
}

/// Problems of all Rust files.
pub(super) fn problems() -> Outcome<Vec<String>> {
    let mut problems = Vec::new();
    let mut over = Vec::new();
    let mut modules = BTreeMap::new();
    let files: Vec<PathBuf> = workspace::files()?.into_iter().filter(|path| is_rust(path)).collect();
    for path in &files {
        let shown = path.display().to_string();
        let text = fs::read_to_string(workspace::root().join(path)).during(&shown)?;
        let findings = findings(&text).during(&shown)?;
        if !findings.has_paragraph {
            problems.push(format!("{shown}: must begin with a `//!` paragraph: what it is for, what it never does"));
        }
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX {
            over.push((shown.clone(), lines, FILE_LINES_MAX));
        }
        for (name, lines) in findings.long_functions {
            over.push((format!("{shown}::{name}"), lines, FUNCTION_LINES_MAX));
        }
        problems.extend(findings.attributes.into_iter().map(|wrong| format!("{shown}: {wrong}")));
        modules.insert(path.clone(), findings.modules);
    }
    problems.extend(dead_files(&modules).into_iter().map(|path| format!("{}: no module names it", path.display())));
    problems.extend(Exceptions::read()?.compare(&over));
    Ok(problems)
}

/// Whether a path is a Rust file.
fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// Reads one file.
fn findings(text: &str) -> syn::Result<Findings> {
    let file = syn::parse_file(text)?;
    let mut findings = Findings { has_paragraph: text.starts_with("//! "), ..Findings::default() };
    findings.visit_file(&file);
    Ok(findings)
}

impl Findings {
    /// Notes a function that is too long.
    fn measure(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let lines = body.brace_token.span.close().end().line.saturating_sub(signature.fn_token.span.start().line) + 1;
        if lines > FUNCTION_LINES_MAX {
            self.long_functions.push((signature.ident.to_string(), lines));
        }
    }
}

impl<'ast> Visit<'ast> for Findings {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(body) = &item.default {
            self.measure(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_none() {
            self.modules.insert(item.ident.to_string());
        }
        visit::visit_item_mod(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let line = attribute.pound_token.span.start().line;
        if attribute.path().is_ident("allow") {
            self.attributes.push(format!("line {line}: `allow`: use `expect` with a reason"));
        }
        if attribute.path().is_ident("ignore") && matches!(attribute.meta, syn::Meta::Path(_)) {
            self.attributes.push(format!("line {line}: `ignore` without a reason"));
        }
        visit::visit_attribute(self, attribute);
    }
}

/// Files that are neither the root of a crate nor named by the module above them.
fn dead_files(modules: &BTreeMap<PathBuf, BTreeSet<String>>) -> Vec<&PathBuf> {
    let is_dead = |path: &&PathBuf| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        !is_root(path)
            && !parents(path).iter().any(|parent| modules.get(parent).is_some_and(|names| names.contains(&stem)))
    };
    modules.keys().filter(is_dead).collect()
}

/// Whether cargo finds a file by itself: the root of a library, program, test, example or build script.
fn is_root(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
    let above = path.parent().and_then(Path::parent).and_then(Path::file_name).unwrap_or_default();
    let is_own_root =
        |folder: &std::ffi::OsStr| ["tests", "examples", "benches", "bin"].iter().any(|known| folder == *known);
    (folder == "src" && (name == "lib.rs" || name == "main.rs"))
        || name == "build.rs"
        || (is_own_root(folder) && !path.iter().rev().skip(2).any(|part| part == "src" && folder == "tests"))
        || (is_own_root(above) && name == "main.rs")
}

/// The files that may declare the module in this file.
fn parents(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let beside = ["lib.rs", "main.rs", "mod.rs"].map(|name| folder.join(name));
    [folder.with_extension("rs")].into_iter().chain(beside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_measured_without_being_fooled_by_its_text() {
        let long = "    let s = \"}\"; // }\n".repeat(69);
        for (function, expected) in [
            (format!("/// Doc.\n#[must_use]\nfn long() {{\n{long}}}\n"), vec![("long".to_owned(), 71)]),
            (
                format!("impl X {{\n    fn inner(\n        self,\n    ) {{\n{long}    }}\n}}\n"),
                vec![("inner".to_owned(), 73)],
            ),
            (format!("fn short() {{\n{}}}\n", "    step();\n".repeat(68)), vec![]),
        ] {
            let found = findings(&format!("//! Paragraph.\n\n{function}")).unwrap();
            assert_eq!(found.long_functions, expected);
        }
    }

    #[test]
    fn a_missing_paragraph_and_silenced_lints_are_found() {
        let text = "#![allow(dead_code)]\nmod tests {\n    #[test]\n    #[ignore]\n    fn a() {}\n    #[test]\n    #[ignore = \"needs nginx\"]\n    fn b() {}\n}\n";
        let found = findings(text).unwrap();
        assert!(!found.has_paragraph);
        assert_eq!(found.attributes.len(), 2, "{:?}", found.attributes);
    }

    #[test]
    fn a_file_that_no_module_names_is_dead() {
        let modules: BTreeMap<PathBuf, BTreeSet<String>> = [
            ("crates/a/src/lib.rs", &["used", "folder"][..]),
            ("crates/a/src/used.rs", &[]),
            ("crates/a/src/folder.rs", &["leaf", "tests"]),
            ("crates/a/src/folder/leaf.rs", &[]),
            ("crates/a/src/folder/tests.rs", &[]),
            ("crates/a/src/folder/dead.rs", &[]),
            ("crates/a/src/bin/tool.rs", &[]),
            ("crates/a/tests/it/main.rs", &["case"]),
            ("crates/a/tests/it/case.rs", &[]),
            ("crates/a/tests/alone.rs", &[]),
            ("crates/a/build.rs", &[]),
        ]
        .into_iter()
        .map(|(path, names)| (PathBuf::from(path), names.iter().map(|&name| name.to_owned()).collect()))
        .collect();
        assert_eq!(dead_files(&modules), [&PathBuf::from("crates/a/src/folder/dead.rs")]);
    }
}
