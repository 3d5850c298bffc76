//! Holds as files, so that people on the host see and answer them whatever process they wait in: each desk has a folder
//! of its own in the state folder, with a file for each hold. An answer is a file beside it, which the desk takes in as
//! any other answer, and answers in turn.
//!
//! A desk's folder belongs to the process that keeps its lock: when that has ended, however it ended, what is left
//! there is swept away by whoever sees it first, and answers to it count for nothing.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::hold::Hold;
use crate::state::{State, StateError, random_name};

/// The folder of all desks, in the state folder.
const HOLDS: &str = "holds";
/// What marks a desk as alive.
const LOCK: &str = "lock";
/// Answer files that are taken in at a time; more wait for the next look.
const ANSWERS_MAX: usize = 256;
/// How long somebody on the host waits for a gateway to take the answer in.
const REPLY_PATIENCE: Duration = Duration::from_secs(5);
/// Desks that are looked at.
const DESKS_MAX: usize = 1000;

/// The folder of one desk.
#[derive(Debug)]
pub(super) struct Files {
    state: State,
    _lock: File,
}

/// An answer as somebody on the host gives it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The hold.
    pub hold: String,
    /// The digest of what was shown: the answer counts for nothing else.
    pub digest: String,
    /// Who gives it.
    pub by: String,
    /// What is said.
    pub said: Said,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What somebody on the host says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Said {
    /// Yes, this once.
    Once,
    /// Yes, to the end of the session.
    Session {
        /// Whatever the arguments.
        any_arguments: bool,
    },
    /// Yes, for so many seconds.
    For {
        /// How many.
        seconds: u64,
        /// Whatever the arguments.
        any_arguments: bool,
    },
    /// No.
    Deny,
    /// A code of the principal's second factor.
    Code(String),
}

/// What the desk says to an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Whether it counted.
    pub counted: bool,
    /// A sentence.
    pub text: String,
}

impl Files {
    /// Makes the folder of a new desk, and sweeps away what dead ones have left.
    pub(super) fn open(state: &State) -> Result<Self, StateError> {
        let holds = state.inside(HOLDS)?;
        let failed =
            |error: std::io::Error| StateError::Folder { path: holds.folder().to_owned(), cause: error.to_string() };
        // Nobody sweeps a folder away between its making and its locking.
        let locked = holds.lock()?;
        sweep(&holds);
        let desk = holds.inside(&random_name().map_err(failed)?)?;
        let options = OpenOptions::new().write(true).create_new(true).mode(0o600).open(desk.folder().join(LOCK));
        let lock = options.map_err(failed)?;
        lock.try_lock().map_err(|error| failed(error.into()))?;
        drop(locked);
        Ok(Self { state: desk, _lock: lock })
    }

    pub(super) fn folder(&self) -> &Path {
        self.state.folder()
    }

    pub(super) fn write(&self, hold: &Hold) -> Result<(), StateError> {
        self.state.write_fleeting(&hold_name(&hold.id), hold)
    }

    pub(super) fn remove(&self, id: &str) {
        // What is left over is swept away with the desk; it permits nothing.
        let _left = self.state.remove(&hold_name(id));
    }

    /// Takes the answers that have come. One that cannot be read is thrown away.
    pub(super) fn take_answers(&self) -> Vec<(String, Given)> {
        let names = self.state.names().unwrap_or_default();
        let answers = names.into_iter().filter_map(|name| {
            let number = name.strip_prefix("answer-")?.strip_suffix(".json")?.to_owned();
            let given = self.state.read::<Given>(&name);
            self.state.remove(&name).ok()?;
            Some((number, given.ok()??))
        });
        answers.take(ANSWERS_MAX).collect()
    }

    /// Takes the folder away: the desk is closed. What stays is swept away by the next one.
    pub(super) fn clear(&self) {
        let _left = fs::remove_dir_all(self.state.folder());
    }

    pub(super) fn reply(&self, number: &str, reply: &Reply) {
        // Whoever asked waits only for a while and then says so.
        let _unheard = self.state.write_fleeting(&format!("reply-{number}.json"), reply);
    }
}

fn hold_name(id: &str) -> String {
    format!("hold-{id}.json")
}

impl Drop for Files {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Takes away the folders of desks that nobody keeps any more, and gives those that live.
fn sweep(holds: &State) -> Vec<State> {
    let names = holds.names().unwrap_or_default();
    let desks = names.iter().filter(|name| *name != LOCK).take(DESKS_MAX);
    let living = desks.filter_map(|name| {
        let desk = holds.inside(name).ok()?;
        if is_alive(&desk) {
            return Some(desk);
        }
        // Another process may be doing the same.
        let _gone = fs::remove_dir_all(desk.folder());
        None
    });
    living.collect()
}

fn is_alive(desk: &State) -> bool {
    let Ok(lock) = File::open(desk.folder().join(LOCK)) else { return false };
    matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Everything that waits in any process that uses this state folder, the oldest first.
///
/// # Errors
/// The folder cannot be used.
pub fn pending(state: &State) -> Result<Vec<Hold>, StateError> {
    let mut holds: Vec<Hold> = living(state)?.into_iter().flat_map(|desk| holds_of(&desk)).collect();
    holds.sort_by(|one, other| (one.opened, &one.id).cmp(&(other.opened, &other.id)));
    Ok(holds)
}

fn living(state: &State) -> Result<Vec<State>, StateError> {
    let holds = state.inside(HOLDS)?;
    let locked = holds.lock()?;
    let living = sweep(&holds);
    drop(locked);
    Ok(living)
}

fn holds_of(desk: &State) -> Vec<Hold> {
    let names = desk.names().unwrap_or_default();
    let holds = names.iter().filter(|name| name.starts_with("hold-"));
    holds.filter_map(|name| desk.read::<Hold>(name).ok().flatten()).collect()
}

/// Gives an answer to the process in which the hold waits, and waits for what it says.
///
/// # Errors
/// Nothing waits under this id, the folder cannot be used, or nobody takes the answer in.
pub fn give(state: &State, given: &Given) -> Result<Reply, StateError> {
    let unknown = Reply { counted: false, text: super::AnswerError::Unknown.to_string() };
    if !given.hold.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(unknown);
    }
    let desks = living(state)?;
    let name = hold_name(&given.hold);
    let desk = desks.iter().find(|desk| matches!(desk.read::<Hold>(&name), Ok(Some(_))));
    let Some(desk) = desk else { return Ok(unknown) };
    let failed = |cause: String| StateError::Document { path: desk.folder().to_owned(), what: "written", cause };
    let number = random_name().map_err(|error| failed(error.to_string()))?;
    desk.write_fleeting(&format!("answer-{number}.json"), given)?;
    let reply = format!("reply-{number}.json");
    let until = Instant::now() + REPLY_PATIENCE;
    while Instant::now() < until {
        if let Ok(Some(said)) = desk.read::<Reply>(&reply) {
            desk.remove(&reply)?;
            return Ok(said);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    desk.remove(&format!("answer-{number}.json"))?;
    Err(failed("the gateway does not take the answer in; it may have ended".to_owned()))
}
