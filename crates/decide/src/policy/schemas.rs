//! Compares the arguments that rules name with the input schemas of tools, where those are known: a misspelt argument
//! is an error, not a rule that never matches.
//!
//! Only what a schema surely does not have counts. Schemas that leave members open, or say what they mean elsewhere,
//! are believed to have them.

use std::borrow::Cow;

use gatehold_wire::json::{Raw, Type};

use super::argument::{Demand, Step};
use super::check::Check;
use super::rule::Rule;
use super::{LoadError, Policy};
use crate::diagnostic::{Diagnostic, nearest};
use crate::document::Value;

/// The input schema of one tool.
#[derive(Debug, Clone)]
pub struct ToolSchema<'a> {
    /// The server's name in the configuration.
    pub server: &'a str,
    /// The tool's name.
    pub tool: Cow<'a, str>,
    /// Its `inputSchema`.
    pub schema: Raw<'a>,
}

impl<'a> ToolSchema<'a> {
    /// How many tools of one list are looked at.
    pub const COUNT_MAX: usize = 4096;

    /// The schemas of the tools in the result of `tools/list` of this server. Tools without a readable name or a
    /// schema are left out, and so is what is beyond `COUNT_MAX`. `None` if there is no list in it.
    #[must_use]
    pub fn of_list(server: &'a str, result: Raw<'a>) -> Option<Vec<Self>> {
        let list = result.get("tools").filter(|list| list.kind() == Type::Array)?;
        let tools = list.items().take(Self::COUNT_MAX);
        let read =
            |tool: Raw<'a>| Some(Self { server, tool: tool.get("name")?.as_str()?, schema: tool.get("inputSchema")? });
        Some(tools.filter_map(read).collect())
    }
}

/// What a schema says of a path.
enum Known {
    /// It is there, or could be.
    Possible,
    /// It surely is not; these names are.
    Missing(Vec<String>),
}

