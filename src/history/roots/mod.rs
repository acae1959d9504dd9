//! What the whole chain's hash was, day by day: a Merkle tree (RFC 6962) over its entries.
//!
//! The chain alone lets whoever has the database write all of it anew. A root that was kept elsewhere, printed or mailed,
//! does not: with it a single entry is proved to have been there, and an entry that was changed, taken out or slipped in
//! since is found. A leaf is the 32 bytes of an entry's `hash`, which holds the event and all entries before it.

pub mod merkle;
pub mod proof;
pub mod tree;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::chain;
use crate::db::dialect::one_sealer;
use crate::db::page::Page;
use crate::db::schema::audit_roots;
use crate::db::types::{Sha256, Timestamp};
use crate::db::{Db, DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::http::query::list_query;

/// The whole chain's hash at a moment.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, utoipa::ToSchema,
)]
#[diesel(table_name = audit_roots, check_for_backend(MultiBackend))]
pub struct AuditRoot {
    /// Entries in the tree.
    pub tree_size: i64,
    /// The place of the last of them.
    pub head_seq: i64,
    /// The hash of the last of them.
    pub head: Sha256,
    /// The tree's hash.
    pub root: Sha256,
    /// When it was made.
    pub made_at: Timestamp,
}

list_query! {
    /// Which page of roots.
    pub struct RootFilter {}
}

/// A page of roots, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, filter: &RootFilter) -> Result<Page<AuditRoot>, Error> {
    let page = filter.page();
    let mut query = audit_roots::table.select(AuditRoot::as_select()).into_boxed::<MultiBackend>();
    if let Some(size) = page.after::<i64>()? {
        query = query.filter(audit_roots::tree_size.lt(size));
    }
    let rows = query.order(audit_roots::tree_size.desc()).limit(page.rows()).load(conn)?;
    Ok(page.cut(rows, |root: &AuditRoot| root.tree_size))
}

/// Every root.
///
/// # Errors
/// The database's.
pub fn all(conn: &mut DbConnection) -> Result<Vec<AuditRoot>, Error> {
    Ok(audit_roots::table.select(AuditRoot::as_select()).load(conn)?)
}

/// The root of a tree with so many entries.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, tree_size: i64) -> Result<AuditRoot, Error> {
    let found = audit_roots::table.find(tree_size).select(AuditRoot::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| Code::NotFound.into())
}

/// The newest root.
///
/// # Errors
/// The database's.
pub fn newest(conn: &mut DbConnection) -> Result<Option<AuditRoot>, Error> {
    let newest_first = audit_roots::table.order(audit_roots::tree_size.desc());
    Ok(newest_first.select(AuditRoot::as_select()).first(conn).optional()?)
}

/// Writes the root of the chain as it is, unless the newest is of just these entries. Nothing while there are none.
///
/// # Errors
/// The database's.
pub fn write(db: &Db, now: Timestamp) -> Result<Option<AuditRoot>, Error> {
    chain::catch_up_now(db)?;
    while db.write_now(tree::grow)? {}
    db.write_now(move |conn| add(conn, now))
}

/// [`write()`] for somebody who asks: the root of the chain as it is now. Nothing while there are no entries.
///
/// # Errors
/// The database's.
pub async fn write_fresh(db: &Db, now: Timestamp) -> Result<Option<AuditRoot>, Error> {
    chain::catch_up(db).await?;
    while db.write(tree::grow).await? {}
    db.write(move |conn| add(conn, now)).await
}

/// [`write()`] as the background does it: once a day (in UTC), when something has happened since.
///
/// # Errors
/// The database's.
pub async fn write_daily(db: &Db, now: Timestamp) -> Result<Option<AuditRoot>, Error> {
    let due = move |conn: &mut DbConnection| Ok(is_due(newest(conn)?, chain::head(conn)?.0, now));
    if !db.read(due).await? {
        return Ok(None);
    }
    while db.write(tree::grow).await? {}
    db.write(move |conn| {
        // Another instance may have been quicker: it is seen behind the lock only.
        one_sealer(conn)?;
        if due(conn)? { add(conn, now) } else { Ok(None) }
    })
    .await
}

fn is_due(newest: Option<AuditRoot>, head_seq: i64, now: Timestamp) -> bool {
    let day = |moment: Timestamp| moment.day_in(chrono_tz::UTC);
    head_seq > 0 && newest.is_none_or(|root| root.head_seq < head_seq && day(root.made_at) < day(now))
}

fn add(conn: &mut DbConnection, now: Timestamp) -> Result<Option<AuditRoot>, Error> {
    one_sealer(conn)?;
    // What came since the last look: little, and nobody adds more now.
    while tree::grow(conn)? {}
    let (head_seq, head) = chain::head(conn)?;
    if let Some(newest) = newest(conn)?.filter(|root| root.head_seq == head_seq) {
        return Ok(Some(newest));
    }
    let size = tree::size(conn)?;
    if size == 0 {
        return Ok(None);
    }
    let root = tree::hash(conn, 0..size)?;
    let tree_size = i64::try_from(size).map_err(Error::internal)?;
    let new = AuditRoot { tree_size, head_seq, head, root, made_at: now };
    diesel::insert_into(audit_roots::table).values(new).execute(conn)?;
    Ok(Some(new))
}
