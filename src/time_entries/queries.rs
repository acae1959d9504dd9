//! Every query on working time.

use diesel::prelude::*;

use super::{TimeEntry, TimeEntryId};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::MultiBackend;
use crate::db::page::Page;
use crate::db::schema::{acts, invoice_lines, tickets, time_entries};
use crate::db::types::Timestamp;
use crate::error::{Code, Error};
use crate::http::query::list_query;
use crate::tickets::TicketId;
use crate::users::UserId;

list_query! {
    /// Which page of working time.
    pub struct TimeEntryFilter {}
}

/// A page of a ticket's working time, oldest first. A client's user sees what is marked for them.
///
/// # Errors
/// `not_found`, `invalid_cursor`
pub fn list(
    conn: &mut DbConnection,
    actor: &Actor,
    id: TicketId,
    filter: &TimeEntryFilter,
) -> Result<Page<TimeEntry>, Error> {
    crate::tickets::queries::find_row(conn, actor, id)?;
    let page = filter.page().within(id);
    let mut query = time_entries::table.select(TimeEntry::as_select()).into_boxed::<MultiBackend>();
    query = query.filter(time_entries::ticket_id.eq(id)).filter(time_entries::archived_at.is_null());
    if !actor.is_staff() {
        query = query.filter(time_entries::visible_to_client.eq(true));
    }
    if let Some((at, last)) = page.after::<(Timestamp, TimeEntryId)>()? {
        query = query
            .filter(time_entries::recorded_at.ge(at))
            .filter(time_entries::recorded_at.gt(at).or(time_entries::id.gt(last)));
    }
    let rows = query.order((time_entries::recorded_at, time_entries::id)).limit(page.rows()).load(conn)?;
    Ok(page.cut(rows, |entry: &TimeEntry| (entry.recorded_at, entry.id)))
}

/// Whether an entry stands on an act that is on an invoice: it is part of what was billed.
///
/// # Errors
/// The database's.
pub fn is_billed(conn: &mut DbConnection, entry: &TimeEntry) -> Result<bool, Error> {
    let billed = acts::table
        .inner_join(invoice_lines::table.on(invoice_lines::act_id.eq(acts::id)))
        .filter(acts::ticket_id.eq(entry.ticket_id))
        .filter(acts::issued_at.ge(entry.recorded_at));
    Ok(diesel::select(diesel::dsl::exists(billed)).get_result(conn)?)
}

/// The same working time, written down by the same person before: a repeated request that came without an id.
///
/// # Errors
/// The database's.
pub fn twin_of(conn: &mut DbConnection, entry: &TimeEntry) -> Result<Option<TimeEntry>, Error> {
    Ok(time_entries::table
        .filter(time_entries::ticket_id.eq(entry.ticket_id))
        .filter(time_entries::user_id.eq(entry.user_id))
        .filter(time_entries::recorded_by.eq(entry.recorded_by))
        .filter(time_entries::kind.eq(entry.kind))
        .filter(time_entries::minutes.eq(entry.minutes))
        .filter(time_entries::archived_at.is_null())
        .select(TimeEntry::as_select())
        .load(conn)?
        .into_iter()
        .find(|twin: &TimeEntry| {
            (twin.started_at, twin.ended_at, &twin.note) == (entry.started_at, entry.ended_at, &entry.note)
        }))
}

/// All working time of a ticket, for its act.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut DbConnection, id: TicketId) -> Result<Vec<TimeEntry>, Error> {
    Ok(time_entries::table
        .filter(time_entries::ticket_id.eq(id))
        .filter(time_entries::archived_at.is_null())
        .order((time_entries::recorded_at, time_entries::id))
        .select(TimeEntry::as_select())
        .load(conn)?)
}

/// One piece of working time on a ticket the actor sees.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: TimeEntryId) -> Result<TimeEntry, Error> {
    let live = time_entries::table.filter(time_entries::id.eq(id)).filter(time_entries::archived_at.is_null());
    let entry: TimeEntry = live.select(TimeEntry::as_select()).get_result(conn).optional()?.ok_or(Code::NotFound)?;
    crate::tickets::queries::find_row(conn, actor, entry.ticket_id)?;
    Ok(entry)
}

/// The other time of the same person that `from`–`to` overlaps, with its ticket's number.
///
/// # Errors
/// The database's.
pub fn overlapping(
    conn: &mut DbConnection,
    user: UserId,
    from: Timestamp,
    to: Timestamp,
    except: Option<TimeEntryId>,
) -> Result<Option<(TimeEntry, i64)>, Error> {
    // Nothing lasts longer than a day, so what began before yesterday has ended.
    let day = 24 * 3600;
    let mut query = time_entries::table
        .inner_join(tickets::table.on(tickets::id.eq(time_entries::ticket_id)))
        .filter(time_entries::user_id.eq(user))
        .filter(time_entries::archived_at.is_null())
        .filter(time_entries::started_at.gt(from.plus_seconds(-day)))
        .filter(time_entries::started_at.lt(to))
        .filter(time_entries::ended_at.gt(from))
        .order(time_entries::started_at)
        .select((TimeEntry::as_select(), tickets::number))
        .into_boxed::<MultiBackend>();
    if let Some(except) = except {
        query = query.filter(time_entries::id.ne(except));
    }
    Ok(query.first(conn).optional()?)
}
