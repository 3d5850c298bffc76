//! The detectors, one file each, and the one list of them. To add one: a file here, a line in `all`, cases in
//! `corpus/attacks/<name>` and `corpus/benign`.

pub mod accounts;
pub mod commands;
pub mod contacts;
pub mod direct;
pub mod exfiltration;
pub mod formats;
pub mod harvesting;
pub mod identities;
pub mod injection;
pub mod instructions;
pub mod invisible;
pub mod names;
mod needles;
pub mod paths;
pub mod persistence;
mod personal;
pub mod persons;
pub mod poisoning;
pub mod queries;
pub mod requests;
pub mod roles;
pub mod secrets;
pub mod sets;
pub mod shadowing;
pub mod terminal;
pub mod urls;

use crate::inspector::Inspector;

/// Every detector, in the order in which they run: what hides first, then what orders, then what leaks.
#[must_use]
pub fn all() -> Vec<Box<dyn Inspector>> {
    vec![
        Box::new(poisoning::Poisoning),
        Box::new(invisible::Invisible),
        Box::new(terminal::Terminal),
        Box::new(shadowing::Shadowing),
        Box::new(harvesting::Harvesting),
        Box::new(injection::Injection),
        Box::new(persistence::Persistence),
        Box::new(direct::Direct),
        Box::new(secrets::Secrets),
        Box::new(accounts::Accounts),
        Box::new(identities::Identities),
        Box::new(contacts::Contacts),
        Box::new(persons::Persons),
        Box::new(paths::Paths),
        Box::new(commands::Commands),
        Box::new(queries::Queries),
        Box::new(formats::Formats),
        Box::new(urls::Urls),
        Box::new(exfiltration::Exfiltration),
        Box::new(requests::Requests),
        Box::new(names::Names),
    ]
}
