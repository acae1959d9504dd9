//! How somebody stands to a ticket that a row belongs to.

use diesel::prelude::*;

use crate::auth::{Actor, Role};
use crate::db::DbConnection;
use crate::db::schema::tickets;
use crate::db::types::Timestamp;
use crate::error::{Code, Error};
use crate::sync::scope;
use crate::tickets::{Ticket, TicketId, queries};

use super::row::{self, Pushed};

/// How somebody stands to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is theirs to work on.
    Own,
    /// It went to somebody else; what they did before is still taken.
    Former,
    /// There is no such ticket for them.
    Stranger,
}

/// How an actor stands to a ticket.
///
/// # Errors
/// The database's.
pub fn standing(conn: &mut DbConnection, actor: &Actor, id: TicketId) -> Result<Standing, Error> {
    let ticket: Option<Ticket> = tickets::table.find(id).select(Ticket::as_select()).get_result(conn).optional()?;
    let Some(ticket) = ticket else { return Ok(Standing::Stranger) };
    let own = actor.role() != Role::Technician
        || ticket.assignee_id == Some(actor.id())
        || ticket.created_by == actor.id()
        || ticket.team_id.is_some_and(|team| actor.team_ids().contains(&team));
    if own {
        return Ok(Standing::Own);
    }
    if scope::was_given(conn, actor.id(), id)? {
        return Ok(Standing::Former);
    }
    match queries::find_row(conn, actor, id) {
        Ok(_) => Ok(Standing::Former),
        Err(error) if error.code() == Code::NotFound => Ok(Standing::Stranger),
        Err(error) => Err(error),
    }
}

/// Columns that say when the work of a row was done.
const DONE_AT: [&str; 6] = ["written_at", "ended_at", "started_at", "scanned_at", "answered_at", "occurred_at"];

/// Whether a row is still taken of somebody whose ticket went: what was done before their phone was told of it, and for as
/// long after that as a ticket lingers, anything. What is merely said is taken however late: it opens no gate and is on no bill.
///
/// # Errors
/// The database's.
pub fn is_in_time(conn: &mut DbConnection, actor: &Actor, ticket: TicketId, pushed: &Pushed) -> Result<bool, Error> {
    if pushed.table.name == "comments" {
        return Ok(true);
    }
    let Some(told_at) = scope::told_at(conn, actor.id(), ticket)? else { return Ok(true) };
    let done_at = DONE_AT.iter().filter_map(|column| pushed.value(column).and_then(row::whole)).max();
    let before = |millis: i64| Timestamp::from_millis(millis).is_some_and(|done_at| done_at < told_at);
    Ok(actor.now() < told_at.plus_seconds(scope::LINGERS) || done_at.is_some_and(before))
}
