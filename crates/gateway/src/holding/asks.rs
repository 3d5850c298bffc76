//! The questions that the gateway itself has asked clients, and who waits for each answer. An answer is taken only from
//! the principal that was asked, and only once.
//!
//! An answer to no question of ours is none of its business.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use gatehold_session::Principal;
use gatehold_wire::{Kind, Message};
use tokio::sync::oneshot;

/// Questions at a time.
const COUNT_MAX: usize = 4096;

/// What the ids of our questions begin with.
const PREFIX: &str = "\"gatehold-ask-";

/// Questions that wait for their answers.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    waiting: Mutex<HashMap<Box<str>, Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    principal: Principal,
    answered: oneshot::Sender<Message>,
}

/// A question that was asked. Dropping it forgets the question.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    asks: &'a Asks,
    /// The id of the question as it is written on the wire.
    pub(crate) id: Box<str>,
    pub(crate) answer: oneshot::Receiver<Message>,
}

impl Asks {
    /// A new question for this principal; `None` when too many wait.
    pub(crate) fn ask(&self, principal: &Principal) -> Option<Asked<'_>> {
        let id: Box<str> = format!("{PREFIX}{}\"", crate::sessions::new_id()).into();
        let (answered, answer) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= COUNT_MAX {
            return None;
        }
        waiting.insert(id.clone(), Waiting { principal: principal.clone(), answered });
        drop(waiting);
        Some(Asked { asks: self, id, answer })
    }

    /// Takes a message of a client if it answers a question that its principal was asked.
    pub(crate) fn take(&self, principal: &Principal, message: &Message) -> bool {
        if !matches!(message.kind(), Kind::Result | Kind::Error) {
            return false;
        }
        let Some(id) = message.id().filter(|id| id.0.starts_with(PREFIX)) else { return false };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.get(id.0).is_none_or(|waiting| waiting.principal != *principal) {
            return false;
        }
        match waiting.remove(id.0) {
            Some(asked) => asked.answered.send(message.clone()).is_ok(),
            None => false,
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.asks.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use gatehold_session::Proof;
    use gatehold_wire::Limits;

    use super::*;

    fn answer(id: &str) -> Message {
        let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"action":"accept"}}}}"#);
        Message::parse(Bytes::from(text), &Limits::default()).unwrap()
    }

    #[test]
    fn only_who_was_asked_answers_and_only_once() {
        let asks = Asks::default();
        let (ada, eve) = (Principal::new("ada", Proof::ApiKey), Principal::new("eve", Proof::ApiKey));
        let mut asked = asks.ask(&ada).unwrap();
        let yes = answer(&asked.id);
        assert!(!asks.take(&eve, &yes), "somebody else answers");
        assert!(!asks.take(&ada, &answer("1")), "another id");
        assert!(asks.take(&ada, &yes));
        assert!(asked.answer.try_recv().is_ok());
        assert!(!asks.take(&ada, &yes), "twice");
        drop(asked);
        assert!(asks.waiting.lock().unwrap().is_empty());
        drop(asks.ask(&ada));
        assert!(asks.waiting.lock().unwrap().is_empty(), "a question that nobody waits for is forgotten");
    }
}
