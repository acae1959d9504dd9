//! A key that got into other hands: from now on its seal proves nothing. Copies that we made and recorded are known by their
//! hashes, and stay what they are.

use diesel::prelude::*;
use serde_json::json;

use super::{Seal, queries};
use crate::auth::Origin;
use crate::db::DbConnection;
use crate::db::schema::seals;
use crate::db::types::{Sha256, Timestamp};
use crate::error::{Code, Error};
use crate::history::{self, Event};

/// Revokes the key of a certificate; one that is revoked already stays so. There is no way back.
///
/// # Errors
/// `not_found`; `locked` while it is the one that seals.
pub fn revoke(conn: &mut DbConnection, certificate: Sha256, now: Timestamp) -> Result<Seal, Error> {
    let seal = queries::of_certificate(conn, certificate)?.ok_or(Code::NotFound)?;
    if seal.in_use {
        return Err(Code::Locked.into());
    }
    if seal.revoked_at.is_some() {
        return Ok(seal);
    }
    diesel::update(seals::table.find(seal.id)).set(seals::revoked_at.eq(Some(now))).execute(conn)?;
    let event = Event::of("seal.revoked", "seal", seal.id.uuid()).after(json!({"certificate_sha256": certificate}));
    history::record_by(conn, None, now, &Origin::default(), event)?;
    Ok(Seal { revoked_at: Some(now), ..seal })
}
