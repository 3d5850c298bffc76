//! Holding a call open while a person is asked. The client is told that it waits, sees progress where it asked for it,
//! and is asked itself where it can show a question; meanwhile the desk takes answers from every other way.
//!
//! It never sends what is held: when the answer is there, the call goes on through the gate as any other, under a
//! decision that names the approval.

mod asks;
pub(crate) mod state;
pub(crate) mod wait;
pub(crate) mod words;

use gatehold_evidence::Cleared;
use gatehold_session::{Direction, Observed, Principal};
use gatehold_wire::Message;
use tokio::sync::mpsc;

pub(crate) use asks::Asks;

use crate::pipeline::Judged;
use crate::relay::Senders;

/// Messages to the client that may wait on one held call.
const WAITING_MAX: usize = 16;

/// What can be done with a message that has to wait.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Hold<'a> {
    /// Nothing: it is denied.
    Never,
    /// Whoever passes it waits, and speaks to the client meanwhile where that is possible.
    Here(Option<&'a Outlet>),
    /// Whoever passes it goes on with other messages and resumes it beside them.
    Later,
}

/// A message that waits, with all that was found out about it.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) message: Message,
    pub(crate) direction: Direction,
    pub(crate) observed: Observed,
    pub(crate) principal: Option<Principal>,
    pub(crate) judged: Judged,
}

/// The way to the client of a held call.
#[derive(Clone)]
pub(crate) enum Outlet {
    /// The stream of events that answers its request.
    Events(mpsc::Sender<Said>),
    /// Its channel.
    Channel(Senders),
}

/// What a client is told while its call waits.
#[derive(Debug)]
pub(crate) enum Said {
    /// That it waits: the answer will take longer.
    Held,
    /// A message of ours: a question, or progress.
    Message(Cleared),
}

/// The client of a held call is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

impl Outlet {
    /// A way that ends in a stream of events, and its other end.
    pub(crate) fn events() -> (Self, mpsc::Receiver<Said>) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        (Self::Events(sender), receiver)
    }

    /// Says that the call waits.
    pub(crate) async fn held(&self) -> Result<(), Gone> {
        match self {
            Self::Events(events) => events.send(Said::Held).await.map_err(|_| Gone),
            Self::Channel(_) => Ok(()),
        }
    }

    /// Sends a message of ours.
    pub(crate) async fn send(&self, cleared: Cleared) -> Result<(), Gone> {
        match self {
            Self::Events(events) => events.send(Said::Message(cleared)).await.map_err(|_| Gone),
            Self::Channel(senders) => senders.send(Direction::FromServer, cleared).await.map_err(|_| Gone),
        }
    }

    /// Waits until the client is gone, where that can be told.
    pub(crate) async fn gone(&self) {
        match self {
            Self::Events(events) => events.closed().await,
            Self::Channel(_) => std::future::pending().await,
        }
    }
}

impl std::fmt::Debug for Outlet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Events(_) => "Outlet::Events",
            Self::Channel(_) => "Outlet::Channel",
        })
    }
}
