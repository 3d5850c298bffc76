//! A YAML file as plain values with their places, for files that people write: every reader of such a file can then
//! report all errors at once, each with its line.
//!
//! Strict where YAML is lax: no duplicate keys, no merge keys, no tags, one document, `yes` and `no` are texts, numbers
//! are kept as written, aliases are allowed within tight limits. It never follows an include and never reads a file.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use crate::diagnostic::{Diagnostic, Source, byte_span, from_yaml_error};
use crate::policy::number::Decimal;

/// The largest file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 1024 * 1024;

/// A value with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What stands there.
    pub value: Value,
    /// Where, in bytes.
    pub span: Range<usize>,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing, `null` or `~`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys with values, in the order of the file.
    Table(Vec<Entry>),
}

impl Value {
    /// What it is, for messages: `a list`, for instance.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Table(_) => "a table of keys and values",
        }
    }
}

impl Node {
    /// From its first byte to the last of what it holds. `span` is where the parser saw it, which of a table in block
    /// style is its beginning only.
    #[must_use]
    pub fn extent(&self) -> Range<usize> {
        let (first, last) = match &self.value {
            Value::List(items) => {
                (items.first().map(|item| item.extent().start), items.last().map(|item| item.extent().end))
            }
            Value::Table(entries) => (
                entries.first().map(|entry| entry.key_span.start),
                entries.last().map(|entry| entry.node.extent().end.max(entry.key_span.end)),
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => (None, None),
        };
        let start = first.map_or(self.span.start, |first| if self.span.is_empty() { first } else { self.span.start });
        start..last.unwrap_or_default().max(self.span.end).max(start)
    }
}

impl fmt::Display for Node {
    /// The value on one line, in the flow style of YAML.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Null => f.write_str("null"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Number(written) => f.write_str(written),
            Value::Text(text) => f.write_str(&written(text)),
            Value::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Value::Table(entries) => {
                f.write_str("{")?;
                for (index, entry) in entries.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{}: {}", written(&entry.key), entry.node)?;
                }
                f.write_str("}")
            }
        }
    }
}

/// A text as YAML has it: bare where that is read back as the same text, else in double quotes, which YAML and JSON
/// write alike.
fn written(text: &str) -> String {
    let is_bare = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if is_bare {
        return text.to_owned();
    }
    let mut quoted = Vec::new();
    gatehold_wire::json::write_string(text, &mut quoted);
    String::from_utf8_lossy(&quoted).into_owned()
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands, in bytes.
    pub key_span: Range<usize>,
    /// What it holds.
    pub node: Node,
}

/// Reads a file.
///
/// # Errors
/// One diagnostic: the first thing that is not YAML, or over a limit.
pub fn read(source: &Source) -> Result<Node, Diagnostic> {
    if source.text().len() > FILE_BYTES_MAX {
        return Err(Diagnostic::of_file(format!(
            "the file has {} bytes, and at most {FILE_BYTES_MAX} are read",
            source.text().len()
        )));
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 400_000,
            max_nodes: 200_000,
            max_aliases: 1000,
            max_anchors: 1000,
            max_depth: 32,
            max_documents: 16,
            max_recorded_anchor_events: 50_000,
            max_recorded_anchor_bytes: FILE_BYTES_MAX,
            max_total_scalar_bytes: 4 * FILE_BYTES_MAX,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 50_000,
            max_replay_stack_depth: 8,
        },
        merge_keys: serde_saphyr::options::MergeKeyPolicy::Error,
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    let tree: Spanned<Tree> =
        serde_saphyr::from_str_with_options(source.text(), options).map_err(|error| from_yaml_error(source, &error))?;
    Ok(node(source, tree))
}

/// What the parser hands out, before places are resolved.
enum Tree {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Spanned<Tree>>),
    Table(Vec<(Spanned<String>, Spanned<Tree>)>),
}

fn node(source: &Source, tree: Spanned<Tree>) -> Node {
    let span = byte_span(source, &tree.referenced).unwrap_or_default();
    let written = byte_span(source, &tree.defined).and_then(|span| source.text().get(span)).map(str::trim);
    let value = match tree.value {
        Tree::Null => Value::Null,
        Tree::Bool(value) => Value::Bool(value),
        // The parser rounds, and takes a number that no machine type holds for a text; what counts is what is written.
        Tree::Number(parsed) => Value::Number(written.map_or(parsed, str::to_owned)),
        Tree::Text(text) => match written {
            Some(written) if Decimal::read(written).is_ok() => Value::Number(written.to_owned()),
            Some(_) | None => Value::Text(text),
        },
        Tree::List(items) => Value::List(items.into_iter().map(|item| node(source, item)).collect()),
        Tree::Table(entries) => Value::Table(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    key_span: byte_span(source, &key.referenced).unwrap_or_default(),
                    key: key.value,
                    node: node(source, value),
                })
                .collect(),
        ),
    };
    Node { value, span }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Tree, E> {
        Ok(Tree::Number(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Tree, E> {
        Ok(Tree::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Tree, E> {
        Ok(Tree::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut table = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            table.push(entry);
        }
        Ok(Tree::Table(table))
    }
}

#[cfg(test)]
mod tests;
