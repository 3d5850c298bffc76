//! What is suspicious in a policy that is in order: rules that never decide anything, rules that allow more than anybody
//! meant, refusals without a reason. It knows only what is written; a rule that it does not mention may still be wrong.

use std::ops::Range;
use std::sync::Arc;

use gatehold_wire::Method;

use crate::Policy;
use crate::diagnostic::nearest;
use crate::document::{Node, Value};
use crate::policy::Section;
use crate::policy::glob::Glob;
use crate::policy::view::RuleView;
use crate::presets;

/// The most rules that are compared with each other; of more, only the first ones are.
pub const COMPARED_MAX: usize = 2_000;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth a look.
    Hint,
    /// Probably a mistake.
    Warning,
}

impl Level {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Warning => "warning",
        }
    }
}

/// What kind of thing it is. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// A rule for every message stands before it.
    Unreachable,
    /// A rule before it decides about everything that it concerns.
    Shadowed,
    /// No message can have all that it asks for.
    NeverMatches,
    /// It allows nearly everything.
    OverBroad,
    /// It refuses without saying why.
    NoReason,
    /// Nothing that detectors find has an effect.
    NoFindings,
    /// It denies by an argument of any tool, which a tool that names the argument otherwise escapes.
    EscapedByName,
}

impl Code {
    /// All codes.
    pub const ALL: [Self; 7] = [
        Self::Unreachable,
        Self::Shadowed,
        Self::NeverMatches,
        Self::OverBroad,
        Self::NoReason,
        Self::NoFindings,
        Self::EscapedByName,
    ];

    /// The code as it stands in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "GP001",
            Self::Shadowed => "GP002",
            Self::NeverMatches => "GP003",
            Self::OverBroad => "GP004",
            Self::NoReason => "GP005",
            Self::NoFindings => "GP006",
            Self::EscapedByName => "GP007",
        }
    }

    /// How much it matters.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::Unreachable | Self::Shadowed | Self::NeverMatches | Self::OverBroad => Level::Warning,
            Self::NoReason | Self::NoFindings | Self::EscapedByName => Level::Hint,
        }
    }
}

/// One thing that is suspicious.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// What kind of thing.
    pub code: Code,
    /// The rule; empty when the policy as a whole is meant.
    pub rule: Arc<str>,
    /// The file that it stands in; empty for the policy as a whole.
    pub layer: Box<str>,
    /// Where in that file, in bytes.
    pub span: Range<usize>,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// Everything suspicious, in the order of evaluation. What stands in presets is not reported.
#[must_use]
pub fn lint(policy: &Policy) -> Vec<Lint> {
    let rules: Vec<RuleView<'_>> = policy.rules().take(COMPARED_MAX).collect();
    let mut lints = Vec::new();
    let mut decided: Option<RuleView<'_>> = None;
    for (index, rule) in rules.iter().enumerate() {
        if presets::find(rule.layer()).is_none() {
            match decided.filter(|_| rule.patterns("direction").is_none()) {
                Some(before) => lints.push(unreachable(*rule, before)),
                None => {
                    let earlier = rules.get(..index).unwrap_or_default();
                    lints.extend(shadowed(*rule, earlier));
                    lints.extend(never(*rule));
                }
            }
            lints.extend(broad(*rule));
            lints.extend(silent(*rule));
            lints.extend(escaped(*rule));
        }
        if rule.conditions().is_none() && rule.when().is_none() && !rule.goes_on() {
            decided = decided.or(Some(*rule));
        }
    }
    if policy.finding_rule_count() == 0 && !policy.wants_findings() {
        lints.push(Lint {
            code: Code::NoFindings,
            rule: "".into(),
            layer: "".into(),
            span: 0..0,
            message: "nothing that detectors find has an effect, and they do not run".to_owned(),
            help: "add `extends: [standard]`, or a `findings` section",
        });
    }
    lints
}

