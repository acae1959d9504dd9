//! Work that phones sent after its ticket had gone to somebody else: kept, and here for those who direct the work to look at.

use diesel::prelude::*;
use serde::Serialize;

use super::issue::{IssueId, IssueStatus};
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::sync_issues;
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::http::query::list_query;
use crate::tickets::TicketId;
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
}

list_query! {
    /// Which late work.
    pub struct LateWorkFilter {
        /// On this ticket.
        ticket_id: TicketId,
        /// By this user.
        user_id: UserId,
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
    let rows = newest_first!(query, sync_issues, page).load(conn)?;
    Ok(page.cut(rows, |work: &LateWork| (work.created_at, work.id)))
}
