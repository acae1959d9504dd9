//! The offset moves: pieces that are on the disk are named, in order, by whoever finds it where they begin.

use super::{Piece, Upload, UploadState, queries};
use crate::db::DbConnection;
use crate::db::types::Timestamp;
use crate::error::{Code, Error};

/// Appends pieces that follow each other.
///
/// # Errors
/// `offset_mismatch` when somebody else has moved the offset; `not_found`, `upload_expired` when the upload has ended. The
/// pieces are then nobody's.
pub fn append(conn: &mut DbConnection, upload: &Upload, pieces: &[Piece], now: Timestamp) -> Result<(), Error> {
    if queries::advance(conn, upload, pieces, now)? {
        return Ok(());
    }
    must_go_on(conn, upload)?;
    let received = queries::load(conn, upload.attachment_id)?.map_or(upload.size, |other| other.received);
    Err(mismatch(received))
}

/// Refuses what comes for an upload that has ended meanwhile.
///
/// # Errors
/// `not_found`, `upload_expired`; `offset_mismatch` when it has all its bytes, or was begun anew.
pub fn must_go_on(conn: &mut DbConnection, upload: &Upload) -> Result<(), Error> {
    match queries::load(conn, upload.attachment_id)? {
        Some(same) if same.generation == upload.generation && same.state == UploadState::Open => Ok(()),
        Some(other) if other.state == UploadState::Expired => Err(Code::UploadExpired.into()),
        Some(other) => Err(mismatch(other.received)),
        // Complete, and looked at already: all bytes are there.
        None if crate::tickets::attachments::load(conn, upload.attachment_id)?
            .is_some_and(|file| file.file_sha256.is_some()) =>
        {
            Err(mismatch(upload.size))
        }
        None => Err(Code::NotFound.into()),
    }
}

/// The refusal of bytes that do not begin where the others end.
pub fn mismatch(offset: i64) -> Error {
    Code::OffsetMismatch.with([("offset", offset.to_string())]).into()
}
