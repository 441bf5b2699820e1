//! What is answered where there is no pass: problem details (RFC 9457). The types are listed in docs/service.md.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// What a type's name begins with; the rest of it is stable.
const TYPE: &str = "urn:greenlit:problem:";

/// A field that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FieldError {
    /// Where in the body (RFC 6901).
    pub(super) pointer: String,
    /// What is wrong, without what was sent.
    pub(super) reason: String,
}

/// Why a request got nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    kind: &'static Kind,
    more: Option<Box<More>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Kind {
    status: StatusCode,
    name: &'static str,
    title: &'static str,
}

/// What is told of one request beyond the kind of problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct More {
    detail: Option<String>,
    /// Of a refusal, as `issue-batch` names it.
    code: Option<&'static str>,
    errors: Vec<FieldError>,
    /// In seconds.
    retry_after: Option<u64>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

macro_rules! problems {
    ($($problem:ident: $status:ident $name:literal $title:literal;)*) => {
        impl Problem {
            $(pub(super) fn $problem() -> Self {
                const KIND: &Kind = &Kind { status: StatusCode::$status, name: $name, title: $title };
                Self { kind: KIND, more: None }
            })*

            /// The name of each.
            #[cfg(test)]
            pub(super) const ALL: &'static [&'static str] = &[$($name),*];
        }
    };
}

problems! {
    invalid_request: BAD_REQUEST "invalid-request" "The request is not as the API describes it";
    idempotency_key: BAD_REQUEST "idempotency-key" "The Idempotency-Key is missing or not as the API describes it";
    unauthorized: UNAUTHORIZED "unauthorized" "A client's token is needed";
    forbidden: FORBIDDEN "forbidden" "This client may not do that";
    not_found: NOT_FOUND "not-found" "There is nothing here";
    no_pass: NOT_FOUND "no-such-pass" "No such pass was issued here";
    method: METHOD_NOT_ALLOWED "method-not-allowed" "Nothing can be done here by this method";
    slow_body: REQUEST_TIMEOUT "slow-body" "The body did not come in time";
    other_request: CONFLICT "idempotency-key-reused" "Another request was made with this Idempotency-Key";
    not_replaceable: CONFLICT "not-replaceable" "The pass to be replaced was never issued or is revoked already";
    second_word: CONFLICT "second-word" "Another operator has to confirm it";
    revoked: CONFLICT "revoked-for-good" "The pass is revoked for good";
    changed: CONFLICT "changed-meanwhile" "The pass was changed by somebody else meanwhile";
    large_body: PAYLOAD_TOO_LARGE "body-too-large" "The body is too large";
    not_json: UNSUPPORTED_MEDIA_TYPE "not-json" "The body must be application/json";
    refused: UNPROCESSABLE_ENTITY "refused" "This person may not have the pass";
    rate: TOO_MANY_REQUESTS "rate" "This client asks too often";
    busy: SERVICE_UNAVAILABLE "busy" "The service has too much to do";
    register: SERVICE_UNAVAILABLE "register" "The register cannot be used now";
    disk_full: SERVICE_UNAVAILABLE "disk-full" "There is no space left for the register";
    keys: SERVICE_UNAVAILABLE "keys" "A key of the authority cannot be used now";
    new_key: SERVICE_UNAVAILABLE "key-unknown-to-tills" "Not every till knows the signing key yet";
    settings: SERVICE_UNAVAILABLE "settings" "The authority's settings, rules or clients cannot be used now";
    timeout: SERVICE_UNAVAILABLE "timeout" "The answer took too long; ask again with the same Idempotency-Key";
}

impl Problem {
    fn with(mut self, change: impl FnOnce(&mut More)) -> Self {
        change(self.more.get_or_insert_default());
        self
    }

    /// Says when to ask again.
    pub(super) fn retry_after(self, seconds: u64) -> Self {
        self.with(|more| more.retry_after = Some(seconds))
    }

    pub(super) fn detail(self, detail: impl std::fmt::Display) -> Self {
        self.with(|more| more.detail = Some(detail.to_string()))
    }

    pub(super) fn code(self, code: &'static str) -> Self {
        self.with(|more| more.code = Some(code))
    }

    /// What is counted: the refusal's code, or the type.
    pub(super) fn word(&self) -> &'static str {
        self.more.as_ref().and_then(|more| more.code).unwrap_or(self.kind.name)
    }

    /// With fields that are not as they must be.
    pub(super) fn of_fields(errors: Vec<FieldError>) -> Self {
        Self::invalid_request().with(|more| more.errors = errors)
    }

    /// With one such field.
    pub(super) fn of_field(pointer: &str, reason: impl std::fmt::Display) -> Self {
        Self::of_fields(vec![FieldError { pointer: pointer.into(), reason: reason.to_string() }])
    }
}

/// What a refusal or a fault is counted by.
#[derive(Clone, Copy)]
pub(super) struct Counted(pub(super) &'static str);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let word = self.word();
        let Kind { status, name, title } = self.kind;
        let More { detail, code, errors, retry_after } = self.more.map(|more| *more).unwrap_or_default();
        let body = Body {
            r#type: format!("{TYPE}{name}"),
            title,
            status: status.as_u16(),
            detail: detail.as_deref(),
            code,
            errors: &errors,
        };
        // A body of texts and a number always is JSON.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (*status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        let headers = response.headers_mut();
        if *status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // What is wrong here may be right again soon.
        let soon = (*status == StatusCode::SERVICE_UNAVAILABLE).then_some(1);
        if let Some(seconds) = retry_after.or(soon) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Counted(word));
        response
    }
}
