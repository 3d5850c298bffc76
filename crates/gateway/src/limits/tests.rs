//! Limits as messages meet them: what counts apart, what counts together, and what is not charged.

use std::borrow::Cow;

use gatehold_decide::obligation::{Dimension, Manner, Rate};
use gatehold_decide::{Mode, Policy};
use gatehold_inspect::{Findings, Flow};
use gatehold_session::principal::{Attributes, Proof};
use gatehold_session::{Origin, Principal, Transport};
use gatehold_wire::{Limits, Message};

use super::rates::RateRule;
use super::*;

fn limit(name: &str, count: u32, per: &[Dimension]) -> Limit {
    let rate = Rate { count, per: Duration::from_secs(3600), burst: count, manner: Manner::Bucket };
    Limit { name: name.into(), rate, per: per.into(), text: None }
}

fn everything(limit: Limit) -> RateRule {
    RateRule { limit: limit.into(), servers: Box::default(), methods: Box::default(), tools: Box::default() }
}

fn of(principal: Principal, session: &str) -> Origin {
    Origin { session: session.into(), principal, server: "one".into(), transport: Transport::StreamableHttp }
}

fn key(name: &str, client: Option<&str>) -> Principal {
    Principal::vouched(name, Proof::ApiKey, None, client)
}

fn message(method: &str, id: bool) -> Message {
    let id = if id { r#""id":1,"# } else { "" };
    let text = format!(r#"{{"jsonrpc":"2.0",{id}"method":"{method}","params":{{"name":"read"}}}}"#);
    Message::parse(text.into(), &Limits::default()).unwrap()
}

/// Charges one message, and says by which reason it was refused.
fn charge(limiter: &Limiter, origin: &Origin, message: &Message, claimed: &str) -> Option<String> {
    let mut facts = Facts::of(origin, Direction::FromClient, message, None);
    facts.client_claimed = Some(Cow::Owned(claimed.to_owned()));
    let policy = Policy::none();
    let findings = Findings::default();
    let mut decision =
        policy.decide(Flow { message, facts: &facts }, &findings, &gatehold_decide::Situation::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(limiter.charge(&mut decision, &facts));
    assert_eq!(decision.mode, Mode::Enforce);
    (decision.verdict == Verdict::Deny).then(|| decision.reasons[0].rule.to_string())
}

fn call(limiter: &Limiter, origin: &Origin) -> Option<String> {
    charge(limiter, origin, &message("tools/call", true), "")
}

#[test]
fn neither_another_session_nor_another_name_nor_another_key_gives_a_principal_another_share() {
    for per in [Dimension::Principal, Dimension::Client] {
        let limiter = Limiter::new(Rates::new(vec![everything(limit("l", 3, std::slice::from_ref(&per)))]));
        assert_eq!(call(&limiter, &of(key("ada", None), "s1")), None);
        assert_eq!(call(&limiter, &of(key("ada", None), "s2")), None);
        assert_eq!(charge(&limiter, &of(key("ada", None), "s3"), &message("tools/list", true), "other/1"), None);
        assert_eq!(call(&limiter, &of(key("ada", None), "s4")).as_deref(), Some("limit:l"), "{per:?}");
        assert_eq!(call(&limiter, &of(key("bob", None), "s4")), None);
    }
    let limiter = Limiter::new(Rates::new(vec![everything(limit("l", 1, &[Dimension::Principal]))]));
    assert_eq!(call(&limiter, &of(key("ada", Some("k1")), "s")), None);
    assert!(call(&limiter, &of(key("ada", Some("k2")), "s")).is_some());
    let token = Principal::vouched("ada", Proof::Token, Some("https://b.example"), None);
    assert_eq!(call(&limiter, &of(token, "s")), None, "somebody else's ada is somebody else");
}

#[test]
fn labels_and_tenants_count_together_and_those_without_count_as_one() {
    let with = |name: &str, team: Option<&str>| {
        let labels = team.map(|team| ("team".into(), team.into())).into_iter().collect();
        key(name, None).with_attributes(Attributes { labels, tenant: team.map(Into::into), ..Attributes::default() })
    };
    for per in [Dimension::Tenant, Dimension::Label("team".into())] {
        let limiter = Limiter::new(Rates::new(vec![everything(limit("l", 1, &[per]))]));
        assert_eq!(call(&limiter, &of(with("ada", Some("x")), "s")), None);
        assert!(call(&limiter, &of(with("bob", Some("x")), "s")).is_some());
        assert_eq!(call(&limiter, &of(with("bob", Some("")), "s")), None, "an empty name is a name");
        assert_eq!(call(&limiter, &of(with("bob", None), "s")), None);
        assert!(call(&limiter, &of(with("eve", None), "s")).is_some());
    }
}

#[test]
fn what_concerns_a_message_is_charged_and_nothing_else() {
    let mut calls = everything(limit("calls", 1, &[]));
    calls.methods = [gatehold_decide::policy::glob::Glob::new("tools/call").unwrap()].into();
    calls.tools = [gatehold_decide::policy::glob::Glob::new("re*").unwrap()].into();
    let limiter = Limiter::new(Rates::new(vec![calls]));
    let origin = of(key("ada", None), "s");
    assert_eq!(call(&limiter, &origin), None);
    assert!(call(&limiter, &origin).is_some());
    for free in ["tools/list", "prompts/get", "ping"] {
        assert_eq!(charge(&limiter, &origin, &message(free, true), ""), None, "{free}");
    }
    let limiter = Limiter::new(Rates::new(vec![everything(limit("all", 1, &[]))]));
    for _ in 0..5 {
        assert_eq!(charge(&limiter, &origin, &message("notifications/initialized", false), ""), None);
    }
    assert_eq!(charge(&limiter, &origin, &message("ping", true), ""), None);
    assert!(charge(&limiter, &origin, &message("ping", true), "").is_some());
}

#[test]
fn a_message_that_one_limit_refuses_is_charged_to_none() {
    let rates = vec![everything(limit("wide", 4, &[])), everything(limit("narrow", 1, &[Dimension::Principal]))];
    let limiter = Limiter::new(Rates::new(rates));
    assert_eq!(call(&limiter, &of(key("greedy", None), "s")), None);
    for _ in 0..100 {
        assert_eq!(call(&limiter, &of(key("greedy", None), "s")).as_deref(), Some("limit:narrow"));
    }
    for other in ["a", "b", "c"] {
        assert_eq!(call(&limiter, &of(key(other, None), "s")), None, "the greedy one took nothing of the others");
    }
    assert_eq!(call(&limiter, &of(key("d", None), "s")).as_deref(), Some("limit:wide"));
}

#[test]
fn a_limit_that_changes_counts_anew_and_one_that_stays_goes_on() {
    let limiter = Limiter::new(Rates::new(vec![everything(limit("l", 2, &[]))]));
    let origin = of(key("ada", None), "s");
    assert_eq!(call(&limiter, &origin), None);
    limiter.replace_rates(Rates::new(vec![everything(limit("l", 2, &[])), everything(limit("m", 9, &[]))]));
    assert_eq!(call(&limiter, &origin), None);
    assert!(call(&limiter, &origin).is_some());
    limiter.replace_rates(Rates::new(vec![everything(limit("l", 3, &[]))]));
    assert_eq!(call(&limiter, &origin), None);
}

/// Thousands of names for tools, all of one principal: others stay as they are.
#[test]
fn a_flood_of_names_fills_only_the_place_of_whoever_sends_it() {
    let limiter = Limiter::new(Rates::new(vec![everything(limit("l", 2, &[Dimension::Principal, Dimension::Tool]))]));
    let greedy = of(key("greedy", None), "s");
    let mut refused = 0;
    for number in 0..6000 {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"t{number}"}}}}"#);
        let message = Message::parse(text.into(), &Limits::default()).unwrap();
        refused += u32::from(charge(&limiter, &greedy, &message, "").is_some());
    }
    assert!(refused >= 6000 - 4096, "{refused}");
    let beside = (0..64).filter(|number| call(&limiter, &of(key(&format!("p{number}"), None), "s")).is_none()).count();
    assert!(beside >= 56, "only who lives beside it may find no place: {beside} of 64");
}
