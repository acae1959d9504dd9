//! An upload is begun, found again, or given up.

use super::{GenerationId, KEPT_SECONDS, MOST_UNFINISHED, Upload, UploadState, queries};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::types::Sha256;
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::tickets::attachments::{AttachmentId, AttachmentRow, AttachmentStatus};

/// An upload that somebody wants to begin.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// The file whose bytes will come.
    pub attachment_id: AttachmentId,
    /// How many.
    pub size: i64,
    /// Their hash, when the client says it once more.
    pub sha256: Option<Sha256>,
    /// What will be told again.
    pub metadata: String,
}

/// Begins an upload. Asked again by the same person it is the same upload, with the bytes that have come; one that expired
/// and one whose bytes were rejected begin anew.
///
/// # Errors
/// `not_found` for a file that the actor has not told of; `validation_failed` when size or hash are not those announced;
/// `too_many_uploads`
pub fn begin(conn: &mut DbConnection, actor: &Actor, new: &NewUpload) -> Result<Upload, Error> {
    let file = queries::own_attachment(conn, actor.id(), new.attachment_id)?;
    if file.original_size.unwrap_or(file.size) != new.size {
        return Err(Error::field("Upload-Length", Flaw::NotAsAnnounced));
    }
    if new.sha256.is_some() && new.sha256 != file.original_sha256 {
        return Err(Error::field("Upload-Metadata/sha256", Flaw::NotAsAnnounced));
    }
    let now = actor.now();
    match file.status {
        AttachmentStatus::Ready => return Ok(finished(&file)),
        AttachmentStatus::Rejected => {
            if !queries::expect_again(conn, file.id)? {
                // A twin of the request was quicker, and its bytes may have come already.
                return begin(conn, actor, new);
            }
            let event = Event::of("attachment.expected", "attachment", file.id.uuid()).ticket(file.ticket_id);
            let company = crate::tickets::queries::company_of(conn, file.ticket_id)?;
            history::record(conn, actor, event.company(company).after(serde_json::json!({"status": "expected"})))?;
        }
        AttachmentStatus::Expected => {}
    }
    while let Some(upload) = queries::load(conn, file.id)? {
        if !is_over(&upload, actor) {
            return Ok(upload);
        }
        // Whoever was quicker than this has begun it anew, or ended it: either way the next look tells.
        queries::empty(conn, &upload, UploadState::Open, now)?;
    }
    if queries::unfinished(conn, actor.id())? >= MOST_UNFINISHED {
        return Err(Code::TooManyUploads.with([("max", MOST_UNFINISHED.to_string())]).into());
    }
    let upload = Upload {
        attachment_id: file.id,
        author_id: actor.id(),
        state: UploadState::Open,
        size: new.size,
        received: 0,
        metadata: new.metadata.clone(),
        expires_at: now.plus_seconds(KEPT_SECONDS),
        leased_until: None,
        created_at: now,
        updated_at: now,
        generation: GenerationId::new(),
        tries: 0,
    };
    queries::insert(conn, &upload)
}

/// An upload of the actor's. One whose bytes were looked at is still told, as complete: the last answer may have been lost.
///
/// # Errors
/// `not_found`; `upload_expired`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: AttachmentId) -> Result<Upload, Error> {
    let file = queries::own_attachment(conn, actor.id(), id)?;
    if file.status != AttachmentStatus::Expected {
        return if file.original_size.is_some() { Ok(finished(&file)) } else { Err(Code::NotFound.into()) };
    }
    let upload = queries::load(conn, id)?.ok_or(Code::NotFound)?;
    if is_over(&upload, actor) { Err(Code::UploadExpired.into()) } else { Ok(upload) }
}

/// Gives an upload up, and answers whose pieces nobody wants now. The file is still expected: its upload may be begun anew.
///
/// # Errors
/// `not_found`; `upload_expired`; `upload_finished` when all has come
pub fn terminate(conn: &mut DbConnection, actor: &Actor, id: AttachmentId) -> Result<GenerationId, Error> {
    loop {
        let upload = find(conn, actor, id)?;
        if upload.state == UploadState::Complete {
            return Err(Code::UploadFinished.into());
        }
        // Otherwise something came in the meantime.
        if queries::delete(conn, &upload)? {
            return Ok(upload.generation);
        }
    }
}

fn is_over(upload: &Upload, actor: &Actor) -> bool {
    match upload.state {
        UploadState::Expired => true,
        UploadState::Open => upload.expires_at < actor.now(),
        UploadState::Complete => false,
    }
}

fn finished(file: &AttachmentRow) -> Upload {
    let size = file.original_size.unwrap_or(file.size);
    Upload {
        attachment_id: file.id,
        author_id: file.author_id,
        state: UploadState::Complete,
        size,
        received: size,
        metadata: String::new(),
        expires_at: file.recorded_at,
        leased_until: None,
        created_at: file.recorded_at,
        updated_at: file.recorded_at,
        // Nothing lies there: what it was is told, and no more.
        generation: GenerationId::from(file.id.uuid()),
        tries: 0,
    }
}
