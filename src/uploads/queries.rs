//! Every query on uploads.

use diesel::prelude::*;

use super::{GenerationId, KEPT_SECONDS, Piece, PieceId, Upload, UploadState};
use crate::db::DbConnection;
use crate::db::dialect::Both;
use crate::db::schema::{attachments, upload_pieces, uploads};
use crate::db::types::Timestamp;
use crate::error::{Code, Error};
use crate::tickets::attachments::{AttachmentId, AttachmentRow};
use crate::users::UserId;

/// An upload, whoever asks.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection, id: AttachmentId) -> Result<Option<Upload>, Error> {
    Ok(uploads::table.find(id).select(Upload::as_select()).get_result(conn).optional()?)
}

/// A file that somebody has told of and that is still wanted. Whether its author still sees the ticket is not asked: what
/// was told of in time may come late.
///
/// # Errors
/// `not_found`
pub fn own_attachment(conn: &mut DbConnection, author: UserId, id: AttachmentId) -> Result<AttachmentRow, Error> {
    let found = crate::tickets::attachments::load(conn, id)?;
    found.filter(|file| file.author_id == author && file.archived_at.is_none()).ok_or_else(|| Code::NotFound.into())
}

/// Uploads of somebody that are not finished.
///
/// # Errors
/// The database's.
pub fn unfinished(conn: &mut DbConnection, author: UserId) -> Result<i64, Error> {
    let own = uploads::table.filter(uploads::author_id.eq(author)).filter(uploads::state.eq(UploadState::Open));
    Ok(own.count().get_result(conn)?)
}

/// Keeps a new upload, unless a twin of the request was quicker, and answers the one that is kept.
///
/// # Errors
/// `busy` when the twin's was given up in the same moment.
pub fn insert(conn: &mut DbConnection, upload: &Upload) -> Result<Upload, Error> {
    Both(diesel::insert_into(uploads::table).values(upload).on_conflict_do_nothing()).execute(conn)?;
    load(conn, upload.attachment_id)?.ok_or(Error::Busy)
}

/// An upload as the caller saw it: no row when it ended, went on or was begun anew since.
macro_rules! still {
    ($upload:expr) => {
        uploads::table
            .filter(uploads::attachment_id.eq($upload.attachment_id))
            .filter(uploads::generation.eq($upload.generation))
            .filter(uploads::state.eq($upload.state))
            .filter(uploads::received.eq($upload.received))
    };
}

/// Empties an upload: its first byte is the next to come, and it is of another generation. The pieces' objects are the
/// caller's to throw away. `false`, and nothing is done, when the upload is not as it was any more.
///
/// # Errors
/// The database's.
pub fn empty(conn: &mut DbConnection, upload: &Upload, state: UploadState, now: Timestamp) -> Result<bool, Error> {
    // The upload first, always: whoever moves its offset waits here, and then finds that it is not the one they knew.
    let emptied = diesel::update(still!(upload))
        .set((
            uploads::generation.eq(GenerationId::new()),
            uploads::tries.eq(0_i64),
            uploads::received.eq(0_i64),
            uploads::state.eq(state),
            uploads::leased_until.eq(None::<Timestamp>),
            uploads::expires_at.eq(now.plus_seconds(KEPT_SECONDS)),
            uploads::updated_at.eq(now),
        ))
        .execute(conn)?;
    if emptied == 1 {
        forget_pieces(conn, upload.attachment_id)?;
    }
    Ok(emptied == 1)
}

/// Forgets an upload. `false`, and nothing is done, when it is not as it was any more.
///
/// # Errors
/// The database's.
pub fn delete(conn: &mut DbConnection, upload: &Upload) -> Result<bool, Error> {
    // Nothing is changed yet, but from here on nobody else can.
    let held = diesel::update(still!(upload)).set(uploads::received.eq(upload.received)).execute(conn)?;
    if held == 1 {
        forget_pieces(conn, upload.attachment_id)?;
        diesel::delete(uploads::table.find(upload.attachment_id)).execute(conn)?;
    }
    Ok(held == 1)
}

/// Those of an upload that the caller holds.
fn forget_pieces(conn: &mut DbConnection, id: AttachmentId) -> QueryResult<usize> {
    diesel::delete(upload_pieces::table.filter(upload_pieces::attachment_id.eq(id))).execute(conn)
}

/// Moves the offset from where the pieces begin to where they end, and names them; `false` when it is not there any more, or
/// the upload has ended.
///
/// # Errors
/// The database's.
pub fn advance(conn: &mut DbConnection, upload: &Upload, pieces: &[Piece], now: Timestamp) -> Result<bool, Error> {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return Ok(true) };
    let end = last.begins + last.size;
    let state = if end == upload.size { UploadState::Complete } else { UploadState::Open };
    let here = uploads::table
        .filter(uploads::attachment_id.eq(upload.attachment_id))
        .filter(uploads::generation.eq(upload.generation))
        .filter(uploads::state.eq(UploadState::Open))
        .filter(uploads::received.eq(first.begins));
    let moved = diesel::update(here)
        .set((
            uploads::received.eq(end),
            uploads::state.eq(state),
            uploads::expires_at.eq(now.plus_seconds(KEPT_SECONDS)),
            uploads::updated_at.eq(now),
        ))
        .execute(conn)?;
    if moved == 0 {
        return Ok(false);
    }
    for piece in pieces {
        diesel::insert_into(upload_pieces::table).values(piece).execute(conn)?;
    }
    Ok(true)
}

