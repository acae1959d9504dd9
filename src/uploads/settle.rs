//! What becomes of a file whose bytes are there.

use bytes::Bytes;
use serde_json::json;

use super::{Upload, queries};
use crate::auth::Origin;
use crate::db::DbConnection;
use crate::db::types::{Sha256, Timestamp};
use crate::error::{Error, Flaw, Refusal};
use crate::files::photo::{self, Looked, not_as_announced};
use crate::history::{self, Event};
use crate::tickets::attachments::{AttachmentRow, AttachmentStatus, Rejected};
use crate::tickets::kept::Kept;

/// Looks whether the bytes are those that were announced, and what they are. For a thread that may wait.
///
/// # Errors
/// `file_rejected` with the reason.
pub fn look(file: &AttachmentRow, bytes: &Bytes) -> Result<Looked, Error> {
    if file.original_sha256 != Some(Sha256::of(bytes)) {
        return Err(not_as_announced(Flaw::NotAsAnnounced));
    }
    let looked = photo::look(bytes)?;
    // A photo answers a checklist from the moment it is told of: it must not turn out to be a paper.
    if file.media_type.starts_with("image/") != looked.checked.media_type.starts_with("image/") {
        return Err(not_as_announced(Flaw::AnotherFormat));
    }
    Ok(looked)
}

/// The file is ready.
///
/// # Errors
/// The database's.
pub fn ready(
    conn: &mut DbConnection,
    upload: &Upload,
    file: &AttachmentRow,
    kept: &Kept,
    now: Timestamp,
) -> Result<(), Error> {
    end(conn, upload, &kept.becoming(file.clone()), "attachment.ready", now)
}

/// The file is rejected. What was said of it stays.
///
/// # Errors
/// The database's.
pub fn rejected(
    conn: &mut DbConnection,
    upload: &Upload,
    file: &AttachmentRow,
    why: &Refusal,
    now: Timestamp,
) -> Result<(), Error> {
    let rejection = serde_json::to_string(&Rejected::of(why))?;
    let row = AttachmentRow { status: AttachmentStatus::Rejected, rejection: Some(rejection), ..file.clone() };
    end(conn, upload, &row, "attachment.rejected", now)
}

/// Ends an upload with what became of its file. Whoever looked too long, and finds that somebody else has ended it, or that
/// it was begun anew since, writes nothing.
fn end(
    conn: &mut DbConnection,
    upload: &Upload,
    row: &AttachmentRow,
    action: &'static str,
    now: Timestamp,
) -> Result<(), Error> {
    if !queries::delete(conn, upload)? || !queries::settle(conn, row)? {
        return Ok(());
    }
    let company = crate::tickets::queries::company_of(conn, row.ticket_id)?;
    let facts = json!({"status": row.status, "rejection": row.rejection, "sha256": row.file_sha256,
                       "original_sha256": row.original_sha256, "media_type": row.media_type, "size": row.size,
                       "width": row.width, "height": row.height,
                       "camera": {"taken_at": row.camera_taken_at, "lat": row.camera_lat, "lon": row.camera_lon}});
    let event = Event::of(action, "attachment", row.id.uuid()).ticket(row.ticket_id).company(company).after(facts);
    history::record_by(conn, Some(row.author_id), now, &Origin::default(), event)
}
