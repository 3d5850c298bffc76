//! The bytes that an aggregate writes itself: requests to its members, joined lists, and errors. Entries of lists keep
//! their own bytes but for the name.

use bytes::Bytes;
use gatehold_wire::edit::{self, Edit};
use gatehold_wire::json::{Raw, write_string};
use gatehold_wire::{Message, Method, Revision};

use super::SEPARATOR;
use crate::pipeline::Pipeline;

/// The client's request as one member gets it: under an id of ours, and for a further page with its cursor.
pub(super) fn part_request(message: &Message, id: &str, cursor: Option<&str>) -> Option<Bytes> {
    let mut edits = vec![Edit { span: super::super::mux::id_span(message)?, with: id.as_bytes().to_vec() }];
    if let Some(cursor) = cursor {
        let mut text = Vec::new();
        write_string(cursor, &mut text);
        match (message.param("cursor"), message.params()) {
            (Some(written), _) => edits.push(Edit { span: written.span(), with: text }),
            (None, Some(params)) => {
                let at = params.span().start + 1;
                let comma = if params.members().next().is_some() { "," } else { "" };
                let member = [b"\"cursor\":", text.as_slice(), comma.as_bytes()].concat();
                edits.push(Edit { span: at..at, with: member });
            }
            (None, None) => {
                let at = message.bytes().iter().rposition(|byte| *byte == b'}')?;
                let member = [b",\"params\":{\"cursor\":", text.as_slice(), b"}"].concat();
                edits.push(Edit { span: at..at, with: member });
            }
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    edit::apply(message.bytes(), &mut edits)
}

/// The same message under another id.
pub(super) fn with_id(message: &Message, id: &str, pipeline: &Pipeline) -> Option<Message> {
    let mut edits = [Edit { span: super::super::mux::id_span(message)?, with: id.as_bytes().to_vec() }];
    Message::parse(edit::apply(message.bytes(), &mut edits)?, pipeline.limits()).ok()
}

/// The joined answer to a request, from each member's pages.
pub(super) fn answer(request: &Message, id: &str, parts: &[(&str, &[Message])]) -> Vec<u8> {
    let modern = request.modern_version().is_some();
    match request.method() {
        Some(Method::Initialize) => initialized(request, id, parts),
        Some(Method::Discover) => discovered(id, parts),
        Some(method) => listed(method, id, parts, modern),
        None => empty_result(id, modern),
    }
}

/// An empty result.
pub(super) fn empty_result(id: &str, modern: bool) -> Vec<u8> {
    let result = if modern { r#"{"resultType":"complete"}"# } else { "{}" };
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#).into_bytes()
}

/// The error for something that no member has.
pub(super) fn unknown(request: &Message, id: &str) -> Vec<u8> {
    let (code, text) = match request.method() {
        Some(Method::ToolsCall) => (-32602, format!("Unknown tool: {}", request.name().unwrap_or_default())),
        Some(Method::PromptsGet) => (-32602, format!("Unknown prompt: {}", request.name().unwrap_or_default())),
        Some(Method::ResourcesRead | Method::ResourcesSubscribe | Method::ResourcesUnsubscribe) => {
            let code = if request.modern_version().is_some() { -32602 } else { -32002 };
            (code, "Resource not found".to_owned())
        }
        Some(Method::TasksGet | Method::TasksResult | Method::TasksUpdate | Method::TasksCancel) => {
            (-32602, "Task not found".to_owned())
        }
        _ => (-32601, "Method not found".to_owned()),
    };
    error(id, code, &text)
}

/// The error for a request whose member has ended.
pub(super) fn member_ended(id: &str, server: &str) -> Vec<u8> {
    error(id, -32603, &format!("The server `{server}` has ended; whether it acted on the request is not known."))
}

fn error(id: &str, code: i32, text: &str) -> Vec<u8> {
    let mut out = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":"#).into_bytes();
    write_string(text, &mut out);
    out.extend_from_slice(b"}}");
    out
}

/// The members' handshakes as one: the lowest agreed revision, and every capability that some member has.
fn initialized(request: &Message, id: &str, parts: &[(&str, &[Message])]) -> Vec<u8> {
    let results: Vec<(&str, Raw<'_>)> = results(parts).collect();
    let version =
        results.iter().filter_map(|(_, result)| Revision::from_name(&result.get("protocolVersion")?.as_str()?)).min();
    let Some(version) = version else {
        let asked = request.param("protocolVersion").and_then(|version| version.as_str()).unwrap_or_default();
        return error(id, -32603, &format!("None of the servers answered the handshake for revision {asked}."));
    };
    let mut out =
        format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"protocolVersion":"{}""#, version.name()).into_bytes();
    capabilities(&results, &mut out);
    out.extend_from_slice(br#","serverInfo":{"name":"gatehold","version":""#);
    out.extend_from_slice(env!("CARGO_PKG_VERSION").as_bytes());
    out.extend_from_slice(b"\"}");
    instructions(&results, &mut out);
    out.extend_from_slice(b"}}");
    out
}

/// What the members discover as one: the versions that all of them support.
fn discovered(id: &str, parts: &[(&str, &[Message])]) -> Vec<u8> {
    let results: Vec<(&str, Raw<'_>)> = results(parts).collect();
    let supported = |result: &Raw<'_>| -> Vec<String> {
        let versions = result.get("supportedVersions").into_iter().flat_map(|versions| versions.items());
        versions.filter_map(|version| version.as_str().map(std::borrow::Cow::into_owned)).collect()
    };
    let Some((_, first)) = results.first() else {
        return error(id, -32601, "Method not found");
    };
    let mut versions = supported(first);
    versions.retain(|version| results.iter().all(|(_, result)| supported(result).contains(version)));
    let mut out = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"supportedVersions":["#).into_bytes();
    for (index, version) in versions.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_string(version, &mut out);
    }
    out.push(b']');
    capabilities(&results, &mut out);
    instructions(&results, &mut out);
    out.extend_from_slice(br#","resultType":"complete","ttlMs":0,"cacheScope":"private"}}"#);
    out
}

fn results<'p>(parts: &'p [(&str, &'p [Message])]) -> impl Iterator<Item = (&'p str, Raw<'p>)> {
    parts.iter().flat_map(|(name, pages)| pages.iter().filter_map(move |page| Some((*name, page.result()?))))
}

fn capabilities(results: &[(&str, Raw<'_>)], out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"capabilities\":{");
    let mut first = true;
    for (capability, flags) in [
        ("tools", &["listChanged"][..]),
        ("prompts", &["listChanged"]),
        ("resources", &["listChanged", "subscribe"]),
        ("logging", &[]),
        ("completions", &[]),
    ] {
        let having: Vec<Raw<'_>> =
            results.iter().filter_map(|(_, result)| result.get("capabilities")?.get(capability)).collect();
        if having.is_empty() {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        let set = |flag: &&&str| having.iter().any(|raw| raw.get(flag).and_then(|raw| raw.as_bool()) == Some(true));
        let flags: Vec<String> = flags.iter().filter(set).map(|flag| format!("\"{flag}\":true")).collect();
        out.extend_from_slice(format!("\"{capability}\":{{{}}}", flags.join(",")).as_bytes());
    }
    out.push(b'}');
}

/// The members' instructions, each under its name.
fn instructions(results: &[(&str, Raw<'_>)], out: &mut Vec<u8>) {
    let texts: Vec<String> = results
        .iter()
        .filter_map(|(name, result)| Some(format!("{name}: {}", result.get("instructions")?.as_str()?)))
        .collect();
    if !texts.is_empty() {
        out.extend_from_slice(b",\"instructions\":");
        write_string(&texts.join("\n\n"), out);
    }
}

/// Joined lists. Tools and prompts get their server's name in front; resources keep their URIs.
fn listed(method: Method<'_>, id: &str, parts: &[(&str, &[Message])], modern: bool) -> Vec<u8> {
    let Some(member) = method.list_member() else { return empty_result(id, modern) };
    let prefixed = matches!(method, Method::ToolsList | Method::PromptsList);
    let mut out = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"{member}":["#).into_bytes();
    let mut first = true;
    for (name, pages) in parts {
        for item in pages.iter().filter_map(|page| page.result_member(member)).flat_map(|list| list.items()) {
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            match item.get("name").filter(|_| prefixed) {
                Some(written) => {
                    let start = item.span().start;
                    let (from, to) = (written.span().start - start, written.span().end - start);
                    let text = item.bytes();
                    out.extend_from_slice(text.get(..from).unwrap_or_default());
                    write_string(&format!("{name}{SEPARATOR}{}", written.as_str().unwrap_or_default()), &mut out);
                    out.extend_from_slice(text.get(to..).unwrap_or_default());
                }
                None => out.extend_from_slice(item.bytes()),
            }
        }
    }
    out.push(b']');
    if modern {
        out.extend_from_slice(br#","resultType":"complete","ttlMs":0,"cacheScope":"private""#);
    }
    out.extend_from_slice(b"}}");
    out
}

#[cfg(test)]
mod tests {
    use gatehold_wire::Limits;

    use super::*;

    fn message(text: &str) -> Message {
        Message::parse(Bytes::copy_from_slice(text.as_bytes()), &Limits::default()).unwrap()
    }

    #[test]
    fn lists_are_joined_and_names_say_whose_they_are() {
        let request = message(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#);
        let a = [message(r#"{"jsonrpc":"2.0","id":9,"result":{"tools":[{"x":1e400,"name":"read","y":2}]}}"#)];
        let b = [message(r#"{"jsonrpc":"2.0","id":9,"result":{"tools":[{"name":"read"}]}}"#)];
        let joined = answer(&request, "1", &[("fs", &a), ("git", &b)]);
        assert_eq!(
            String::from_utf8(joined).unwrap(),
            r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"x":1e400,"name":"fs__read","y":2},{"name":"git__read"}]}}"#
        );
    }

    #[test]
    fn a_further_page_is_asked_for_with_its_cursor() {
        for (request, expected) in [
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
                r#"{"jsonrpc":"2.0","id":"g","method":"tools/list","params":{"cursor":"c"}}"#,
            ),
            (
                r#"{"params":{"_meta":{}},"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
                r#"{"params":{"cursor":"c","_meta":{}},"jsonrpc":"2.0","id":"g","method":"tools/list"}"#,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"old"}}"#,
                r#"{"jsonrpc":"2.0","id":"g","method":"tools/list","params":{"cursor":"c"}}"#,
            ),
        ] {
            let bytes = part_request(&message(request), "\"g\"", Some("c")).unwrap();
            assert_eq!(&bytes[..], expected.as_bytes());
        }
    }

    #[test]
    fn handshakes_are_joined_to_the_lowest_revision_and_every_capability() {
        let request =
            message(r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#);
        let a = [message(
            r#"{"jsonrpc":"2.0","id":9,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}},"instructions":"Be kind."}}"#,
        )];
        let b = [message(
            r#"{"jsonrpc":"2.0","id":9,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{},"resources":{}}}}"#,
        )];
        let joined = message(std::str::from_utf8(&answer(&request, "1", &[("a", &a), ("b", &b)])).unwrap());
        assert!(joined.result_member("protocolVersion").unwrap().is_str("2025-06-18"));
        assert_eq!(
            joined.result_member("capabilities").unwrap().text(),
            r#"{"tools":{"listChanged":true},"resources":{}}"#
        );
        assert!(joined.result_member("instructions").unwrap().is_str("a: Be kind."));
    }
}
