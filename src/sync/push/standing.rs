//! How somebody stands to a ticket that a row belongs to.

use diesel::prelude::*;

use crate::auth::{Actor, Role};
use crate::db::DbConnection;
use crate::db::schema::tickets;
use crate::error::{Code, Error};
use crate::sync::scope;
use crate::tickets::{Ticket, TicketId, queries};

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
