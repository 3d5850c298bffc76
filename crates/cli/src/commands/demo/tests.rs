//! The demonstration judges itself: each promise that is not kept must be told.

use super::*;
use gatehold_evidence::verify::{Ending, FileReport, Report, Status};

fn message(to: &str, text: &str) -> Message {
    Message { to: to.to_owned(), text: text.to_owned() }
}

fn wanted() -> Message {
    message(agent::COLLEAGUE, "Tuesday at ten")
}

fn stolen() -> Message {
    message(notes_server::ATTACKER, notes_server::SECRET)
}

fn run(sent: Vec<Message>) -> Run {
    Run { said: Vec::new(), sent }
}

fn account() -> record::Account {
    let status = Status::Valid {
        records: 2,
        first_time: String::new(),
        last_time: String::new(),
        ending: Ending::Closed,
        repairs: 0,
    };
    let files = vec![FileReport { path: PathBuf::from("a.jsonl"), status }];
    record::Account {
        denied: vec![record::Denial { what: String::new(), rule: String::new(), reason: String::new() }],
        noticed: vec![record::Notice { id: String::new(), what: String::new(), detail: String::new() }],
        holds_secret: false,
        report: Report { path: PathBuf::new(), level: 1, files, missing: Vec::new() },
        tampered: record::Tampered { noticed: true, words: String::new() },
    }
}

#[test]
fn nothing_is_told_when_all_promises_are_kept() {
    assert_eq!(broken_promises(&run(vec![stolen(), wanted()]), &run(vec![wanted()]), &account()), [""; 0]);
}

#[test]
fn each_broken_promise_is_told() {
    let without = || run(vec![stolen(), wanted()]);
    let with = || run(vec![wanted()]);
    let changed = |change: fn(&mut record::Account)| {
        let mut account = account();
        change(&mut account);
        account
    };
    let mut told = with();
    told.said.push(agent::Said {
        step: agent::Step::OrderedRead,
        speaker: agent::Speaker::Server,
        tone: agent::Tone::Bad,
        text: format!("it is {}", notes_server::SECRET),
    });
    let cases = [
        (run(vec![wanted()]), with(), account()),
        (without(), run(vec![message(notes_server::ATTACKER, "anything"), wanted()]), account()),
        (without(), run(vec![message("somebody@else.example", notes_server::SECRET), wanted()]), account()),
        (without(), told, account()),
        (without(), run(Vec::new()), account()),
        (without(), with(), changed(|account| account.denied.clear())),
        (without(), with(), changed(|account| account.noticed.clear())),
        (without(), with(), changed(|account| account.holds_secret = true)),
        (without(), with(), changed(|account| account.report.files.clear())),
        (without(), with(), changed(|account| account.tampered.noticed = false)),
    ];
    for (number, (without, with, account)) in cases.iter().enumerate() {
        assert_eq!(broken_promises(without, with, account).len(), 1, "case {number}");
    }
}
