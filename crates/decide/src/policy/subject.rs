//! What a rule looks at: one message, one entry of a list, or one request embedded in a result, all in the same shape,
//! so that calls and lists cannot be decided differently.
//!
//! It only borrows; nothing here decides.

use std::cell::OnceCell;

use gatehold_inspect::{Findings, Flow};
use gatehold_session::{Direction, Facts, ToolHints};
use gatehold_wire::json::{Raw, Type};
use gatehold_wire::{Kind, Method};

use super::plain::plain_form;
use crate::situation::Situation;

/// A name that a condition may ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Named<'a> {
    /// The message has no such name: a condition on it does not hold.
    Absent,
    /// The message should have the name but it cannot be read: a condition on it cannot be evaluated.
    Unreadable,
    /// The name, unescaped.
    Is(&'a str),
}

impl<'a> Named<'a> {
    /// A name that such a message must have.
    pub(crate) fn required(name: Option<&'a str>) -> Self {
        name.map_or(Self::Unreadable, Self::Is)
    }

    /// The name, where there is one.
    pub(crate) const fn known(self) -> Option<&'a str> {
        match self {
            Self::Is(name) => Some(name),
            Self::Absent | Self::Unreadable => None,
        }
    }

    /// A name that such a message may have.
    pub(crate) fn optional(name: Option<&'a str>) -> Self {
        name.map_or(Self::Absent, Self::Is)
    }
}

/// The arguments that conditions may ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arguments<'a> {
    /// This kind of message has none: a rule about arguments does not apply.
    Inapplicable,
    /// Not known yet (an entry of a list): a deny rule about them does not hide, an allow rule about them shows.
    Unknown,
    /// Left out, or null: every path finds nothing.
    Empty,
    /// An object.
    Object(Raw<'a>),
    /// Something else: no condition can be evaluated.
    Malformed,
}

impl<'a> Arguments<'a> {
    /// The arguments of a request that may carry some.
    pub(crate) fn read(arguments: Option<Raw<'a>>) -> Self {
        match arguments.map(|raw| (raw, raw.kind())) {
            None | Some((_, Type::Null)) => Self::Empty,
            Some((raw, Type::Object)) => Self::Object(raw),
            Some((_, Type::Bool | Type::Number | Type::String | Type::Array)) => Self::Malformed,
        }
    }
}

/// What is the same for everything that one message is judged by.
#[derive(Debug)]
pub(crate) struct Around<'a> {
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) situation: &'a Situation<'a>,
    findings: &'a Findings,
    /// The score of the findings, computed when a rule asks for it.
    risk: OnceCell<f32>,
}

impl<'a> Around<'a> {
    pub(crate) const fn new(facts: &'a Facts<'a>, findings: &'a Findings, situation: &'a Situation<'a>) -> Self {
        Self { facts, situation, findings, risk: OnceCell::new() }
    }
}

/// What a rule looks at.
#[derive(Debug, Clone)]
pub(crate) struct Subject<'a> {
    pub(crate) around: &'a Around<'a>,
    /// Whether it is only offered (an entry of a list): what will be said with it is not known yet.
    pub(crate) is_offered: bool,
    pub(crate) direction: Direction,
    pub(crate) kind: Kind,
    /// The method; for a result, of the request that it answers.
    pub(crate) method: Named<'a>,
    /// The method whose rules hold as well: `resources/read` for a subscription, for instance.
    pub(crate) follows: Option<&'static str>,
    pub(crate) server: &'a str,
    pub(crate) tool: Named<'a>,
    pub(crate) prompt: Named<'a>,
    pub(crate) resource: Named<'a>,
    /// The plain form of the resource's URI, where it differs.
    pub(crate) resource_plain: Option<String>,
    pub(crate) arguments: Arguments<'a>,
    /// What its server says of the tool.
    pub(crate) hints: Option<ToolHints>,
}

impl<'a> Subject<'a> {
    /// A subject that has nothing but where it comes from and its method.
    pub(crate) fn bare(around: &'a Around<'a>, direction: Direction, kind: Kind, method: Named<'a>) -> Self {
        Self {
            around,
            is_offered: false,
            direction,
            kind,
            method,
            follows: None,
            server: &around.facts.origin.server,
            tool: Named::Absent,
            prompt: Named::Absent,
            resource: Named::Absent,
            resource_plain: None,
            arguments: Arguments::Inapplicable,
            hints: None,
        }
    }

