//! The named limits of parsing. Over a limit a message is refused: never truncated, never skipped.

/// How large and how deep a message may be. Every bound is inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one JSON-RPC message, of one line on stdio, and of one HTTP body.
    pub message_bytes_max: usize,
    /// Bytes of one argument of a call, as written.
    pub argument_bytes_max: usize,
    /// Bytes of all arguments of a call together, as written.
    pub arguments_bytes_max: usize,
    /// Nesting of arrays and objects.
    pub depth_max: usize,
    /// Members of one object, and elements of one array.
    pub members_max: usize,
    /// Bytes of one object key, as written.
    pub key_bytes_max: usize,
    /// Messages of one batch (only revision 2025-03-26 and older have batches).
    pub batch_messages_max: usize,
    /// Bytes of one server-sent event, all its lines together.
    pub event_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes_max: 16 * 1024 * 1024,
            argument_bytes_max: 16 * 1024 * 1024,
            arguments_bytes_max: 16 * 1024 * 1024,
            depth_max: 64,
            members_max: 100_000,
            key_bytes_max: 4096,
            batch_messages_max: 100,
            event_bytes_max: 16 * 1024 * 1024 + 4096,
        }
    }
}
