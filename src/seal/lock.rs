//! The lock of the key that seals, when the secret has changed.

use diesel::prelude::*;
use serde_json::json;

use super::queries;
use crate::auth::Origin;
use crate::db::DbConnection;
use crate::db::schema::seals;
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::history::{self, Event};

/// Whether the key that seals opens, or there is none yet.
///
/// # Errors
/// The database's.
pub fn opens(conn: &mut DbConnection, lock: &[u8; 32]) -> Result<bool, Error> {
    Ok(queries::in_use(conn)?.is_none_or(|seal| seal.open(lock).is_ok()))
}

/// Gives the key that seals another lock, if it opens with the former one; whether it did.
///
/// # Errors
/// The database's.
pub fn change(conn: &mut DbConnection, former: &[u8; 32], lock: &[u8; 32], now: Timestamp) -> Result<bool, Error> {
    let Some(seal) = queries::in_use(conn)? else { return Ok(true) };
    let Ok(sealer) = seal.open(former) else { return Ok(false) };
    diesel::update(seals::table.find(seal.id)).set(seals::locked_key.eq(sealer.locked(lock)?)).execute(conn)?;
    let event = Event::of("seal.locked_anew", "seal", seal.id.uuid())
        .after(json!({"certificate_sha256": seal.certificate_sha256}));
    history::record_by(conn, None, now, &Origin::default(), event)?;
    Ok(true)
}
