//! Finds the layers that a policy extends and puts them in order: a layer before what it extends, what is named first
//! before what is named later, and each only once, where the last that extends it wants it.
//!
//! Where the texts come from is the caller's business.

use std::collections::HashMap;
use std::ops::Range;

use crate::compatible;
use crate::diagnostic::{Diagnostic, Source};
use crate::document::{self, Node, Value};
use crate::policy::Loader;

/// How many layers may stand below each other.
const DEPTH_MAX: usize = 8;
/// How many layers a policy may have.
const LAYERS_MAX: usize = 32;
/// How often layers may be named, counting one that several extend as often as they do.
const VISITS_MAX: usize = 256;
/// The longest name of a layer, in bytes.
const NAME_BYTES_MAX: usize = 1024;

/// One layer, read as YAML.
pub(super) struct File {
    pub(super) source: Source,
    /// The text as it came, for its digest.
    pub(super) text: String,
    pub(super) document: Node,
}

type Refused = Vec<(Source, Vec<Diagnostic>)>;

/// All layers in their order, the policy itself first.
pub(super) fn collect(name: &str, text: &str, loader: Loader<'_>) -> Result<Vec<File>, Refused> {
    let mut search =
        Search { loader, files: Vec::new(), known: HashMap::new(), visits: Vec::new(), refused: Vec::new() };
    if let Some(first) = search.read(name, text.to_owned()) {
        search.visit(first, &mut vec![name.to_owned()]);
    }
    if !search.refused.is_empty() {
        return Err(search.refused);
    }
    // A layer stands where it was met last: behind everything that extends it.
    let mut order: Vec<usize> = Vec::new();
    for index in search.visits.iter().rev() {
        if !order.contains(index) {
            order.push(*index);
        }
    }
    let mut files: Vec<Option<File>> = search.files.into_iter().map(Some).collect();
    Ok(order.into_iter().rev().filter_map(|index| files.get_mut(index).and_then(Option::take)).collect())
}

struct Search<'l> {
    loader: Loader<'l>,
    files: Vec<File>,
    /// Name to index.
    known: HashMap<String, usize>,
    visits: Vec<usize>,
    refused: Refused,
}

impl Search<'_> {
    fn read(&mut self, name: &str, text: String) -> Option<usize> {
        let mut source = Source::new(name, &text);
        // A policy of another gateway stands in our own words from here on; its digest stays that of the file.
        match compatible::translate(&source) {
            Ok(None) => {}
            Ok(Some(translation)) => source = Source::new(name, &translation.text),
            Err(diagnostics) => {
                self.refused.push((source, diagnostics));
                return None;
            }
        }
        match document::read(&source) {
            Ok(document) => {
                self.files.push(File { source, text, document });
                self.known.insert(name.to_owned(), self.files.len() - 1);
                Some(self.files.len() - 1)
            }
            Err(diagnostic) => {
                self.refused.push((source, vec![diagnostic]));
                None
            }
        }
    }

    /// Goes through a layer and all that it extends. `path` are the names from the policy to it.
    fn visit(&mut self, index: usize, path: &mut Vec<String>) {
        self.visits.push(index);
        let Some(file) = self.files.get(index) else { return };
        let (source, from) = (file.source.clone(), path.last().cloned().unwrap_or_default());
        let named = match extended(&file.document) {
            Ok(named) => named,
            Err(diagnostic) => return self.refuse(&source, diagnostic),
        };
        for (name, span) in named {
            if self.visits.len() >= VISITS_MAX || self.files.len() > LAYERS_MAX {
                let message = format!("the policy has more than {LAYERS_MAX} layers");
                return self.refuse(&source, Diagnostic::new(message, span).with_help("join some of them"));
            }
            let (known_as, text) = match (self.loader)(&from, &name) {
                Ok(found) => found,
                Err(sentence) => {
                    let help = "name a preset, or a file by its path from this one";
                    let message = format!("`{name}` cannot be extended: {sentence}");
                    self.refuse(&source, Diagnostic::new(message, span).with_help(help));
                    continue;
                }
            };
            if path.contains(&known_as) {
                let message = format!("`{name}` extends itself");
                let help = format!("the way round: {}, {known_as}", path.join(", "));
                self.refuse(&source, Diagnostic::new(message, span).with_help(help));
                continue;
            }
            if path.len() >= DEPTH_MAX {
                let message = format!("layers stand more than {DEPTH_MAX} deep");
                self.refuse(&source, Diagnostic::new(message, span).with_help("join some of them"));
                continue;
            }
            let known = self.known.get(&known_as).copied();
            if let Some(index) = known.or_else(|| self.read(&known_as, text)) {
                path.push(known_as);
                self.visit(index, path);
                path.pop();
            }
        }
    }

    fn refuse(&mut self, source: &Source, diagnostic: Diagnostic) {
        match self.refused.iter_mut().find(|(refused, _)| refused == source) {
            Some((_, diagnostics)) if diagnostics.contains(&diagnostic) => {}
            Some((_, diagnostics)) => diagnostics.push(diagnostic),
            None => self.refused.push((source.clone(), vec![diagnostic])),
        }
    }
}

/// The names under `extends`, with their places.
fn extended(document: &Node) -> Result<Vec<(String, Range<usize>)>, Diagnostic> {
    let Value::Table(table) = &document.value else { return Ok(Vec::new()) };
    let Some(entry) = super::get(table, "extends") else { return Ok(Vec::new()) };
    let help = "for instance `extends: [standard]`";
    let Value::List(items) = &entry.node.value else {
        let message = format!("expected a list of layers, found {}", entry.node.value.kind());
        return Err(Diagnostic::new(message, entry.node.span.clone()).with_help(help));
    };
    items
        .iter()
        .map(|item| match &item.value {
            Value::Text(name) if !name.is_empty() && name.len() <= NAME_BYTES_MAX => {
                Ok((name.clone(), item.span.clone()))
            }
            other => {
                let message = format!("expected the name of a layer, found {}", other.kind());
                Err(Diagnostic::new(message, item.span.clone()).with_help(help))
            }
        })
        .collect()
}
