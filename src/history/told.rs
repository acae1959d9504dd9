//! Events with what was said in them, for those who have to prove them: where the facts and their salt are told, anybody can
//! compute the hash that the chain holds.

use diesel::prelude::*;
use serde_json::Value;

use super::EventId;
use crate::acts::ActId;
use crate::auth::Role;
use crate::db::among::Among;
use crate::db::schema::{event_chain, events};
use crate::db::types::{AnyId, Timestamp};
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::tickets::TicketId;
use crate::users::UserId;

/// An event with what was said in it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = events, check_for_backend(MultiBackend))]
pub struct Told {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor_id: Option<UserId>,
    /// What they were then.
    pub actor_role: Option<Role>,
    /// What.
    pub action: String,
    /// To which record.
    pub object_id: AnyId,
    /// What was said, to the letter; nothing when it was erased.
    pub facts: Option<String>,
    /// What was hashed before it.
    pub facts_salt: Vec<u8>,
}

impl Told {
    /// A member of what was said: `/after/reason`.
    pub fn fact(&self, pointer: &str) -> Option<Value> {
        let facts: Value = serde_json::from_str(self.facts.as_deref()?).ok()?;
        facts.pointer(pointer).filter(|fact| !fact.is_null()).cloned()
    }
}

/// The chained events of a ticket and all that belongs to it, in their order; no more than `most`.
///
/// # Errors
/// The database's.
pub fn of_ticket(conn: &mut DbConnection, id: TicketId, most: i64) -> Result<Vec<Told>, Error> {
    let chained = events::table.inner_join(event_chain::table).filter(events::ticket_id.eq(id));
    Ok(chained.order(event_chain::seq).limit(most).select(Told::as_select()).load(conn)?)
}

/// The chained events of some acts, in their order; no more than `most`.
///
/// # Errors
/// The database's.
pub fn of_acts(conn: &mut DbConnection, ids: &[ActId], most: i64) -> Result<Vec<Told>, Error> {
    let ids: Vec<AnyId> = ids.iter().map(|id| AnyId::from(id.uuid())).collect();
    let chained = events::table.inner_join(event_chain::table);
    let of_acts = chained.filter(events::object_kind.eq("act")).filter(events::object_id.among(ids));
    Ok(of_acts.order(event_chain::seq).limit(most).select(Told::as_select()).load(conn)?)
}
