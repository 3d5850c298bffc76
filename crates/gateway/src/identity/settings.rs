//! What the operator says about authentication: the section `authentication` of the configuration, after it was read.

use std::path::PathBuf;

/// How clients on the network are authenticated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authentication {
    /// The file of API keys, where they are taken.
    pub api_keys: Option<PathBuf>,
}

impl Authentication {
    /// The files whose change matters.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.api_keys.iter()
    }
}
