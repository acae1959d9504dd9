//! A move of a ticket as a phone asked for it: kept as it was asked, beside the ticket that moved.

use diesel::prelude::*;

use crate::db::MultiBackend;
use crate::db::schema::status_changes;
use crate::db::types::{Timestamp, id};
use crate::tickets::{TicketId, WaitingFor};
use crate::users::UserId;

id! {
    /// A move that a phone asked for.
    StatusChangeId,
}

/// A move that was made.
#[derive(Debug, Clone, serde::Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = status_changes, check_for_backend(MultiBackend))]
pub struct StatusChange {
    /// Its id, made by the phone.
    pub id: StatusChangeId,
    /// Of which ticket.
    pub ticket_id: TicketId,
    /// Who asked for it.
    pub user_id: UserId,
    /// The status the ticket was in.
    pub from_status: String,
    /// The status it entered.
    pub to_status: String,
    /// Why.
    pub comment: Option<String>,
    /// Whom it waits for.
    pub waiting_for: Option<WaitingFor>,
    /// When, by the phone's clock.
    pub occurred_at: Timestamp,
    /// When it arrived.
    pub recorded_at: Timestamp,
}
