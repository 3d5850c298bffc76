//! Grants: permissions with an end, given on the host, kept in the state folder, live in every gateway that uses it.
//! An ordinary grant is one person's word; an emergency grant (break-glass) needs two different people, is short, and
//! is recorded apart.
//!
//! A grant that cannot be read, names nothing, or is longer than allowed grants nothing. Nothing is granted, confirmed or
//! revoked before it is recorded.

use std::time::Duration;

use gatehold_decide::grant::{Grant, Grantee};
use gatehold_decide::policy::glob::Glob;
use gatehold_evidence::{Ledger, LedgerError};
use serde::{Deserialize, Serialize};

use crate::approvals::{People, new_id};
use crate::state::{Locked, State, StateError};

mod live;
#[cfg(test)]
mod tests;

pub(crate) use live::Live;

/// The document.
pub(crate) const DOCUMENT: &str = "grants.json";
/// Grants at a time.
pub const COUNT_MAX: usize = 1000;
/// The longest ordinary grant.
pub const LASTS_MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The longest emergency grant.
pub const EMERGENCY_LASTS_MAX: Duration = Duration::from_secs(60 * 60);
/// How long an emergency grant waits for the second person.
pub const CONFIRM_WITHIN: Duration = Duration::from_secs(15 * 60);
/// Patterns of one kind in one grant.
const PATTERNS_MAX: usize = 100;
/// Bytes of one text in a grant.
const TEXT_BYTES_MAX: usize = 512;

/// What somebody is to be granted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Who: a principal, by name.
    pub principal: Option<String>,
    /// Or everybody with this role.
    pub role: Option<String>,
    /// Servers, as globs.
    pub servers: Vec<String>,
    /// Tools, as globs.
    pub tools: Vec<String>,
    /// Prompts, as globs.
    pub prompts: Vec<String>,
    /// Resources, as globs.
    pub resources: Vec<String>,
    /// For how long.
    pub lasts: Duration,
    /// Whether it is an emergency.
    pub emergency: bool,
    /// Why.
    pub reason: Option<String>,
}

/// A grant as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Its id: in reasons as `grant:<id>`.
    pub id: String,
    /// The principal that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// Or the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Servers, as globs.
    pub servers: Vec<String>,
    /// Tools, as globs.
    #[serde(default)]
    pub tools: Vec<String>,
    /// Prompts, as globs.
    #[serde(default)]
    pub prompts: Vec<String>,
    /// Resources, as globs.
    #[serde(default)]
    pub resources: Vec<String>,
    /// For how many seconds.
    pub seconds: i64,
    /// From when, in seconds since 1970; of an emergency grant that is not confirmed, when it was asked for.
    pub from: i64,
    /// Whether it is an emergency grant.
    #[serde(default)]
    pub emergency: bool,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who gave it, or asked for it.
    pub by: String,
    /// Who confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<String>,
}

/// Why a grant was not given, confirmed or revoked.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The state folder cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// It could not be recorded, so it was not done.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What was asked for is no grant.
    #[error("{0}")]
    Unfit(String),
    /// There is no such grant.
    #[error("there is no grant `{0}`; `gatehold grant list` shows those that there are")]
    Unknown(String),
    /// It waits for nobody.
    #[error("`{0}` is no emergency grant that waits for a second person")]
    NotWaiting(String),
    /// The same person.
    #[error("a second person is needed: {0} has asked for it")]
    SamePerson(String),
}

impl Kept {
    /// Until when it lasts, or, while it waits for the second person, waits.
    #[must_use]
    pub fn until(&self) -> i64 {
        let lasts = if self.is_waiting() { seconds(CONFIRM_WITHIN) } else { self.seconds };
        self.from.saturating_add(lasts)
    }

