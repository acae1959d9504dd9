//! A work line is corrected, or taken off, as long as it is on no invoice.

use diesel::prelude::*;

use super::add::priced;
use super::{EditWorkLine, WorkLine, WorkLineId, WorkLineView, queries};
use crate::auth::{Actor, Permission};
use crate::db::DbConnection;
use crate::db::records::save;
use crate::db::schema::work_lines;
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::resource::{IfMatch, must_match};
use crate::tickets::{self, Ticket, linked_assets};

/// Corrects a line. What comes from a price list keeps its name and price.
///
/// # Errors
/// `not_found`; `locked` on an invoice; `ticket_closed`; `forbidden` when somebody else wrote it down; `etag_mismatch`.
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: WorkLineId,
    change: &EditWorkLine,
    expected: Option<&IfMatch>,
) -> Result<WorkLineView, Error> {
    let (before, ticket) = changeable(conn, actor, id)?;
    must_match(expected, before.version)?;
    let mut after = before.clone();
    if before.price_item_id.is_some() {
        for (pointer, given) in [("/price", change.price.is_some()), ("/name", change.name.is_some())] {
            if given {
                return Err(Error::field_with(pointer, Flaw::NotTogether, [("other", "price_item_id".to_owned())]));
            }
        }
    }
    after.quantity = change.quantity.unwrap_or(after.quantity);
    after.name = change.name.as_ref().map_or(after.name, ToString::to_string);
    if let Some(price) = change.price {
        after.price = Some(price);
        after.list_price = after.list_price.or(Some(price));
    }
    after.version += 1;
    priced(&mut after)?;
    save!(conn, work_lines, before, &after)?;
    let event = Event::of("work.changed", "work_line", id.uuid()).ticket(ticket.id).company(ticket.company_id);
    history::record(conn, actor, event.changed(&before, &after))?;
    Ok(WorkLineView::new(after, actor.language()))
}

/// Takes a line off its ticket.
///
/// # Errors
/// As [`edit`].
pub fn remove(conn: &mut DbConnection, actor: &Actor, id: WorkLineId) -> Result<(), Error> {
    let (before, ticket) = changeable(conn, actor, id)?;
    diesel::update(work_lines::table.find(id)).set(work_lines::archived_at.eq(actor.now())).execute(conn)?;
    let event = Event::of("work.removed", "work_line", id.uuid()).ticket(ticket.id).company(ticket.company_id);
    history::record(conn, actor, event.after(&before))
}

fn changeable(conn: &mut DbConnection, actor: &Actor, id: WorkLineId) -> Result<(WorkLine, Ticket), Error> {
    let line = queries::find(conn, actor, id)?;
    let ticket = tickets::queries::hold(conn, actor, line.ticket_id)?;
    linked_assets::must_be_open(&ticket)?;
    // Looked at again now that the ticket is held.
    let line = queries::find(conn, actor, id)?;
    if line.invoice_id.is_some() {
        return Err(Code::Locked.into());
    }
    if line.added_by != actor.id() {
        actor.must(Permission::EditOthersWork)?;
    }
    Ok((line, ticket))
}
