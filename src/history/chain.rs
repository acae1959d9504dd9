//! The chain of events: `hash = SHA-256(0x00 ‖ previous hash ‖ canonical JSON of the event)`.
//!
//! The facts of an event (who is named in it, from which address) enter as a salted hash, so that a person can be erased
//! without breaking the chain.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;
use sha2::Digest;

use super::EventId;
use crate::auth::Role;
use crate::companies::CompanyId;
use crate::db::among::Among;
use crate::db::dialect::{insert_all, one_sealer};
use crate::db::schema::{event_chain, events, unsealed_events};
use crate::db::types::{AnyId, Sha256, Timestamp};
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::tickets::TicketId;
use crate::users::UserId;

/// Events that are chained in one transaction.
const BATCH: i64 = 500;

#[derive(Queryable, Selectable)]
#[diesel(table_name = events, check_for_backend(MultiBackend))]
struct Link {
    id: EventId,
    at: Timestamp,
    actor_id: Option<UserId>,
    actor_role: Option<Role>,
    action: String,
    object_kind: String,
    object_id: AnyId,
    company_id: Option<CompanyId>,
    ticket_id: Option<TicketId>,
    facts_hash: Sha256,
}

#[derive(Insertable)]
#[diesel(table_name = event_chain, treat_none_as_default_value = false)]
struct ChainRow {
    seq: i64,
    event_id: EventId,
    prev_hash: Sha256,
    hash: Sha256,
}

/// The salted hash of an event's facts.
pub fn facts_hash(salt: &[u8], facts: &str) -> Sha256 {
    let mut hash = sha2::Sha256::new();
    hash.update(salt);
    hash.update(facts);
    Sha256(hash.finalize().into())
}

impl Link {
    /// Canonical JSON (RFC 8785): the names are sorted, and every value is a string or null.
    fn canonical(&self, seq: i64) -> String {
        let text = |value: &dyn std::fmt::Display| Some(value.to_string());
        let members: BTreeMap<&str, Option<String>> = BTreeMap::from([
            ("seq", text(&seq)),
            ("id", text(&self.id)),
            ("at", text(&self.at)),
            ("actor_id", self.actor_id.map(|id| id.to_string())),
            ("actor_role", self.actor_role.map(|role| role.to_string())),
            ("action", text(&self.action)),
            ("object_kind", text(&self.object_kind)),
            ("object_id", text(&self.object_id)),
            ("company_id", self.company_id.map(|id| id.to_string())),
            ("ticket_id", self.ticket_id.map(|id| id.to_string())),
            ("facts_hash", text(&self.facts_hash)),
        ]);
        serde_json::to_string(&members).unwrap_or_default()
    }

    fn hash(&self, seq: i64, previous: Sha256) -> Sha256 {
        let mut hash = sha2::Sha256::new();
        hash.update([0]);
        hash.update(previous.0);
        hash.update(self.canonical(seq));
        Sha256(hash.finalize().into())
    }
}

/// Gives waiting events their place in the chain; says how many. Call again while it says 500.
///
/// # Errors
/// The database's.
pub fn seal(conn: &mut DbConnection) -> Result<i64, Error> {
    one_sealer(conn)?;
    let waiting: Vec<Link> = unsealed_events::table
        .inner_join(events::table)
        .order(unsealed_events::event_id)
        .limit(BATCH)
        .select(Link::as_select())
        .load(conn)?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let (mut seq, mut previous) = head(conn)?;
    let mut rows = Vec::with_capacity(waiting.len());
    for link in &waiting {
        seq += 1;
        let hash = link.hash(seq, previous);
        rows.push(ChainRow { seq, event_id: link.id, prev_hash: previous, hash });
        previous = hash;
    }
    insert_all!(conn, event_chain::table, &rows)?;
    let sealed: Vec<EventId> = waiting.iter().map(|link| link.id).collect();
    diesel::delete(unsealed_events::table.filter(unsealed_events::event_id.among(&sealed))).execute(conn)?;
    Ok(i64::try_from(sealed.len()).unwrap_or(BATCH))
}

