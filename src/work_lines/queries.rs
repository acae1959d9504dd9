//! Every query on work lines.

use diesel::prelude::*;

use super::{WorkLine, WorkLineId};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::schema::work_lines;
use crate::error::{Code, Error};
use crate::tickets::TicketId;

/// The lines of a ticket, in the order they were written down.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut DbConnection, ticket: TicketId) -> Result<Vec<WorkLine>, Error> {
    Ok(work_lines::table
        .filter(work_lines::ticket_id.eq(ticket))
        .filter(work_lines::archived_at.is_null())
        .order((work_lines::added_at, work_lines::id))
        .select(WorkLine::as_select())
        .load(conn)?)
}

/// One line on a ticket the actor sees.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: WorkLineId) -> Result<WorkLine, Error> {
    let live = work_lines::table.filter(work_lines::id.eq(id)).filter(work_lines::archived_at.is_null());
    let line: WorkLine = live.select(WorkLine::as_select()).get_result(conn).optional()?.ok_or(Code::NotFound)?;
    crate::tickets::queries::find_row(conn, actor, line.ticket_id)?;
    Ok(line)
}
