//! Reads secrets: the section `secrets`, and every value in which a reference may stand.

use std::ops::Range;

use gatehold_decide::diagnostic::Diagnostic;
use gatehold_decide::document::Node;

use super::Reader;
use crate::fetch::FetchConfig;
use crate::secrets::{Secret, SecretFault, Vault, VaultSettings, looks_secret};

/// The keys of `secrets.vault`.
pub(super) const VAULT: [&str; 3] = ["address", "token", "namespace"];

impl Reader<'_> {
    /// Reads where secrets come from, before anything that names one. Without the section the variables that Vault's own
    /// tools use say where it is.
    pub(super) fn secrets(&mut self, node: Option<&Node>, fetch: &FetchConfig) {
        let (mut address, mut token, mut namespace) = (None, None, None);
        let section = node.map(|node| self.table(node, &["vault"])).unwrap_or_default();
        for entry in section.iter().filter(|entry| entry.key == "vault") {
            for entry in self.table(&entry.node, &VAULT) {
                match entry.key.as_str() {
                    "address" => address = self.text(&entry.node),
                    "token" => token = self.secret(&entry.node, "token"),
                    "namespace" => namespace = self.text(&entry.node),
                    _ => {}
                }
            }
            if address.is_none() && (self.lookup)("VAULT_ADDR").is_none() {
                self.error("Vault needs an `address`", &entry.node.span, "write its URL, or set VAULT_ADDR");
            }
        }
        let Some(address) = address.or_else(|| (self.lookup)("VAULT_ADDR")) else { return };
        let namespace = namespace.or_else(|| (self.lookup)("VAULT_NAMESPACE"));
        let token = token.or_else(|| self.secrets.variable("VAULT_TOKEN").ok());
        match token {
            Some(token) => {
                self.secrets.set_vault(Vault::new(VaultSettings { address, token, namespace }, fetch.clone()))
            }
            // A reference to Vault will say what is missing.
            None => {
                if let Some(entry) = section.first() {
                    self.error("Vault needs a `token`", &entry.node.span, "name one here, or set VAULT_TOKEN");
                }
            }
        }
    }

    /// A value that is a secret by its nature. Written out in the file it draws a warning.
    pub(super) fn secret(&mut self, node: &Node, name: &str) -> Option<Secret> {
        let text = self.text(node)?;
        let expanded = self.expanded(&text, &node.span)?;
        if expanded.value.is_empty() {
            self.error(format!("`{name}` is empty"), &node.span, "");
            return None;
        }
        if !expanded.has_reference {
            self.warn_of_literal(name, &node.span);
        }
        Some(expanded.value)
    }

    /// A value that may be a secret, such as a header or a variable. It draws a warning if it looks like one and stands
    /// in the file.
    pub(super) fn perhaps_secret(&mut self, text: &str, name: &str, span: &Range<usize>) -> Option<Secret> {
        let expanded = self.expanded(text, span)?;
        if !expanded.has_reference && looks_secret(name, expanded.value.reveal()) {
            self.warn_of_literal(name, span);
        }
        Some(expanded.value)
    }

    fn expanded(&mut self, text: &str, span: &Range<usize>) -> Option<crate::secrets::Expanded> {
        let expanded = self.secrets.expand(text);
        let told = self.secrets.take_told();
        self.secret_files.extend(told.files);
        self.warnings.extend(told.warnings.into_iter().map(|warning| Diagnostic::new(warning, span.clone())));
        match expanded {
            Ok(expanded) => Some(expanded),
            Err(SecretFault { message, help }) => {
                self.error(message, span, help);
                None
            }
        }
    }

    fn warn_of_literal(&mut self, name: &str, span: &Range<usize>) {
        let help = "keep it elsewhere and write `${env:NAME}`, `${file:PATH}` or `${vault:MOUNT/PATH#KEY}` here";
        self.warnings.push(
            Diagnostic::new(format!("`{name}` looks like a secret that stands in the file"), span.clone())
                .with_help(help),
        );
    }
}
