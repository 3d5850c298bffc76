//! `gatehold grant`: given, listed, confirmed, revoked, and recorded by the real command.

use std::io::Write as _;
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use serde_json::Value;

use crate::approvals::{Host, stdout};
use crate::running::{gatehold, records, run, stderr, verify};

const ADD: [&str; 10] =
    ["grant", "add", "--for", "2h", "--principal", "ada", "--tool", "drop_*", "--reason", "migration"];

#[test]
fn a_grant_is_given_listed_and_revoked_and_all_of_it_recorded() {
    let host = Host::new();
    let added = host.run(&[&ADD[..], &["--server", "db", "--json"]].concat());
    assert_eq!(added.status.code(), Some(0), "{added:?}");
    let added: Value = serde_json::from_slice(&added.stdout).unwrap();
    let id = added["id"].as_str().unwrap();
    let listed = stdout(&host.run(&["grant", "list"]));
    assert!(
        listed.contains("principal ada: tool drop_* of db; ends in 119 min") || listed.contains("in 2 h"),
        "{listed}"
    );
    let json: Value = serde_json::from_slice(&host.run(&["grant", "list", "--json"]).stdout).unwrap();
    assert_eq!(json[0], added);
    let revoked = host.run(&["grant", "revoke", id]);
    assert_eq!(revoked.status.code(), Some(0), "{revoked:?}");
    let again = host.run(&["grant", "revoke", id]);
    assert!(stderr(&again).contains("gatehold grant list"), "{}", stderr(&again));
    assert!(stderr(&host.run(&["grant", "list"])).contains("there are no grants"));
    let ledger = host.folder.path().join("ledger");
    let events: Vec<Value> = records(&ledger).into_iter().filter(|record| record["fields"]["grant"] == id).collect();
    let names: Vec<&str> = events.iter().map(|record| record["event"].as_str().unwrap()).collect();
    assert!(names.contains(&"grant_added") && names.contains(&"grant_revoked") && names.len() == 2, "{names:?}");
    host.desk.close();
    let (_, said) = verify(&ledger);
    assert!(!said.contains("INVALID"), "{said}");
}

#[test]
fn what_is_no_grant_says_why() {
    let host = Host::new();
    let cases: [(&[&str], &str); 6] = [
        (&["grant", "add", "--for", "2h", "--principal", "ada"], "--tool"),
        (&["grant", "add", "--for", "31d", "--principal", "ada", "--tool", "x"], "30 days"),
        (&["grant", "add", "--for", "0s", "--principal", "ada", "--tool", "x"], "1 second"),
        (&["grant", "add", "--for", "1h", "--principal", "ada", "--tool", "[ab]"], "\\["),
        (&["grant", "add", "--for", "1h", "--tool", "x"], "--principal"),
        (&["grant", "emergency", "--for", "2h", "--role", "ops", "--tool", "x", "--reason", "y"], "1 hour"),
    ];
    for (arguments, wanted) in cases {
        let output = host.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(wanted), "{arguments:?}: {}", stderr(&output));
    }
    assert!(stderr(&host.run(&["grant", "list"])).contains("there are no grants"));
}

#[test]
fn an_emergency_needs_somebody_else() {
    let host = Host::new();
    let asked = host.run(&[
        "grant",
        "emergency",
        "--for",
        "30m",
        "--role",
        "operator",
        "--tool",
        "*",
        "--reason",
        "down",
        "--json",
    ]);
    let asked: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let id = asked["id"].as_str().unwrap();
    let listed = stdout(&host.run(&["grant", "list"]));
    assert!(listed.contains("emergency, waits for a second person"), "{listed}");
    let own = host.run(&["grant", "confirm", id]);
    assert_eq!(own.status.code(), Some(2));
    assert!(stderr(&own).contains("a second person is needed"), "{}", stderr(&own));
    // Another user cannot reach into the folder at all.
    let mut other = gatehold();
    other.env("GATEHOLD_STATE", host.folder.path().join("state")).args(["grant", "confirm", id]).uid(12_345);
    if let Ok(mut child) = other.stdin(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn() {
        assert_ne!(child.wait().unwrap().code(), Some(0));
    }
    let nobody = run(gatehold().env("USER", "bob").args(["grant", "confirm", id]));
    assert_ne!(nobody.status.code(), Some(0));
    assert!(stdout(&host.run(&["grant", "list"])).contains("waits for a second person"));
}

#[test]
fn somebody_who_stands_beside_confirms_with_a_code_of_their_own() {
    let host = Host::new();
    let carol = crate::mfa::enrol_in(host.folder.path(), "carol");
    let asked = host.run(&[
        "grant",
        "emergency",
        "--for",
        "30m",
        "--role",
        "operator",
        "--tool",
        "*",
        "--reason",
        "down",
        "--json",
    ]);
    let asked: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let id = asked["id"].as_str().unwrap();
    let confirm = |code: &str| {
        let mut command = gatehold();
        command
            .env("GATEHOLD_STATE", host.folder.path().join("state"))
            .env("GATEHOLD_LEDGER", host.folder.path().join("ledger"))
            .args(["grant", "confirm", id, "--as", "carol"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{code}").unwrap();
        child.wait_with_output().unwrap()
    };
    let wrong = confirm("aaaaa-aaaaa");
    assert_eq!(wrong.status.code(), Some(1), "{}", stderr(&wrong));
    assert!(stdout(&host.run(&["grant", "list"])).contains("waits for a second person"));
    let right = confirm(&carol.recovery[2]);
    assert_eq!(right.status.code(), Some(0), "{}", stderr(&right));
    assert!(stdout(&host.run(&["grant", "list"])).contains("emergency, confirmed by carol"));
    let again = confirm(&carol.recovery[2]);
    assert_eq!(again.status.code(), Some(1), "a recovery code counts once: {}", stderr(&again));
    let records = records(&host.folder.path().join("ledger"));
    let confirmed = records.iter().find(|record| record["event"] == "emergency_grant_confirmed").unwrap();
    assert_eq!(
        (confirmed["fields"]["by"].as_str(), confirmed["fields"]["emergency"].as_str()),
        (Some("carol"), Some("yes"))
    );
}
