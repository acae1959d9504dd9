//! The chain of events: `hash = SHA-256(0x00 ‖ previous hash ‖ canonical JSON of the event)`.
//!
//! The facts of an event (who is named in it, from which address) enter as a salted hash, so that a person can be erased
//! without breaking the chain.
//!
//! `seq` grows by one from entry to entry, but for one kind of event: `installation.restored` declares from where to where
//! it leaps ([`crate::installation::restored`]).

use std::collections::BTreeMap;

use diesel::prelude::*;
use sha2::Digest;

use super::EventId;
use crate::auth::Role;
use crate::companies::CompanyId;
use crate::db::among::Among;
use crate::db::dialect::{insert_all, one_sealer};
use crate::db::schema::{event_chain, events, unsealed_events};
use crate::db::types::{AnyId, Sha256, Timestamp};
use crate::db::{Db, DbConnection, MultiBackend};
use crate::error::Error;
use crate::sync::changes::{self, Change};
use crate::tickets::TicketId;
use crate::users::UserId;

/// Events that are chained in one transaction.
const BATCH: i64 = 500;

/// What of an event enters its hash.
#[derive(Queryable, Selectable)]
#[diesel(table_name = events, check_for_backend(MultiBackend))]
pub struct Link {
    id: EventId,
    at: Timestamp,
    actor_id: Option<UserId>,
    actor_role: Option<Role>,
    /// What was done.
    pub action: String,
    object_kind: String,
    object_id: AnyId,
    company_id: Option<CompanyId>,
    ticket_id: Option<TicketId>,
    /// The salted hash of its facts.
    pub facts_hash: Sha256,
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
    pub fn canonical(&self, seq: i64) -> String {
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

    /// The hash of the entry that this event is at `seq`, after an entry with the hash `previous`.
    pub fn hash(&self, seq: i64, previous: Sha256) -> Sha256 {
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
    let (seq, previous) = head(conn)?;
    append(conn, &waiting, seq + 1, previous)?;
    Ok(i64::try_from(waiting.len()).unwrap_or(BATCH))
}

/// Gives the one event that waits a place further on than the next: a restore leaps over what was given before it.
///
/// # Errors
/// The database's; also when not just one waits.
pub fn seal_at(conn: &mut DbConnection, seq: i64) -> Result<(), Error> {
    one_sealer(conn)?;
    let waiting: Vec<Link> =
        unsealed_events::table.inner_join(events::table).select(Link::as_select()).limit(2).load(conn)?;
    let (last, previous) = head(conn)?;
    if waiting.len() != 1 || seq <= last {
        return Err(Error::internal(format!("{} events wait for {seq} after {last}", waiting.len())));
    }
    append(conn, &waiting, seq, previous)
}

fn append(conn: &mut DbConnection, waiting: &[Link], first: i64, mut previous: Sha256) -> Result<(), Error> {
    let mut rows = Vec::with_capacity(waiting.len());
    for (seq, link) in (first..).zip(waiting) {
        let hash = link.hash(seq, previous);
        rows.push(ChainRow { seq, event_id: link.id, prev_hash: previous, hash });
        previous = hash;
    }
    insert_all!(conn, event_chain::table, &rows)?;
    let about = rows.iter().zip(waiting).map(|(row, link)| Change {
        seq: row.seq,
        at: link.at,
        object_kind: link.object_kind.clone(),
        object_id: link.object_id,
        company_id: link.company_id,
        ticket_id: link.ticket_id,
    });
    changes::note(conn, about.collect())?;
    let sealed: Vec<EventId> = waiting.iter().map(|link| link.id).collect();
    diesel::delete(unsealed_events::table.filter(unsealed_events::event_id.among(&sealed))).execute(conn)?;
    Ok(())
}

/// Seals until nothing waits, in one transaction: for whoever must see the end of the chain and write in the same one. Others
/// [`catch_up`] first, so that little is left to do here.
///
/// # Errors
/// The database's.
pub fn seal_all(conn: &mut DbConnection) -> Result<(), Error> {
    while seal(conn)? == BATCH {}
    Ok(())
}

/// Seals until nothing waits, each batch in a transaction of its own: after a large import everybody's writes would wait for
/// all of it.
///
/// # Errors
/// The database's.
pub async fn catch_up(db: &Db) -> Result<(), Error> {
    while db.write(seal).await? == BATCH {}
    Ok(())
}

/// Whether more events wait than one batch takes.
///
/// # Errors
/// The database's.
pub fn many_wait(conn: &mut DbConnection) -> Result<bool, Error> {
    let next: Option<EventId> =
        unsealed_events::table.select(unsealed_events::event_id).offset(BATCH).limit(1).get_result(conn).optional()?;
    Ok(next.is_some())
}

/// [`catch_up`] for the command line.
///
/// # Errors
/// The database's.
pub fn catch_up_now(db: &Db) -> Result<(), Error> {
    while db.write_now(seal)? == BATCH {}
    Ok(())
}

/// The last entry's place and hash; 0 and zeros when there is none.
///
/// # Errors
/// The database's.
pub fn head(conn: &mut DbConnection) -> Result<(i64, Sha256), Error> {
    let last: Option<(i64, Sha256)> = event_chain::table
        .order(event_chain::seq.desc())
        .select((event_chain::seq, event_chain::hash))
        .first(conn)
        .optional()?;
    Ok(last.unwrap_or((0, Sha256([0; 32]))))
}
