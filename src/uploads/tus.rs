//! The protocol's frame: its version, its headers on every answer, and methods for clients whose own cannot be sent.

use std::future::{Ready, ready};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpRequest};

use crate::error::{Code, Error};

/// The version that is spoken here.
pub const VERSION: &str = "1.0.0";
/// What is spoken beside the core.
pub const EXTENSIONS: &str = "creation,creation-with-upload,termination,checksum,expiration";
/// The media type of bytes that are appended.
pub const BYTES: &str = "application/offset+octet-stream";

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");

/// Wraps all requests: those below `/api/v1/uploads` are answered as tus wants it, refusals included.
///
/// # Errors
/// Those of the layers below.
pub async fn frame(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let path = request.path();
    let ours = path.strip_prefix("/api/v1/uploads").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if !ours {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    if let Some(method) = overridden(request.request()) {
        request.head_mut().method = method;
    }
    let asks_what_is_spoken = request.method() == Method::OPTIONS;
    let mut response = next.call(request).await?.map_into_boxed_body();
    let outdated = response.status() == StatusCode::PRECONDITION_FAILED;
    if !asks_what_is_spoken {
        response.headers_mut().insert(RESUMABLE, HeaderValue::from_static(VERSION));
    }
    if outdated {
        response.headers_mut().insert(HeaderName::from_static("tus-version"), HeaderValue::from_static(VERSION));
    }
    Ok(response)
}

/// `X-HTTP-Method-Override`, on a POST only.
fn overridden(request: &HttpRequest) -> Option<Method> {
    let header = request.headers().get("x-http-method-override")?;
    let method = Method::from_bytes(header.as_bytes()).ok()?;
    let known = [Method::PATCH, Method::DELETE, Method::HEAD].contains(&method);
    (request.method() == Method::POST && known).then_some(method)
}

/// A request in the version that is spoken here.
pub struct Resumable;

impl FromRequest for Resumable {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let version = request.headers().get(RESUMABLE).and_then(|version| version.to_str().ok());
        ready(if version == Some(VERSION) { Ok(Self) } else { Err(Code::TusVersionUnsupported.into()) })
    }
}
