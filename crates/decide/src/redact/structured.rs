//! The structured copy of a result: what was edited in it must still fit what the tool's definition promises, or the
//! copy is dropped and the result marked as an error, which frees it from its schema (MCP 2025-06-18, "Output Schema").
//! It proves that an edited value fits, keyword by keyword; what it does not know proves nothing.

use std::ops::Range;

use gatehold_wire::edit::{self, Edit};
use gatehold_wire::json::{self, Raw, Type};
use gatehold_wire::{Limits, Message};

use super::CannotRedact;

/// What a tool's definition says about its structured results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OutputSchema<'a> {
    /// The definition was not seen.
    #[default]
    Unknown,
    /// It has none: everything fits.
    Absent,
    /// The source text of its `outputSchema`.
    Known(&'a str),
}

/// References followed one after another, at most.
const REFERENCES_MAX: usize = 8;
/// Keywords that demand nothing.
const ANNOTATIONS: &[&str] = &[
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "$schema",
    "$id",
    "$comment",
    "$defs",
    "definitions",
];

/// Keeps a result lawful whose structured copy was edited.
pub(super) fn settle(message: &Message, edits: &mut Vec<Edit>, schema: OutputSchema<'_>) -> Result<(), CannotRedact> {
    let Some(result) = message.result() else { return Ok(()) };
    let Some(structured) = result.get("structuredContent") else { return Ok(()) };
    let span = structured.span();
    let inside = |edit: &Edit| span.start <= edit.span.start && edit.span.end <= span.end;
    if !edits.iter().any(inside) {
        return Ok(());
    }
    let fits = match schema {
        OutputSchema::Absent => true,
        OutputSchema::Unknown => false,
        OutputSchema::Known(text) => json::check(text.as_bytes(), &Limits::default())
            .is_ok_and(|root| Fitting { root, edits, bytes: message.bytes() }.fits(root, structured, 0)),
    };
    if !fits {
        edits.retain(|edit| !inside(edit));
        edits.extend(dropped(result)?);
    }
    Ok(())
}

/// The edits that take the structured copy out of a result and mark it as an error.
fn dropped(result: Raw<'_>) -> Result<Vec<Edit>, CannotRedact> {
    const NOTE: &str = r#""content":[{"type":"text","text":"The structured result was withheld: what was taken out of it would not fit the tool's output schema."}]"#;
    let members: Vec<(Raw<'_>, Range<usize>)> =
        result.members().map(|(key, value)| (key, key.span().start..value.span().end)).collect();
    let at = members.iter().position(|(key, _)| key.is_str("structuredContent")).ok_or(CannotRedact)?;
    let (_, span) = members.get(at).ok_or(CannotRedact)?;
    let mut edits = Vec::new();
    let mut instead: Vec<&str> = Vec::new();
    match result.get("isError") {
        Some(value) => edits.push(Edit { span: value.span(), with: b"true".to_vec() }),
        None => instead.push("\"isError\":true"),
    }
    if result.get("content").is_none() {
        instead.push(NOTE);
    }
    let span = match (instead.is_empty(), members.get(at + 1), at.checked_sub(1).and_then(|at| members.get(at))) {
        (false, _, _) | (true, None, None) => span.clone(),
        // One comma goes with the member.
        (true, Some((_, next)), _) => span.start..next.start,
        (true, None, Some((_, before))) => before.end..span.end,
    };
    edits.push(Edit { span, with: instead.join(",").into_bytes() });
    Ok(edits)
}

/// The proof that edited values fit a schema. What was not edited fitted before, and fits again.
struct Fitting<'a> {
    root: Raw<'a>,
    edits: &'a [Edit],
    bytes: &'a bytes::Bytes,
}

