//! Which of a model's labels mean an attack: those that the operator names, or those that the names in `config.json`
//! tell, or, of two without any names, the second. Where it cannot be told, that is an error and never a guess.

use serde_json::Value;

/// Names that mean that nothing is wrong, in small letters.
const HARMLESS: [&str; 9] =
    ["benign", "safe", "legit", "legitimate", "normal", "clean", "harmless", "negative", "none"];

/// What the labels are called, in the order of the model's outputs; empty where nothing says it.
pub(crate) fn names(config: Option<&Value>) -> Vec<String> {
    let Some(Value::Object(by_index)) = config.and_then(|config| config.get("id2label")) else { return Vec::new() };
    let name = |index: usize| by_index.get(&index.to_string()).and_then(Value::as_str).map(str::to_owned);
    (0..by_index.len()).map_while(name).collect()
}

/// The indexes of the outputs that mean an attack. `outputs` is how many there are, `wanted` what the operator names:
/// names of labels, or their indexes.
///
/// # Errors
/// A sentence that says what to do.
pub(crate) fn attacks(names: &[String], wanted: &[String], outputs: usize) -> Result<Vec<usize>, String> {
    if outputs == 0 {
        return Err("it gives no scores".to_owned());
    }
    if !names.is_empty() && names.len() != outputs && outputs > 1 {
        return Err(format!("it gives {outputs} scores, and its `config.json` names {} labels", names.len()));
    }
    if !wanted.is_empty() {
        let mut indexes: Vec<usize> =
            wanted.iter().map(|label| index_of(label, names, outputs)).collect::<Result<_, _>>()?;
        indexes.sort_unstable();
        indexes.dedup();
        return Ok(indexes);
    }
    // One score alone is that of the attack.
    if outputs == 1 {
        return Ok(vec![0]);
    }
    let is_harmless = |name: &String| HARMLESS.contains(&name.to_lowercase().as_str());
    let attacks: Vec<usize> =
        names.iter().enumerate().filter(|(_, name)| !is_harmless(name)).map(|(index, _)| index).collect();
    if !attacks.is_empty() && attacks.len() < names.len() {
        return Ok(attacks);
    }
    if outputs == 2 && attacks.len() == names.len() {
        return Ok(vec![1]);
    }
    let known = if names.is_empty() { (0..outputs).map(|index| index.to_string()).collect() } else { names.to_vec() };
    Err(format!("which of its labels mean an attack cannot be told: name them with `labels`, of {}", known.join(", ")))
}

fn index_of(label: &str, names: &[String], outputs: usize) -> Result<usize, String> {
    let by_name = names.iter().position(|name| name.eq_ignore_ascii_case(label));
    let by_index = label.parse::<usize>().ok().filter(|index| *index < outputs);
    by_name.or(by_index).ok_or_else(|| {
        let known = if names.is_empty() { format!("0 to {}", outputs - 1) } else { names.join(", ") };
        format!("it has no label `{label}`; there are {known}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str], wanted: &[&str], outputs: usize) -> Result<Vec<usize>, String> {
        let owned = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        attacks(&owned(names), &owned(wanted), outputs)
    }

    #[test]
    fn labels_are_told_by_their_names_or_not_at_all() {
        assert_eq!(named(&["BENIGN", "INJECTION", "JAILBREAK"], &[], 3).unwrap(), [1, 2]);
        assert_eq!(named(&["INJECTION", "SAFE"], &[], 2).unwrap(), [0]);
        assert_eq!(named(&["LABEL_0", "LABEL_1"], &[], 2).unwrap(), [1]);
        assert_eq!(named(&[], &[], 2).unwrap(), [1]);
        assert_eq!(named(&[], &[], 1).unwrap(), [0]);
        assert_eq!(named(&["a", "b", "c"], &["c", "0", "C"], 3).unwrap(), [0, 2], "each counts once");
        assert_eq!(named(&["BENIGN", "INJECTION", "JAILBREAK"], &["jailbreak"], 3).unwrap(), [2]);
    }

    #[test]
    fn what_cannot_be_told_is_an_error() {
        for (names, wanted, outputs) in [
            (&["a", "b", "c"][..], &[][..], 3),
            (&[], &[], 3),
            (&["safe", "normal"], &[], 2),
            (&["safe", "injection"], &["injetion"], 2),
            (&["safe", "injection"], &["2"], 2),
            (&["safe", "injection"], &[], 3),
            (&[], &[], 0),
        ] {
            assert!(named(names, wanted, outputs).is_err(), "{names:?} {wanted:?} {outputs}");
        }
    }

    #[test]
    fn names_come_from_the_configuration_in_order() {
        let config = serde_json::json!({ "id2label": { "1": "b", "0": "a" } });
        assert_eq!(names(Some(&config)), ["a", "b"]);
        let gap = serde_json::json!({ "id2label": { "0": "a", "2": "b" } });
        assert_eq!(names(Some(&gap)), ["a"]);
        assert!(names(None).is_empty());
    }
}
