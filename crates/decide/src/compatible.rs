//! Policies of other gateways, read as they are: mcpgw's `version: v1` rules and MCP-Aegis's `principals:` files. Each is
//! recognised by its shape and translated into the text of our own language, so that nothing is decided by hidden code:
//! `gatehold policy show --effective` prints the translation.
//!
//! What the original meant is carried over exactly where our language can say it. Where it cannot, or where the original
//! was weaker than it looked, the translation is the stricter of the two, and a warning says what differs. A key that
//! the original does not know is an error. It never guesses that something was meant as permission.

mod aegis;
mod mcpgw;

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Source};
use crate::document::{self, Entry, Node, Value};

/// The most warnings that one file yields; what is beyond is counted in the last one.
pub const WARNINGS_MAX: usize = 200;

/// Whose policy it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// mcpgw, `version: v1`.
    Mcpgw,
    /// MCP-Aegis (module `mcp_guardian`), `principals:`.
    Aegis,
}

impl Format {
    /// The name of the program whose policy it is.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mcpgw => "mcpgw",
            Self::Aegis => "MCP-Aegis",
        }
    }
}

/// A policy of another gateway in our own language.
#[derive(Debug, Clone)]
pub struct Translation {
    /// Whose policy it was.
    pub format: Format,
    /// The policy in our language: YAML that loads.
    pub text: String,
    /// What differs from the original, or was weaker there than it looked; with places in the original.
    pub warnings: Vec<Diagnostic>,
}

impl Translation {
    /// The name of the translated text, for messages.
    #[must_use]
    pub fn name_of(&self, source: &Source) -> String {
        format!("{} (translated from {})", source.name(), self.format.name())
    }
}

/// Whose policy a file is; `None` for one of ours, and for anything else.
#[must_use]
pub fn recognise(document: &Node) -> Option<Format> {
    let Value::Table(table) = &document.value else { return None };
    if matches!(get(table, "principals"), Some(Entry { node: Node { value: Value::Table(_), .. }, .. })) {
        return Some(Format::Aegis);
    }
    match get(table, "version") {
        Some(Entry { node: Node { value: Value::Text(version), .. }, .. }) if version == "v1" => Some(Format::Mcpgw),
        _ => None,
    }
}

/// Translates a file, if it is a policy of another gateway that is known.
///
/// # Errors
/// What is wrong in a file that was recognised. A file that is not YAML is not recognised: reading it says why.
pub fn translate(source: &Source) -> Result<Option<Translation>, Vec<Diagnostic>> {
    let Ok(document) = document::read(source) else { return Ok(None) };
    let Some(format) = recognise(&document) else { return Ok(None) };
    let mut reader = Reader::default();
    let text = match format {
        Format::Mcpgw => mcpgw::translate(&mut reader, &document),
        Format::Aegis => aegis::translate(&mut reader, &document),
    };
    reader.errors.sort_by_key(start);
    if !reader.errors.is_empty() {
        return Err(reader.errors);
    }
    reader.warnings.sort_by_key(start);
    if let Some(more) = reader.warnings.len().checked_sub(WARNINGS_MAX).filter(|more| *more > 0) {
        reader.warnings.truncate(WARNINGS_MAX);
        reader.warnings.push(Diagnostic::of_file(format!("and {more} more differences of the same kinds")));
    }
    Ok(Some(Translation { format, text, warnings: reader.warnings }))
}

fn start(diagnostic: &Diagnostic) -> usize {
    diagnostic.span.as_ref().map_or(0, |span| span.start)
}

fn get<'n>(table: &'n [Entry], key: &str) -> Option<&'n Entry> {
    table.iter().find(|entry| entry.key == key)
}

/// Collects what is wrong and what differs.
#[derive(Debug, Default)]
struct Reader {
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
    /// Kinds of warnings that are given once a file.
    told: Vec<&'static str>,
}

impl Reader {
    fn error<T>(&mut self, message: impl Into<String>, span: &Range<usize>, help: impl Into<String>) -> Option<T> {
        self.errors.push(Diagnostic::new(message, span.clone()).with_help(help));
        None
    }

    fn warn(&mut self, message: impl Into<String>, span: &Range<usize>, help: impl Into<String>) {
        self.warnings.push(Diagnostic::new(message, span.clone()).with_help(help));
    }

    /// A warning about the format rather than about one place: given where it first applies.
    fn warn_once(&mut self, message: &'static str, span: &Range<usize>, help: &'static str) {
        if !self.told.contains(&message) {
            self.told.push(message);
            self.warn(message, span, help);
        }
    }

    /// A table with none but known keys.
    fn table<'n>(&mut self, node: &'n Node, what: &str, known: &[&str]) -> Option<&'n [Entry]> {
        let Value::Table(table) = &node.value else {
            let message = format!("expected {what}, found {}", node.value.kind());
            return self.error(message, &node.span, format!("{what} has the keys {}", known.join(", ")));
        };
        for entry in table.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let message = format!("{what} has no key `{}`", entry.key);
            let help = format!("the original passes over it without a word; take it out, or use {}", known.join(", "));
            self.error::<()>(message, &entry.key_span, help);
        }
        Some(table)
    }

    /// A text. What the original would turn into a text by itself is taken as it is written.
    fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            other => self.error(format!("expected a text, found {}", other.kind()), &node.span, "put it in quotes"),
        }
    }

    /// One text or a list of them.
    fn texts<'n>(&mut self, node: &'n Node) -> Option<Vec<&'n str>> {
        match &node.value {
            Value::List(items) => items.iter().map(|item| self.text(item)).collect(),
            Value::Null => Some(Vec::new()),
            _ => self.text(node).map(|text| vec![text]),
        }
    }

    /// One of several words; the first is the default.
    fn word<'w>(&mut self, table: &[Entry], key: &str, words: &[&'w str]) -> Option<&'w str> {
        let Some(entry) = get(table, key) else { return words.first().copied() };
        let text = self.text(&entry.node)?;
        match words.iter().find(|word| **word == text) {
            Some(word) => Some(word),
            None => {
                let message = format!("`{text}` is not known here");
                self.error(message, &entry.node.span, format!("one of: {}", words.join(", ")))
            }
        }
    }
}

#[cfg(test)]
mod tests;
