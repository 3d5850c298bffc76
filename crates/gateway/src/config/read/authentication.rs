//! Reads the section `authentication`: who may call.

use gatehold_decide::document::{Node, Value};

use super::Reader;
use crate::identity::Authentication;
use crate::identity::keys::KeyFile;

const TOP: [&str; 1] = ["api_keys"];
const API_KEYS: [&str; 1] = ["file"];
/// Keys that hold a value themselves.
#[cfg(test)]
pub(super) const KEY_COUNT: usize = API_KEYS.len();

impl Reader<'_> {
    pub(super) fn authentication(&mut self, node: &Node) -> Authentication {
        let mut authentication = Authentication::default();
        for entry in self.table(node, &TOP) {
            if entry.key == "api_keys" {
                authentication.api_keys = self.api_keys(&entry.node);
            }
        }
        if authentication == Authentication::default() && self.errors.is_empty() {
            self.error(
                "`authentication` says no way to authenticate",
                &node.span,
                "write `api_keys: {}` to take the keys that `gatehold key create` makes",
            );
        }
        authentication
    }

    fn api_keys(&mut self, node: &Node) -> Option<std::path::PathBuf> {
        if !matches!(node.value, Value::Table(_)) {
            let help = "write `api_keys: {}` for the default file, or `api_keys: { file: PATH }`";
            self.error(format!("here stands {}, not a table", node.value.kind()), &node.span, help);
            return None;
        }
        let named = self.table(node, &API_KEYS).first().map(|entry| &entry.node);
        match named {
            Some(file) => self.path(file),
            None => {
                let path = KeyFile::default_path(self.lookup);
                if path.is_none() {
                    let help = "write `api_keys: { file: PATH }`";
                    self.error("neither XDG_STATE_HOME nor HOME is set", &node.span, help);
                }
                path
            }
        }
    }
}
