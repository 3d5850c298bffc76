//! `cargo xtask eval`: what the detectors catch and what they take wrongly, as figures. Measured on the project's own
//! corpus, and on folders of labelled texts where there are some; written to `docs/reference/detection.md` and, for
//! comparison, to `docs/reference/detection.json`. With `--check` nothing is written, and a figure that got worse fails.
//!
//! It never writes labelled texts, or names of them, into this repository.

#![expect(clippy::indexing_slicing, reason = "a member that a JSON value does not have reads as null")]

mod page;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::failure::{During, Failure, Outcome};
use crate::{step, workspace};

/// The committed figures.
const FIGURES: &str = "docs/reference/detection.json";
/// The page made of them.
const PAGE: &str = "docs/reference/detection.md";
/// Where labelled texts are looked for when nobody says where they are.
const DATA: &str = "../shared/data";
/// The variable that says it.
const VARIABLE: &str = "GATEHOLD_EVAL_DATA";
/// A share may differ by this and be the same, in points.
const POINTS_SAME: f64 = 0.05;

/// Measures, and writes or compares.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let (is_check, data) = options(arguments)?;
    let figures = measure(data)?;
    let stored: Option<Value> =
        std::fs::read_to_string(workspace::root().join(FIGURES)).ok().and_then(|text| serde_json::from_str(&text).ok());
    let worse = stored.as_ref().map_or(Vec::new(), |stored| worse(stored, &figures));
    for line in &worse {
        println!("  worse: {line}");
    }
    if is_check {
        stored.during(FIGURES)?;
        if worse.is_empty() {
            println!("  no figure is worse than the committed one");
            return Ok(());
        }
        return Err(Failure::new(format!("{} figures are worse than the committed ones", worse.len())));
    }
    let mut figures = figures;
    // Where the labelled texts are not there, what was measured on them before stays.
    if figures.get("data").is_none()
        && let (Some(old), Some(new)) =
            (stored.and_then(|mut stored| stored.get_mut("data").map(Value::take)), figures.as_object_mut())
    {
        new.insert("data".to_owned(), old);
    }
    let text = serde_json::to_string_pretty(&figures).during(FIGURES)?;
    std::fs::write(workspace::root().join(FIGURES), text + "\n").during(FIGURES)?;
    std::fs::write(workspace::root().join(PAGE), page::of(&figures, &stamp()?)).during(PAGE)?;
    println!("  {FIGURES} and {PAGE} written");
    Ok(())
}

/// Whether to compare only, and where the labelled texts are.
fn options(arguments: &[String]) -> Outcome<(bool, Option<PathBuf>)> {
    let (mut is_check, mut data) = (false, None);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--check" => is_check = true,
            "--data" => {
                let folder = PathBuf::from(words.next().during("`--data` needs a folder")?);
                if !folder.is_dir() {
                    return Err(Failure::new(format!("`--data {}`: there is no such folder", folder.display())));
                }
                data = Some(folder);
            }
            other => {
                return Err(Failure::new(format!(
                    "`cargo xtask eval` takes `--check` and `--data DIR`, not `{other}`"
                )));
            }
        }
    }
    let named = || std::env::var_os(VARIABLE).map(PathBuf::from);
    let beside = || Some(workspace::root().join(DATA)).filter(|folder| folder.is_dir());
    Ok((is_check, data.or_else(named).or_else(beside)))
}

/// Builds the measuring tool, optimised, and runs it.
fn measure(data: Option<PathBuf>) -> Outcome<Value> {
    let build = ["build", "--locked", "--profile", "ci", "--package", "gatehold-inspect", "--example", "figures"];
    step::run(&mut step::cargo(&build))?;
    let mut command = Command::new(workspace::target_folder().join("ci/examples/figures"));
    command.arg("--corpus").arg(workspace::root().join("corpus"));
    match data {
        Some(data) => drop(command.arg("--data").arg(data)),
        None => println!("  no labelled texts: only the project's own corpus is measured (`--data DIR`, {VARIABLE})"),
    }
    serde_json::from_str(&step::read(&mut command)?).during("the figures")
}