/// Seals until nothing waits.
///
/// # Errors
/// The database's.
pub fn seal_all(conn: &mut DbConnection) -> Result<(), Error> {
    while seal(conn)? == BATCH {}
    Ok(())
}

fn head(conn: &mut DbConnection) -> Result<(i64, Sha256), Error> {
    let last: Option<(i64, Sha256)> = event_chain::table
        .order(event_chain::seq.desc())
        .select((event_chain::seq, event_chain::hash))
        .first(conn)
        .optional()?;
    Ok(last.unwrap_or((0, Sha256([0; 32]))))
}

/// What a walk along the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Verification {
    /// Whether every entry is as it was written.
    pub intact: bool,
    /// Entries looked at.
    pub entries: i64,
    /// The hash of the last sound entry. Keep it elsewhere, and a cut-off tail is noticed too.
    pub head: Sha256,
    /// The first entry that is not as it was written.
    pub broken: Option<Broken>,
}

/// Where the chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Broken {
    /// Its place in the chain.
    pub seq: i64,
    /// The event there, if it still exists.
    pub event_id: Option<EventId>,
    /// What is wrong: `missing`, `order`, `changed`, `facts_changed`, or `unchained` for an event that was slipped in.
    pub why: &'static str,
}

/// Walks along the whole chain and recomputes it.
///
/// # Errors
/// The database's.
pub fn verify(conn: &mut DbConnection) -> Result<Verification, Error> {
    type Row = (i64, EventId, Sha256, Sha256, Option<Link>, Option<String>, Option<Vec<u8>>);
    let (mut seq, mut previous) = (0_i64, Sha256([0; 32]));
    loop {
        let rows: Vec<Row> = event_chain::table
            .left_join(events::table)
            .filter(event_chain::seq.gt(seq))
            .order(event_chain::seq)
            .limit(BATCH)
            .select((
                event_chain::seq,
                event_chain::event_id,
                event_chain::prev_hash,
                event_chain::hash,
                Option::<Link>::as_select(),
                events::facts.nullable(),
                events::facts_salt.nullable(),
            ))
            .load(conn)?;
        let more = !rows.is_empty();
        for (found, event_id, prev_hash, hash, event, facts, salt) in rows {
            let why = match &event {
                _ if found != seq + 1 => Some("missing"),
                None => Some("missing"),
                _ if prev_hash != previous => Some("order"),
                Some(link) if link.hash(found, previous) != hash => Some("changed"),
                Some(link) => {
                    let salted = facts.as_ref().map(|facts| facts_hash(&salt.unwrap_or_default(), facts));
                    salted.is_some_and(|hash| hash != link.facts_hash).then_some("facts_changed")
                }
            };
            if let Some(why) = why {
                let seq_of = if found == seq + 1 { found } else { seq + 1 };
                let event_id = (found == seq + 1 && event.is_some()).then_some(event_id);
                let broken = Some(Broken { seq: seq_of, event_id, why });
                return Ok(Verification { intact: false, entries: seq, head: previous, broken });
            }
            (seq, previous) = (found, hash);
        }
        if !more {
            let broken = unchained(conn)?.map(|id| Broken { seq: seq + 1, event_id: Some(id), why: "unchained" });
            return Ok(Verification { intact: broken.is_none(), entries: seq, head: previous, broken });
        }
    }
}

/// An event that has no place in the chain and waits for none: nobody of ours wrote it.
fn unchained(conn: &mut DbConnection) -> Result<Option<EventId>, Error> {
    Ok(events::table
        .left_join(event_chain::table.on(event_chain::event_id.eq(events::id)))
        .left_join(unsealed_events::table.on(unsealed_events::event_id.eq(events::id)))
        .filter(event_chain::seq.is_null())
        .filter(unsealed_events::event_id.is_null())
        .select(events::id)
        .first(conn)
        .optional()?)
}
