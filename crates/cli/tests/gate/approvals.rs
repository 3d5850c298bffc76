//! `gatehold approvals` on the host: messages that wait in another process (here in the test itself) are seen, shown and
//! answered by the real command.

use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

use gatehold_decide::obligation::{ApprovalDemand, Demand, StepUpDemand};
use gatehold_decide::{Decision, Mode, Reason, Verdict};
use gatehold_evidence::{Durability, Ledger};
use gatehold_gateway::approvals::{Desk, Outcome, Request, Settings, Ticket};
use gatehold_gateway::state::{State, User};
use gatehold_inspect::Findings;
use gatehold_session::principal::Proof;
use gatehold_session::{Direction, Facts, Origin, Principal, Transport};
use gatehold_wire::{Limits, Message};
use serde_json::Value;
use tempfile::TempDir;

use crate::running::{gatehold, run, stderr};

/// A gateway's desk in this process, with a state folder that the command shares.
pub(crate) struct Host {
    pub(crate) folder: TempDir,
    pub(crate) desk: Arc<Desk>,
}

/// A call that waits.
pub(crate) struct Waiting {
    ticket: Ticket,
    pub(crate) id: String,
}

impl Host {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let state = State::open(&folder.path().join("state")).unwrap();
        let ledger = Arc::new(Ledger::open(&folder.path().join("ledger"), "serve", Durability::Os).unwrap());
        let desk = Desk::start(Settings::default(), Some(&state), ledger).unwrap();
        Self { folder, desk }
    }

    /// Runs the command in this folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = gatehold();
        command.env("GATEHOLD_STATE", self.folder.path().join("state"));
        command.env("GATEHOLD_LEDGER", self.folder.path().join("ledger"));
        run(command.args(arguments))
    }

    pub(crate) fn approval(&self, principal: &str, people: u8, arguments: &str) -> Waiting {
        let demand = ApprovalDemand { people, roles: [].into(), wait: Duration::from_secs(60), ask: [].into() };
        self.hold(principal, Demand::Approval(demand), arguments)
    }

    pub(crate) fn code(&self, principal: &str) -> Waiting {
        let (wait, lasts) = (Duration::from_secs(60), Duration::from_secs(60));
        self.hold(principal, Demand::StepUp(StepUpDemand { wait, lasts }), "{}")
    }

    fn hold(&self, principal: &str, demand: Demand, arguments: &str) -> Waiting {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"delete","arguments":{arguments}}}}}"#
        );
        let message = Message::parse(text.into(), &Limits::default()).unwrap();
        let origin = Origin {
            session: "s-1".into(),
            principal: Principal::new(principal, Proof::Token),
            server: "notes".into(),
            transport: Transport::StreamableHttp,
        };
        let decision = Decision {
            verdict: Verdict::Hold,
            mode: Mode::Enforce,
            hidden: false,
            reasons: vec![Reason { rule: "ask-first".into(), text: Some("Deleting needs a yes.".into()) }],
            edits: Vec::new(),
            demand: Some(Arc::new(demand)),
            limits: Vec::new(),
            retry_after: None,
            tags: [].into(),
            policy: "abc".into(),
        };
        let facts = Facts::of(&origin, Direction::FromClient, &message, None);
        let findings = Findings::default();
        let request = Request { message: &message, facts: &facts, findings: &findings, decision: &decision };
        let ticket = self.desk.open(&request).unwrap();
        Waiting { id: ticket.id().to_owned(), ticket }
    }
}

