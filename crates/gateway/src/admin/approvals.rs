//! What waits for an approval, and answers to it. The desk decides whether an answer counts; here it only gets a
//! verified name.

use std::time::Duration;

use gatehold_decide::obligation::Way;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::dispatch::Asked;
use super::problem::Problem;
use crate::approvals::{Answer, AnswerError, Answered, Choice, Desk, Outcome};
use crate::gateway::Gateway;

/// Characters of a reason.
const REASON_CHARACTERS_MAX: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    decision: Decision,
    #[serde(default)]
    seconds: Option<u64>,
    #[serde(default)]
    any_arguments: bool,
    #[serde(default)]
    reason: Option<String>,
    /// The digest of what was shown: an answer to anything else does not count.
    digest: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Decision {
    Once,
    Session,
    Time,
    Deny,
}

fn desk(gateway: &Gateway) -> Result<&Desk, Problem> {
    let desk = gateway.pipeline.desk().map(|desk| &**desk);
    desk.ok_or_else(|| Problem::failed("this gateway holds nothing: it has no desk"))
}

/// All that waits.
pub(super) fn list(gateway: &Gateway) -> Result<Value, Problem> {
    Ok(json!({ "approvals": desk(gateway)?.pending() }))
}

/// One that waits.
pub(super) fn show(gateway: &Gateway, asked: &Asked) -> Result<Value, Problem> {
    desk(gateway)?.show(&asked.id).map(|hold| json!(hold)).ok_or_else(|| Problem::unknown("call that waits"))
}

/// Takes an answer.
pub(super) fn answer(gateway: &Gateway, asked: &Asked) -> Result<Value, Problem> {
    let given: Given = serde_json::from_value(asked.body.clone()).map_err(|error| Problem::body(error.to_string()))?;
    let choice = match (given.decision, given.seconds) {
        (Decision::Once, None) => Choice::Once,
        (Decision::Session, None) => Choice::Session,
        (Decision::Deny, None) => Choice::Deny,
        (Decision::Time, Some(seconds)) => Choice::For(Duration::from_secs(seconds)),
        (Decision::Time, None) => return Err(Problem::body("`time` needs `seconds`")),
        (_, Some(_)) => return Err(Problem::body("`seconds` belongs to the decision `time`")),
    };
    let reason = given.reason.filter(|reason| !reason.trim().is_empty());
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_CHARACTERS_MAX) {
        return Err(Problem::body(format!("a reason has at most {REASON_CHARACTERS_MAX} characters")));
    }
    let desk = desk(gateway)?;
    let hold = desk.show(&asked.id).ok_or_else(|| Problem::unknown("call that waits"))?;
    if hold.digest != given.digest {
        return Err(refused(&AnswerError::OtherMessage));
    }
    let answer = Answer {
        by: asked.principal.name().into(),
        roles: asked.roles.clone(),
        way: Way::Admin,
        choice,
        any_arguments: given.any_arguments,
        reason: reason.map(Into::into),
    };
    match desk.answer(&asked.id, &answer) {
        Ok(Answered::Waiting(more)) => Ok(json!({ "outcome": "waiting", "people_needed": more })),
        Ok(Answered::Settled(outcome)) => Ok(json!({ "outcome": name(&outcome), "people_needed": 0 })),
        Err(error) => Err(refused(&error)),
    }
}

const fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Approved { .. } => "approved",
        Outcome::Denied { .. } => "denied",
        Outcome::Expired => "expired",
    }
}

fn refused(error: &AnswerError) -> Problem {
    let status = match error {
        AnswerError::Unknown => StatusCode::NOT_FOUND,
        AnswerError::Role(_) | AnswerError::OwnCall | AnswerError::NotAsked(_) => StatusCode::FORBIDDEN,
        AnswerError::Unrecorded(_) => StatusCode::SERVICE_UNAVAILABLE,
        AnswerError::Time => StatusCode::BAD_REQUEST,
        _ => StatusCode::CONFLICT,
    };
    Problem::new(status, error.to_string())
}
