//! What happened: every change leaves an event in the same transaction, and events are chained by hash afterwards.
//!
//! The chain is made by one background step that takes committed events in turn. Chaining inside the transaction would
//! make all writers of a PostgreSQL cluster wait for each other's disk; a second's delay costs nothing, because whoever
//! looks ([`verify::verify`], the list of events) seals first.

pub mod chain;
pub mod list;
pub mod pulse;
pub mod roots;
pub mod routes;
pub mod told;
pub mod verify;

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::auth::{Actor, Origin, Role};
use crate::companies::CompanyId;
use crate::db::DbConnection;
use crate::db::dialect::insert_all;
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
    import_id: Option<uuid::Uuid>,
}

impl Event {
    /// `action` happened to the record `id`: `Event::of("ticket.created", "ticket", id)`.
    pub const fn of(action: &'static str, object_kind: &'static str, id: uuid::Uuid) -> Self {
        let (before, after) = (Value::Null, Value::Null);
        Self { action, object_kind, object_id: id, company_id: None, ticket_id: None, before, after, import_id: None }
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

    /// The import that brought it about.
    #[must_use]
    pub const fn import(mut self, id: uuid::Uuid) -> Self {
        self.import_id = Some(id);
        self
    }

    /// What is so now.
    #[must_use]
    pub fn after(mut self, facts: impl Serialize) -> Self {
        self.after = serde_json::to_value(facts).unwrap_or_default();
        self
    }

    /// What was so before, and is now, as it is told.
    #[must_use]
    pub fn told(mut self, before: Value, after: Value) -> Self {
        (self.before, self.after) = (before, after);
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
#[diesel(table_name = events, treat_none_as_default_value = false)]
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

/// [`record`] for much at once.
///
/// # Errors
/// The database's.
pub fn record_all(conn: &mut DbConnection, actor: &Actor, events: Vec<Event>) -> Result<(), Error> {
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        rows.push(NewEvent::new(Some(actor.id()), Some(actor.role()), actor.now(), actor.origin(), event)?);
    }
    insert_all!(conn, events::table, &rows)?;
    let unsealed: Vec<_> = rows.iter().map(|row| unsealed_events::event_id.eq(row.id)).collect();
    insert_all!(conn, unsealed_events::table, &unsealed)?;
    Ok(())
}

fn write(
    conn: &mut DbConnection,
    actor_id: Option<UserId>,
    actor_role: Option<Role>,
    at: Timestamp,
    origin: &Origin,
    event: Event,
) -> Result<(), Error> {
    let row = NewEvent::new(actor_id, actor_role, at, origin, event)?;
    diesel::insert_into(events::table).values(&row).execute(conn)?;
    diesel::insert_into(unsealed_events::table).values(unsealed_events::event_id.eq(row.id)).execute(conn)?;
    Ok(())
}

impl NewEvent {
    fn new(
        actor_id: Option<UserId>,
        actor_role: Option<Role>,
        at: Timestamp,
        origin: &Origin,
        event: Event,
    ) -> Result<Self, Error> {
        let mut from = json!({"ip": origin.ip, "user_agent": origin.user_agent, "device_id": origin.device_id,
                              "trace_id": origin.trace_id});
        if let (Some(ahead), Some(from)) = (origin.clock_ahead_ms, from.as_object_mut()) {
            from.insert("clock_ahead_ms".to_owned(), json!(ahead));
        }
        if let (Some(import), Some(from)) = (event.import_id, from.as_object_mut()) {
            from.insert("import_id".to_owned(), json!(import));
        }
        let facts = json!({"before": event.before, "after": event.after, "from": from}).to_string();
        let facts_salt = crate::auth::token::random::<16>()?.to_vec();
        Ok(Self {
            id: EventId::new(),
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
        })
    }
}

/// Whether the database answers.
///
/// # Errors
/// The database's.
pub fn reachable(conn: &mut DbConnection) -> Result<(), Error> {
    let _: Option<EventId> = events::table.select(events::id).limit(1).get_result(conn).optional()?;
    Ok(())
}
