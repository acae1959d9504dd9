//! This installation: which life of its database this is.
//!
//! A database that comes from a backup has forgotten what was done since, while phones remember it. So every restore begins
//! a new epoch: a phone that sees another one than it knows sends its own work of the last days again, which is safe, since
//! the same record twice is one.

pub mod restored;

use diesel::prelude::*;

use crate::auth::token::random;
use crate::db::DbConnection;
use crate::db::dialect::Both;
use crate::db::schema::installation;
use crate::db::types::{Timestamp, id};
use crate::error::Error;

id! {
    /// A life of the database, from its making or from a restore on.
    Epoch,
}

impl Epoch {
    /// A new one. Random, not made of the time: nobody should read an order into epochs.
    fn random() -> Result<Self, Error> {
        Ok(Self::from(uuid::Builder::from_random_bytes(random()?).into_uuid()))
    }
}

/// The one row.
const ID: i32 = 1;

/// Which life this is. The same until the next restore.
///
/// # Errors
/// The database's; also when no server was ever started on it.
pub fn epoch(conn: &mut DbConnection) -> Result<Epoch, Error> {
    Ok(installation::table.find(ID).select(installation::epoch).get_result(conn)?)
}

/// Begins the first epoch, unless there is one: at the first start.
///
/// # Errors
/// The database's.
pub fn found(conn: &mut DbConnection, now: Timestamp) -> Result<(), Error> {
    let first = Epoch::random()?;
    let row = (installation::id.eq(ID), installation::epoch.eq(first), installation::began_at.eq(now));
    Both(diesel::insert_into(installation::table).values(row).on_conflict_do_nothing()).execute(conn)?;
    Ok(())
}
