//! Policy files on the disk: what a policy extends is a preset by its name, or a file by its path from the file that
//! names it.
//!
//! Files are only ever named by files that the operator keeps; nothing is fetched.

use std::path::Path;

use gatehold_decide::diagnostic::Source;
use gatehold_decide::{Policy, compatible, presets};

use super::{ConfigError, read_text};

/// Reads a policy file and what it extends.
///
/// # Errors
/// A file cannot be read, or is not a policy; rendered for people.
pub fn load_policy(path: &Path) -> Result<Policy, ConfigError> {
    let text = read_text(path)?;
    let name = path.display().to_string();
    Policy::load_with(&name, &text, &|from, named| layer(from == name || is_path(from), from, named))
        .map_err(|error| ConfigError { rendered: error.to_string(), coloured: error.to_colour_string() })
}

/// Reads a text from the management side as if it stood in the policy file. It may extend presets and what the policy in
/// use extends already: a text that could name any file would show its lines in an error.
pub(crate) fn policy_of_text(path: &Path, text: &str, in_use: &Policy) -> Result<Policy, ConfigError> {
    if text.len() > gatehold_decide::document::FILE_BYTES_MAX {
        return Err(ConfigError::plain("the policy is larger than 1 MiB"));
    }
    let name = path.display().to_string();
    let known = |from: &str, named: &str| {
        let folder = Path::new(from).parent().unwrap_or_else(|| Path::new(""));
        let named = folder.join(named).display().to_string();
        in_use.layers().iter().any(|layer| *layer.name == *named)
    };
    let find = |from: &str, named: &str| {
        if is_path(named) && !known(from, named) {
            return Err("only presets, and files that the policy in use extends, can be extended from here".to_owned());
        }
        layer(from == name || is_path(from), from, named)
    };
    Policy::load_with(&name, text, &find)
        .map_err(|error| ConfigError { rendered: error.to_string(), coloured: error.to_colour_string() })
}

/// Reads a policy that comes with the program.
///
/// # Errors
/// There is none of this name.
pub fn load_preset(name: &str) -> Result<Policy, ConfigError> {
    let (name, text) = presets::layer(name).map_err(|sentence| ConfigError::plain(format!("`{name}`: {sentence}")))?;
    Policy::load_with(&name, &text, &|_, named| presets::layer(named))
        .map_err(|error| ConfigError { rendered: error.to_string(), coloured: error.to_colour_string() })
}

/// A sentence about a policy file that is one of another gateway, for whoever starts with it.
#[must_use]
pub fn translated(path: &Path) -> Option<String> {
    let text = read_text(path).ok()?;
    let name = path.display().to_string();
    let translation = compatible::translate(&Source::new(&name, &text)).ok()??;
    let (format, count) = (translation.format.name(), translation.warnings.len());
    Some(format!(
        "{name} is a policy of {format}; {count} things differ from it, or were weaker there than they looked: \
         `gatehold policy check {name}`"
    ))
}

/// Finds a layer: the name under which it is known, and its text. `from` is the file or preset that names it.
fn layer(is_from_file: bool, from: &str, name: &str) -> Result<(String, String), String> {
    if !is_path(name) {
        return presets::layer(name);
    }
    if !is_from_file {
        return Err("a preset extends no files".to_owned());
    }
    let folder = Path::new(from).parent().unwrap_or_else(|| Path::new(""));
    let path = folder.join(name);
    let text = read_text(&path).map_err(|error| error.to_string())?;
    Ok((path.display().to_string(), text))
}

/// Whether a name is that of a file: those of presets hold neither a slash nor a dot.
fn is_path(name: &str) -> bool {
    name.contains(['/', '\\', '.'])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_are_found_from_the_file_that_names_them() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("org")).unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("policy.yaml", "version: 1\nextends: [org/org.yaml]\n");
        write("org/org.yaml", "version: 1\nextends: [base.yaml]\nrules: [{name: a, action: allow}]\n");
        write("org/base.yaml", "version: 1\nforbid: [{name: b}]\n");
        let policy = load_policy(&folder.path().join("policy.yaml")).unwrap();
        let names: Vec<_> = policy.layers().iter().map(|layer| layer.name.rsplit('/').next().unwrap()).collect();
        assert_eq!(names, ["policy.yaml", "org.yaml", "base.yaml"]);
        assert_eq!(policy.rule_count(), 2);

        write("org/base.yaml", "version: 1\nforbid: [{nam: b}]\n");
        let error = load_policy(&folder.path().join("policy.yaml")).unwrap_err().to_string();
        assert!(error.contains("org/base.yaml:2:11") && error.contains("did you mean `name`?"), "{error}");
        write("policy.yaml", "version: 1\nextends: [nothing, gone.yaml, policy.yaml]\n");
        let error = load_policy(&folder.path().join("policy.yaml")).unwrap_err().to_string();
        for expected in ["there is no preset of this name", "gone.yaml cannot be read", "extends itself"] {
            assert!(error.contains(expected), "{error}");
        }
    }
}
