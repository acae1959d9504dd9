//! Working time is corrected, or taken off.

use diesel::prelude::*;

use super::log::{must_not_overlap, span};
use super::{EditTimeEntry, TimeEntry, TimeEntryId, queries};
use crate::auth::{Actor, Permission};
use crate::db::DbConnection;
use crate::db::records::save;
use crate::db::schema::time_entries;
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::http::resource::{IfMatch, must_match};
use crate::tickets::{self, Ticket};

/// Corrects working time.
///
/// # Errors
/// `not_found`; `forbidden` when it is somebody else's and the actor does not direct the work; `ticket_closed`;
/// `time_overlap`; `etag_mismatch`.
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: TimeEntryId,
    change: &EditTimeEntry,
    expected: Option<&IfMatch>,
) -> Result<TimeEntry, Error> {
    let (before, ticket) = changeable(conn, actor, id)?;
    must_match(expected, before.version)?;
    let (started_at, ended_at, minutes) =
        if change.started_at.is_some() || change.ended_at.is_some() || change.duration.is_some() {
            let from = change.started_at.or(before.started_at);
            let to = if change.duration.is_some() { change.ended_at } else { change.ended_at.or(before.ended_at) };
            // What was written down as a length only keeps its length.
            let length = (to.is_none() && change.duration.is_none()).then_some(before.minutes);
            span(from, to, length, change.duration.as_deref(), actor.now())?
        } else {
            (before.started_at, before.ended_at, before.minutes)
        };
    let after = TimeEntry {
        kind: change.kind.unwrap_or(before.kind),
        started_at,
        ended_at,
        minutes,
        note: change.note.clone().or(before.note.clone()),
        visible_to_client: change.visible_to_client.unwrap_or(before.visible_to_client),
        version: before.version + 1,
        ..before.clone()
    };
    must_not_overlap(conn, actor, &after)?;
    save!(conn, time_entries, before, &after)?;
    let event = Event::of("time.changed", "time_entry", id.uuid()).ticket(ticket.id).company(ticket.company_id);
    history::record(conn, actor, event.changed(&before, &after))?;
    Ok(after)
}

/// Takes working time off a ticket.
///
/// # Errors
/// As [`edit`].
pub fn remove(conn: &mut DbConnection, actor: &Actor, id: TimeEntryId) -> Result<(), Error> {
    let (before, ticket) = changeable(conn, actor, id)?;
    diesel::update(time_entries::table.find(id)).set(time_entries::archived_at.eq(actor.now())).execute(conn)?;
    let event = Event::of("time.removed", "time_entry", id.uuid()).ticket(ticket.id).company(ticket.company_id);
    history::record(conn, actor, event.after(&before))
}

fn changeable(conn: &mut DbConnection, actor: &Actor, id: TimeEntryId) -> Result<(TimeEntry, Ticket), Error> {
    let entry = queries::find(conn, actor, id)?;
    if entry.user_id != actor.id() && entry.recorded_by != actor.id() {
        actor.must(Permission::EditOthersWork)?;
    }
    let ticket = tickets::queries::hold(conn, actor, entry.ticket_id)?;
    if ticket.closed_at.is_some() && !actor.may(Permission::LogTimeLate) {
        return Err(Code::TicketClosed.with([("status", ticket.status_code)]).into());
    }
    if queries::is_billed(conn, &entry)? {
        return Err(Code::Locked.into());
    }
    Ok((entry, ticket))
}
