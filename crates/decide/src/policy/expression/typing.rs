//! Types an expression before it is ever evaluated: names must be known, operators must fit what they stand between, and
//! the whole must be true or false. A comparison that can never hold is an error, not a dead rule.
//!
//! What stands in arguments has no type here; that its names exist is checked where the schemas of tools are known.

use std::ops::Range;

use cel::ParseError;
use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};

use super::{Fault, literal};
use crate::diagnostic::nearest;

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Type {
    /// Not known before a message comes.
    Any,
    Null,
    Bool,
    Int,
    UInt,
    Double,
    Text,
    Bytes,
    List(Box<Type>),
    /// From texts to values of one type.
    Map(Box<Type>),
    /// One of the tables of facts.
    Table(&'static str),
}

/// An argument that an expression names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArgumentUse {
    /// Its path from `args`.
    pub(crate) path: Vec<String>,
    /// Where, in bytes of the expression.
    pub(crate) span: Range<usize>,
}

/// What is known of a typed expression.
pub(super) struct Typed {
    pub(super) nodes: usize,
    pub(super) depth: u32,
    pub(super) joins: u64,
    pub(super) uses: Vec<&'static str>,
    pub(super) arguments: Vec<ArgumentUse>,
    /// The literal texts of `matches`, with their places.
    pub(super) patterns: Vec<(String, Option<Range<usize>>)>,
}

/// The facts by name.
const FACTS: [&str; 15] = [
    "method",
    "server",
    "tool",
    "resource",
    "prompt",
    "direction",
    "transport",
    "revision",
    "principal",
    "args",
    "findings",
    "risk",
    "tally",
    "now",
    "hints",
];

/// The functions by name.
const FUNCTIONS: [&str; 14] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "int",
    "uint",
    "double",
    "string",
    "has",
    "all",
    "exists",
    "map",
    "filter",
];

fn fact(name: &str) -> Option<(&'static str, Type)> {
    let known = FACTS.into_iter().find(|fact| *fact == name)?;
    let of = match known {
        "principal" | "tally" | "hints" => Type::Table(known),
        "args" => Type::Map(Box::new(Type::Any)),
        "findings" => Type::List(Box::new(Type::Table("finding"))),
        "risk" => Type::Double,
        "now" => Type::Int,
        _ => Type::Text,
    };
    Some((known, of))
}

/// The members of a table of facts.
fn members(table: &str) -> &'static [(&'static str, Kind)] {
    match table {
        "principal" => &[
            ("name", Kind::Text),
            ("roles", Kind::Texts),
            ("groups", Kind::Texts),
            ("scopes", Kind::Texts),
            ("labels", Kind::Labels),
            ("tenant", Kind::Text),
            ("client", Kind::Text),
            ("proof", Kind::Text),
        ],
        "finding" => &[("id", Kind::Text), ("severity", Kind::Text), ("confidence", Kind::Double)],
        "tally" => &[("requests", Kind::Int), ("calls", Kind::Int), ("denied", Kind::Int), ("alarming", Kind::Int)],
        _ => &[
            ("read_only", Kind::Bool),
            ("destructive", Kind::Bool),
            ("idempotent", Kind::Bool),
            ("open_world", Kind::Bool),
        ],
    }
}

/// The type of a member, where types can be constants.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Texts,
    Labels,
    Int,
    Double,
    Bool,
}

impl From<Kind> for Type {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Texts => Self::List(Box::new(Self::Text)),
            Kind::Labels => Self::Map(Box::new(Self::Text)),
            Kind::Int => Self::Int,
            Kind::Double => Self::Double,
            Kind::Bool => Self::Bool,
        }
    }
}

impl Type {
    fn shown(&self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Int | Self::UInt => "a whole number",
            Self::Double => "a number",
            Self::Text => "a text",
            Self::Bytes => "bytes",
            Self::List(_) => "a list",
            Self::Map(_) | Self::Table(_) => "a table",
        }
    }

    const fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::UInt | Self::Double | Self::Any)
    }

    /// Whether a value of this type could equal one of the other.
    fn may_equal(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any | Self::Null, _) | (_, Self::Any | Self::Null) => true,
            (one, two) if one.is_number() && two.is_number() => true,
            (Self::List(one), Self::List(two)) => one.may_equal(two),
            (Self::Map(_) | Self::Table(_), Self::Map(_) | Self::Table(_)) => true,
            (one, two) => one == two,
        }
    }
}

