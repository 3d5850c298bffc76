//! The crate as its users see it: what a person reads who wrote a wrong policy, and the examples of the guide.

#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "tests read the cases from files; the library reads none")]

mod compatible;
mod diagnostics;
mod guide;
mod presets;
mod schema;
