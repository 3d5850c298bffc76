//! Who, when, how often and with what effect: the conditions beyond names and arguments, layers, roles and grants.

use gatehold_inspect::{Findings, Severity};
use gatehold_session::principal::Attributes;
use gatehold_session::{Principal, Proof, ToolHints};
use gatehold_wire::Revision;

use crate::grant::{Grant, Grantee};
use crate::obligation::{Demand, Dimension, Manner};
use crate::policy::explain::Came;
use crate::policy::glob::Glob;
use crate::scene::{Scene, finding, policy};
use crate::situation::{Situation, Tally};
use crate::{Policy, Verdict};

fn ada() -> Principal {
    let pair = |name: &str, value: &str| (name.into(), value.into());
    Principal::vouched("ada", Proof::Token, Some("https://id.example"), Some("agent-1")).with_attributes(Attributes {
        roles: ["operator".into(), "reader".into()].into(),
        groups: ["eng".into()].into(),
        scopes: ["tools:call".into()].into(),
        labels: [pair("team", "payments"), pair("site", "zrh")].into(),
        tenant: Some("acme".into()),
    })
}

fn layered(top: &str, layers: &[(&str, &str)]) -> Result<Policy, crate::LoadError> {
    Policy::load_with("top", top, &|_, name| {
        let layer = layers.iter().find(|(known, _)| *known == name);
        layer.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).ok_or_else(|| "no such layer".to_owned())
    })
}

#[test]
fn rules_know_who_calls_and_how() {
    let scene = || Scene::call("x", "{}").by(ada()).speaking(Revision::V2025_11_25);
    let cases = [
        ("principal: \"ad*\"", true),
        ("principal: [bob, eve]", false),
        ("role: operator", true),
        ("role: [\"lead*\", reader]", true),
        ("role: admin", false),
        ("group: \"e*\"", true),
        ("group: ops", false),
        ("scope: \"tools:*\"", true),
        ("scope: admin", false),
        ("label: {team: \"pay*\"}", true),
        ("label: {team: \"pay*\", site: zrh}", true),
        ("label: {team: \"pay*\", floor: \"*\"}", false),
        ("tenant: acme", true),
        ("tenant: other", false),
        ("proof: [api_key, token]", true),
        ("proof: mtls", false),
        ("client: \"agent-*\"", true),
        ("client: other", false),
        ("transport: [stdio, unix]", true),
        ("transport: http", false),
        ("revision: \"2025-*\"", true),
        ("revision: [\"2024-11-05\"]", false),
    ];
    for (condition, expected) in cases {
        for action in ["allow", "deny", "hold", "audit", "step_up"] {
            let default = if action == "allow" || action == "audit" { "deny" } else { "allow" };
            let policy = policy(&format!(
                "version: 1\ndefault: {default}\nrules: [{{name: one, action: {action}, match: {{{condition}}}}}]\n"
            ));
            let reason = scene().decide(&policy).reasons[0].rule.clone();
            assert_eq!(&*reason != "default", expected, "{action} {condition}");
        }
    }
    let nobody = Scene::call("x", "{}");
    for condition in ["role: \"*\"", "tenant: \"*\"", "client: \"*\"", "label: {team: \"*\"}", "scope: \"*\""] {
        let policy = policy(&format!("version: 1\nrules: [{{name: one, action: allow, match: {{{condition}}}}}]\n"));
        assert_eq!(nobody.verdict(&policy), "deny default hidden", "who has none matches nothing: {condition}");
    }
}