/// The fault of an expression that cannot be parsed.
pub(super) fn syntax(text: &str, error: &ParseError) -> Fault {
    let (line, column) = error.pos;
    let span = usize::try_from(line).ok().zip(usize::try_from(column).ok()).and_then(|(line, column)| {
        let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
        let rest = text.get(start..)?;
        let within = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
        Some(start + within..start + within)
    });
    let cause = error.msg.lines().next().unwrap_or_default();
    // What could have stood there instead are the names of tokens, which help nobody.
    let cause = cause.split(" expecting ").next().unwrap_or_default();
    let cause: String = cause.trim_start_matches("Syntax error: ").chars().take(200).collect();
    let cause = if cause.is_empty() { "something is missing or too much".to_owned() } else { cause };
    let help = "for instance `args.amount <= 100 && principal.name == \"ada\"`; texts stand in quotes".into();
    Fault { message: format!("not readable as CEL: {cause}"), span, help }
}

/// Types an expression.
pub(super) fn check(text: &str, tree: &IdedExpr, places: &SourceInfo) -> Result<Typed, Vec<Fault>> {
    let typed = Typed { nodes: 0, depth: 0, joins: 0, uses: Vec::new(), arguments: Vec::new(), patterns: Vec::new() };
    let mut checker = Checker { text, places, typed, scopes: Vec::new(), faults: Vec::new() };
    let whole = checker.visit(tree, 0);
    if !matches!(whole, Type::Bool | Type::Any) {
        let message = format!("the expression is {}, and must be true or false", whole.shown());
        checker.faults.push(Fault { message, span: None, help: "compare it with something".into() });
    }
    if checker.faults.is_empty() { Ok(checker.typed) } else { Err(checker.faults) }
}

struct Checker<'t> {
    text: &'t str,
    places: &'t SourceInfo,
    typed: Typed,
    scopes: Vec<(String, Type)>,
    faults: Vec<Fault>,
}

