//! The list of files and functions that may be longer than the rule, `xtask/tidy-exceptions.txt`. It may only shrink:
//! an entry must state the length as it is, so that what grows fails and what shrinks has to be written down.

use std::collections::BTreeMap;
use std::fs;

use crate::failure::{During, Failure, Outcome};
use crate::workspace;

/// Where the list stands.
pub(super) const PATH: &str = "xtask/tidy-exceptions.txt";

/// Place (`path` or `path::function`) to length.
#[derive(Debug, Default)]
pub(super) struct Exceptions(BTreeMap<String, usize>);

impl Exceptions {
    /// Reads the list.
    pub(super) fn read() -> Outcome<Self> {
        Self::parse(&fs::read_to_string(workspace::root().join(PATH)).during(PATH)?)
    }

    /// Reads its text: `place lines reason…` per line, comments with `#`.
    fn parse(text: &str) -> Outcome<Self> {
        let mut found = BTreeMap::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let mut words = line.splitn(3, ' ');
            let entry = (words.next(), words.next().and_then(|lines| lines.parse().ok()), words.next());
            let (Some(place), Some(lines), Some(reason)) = entry else {
                return Err(Failure::new(format!("{PATH}:{}: needs `place lines reason`", index + 1)));
            };
            if reason.trim().is_empty() || found.insert(place.to_owned(), lines).is_some() {
                return Err(Failure::new(format!("{PATH}:{}: no reason, or a place that stands twice", index + 1)));
            }
        }
        Ok(Self(found))
    }

    /// Compares everything that is over a cap with the list; what the list has too much is a problem as well.
    pub(super) fn compare(mut self, over: &[(String, usize, usize)]) -> Vec<String> {
        let mut problems = Vec::new();
        for (place, lines, cap) in over {
            match self.0.remove(place) {
                None => problems.push(format!("{place}: {lines} lines, at most {cap}")),
                Some(stated) if stated < *lines => {
                    problems.push(format!("{place}: has grown from {stated} to {lines} lines; exceptions only shrink"));
                }
                Some(stated) if stated > *lines => {
                    problems.push(format!("{place}: has {lines} lines; lower the {stated} in {PATH}"));
                }
                Some(_) => {}
            }
        }
        problems.extend(self.0.keys().map(|place| format!("{place}: needs no exception; remove it from {PATH}")));
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_only_shrinks() {
        let list = "# why\n\na.rs 700 a table\nb.rs::run 80 one match\nc.rs 650 gone\nd.rs 610 smaller\n";
        let over = [("a.rs", 700, 600), ("b.rs::run", 81, 70), ("d.rs", 605, 600), ("e.rs", 601, 600)];
        let over = over.map(|(place, lines, cap)| (place.to_owned(), lines, cap));
        let problems = Exceptions::parse(list).unwrap().compare(&over);
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(problems[0].contains("has grown from 80 to 81"));
        assert!(problems[1].contains("lower the 610"));
        assert!(problems[2].contains("e.rs: 601 lines"));
        assert!(problems[3].contains("c.rs: needs no exception"));
    }

    #[test]
    fn an_exception_needs_a_reason_and_stands_once() {
        for wrong in ["a.rs 700", "a.rs many reason", "a.rs 700 x\na.rs 700 x", "a.rs 700  "] {
            assert!(Exceptions::parse(wrong).is_err(), "{wrong}");
        }
    }
}
