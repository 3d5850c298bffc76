//! A model that was read and tried, and what it says of a text: of all windows of the text the most alarming counts.
//!
//! It never says what is to be done about it. What fails in the engine, a panic included, is an error and never a low
//! score.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::files::{self, OpenError};
use crate::graph::Graph;
use crate::labels;
use crate::tokens::Tokens;

/// The least tokens of a window: fewer say nothing.
const TOKENS_MIN: usize = 8;

/// Which model, and how it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The graph with its weights, `model.onnx`. A `config.json` beside it tells the labels.
    pub model: PathBuf,
    /// `tokenizer.json`.
    pub tokenizer: PathBuf,
    /// The SHA-256 that the graph must have, in hexadecimal; any where none is named.
    pub sha256: Option<String>,
    /// The same for the tokenizer: another one makes a model blind too.
    pub tokenizer_sha256: Option<String>,
    /// The labels that mean an attack, by name or index; told by their names where none is named.
    pub labels: Vec<String>,
    /// The most tokens of a window, marks included. Less where the model has fewer places.
    pub tokens_max: usize,
    /// Threads that work on one window.
    pub threads: usize,
}

/// A model that can be asked.
pub struct Classifier {
    tokens: Tokens,
    graph: Graph,
    attacks: Vec<usize>,
    length: usize,
    sha256: String,
    tokenizer_sha256: String,
    names: Vec<String>,
    window_time: Duration,
}

/// What a model says of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// How sure it is that the text is an attack, from 0 to 1.
    pub confidence: f32,
    /// The bytes of the window that it is surest of.
    pub span: Range<usize>,
}

/// Why a model says nothing of a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// The time was over before the whole text was read.
    #[error("the time was over before the whole text was read")]
    Late,
    /// The engine failed.
    #[error("{0}")]
    Failed(String),
}

impl Classifier {
    /// Reads a model, and tries it once over a window of the full length.
    ///
    /// # Errors
    /// A file cannot be read or is not what it should be, or the parts do not belong together.
    pub fn open(settings: &Settings) -> Result<Self, OpenError> {
        // Whatever a damaged file does to the engine, the one who named it is told.
        catch_unwind(AssertUnwindSafe(|| Self::read(settings)))
            .unwrap_or_else(|_| Err(OpenError::Mismatch("the engine failed on it".to_owned())))
    }

    fn read(settings: &Settings) -> Result<Self, OpenError> {
        let contents = files::model(&settings.model)?;
        let sha256 = contents.sha256.clone();
        files::expect(&settings.model, &sha256, settings.sha256.as_deref())?;
        let graph = Graph::read(&settings.model, contents, settings.threads)?;
        let contents = files::tokenizer(&settings.tokenizer)?;
        files::expect(&settings.tokenizer, &contents.sha256, settings.tokenizer_sha256.as_deref())?;
        let tokens = Tokens::read(&settings.tokenizer, &contents)?;
        let config = files::config(&settings.model)?;
        let number = |key: &str| config.as_ref()?.get(key)?.as_u64();
        if let Some(size) = number("vocab_size").filter(|size| u64::from(tokens.highest) >= *size) {
            return Err(OpenError::Mismatch(format!(
                "the tokenizer has tokens up to number {}, and the model knows {size}: they do not belong together",
                tokens.highest
            )));
        }
        let places = number("max_position_embeddings").and_then(|places| usize::try_from(places).ok());
        let length =
            settings.tokens_max.min(places.unwrap_or(usize::MAX)).min(graph.fixed_length.unwrap_or(usize::MAX));
        if length < TOKENS_MIN.max(tokens.marks_count() + 1) {
            return Err(OpenError::Mismatch(format!("windows of {length} tokens are too short to say anything")));
        }
        let names = labels::names(config.as_ref());
        let mut opened = Self {
            tokens,
            graph,
            attacks: Vec::new(),
            length,
            sha256,
            tokenizer_sha256: contents.sha256,
            names,
            window_time: Duration::ZERO,
        };
        opened.attempt(&settings.labels)?;
        Ok(opened)
    }

    /// Runs the longest window there can be, which tells how many labels there are and how long it takes.
    fn attempt(&mut self, wanted: &[String]) -> Result<(), OpenError> {
        let probe = self.tokens.probe(self.length);
        let begun = Instant::now();
        let scores = self.graph.run(&probe, self.tokens.padding).map_err(|error| {
            OpenError::Mismatch(format!("it failed on {} tokens of the tokenizer: {error}", self.length))
        })?;
        self.window_time = begun.elapsed();
        self.attacks = labels::attacks(&self.names, wanted, scores.len()).map_err(OpenError::Mismatch)?;
        Ok(())
    }

    /// How sure the model is that a text is an attack. Between two windows `is_over` is asked whether to go on.
    ///
    /// # Errors
    /// The time is over, or the engine failed.
    pub fn score(&self, text: &str, is_over: &dyn Fn() -> bool) -> Result<Scored, ScoreError> {
        catch_unwind(AssertUnwindSafe(|| self.score_windows(text, is_over)))
            .unwrap_or_else(|_| Err(ScoreError::Failed("the engine panicked".to_owned())))
    }

    fn score_windows(&self, text: &str, is_over: &dyn Fn() -> bool) -> Result<Scored, ScoreError> {
        if is_over() {
            return Err(ScoreError::Late);
        }
        let mut surest = Scored { confidence: 0.0, span: 0..0 };
        for window in self.tokens.windows(text, self.length).map_err(ScoreError::Failed)? {
            if is_over() {
                return Err(ScoreError::Late);
            }
            let scores = self.graph.run(&window, self.tokens.padding).map_err(ScoreError::Failed)?;
            let confidence = self.confidence(&scores)?;
            if confidence > surest.confidence {
                surest = Scored { confidence, span: window.span };
            }
        }
        Ok(surest)
    }

    /// The probability of all labels together that mean an attack.
    fn confidence(&self, scores: &[f32]) -> Result<f32, ScoreError> {
        if let [score] = scores {
            return Ok(1.0 / (1.0 + (-score).exp()));
        }
        let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f32> = scores.iter().map(|score| (score - highest).exp()).collect();
        let total: f32 = powers.iter().sum();
        let attacks: Option<f32> = self.attacks.iter().map(|index| powers.get(*index)).sum();
        let confidence = attacks.map(|attacks| attacks / total).filter(|confidence| confidence.is_finite());
        let confidence = confidence.ok_or_else(|| ScoreError::Failed("it gave other scores than before".to_owned()))?;
        Ok(confidence.clamp(0.0, 1.0))
    }

    /// The SHA-256 of the graph, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The SHA-256 of the tokenizer, in hexadecimal.
    #[must_use]
    pub fn tokenizer_sha256(&self) -> &str {
        &self.tokenizer_sha256
    }

    /// The labels that mean an attack: their names, or their indexes where they have none.
    #[must_use]
    pub fn attack_labels(&self) -> Vec<String> {
        let name = |index: &usize| self.names.get(*index).cloned().unwrap_or_else(|| index.to_string());
        self.attacks.iter().map(name).collect()
    }

    /// The most tokens that are read at once.
    #[must_use]
    pub const fn window_tokens(&self) -> usize {
        self.length
    }

    /// How long one window of that length took when the model was read.
    #[must_use]
    pub const fn window_time(&self) -> Duration {
        self.window_time
    }
}

impl std::fmt::Debug for Classifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Classifier").field("sha256", &self.sha256).field("length", &self.length).finish_non_exhaustive()
    }
}
