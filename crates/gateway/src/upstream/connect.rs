//! Opening a channel to a server, whatever kind it is: to those who talk over channels, every server is one.

use std::process::ExitStatus;
use std::sync::Arc;

use gatehold_session::Origin;
use tokio::sync::Mutex;
use tokio::task::AbortHandle;

use crate::channel::{LineReceiver, LineSender, Receiver, Sender};
use crate::conversation::Conversation;
use crate::pipeline::Pipeline;
use crate::servers::{Reach, Server};
use crate::upstream::child::{Child, SpawnError, shell_status};
use crate::upstream::http::HttpFault;
use crate::upstream::{aggregate, bridge, legacy_sse};

/// A channel to a server.
pub(crate) struct Link {
    pub(crate) receiver: Receiver,
    pub(crate) sender: Sender,
    pub(crate) guard: Guard,
}

/// Keeps what a channel needs alive. Dropping it ends a child and its group, and the tasks of a bridge.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    child: Option<Mutex<Child>>,
    tasks: Vec<AbortHandle>,
}

/// Why no channel could be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    #[error(transparent)]
    Http(#[from] HttpFault),
    #[error("{0}")]
    Protocol(String),
}

impl Guard {
    pub(crate) fn of_tasks(tasks: Vec<AbortHandle>) -> Self {
        Self { child: None, tasks }
    }

    /// Called when the channel has ended by itself: learns how, and records it.
    pub(crate) async fn ended(self, conversation: &Conversation) {
        let status = match &self.child {
            Some(child) => child.lock().await.stop().await.map(ended_how),
            None => None,
        };
        let status = status.unwrap_or_else(|| "connection ended".to_owned());
        let origin = &conversation.origin;
        let fields = [("server", &*origin.server), ("session", &*origin.session), ("how", status.as_str())];
        // While nothing can be recorded nothing can be sent either, so the failure is noticed there.
        let _unrecorded = conversation.pipeline.ledger().lifecycle("server_ended", &fields);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        if let Some(child) = self.child.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            // Its input is closed by now: the child gets its time to end before it is killed.
            runtime.spawn(async move {
                let _status = child.into_inner().stop().await;
            });
        }
    }
}

fn ended_how(status: ExitStatus) -> String {
    format!("exit status {}", shell_status(status))
}

/// Opens a channel to a server for one session.
pub(crate) async fn open(server: &Arc<Server>, origin: &Origin, pipeline: &Arc<Pipeline>) -> Result<Link, OpenError> {
    let limit = pipeline.limits().message_bytes_max;
    match &server.reach {
        Reach::Child(spec) => {
            let (child, pipes) = Child::start(spec, &format!("[{}] ", server.name))?;
            Ok(Link {
                receiver: Receiver::Lines(LineReceiver::new(pipes.stdout, limit)),
                sender: Sender::Lines(LineSender::new(pipes.stdin)),
                guard: Guard { child: Some(Mutex::new(child)), tasks: Vec::new() },
            })
        }
        Reach::Http(_) => Ok(bridge::open(server, pipeline)),
        Reach::LegacySse(reach) => legacy_sse::open(reach, pipeline).await,
        Reach::Aggregate(servers) => aggregate::open(servers, origin, pipeline),
    }
}
