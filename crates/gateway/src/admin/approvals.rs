//! What waits for an approval, and answers to it. The desk decides whether an answer counts; here it only gets a
//! verified name.

use std::time::Duration;

use gatehold_decide::obligation::Way;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::dispatch::Asked;
use super::problem::Problem;
use crate::approvals::{Answer, AnswerError, Answered, ByToken, Choice, Desk, Outcome};
use crate::gateway::Gateway;

/// Characters of a reason.
const REASON_CHARACTERS_MAX: usize = 500;
/// Bytes of the name of whoever answers by a token.
const NAME_BYTES_MAX: usize = 256;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenByToken {
    decision: Decision,
    #[serde(default)]
    seconds: Option<u64>,
    #[serde(default)]
    any_arguments: bool,
    #[serde(default)]
    reason: Option<String>,
    digest: String,
    token: String,
    by: String,
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
    let (choice, reason) = (choice(given.decision, given.seconds)?, reason(given.reason)?);
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
        reason,
    };
    desk.answer(&asked.id, &answer).map(|answered| said(&answered)).map_err(|error| refused(&error))
}

/// Takes an answer that a token of the webhook brings. Whatever is wrong with the token looks the same.
pub(super) fn answer_by_token(gateway: &Gateway, id: &str, body: Value) -> Result<Value, Problem> {
    // What is wrong with the body is said without its values: the token is one of them.
    let given: GivenByToken = serde_json::from_value(body)
        .map_err(|_| Problem::body("the body does not fit the schema `AnswerByToken` of /openapi.json"))?;
    let (choice, reason) = (choice(given.decision, given.seconds)?, reason(given.reason)?);
    if given.by.trim().is_empty() || given.by.len() > NAME_BYTES_MAX {
        return Err(Problem::body(format!("`by` says who has answered, in at most {NAME_BYTES_MAX} bytes")));
    }
    let shown = ByToken { hold: id, token: &given.token, digest: &given.digest, by: &given.by };
    match desk(gateway)?.answer_by_token(&shown, choice, given.any_arguments, reason) {
        Ok(answered) => Ok(said(&answered)),
        Err(AnswerError::Unknown) => {
            let text = "this token answers nothing: it was used, is of another call, or its call waits no more";
            Err(Problem::new(StatusCode::UNAUTHORIZED, text))
        }
        Err(error) => Err(refused(&error)),
    }
}

fn choice(decision: Decision, seconds: Option<u64>) -> Result<Choice, Problem> {
    match (decision, seconds) {
        (Decision::Once, None) => Ok(Choice::Once),
        (Decision::Session, None) => Ok(Choice::Session),
        (Decision::Deny, None) => Ok(Choice::Deny),
        (Decision::Time, Some(seconds)) => Ok(Choice::For(Duration::from_secs(seconds))),
        (Decision::Time, None) => Err(Problem::body("`time` needs `seconds`")),
        (_, Some(_)) => Err(Problem::body("`seconds` belongs to the decision `time`")),
    }
}

fn reason(reason: Option<String>) -> Result<Option<Box<str>>, Problem> {
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_CHARACTERS_MAX) {
        return Err(Problem::body(format!("a reason has at most {REASON_CHARACTERS_MAX} characters")));
    }
    Ok(reason.map(Into::into))
}

fn said(answered: &Answered) -> Value {
    match answered {
        Answered::Waiting(more) => json!({ "outcome": "waiting", "people_needed": more }),
        Answered::Settled(outcome) => json!({ "outcome": name(outcome), "people_needed": 0 }),
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
