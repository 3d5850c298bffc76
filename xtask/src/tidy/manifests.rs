//! Rules for Cargo.toml and clippy.toml files: every dependency says why it is there, every crate takes the common
//! lints, and the pure crates forbid what would make them impure.

use std::fs;
use std::path::Path;

use toml::Table;

use super::arrows::PURE;
use crate::failure::{During, Outcome};
use crate::workspace;

/// What the lint configuration of a pure crate must name, as path prefixes: at least one entry each.
const FORBIDDEN_IN_PURE: &[&str] = &[
    "std::time::Instant::now",
    "std::time::SystemTime::now",
    "std::time::Instant::elapsed",
    "std::time::SystemTime::elapsed",
    "std::thread::sleep",
    "std::thread::spawn",
    "std::env::",
    "std::fs::",
    "std::process::",
    "std::net::",
];

/// Problems of the manifests.
pub(super) fn problems() -> Outcome<Vec<String>> {
    let mut problems = Vec::new();
    for path in workspace::files()?.into_iter().filter(|path| path.ends_with("Cargo.toml")) {
        let manifest = fs::read_to_string(workspace::root().join(&path)).during(path.display())?;
        if path == Path::new("Cargo.toml") {
            problems.extend(problems_of_root(&manifest));
        } else if !path.starts_with("fixtures") {
            problems.extend(problems_of_member(&manifest, &path)?);
        }
    }
    Ok(problems)
}

/// Dependencies in the root manifest without a line above that says why. Our own crates need none.
fn problems_of_root(manifest: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut is_inside = false;
    let mut previous = "";
    for (index, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            is_inside = line.trim() == "[workspace.dependencies]";
        } else if is_inside {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            let is_dependency = name.chars().next().is_some_and(char::is_alphanumeric) && line.contains('=');
            if is_dependency && !name.starts_with("gatehold-") && !previous.starts_with("# ") {
                problems.push(format!("Cargo.toml:{}: `{name}` has no line above that says why it is here", index + 1));
            }
        }
        previous = line;
    }
    problems
}

/// Members that do not take the common lints, or a dependency of their own version.
fn problems_of_member(manifest: &str, path: &Path) -> Outcome<Vec<String>> {
    let table: Table = manifest.parse().during(path.display())?;
    let mut problems = Vec::new();
    let is_from_workspace = |value: &toml::Value| value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
    // The sandbox states its own lints, since it alone may hold unsafe code.
    if !path.starts_with("crates/sandbox") && !table.get("lints").is_some_and(is_from_workspace) {
        problems.push(format!("{}: needs `[lints] workspace = true`", path.display()));
    }
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for (name, value) in table.get(section).and_then(toml::Value::as_table).into_iter().flatten() {
            if !is_from_workspace(value) {
                problems.push(format!("{}: `{name}` must be `{name}.workspace = true`", path.display()));
            }
        }
    }
    Ok(problems)
}

/// Pure crates whose clippy.toml is missing or lacks an entry.
pub(super) fn clippy_problems() -> Outcome<Vec<String>> {
    let common = fs::read_to_string(workspace::root().join("clippy.toml")).during("clippy.toml")?;
    let mut problems = Vec::new();
    for name in PURE {
        let path = format!("crates/{name}/clippy.toml");
        match fs::read_to_string(workspace::root().join(&path)) {
            Ok(own) => {
                problems.extend(missing_bans(&common, &own)?.into_iter().map(|wrong| format!("{path}: {wrong}")))
            }
            Err(error) => problems.push(format!("{path}: {error}")),
        }
    }
    Ok(problems)
}

/// What a pure crate's lint configuration lacks: keys of the common one (which it replaces), bans, reasons.
fn missing_bans(common: &str, own: &str) -> Outcome<Vec<String>> {
    let common: Table = common.parse().during("clippy.toml")?;
    let own: Table = own.parse().during("clippy.toml of a crate")?;
    let mut problems = Vec::new();
    for (key, value) in &common {
        if own.get(key) != Some(value) {
            problems.push(format!("must repeat `{key} = {value}` of the root's, which it replaces"));
        }
    }
    let entries = |key: &str| own.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let bans: Vec<toml::Value> = [entries("disallowed-methods"), entries("disallowed-types")].concat();
    let field =
        |ban: &toml::Value, key: &str| ban.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    for forbidden in FORBIDDEN_IN_PURE {
        if !bans.iter().any(|ban| field(ban, "path").starts_with(forbidden)) {
            problems.push(format!("does not forbid `{forbidden}`"));
        }
    }
    problems.extend(
        bans.iter().filter(|ban| field(ban, "reason").is_empty()).map(|ban| format!("`{ban}` gives no reason")),
    );
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let manifest = "[workspace.dependencies]\n# Ours.\ngatehold-wire = { path = \"crates/wire\" }\ngatehold-session = { path = \"x\" }\n\n# Buffers.\nbytes = \"1\"\nserde = { version = \"1\" }\n\n[profile.dev]\ndebug = 1\n";
        assert_eq!(problems_of_root(manifest), ["Cargo.toml:8: `serde` has no line above that says why it is here"]);
    }

    #[test]
    fn a_member_must_take_lints_and_versions_from_the_workspace() {
        let path = Path::new("crates/x/Cargo.toml");
        let good = "[lints]\nworkspace = true\n[dependencies]\nbytes.workspace = true\nserde = { workspace = true, features = ['rc'] }\n";
        assert!(problems_of_member(good, path).unwrap().is_empty());
        let bad = "[dependencies]\nbytes = \"1\"\n[dev-dependencies]\nx = { path = \"../x\" }\n";
        assert_eq!(problems_of_member(bad, path).unwrap().len(), 3);
    }

    #[test]
    fn a_pure_crate_must_repeat_the_common_keys_and_ban_with_reasons() {
        let common = "allow-unwrap-in-tests = true\n";
        let problems = missing_bans(common, "disallowed-methods = [{ path = \"std::env::var\" }]").unwrap();
        assert!(problems.iter().any(|problem| problem.contains("must repeat `allow-unwrap-in-tests = true`")));
        assert!(problems.iter().any(|problem| problem.contains("gives no reason")));
        assert!(problems.iter().any(|problem| problem.contains("`std::net::`")));
        assert!(!problems.iter().any(|problem| problem.contains("`std::env::`")));
    }
}
