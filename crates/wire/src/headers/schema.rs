//! Reads which arguments a tool wants mirrored as headers: the `x-mcp-header` annotations of its input schema. It never
//! follows a reference and never validates the schema otherwise.

use super::bad_header;
use crate::Refusal;
use crate::json::{Raw, Type};

const ANNOTATION: &str = "x-mcp-header";

/// More headers than this no server can expect to receive.
const ANNOTATIONS_MAX: usize = 64;

/// One parameter that a tool's `inputSchema` wants mirrored (`x-mcp-header`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirroredParam {
    /// The part of the header's name after `Mcp-Param-`, as annotated.
    pub header: String,
    /// The keys that lead to the property, through `properties` alone.
    pub path: Vec<String>,
}

/// Reads the `x-mcp-header` annotations of a tool's input schema.
///
/// # Errors
/// `RefusalCode::BadHeader` when an annotation is invalid (not a token, not unique without regard to case, on a type
/// other than string, integer or boolean, or not reachable through `properties`), or there are more than 64: the tool
/// is then invalid.
pub fn mirrored_params(input_schema: Raw<'_>) -> Result<Vec<MirroredParam>, Refusal> {
    let mut found: Vec<MirroredParam> = Vec::new();
    // Where each property stands: its parent's place in this list, and its key. A path is put together only for a
    // property that is annotated, so that deep and wide schemas cost no more than their size.
    let mut properties: Vec<(Option<usize>, Raw<'_>)> = Vec::new();
    let mut open = vec![Subschema { schema: input_schema, reach: Reach::Root }];
    while let Some(Subschema { schema, reach }) = open.pop() {
        for (key, value) in schema.members() {
            if key.is_str(ANNOTATION) {
                let Reach::Property(index) = reach else {
                    return Err(bad_header("`x-mcp-header` stands where `properties` alone does not lead."));
                };
                if found.len() >= ANNOTATIONS_MAX {
                    return Err(bad_header("A tool has more than 64 `x-mcp-header` annotations."));
                }
                let header = header_name(schema, value, &found)?;
                found.push(MirroredParam { header, path: path_of(&properties, index) });
            } else if key.is_str("properties") {
                for (name, schema) in value.members() {
                    let parent = match reach {
                        Reach::Root => Some(None),
                        Reach::Property(index) => Some(Some(index)),
                        Reach::Elsewhere => None,
                    };
                    let reach = parent.map_or(Reach::Elsewhere, |parent| {
                        properties.push((parent, name));
                        Reach::Property(properties.len() - 1)
                    });
                    open.push(Subschema { schema, reach });
                }
            } else if !holds_data(key) {
                open.extend(below(key, value).map(|schema| Subschema { schema, reach: Reach::Elsewhere }));
            }
        }
    }
    // The search has no order worth showing; a caller's output should not change with it.
    found.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(found)
}

struct Subschema<'a> {
    schema: Raw<'a>,
    reach: Reach,
}

/// How a subschema was reached.
#[derive(Clone, Copy)]
enum Reach {
    Root,
    /// Through `properties` alone; the index of the property.
    Property(usize),
    /// Through any other keyword.
    Elsewhere,
}

/// Keywords whose value is an example of data and no schema.
fn holds_data(key: Raw<'_>) -> bool {
    ["default", "const", "enum", "examples"].iter().any(|keyword| key.is_str(keyword))
}

/// The subschemas that a keyword may hold: itself, its elements, or its members.
fn below<'a>(keyword: Raw<'_>, value: Raw<'a>) -> impl Iterator<Item = Raw<'a>> {
    let maps = ["patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"];
    let is_map = maps.iter().any(|map| keyword.is_str(map));
    let itself = Some(value).filter(|value| value.kind() == Type::Object && !is_map);
    let members = value.members().take(if is_map { usize::MAX } else { 0 }).map(|(_, schema)| schema);
    itself.into_iter().chain(value.items()).chain(members)
}

fn header_name(schema: Raw<'_>, annotation: Raw<'_>, found: &[MirroredParam]) -> Result<String, Refusal> {
    let name = annotation.as_str().filter(|name| is_token(name));
    let name = name.ok_or_else(|| bad_header("`x-mcp-header` is not a header name."))?;
    if found.iter().any(|other| other.header.eq_ignore_ascii_case(&name)) {
        return Err(bad_header("Two `x-mcp-header` annotations of a tool name the same header."));
    }
    let is_allowed =
        |schema_type: Raw<'_>| ["string", "integer", "boolean"].iter().any(|name| schema_type.is_str(name));
    if !schema.get("type").is_some_and(is_allowed) {
        return Err(bad_header("`x-mcp-header` stands on a type other than string, integer and boolean."));
    }
    Ok(name.into_owned())
}

/// RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    let is_token_character = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token_character)
}

fn path_of(properties: &[(Option<usize>, Raw<'_>)], index: usize) -> Vec<String> {
    let mut path = Vec::new();
    let mut next = Some(index);
    while let Some((parent, key)) = next.and_then(|index| properties.get(index)) {
        path.push(key.as_str().unwrap_or_default().into_owned());
        next = *parent;
    }
    path.reverse();
    path
}
