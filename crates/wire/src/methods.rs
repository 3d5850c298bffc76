//! The methods of MCP in all revisions. A method that is not listed is `Other`: it passes or not by policy, never by
//! accident. Adding a variant breaks every match that must consider it.

/// A JSON-RPC method of MCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method<'a> {
    /// `initialize` (legacy)
    Initialize,
    /// `notifications/initialized` (legacy)
    Initialized,
    /// `ping` (legacy, both ways)
    Ping,
    /// `server/discover` (modern)
    Discover,
    /// `tools/list`
    ToolsList,
    /// `tools/call`
    ToolsCall,
    /// `resources/list`
    ResourcesList,
    /// `resources/templates/list`
    ResourceTemplatesList,
    /// `resources/read`
    ResourcesRead,
    /// `resources/subscribe` (legacy)
    ResourcesSubscribe,
    /// `resources/unsubscribe` (legacy)
    ResourcesUnsubscribe,
    /// `prompts/list`
    PromptsList,
    /// `prompts/get`
    PromptsGet,
    /// `completion/complete`
    Complete,
    /// `logging/setLevel` (legacy)
    LoggingSetLevel,
    /// `subscriptions/listen` (modern)
    SubscriptionsListen,
    /// `tasks/get`
    TasksGet,
    /// `tasks/result` (2025-11-25)
    TasksResult,
    /// `tasks/list` (2025-11-25)
    TasksList,
    /// `tasks/update` (modern extension)
    TasksUpdate,
    /// `tasks/cancel`
    TasksCancel,
    /// `sampling/createMessage` (server to client)
    SamplingCreateMessage,
    /// `elicitation/create` (server to client)
    ElicitationCreate,
    /// `roots/list` (server to client)
    RootsList,
    /// `notifications/cancelled`
    Cancelled,
    /// `notifications/progress`
    Progress,
    /// `notifications/message`
    LogMessage,
    /// `notifications/tools/list_changed`
    ToolsListChanged,
    /// `notifications/resources/list_changed`
    ResourcesListChanged,
    /// `notifications/resources/updated`
    ResourcesUpdated,
    /// `notifications/prompts/list_changed`
    PromptsListChanged,
    /// `notifications/roots/list_changed` (legacy)
    RootsListChanged,
    /// `notifications/tasks/status` (2025-11-25)
    TasksStatus,
    /// `notifications/tasks` (modern extension)
    TasksChanged,
    /// `notifications/elicitation/complete` (2025-11-25)
    ElicitationComplete,
    /// `notifications/subscriptions/acknowledged` (modern)
    SubscriptionsAcknowledged,
    /// Any other method, by name.
    Other(&'a str),
}

