//! Uploads at the door: headers in, headers out.

use std::time::{Duration, UNIX_EPOCH};

use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HttpDate, LOCATION};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

use super::append::mismatch;
use super::begin::{self, NewUpload};
use super::headers::{Checksum, Metadata, bytes};
use super::receive::Intake;
use super::tus::{BYTES, EXTENSIONS, VERSION};
use super::{MOST_BYTES, Upload, UploadState};
use crate::db::types::Timestamp;
use crate::error::{Code, Error, Flaw};
use crate::http::call::Answer;
use crate::http::query::refused;
use crate::http::{Call, body};
use crate::tickets::attachments::AttachmentId;

/// What is spoken here.
pub fn options() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(("Tus-Version", VERSION))
        .insert_header(("Tus-Extension", EXTENSIONS))
        .insert_header(("Tus-Max-Size", MOST_BYTES.to_string()))
        .insert_header(("Tus-Checksum-Algorithm", "sha1,sha256"))
        .finish()
}

/// Begins an upload; bytes may come along.
///
/// # Errors
/// Those of [`begin::begin`] and of [`Intake::receive`]; `invalid_parameter`, `too_large`, `unsupported_media_type`; `busy`
/// while the actor sends too much at the same time.
pub async fn create(call: Call, request: HttpRequest, payload: web::Payload) -> Answer {
    call.app.upload_pace.must_wait(call.actor.id())?;
    let sends = media_type(&request) == Some(BYTES);
    if !sends && has_other_body(&request) {
        return Err(not_bytes());
    }
    let new = wanted(&request)?;
    let checksum = header(&request, "upload-checksum").map(Checksum::parse).transpose()?;
    let (actor, db) = (call.actor.clone(), call.app.db.clone());
    let upload = db.write(move |conn| begin::begin(conn, &actor, &new)).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/api/v1/uploads/{}", upload.attachment_id)));
    expires(&mut response, &upload);
    if sends {
        // Sent before, and perhaps kept: whoever asks for what is there goes on from it.
        let fresh = upload.received == 0 && upload.state == UploadState::Open;
        let offset = if fresh { receive(&call, upload, checksum, payload).await? } else { upload.received };
        response.insert_header(("Upload-Offset", offset.to_string()));
    }
    Ok(response.finish())
}

fn wanted(request: &HttpRequest) -> Result<NewUpload, Error> {
    let size = bytes("Upload-Length", header(request, "upload-length"))?;
    if size > MOST_BYTES {
        return Err(body::too_large(usize::try_from(MOST_BYTES).unwrap_or(usize::MAX)));
    }
    if size == 0 {
        let bounds = vec![("min", "1".to_owned()), ("max", MOST_BYTES.to_string())];
        return Err(refused("Upload-Length", Flaw::OutOfRange, bounds));
    }
    let metadata = Metadata::parse(header(request, "upload-metadata").unwrap_or_default())?;
    Ok(NewUpload {
        attachment_id: metadata.attachment_id()?,
        size,
        sha256: metadata.sha256()?,
        metadata: metadata.to_string(),
    })
}

/// Where an upload stands.
///
/// # Errors
/// Those of [`begin::find`].
pub async fn look(call: Call, id: AttachmentId) -> Answer {
    let upload = found(&call, id).await?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header(("Upload-Offset", upload.received.to_string()))
        .insert_header(("Upload-Length", upload.size.to_string()));
    if !upload.metadata.is_empty() {
        response.insert_header(("Upload-Metadata", upload.metadata.clone()));
    }
    expires(&mut response, &upload);
    Ok(response.finish())
}

