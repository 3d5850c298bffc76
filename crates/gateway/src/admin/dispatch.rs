//! From a request of the admin API to its handler: who asks is verified first, then what may be done is looked up in
//! the table of routes, then the body is read. There is no other way to a handler, and no handler that takes a command
//! to run.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehold_session::{Principal, Proof};
use gatehold_wire::{Limits, json as strict};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use super::problem::Problem;
use super::routes::{Action, Role, Route, at};
use super::{approvals, grants, openapi, policy, sessions, state};
use crate::body::{Body, json};
use crate::gateway::Gateway;
use crate::identity::Peer;

/// The most bytes of a request's body: a policy file fits.
const BODY_BYTES_MAX: usize = 1024 * 1024 + 64 * 1024;
/// The same where anybody may send it, and a token in it is the proof.
const TOKEN_BODY_BYTES_MAX: usize = 8 * 1024;
/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(15);

/// Who asks, verified, and what is asked.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) principal: Principal,
    pub(crate) roles: Box<[Box<str>]>,
    /// What stands in the path in the place of `{id}`.
    pub(crate) id: String,
    /// The body; null where the route takes none.
    pub(crate) body: Value,
}

/// Answers one request of the admin API.
pub(crate) async fn answer(gateway: &Arc<Gateway>, peer: &Peer, request: Request<Incoming>) -> Response<Body> {
    let mut response = match decide(gateway, peer, request).await {
        Ok((status, value)) => json(status, Bytes::from(value.to_string())),
        Err((problem, allow)) => {
            let mut response = problem.response();
            if let Some(allow) = allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
                response.headers_mut().insert(ALLOW, allow);
            }
            response
        }
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

type Refused = (Problem, Option<String>);

async fn decide(
    gateway: &Arc<Gateway>,
    peer: &Peer,
    request: Request<Incoming>,
) -> Result<(StatusCode, Value), Refused> {
    let plain = |problem: Problem| (problem, None);
    if let Some((route, id)) = by_token(&request) {
        let body = body_of(route, request, TOKEN_BODY_BYTES_MAX).await.map_err(plain)?;
        let value = approvals::answer_by_token(gateway, &id, body).map_err(plain)?;
        return Ok((StatusCode::OK, value));
    }
    let principal = admit(gateway, peer, &request).await.map_err(plain)?;
    let roles = roles_of(gateway, &principal);
    let found = at(request.uri().path());
    if found.is_empty() {
        return Err(plain(Problem::unknown("address; /openapi.json lists them")));
    }
    let Some((route, id)) = found.iter().find(|(route, _)| route.method == *request.method()) else {
        let allowed: Vec<&str> = found.iter().map(|(route, _)| route.method.as_str()).collect();
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not take this method");
        return Err((problem, Some(allowed.join(", "))));
    };
    if !may(route, &roles) {
        let names: Vec<&str> = route.roles.iter().map(|role| role.name()).collect();
        let text = format!("one of these roles is needed: {}", names.join(", "));
        return Err(plain(Problem::new(StatusCode::FORBIDDEN, text)));
    }
    let (route, id) = (*route, id.clone().unwrap_or_default());
    let body = body_of(route, request, BODY_BYTES_MAX).await.map_err(plain)?;
    let asked = Asked { principal, roles, id, body };
    let value = carry_out(gateway, route.action, &asked).map_err(plain)?;
    Ok((StatusCode::from_u16(route.status).unwrap_or(StatusCode::OK), value))
}

/// The one route that a token in the body opens, if it is asked for.
fn by_token(request: &Request<Incoming>) -> Option<(&'static Route, String)> {
    let mut found = at(request.uri().path()).into_iter();
    let (route, id) = found.find(|(route, _)| route.is_by_token() && route.method == *request.method())?;
    Some((route, id?))
}

/// Verifies who asks. On the network nobody is taken in without `authentication`.
async fn admit(gateway: &Gateway, peer: &Peer, request: &Request<Incoming>) -> Result<Principal, Problem> {
    let unauthorised = |text: &str| Problem::new(StatusCode::UNAUTHORIZED, text);
    let identity = Arc::clone(&gateway.snapshot.load().identity);
    match identity.admit(peer, request.uri(), request.headers()).await {
        Ok(caller) if caller.principal().proof() == Proof::Anonymous => Err(unauthorised(
            "the admin API takes nobody in without a proof: configure `authentication`, or ask over `admin.socket`",
        )),
        Ok(caller) => Ok(caller.principal().clone()),
        Err(_) => Err(unauthorised("a valid credential is needed: `Authorization: Bearer …`")),
    }
}

/// The roles that count here: those of the proof, and of a user of this machine those that the configuration gives. The
/// user who runs the gateway has all of them: files and signals are that user's anyway.
fn roles_of(gateway: &Gateway, principal: &Principal) -> Box<[Box<str>]> {
    let mut roles = principal.attributes().roles.to_vec();
    if principal.proof() == Proof::LocalUser {
        let snapshot = gateway.snapshot.load();
        let own = format!("uid:{}", rustix::process::geteuid().as_raw());
        if principal.name() == own {
            roles.extend(Role::ALL.iter().map(|role| role.name().into()));
        }
        roles.extend(snapshot.admin_roles.get(principal.name()).into_iter().flatten().cloned());
    }
    roles.into()
}

fn may(route: &Route, roles: &[Box<str>]) -> bool {
    route.roles.iter().any(|role| roles.iter().any(|has| **has == *role.name()))
}

/// Reads the body of a route that takes one: JSON, strictly, and said to be JSON, which no form of a page can say.
async fn body_of(route: &Route, request: Request<Incoming>, bytes_max: usize) -> Result<Value, Problem> {
    if route.takes.is_none() {
        return Ok(Value::Null);
    }
    let is_json = request.headers().get(CONTENT_TYPE).is_some_and(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.split(';').next().is_some_and(|media| media.trim() == "application/json"))
    });
    if !is_json {
        let text = "the body must be JSON, with `Content-Type: application/json`";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    }
    let collected = tokio::time::timeout(BODY_PATIENCE, Limited::new(request.into_body(), bytes_max).collect());
    let bytes = match collected.await {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(_)) => {
            let text = format!("the body did not arrive, or is larger than {bytes_max} bytes");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, text));
        }
        Err(_) => return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time")),
    };
    strict::check(&bytes, &Limits::default()).map_err(|refusal| Problem::body(refusal.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| Problem::body(error.to_string()))
}

fn carry_out(gateway: &Arc<Gateway>, action: Action, asked: &Asked) -> Result<Value, Problem> {
    match action {
        Action::Description => Ok(openapi::description()),
        Action::Sessions => Ok(sessions::list(gateway)),
        Action::EndSession => sessions::end(gateway, asked),
        Action::Approvals => approvals::list(gateway),
        Action::Approval => approvals::show(gateway, asked),
        Action::AnswerApproval => approvals::answer(gateway, asked),
        // It is answered before anybody is looked for.
        Action::AnswerByToken => Err(Problem::unknown("address; /openapi.json lists them")),
        Action::Grants => grants::list(gateway),
        Action::AddGrant => grants::add(gateway, asked),
        Action::ConfirmGrant => grants::confirm(gateway, asked),
        Action::RevokeGrant => grants::revoke(gateway, asked),
        Action::Policy => policy::show(gateway),
        Action::CheckPolicy => policy::check(gateway, asked),
        Action::ApplyPolicy => policy::apply(gateway, asked),
        Action::Servers => Ok(state::servers(gateway)),
        Action::Limits => Ok(state::limits(gateway)),
        Action::Ledger => Ok(state::ledger(gateway)),
    }
}
