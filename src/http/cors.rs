//! Web pages of other origins that the operator lets call the API (Fetch standard, CORS protocol). Without any, browsers
//! are told nothing and refuse. Cookies play no part: who asks is told by a token, so credentials are never allowed.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue,
    ORIGIN, VARY,
};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, web};

use crate::app::App;

/// What pages may do.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
/// What they may send.
const TAKEN: &str = "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, \
    Tus-Resumable, Upload-Checksum, Upload-Length, Upload-Metadata, Upload-Offset, X-Device-Id, X-Device-Time, \
    X-HTTP-Method-Override, X-Request-Id, X-Requested-With";
/// What they may read.
const TOLD: &str = "Content-Disposition, ETag, Idempotency-Replayed, Location, Retry-After, Tus-Checksum-Algorithm, \
    Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Expires, Upload-Length, Upload-Metadata, \
    Upload-Offset, X-Request-Id";

/// Wraps all requests.
///
/// # Errors
/// Those of the layers below.
pub async fn cors(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(origin) = allowed(&request) else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        let mut response = HttpResponse::NoContent().finish();
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(TAKEN));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
        request.into_response(response)
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    tell(response.headers_mut(), origin);
    Ok(response)
}

/// The origin of a page that may ask below `/api/v1`.
fn allowed(request: &ServiceRequest) -> Option<HeaderValue> {
    let app = request.app_data::<web::Data<App>>()?;
    let origin = request.headers().get(ORIGIN)?;
    let named = app.config.allowed_origins.iter().any(|known| known.as_bytes() == origin.as_bytes());
    (named && request.path().starts_with("/api/v1/")).then(|| origin.clone())
}

fn tell(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(TOLD));
    headers.append(VARY, HeaderValue::from_static("Origin"));
}
