//! `when:` — conditions in the Common Expression Language (cel.dev), for what `match` cannot say.
//!
//! An expression is parsed and typed when the policy is loaded; evaluating it is bounded before it begins, by the size
//! of the expression and of what it looks at. What is over a bound, fails or panics could not be evaluated, and is an
//! `Outcome::Error`. Nothing here reads a clock: `now` is a fact like the others.

mod facts;

mod typing;

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};

use cel::common::ast::{Expr, IdedExpr};
use cel::extractors::This;
use cel::parser::Parser;
use cel::{Context, Env, ExecutionError, Value};
use regex::{Regex, RegexBuilder};

use super::argument::{Outcome, Quantifier};
use super::subject::{Arguments, Named, Subject};
pub(crate) use typing::ArgumentUse;

/// The longest expression, in bytes.
pub(crate) const TEXT_BYTES_MAX: usize = 4096;
/// The most nodes of an expression, with what its macros stand for.
const NODES_MAX: usize = 512;
/// How deep comprehensions (`all`, `exists`, `map`, `filter`, `exists_one`) may stand in each other.
const COMPREHENSIONS_MAX: u32 = 2;
/// How deep an expression may be nested.
const NESTING_MAX: u16 = 32;
/// The most memory that a compiled regular expression takes, in bytes.
const REGEX_BYTES_MAX: usize = 1024 * 1024;
/// The most that one evaluation may cost: nodes, and sixteenths of bytes, times the runs of its comprehensions.
const COST_MAX: u64 = 2_000_000;

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) message: String,
    /// Bytes of the expression; `None` for all of it.
    pub(crate) span: Option<Range<usize>>,
    pub(crate) help: String,
}

/// A checked expression.
pub(crate) struct Expression {
    tree: IdedExpr,
    /// The literal expressions of `matches`, compiled.
    regexes: Arc<HashMap<String, Regex>>,
    /// The facts that it names.
    uses: Vec<&'static str>,
    /// The arguments that it names.
    pub(crate) arguments: Box<[ArgumentUse]>,
    nodes: u64,
    /// How deep its comprehensions stand in each other.
    depth: u32,
    /// How often it joins lists or texts.
    joins: u64,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({} nodes, {:?})", self.nodes, self.uses)
    }
}

/// The standard library of the language, made once.
static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

impl Expression {
    /// Parses and types an expression.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, Vec<Fault>> {
        let fault = |message: &str, help: &str| Fault { message: message.into(), span: None, help: help.into() };
        if text.trim().is_empty() || text.len() > TEXT_BYTES_MAX {
            let help = format!("1 to {TEXT_BYTES_MAX} bytes, for instance `args.amount <= 100`");
            return Err(vec![fault("the expression is empty or too long", &help)]);
        }
        let parser = Parser::default().max_recursion_depth(NESTING_MAX).error_recovery_limit(8);
        let parsed = catch_unwind(AssertUnwindSafe(|| parser.parse_with_source_info(text)));
        let (tree, places) = match parsed {
            Ok(Ok(parsed)) => parsed,
            Ok(Err(errors)) => {
                return Err(errors.errors.iter().take(4).map(|error| typing::syntax(text, error)).collect());
            }
            Err(_panic) => return Err(vec![fault("not readable as CEL", "see the examples in the guide")]),
        };
        let mut regexes = HashMap::new();
        let typed = typing::check(text, &tree, &places)?;
        if typed.nodes > NODES_MAX {
            let help = format!("at most {NODES_MAX} operations: make several rules of it");
            return Err(vec![fault("the expression is too large", &help)]);
        }
        if typed.depth > COMPREHENSIONS_MAX {
            let help = format!("`all`, `exists` and their like may stand {COMPREHENSIONS_MAX} deep");
            return Err(vec![fault("comprehensions stand too deep in each other", &help)]);
        }
        for (pattern, span) in typed.patterns {
            let compiled =
                RegexBuilder::new(&pattern).size_limit(REGEX_BYTES_MAX).dfa_size_limit(REGEX_BYTES_MAX).build();
            match compiled {
                Ok(regex) => regexes.insert(pattern, regex),
                Err(error) => {
                    let cause = error.to_string();
                    let cause = cause.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    let help =
                        "the syntax is that of the Rust crate `regex`: no look-around, no back-references".into();
                    return Err(vec![Fault { message: format!("not a regular expression: {cause}"), span, help }]);
                }
            };
        }
        Ok(Self {
            tree,
            regexes: Arc::new(regexes),
            uses: typed.uses,
            arguments: typed.arguments.into(),
            nodes: u64::try_from(typed.nodes).unwrap_or(u64::MAX),
            depth: typed.depth,
            joins: typed.joins,
        })
    }

    /// Whether the expression names a fact.
    pub(crate) fn uses(&self, fact: &str) -> bool {
        self.uses.contains(&fact)
    }

    /// Whether the expression is true of the subject.
    pub(crate) fn holds(&self, subject: &Subject<'_>, quantifier: Quantifier) -> Outcome {
        if subject.is_offered && ["args", "findings", "risk"].iter().any(|fact| self.uses(fact)) {
            return (quantifier == Quantifier::Every).into();
        }
        let written = self.outcome(subject);
        // A URI is judged in its plain form too: either suffices to restrict, both are needed to permit.
        let Some(plain) = subject.resource_plain.as_deref().filter(|_| self.uses("resource")) else { return written };
        let plain = self.outcome(&Subject { resource: Named::Is(plain), ..subject.clone() });
        match quantifier {
            Quantifier::Any => written.or(plain),
            Quantifier::Every => written.and(plain),
        }
    }

    fn outcome(&self, subject: &Subject<'_>) -> Outcome {
        match (self.evaluate(subject), subject.arguments) {
            (Some(true), _) => Outcome::Yes,
            (Some(false), _) => Outcome::No,
            // A message that never has arguments is not what an expression about them is about.
            (None, Arguments::Inapplicable) if self.uses("args") => Outcome::No,
            (None, _) => Outcome::Error,
        }
    }

    fn evaluate(&self, subject: &Subject<'_>) -> Option<bool> {
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        let mut size = facts::Size::default();
        for fact in &self.uses {
            context.add_variable_from_value(*fact, facts::value(fact, subject, &mut size)?);
        }
        if self.cost(&size) > COST_MAX {
            return None;
        }
        if !self.regexes.is_empty() {
            let regexes = Arc::clone(&self.regexes);
            let matches = move |This(text): This<Arc<String>>, pattern: Arc<String>| match regexes.get(&*pattern) {
                Some(regex) => Ok(regex.is_match(&text)),
                None => Err(ExecutionError::function_error("matches", "the expression is no literal")),
            };
            context.add_function("matches", matches).ok()?;
        }
        let value = catch_unwind(AssertUnwindSafe(|| Value::resolve(&self.tree, &context)));
        match value {
            Ok(Ok(Value::Bool(value))) => Some(value),
            _ => None,
        }
    }

    /// What an evaluation may cost at the most.
    fn cost(&self, size: &facts::Size) -> u64 {
        let longest = size.items.saturating_add(self.nodes).saturating_mul(self.joins.saturating_add(1));
        let step = self.nodes.saturating_add(size.bytes.saturating_mul(self.joins.saturating_add(1)) / 16);
        longest.saturating_pow(self.depth).saturating_mul(step.max(1))
    }
}

/// Whether an expression is a literal text.
fn literal(tree: &IdedExpr) -> Option<&str> {
    match &tree.expr {
        Expr::Literal(cel::common::ast::LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "how long hostile inputs take is what is tested")]
mod tests;
