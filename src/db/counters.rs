//! Numbers without gaps: a number is taken in the transaction that uses it, and given back when that fails.

use diesel::prelude::*;

use super::DbConnection;
use super::dialect::Both;
use super::schema::counters;
use crate::error::Error;

/// The next number of a series, from 1.
///
/// # Errors
/// The database's.
pub fn next(conn: &mut DbConnection, series: &str) -> Result<i64, Error> {
    take(conn, series, 1)
}

/// Takes the next `count` numbers of a series, and gives the last of them.
///
/// # Errors
/// The database's.
pub fn take(conn: &mut DbConnection, series: &str, count: i64) -> Result<i64, Error> {
    let step = |conn: &mut DbConnection| {
        diesel::update(counters::table.find(series))
            .set(counters::value.eq(counters::value + count))
            .returning(counters::value)
            .get_result::<i64>(conn)
            .optional()
    };
    if let Some(number) = step(conn)? {
        return Ok(number);
    }
    let first = (counters::name.eq(series), counters::value.eq(0_i64));
    Both(diesel::insert_into(counters::table).values(first).on_conflict_do_nothing()).execute(conn)?;
    step(conn)?.ok_or_else(|| Error::internal("a counter vanished"))
}

/// The number that [`next`] would give now, without taking it.
///
/// # Errors
/// The database's.
pub fn peek(conn: &mut DbConnection, series: &str) -> Result<i64, Error> {
    let last: Option<i64> = counters::table.find(series).select(counters::value).get_result(conn).optional()?;
    Ok(last.unwrap_or(0) + 1)
}