fn about(rule: RuleView<'_>, code: Code, message: String, help: &'static str) -> Lint {
    Lint { code, rule: rule.reason_name().clone(), layer: rule.layer().into(), span: rule.span(), message, help }
}

fn unreachable(rule: RuleView<'_>, before: RuleView<'_>) -> Lint {
    let message =
        format!("the rule `{}` is never reached: `{}` before it concerns every message", rule.name(), before.name());
    about(rule, Code::Unreachable, message, "move it up, or take it out")
}

/// Conditions whose patterns can be compared.
const COMPARED: [&str; 6] = ["method", "server", "tool", "prompt", "principal", "direction"];

fn shadowed(rule: RuleView<'_>, earlier: &[RuleView<'_>]) -> Option<Lint> {
    let before = earlier.iter().find(|before| {
        !before.goes_on()
            && before.when().is_none()
            && before.section() != Section::Roles
            && before.conditions().is_some()
            && covers(**before, rule)
    })?;
    let (what, help) = if before.action() == rule.action() {
        ("says nothing new", "take it out")
    } else {
        ("never decides", "move it before that one, or make that one narrower")
    };
    let message = format!(
        "the rule `{}` {what}: `{}` before it concerns everything that it concerns",
        rule.name(),
        before.name()
    );
    Some(about(rule, Code::Shadowed, message, help))
}

/// Whether everything that the later rule concerns is surely decided by the earlier one.
fn covers(before: RuleView<'_>, later: RuleView<'_>) -> bool {
    let Some(Node { value: Value::Table(conditions), .. }) = before.conditions() else { return false };
    // A rule that names no direction sees no answers.
    if before.patterns("direction").is_none() && later.patterns("direction").is_some() {
        return false;
    }
    conditions.iter().all(|entry| {
        let key = entry.key.as_str();
        if !COMPARED.contains(&key) {
            return false;
        }
        match (before.patterns(key), later.patterns(key)) {
            (Some(before), Some(later)) => {
                later.iter().all(|later| before.iter().any(|before| pattern_covers(before, later)))
            }
            _ => false,
        }
    })
}

/// Whether everything that the later pattern matches is matched by the earlier one. May say no where it is so.
fn pattern_covers(before: &str, later: &str) -> bool {
    if before == later {
        return true;
    }
    let Ok(glob) = Glob::new(before) else { return false };
    if later.contains('\\') {
        return before == "*" || before == "**";
    }
    if !later.contains(['*', '?']) {
        return glob.matches(later);
    }
    if before.contains(['?', '\\']) {
        return false;
    }
    // Stars of the later one stand for anything: a text that no pattern names tells whether the earlier one lets
    // anything stand there.
    ["", "\u{1}", "\u{1}\u{2}"].iter().all(|filler| {
        let instance = later.replace('*', filler).replace('?', "\u{1}");
        glob.matches(&instance)
    }) && literal_pieces_stand(before, later)
}

/// Whether each literal piece of the earlier pattern stands within a literal piece of the later one, so that no star of
/// the later one is needed to make it up.
fn literal_pieces_stand(before: &str, later: &str) -> bool {
    let pieces: Vec<&str> = later.split(['*', '?']).collect();
    before.split('*').filter(|piece| !piece.is_empty()).all(|piece| pieces.iter().any(|has| has.contains(piece)))
}

/// Methods that rules name: a word that is none of them and near to one is a mistake.
const NAMED: [&str; 14] = [
    "initialize",
    "tools/call",
    "tools/list",
    "prompts/get",
    "prompts/list",
    "resources/read",
    "resources/list",
    "resources/subscribe",
    "completion/complete",
    "logging/setLevel",
    "subscriptions/listen",
    "sampling/createMessage",
    "elicitation/create",
    "roots/list",
];

/// Methods that name a tool, a prompt or a resource.
const OF_TOOL: [&str; 1] = ["tools/call"];
const OF_PROMPT: [&str; 2] = ["prompts/get", "completion/complete"];
const OF_RESOURCE: [&str; 5] = [
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "completion/complete",
    "notifications/resources/updated",
];