    /// What was found in the message; `None` for what is only offered.
    pub(crate) const fn findings(&self) -> Option<&'a Findings> {
        if self.is_offered { None } else { Some(self.around.findings) }
    }

    /// The score of what was found, from 0 to 1. A message in which so much was found that some was dropped scores 1.
    pub(crate) fn risk(&self) -> Option<f32> {
        let findings = self.findings()?;
        let score = || if findings.as_slice().len() >= Findings::COUNT_MAX { 1.0 } else { findings.score() };
        Some(*self.around.risk.get_or_init(score))
    }

    /// What stands under a key, for people: `, it is "x"`; nothing where that would say nothing.
    pub(crate) fn shown(&self, key: &str) -> String {
        let facts = self.around.facts;
        let name = |name: Named<'_>| match name {
            Named::Is(name) => Some(name.to_owned()),
            Named::Absent | Named::Unreadable => None,
        };
        let shown = match key {
            "method" => name(self.method),
            "server" => Some(self.server.to_owned()),
            "tool" => name(self.tool),
            "prompt" => name(self.prompt),
            "resource" => name(self.resource),
            "direction" => Some(self.direction.name().to_owned()),
            "principal" => Some(facts.principal.name().to_owned()),
            "tenant" => facts.principal.attributes().tenant.as_deref().map(str::to_owned),
            "role" => Some(facts.principal.attributes().roles.join(", ")),
            "group" => Some(facts.principal.attributes().groups.join(", ")),
            "scope" => Some(facts.principal.attributes().scopes.join(", ")),
            "client" => facts.principal.client().map(str::to_owned),
            "client_claimed" => facts.client_claimed.as_deref().map(str::to_owned),
            "proof" => Some(facts.principal.proof().name().to_owned()),
            "transport" => Some(facts.origin.transport.name().to_owned()),
            "revision" => facts.revision.map(|revision| revision.name().to_owned()),
            "risk" => self.risk().map(|risk| format!("{risk:.3}")),
            // Arguments and what was found in them are not repeated.
            "arguments" | "findings" | "when" | "time" | "tally" | "hints" | "label" => return String::new(),
            _ => None,
        };
        match shown.filter(|shown| !shown.is_empty()) {
            Some(shown) => format!(": it is `{shown}`"),
            None => ": there is none".to_owned(),
        }
    }

    /// The subject with a resource.
    pub(crate) fn with_resource(mut self, resource: Named<'a>) -> Self {
        self.resource_plain = match resource {
            Named::Is(uri) => plain_form(uri),
            Named::Absent | Named::Unreadable => None,
        };
        self.resource = resource;
        self
    }

    /// The subject of a message.
    pub(crate) fn of(around: &'a Around<'a>, flow: Flow<'a>) -> Self {
        let facts = flow.facts;
        let Some(method) = facts.method else {
            // An answer to nothing that is known: no condition on what it answers can be evaluated.
            let mut subject = Self::bare(around, facts.direction, facts.kind, Named::Unreadable);
            (subject.tool, subject.prompt, subject.resource) =
                (Named::Unreadable, Named::Unreadable, Named::Unreadable);
            return subject;
        };
        let mut subject = Self::bare(around, facts.direction, facts.kind, Named::Is(method.name()));
        subject.hints = facts.hints;
        let (tool, prompt, resource) = (facts.tool.as_deref(), facts.prompt.as_deref(), facts.resource.as_deref());
        subject.tool = match method {
            Method::ToolsCall => Named::required(tool),
            _ => Named::optional(tool),
        };
        subject.prompt = match method {
            Method::PromptsGet => Named::required(prompt),
            _ => Named::optional(prompt),
        };
        let subject = subject.with_resource(match method {
            Method::ResourcesRead | Method::ResourcesSubscribe | Method::ResourcesUnsubscribe => {
                Named::required(resource)
            }
            _ => Named::optional(resource),
        });
        match facts.kind {
            Kind::Request | Kind::Notification => subject.asking(method, flow),
            Kind::Result | Kind::Error => subject,
        }
    }

    /// What only a message that asks for something has: arguments, and a method that it is judged by as well.
    fn asking(mut self, method: Method<'_>, flow: Flow<'a>) -> Self {
        match method {
            Method::ToolsCall | Method::PromptsGet | Method::Other(_) => {
                self.arguments = Arguments::read(flow.message.arguments());
                self
            }
            Method::ResourcesSubscribe | Method::ResourcesUnsubscribe => {
                self.follows = Some(Method::ResourcesRead.name());
                self
            }
            Method::Complete => self.completing(flow.message.param("ref")),
            Method::Initialize
            | Method::Initialized
            | Method::Ping
            | Method::Discover
            | Method::ToolsList
            | Method::ResourcesList
            | Method::ResourceTemplatesList
            | Method::ResourcesRead
            | Method::PromptsList
            | Method::LoggingSetLevel
            | Method::SubscriptionsListen
            | Method::TasksGet
            | Method::TasksResult
            | Method::TasksList
            | Method::TasksUpdate
            | Method::TasksCancel
            | Method::SamplingCreateMessage
            | Method::ElicitationCreate
            | Method::RootsList
            | Method::Cancelled
            | Method::Progress
            | Method::LogMessage
            | Method::ToolsListChanged
            | Method::ResourcesListChanged
            | Method::ResourcesUpdated
            | Method::PromptsListChanged
            | Method::RootsListChanged
            | Method::TasksStatus
            | Method::TasksChanged
            | Method::ElicitationComplete
            | Method::SubscriptionsAcknowledged => self,
        }
    }

    /// A completion is decided as the prompt or resource that it is about, whatever the arguments. One that refers to
    /// both, or to nothing, could be about anything.
    fn completing(mut self, reference: Option<Raw<'a>>) -> Self {
        self.arguments = Arguments::Unknown;
        let has = |key: &str| reference.is_some_and(|reference| reference.get(key).is_some());
        let is_both = has("name") && has("uri");
        match (self.prompt, self.resource) {
            (Named::Is(_), Named::Absent) if !is_both => self.follows = Some(Method::PromptsGet.name()),
            (Named::Absent, Named::Is(_)) if !is_both => self.follows = Some(Method::ResourcesRead.name()),
            _ => {
                self.prompt = Named::Unreadable;
                return self.with_resource(Named::Unreadable);
            }
        }
        self
    }
}
