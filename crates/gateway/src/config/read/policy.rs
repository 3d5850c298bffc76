//! Reads `policy` and `preset`: the policy that applies, from a file or as it comes with the program. Never both: which
//! of them comes first is said in the file, with `extends`.

use std::path::PathBuf;
use std::sync::Arc;

use gatehold_decide::diagnostic::Diagnostic;
use gatehold_decide::document::Node;

use super::Reader;
use crate::config::{Config, load_policy, load_preset, translated};

impl Reader<'_> {
    pub(super) fn policy(&mut self, node: &Node, config: &mut Config) {
        let Some(path) = self.path(node) else { return };
        match load_policy(&path) {
            Ok(policy) => {
                self.warnings.extend(translated(&path).map(|text| Diagnostic::new(text, node.span.clone())));
                config.policy = Arc::new(policy);
                config.policy_file = Some(path);
            }
            Err(error) => self.error(format!("the policy cannot be used: {error}"), &node.span, ""),
        }
    }

    pub(super) fn preset(&mut self, node: &Node, has_policy: bool, config: &mut Config) {
        let Some(name) = self.text(node) else { return };
        if has_policy {
            let help = format!("take `preset` out, and write `extends: [{name}]` into the policy");
            return self.error("there are a policy and a preset".to_owned(), &node.span, &help);
        }
        match load_preset(&name) {
            Ok(policy) => {
                config.policy = Arc::new(policy);
                config.policy_file = Some(PathBuf::from(format!("preset:{name}")));
            }
            Err(error) => self.error(error.to_string(), &node.span, "`gatehold policy preset list` names them"),
        }
    }
}
