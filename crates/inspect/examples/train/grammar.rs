//! Texts made from slots: a file of lines in which `{name}` stands for a line of another slot and `(a|b)` for either.
//! The same numbers give the same texts.

use std::collections::HashMap;

/// A small generator of numbers that is the same everywhere (a linear congruence with Knuth's constants).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// Slots deeper than this are a mistake in the files.
const DEPTH_MAX: usize = 12;

/// All slots by name.
pub(crate) struct Grammar(HashMap<String, Vec<String>>);

impl Grammar {
    /// Reads the files. A slot that is named in two files keeps the lines of both.
    pub(crate) fn of(files: &[&str]) -> Self {
        let mut slots: HashMap<String, Vec<String>> = HashMap::new();
        for file in files {
            let mut name = String::new();
            for line in file.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
                // A slot's name is small letters in brackets; `[SYSTEM]` and `[//]` are lines.
                match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                    Some(inner) if inner.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') => {
                        name = inner.to_owned();
                    }
                    _ => slots.entry(name.clone()).or_default().push(line.replace("\\n", "\n")),
                }
            }
        }
        Self(slots)
    }

    /// The same without a share of the lines of each slot, or with those alone: wordings that were never seen.
    pub(crate) fn parted(mut self, new: bool) -> Self {
        for lines in self.0.values_mut() {
            let mut number = 0;
            let (apart, known): (Vec<String>, Vec<String>) = lines.drain(..).partition(|_| {
                number += 1;
                number % 4 == 0
            });
            let wanted = if new { &apart } else { &known };
            *lines = if wanted.is_empty() { [known, apart].concat() } else { wanted.clone() };
        }
        self
    }

    /// The names of all slots that begin so, in order.
    pub(crate) fn names(&self, prefix: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.0.keys().filter_map(|name| name.starts_with(prefix).then_some(name.as_str())).collect();
        names.sort_unstable();
        names
    }

    /// Whether there is such a slot.
    pub(crate) fn has(&self, slot: &str) -> bool {
        self.0.contains_key(slot)
    }

    /// A text of a slot.
    pub(crate) fn text(&self, slot: &str, numbers: &mut Numbers) -> String {
        tidy(&self.line(slot, 0, numbers))
    }

    fn line(&self, slot: &str, depth: usize, numbers: &mut Numbers) -> String {
        let lines = self.0.get(slot).unwrap_or_else(|| panic!("no slot {slot}"));
        assert!(depth < DEPTH_MAX, "slot {slot} is too deep");
        let line = &lines[numbers.below(lines.len())];
        if line == "-" { String::new() } else { self.filled(line, depth, numbers) }
    }

    fn filled(&self, line: &str, depth: usize, numbers: &mut Numbers) -> String {
        let mut made = String::new();
        let mut rest = line;
        while let Some(at) = rest.find(['{', '(']) {
            made.push_str(&rest[..at]);
            rest = &rest[at..];
            let close = if rest.starts_with('{') { '}' } else { ')' };
            let end = rest.find(close);
            match end.map(|end| &rest[1..end]) {
                Some(name) if close == '}' && self.0.contains_key(name) => {
                    made.push_str(&self.line(name, depth + 1, numbers));
                    rest = &rest[name.len() + 2..];
                }
                Some(choice) if close == ')' && choice.contains('|') => {
                    let choices: Vec<&str> = choice.split('|').collect();
                    made.push_str(&self.filled(choices[numbers.below(choices.len())], depth + 1, numbers));
                    rest = &rest[choice.len() + 2..];
                }
                _ => {
                    made.push_str(&rest[..1]);
                    rest = &rest[1..];
                }
            }
        }
        made.push_str(rest);
        made
    }
}

/// Removes the spaces that empty slots leave, and begins sentences with a capital.
fn tidy(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut begins = true;
    for character in text.chars() {
        let last = made.chars().next_back();
        if character == ' ' && matches!(last, None | Some(' ' | '\n')) {
            continue;
        }
        if matches!(character, '.' | ',' | ';' | '!') && last == Some(' ') {
            made.pop();
        }
        let last = made.chars().next_back();
        if character == '.' && matches!(last, Some('.' | '!' | '?' | ':' | ',' | ';')) {
            continue;
        }
        if begins && character.is_lowercase() {
            made.extend(character.to_uppercase());
        } else {
            made.push(character);
        }
        begins = match character {
            '\n' => true,
            // A sentence begins after a space, not inside a host name.
            ' ' => begins || matches!(last, Some('.' | '!' | '?')),
            _ => false,
        };
    }
    made.trim().to_owned()
}
