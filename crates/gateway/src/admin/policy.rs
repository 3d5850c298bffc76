//! The policy over the admin API: shown, checked, replaced. A new one is checked as a whole, recorded, and written so
//! that readers see the old file or the new one; the gateway then reads it as it reads any change.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gatehold_decide::Policy;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::dispatch::Asked;
use super::problem::Problem;
use crate::approvals::unix_seconds;
use crate::config::policy_of_text;
use crate::gateway::Gateway;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    text: String,
    /// The digest of the policy that is to be replaced: whoever has read another one has decided about another one.
    replaces: String,
}

/// The policy that is in use.
pub(super) fn show(gateway: &Gateway) -> Result<Value, Problem> {
    let policy = gateway.pipeline.policy();
    let file = gateway.snapshot.load().policy_file.clone();
    let text = match &file {
        Some(path) => Some(fs::read_to_string(path).map_err(|error| failed(path, &error))?),
        None => None,
    };
    Ok(json!({
        "file": file.map(|path| path.display().to_string()),
        "text": text,
        "sha256": &**policy.digest(),
        "mode": policy.mode().name(),
        "rules": policy.rule_count(),
    }))
}

/// Says what is wrong with a text.
pub(super) fn check(gateway: &Gateway, asked: &Asked) -> Result<Value, Problem> {
    let given: Text = serde_json::from_value(asked.body.clone()).map_err(|error| Problem::body(error.to_string()))?;
    let file = file_of(gateway)?;
    let checked = policy_of_text(&file, &given.text, &gateway.pipeline.policy());
    Ok(match checked {
        Ok(policy) => json!({ "valid": true, "sha256": &**policy.digest(), "rules": policy.rule_count() }),
        Err(error) => json!({ "valid": false, "errors": error.to_string() }),
    })
}

/// Replaces the policy.
pub(super) fn apply(gateway: &Arc<Gateway>, asked: &Asked) -> Result<Value, Problem> {
    let given: New = serde_json::from_value(asked.body.clone()).map_err(|error| Problem::body(error.to_string()))?;
    let file = file_of(gateway)?;
    let old = gateway.pipeline.policy();
    if **old.digest() != *given.replaces {
        let text = format!("the policy in use is {}, not {}: look at it again", old.digest(), given.replaces);
        return Err(Problem::conflict(text));
    }
    let new: Policy = policy_of_text(&file, &given.text, &old)
        .map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    let fields = [
        ("by", asked.principal.name()),
        ("from_sha256", &**old.digest()),
        ("to_sha256", &**new.digest()),
        ("file", &file.display().to_string()),
    ];
    let recorded = gateway.pipeline.ledger().lifecycle("admin_policy_applied", &fields);
    recorded.map_err(|error| Problem::failed(error.to_string()))?;
    let kept = file.with_extension(format!("yaml.{}", unix_seconds()));
    fs::copy(&file, &kept).map_err(|error| failed(&kept, &error))?;
    replace(&file, &given.text).map_err(|error| failed(&file, &error))?;
    gateway.read_again.notify_one();
    Ok(json!({ "sha256": &**new.digest(), "rules": new.rule_count(), "kept": kept.display().to_string() }))
}

fn file_of(gateway: &Gateway) -> Result<PathBuf, Problem> {
    let file = gateway.snapshot.load().policy_file.clone();
    file.ok_or_else(|| {
        Problem::conflict("this gateway has no policy file: name one under `policy` in its configuration")
    })
}

fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let name = format!(".{}.new", file.file_name().unwrap_or_default().to_string_lossy());
    let temporary = file.with_file_name(name);
    write(&temporary, text)?;
    if let Ok(metadata) = fs::metadata(file) {
        fs::set_permissions(&temporary, metadata.permissions())?;
    }
    fs::rename(temporary, file)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn failed(path: &Path, error: &std::io::Error) -> Problem {
    Problem::failed(format!("{}: {error}", path.display()))
}
