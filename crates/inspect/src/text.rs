//! One string of a message, read in every way, with what is known about where it stands. Detectors look at this.

use std::cell::OnceCell;
use std::ops::Range;

use crate::detectors::roles::{Names, Role};
use crate::finding::{Finding, Severity};
use crate::normalise::{Layer, Layers, Making, disguises};
use crate::phrases::{self, Column, Phrase};
use crate::signals::{self, Signal};

/// What a string is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// What a server says about itself: names aside, every description, title, default, example and key in the
    /// definitions of tools, prompts and resources, annotations, `_meta`, and its `instructions`.
    ToolDescription,
    /// The name of a tool, a prompt, a resource or a parameter.
    Name,
    /// What a server answers: results, resources, prompt messages, errors, logs, progress, sampling requests.
    ToolOutput,
    /// What a server asks the user.
    Elicitation,
    /// What a client sends to a tool, keys too; also what it answers to a server's request.
    Arguments,
    /// What a client sends to a prompt or to completion.
    PromptArgument,
    /// A resource URI that a client names.
    ResourceUri,
}

impl TextKind {
    /// The stable name, as it stands in commands and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ToolDescription => "tool_description",
            Self::Name => "name",
            Self::ToolOutput => "tool_output",
            Self::Elicitation => "elicitation",
            Self::Arguments => "arguments",
            Self::PromptArgument => "prompt_argument",
            Self::ResourceUri => "resource_uri",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::ToolDescription,
            Self::Name,
            Self::ToolOutput,
            Self::Elicitation,
            Self::Arguments,
            Self::PromptArgument,
            Self::ResourceUri,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }

    /// Whether a client sends it.
    #[must_use]
    pub const fn from_client(self) -> bool {
        matches!(self, Self::Arguments | Self::PromptArgument | Self::ResourceUri)
    }

    /// Whether it describes a server rather than answering.
    #[must_use]
    pub const fn is_metadata(self) -> bool {
        matches!(self, Self::ToolDescription | Self::Name)
    }

    pub(crate) const fn column(self) -> Column {
        match self {
            Self::ToolDescription | Self::Name => Column::Metadata,
            Self::ToolOutput | Self::Elicitation => Column::Output,
            Self::Arguments | Self::ResourceUri => Column::Argument,
            Self::PromptArgument => Column::Prompt,
        }
    }
}

/// A string with its place and all its readings.
#[derive(Debug)]
pub struct Text<'a> {
    /// What it is for.
    pub kind: TextKind,
    /// The tool or prompt it belongs to.
    pub tool: Option<&'a str>,
    /// The parameter or member that holds it.
    pub parameter: Option<&'a str>,
    /// The string itself.
    pub original: &'a str,
    /// Its readings.
    pub layers: Layers<'a>,
    /// What is said to a model in it.
    pub phrases: Vec<Said>,
    /// How near what is said came to be reported, where it was not: from 0 to `phrases::SUSPICION_MAX`.
    pub suspicion: f32,
    /// Whether a client sends it and it is words and numbers alone: no sign that a shell, a path or a markup language
    /// knows.
    pub plain: bool,
    /// The words of the names of its tool and parameter, once somebody asks.
    names: OnceCell<Names<'a>>,
    /// What its parameter is for, once somebody asks.
    pub(crate) role: OnceCell<Role>,
}

/// A phrase and the reading it was found in.
#[derive(Debug)]
pub struct Said {
    /// The number of the layer.
    pub layer: usize,
    /// The phrase, with its span in that layer.
    pub phrase: Phrase,
}

