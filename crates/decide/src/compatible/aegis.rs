//! Policies of MCP-Aegis 0.2: `principals:` with roles and tools, `defaults.effect`.
//!
//! There, only `tools/call` was ever checked, and the action asked was always `execute`; a caller had the tools of the
//! principal with its name, and of every principal that shared a role with it. Everything else passed. It never carries
//! over a permission that had no effect there.

use super::{Entry, Node, Reader, Value, get};
use crate::writing::{self, Rule, literal, pattern};

/// The only action that was ever asked for.
const ASKED: &str = "execute";
/// The most patterns that the character classes of one pattern may stand for.
const EXPANSIONS_MAX: usize = 64;

/// Who was checked at all: everybody was someone there, by a token or by the command line.
const PROOFS: [&str; 4] = ["api_key", "token", "mtls", "local"];
/// What passed unchecked beside calls of tools.
const UNCHECKED: [&str; 10] = [
    "prompts/get",
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "completion/complete",
    "subscriptions/listen",
    "sampling/createMessage",
    "elicitation/create",
    "roots/list",
    "tasks/*",
];

/// The policy in our language.
pub(super) fn translate(reader: &mut Reader, document: &Node) -> String {
    let mut rules = Vec::new();
    let table = reader.table(document, "a policy of MCP-Aegis", &["version", "defaults", "principals"]);
    let table = table.unwrap_or_default();
    let default = default_effect(reader, table);
    if let Some(Entry { node: Node { value: Value::Table(principals), .. }, .. }) = get(table, "principals") {
        for entry in principals {
            principal(reader, entry, &mut rules);
        }
    }
    if let Some(entry) = get(table, "principals") {
        reader.warn_once(
            "only calls of tools were checked by MCP-Aegis: prompts, resources and requests of the server passed",
            &entry.key_span,
            "they pass here too and are marked in the record; take the rule `what MCP-Aegis did not check` out to refuse them",
        );
        reader.warn_once(
            "refused calls were answered as an unknown method (-32601)",
            &entry.key_span,
            "here tools that nobody may call are in no list, and a call of one is answered like a call of an unknown tool",
        );
        reader.warn_once(
            "MCP-Aegis scanned arguments of up to 1 MB for shell commands and paths, and forwarded longer ones unseen",
            &entry.key_span,
            "here such findings (CI001, CI002) deny at any length; tune them in the section `findings`",
        );
    }
    let unchecked: Vec<String> = UNCHECKED.iter().map(|method| (*method).to_owned()).collect();
    rules.push(Rule::new("what MCP-Aegis did not check", "audit").with("method", &unchecked));
    let mut out = format!("# Translated from a policy of MCP-Aegis.\nversion: 1\ndefault: {default}\n");
    writing::rules(&rules, &mut out);
    out.push_str("findings:\n  - {id: [CI001, CI002], at_least: high, action: deny}\n");
    out
}

fn default_effect(reader: &mut Reader, table: &[Entry]) -> &'static str {
    let Some(defaults) = get(table, "defaults") else { return "deny" };
    let Some(keys) = reader.table(&defaults.node, "`defaults`", &["effect"]) else { return "deny" };
    let Some(effect) = get(keys, "effect") else { return "deny" };
    match reader.text(&effect.node) {
        Some("deny") | None => "deny",
        Some("allow") => {
            reader.warn(
                "everything that no principal was given is allowed: the principals below change nothing",
                &effect.node.span,
                "write `effect: deny`",
            );
            "allow"
        }
        Some(other) => {
            reader.warn(
                format!("`{other}` was taken for `allow`: anything but `deny` allowed everything"),
                &effect.node.span,
                "it is `deny` here; write `allow` if that is what you mean",
            );
            "deny"
        }
    }
}

/// The rules of one principal: for the caller of that name, and for callers that share a role.
fn principal(reader: &mut Reader, entry: &Entry, rules: &mut Vec<Rule>) {
    let Some(table) = reader.table(&entry.node, "a principal", &["roles", "tools"]) else { return };
    let roles = roles(reader, table);
    let Some(tools) = tools(reader, table) else { return };
    if tools.is_empty() {
        reader.warn(
            format!("`{}` may execute nothing: it only shares what others of its roles may do", entry.key),
            &entry.key_span,
            "give it an entry with `actions: [execute]`, or take it out",
        );
        return;
    }
    let name = &entry.key;
    let base = |suffix: &str| {
        Rule::new(format!("principal {name}{suffix}"), "allow").with("method", &["tools/call".to_owned()])
    };
    let proofs: Vec<String> = PROOFS.iter().map(|proof| (*proof).to_owned()).collect();
    rules.push(base("").with("principal", &[literal(name)]).with("proof", &proofs).with("tool", &tools));
    if !roles.is_empty() {
        rules.push(base(" by role").with("role", &roles).with("tool", &tools));
    }
}