impl Fitting<'_> {
    /// Whether a value, as edited, fits a schema. `references` counts what was followed.
    fn fits(&self, schema: Raw<'_>, value: Raw<'_>, references: usize) -> bool {
        let span = value.span();
        let touched = self.edits.iter().any(|edit| span.start <= edit.span.start && edit.span.end <= span.end);
        if !touched {
            return true;
        }
        if let Some(allows) = schema.as_bool() {
            return allows;
        }
        if let Some(target) = schema.get("$ref").and_then(Raw::as_str) {
            let alone = schema.members().all(|(key, _)| key.is_str("$ref") || is_annotation(key));
            let found = target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            return alone
                && references < REFERENCES_MAX
                && found.is_some_and(|found| self.fits(found, value, references + 1));
        }
        let whole = self.edits.iter().any(|edit| edit.span == span);
        match (whole, value.kind()) {
            (true, _) | (false, Type::String) => self.string_fits(schema, value, references),
            (false, Type::Object) => self.object_fits(schema, value, references),
            (false, Type::Array) => self.array_fits(schema, value, references),
            (false, Type::Null | Type::Bool | Type::Number) => false,
        }
    }

    /// A value that is a string after it was edited.
    fn string_fits(&self, schema: Raw<'_>, value: Raw<'_>, references: usize) -> bool {
        let Some(length) = self.length(value) else { return false };
        let bound = |value: Raw<'_>| value.as_i64().and_then(|bound| usize::try_from(bound).ok());
        schema.members().all(|(key, demand)| {
            if key.is_str("type") {
                demand.is_str("string") || demand.items().any(|name| name.is_str("string"))
            } else if key.is_str("minLength") {
                bound(demand).is_some_and(|least| length >= least)
            } else if key.is_str("maxLength") {
                bound(demand).is_some_and(|most| length <= most)
            } else if key.is_str("anyOf") {
                demand.items().any(|branch| self.fits(branch, value, references + 1))
            } else {
                is_annotation(key)
            }
        })
    }

    fn object_fits(&self, schema: Raw<'_>, value: Raw<'_>, references: usize) -> bool {
        let of_objects = ["required", "minProperties", "maxProperties", "properties", "additionalProperties"];
        let known = schema.members().all(|(key, demand)| match key {
            key if key.is_str("type") => demand.is_str("object") || demand.items().any(|name| name.is_str("object")),
            key => is_annotation(key) || of_objects.iter().any(|name| key.is_str(name)),
        });
        if schema.get("anyOf").is_some() {
            let alone = schema.members().all(|(key, _)| key.is_str("anyOf") || is_annotation(key));
            // Which of several the value fitted before is not known; beside `null` there may be one.
            let is_null = |branch: &Raw<'_>| branch.get("type").is_some_and(|name| name.is_str("null"));
            let mut branches = schema.get("anyOf").map(Raw::items).into_iter().flatten().filter(|it| !is_null(it));
            let (first, second) = (branches.next(), branches.next());
            let only = first.filter(|_| second.is_none());
            return alone && only.is_some_and(|only| self.fits(only, value, references + 1));
        }
        known
            && value.members().all(|(key, member)| {
                let renamed = self
                    .edits
                    .iter()
                    .any(|edit| key.span().start <= edit.span.start && edit.span.end <= key.span().end);
                let named = key.as_str().and_then(|name| schema.get("properties")?.get(&name));
                let demand = named.or_else(|| schema.get("additionalProperties"));
                !renamed && demand.is_none_or(|demand| self.fits(demand, member, references))
            })
    }

    fn array_fits(&self, schema: Raw<'_>, value: Raw<'_>, references: usize) -> bool {
        let known = schema.members().all(|(key, demand)| match key {
            key if key.is_str("type") => demand.is_str("array") || demand.items().any(|name| name.is_str("array")),
            key => is_annotation(key) || ["items", "minItems", "maxItems"].iter().any(|name| key.is_str(name)),
        });
        let items = schema.get("items");
        known && value.items().all(|item| items.is_none_or(|demand| self.fits(demand, item, references)))
    }

    /// Characters of a value after it was edited.
    fn length(&self, value: Raw<'_>) -> Option<usize> {
        let span = value.span();
        let inside = self.edits.iter().filter(|edit| span.start <= edit.span.start && edit.span.end <= span.end);
        let mut moved: Vec<Edit> = inside
            .map(|edit| Edit {
                span: edit.span.start - span.start..edit.span.end - span.start,
                with: edit.with.clone(),
            })
            .collect();
        let edited = edit::apply(&self.bytes.slice(span), &mut moved)?;
        let limits = Limits { message_bytes_max: usize::MAX, ..Limits::default() };
        let text = json::check(&edited, &limits).ok()?.as_str()?.chars().count();
        Some(text)
    }
}

fn is_annotation(key: Raw<'_>) -> bool {
    ANNOTATIONS.iter().any(|name| key.is_str(name))
}
