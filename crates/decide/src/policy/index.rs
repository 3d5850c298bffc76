//! Finds the rules that a subject could concern, so that a thousand rules cost little more than those that matter.
//!
//! Each rule is filed under one of its conditions, the one that fewest others share: under exact words, or under a
//! literal part that every text its pattern matches must hold. A rule without such a condition is always tried. The
//! index only ever leaves out rules that surely do not concern the subject; what it hands out stays in the order of the
//! policy, and every condition is still evaluated.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use gatehold_session::Direction;
use gatehold_wire::Kind;

use super::check::{Check, Patterns};
use super::glob::{Glob, Literal};
use super::rule::Rule;
use super::subject::{Named, Subject};

/// What rules are filed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Dimension {
    Method,
    Server,
    Tool,
    Prompt,
    Resource,
    Principal,
    Role,
    Group,
    Scope,
    Tenant,
    Client,
}

const DIMENSIONS: [Dimension; 11] = [
    Dimension::Tool,
    Dimension::Resource,
    Dimension::Prompt,
    Dimension::Principal,
    Dimension::Role,
    Dimension::Group,
    Dimension::Scope,
    Dimension::Tenant,
    Dimension::Client,
    Dimension::Server,
    Dimension::Method,
];

/// The index of a policy's rules.
#[derive(Debug)]
pub(crate) struct Index {
    drawers: Box<[Drawer]>,
    /// Rules that are always tried.
    always: Bits,
    /// Rules that look at what travels this way: by `way`.
    ways: [Bits; 4],
}

/// The rules that are filed under one dimension.
#[derive(Debug)]
struct Drawer {
    dimension: Dimension,
    exact: HashMap<Box<str>, Box<[u32]>>,
    parts: Option<AhoCorasick>,
    /// For each part, the rules under it.
    under: Box<[Box<[u32]>]>,
    /// All of them, for a subject whose text cannot be read.
    all: Bits,
}

/// A set of rules, by their place in the policy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    fn set(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, more)| *word |= more);
    }

    fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, kept)| *word &= kept);
    }

    /// The members in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(place, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.checked_sub(1)?;
                Some(place * 64 + bit)
            })
        })
    }
}

/// How a rule could be filed under one dimension: for each of its patterns a literal.
struct Filing<'r> {
    dimension: Dimension,
    literals: Vec<Literal<'r>>,
}

impl Index {
    /// Files the rules.
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let count = rules.len();
        let filings: Vec<Vec<Filing<'_>>> = rules.iter().map(filings).collect();
        let mut popular: HashMap<(Dimension, &str), usize> = HashMap::new();
        for filing in filings.iter().flatten() {
            for literal in &filing.literals {
                *popular.entry((filing.dimension, literal.text())).or_default() += 1;
            }
        }
        // How many rules are tried with this one, at the least; a literal part also comes up by chance.
        let crowd = |filing: &Filing<'_>| -> usize {
            let shared = |literal: &Literal<'_>| {
                let count = popular.get(&(filing.dimension, literal.text())).copied().unwrap_or_default();
                2 * count + usize::from(matches!(literal, Literal::Part(_)))
            };
            filing.literals.iter().map(shared).max().unwrap_or(usize::MAX)
        };
        let mut always = Bits::none(count);
        let mut filed: HashMap<Dimension, Vec<(usize, &Filing<'_>)>> = HashMap::new();
        for (index, options) in filings.iter().enumerate() {
            match options.iter().min_by_key(|filing| crowd(filing)) {
                Some(filing) => filed.entry(filing.dimension).or_default().push((index, filing)),
                None => always.set(index),
            }
        }
        let mut drawers = Vec::new();
        for dimension in DIMENSIONS {
            let Some(members) = filed.remove(&dimension) else { continue };
            match Drawer::new(dimension, &members, count) {
                Some(drawer) => drawers.push(drawer),
                // Too much for one automaton: these rules are always tried.
                None => members.iter().for_each(|(index, _)| always.set(*index)),
            }
        }
        let ways = [
            (Direction::FromClient, false),
            (Direction::FromServer, false),
            (Direction::FromClient, true),
            (Direction::FromServer, true),
        ]
        .map(|(direction, is_answer)| {
            let mut bits = Bits::none(count);
            rules
                .iter()
                .enumerate()
                .filter(|(_, rule)| rule.direction.map_or(!is_answer, |only| only == direction))
                .for_each(|(index, _)| bits.set(index));
            bits
        });
        Self { drawers: drawers.into(), always, ways }
    }

    /// An index that leaves nothing out, to compare with.
    #[cfg(test)]
    pub(crate) fn linear(count: usize) -> Self {
        let mut all = Bits::none(count);
        (0..count).for_each(|index| all.set(index));
        Self { drawers: Box::default(), always: all.clone(), ways: [all.clone(), all.clone(), all.clone(), all] }
    }

    /// The rules that could concern the subject.
    pub(crate) fn candidates(&self, subject: &Subject<'_>) -> Bits {
        let mut found = self.always.clone();
        self.drawers.iter().for_each(|drawer| drawer.look_up(subject, &mut found));
        let is_answer = matches!(subject.kind, Kind::Result | Kind::Error);
        let [from_client, from_server, client_answers, server_answers] = &self.ways;
        found.keep(match (subject.direction, is_answer) {
            (Direction::FromClient, false) => from_client,
            (Direction::FromServer, false) => from_server,
            (Direction::FromClient, true) => client_answers,
            (Direction::FromServer, true) => server_answers,
        });
        found
    }
}

