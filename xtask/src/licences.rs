//! Checks what is built into the product against `deny.toml`: with cargo-deny where it is installed, otherwise with
//! `cargo tree` and the two lists that the file holds. It never goes to the network by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use toml::Table;

use crate::failure::{During, Failure, Outcome};
use crate::{step, workspace};

/// Runs the check.
///
/// # Errors
/// With every package that does not comply.
pub(crate) fn check() -> Outcome {
    if step::is_installed("cargo-deny", "--version") {
        return step::run(&mut step::cargo(&["deny", "--locked", "check"]));
    }
    println!("cargo-deny is not installed: licences and bans are checked here, advisories are not");
    let rules = Rules::read()?;
    let problems = problems(&rules, &built_from()?);
    if problems.is_empty() { Ok(()) } else { Err(Failure::new(format!("deny.toml:\n  {}", problems.join("\n  ")))) }
}

/// The two lists of `deny.toml`.
struct Rules {
    licences: BTreeSet<String>,
    /// Banned name to reason, and the packages that may use it all the same.
    banned: BTreeMap<String, Ban>,
}

/// Why a package is banned.
struct Ban {
    reason: String,
    /// Packages that may depend on it: what they do with it is theirs.
    wrappers: Vec<String>,
}

impl Rules {
    /// Reads the file in the root.
    fn read() -> Outcome<Self> {
        let file = fs::read_to_string(workspace::root().join("deny.toml")).during("deny.toml")?;
        Self::parse(&file)
    }

    /// Reads its text. An empty list is an error: it would mean that nothing, or everything, is allowed.
    fn parse(file: &str) -> Outcome<Self> {
        let table: Table = file.parse().during("deny.toml")?;
        let entries = |section: &str, key: &str| {
            let list = table.get(section).and_then(|section| section.get(key)).and_then(toml::Value::as_array).cloned();
            list.filter(|list| !list.is_empty())
                .during(format_args!("deny.toml: [{section}] {key} is missing or empty"))
        };
        let field = |entry: &toml::Value, key: &str| {
            entry.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned()
        };
        let licences =
            entries("licenses", "allow")?.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect();
        let wrappers = |entry: &toml::Value| {
            let list = entry.get("wrappers").and_then(toml::Value::as_array).cloned().unwrap_or_default();
            list.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect()
        };
        let ban = |entry: &toml::Value| Ban { reason: field(entry, "reason"), wrappers: wrappers(entry) };
        let banned = entries("bans", "deny")?.iter().map(|entry| (field(entry, "name"), ban(entry))).collect();
        Ok(Self { licences, banned })
    }
}

/// What the crates under `crates/` (the workspace's default members) are built from on any system with every feature, tests left out: a
/// line `depth<TAB>licence<TAB>name version…` per package, below the one that uses it. Asked of `cargo tree`, since `cargo metadata` also lists what no chosen
/// feature reaches.
fn built_from() -> Outcome<String> {
    let mut tree = step::cargo(&[
        "tree",
        "--locked",
        "--all-features",
        "--edges",
        "normal,build",
        "--target",
        "all",
        "--prefix",
        "depth",
    ]);
    step::read(tree.args(["--format", "\t{l}\t{p}"]))
}

/// Every package of such a list that breaks a rule.
fn problems(rules: &Rules, packages: &str) -> Vec<String> {
    let mut problems = BTreeSet::new();
    // The names from the root down to the package of the line before.
    let mut above: Vec<&str> = Vec::new();
    for line in packages.lines().filter(|line| !line.is_empty()) {
        let (depth, line) = line.split_once('\t').unwrap_or(("0", line));
        let (licence, package) = line.split_once('\t').unwrap_or(("", line));
        let mut words = package.split_whitespace();
        let name = words.next().unwrap_or_default();
        let place = format!("{name} {}", words.next().unwrap_or_default());
        above.truncate(depth.parse().unwrap_or(0));
        let user = above.last().copied().unwrap_or_default();
        if let Some(ban) = rules.banned.get(name).filter(|ban| !ban.wrappers.iter().any(|wrapper| wrapper == user)) {
            problems.insert(format!("{place} is banned: {}", ban.reason));
        }
        above.push(name);
        if licence.is_empty() {
            problems.insert(format!("{place} states no licence"));
        } else if !allows(&rules.licences, licence) {
            problems.insert(format!("{place} is under `{licence}`, which no listed licence satisfies"));
        }
    }
    problems.into_iter().collect()
}

