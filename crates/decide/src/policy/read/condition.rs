//! Reads the conditions on arguments. A condition that says nothing, or contradicts itself, is an error: it would
//! match everything or nothing.

use regex::{Regex, RegexBuilder};

use super::{Reader, get};
use crate::document::{Entry, Node, Value};
use crate::policy::argument::{Bound, Condition, Demand, Scalar, Test, read_path};
use crate::policy::number::Number;

/// The most memory that a compiled expression takes, in bytes.
const REGEX_BYTES_MAX: usize = 1024 * 1024;

const CONDITION_KEYS: [&str; 9] =
    ["glob", "regex", "equals", "one_of", "above", "at_least", "below", "at_most", "absent"];
const BOUNDS: [(&str, Bound); 4] =
    [("above", Bound::Above), ("at_least", Bound::AtLeast), ("below", Bound::Below), ("at_most", Bound::AtMost)];

impl Reader {
    /// The table under `arguments`: paths with conditions.
    pub(super) fn arguments(&mut self, entry: &Entry) -> Box<[Condition]> {
        let Value::Table(table) = &entry.node.value else {
            let message = format!("expected paths with conditions, found {}", entry.node.value.kind());
            self.error::<()>(message, entry.key_span.clone(), "for instance `path: {glob: \"/etc/**\"}`");
            return Box::default();
        };
        if table.is_empty() {
            let help = "take `arguments` out for a rule that concerns calls with any arguments";
            self.error::<()>("`arguments` is empty", entry.key_span.clone(), help);
        }
        table.iter().filter_map(|entry| self.condition(entry)).collect()
    }

    fn condition(&mut self, entry: &Entry) -> Option<Condition> {
        let path = match read_path(&entry.key) {
            Ok(path) => path,
            Err(sentence) => {
                let help = "steps are separated by dots, `*` is every element, `\\.` is a literal dot";
                return self.error(sentence, entry.key_span.clone(), help);
            }
        };
        let demand = match &entry.node.value {
            Value::Table(table) => self.demand(entry, table)?,
            Value::Null => {
                return self.error(
                    "the condition is empty",
                    entry.key_span.clone(),
                    "to ask for nothing: {absent: true}",
                );
            }
            _ => Demand::Tests(Box::from([self.any_of(&entry.node, Self::plain)?])),
        };
        Some(Condition { path, demand })
    }

    fn demand(&mut self, entry: &Entry, table: &[Entry]) -> Option<Demand> {
        let help = "for instance `{glob: \"/etc/**\"}`";
        self.filled_table(entry, "the condition is empty", help, "a condition", &CONDITION_KEYS)?;
        if let Some(absent) = get(table, "absent") {
            let Value::Bool(is_absent) = absent.node.value else {
                return self.error("expected true or false", absent.node.span.clone(), "for instance `absent: true`");
            };
            if table.len() == 1 {
                return Some(if is_absent { Demand::Absent } else { Demand::Present });
            }
            let help = "a value that is absent cannot be tested, and one that is tested is present: take `absent` out";
            return self.error("`absent` stands alone", absent.key_span.clone(), help);
        }
        let mut tests = Vec::new();
        for entry in table {
            let test = match entry.key.as_str() {
                "glob" => self.any_of(&entry.node, |reader, node| reader.pattern(node).map(Test::Glob)),
                "regex" => self.any_of(&entry.node, |reader, node| reader.regex(node).map(Test::Regex)),
                "equals" => self.scalar(&entry.node).map(|scalar| Test::OneOf(Box::from([scalar]))),
                "one_of" => self.one_of(&entry.node),
                key => match BOUNDS.iter().find(|(name, _)| *name == key) {
                    Some((_, bound)) => self.number(&entry.node).map(|number| Test::Compare(*bound, number)),
                    // An unknown key was reported with the table.
                    None => None,
                },
            };
            tests.push(test);
        }
        tests.into_iter().collect::<Option<Vec<_>>>().map(|tests| Demand::Tests(tests.into()))
    }

    /// One of them, or a list of which any will do.
    fn any_of(&mut self, node: &Node, mut read: impl FnMut(&mut Self, &Node) -> Option<Test>) -> Option<Test> {
        let Value::List(items) = &node.value else { return read(self, node) };
        if items.is_empty() {
            return self.error("an empty list matches nothing", node.span.clone(), "name what is meant");
        }
        let tests: Vec<_> = items.iter().map(|item| read(self, item)).collect();
        tests.into_iter().collect::<Option<Vec<_>>>().map(|tests| Test::AnyOf(tests.into()))
    }

    /// A condition that is just a value: a pattern for texts, equality for the rest.
    fn plain(&mut self, node: &Node) -> Option<Test> {
        match node.value {
            Value::Text(_) => self.pattern(node).map(Test::Glob),
            _ => self.scalar(node).map(|scalar| Test::OneOf(Box::from([scalar]))),
        }
    }

    fn one_of(&mut self, node: &Node) -> Option<Test> {
        let items = self.list(node, "for instance `one_of: [\"a\", \"b\"]`")?;
        if items.is_empty() {
            return self.error("an empty list matches nothing", node.span.clone(), "name what is meant");
        }
        let scalars: Vec<_> = items.iter().map(|item| self.scalar(item)).collect();
        scalars.into_iter().collect::<Option<Vec<_>>>().map(|scalars| Test::OneOf(scalars.into()))
    }

    fn scalar(&mut self, node: &Node) -> Option<Scalar> {
        match &node.value {
            Value::Text(text) => Some(Scalar::Text(text.as_str().into())),
            Value::Bool(value) => Some(Scalar::Bool(*value)),
            Value::Number(_) => self.number(node).map(Scalar::Number),
            other @ (Value::Null | Value::List(_) | Value::Table(_)) => {
                let message = format!("expected a text, a number, true or false, found {}", other.kind());
                self.error(message, node.span.clone(), "lists and objects are reached by the path, with `*`")
            }
        }
    }

    pub(super) fn number(&mut self, node: &Node) -> Option<Number> {
        let Value::Number(written) = &node.value else {
            let message = format!("expected a number, found {}", node.value.kind());
            return self.error(message, node.span.clone(), "numbers stand without quotes");
        };
        match Number::new(written) {
            Ok(number) => Some(number),
            Err(_) => {
                let help = "write it as JSON does: 10, -2.5 or 1e6; a text that looks like a number takes quotes";
                self.error("this number cannot be compared", node.span.clone(), help)
            }
        }
    }

    fn regex(&mut self, node: &Node) -> Option<Regex> {
        let text = self.text(node, "expressions are texts: put it in single quotes")?;
        let compiled = RegexBuilder::new(text).size_limit(REGEX_BYTES_MAX).dfa_size_limit(REGEX_BYTES_MAX).build();
        match compiled {
            Ok(regex) => Some(regex),
            Err(regex::Error::CompiledTooBig(_)) => {
                let help = format!("its compiled form has more than {REGEX_BYTES_MAX} bytes: use smaller repetitions");
                self.error("the expression is too large", node.span.clone(), help)
            }
            Err(error) => {
                let text = error.to_string();
                let cause = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                let help = "the syntax is that of the Rust crate `regex`: no look-around, no back-references";
                self.error(format!("not a regular expression: {cause}"), node.span.clone(), help)
            }
        }
    }
}
