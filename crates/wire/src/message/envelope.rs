//! Finds the members of the envelope, and those one level below, while the text is being checked.

use std::ops::Range;

use super::known_keys::{self, Place, Standing};
use crate::json::scan::Watcher;
use crate::{Refusal, RefusalCode};

/// A span in a message; texts of 4 GiB and more are refused before they are read.
pub(super) type Span = Range<u32>;

pub(super) fn wide(span: &Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// Members of `params`, `result` or `error`, whichever the message has.
#[derive(Debug, Clone)]
pub(super) struct Members {
    slots: [Slot; SLOTS],
    length: u8,
    /// Whether there were more than fit: then only the walk knows them all.
    overflowed: bool,
}

/// Real messages have at most ten members there; the table keeps a `Message` within a few cache lines.
const SLOTS: usize = 12;

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    key_start: u32,
    key_end: u32,
    value_start: u32,
    value_end: u32,
}

impl Members {
    const fn new() -> Self {
        let empty = Slot { key_start: 0, key_end: 0, value_start: 0, value_end: 0 };
        Self { slots: [empty; SLOTS], length: 0, overflowed: false }
    }

    fn add(&mut self, key: Span, value: Span) {
        match self.slots.get_mut(usize::from(self.length)) {
            Some(slot) => {
                let (Range { start: key_start, end: key_end }, Range { start: value_start, end: value_end }) =
                    (key, value);
                *slot = Slot { key_start, key_end, value_start, value_end };
                self.length += 1;
            }
            None => self.overflowed = true,
        }
    }

    /// Whether every member is in the table.
    pub(super) const fn is_complete(&self) -> bool {
        !self.overflowed
    }

    /// The keys, without their quotes, and values in the table.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + '_ {
        self.slots.iter().take(usize::from(self.length)).map(|slot| {
            let key = slot.key_start as usize..slot.key_end as usize;
            (key, slot.value_start as usize..slot.value_end as usize)
        })
    }
}

/// The envelope of one message as it was read.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) jsonrpc: Option<Span>,
    pub(super) id: Option<Span>,
    pub(super) method: Option<Span>,
    pub(super) params: Option<Span>,
    pub(super) result: Option<Span>,
    pub(super) error: Option<Span>,
    pub(super) members: Members,
    /// Which member of the envelope is being read.
    current: Member,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Member {
    JsonRpc,
    Id,
    Method,
    Params,
    Result,
    Error,
    Unknown,
}

impl Envelope {
    pub(super) const fn new() -> Self {
        Self {
            jsonrpc: None,
            id: None,
            method: None,
            params: None,
            result: None,
            error: None,
            members: Members::new(),
            current: Member::Unknown,
        }
    }
}

impl Watcher for Envelope {
    type Place = Place;

    fn root(&self) -> Place {
        Place::Envelope
    }

    #[inline]
    fn opened(&self, expected: Place, is_object: bool) -> Place {
        match (expected, is_object) {
            (Place::List, false) => Place::List,
            (Place::List, true) | (_, false) => Place::Elsewhere,
            (place, true) => place,
        }
    }

    #[inline]
    fn element(&self, place: Place) -> Place {
        if place == Place::List { Place::Entry } else { Place::Elsewhere }
    }

    #[inline]
    fn key(&mut self, place: Place, key: &[u8], offset: usize) -> Result<Place, Refusal> {
        let below = match known_keys::judge(place, key) {
            Standing::Known(below) => below,
            Standing::Free => Place::Elsewhere,
            Standing::Folded(known) => return Err(folded(known, offset)),
        };
        if place == Place::Envelope {
            self.current = match below {
                Place::Params => Member::Params,
                Place::Result => Member::Result,
                Place::Error => Member::Error,
                _ => small_member(key),
            };
        }
        Ok(below)
    }

    #[inline]
    fn member(&mut self, place: Place, key: Span, value: Span) {
        match place {
            Place::Envelope => match self.current {
                Member::JsonRpc => self.jsonrpc = Some(value),
                Member::Id => self.id = Some(value),
                Member::Method => self.method = Some(value),
                Member::Params => self.params = Some(value),
                Member::Result => self.result = Some(value),
                Member::Error => self.error = Some(value),
                Member::Unknown => {}
            },
            // A message that has more than one of these is refused, so the table has one owner.
            Place::Params | Place::Result | Place::Error => self.members.add(key, value),
            Place::Elsewhere
            | Place::Meta
            | Place::Capabilities
            | Place::List
            | Place::Entry
            | Place::Reference
            | Place::Filter
            | Place::Requests
            | Place::InnerRequest
            | Place::InnerParams
            | Place::InnerResult
            | Place::InnerError => {}
        }
    }
}

#[inline]
fn small_member(key: &[u8]) -> Member {
    let is = |name| crate::json::string::equals(key, name);
    if is("jsonrpc") {
        Member::JsonRpc
    } else if is("id") {
        Member::Id
    } else if is("method") {
        Member::Method
    } else {
        Member::Unknown
    }
}

#[cold]
fn folded(known: &str, offset: usize) -> Refusal {
    let detail = format!("A key looks like the protocol's `{known}` but is written differently.");
    Refusal::new(RefusalCode::FoldedKey, offset, detail)
}
