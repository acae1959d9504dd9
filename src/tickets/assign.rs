//! A ticket is given to somebody, or taken.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Ticket, TicketId, TicketView, queries, workflow};
use crate::auth::{Actor, Permission, Role};
use crate::db::DbConnection;
use crate::db::schema::users;
use crate::db::types::Timestamp;
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::users::UserId;

/// To whom a ticket goes.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// A user of our own side; null takes it back.
    #[serde(deserialize_with = "crate::http::resource::null_or")]
    #[schema(required = true)]
    pub user_id: Option<UserId>,
}

/// Gives a ticket to somebody. A technician may take one that he sees and nobody has. In a new ticket this is the step to
/// `assigned`, where the graph has one.
///
/// # Errors
/// `not_found`; `forbidden` for a technician who gives it to somebody else or takes somebody's; `ticket_closed`;
/// `validation_failed` for somebody who cannot work on it.
pub fn assign(conn: &mut DbConnection, actor: &Actor, id: TicketId, to: &Assign) -> Result<TicketView, Error> {
    if queries::find_row(conn, actor, id)?.assignee_id == to.user_id {
        return queries::find(conn, actor, id);
    }
    let before = queries::hold(conn, actor, id)?;
    if before.closed_at.is_some() {
        return Err(Code::TicketClosed.with([("status", before.status_code)]).into());
    }
    if !actor.may(Permission::AssignOthers) {
        let takes = to.user_id == Some(actor.id()) && before.assignee_id.is_none_or(|holder| holder == actor.id());
        if !takes {
            return Err(Code::Forbidden.into());
        }
    }
    if let Some(user) = to.user_id {
        must_be_able_to_work(conn, user)?;
    }
    if before.assignee_id == to.user_id {
        // A twin of this request was quicker.
        return queries::find(conn, actor, id);
    }
    let after = Ticket { assignee_id: to.user_id, ..before.clone() };
    queries::save(conn, &after)?;
    let event = Event::of("ticket.assigned", "ticket", id.uuid()).ticket(id).company(after.company_id);
    history::record(conn, actor, event.changed(&before, &after))?;
    workflow::advance_on_assignment(conn, actor, &after)?;
    queries::find(conn, actor, id)
}

fn must_be_able_to_work(conn: &mut DbConnection, user: UserId) -> Result<(), Error> {
    let found: Option<(Role, Option<Timestamp>)> =
        users::table.find(user).select((users::role, users::archived_at)).get_result(conn).optional()?;
    match found {
        None => Err(Error::field("/user_id", Flaw::UnknownReference)),
        Some((_, Some(_))) => Err(Error::field("/user_id", Flaw::Archived)),
        Some((Role::Client, None)) => Err(Error::field("/user_id", Flaw::WrongRole)),
        Some(_) => Ok(()),
    }
}
