//! RS002: names and resource URIs that say by themselves that something is wrong: prompts and tools named like commands
//! of the client or the system, resources that are secrets. Paths and addresses inside URIs are for CI002 and SS001.

use crate::finding::Severity;
use crate::inspector::{Card, Findings, Inspector, Maturity};
use crate::text::{Place, Text, TextKind, What};

/// The detector.
#[derive(Debug)]
pub struct Names;

const ID: &str = "RS002";

impl Inspector for Names {
    fn card(&self) -> Card {
        Card {
            id: ID,
            title: "Suspicious name or sensitive resource",
            catches: "Tools and prompts named like system prompts or overrides, names with white space, quotes or \
                      control characters, resource URIs whose scheme or path says secrets.",
            misses: "A harmful thing with an ordinary name.",
            severity: Severity::Medium,
            why: "Names are shown to the model without any description to check them against, and URIs are fetched.",
            remedy: "Look at the server's definition of it before allowing the name.",
            example: "secrets://vault/production",
            maturity: Maturity::Incubating,
            references: &["OWASP-MCP-2025:MCP03", "OWASP-MCP-2025:MCP01", "COSAI-MCP:T4", "CWE-20"],
        }
    }

    fn inspect_text(&self, text: &Text<'_>, findings: &mut Findings) {
        let lower = || text.original.to_ascii_lowercase();
        let found = match text.kind {
            TextKind::Name => name(&lower(), text.parameter),
            TextKind::ResourceUri => uri(&lower()),
            _ => None,
        };
        if let Some((rule, detail)) = found {
            let what = What { id: ID, rule, severity: Severity::Medium, confidence: 0.65, detail };
            findings.push(text.finding(Place { layer: 0, range: 0..text.original.len() }, what));
        }
    }
}

type Found = (&'static str, &'static str);

fn name(lower: &str, member: Option<&str>) -> Option<Found> {
    // Keys of schemas are free; only what is called by its name counts.
    if member != Some("name") {
        return None;
    }
    const COMMANDS: &[&str] = &[
        "system_prompt",
        "system-prompt",
        "override_system",
        "system_override",
        "ignore_previous",
        "ignore_instructions",
        "jailbreak",
        "developer_mode",
        "bypass_safety",
        "disable_safety",
        "admin_override",
        "sudo_mode",
        "disable_guardrails",
    ];
    if COMMANDS.iter().any(|command| lower.contains(command)) {
        return Some(("commanding-name", "a name reads like an order to the model"));
    }
    let odd = lower.chars().any(|c| c.is_control() || matches!(c, '<' | '>' | '`' | '"' | ';' | '|' | '{' | '}'));
    odd.then_some(("odd-characters", "a name has characters that names do not need"))
}

fn uri(lower: &str) -> Option<Found> {
    const SCHEMES: &[&str] = &[
        "secret://",
        "secrets://",
        "credentials://",
        "vault://",
        "keychain://",
        "password://",
        "passwords://",
        "internal://",
        "confidential://",
        "env://",
        "token://",
    ];
    if SCHEMES.iter().any(|scheme| lower.starts_with(scheme)) {
        return Some(("sensitive-scheme", "a resource is a secret by its scheme"));
    }
    const PARTS: &[&str] = &[
        "/secrets",
        "/credentials",
        "/passwords",
        "/private_key",
        "/private-key",
        "/.env",
        "/api_keys",
        "/api-keys",
        "/tokens",
        "confidential",
    ];
    let path = lower.split(['?', '#']).next().unwrap_or_default();
    PARTS.iter().any(|part| path.contains(part)).then_some(("sensitive-path", "a resource is a secret by its path"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    fn found(text: &str, kind: TextKind) -> bool {
        !Registry::new(vec![Box::new(Names)]).inspect_text(text, kind, None, Some("name")).is_empty()
    }

    #[test]
    fn suspicious() {
        for uri in [
            Names.card().example,
            "vault://kv/db",
            "company://confidential",
            "app://config/secrets",
            "file:///srv/app/.env",
        ] {
            assert!(found(uri, TextKind::ResourceUri), "{uri}");
        }
        for name in ["system_prompt_override", "ignore_previous_rules", "a\"; drop", "x<script>", "jailbreak"] {
            assert!(found(name, TextKind::Name), "{name}");
        }
    }

    #[test]
    fn ordinary() {
        for uri in [
            "file:///srv/docs/readme.md",
            "https://example.com/a",
            "notes://today",
            "db://orders/7",
            "repo://main/src/lib.rs",
        ] {
            assert!(!found(uri, TextKind::ResourceUri), "{uri}");
        }
        for name in ["read_file", "search-docs", "Create issue", "get_token_count", "weather.today"] {
            assert!(!found(name, TextKind::Name), "{name}");
        }
    }
}
