//! The desk as an attacker meets it: answers that must not count, approvals that something else tries to use, floods,
//! and time. With a real ledger.

mod shared;

use std::sync::Arc;
use std::time::Duration;

use gatehold_decide::obligation::{ApprovalDemand, Demand, StepUpDemand, Way};
use gatehold_decide::{Decision, Mode, Reason, Verdict};
use gatehold_evidence::{Durability, Ledger};
use gatehold_inspect::Findings;
use gatehold_session::principal::Proof;
use gatehold_session::{Direction, Facts, Origin, Principal, Transport};
use gatehold_wire::edit::Edit;
use gatehold_wire::{Limits, Message};
use tempfile::TempDir;

use super::*;

pub(super) struct Scene {
    pub(super) desk: Arc<Desk>,
    pub(super) ledger: Arc<Ledger>,
    _folder: TempDir,
}

/// A call on its way.
pub(super) struct Call {
    pub(super) message: Message,
    pub(super) origin: Origin,
    pub(super) decision: Decision,
    pub(super) findings: Findings,
}

impl Scene {
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        let folder = TempDir::new().unwrap();
        let ledger = Arc::new(Ledger::open(folder.path(), "serve", Durability::Os).unwrap());
        let desk = Desk::start(settings, None, Arc::clone(&ledger)).unwrap();
        Self { desk, ledger, _folder: folder }
    }

    fn open(&self, call: &Call) -> Result<Ticket, NotOpened> {
        self.desk.open(&call.request(&call.facts()))
    }

    fn satisfied(&self, call: &Call) -> bool {
        self.desk.satisfied(&call.decision, &call.message, &call.facts()).is_some()
    }

    fn records(&self, event: &str) -> usize {
        let text = std::fs::read_to_string(self.ledger.path()).unwrap();
        text.lines().filter(|line| line.contains(&format!("\"event\":\"{event}\""))).count()
    }
}

fn demand(people: u8, wait: Duration) -> Demand {
    Demand::Approval(ApprovalDemand { people, roles: [].into(), wait, ask: [].into() })
}

impl Call {
    pub(super) fn new(arguments: &str) -> Self {
        Self::by("ada", arguments)
    }

    fn by(name: &str, arguments: &str) -> Self {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":"delete","arguments":{arguments}}}}}"#
        );
        Self {
            message: Message::parse(text.into(), &Limits::default()).unwrap(),
            origin: Origin {
                session: "s-1".into(),
                principal: Principal::new(name, Proof::Token),
                server: "notes".into(),
                transport: Transport::StreamableHttp,
            },
            decision: Decision {
                verdict: Verdict::Hold,
                mode: Mode::Enforce,
                hidden: false,
                reasons: vec![Reason { rule: "ask".into(), text: Some("Deleting needs a yes.".into()) }],
                edits: Vec::new(),
                demand: Some(Arc::new(demand(1, Duration::from_secs(30)))),
                limits: Vec::new(),
                retry_after: None,
                tags: [].into(),
                policy: "abc".into(),
            },
            findings: Findings::default(),
        }
    }

    fn demanding(mut self, demand: Demand) -> Self {
        self.decision.demand = Some(Arc::new(demand));
        self
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts::of(&self.origin, Direction::FromClient, &self.message, None)
    }

    pub(super) fn request<'a>(&'a self, facts: &'a Facts<'a>) -> Request<'a> {
        Request { message: &self.message, facts, findings: &self.findings, decision: &self.decision }
    }
}

fn answer(by: &str, choice: Choice) -> Answer {
    Answer {
        by: by.into(),
        roles: [APPROVER.into()].into(),
        way: Way::Admin,
        choice,
        any_arguments: false,
        reason: None,
    }
}

