//! How a ledger is opened.

/// When a record counts as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The append has returned from the kernel: survives the death of this process.
    Os,
    /// The data is on the disk (`fdatasync`, one for all that wait): survives the death of the machine.
    Disk,
}

impl Durability {
    /// The stable name, as it stands in records and configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Os => "os",
            Self::Disk => "disk",
        }
    }
}

/// The options of a ledger.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// When a record counts as written.
    pub durability: Durability,
    /// A file that has reached this many bytes is closed and the next one begun.
    pub file_bytes_max: u64,
}

impl Default for Options {
    /// Written to the operating system; files of 256 MiB.
    fn default() -> Self {
        Self { durability: Durability::Os, file_bytes_max: 256 * 1024 * 1024 }
    }
}
