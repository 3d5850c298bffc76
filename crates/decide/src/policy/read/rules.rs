//! Reads `forbid`, `rules` and `roles`: rules with their names, and what each orders.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Reader, get};
use crate::decision::Reason;
use crate::diagnostic::Source;
use crate::document::{Entry, Node, Value};
use crate::policy::check::Check;
use crate::policy::rule::{Action, Place, Rule, Section, Shown};

/// The longest name of a rule, in characters.
const NAME_CHARACTERS_MAX: usize = 128;
/// The longest text that a rule shows, in characters.
const REASON_CHARACTERS_MAX: usize = 1000;
/// The most tags of a rule.
const TAGS_MAX: usize = 16;
/// The longest tag, in bytes.
const TAG_BYTES_MAX: usize = 128;

const RULE_KEYS: [&str; 11] =
    ["name", "action", "hidden", "match", "when", "reason", "tags", "approval", "second_factor", "limit", "redact"];
const FORBID_KEYS: [&str; 6] = ["name", "hidden", "match", "when", "reason", "tags"];

impl Reader {
    /// Two rules of one layer may not have the same name: names stand in the record.
    pub(super) fn rule_names(&mut self, table: &[Entry]) {
        let mut names: HashMap<&str, ()> = HashMap::new();
        let sections = ["forbid", "rules"].into_iter().filter_map(|section| get(table, section));
        for section in sections {
            let Value::List(items) = &section.node.value else { continue };
            for item in items {
                if let Value::Table(table) = &item.value
                    && let Some(Entry { node: Node { value: Value::Text(name), span }, .. }) = get(table, "name")
                    && names.insert(name, ()).is_some()
                {
                    self.error::<()>(
                        format!("two rules have the name `{name}`"),
                        span.clone(),
                        "names stand in the record: give each rule its own",
                    );
                }
            }
        }
    }

    /// The rules of a section.
    pub(super) fn rules(&mut self, source: &Source, node: &Node, forbids: bool) -> Vec<Rule> {
        let Some(items) = self.list(node, "rules are a list: each begins with `- name:`") else { return Vec::new() };
        items.iter().filter_map(|item| self.rule(source, item, forbids)).collect()
    }

    fn rule(&mut self, source: &Source, node: &Node, forbids: bool) -> Option<Rule> {
        let table = if forbids {
            self.table(node, "a rule of `forbid`", &FORBID_KEYS)?
        } else {
            self.table(node, "a rule", &RULE_KEYS)?
        };
        let name = self.required(table, node, "name").and_then(|node| self.name(node));
        let text = get(table, "reason").map(|entry| self.reason(&entry.node));
        let tags = get(table, "tags").map_or_else(|| Some(Arc::default()), |entry| self.tags(&entry.node));
        let action =
            if forbids { self.shown(table).map(Action::Deny) } else { self.action(table, node, name.as_ref(), source) };
        let conditions = match get(table, "match") {
            Some(entry) => self.conditions(entry),
            None => Some((None, Box::default())),
        };
        let when = get(table, "when").map(|entry| self.expression(&entry.node));
        let (name, tags, action, (direction, checks)) = (name?, tags?, action?, conditions?);
        let checks: Box<[Check]> = match when {
            Some(expression) => checks.into_iter().chain([Check::When(Arc::new(expression?))]).collect(),
            None => checks,
        };
        let text = match text {
            Some(text) => Some(text?),
            None => None,
        };
        self.check_claims(table, &action, &checks)?;
        let claims = checks.iter().any(Check::rests_on_hints);
        let goes_on = match action {
            Action::Limit(_) => true,
            Action::Audit | Action::Redact(_) => claims,
            Action::Allow | Action::Deny(_) | Action::Hold(_) => false,
        };
        let rule = match action {
            Action::Audit => format!("audit:{name}").into(),
            _ => name.clone(),
        };
        let section = if forbids { Section::Forbid } else { Section::Rules };
        let extent = node.extent();
        let span = table.first().map_or(extent.start, |entry| entry.key_span.start)..extent.end;
        let conditions = get(table, "match").map(|entry| entry.node.clone());
        let when = get(table, "when").and_then(|entry| match &entry.node.value {
            Value::Text(text) => Some(text.as_str().into()),
            _ => None,
        });
        let place = Place { section, layer: self.layer, name, span, conditions, when };
        Some(Rule { action, reason: Reason { rule, text }, tags, direction, checks, goes_on, place })
    }

