//! A row of a phone's that was not taken as it came: told to its author until it is acknowledged.

use diesel::prelude::*;

use crate::db::MultiBackend;
use crate::db::schema::sync_issues;
use crate::db::types::{Sha256, Timestamp, id, text_enum};
use crate::tickets::TicketId;
use crate::users::UserId;

id! {
    /// A row that was not taken as it came.
    IssueId,
}

text_enum! {
    /// What became of such a row.
    IssueStatus {
        /// It was not taken.
        Refused = "refused",
        /// It was taken, and a manager looks at it.
        Quarantined = "quarantined",
    }
}

/// A row that was not taken as it came.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sync_issues, check_for_backend(MultiBackend))]
pub struct Issue {
    /// Its id.
    pub id: IssueId,
    /// Who pushed it.
    pub user_id: UserId,
    /// From which phone.
    pub device_id: Option<String>,
    /// The ticket it belongs to.
    pub ticket_id: Option<TicketId>,
    /// Its table.
    pub table_name: String,
    /// The row.
    pub row_id: String,
    /// What became of it.
    pub status: IssueStatus,
    /// Why, for programs.
    pub code: String,
    /// Why, for its author.
    pub message: String,
    /// What else is to be told, JSON.
    pub details: String,
    /// The row as it was pushed, JSON.
    pub pushed: String,
    /// The hash of table, row and content: the same once more is the same issue.
    pub pushed_sha256: Sha256,
    /// When.
    pub created_at: Timestamp,
    /// When its author had seen it.
    pub acknowledged_at: Option<Timestamp>,
    /// When somebody who directs the work had looked at what came late.
    pub looked_at: Option<Timestamp>,
}
