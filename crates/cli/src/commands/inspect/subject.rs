//! What is inspected: a text with what is known about it, or a whole message. Reads rows; finds and judges by the same
//! registry and the same table as the gate.

use std::borrow::Cow;

use bytes::Bytes;
use gatehold_decide::{Verdict, standard};
use gatehold_inspect::detectors::roles;
use gatehold_inspect::{Findings, Flow, Registry, TextKind};
use gatehold_session::principal::Proof;
use gatehold_session::{Direction, Facts, Origin, Principal, Transport};
use gatehold_wire::json::{self, Raw, Type};
use gatehold_wire::{Kind, Limits, Message, Method};

use super::model::{Said, Tier};

/// What the command says about texts that do not say it themselves.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) kind: Option<TextKind>,
    pub(super) tool: Option<String>,
    pub(super) parameter: Option<String>,
}

/// Something to inspect.
#[derive(Debug)]
pub(super) struct Subject {
    /// The id as it was written, as JSON.
    id: Option<String>,
    pub(super) body: Body,
}

/// The thing itself.
#[derive(Debug)]
pub(super) enum Body {
    Text { text: String, kind: TextKind, tool: Option<String>, parameter: Option<String> },
    Message(Box<Message>),
}

/// What was found in a subject.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) findings: Findings,
    pub(super) action: Verdict,
    /// What a model says, where one is asked.
    pub(super) model: Option<Said>,
}

/// What a line seems to be.
pub(super) enum Guess {
    Row,
    Message,
    /// Some other JSON object.
    Other,
}

/// Tells what a line is, if it is a JSON object. Where the command already says what a text is for (`has_kind`), a row
/// has to say so itself: arguments may have a member `text` too.
pub(super) fn guess(line: &[u8], has_kind: bool) -> Option<Guess> {
    let value = json::check(line, &Limits::default()).ok().filter(|value| value.kind() == Type::Object)?;
    let is_row =
        value.get("text").is_some_and(|text| text.kind() == Type::String) && (!has_kind || value.get("kind").is_some());
    Some(match (is_row, value.get("jsonrpc").is_some()) {
        (true, _) => Guess::Row,
        (false, true) => Guess::Message,
        (false, false) if value.get("kind").is_some() && value.get("id").is_some() => Guess::Row,
        (false, false) => Guess::Other,
    })
}

/// Whether the bytes are one JSON-RPC message, or try to be.
pub(super) fn is_message(bytes: &[u8]) -> bool {
    json::check(bytes, &Limits::default()).is_ok_and(|value| value.get("jsonrpc").is_some())
}

impl Subject {
    /// A text about which only the command says something.
    pub(super) fn text(text: String, shape: &Shape) -> Self {
        let kind = shape.kind.unwrap_or(TextKind::ToolOutput);
        let body = Body::Text { text, kind, tool: shape.tool.clone(), parameter: shape.parameter.clone() };
        Self { id: None, body }
    }

    /// A JSON-RPC message.
    pub(super) fn message(bytes: &[u8]) -> Result<Self, String> {
        let message = Message::parse(Bytes::copy_from_slice(bytes.trim_ascii()), &Limits::default())
            .map_err(|refusal| refusal.to_string())?;
        Ok(Self { id: message.id().map(|id| id.0.to_owned()), body: Body::Message(Box::new(message)) })
    }

    /// One line of many. The error comes with the id, where there is one.
    pub(super) fn row(line: &[u8], shape: &Shape) -> Result<Self, (Option<String>, String)> {
        let value = json::check(line, &Limits::default()).map_err(|refusal| (None, refusal.to_string()))?;
        if value.kind() != Type::Object {
            return Err((None, "a row is a JSON object with `text` and `kind`".to_owned()));
        }
        let id = value.get("id").map(|id| id.text().to_owned());
        if value.get("jsonrpc").is_some() && value.get("text").is_none() {
            return Self::message(line).map_err(|error| (id, error));
        }
        match Self::read_row(value, shape) {
            Ok(body) => Ok(Self { id, body }),
            Err(error) => Err((id, error)),
        }
    }

    fn read_row(value: Raw<'_>, shape: &Shape) -> Result<Body, String> {
        let string = |name: &str| match value.get(name) {
            None => Ok(None),
            Some(member) if member.kind() == Type::Null => Ok(None),
            Some(member) => match member.as_str() {
                Some(text) => Ok(Some(Cow::into_owned(text))),
                None => Err(format!("`{name}` is not a string")),
            },
        };
        let text = string("text")?.ok_or("there is no `text`")?;
        let kind = match (string("kind")?, shape.kind) {
            (Some(name), _) => kind_named(&name)?,
            (None, Some(kind)) => kind,
            (None, None) => return Err("there is no `kind`, and the command has no `--kind`".to_owned()),
        };
        let tool = string("tool")?.or_else(|| shape.tool.clone());
        let parameter = string("param")?.or_else(|| shape.parameter.clone());
        Ok(Body::Text { text, kind, tool, parameter })
    }

