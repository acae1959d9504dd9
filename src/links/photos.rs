//! The photos of the job on the page of a link: what the client may see of the ticket's, in small, without what a camera wrote
//! into them.

use diesel::prelude::*;

use super::open::Opened;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::attachments;
use crate::error::Error;
use crate::tickets::attachments::{AttachmentId, AttachmentRow, AttachmentStatus};
use crate::tickets::comments::Visibility;

/// Photos that the page shows; it says how many more there are.
pub const MOST_SHOWN: usize = 30;
/// Photos that one network may look at in ten minutes.
pub const MOST_LOOKS: usize = 600;
/// What a browser can show, and was written anew when it came.
const MEDIA_TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// The photos on a page, and how many the ticket has.
#[derive(Debug, Clone, Default)]
pub struct Photos {
    /// Those that are shown, oldest first.
    pub shown: Vec<AttachmentRow>,
    /// All that could be.
    pub all: usize,
}

/// The photos that the page of a link shows.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut DbConnection, opened: &Opened) -> Result<Photos, Error> {
    let visible = || {
        attachments::table
            .filter(attachments::ticket_id.eq(opened.act.ticket_id))
            .filter(attachments::archived_at.is_null())
            .filter(attachments::status.eq(AttachmentStatus::Ready))
            .filter(attachments::visibility.eq(Visibility::Public))
            .filter(attachments::media_type.one_of(MEDIA_TYPES))
    };
    let all: i64 = visible().count().get_result(conn)?;
    let shown: Vec<AttachmentRow> = visible()
        .order((attachments::recorded_at, attachments::id))
        .limit(i64::try_from(MOST_SHOWN).unwrap_or(i64::MAX))
        .select(AttachmentRow::as_select())
        .load(conn)?;
    Ok(Photos { shown, all: usize::try_from(all).unwrap_or_default() })
}

/// One photo that a link shows; nothing for any other file.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut DbConnection, opened: &Opened, id: AttachmentId) -> Result<Option<AttachmentRow>, Error> {
    Ok(of(conn, opened)?.shown.into_iter().find(|photo| photo.id == id))
}
