//! The second tier of `gatehold inspect`: what a model says of a text or of the texts of a message, apart from what the
//! detectors find. It changes nothing of theirs.

use std::path::Path;
use std::sync::Arc;

use gatehold_decide::{Verdict, standard};
use gatehold_gateway::second_tier::{MESSAGE_BYTES_MAX, Scorer, Settings, Silence};
use gatehold_inspect::passages::{self, Most, Passage, Says, TooMuch};
use gatehold_inspect::{Finding, Flow, Severity, TextKind};
use gatehold_session::Direction;

use crate::second_tier;
use crate::shared::Failure;

/// What is read of a message: everything but names, which are words.
const READ: [TextKind; 6] = [
    TextKind::ToolDescription,
    TextKind::ToolOutput,
    TextKind::Elicitation,
    TextKind::Arguments,
    TextKind::PromptArgument,
    TextKind::ResourceUri,
];
const MOST: Most = Most { text_bytes: MESSAGE_BYTES_MAX, message_bytes: MESSAGE_BYTES_MAX };

/// A model that is asked.
pub(super) struct Tier {
    scorer: Arc<dyn Scorer>,
    threshold: f32,
    severity: Severity,
}

/// What a model says.
#[derive(Debug)]
pub(super) struct Said {
    /// The SHA-256 of the model.
    pub(super) sha256: String,
    /// How sure it is of the text that it is surest of.
    pub(super) confidence: f32,
    /// The texts that reach the threshold.
    pub(super) findings: Vec<Finding>,
    /// Why it says nothing of the rest.
    pub(super) silence: Option<Silence>,
    /// What the preset `standard` would do about them.
    pub(super) action: Verdict,
}

impl Tier {
    /// Reads the model of a folder: `model.onnx` and `tokenizer.json`.
    pub(super) fn open(folder: &Path, threshold: f32) -> Result<Self, Failure> {
        let settings = Settings::new(folder.join("model.onnx"), folder.join("tokenizer.json"));
        let scorer = second_tier::open(&settings)?;
        Ok(Self { scorer, threshold, severity: settings.severity })
    }

    pub(super) fn ask_text(&self, text: &str, kind: TextKind) -> Said {
        self.ask(&[], passages::of_text(text, kind, MOST))
    }

    pub(super) fn ask_message(&self, flow: Flow<'_>) -> Said {
        self.ask(flow.message.bytes(), passages::of_message(flow, &READ, MOST))
    }

    fn ask(&self, message: &[u8], passages: Result<Vec<Passage>, TooMuch>) -> Said {
        let sha256 = self.scorer.sha256();
        let mut said = Said {
            sha256: sha256.to_owned(),
            confidence: 0.0,
            findings: Vec::new(),
            silence: passages.is_err().then_some(Silence::TooMuch),
            action: Verdict::Allow,
        };
        for passage in passages.unwrap_or_default() {
            match self.scorer.score(&passage.text, &|| false) {
                Ok(scored) => {
                    said.confidence = said.confidence.max(scored.confidence);
                    if scored.confidence >= self.threshold {
                        let says = Says { model: sha256, confidence: scored.confidence, severity: self.severity };
                        said.findings.push(passage.finding(message, scored.span, says));
                    }
                }
                Err(silence) => said.silence = Some(silence),
            }
        }
        said
    }
}

impl Said {
    pub(super) fn judged(self, direction: Direction) -> Self {
        Self { action: standard::verdict_of_all(&self.findings, direction), ..self }
    }
}
