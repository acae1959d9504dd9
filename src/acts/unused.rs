//! Promised numbers that no act will have: each is void, with who made it so, when, and why.

use diesel::prelude::*;
use serde_json::json;

use super::reserve::{ReservedNumber, ReservedNumberId, Row, event, find};
use super::settle::Reason;
use crate::auth::{Actor, Origin};
use crate::db::DbConnection;
use crate::db::schema::reserved_numbers;
use crate::db::types::Timestamp;
use crate::error::{Code, Error};
use crate::history;
use crate::tickets;

/// Numbers that are made void in one transaction.
const BATCH: i64 = 500;
/// Why a number is void that nobody took.
const EXPIRED: &str = "expired";

/// Who makes a number void, and when.
#[derive(Clone, Copy)]
pub(super) struct Voids<'a> {
    who: Option<&'a Actor>,
    now: Timestamp,
}

impl<'a> Voids<'a> {
    /// Somebody does.
    pub(super) fn by(actor: &'a Actor) -> Self {
        Self { who: Some(actor), now: actor.now() }
    }
}

/// Takes a promised number back, with a reason. No act will have it.
///
/// # Errors
/// `not_found`; `locked` when an act has it; nothing happens to one that is void.
pub fn void(
    conn: &mut DbConnection,
    actor: &Actor,
    id: ReservedNumberId,
    why: &Reason,
) -> Result<ReservedNumber, Error> {
    let row = find(conn, id)?.ok_or(Code::NotFound)?;
    // Whoever issues the ticket's act waits here.
    if let Some(ticket) = row.ticket_id {
        tickets::queries::hold(conn, actor, ticket)?;
    }
    void_one(conn, row, Voids::by(actor), &why.reason)?;
    let row = find(conn, id)?.ok_or(Code::NotFound)?;
    if row.act_id.is_some() { Err(Code::Locked.into()) } else { Ok(row.into()) }
}

/// Makes a number void that still waits, and says whether it did.
///
/// # Errors
/// The database's.
pub(super) fn void_one(conn: &mut DbConnection, row: Row, voids: Voids<'_>, reason: &str) -> Result<bool, Error> {
    let waits = reserved_numbers::table
        .filter(reserved_numbers::id.eq(row.id))
        .filter(reserved_numbers::act_id.is_null())
        .filter(reserved_numbers::voided_at.is_null());
    let voided = diesel::update(waits)
        .set((
            reserved_numbers::voided_at.eq(voids.now),
            reserved_numbers::voided_by.eq(voids.who.map(Actor::id)),
            reserved_numbers::void_reason.eq(reason),
        ))
        .execute(conn)?;
    if voided == 0 {
        return Ok(false);
    }
    let told = event("act_number.voided", &row).after(json!({"number": row.number, "reason": reason}));
    match voids.who {
        Some(actor) => history::record(conn, actor, told)?,
        None => history::record_by(conn, None, voids.now, &Origin::default(), told)?,
    }
    Ok(true)
}

/// Nobody took a number in time.
///
/// # Errors
/// The database's.
pub(super) fn void_expired_one(conn: &mut DbConnection, row: Row, now: Timestamp) -> Result<bool, Error> {
    void_one(conn, row, Voids { who: None, now }, EXPIRED)
}

/// Makes numbers void that no act took in time, and says how many.
///
/// # Errors
/// The database's.
pub fn void_expired(conn: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    let late: Vec<ReservedNumberId> = reserved_numbers::table
        .filter(reserved_numbers::act_id.is_null())
        .filter(reserved_numbers::voided_at.is_null())
        .filter(reserved_numbers::expires_at.lt(now))
        .order(reserved_numbers::created_at)
        .limit(BATCH)
        .select(reserved_numbers::id)
        .load(conn)?;
    let mut voided = 0;
    for id in late {
        // Whoever issues an act or asks for longer was before us, or waits.
        diesel::update(reserved_numbers::table.find(id))
            .set(reserved_numbers::number.eq(reserved_numbers::number))
            .execute(conn)?;
        let Some(row) = find(conn, id)?.filter(|row| row.expires_at < now) else { continue };
        voided += usize::from(void_expired_one(conn, row, now)?);
    }
    Ok(voided)
}