fn roles(reader: &mut Reader, table: &[Entry]) -> Vec<String> {
    let Some(entry) = get(table, "roles") else { return Vec::new() };
    match &entry.node.value {
        Value::Text(text) => {
            let message = format!("`roles: {text}` was read as its letters, so nobody ever had that role");
            reader.warn(message, &entry.node.span, format!("write `roles: [{text}]`; here nobody has it either"));
            Vec::new()
        }
        _ => reader.texts(&entry.node).unwrap_or_default().into_iter().map(literal).collect(),
    }
}

/// The patterns of the tools that may be executed.
fn tools(reader: &mut Reader, table: &[Entry]) -> Option<Vec<String>> {
    let Some(entry) = get(table, "tools") else { return Some(Vec::new()) };
    let items = match &entry.node.value {
        Value::List(items) => items,
        Value::Null => return Some(Vec::new()),
        other => {
            let message = format!("expected a list, found {}", other.kind());
            return reader.error(message, &entry.node.span, "each entry begins with `- pattern:`");
        }
    };
    let mut patterns = Vec::new();
    for item in items {
        let table = reader.table(item, "an entry of `tools`", &["pattern", "actions"])?;
        let Some(pattern) = get(table, "pattern") else {
            return reader.error("`pattern` is missing", &item.span, "MCP-Aegis refuses such a file too");
        };
        let text = reader.text(&pattern.node)?;
        if !executes(reader, table, item) {
            continue;
        }
        if text.contains(':') {
            reader.warn(
                format!("`{text}` matches the names of few servers: tools are seldom called with a colon"),
                &pattern.node.span,
                "compare it with what `gatehold policy learn` sees; the pattern is carried over as it is",
            );
        }
        match expanded(text) {
            Some(expanded) => patterns.extend(expanded),
            None => reader.warn(
                format!("the character class in `{text}` has no counterpart here"),
                &pattern.node.span,
                "the entry is left out, so it allows nothing; write the names or patterns out",
            ),
        }
    }
    Some(patterns)
}

/// Whether an entry ever had an effect.
fn executes(reader: &mut Reader, table: &[Entry], item: &Node) -> bool {
    let Some(actions) = get(table, "actions") else {
        reader.warn("an entry without `actions` allowed nothing", &item.span, "it allows nothing here either");
        return false;
    };
    let has = match &actions.node.value {
        Value::List(items) => items.iter().any(|item| item.value == Value::Text(ASKED.to_owned())),
        _ => false,
    };
    if !has {
        let message = "this entry never allowed anything: the action that MCP-Aegis asks for is always `execute`";
        reader.warn(message, &actions.node.span, "add `execute`, or take the entry out; it allows nothing here either");
    }
    has
}

/// The patterns of our language that a pattern of Python's `fnmatch` stands for; `None` when there are none, or too many.
fn expanded(text: &str) -> Option<Vec<String>> {
    let mut whole = vec![String::new()];
    let characters: Vec<char> = text.chars().collect();
    let mut rest = characters.as_slice();
    while let Some((first, after)) = rest.split_first() {
        let (choices, next) = match (*first, class(after)) {
            ('[', Some((choices, next))) => (choices?, next),
            ('[', None) => (vec![r"\[".to_owned()], after),
            (other, _) => (vec![pattern(other.encode_utf8(&mut [0; 4]))], after),
        };
        if whole.len() * choices.len() > EXPANSIONS_MAX {
            return None;
        }
        whole = whole.iter().flat_map(|head| choices.iter().map(move |choice| format!("{head}{choice}"))).collect();
        rest = next;
    }
    Some(whole)
}

/// What a class stands for, and what follows it; the inner `None` for a class that is negated or too large, the outer
/// one when the bracket is never closed and is an ordinary character.
fn class(after: &[char]) -> Option<(Option<Vec<String>>, &[char])> {
    // A bracket right at the start is a member of the class.
    let skip = after.iter().take_while(|character| **character == '!').count().min(1) + 1;
    let end = after.iter().skip(skip).position(|character| *character == ']')? + skip;
    let (inner, next) = (after.get(..end)?, after.get(end + 1..)?);
    if inner.first() == Some(&'!') {
        return Some((None, next));
    }
    let mut members = Vec::new();
    let mut rest = inner;
    loop {
        match rest {
            [] => break,
            [low, '-', high, tail @ ..] => {
                members.extend((*low..=*high).take(EXPANSIONS_MAX + 1));
                rest = tail;
            }
            [one, tail @ ..] => {
                members.push(*one);
                rest = tail;
            }
        }
        if members.len() > EXPANSIONS_MAX {
            return Some((None, next));
        }
    }
    let choices: Vec<String> = members.iter().map(|member| literal(member.encode_utf8(&mut [0; 4]))).collect();
    Some(((!choices.is_empty()).then_some(choices), next))
}
