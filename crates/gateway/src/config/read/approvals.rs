//! Reads how held messages wait for people: the section `approvals`.

use gatehold_decide::document::Node;

use super::Reader;
use crate::approvals::{Known, People, SECRET_BYTES_MIN, WebhookSettings};
use crate::config::Config;
use crate::fetch::{FetchConfig, Fetcher, Resolver};

/// The keys of `approvals`.
pub(super) const APPROVALS: [&str; 4] = ["pending_max", "pending_per_principal_max", "people", "webhook"];
/// The keys of `approvals.webhook`.
pub(super) const WEBHOOK: [&str; 3] = ["url", "secret", "message"];
/// The keys of one person in `approvals.people`.
pub(super) const PERSON: [&str; 2] = ["roles", "also"];

/// People in one configuration.
const PEOPLE_MAX: usize = 1000;

impl Reader<'_> {
    pub(super) fn approvals(&mut self, node: &Node, config: &mut Config) {
        for entry in self.table(node, &APPROVALS) {
            let node = &entry.node;
            let settings = &mut config.approvals;
            match entry.key.as_str() {
                "pending_max" => settings.bounds.pending_max = self.number(node, 1, 10_000),
                "pending_per_principal_max" => {
                    settings.bounds.pending_per_principal_max = self.number(node, 1, 10_000);
                }
                "people" => settings.people = self.people(node),
                "webhook" => config.approvals.webhook = self.webhook(node, &config.fetch),
                _ => {}
            }
        }
    }

    fn webhook(&mut self, node: &Node, fetch: &FetchConfig) -> Option<WebhookSettings> {
        let (mut url, mut secret, mut with_message) = (None, None, true);
        for entry in self.table(node, &WEBHOOK) {
            match entry.key.as_str() {
                "url" => {
                    url = self.text(&entry.node);
                    let fetcher = Fetcher::new(fetch.clone(), Resolver::system());
                    if let Some(Err(fault)) = url.as_ref().map(|url| fetcher.check(url)) {
                        self.error(fault.to_string(), &entry.node.span, "");
                    }
                }
                "secret" => {
                    secret = self.secret(&entry.node, "secret");
                    if secret.as_ref().is_some_and(|secret| secret.reveal().len() < SECRET_BYTES_MIN) {
                        let help = "make one with `openssl rand -hex 32`";
                        self.error(format!("a secret has at least {SECRET_BYTES_MIN} bytes"), &entry.node.span, help);
                    }
                }
                "message" => with_message = self.boolean(&entry.node),
                _ => {}
            }
        }
        let (Some(url), Some(secret)) = (url, secret) else {
            if self.errors.is_empty() {
                self.error("a webhook needs `url` and `secret`", &node.span, "");
            }
            return None;
        };
        Some(WebhookSettings { url, secret, with_message, fetch: fetch.clone() })
    }

    fn people(&mut self, node: &Node) -> People {
        let entries = self.table(node, &[]);
        if entries.is_empty() {
            self.error("nobody is named here", &node.span, "name people, or take `people` away");
        }
        if entries.len() > PEOPLE_MAX {
            self.error(format!("there are more than {PEOPLE_MAX} people"), &node.span, "");
        }
        let mut known: Vec<Known> = Vec::new();
        for entry in entries.iter().take(PEOPLE_MAX) {
            let mut person = Known { name: entry.key.as_str().into(), ..Known::default() };
            for entry in self.table(&entry.node, &PERSON) {
                let words = self.each(&entry.node, Self::text).into_iter().map(String::into_boxed_str).collect();
                match entry.key.as_str() {
                    "roles" => person.roles = words,
                    "also" => person.also = words,
                    _ => {}
                }
            }
            let names = std::iter::once(&person.name).chain(&person.also);
            let others = People::new(known.clone());
            if let Some(name) = names.into_iter().find(|name| others.knows(name)) {
                self.error(
                    format!("`{name}` is two people"),
                    &entry.key_span,
                    "a name, in whatever case, belongs to one person",
                );
            }
            known.push(person);
        }
        People::new(known)
    }
}
