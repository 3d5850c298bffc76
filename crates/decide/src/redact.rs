//! Taking things out of a message: from what a policy wants taken out to edits of the message's bytes. This is the only
//! place that edits what peers say.
//!
//! Whatever cannot be edited beyond doubt is an error, and the caller denies: a message never goes on with less taken
//! out than was ordered. What is taken out is taken out wherever the message repeats it, and what a client would check
//! against a schema is dropped where it may no longer fit. It never decides what is to be taken out.

mod copies;
mod place;
mod restore;
mod structured;
mod token;

#[cfg(test)]
mod tests;

use std::ops::Range;

use gatehold_inspect::{Finding, Findings, Flow};
use gatehold_session::{Direction, Principal};
use gatehold_wire::edit::Edit;
use gatehold_wire::{Kind, Message};

use crate::policy::argument::Path;
use crate::policy::glob::Glob;

pub use restore::restore;
pub use structured::OutputSchema;

use place::{Place, Placed};

/// What stands in the place of what is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Replacement {
    /// `[REDACTED:kind]`.
    Mark,
    /// A star for every letter and digit: the form stays. Of payment cards and accounts the last four stay too.
    Mask,
    /// `[HASH:kind#…]`: the same value gets the same token, so that it can still be compared and joined.
    Hash,
    /// `[VAULT:kind#…]`: a token that becomes the value again on the way to the server that it came from.
    Vault,
}

impl Replacement {
    /// The word for it in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mark => "mark",
            Self::Mask => "mask",
            Self::Hash => "hash",
            Self::Vault => "vault",
        }
    }

    /// Of two that concern the same bytes, the one that tells less.
    const fn tells(self) -> u8 {
        match self {
            Self::Mark => 0,
            Self::Vault => 1,
            Self::Hash => 2,
            Self::Mask => 3,
        }
    }
}

/// What a rule wants taken out.
#[derive(Debug, Clone)]
pub struct Redaction {
    /// Findings whose place in the message is taken out.
    pub findings: Box<[Glob]>,
    /// Arguments that are taken out whole.
    pub arguments: Box<[Path]>,
    /// What stands there instead.
    pub with: Replacement,
}

/// One thing to take out of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its bytes in the message: a part of a string without its quotes, or a whole JSON value.
    pub span: Range<usize>,
    /// What stands there instead.
    pub with: Replacement,
    /// What it is, for the token: the rule of a finding, or `argument`.
    pub what: Box<str>,
}

/// What redaction needs from outside. Without a key there are no hashes and no vault.
#[derive(Clone, Copy, Default)]
pub struct Means<'a> {
    /// The key of the tokens. Whoever has it can guess what a token stands for.
    pub key: Option<&'a [u8; 32]>,
    /// Where values wait for their way back.
    pub vault: Option<&'a dyn Vault>,
    /// What the tool's definition says about its structured results.
    pub output_schema: OutputSchema<'a>,
}

impl std::fmt::Debug for Means<'_> {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Means").field("key", &self.key.is_some()).field("vault", &self.vault.is_some()).finish()
    }
}

/// Where a value came from, and so where alone it may go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home<'a> {
    /// The server.
    pub server: &'a str,
    /// Who spoke with it.
    pub principal: &'a Principal,
}

