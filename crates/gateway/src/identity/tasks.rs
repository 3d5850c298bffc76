//! Whose a task is (MCP "Tasks"): the principal whose call made it. Its id is a name that anybody could show, and servers
//! behind one connection of ours cannot tell our callers apart, so they are told apart here: a task of somebody else does
//! not exist, in lists neither.
//!
//! What cannot be attributed is nobody's: a caller that has proven itself over the network finds only tasks that were seen
//! to be made for it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use gatehold_decide::{Decision, Mode, Reason, Verdict};
use gatehold_inspect::finding::{FOREIGN_HANDLE, Finding, Severity};
use gatehold_session::{Direction, Facts, Principal, Proof};
use gatehold_wire::edit::Edit;
use gatehold_wire::json::Raw;
use gatehold_wire::{Kind, Message, Method};

/// Tasks that are remembered; with more, the oldest are forgotten.
const TASKS_MAX: usize = 100_000;
/// Characters of a task's id. A longer one is not remembered, and so is nobody's.
const ID_BYTES_MAX: usize = 512;

/// A server and a task's id.
type Key = (Box<str>, Box<str>);

/// Whose tasks are.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    owners: HashMap<Key, Principal>,
    order: VecDeque<Key>,
}

/// Whose a task is to somebody who names it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Foreign,
    Unknown,
}

impl Tasks {
    /// Looks at a message that was judged: notes the task that a result has made, denies what names a task of somebody
    /// else, and takes such tasks out of lists. What it does is done in audit mode too: it is no rule of a policy.
    pub(crate) fn guard(&self, message: &Message, facts: &Facts<'_>, decision: &mut Decision) -> Option<Finding> {
        match (facts.direction, message.kind()) {
            (Direction::FromClient, Kind::Request) => self.guard_request(message, facts, decision),
            (Direction::FromServer, Kind::Result) => {
                if facts.method == Some(Method::TasksList) {
                    self.guard_list(message, facts, decision);
                } else if facts.method == Some(Method::ToolsCall) {
                    self.learn(message, facts);
                }
                None
            }
            _ => None,
        }
    }

    fn guard_request(&self, message: &Message, facts: &Facts<'_>, decision: &mut Decision) -> Option<Finding> {
        let named: Vec<Raw<'_>> = match facts.method? {
            Method::TasksGet | Method::TasksResult | Method::TasksUpdate | Method::TasksCancel => {
                message.param("taskId").into_iter().collect()
            }
            Method::SubscriptionsListen => {
                let nested = message.param("notifications").and_then(|wanted| wanted.get("taskIds"));
                message.param("taskIds").into_iter().chain(nested).flat_map(Raw::items).collect()
            }
            _ => return None,
        };
        let whose = named.iter().map(|id| id.as_str().map_or(Whose::Unknown, |id| self.whose(&id, facts)));
        let worst = whose.max_by_key(|whose| match whose {
            Whose::Own => 0,
            Whose::Unknown => 1,
            Whose::Foreign => 2,
        });
        match worst? {
            Whose::Own => None,
            Whose::Unknown => {
                deny(decision, "task:unknown");
                None
            }
            Whose::Foreign => {
                deny(decision, &format!("finding:{FOREIGN_HANDLE}"));
                Some(Finding {
                    id: FOREIGN_HANDLE,
                    rule: "task".into(),
                    severity: Severity::High,
                    confidence: 1.0,
                    pointer: "/params/taskId".into(),
                    span: named.first().map_or(0..0, |id| id.span()),
                    detail: "the task was made for another principal or client".into(),
                })
            }
        }
    }

    /// Takes tasks of others out of a list.
    fn guard_list(&self, message: &Message, facts: &Facts<'_>, decision: &mut Decision) {
        let Some(list) = message.result_member("tasks") else { return };
        let is_own = |task: &Raw<'_>| {
            let id = task.get("taskId").and_then(Raw::as_str);
            id.is_some_and(|id| self.whose(&id, facts) == Whose::Own)
        };
        if list.items().all(|task| is_own(&task)) || decision.verdict == Verdict::Deny {
            return;
        }
        let kept: Vec<&str> = list.items().filter(|task| is_own(task)).map(Raw::text).collect();
        let with = format!("[{}]", kept.join(",")).into_bytes();
        let span = list.span();
        if decision.mode == Mode::Audit {
            decision.edits.clear();
        }
        if decision.edits.iter().any(|edit| edit.span.end > span.start && edit.span.start < span.end) {
            // What a policy takes out of an entry cannot be taken out of a list that is written anew.
            return deny(decision, &format!("finding:{FOREIGN_HANDLE}"));
        }
        decision.edits.push(Edit { span, with });
        (decision.verdict, decision.mode) = (decision.verdict.max(Verdict::Redact), Mode::Enforce);
        decision.reasons.push(Reason { rule: format!("finding:{FOREIGN_HANDLE}").into(), text: None });
    }

    fn learn(&self, message: &Message, facts: &Facts<'_>) {
        let id = message
            .result_member("taskId")
            .or_else(|| message.result_member("task").and_then(|task| task.get("taskId")))
            .and_then(Raw::as_str)
            .filter(|id| id.len() <= ID_BYTES_MAX);
        let Some(id) = id else { return };
        let key: Key = (facts.origin.server.clone(), Box::from(&*id));
        let mut table = self.table();
        // Whoever was first stays: a server that gives an id twice gives nobody's task away.
        if table.owners.contains_key(&key) {
            return;
        }
        if table.order.len() >= TASKS_MAX
            && let Some(oldest) = table.order.pop_front()
        {
            table.owners.remove(&oldest);
        }
        table.owners.insert(key.clone(), facts.principal.clone());
        table.order.push_back(key);
    }

    fn whose(&self, id: &str, facts: &Facts<'_>) -> Whose {
        let key: Key = (facts.origin.server.clone(), id.into());
        match self.table().owners.get(&key) {
            Some(owner) if owner == facts.principal => Whose::Own,
            Some(_) => Whose::Foreign,
            // Where all callers are one, or the machine's own, what was not seen to be made is theirs.
            None => match facts.principal.proof() {
                Proof::Anonymous | Proof::LocalUser => Whose::Own,
                Proof::ApiKey | Proof::Token | Proof::Certificate => Whose::Unknown,
            },
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a task look as if there were none.
fn deny(decision: &mut Decision, rule: &str) {
    (decision.verdict, decision.mode, decision.hidden) = (Verdict::Deny, Mode::Enforce, true);
    decision.demand = None;
    decision.edits.clear();
    decision.reasons.insert(0, Reason { rule: rule.into(), text: None });
}