impl<'a> Method<'a> {
    /// The method with this exact, case-sensitive name.
    #[must_use]
    pub fn from_name(name: &'a str) -> Self {
        Self::known(name).unwrap_or(Self::Other(name))
    }

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'a str {
        match self {
            Self::Initialize => "initialize",
            Self::Initialized => "notifications/initialized",
            Self::Ping => "ping",
            Self::Discover => "server/discover",
            Self::ToolsList => "tools/list",
            Self::ToolsCall => "tools/call",
            Self::ResourcesList => "resources/list",
            Self::ResourceTemplatesList => "resources/templates/list",
            Self::ResourcesRead => "resources/read",
            Self::ResourcesSubscribe => "resources/subscribe",
            Self::ResourcesUnsubscribe => "resources/unsubscribe",
            Self::PromptsList => "prompts/list",
            Self::PromptsGet => "prompts/get",
            Self::Complete => "completion/complete",
            Self::LoggingSetLevel => "logging/setLevel",
            Self::SubscriptionsListen => "subscriptions/listen",
            Self::TasksGet => "tasks/get",
            Self::TasksResult => "tasks/result",
            Self::TasksList => "tasks/list",
            Self::TasksUpdate => "tasks/update",
            Self::TasksCancel => "tasks/cancel",
            Self::SamplingCreateMessage => "sampling/createMessage",
            Self::ElicitationCreate => "elicitation/create",
            Self::RootsList => "roots/list",
            Self::Cancelled => "notifications/cancelled",
            Self::Progress => "notifications/progress",
            Self::LogMessage => "notifications/message",
            Self::ToolsListChanged => "notifications/tools/list_changed",
            Self::ResourcesListChanged => "notifications/resources/list_changed",
            Self::ResourcesUpdated => "notifications/resources/updated",
            Self::PromptsListChanged => "notifications/prompts/list_changed",
            Self::RootsListChanged => "notifications/roots/list_changed",
            Self::TasksStatus => "notifications/tasks/status",
            Self::TasksChanged => "notifications/tasks",
            Self::ElicitationComplete => "notifications/elicitation/complete",
            Self::SubscriptionsAcknowledged => "notifications/subscriptions/acknowledged",
            Self::Other(name) => name,
        }
    }

    /// Whether the result is a list whose entries are decided one by one: tools, resources, templates, prompts.
    /// Gives the member of the result that holds the entries (`tools`, `resources`, `resourceTemplates`, `prompts`).
    #[must_use]
    pub const fn list_member(self) -> Option<&'static str> {
        match self {
            Self::ToolsList => Some("tools"),
            Self::ResourcesList => Some("resources"),
            Self::ResourceTemplatesList => Some("resourceTemplates"),
            Self::PromptsList => Some("prompts"),
            Self::Initialize
            | Self::Initialized
            | Self::Ping
            | Self::Discover
            | Self::ToolsCall
            | Self::ResourcesRead
            | Self::ResourcesSubscribe
            | Self::ResourcesUnsubscribe
            | Self::PromptsGet
            | Self::Complete
            | Self::LoggingSetLevel
            | Self::SubscriptionsListen
            | Self::TasksGet
            | Self::TasksResult
            | Self::TasksList
            | Self::TasksUpdate
            | Self::TasksCancel
            | Self::SamplingCreateMessage
            | Self::ElicitationCreate
            | Self::RootsList
            | Self::Cancelled
            | Self::Progress
            | Self::LogMessage
            | Self::ToolsListChanged
            | Self::ResourcesListChanged
            | Self::ResourcesUpdated
            | Self::PromptsListChanged
            | Self::RootsListChanged
            | Self::TasksStatus
            | Self::TasksChanged
            | Self::ElicitationComplete
            | Self::SubscriptionsAcknowledged
            | Self::Other(_) => None,
        }
    }

    /// What a mirrored `Mcp-Name` header must equal for this method (2026-07-28): the member of `params`
    /// (`name`, `uri` or `taskId`); `None` where the header is not required.
    #[must_use]
    pub const fn mirrored_param(self) -> Option<&'static str> {
        match self {
            Self::ToolsCall | Self::PromptsGet => Some("name"),
            Self::ResourcesRead => Some("uri"),
            Self::TasksGet | Self::TasksUpdate | Self::TasksCancel => Some("taskId"),
            Self::Initialize
            | Self::Initialized
            | Self::Ping
            | Self::Discover
            | Self::ToolsList
            | Self::ResourcesList
            | Self::ResourceTemplatesList
            | Self::ResourcesSubscribe
            | Self::ResourcesUnsubscribe
            | Self::PromptsList
            | Self::Complete
            | Self::LoggingSetLevel
            | Self::SubscriptionsListen
            | Self::TasksResult
            | Self::TasksList
            | Self::SamplingCreateMessage
            | Self::ElicitationCreate
            | Self::RootsList
            | Self::Cancelled
            | Self::Progress
            | Self::LogMessage
            | Self::ToolsListChanged
            | Self::ResourcesListChanged
            | Self::ResourcesUpdated
            | Self::PromptsListChanged
            | Self::RootsListChanged
            | Self::TasksStatus
            | Self::TasksChanged
            | Self::ElicitationComplete
            | Self::SubscriptionsAcknowledged
            | Self::Other(_) => None,
        }
    }
}

