//! The ids of sessions and streams: random, with an end, and sealed with a key of this process for the principal and the
//! server that they were made for. So a forged id and one of somebody else are told apart from a good one without
//! trusting the table of sessions alone.
//!
//! An id is a name and never a credential: each request proves for itself who sends it.

use std::sync::OnceLock;
use std::time::Duration;

use gatehold_session::Principal;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::hex;

/// Random bytes of an id: 256 bits.
const RANDOM_BYTES: usize = 32;
/// Bytes of its end: seconds since the start of the process.
const END_BYTES: usize = 8;
/// Bytes of each seal: 128 bits.
const SEAL_BYTES: usize = 16;
const ID_BYTES: usize = RANDOM_BYTES + END_BYTES + 2 * SEAL_BYTES;

/// What an id that a client shows is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Worth {
    /// It was made here for this principal and server, and its time is not over.
    Own,
    /// It was made here, for somebody else or for another server.
    Foreign,
    /// It was not made here, or its time is over.
    Nothing,
}

/// A new id for a principal with a server, good until `end`, counted from the start of the process.
pub(crate) fn issue(principal: &Principal, server: &str, end: Duration) -> Box<str> {
    let mut random = [0_u8; RANDOM_BYTES];
    fill(&mut random);
    let body = [&random[..], &end.as_secs().to_be_bytes()].concat();
    let seals = [seal(&body, None), seal(&body, Some((principal, server)))];
    let mut id = hex::encode(&body);
    for seal in seals {
        id.push_str(&hex::encode(&seal));
    }
    id.into()
}

/// What an id is worth to a principal with a server, `now` counted from the start of the process.
pub(crate) fn weigh(id: &str, principal: &Principal, server: &str, now: Duration) -> Worth {
    if id.len() != 2 * ID_BYTES {
        return Worth::Nothing;
    }
    let Some(bytes) = hex::decode(id) else { return Worth::Nothing };
    let (body, seals) = bytes.split_at(RANDOM_BYTES + END_BYTES);
    let (made_here, bound) = seals.split_at(SEAL_BYTES);
    let end = body.last_chunk::<END_BYTES>().map_or(0, |end| u64::from_be_bytes(*end));
    let is_ours = seal(body, None).ct_eq(made_here);
    let is_bound = seal(body, Some((principal, server))).ct_eq(bound);
    match (bool::from(is_ours) && end > now.as_secs(), bool::from(is_bound)) {
        (true, true) => Worth::Own,
        (true, false) => Worth::Foreign,
        (false, _) => Worth::Nothing,
    }
}

/// HMAC-SHA-256 over the parts, each with its length before it, cut to 128 bits.
fn seal(body: &[u8], bound: Option<(&Principal, &str)>) -> [u8; SEAL_BYTES] {
    static KEY: OnceLock<Option<Hmac<Sha256>>> = OnceLock::new();
    let keyed = KEY.get_or_init(|| {
        let mut key = Zeroizing::new([0_u8; 32]);
        fill(&mut *key);
        Hmac::new_from_slice(&*key).ok()
    });
    // A key of any length is lawful, so there always is one.
    let Some(mut mac) = keyed.clone() else { std::process::abort() };
    let mut part = |bytes: &[u8]| {
        mac.update(&(bytes.len() as u64).to_be_bytes());
        mac.update(bytes);
    };
    part(body);
    if let Some((principal, server)) = bound {
        part(server.as_bytes());
        part(principal.proof().name().as_bytes());
        part(principal.name().as_bytes());
        for optional in [principal.issuer(), principal.client()] {
            // What is not there differs from what is empty.
            part(&[u8::from(optional.is_some())]);
            part(optional.unwrap_or_default().as_bytes());
        }
    }
    let whole: [u8; 32] = mac.finalize().into_bytes().into();
    let mut seal = [0_u8; SEAL_BYTES];
    seal.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    seal
}

fn fill(bytes: &mut [u8]) {
    if getrandom::fill(bytes).is_err() {
        // Without randomness ids could be guessed; no session is better than that one.
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use gatehold_session::principal::Proof;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn an_id_is_worth_something_to_whom_it_was_made_for_until_its_end() {
        let ada = Principal::vouched("ada", Proof::Token, Some("https://as.example"), Some("app"));
        let id = issue(&ada, "notes", HOUR);
        assert_eq!(weigh(&id, &ada, "notes", Duration::ZERO), Worth::Own);
        assert_eq!(weigh(&id, &ada, "notes", HOUR), Worth::Nothing, "its time is over");
        assert_ne!(issue(&ada, "notes", HOUR), id);
        let others = [
            Principal::vouched("bob", Proof::Token, Some("https://as.example"), Some("app")),
            Principal::vouched("ada", Proof::ApiKey, Some("https://as.example"), Some("app")),
            Principal::vouched("ada", Proof::Token, Some("https://other.example"), Some("app")),
            Principal::vouched("ada", Proof::Token, Some("https://as.example"), Some("other")),
            Principal::vouched("ada", Proof::Token, Some("https://as.example"), None),
            Principal::vouched("ada", Proof::Token, Some("https://as.example"), Some("")),
            Principal::vouched("ada", Proof::Token, None, Some("app")),
        ];
        for other in &others {
            assert_eq!(weigh(&id, other, "notes", Duration::ZERO), Worth::Foreign, "{other:?}");
        }
        assert_eq!(weigh(&id, &ada, "tracker", Duration::ZERO), Worth::Foreign);
    }

    #[test]
    fn a_forged_id_is_worth_nothing_wherever_it_differs() {
        let ada = Principal::new("ada", Proof::ApiKey);
        let id = issue(&ada, "notes", HOUR);
        for at in 0..id.len() {
            let mut forged = id.to_string();
            let other = if &forged[at..=at] == "0" { "1" } else { "0" };
            forged.replace_range(at..=at, other);
            assert_ne!(weigh(&forged, &ada, "notes", Duration::ZERO), Worth::Own, "changed at {at}");
        }
        for wrong in ["", "no-such", &id[1..], &format!("{id}0"), &id.to_ascii_uppercase()] {
            assert_eq!(weigh(wrong, &ada, "notes", Duration::ZERO), Worth::Nothing, "{wrong}");
        }
    }
}
