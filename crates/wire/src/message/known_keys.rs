//! The keys that mean something to the protocol, and the refusal of keys that merely look like one of them.
//!
//! A reader that ignores letter case takes `Name` for `name` (CVE-2026-27896: the Go SDK did, long s and Kelvin sign
//! included). A message that holds such a key would be one thing to us and another to that reader, so it is refused.
//! `arguments`, schemas and structured content are not protocol: nothing here looks into them.

use crate::json::string;

/// Where in a message a key stands, as far as that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Place {
    /// Anywhere that is free to the peers.
    #[default]
    Elsewhere,
    /// The outermost object.
    Envelope,
    /// `params`
    Params,
    /// `result`
    Result,
    /// `error`
    Error,
    /// `_meta` of params, of a result, or of an entry.
    Meta,
    /// `capabilities`
    Capabilities,
    /// An array of entries: `result.tools`, `result.content` and their like.
    List,
    /// An entry of such a list.
    Entry,
    /// `params.ref`, `params.argument`, `params.context`, `params.task`
    Reference,
    /// `params.notifications` of `subscriptions/listen`
    Filter,
    /// `inputRequests`: names chosen by the server, each with a request.
    Requests,
    /// A request inside `inputRequests`.
    InnerRequest,
    /// `params` of a request inside `inputRequests`
    InnerParams,
    /// A result inside another message: of a task that is done, or the task itself.
    InnerResult,
    /// The error of a task.
    InnerError,
}

impl Place {
    /// The place of the value of a protocol key; `Elsewhere` for every value that is free.
    fn below(self, key: &str) -> Self {
        match (self, key) {
            (Self::Envelope, "params") => Self::Params,
            (Self::Envelope, "result") => Self::Result,
            (Self::Envelope, "error") => Self::Error,
            (Self::InnerRequest, "params") => Self::InnerParams,
            (Self::Meta, "io.modelcontextprotocol/clientCapabilities") => Self::Capabilities,
            (Self::Entry, "resource") => Self::Entry,
            (Self::Entry, "_meta") => Self::Meta,
            (Self::Params | Self::InnerParams, "ref" | "argument" | "context" | "task") => Self::Reference,
            (Self::Params | Self::InnerParams, "notifications") => Self::Filter,
            (Self::Result | Self::InnerResult, "task") => Self::InnerResult,
            (Self::Result | Self::InnerResult, key) if is_list(key) => Self::List,
            (Self::Params | Self::InnerParams | Self::Result | Self::InnerResult, key) => match key {
                "_meta" => Self::Meta,
                "capabilities" => Self::Capabilities,
                "inputRequests" => Self::Requests,
                "result" => Self::InnerResult,
                "error" => Self::InnerError,
                _ => Self::Elsewhere,
            },
            _ => Self::Elsewhere,
        }
    }

    fn known(self) -> Option<&'static Known> {
        match self {
            Self::Elsewhere | Self::List | Self::Requests => None,
            Self::Envelope | Self::InnerRequest => Some(&ENVELOPE),
            Self::Params | Self::InnerParams => Some(&PARAMS),
            Self::Result | Self::InnerResult => Some(&RESULT),
            Self::Error | Self::InnerError => Some(&ERROR),
            Self::Meta => Some(&META),
            Self::Capabilities => Some(&CAPABILITIES),
            Self::Entry => Some(&ENTRY),
            Self::Reference => Some(&REFERENCE),
            Self::Filter => Some(&FILTER),
        }
    }
}

fn is_list(key: &str) -> bool {
    matches!(key, "tools" | "resources" | "resourceTemplates" | "prompts" | "content" | "contents")
}

/// What a key is, at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A protocol key, and where its value stands.
    Known(Place),
    /// A key of the peers' own.
    Free,
    /// Not the protocol key named here, but easily taken for it.
    Folded(&'static str),
}

/// Judges a key; `inner` is what stands between its quotes.
#[inline]
pub(super) fn judge(place: Place, inner: &[u8]) -> Standing {
    let Some(known) = place.known() else {
        return if place == Place::Requests { Standing::Known(Place::InnerRequest) } else { Standing::Free };
    };
    let is_plain = inner.iter().fold(true, |plain, &byte| plain & byte.is_ascii() & (byte != b'\\'));
    if is_plain { judge_plain(place, known, inner) } else { judge_folded(place, known, inner) }
}

