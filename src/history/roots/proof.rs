//! Proofs for whoever holds a root: that an event was there, and that one root's tree grew into another's.

use std::ops::Range;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{AuditRoot, find, merkle, newest, tree};
use crate::acts::ActId;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{event_chain, events};
use crate::db::types::Sha256;
use crate::error::{Code, Error, Flaw};
use crate::history::EventId;
use crate::history::chain::Link;
use crate::http::query::refused;

/// Of what a proof is asked for.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProofQuery {
    /// Of this event.
    #[serde(default)]
    pub event: Option<EventId>,
    /// Or of all events of this act: issued, decided, settled.
    #[serde(default)]
    pub act: Option<ActId>,
    /// Against the root of the tree with so many entries; left out, the newest.
    #[serde(default)]
    #[param(minimum = 1)]
    pub tree_size: Option<i64>,
}

/// Between which two roots.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GrowthQuery {
    /// Entries of the earlier tree.
    #[param(minimum = 1)]
    pub from: i64,
    /// Entries of the later one; left out, the newest.
    #[serde(default)]
    #[param(minimum = 1)]
    pub to: Option<i64>,
}

/// Proof that events were there when a root was made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AuditProof {
    /// The root they are proved against.
    pub root: AuditRoot,
    /// The proved events, oldest first.
    pub entries: Vec<ProvedEntry>,
    /// How many more there are that are younger than this root.
    pub younger: i64,
}

/// An event's entry in the chain, and the way from it to the root.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProvedEntry {
    /// The event.
    pub event_id: EventId,
    /// Its place in the chain.
    pub seq: i64,
    /// Which leaf of the tree it is, from 0.
    pub leaf_index: i64,
    /// The event as it was hashed: canonical JSON (RFC 8785).
    pub canonical: String,
    /// The hash of the entry before.
    pub prev_hash: Sha256,
    /// SHA-256 of a zero byte, `prev_hash` and `canonical`: 32 bytes, which are the leaf.
    pub hash: Sha256,
    /// The hashes beside the way from the leaf up to the root (RFC 6962 2.1.1).
    pub path: Vec<Sha256>,
}

/// Proof that a tree grew into a later one, and nothing in it was changed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AuditGrowth {
    /// The earlier root.
    pub from: AuditRoot,
    /// The later one.
    pub to: AuditRoot,
    /// The hashes that lead from one to the other (RFC 6962 2.1.2).
    pub path: Vec<Sha256>,
}

/// Proves that the events asked for were there when a root was made.
///
/// # Errors
/// `invalid_parameter` unless just one of `event` and `act` is named; `not_found` when there is no such event, act or root.
pub fn inclusion(conn: &mut DbConnection, asked: &ProofQuery) -> Result<AuditProof, Error> {
    let rows = match (asked.event, asked.act) {
        (Some(event), None) => entries(conn, event.uuid(), true)?,
        (None, Some(act)) => entries(conn, act.uuid(), false)?,
        _ => return Err(refused("event", Flaw::Required, Vec::new())),
    };
    let root = root_of(conn, asked.tree_size)?;
    let all = rows.len();
    let within: Vec<_> = rows.into_iter().filter(|(seq, ..)| *seq <= root.head_seq).collect();
    if all == 0 {
        return Err(Code::NotFound.into());
    }
    let younger = i64::try_from(all - within.len()).unwrap_or(i64::MAX);
    let entries = within.into_iter().map(|entry| prove(conn, &root, entry)).collect::<Result<_, _>>()?;
    Ok(AuditProof { root, entries, younger })
}

/// Proves some events that were there when a root was made, in their order.
///
/// # Errors
/// The database's.
pub fn of_events(conn: &mut DbConnection, root: &AuditRoot, ids: &[EventId]) -> Result<Vec<ProvedEntry>, Error> {
    let rows: Vec<Entry> = event_chain::table
        .inner_join(events::table)
        .filter(event_chain::event_id.among(ids))
        .filter(event_chain::seq.le(root.head_seq))
        .order(event_chain::seq)
        .select((event_chain::seq, event_chain::event_id, event_chain::prev_hash, event_chain::hash, Link::as_select()))
        .load(conn)?;
    rows.into_iter().map(|entry| prove(conn, root, entry)).collect()
}

fn prove(conn: &mut DbConnection, root: &AuditRoot, entry: Entry) -> Result<ProvedEntry, Error> {
    let (seq, event_id, prev_hash, hash, link) = entry;
    let index = tree::index(conn, seq)?;
    let path = hashes(conn, merkle::inclusion(index, size(root)?))?;
    let leaf_index = i64::try_from(index).map_err(Error::internal)?;
    Ok(ProvedEntry { event_id, seq, leaf_index, canonical: link.canonical(seq), prev_hash, hash, path })
}

/// Proves that one root's tree grew into another's.
///
/// # Errors
/// `not_found` when there is no such root; `invalid_parameter` when `to` is smaller than `from`.
pub fn growth(conn: &mut DbConnection, asked: &GrowthQuery) -> Result<AuditGrowth, Error> {
    let (from, to) = (find(conn, asked.from)?, root_of(conn, asked.to)?);
    if to.tree_size < from.tree_size {
        let params = vec![("min", from.tree_size.to_string()), ("max", i64::MAX.to_string())];
        return Err(refused("to", Flaw::OutOfRange, params));
    }
    let path = hashes(conn, merkle::consistency(size(&from)?, size(&to)?))?;
    Ok(AuditGrowth { from, to, path })
}

/// An entry of the chain: place, event, hash before, hash, and the event's own part.
type Entry = (i64, EventId, Sha256, Sha256, Link);

/// The entries of one event, or of all events of a record, oldest first.
fn entries(conn: &mut DbConnection, id: uuid::Uuid, is_event: bool) -> Result<Vec<Entry>, Error> {
    let mut query = event_chain::table
        .inner_join(events::table)
        .select((event_chain::seq, event_chain::event_id, event_chain::prev_hash, event_chain::hash, Link::as_select()))
        .order(event_chain::seq)
        .into_boxed::<crate::db::MultiBackend>();
    query = if is_event {
        query.filter(events::id.eq(EventId::from(id)))
    } else {
        query.filter(events::object_id.eq(crate::db::types::AnyId::from(id)))
    };
    Ok(query.load(conn)?)
}

fn root_of(conn: &mut DbConnection, tree_size: Option<i64>) -> Result<AuditRoot, Error> {
    match tree_size {
        Some(size) => find(conn, size),
        None => newest(conn)?.ok_or_else(|| Code::NotFound.into()),
    }
}

fn hashes(conn: &mut DbConnection, subtrees: Vec<Range<u64>>) -> Result<Vec<Sha256>, Error> {
    subtrees.into_iter().map(|leaves| tree::hash(conn, leaves)).collect()
}

fn size(root: &AuditRoot) -> Result<u64, Error> {
    u64::try_from(root.tree_size).map_err(Error::internal)
}
