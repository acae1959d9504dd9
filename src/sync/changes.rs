//! The clock of phones: what each place in the chain of events was about.
//!
//! Every change leaves an event in its transaction, and one sealer gives committed events their places. So an event that
//! commits later has a greater place, whatever was begun first: a phone that asks for what came after a place misses nothing,
//! and no writer waits for another. What is kept here is made of the chain, beside it, for 180 days.

use diesel::prelude::*;

use crate::companies::CompanyId;
use crate::db::among::Among;
use crate::db::dialect::insert_all;
use crate::db::schema::{
    code_claims, event_chain, events, reserved_numbers, sync_changes, sync_issues, sync_state, unsealed_events,
};
use crate::db::types::{AnyId, Timestamp};
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::tickets::TicketId;
use crate::users::UserId;

/// How long changes are kept, in seconds. Phones that slept longer get everything anew.
pub const KEPT_SECONDS: i64 = 180 * 24 * 3600;
/// Changes that are forgotten in one transaction.
const BATCH: i64 = 5_000;
/// Ids that one statement asks for.
const CHUNK: usize = 1_000;
/// The only row of its table.
const ROW: i32 = 1;

/// What a place in the chain was about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Queryable, Selectable, Insertable)]
#[diesel(table_name = sync_changes, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Change {
    /// Its place.
    pub seq: i64,
    /// When it happened.
    pub at: Timestamp,
    /// To what kind of record.
    pub object_kind: String,
    /// To which.
    pub object_id: AnyId,
    /// Whose business it was.
    pub company_id: Option<CompanyId>,
    /// On which ticket.
    pub ticket_id: Option<TicketId>,
}

/// Kinds of records that are on no phone.
const NOT_ON_PHONES: &[&str] = &[
    "session",
    "label_job",
    "label_batch",
    "printer",
    "import",
    "print_form",
    "invoice",
    "report",
    "sync_scope",
    "tax_regime",
];

/// Notes what events were about, with the places they were just given.
///
/// # Errors
/// The database's.
pub fn note(conn: &mut DbConnection, mut changes: Vec<Change>) -> Result<(), Error> {
    changes.retain(|change| !NOT_ON_PHONES.contains(&change.object_kind.as_str()));
    insert_all!(conn, sync_changes::table, &changes)?;
    Ok(())
}

/// The last place in the chain; 1 before there is any, since phones take no 0.
///
/// # Errors
/// The database's.
pub fn head(conn: &mut DbConnection) -> Result<i64, Error> {
    let last: Option<i64> =
        event_chain::table.order(event_chain::seq.desc()).select(event_chain::seq).first(conn).optional()?;
    Ok(last.unwrap_or(0).max(1))
}

/// Whether committed events wait for their places.
///
/// # Errors
/// The database's.
pub fn some_wait(conn: &mut DbConnection) -> Result<bool, Error> {
    Ok(unsealed_events::table.select(unsealed_events::event_id).first::<AnyId>(conn).optional()?.is_some())
}

/// Up to where changes were forgotten.
///
/// # Errors
/// The database's.
pub fn forgotten(conn: &mut DbConnection) -> Result<i64, Error> {
    Ok(sync_state::table.find(ROW).select(sync_state::forgotten_seq).get_result(conn)?)
}

/// What happened on some tickets after one place and up to another.
///
/// # Errors
/// The database's.
pub fn on_tickets(conn: &mut DbConnection, tickets: &[TicketId], after: i64, to: i64) -> Result<Vec<Change>, Error> {
    let mut found = Vec::new();
    for some in tickets.chunks(CHUNK) {
        let of = sync_changes::table.filter(sync_changes::ticket_id.assume_not_null().among(some));
        let of = of.filter(sync_changes::seq.gt(after)).filter(sync_changes::seq.le(to));
        found.extend(of.select(Change::as_select()).load::<Change>(conn)?);
    }
    Ok(found)
}