impl Checker<'_> {
    fn fault(&mut self, message: String, span: Option<Range<usize>>, help: impl Into<String>) -> Type {
        self.faults.push(Fault { message, span, help: help.into() });
        Type::Any
    }

    /// Where a node stands, in bytes. The parser counts characters, the last one included.
    fn place(&self, node: &IdedExpr) -> Option<Range<usize>> {
        let (start, stop) = self.places.offset_for(node.id)?;
        let byte = |offset: u32| {
            let offset = usize::try_from(offset).ok()?;
            Some(self.text.char_indices().nth(offset).map_or(self.text.len(), |(at, _)| at))
        };
        let (start, stop) = (byte(start)?, byte(stop.max(start).checked_add(1)?)?);
        Some(start..stop.max(start))
    }

    /// Where a word stands at or behind the place of a node.
    fn word(&self, node: &IdedExpr, word: &str) -> Option<Range<usize>> {
        let place = self.place(node)?;
        let from = self.text.get(place.start..)?;
        from.find(word).map(|at| place.start + at..place.start + at + word.len()).or(Some(place))
    }

    fn visit(&mut self, node: &IdedExpr, depth: u32) -> Type {
        self.typed.nodes += 1;
        match &node.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => Type::Bool,
                LiteralValue::Bytes(_) => Type::Bytes,
                LiteralValue::Double(_) => Type::Double,
                LiteralValue::Int(_) => Type::Int,
                LiteralValue::UInt(_) => Type::UInt,
                LiteralValue::String(_) => Type::Text,
                LiteralValue::Null => Type::Null,
            },
            Expr::Ident(name) => self.ident(node, name),
            Expr::Select(select) => {
                let of = self.visit(&select.operand, depth);
                let named = self.typed.arguments.len();
                let found = self.member(node, &of, &select.operand, &select.field);
                if select.test {
                    // To ask whether something is there says nothing about it.
                    self.typed.arguments.truncate(named);
                    return Type::Bool;
                }
                found
            }
            Expr::Call(call) => {
                let mut operands: Vec<&IdedExpr> = call.target.iter().map(|target| &**target).collect();
                operands.extend(&call.args);
                let types: Vec<Type> = operands.iter().map(|operand| self.visit(operand, depth)).collect();
                self.call(node, &call.func_name, call.target.is_some(), &operands, &types)
            }
            Expr::List(list) => {
                let types: Vec<Type> = list.elements.iter().map(|element| self.visit(element, depth)).collect();
                Type::List(Box::new(common(&types)))
            }
            Expr::Map(map) => {
                let mut types = Vec::new();
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.visit(&entry.key, depth);
                        types.push(self.visit(&entry.value, depth));
                    }
                }
                Type::Map(Box::new(common(&types)))
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, depth),
            Expr::Struct(_) | Expr::Unspecified => {
                let span = self.place(node);
                self.fault("there are no types to make values of".into(), span, "write a list or a table")
            }
        }
    }

    fn ident(&mut self, node: &IdedExpr, name: &str) -> Type {
        if let Some((_, of)) = self.scopes.iter().rev().find(|(known, _)| known == name) {
            return of.clone();
        }
        if let Some((known, of)) = fact(name) {
            if !self.typed.uses.contains(&known) {
                self.typed.uses.push(known);
            }
            return of;
        }
        let help = nearest(name, &FACTS)
            .map_or_else(|| format!("there are {}", FACTS.join(", ")), |near| format!("did you mean `{near}`?"));
        let span = self.word(node, name);
        self.fault(format!("no fact is called `{name}`"), span, help)
    }

    fn member(&mut self, node: &IdedExpr, of: &Type, operand: &IdedExpr, field: &str) -> Type {
        if let Some(path) = self.argument_path(operand, field) {
            let span = self.word(node, field).unwrap_or_default();
            self.typed.arguments.push(ArgumentUse { path, span });
        }
        match of {
            Type::Any => Type::Any,
            Type::Map(values) => (**values).clone(),
            Type::Table(table) => {
                let known = members(table);
                if let Some((_, kind)) = known.iter().find(|(name, _)| *name == field) {
                    return (*kind).into();
                }
                let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                let help = nearest(field, &names)
                    .map_or_else(|| format!("it has {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
                let span = self.word(node, field);
                self.fault(format!("`{table}` has no `{field}`"), span, help)
            }
            other => {
                let span = self.word(node, field);
                self.fault(format!("{} has no `{field}`", other.shown()), span, "only tables have members")
            }
        }
    }

    /// The path from `args` to a member, where it is one of names only.
    fn argument_path(&self, operand: &IdedExpr, field: &str) -> Option<Vec<String>> {
        let mut path = vec![field.to_owned()];
        let mut node = operand;
        loop {
            match &node.expr {
                Expr::Select(select) => {
                    path.push(select.field.clone());
                    node = &select.operand;
                }
                Expr::Call(call) if call.func_name == operators::INDEX => {
                    let [table, name] = call.args.as_slice() else { return None };
                    path.push(literal(name)?.to_owned());
                    node = table;
                }
                Expr::Ident(name) if name == "args" && !self.scopes.iter().any(|(known, _)| known == "args") => {
                    path.reverse();
                    return Some(path);
                }
                _ => return None,
            }
        }
    }

    fn comprehension(&mut self, comprehension: &ComprehensionExpr, depth: u32) -> Type {
        let range = self.visit(&comprehension.iter_range, depth);
        let item = match range {
            Type::List(of) => *of,
            Type::Map(_) | Type::Table(_) => Type::Text,
            Type::Any => Type::Any,
            other => {
                let span = self.place(&comprehension.iter_range);
                let message = format!("{} holds nothing to go through", other.shown());
                self.fault(message, span, "`all`, `exists` and their like go through lists and tables")
            }
        };
        let begun = self.visit(&comprehension.accu_init, depth);
        let gathered = if matches!(begun, Type::List(_)) { Type::List(Box::new(Type::Any)) } else { begun };
        let depth = depth + 1;
        self.typed.depth = self.typed.depth.max(depth);
        self.scopes.push((comprehension.accu_var.clone(), gathered.clone()));
        self.scopes.push((comprehension.iter_var.clone(), item));
        if let Some(second) = &comprehension.iter_var2 {
            self.scopes.push((second.clone(), Type::Any));
        }
        self.visit(&comprehension.loop_cond, depth);
        self.visit(&comprehension.loop_step, depth);
        let result = self.visit(&comprehension.result, depth);
        self.scopes.truncate(self.scopes.len() - 2 - usize::from(comprehension.iter_var2.is_some()));
        result
    }

    fn call(
        &mut self,
        node: &IdedExpr,
        function: &str,
        is_member: bool,
        operands: &[&IdedExpr],
        types: &[Type],
    ) -> Type {
        match (function, types) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [one, two]) => {
                self.wants_bool(operands, &[one, two]);
                Type::Bool
            }
            (operators::LOGICAL_NOT | operators::NOT_STRICTLY_FALSE, [one]) => {
                self.wants_bool(operands, &[one]);
                Type::Bool
            }
            (operators::CONDITIONAL, [condition, one, two]) => {
                self.wants_bool(operands, &[condition]);
                common(&[one.clone(), two.clone()])
            }
            (operators::EQUALS | operators::NOT_EQUALS, [one, two]) => {
                if !one.may_equal(two) {
                    let message = format!("{} never equals {}", one.shown(), two.shown());
                    let span = self.place(node);
                    self.fault(message, span, "compare things of one kind");
                }
                Type::Bool
            }
            (operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS, [one, two]) => {
                let is_text = |of: &Type| matches!(of, Type::Text | Type::Any);
                if !(one.is_number() && two.is_number() || is_text(one) && is_text(two)) {
                    let message = format!("{} cannot be compared with {}", one.shown(), two.shown());
                    let span = self.place(node);
                    self.fault(message, span, "numbers are compared with numbers, and texts with texts");
                }
                Type::Bool
            }
            (operators::IN, [item, list]) => self.membership(node, item, list),
            (operators::INDEX, [table, name]) => self.index(node, operands, table, name),
            (operators::NEGATE, [one]) if one.is_number() => one.clone(),
            (
                operators::ADD | operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE | operators::MODULO,
                [one, two],
            ) => self.arithmetic(node, function, one, two),
            ("size", [of]) => self.wants(node, "size", of, &["a text", "a list", "a table", "bytes"], Type::Int),
            ("contains" | "startsWith" | "endsWith", [of, part]) if is_member => {
                self.wants(node, function, of, &["a text"], Type::Bool);
                self.wants(node, function, part, &["a text"], Type::Bool)
            }
            ("matches", [of, _]) => {
                self.pattern(node, operands);
                self.wants(node, "matches", of, &["a text"], Type::Bool)
            }
            ("int", [_]) if !is_member => Type::Int,
            ("uint", [_]) if !is_member => Type::UInt,
            ("double", [_]) if !is_member => Type::Double,
            ("string", [_]) if !is_member => Type::Text,
            _ => self.unknown_function(node, function),
        }
    }

    fn unknown_function(&mut self, node: &IdedExpr, function: &str) -> Type {
        let is_known = FUNCTIONS.contains(&function) || function.contains(['_', '@']);
        let message = if is_known {
            format!("`{}` cannot be used like this", function.trim_matches(['_', '@']))
        } else {
            format!("there is no function `{function}`")
        };
        let help = nearest(function, &FUNCTIONS)
            .filter(|near| *near != function)
            .map_or_else(|| format!("there are {}", FUNCTIONS.join(", ")), |near| format!("did you mean `{near}`?"));
        let span = self.word(node, function);
        self.fault(message, span, help)
    }

    fn wants_bool(&mut self, operands: &[&IdedExpr], types: &[&Type]) {
        for (operand, of) in operands.iter().zip(types) {
            if !matches!(of, Type::Bool | Type::Any) {
                let message = format!("expected true or false, found {}", of.shown());
                let span = self.place(operand);
                self.fault(message, span, "compare it with something");
            }
        }
    }

    fn wants(&mut self, node: &IdedExpr, function: &str, of: &Type, kinds: &[&str], gives: Type) -> Type {
        if !matches!(of, Type::Any) && !kinds.contains(&of.shown()) {
            let message = format!("`{function}` is of {}, found {}", kinds.join(" or "), of.shown());
            let span = self.word(node, function);
            self.fault(message, span, "see the functions in the guide");
        }
        gives
    }

    fn membership(&mut self, node: &IdedExpr, item: &Type, list: &Type) -> Type {
        let fits = match list {
            Type::Any => true,
            Type::List(of) => of.may_equal(item),
            Type::Map(_) | Type::Table(_) => Type::Text.may_equal(item),
            _ => false,
        };
        if !fits {
            let message = format!("{} is never in {}", item.shown(), list.shown());
            let span = self.place(node);
            self.fault(message, span, "`in` looks into lists, and for the names in tables");
        }
        Type::Bool
    }

    fn index(&mut self, node: &IdedExpr, operands: &[&IdedExpr], table: &Type, name: &Type) -> Type {
        match (table, name, operands) {
            (Type::Table(_) | Type::Map(_) | Type::Any, Type::Text, [operand, index]) => match literal(index) {
                Some(field) => self.member(node, table, operand, field),
                None => {
                    if let Type::Map(of) = table {
                        (**of).clone()
                    } else {
                        Type::Any
                    }
                }
            },
            (Type::List(of), Type::Int | Type::Any, _) => (**of).clone(),
            (Type::Any, _, _) | (Type::Map(_) | Type::Table(_), Type::Any, _) => Type::Any,
            _ => {
                let message = format!("{} has no place named by {}", table.shown(), name.shown());
                let span = self.place(node);
                self.fault(message, span, "lists are counted from 0, tables are asked by name")
            }
        }
    }

    fn arithmetic(&mut self, node: &IdedExpr, function: &str, one: &Type, two: &Type) -> Type {
        let is_join = function == operators::ADD && !(matches!(one, Type::Int | Type::UInt | Type::Double));
        self.typed.joins += u64::from(is_join);
        let fits = match (one, two) {
            (Type::Any, other) | (other, Type::Any) => {
                other.is_number() || is_join && matches!(other, Type::Text | Type::List(_) | Type::Bytes)
            }
            (Type::Int, Type::Int) | (Type::UInt, Type::UInt) => true,
            (Type::Double, Type::Double) => function != operators::MODULO,
            (Type::Text, Type::Text) | (Type::List(_), Type::List(_)) | (Type::Bytes, Type::Bytes) => is_join,
            _ => false,
        };
        if !fits {
            let message = format!("there is no such sum of {} and {}", one.shown(), two.shown());
            let span = self.place(node);
            return self.fault(
                message,
                span,
                "numbers of one kind: `1.0` is a number, `1` a whole one; `double(x)` converts",
            );
        }
        if *one == Type::Any { two.clone() } else { one.clone() }
    }

    /// The pattern of `matches` must be known when the policy is loaded: it is compiled then.
    fn pattern(&mut self, node: &IdedExpr, operands: &[&IdedExpr]) {
        let Some(pattern) = operands.get(1) else { return };
        let span = self.place(pattern);
        match literal(pattern) {
            Some(text) => self.typed.patterns.push((text.to_owned(), span)),
            None => {
                let span = span.or_else(|| self.place(node));
                let help = "an expression from a message could be made to cost much: write it out";
                self.fault("the pattern of `matches` is a text in quotes".into(), span, help);
            }
        }
    }
}

/// The type of all of these, or any.
fn common(types: &[Type]) -> Type {
    match types {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => first.clone(),
        _ => Type::Any,
    }
}
