//! A phone's block: numbers of acts that one phone keeps, so that an act that is issued without a network has its number at
//! once.
//!
//! A phone asks for its block while it has a network, and tells one number of it with each act. Two phones never keep the
//! same, and what a phone did not use is void in the end: after its time, when it gives it back, or when it is signed out.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::issue;
use super::reserve::{self, ReservedNumber, Row, event};
use super::unused::{Voids, void_one};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::page::Page;
use crate::db::schema::{reserved_numbers, sessions, users};
use crate::error::{Error, Flaw};
use crate::history;
use crate::users::UserId;
use crate::words::text::Line;

/// Numbers that one phone may keep.
pub const MOST: i64 = 20;
/// Numbers that all phones of one person may keep.
const MOST_OF_A_PERSON: i64 = 60;
/// A block that is good for less than this, in seconds, is prolonged when its phone asks.
const SHORT_SECONDS: i64 = 7 * 24 * 3600;
/// Why a number is void that its phone gave back.
const RELEASED: &str = "released";
/// Why a number is void whose phone was signed out.
const DEVICE_REVOKED: &str = "device_revoked";

const fn most() -> i64 {
    MOST
}

/// How many numbers a phone wants to keep.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBlock {
    /// As many as there are to be in its block, those that it has counted in.
    #[serde(default = "most")]
    #[schema(minimum = 1, maximum = 20, default = 20)]
    pub count: i64,
}

/// Whose block is given back.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseBlock {
    /// One of one's own phones, by the app's own id for it; the one that asks when left out.
    #[serde(default)]
    pub device_id: Option<Line<100>>,
}

/// The numbers that a person's phones keep and that are still good.
fn of_person(conn: &mut DbConnection, user: UserId) -> Result<Vec<Row>, Error> {
    let open = reserved_numbers::table
        .filter(reserved_numbers::reserved_by.eq(user))
        .filter(reserved_numbers::ticket_id.is_null())
        .filter(reserved_numbers::act_id.is_null())
        .filter(reserved_numbers::voided_at.is_null());
    Ok(open.order(reserved_numbers::number).select(Row::as_select()).load(conn)?)
}

/// Which phone asks: the one that signed in, else the one that the request names.
fn phone_of(conn: &mut DbConnection, actor: &Actor) -> Result<String, Error> {
    let signed_in: Option<Option<String>> = match actor.session_id() {
        Some(session) => sessions::table.find(session).select(sessions::device_id).get_result(conn).optional()?,
        None => None,
    };
    let device = signed_in.flatten().or_else(|| actor.origin().device_id.clone());
    device.ok_or_else(|| Error::field("X-Device-Id", Flaw::Required))
}

/// Two requests of one person take turns.
fn take_turns(conn: &mut DbConnection, actor: &Actor) -> Result<(), Error> {
    diesel::update(users::table.find(actor.id())).set(users::version.eq(users::version)).execute(conn)?;
    Ok(())
}

/// Fills a phone's block up, and gives all of it. Asked again it is the same block, good for longer. There may be fewer than were
/// asked for when other phones of the same person keep very many.
///
/// # Errors
/// `validation_failed` when no phone is named, or for a count that cannot be; `provider_missing`.
pub fn take(conn: &mut DbConnection, actor: &Actor, wanted: &TakeBlock) -> Result<Page<ReservedNumber>, Error> {
    if !(1..=MOST).contains(&wanted.count) {
        let bounds = [("min", "1".to_owned()), ("max", MOST.to_string())];
        return Err(Error::field_with("/count", Flaw::OutOfRange, bounds));
    }
    let phone = phone_of(conn, actor)?;
    take_turns(conn, actor)?;
    let all: Vec<Row> = of_person(conn, actor.id())?.into_iter().filter(|row| row.expires_at > actor.now()).collect();
    let room = MOST_OF_A_PERSON - i64::try_from(all.len()).unwrap_or(MOST_OF_A_PERSON);
    let mut block: Vec<Row> = all.into_iter().filter(|row| row.device_id.as_ref() == Some(&phone)).collect();
    prolong(conn, actor, &mut block)?;
    let lacking = (wanted.count - i64::try_from(block.len()).unwrap_or(MOST)).min(room);
    if lacking > 0 {
        let numbers = issue::next_numbers(conn, actor, lacking)?;
        block.extend(reserve::keep(conn, actor, numbers, None, Some(phone))?);
    }
    Ok(Page::all(block.into_iter().map(ReservedNumber::from).collect()))
}

fn prolong(conn: &mut DbConnection, actor: &Actor, block: &mut [Row]) -> Result<(), Error> {
    let until = reserve::lasts_until(conn, actor)?;
    let soon = actor.now().plus_seconds(SHORT_SECONDS);
    for row in block.iter_mut().filter(|row| row.expires_at < soon && row.expires_at < until) {
        row.expires_at = until;
        diesel::update(reserved_numbers::table.find(row.id))
            .set(reserved_numbers::expires_at.eq(until))
            .execute(conn)?;
        history::record(conn, actor, event("act_number.prolonged", row).after(json!({"expires_at": until})))?;
    }
    Ok(())
}

/// Gives back what one of one's own phones keeps: those numbers are void.
///
/// # Errors
/// `validation_failed` when no phone is named.
pub fn release(conn: &mut DbConnection, actor: &Actor, of: &ReleaseBlock) -> Result<Page<ReservedNumber>, Error> {
    let phone = match &of.device_id {
        Some(device) => device.to_string(),
        None => phone_of(conn, actor)?,
    };
    take_turns(conn, actor)?;
    let mut released = Vec::new();
    for row in of_person(conn, actor.id())?.into_iter().filter(|row| row.device_id.as_ref() == Some(&phone)) {
        let id = row.id;
        if void_one(conn, row, Voids::by(actor), RELEASED)? {
            released.extend(reserve::find(conn, id)?.map(ReservedNumber::from));
        }
    }
    Ok(Page::all(released))
}

/// Makes the numbers void that phones of a person keep which nobody is signed in on any more.
///
/// # Errors
/// The database's.
pub fn release_revoked(conn: &mut DbConnection, actor: &Actor, user: UserId) -> Result<(), Error> {
    let rows = of_person(conn, user)?;
    if rows.is_empty() {
        return Ok(());
    }
    let live: Vec<Option<String>> = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(actor.now()))
        .select(sessions::device_id)
        .load(conn)?;
    for row in rows.into_iter().filter(|row| !live.contains(&row.device_id)) {
        void_one(conn, row, Voids::by(actor), DEVICE_REVOKED)?;
    }
    Ok(())
}

/// Whether a number is kept for a phone of whoever issues the act.
///
/// # Errors
/// The database's.
pub(super) fn keeps(conn: &mut DbConnection, actor: &Actor, number: &str) -> Result<bool, Error> {
    let kept = reserved_numbers::table
        .filter(reserved_numbers::number.eq(number))
        .filter(reserved_numbers::reserved_by.eq(actor.id()))
        .filter(reserved_numbers::ticket_id.is_null())
        .filter(reserved_numbers::act_id.is_null())
        .filter(reserved_numbers::voided_at.is_null())
        .filter(reserved_numbers::expires_at.gt(actor.now()));
    Ok(kept.select(reserved_numbers::id).first::<reserve::ReservedNumberId>(conn).optional()?.is_some())
}
