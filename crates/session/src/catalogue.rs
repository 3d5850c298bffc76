//! What the lists of a server said of its tools, as far as decisions need it: their annotations.
//!
//! Bounded; a tool that is not in it is taken for one that its server says nothing of, which is the stricter reading.

use std::collections::HashMap;

use gatehold_wire::json::Raw;

use crate::facts::ToolHints;

/// Tools of one session whose annotations are remembered.
pub const TOOLS_MAX: usize = 4096;

/// The longest name of a tool that is remembered, in bytes.
pub const NAME_BYTES_MAX: usize = 256;

/// The tools of one server as its lists showed them.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    tools: HashMap<Box<str>, ToolHints>,
}

impl Catalogue {
    /// Takes note of the result of `tools/list`; what is listed again is as it was listed last.
    pub(crate) fn learn(&mut self, result: Raw<'_>) {
        let Some(tools) = result.get("tools") else { return };
        for tool in tools.items() {
            let Some(name) = tool.get("name").and_then(Raw::as_str) else { continue };
            if let Some(known) = self.tools.get_mut(&*name) {
                *known = ToolHints::of_tool(tool);
            } else if self.tools.len() < TOOLS_MAX && name.len() <= NAME_BYTES_MAX {
                self.tools.insert(name.as_ref().into(), ToolHints::of_tool(tool));
            }
        }
    }

    /// What was said of a tool.
    pub(crate) fn hints(&self, tool: &str) -> Option<ToolHints> {
        self.tools.get(tool).copied()
    }
}