#[test]
fn what_is_forbidden_is_forbidden_whatever_else_is_said() {
    let text = "version: 1
default: allow
rules: [{name: all, action: allow}]
forbid: [{name: no-drop, match: {tool: \"drop_*\"}, reason: Never., tags: [\"owasp-asi-2026:ASI02\"]}]
";
    let policy = policy(text);
    let grants = [grant("g1", &["*"], &[])];
    let situation = Situation { now: 150, grants: &grants, ..Situation::default() };
    let decision = Scene::call("drop_table", "{}").decide_in(&policy, &Findings::default(), &situation);
    assert_eq!((decision.verdict, &*decision.reasons[0].rule), (Verdict::Deny, "no-drop"));
    assert_eq!(&*decision.tags, ["owasp-asi-2026:ASI02".into()]);
    let below = layered(
        "version: 1\nextends: [org]\nrules: [{name: all, action: allow}]\n",
        &[("org", "version: 1\nforbid: [{name: no-drop, match: {tool: \"drop_*\"}}]\n")],
    )
    .unwrap();
    assert_eq!(Scene::call("drop_table", "{}").verdict(&below), "deny no-drop hidden");
}

fn grant(id: &str, tools: &[&str], resources: &[&str]) -> Grant {
    let globs = |patterns: &[&str]| patterns.iter().map(|pattern| Glob::new(pattern).unwrap()).collect();
    Grant {
        id: id.into(),
        grantee: Grantee::Principal("ada".into()),
        servers: globs(&["notes"]),
        tools: globs(tools),
        prompts: globs(&[]),
        resources: globs(resources),
        from: 100,
        until: 200,
        emergency: false,
    }
}

#[test]
fn grants_allow_calls_entries_and_both_forms_of_a_resource_while_they_last() {
    let strict = policy("version: 1\nrules: [{name: no, action: deny}]\n");
    let grants = [grant("other", &["y"], &[]), grant("g1", &["x"], &["file:///srv/**"])];
    let decide = |scene: &Scene, now| {
        let decision =
            scene.decide_in(&strict, &Findings::default(), &Situation { now, grants: &grants, ..Situation::default() });
        format!("{} {}", decision.verdict.name(), decision.reasons[0].rule)
    };
    assert_eq!(decide(&Scene::call("x", "{}"), 150), "allow grant:g1");
    assert_eq!(decide(&Scene::call("x", "{}"), 200), "deny no", "over");
    assert_eq!(decide(&Scene::call("z", "{}"), 150), "deny no");
    assert_eq!(decide(&Scene::read("file:///srv/a"), 150), "allow grant:g1");
    assert_eq!(decide(&Scene::read("file:///srv/../etc/passwd"), 150), "deny no", "the plain form is elsewhere");
    assert_eq!(decide(&Scene::on_uri("resources/subscribe", "file:///srv/a"), 150), "allow grant:g1");
    let all = policy("version: 1\nrules: [{name: lists, action: allow, match: {method: tools/list}}]\n");
    let list = Scene::list("tools/list", r#"{"tools":[{"name":"x"},{"name":"z"}]}"#);
    let situation = Situation { now: 150, grants: &grants, ..Situation::default() };
    let decision = list.decide_in(&all, &Findings::default(), &situation);
    assert_eq!(decision.edits.len(), 1, "only the entry without a grant is taken out");
}

#[test]
fn roles_allow_after_the_rules_of_their_layer() {
    let text = "version: 1
rules: [{name: no-secrets, action: deny, match: {tool: read_secret}}]
roles:
  operator:
    - {server: notes, tool: [\"read_*\"], arguments: {table: {one_of: [a, b]}}}
    - {resource: \"file:///srv/**\"}
  idle: []
";
    let policy = policy(text);
    let by = |scene: Scene, principal: Principal| scene.by(principal).verdict(&policy);
    let bob = Principal::new("bob", Proof::LocalUser)
        .with_attributes(Attributes { roles: ["idle".into(), "oper".into()].into(), ..Attributes::default() });
    assert_eq!(by(Scene::call("read_x", r#"{"table":"a"}"#), ada()), "allow role:operator");
    assert_eq!(
        by(Scene::call("read_x", r#"{"table":["a","c"]}"#), ada()),
        "deny default",
        "every value must be allowed"
    );
    assert_eq!(by(Scene::call("read_x", "{}"), ada()), "deny default");
    assert_eq!(by(Scene::call("read_secret", r#"{"table":"a"}"#), ada()), "deny no-secrets hidden");
    assert_eq!(by(Scene::read("file:///srv/x"), ada()), "allow role:operator");
    assert_eq!(by(Scene::call("read_x", r#"{"table":"a"}"#), bob), "deny default hidden", "empty means closed");
}

#[test]
fn layers_stand_in_a_visible_order_and_the_nearest_that_says_so_has_the_default() {
    let rule =
        |name: &str, action: &str| format!("rules: [{{name: {name}, action: {action}, match: {{tool: {name}}}}}]\n");
    let base = format!("version: 1\ndefault: allow\nmode: audit\n{}", rule("base", "deny"));
    let org = format!("version: 1\nextends: [base]\n{}", rule("org", "deny"));
    let team = format!("version: 1\nextends: [base]\nmode: enforce\n{}", rule("team", "deny"));
    let top = format!("version: 1\nextends: [org, team]\n{}", rule("base", "allow"));
    let layers = [("base", base.as_str()), ("org", org.as_str()), ("team", team.as_str())];
    let policy = layered(&top, &layers).unwrap();
    let names: Vec<&str> = policy.layers().iter().map(|layer| &*layer.name).collect();
    assert_eq!(names, ["top", "org", "team", "base"], "a layer that two extend stands behind both");
    assert_eq!((policy.default_verdict(), policy.mode().name()), (Verdict::Allow, "enforce"));
    assert_eq!(Scene::call("base", "{}").verdict(&policy), "allow base", "the nearest layer decides first");
    assert_eq!(Scene::call("team", "{}").verdict(&policy), "deny team hidden");
    assert_eq!(Scene::call("other", "{}").verdict(&policy), "allow default");
    assert_ne!(policy.digest(), &policy.layers()[0].digest);

    let closed = layered("version: 1\nextends: [more]\n", &[("more", "version: 1\n")]).unwrap();
    assert_eq!(closed.default_verdict(), Verdict::Deny, "nobody says anything: closed");
}

#[test]
fn layers_that_cannot_be_joined_are_refused() {
    let shown = |top: &str, layers: &[(&str, &str)]| layered(top, layers).unwrap_err().to_string();
    let cycle = shown(
        "version: 1\nextends: [a]\n",
        &[("a", "version: 1\nextends: [b]\n"), ("b", "version: 1\nextends: [a]\n")],
    );
    assert!(cycle.contains("`a` extends itself") && cycle.contains("the way round: top, a, b, a"), "{cycle}");
    let deep: Vec<(String, String)> =
        (0..12).map(|level| (format!("l{level}"), format!("version: 1\nextends: [l{}]\n", level + 1))).collect();
    let deep: Vec<(&str, &str)> = deep.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert!(shown("version: 1\nextends: [l0]\n", &deep).contains("more than 8 deep"));
    let many: Vec<(String, String)> = (0..40).map(|index| (format!("m{index}"), "version: 1\n".to_owned())).collect();
    let names: Vec<&str> = many.iter().map(|(name, _)| name.as_str()).collect();
    let top = format!("version: 1\nextends: [{}]\n", names.join(", "));
    let many: Vec<(&str, &str)> = many.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert!(shown(&top, &many).contains("more than 32 layers"));
    let both = shown("version: 1\nextends: [a]\nmod: x\n", &[("a", "version: 2\n")]);
    assert!(both.contains("--> top:3:1") && both.contains("--> a:1:10"), "errors of every layer: {both}");
    assert!(Policy::load("p", "version: 1\nextends: [standard]\n").is_err());
}

#[test]
fn diamonds_of_layers_do_not_explode() {
    let layers: Vec<(String, String)> = (0..7)
        .map(|level| {
            let next: Vec<String> = (0..4).map(|_| format!("d{}", level + 1)).collect();
            (format!("d{level}"), format!("version: 1\nextends: [{}]\n", next.join(", ")))
        })
        .chain([("d7".to_owned(), "version: 1\n".to_owned())])
        .collect();
    let layers: Vec<(&str, &str)> = layers.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert!(layered("version: 1\nextends: [d0]\n", &layers).is_err(), "named too often");
}

#[test]
fn effects_stand_in_the_decision() {
    let text = "version: 1
rules:
  - {name: slow, action: limit, match: {tool: x}, limit: {rate: 10/m, burst: 5, per: [principal, tool, \"label:team\"]}}
  - {name: windowed, action: limit, limit: {rate: 100/15m, manner: sliding}}
  - {name: ask, action: hold, match: {tool: x}, reason: Two people., approval: {people: 2, roles: [lead], wait: 2m, ask: [client, host]}}
  - {name: factor, action: step_up, match: {tool: y}, second_factor: {lasts: 1h}}
  - {name: rest, action: allow}
";
    let policy = policy(text);
    let held = Scene::call("x", "{}").decide(&policy);
    assert_eq!((held.verdict, &*held.reasons[0].rule), (Verdict::Hold, "ask"));
    let Some(Demand::Approval(demand)) = held.demand.as_deref() else { panic!("{held:?}") };
    assert_eq!((demand.people, demand.wait.as_secs(), demand.ask.len()), (2, 120, 2));
    let names: Vec<&str> = held.limits.iter().map(|limit| &*limit.name).collect();
    assert_eq!(names, ["slow", "windowed"]);
    assert_eq!((held.limits[0].rate.count, held.limits[0].rate.burst), (10, 5));
    assert_eq!(held.limits[0].per[2], Dimension::Label("team".into()));
    assert_eq!((held.limits[1].rate.manner, held.limits[1].rate.per.as_secs()), (Manner::Sliding, 900));
    let factor = Scene::call("y", "{}").decide(&policy);
    let Some(Demand::StepUp(demand)) = factor.demand.as_deref() else { panic!("{factor:?}") };
    assert_eq!((demand.wait.as_secs(), demand.lasts.as_secs()), (120, 3600));
    let passed = Scene::call("z", "{}").decide(&policy);
    assert_eq!((passed.verdict, passed.limits.len(), passed.demand), (Verdict::Allow, 1, None));
    let list = Scene::list("tools/list", r#"{"tools":[{"name":"x"},{"name":"y"}]}"#).decide(&policy);
    assert!(list.edits.is_empty(), "what is held is shown");
}

#[test]
fn what_is_denied_is_neither_charged_nor_asked_for() {
    let text = "version: 1
default: allow
rules:
  - {name: slow, action: limit, limit: {rate: 10/m}}
  - {name: ask, action: hold, match: {tool: x}}
  - {name: no, action: deny, match: {tool: y}}
findings: [{id: \"PI*\", action: deny}]
";
    let policy = policy(text);
    let denied = Scene::call("y", "{}").decide(&policy);
    assert!(denied.limits.is_empty() && denied.demand.is_none());
    let found = Scene::call("x", "{}").decide_with(&policy, &finding("PI001", Severity::High));
    assert_eq!((found.verdict, found.limits.len(), found.demand), (Verdict::Deny, 0, None));
}

#[test]
fn a_denial_is_hidden_or_shown_as_its_rule_says() {
    let text = "version: 1
default: allow
rules:
  - {name: shown, action: deny, hidden: false, match: {tool: x}}
  - {name: gone, action: deny, hidden: true, match: {tool: y, arguments: {a: 1}}}
  - {name: plain, action: deny, match: {tool: z}}
";
    let policy = policy(text);
    assert_eq!(Scene::call("x", "{}").verdict(&policy), "deny shown");
    assert_eq!(Scene::call("y", r#"{"a":1}"#).verdict(&policy), "deny gone hidden");
    assert_eq!(Scene::call("z", "{}").verdict(&policy), "deny plain hidden");
    let list = Scene::list("tools/list", r#"{"tools":[{"name":"x"},{"name":"y"},{"name":"z"}]}"#);
    assert_eq!(list.decide(&policy).edits.len(), 1, "only z is taken out");
}

#[test]
fn hints_make_decisions_stricter_and_never_milder() {
    let text = "version: 1
rules:
  - {name: seen, action: audit, match: {tool: x, hints: {destructive: true}}}
  - {name: ask, action: hold, match: {tool: x, hints: {destructive: true}}}
  - {name: rest, action: allow, match: {tool: x}}
";
    let policy = policy(text);
    let with = |hints| Scene::call("x", "{}").hinted(hints).decide(&policy);
    let said = |read_only, destructive| Some(ToolHints { read_only, destructive, ..ToolHints::default() });
    let held = with(said(None, Some(true)));
    assert_eq!((held.verdict, &*held.reasons[1].rule), (Verdict::Hold, "audit:seen"));
    assert_eq!(with(None).verdict, Verdict::Hold, "what is not said is as the protocol has it: destructive");
    assert_eq!(with(said(None, None)).verdict, Verdict::Hold);
    assert_eq!(with(said(Some(true), None)).verdict, Verdict::Allow);
    assert_eq!(with(said(Some(true), Some(true))).verdict, Verdict::Hold, "contradictions count as the stricter");
    let marking =
        super::policy("version: 1\nrules: [{name: seen, action: audit, match: {hints: {read_only: true}}}]\n");
    let claimed = Scene::call("x", "{}").hinted(said(Some(true), None)).verdict(&marking);
    assert_eq!(claimed, "deny default hidden", "a claim lets nothing pass");
    let resting = "version: 1
rules: [{name: a, action: allow, match: {hints: {read_only: true}}}]
";
    assert!(Policy::load("p", resting).is_err());
}

#[test]
fn moments_counters_findings_and_risk_are_conditions() {
    let hours = policy(
        "version: 1\nrules: [{name: work, action: allow, match: {time: {days: [mon-fri], from: \"08:00\", to: \"18:00\", zone: Europe/Zurich}}}]\n",
    );
    let at = |now| {
        Scene::call("x", "{}").decide_in(&hours, &Findings::default(), &Situation { now, ..Situation::default() })
    };
    assert_eq!(at(1_795_158_000).verdict, Verdict::Allow, "Friday 2026-11-20 07:00 UTC is eight in Zurich");
    assert_eq!(at(1_795_157_999).verdict, Verdict::Deny);
    assert_eq!(at(i64::MAX).verdict, Verdict::Deny);

    let counted = policy(
        "version: 1\ndefault: allow\nrules: [{name: many, action: deny, match: {tally: {calls: {above: 2}, denied: {at_most: 9}}}}]\n",
    );
    let after = |calls, denied| {
        let tally = Tally { calls, denied, ..Tally::default() };
        Scene::call("x", "{}")
            .decide_in(&counted, &Findings::default(), &Situation { tally, ..Situation::default() })
            .verdict
    };
    assert_eq!((after(2, 0), after(3, 0), after(3, 10)), (Verdict::Allow, Verdict::Deny, Verdict::Allow));

    let found = policy(
        "version: 1\ndefault: allow\nrules: [{name: bad, action: hold, match: {findings: {id: \"PI*\", at_least: high}}}]\n",
    );
    assert!(found.wants_findings());
    let with = |id, severity| Scene::call("x", "{}").decide_with(&found, &finding(id, severity)).verdict;
    assert_eq!(
        (with("PI001", Severity::High), with("PI001", Severity::Low), with("SE001", Severity::High)),
        (Verdict::Hold, Verdict::Allow, Verdict::Allow)
    );

    let risky = policy("version: 1\nrules: [{name: calm, action: allow, match: {risk: {below: 0.7}}}]\n");
    let with = |severity| Scene::call("x", "{}").decide_with(&risky, &finding("PI001", severity)).verdict;
    assert_eq!((with(Severity::Info), with(Severity::High)), (Verdict::Allow, Verdict::Deny));
    assert_eq!(Scene::call("x", "{}").verdict(&risky), "allow calm");
    let list = Scene::list("tools/list", r#"{"tools":[{"name":"x"}]}"#);
    assert!(list.decide(&risky).edits.is_empty(), "what is not known yet hides nothing");
}

#[test]
fn what_is_taken_out_is_taken_out_or_nothing_passes() {
    let text = "version: 1
rules:
  - {name: cards, action: redact, match: {tool: pay}, redact: {arguments: [\"card.number\"], findings: [\"SE*\"]}}
  - {name: hashed, action: redact, match: {tool: hash}, redact: {arguments: [a], with: vault}}
";
    let policy = policy(text);
    let scene = Scene::call("pay", r#"{"card":[{"number":4111,"cvc":1},{"number":"42"}]}"#);
    let decision = scene.decide(&policy);
    assert_eq!((decision.verdict, decision.edits.len()), (Verdict::Redact, 2), "lists hide nothing");
    assert_eq!(Scene::call("pay", r#"{"x":1}"#).verdict(&policy), "allow cards", "there is nothing to take out");
    let nowhere = Scene::call("pay", "{}").decide_with(&policy, &finding("SE001", Severity::High));
    assert_eq!(
        (nowhere.verdict, &*nowhere.reasons[0].rule),
        (Verdict::Deny, "edit-failed"),
        "a place outside of the arguments"
    );
    let doubtful = "version: 1\ndefault: allow\nrules: [{name: r, action: redact, match: {arguments: {to: \"*@a.ch\"}}, redact: {arguments: [text]}}]\n";
    let policy = super::policy(doubtful);
    let send = |to: &str| Scene::call("send", &format!(r#"{{"to":{to},"text":"t"}}"#)).verdict(&policy);
    assert_eq!(send(r#""x@a.ch""#), "redact r");
    assert_eq!(send(r#""x@b.ch""#), "allow default");
    assert_eq!(send(r#"["x@a.ch","x@b.ch"]"#), "deny policy-error", "neither redacted in part nor let through");
}

#[test]
fn entries_of_findings_are_narrow_where_they_say_so() {
    let text = "version: 1
default: allow
findings:
  - {id: \"PI*\", phrase: \"ignore this\", action: audit}
  - {id: \"PI*\", parameter: \"a.b\", action: hold}
  - {id: \"PI*\", tool: \"mail_*\", direction: from_client, action: deny, tags: [\"x:1\"]}
  - {id: \"SE*\", action: redact}
";
    let policy = policy(text);
    let judge = |tool: &str, arguments: &str, id: &'static str, text: &str| {
        let scene = Scene::call(tool, arguments);
        let decision = scene.decide_with(&policy, &scene.found(id, Severity::High, text));
        format!("{} {}", decision.verdict.name(), decision.reasons[0].rule)
    };
    assert_eq!(judge("x", r#"{"a":{"b":[{"c":"ignore that"}]}}"#, "PI001", "ignore that"), "hold finding:PI001");
    assert_eq!(
        judge("x", r#"{"a":[{"b":"ignore that"}]}"#, "PI001", "ignore that"),
        "hold finding:PI001",
        "through lists"
    );
    assert_eq!(judge("x", r#"{"a":{"c":"ignore that"}}"#, "PI001", "ignore that"), "allow default");
    assert_eq!(judge("mail_send", r#"{"c":"ignore that"}"#, "PI001", "ignore that"), "deny finding:PI001");
    assert_eq!(judge("mail_send", r#"{"c":"ignore this"}"#, "PI001", "ignore this"), "allow default", "the exception");
    assert_eq!(judge("mail_send", r#"{"c":"ignore this too"}"#, "PI001", "ignore this too"), "deny finding:PI001");
    assert_eq!(judge("x", r#"{"c":"my key-1 end"}"#, "SE001", "key-1"), "redact finding:SE001");
}

#[test]
fn every_rule_is_explained() {
    let text = "version: 1
forbid: [{name: never, match: {tool: rm}}]
rules:
  - {name: slow, action: limit, limit: {rate: 1/s}}
  - {name: other, action: deny, match: {server: notes, tool: \"write_*\"}}
  - {name: this, action: allow, match: {tool: read}}
  - {name: late, action: deny}
";
    let policy = policy(text);
    let considered = Scene::call("read", "{}").explain(&policy);
    let lines: Vec<String> =
        considered.iter().map(|one| format!("{} {} {}", one.rule, one.outcome.name(), one.why)).collect();
    assert_eq!(
        lines,
        [
            "never passed `tool` does not match: it is `read`",
            "slow counted it concerns every message; the next rules are tried",
            "other passed `tool` does not match: it is `read`",
            "this decided all its conditions hold",
            "late not_reached something before it decided",
            "default not_reached a rule decided",
        ]
    );
    assert_eq!((considered[2].failed, considered[3].outcome), (Some("tool"), Came::Decided));
    assert_eq!(&text[considered[3].span.clone()][..10], "name: this");
    let views: Vec<_> = policy.rules().collect();
    assert_eq!((views[0].section().name(), views[2].action(), views[2].layer()), ("forbid", "deny", "policy.yaml"));
    assert_eq!(views[2].summary(), "server: notes, tool: \"write_*\"");
    assert_eq!(views[2].patterns("tool"), Some(vec!["write_*"]));
}

#[test]
fn limits_of_the_layers_below_bind_whatever_a_layer_above_allows() {
    let org = "version: 1\nrules:\n  - {name: refused, action: deny, match: {tool: no}}\n  - {name: slow, action: limit, match: {tool: send}, limit: {rate: 1/m}}\n  - {name: broken, action: limit, match: {tool: bad}, when: 'args.n > 1', limit: {rate: 1/m}}\n";
    let top = "version: 1\nextends: [org]\nrules:\n  - {name: all, action: allow, match: {tool: [send, bad, no]}}\n  - {name: after, action: limit, match: {tool: send}, limit: {rate: 2/m}}\n";
    let policy = layered(top, &[("org", org)]).unwrap();
    let names = |tool: &str| {
        let decision = Scene::call(tool, "{}").decide(&policy);
        let limits: Vec<String> = decision.limits.iter().map(|limit| limit.name.to_string()).collect();
        (decision.verdict, limits)
    };
    assert_eq!(names("send"), (Verdict::Allow, vec!["slow".to_owned()]), "within a layer the first rule wins");
    assert_eq!(names("bad").0, Verdict::Deny, "a limit that cannot be evaluated denies");
    assert_eq!(names("no"), (Verdict::Allow, Vec::new()), "only limits reach up");
    let told = |tool: &str, rule: &str| {
        let considered = Scene::call(tool, "{}").explain(&policy);
        considered.iter().find(|one| &*one.rule == rule).map(|one| one.outcome.name()).unwrap()
    };
    assert_eq!(told("send", "slow"), "counted");
    assert_eq!(told("send", "refused"), "not_reached");
}
