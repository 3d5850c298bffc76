//! Vault tokens become values again, in the arguments of a call to the server that they came from, and nowhere else.
//! What has no value is left as it is: the server then gets the token.

use std::ops::ControlFlow;

use gatehold_inspect::Flow;
use gatehold_session::Direction;
use gatehold_wire::edit::Edit;
use gatehold_wire::json::Role;

use super::place::Position;
use super::token::{TOKEN_MAX, VAULT};
use super::{Home, Means, quoted};

/// More tokens than this in one message are not restored.
const TOKENS_MAX: usize = 256;

/// The edits that put values in the place of their tokens. None for what comes from a server.
#[must_use]
pub fn restore(flow: Flow<'_>, means: &Means<'_>) -> Vec<Edit> {
    let mut edits = Vec::new();
    let (Some(vault), Direction::FromClient) = (means.vault, flow.facts.direction) else { return edits };
    let Some(arguments) = flow.message.arguments() else { return edits };
    if memchr::memmem::find(arguments.bytes(), VAULT.as_bytes()).is_none() {
        return edits;
    }
    let home = Home { server: &flow.facts.origin.server, principal: flow.facts.principal };
    let _walked = arguments.walk_strings(|spot| {
        let (Role::String, Some(text)) = (spot.role(), spot.value().as_str()) else { return ControlFlow::Continue(()) };
        let string = spot.value();
        let source = string.bytes().get(1..string.bytes().len().saturating_sub(1)).unwrap_or_default();
        let mut position = Position::new(source);
        for (start, _) in text.match_indices(VAULT) {
            let Some(token) = token_at(&text, start) else { continue };
            let Some(value) = vault.value(token, home) else { continue };
            let inner = string.span().start + 1;
            let span = inner + position.of(start)..inner + position.of(start + token.len());
            let written = quoted(&value);
            edits.push(Edit { span, with: written.get(1..written.len() - 1).unwrap_or_default().to_vec() });
            if edits.len() >= TOKENS_MAX {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    });
    edits
}

/// The token that begins here.
fn token_at(text: &str, start: usize) -> Option<&str> {
    let rest = text.get(start..)?;
    let end = rest.bytes().take(TOKEN_MAX).position(|byte| byte == b']')?;
    rest.get(..=end)
}
