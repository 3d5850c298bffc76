//! Grants as they are given, confirmed, revoked and ended, and the ways to get more than was given.

use std::sync::Arc;

use gatehold_decide::grant::Granted;
use gatehold_evidence::Durability;
use gatehold_session::Principal;
use gatehold_session::principal::Proof;
use tempfile::TempDir;

use super::*;
use crate::approvals::unix_seconds;

struct Scene {
    state: State,
    ledger: Arc<Ledger>,
    live: Live,
    _folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let state = State::open(&folder.path().join("state")).unwrap();
        let ledger = Arc::new(Ledger::open(&folder.path().join("ledger"), "serve", Durability::Os).unwrap());
        let live = Live::new(Some(state.clone()), People::default());
        Self { state, ledger, live, _folder: folder }
    }

    fn covers(&self, tool: &str) -> bool {
        let _next = self.live.look(&self.ledger);
        let ada = Principal::new("ada", Proof::Token);
        self.live.current().iter().any(|grant| grant.covers(&ada, "db", Granted::Tool(tool), unix_seconds()))
    }

    fn events(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.ledger.path()).unwrap();
        let records = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        records.filter_map(|record| Some(record.get("event")?.as_str()?.to_owned())).collect()
    }
}

fn wanted() -> Wanted {
    Wanted {
        principal: Some("ada".to_owned()),
        servers: vec!["db".to_owned()],
        tools: vec!["drop_*".to_owned()],
        lasts: Duration::from_secs(60),
        ..Wanted::default()
    }
}

#[test]
fn a_grant_is_live_until_it_is_revoked() {
    let scene = Scene::new();
    assert!(!scene.covers("drop_table"));
    let grant = add(&scene.state, &scene.ledger, wanted(), "bob", unix_seconds()).unwrap();
    assert!(scene.covers("drop_table") && !scene.covers("read"));
    assert_eq!(list(&scene.state, unix_seconds()).unwrap().len(), 1);
    revoke(&scene.state, &scene.ledger, &grant.id, "bob", unix_seconds()).unwrap();
    assert!(!scene.covers("drop_table"));
    assert!(matches!(
        revoke(&scene.state, &scene.ledger, &grant.id, "bob", unix_seconds()),
        Err(GrantError::Unknown(_))
    ));
    let events = scene.events();
    assert!(events.contains(&"grant_added".to_owned()) && events.contains(&"grant_revoked".to_owned()), "{events:?}");
}

#[test]
fn a_grant_ends_and_its_end_is_recorded_once() {
    let scene = Scene::new();
    let past = unix_seconds() - 100;
    add(&scene.state, &scene.ledger, wanted(), "bob", past).unwrap();
    assert!(!scene.covers("drop_table"), "over since 40 seconds");
    let other = Live::new(Some(scene.state.clone()), People::default());
    for _ in 0..3 {
        let _next = (scene.live.look(&scene.ledger), other.look(&scene.ledger));
    }
    assert_eq!(scene.events().iter().filter(|event| *event == "grant_expired").count(), 1);
    assert!(scene.state.read::<Vec<Kept>>(DOCUMENT).unwrap().unwrap().is_empty());
}

#[test]
fn an_emergency_takes_two_people_and_is_short() {
    let scene = Scene::new();
    let emergency = Wanted { emergency: true, reason: Some("the site is down".to_owned()), ..wanted() };
    let long = Wanted { lasts: Duration::from_secs(3601), ..emergency.clone() };
    let silent = Wanted { reason: None, ..emergency.clone() };
    for unfit in [long, silent] {
        let added = add(&scene.state, &scene.ledger, unfit, "bob", unix_seconds());
        assert!(matches!(added, Err(GrantError::Unfit(_))));
    }
    let asked = add(&scene.state, &scene.ledger, emergency, "bob", unix_seconds()).unwrap();
    assert!(!scene.covers("drop_table"), "one is not enough");
    for same in ["bob", "BOB", " bob "] {
        let confirmed = confirm(&scene.state, &scene.ledger, &asked.id, same, unix_seconds());
        assert!(matches!(confirmed, Err(GrantError::SamePerson(_))), "{same}");
    }
    confirm(&scene.state, &scene.ledger, &asked.id, "carol", unix_seconds()).unwrap();
    assert!(scene.covers("drop_table"));
    assert!(scene.live.current()[0].emergency);
    let again = confirm(&scene.state, &scene.ledger, &asked.id, "dora", unix_seconds());
    assert!(matches!(again, Err(GrantError::NotWaiting(_))), "its time is not begun anew");
    let late = Wanted { emergency: true, reason: Some("again".to_owned()), ..wanted() };
    let late = add(&scene.state, &scene.ledger, late, "bob", unix_seconds() - 1000).unwrap();
    let confirmed = confirm(&scene.state, &scene.ledger, &late.id, "carol", unix_seconds());
    assert!(matches!(confirmed, Err(GrantError::Unknown(_))), "nobody confirmed it in time");
}

#[test]
fn a_document_that_was_edited_grants_no_more_than_the_commands_would() {
    let scene = Scene::new();
    let now = unix_seconds();
    let good = Kept {
        id: "x".to_owned(),
        principal: Some("ada".to_owned()),
        role: None,
        servers: vec!["*".to_owned()],
        tools: vec!["drop_*".to_owned()],
        prompts: Vec::new(),
        resources: Vec::new(),
        seconds: 60,
        from: now,
        emergency: false,
        reason: None,
        by: "bob".to_owned(),
        confirmed_by: None,
    };
    let because = Some("x".to_owned());
    let bad = [
        Kept { seconds: seconds(LASTS_MAX) + 1, ..good.clone() },
        Kept { role: Some("admin".to_owned()), ..good.clone() },
        Kept { principal: None, ..good.clone() },
        Kept { servers: Vec::new(), ..good.clone() },
        Kept { tools: vec!["[".to_owned()], ..good.clone() },
        Kept { emergency: true, reason: because.clone(), ..good.clone() },
        Kept { emergency: true, reason: because.clone(), confirmed_by: Some("Bob".to_owned()), ..good.clone() },
        Kept { emergency: true, reason: because, confirmed_by: Some("eve".to_owned()), seconds: 3601, ..good.clone() },
    ];
    for (index, bad) in bad.into_iter().enumerate() {
        scene.state.write(DOCUMENT, &[bad]).unwrap();
        assert!(!scene.covers("drop_table"), "{index}");
    }
    scene.state.write(DOCUMENT, &[good]).unwrap();
    assert!(scene.covers("drop_table"));
    std::fs::write(scene.state.folder().join(DOCUMENT), "{").unwrap();
    assert!(!scene.covers("drop_table"), "what cannot be read grants nothing");
    assert!(scene.events().contains(&"grants_unreadable".to_owned()));
}

#[test]
fn what_cannot_be_recorded_is_not_granted() {
    let scene = Scene::new();
    scene.ledger.close("the test ends it").unwrap();
    let added = add(&scene.state, &scene.ledger, wanted(), "bob", unix_seconds());
    assert!(matches!(added, Err(GrantError::Ledger(_))));
    assert!(!scene.covers("drop_table") && list(&scene.state, unix_seconds()).unwrap().is_empty());
}
