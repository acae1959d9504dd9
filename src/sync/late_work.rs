//! Work that phones sent after its ticket had gone to somebody else or was closed: kept, and here for those who direct the work
//! to look at.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;

use super::issue::{IssueId, IssueStatus};
use crate::auth::Actor;
use crate::db::among::Among;
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::sync_issues;
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::http::query::{Flag, list_query};
use crate::tickets::{self, TicketId};
use crate::users::UserId;

/// A row that came late.
#[derive(Debug, Serialize, Queryable, Selectable, utoipa::ToSchema)]
#[diesel(table_name = sync_issues, check_for_backend(MultiBackend))]
pub struct LateWork {
    /// The issue that its author sees.
    pub id: IssueId,
    /// Who did it.
    pub user_id: UserId,
    /// On which ticket.
    pub ticket_id: Option<TicketId>,
    /// The table of the row.
    #[serde(rename = "table")]
    #[diesel(column_name = table_name)]
    pub table_name: String,
    /// The record.
    pub row_id: String,
    /// When it arrived.
    pub created_at: Timestamp,
    /// When somebody had looked at it; null while it waits for that.
    pub looked_at: Option<Timestamp>,
    /// Who.
    pub looked_by: Option<UserId>,
}

list_query! {
    /// Which late work.
    pub struct LateWorkFilter {
        /// On this ticket.
        ticket_id: TicketId,
        /// By this user.
        user_id: UserId,
        /// Looked at, or waiting for it.
        looked_at: Flag,
    }
}

/// A page of late work, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, filter: &LateWorkFilter) -> Result<Page<LateWork>, Error> {
    let page = filter.page();
    let mut query = sync_issues::table.select(LateWork::as_select()).into_boxed::<MultiBackend>();
    query = query.filter(sync_issues::status.eq(IssueStatus::Quarantined));
    if let Some(ticket) = filter.ticket_id {
        query = query.filter(sync_issues::ticket_id.eq(ticket));
    }
    if let Some(user) = filter.user_id {
        query = query.filter(sync_issues::user_id.eq(user));
    }
    query = match filter.looked_at {
        Some(Flag(true)) => query.filter(sync_issues::looked_at.is_not_null()),
        Some(Flag(false)) => query.filter(sync_issues::looked_at.is_null()),
        None => query,
    };
    let rows = newest_first!(query, sync_issues, page).load(conn)?;
    Ok(page.cut(rows, |work: &LateWork| (work.created_at, work.id)))
}

/// Marks a row of late work as looked at. The first look stays.
///
/// # Errors
/// `not_found`
pub fn look(conn: &mut DbConnection, actor: &Actor, id: IssueId) -> Result<LateWork, Error> {
    let work = find(conn, id)?;
    if work.looked_at.is_some() {
        return Ok(work);
    }
    // What a ticket tells of late work changes: its version with it.
    if let Some(ticket) = work.ticket_id {
        tickets::queries::hold(conn, actor, ticket)?;
    }
    let waits = sync_issues::table.filter(sync_issues::id.eq(id)).filter(sync_issues::looked_at.is_null());
    let looked = diesel::update(waits)
        .set((sync_issues::looked_at.eq(actor.now()), sync_issues::looked_by.eq(actor.id())))
        .execute(conn)?;
    if looked == 1 {
        let mut event = Event::of("sync.late_work_looked_at", "sync_issue", id.uuid());
        if let Some(ticket) = work.ticket_id {
            event = event.ticket(ticket);
        }
        history::record(conn, actor, event)?;
    }
    find(conn, id)
}

fn find(conn: &mut DbConnection, id: IssueId) -> Result<LateWork, Error> {
    let late = sync_issues::table
        .filter(sync_issues::id.eq(id))
        .filter(sync_issues::status.eq(IssueStatus::Quarantined))
        .select(LateWork::as_select());
    late.get_result(conn).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// How many rows of late work wait for a look on some tickets, ticket by ticket.
///
/// # Errors
/// The database's.
pub fn waiting_on(conn: &mut DbConnection, tickets: &[TicketId]) -> Result<BTreeMap<TicketId, i64>, Error> {
    let of: Vec<Option<TicketId>> = sync_issues::table
        .filter(sync_issues::ticket_id.assume_not_null().among(tickets))
        .filter(sync_issues::status.eq(IssueStatus::Quarantined))
        .filter(sync_issues::looked_at.is_null())
        .select(sync_issues::ticket_id)
        .load(conn)?;
    let mut waiting = BTreeMap::new();
    for ticket in of.into_iter().flatten() {
        *waiting.entry(ticket).or_default() += 1;
    }
    Ok(waiting)
}
