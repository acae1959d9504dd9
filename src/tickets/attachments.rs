//! Files on a ticket: photos and papers.
//!
//! A file is there before its bytes are: `expected` once a phone has told of it, `ready` when its bytes came and were looked
//! at, `rejected` when they are not what they should be. How they come is [`crate::uploads`]' business.

use diesel::prelude::*;

pub use super::attachment::{Attachment, AttachmentId, AttachmentRow, AttachmentStatus, Rejected};
use super::comments::Visibility;
use super::{TicketId, TicketView, linked_assets, queries};
use crate::auth::{Actor, Permission};
use crate::companies::CompanyId;
use crate::db::among::Among;
use crate::db::page::Page;
use crate::db::schema::attachments;
use crate::db::types::{Sha256, Timestamp};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw, Refusal};
use crate::history::{self, Event};
use crate::http::query::list_query;

/// Bytes a file may have that comes as a form.
pub const MOST_BYTES: usize = 20 << 20;

list_query! {
    /// Which page of files.
    pub struct AttachmentFilter {}
}

/// A picture that was checked and kept before there was a ticket for it.
#[derive(Debug, Clone)]
pub struct KeptPicture {
    /// The hash of the kept bytes.
    pub file_sha256: Sha256,
    /// What it is.
    pub media_type: String,
    /// The kept bytes.
    pub size: i64,
    /// Its width in pixels.
    pub width: Option<i32>,
    /// Its height in pixels.
    pub height: Option<i32>,
}

/// Attaches a picture that came before the ticket did.
///
/// # Errors
/// The database's.
pub fn attach_kept(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: &TicketView,
    name: String,
    picture: KeptPicture,
) -> Result<(), Error> {
    let KeptPicture { file_sha256, media_type, size, width, height } = picture;
    let row = AttachmentRow {
        status: AttachmentStatus::Ready,
        file_sha256: Some(file_sha256),
        width,
        height,
        ..AttachmentRow::expected(AttachmentId::new(), ticket.id, actor, name, &media_type, size)
    };
    add(conn, actor, ticket.company_id, row)?;
    Ok(())
}

/// Writes a new file down.
///
/// # Errors
/// The database's.
pub fn add(
    conn: &mut DbConnection,
    actor: &Actor,
    company: CompanyId,
    row: AttachmentRow,
) -> Result<Attachment, Error> {
    diesel::insert_into(attachments::table).values(&row).execute(conn)?;
    let action = match row.status {
        AttachmentStatus::Ready => "attachment.added",
        AttachmentStatus::Expected | AttachmentStatus::Rejected => "attachment.expected",
    };
    let event = Event::of(action, "attachment", row.id.uuid()).ticket(row.ticket_id).company(company);
    let seen = row.seen_by(actor);
    history::record(conn, actor, event.after(&seen))?;
    Ok(seen)
}

/// A page of a ticket's files the actor may see, oldest first.
///
/// # Errors
/// `not_found`, `invalid_cursor`
pub fn list(
    conn: &mut DbConnection,
    actor: &Actor,
    id: TicketId,
    filter: &AttachmentFilter,
) -> Result<Page<Attachment>, Error> {
    queries::find_row(conn, actor, id)?;
    let page = filter.page().within(id);
    let mut query = attachments::table.select(AttachmentRow::as_select()).into_boxed::<MultiBackend>();
    query = query.filter(attachments::ticket_id.eq(id)).filter(attachments::archived_at.is_null());
    if !actor.may(Permission::SeeInternal) {
        query = query.filter(attachments::visibility.eq(Visibility::Public));
    }
    if let Some((at, last)) = page.after::<(Timestamp, AttachmentId)>()? {
        query = query
            .filter(attachments::recorded_at.ge(at))
            .filter(attachments::recorded_at.gt(at).or(attachments::id.gt(last)));
    }
    let rows = query.order((attachments::recorded_at, attachments::id)).limit(page.rows()).load(conn)?;
    let page = page.cut(rows, |file: &AttachmentRow| (file.recorded_at, file.id));
    let data = page.data.into_iter().map(|file| file.seen_by(actor)).collect();
    Ok(Page { data, next_cursor: page.next_cursor })
}

/// One file the actor may see.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: AttachmentId) -> Result<Attachment, Error> {
    find_row(conn, actor, id).map(|file| file.seen_by(actor))
}

/// [`find`] as it is kept.
///
/// # Errors
/// `not_found`
pub fn find_row(conn: &mut DbConnection, actor: &Actor, id: AttachmentId) -> Result<AttachmentRow, Error> {
    let file = load(conn, id)?.filter(|file| file.archived_at.is_none());
    let file = file.filter(|file| file.visibility == Visibility::Public || actor.may(Permission::SeeInternal));
    let file = file.ok_or(Code::NotFound)?;
    queries::find_row(conn, actor, file.ticket_id)?;
    Ok(file)
}

/// A file, whoever asks.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection, id: AttachmentId) -> Result<Option<AttachmentRow>, Error> {
    Ok(attachments::table.find(id).select(AttachmentRow::as_select()).get_result(conn).optional()?)
}

/// Takes a file off a ticket. Its bytes stay: documents may show it.
///
/// # Errors
/// `not_found`; `forbidden` when somebody else attached it and the actor does not direct the work; `ticket_closed`;
/// `locked` while an answer of the checklist is this picture.
pub fn remove(conn: &mut DbConnection, actor: &Actor, id: AttachmentId) -> Result<(), Error> {
    let file = find_row(conn, actor, id)?;
    if file.author_id != actor.id() {
        actor.must(Permission::EditOthersWork)?;
    }
    let ticket = queries::hold(conn, actor, file.ticket_id)?;
    linked_assets::must_be_open(&ticket)?;
    if crate::checklists::answer::names_picture(conn, ticket.id, id)? {
        return Err(Refusal::from(Code::Locked).at("id", Flaw::InUse).into());
    }
    diesel::update(attachments::table.find(id)).set(attachments::archived_at.eq(actor.now())).execute(conn)?;
    let event = Event::of("attachment.removed", "attachment", id.uuid()).ticket(ticket.id).company(ticket.company_id);
    history::record(conn, actor, event)
}

/// Whether a file is a picture on this ticket, or is going to be one.
///
/// # Errors
/// The database's.
pub fn is_picture_of(conn: &mut DbConnection, id: AttachmentId, ticket: TicketId) -> Result<bool, Error> {
    let found = load(conn, id)?.filter(|file| file.ticket_id == ticket && file.archived_at.is_none());
    Ok(found.is_some_and(|file| file.media_type.starts_with("image/") && file.status != AttachmentStatus::Rejected))
}

/// Whether the bytes of some files are there.
///
/// # Errors
/// The database's.
pub fn statuses(conn: &mut DbConnection, ids: &[AttachmentId]) -> Result<Vec<(AttachmentId, AttachmentStatus)>, Error> {
    let some = attachments::table.filter(attachments::id.among(ids));
    Ok(some.select((attachments::id, attachments::status)).load(conn)?)
}
