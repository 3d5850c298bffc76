//! Who is behind a connection, as verified by us.

use std::fmt;
use std::sync::Arc;

/// How a principal was established.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Proof {
    /// Nothing was asked for (a loopback listener without authentication).
    Anonymous,
    /// The user of the operating system that runs this process, or that connected to a Unix socket.
    LocalUser,
}

impl Proof {
    /// The stable name, as it stands in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::LocalUser => "local",
        }
    }
}

/// A verified principal. Cloning is cheap. Two principals are the same if their name and proof are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    name: Arc<str>,
    proof: Proof,
}

impl Principal {
    /// A principal by name.
    #[must_use]
    pub fn new(name: &str, proof: Proof) -> Self {
        Self { name: name.into(), proof }
    }

    /// The name, as policy matches it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it was established.
    #[must_use]
    pub const fn proof(&self) -> Proof {
        self.proof
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.proof.name())
    }
}