impl Waiting {
    pub(crate) fn outcome(self) -> Outcome {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(self.ticket.outcome())
    }
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn what_waits_is_listed_shown_and_approved() {
    let host = Host::new();
    assert!(stderr(&host.run(&["approvals", "list"])).contains("nothing waits"));
    let waiting = host.approval("ada", 1, r#"{"path":"a"}"#);
    let listed = stdout(&host.run(&["approvals", "list"]));
    assert!(listed.contains(&waiting.id) && listed.contains("tool delete of notes for ada"), "{listed}");
    let shown = stdout(&host.run(&["approvals", "show", &waiting.id]));
    for wanted in ["rule ask-first", "Deleting needs a yes.", r#""arguments":{"path":"a"}"#, "1 person"] {
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
    let json: Value = serde_json::from_slice(&host.run(&["approvals", "list", "--json"]).stdout).unwrap();
    assert_eq!(json[0]["id"], waiting.id.as_str());
    let approved = host.run(&["approvals", "approve", &waiting.id, "--reason", "looked at it"]);
    assert_eq!((approved.status.code(), stdout(&approved).as_str()), (Some(0), "approved, this once\n"));
    assert!(
        matches!(waiting.outcome(), Outcome::Approved { by, scope } if *by[0] == *User::current().name && scope.is_once())
    );
    assert!(stderr(&host.run(&["approvals", "list"])).contains("nothing waits"));
}

#[test]
fn a_denial_carries_its_reason() {
    let host = Host::new();
    let waiting = host.approval("ada", 1, "{}");
    let denied = host.run(&["approvals", "deny", &waiting.id, "--reason", "not on a Friday"]);
    assert_eq!((denied.status.code(), stdout(&denied).as_str()), (Some(0), "denied\n"));
    assert!(matches!(waiting.outcome(), Outcome::Denied { reason: Some(reason), .. } if &*reason == "not on a Friday"));
}

#[test]
fn one_user_of_the_host_is_one_person() {
    let host = Host::new();
    let waiting = host.approval("ada", 2, "{}");
    let first = host.run(&["approvals", "approve", &waiting.id]);
    assert_eq!(stdout(&first), "approved by you; one more person is needed\n");
    let second = host.run(&["approvals", "approve", &waiting.id]);
    assert_eq!(second.status.code(), Some(1), "{second:?}");
    assert!(stderr(&second).contains("another person is needed"), "{}", stderr(&second));
    assert!(stdout(&host.run(&["approvals", "list"])).contains("1 of 2 people have approved"));
    let own = host.approval(&User::current().name, 2, r#"{"n":1}"#);
    let refused = host.run(&["approvals", "approve", &own.id]);
    assert!(stderr(&refused).contains("whoever makes the call"), "{}", stderr(&refused));
    assert_eq!(host.desk.pending().len(), 2);
    // What a variable says is nobody.
    let mut command = gatehold();
    command.env("GATEHOLD_STATE", host.folder.path().join("state")).env("USER", "carol").env("LOGNAME", "carol");
    let forged = run(command.args(["approvals", "approve", &waiting.id]));
    assert_eq!(forged.status.code(), Some(1), "{forged:?}");
    drop((waiting, own));
}

#[test]
fn an_approval_for_more_says_for_how_much() {
    let host = Host::new();
    let waiting = host.approval("ada", 1, "{}");
    let alone = host.run(&["approvals", "approve", &waiting.id, "--any-arguments"]);
    assert_eq!(alone.status.code(), Some(2));
    let long = host.run(&["approvals", "approve", &waiting.id, "--for", "9h"]);
    assert!(stderr(&long).contains("8 hours"), "{}", stderr(&long));
    let odd = host.run(&["approvals", "approve", &waiting.id, "--for", "soon"]);
    assert!(stderr(&odd).contains("30s"), "{}", stderr(&odd));
    let given = host.run(&["approvals", "approve", &waiting.id, "--for", "10m", "--any-arguments"]);
    assert_eq!(stdout(&given), "approved, for 600 seconds\n");
    let Outcome::Approved { scope, .. } = waiting.outcome() else { panic!("not approved") };
    assert!(scope.any_arguments && scope.time == Some(Duration::from_secs(600)));
}

#[test]
fn what_is_shown_cannot_deceive_the_eye() {
    let host = Host::new();
    let waiting = host.approval("ada", 1, "{\"path\":\"a\u{202e}txt.exe\u{200b}\u{e0041}\"}");
    let shown = stdout(&host.run(&["approvals", "show", &waiting.id]));
    assert!(shown.contains("a\\u{202e}txt.exe\\u{200b}\\u{e0041}"), "{shown}");
    assert!(!shown.contains(['\u{202e}', '\u{200b}', '\u{1b}']));
}

#[test]
fn an_unknown_id_says_what_to_do() {
    let host = Host::new();
    for action in ["show", "approve", "deny"] {
        let output = host.run(&["approvals", action, "nothing"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("gatehold approvals list"), "{}", stderr(&output));
    }
}

#[test]
fn a_state_folder_that_others_may_use_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let host = Host::new();
    let state = host.folder.path().join("state");
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o777)).unwrap();
    for arguments in [&["approvals", "list"][..], &["grant", "list"], &["wrap", "--", "true"]] {
        let output = host.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains("chmod 700"), "{}", stderr(&output));
    }
}