/// Whether a licence expression (SPDX: `OR`, `AND`, `WITH`, parentheses; also the old `A/B`) can be satisfied with
/// licences of the list. What cannot be read is not satisfied.
fn allows(allowed: &BTreeSet<String>, expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { allowed, words: &words };
    reader.either() == Some(true) && reader.words.is_empty()
}

/// Reads a licence expression from left to right.
struct Reader<'a> {
    allowed: &'a BTreeSet<String>,
    words: &'a [&'a str],
}

impl<'a> Reader<'a> {
    /// Takes the next word if it is this one.
    fn takes(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes the next word.
    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    /// Alternatives: one that is allowed suffices.
    fn either(&mut self) -> Option<bool> {
        let mut is_allowed = self.both()?;
        while self.takes("OR") {
            is_allowed |= self.both()?;
        }
        Some(is_allowed)
    }

    /// Licences that hold together: each must be allowed.
    fn both(&mut self) -> Option<bool> {
        let mut is_allowed = self.one()?;
        while self.takes("AND") {
            is_allowed &= self.one()?;
        }
        Some(is_allowed)
    }

    /// One licence, with its exception, or an expression in parentheses.
    fn one(&mut self) -> Option<bool> {
        if self.takes("(") {
            let is_allowed = self.either()?;
            return self.takes(")").then_some(is_allowed);
        }
        let licence = self.next()?;
        if self.takes("WITH") {
            // An exception only adds permissions: the licence without it suffices too.
            let exception = self.next()?;
            let whole = format!("{licence} WITH {exception}");
            return Some(self.allowed.contains(&whole) || self.allowed.contains(licence));
        }
        Some(self.allowed.contains(licence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn satisfied(expression: &str) -> bool {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"].map(str::to_owned).into();
        allows(&allowed, expression)
    }

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        for good in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "GPL-2.0/MIT",
            "(MIT OR GPL-3.0-only) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
            "GPL-3.0-only OR (MIT AND Apache-2.0)",
        ] {
            assert!(satisfied(good), "{good}");
        }
        for bad in ["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "MIT OR", "MIT MIT", "(MIT", "MIT)", "mit", "OR MIT"] {
            assert!(!satisfied(bad), "{bad}");
        }
    }

    #[test]
    fn a_banned_or_unlicensed_package_is_named_once() {
        let packages = "0\tApache-2.0\tgate v1.0.0 (/x/crates/gate)\n1\tMIT\tring v0.17.0\n1\t\tnone v2.0.0\n\n\
                        1\tGPL-3.0-only\tcopyleft v1.0.0 (proc-macro)\n2\tMIT\tring v0.17.0 (*)\n\
                        1\tMIT\tkept v1.0.0\n2\tMIT\told v1.0.0\n";
        let file = "[licenses]\nallow = ['MIT', 'Apache-2.0']\n[bans]\ndeny = [{ name = 'ring', reason = 'why' },\n\
                    { name = 'old', reason = 'o', wrappers = ['kept'] }]";
        let expected = [
            "copyleft v1.0.0 is under `GPL-3.0-only`, which no listed licence satisfies",
            "none v2.0.0 states no licence",
            "ring v0.17.0 is banned: why",
        ];
        assert_eq!(problems(&Rules::parse(file).unwrap(), packages), expected);
        let moved = packages.replace("2\tMIT\told", "1\tMIT\told");
        assert!(problems(&Rules::parse(file).unwrap(), &moved).contains(&"old v1.0.0 is banned: o".to_owned()));
    }

    #[test]
    fn this_repository_complies() {
        let packages = built_from().unwrap();
        assert!(packages.contains("gatehold-wire") && packages.lines().count() > 20, "the tree was not read");
        assert_eq!(problems(&Rules::read().unwrap(), &packages), Vec::<String>::new());
    }

    #[test]
    fn an_empty_list_is_refused() {
        assert!(Rules::parse("[licenses]\nallow = []\n[bans]\ndeny = [{ name = 'x' }]").is_err());
        assert!(Rules::parse("[licenses]\nallow = ['MIT']").is_err());
        assert!(Rules::read().is_ok());
    }
}