/// ASCII without escapes: case is all that can differ, and case keeps the length.
#[inline]
fn judge_plain(place: Place, known: &Known, inner: &[u8]) -> Standing {
    let mut folded = None;
    for &candidate in known.of_length(inner.len()) {
        if candidate.as_bytes() == inner {
            return Standing::Known(place.below(candidate));
        }
        if candidate.as_bytes().eq_ignore_ascii_case(inner) {
            folded = Some(candidate);
        }
    }
    folded.map_or(Standing::Free, Standing::Folded)
}

#[inline(never)]
fn judge_folded(place: Place, known: &Known, inner: &[u8]) -> Standing {
    if let Some(&exact) = known.keys.iter().find(|key| string::equals(inner, key)) {
        return Standing::Known(place.below(exact));
    }
    let mut folded = [0_u8; LONGEST];
    let mut length = 0;
    for character in string::characters(inner) {
        let Some(letters) = fold(character) else { return Standing::Free };
        for letter in letters.bytes() {
            let Some(slot) = folded.get_mut(length) else { return Standing::Free };
            *slot = letter;
            length += 1;
        }
    }
    let folded = folded.get(..length).unwrap_or_default();
    let same = known.of_length(length).iter().find(|key| key.as_bytes().eq_ignore_ascii_case(folded));
    same.map_or(Standing::Free, |&key| Standing::Folded(key))
}

/// Up to three ASCII letters that some reader may take a character for.
struct Letters([u8; 3]);

impl Letters {
    fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.iter().copied().filter(|&byte| byte != 0)
    }

    const fn one(letter: u8) -> Self {
        Self([letter, 0, 0])
    }
}

/// Folds generously: upper and lower case, simple and full case folding, compatibility letters, and characters that
/// readers drop. `None` for a character that no folding makes ASCII.
fn fold(character: char) -> Option<Letters> {
    if character.is_ascii() {
        return u8::try_from(character).ok().map(Letters::one);
    }
    let code = u32::from(character);
    let letter_of = |index: u32| u8::try_from(index % 26).ok().map(|index| Letters::one(b'a' + index));
    match code {
        0x17f => Some(Letters::one(b's')),
        0x212a => Some(Letters::one(b'k')),
        0x130 | 0x131 => Some(Letters::one(b'i')),
        0xdf | 0x1e9e => Some(Letters(*b"ss\0")),
        0xfb00 => Some(Letters(*b"ff\0")),
        0xfb01 => Some(Letters(*b"fi\0")),
        0xfb02 => Some(Letters(*b"fl\0")),
        0xfb03 => Some(Letters(*b"ffi")),
        0xfb04 => Some(Letters(*b"ffl")),
        0xfb05 | 0xfb06 => Some(Letters(*b"st\0")),
        // Full-width forms of all visible ASCII characters.
        0xff01..=0xff5e => u8::try_from(code - 0xff01 + 0x21).ok().map(Letters::one),
        // Circled letters.
        0x24b6..=0x24e9 => letter_of(code - 0x24b6),
        // Mathematical letters: thirteen alphabets of capital and small letters.
        0x1d400..=0x1d6a3 => letter_of(code - 0x1d400),
        // The dot that lower-casing U+0130 leaves behind, soft hyphen, zero-width characters, variation selectors.
        0xad
        | 0x307
        | 0x34f
        | 0x180b..=0x180f
        | 0x200b..=0x200f
        | 0x202a..=0x202e
        | 0x2060..=0x2064
        | 0xfe00..=0xfe0f
        | 0xfeff
        | 0xe0000..=0xe0fff => Some(Letters([0; 3])),
        _ => None,
    }
}

const LONGEST: usize = 64;

/// Protocol keys, shortest first, with an index by length.
struct Known {
    keys: &'static [&'static str],
    /// The keys of length `n` are `keys[starts[n]..starts[n + 1]]`.
    starts: [u8; LONGEST + 2],
}

