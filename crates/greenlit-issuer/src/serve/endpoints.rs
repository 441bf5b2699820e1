//! What is done for each way to ask.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use chrono::NaiveDate;
use greenlit_core::pass::StatusRef;
use greenlit_core::time::UnixTime;

use super::Service;
use super::body::{Asked, MAX_BODY, idempotency_key, pass_reference, problem_of, read_revoke};
use super::clients::{Client, Right};
use super::group::{How, Looked, Placed, Wanted};
use super::problem::Problem;
use super::router::Shared;
use super::terms::Terms;
use crate::issue::{Grant, IssueError, decide, holder, whose};
use crate::register::{Request as RequestMark, Status};
use crate::revoke::reference;
use crate::{Holder, HolderMark, Zone, held};

/// The API's description.
pub(super) const OPENAPI: &str = include_str!("../../assets/openapi.json");

/// Most bytes that are read of a body that is too large.
const MAX_THROWN_AWAY: usize = 1 << 20;
/// A body must be there in this time.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

type Answer = Result<Response, Problem>;
type RefInPath = Result<Path<String>, PathRejection>;

/// What is no reference is no pass's.
fn reference_in(path: RefInPath) -> Result<StatusRef, Problem> {
    let text = path.map_err(|_| Problem::no_pass())?.0;
    pass_reference(&text).ok_or_else(Problem::no_pass)
}

/// `POST /v1/passes`
pub(super) async fn issue(
    State(service): State<Shared>,
    Extension(client): Extension<Arc<Client>>,
    request: Request,
) -> Answer {
    let key = request_key(request.headers())?;
    let asked = Asked::read(&read_body(request, true).await?)?;
    if asked.replaces.is_some() && !client.may(Right::Revoke) {
        return Err(Problem::forbidden().detail("to replace a pass is to revoke it"));
    }
    let terms = service.desk.terms().await?;
    let request = mark_of(&terms, &client, &key, &asked);
    let now = (service.now)();
    let (holder, granted) = judge(&terms, &asked, now)?;
    let placed = match granted {
        Ok(grant) => service.desk.issue(Wanted { by: client.operator.clone(), grant, request }).await?,
        // What was answered once is answered again, whatever the rules and the day say by now.
        Err((refusal, mark)) => service.desk.answered(request, mark).await?.ok_or(refusal)?,
    };
    hand_out(&service, &terms, holder, &placed)
}

/// A grant; or why there is none, and what a pass of an earlier day would say of the holder.
type Judged = Result<Grant, (Problem, HolderMark)>;

fn judge(terms: &Terms, asked: &Asked, now: UnixTime) -> Result<(Holder, Judged), Problem> {
    let problem = |error: &IssueError| problem_of(error).unwrap_or_else(Problem::settings);
    let person = &asked.application.person;
    let today = terms.zone.day(now).ok_or_else(Problem::settings)?;
    let holder = holder(person, today).map_err(|error| problem(&error))?;
    let whose = whose(&terms.person_key, person, &holder).map_err(|error| problem(&error))?;
    let granted = match decide(&terms.policy, &terms.zone, &asked.application, now) {
        Ok(decision) if !terms.classes.contains(&decision.class) => {
            Err(Problem::settings().detail(format_args!("class {} is not among the authority's", decision.class.0)))
        }
        Ok(decision) => Ok(Grant {
            class: decision.class,
            validity: decision.validity,
            holder: holder.clone(),
            whose: Some(whose),
            policy: decision.policy,
            replaces: asked.replaces,
        }),
        Err(error) => Err(problem(&error)),
    };
    Ok((holder, granted.map_err(|refusal| (refusal, whose.1))))
}

/// By what a request is known again. Body and key may say who it is about, so both are digests that say nothing without
/// the authority's key.
fn mark_of(terms: &Terms, client: &Client, key: &str, asked: &Asked) -> RequestMark {
    let name = format!("{}\n{key}", client.operator);
    RequestMark {
        name: terms.person_key.tag("greenlit/request-name/1", name.as_bytes()),
        content: terms.person_key.tag("greenlit/request/1", &asked.canonical),
    }
}

fn hand_out(service: &Service, terms: &Terms, holder: Holder, placed: &Placed) -> Answer {
    let Placed { at, nbf, exp, class, kid, key, how } = placed;
    // A token may fail. The pass is entered: the same request gets it when the token is back.
    let text = key.sign_pass(&held::pass(holder, *class, *nbf, *exp, *at)).map_err(|_| {
        service.desk.forget(*kid);
        Problem::keys()
    })?;
    let (status, result) = match how {
        How::Issued => (StatusCode::CREATED, "issued"),
        How::Already => (StatusCode::OK, "already"),
        How::Repeated => (StatusCode::OK, "repeated"),
    };
    service.metrics.pass(result);
    let reference = reference(*at);
    let place = format!("/v1/passes/{reference}");
    let (from, through) = days(&terms.zone, *nbf, *exp);
    let body = json!({
        "ref": reference, "pass": text, "valid_from": from, "valid_through": through, "class": class.0,
        "result": result,
    });
    Ok((status, [(header::LOCATION, place)], Json(body)).into_response())
}