    /// The id as it was written, or this one.
    pub(super) fn id_or(&self, otherwise: &str) -> String {
        self.id.clone().unwrap_or_else(|| otherwise.to_owned())
    }

    /// The text that spans are bytes of.
    pub(super) fn source(&self) -> Cow<'_, str> {
        match &self.body {
            Body::Text { text, .. } => Cow::Borrowed(text),
            Body::Message(message) => String::from_utf8_lossy(message.bytes()),
        }
    }

    /// Looks, and asks the model where there is one.
    pub(super) fn inspect(&self, registry: &Registry, tier: Option<&Tier>) -> Found {
        match &self.body {
            Body::Text { text, kind, tool, parameter } => {
                let direction = if kind.from_client() { Direction::FromClient } else { Direction::FromServer };
                let findings = inspect_text(registry, text, *kind, tool.as_deref(), parameter.as_deref());
                let model = tier.map(|tier| tier.ask_text(text, *kind));
                found(findings, direction, model)
            }
            Body::Message(message) => as_flow(message, |flow| {
                let model = tier.map(|tier| tier.ask_message(flow));
                found(registry.inspect(flow), flow.facts.direction, model)
            }),
        }
    }
}

fn found(findings: Findings, direction: Direction, model: Option<Said>) -> Found {
    let action = standard::verdict_of_all(findings.as_slice(), direction);
    Found { findings, action, model: model.map(|said| said.judged(direction)) }
}

/// The kind of this name.
fn kind_named(name: &str) -> Result<TextKind, String> {
    TextKind::from_name(&name.replace('-', "_")).ok_or_else(|| {
        format!(
            "`{name}` is no kind; there are `tool_description`, `name`, `tool_output`, `elicitation`, `arguments`, \
             `prompt_argument` and `resource_uri`"
        )
    })
}

/// A text is read as the gate would meet it: arguments and definitions that are JSON are walked member by member, so
/// that each value is judged by the name of its own parameter. The text of a file or a command is one string, whatever
/// it looks like.
fn inspect_text(
    registry: &Registry,
    text: &str,
    kind: TextKind,
    tool: Option<&str>,
    parameter: Option<&str>,
) -> Findings {
    let structured = matches!(kind, TextKind::Arguments | TextKind::PromptArgument | TextKind::ToolDescription);
    let is_text = kind == TextKind::Arguments && parameter.is_some_and(|parameter| roles::takes_text(tool, parameter));
    let trimmed = text.trim_ascii_start();
    if structured
        && !is_text
        && trimmed.starts_with(['{', '['])
        && let Ok(value) = json::check(text.as_bytes(), &Limits::default())
    {
        return registry.inspect_value(value, kind, tool, parameter);
    }
    registry.inspect_text(text, kind, tool, parameter)
}

/// A message tells its direction by itself only where one side alone may send it; what a result answers is told from
/// its members.
fn as_flow<T>(message: &Message, look: impl FnOnce(Flow<'_>) -> T) -> T {
    let direction = match (message.kind(), message.method()) {
        (Kind::Result | Kind::Error, _) => Direction::FromServer,
        (
            _,
            Some(
                Method::SamplingCreateMessage
                | Method::ElicitationCreate
                | Method::RootsList
                | Method::LogMessage
                | Method::Progress
                | Method::ElicitationComplete
                | Method::ResourcesUpdated
                | Method::TasksStatus,
            ),
        ) => Direction::FromServer,
        _ => Direction::FromClient,
    };
    let origin = Origin {
        session: "inspect".into(),
        principal: Principal::new("inspect", Proof::LocalUser),
        server: "inspect".into(),
        transport: Transport::Stdio,
    };
    let mut facts = Facts::of(&origin, direction, message, None);
    if facts.method.is_none()
        && let Some(result) = message.result()
    {
        facts.method = answered(result);
    }
    look(Flow { message, facts: &facts })
}

/// The method that a result answers, by the members that only its results have.
fn answered(result: Raw<'_>) -> Option<Method<'static>> {
    [
        ("tools", Method::ToolsList),
        ("prompts", Method::PromptsList),
        ("resources", Method::ResourcesList),
        ("resourceTemplates", Method::ResourceTemplatesList),
        ("serverInfo", Method::Initialize),
        ("messages", Method::PromptsGet),
        ("contents", Method::ResourcesRead),
        ("content", Method::ToolsCall),
    ]
    .into_iter()
    .find(|(member, _)| result.get(member).is_some())
    .map(|(_, method)| method)
}