impl Known {
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler: out of range does not build")]
    const fn new(keys: &'static [&'static str]) -> Self {
        let mut starts = [0_u8; LONGEST + 2];
        let mut length = 0;
        let mut at = 0;
        while length <= LONGEST {
            starts[length] = at as u8;
            while at < keys.len() && keys[at].len() == length {
                at += 1;
            }
            length += 1;
        }
        starts[length] = at as u8;
        assert!(at == keys.len(), "keys must be sorted by length");
        Self { keys, starts }
    }

    #[inline]
    fn of_length(&self, length: usize) -> &'static [&'static str] {
        let range = self.starts.get(length).zip(self.starts.get(length + 1));
        range.and_then(|(&from, &to)| self.keys.get(usize::from(from)..usize::from(to))).unwrap_or_default()
    }
}

/// The envelope of JSON-RPC 2.0.
static ENVELOPE: Known = Known::new(&["id", "error", "method", "params", "result", "jsonrpc"]);

/// `params` of every request and notification of all revisions and of the tasks extension.
static PARAMS: Known = Known::new(&[
    "ref",
    "ttl",
    "uri",
    "url",
    "data",
    "mode",
    "name",
    "task",
    "_meta",
    "error",
    "level",
    "tools",
    "total",
    "ttlMs",
    "cursor",
    "logger",
    "reason",
    "result",
    "status",
    "taskId",
    "context",
    "message",
    "argument",
    "messages",
    "metadata",
    "progress",
    "arguments",
    "createdAt",
    "maxTokens",
    "requestId",
    "clientInfo",
    "resultType",
    "toolChoice",
    "temperature",
    "capabilities",
    "pollInterval",
    "requestState",
    "systemPrompt",
    "elicitationId",
    "inputRequests",
    "lastUpdatedAt",
    "notifications",
    "progressToken",
    "statusMessage",
    "stopSequences",
    "includeContext",
    "inputResponses",
    "pollIntervalMs",
    "protocolVersion",
    "requestedSchema",
    "modelPreferences",
]);

/// `result` of every method of all revisions and of the tasks extension.
static RESULT: Known = Known::new(&[
    "ttl",
    "role",
    "task",
    "_meta",
    "error",
    "model",
    "roots",
    "tasks",
    "tools",
    "ttlMs",
    "action",
    "result",
    "skills",
    "status",
    "taskId",
    "content",
    "isError",
    "prompts",
    "contents",
    "messages",
    "createdAt",
    "resources",
    "cacheScope",
    "completion",
    "nextCursor",
    "resultType",
    "serverInfo",
    "stopReason",
    "description",
    "capabilities",
    "instructions",
    "pollInterval",
    "requestState",
    "inputRequests",
    "lastUpdatedAt",
    "statusMessage",
    "pollIntervalMs",
    "protocolVersion",
    "resourceTemplates",
    "structuredContent",
    "supportedVersions",
]);

/// `error`.
static ERROR: Known = Known::new(&["code", "data", "message"]);

/// `_meta`.
static META: Known = Known::new(&[
    "baggage",
    "tracestate",
    "traceparent",
    "progressToken",
    "io.modelcontextprotocol/logLevel",
    "io.modelcontextprotocol/clientInfo",
    "io.modelcontextprotocol/serverInfo",
    "io.modelcontextprotocol/related-task",
    "io.modelcontextprotocol/subscriptionId",
    "io.modelcontextprotocol/protocolVersion",
    "io.modelcontextprotocol/clientCapabilities",
    "io.modelcontextprotocol/model-immediate-response",
]);

/// The capabilities that either side declares.
static CAPABILITIES: Known = Known::new(&[
    "roots",
    "tasks",
    "tools",
    "logging",
    "prompts",
    "sampling",
    "resources",
    "extensions",
    "completions",
    "elicitation",
    "experimental",
]);

/// Tools, resources, templates, prompts in a list, and blocks of content.
static ENTRY: Known = Known::new(&[
    "uri",
    "blob",
    "data",
    "name",
    "size",
    "text",
    "type",
    "_meta",
    "icons",
    "title",
    "mimeType",
    "resource",
    "execution",
    "annotations",
    "description",
    "inputSchema",
    "uriTemplate",
    "outputSchema",
]);

/// `ref`, `argument`, `context` and `task` of a request.
static REFERENCE: Known = Known::new(&["ttl", "uri", "name", "type", "title", "value", "arguments"]);

/// What a listener asks to hear of.
static FILTER: Known =
    Known::new(&["taskIds", "toolsListChanged", "promptsListChanged", "resourcesListChanged", "resourceSubscriptions"]);
