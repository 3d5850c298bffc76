//! Reads `rates`: limits of the configuration, each with what it concerns.

use gatehold_decide::diagnostic::nearest;
use gatehold_decide::document::{Node, Value};
use gatehold_decide::obligation::{Dimension, Limit, Manner, Rate};
use gatehold_decide::policy::glob::Glob;
use gatehold_decide::rate::{self, COUNT_MAX};

use super::Reader;
use crate::limits::rates::{RATES_MAX, RateRule, Rates};

/// Keys of one rate.
pub(crate) const RATE: [&str; 7] = ["name", "rate", "burst", "per", "manner", "match", "reason"];
const MATCH: [&str; 3] = ["server", "method", "tool"];
const DIMENSIONS: [&str; 7] = ["principal", "client", "tenant", "session", "server", "method", "tool"];

impl Reader<'_> {
    /// All rates.
    pub(super) fn rates(&mut self, node: &Node) -> Rates {
        let Value::List(items) = &node.value else {
            let help = "write a list: `- {name: calls, rate: 100/m, per: [principal]}`";
            self.error(format!("here stands {}, not a list of rates", node.value.kind()), &node.span, help);
            return Rates::default();
        };
        let mut rules: Vec<RateRule> = Vec::new();
        for item in items {
            let Some(rule) = self.rate_rule(item) else { continue };
            if rules.iter().any(|known| known.limit.name == rule.limit.name) {
                self.error(format!("there are two rates `{}`", rule.limit.name), &item.span, "give each its own name");
            } else if rules.len() == RATES_MAX {
                self.error(format!("there are more than {RATES_MAX} rates"), &item.span, "");
                break;
            } else {
                rules.push(rule);
            }
        }
        Rates::new(rules)
    }

    fn rate_rule(&mut self, node: &Node) -> Option<RateRule> {
        let entries = self.table(node, &RATE);
        let find = |key: &str| entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node);
        let name = self.limit_name(find("name"), node);
        let rate = self.rate(find("rate"), find("burst"), find("manner"), node);
        let per = find("per").map(|per| self.each(per, Self::dimension)).unwrap_or_default();
        let text = find("reason").and_then(|reason| self.text(reason)).map(Into::into);
        let (mut servers, mut methods, mut tools) = (Vec::new(), Vec::new(), Vec::new());
        for entry in find("match").map_or(&[][..], |matched| self.table(matched, &MATCH)) {
            let globs = self.each(&entry.node, Self::glob);
            if globs.is_empty() {
                self.error(format!("`{}` matches nothing", entry.key), &entry.node.span, "write at least one pattern");
            }
            match entry.key.as_str() {
                "server" => servers = globs,
                "method" => methods = globs,
                _ => tools = globs,
            }
        }
        let limit = Limit { name: name?.into(), rate: rate?, per: per.into(), text };
        Some(RateRule { limit: limit.into(), servers: servers.into(), methods: methods.into(), tools: tools.into() })
    }

    fn limit_name(&mut self, name: Option<&Node>, rate: &Node) -> Option<String> {
        let Some(node) = name else {
            self.error("a rate needs a `name`", &rate.span, "it stands in reasons and records");
            return None;
        };
        let name = self.text(node)?;
        let is_lawful = (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        if !is_lawful {
            self.error(
                format!("`{name}` cannot be the name of a rate"),
                &node.span,
                "use 1 to 64 of a-z, A-Z, 0-9, -, _ and .",
            );
        }
        is_lawful.then_some(name)
    }

    /// A rate such as `100/m`, with its burst and manner.
    fn rate(&mut self, rate: Option<&Node>, burst: Option<&Node>, manner: Option<&Node>, all: &Node) -> Option<Rate> {
        let Some(node) = rate else {
            self.error("a rate needs a `rate`", &all.span, "for instance `rate: 100/m`");
            return None;
        };
        let text = self.text(node)?;
        let Some((count, per)) = rate::written(&text) else {
            let help = format!("write a number from 1 to {COUNT_MAX}, a slash and s, m, h or d: `100/m`");
            self.error(format!("`{text}` is not a rate"), &node.span, &help);
            return None;
        };
        let manner = match manner.map(|node| (self.text(node), node)) {
            None => Manner::Bucket,
            Some((Some(text), _)) if text == "bucket" => Manner::Bucket,
            Some((Some(text), _)) if text == "fixed" => Manner::Fixed,
            Some((Some(text), _)) if text == "sliding" => Manner::Sliding,
            Some((_, node)) => {
                self.error("unknown manner", &node.span, "write `bucket`, `fixed` or `sliding`");
                return None;
            }
        };
        let burst = match burst {
            Some(node) if manner != Manner::Bucket => {
                self.error("`burst` is of the manner `bucket` only", &node.span, "take it away: a window has no burst");
                return None;
            }
            Some(node) => u32::try_from(self.number(node, 1, COUNT_MAX as usize)).unwrap_or(1),
            None => count,
        };
        Some(Rate { count, per, burst, manner })
    }

    fn dimension(&mut self, node: &Node) -> Option<Dimension> {
        let text = self.text(node)?;
        Some(match text.as_str() {
            "principal" => Dimension::Principal,
            "client" => Dimension::Client,
            "tenant" => Dimension::Tenant,
            "session" => Dimension::Session,
            "server" => Dimension::Server,
            "method" => Dimension::Method,
            "tool" => Dimension::Tool,
            other => match other.strip_prefix("label:").filter(|label| !label.is_empty()) {
                Some(label) => Dimension::Label(label.into()),
                None => {
                    let help = nearest(other, &DIMENSIONS).map_or_else(
                        || format!("known ones: {}, and `label:<name>`", DIMENSIONS.join(", ")),
                        |near| format!("did you mean `{near}`?"),
                    );
                    self.error(format!("`{other}` is nothing to count by"), &node.span, &help);
                    return None;
                }
            },
        })
    }

    /// A glob over a whole text.
    pub(super) fn glob(&mut self, node: &Node) -> Option<Glob> {
        let text = self.text(node)?;
        match Glob::new(&text) {
            Ok(glob) => Some(glob),
            Err(error) => {
                self.error(error.to_string(), &node.span, error.help());
                None
            }
        }
    }
}
