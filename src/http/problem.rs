//! Refusals as `application/problem+json` (RFC 9457), in the language of whoever asked, with the id the log knows them by.

use std::time::Instant;

use actix_multipart::MultipartError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY, RETRY_AFTER,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::app::App;
use crate::error::codes::fill;
use crate::error::{Code, Error, FieldError, Flaw, Refusal};
use crate::words::Language;

/// The id of a request in answers and in the log.
#[derive(Debug, Clone)]
pub struct TraceId(pub String);

/// The pattern of the address, once somebody has looked for it: that takes as long as finding the route.
pub struct Pattern(pub String);

/// The language the person who asked prefers, once known.
#[derive(Debug, Clone, Copy)]
pub struct Speaks(pub Language);

/// What a refused request is answered with.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Where this kind of problem is explained.
    #[schema(example = "/problems/gates-closed")]
    pub r#type: String,
    /// What happened, in the language asked for.
    pub title: String,
    /// The HTTP status once more.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What to do about it, in the language asked for.
    pub detail: String,
    /// The address that was asked.
    pub instance: String,
    /// Stable: switch on this.
    #[schema(example = "gates_closed")]
    pub code: &'static str,
    /// The request in the server's log.
    pub trace_id: String,
    /// The fields to blame.
    pub errors: Vec<ProblemField>,
    /// Further members that some codes carry: `unmet` with `gates_closed`, `conflicting_entry` with `time_overlap`, `etag`
    /// with `etag_mismatch`.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ProblemField {
    /// JSON pointer into the body, or the name of a query parameter.
    pub pointer: String,
    /// Stable: switch on this.
    #[schema(example = "too_long")]
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
    /// The values in that sentence.
    pub params: Map<String, Value>,
}

impl ProblemField {
    /// Says in a language what is wrong with a field.
    pub fn new(field: &FieldError, language: Language) -> Self {
        let told: Vec<_> =
            field.params.iter().map(|(name, value)| (*name, spoken(field.flaw, value, language))).collect();
        let params = field.params.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())));
        Self {
            pointer: field.pointer.clone(),
            code: field.flaw.as_str(),
            message: fill(field.flaw.sentence(language), &told),
            params: params.collect(),
        }
    }
}

impl Problem {
    /// Writes a refusal out in a language.
    pub fn new(refusal: &Refusal, language: Language, instance: &str, trace_id: &str) -> Self {
        let code = refusal.code;
        let errors = refusal.fields.iter().map(|field| ProblemField::new(field, language));
        Self {
            r#type: format!("/problems/{}", super::problem_page::slug(code)),
            title: fill(code.title(language), &refusal.params),
            status: code.status().as_u16(),
            detail: fill(code.advice(language), &refusal.params),
            instance: instance.to_owned(),
            code: code.as_str(),
            trace_id: trace_id.to_owned(),
            errors: errors.collect(),
            extra: refusal.extra.clone(),
        }
    }
}

/// serde names types in its own words; people get theirs.
fn spoken(flaw: Flaw, value: &str, language: Language) -> String {
    if !matches!(flaw, Flaw::WrongType | Flaw::AnswerMismatch) {
        return value.to_owned();
    }
    let (ru, uk, en) = match value {
        "a string" | "a borrowed string" => ("строка", "рядок", "a string"),
        "a boolean" | "bool" => ("true или false", "true або false", "true or false"),
        "a sequence" => ("список", "список", "a list"),
        "a map" => ("объект", "об'єкт", "an object"),
        "f64" => ("число", "число", "a number"),
        "i32" | "i64" | "u16" | "u32" | "u64" | "u8" | "usize" => ("целое число", "ціле число", "a whole number"),
        text if text.starts_with("struct ") => ("объект", "об'єкт", "an object"),
        text => return text.to_owned(),
    };
    language.choose(ru, uk, en).to_owned()
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.code().status()
    }

    /// What is left when the request is no longer known; [`edge`] writes the full answer.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        answer(&self.refusal(), Language::En, "", "")
    }
}

