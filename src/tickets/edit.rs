//! What is known about a ticket changes.

use super::gates::Remedy;
use super::open::searchable;
use super::{EditTicket, TicketId, TicketView, gates, queries, workflow};
use crate::auth::{Actor, Permission};
use crate::companies::{contact, site};
use crate::db::DbConnection;
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::http::Change;
use crate::http::resource::{IfMatch, must_match};
use crate::teams;

/// Changes a ticket.
///
/// # Errors
/// `not_found`; `ticket_closed`; `forbidden` for a technician who changes team or due date; `gates_closed` when a field
/// its kind demands would be empty; `etag_mismatch`.
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: TicketId,
    change: &EditTicket,
    expected: Option<&IfMatch>,
) -> Result<TicketView, Error> {
    let before = queries::hold(conn, actor, id)?;
    // Holding it was a change of ours.
    must_match(expected, before.version - 1)?;
    if before.closed_at.is_some() {
        return Err(Code::TicketClosed.with([("status", before.status_code)]).into());
    }
    if change.team_id != Change::Keep || change.due_at != Change::Keep {
        actor.must(Permission::AssignOthers)?;
    }
    if let Some(site) = change.site_id.set() {
        site::must_be_usable(conn, actor, *site, before.company_id, "/site_id")?;
    }
    if let Some(contact) = change.contact_id.set() {
        contact::must_be_usable(conn, actor, *contact, before.company_id, "/contact_id")?;
    }
    if let Some(team) = change.team_id.set() {
        teams::must_exist(conn, *team, "/team_id")?;
    }
    let mut after = before.clone();
    after.site_id = change.site_id.clone().or(after.site_id);
    after.contact_id = change.contact_id.clone().or(after.contact_id);
    after.team_id = change.team_id.clone().or(after.team_id);
    after.priority = change.priority.unwrap_or(after.priority);
    after.subject = change.subject.as_ref().map_or(after.subject, ToString::to_string);
    after.description = change.description.clone().or(after.description);
    after.due_at = change.due_at.clone().or(after.due_at);
    after.search_text = searchable(&after);
    let kind = workflow::kind_of(conn, &after)?;
    let linked = !queries::assets_of(conn, &[id])?.is_empty();
    // What was empty before may stay so: a change of the kind's rules must not hold up other edits.
    let was_empty = gates::empty_fields(&before, &kind, linked);
    let emptied: Vec<_> =
        gates::empty_fields(&after, &kind, linked).into_iter().filter(|field| !was_empty.contains(field)).collect();
    if !emptied.is_empty() {
        return Err(gates::closed(&gates::ask_for(emptied, &Remedy::edit(&after), actor.language())));
    }
    queries::save(conn, &after)?;
    let event = Event::of("ticket.changed", "ticket", id.uuid()).ticket(id).company(after.company_id);
    history::record(conn, actor, event.changed(&before, &after))?;
    queries::find(conn, actor, id)
}
