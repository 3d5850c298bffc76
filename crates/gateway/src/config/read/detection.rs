//! Reads `detection`: the model of the second tier. The file of a model is read when the gateway starts, not here.

use std::time::Duration;

use gatehold_decide::document::{Node, Value};
use gatehold_inspect::{Severity, TextKind};

use super::Reader;
use crate::config::Config;
use crate::second_tier::{Mode, OnFailure, Settings};

/// Keys of `detection.model`.
pub(crate) const MODEL: [&str; 15] = [
    "path",
    "tokenizer",
    "sha256",
    "tokenizer_sha256",
    "labels",
    "threshold",
    "severity",
    "reads",
    "tokens_max",
    "text_bytes_max",
    "budget_ms",
    "queue_max",
    "threads",
    "mode",
    "on_failure",
];

/// The longest that a message may be made to wait, in milliseconds.
const BUDGET_MS_MAX: usize = 60_000;

impl Reader<'_> {
    pub(super) fn detection(&mut self, node: &Node, config: &mut Config) {
        for entry in self.table(node, &["model"]) {
            config.second_tier = self.model(&entry.node);
        }
    }

    fn model(&mut self, node: &Node) -> Option<Settings> {
        let entries = self.table(node, &MODEL);
        let find = |key: &str| entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node);
        let Some(path) = find("path") else {
            let help = "for instance `path: models/promptguard/model.onnx`, with `tokenizer.json` beside it";
            self.error("`detection.model` needs the `path` of an ONNX model", &node.span, help);
            return None;
        };
        let path = self.model_file(path)?;
        let tokenizer = match find("tokenizer") {
            Some(node) => self.model_file(node)?,
            None => path.with_file_name("tokenizer.json"),
        };
        let mut settings = Settings::new(path, tokenizer);
        let (mut waits, mut on_failure) = (true, None);
        for entry in entries {
            let node = &entry.node;
            match entry.key.as_str() {
                "sha256" => settings.sha256 = self.digest(node),
                "tokenizer_sha256" => settings.tokenizer_sha256 = self.digest(node),
                "labels" => settings.labels = self.each(node, Self::text),
                "threshold" => settings.threshold = self.threshold(node, settings.threshold),
                "severity" => settings.severity = self.model_severity(node),
                "reads" => settings.reads = self.each(node, Self::text_kind),
                "tokens_max" => settings.tokens_max = self.number(node, 8, 8192),
                "text_bytes_max" => settings.text_bytes_max = self.number(node, 256, 1024 * 1024),
                "budget_ms" => settings.budget = Duration::from_millis(self.number(node, 1, BUDGET_MS_MAX) as u64),
                "queue_max" => settings.queue_max = self.number(node, 1, 4096),
                "threads" => settings.threads = self.number(node, 1, 64),
                "mode" => waits = self.waits(node),
                "on_failure" => on_failure = self.on_failure(node).map(|on_failure| (on_failure, &node.span)),
                _ => {}
            }
        }
        if settings.reads.is_empty() {
            let span = find("reads").map_or(&node.span, |node| &node.span);
            self.error("a model that reads nothing finds nothing", span, "name kinds of texts: `reads: [tool_output]`");
        }
        settings.mode = match (waits, on_failure) {
            (true, Some((on_failure, _))) => Mode::Wait(on_failure),
            (true, None) => settings.mode,
            (false, None) => Mode::After,
            (false, Some((_, span))) => {
                let help = "take `on_failure` out, or write `mode: wait`";
                self.error("with `mode: after` the message has gone on when the model fails", span, help);
                Mode::After
            }
        };
        Some(settings)
    }

    fn model_file(&mut self, node: &Node) -> Option<std::path::PathBuf> {
        let text = self.text(node)?;
        if text.contains("://") {
            self.error("a model is never fetched", &node.span, "download it yourself, check it, and name the file");
            return None;
        }
        self.path(node)
    }

    fn digest(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_digest {
            self.error("this is no SHA-256", &node.span, "write the 64 digits that `sha256sum` prints of the file");
        }
        is_digest.then_some(text)
    }

    fn threshold(&mut self, node: &Node, otherwise: f32) -> f32 {
        let written = match &node.value {
            Value::Number(written) => written.parse::<f32>().ok(),
            _ => None,
        };
        written.filter(|threshold| *threshold > 0.0 && *threshold <= 1.0).unwrap_or_else(|| {
            self.error("a number above 0 and up to 1 is needed here", &node.span, "for instance `0.9`");
            otherwise
        })
    }

    fn model_severity(&mut self, node: &Node) -> Severity {
        match self.text(node).as_deref() {
            Some("low") => Severity::Low,
            Some("medium") | None => Severity::Medium,
            Some("high") => Severity::High,
            Some("critical") => Severity::Critical,
            Some(_) => {
                self.error("unknown severity", &node.span, "write `low`, `medium`, `high` or `critical`");
                Severity::Medium
            }
        }
    }

    fn text_kind(&mut self, node: &Node) -> Option<TextKind> {
        let text = self.text(node)?;
        let kind = TextKind::from_name(&text);
        if kind.is_none() {
            let help = "there are `tool_output`, `tool_description`, `elicitation`, `name`, `arguments`, `prompt_argument` and \
                        `resource_uri`";
            self.error(format!("`{text}` is no kind of text"), &node.span, help);
        }
        kind
    }

    fn waits(&mut self, node: &Node) -> bool {
        match self.text(node).as_deref() {
            Some("wait") | None => true,
            Some("after") => false,
            Some(_) => {
                self.error("unknown mode", &node.span, "write `wait` or `after`");
                true
            }
        }
    }

    fn on_failure(&mut self, node: &Node) -> Option<OnFailure> {
        match self.text(node).as_deref() {
            Some("allow") => Some(OnFailure::Allow),
            Some("hold") => Some(OnFailure::Hold),
            Some("deny") => Some(OnFailure::Deny),
            Some(_) => {
                self.error("unknown way to fail", &node.span, "write `allow`, `hold` or `deny`");
                None
            }
            None => None,
        }
    }
}
