//! Opens what a command names as a policy: a file, or a preset.

use std::path::Path;

use gatehold_decide::compatible::{self, Translation};
use gatehold_decide::diagnostic::Source;
use gatehold_decide::{Policy, presets};
use gatehold_gateway::config::load_policy;

use crate::shared::Failure;

/// What stands before the name of a preset.
const PRESET: &str = "preset:";

/// The policy that a command names.
pub(super) fn policy(named: &str) -> Result<Policy, Failure> {
    match named.strip_prefix(PRESET) {
        None => Ok(load_policy(Path::new(named))?),
        Some(name) => preset(name)?.load().map_err(Failure::error),
    }
}

/// The preset of this name.
pub(super) fn preset(name: &str) -> Result<&'static presets::Preset, Failure> {
    match presets::find(name) {
        Some(preset) => Ok(preset),
        None => {
            let sentence = presets::layer(name).err().unwrap_or_default();
            Err(Failure::error(format!("`{name}`: {sentence}")))
        }
    }
}

/// One layer of a policy as text: as it stands in its file or preset, or translated.
pub(super) struct Text {
    /// In our language.
    pub(super) source: Source,
    /// As its author wrote it.
    pub(super) original: Source,
    pub(super) translation: Option<Translation>,
}

/// Reads the text of a layer by the name that the policy has for it. `named` is what the command named as the policy.
pub(super) fn text(named: &str, name: &str) -> Result<Text, Failure> {
    let text = match presets::find(name).filter(|_| named != name) {
        Some(preset) => preset.text.to_owned(),
        None => {
            std::fs::read_to_string(name).map_err(|error| Failure::error(format!("{name} cannot be read: {error}")))?
        }
    };
    let original = Source::new(name, &text);
    let translation = compatible::translate(&original).map_err(|errors| Failure::error(original.render(&errors)))?;
    let source = match &translation {
        Some(translation) => Source::new(&translation.name_of(&original), &translation.text),
        None => original.clone(),
    };
    Ok(Text { source, original, translation })
}
