//! `cargo xtask tidy`: the rules of the house that the compiler does not know. Every rule is a function that returns
//! what breaks it; the verb prints all of it, and a test asserts that there is nothing. Nothing is ever repaired here.

mod arrows;
mod documents;
mod manifests;
mod registered;
mod source;
mod words;

mod exceptions;

use crate::failure::{Failure, Outcome};
use crate::readme;

/// A rule: its name, and what breaks it in this repository.
struct Rule {
    name: &'static str,
    problems: fn() -> Outcome<Vec<String>>,
}

/// All rules.
const RULES: &[Rule] = &[
    Rule { name: "a crate uses only those above it", problems: arrows::manifest_problems },
    Rule { name: "pure crates reach no runtime, network or database", problems: arrows::reach_problems },
    Rule {
        name: "pure crates ban clock, randomness, environment, files and processes",
        problems: manifests::clippy_problems,
    },
    Rule { name: "manifests", problems: manifests::problems },
    Rule { name: "module paragraphs, lengths, dead files, lint exceptions", problems: source::problems },
    Rule { name: "what is of a kind stands in its list", problems: registered::problems },
    Rule { name: "file names", problems: words::name_problems },
    Rule { name: "what no file may contain", problems: words::content_problems },
    Rule { name: "paths named in ARCHITECTURE.md exist", problems: documents::architecture_problems },
    Rule { name: "decision records", problems: documents::decision_problems },
    Rule { name: "README and guide", problems: readme::problems },
];

/// Prints everything that breaks a rule.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    crate::expect_no_arguments("tidy", arguments)?;
    let mut count = 0;
    for rule in RULES {
        let problems = (rule.problems)()?;
        let verdict = if problems.is_empty() { "ok" } else { "BROKEN" };
        println!("  {verdict:<6} {}", rule.name);
        for problem in &problems {
            println!("         {problem}");
        }
        count += problems.len();
    }
    if count == 0 { Ok(()) } else { Err(Failure::new(format!("tidy: {count} places break a rule of the house"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_keeps_every_rule() {
        let mut broken = String::new();
        for rule in RULES {
            for problem in (rule.problems)().unwrap() {
                broken.push_str(&format!("\n{}: {problem}", rule.name));
            }
        }
        assert!(broken.is_empty(), "{broken}");
    }
}
