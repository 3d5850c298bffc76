//! Policies of mcpgw: `version: v1`, ordered rules, the first match wins, and without one it denies.
//!
//! What looked stronger there than it was: globs never matched a text of more than 512 bytes; the conditions `tools` and
//! `arguments` were passed over for every method but `tools/call`; lists were compared as their JSON text; a rule in
//! audit mode refused nothing. It never carries a hole over: each is closed, with a warning.

mod arguments;

use super::{Entry, Node, Reader, Value, get};
use crate::policy::glob::Glob;
use crate::writing::{self, Rule, pattern};

const POLICY_KEYS: [&str; 5] = ["version", "mode", "rules", "response_patterns", "allowed_tools"];
const RULE_KEYS: [&str; 4] = ["name", "match", "action", "mode"];
const MATCH_KEYS: [&str; 6] = ["methods", "tools", "subjects", "roles", "arguments", "argument_patterns"];

/// The one method for which mcpgw looked at tools and arguments.
const CALL: &str = "tools/call";
/// A caller had a name only by a token or a key.
const PROOFS: [&str; 2] = ["api_key", "token"];
/// What sessions need and our language allows by itself, and what mcpgw refused unless a rule allowed it.
const HOUSEKEEPING: [&str; 15] = [
    "initialize",
    "server/discover",
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
    "logging/setLevel",
    "subscriptions/listen",
    "notifications/initialized",
    "notifications/roots/list_changed",
    "tasks/get",
    "tasks/result",
    "tasks/list",
    "tasks/update",
    "tasks/cancel",
];

/// How the whole file, or one rule, is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Enforce,
    Audit,
}

/// The policy in our language.
pub(super) fn translate(reader: &mut Reader, document: &Node) -> String {
    let table = reader.table(document, "a policy of mcpgw", &POLICY_KEYS).unwrap_or_default();
    let mode = mode(reader, table).unwrap_or(Mode::Enforce);
    let items = match get(table, "rules").map(|entry| &entry.node) {
        None | Some(Node { value: Value::Null, .. }) => &[],
        Some(Node { value: Value::List(items), .. }) => items.as_slice(),
        Some(other) => {
            let message = format!("expected a list, found {}", other.value.kind());
            reader.error::<()>(message, &other.span, "each rule begins with `- name:`");
            &[]
        }
    };
    // In audit mode everything passed but what single rules enforce: then the rest is only marked.
    let is_mixed = mode == Mode::Audit && items.iter().any(|item| own_mode(item) == Some("enforce"));
    let whole = if is_mixed { Mode::Enforce } else { mode };
    let mut rules = Vec::new();
    if let Some(entry) = get(table, "allowed_tools") {
        allowed_tools(reader, entry, &mut rules);
    }
    for item in items {
        self::rule(reader, item, mode, is_mixed, &mut rules);
    }
    if let Some(entry) = get(table, "response_patterns") {
        response_patterns(reader, entry, &mut rules);
    }
    if !is_mixed {
        let methods: Vec<String> = HOUSEKEEPING.iter().map(|method| (*method).to_owned()).collect();
        rules.push(Rule::new("what no rule allows", "deny").with("method", &methods));
    }
    let mode = if whole == Mode::Audit { "audit" } else { "enforce" };
    let default = if is_mixed { "allow" } else { "deny" };
    let mut out = format!("# Translated from a policy of mcpgw.\nversion: 1\nmode: {mode}\ndefault: {default}\n");
    writing::rules(&rules, &mut out);
    out
}

fn mode(reader: &mut Reader, table: &[Entry]) -> Option<Mode> {
    let word = reader.word(table, "mode", &["enforce", "audit"])?;
    Some(if word == "audit" { Mode::Audit } else { Mode::Enforce })
}

/// What a rule says of its own mode, before anything is checked.
fn own_mode(item: &Node) -> Option<&str> {
    let Value::Table(table) = &item.value else { return None };
    match &get(table, "mode")?.node.value {
        Value::Text(mode) => Some(mode),
        _ => None,
    }
}

fn rule(reader: &mut Reader, item: &Node, mode: Mode, is_mixed: bool, rules: &mut Vec<Rule>) {
    let Some(table) = reader.table(item, "a rule of mcpgw", &RULE_KEYS) else { return };
    let name = get(table, "name").and_then(|entry| reader.text(&entry.node)).unwrap_or("unnamed");
    let Some(action) = get(table, "action") else {
        return reader
            .error(format!("`action` is missing in the rule `{name}`"), &item.span, "`allow` or `deny`")
            .unwrap_or_default();
    };
    let is_deny = match reader.text(&action.node) {
        Some("deny") => true,
        Some("allow") => false,
        Some(other) => {
            let message = format!("`{other}` is not known here");
            return reader.error(message, &action.node.span, "one of: allow, deny").unwrap_or_default();
        }
        None => return,
    };
    let Some(own) =
        reader.word(table, "mode", &[if mode == Mode::Audit { "audit" } else { "enforce" }, "enforce", "audit"])
    else {
        return;
    };
    if writing::adapted(name) != name
        && let Some(entry) = get(table, "name")
    {
        let message = format!("the rule `{name}` is called `{}` here", writing::adapted(name));
        reader.warn(message, &entry.node.span, "names have letters, digits, `-`, `_`, `.`, `/` and spaces");
    }
    // A refusal that is not carried out, while others are.
    let is_soft = is_deny && own == "audit" && (is_mixed || mode == Mode::Enforce);
    if is_soft {
        let message = format!("the rule `{name}` refuses nothing: in audit mode what it matches passes");
        let help = "it passes here too and is marked in the record; take `mode: audit` out to refuse it";
        reader.warn(message, &item.span, help);
    }
    let written = Written {
        name,
        action: if is_soft {
            "audit"
        } else if is_deny {
            "deny"
        } else {
            "allow"
        },
        is_deny,
    };
    match get(table, "match").map(|entry| &entry.node) {
        None | Some(Node { value: Value::Null, .. }) => rules.push(Rule::new(name, written.action)),
        Some(node) => matching(reader, node, &written, rules),
    }
}

