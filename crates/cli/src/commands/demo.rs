//! `gatehold demo`: one attack, twice: an agent and a poisoned notes server, first directly and then with the gateway
//! between them. Server, agent, gateway, policy, record and verification are real processes and files; only the model is
//! a script. Nothing touches the network, and what is shown is read from what happened: where the demonstration does
//! not show what it promises, it says so and ends with status 1.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::print;
use crate::shared::Failure;

mod notes_server;

mod lines;

mod client;

mod agent;

mod record;

mod folder;

mod page;

/// The policy of the second run; the page prints it.
const POLICY: &str = include_str!("demo/policy.yaml");

/// See an attack with and without the gateway
///
/// A notes server hides an order in the description of a tool, and an agent falls for it: once directly, once behind
/// `gatehold wrap`. Uses no network, takes less than a second, and leaves nothing behind.
///
/// Exit status 0: the attack worked without the gateway and was stopped by it. 1: it was not so.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Keep the files (policy, record, messages) and say where they are
    #[arg(long)]
    keep: bool,
    /// Which part to play instead of all of them
    #[arg(long, value_enum, hide = true, requires = "outbox")]
    role: Option<Role>,
    /// Where the server writes the messages that it sends
    #[arg(long, value_name = "FILE", hide = true, requires = "role")]
    outbox: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    /// The poisoned notes server, on standard input and output.
    Server,
}

/// What happened in one run.
struct Run {
    said: Vec<agent::Said>,
    sent: Vec<Message>,
}

/// A message that the server sent.
struct Message {
    to: String,
    text: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if let (Some(Role::Server), Some(outbox)) = (arguments.role, &arguments.outbox) {
        notes_server::serve(outbox);
        return Ok(ExitCode::SUCCESS);
    }
    let folder = folder::Folder::new(arguments.keep)?;
    let without = without_gateway(&folder.inner("without")?)?;
    let gated = folder.inner("with")?;
    let with = with_gateway(&gated)?;
    let account = record::read(&gated.join("ledger"), folder.path())?;
    let broken = broken_promises(&without, &with, &account);
    let page = page::Page { without: &without, with: &with, account: &account, policy: POLICY };
    print::line(page.render(page::Look::of_standard_output()).trim_end());
    if arguments.keep {
        print::line(&format!("\nThe files are in {}", folder.path().display()));
    }
    for promise in &broken {
        print::error(&format!("the demo did not show what it promises: {promise}"));
    }
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn without_gateway(folder: &Path) -> Result<Run, Failure> {
    let outbox = folder.join("outbox.jsonl");
    let mut command = Command::new(own_program()?);
    command.args(["demo", "--role", "server", "--outbox"]).arg(&outbox);
    played(command, folder, &outbox)
}

fn with_gateway(folder: &Path) -> Result<Run, Failure> {
    let outbox = folder.join("outbox.jsonl");
    let policy = folder.join("policy.yaml");
    fs::write(&policy, POLICY)
        .map_err(|error| Failure::error(format!("{} cannot be written: {error}", policy.display())))?;
    let program = own_program()?;
    let mut command = Command::new(&program);
    // Everything is said here, so that no variable of the user's environment changes what is shown.
    command.args(["wrap", "--mode", "enforce", "--durability", "os", "--server", "notes"]);
    command.arg("--policy").arg(&policy).arg("--ledger").arg(folder.join("ledger"));
    command.arg("--").arg(&program).args(["demo", "--role", "server", "--outbox"]).arg(&outbox);
    played(command, folder, &outbox)
}

/// Plays the script; what goes wrong is told with what the program said.
fn played(mut command: Command, folder: &Path, outbox: &Path) -> Result<Run, Failure> {
    let words = folder.join("stderr.txt");
    let file = File::create(&words)
        .map_err(|error| Failure::error(format!("{} cannot be written: {error}", words.display())))?;
    command.stderr(file);
    let said = agent::play(command).map_err(|failure| {
        let words = fs::read_to_string(&words).unwrap_or_default();
        let words = if words.is_empty() { String::new() } else { format!("\n{}", words.trim_end()) };
        Failure::error(format!("{failure}{words}"))
    })?;
    Ok(Run { said, sent: sent(outbox)? })
}

/// The messages that the server sent. No file means none.
fn sent(outbox: &Path) -> Result<Vec<Message>, Failure> {
    let text = match fs::read_to_string(outbox) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::error(format!("{} cannot be read: {error}", outbox.display()))),
    };
    let member = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    text.lines()
        .map(|line| {
            let value = serde_json::from_str::<Value>(line)
                .map_err(|error| Failure::error(format!("{} is damaged: {error}", outbox.display())))?;
            Ok(Message { to: member(&value, "to"), text: member(&value, "text") })
        })
        .collect()
}

fn own_program() -> Result<PathBuf, Failure> {
    std::env::current_exe()
        .map_err(|error| Failure::error(format!("the demo cannot find the program that it is part of: {error}")))
}

impl Run {
    /// What the attacker got.
    fn stolen(&self) -> Option<&str> {
        self.sent.iter().find(|message| message.to == notes_server::ATTACKER).map(|message| message.text.as_str())
    }

    /// Whether the secret was sent to anybody.
    fn leaked(&self) -> bool {
        self.sent.iter().any(|message| message.text.contains(notes_server::SECRET))
    }

    /// Whether the user got what the user wanted.
    fn served(&self) -> bool {
        self.sent.iter().any(|message| message.to == agent::COLLEAGUE && message.text.contains("Tuesday"))
    }
}

/// What the demonstration promises and did not show.
fn broken_promises(without: &Run, with: &Run, account: &record::Account) -> Vec<&'static str> {
    let seen_by_agent = with.said.iter().any(|said| said.text.contains(notes_server::SECRET));
    [
        (without.leaked(), "without the gateway, the secret should have leaked"),
        (with.stolen().is_none() && !with.leaked(), "with the gateway, the attacker should have got nothing"),
        (!seen_by_agent, "with the gateway, the secret should not have reached the agent"),
        (without.served() && with.served(), "the user's own message should have been sent both times"),
        (!account.denied.is_empty(), "the record should hold what was blocked"),
        (!account.noticed.is_empty(), "the record should hold that the description is poisoned"),
        (!account.holds_secret, "the record should not hold the secret"),
        (account.report.is_valid(), "the record should verify"),
        (account.tampered.noticed, "a changed byte in the record should be noticed"),
    ]
    .into_iter()
    .filter_map(|(kept, promise)| (!kept).then_some(promise))
    .collect()
}

#[cfg(test)]
mod tests;
