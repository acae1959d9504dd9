//! Another key takes the place of the one that seals. The one before seals nothing any more, and is kept with its certificate.

use diesel::prelude::*;
use serde_json::json;

use super::{Seal, SealId, SealOrigin, queries};
use crate::auth::Origin;
use crate::db::DbConnection;
use crate::db::dialect::Both;
use crate::db::schema::seals;
use crate::db::types::Timestamp;
use crate::error::{Code, Error};
use crate::history::{self, Event};

/// Puts a key in use, whatever was. One whose certificate is kept already is put back: its key may be locked under a secret
/// that is lost.
///
/// # Errors
/// `duplicate` when it is in use already and opens with this lock; `locked` when it was revoked.
pub fn replace(conn: &mut DbConnection, new: &Seal, lock: &[u8; 32], now: Timestamp) -> Result<(), Error> {
    let known = queries::of_certificate(conn, new.certificate_sha256)?;
    if known.as_ref().is_some_and(|known| known.in_use && known.open(lock).is_ok()) {
        return Err(Code::Duplicate.into());
    }
    if known.as_ref().is_some_and(|known| known.revoked_at.is_some()) {
        return Err(Code::Locked.into());
    }
    diesel::update(seals::table.filter(seals::in_use.eq(true))).set(seals::in_use.eq(false)).execute(conn)?;
    let Some(known) = known else {
        diesel::insert_into(seals::table).values(new).execute(conn)?;
        return tell(conn, new, now);
    };
    // A key is locked together with its certificates, of which others may come along this time.
    diesel::update(seals::table.find(known.id))
        .set((seals::certificates.eq(&new.certificates), seals::locked_key.eq(&new.locked_key), seals::in_use.eq(true)))
        .execute(conn)?;
    let event = Event::of("seal.put_back", "seal", known.id.uuid())
        .told(json!({"in_use": known.in_use}), json!({"certificate_sha256": known.certificate_sha256, "in_use": true}));
    history::record_by(conn, None, now, &Origin::default(), event)
}

/// Puts a key in use in the place of one that has ended, or of none, unless another instance was quicker. Gives the one that
/// seals then.
///
/// # Errors
/// The database's.
pub fn unless_replaced(
    conn: &mut DbConnection,
    ended: Option<SealId>,
    new: &Seal,
    now: Timestamp,
) -> Result<Seal, Error> {
    if let Some(ended) = ended {
        diesel::update(seals::table.find(ended)).set(seals::in_use.eq(false)).execute(conn)?;
    }
    if Both(diesel::insert_into(seals::table).values(new).on_conflict_do_nothing()).execute(conn)? > 0 {
        tell(conn, new, now)?;
    }
    queries::in_use(conn)?.ok_or(Error::Busy)
}

fn tell(conn: &mut DbConnection, new: &Seal, now: Timestamp) -> Result<(), Error> {
    let what = match new.origin {
        SealOrigin::Made => "seal.made",
        SealOrigin::Installed => "seal.installed",
    };
    let event = Event::of(what, "seal", new.id.uuid()).after(json!({"certificate_sha256": new.certificate_sha256}));
    history::record_by(conn, None, now, &Origin::default(), event)
}
