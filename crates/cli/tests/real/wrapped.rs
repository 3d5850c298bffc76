//! `gatehold wrap` around each real server: the lines that the client reads must be the server's, byte for byte.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::fixtures::Fixtures;
use crate::running::{Folder, allow_all, assert_recorded, gatehold};
use crate::script::{Script, assert_same};
use crate::servers::{self, Server, settled};
use crate::stdio::{self, Transcript};

#[test]
fn five_real_servers_say_the_same_through_the_wrap() {
    let Some(fixtures) = Fixtures::find() else { return };
    let folder = Folder::new();
    let direct: Vec<Transcript> = play_all(&fixtures, &folder, Server::command);
    for (index, extra) in [&["--mode", "audit"][..], &[]].into_iter().enumerate() {
        let ledger = folder.path().join(format!("ledger-{index}"));
        let through = play_all(&fixtures, &folder, |server| {
            let mut command = wrap(server, &ledger);
            match extra {
                [] => command.insert_policy(folder.path()),
                extra => command.insert(extra),
            }
            command.finished()
        });
        for (server, (before, after)) in servers::all(&fixtures, folder.path()).iter().zip(direct.iter().zip(&through))
        {
            assert_same(&lines(before), &lines(after), &format!("{} {extra:?}", server.name));
            if before.status.is_some() {
                assert_eq!(before.status, after.status, "{}: another exit status", server.name);
            }
        }
        assert_recorded(&ledger);
    }
    assert!(direct.iter().any(|run| run.lines.iter().any(|line| line.len() > 8_000_000)), "no result was large");
}

#[test]
fn a_cancelled_call_and_its_late_progress_are_the_same_through_the_wrap() {
    let Some(fixtures) = Fixtures::find() else { return };
    let folder = Folder::new();
    let script = || {
        Script::handshake()
            .hear("notifications/message", 1)
            .give_up("trigger-long-running-operation", json!({ "duration": 1.2, "steps": 4 }))
            .call("echo", json!({ "message": "still here" }))
            // The server does not stop at the cancellation; what it goes on to say arrives.
            .hear("notifications/progress", 4)
            .ask("ping", json!({}))
    };
    let mut server = servers::all(&fixtures, folder.path()).remove(1);
    server.script = script();
    let direct = stdio::play(&mut server.command(), &server.script);
    let mut wrapped = wrap(&server, &folder.path().join("ledger")).finished();
    let through = stdio::play(&mut wrapped, &server.script);
    assert_same(&lines(&direct), &lines(&through), server.name);
}

fn play_all(fixtures: &Fixtures, folder: &Folder, command: impl Fn(&Server) -> Command) -> Vec<Transcript> {
    servers::all(fixtures, folder.path())
        .iter()
        .map(|server| stdio::play(&mut command(server), &server.script))
        .collect()
}

fn lines(transcript: &Transcript) -> Vec<String> {
    transcript.lines.iter().map(|line| settled(line)).collect()
}

/// A wrap of a server whose flags are not complete yet.
struct Wrap<'a> {
    command: Command,
    server: &'a Server,
}

fn wrap<'a>(server: &'a Server, ledger: &Path) -> Wrap<'a> {
    let mut command = gatehold();
    command.args(["wrap", "--ledger"]).arg(ledger);
    Wrap { command, server }
}

impl Wrap<'_> {
    fn insert(&mut self, flags: &[&str]) {
        self.command.args(flags);
    }

    fn insert_policy(&mut self, folder: &Path) {
        self.command.arg("--policy").arg(allow_all(folder));
    }

    fn finished(mut self) -> Command {
        self.command.arg("--").args(&self.server.words);
        self.command
    }
}