/// First and last day, in the region.
fn days(zone: &Zone, nbf: UnixTime, exp: UnixTime) -> (Option<String>, Option<String>) {
    let written = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    (written(zone.day(nbf)), written(zone.last_day(exp)))
}

/// `GET /v1/passes/{ref}`
pub(super) async fn show(State(service): State<Shared>, text: RefInPath) -> Answer {
    let pass = reference_in(text)?;
    let terms = service.desk.terms().await?;
    let looked = service.desk.look(pass).await?.ok_or_else(Problem::no_pass)?;
    Ok(Json(told(pass, &looked, &terms.zone)).into_response())
}

/// `POST /v1/passes/{ref}/revoke`
pub(super) async fn revoke(
    State(service): State<Shared>,
    Extension(client): Extension<Arc<Client>>,
    text: RefInPath,
    request: Request,
) -> Answer {
    let pass = reference_in(text)?;
    let (action, reason) = read_revoke(&read_body(request, false).await?)?;
    let terms = service.desk.terms().await?;
    let changed = service.desk.revoke(pass, action, reason, client.operator.clone()).await?;
    let mut body = told(pass, &changed.looked, &terms.zone);
    if let Some(object) = body.as_object_mut() {
        object.insert("changed".into(), changed.changed.into());
    }
    Ok(Json(body).into_response())
}

/// What the register says of a pass.
fn told(at: StatusRef, looked: &Looked, zone: &Zone) -> Value {
    let Looked { pass, history } = looked;
    let (from, through) = days(zone, pass.not_before, pass.expires);
    let history: Vec<Value> = history
        .iter()
        .map(|change| {
            json!({
                "at": change.at.to_string(), "status": word(change.status), "reason": change.reason,
                "operator": change.operator.as_ref().map(ToString::to_string),
            })
        })
        .collect();
    json!({
        "ref": reference(at), "status": word(pass.status), "class": pass.class.0, "valid_from": from,
        "valid_through": through, "issued_at": pass.entered.map(|at| at.to_string()),
        "replaces": pass.replaces.map(reference), "history": history,
    })
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Valid => "valid",
        Status::Revoked => "revoked",
        Status::Suspended => "suspended",
        Status::Other(_) => "other",
    }
}

/// `GET /v1/openapi.json`
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

/// `GET /healthz`
pub(super) async fn health(State(service): State<Shared>) -> Response {
    match service.desk.health().await {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        // The log says why; whoever may ask this need not know.
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "not-ready" }))).into_response(),
    }
}

/// `GET /metrics`
pub(super) async fn metrics(State(service): State<Shared>) -> Response {
    let text = service.metrics.text(service.desk.depth());
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

fn request_key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut given = headers.get_all("idempotency-key").iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(Problem::idempotency_key().detail("send one header, as in: Idempotency-Key: \"8e03978e-40d5\""));
    };
    let key = value.to_str().ok().and_then(idempotency_key);
    let expected = "it is 1 to 255 visible characters in quotation marks, as in: Idempotency-Key: \"8e03978e-40d5\"";
    key.ok_or_else(|| Problem::idempotency_key().detail(expected))
}

/// The whole body, where it is JSON, no larger than it may be, and in time.
async fn read_body(request: Request<Body>, required: bool) -> Result<Vec<u8>, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or("?").to_owned());
    let is_json = |kind: &str| {
        let essence = kind.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    };
    if kind.as_deref().map_or(required, |kind| !is_json(kind)) {
        return Err(Problem::not_json());
    }
    let collected = tokio::time::timeout(BODY_PATIENCE, collect(request.into_body())).await;
    let bytes = collected.map_err(|_| Problem::slow_body())??;
    if !bytes.is_empty() && kind.is_none() {
        return Err(Problem::not_json());
    }
    Ok(bytes)
}

/// A body up to the limit. What goes a little beyond it is read and thrown away, for who is cut off while sending does
/// not see the answer.
async fn collect(mut body: Body) -> Result<Vec<u8>, Problem> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::invalid_request().detail("the body was cut short"))?;
        let Some(data) = frame.data_ref() else { continue };
        length += data.len();
        if length > MAX_THROWN_AWAY {
            break;
        } else if length <= MAX_BODY {
            bytes.extend_from_slice(data);
        }
    }
    if length > MAX_BODY {
        return Err(Problem::large_body().detail(format_args!("the limit is {MAX_BODY} bytes")));
    }
    Ok(bytes)
}
