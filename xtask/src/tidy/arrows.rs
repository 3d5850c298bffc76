//! Holds the direction of the house: which crate may use which, in one table, compared with the manifests; and the
//! proof, by cargo's own tree, that what has to be pure reaches nothing that does input or output.

use serde_json::Value;

use crate::failure::Outcome;
use crate::step;
use crate::workspace::{self, list, text};

/// Each package with the packages of ours that it may use, tests included. A package that is not listed is an error:
/// a new arrow is a decision.
const ARROWS: &[(&str, &[&str])] = &[
    ("gatehold-wire", &[]),
    ("gatehold-session", &["gatehold-wire"]),
    ("gatehold-inspect", &["gatehold-wire", "gatehold-session"]),
    ("gatehold-decide", &["gatehold-wire", "gatehold-session", "gatehold-inspect"]),
    ("gatehold-evidence", &["gatehold-wire", "gatehold-session", "gatehold-inspect", "gatehold-decide"]),
    ("gatehold-sandbox", &[]),
    ("gatehold-model", &[]),
    (
        "gatehold-gateway",
        &[
            "gatehold-wire",
            "gatehold-session",
            "gatehold-inspect",
            "gatehold-decide",
            "gatehold-evidence",
            "gatehold-sandbox",
        ],
    ),
    (
        "gatehold-console",
        &["gatehold-wire", "gatehold-session", "gatehold-inspect", "gatehold-decide", "gatehold-evidence"],
    ),
    (
        "gatehold",
        &[
            "gatehold-wire",
            "gatehold-session",
            "gatehold-inspect",
            "gatehold-decide",
            "gatehold-evidence",
            "gatehold-sandbox",
            "gatehold-gateway",
            "gatehold-model",
            "gatehold-console",
        ],
    ),
    // Not part of the product.
    (
        "gatehold-fuzz",
        &["gatehold-wire", "gatehold-session", "gatehold-inspect", "gatehold-decide", "gatehold-evidence"],
    ),
    // What detection costs is measured without a gateway around it.
    ("gatehold-bench", &["gatehold-wire", "gatehold-session", "gatehold-inspect"]),
    ("xtask", &[]),
];

/// Packages that do no input or output and know no time.
pub(super) const PURE: &[&str] = &["wire", "session", "inspect", "decide"];

/// What a pure package must not reach, not even through others.
const IMPURE: &[&str] = &[
    "async-io",
    "async-std",
    "aws-lc-rs",
    "curl",
    "diesel",
    "fastrand",
    "getrandom",
    "h2",
    "http-body-util",
    "hyper",
    "hyper-util",
    "mio",
    "notify",
    "openssl",
    "polling",
    "postgres",
    "quinn",
    "rand",
    "redis",
    "reqwest",
    "ring",
    "rusqlite",
    "rustix",
    "rustls",
    "smol",
    "socket2",
    "sqlx",
    "tempfile",
    "time",
    "tokio",
    "tokio-rustls",
    "tokio-util",
    "tungstenite",
    "ureq",
    "uuid",
];

/// What one pure package may reach all the same. Each is of use without what makes it impure, and the ambient forms are
/// banned by the package's `clippy.toml`.
const TOLERATED: &[(&str, &str)] = &[
    // Time zones for policies: the rules of the calendar are built in, and without its feature `std` it has no clock.
    ("gatehold-decide", "jiff"),
    // Only named by the parser of the crate `cel`, without the features that would draw random numbers.
    ("gatehold-decide", "uuid"),
];

/// Manifests that use what they may not.
pub(super) fn manifest_problems() -> Outcome<Vec<String>> {
    Ok(broken_arrows(&workspace::metadata()?))
}

/// The dependencies between members that the table does not have, and the members that it does not know.
fn broken_arrows(metadata: &Value) -> Vec<String> {
    let packages = list(metadata, "packages");
    let is_member = |name: &str| packages.iter().any(|package| text(package, "name") == name);
    let mut problems = Vec::new();
    for package in packages {
        let name = text(package, "name");
        let Some((_, permitted)) = ARROWS.iter().find(|(from, _)| *from == name) else {
            // Test servers are told by their place: they are fixtures, and nothing of the product may use them.
            if !text(package, "manifest_path").contains("/fixtures/") {
                problems.push(format!("{name}: is not in the table of arrows (xtask/src/tidy/arrows.rs)"));
            }
            continue;
        };
        for used in list(package, "dependencies").iter().map(|dependency| text(dependency, "name")) {
            if is_member(used) && !permitted.contains(&used) {
                problems.push(format!("{name}: must not use {used}"));
            }
        }
    }
    problems
}

/// Pure packages that reach what they must not.
pub(super) fn reach_problems() -> Outcome<Vec<String>> {
    let mut problems = Vec::new();
    for name in PURE {
        let package = format!("gatehold-{name}");
        let mut tree = step::cargo(&["tree", "--locked", "--edges", "normal", "--target", "all", "--prefix", "none"]);
        tree.args(["--format", "{p}", "--package", &package]);
        problems.extend(
            reached_impure(&step::read(&mut tree)?)
                .into_iter()
                .filter(|found| !TOLERATED.contains(&(package.as_str(), *found)))
                .map(|found| format!("{package}: reaches {found}")),
        );
    }
    Ok(problems)
}

/// The names in a tree that stand in the list.
fn reached_impure(tree: &str) -> Vec<&str> {
    let mut found: Vec<&str> =
        tree.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| IMPURE.contains(name)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_that_turns_round_is_found() {
        let metadata = serde_json::from_str(
            r#"{"packages": [
                {"name": "gatehold-wire", "dependencies": [{"name": "gatehold-decide"}, {"name": "bytes"}]},
                {"name": "gatehold-decide", "dependencies": [{"name": "gatehold-wire"}]},
                {"name": "gatehold-utils", "dependencies": []}]}"#,
        )
        .unwrap();
        let problems = broken_arrows(&metadata);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert_eq!(problems[0], "gatehold-wire: must not use gatehold-decide");
        assert!(problems[1].starts_with("gatehold-utils: is not in the table"));
    }

    #[test]
    fn the_table_has_no_loop() {
        for (from, permitted) in ARROWS {
            for to in *permitted {
                let back = ARROWS.iter().find(|(name, _)| name == to).map(|(_, back)| *back).unwrap_or_default();
                assert!(!back.contains(from), "{from} and {to} may use each other");
            }
        }
    }

    #[test]
    fn a_runtime_in_a_tree_is_found_once() {
        let tree = "gatehold-wire v0.1.0 (/x)\nbytes v1.0.0\ntokio v1.0.0\nmio v1.0.0\ntokio v1.0.0 (*)\n";
        assert_eq!(reached_impure(tree), ["mio", "tokio"]);
        assert!(reached_impure("gatehold-wire v0.1.0\nbytes v1.0.0\n").is_empty());
    }
}