    /// Whether a second person must still confirm it.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.emergency && self.confirmed_by.is_none()
    }

    /// The grant that it is; `None` for one that is not confirmed, or is none.
    fn grant(&self, people: &People) -> Option<Grant> {
        if check(self).is_err() || self.is_waiting() {
            return None;
        }
        if self.emergency && self.confirmed_by.as_ref().is_none_or(|second| people.is_same(second, &self.by)) {
            return None;
        }
        let grantee = match (&self.principal, &self.role) {
            (Some(name), None) => Grantee::Principal(name.as_str().into()),
            (None, Some(role)) => Grantee::Role(role.as_str().into()),
            (Some(_), Some(_)) | (None, None) => return None,
        };
        let globs =
            |patterns: &[String]| patterns.iter().map(|text| Glob::new(text).ok()).collect::<Option<Box<[Glob]>>>();
        Some(Grant {
            id: self.id.as_str().into(),
            grantee,
            servers: globs(&self.servers)?,
            tools: globs(&self.tools)?,
            prompts: globs(&self.prompts)?,
            resources: globs(&self.resources)?,
            from: self.from,
            until: self.until(),
            emergency: self.emergency,
        })
    }

    /// Who has it, in words.
    #[must_use]
    pub fn grantee(&self) -> String {
        match (&self.principal, &self.role) {
            (Some(name), _) => format!("principal {name}"),
            (None, Some(role)) => format!("role {role}"),
            (None, None) => "nobody".to_owned(),
        }
    }

    /// What it is for, in words.
    #[must_use]
    pub fn things(&self) -> String {
        let kinds = [("tool", &self.tools), ("prompt", &self.prompts), ("resource", &self.resources)];
        let things: Vec<String> =
            kinds.iter().flat_map(|(kind, names)| names.iter().map(move |name| format!("{kind} {name}"))).collect();
        format!("{} of {}", things.join(", "), self.servers.join(", "))
    }

    fn record(&self, ledger: &Ledger, event: &str, by: &str) -> Result<(), LedgerError> {
        let until = self.until().to_string();
        ledger.lifecycle(
            event,
            &[
                ("grant", &self.id),
                ("by", by),
                ("to", &self.grantee()),
                ("for", &self.things()),
                ("emergency", if self.emergency { "yes" } else { "no" }),
                ("until", &until),
                ("asked_by", &self.by),
                ("reason", self.reason.as_deref().unwrap_or_default()),
            ],
        )
    }
}

/// Gives a grant, or, in an emergency, asks for one.
///
/// # Errors
/// It is none, or it could not be recorded or kept.
pub fn add(state: &State, ledger: &Ledger, wanted: Wanted, by: &str, now: i64) -> Result<Kept, GrantError> {
    let id = new_id().ok_or_else(|| GrantError::Unfit("the system gives no randomness".to_owned()))?;
    let kept = Kept {
        id,
        principal: wanted.principal,
        role: wanted.role,
        servers: if wanted.servers.is_empty() { vec!["*".to_owned()] } else { wanted.servers },
        tools: wanted.tools,
        prompts: wanted.prompts,
        resources: wanted.resources,
        seconds: seconds(wanted.lasts),
        from: now,
        emergency: wanted.emergency,
        reason: wanted.reason,
        by: by.to_owned(),
        confirmed_by: None,
    };
    check(&kept).map_err(GrantError::Unfit)?;
    change(state, ledger, now, |grants| {
        if grants.len() >= COUNT_MAX {
            return Err(GrantError::Unfit(format!("there are {COUNT_MAX} grants already: revoke some")));
        }
        let event = if kept.emergency { "emergency_grant_asked" } else { "grant_added" };
        kept.record(ledger, event, by)?;
        grants.push(kept.clone());
        Ok(kept.clone())
    })
}

/// Confirms an emergency grant: its time begins now.
///
/// # Errors
/// There is none that waits, the same person asked for it, or it could not be recorded or kept.
pub fn confirm(state: &State, ledger: &Ledger, id: &str, by: &str, now: i64) -> Result<Kept, GrantError> {
    change(state, ledger, now, |grants| {
        let found = grants.iter_mut().find(|grant| grant.id == id);
        let grant = found.ok_or_else(|| GrantError::Unknown(id.to_owned()))?;
        if !grant.is_waiting() {
            return Err(GrantError::NotWaiting(id.to_owned()));
        }
        if People::default().is_same(&grant.by, by) {
            return Err(GrantError::SamePerson(grant.by.clone()));
        }
        grant.from = now;
        grant.confirmed_by = Some(by.to_owned());
        grant.record(ledger, "emergency_grant_confirmed", by)?;
        Ok(grant.clone())
    })
}

