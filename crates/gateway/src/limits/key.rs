//! What a limit counts apart: the values of its dimensions, made into a key of fixed size. Whatever a peer sends, a key
//! takes as much memory as any other, and nobody who does not know the process's secret can make two keys the same.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use gatehold_decide::obligation::{Dimension, Limit};
use gatehold_decide::rate::Meter;
use gatehold_session::principal::Proof;
use gatehold_session::{Facts, Principal};
use sha2::{Digest, Sha256};

/// Where a limit was written. Two limits of one name do not share counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Written {
    /// In the policy.
    Policy,
    /// In the configuration.
    Config,
}

/// The key of one counter in this process, and the place where it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LocalKey {
    pub(crate) key: u128,
    /// Made of what a peer cannot choose: whoever fills a part of the table fills only its own.
    pub(crate) home: u64,
}

/// Makes the keys of this process: with a secret of its own.
#[derive(Debug, Default)]
pub(crate) struct LocalKeys {
    first: RandomState,
    second: RandomState,
    home: RandomState,
}

impl LocalKeys {
    pub(crate) fn of(&self, written: Written, limit: &Limit, meter: &Meter, facts: &Facts<'_>) -> LocalKey {
        let (mut first, mut second, mut home) =
            (self.first.build_hasher(), self.second.build_hasher(), self.home.build_hasher());
        let mut put = |part: &[u8], chosen_by_peer: bool| {
            first.write_usize(part.len());
            first.write(part);
            second.write_usize(part.len());
            second.write(part);
            if !chosen_by_peer {
                home.write_usize(part.len());
                home.write(part);
            }
        };
        write(written, limit, facts, &mut put);
        meter.hash(&mut first);
        meter.hash(&mut second);
        LocalKey { key: u128::from(first.finish()) << 64 | u128::from(second.finish()), home: home.finish() }
    }
}

/// The key of one counter in the shared store: the same in every gateway, and nothing in it can be read.
pub(crate) fn shared_key(written: Written, limit: &Limit, meter: &Meter, facts: &Facts<'_>) -> [u8; 16] {
    let mut digest = Sha256::new();
    let mut put = |part: &[u8], _| {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    };
    write(written, limit, facts, &mut put);
    put(meter_name(meter), false);
    for number in meter.numbers() {
        put(&number.to_le_bytes(), false);
    }
    let digest = digest.finalize();
    let mut key = [0; 16];
    for (to, from) in key.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    key
}

const fn meter_name(meter: &Meter) -> &'static [u8] {
    use gatehold_decide::obligation::Manner;
    match meter.manner() {
        Manner::Bucket => b"bucket",
        Manner::Fixed => b"fixed",
        Manner::Sliding => b"sliding",
    }
}

/// Writes what makes a counter: the limit and the values of its dimensions. Each part is followed by whether a peer can
/// choose it freely.
fn write(written: Written, limit: &Limit, facts: &Facts<'_>, put: &mut impl FnMut(&[u8], bool)) {
    put(&[written as u8], false);
    put(limit.name.as_bytes(), false);
    for dimension in &limit.per {
        match dimension {
            Dimension::Principal => put_principal(facts.principal, put),
            // What a client says of itself is changed with each request: without a verified client all of a principal's
            // count together.
            Dimension::Client => match facts.principal.client() {
                Some(client) => {
                    put(b"verified", false);
                    put(client.as_bytes(), false);
                }
                None => put_principal(facts.principal, put),
            },
            Dimension::Tenant => put_option(facts.principal.attributes().tenant.as_deref(), put),
            // A principal opens sessions as it likes: they live where the principal does. Those of nobody in particular
            // live apart.
            Dimension::Session => {
                put_principal(facts.principal, put);
                put(facts.origin.session.as_bytes(), facts.principal.proof() != Proof::Anonymous);
            }
            Dimension::Server => put(facts.origin.server.as_bytes(), false),
            Dimension::Method => put(facts.method.map_or("", |method| method.name()).as_bytes(), true),
            Dimension::Tool => put(facts.tool.as_deref().unwrap_or_default().as_bytes(), true),
            Dimension::Label(name) => {
                let labels = &facts.principal.attributes().labels;
                put_option(labels.iter().find(|(known, _)| known == name).map(|(_, value)| &**value), put);
            }
        }
    }
}

/// A principal by name and who vouches for it. Not by its client: another key or another application does not give it
/// another share.
fn put_principal(principal: &Principal, put: &mut impl FnMut(&[u8], bool)) {
    put(principal.proof().name().as_bytes(), false);
    put_option(principal.issuer(), put);
    put(principal.name().as_bytes(), false);
}

fn put_option(value: Option<&str>, put: &mut impl FnMut(&[u8], bool)) {
    put(&[u8::from(value.is_some())], false);
    put(value.unwrap_or_default().as_bytes(), false);
}