impl<'a> Text<'a> {
    /// Reads a string.
    #[must_use]
    pub fn new(original: &'a str, kind: TextKind, tool: Option<&'a str>, parameter: Option<&'a str>) -> Self {
        let layers = Layers::of(original);
        let mut said = Vec::new();
        let mut suspicion = 0.0;
        for (number, layer) in layers.iter().filter(|(_, layer)| !layer.has_folded) {
            phrases_of(layer, number, kind.column(), &mut said, &mut suspicion);
        }
        if !said.is_empty() {
            // Said, even where its surroundings make it no finding: between quotation marks, among words about attacks.
            suspicion = suspicion.max(MENTIONED);
        }
        let plain = kind.from_client() && layers.len() == 1 && is_plain(original);
        Self {
            kind,
            tool,
            parameter,
            original,
            layers,
            phrases: said,
            suspicion,
            plain,
            names: OnceCell::new(),
            role: OnceCell::new(),
        }
    }

    /// The words of the names of its tool and parameter.
    pub(crate) fn names(&self) -> &Names<'a> {
        self.names.get_or_init(|| Names::of(self.tool, self.parameter))
    }

    /// Whether a text from a message is words alone, with none that any detector asked for: then there is only one way to
    /// read it and nothing in it to find. Most keys and short values are.
    pub(crate) fn is_quiet(original: &str, kind: TextKind) -> bool {
        matches!(kind, TextKind::ToolOutput | TextKind::Arguments | TextKind::PromptArgument)
            && only_words(original)
            && !disguises::may_be_spaced(original)
            && signals::find(original).is_empty()
    }

    /// Every reading that phrases are looked for in, with its anchors.
    pub(crate) fn readings(&self) -> impl Iterator<Item = (&str, Vec<Range<usize>>)> {
        let column = self.kind.column();
        let layers = self.layers.iter().filter(|(_, layer)| !layer.has_folded);
        layers.map(move |(_, layer)| (layer.text(), anchors(layer, column)))
    }

    /// A finding at a place in a layer. The span is led back to the original; where the text was hidden, the sentence
    /// says how.
    #[must_use]
    pub fn finding(&self, at: Place, what: What<'_>) -> Finding {
        let route = self.layers.route(at.layer);
        let detail = match route.as_str() {
            "" => what.detail.into(),
            route => format!("{} (hidden by {route})", what.detail).into(),
        };
        Finding {
            id: what.id,
            rule: what.rule.into(),
            severity: what.severity,
            confidence: what.confidence,
            pointer: "".into(),
            span: self.layers.origin(at.layer, at.range),
            detail,
        }
    }
}

/// The suspicion of a phrase that is no finding.
const MENTIONED: f32 = 0.4;

fn phrases_of(layer: &Layer<'_>, number: usize, column: Column, said: &mut Vec<Said>, suspicion: &mut f32) {
    let whole = matches!(column, Column::Metadata | Column::Prompt);
    if !whole && layer.hits.is_empty() && !matches!(layer.making, Making::Folded { .. }) {
        return;
    }
    let is_disguised = matches!(
        layer.making,
        Making::Folded { lookalikes: true, .. }
            | Making::Folded { styled: true, .. }
            | Making::Decoded("letters apart")
    );
    let found = phrases::find(layer.text(), anchors(layer, column).into_iter(), column, is_disguised);
    *suspicion = suspicion.max(found.suspicion);
    said.extend(found.phrases.into_iter().map(|phrase| Said { layer: number, phrase }));
}

/// ASCII letters in words too short to be encoded, with the marks of sentences, and too few joints to hide some. No
/// hyphen begins a word, and no full stop follows another.
fn only_words(text: &str) -> bool {
    const WORD_MAX: u32 = 15;
    const JOINTS_MAX: u32 = 3;
    let (mut length, mut joints, mut before) = (0, 0, b' ');
    text.bytes().all(|byte| {
        let joint = byte == b'-' || byte == b'_';
        let letter = joint || (byte | 0x20).wrapping_sub(b'a') < 26;
        joints += u32::from(joint);
        length = if letter { length + 1 } else { 0 };
        let known = letter || matches!(byte, b' ' | b'.' | b',' | b':' | b'?' | b'!');
        let apart = (byte == b'-' && before == b' ') || (byte == b'.' && before == b'.');
        before = byte;
        known && length <= WORD_MAX && joints <= JOINTS_MAX && !apart
    })
}