impl Method<'_> {
    /// The method of MCP with this exact name; it borrows nothing.
    #[must_use]
    pub fn known(name: &str) -> Option<Method<'static>> {
        Some(match name {
            "initialize" => Method::Initialize,
            "notifications/initialized" => Method::Initialized,
            "ping" => Method::Ping,
            "server/discover" => Method::Discover,
            "tools/list" => Method::ToolsList,
            "tools/call" => Method::ToolsCall,
            "resources/list" => Method::ResourcesList,
            "resources/templates/list" => Method::ResourceTemplatesList,
            "resources/read" => Method::ResourcesRead,
            "resources/subscribe" => Method::ResourcesSubscribe,
            "resources/unsubscribe" => Method::ResourcesUnsubscribe,
            "prompts/list" => Method::PromptsList,
            "prompts/get" => Method::PromptsGet,
            "completion/complete" => Method::Complete,
            "logging/setLevel" => Method::LoggingSetLevel,
            "subscriptions/listen" => Method::SubscriptionsListen,
            "tasks/get" => Method::TasksGet,
            "tasks/result" => Method::TasksResult,
            "tasks/list" => Method::TasksList,
            "tasks/update" => Method::TasksUpdate,
            "tasks/cancel" => Method::TasksCancel,
            "sampling/createMessage" => Method::SamplingCreateMessage,
            "elicitation/create" => Method::ElicitationCreate,
            "roots/list" => Method::RootsList,
            "notifications/cancelled" => Method::Cancelled,
            "notifications/progress" => Method::Progress,
            "notifications/message" => Method::LogMessage,
            "notifications/tools/list_changed" => Method::ToolsListChanged,
            "notifications/resources/list_changed" => Method::ResourcesListChanged,
            "notifications/resources/updated" => Method::ResourcesUpdated,
            "notifications/prompts/list_changed" => Method::PromptsListChanged,
            "notifications/roots/list_changed" => Method::RootsListChanged,
            "notifications/tasks/status" => Method::TasksStatus,
            "notifications/tasks" => Method::TasksChanged,
            "notifications/elicitation/complete" => Method::ElicitationComplete,
            "notifications/subscriptions/acknowledged" => Method::SubscriptionsAcknowledged,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Method;

    const NAMES: [&str; 36] = [
        "initialize",
        "notifications/initialized",
        "ping",
        "server/discover",
        "tools/list",
        "tools/call",
        "resources/list",
        "resources/templates/list",
        "resources/read",
        "resources/subscribe",
        "resources/unsubscribe",
        "prompts/list",
        "prompts/get",
        "completion/complete",
        "logging/setLevel",
        "subscriptions/listen",
        "tasks/get",
        "tasks/result",
        "tasks/list",
        "tasks/update",
        "tasks/cancel",
        "sampling/createMessage",
        "elicitation/create",
        "roots/list",
        "notifications/cancelled",
        "notifications/progress",
        "notifications/message",
        "notifications/tools/list_changed",
        "notifications/resources/list_changed",
        "notifications/resources/updated",
        "notifications/prompts/list_changed",
        "notifications/roots/list_changed",
        "notifications/tasks/status",
        "notifications/tasks",
        "notifications/elicitation/complete",
        "notifications/subscriptions/acknowledged",
    ];

    #[test]
    fn every_name_leads_to_its_method_and_back() {
        for name in NAMES {
            let method = Method::from_name(name);
            assert!(!matches!(method, Method::Other(_)), "{name} is not known");
            assert_eq!(method.name(), name);
        }
    }

    #[test]
    fn names_are_exact() {
        for name in ["Tools/Call", "tools/call ", "tools\\u002fcall", "tool/call", "", "tools/\u{212a}all"] {
            assert_eq!(Method::from_name(name), Method::Other(name));
            assert_eq!(Method::from_name(name).name(), name);
        }
    }

    #[test]
    fn the_three_named_members_are_mirrored() {
        let mirrored = |name| Method::from_name(name).mirrored_param();
        assert_eq!(mirrored("tools/call"), Some("name"));
        assert_eq!(mirrored("prompts/get"), Some("name"));
        assert_eq!(mirrored("resources/read"), Some("uri"));
        assert_eq!(mirrored("tasks/cancel"), Some("taskId"));
        assert_eq!(mirrored("tools/list"), None);
        assert_eq!(mirrored("acme/thing"), None);
    }
}