/// What happened to the records of some companies, not counting the work on tickets; but tickets themselves are told, since
/// what was done lately is told with each device.
///
/// # Errors
/// The database's.
pub fn of_companies(
    conn: &mut DbConnection,
    companies: &[CompanyId],
    after: i64,
    to: i64,
) -> Result<Vec<Change>, Error> {
    let mut found = Vec::new();
    for some in companies.chunks(CHUNK) {
        let of = sync_changes::table.filter(sync_changes::company_id.assume_not_null().among(some));
        let of = of.filter(sync_changes::seq.gt(after)).filter(sync_changes::seq.le(to));
        let of = of.filter(sync_changes::ticket_id.is_null().or(sync_changes::object_kind.eq("ticket")));
        found.extend(of.select(Change::as_select()).load::<Change>(conn)?);
    }
    Ok(found)
}

/// What happened to the rules that are the same for everybody, and to people.
///
/// # Errors
/// The database's.
pub fn of_rules(conn: &mut DbConnection, after: i64, to: i64) -> Result<Vec<Change>, Error> {
    let of = sync_changes::table.filter(sync_changes::company_id.is_null()).filter(sync_changes::ticket_id.is_null());
    let of = of.filter(sync_changes::seq.gt(after)).filter(sync_changes::seq.le(to));
    Ok(of.select(Change::as_select()).load(conn)?)
}

/// What happened to the rows of a user's own.
#[derive(Debug, Default)]
pub struct Own {
    /// Issues that came or were acknowledged, each with the table and the key of the row it is about.
    pub issues: Vec<(AnyId, String, String)>,
    /// Claims that came.
    pub claims: Vec<AnyId>,
    /// Numbers of acts that phones keep, or kept.
    pub numbers: Vec<AnyId>,
}

/// What happened to the rows of a user's own after one place and up to another.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut DbConnection, user: UserId, after: i64, to: i64) -> Result<Own, Error> {
    let issues: Vec<(AnyId, String, String)> = sync_issues::table
        .inner_join(sync_changes::table.on(sync_changes::object_id.eq(sync_issues::id)))
        .filter(sync_issues::user_id.eq(user))
        .filter(sync_changes::seq.gt(after))
        .filter(sync_changes::seq.le(to))
        .select((sync_issues::id, sync_issues::table_name, sync_issues::row_id))
        .load(conn)?;
    let claims: Vec<AnyId> = code_claims::table
        .inner_join(sync_changes::table.on(sync_changes::object_id.eq(code_claims::id)))
        .filter(code_claims::user_id.eq(user))
        .filter(sync_changes::seq.gt(after))
        .filter(sync_changes::seq.le(to))
        .select(code_claims::id)
        .load(conn)?;
    let numbers: Vec<AnyId> = reserved_numbers::table
        .inner_join(sync_changes::table.on(sync_changes::object_id.eq(reserved_numbers::id)))
        .filter(reserved_numbers::reserved_by.eq(user))
        .filter(sync_changes::seq.gt(after))
        .filter(sync_changes::seq.le(to))
        .select(reserved_numbers::id)
        .load(conn)?;
    Ok(Own { issues, claims, numbers })
}

/// What some changes of the graph of statuses were, as they were written down.
///
/// # Errors
/// The database's.
pub fn facts_at(conn: &mut DbConnection, places: &[i64]) -> Result<Vec<String>, Error> {
    let rows: Vec<Option<String>> = event_chain::table
        .inner_join(events::table)
        .filter(event_chain::seq.among(places.to_vec()))
        .select(events::facts)
        .load(conn)?;
    Ok(rows.into_iter().flatten().collect())
}

/// Forgets changes older than [`KEPT_SECONDS`]. Phones with an older place get everything anew.
///
/// # Errors
/// The database's.
pub fn forget_old(conn: &mut DbConnection, now: Timestamp) -> Result<(), Error> {
    let oldest: Vec<(i64, Timestamp)> = sync_changes::table
        .order(sync_changes::seq)
        .limit(BATCH)
        .select((sync_changes::seq, sync_changes::at))
        .load(conn)?;
    let horizon = now.plus_seconds(-KEPT_SECONDS);
    let Some((last, _)) = oldest.iter().take_while(|(_, at)| *at < horizon).last() else { return Ok(()) };
    diesel::update(sync_state::table.find(ROW)).set(sync_state::forgotten_seq.eq(last)).execute(conn)?;
    diesel::delete(sync_changes::table.filter(sync_changes::seq.le(last))).execute(conn)?;
    Ok(())
}