    /// What a peer says of itself may make a decision stricter, never milder.
    fn check_claims(&mut self, table: &[Entry], action: &Action, checks: &[Check]) -> Option<()> {
        let refuse = |reader: &mut Self, key: &str, help: &str| {
            let conditions = get(table, "match").and_then(|entry| match &entry.node.value {
                Value::Table(conditions) => get(conditions, key).map(|entry| entry.key_span.clone()),
                _ => None,
            });
            let span =
                conditions.or_else(|| get(table, "when").map(|entry| entry.key_span.clone())).unwrap_or_default();
            let message = format!("`{key}` is a claim, and a rule with `action: {}` may not rest on it", action.name());
            reader.error::<()>(message, span, help)
        };
        for check in checks {
            match (check, action) {
                (check, Action::Allow) if check.rests_on_hints() => {
                    let help = "what a server says of its tools may only make a decision stricter: deny, hold, step_up, limit, audit or redact by it";
                    return refuse(self, "hints", help);
                }
                (Check::ClientClaimed(_), Action::Allow | Action::Audit | Action::Redact(_)) => {
                    let help = "what a client says of itself may only deny, hold, step_up or limit; `client` is the verified one";
                    return refuse(self, "client_claimed", help);
                }
                _ => {}
            }
        }
        Some(())
    }

    /// How a denial looks.
    pub(super) fn shown(&mut self, table: &[Entry]) -> Option<Shown> {
        match get(table, "hidden") {
            None => Some(Shown::AsListed),
            Some(entry) => self.boolean(&entry.node).map(|hidden| if hidden { Shown::Hidden } else { Shown::Visible }),
        }
    }

    /// `roles`: what each role may do.
    pub(super) fn roles(&mut self, node: &Node) -> Vec<Rule> {
        let Value::Table(roles) = &node.value else {
            let message = format!("expected roles with what they may do, found {}", node.value.kind());
            self.error::<()>(message, node.span.clone(), "for instance `operator: [{tool: \"read_*\"}]`");
            return Vec::new();
        };
        let mut rules = Vec::new();
        for role in roles {
            let key = Node { value: Value::Text(role.key.clone()), span: role.key_span.clone() };
            let Some(name) = self.name(&key) else { continue };
            let help = "a role has a list of what it may do; an empty one may do nothing";
            let Some(entries) = self.list(&role.node, help) else { continue };
            rules.extend(entries.iter().filter_map(|entry| self.role_entry(&name, entry)));
        }
        rules
    }

    fn role_entry(&mut self, role: &Arc<str>, node: &Node) -> Option<Rule> {
        let (direction, checks) = self.role_conditions(node)?;
        let checks: Box<[Check]> = std::iter::once(Check::RoleIs((**role).into())).chain(checks).collect();
        let place = Place {
            section: Section::Roles,
            layer: self.layer,
            name: role.clone(),
            span: node.extent(),
            conditions: Some(node.clone()),
            when: None,
        };
        let reason = Reason { rule: format!("role:{role}").into(), text: None };
        Some(Rule { action: Action::Allow, reason, tags: Arc::default(), direction, checks, goes_on: false, place })
    }

    pub(super) fn name(&mut self, node: &Node) -> Option<Arc<str>> {
        let name = self.text(node, "put the name in quotes")?;
        let is_plain =
            |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | '.' | '/' | ' ');
        if name.is_empty() || name.trim() != name || !name.chars().all(is_plain) {
            let help = "use letters, digits, `-`, `_`, `.`, `/` and single spaces between words";
            return self.error("this cannot be the name of a rule", node.span.clone(), help);
        }
        if name.chars().count() > NAME_CHARACTERS_MAX {
            let help = format!("at most {NAME_CHARACTERS_MAX} characters");
            return self.error("the name of the rule is too long", node.span.clone(), help);
        }
        if Reason::RESERVED.contains(&name) {
            let help = "the record uses this word for decisions that no rule made: choose another";
            return self.error(format!("no rule may be called `{name}`"), node.span.clone(), help);
        }
        Some(name.into())
    }

    pub(super) fn reason(&mut self, node: &Node) -> Option<Arc<str>> {
        let text = self.text(node, "put the reason in quotes")?.trim();
        if text.is_empty() || text.chars().count() > REASON_CHARACTERS_MAX {
            let help =
                format!("a reason has 1 to {REASON_CHARACTERS_MAX} characters; it is shown to whoever is refused");
            return self.error("the reason is empty or too long", node.span.clone(), help);
        }
        Some(text.into())
    }

    pub(super) fn tags(&mut self, node: &Node) -> Option<Arc<[Box<str>]>> {
        let items = self.list(node, "for instance `tags: [\"owasp-asi-2026:ASI02\"]`")?;
        if items.len() > TAGS_MAX {
            let help = format!("at most {TAGS_MAX} tags");
            return self.error("there are too many tags", node.span.clone(), help);
        }
        let tags: Vec<Option<Box<str>>> = items
            .iter()
            .map(|item| {
                let text = self.text(item, "put the tag in quotes")?;
                let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/()".contains(&byte);
                if text.is_empty() || text.len() > TAG_BYTES_MAX || !text.bytes().all(is_plain) {
                    let help = "use letters, digits, `-`, `_`, `.`, `:`, `/` and parentheses, at most 128 of them";
                    return self.error("this cannot be a tag", item.span.clone(), help);
                }
                Some(text.into())
            })
            .collect();
        tags.into_iter().collect()
    }
}