/// Keeps values for their tokens: in memory, bounded, for as long as the gateway runs.
pub trait Vault: Send + Sync {
    /// Keeps a value. What has no room pushes out the oldest.
    fn keep(&self, token: &str, value: &str, home: Home<'_>);

    /// The value of a token, if it came from there.
    fn value(&self, token: &str, home: Home<'_>) -> Option<String>;
}

/// A target that cannot be taken out beyond doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CannotRedact;

/// What tokens call an argument.
const ARGUMENT: &str = "argument";

/// The things that a rule wants taken out of this message.
pub fn targets(redaction: &Redaction, message: &Message, findings: &Findings, out: &mut Vec<Target>) {
    for finding in findings.as_slice() {
        if redaction.findings.iter().any(|glob| glob.matches(finding.id)) {
            out.push(Target::of(finding, redaction.with));
        }
    }
    if let Some(arguments) = message.arguments() {
        for path in &redaction.arguments {
            path.each_value(arguments, &mut |value| {
                out.push(Target { span: value.span(), with: redaction.with, what: ARGUMENT.into() });
            });
        }
    }
}

impl Target {
    /// The place of a finding, called by the rule that found it.
    #[must_use]
    pub fn of(finding: &Finding, with: Replacement) -> Self {
        Self { span: finding.span.clone(), with, what: finding.rule.clone() }
    }
}

/// The edits that take these things out, wherever the message repeats them.
///
/// # Errors
/// Something of it stands in no string or value that may be edited, or there are no means for its replacement.
pub fn edits(flow: Flow<'_>, targets: &[Target], means: &Means<'_>) -> Result<Vec<Edit>, CannotRedact> {
    let message = flow.message;
    let mut all = targets.to_vec();
    copies::add(message, &mut all)?;
    all.sort_by_key(|target| (target.span.start, std::cmp::Reverse(target.span.end)));
    let placed = place::all(message, &all)?;
    let home = Home { server: &flow.facts.origin.server, principal: flow.facts.principal };
    let mut keys = 0;
    let mut edits = Vec::new();
    for Placed { place, targets } in placed {
        match place {
            Place::Value { span, text } => {
                let target = strictest(&targets).ok_or(CannotRedact)?;
                let with = token::of(&text, target, home, means)?;
                edits.push(Edit { span, with: quoted(&with) });
            }
            Place::Inside { string, is_key } => {
                for (span, target) in place::merged(message, &string, &targets)? {
                    let value = place::decoded(message, &span)?;
                    let mut with = token::of(&value, target, home, means)?;
                    if is_key {
                        keys += 1;
                        // Two keys of one object must not become the same.
                        with = numbered(with, keys);
                    }
                    let written = quoted(&with);
                    let inner = written.get(1..written.len() - 1).ok_or(CannotRedact)?.to_vec();
                    edits.push(Edit { span, with: inner });
                }
            }
        }
    }
    if flow.facts.direction == Direction::FromServer && message.kind() == Kind::Result {
        structured::settle(message, &mut edits, means.output_schema)?;
    }
    // What stands there already need not be put there.
    edits.retain(|edit| message.bytes().get(edit.span.clone()) != Some(&*edit.with));
    place::proved(message, &edits)?;
    Ok(edits)
}

/// Adds edits to those that a list was filtered with: what is taken out whole needs no edit inside it.
///
/// # Errors
/// Two of them cut into each other.
pub fn combine(first: &mut Vec<Edit>, more: Vec<Edit>) -> Result<(), CannotRedact> {
    for edit in more {
        let within = |other: &Edit| other.span.start <= edit.span.start && edit.span.end <= other.span.end;
        let apart = |other: &Edit| other.span.end <= edit.span.start || edit.span.end <= other.span.start;
        if first.iter().any(|other| !other.span.is_empty() && within(other)) {
            continue;
        }
        if !first.iter().all(apart) {
            return Err(CannotRedact);
        }
        first.push(edit);
    }
    Ok(())
}

/// Of several targets for the same bytes, the one whose replacement tells the least.
fn strictest<'t>(targets: &[&'t Target]) -> Option<&'t Target> {
    targets.iter().copied().min_by_key(|target| target.with.tells())
}

fn numbered(token: String, number: usize) -> String {
    if number == 1 { token } else { format!("{token}#{number}") }
}

/// A text as a JSON string, with quotes.
fn quoted(text: &str) -> Vec<u8> {
    let mut written = Vec::with_capacity(text.len() + 2);
    gatehold_wire::json::write_string(text, &mut written);
    written
}
