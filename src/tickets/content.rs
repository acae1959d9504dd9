//! The bytes of a file, never as a page of ours: what everybody sees, its thumbnails, and the evidence.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use diesel::prelude::*;
use serde::Deserialize;

use super::attachments::{self, AttachmentId, AttachmentRow};
use crate::app::App;
use crate::auth::Permission;
use crate::db::schema::attachments::dsl;
use crate::db::types::{Sha256, text_enum};
use crate::error::{Code, Error};
use crate::files::photo::{HEIC, thumbnails_of};
use crate::http::Call;
use crate::http::call::Answer;

text_enum! {
    /// How large a thumbnail is: 256 or 1024 pixels on its longer side, or as the picture where that is smaller.
    ThumbnailSize {
        /// For a list.
        Small = "small",
        /// For a screen.
        Large = "large",
    }
}

/// Which thumbnail.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ThumbnailQuery {
    /// The small one when left out.
    pub size: Option<ThumbnailSize>,
}

/// The bytes that are served. HEIC is served as it came, with what the camera wrote into it: not to clients.
///
/// # Errors
/// `not_found`; `attachment_not_ready`; `forbidden`
pub async fn content(call: Call, id: AttachmentId) -> Answer {
    let file = found(&call, id).await?;
    if file.media_type == HEIC {
        call.actor.must(Permission::SeeInternal)?;
    }
    let hash = file.file_sha256.ok_or_else(|| not_ready(&file))?;
    let inline = if file.media_type.starts_with("image/") { "inline" } else { "attachment" };
    Ok(served(call.app.files.read(hash).await?, &file.media_type, inline, &file.name))
}

/// The bytes as they were sent, with all that the camera wrote into them.
///
/// # Errors
/// `not_found`, also where they were not kept; `attachment_not_ready`
pub async fn original(call: Call, id: AttachmentId) -> Answer {
    let file = found(&call, id).await?;
    if file.file_sha256.is_none() {
        return Err(not_ready(&file));
    }
    let hash = file.original_sha256.ok_or(Code::NotFound)?;
    let bytes = call.app.files.read(hash).await?;
    // A PDF is what it is; a picture is not to be shown by a browser in this form.
    let kind = if file.media_type == "application/pdf" { "application/pdf" } else { "application/octet-stream" };
    Ok(served(bytes, kind, "attachment", &file.name))
}

/// A thumbnail: JPEG.
///
/// # Errors
/// `not_found` for what has none; `attachment_not_ready`
pub async fn thumbnail(call: Call, id: AttachmentId, size: ThumbnailSize) -> Answer {
    let file = found(&call, id).await?;
    if file.file_sha256.is_none() {
        return Err(not_ready(&file));
    }
    if !file.media_type.starts_with("image/") || file.media_type == HEIC {
        return Err(Code::NotFound.into());
    }
    let [small, large] = thumbnails(&call.app, &file).await?;
    let hash = if size == ThumbnailSize::Small { small } else { large };
    let mut answer = served(call.app.files.read(hash).await?, "image/jpeg", "inline", &file.name);
    let kept = actix_web::http::header::HeaderValue::from_static("private, max-age=86400");
    answer.headers_mut().insert(CACHE_CONTROL, kept);
    Ok(answer)
}

async fn found(call: &Call, id: AttachmentId) -> Result<AttachmentRow, Error> {
    let actor = call.actor.clone();
    call.app.db.read(move |conn| attachments::find_row(conn, &actor, id)).await
}

fn not_ready(file: &AttachmentRow) -> Error {
    Code::AttachmentNotReady.with([("status", file.status.to_string())]).into()
}

/// The hashes of a picture's thumbnails, small and large. Of pictures that came before there were thumbnails they are made
/// when they are first asked for.
///
/// # Errors
/// `attachment_not_ready`; `file_rejected` when it is no picture that can be unpacked.
pub async fn thumbnails(app: &App, file: &AttachmentRow) -> Result<[Sha256; 2], Error> {
    let whole = file.file_sha256.ok_or_else(|| not_ready(file))?;
    if let (Some(small), Some(large)) = (file.small_sha256, file.large_sha256) {
        return Ok([small, large]);
    }
    let (id, files) = (file.id, &app.files);
    let bytes = files.read(whole).await?;
    let [small, large] = web::block(move || thumbnails_of(&bytes)).await.map_err(Error::internal)??;
    let [small, large] = [files.keep(small).await?, files.keep(large).await?];
    let set = move |conn: &mut crate::db::DbConnection| {
        diesel::update(dsl::attachments.find(id))
            .set((dsl::small_sha256.eq(Some(small)), dsl::large_sha256.eq(Some(large))))
            .execute(conn)
            .map_err(Error::from)
    };
    app.db.write(set).await?;
    Ok([small, large])
}

fn served(bytes: Bytes, kind: &str, disposition: &str, name: &str) -> HttpResponse {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let exact: String = name
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    HttpResponse::build(StatusCode::OK)
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("{disposition}; filename=\"{ascii}\"; filename*=UTF-8''{exact}")))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes)
}
