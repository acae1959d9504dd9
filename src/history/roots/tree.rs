//! The tree's complete subtrees, kept so that a root or a proof reads some hundred hashes of a chain of millions.
//!
//! Kept are the subtrees of 256 entries, of 256 times 256, and so on. What lies between is computed when asked for.

use std::ops::Range;

use diesel::prelude::*;

use super::merkle;
use crate::db::DbConnection;
use crate::db::dialect::one_sealer;
use crate::db::schema::{audit_nodes, event_chain};
use crate::db::types::Sha256;
use crate::error::Error;

/// A kept subtree has two to the power of a multiple of this many entries.
const HEIGHT: u32 = 8;
/// The height of the smallest, as it is kept.
const SMALLEST: i32 = 8;
/// Entries of the smallest.
const CHUNK: i64 = 1 << HEIGHT;
/// Of those, how many one transaction adds: a few milliseconds.
const FEW: usize = 32;

/// A complete subtree.
#[derive(Insertable)]
#[diesel(table_name = audit_nodes)]
struct Node {
    height: i32,
    position: i64,
    last_seq: i64,
    hash: Sha256,
}

/// Adds the subtrees that have become complete. Call again while it says that there are more.
///
/// # Errors
/// The database's.
pub fn grow(conn: &mut DbConnection) -> Result<bool, Error> {
    one_sealer(conn)?;
    for _ in 0..FEW {
        let (position, last_seq) = next_chunk(conn)?;
        let entries: Vec<(i64, Sha256)> = event_chain::table
            .filter(event_chain::seq.gt(last_seq))
            .order(event_chain::seq)
            .limit(CHUNK)
            .select((event_chain::seq, event_chain::hash))
            .load(conn)?;
        let (Some((last_seq, _)), true) = (entries.last().copied(), whole(entries.len())) else { return Ok(false) };
        let leaves: Vec<Sha256> = entries.iter().map(|(_, hash)| merkle::leaf(&hash.0)).collect();
        add(conn, HEIGHT, position, last_seq, merkle::over(&leaves))?;
    }
    Ok(true)
}

/// Adds a subtree, and those above it that it makes complete.
fn add(conn: &mut DbConnection, height: u32, position: i64, last_seq: i64, hash: Sha256) -> Result<(), Error> {
    let node = Node { height: i32::try_from(height).map_err(Error::internal)?, position, last_seq, hash };
    diesel::insert_into(audit_nodes::table).values(node).execute(conn)?;
    if position % CHUNK != CHUNK - 1 {
        return Ok(());
    }
    let above = position / CHUNK;
    let below = kept(conn, height, above * CHUNK..position + 1)?;
    add(conn, height + HEIGHT, above, last_seq, merkle::over(&below))
}

const fn whole(entries: usize) -> bool {
    entries == 1 << HEIGHT
}

/// The position of the next smallest subtree, and the `seq` before its first entry.
fn next_chunk(conn: &mut DbConnection) -> Result<(i64, i64), Error> {
    let last: Option<(i64, i64)> = audit_nodes::table
        .filter(audit_nodes::height.eq(SMALLEST))
        .order(audit_nodes::position.desc())
        .select((audit_nodes::position, audit_nodes::last_seq))
        .first(conn)
        .optional()?;
    Ok(last.map_or((0, 0), |(position, last_seq)| (position + 1, last_seq)))
}

/// How many entries the chain has.
///
/// # Errors
/// The database's.
pub fn size(conn: &mut DbConnection) -> Result<u64, Error> {
    let (chunks, last_seq) = next_chunk(conn)?;
    let beyond: i64 = event_chain::table.filter(event_chain::seq.gt(last_seq)).count().get_result(conn)?;
    u64::try_from(chunks * CHUNK + beyond).map_err(Error::internal)
}

/// Which leaf the entry at `seq` is.
///
/// # Errors
/// The database's.
pub fn index(conn: &mut DbConnection, seq: i64) -> Result<u64, Error> {
    let before: Option<(i64, i64)> = audit_nodes::table
        .filter(audit_nodes::height.eq(SMALLEST))
        .filter(audit_nodes::last_seq.lt(seq))
        .order(audit_nodes::last_seq.desc())
        .select((audit_nodes::position, audit_nodes::last_seq))
        .first(conn)
        .optional()?;
    let (chunks, last_seq) = before.map_or((0, 0), |(position, last_seq)| (position + 1, last_seq));
    let between = event_chain::table.filter(event_chain::seq.gt(last_seq)).filter(event_chain::seq.lt(seq));
    let between: i64 = between.count().get_result(conn)?;
    u64::try_from(chunks * CHUNK + between).map_err(Error::internal)
}

/// The hash of the subtree over some leaves: of a tree's whole, or of a part that [`merkle`] names.
///
/// # Errors
/// The database's; also when the chain or what is kept of it lacks some.
pub fn hash(conn: &mut DbConnection, leaves: Range<u64>) -> Result<Sha256, Error> {
    let count = leaves.end - leaves.start;
    if !count.is_power_of_two() {
        let (left, right) = merkle::parts(&leaves);
        return Ok(merkle::node(hash(conn, left)?, hash(conn, right)?));
    }
    let height = count.ilog2() / HEIGHT * HEIGHT;
    let place = |leaf: u64| i64::try_from(leaf >> height).map_err(Error::internal);
    let (start, end) = (place(leaves.start)?, place(leaves.end)?);
    let below = if height == 0 { entries(conn, start..end)? } else { kept(conn, height, start..end)? };
    Ok(merkle::over(&below))
}

fn kept(conn: &mut DbConnection, height: u32, positions: Range<i64>) -> Result<Vec<Sha256>, Error> {
    let found: Vec<Sha256> = audit_nodes::table
        .filter(audit_nodes::height.eq(i32::try_from(height).map_err(Error::internal)?))
        .filter(audit_nodes::position.ge(positions.start))
        .filter(audit_nodes::position.lt(positions.end))
        .order(audit_nodes::position)
        .select(audit_nodes::hash)
        .load(conn)?;
    all_of(found, &positions)
}

/// Some leaves within one of the smallest subtrees.
fn entries(conn: &mut DbConnection, leaves: Range<i64>) -> Result<Vec<Sha256>, Error> {
    let chunk = leaves.start / CHUNK;
    let before: Option<i64> =
        audit_nodes::table.find((SMALLEST, chunk - 1)).select(audit_nodes::last_seq).get_result(conn).optional()?;
    let found: Vec<Sha256> = event_chain::table
        .filter(event_chain::seq.gt(before.unwrap_or(0)))
        .order(event_chain::seq)
        .offset(leaves.start % CHUNK)
        .limit(leaves.end - leaves.start)
        .select(event_chain::hash)
        .load(conn)?;
    let found = all_of(found, &leaves)?;
    Ok(found.iter().map(|hash| merkle::leaf(&hash.0)).collect())
}

fn all_of(found: Vec<Sha256>, wanted: &Range<i64>) -> Result<Vec<Sha256>, Error> {
    let whole = i64::try_from(found.len()).is_ok_and(|count| count == wanted.end - wanted.start);
    if whole { Ok(found) } else { Err(Error::internal(format!("the tree of events lacks some of {wanted:?}"))) }
}
