//! The words with which a client is asked about a held call, in both eras, and how its answer is read.
//!
//! What a person is shown is the text of the message that will be sent, with everything that could deceive the eye
//! written out. Nothing secret is ever asked for in a form.

use std::fmt::Write as _;

use gatehold_wire::Message;
use gatehold_wire::json::{Raw, write_string};

use crate::approvals::{Hold, Needs};

/// The key of our question in `inputRequests`, and of its answer in `inputResponses` (2026-07-28).
pub(crate) const QUESTION: &str = "dev.gatehold/approval";

/// How much of a message stands in a question. A longer one is not asked about here: what is not read could hold
/// anything.
pub(crate) const SHOWN_BYTES_MAX: usize = 16 * 1024;

/// For how long a person may approve calls like this one, in minutes.
const MINUTES: u32 = 15;

/// What the person behind the client said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// Yes, for this call.
    Once,
    /// Yes, for this call and the same one again in this session.
    Session,
    /// Yes, and for the same call again for a while.
    Minutes(u32),
    /// No.
    Deny,
}

/// The choices of the form, with what each means.
const CHOICES: [(&str, Said); 4] = [
    ("approve once", Said::Once),
    ("approve for this session", Said::Session),
    ("approve for 15 minutes", Said::Minutes(MINUTES)),
    ("deny", Said::Deny),
];

/// The parameters of `elicitation/create` that ask for an approval.
pub(crate) fn form(hold: &Hold) -> Vec<u8> {
    let mut out = br#"{"mode":"form","message":"#.to_vec();
    write_string(&question(hold), &mut out);
    out.extend_from_slice(
        br#","requestedSchema":{"type":"object","properties":{"decision":{"type":"string","title":"Decision","enum":["#,
    );
    for (index, (choice, _)) in CHOICES.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_string(choice, &mut out);
    }
    out.extend_from_slice(
        br#"]},"reason":{"type":"string","title":"Reason, if you deny","maxLength":500}},"required":["decision"]}}"#,
    );
    out
}

/// The question as one text.
fn question(hold: &Hold) -> String {
    let mut text = match hold.needs {
        Needs::Approval => String::from("Gatehold holds this call until you decide.\n\n"),
        Needs::Code => String::from("Gatehold holds this call until you give the code of your authenticator.\n\n"),
    };
    for (name, value) in rows(hold) {
        // Writing to a string cannot fail.
        let _infallible = writeln!(text, "{name}: {}", plain(&value));
    }
    text
}

/// What a person has to see of a hold: names and values, not yet `plain`.
pub(crate) fn rows(hold: &Hold) -> Vec<(&'static str, String)> {
    let mut rows = vec![("What", hold.subject()), ("For", hold.principal.clone()), ("Rule", hold.rule.clone())];
    rows.extend(hold.reason.clone().map(|reason| ("Why", reason)));
    for finding in &hold.findings {
        rows.push((
            "Found",
            format!("{} ({}) at {}: {}", finding.id, finding.severity, finding.pointer, finding.detail),
        ));
    }
    for earlier in &hold.earlier {
        let same = if earlier.same_arguments { "with the same arguments" } else { "with other arguments" };
        rows.push(("Before", format!("{} {same}", earlier.outcome)));
    }
    rows.push(("Will be sent", hold.message.clone()));
    rows
}

/// The parameters of `elicitation/create` that send a person to an address (2025-11-25, "URL mode").
pub(crate) fn address(hold: &Hold, url: &str) -> Vec<u8> {
    let mut out = br#"{"mode":"url","elicitationId":"#.to_vec();
    write_string(&hold.id, &mut out);
    out.extend_from_slice(br#","url":"#);
    write_string(url, &mut out);
    out.extend_from_slice(br#","message":"#);
    write_string(&question(hold), &mut out);
    out.push(b'}');
    out
}

/// Whether a client says that the person will open the address that it was sent. That is no answer yet.
pub(crate) fn will_open(result: Raw<'_>) -> bool {
    result.get("action").is_some_and(|action| action.is_str("accept"))
}

/// A text in which nothing can deceive the eye: control characters, invisible ones and those that turn the direction of
/// writing are written as escapes.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character == ' ' || (!character.is_control() && !is_deceptive(character)) {
            out.push(character);
        } else {
            let _infallible = write!(out, "\\u{{{:x}}}", u32::from(character));
        }
    }
    out
}

/// Invisible characters, other spaces, and marks that reorder or decorate what stands beside them.
const fn is_deceptive(character: char) -> bool {
    matches!(character,
        '\u{00a0}' | '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}'
        | '\u{3000}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// What a client's answer to our form says. Everything that is not clearly a yes is a no.
pub(crate) fn read(result: Raw<'_>) -> (Said, Option<String>) {
    let content = result.get("content");
    let is_accepted = result.get("action").is_some_and(|action| action.is_str("accept"));
    let decision = content.and_then(|content| content.get("decision")).and_then(Raw::as_str);
    let reason = content.and_then(|content| content.get("reason")).and_then(Raw::as_str);
    let said = CHOICES.iter().find(|(choice, _)| is_accepted && decision.as_deref() == Some(choice));
    let reason =
        reason.map(|reason| plain(&reason.chars().take(500).collect::<String>())).filter(|text| !text.is_empty());
    (said.map_or(Said::Deny, |(_, said)| *said), reason)
}

/// The result that asks for an answer and to be asked again (2026-07-28, "Multi round-trip requests"). `state` comes
/// back with the answer.
pub(crate) fn input_required(message: &Message, params: &[u8], state: &str) -> Vec<u8> {
    let id = message.id().map_or("null", |id| id.0);
    let mut out = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"resultType":"input_required","inputRequests":{{"#)
        .into_bytes();
    write_string(QUESTION, &mut out);
    out.extend_from_slice(br#":{"method":"elicitation/create","params":"#);
    out.extend_from_slice(params);
    out.extend_from_slice(br#"}},"requestState":"#);
    write_string(state, &mut out);
    out.extend_from_slice(b"}}");
    out
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use gatehold_wire::Limits;

    use super::*;

    fn said(result: &str) -> Said {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#);
        let message = Message::parse(Bytes::from(text), &Limits::default()).unwrap();
        read(message.result().unwrap()).0
    }

    #[test]
    fn only_a_clear_yes_is_a_yes() {
        assert_eq!(said(r#"{"action":"accept","content":{"decision":"approve once"}}"#), Said::Once);
        assert_eq!(said(r#"{"action":"accept","content":{"decision":"approve for this session"}}"#), Said::Session);
        for no in [
            r#"{"action":"accept","content":{"decision":"deny"}}"#,
            r#"{"action":"decline","content":{"decision":"approve once"}}"#,
            r#"{"action":"cancel"}"#,
            r#"{"action":"accept"}"#,
            r#"{"action":"accept","content":{"decision":["approve once"]}}"#,
            r#"{"action":"accept","content":{"decision":"Approve once"}}"#,
            r#"{"action":"accept","content":"approve once"}"#,
            r#"{"content":{"decision":"approve once"}}"#,
            "{}",
        ] {
            assert_eq!(said(no), Said::Deny, "{no}");
        }
    }

    #[test]
    fn nothing_shown_can_deceive_the_eye() {
        assert_eq!(plain("rm \u{202e}fr\u{200b}\n\u{1b}[2K/"), "rm \\u{202e}fr\\u{200b}\\u{a}\\u{1b}[2K/");
        assert_eq!(plain("Grüße, 世界"), "Grüße, 世界");
    }
}
