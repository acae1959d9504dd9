//! Reading what happened.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::EventId;
use crate::auth::Role;
use crate::companies::CompanyId;
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::events;
use crate::db::types::{AnyId, Timestamp};
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::http::query::list_query;
use crate::tickets::TicketId;
use crate::users::UserId;

#[derive(Queryable, Selectable)]
#[diesel(table_name = events, check_for_backend(MultiBackend))]
struct Row {
    id: EventId,
    at: Timestamp,
    actor_id: Option<UserId>,
    actor_role: Option<Role>,
    action: String,
    object_kind: String,
    object_id: AnyId,
    company_id: Option<CompanyId>,
    ticket_id: Option<TicketId>,
    facts: Option<String>,
}

/// Something that happened.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EventView {
    /// Its id.
    pub id: EventId,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Who did it; nobody when the program did.
    pub actor_id: Option<UserId>,
    /// What they were then.
    pub actor_role: Option<Role>,
    /// What was done: `ticket.status_changed`.
    pub action: String,
    /// To what kind of record.
    pub object_kind: String,
    /// To which.
    pub object_id: AnyId,
    /// Whose business it is.
    pub company_id: Option<CompanyId>,
    /// On which ticket.
    pub ticket_id: Option<TicketId>,
    /// `before`, `after` and `from` (address, device, trace id); null when it was erased for a person's sake.
    #[schema(value_type = Option<Object>)]
    pub facts: Option<Value>,
}

impl From<Row> for EventView {
    fn from(row: Row) -> Self {
        let Row { id, at, actor_id, actor_role, action, object_kind, object_id, company_id, ticket_id, facts } = row;
        let facts = facts.and_then(|facts| serde_json::from_str(&facts).ok());
        Self { id, at, actor_id, actor_role, action, object_kind, object_id, company_id, ticket_id, facts }
    }
}

list_query! {
    /// Which events.
    pub struct EventFilter {
        /// On this record.
        object_id: AnyId,
        /// On this ticket and all that belongs to it.
        ticket_id: TicketId,
        /// By this user.
        actor_id: UserId,
        /// Of this kind: `act.issued`.
        action: crate::words::text::Line<100>,
    }
}

/// A page of events, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, filter: &EventFilter) -> Result<Page<EventView>, Error> {
    let page = filter.page();
    let mut query = events::table.select(Row::as_select()).into_boxed::<MultiBackend>();
    if let Some(object) = filter.object_id {
        query = query.filter(events::object_id.eq(object));
    }
    if let Some(ticket) = filter.ticket_id {
        query = query.filter(events::ticket_id.eq(ticket));
    }
    if let Some(actor) = filter.actor_id {
        query = query.filter(events::actor_id.eq(actor));
    }
    if let Some(action) = &filter.action {
        query = query.filter(events::action.eq(action.to_string()));
    }
    let rows = newest_first!(query, events, at, page).load(conn)?;
    Ok(page.cut(rows, |event: &Row| (event.at, event.id)).map(EventView::from))
}
