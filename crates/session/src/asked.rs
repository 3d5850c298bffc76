//! What is remembered of a request until its answer comes: enough to judge the answer as what it is.

use std::borrow::Cow;

use gatehold_wire::{Message, Method};

use crate::principal::Principal;

/// A request in brief.
#[derive(Debug, Clone)]
pub struct Asked {
    method: Name,
    subject: Option<(Subject, Box<str>)>,
    modern: bool,
    principal: Option<Principal>,
}

/// A method's name that outlives its message.
#[derive(Debug, Clone)]
enum Name {
    Known(Method<'static>),
    Other(Box<str>),
}

/// What the subject of a request is: the thing that policy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A tool's name.
    Tool,
    /// A prompt's name.
    Prompt,
    /// A resource's URI.
    Resource,
}

impl Asked {
    /// What a request asks.
    #[must_use]
    pub fn by(message: &Message) -> Self {
        let method = message.method().unwrap_or(Method::Other(""));
        let subject = subject(method, message).map(|(kind, name)| (kind, name.into_owned().into_boxed_str()));
        let name = Method::known(method.name()).map_or_else(|| Name::Other(method.name().into()), Name::Known);
        Self { method: name, subject, modern: message.modern_version().is_some(), principal: None }
    }

    /// The same request with the principal who asked, as the request's own proof describes it.
    #[must_use]
    pub fn asked_by(self, principal: &Principal) -> Self {
        Self { principal: Some(principal.clone()), ..self }
    }

    /// Who asked, with the attributes of the request's own proof, where that was noted.
    #[must_use]
    pub const fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> Method<'_> {
        match &self.method {
            Name::Known(method) => *method,
            Name::Other(name) => Method::Other(name),
        }
    }

    /// Whether it carried the version of the modern era in its body.
    #[must_use]
    pub const fn is_modern(&self) -> bool {
        self.modern
    }

    /// The tool, prompt or resource that it names.
    #[must_use]
    pub fn subject(&self) -> Option<(Subject, &str)> {
        self.subject.as_ref().map(|(kind, name)| (*kind, &**name))
    }
}

/// Which kind of subject a method has, for methods whose subject does not depend on their parameters.
const fn subject_of(method: Method<'_>) -> Option<Subject> {
    match method {
        Method::ToolsCall => Some(Subject::Tool),
        Method::PromptsGet => Some(Subject::Prompt),
        Method::ResourcesRead
        | Method::ResourcesSubscribe
        | Method::ResourcesUnsubscribe
        | Method::ResourcesUpdated => Some(Subject::Resource),
        _ => None,
    }
}

/// The tool, prompt or resource that a message names. `completion/complete` names what its `ref` names.
pub(crate) fn subject<'a>(method: Method<'_>, message: &'a Message) -> Option<(Subject, Cow<'a, str>)> {
    match method {
        Method::Complete => {
            let reference = message.param("ref")?;
            match reference.get("uri").and_then(|uri| uri.as_str()) {
                Some(uri) => Some((Subject::Resource, uri)),
                None => Some((Subject::Prompt, reference.get("name")?.as_str()?)),
            }
        }
        method => match subject_of(method)? {
            Subject::Resource => Some((Subject::Resource, message.uri()?)),
            named => Some((named, message.name()?)),
        },
    }
}
