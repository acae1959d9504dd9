//! What happened: every change leaves an event in the same transaction, and events are chained by hash afterwards.
//!
//! The chain is made by one background step that takes committed events in turn. Chaining inside the transaction would
//! make all writers of a PostgreSQL cluster wait for each other's disk; a second's delay costs nothing, because whoever
//! looks ([`chain::verify`], the list of events) seals first.

pub mod chain;
pub mod list;
pub mod routes;

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::auth::{Actor, Origin, Role};
use crate::companies::CompanyId;
use crate::db::DbConnection;
use crate::db::schema::{events, unsealed_events};
use crate::db::types::{AnyId, Sha256, Timestamp, id};
use crate::error::Error;
use crate::tickets::TicketId;
use crate::users::UserId;

id! {
    /// Something that happened.
    EventId,
}

/// Something that happened, before it is written down.
#[derive(Debug, Clone)]
pub struct Event {
    action: &'static str,
    object_kind: &'static str,
    object_id: uuid::Uuid,
    company_id: Option<CompanyId>,
    ticket_id: Option<TicketId>,
    before: Value,
    after: Value,
}

impl Event {
    /// `action` happened to the record `id`: `Event::of("ticket.created", "ticket", id)`.
    pub const fn of(action: &'static str, object_kind: &'static str, id: uuid::Uuid) -> Self {
        let (before, after) = (Value::Null, Value::Null);
        Self { action, object_kind, object_id: id, company_id: None, ticket_id: None, before, after }
    }

    /// Whose business it is.
    #[must_use]
    pub const fn company(mut self, id: CompanyId) -> Self {
        self.company_id = Some(id);
        self
    }

    /// The ticket in whose history it belongs.
    #[must_use]
    pub const fn ticket(mut self, id: TicketId) -> Self {
        self.ticket_id = Some(id);
        self
    }

    /// What is so now.
    #[must_use]
    pub fn after(mut self, facts: impl Serialize) -> Self {
        self.after = serde_json::to_value(facts).unwrap_or_default();
        self
    }

    /// What was so before, and is now: only the members that differ are kept.
    #[must_use]
    pub fn changed(mut self, before: &impl Serialize, after: &impl Serialize) -> Self {
        let object = |value: Value| match value {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        let before = object(serde_json::to_value(before).unwrap_or_default());
        let after = object(serde_json::to_value(after).unwrap_or_default());
        let differs =
            |name: &String| before.get(name) != after.get(name) && !matches!(name.as_str(), "version" | "updated_at");
        self.before = before
            .iter()
            .filter(|(name, _)| differs(name))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect::<Map<_, _>>()
            .into();
        self.after = after
            .iter()
            .filter(|(name, _)| differs(name))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect::<Map<_, _>>()
            .into();
        self
    }
}

#[derive(Insertable)]
#[diesel(table_name = events)]
struct NewEvent {
    id: EventId,
    at: Timestamp,
    actor_id: Option<UserId>,
    actor_role: Option<Role>,
    action: &'static str,
    object_kind: &'static str,
    object_id: AnyId,
    company_id: Option<CompanyId>,
    ticket_id: Option<TicketId>,
    facts: String,
    facts_salt: Vec<u8>,
    facts_hash: Sha256,
}

/// Writes down what an actor did.
///
/// # Errors
/// The database's.
pub fn record(conn: &mut DbConnection, actor: &Actor, event: Event) -> Result<(), Error> {
    write(conn, Some(actor.id()), Some(actor.role()), actor.now(), actor.origin(), event)
}

/// Writes down what happened outside a session: somebody signed in, or the program itself did something.
///
/// # Errors
/// The database's.
pub fn record_by(
    conn: &mut DbConnection,
    user: Option<UserId>,
    now: Timestamp,
    origin: &Origin,
    event: Event,
) -> Result<(), Error> {
    write(conn, user, None, now, origin, event)
}

fn write(
    conn: &mut DbConnection,
    actor_id: Option<UserId>,
    actor_role: Option<Role>,
    at: Timestamp,
    origin: &Origin,
    event: Event,
) -> Result<(), Error> {
    let facts = json!({
        "before": event.before,
        "after": event.after,
        "from": {"ip": origin.ip, "user_agent": origin.user_agent, "device_id": origin.device_id, "trace_id": origin.trace_id},
    })
    .to_string();
    let id = EventId::new();
    let facts_salt = crate::auth::token::random::<16>()?.to_vec();
    let row = NewEvent {
        id,
        at,
        actor_id,
        actor_role,
        action: event.action,
        object_kind: event.object_kind,
        object_id: event.object_id.into(),
        company_id: event.company_id,
        ticket_id: event.ticket_id,
        facts_hash: chain::facts_hash(&facts_salt, &facts),
        facts_salt,
        facts,
    };
    diesel::insert_into(events::table).values(&row).execute(conn)?;
    diesel::insert_into(unsealed_events::table).values(unsealed_events::event_id.eq(id)).execute(conn)?;
    Ok(())
}

/// Whether the database answers.
///
/// # Errors
/// The database's.
pub fn reachable(conn: &mut DbConnection) -> Result<(), Error> {
    let _: Option<EventId> = events::table.select(events::id).limit(1).get_result(conn).optional()?;
    Ok(())
}