/// Letters, digits, spaces and the marks of ordinary writing; a hyphen only inside a word, where it is no option.
/// Compares in blocks without a branch, so that many bytes are compared at once.
fn is_plain(text: &str) -> bool {
    let calm = |byte: &u8| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 11;
        // A comma, a hyphen or a full stop; digits go on with a colon.
        let mark =
            (byte.wrapping_sub(b',') < 3) | (*byte == b' ') | (*byte == b'_') | (*byte == b'?') | (*byte == b'!');
        letter | digit | mark | (*byte >= 0x80)
    };
    let bytes = text.as_bytes();
    let before = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    bytes.chunks(128).all(|block| block.iter().fold(true, |all, byte| all & calm(byte)))
        && memchr::memchr_iter(b'-', bytes).all(|at| before(at).is_ascii_alphanumeric())
        && memchr::memchr_iter(b'.', bytes).all(|at| before(at) != b'.')
}

/// The places in a layer that are worth a look, in order.
fn anchors(layer: &Layer<'_>, column: Column) -> Vec<Range<usize>> {
    let counts = |signal: Signal| match signal {
        Signal::Word => true,
        Signal::WordInMetadata => column != Column::Output,
        _ => false,
    };
    let mut anchors: Vec<Range<usize>> =
        layer.hits.iter().filter(|hit| counts(hit.signal)).map(|hit| hit.start..hit.end).collect();
    if matches!(layer.making, Making::Folded { .. }) {
        anchors.extend(phrases::foreign_anchors(layer.text()));
    }
    anchors.sort_unstable_by_key(|anchor| anchor.start);
    anchors
}

/// Where in a text: a layer and a range of its bytes.
#[derive(Debug, Clone)]
pub struct Place {
    /// The number of the layer; 0 is the original.
    pub layer: usize,
    /// The bytes in that layer.
    pub range: Range<usize>,
}

/// What was found, for `Text::finding`.
#[derive(Debug, Clone, Copy)]
pub struct What<'a> {
    /// The stable id.
    pub id: &'static str,
    /// The rule.
    pub rule: &'a str,
    /// How bad it is.
    pub severity: Severity,
    /// How sure, from 0 to 1.
    pub confidence: f32,
    /// A sentence. It never repeats a secret.
    pub detail: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_alone_are_told_from_everything_else() {
        for text in ["note", "src", "sales of the north, grew.", "well-known", "get_user_by_id", "a:b?c!", "", "a. b"] {
            assert!(only_words(text), "{text:?}");
        }
        for text in ["-rf", "rm -rf", "a..b", "..", "a/b", "a1", "abcdefghijklmnop", "a-b-c-d-e", "é", "a\nb", "'a'"] {
            assert!(!only_words(text), "{text:?}");
        }
    }

    #[test]
    fn plain_is_what_has_no_signs() {
        let slowly = |text: &str| {
            let mut before = b' ';
            text.bytes().all(|byte| {
                let calm = byte.is_ascii_alphanumeric()
                    || matches!(byte, b' ' | b'.' | b',' | b':' | b'_' | b'?' | b'!')
                    || byte == b'-' && before.is_ascii_alphanumeric()
                    || byte >= 0x80;
                let doubled = byte == b'.' && before == b'.';
                before = byte;
                calm && !doubled
            })
        };
        for code in 0..0x180u32 {
            let sign = char::from_u32(code).unwrap();
            for text in
                [format!("{sign}"), format!("{}a{sign}b", "word ".repeat(40)), format!(".{sign}."), format!(" {sign}")]
            {
                assert_eq!(is_plain(&text), slowly(&text), "{text:?}");
            }
        }
        assert!(is_plain("") && is_plain("well-known, e.g. 12:30?") && !is_plain("rm -rf") && !is_plain("a..b"));
    }
}
