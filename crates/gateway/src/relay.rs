//! Carries a conversation between two channels: each line from one side passes the gate and goes to the other. The two
//! directions run side by side, so that a peer that is slow to read stops only its own direction.

use std::sync::Arc;
use std::time::Duration;

use gatehold_session::Direction;
use gatehold_wire::RefusalCode;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::channel::{Fault, Receiver, Sender};
use crate::conversation::{Coming, Conversation};
use crate::holding::{Held, Outlet};

/// How long calls that wait for a person may still be answered after their client has said all it had to say.
const HELD_PATIENCE: Duration = Duration::from_secs(5);

/// How one direction of a relay ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Its source has nothing more to say.
    Source,
    /// Its source broke.
    SourceBroken,
    /// Its destination does not listen any more.
    Destination,
}

/// The two senders of a relay. Each is used by both directions: a refusal goes back where its message came from.
#[derive(Clone)]
pub(crate) struct Senders {
    client: Arc<Mutex<Option<Sender>>>,
    server: Arc<Mutex<Option<Sender>>>,
}

impl Senders {
    pub(crate) fn new(client: Sender, server: Sender) -> Self {
        Self { client: Arc::new(Mutex::new(Some(client))), server: Arc::new(Mutex::new(Some(server))) }
    }

    /// Takes the sender toward the server away, so that the server reads the end of its input.
    pub(crate) async fn close_server(&self) {
        if let Some(Sender::Lines(mut lines)) = self.server.lock().await.take() {
            lines.close().await;
        }
    }

    /// Takes the sender toward the client away, so that what reads its queue finds an end.
    pub(crate) async fn close_client(&self) {
        if let Some(Sender::Lines(mut lines)) = self.client.lock().await.take() {
            lines.close().await;
        }
    }

    pub(crate) async fn send(&self, to: Direction, cleared: gatehold_evidence::Cleared) -> Result<(), Fault> {
        let sender = match to {
            Direction::FromClient => &self.server,
            Direction::FromServer => &self.client,
        };
        match sender.lock().await.as_mut() {
            Some(sender) => sender.send(cleared).await,
            None => Err(Fault::Broken("its input was closed".to_owned())),
        }
    }
}

/// Carries one direction until its source or its destination ends.
pub(crate) async fn carry(
    conversation: &Arc<Conversation>,
    direction: Direction,
    receiver: &mut Receiver,
    senders: &Senders,
) -> Ended {
    // Messages that wait for a person are resumed beside the others. Dropped with this, they are given up.
    let mut held = JoinSet::new();
    loop {
        let outcome = match receiver.next().await {
            None => {
                let _late = timeout(HELD_PATIENCE, async { while held.join_next().await.is_some() {} }).await;
                return Ended::Source;
            }
            Some(Err(Fault::Broken(_))) => return Ended::SourceBroken,
            Some(Err(Fault::Refused(refusal))) => conversation.unreadable(direction, b"", &refusal, None).await,
            Some(Ok(line)) => {
                conversation.pass_line(direction, line, Coming { principal: receiver.speaker(), ..Coming::PLAIN }).await
            }
        };
        if let Some(waiting) = outcome.held {
            while held.try_join_next().is_some() {}
            held.spawn(resume(Arc::clone(conversation), waiting, senders.clone()));
            continue;
        }
        if let Some(onward) = outcome.onward
            && senders.send(direction, onward).await.is_err()
        {
            return Ended::Destination;
        }
        // A server's stray output is dropped and recorded; an answer to it would only confuse the server. The client
        // is told, since it waits.
        let tell = direction == Direction::FromClient || outcome.unreadable.is_none_or(is_a_message);
        if let Some(back) = outcome.back
            && tell
            && senders.send(direction.reverse(), back).await.is_err()
        {
            return match direction {
                // The client is gone: its words are still carried to the server.
                Direction::FromClient => continue,
                Direction::FromServer => Ended::Destination,
            };
        }
    }
}

/// Carries one message on when its person has answered.
async fn resume(conversation: Arc<Conversation>, held: Box<Held>, senders: Senders) {
    let direction = held.direction;
    let outlet = Outlet::Channel(senders.clone());
    let passage = conversation.resume(*held, Some(&outlet)).await;
    // A side that is gone is noticed by whoever reads from it.
    if let Some(onward) = passage.onward {
        let _gone = senders.send(direction, onward).await;
    }
    if let Some(back) = passage.back {
        let _gone = senders.send(direction.reverse(), back).await;
    }
}

/// Whether a refusal is about something that was JSON, so that its sender can make sense of an answer.
fn is_a_message(code: RefusalCode) -> bool {
    !matches!(code, RefusalCode::InvalidJson | RefusalCode::InvalidUtf8 | RefusalCode::TrailingBytes)
}
