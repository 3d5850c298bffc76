//! One server of an aggregate: its channel, and the conversation in which its messages are decided under its name.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use gatehold_evidence::Cleared;
use gatehold_session::{Direction, Origin, Principal};
use gatehold_wire::{Batch, Message, Method, Refusal};
use tokio::sync::Mutex as AsyncMutex;

use crate::channel::{Receiver, Sender};
use crate::conversation::{Coming, Conversation};
use crate::holding::Hold;
use crate::pipeline::{Passage, Pipeline};
use crate::servers::Server;
use crate::upstream::connect::{Guard, OpenError, open};

/// One server of an aggregate.
pub(super) struct Member {
    server: Arc<Server>,
    conversation: Conversation,
    sender: AsyncMutex<Option<Sender>>,
    guard: Mutex<Option<Guard>>,
    able: Mutex<Able>,
}

/// What a server said it can do; until it has said so, everything is tried.
#[derive(Clone, Copy)]
struct Able {
    open: bool,
    known: bool,
    tools: bool,
    prompts: bool,
    resources: bool,
}

impl Member {
    pub(super) fn new(server: &Arc<Server>, origin: &Origin, pipeline: &Arc<Pipeline>) -> Self {
        let origin = Origin { server: server.name.clone(), ..origin.clone() };
        Self {
            server: Arc::clone(server),
            conversation: Conversation::new(Arc::clone(pipeline), origin),
            sender: AsyncMutex::new(None),
            guard: Mutex::new(None),
            able: Mutex::new(Able { open: false, known: false, tools: false, prompts: false, resources: false }),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.server.name
    }

    /// Opens the channel; what arrives is read by the caller.
    pub(super) async fn open(&self) -> Result<Receiver, OpenError> {
        // A member is never an aggregate itself, so this does not go round in circles.
        let link = Box::pin(open(&self.server, &self.conversation.origin, &self.conversation.pipeline)).await?;
        *self.sender.lock().await = Some(link.sender);
        *self.guard.lock().unwrap_or_else(PoisonError::into_inner) = Some(link.guard);
        self.able.lock().unwrap_or_else(PoisonError::into_inner).open = true;
        Ok(link.receiver)
    }

    pub(super) async fn close(&self) {
        self.able.lock().unwrap_or_else(PoisonError::into_inner).open = false;
        if let Some(Sender::Lines(mut lines)) = self.sender.lock().await.take() {
            lines.close().await;
        }
        drop(self.guard.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    pub(super) fn is_open(&self) -> bool {
        self.able.lock().unwrap_or_else(PoisonError::into_inner).open
    }

    /// Whether a method makes sense for this server.
    pub(super) fn takes(&self, method: Option<Method<'_>>) -> bool {
        let able = *self.able.lock().unwrap_or_else(PoisonError::into_inner);
        able.open
            && (!able.known
                || match method {
                    Some(Method::ToolsList) => able.tools,
                    Some(Method::PromptsList) => able.prompts,
                    Some(Method::ResourcesList | Method::ResourceTemplatesList | Method::ResourcesRead) => {
                        able.resources
                    }
                    _ => true,
                })
    }

    /// Notes what the server says it can do.
    pub(super) fn learn(&self, method: Option<Method<'_>>, answer: &Message) {
        if !matches!(method, Some(Method::Initialize | Method::Discover)) {
            return;
        }
        let Some(capabilities) = answer.result_member("capabilities") else { return };
        let mut able = self.able.lock().unwrap_or_else(PoisonError::into_inner);
        able.known = true;
        able.tools = capabilities.get("tools").is_some();
        able.prompts = capabilities.get("prompts").is_some();
        able.resources = capabilities.get("resources").is_some();
    }

    /// Decides about a message of the client under this server's name. `speaker` is the principal as the message's own
    /// proof describes it, where that is known.
    pub(super) async fn pass(&self, message: &Message, speaker: Option<&Principal>) -> Passage {
        let coming = Coming { principal: speaker, hold: Hold::Here(None), policy: None };
        self.conversation.pass_message(Direction::FromClient, message, coming).await
    }

    /// Decides about what the server wrote; what may go on is returned, refusals are told to the server.
    pub(super) async fn judge_line(&self, line: Bytes) -> Vec<Cleared> {
        let messages = match Message::parse_batch(line.clone(), self.conversation.pipeline.limits()) {
            Ok(Batch::One(message)) => vec![message],
            Ok(Batch::Many(messages)) => messages,
            Err(refusal) => return self.refuse_line(&line, &refusal).await,
        };
        let mut onward = Vec::new();
        for message in messages {
            let passage = self.conversation.pass_message(Direction::FromServer, &message, Coming::PLAIN).await;
            if passage.back.is_some() {
                self.send(passage.back).await;
            }
            onward.extend(passage.onward);
        }
        onward
    }

    /// Records what cannot be read. Where it was meant as an answer, an error stands in its place.
    pub(super) async fn refuse_line(&self, line: &[u8], refusal: &Refusal) -> Vec<Cleared> {
        let outcome = self.conversation.unreadable(Direction::FromServer, line, refusal, None).await;
        outcome.onward.into_iter().collect()
    }

    /// Sends what was cleared; false when the server is gone or there is nothing to send.
    pub(super) async fn send(&self, cleared: Option<Cleared>) -> bool {
        let Some(cleared) = cleared else { return false };
        match self.sender.lock().await.as_mut() {
            Some(sender) => sender.send(cleared).await.is_ok(),
            None => false,
        }
    }
}