#[tokio::test]
async fn an_approval_serves_the_very_message_once() {
    let scene = Scene::new();
    let call = Call::new(r#"{"path":"a"}"#);
    assert!(!scene.satisfied(&call));
    let ticket = scene.open(&call).unwrap();
    let hold = scene.desk.show(ticket.id()).unwrap();
    assert_eq!(hold.message.as_bytes(), call.message.bytes(), "all of it is shown");
    assert_eq!(
        (hold.subject().as_str(), hold.reason.as_deref()),
        ("tool delete of notes", Some("Deleting needs a yes."))
    );
    let id = ticket.id().to_owned();
    assert!(matches!(
        scene.desk.answer(&id, &answer("bob", Choice::Once)),
        Ok(Answered::Settled(Outcome::Approved { .. }))
    ));
    assert_eq!(ticket.outcome().await, Outcome::Approved { by: ["bob".into()].into(), scope: Scope::default() });
    assert!(scene.satisfied(&call));
    assert!(!scene.satisfied(&call), "it is used up");
    assert_eq!(scene.desk.answer(&id, &answer("bob", Choice::Once)), Err(AnswerError::Unknown));
    assert_eq!(
        (scene.records("hold_opened"), scene.records("hold_answered"), scene.records("hold_approved")),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn nothing_else_rides_on_an_approval() {
    let scene = Scene::new();
    let approved = Call::new(r#"{"path":"a"}"#);
    let mut others = vec![Call::new(r#"{"path":"b"}"#), Call::by("eve", r#"{"path":"a"}"#)];
    let change = |change: fn(&mut Call)| {
        let mut call = Call::new(r#"{"path":"a"}"#);
        change(&mut call);
        call
    };
    others.push(change(|call| call.origin.server = "other".into()));
    others.push(change(|call| call.origin.session = "s-2".into()));
    others
        .push(change(|call| call.origin.principal = Principal::vouched("ada", Proof::Token, Some("https://x"), None)));
    others.push(change(|call| call.origin.principal = Principal::new("ada", Proof::ApiKey)));
    others.push(change(|call| call.decision.policy = "def".into()));
    others.push(change(|call| call.decision.reasons[0].rule = "other".into()));
    others.push(change(|call| call.decision.edits = vec![Edit { span: 1..1, with: b" ".to_vec() }]));
    let ticket = scene.open(&approved).unwrap();
    let id = ticket.id().to_owned();
    let _answered = scene.desk.answer(&id, &answer("bob", Choice::Once)).unwrap();
    for (index, other) in others.iter().enumerate() {
        assert!(!scene.satisfied(other), "{index}");
    }
    assert!(scene.satisfied(&approved), "the attempts have not used it up");
    drop(ticket);
}

#[tokio::test]
async fn an_approval_for_the_session_ends_at_other_arguments_and_other_sessions() {
    let scene = Scene::new();
    let call = Call::new(r#"{"path":"a"}"#);
    let ticket = scene.open(&call).unwrap();
    let _answered = scene.desk.answer(ticket.id(), &answer("bob", Choice::Session)).unwrap();
    for _ in 0..3 {
        assert!(scene.satisfied(&call));
    }
    let mut again = Call::new(r#"{"path":"a"}"#);
    again.message = Message::parse(
        br#"{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"delete","arguments":{"path":"a"}}}"#[..]
            .into(),
        &Limits::default(),
    )
    .unwrap();
    assert!(scene.satisfied(&again), "another id is the same call");
    assert!(!scene.satisfied(&Call::new(r#"{"path":"b"}"#)));
    again.origin.session = "s-2".into();
    assert!(!scene.satisfied(&again));

    let other = Call::new(r#"{"path":"c"}"#);
    let ticket = scene.open(&other).unwrap();
    let any = Answer { any_arguments: true, ..answer("bob", Choice::For(Duration::from_secs(60))) };
    let _answered = scene.desk.answer(ticket.id(), &any).unwrap();
    let mut third = Call::new(r#"{"path":"d"}"#);
    third.origin.session = "s-3".into();
    assert!(scene.satisfied(&third), "any arguments, in any session, for this time");
    third.origin.principal = Principal::new("eve", Proof::Token);
    assert!(!scene.satisfied(&third));
}

#[tokio::test]
async fn a_time_ends() {
    let scene = Scene::new();
    let call = Call::new("{}");
    let ticket = scene.open(&call).unwrap();
    let id = ticket.id().to_owned();
    for time in [Duration::ZERO, STANDING_MAX + Duration::from_secs(1)] {
        assert_eq!(scene.desk.answer(&id, &answer("bob", Choice::For(time))), Err(AnswerError::Time));
    }
    let _answered = scene.desk.answer(&id, &answer("bob", Choice::For(Duration::from_millis(50)))).unwrap();
    assert!(scene.satisfied(&call) && scene.satisfied(&call));
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(!scene.satisfied(&call));
}

#[tokio::test]
async fn two_people_are_two_and_neither_makes_the_call() {
    let people = People::new(vec![Known {
        name: "ada".into(),
        roles: [APPROVER.into()].into(),
        also: ["ada@example.com".into()].into(),
    }]);
    let scene = Scene::with(Settings { people, ..Settings::default() });
    let call = Call::new("{}").demanding(demand(2, Duration::from_secs(30)));
    let ticket = scene.open(&call).unwrap();
    let id = ticket.id().to_owned();
    for own in ["ada", "Ada", "ada@example.com"] {
        assert_eq!(scene.desk.answer(&id, &answer(own, Choice::Once)), Err(AnswerError::OwnCall), "{own}");
    }
    assert_eq!(scene.desk.answer(&id, &answer("bob", Choice::Session)), Ok(Answered::Waiting(1)));
    assert!(!scene.satisfied(&call), "one is not enough");
    for again in ["bob", "BOB "] {
        assert_eq!(scene.desk.answer(&id, &answer(again, Choice::Once)), Err(AnswerError::Twice), "{again}");
    }
    assert_eq!(scene.desk.show(&id).unwrap().approved_by, ["bob"]);
    let settled = scene.desk.answer(&id, &answer("carol", Choice::Once)).unwrap();
    let outcome = Outcome::Approved { by: ["bob".into(), "carol".into()].into(), scope: Scope::default() };
    assert_eq!(settled, Answered::Settled(outcome.clone()), "as far as both allow");
    assert_eq!(ticket.outcome().await, outcome);
    assert!(scene.satisfied(&call) && !scene.satisfied(&call));
}

#[tokio::test]
async fn the_user_behind_a_wrapped_server_is_not_another_person() {
    let scene = Scene::new();
    let user = crate::state::User::current();
    let mut call = Call::new("{}").demanding(demand(2, Duration::from_secs(30)));
    for (name, transport) in
        [("somebody-else", Transport::Stdio), (&format!("uid:{}", user.uid), Transport::UnixSocket)]
    {
        call.origin.principal = Principal::new(name, Proof::LocalUser);
        call.origin.transport = transport;
        let ticket = scene.open(&call).unwrap();
        assert_eq!(scene.desk.answer(ticket.id(), &answer(&user.name, Choice::Once)), Err(AnswerError::OwnCall));
    }
}

#[tokio::test]
async fn roles_and_ways_count_as_the_policy_says() {
    let scene = Scene::new();
    let wanting = Demand::Approval(ApprovalDemand {
        people: 1,
        roles: ["lead".into()].into(),
        wait: Duration::from_secs(30),
        ask: [Way::Admin, Way::Client].into(),
    });
    let call = Call::new("{}").demanding(wanting);
    let ticket = scene.open(&call).unwrap();
    let id = ticket.id().to_owned();
    let role = Err(AnswerError::Role(["lead".into()].into()));
    assert_eq!(scene.desk.answer(&id, &answer("bob", Choice::Once)), role);
    assert_eq!(scene.desk.answer(&id, &answer("bob", Choice::Deny)), role, "a stranger cannot deny either");
    let host = Answer { way: Way::Host, roles: ["lead".into()].into(), ..answer("bob", Choice::Once) };
    assert_eq!(scene.desk.answer(&id, &host), Err(AnswerError::NotAsked(Way::Host)));
    let client = Answer { way: Way::Client, ..answer("ada", Choice::Once) };
    assert_eq!(scene.desk.answer(&id, &client), role, "the policy wants a lead");
    let forged = Answer { roles: ["lead".into()].into(), way: Way::Client, ..answer("bob", Choice::Once) };
    assert_eq!(scene.desk.answer(&id, &forged), role, "at the client only the caller answers");
    assert!(!scene.satisfied(&call));
    assert_eq!(scene.records("hold_answer_refused"), 5);
    let lead = Answer { roles: ["lead".into()].into(), ..answer("bob", Choice::Once) };
    assert!(matches!(scene.desk.answer(&id, &lead), Ok(Answered::Settled(_))));

    let plain = Call::new("{}");
    let ticket = scene.open(&plain).unwrap();
    let client = Answer { way: Way::Client, roles: [].into(), ..answer("ada", Choice::Once) };
    assert!(matches!(scene.desk.answer(ticket.id(), &client), Ok(Answered::Settled(_))), "no role was asked for");
}

#[tokio::test]
async fn who_does_not_answer_denies() {
    let scene = Scene::new();
    let call = Call::new("{}").demanding(demand(1, Duration::from_millis(40)));
    let ticket = scene.open(&call).unwrap();
    let id = ticket.id().to_owned();
    assert_eq!(tokio::time::timeout(Duration::from_secs(5), ticket.outcome()).await.unwrap(), Outcome::Expired);
    assert_eq!(scene.desk.answer(&id, &answer("bob", Choice::Once)), Err(AnswerError::Unknown), "too late");
    assert!(!scene.satisfied(&call));
    assert_eq!(scene.records("hold_expired"), 1);
}

#[tokio::test]
async fn a_no_ends_it_and_is_remembered_for_a_while() {
    let scene = Scene::new();
    let call = Call::new(r#"{"path":"a"}"#).demanding(demand(2, Duration::from_secs(30)));
    let ticket = scene.open(&call).unwrap();
    let id = ticket.id().to_owned();
    let _answered = scene.desk.answer(&id, &answer("bob", Choice::Once)).unwrap();
    let no = Answer { reason: Some("not today".into()), ..answer("carol", Choice::Deny) };
    let _answered = scene.desk.answer(&id, &no).unwrap();
    assert_eq!(ticket.outcome().await, Outcome::Denied { by: "carol".into(), reason: Some("not today".into()) });
    assert!(!scene.satisfied(&call));
    assert_eq!(scene.open(&call).unwrap_err(), NotOpened::JustDenied, "nobody is worn down by the same question");
    let ticket = scene.open(&Call::new(r#"{"path":"b"}"#)).unwrap();
    let earlier = scene.desk.show(ticket.id()).unwrap().earlier;
    assert_eq!(earlier.len(), 1);
    assert!(earlier[0].outcome == "denied" && earlier[0].by == ["carol"] && !earlier[0].same_arguments);
}

#[tokio::test]
async fn a_flood_is_cut_off_and_is_a_finding() {
    let bounds = Bounds { pending_max: 5, pending_per_principal_max: 3 };
    let scene = Scene::with(Settings { bounds, ..Settings::default() });
    let call = |name: &str, number: usize| Call::by(name, &format!("{{\"n\":{number}}}"));
    let tickets: Vec<Ticket> = (0..3).map(|number| scene.open(&call("eve", number)).unwrap()).collect();
    let refused = scene.open(&call("eve", 3)).unwrap_err();
    assert_eq!((refused.finding().unwrap().id, refused.clone()), ("AP001", NotOpened::Flooded));
    let others: Vec<Ticket> = (0..2).map(|number| scene.open(&call("ada", number)).unwrap()).collect();
    assert_eq!(scene.open(&call("bob", 0)).unwrap_err(), NotOpened::Flooded, "all of them together");
    drop((tickets, others));
    assert!(scene.desk.pending().is_empty(), "whoever gives up takes its hold away");
    let opened = (0..100).filter(|number| scene.open(&call("eve", 10 + number)).is_ok()).count();
    assert!(opened < 30, "also one after the other: {opened}");
    assert!(scene.open(&call("bob", 1)).is_ok(), "nobody else is shut out");
}

#[tokio::test]
async fn what_cannot_be_shown_whole_is_not_held() {
    let scene = Scene::new();
    let long = format!("{{\"text\":\"{}\"}}", "x".repeat(SHOWN_BYTES_MAX));
    assert_eq!(scene.open(&Call::new(&long)).unwrap_err(), NotOpened::TooLong);
    let mut call = Call::new("{}");
    call.decision.demand = None;
    assert_eq!(scene.open(&call).unwrap_err(), NotOpened::NoDemand);
}

#[tokio::test]
async fn a_redacted_message_is_shown_and_bound_as_it_will_be_sent() {
    let scene = Scene::new();
    let mut call = Call::new(r#"{"key":"hunter2"}"#);
    let at = String::from_utf8_lossy(call.message.bytes()).find("hunter2").unwrap();
    call.decision.edits = vec![Edit { span: at..at + 7, with: b"[redacted]".to_vec() }];
    let ticket = scene.open(&call).unwrap();
    let shown = scene.desk.show(ticket.id()).unwrap().message;
    assert!(shown.contains("[redacted]") && !shown.contains("hunter2"), "{shown}");
    let _answered = scene.desk.answer(ticket.id(), &answer("bob", Choice::Once)).unwrap();
    let satisfied = scene.desk.satisfied(&call.decision, &call.message, &call.facts()).unwrap();
    Desk::release(&mut call.decision, &satisfied);
    assert_eq!((call.decision.verdict, call.decision.edits.len()), (Verdict::Redact, 1), "the edits stay");
    assert!(call.decision.reasons[0].rule.starts_with("approval:"));
}

#[tokio::test]
async fn a_second_factor_lasts_for_its_principal_as_long_as_the_policy_says() {
    let scene = Scene::new();
    let lasting = |lasts: u64| {
        Demand::StepUp(StepUpDemand { wait: Duration::from_secs(30), lasts: Duration::from_millis(lasts) })
    };
    let call = Call::new("{}").demanding(lasting(80));
    let ticket = scene.open(&call).unwrap();
    let id = ticket.id().to_owned();
    assert_eq!(scene.desk.answer(&id, &answer("bob", Choice::Once)), Err(AnswerError::NeedsCode));
    scene.desk.second_factor_shown(&Principal::new("eve", Proof::Token)).unwrap();
    assert!(!scene.satisfied(&call), "somebody else's");
    let ada = Principal::new("ada", Proof::Token);
    scene.desk.second_factor_shown(&ada).unwrap();
    assert!(matches!(ticket.outcome().await, Outcome::Approved { .. }));
    assert!(scene.satisfied(&call) && scene.satisfied(&Call::new(r#"{"n":1}"#).demanding(lasting(80))));
    assert!(scene.desk.step_up_valid(&ada, Duration::from_secs(1)));
    assert!(!scene.desk.step_up_valid(&Principal::new("ada", Proof::ApiKey), Duration::from_secs(1)));
    tokio::time::sleep(Duration::from_millis(90)).await;
    assert!(!scene.satisfied(&call) && !scene.satisfied(&Call::new(r#"{"n":2}"#).demanding(lasting(80))));
    let approval = Call::new("{}");
    assert!(!scene.satisfied(&approval), "a second factor is no approval");
}

#[tokio::test]
async fn a_call_sent_again_takes_its_hold_over_and_no_other_does() {
    let scene = Scene::new();
    let first = Call::new(r#"{"path":"a"}"#);
    let id = scene.open(&first).unwrap().park();
    assert_eq!(scene.desk.pending().len(), 1);
    let again = |params: &str, name: &str| {
        let mut call = Call::by(name, "{}");
        let text = format!(r#"{{"jsonrpc":"2.0","id":"9","method":"tools/call","params":{params}}}"#);
        call.message = Message::parse(text.into(), &Limits::default()).unwrap();
        call
    };
    let same = r#"{"name":"delete","arguments":{"path":"a"},"requestState":"x","inputResponses":{}}"#;
    let swapped = r#"{"name":"delete","arguments":{"path":"b"},"requestState":"x"}"#;
    for call in [again(swapped, "ada"), again(same, "eve")] {
        assert!(scene.desk.rejoin(&id, &call.request(&call.facts())).is_none());
    }
    let call = again(same, "ada");
    let ticket = scene.desk.rejoin(&id, &call.request(&call.facts())).unwrap();
    let _answered = scene.desk.answer(&id, &answer("bob", Choice::Once)).unwrap();
    assert!(matches!(ticket.outcome().await, Outcome::Approved { .. }));
    assert!(!scene.satisfied(&first), "bound to the second attempt now");
    assert!(scene.satisfied(&call) && !scene.satisfied(&call));
}

#[tokio::test]
async fn what_cannot_be_recorded_does_not_happen() {
    let scene = Scene::new();
    let call = Call::new("{}");
    let ticket = scene.open(&call).unwrap();
    scene.ledger.close("the test ends it").unwrap();
    assert!(matches!(scene.desk.answer(ticket.id(), &answer("bob", Choice::Once)), Err(AnswerError::Unrecorded(_))));
    assert!(!scene.satisfied(&call));
    assert!(matches!(scene.open(&Call::new(r#"{"n":1}"#)), Err(NotOpened::Failed(_))));
}

#[tokio::test]
async fn when_the_gateway_ends_nothing_waits() {
    let scene = Scene::new();
    let ticket = scene.open(&Call::new("{}")).unwrap();
    scene.desk.close();
    assert_eq!(ticket.outcome().await, Outcome::Expired);
}

#[tokio::test]
async fn what_one_unauthenticated_client_was_approved_is_not_the_others() {
    let scene = Scene::new();
    let anonymous = |session: &str| {
        let mut call = Call::by("anonymous", "{}");
        call.origin.principal = Principal::new("anonymous", Proof::Anonymous);
        call.origin.session = session.into();
        call
    };
    let call = anonymous("c-1");
    let ticket = scene.open(&call).unwrap();
    let _answered = scene.desk.answer(ticket.id(), &answer("bob", Choice::For(Duration::from_secs(60)))).unwrap();
    assert!(scene.satisfied(&call) && scene.satisfied(&call));
    assert!(!scene.satisfied(&anonymous("c-2")), "another connection is another client");
}

#[tokio::test]
async fn who_has_lost_a_hold_to_its_second_attempt_cannot_take_it_away() {
    let scene = Scene::new();
    let call = Call::new("{}");
    let first = scene.open(&call).unwrap();
    let second = scene.desk.rejoin(first.id(), &call.request(&call.facts())).unwrap();
    drop(first);
    assert_eq!(scene.desk.pending().len(), 1);
    drop(second);
    assert!(scene.desk.pending().is_empty());
}