/// The commit that was measured and its date.
fn stamp() -> Outcome<String> {
    let mut git = Command::new("git");
    git.current_dir(workspace::root()).args(["show", "--no-patch", "--format=%cs, commit %h", "HEAD"]);
    Ok(step::read(&mut git)?.trim().to_owned())
}

/// The figures that are worse than before: less caught, or more taken wrongly, as a share of what was measured. What
/// was not measured both times says nothing.
fn worse(stored: &Value, now: &Value) -> Vec<String> {
    let (before, after) = (shares(stored), shares(now));
    let mut worse = Vec::new();
    for Share { name, is_good, share } in before {
        let Some(new) = after.iter().find(|new| new.name == name) else { continue };
        let lost = if is_good { share - new.share } else { new.share - share };
        if lost > POINTS_SAME {
            worse.push(format!("{name}: {share:.2} % before, {:.2} % now", new.share));
        }
    }
    worse
}

/// A figure as a share.
struct Share {
    name: String,
    /// Whether more is better.
    is_good: bool,
    /// From 0 to 100.
    share: f64,
}

/// Every figure.
fn shares(figures: &Value) -> Vec<Share> {
    let mut shares = Vec::new();
    for part in ["own", "data"] {
        let lines = |member: &str| figures[part][member].as_array().cloned().unwrap_or_default();
        for line in lines("table") {
            let word = |member: &str| line[member].as_str().unwrap_or_default().to_owned();
            let name = format!("{} {} {} {}", word("set"), word("source"), word("label"), word("kind"));
            shares.push(Share { name, is_good: line["label"] == "attack", share: share(&line) });
        }
        for line in lines("roles") {
            let word = |member: &str| line[member].as_str().unwrap_or_default();
            let name = format!("{part} arguments of {} as {} ({})", word("source"), word("role"), word("label"));
            shares.push(Share { name, is_good: line["label"] == "attack", share: share(&line) });
        }
        for line in lines("obfuscation") {
            let name = format!("{part} in disguise: {}", line["form"].as_str().unwrap_or_default());
            shares.push(Share { name, is_good: true, share: share(&line) });
        }
        for line in lines("languages") {
            let name = format!("{part} in language: {}", line["lang"].as_str().unwrap_or_default());
            shares.push(Share { name, is_good: true, share: share(&line) });
        }
        if figures[part]["definitions"].is_object() {
            let name = format!("{part} definitions of real tools");
            shares.push(Share { name, is_good: false, share: share(&figures[part]["definitions"]) });
        }
    }
    for line in figures["tongues"].as_array().into_iter().flatten() {
        let word = |member: &str| line[member].as_str().unwrap_or_default();
        let name = format!("own cases in {}: {} {}", word("lang"), word("label"), word("kind"));
        shares.push(Share { name, is_good: line["label"] == "attack", share: share(line) });
    }
    shares
}

/// What was found, in points of what was looked at.
fn share(line: &Value) -> f64 {
    let number = |member: &str| line[member].as_f64().unwrap_or_default();
    if number("rows") > 0.0 { 100.0 * number("found") / number("rows") } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_got_worse_is_found_both_ways() {
        let figures = |attack: u64, benign: u64| {
            json!({ "own": { "table": [
                { "set": "own", "source": "a", "label": "attack", "kind": "k", "rows": 100, "found": attack },
                { "set": "own", "source": "a", "label": "benign", "kind": "k", "rows": 100, "found": benign },
            ], "obfuscation": [{ "form": "base64", "rows": 10, "found": attack / 10 }] } })
        };
        assert!(worse(&figures(90, 1), &figures(90, 1)).is_empty());
        assert!(worse(&figures(90, 1), &figures(95, 0)).is_empty());
        assert_eq!(worse(&figures(90, 1), &figures(80, 1)).len(), 2);
        assert_eq!(worse(&figures(90, 1), &figures(90, 2)).len(), 1);
        let mut more = figures(90, 1);
        more["data"] = json!({ "definitions": { "rows": 10, "found": 0 } });
        assert!(worse(&more, &figures(90, 1)).is_empty(), "what was not measured again says nothing");
    }
}