/// Every dimension under which a rule could be filed.
fn filings(rule: &Rule) -> Vec<Filing<'_>> {
    rule.checks.iter().filter_map(filing).collect()
}

fn filing(check: &Check) -> Option<Filing<'_>> {
    let (dimension, patterns): (Dimension, &Patterns) = match check {
        Check::Method(patterns) => (Dimension::Method, patterns),
        Check::Server(patterns) => (Dimension::Server, patterns),
        Check::Tool(patterns) => (Dimension::Tool, patterns),
        Check::Prompt(patterns) => (Dimension::Prompt, patterns),
        Check::Resource(patterns) => (Dimension::Resource, patterns),
        Check::Principal(patterns) => (Dimension::Principal, patterns),
        Check::Role(patterns) => (Dimension::Role, patterns),
        Check::RoleIs(role) => {
            return Some(Filing { dimension: Dimension::Role, literals: vec![Literal::Whole(role)] });
        }
        Check::Group(patterns) => (Dimension::Group, patterns),
        Check::Scope(patterns) => (Dimension::Scope, patterns),
        Check::Tenant(patterns) => (Dimension::Tenant, patterns),
        Check::Client(patterns) => (Dimension::Client, patterns),
        _ => return None,
    };
    let literals: Option<Vec<Literal<'_>>> = patterns.0.iter().map(Glob::literal).collect();
    literals.map(|literals| Filing { dimension, literals })
}

impl Drawer {
    fn new(dimension: Dimension, members: &[(usize, &Filing<'_>)], count: usize) -> Option<Self> {
        let mut exact: HashMap<&str, Vec<u32>> = HashMap::new();
        let mut parts: HashMap<&str, Vec<u32>> = HashMap::new();
        let mut all = Bits::none(count);
        for (index, filing) in members {
            all.set(*index);
            for literal in &filing.literals {
                let under = match literal {
                    Literal::Whole(text) => exact.entry(text).or_default(),
                    Literal::Part(text) => parts.entry(text).or_default(),
                };
                under.push(u32::try_from(*index).ok()?);
            }
        }
        let (texts, under): (Vec<&str>, Vec<Vec<u32>>) = parts.into_iter().unzip();
        let automaton = if texts.is_empty() {
            None
        } else {
            Some(AhoCorasick::builder().match_kind(MatchKind::Standard).build(&texts).ok()?)
        };
        Some(Self {
            dimension,
            exact: exact.into_iter().map(|(text, rules)| (text.into(), rules.into())).collect(),
            parts: automaton,
            under: under.into_iter().map(Into::into).collect(),
            all,
        })
    }

    fn look_up(&self, subject: &Subject<'_>, found: &mut Bits) {
        let principal = subject.around.facts.principal;
        let attributes = principal.attributes();
        let mut text = |text: &str| self.find(text, found);
        match self.dimension {
            Dimension::Server => text(subject.server),
            Dimension::Principal => text(principal.name()),
            Dimension::Role => attributes.roles.iter().for_each(|role| text(role)),
            Dimension::Group => attributes.groups.iter().for_each(|group| text(group)),
            Dimension::Scope => attributes.scopes.iter().for_each(|scope| text(scope)),
            Dimension::Tenant => attributes.tenant.iter().for_each(|tenant| text(tenant)),
            Dimension::Client => principal.client().into_iter().for_each(text),
            Dimension::Tool => self.look_up_name(subject.tool, found),
            Dimension::Prompt => self.look_up_name(subject.prompt, found),
            Dimension::Resource => {
                subject.resource_plain.iter().for_each(|plain| text(plain));
                self.look_up_name(subject.resource, found);
            }
            Dimension::Method => {
                subject.follows.into_iter().for_each(text);
                self.look_up_name(subject.method, found);
            }
        }
    }

    fn look_up_name(&self, name: Named<'_>, found: &mut Bits) {
        match name {
            Named::Is(name) => self.find(name, found),
            Named::Absent => {}
            // A condition on it cannot be evaluated: each of these rules may concern the subject.
            Named::Unreadable => found.add(&self.all),
        }
    }

    fn find(&self, text: &str, found: &mut Bits) {
        let mut file = |rules: &[u32]| rules.iter().for_each(|rule| found.set(*rule as usize));
        if let Some(rules) = self.exact.get(text) {
            file(rules);
        }
        let Some(parts) = &self.parts else { return };
        // A long text may hold the same part again and again.
        let mut met = Bits::none(self.under.len());
        for part in parts.find_overlapping_iter(text) {
            let part = part.pattern().as_usize();
            let (place, bit) = (part / 64, 1_u64 << (part % 64));
            if met.0.get(place).is_some_and(|word| word & bit == 0) {
                met.set(part);
                file(self.under.get(part).map_or(&[][..], |rules| rules));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_handed_out_in_order() {
        let mut bits = Bits::none(200);
        for member in [199, 0, 64, 63, 128] {
            bits.set(member);
        }
        assert_eq!(bits.iter().collect::<Vec<_>>(), [0, 63, 64, 128, 199]);
        assert_eq!(Bits::none(0).iter().count(), 0);
    }
}
