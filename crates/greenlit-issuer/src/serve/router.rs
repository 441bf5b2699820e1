//! Paths and methods, and what every request goes through.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

use super::Service;
use super::clients::{Client, Right};
use super::endpoints;
use super::problem::{Counted, Problem};

/// Longest wait for an answer. What waits for the register gets its place all the same.
const PATIENCE: Duration = Duration::from_secs(30);
/// Header that names a request, in the answer and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A way to ask. The OpenAPI document has each, and no other.
struct Route {
    path: &'static str,
    right: Option<Right>,
    handler: MethodRouter<Shared>,
}

pub(super) type Shared = Arc<Service>;

/// Every way to ask.
fn routes() -> Vec<Route> {
    let route = |path, right, handler| Route { path, right, handler };
    vec![
        route("/v1/passes", Some(Right::Issue), post(endpoints::issue)),
        route("/v1/passes/{ref}", Some(Right::Read), get(endpoints::show)),
        route("/v1/passes/{ref}/revoke", Some(Right::Revoke), post(endpoints::revoke)),
        route("/v1/openapi.json", None, get(endpoints::openapi)),
        route("/healthz", None, get(endpoints::health)),
        route("/metrics", Some(Right::Metrics), get(endpoints::metrics)),
    ]
}

/// For clients.
pub(super) fn router(service: &Shared) -> Router {
    let mut router = Router::new();
    for Route { path, right, handler, .. } in routes() {
        let handler = match right {
            Some(right) => handler.route_layer(from_fn_with_state((Arc::clone(service), right), admit)),
            None => handler,
        };
        router = router.route(path, handler);
    }
    finish(router, service)
}

/// For whoever watches the service, on an address of its own.
pub(super) fn metrics_router(service: &Shared) -> Router {
    let router = Router::new().route("/metrics", get(endpoints::metrics)).route("/healthz", get(endpoints::health));
    finish(router, service)
}

fn finish(router: Router<Shared>, service: &Shared) -> Router {
    let router = router.fallback(async || Problem::not_found()).method_not_allowed_fallback(async || Problem::method());
    router.layer(from_fn_with_state(Arc::clone(service), observe)).with_state(Arc::clone(service))
}

/// Who asked, for the log.
#[derive(Clone)]
struct Caller(Arc<Client>);

/// Lets a client do what it may, as often as it may.
async fn admit(State((service, right)): State<(Shared, Right)>, mut request: Request, next: Next) -> Response {
    let client = match find(&service, &request) {
        Ok(client) => client,
        Err(problem) => return problem.into_response(),
    };
    let mut response = if let Err(wait) = client.take(service.clients.now()) {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Problem::rate().retry_after(seconds).into_response()
    } else if !client.may(right) {
        Problem::forbidden().into_response()
    } else {
        request.extensions_mut().insert(Arc::clone(&client));
        next.run(request).await
    };
    response.extensions_mut().insert(Caller(client));
    response
}

fn find(service: &Service, request: &Request) -> Result<Arc<Client>, Problem> {
    let mut given = request.headers().get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else { return Err(Problem::unauthorized()) };
    let value = value.to_str().map_err(|_| Problem::unauthorized())?;
    let (scheme, token) = value.split_once(' ').ok_or_else(Problem::unauthorized)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Problem::unauthorized());
    }
    let client = service.clients.find(token.trim()).map_err(|error| {
        service.log.line(&error.to_string());
        Problem::settings()
    })?;
    client.ok_or_else(Problem::unauthorized)
}

/// Answers in time, counts, and writes a line.
async fn observe(State(service): State<Shared>, request: Request, next: Next) -> Response {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let begun = Instant::now();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let id = format!("{:x}-{number:x}", std::process::id());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.as_deref().and_then(known_route).unwrap_or("none");
    let method = known_method(request.method());
    let answered = tokio::time::timeout(PATIENCE, next.run(request)).await;
    let mut response = answered.unwrap_or_else(|_| Problem::timeout().into_response());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    // What hyper has not read of a body it would have to read to its end.
    if matches!(response.status(), StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    service.metrics.answered(method, route, status, took);
    let reason = response.extensions().get::<Counted>().map(|Counted(reason)| *reason);
    if let Some(reason) = reason {
        service.metrics.problem(reason);
    }
    let client = response.extensions().get::<Caller>().map_or("-", |Caller(client)| client.name());
    let ms = took.as_secs_f64() * 1e3;
    let reason = reason.unwrap_or("-");
    service.log.line(&format!("{method} {route} {status} {reason} {ms:.1} ms client={client} id={id}"));
    response
}

/// A name that lasts as long as the program: figures are kept by few names, whoever asks for what.
fn known_route(path: &str) -> Option<&'static str> {
    const ROUTES: [&str; 6] =
        ["/v1/passes", "/v1/passes/{ref}", "/v1/passes/{ref}/revoke", "/v1/openapi.json", "/healthz", "/metrics"];
    ROUTES.into_iter().find(|route| *route == path)
}

fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_has_a_name_in_the_log() {
        for route in routes() {
            assert_eq!(known_route(route.path), Some(route.path));
        }
    }

    #[test]
    fn the_openapi_document_has_every_path_and_no_other() {
        let document: serde_json::Value = serde_json::from_str(endpoints::OPENAPI).unwrap();
        let mut described: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut served: Vec<&str> = routes().iter().map(|route| route.path).collect();
        described.sort_unstable();
        served.sort_unstable();
        assert_eq!(described, served);
    }

    #[test]
    fn every_problem_is_described() {
        let document: serde_json::Value = serde_json::from_str(endpoints::OPENAPI).unwrap();
        let types = &document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"];
        let described: std::collections::BTreeSet<&str> =
            types.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let known: Vec<String> = Problem::ALL.iter().map(|kind| format!("urn:greenlit:problem:{kind}")).collect();
        assert_eq!(described, known.iter().map(String::as_str).collect());
    }
}
