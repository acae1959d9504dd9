//! Every query on acts. Who sees a ticket sees its acts.

use diesel::prelude::*;

use super::signature::Signature;
use super::signed_copy::SealedCopy;
use super::{Act, ActFilter, ActId, ActStatus};
use crate::agreements::coverage::Coverage;
use crate::auth::{Actor, Role};
use crate::db::among::Among;
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::{
    act_lines, acts, sealed_copies, signatures, tickets as tickets_table, time_entries, work_lines,
};
use crate::db::types::Sha256;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::money::{Price, Quantity};
use crate::tickets::{self, TicketId};
use crate::work_lines::WorkLineId;

/// One act, whoever asks.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection, id: ActId) -> Result<Option<Act>, Error> {
    Ok(acts::table.find(id).select(Act::as_select()).get_result(conn).optional()?)
}

/// One act on a ticket the actor sees.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: ActId) -> Result<Act, Error> {
    let act = load(conn, id)?.ok_or(Code::NotFound)?;
    tickets::queries::find_row(conn, actor, act.ticket_id)?;
    Ok(act)
}

/// All versions of a ticket's act, newest first.
///
/// # Errors
/// `not_found`
pub fn of_ticket(conn: &mut DbConnection, actor: &Actor, ticket: TicketId) -> Result<Vec<Act>, Error> {
    tickets::queries::find_row(conn, actor, ticket)?;
    Ok(acts::table
        .filter(acts::ticket_id.eq(ticket))
        .order(acts::version.desc())
        .select(Act::as_select())
        .load(conn)?)
}

/// The newest version that was ever issued.
///
/// # Errors
/// The database's.
pub fn newest(conn: &mut DbConnection, ticket: TicketId) -> Result<Option<Act>, Error> {
    let versions = acts::table.filter(acts::ticket_id.eq(ticket));
    Ok(versions.order(acts::version.desc()).select(Act::as_select()).first(conn).optional()?)
}

/// A page of acts the actor sees, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, actor: &Actor, filter: &ActFilter) -> Result<Page<Act>, Error> {
    let page = filter.page();
    let mut query = acts::table.select(Act::as_select()).into_boxed::<MultiBackend>();
    if let Some(own) = actor.company_id() {
        query = query.filter(acts::company_id.eq(own));
    }
    if actor.role() == Role::Technician {
        // The tickets that `tickets::queries` shows to him, in one condition.
        let worked =
            time_entries::table.filter(time_entries::user_id.eq(actor.id())).select(time_entries::ticket_id.nullable());
        let sees = tickets_table::table.filter(
            (tickets_table::assignee_id.eq(actor.id()))
                .or(tickets_table::created_by.nullable().eq(actor.id()))
                .or(tickets_table::team_id.among(actor.team_ids().to_vec()))
                .or(tickets_table::id.nullable().eq_any(worked)),
        );
        query = query.filter(acts::ticket_id.eq_any(sees.select(tickets_table::id)));
    }
    if let Some(status) = filter.status {
        query = query.filter(acts::status.eq(status));
    }
    if let Some(company) = filter.company_id {
        query = query.filter(acts::company_id.eq(company));
    }
    if let Some(ticket) = filter.ticket_id {
        query = query.filter(acts::ticket_id.eq(ticket));
    }
    if filter.for_managers.is_some_and(|flag| flag.0) {
        query = query.filter(acts::status.among(ActStatus::FOR_MANAGERS)).filter(acts::resolved_at.is_null());
    }
    let rows = newest_first!(query, acts, issued_at, page).load(conn)?;
    Ok(page.cut(rows, |act: &Act| (act.issued_at, act.id)))
}

/// Moves an act to another state, if it may come from the one it is in.
///
/// # Errors
/// `act_not_issued` when it may not.
pub fn advance(conn: &mut DbConnection, act: &Act, to: ActStatus) -> Result<(), Error> {
    let from = acts::table.filter(acts::id.eq(act.id)).filter(acts::status.among(to.predecessors()));
    match diesel::update(from).set(acts::status.eq(to)).execute(conn)? {
        0 => {
            let now: ActStatus = acts::table.find(act.id).select(acts::status).get_result(conn)?;
            Err(not_issued(act, now))
        }
        _ => Ok(()),
    }
}

/// The refusal of what an act's state does not allow.
pub fn not_issued(act: &Act, status: ActStatus) -> Error {
    Code::ActNotIssued.with([("status", status.to_string()), ("ticket", act.ticket_id.to_string())]).into()
}

/// Whether the ticket's works are no longer those of an act: some were added, changed or taken off after it was issued.
///
/// # Errors
/// The database's.
pub fn works_have_changed(conn: &mut DbConnection, act: &Act) -> Result<bool, Error> {
    type Facts = (WorkLineId, Quantity, Option<Price>, Coverage);
    let frozen: Vec<Facts> = act_lines::table
        .filter(act_lines::act_id.eq(act.id))
        .order(act_lines::work_line_id)
        .select((act_lines::work_line_id, act_lines::quantity, act_lines::price, act_lines::coverage))
        .load(conn)?;
    let present: Vec<Facts> = work_lines::table
        .filter(work_lines::ticket_id.eq(act.ticket_id))
        .filter(work_lines::archived_at.is_null())
        .order(work_lines::id)
        .select((work_lines::id, work_lines::quantity, work_lines::price, work_lines::coverage))
        .load(conn)?;
    Ok(frozen != present)
}

/// A sealed copy by its hash.
///
/// # Errors
/// The database's.
pub fn sealed_copy(conn: &mut DbConnection, sha256: Sha256) -> Result<Option<SealedCopy>, Error> {
    Ok(sealed_copies::table.find(sha256).select(SealedCopy::as_select()).get_result(conn).optional()?)
}

/// The decisions on an act, in the order they came.
///
/// # Errors
/// The database's.
pub fn decisions(conn: &mut DbConnection, act: ActId) -> Result<Vec<Signature>, Error> {
    Ok(signatures::table
        .filter(signatures::act_id.eq(act))
        .order((signatures::recorded_at, signatures::id))
        .select(Signature::as_select())
        .load(conn)?)
}
