//! Every query on keys that seal.

use diesel::prelude::*;

use super::{Seal, SealId};
use crate::db::DbConnection;
use crate::db::schema::seals;
use crate::db::types::Sha256;
use crate::error::Error;

/// The one that seals now, if there is one yet.
///
/// # Errors
/// The database's.
pub fn in_use(conn: &mut DbConnection) -> Result<Option<Seal>, Error> {
    Ok(seals::table.filter(seals::in_use.eq(true)).select(Seal::as_select()).get_result(conn).optional()?)
}

/// All that ever sealed, newest first.
///
/// # Errors
/// The database's.
pub fn all(conn: &mut DbConnection) -> Result<Vec<Seal>, Error> {
    Ok(seals::table.order((seals::created_at.desc(), seals::id.desc())).select(Seal::as_select()).load(conn)?)
}

/// The certificates that vouch for documents: those of all keys that were not revoked, newest first, each key's own before those
/// that vouch for it.
///
/// # Errors
/// The database's.
pub fn trusted(conn: &mut DbConnection) -> Result<Vec<Vec<u8>>, Error> {
    let all = all(conn)?;
    Ok(all.iter().filter(|seal| seal.revoked_at.is_none()).flat_map(Seal::certificates).collect())
}

/// The one with this certificate.
///
/// # Errors
/// The database's.
pub fn of_certificate(conn: &mut DbConnection, sha256: Sha256) -> Result<Option<Seal>, Error> {
    let of = seals::table.filter(seals::certificate_sha256.eq(sha256));
    Ok(of.select(Seal::as_select()).get_result(conn).optional()?)
}

/// One of them.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut DbConnection, id: SealId) -> Result<Option<Seal>, Error> {
    Ok(seals::table.find(id).select(Seal::as_select()).get_result(conn).optional()?)
}