fn never(rule: RuleView<'_>) -> Option<Lint> {
    let help = "compare it with the methods of the protocol: tools/call, prompts/get, resources/read";
    let has = |key: &str| rule.patterns(key).is_some();
    let subjects: Vec<&str> = ["tool", "prompt", "resource"].into_iter().filter(|key| has(key)).collect();
    if let [first, second, ..] = subjects.as_slice() {
        let message = format!("no message has both a {first} and a {second}");
        return Some(about(rule, Code::NeverMatches, message, "make two rules of it"));
    }
    let methods = rule.patterns("method")?;
    let globs: Vec<Glob> = methods.iter().filter_map(|method| Glob::new(method).ok()).collect();
    let matches = |method: &&str| globs.iter().any(|glob| glob.matches(method));
    let allowed: &[&str] = match subjects.first() {
        Some(&"tool") => &OF_TOOL,
        Some(&"prompt") => &OF_PROMPT,
        Some(_) => &OF_RESOURCE,
        None => {
            let near = methods.iter().find_map(|method| {
                if method.contains(['*', '?', '\\']) || Method::known(method).is_some() {
                    return None;
                }
                nearest(method, &NAMED).map(|near| (method, near))
            });
            let (method, near) = near?;
            let message = format!("no method is called `{method}`; `{near}` is near");
            return Some(about(rule, Code::NeverMatches, message, help));
        }
    };
    if allowed.iter().any(matches) {
        return None;
    }
    let message =
        format!("no message has a {} and one of these methods", subjects.first().copied().unwrap_or_default());
    Some(about(rule, Code::NeverMatches, message, help))
}

fn broad(rule: RuleView<'_>) -> Option<Lint> {
    if rule.action() != "allow" || rule.when().is_some() {
        return None;
    }
    let is_any = |patterns: Vec<&str>| patterns.iter().any(|pattern| pattern.chars().all(|one| one == '*'));
    let help = "name the server and the tools, or the roles that need it";
    match rule.conditions() {
        None => {
            let message = format!("the rule `{}` allows every message", rule.name());
            Some(about(rule, Code::OverBroad, message, help))
        }
        Some(Node { value: Value::Table(conditions), .. }) => {
            let narrows = conditions.iter().any(|entry| {
                let key = entry.key.as_str();
                let is_call = key == "method" && rule.patterns("method") == Some(vec!["tools/call"]);
                !is_call && !rule.patterns(key).is_some_and(is_any)
            });
            let is_role = rule.section() == Section::Roles;
            (!narrows).then(|| {
                let message = if is_role {
                    format!("the role `{}` may do everything", rule.name())
                } else {
                    format!("the rule `{}` allows every call", rule.name())
                };
                about(rule, Code::OverBroad, message, help)
            })
        }
        Some(_) => None,
    }
}

fn silent(rule: RuleView<'_>) -> Option<Lint> {
    let refuses = matches!(rule.action(), "deny" | "hold" | "step_up") && rule.hidden() != Some(true);
    (refuses && rule.reason().is_none()).then(|| {
        let message = format!("the rule `{}` does not say why", rule.name());
        about(rule, Code::NoReason, message, "add `reason:`; whoever is refused reads it")
    })
}

fn escaped(rule: RuleView<'_>) -> Option<Lint> {
    let Some(Node { value: Value::Table(conditions), .. }) = rule.conditions() else { return None };
    let has = |key: &str| conditions.iter().any(|entry| entry.key == key);
    let is_any_tool = rule.patterns("tool").is_none_or(|patterns| patterns.contains(&"*"));
    (rule.action() == "deny" && has("arguments") && is_any_tool).then(|| {
        let message = format!("a tool that names its argument otherwise escapes the rule `{}`", rule.name());
        about(rule, Code::EscapedByName, message, "name the tools, and allow the others by what they may be given")
    })
}

#[cfg(test)]
mod tests;
