//! From a text to windows of tokens. A text is never cut: what does not fit into one window goes on in the next, which
//! begins before the last one ended, so that nothing stands only at an edge.
//!
//! What the text itself says is never a special token: `[SEP]` in it is five characters, and no end of anything.

use std::ops::Range;
use std::path::Path;

use tokenizers::Tokenizer;

use crate::files::{Contents, OpenError};

/// Which part of a window is read again in the next one.
const OVERLAP_PART: usize = 4;
/// Texts that a usable tokenizer makes tokens of; its own marks are found with the first that it does.
const PROBES: [&str; 5] = ["a", "the", "1", "A text.", "."];

/// A tokenizer and the marks that it puts around a text.
pub(crate) struct Tokens {
    tokenizer: Tokenizer,
    before: Vec<u32>,
    after: Vec<u32>,
    /// The highest number of a token that it can give.
    pub(crate) highest: u32,
    /// What fills a window of fixed length.
    pub(crate) padding: u32,
}

/// A part of a text as tokens, marks included.
pub(crate) struct Window {
    pub(crate) ids: Vec<u32>,
    /// The bytes of the text that it was made of.
    pub(crate) span: Range<usize>,
}

impl Tokens {
    pub(crate) fn read(path: &Path, contents: &Contents) -> Result<Self, OpenError> {
        let invalid = |cause: String| OpenError::Invalid { path: path.to_owned(), what: "tokenizer", cause };
        let mut tokenizer = Tokenizer::from_bytes(&contents.bytes).map_err(|error| invalid(error.to_string()))?;
        // Windows are made here: a tokenizer that cuts would lose what stands behind the cut.
        tokenizer.with_truncation(None).map_err(|error| invalid(error.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer.set_encode_special_tokens(true);
        let (before, after) = marks(&tokenizer).map_err(invalid)?;
        let highest = tokenizer.get_vocab(true).into_values().max();
        let highest = highest.ok_or_else(|| invalid("it has no tokens".to_owned()))?;
        let padding = ["[PAD]", "<pad>", "<|pad|>"].iter().find_map(|name| tokenizer.token_to_id(name)).unwrap_or(0);
        Ok(Self { tokenizer, before, after, highest, padding })
    }

    /// The windows of a text, each of at most so many tokens with its marks.
    ///
    /// # Errors
    /// The tokenizer cannot read the text: a sentence.
    pub(crate) fn windows(&self, text: &str, most: usize) -> Result<Vec<Window>, String> {
        let encoded = self.tokenizer.encode(text, false).map_err(|error| error.to_string())?;
        let (ids, offsets) = (encoded.get_ids(), encoded.get_offsets());
        let length = most.saturating_sub(self.marks_count()).max(1);
        let step = length.saturating_sub(length / OVERLAP_PART).max(1);
        let mut windows = Vec::new();
        let mut start = 0;
        while start < ids.len() {
            let end = start.saturating_add(length).min(ids.len());
            let within = offsets.get(start..end).unwrap_or_default();
            let first = within.iter().map(|(first, _)| *first).min().unwrap_or(0);
            let last = within.iter().map(|(_, last)| *last).max().unwrap_or(0);
            windows.push(self.marked(ids.get(start..end).unwrap_or_default(), first..last.min(text.len())));
            if end == ids.len() {
                break;
            }
            start += step;
        }
        Ok(windows)
    }

    /// How many tokens the marks are.
    pub(crate) fn marks_count(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// A window of so many tokens that are all the highest there is, marks included: a model that belongs to another
    /// tokenizer, or that has fewer places than it should, does not survive it.
    pub(crate) fn probe(&self, length: usize) -> Window {
        let count = length.saturating_sub(self.marks_count()).max(1);
        self.marked(&vec![self.highest; count], 0..0)
    }

    fn marked(&self, ids: &[u32], span: Range<usize>) -> Window {
        Window { ids: [&self.before, ids, &self.after].concat(), span }
    }
}

/// What the tokenizer puts before and after a text.
fn marks(tokenizer: &Tokenizer) -> Result<(Vec<u32>, Vec<u32>), String> {
    for text in PROBES {
        let ids = |marked: bool| {
            tokenizer.encode(text, marked).map(|encoded| encoded.get_ids().to_vec()).map_err(|error| error.to_string())
        };
        let (Ok(plain), Ok(marked)) = (ids(false), ids(true)) else { continue };
        if plain.is_empty() {
            continue;
        }
        let at = marked.windows(plain.len()).position(|part| part == plain);
        let Some(at) = at else { return Err("it changes a text when it marks it".to_owned()) };
        let (before, rest) = marked.split_at(at);
        return Ok((before.to_vec(), rest.get(plain.len()..).unwrap_or_default().to_vec()));
    }
    Err("it makes no tokens of ordinary words".to_owned())
}
