//! Writes rules of our own language as YAML, for translations and for what is learnt from a ledger. Every text is quoted,
//! so that nothing that stands in a foreign file or in a peer's name can become a key, a comment or an alias. It never
//! decides what a rule says.

use std::collections::HashSet;
use std::fmt::Write as _;

/// The longest name of a rule, in characters: somewhat less than the policy's own limit, so that a number fits behind.
const NAME_CHARACTERS_MAX: usize = 112;

/// A rule to be written.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// Its name; what our language refuses in names is adapted when it is written.
    pub name: String,
    /// Its action.
    pub action: &'static str,
    /// Keys of `match` with values that are YAML already.
    pub conditions: Vec<(&'static str, String)>,
    /// A CEL expression.
    pub when: Option<String>,
    /// What it tells whoever is refused.
    pub reason: Option<String>,
}

impl Rule {
    /// A rule without conditions.
    #[must_use]
    pub fn new(name: impl Into<String>, action: &'static str) -> Self {
        Self { name: name.into(), action, ..Self::default() }
    }

    /// With a condition of patterns; none means no condition.
    #[must_use]
    pub fn with(mut self, key: &'static str, patterns: &[String]) -> Self {
        if !patterns.is_empty() {
            self.conditions.push((key, list(patterns)));
        }
        self
    }

    fn write(&self, name: &str, out: &mut String) {
        let _ = writeln!(out, "  - name: {}\n    action: {}", quoted(name), self.action);
        if !self.conditions.is_empty() {
            out.push_str("    match:\n");
        }
        for (key, value) in &self.conditions {
            let _ = writeln!(out, "      {key}: {value}");
        }
        if let Some(when) = &self.when {
            let _ = writeln!(out, "    when: {}", quoted(when));
        }
        if let Some(reason) = &self.reason {
            let _ = writeln!(out, "    reason: {}", quoted(reason));
        }
    }
}

/// All rules under `rules:`, each with a name that our language takes and no other has.
pub fn rules(rules: &[Rule], out: &mut String) {
    if rules.is_empty() {
        out.push_str("rules: []\n");
        return;
    }
    out.push_str("rules:\n");
    let mut taken = HashSet::new();
    for rule in rules {
        let base = adapted(&rule.name);
        let mut name = base.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{base} {number}");
            number += 1;
        }
        rule.write(&name, out);
    }
}

/// A name that our language takes: what it refuses becomes a dash.
#[must_use]
pub fn adapted(name: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | '.' | '/' | ' ');
    let plain: String =
        name.trim().chars().map(|character| if is_plain(character) { character } else { '-' }).collect();
    let short: String = plain.trim().chars().take(NAME_CHARACTERS_MAX).collect();
    let short = short.trim();
    if short.is_empty() {
        return "unnamed".to_owned();
    }
    if crate::decision::Reason::RESERVED.contains(&short) { format!("{short} rule") } else { short.to_owned() }
}

/// A text in double quotes, as JSON writes it, which YAML reads the same way.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // Control characters, and what YAML takes for a line end or a byte order mark.
            other if other.is_control() || matches!(other, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A list of quoted texts.
#[must_use]
pub fn list(texts: &[String]) -> String {
    let items: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", items.join(", "))
}

/// A literal text as a pattern of our language.
#[must_use]
pub fn literal(text: &str) -> String {
    escaped(text, &['*', '?', '[', '\\'])
}

/// A pattern that knows `*` and `?` and nothing else, as a pattern of our language.
#[must_use]
pub fn pattern(text: &str) -> String {
    escaped(text, &['[', '\\'])
}

fn escaped(text: &str, special: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if special.contains(&character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// A pattern that knows `*` and `?` and nothing else, as a regular expression over the whole text.
#[must_use]
pub fn pattern_as_regex(text: &str) -> String {
    let mut out = String::from("(?s)^");
    for character in text.chars() {
        match character {
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            other => out.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    out.push('$');
    out
}

/// The name of an argument as a step of a path: dots and stars in it are taken literally.
#[must_use]
pub fn step(name: &str) -> String {
    escaped(name, &['.', '*', '\\'])
}