/// Appends bytes.
///
/// # Errors
/// Those of [`begin::find`] and of [`Intake::receive`]; `unsupported_media_type`, `invalid_parameter`, `offset_mismatch`,
/// `too_large`; `busy` while the actor sends too much at the same time.
pub async fn patch(call: Call, id: AttachmentId, request: HttpRequest, payload: web::Payload) -> Answer {
    if media_type(&request) != Some(BYTES) {
        return Err(not_bytes());
    }
    let offset = bytes("Upload-Offset", header(&request, "upload-offset"))?;
    let checksum = header(&request, "upload-checksum").map(Checksum::parse).transpose()?;
    let upload = found(&call, id).await?;
    if offset != upload.received {
        return Err(mismatch(upload.received));
    }
    let announced = header(&request, CONTENT_LENGTH.as_str()).and_then(|length| length.parse::<i64>().ok());
    if announced.is_some_and(|length| length > upload.size - offset) {
        return Err(body::too_large(usize::try_from(upload.size).unwrap_or(usize::MAX)));
    }
    let mut response = HttpResponse::NoContent();
    expires(
        &mut response,
        &Upload { expires_at: call.actor.now().plus_seconds(super::KEPT_SECONDS), ..upload.clone() },
    );
    let offset = receive(&call, upload, checksum, payload).await?;
    Ok(response.insert_header(("Upload-Offset", offset.to_string())).finish())
}

/// Gives an upload up.
///
/// # Errors
/// Those of [`begin::terminate`].
pub async fn terminate(call: Call, id: AttachmentId) -> Answer {
    call.app.upload_pace.must_wait(call.actor.id())?;
    let (app, actor) = (call.app, call.actor);
    let over = app.db.write(move |conn| begin::terminate(conn, &actor, id)).await?;
    if let Err(error) = app.files.drop_pieces(over.uuid()).await {
        tracing::warn!(%error, "the pieces of an upload that was given up were not thrown away yet");
    }
    Ok(HttpResponse::NoContent().finish())
}

async fn found(call: &Call, id: AttachmentId) -> Result<Upload, Error> {
    call.app.upload_pace.must_wait(call.actor.id())?;
    let actor = call.actor.clone();
    call.app.db.read(move |conn| begin::find(conn, &actor, id)).await
}

/// Takes the body on a task of its own: a client that hangs up takes its request away, and what it had sent must be kept.
async fn receive(call: &Call, upload: Upload, checksum: Option<Checksum>, payload: web::Payload) -> Result<i64, Error> {
    let place = call.app.upload_places.take(call.actor.id()).ok_or(Error::Busy)?;
    let (app, size) = (call.app.clone(), upload.size);
    let intake = Intake::new(app.clone().into_inner(), upload, checksum);
    let received = actix_web::rt::spawn(async move {
        let received = intake.receive(payload).await;
        drop(place);
        if received.as_ref().is_ok_and(|offset| *offset == size) {
            app.upload_bell.ring();
        }
        received
    });
    received.await.map_err(Error::internal)?
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn media_type(request: &HttpRequest) -> Option<&str> {
    header(request, CONTENT_TYPE.as_str()).map(|kind| kind.split(';').next().unwrap_or_default().trim())
}

/// Some clients say that chunks follow where there are none; those that send something also say what it is.
fn has_other_body(request: &HttpRequest) -> bool {
    let length = header(request, CONTENT_LENGTH.as_str());
    length.is_some_and(|length| length.trim() != "0") || media_type(request).is_some()
}

fn not_bytes() -> Error {
    Code::UnsupportedMediaType.with([("expected", BYTES.to_owned())]).into()
}

/// `Upload-Expires` of one that may expire (RFC 9110, 5.6.7).
fn expires(response: &mut HttpResponseBuilder, upload: &Upload) {
    if upload.state == UploadState::Open {
        response.insert_header(("Upload-Expires", http_date(upload.expires_at).to_string()));
    }
}

fn http_date(moment: Timestamp) -> HttpDate {
    let seconds = u64::try_from(moment.seconds()).unwrap_or_default();
    HttpDate::from(UNIX_EPOCH + Duration::from_secs(seconds))
}