/// Takes a grant away.
///
/// # Errors
/// There is none, or it could not be recorded or taken away.
pub fn revoke(state: &State, ledger: &Ledger, id: &str, by: &str, now: i64) -> Result<Kept, GrantError> {
    change(state, ledger, now, |grants| {
        let at = grants.iter().position(|grant| grant.id == id);
        let at = at.ok_or_else(|| GrantError::Unknown(id.to_owned()))?;
        let grant = grants.remove(at);
        grant.record(ledger, "grant_revoked", by)?;
        Ok(grant)
    })
}

/// All grants that have not ended.
///
/// # Errors
/// They cannot be read.
pub fn list(state: &State, now: i64) -> Result<Vec<Kept>, StateError> {
    let mut grants: Vec<Kept> = state.read(DOCUMENT)?.unwrap_or_default();
    grants.retain(|grant| grant.until() > now);
    Ok(grants)
}

/// Changes the document under the lock, without the grants that have ended, whose end is recorded.
fn change<T>(
    state: &State,
    ledger: &Ledger,
    now: i64,
    change: impl FnOnce(&mut Vec<Kept>) -> Result<T, GrantError>,
) -> Result<T, GrantError> {
    let locked = state.lock()?;
    let mut grants: Vec<Kept> = locked.read(DOCUMENT)?;
    let ended = take_ended(&mut grants, now);
    let changed = change(&mut grants)?;
    keep(&locked, ledger, &grants, &ended)?;
    Ok(changed)
}

/// Takes the grants out that have ended.
fn take_ended(grants: &mut Vec<Kept>, now: i64) -> Vec<Kept> {
    let (live, ended) = std::mem::take(grants).into_iter().partition(|grant| grant.until() > now);
    *grants = live;
    ended
}

fn keep(locked: &Locked<'_>, ledger: &Ledger, grants: &[Kept], ended: &[Kept]) -> Result<(), GrantError> {
    for grant in ended {
        let event = if grant.is_waiting() { "emergency_grant_unconfirmed" } else { "grant_expired" };
        grant.record(ledger, event, "")?;
    }
    locked.write(DOCUMENT, &grants)?;
    Ok(())
}

/// Whether this can be a grant.
fn check(kept: &Kept) -> Result<(), String> {
    if kept.principal.is_some() == kept.role.is_some() {
        return Err("a grant is for a principal (`--principal`) or a role (`--role`)".to_owned());
    }
    let named = [&kept.principal, &kept.role, &kept.reason];
    if named.iter().any(|text| text.as_ref().is_some_and(|text| text.trim().is_empty() || text.len() > TEXT_BYTES_MAX))
    {
        return Err(format!("a name or reason has 1 to {TEXT_BYTES_MAX} bytes"));
    }
    if kept.tools.is_empty() && kept.prompts.is_empty() && kept.resources.is_empty() {
        return Err("it must say what it is for: `--tool`, `--prompt` or `--resource`".to_owned());
    }
    for patterns in [&kept.servers, &kept.tools, &kept.prompts, &kept.resources] {
        if patterns.len() > PATTERNS_MAX {
            return Err(format!("there are more than {PATTERNS_MAX} patterns of one kind"));
        }
        for pattern in patterns {
            if pattern.is_empty() || pattern.len() > TEXT_BYTES_MAX {
                return Err(format!("a pattern has 1 to {TEXT_BYTES_MAX} bytes"));
            }
            Glob::new(pattern).map_err(|error| format!("`{pattern}`: {error}: {}", error.help()))?;
        }
    }
    let (most, words) =
        if kept.emergency { (EMERGENCY_LASTS_MAX, "1 hour in an emergency") } else { (LASTS_MAX, "30 days") };
    if !(1..=seconds(most)).contains(&kept.seconds) {
        return Err(format!("a grant lasts from 1 second to {words}"));
    }
    if kept.emergency && kept.reason.is_none() {
        return Err("an emergency needs a reason: `--reason TEXT`".to_owned());
    }
    Ok(())
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}