fn answer(refusal: &Refusal, language: Language, instance: &str, trace_id: &str) -> HttpResponse<BoxBody> {
    let mut response = HttpResponse::build(refusal.code.status());
    match refusal.code.status() {
        StatusCode::UNAUTHORIZED => {
            // RFC 6750 3.1: somebody who sent no token did nothing wrong yet.
            let absent = matches!(refusal.code, Code::Unauthenticated);
            response
                .insert_header((WWW_AUTHENTICATE, if absent { "Bearer" } else { "Bearer error=\"invalid_token\"" }));
        }
        StatusCode::TOO_MANY_REQUESTS => {
            let seconds = refusal.params.iter().find(|(name, _)| *name == "seconds");
            response.insert_header((RETRY_AFTER, seconds.map_or("60", |(_, seconds)| seconds.as_str())));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            response.insert_header((RETRY_AFTER, "1"));
        }
        _ => {}
    }
    if let Some(allow) = refusal.extra.get("allow").and_then(Value::as_str) {
        response.insert_header(("Allow", allow));
    }
    response.insert_header((CONTENT_TYPE, "application/problem+json"));
    let body = serde_json::to_vec(&Problem::new(refusal, language, instance, trace_id)).unwrap_or_default();
    response.body(body)
}

/// The outermost layer of every request: gives it an id, logs it, writes refusals, and sets the headers all answers share.
///
/// # Errors
/// Only those of the layers below that are not answers.
pub async fn edge(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let trace_id = trace_id(request.request());
    request.extensions_mut().insert(TraceId(trace_id.clone()));
    let response = next.call(request).await?.map_into_boxed_body();
    let (request, response) = response.into_parts();
    let mut response = match response.error().map(refusal_of) {
        Some(refusal) => answer(&refusal, language(&request), request.path(), &trace_id),
        None => response,
    };
    log(&request, response.status(), started, &trace_id);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&trace_id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(ServiceResponse::new(request, response))
}

/// The caller's own id when it is fit for a log line, or a new one.
fn trace_id(request: &HttpRequest) -> String {
    let given = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    match given {
        Some(id)
            if (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') =>
        {
            id.to_owned()
        }
        _ => uuid::Uuid::now_v7().simple().to_string(),
    }
}

/// The language the client asks for, if it is one of ours.
pub fn language_asked(request: &HttpRequest) -> Option<Language> {
    Language::accepted(request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?)
}

/// The language asked for, else the person's own, else that of the house.
pub fn language(request: &HttpRequest) -> Language {
    let own = || request.extensions().get::<Speaks>().map(|speaks| speaks.0);
    let house = || request.app_data::<web::Data<App>>().map(|app| app.house_language.get());
    language_asked(request).or_else(own).or_else(house).unwrap_or(Language::En)
}

fn refusal_of(error: &actix_web::Error) -> Refusal {
    if let Some(ours) = error.as_error::<Error>() {
        if matches!(ours, Error::Database(_) | Error::Internal(_)) {
            tracing::error!(cause = %ours, "a request failed");
        }
        return ours.refusal();
    }
    if let Some(error) = error.as_error::<MultipartError>() {
        return of_form(error);
    }
    let status = error.as_response_error().status_code();
    match status {
        StatusCode::NOT_FOUND => Code::NotFound.into(),
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed.into(),
        StatusCode::REQUEST_TIMEOUT => Code::RequestTimeout.into(),
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge.with([("limit", "32 MiB".to_owned())]),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Code::UnsupportedMediaType.with([("expected", "application/json".to_owned())])
        }
        status if status.is_client_error() => Code::BadJson.with([("reason", error.to_string())]),
        _ => {
            tracing::error!(cause = %error, "a request failed");
            Code::Internal.into()
        }
    }
}

/// What was sent where a form was expected.
pub fn of_form(error: &MultipartError) -> Refusal {
    use MultipartError::{BoundaryMissing, ContentTypeIncompatible, ContentTypeMissing, ContentTypeParse};
    match error {
        ContentTypeMissing | ContentTypeParse | ContentTypeIncompatible | BoundaryMissing => {
            Code::UnsupportedMediaType.with([("expected", "multipart/form-data; boundary=…".to_owned())])
        }
        _ => Code::BadForm.with([("reason", error.to_string())]),
    }
}

/// One line a request. The address is told by its pattern: real paths hold codes and tokens.
fn log(request: &HttpRequest, status: StatusCode, started: Instant, trace_id: &str) {
    let known = request.extensions_mut().remove::<Pattern>().map(|pattern| pattern.0);
    let route = known.or_else(|| request.match_pattern()).unwrap_or_else(|| "-".to_owned());
    let elapsed = started.elapsed();
    super::metrics::observe(request.method(), &route, status, elapsed);
    let ms = elapsed.as_secs_f64() * 1_000.0;
    if status.is_server_error() {
        tracing::error!(method = %request.method(), route, status = status.as_u16(), ms, trace_id, "request");
    } else {
        tracing::info!(method = %request.method(), route, status = status.as_u16(), ms, trace_id, "request");
    }
}
