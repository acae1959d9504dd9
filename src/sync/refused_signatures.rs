//! Signatures that phones sent and that were not taken: what people drew is kept, whatever was wrong with it.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::issue::{Issue, IssueId, IssueStatus};
use crate::auth::Actor;
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::sync_issues;
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::http::query::list_query;
use crate::tickets::{TicketId, queries};
use crate::users::UserId;

/// A signature that was not taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RefusedSignature {
    /// The issue that its sender sees.
    pub id: IssueId,
    /// Whose phone sent it.
    pub user_id: UserId,
    /// The app's own id for that phone.
    pub device_id: Option<String>,
    /// Why it was not taken, for programs.
    pub code: String,
    /// Why, for people, in the language of its sender.
    pub message: String,
    /// The row as it was sent, with the strokes.
    #[schema(value_type = Object)]
    pub pushed: Value,
    /// When it arrived.
    pub created_at: Timestamp,
}

list_query! {
    /// Which page of refused signatures.
    pub struct RefusedSignatureFilter {}
}

/// A page of a ticket's refused signatures, newest first.
///
/// # Errors
/// `not_found`, `invalid_cursor`
pub fn list(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: TicketId,
    filter: &RefusedSignatureFilter,
) -> Result<Page<RefusedSignature>, Error> {
    queries::find_row(conn, actor, ticket)?;
    let page = filter.page().within(ticket);
    let refused = sync_issues::table
        .select(Issue::as_select())
        .into_boxed::<MultiBackend>()
        .filter(sync_issues::ticket_id.eq(ticket))
        .filter(sync_issues::table_name.eq("signatures"))
        .filter(sync_issues::status.eq(IssueStatus::Refused));
    let rows = newest_first!(refused, sync_issues, page).load(conn)?;
    let Page { data, next_cursor } = page.cut(rows, |issue: &Issue| (issue.created_at, issue.id));
    let data: Result<Vec<RefusedSignature>, Error> = data.into_iter().map(RefusedSignature::of).collect();
    Ok(Page { data: data?, next_cursor })
}

impl RefusedSignature {
    fn of(issue: Issue) -> Result<Self, Error> {
        Ok(Self {
            id: issue.id,
            user_id: issue.user_id,
            device_id: issue.device_id,
            code: issue.code,
            message: issue.message,
            pushed: serde_json::from_str(&issue.pushed)?,
            created_at: issue.created_at,
        })
    }
}
