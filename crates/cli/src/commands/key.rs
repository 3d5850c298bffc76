//! `gatehold key`: API keys are made, listed and revoked. A key is shown once, when it is made; a gateway that runs
//! notices every change of the file by itself.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use gatehold_gateway::Config;
use gatehold_gateway::identity::keys::{KeyFile, NewKey, StoredKey, now, parse_expiry};
use serde_json::{Value, json};

use crate::print;
use crate::shared::{Failure, parse_label};

/// Make, list and revoke API keys
///
/// Clients send a key as `Authorization: Bearer KEY` or `X-API-Key: KEY`. Only a salted hash is kept. The gateway takes
/// the keys where its configuration has `authentication: { api_keys: {} }`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Where the keys are.
#[derive(Debug, Args)]
struct Place {
    /// The file of keys (default: `$XDG_STATE_HOME/gatehold/keys.json`)
    #[arg(long, value_name = "FILE", env = "GATEHOLD_KEYS")]
    file: Option<PathBuf>,
    /// The configuration of the gateway, which names the file of keys
    #[arg(long, short = 'C', value_name = "FILE", conflicts_with = "file")]
    config: Option<PathBuf>,
}

/// Make a key and show it once
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gatehold key create ci --role reader --expires 90d")]
struct Create {
    /// The key's name: the client in records and policy
    name: String,
    /// The principal that it speaks for (default: the name)
    #[arg(long, value_name = "NAME")]
    principal: Option<String>,
    /// A role of the principal; repeatable
    #[arg(long, value_name = "ROLE")]
    role: Vec<String>,
    /// A group of the principal; repeatable
    #[arg(long, value_name = "GROUP")]
    group: Vec<String>,
    /// A scope of the key; repeatable
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// A label of the principal; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_label)]
    label: Vec<(String, String)>,
    /// The tenant that quotas are counted by
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// When it ends: after a time such as `90d`, `12h` or `30m`, or at one such as `2027-01-01T00:00:00Z`
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    #[command(flatten)]
    place: Place,
    /// Print the key and what is kept of it as JSON
    #[arg(long)]
    json: bool,
}

/// Show what keys there are, without the keys
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    place: Place,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// End a key at once
#[derive(Debug, Args)]
struct Revoke {
    /// The key's name or id
    key: String,
    #[command(flatten)]
    place: Place,
    /// Print what was revoked as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::Create(create) => self::create(create)?,
        Action::List(list) => self::list(&list)?,
        Action::Revoke(revoke) => self::revoke(&revoke)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn create(create: Create) -> Result<(), Failure> {
    let file = file(&create.place)?;
    let expires = create.expires.as_deref().map(parse_expiry).transpose().map_err(Failure::error)?;
    let mut labels = BTreeMap::new();
    for (name, value) in create.label {
        if labels.insert(name.clone(), value).is_some() {
            return Err(Failure::error(format!("the label `{name}` is given twice")));
        }
    }
    let new = NewKey {
        name: create.name,
        principal: create.principal,
        roles: create.role,
        groups: create.group,
        scopes: create.scope,
        labels,
        tenant: create.tenant,
        expires,
    };
    let (shown, stored) = file.create(new, now()).map_err(Failure::error)?;
    if create.json {
        let mut value = described(&stored);
        if let Some(members) = value.as_object_mut() {
            members.insert("key".to_owned(), json!(shown.secret()));
        }
        print::line(&value.to_string());
        return Ok(());
    }
    print::line(shown.secret());
    print::note(&format!("the key `{}` is in {}; it is shown this once", stored.name, file.path().display()));
    print::note("clients send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`");
    Ok(())
}

fn list(list: &List) -> Result<(), Failure> {
    let file = file(&list.place)?;
    let keys = file.read().map_err(Failure::error)?;
    if list.json {
        print::line(&Value::Array(keys.iter().map(described).collect()).to_string());
        return Ok(());
    }
    if keys.is_empty() {
        print::note(&format!(
            "there are no keys in {}; make one with `gatehold key create NAME`",
            file.path().display()
        ));
    }
    for key in &keys {
        if !print::line(&row(key)) {
            break;
        }
    }
    Ok(())
}

fn revoke(revoke: &Revoke) -> Result<(), Failure> {
    let file = file(&revoke.place)?;
    let revoked = file.revoke(&revoke.key, now()).map_err(Failure::error)?;
    if revoke.json {
        print::line(&described(&revoked).to_string());
    } else {
        print::note(&format!(
            "the key `{}` ({}) is revoked; gateways that run notice it at once",
            revoked.name, revoked.id
        ));
    }
    Ok(())
}

fn file(place: &Place) -> Result<KeyFile, Failure> {
    if let Some(config) = &place.config {
        let config = Config::load(config)?;
        let named = config.authentication.as_ref().and_then(|authentication| authentication.api_keys.clone());
        return named.map(KeyFile::at).ok_or_else(|| {
            Failure::error("this configuration takes no API keys: add `authentication: { api_keys: {} }` to it")
        });
    }
    let path = place.file.clone().or_else(|| KeyFile::default_path(|name| std::env::var(name).ok()));
    path.map(KeyFile::at).ok_or_else(|| {
        Failure::error("neither XDG_STATE_HOME nor HOME is set: name the file of keys with `--file FILE`")
    })
}

fn state(key: &StoredKey) -> &'static str {
    match (key.revoked, key.expires) {
        (Some(_), _) => "revoked",
        (None, Some(expires)) if expires <= now() => "expired",
        _ => "valid",
    }
}

/// Everything but salt and hash.
fn described(key: &StoredKey) -> Value {
    json!({
        "id": key.id, "name": key.name, "principal": key.principal.as_ref().unwrap_or(&key.name), "state": state(key),
        "roles": key.roles, "groups": key.groups, "scopes": key.scopes, "labels": key.labels, "tenant": key.tenant,
        "created": key.created.to_string(), "expires": key.expires.map(|time| time.to_string()),
        "revoked": key.revoked.map(|time| time.to_string()),
    })
}

fn row(key: &StoredKey) -> String {
    let mut row = format!("{}  {:7}  {}", key.id, state(key), key.name);
    if let Some(principal) = &key.principal {
        row.push_str(&format!("  for {principal}"));
    }
    if let Some(expires) = key.expires {
        row.push_str(&format!("  until {expires}"));
    }
    for (what, list) in [("roles", &key.roles), ("groups", &key.groups), ("scopes", &key.scopes)] {
        if !list.is_empty() {
            row.push_str(&format!("  {what} {}", list.join(",")));
        }
    }
    for (name, value) in &key.labels {
        row.push_str(&format!("  {name}={value}"));
    }
    if let Some(tenant) = &key.tenant {
        row.push_str(&format!("  tenant {tenant}"));
    }
    row
}