/// What a rule says beside its conditions.
struct Written<'n> {
    name: &'n str,
    action: &'static str,
    /// Whether the original denies; an audit rule may.
    is_deny: bool,
}

/// The conditions of a rule, as one rule of ours or several.
fn matching(reader: &mut Reader, node: &Node, written: &Written<'_>, rules: &mut Vec<Rule>) {
    let Some(table) = reader.table(node, "`match`", &MATCH_KEYS) else { return };
    let Written { name, action, is_deny } = *written;
    let mut patterns = |key: &str| -> Option<Option<Vec<String>>> {
        let Some(entry) = get(table, key) else { return Some(None) };
        let texts = reader.texts(&entry.node)?;
        if texts.is_empty() {
            reader.warn_once(
                "an empty list is taken for one that matches nothing where it would allow, and for any where it would deny",
                &entry.key_span,
                "name what is meant, or take the key out",
            );
        }
        Some(Some(texts.into_iter().map(pattern).collect()))
    };
    let (Some(methods), Some(tools), Some(subjects), Some(roles)) =
        (patterns("methods"), patterns("tools"), patterns("subjects"), patterns("roles"))
    else {
        return;
    };
    let is_void = |list: &Option<Vec<String>>| !is_deny && list.as_ref().is_some_and(Vec::is_empty);
    if [&methods, &tools, &subjects, &roles].into_iter().any(is_void) {
        return;
    }
    let Some(alternatives) = arguments::read(reader, table, is_deny) else { return };
    let methods = methods.unwrap_or_default();
    let mut base = Rule::new(name, action);
    if let Some(entry) = get(table, "subjects") {
        reader.warn_once(
            "a caller without a token or a key has no subject: such rules never concerned it",
            &entry.key_span,
            "here rules that deny by subject see every caller, and rules that allow want a token or a key",
        );
        base = base.with("principal", &subjects.unwrap_or_default());
        if !is_deny {
            base = base.with("proof", &PROOFS.map(str::to_owned));
        }
    }
    base = base.with("role", &roles.unwrap_or_default());
    let is_about_calls = tools.is_some() || alternatives.is_some();
    if !is_about_calls {
        rules.push(base.with("method", &methods));
        return;
    }
    let concerns_calls =
        methods.is_empty() || methods.iter().any(|method| Glob::new(method).is_ok_and(|glob| glob.matches(CALL)));
    if concerns_calls {
        let calls = base.clone().with("method", &[CALL.to_owned()]).with("tool", &tools.unwrap_or_default());
        match alternatives {
            None => rules.push(calls),
            Some(alternatives) => rules.extend(alternatives.into_iter().map(|arguments| {
                let mut rule = calls.clone();
                rule.conditions.push(("arguments", arguments));
                rule
            })),
        }
    }
    let only_calls = methods.iter().all(|method| method == CALL) && !methods.is_empty();
    if !only_calls {
        every_other_method(reader, node, &base, written, &methods, rules);
    }
}

/// Tools and arguments were passed over for every method but `tools/call`: the rule concerned those whole.
fn every_other_method(
    reader: &mut Reader,
    node: &Node,
    base: &Rule,
    written: &Written<'_>,
    methods: &[String],
    rules: &mut Vec<Rule>,
) {
    let Written { name, is_deny, .. } = *written;
    if !is_deny {
        let message = format!("the rule `{name}` also allowed every other method that it names, whatever the tool");
        let help = "here it allows calls of these tools only; add a rule for the other methods if they are meant";
        return reader.warn(message, &node.span, help);
    }
    let message = format!("the rule `{name}` also denies every other method that it names, whatever the tool");
    reader.warn(message, &node.span, "it does here too; write `methods: [tools/call]` if calls are meant");
    let mut rule = base.clone().with("method", methods);
    rule.name = format!("{name} (other methods)");
    rule.when = Some(format!("method != \"{CALL}\""));
    rules.push(rule);
}

/// `allowed_tools`: every other tool is refused before any rule.
fn allowed_tools(reader: &mut Reader, entry: &Entry, rules: &mut Vec<Rule>) {
    let Some(texts) = reader.texts(&entry.node) else { return };
    reader.warn(
        "one tool that is not listed made mcpgw refuse the whole list, and its call was not refused for that",
        &entry.key_span,
        "here it is taken out of lists, and a call of it is refused",
    );
    let mut rule = Rule::new("not in allowed_tools", "deny").with("tool", &["*".to_owned()]);
    if !texts.is_empty() {
        let tests: Vec<String> = texts.iter().map(|text| writing::pattern_as_regex(text)).collect();
        rule.when = Some(format!("!tool.matches({})", writing::quoted(&tests.join("|"))));
    }
    rules.push(rule);
}

/// `response_patterns`: there is no such condition here.
fn response_patterns(reader: &mut Reader, entry: &Entry, _: &mut [Rule]) {
    let help = "use a `findings` section: `- {id: \"SE*\", direction: from_server, action: redact}` acts on secrets in results";
    reader.error::<()>("`response_patterns` cannot be carried over", &entry.key_span, help);
}
