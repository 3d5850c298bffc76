//! Holds that several processes see: as files, with a real state folder.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Instant;

use super::*;
use crate::approvals::files::{Given, Said, give, pending};
use crate::state::State;

struct Host {
    state: State,
    desk: Arc<Desk>,
    folder: TempDir,
}

impl Host {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let state = State::open(&folder.path().join("state")).unwrap();
        let desk = start(&state, folder.path());
        Self { state, desk, folder }
    }

    /// The folder of the desk.
    fn own(&self) -> PathBuf {
        let desks = std::fs::read_dir(self.state.folder().join("holds")).unwrap();
        let mut folders = desks.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
        folders.next().unwrap()
    }
}

fn start(state: &State, folder: &Path) -> Arc<Desk> {
    let ledger = Arc::new(Ledger::open(&folder.join("ledger"), "serve", Durability::Os).unwrap());
    Desk::start(Settings::default(), Some(state), ledger).unwrap()
}

fn given(hold: &Hold, said: Said) -> Given {
    Given { hold: hold.id.clone(), digest: hold.digest.clone(), by: "bob".to_owned(), said, reason: None }
}

#[tokio::test]
async fn an_answer_of_another_process_comes_in_quickly() {
    let host = Host::new();
    let call = Call::new(r#"{"path":"a"}"#);
    let ticket = host.desk.open(&call.request(&call.facts())).unwrap();
    let holds = pending(&host.state).unwrap();
    assert_eq!(holds.len(), 1);
    assert_eq!(holds[0], host.desk.show(ticket.id()).unwrap(), "what is shown is what waits");
    let file = host.own().join(format!("hold-{}.json", holds[0].id));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let asked = Instant::now();
    let reply = give(&host.state, &given(&holds[0], Said::Once)).unwrap();
    assert!(reply.counted && reply.text == "approved, this once", "{reply:?}");
    assert!(asked.elapsed() < Duration::from_millis(200), "{:?}", asked.elapsed());
    assert!(matches!(ticket.outcome().await, Outcome::Approved { .. }));
    assert!(host.desk.satisfied(&call.decision, &call.message, &call.facts()).is_some());
    assert!(pending(&host.state).unwrap().is_empty() && !file.exists());
    let late = give(&host.state, &given(&holds[0], Said::Once)).unwrap();
    assert!(!late.counted, "{late:?}");
}

#[tokio::test]
async fn an_answer_to_something_else_than_was_shown_counts_for_nothing() {
    let host = Host::new();
    let call = Call::new("{}");
    let ticket = host.desk.open(&call.request(&call.facts())).unwrap();
    let hold = pending(&host.state).unwrap().remove(0);
    let other = Given { digest: "0".repeat(64), ..given(&hold, Said::Once) };
    let reply = give(&host.state, &other).unwrap();
    assert!(!reply.counted && reply.text.contains("another message"), "{reply:?}");
    let path = Given { hold: format!("../{}", hold.id), ..given(&hold, Said::Once) };
    assert!(!give(&host.state, &path).unwrap().counted);
    assert!(host.desk.satisfied(&call.decision, &call.message, &call.facts()).is_none());
    assert_eq!(host.desk.pending().len(), 1, "it still waits");
    drop(ticket);
    assert!(pending(&host.state).unwrap().is_empty(), "whoever waited has gone, and its file too");
}

#[tokio::test]
async fn an_answer_that_others_could_have_written_counts_for_nothing() {
    let host = Host::new();
    let call = Call::new("{}");
    let _ticket = host.desk.open(&call.request(&call.facts())).unwrap();
    let hold = pending(&host.state).unwrap().remove(0);
    let text =
        serde_json::to_string(&serde_json::json!({ "version": 1, "content": given(&hold, Said::Once) })).unwrap();
    let forged = host.own().join("answer-1.json");
    let forge = |mode: u32, owner: Option<u32>| {
        let hidden = host.own().join(".forged");
        std::fs::write(&hidden, &text).unwrap();
        std::fs::set_permissions(&hidden, std::fs::Permissions::from_mode(mode)).unwrap();
        // Only the superuser can give files away.
        let given_away = owner.is_none_or(|owner| std::os::unix::fs::chown(&hidden, Some(owner), None).is_ok());
        std::fs::rename(&hidden, &forged).unwrap();
        given_away
    };
    let taken = async || {
        while forged.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    forge(0o622, None);
    taken().await;
    if forge(0o600, Some(12_345)) {
        taken().await;
        assert_eq!(host.desk.pending().len(), 1, "somebody else's");
    }
    assert_eq!(host.desk.pending().len(), 1);
    assert!(host.desk.satisfied(&call.decision, &call.message, &call.facts()).is_none());
    forge(0o600, None);
    taken().await;
    assert!(host.desk.satisfied(&call.decision, &call.message, &call.facts()).is_some(), "the same, by its owner");
}

#[tokio::test]
async fn a_process_that_died_leaves_no_ghost() {
    let host = Host::new();
    let call = Call::new("{}");
    let ticket = host.desk.open(&call.request(&call.facts())).unwrap();
    let hold = pending(&host.state).unwrap().remove(0);
    // What a killed process leaves: its folder, with a lock that nobody holds.
    let ghost = host.state.inside("holds").unwrap().inside("ghost").unwrap();
    ghost.write("hold-abc.json", &Hold { id: "abc".to_owned(), ..hold.clone() }).unwrap();
    std::fs::write(ghost.folder().join("lock"), "").unwrap();
    let holds = pending(&host.state).unwrap();
    assert_eq!(holds, [hold], "only what somebody waits for");
    assert!(!ghost.folder().exists());
    drop(ticket);
}

#[tokio::test]
async fn several_processes_share_a_folder_and_keep_apart() {
    let host = Host::new();
    let other = start(&host.state, &host.folder.path().join("other"));
    let (one, two) = (Call::new(r#"{"n":1}"#), Call::new(r#"{"n":2}"#));
    let first = host.desk.open(&one.request(&one.facts())).unwrap();
    let second = other.open(&two.request(&two.facts())).unwrap();
    let holds = pending(&host.state).unwrap();
    assert_eq!(holds.len(), 2);
    for hold in &holds {
        let said = Said::For { seconds: 60, any_arguments: false };
        assert_eq!(give(&host.state, &given(hold, said)).unwrap().text, "approved, for 60 seconds");
    }
    assert!(matches!(first.outcome().await, Outcome::Approved { .. }));
    assert!(matches!(second.outcome().await, Outcome::Approved { .. }));
    other.close();
    assert_eq!(std::fs::read_dir(host.state.folder().join("holds")).unwrap().count(), 2, "the lock and one desk");
}