/// The pieces of an upload, in order.
///
/// # Errors
/// The database's.
pub fn pieces(conn: &mut DbConnection, id: AttachmentId) -> Result<Vec<Piece>, Error> {
    let own = upload_pieces::table.filter(upload_pieces::attachment_id.eq(id)).order(upload_pieces::begins);
    Ok(own.select(Piece::as_select()).load(conn)?)
}

/// The complete upload that has waited longest and that nobody looks at, made the caller's until `until`.
///
/// # Errors
/// The database's.
pub fn take_up(conn: &mut DbConnection, now: Timestamp, until: Timestamp) -> Result<Option<Upload>, Error> {
    let free = || uploads::leased_until.is_null().or(uploads::leased_until.assume_not_null().lt(now));
    let next: Option<Upload> = uploads::table
        .filter(uploads::state.eq(UploadState::Complete))
        .filter(free())
        .order((uploads::updated_at, uploads::attachment_id))
        .select(Upload::as_select())
        .first(conn)
        .optional()?;
    let Some(next) = next else { return Ok(None) };
    let taken = Upload { leased_until: Some(until), tries: next.tries + 1, ..next };
    let ours = diesel::update(still!(taken).filter(free()))
        .set((uploads::leased_until.eq(taken.leased_until), uploads::tries.eq(taken.tries)))
        .execute(conn)?;
    // Nothing when somebody was quicker: whoever asks again finds the next one.
    Ok((ours == 1).then_some(taken))
}

/// Gives an upload back that could not be looked at now, for somebody to take up after `until`. That was no try: whoever
/// gives one back has not been ended by it.
///
/// # Errors
/// The database's.
pub fn give_back(conn: &mut DbConnection, upload: &Upload, until: Timestamp) -> Result<(), Error> {
    diesel::update(still!(upload))
        .set((uploads::leased_until.eq(Some(until)), uploads::tries.eq(uploads::tries - 1_i64)))
        .execute(conn)?;
    Ok(())
}

/// Keeps an upload until `until` for whoever still looks at it.
///
/// # Errors
/// The database's.
pub fn lease(conn: &mut DbConnection, upload: &Upload, until: Timestamp) -> Result<(), Error> {
    diesel::update(still!(upload)).set(uploads::leased_until.eq(Some(until))).execute(conn)?;
    Ok(())
}

/// Uploads that wait to be looked at. Read before anything is written: most of the time there are none.
///
/// # Errors
/// The database's.
pub fn some_wait(conn: &mut DbConnection, now: Timestamp) -> Result<bool, Error> {
    let waiting = uploads::table
        .filter(uploads::state.eq(UploadState::Complete))
        .filter(uploads::leased_until.is_null().or(uploads::leased_until.assume_not_null().lt(now)));
    Ok(diesel::select(diesel::dsl::exists(waiting)).get_result(conn)?)
}

/// Uploads whose time is over, at most so many.
///
/// # Errors
/// The database's.
pub fn overdue(conn: &mut DbConnection, now: Timestamp, most: i64) -> Result<Vec<Upload>, Error> {
    let old = uploads::table.filter(uploads::state.eq(UploadState::Open)).filter(uploads::expires_at.lt(now));
    Ok(old.order(uploads::expires_at).limit(most).select(Upload::as_select()).load(conn)?)
}

/// Whether the pieces that lie together under this name may still be wanted.
///
/// # Errors
/// The database's.
pub fn is_wanted(conn: &mut DbConnection, generation: GenerationId) -> Result<bool, Error> {
    let live =
        uploads::table.filter(uploads::generation.eq(generation)).filter(uploads::state.ne(UploadState::Expired));
    Ok(diesel::select(diesel::dsl::exists(live)).get_result(conn)?)
}

/// Writes what became of a file, unless that was written before.
///
/// # Errors
/// The database's.
pub fn settle(conn: &mut DbConnection, row: &AttachmentRow) -> Result<bool, Error> {
    use crate::tickets::attachments::AttachmentStatus::Expected;
    let here = attachments::table.filter(attachments::id.eq(row.id)).filter(attachments::status.eq(Expected));
    let set = (
        (
            attachments::status.eq(row.status),
            attachments::rejection.eq(&row.rejection),
            attachments::file_sha256.eq(row.file_sha256),
            attachments::media_type.eq(&row.media_type),
            attachments::size.eq(row.size),
            attachments::width.eq(row.width),
            attachments::height.eq(row.height),
        ),
        (
            attachments::camera_taken_at.eq(&row.camera_taken_at),
            attachments::camera_lat.eq(row.camera_lat),
            attachments::camera_lon.eq(row.camera_lon),
            attachments::small_sha256.eq(row.small_sha256),
            attachments::large_sha256.eq(row.large_sha256),
        ),
    );
    Ok(diesel::update(here).set(set).execute(conn)? == 1)
}

/// A rejected file is wanted once more. `false` when it is not rejected any more.
///
/// # Errors
/// The database's.
pub fn expect_again(conn: &mut DbConnection, id: AttachmentId) -> Result<bool, Error> {
    use crate::tickets::attachments::AttachmentStatus::{Expected, Rejected};
    let here = attachments::table.filter(attachments::id.eq(id)).filter(attachments::status.eq(Rejected));
    let again = diesel::update(here)
        .set((attachments::status.eq(Expected), attachments::rejection.eq(None::<String>)))
        .execute(conn)?;
    Ok(again == 1)
}

/// A piece that is about to be written.
pub fn piece(upload: &Upload, begins: i64, size: usize) -> Piece {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    Piece { attachment_id: upload.attachment_id, begins, size, piece_id: PieceId::new() }
}
