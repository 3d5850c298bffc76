//! For tests: a message with the facts that a session would give it. Never part of the product.

use std::borrow::Cow;

use bytes::Bytes;
use gatehold_inspect::{Finding, Findings, Flow, Severity};
use gatehold_session::principal::Proof;
use gatehold_session::{Direction, Facts, Origin, Principal, ToolHints, Transport};
use gatehold_wire::{Kind, Limits, Message, Method, Revision};

use crate::policy::explain::Considered;
use crate::{Decision, Policy, Situation};

/// A message on its way.
pub(crate) struct Scene {
    origin: Origin,
    message: Message,
    direction: Direction,
    revision: Option<Revision>,
    /// For answers: the request that is answered.
    answered: Option<Message>,
    hints: Option<ToolHints>,
}

impl Scene {
    pub(crate) fn from_client(json: &str) -> Self {
        Self::new(json, Direction::FromClient)
    }

    pub(crate) fn from_server(json: &str) -> Self {
        Self::new(json, Direction::FromServer)
    }

    /// A result from the server to this request.
    pub(crate) fn answer(request: &str, result: &str) -> Self {
        Self { answered: Some(parse(request)), ..Self::from_server(result) }
    }

    /// `tools/call` of this tool with these arguments.
    pub(crate) fn call(tool: &str, arguments: &str) -> Self {
        let name = serde_json::to_string(tool).unwrap();
        Self::from_client(&format!(
            r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":{name},"arguments":{arguments}}}}}"#
        ))
    }

    pub(crate) fn read(uri: &str) -> Self {
        Self::on_uri("resources/read", uri)
    }

    pub(crate) fn on_uri(method: &str, uri: &str) -> Self {
        let uri = serde_json::to_string(uri).unwrap();
        Self::from_client(&format!(r#"{{"jsonrpc":"2.0","id":7,"method":"{method}","params":{{"uri":{uri}}}}}"#))
    }

    /// A request without params.
    pub(crate) fn request(method: &str) -> Self {
        Self::from_client(&format!(r#"{{"jsonrpc":"2.0","id":7,"method":"{method}"}}"#))
    }

    /// The result of a list method.
    pub(crate) fn list(method: &str, result: &str) -> Self {
        Self::answer(
            &format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#),
            &format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#),
        )
    }

    fn new(json: &str, direction: Direction) -> Self {
        let origin = Origin {
            session: "s1".into(),
            principal: Principal::new("ada", Proof::LocalUser),
            server: "notes".into(),
            transport: Transport::Stdio,
        };
        Self { origin, message: parse(json), direction, revision: None, answered: None, hints: None }
    }

    pub(crate) fn speaking(self, revision: Revision) -> Self {
        Self { revision: Some(revision), ..self }
    }

    pub(crate) fn by(mut self, principal: Principal) -> Self {
        self.origin.principal = principal;
        self
    }

    pub(crate) fn at(mut self, server: &str) -> Self {
        self.origin.server = server.into();
        self
    }

    pub(crate) fn hinted(self, hints: Option<ToolHints>) -> Self {
        Self { hints, ..self }
    }

    /// One finding about this text of the arguments, where it stands.
    pub(crate) fn found(&self, id: &'static str, severity: Severity, text: &str) -> Findings {
        let quoted = |value: gatehold_wire::json::Raw<'_>| value.as_str().is_some_and(|value| value.contains(text));
        let mut pointer = String::new();
        let walked = self.message.params().unwrap().walk_strings(|spot| {
            if quoted(spot.value()) {
                pointer = format!("/params{}", spot.pointer());
                return std::ops::ControlFlow::Break(());
            }
            std::ops::ControlFlow::Continue(())
        });
        assert!(walked.is_break());
        let start = std::str::from_utf8(self.message.bytes()).unwrap().find(text).unwrap();
        let mut findings = Findings::default();
        findings.push(Finding {
            id,
            rule: "r".into(),
            severity,
            confidence: 1.0,
            pointer: pointer.into(),
            span: start..start + text.len(),
            detail: "".into(),
        });
        findings
    }

    pub(crate) fn message(&self) -> &Message {
        &self.message
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        let asked = self.answered.as_ref().unwrap_or(&self.message);
        let method = asked.method();
        let reference = asked.param("ref");
        let (mut tool, mut prompt, mut resource) = (None, None, None);
        match method {
            Some(Method::ToolsCall) => tool = asked.name(),
            Some(Method::PromptsGet) => prompt = asked.name(),
            Some(Method::Complete) => {
                resource = reference.and_then(|reference| reference.get("uri")).and_then(|uri| uri.as_str());
                if resource.is_none() {
                    prompt = reference.and_then(|reference| reference.get("name")).and_then(|name| name.as_str());
                }
            }
            _ => resource = asked.uri(),
        }
        Facts {
            origin: &self.origin,
            principal: &self.origin.principal,
            direction: self.direction,
            kind: self.message.kind(),
            method,
            revision: self.revision,
            request_id: None,
            tool,
            prompt,
            resource,
            client_claimed: Some(Cow::Borrowed("test")),
            server_claimed: None,
            hints: self.hints,
        }
    }

    pub(crate) fn decide(&self, policy: &Policy) -> Decision {
        self.decide_with(policy, &Findings::default())
    }

    pub(crate) fn decide_with(&self, policy: &Policy, findings: &Findings) -> Decision {
        self.decide_in(policy, findings, &Situation::default())
    }

    pub(crate) fn decide_in(&self, policy: &Policy, findings: &Findings, situation: &Situation<'_>) -> Decision {
        policy.decide(Flow { message: &self.message, facts: &self.facts() }, findings, situation)
    }

    pub(crate) fn explain(&self, policy: &Policy) -> Vec<Considered> {
        let flow = Flow { message: &self.message, facts: &self.facts() };
        policy.explain(flow, &Findings::default(), &Situation::default())
    }

    /// The verdict and the decisive reason, for instance `deny no-secrets`.
    pub(crate) fn verdict(&self, policy: &Policy) -> String {
        let decision = self.decide(policy);
        assert!(!decision.reasons.is_empty());
        let hidden = if decision.hidden { " hidden" } else { "" };
        format!("{} {}{hidden}", decision.verdict.name(), decision.reasons[0].rule)
    }
}

fn parse(json: &str) -> Message {
    let message = Message::parse(Bytes::from(json.to_owned()), &Limits::default()).unwrap();
    assert!(message.kind() != Kind::Error || message.error().is_some());
    message
}

/// A policy that must load.
pub(crate) fn policy(text: &str) -> Policy {
    match Policy::load("policy.yaml", text) {
        Ok(policy) => policy,
        Err(error) => panic!("{error}"),
    }
}

/// One finding.
pub(crate) fn finding(id: &'static str, severity: Severity) -> Findings {
    let mut findings = Findings::default();
    findings.push(Finding {
        id,
        rule: "r".into(),
        severity,
        confidence: 1.0,
        pointer: "".into(),
        span: 0..1,
        detail: "".into(),
    });
    findings
}
