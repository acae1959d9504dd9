//! `/uploads`, and telling of files

use actix_web::{HttpRequest, HttpResponse, delete, head, options, patch, post, web};

use super::door;
use super::expect::{self, ExpectedAttachment};
use super::tus::Resumable;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::problem::Problem;
use crate::http::routes::Routes;
use crate::http::{Body, Call};
use crate::tickets::TicketId;
use crate::tickets::attachments::{Attachment, AttachmentId};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(expect_attachment);
    routes.service(get_upload_options).service(begin_upload);
    routes.service(get_upload_offset).service(append_to_upload).service(terminate_upload);
}

/// Tell of a file whose bytes will come to `/uploads/{id}`. It answers the item of the checklist that it names.
#[utoipa::path(tag = "uploads", params(("id" = TicketId, Path, description = "The ticket")), request_body = ExpectedAttachment, responses((status = 201, description = "Expected", body = Attachment), (status = 200, description = "Was told of before with this id", body = Attachment), Problems))]
#[post("/tickets/{id}/attachments/expected")]
async fn expect_attachment(call: Call, id: web::Path<TicketId>, body: Body<ExpectedAttachment>) -> Answer {
    call.create(move |conn, actor| expect::expect(conn, actor, *id, &body.0)).await
}

/// What of tus is spoken here.
#[utoipa::path(tag = "uploads", security(()), responses((status = 204, description = "In its headers", headers(("Tus-Version" = String, description = "1.0.0"), ("Tus-Extension" = String, description = "What is spoken beside the core"), ("Tus-Max-Size" = u64, description = "Bytes a file may have"), ("Tus-Checksum-Algorithm" = String, description = "sha1,sha256"))), Problems))]
#[options("/uploads")]
async fn get_upload_options() -> HttpResponse {
    door::options()
}

/// Begin an upload, or find it again: the same id by the same person is the same upload.
#[utoipa::path(tag = "uploads", params(
    ("Tus-Resumable" = String, Header, description = "The version that is spoken", pattern = r"^1\.0\.0$"),
    ("Upload-Length" = u64, Header, description = "Bytes of the file", minimum = 1, maximum = 52_428_800),
    ("Upload-Metadata" = String, Header, description = "Names with values in base64: attachment_id, and filename, filetype, sha256 if you like", max_length = 4096),
    ("Upload-Checksum" = Option<String>, Header, description = "sha1 or sha256 of the bytes that come along, and it in base64", pattern = "^(sha1|sha256) [A-Za-z0-9+/]+={0,2}$"),
), request_body(content = Option<Vec<u8>>, content_type = "application/offset+octet-stream", description = "The first bytes, if you like"), responses((status = 201, description = "Begun", headers(("Location" = String, description = "Where the bytes are sent to"), ("Upload-Offset" = u64, description = "Bytes that are there, when some came along"), ("Upload-Expires" = String, description = "When what has come is thrown away"))), (status = 460, description = "The checksum does not fit: nothing of it was kept", body = Problem, content_type = "application/problem+json"), (status = 507, description = "There is no room for files", body = Problem, content_type = "application/problem+json"), Problems))]
#[post("/uploads")]
async fn begin_upload(call: Call, _tus: Resumable, request: HttpRequest, payload: web::Payload) -> Answer {
    door::create(call, request, payload).await
}

/// How much of a file has come.
#[utoipa::path(tag = "uploads", params(("id" = AttachmentId, Path, description = "The file"), ("Tus-Resumable" = String, Header, description = "The version that is spoken", pattern = r"^1\.0\.0$")), responses((status = 200, description = "In its headers", headers(("Upload-Offset" = u64, description = "Bytes that are there"), ("Upload-Length" = u64, description = "Bytes of the file"), ("Upload-Metadata" = String, description = "What was said when it was begun"), ("Upload-Expires" = String, description = "When what has come is thrown away"))), (status = 410, description = "Its time was over: begin it anew", body = Problem, content_type = "application/problem+json"), Problems))]
#[head("/uploads/{id}")]
async fn get_upload_offset(call: Call, _tus: Resumable, id: web::Path<AttachmentId>) -> Answer {
    door::look(call, *id).await
}

/// Send bytes on from where the others end. Whatever arrives is kept, however the connection ends.
#[utoipa::path(tag = "uploads", params(("id" = AttachmentId, Path, description = "The file"), ("Tus-Resumable" = String, Header, description = "The version that is spoken", pattern = r"^1\.0\.0$"), ("Upload-Offset" = u64, Header, description = "Where they begin", minimum = 0, maximum = 52_428_800), ("Upload-Checksum" = Option<String>, Header, description = "sha1 or sha256 of the bytes, and it in base64: they count as a whole or not at all", pattern = "^(sha1|sha256) [A-Za-z0-9+/]+={0,2}$")), request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"), responses((status = 204, description = "Kept", headers(("Upload-Offset" = u64, description = "Bytes that are there"), ("Upload-Expires" = String, description = "When what has come is thrown away"))), (status = 410, description = "Its time was over: begin it anew", body = Problem, content_type = "application/problem+json"), (status = 460, description = "The checksum does not fit: nothing of it was kept", body = Problem, content_type = "application/problem+json"), (status = 507, description = "There is no room for files", body = Problem, content_type = "application/problem+json"), Problems))]
#[patch("/uploads/{id}")]
async fn append_to_upload(
    call: Call,
    _tus: Resumable,
    id: web::Path<AttachmentId>,
    request: HttpRequest,
    payload: web::Payload,
) -> Answer {
    door::patch(call, *id, request, payload).await
}

/// Give an upload up. The file is still expected, and its upload may be begun anew.
#[utoipa::path(tag = "uploads", params(("id" = AttachmentId, Path, description = "The file"), ("Tus-Resumable" = String, Header, description = "The version that is spoken", pattern = r"^1\.0\.0$")), responses((status = 204, description = "Given up"), (status = 410, description = "Its time was over: begin it anew", body = Problem, content_type = "application/problem+json"), Problems))]
#[delete("/uploads/{id}")]
async fn terminate_upload(call: Call, _tus: Resumable, id: web::Path<AttachmentId>) -> Answer {
    door::terminate(call, *id).await
}