impl Policy {
    /// Whether every argument that a rule names, under `arguments` or in `when`, is one of at least one of the known
    /// tools that the rule is about. Rules that name no tool, or none that is known, are not checked.
    ///
    /// # Errors
    /// Every argument that no such tool has, with its place and the nearest name.
    pub fn check_schemas(&self, tools: &[ToolSchema<'_>]) -> Result<(), LoadError> {
        let mut files: Vec<_> = self.sources.iter().map(|source| (source.clone(), Vec::new())).collect();
        for rule in &self.rules {
            let about: Vec<&ToolSchema<'_>> = tools.iter().filter(|tool| is_about(rule, tool)).collect();
            if about.is_empty() {
                continue;
            }
            if let Some((source, diagnostics)) = files.get_mut(rule.place.layer) {
                diagnostics.extend(misspelt(rule, &about, source.text()));
            }
        }
        files.retain(|(_, diagnostics)| !diagnostics.is_empty());
        if files.is_empty() { Ok(()) } else { Err(LoadError { files }) }
    }
}

/// Whether a rule names the tool.
fn is_about(rule: &Rule, tool: &ToolSchema<'_>) -> bool {
    let mut names_tool = false;
    let fits = rule.checks.iter().all(|check| match check {
        Check::Tool(patterns) => {
            names_tool = true;
            patterns.any(&tool.tool)
        }
        Check::Server(patterns) => patterns.any(tool.server),
        Check::Method(patterns) => patterns.any("tools/call"),
        _ => true,
    });
    fits && names_tool
}

fn misspelt(rule: &Rule, tools: &[&ToolSchema<'_>], text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for check in &rule.checks {
        match check {
            Check::Arguments(conditions) => {
                for condition in conditions {
                    let asked_for = !matches!(condition.demand, Demand::Absent);
                    if let Some(missing) = asked_for.then(|| missing(&condition.path, tools)).flatten() {
                        let span = argument_span(rule, &condition.path).unwrap_or_else(|| rule.place.span.clone());
                        found.push(diagnostic(&condition.path, &missing, span));
                    }
                }
            }
            Check::When(expression) => {
                let written = rule.place.when.as_deref().unwrap_or_default();
                let begins = text.get(rule.place.span.clone()).and_then(|rule| rule.find(written));
                for argument in &expression.arguments {
                    let path: Vec<Step> = argument.path.iter().map(|name| Step::Member(name.as_str().into())).collect();
                    // Of `args.a.b` the expression also names `args.a`: what is missing is said once, of the first.
                    let is_new =
                        |path: &[Step]| path.split_last().is_none_or(|(_, above)| missing(above, tools).is_none());
                    if let Some(missing) = missing(&path, tools).filter(|_| is_new(&path)) {
                        let span = begins.map_or_else(
                            || rule.place.span.clone(),
                            |at| {
                                let start = rule.place.span.start + at;
                                start + argument.span.start..start + argument.span.end
                            },
                        );
                        found.push(diagnostic(&path, &missing, span));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// The names that are there instead, if no tool has the path.
fn missing(path: &[Step], tools: &[&ToolSchema<'_>]) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut is_missing = false;
    for tool in tools {
        match look(tool.schema, path, 0) {
            Known::Possible => return None,
            Known::Missing(known) => {
                is_missing = true;
                names.extend(known);
            }
        }
    }
    names.sort();
    names.dedup();
    is_missing.then_some(names)
}

/// How deep schemas are followed.
const DEPTH_MAX: usize = 64;

fn look(schema: Raw<'_>, path: &[Step], depth: usize) -> Known {
    const ELSEWHERE: [&str; 9] =
        ["$ref", "$dynamicRef", "anyOf", "oneOf", "allOf", "if", "patternProperties", "dependentSchemas", "not"];
    let Some((step, rest)) = path.split_first() else { return Known::Possible };
    if depth > DEPTH_MAX || schema.kind() != Type::Object || ELSEWHERE.iter().any(|key| schema.get(key).is_some()) {
        return Known::Possible;
    }
    if let Some(items) = schema.get("items") {
        // Lists hide nothing: a name is looked for in their elements.
        return look(items, if *step == Step::Each { rest } else { path }, depth + 1);
    }
    let Step::Member(name) = step else { return Known::Possible };
    let Some(properties) = schema.get("properties").filter(|properties| properties.kind() == Type::Object) else {
        return Known::Possible;
    };
    if let Some(member) = properties.get(name) {
        return look(member, rest, depth + 1);
    }
    match schema.get("additionalProperties").map(|more| (more.kind(), more.as_bool())) {
        Some((Type::Object, _) | (_, Some(true))) => Known::Possible,
        _ => Known::Missing(properties.members().filter_map(|(name, _)| Some(name.as_str()?.into_owned())).collect()),
    }
}

fn argument_span(rule: &Rule, path: &[Step]) -> Option<std::ops::Range<usize>> {
    let Value::Table(conditions) = &rule.place.conditions.as_ref()?.value else { return None };
    let arguments = conditions.iter().find(|entry| entry.key == "arguments")?;
    let Value::Table(table) = &arguments.node.value else { return None };
    let entry = table.iter().find(|entry| super::argument::read_path(&entry.key).is_ok_and(|read| *read == *path))?;
    Some(entry.key_span.clone())
}

fn diagnostic(path: &[Step], names: &[String], span: std::ops::Range<usize>) -> Diagnostic {
    let last = path.iter().rev().find_map(|step| match step {
        Step::Member(name) => Some(&**name),
        Step::Each => None,
    });
    let last = last.unwrap_or_default();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let help = nearest(last, &names).map_or_else(
        || format!("their schemas have {}", names.iter().take(20).copied().collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    Diagnostic::new(format!("no tool that this rule is about has the argument `{last}`"), span).with_help(help)
}

#[cfg(test)]
mod tests {
    use gatehold_wire::{Limits, json};

    use crate::scene::policy;

    use super::*;

    fn checked(text: &str) -> String {
        let schemas = [
            (
                "notes",
                "transfer",
                r#"{"type":"object","properties":{"amount":{"type":"number"},"recipient":{"type":"object","properties":{"country":{"type":"string"}}},"rows":{"type":"array","items":{"properties":{"name":{}}}}}}"#,
            ),
            ("notes", "open", r#"{"type":"object","properties":{"a":{}},"additionalProperties":true}"#),
            ("notes", "referring", r##"{"$ref":"#/x"}"##),
        ];
        let tools: Vec<ToolSchema<'_>> = schemas
            .iter()
            .map(|(server, tool, schema)| ToolSchema {
                server,
                tool: (*tool).into(),
                schema: json::check(schema.as_bytes(), &Limits::default()).unwrap(),
            })
            .collect();
        policy(text).check_schemas(&tools).map_or_else(|error| error.to_string(), |()| String::new())
    }

    fn rule(conditions: &str) -> String {
        format!("version: 1\nrules:\n  - name: one\n    action: deny\n    {conditions}\n")
    }

    #[test]
    fn a_misspelt_argument_is_an_error_with_its_place() {
        let found = checked(&rule("match: {tool: transfer, arguments: {amuont: {above: 1}}}"));
        assert!(found.contains("has the argument `amuont`") && found.contains("did you mean `amount`?"), "{found}");
        assert!(found.contains("policy.yaml:5:41"), "{found}");
        let found = checked(&rule("match: {tool: transfer}\n    when: 'args.recipient.contry == \"CH\"'"));
        assert!(found.contains("`contry`") && found.contains("did you mean `country`?"), "{found}");
        assert!(found.contains("policy.yaml:6:27"), "{found}");
        assert!(checked(&rule("match: {tool: \"trans*\", arguments: {\"rows.nam\": x}}")).contains("`nam`"));
        assert!(checked(&rule("match: {tool: transfer}\n    when: 'args.rows[0].nme == \"x\"'")).is_empty());
    }

    #[test]
    fn what_may_be_there_is_no_error() {
        for conditions in [
            "match: {tool: transfer, arguments: {amount: {above: 1}, \"recipient.country\": CH, \"rows.*.name\": x}}",
            "match: {tool: [transfer, open], arguments: {other: 1}}",
            "match: {tool: referring, arguments: {other: 1}}",
            "match: {tool: unknown, arguments: {other: 1}}",
            "match: {tool: transfer, server: elsewhere, arguments: {other: 1}}",
            "match: {arguments: {other: 1}}",
            "match: {tool: transfer, arguments: {override: {absent: true}}}",
            "match: {tool: transfer}\n    when: 'has(args.force) || args.amount > 1'",
        ] {
            assert_eq!(checked(&rule(conditions)), "", "{conditions}");
        }
    }
}
