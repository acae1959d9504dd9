//! Whether whoever signs by a link must type a code that was sent to them: a matter of the agreement.

use diesel::prelude::*;

use crate::companies::CompanyId;
use crate::db::DbConnection;
use crate::db::schema::agreements;
use crate::db::types::Day;
use crate::error::Error;

/// Whether a code is asked for on an act of a company's. The agreement that the act rests on decides, by its `number`; where
/// it rests on none, or its number is another by now, any agreement in force on that day does.
///
/// # Errors
/// The database's.
pub fn asks_for_code(
    conn: &mut DbConnection,
    company: CompanyId,
    number: Option<&str>,
    day: Day,
) -> Result<bool, Error> {
    let of_company = agreements::table.filter(agreements::company_id.eq(company));
    if let Some(number) = number {
        let own: Option<bool> = of_company
            .filter(agreements::number.eq(number))
            .select(agreements::signing_code_required)
            .get_result(conn)
            .optional()?;
        if let Some(own) = own {
            return Ok(own);
        }
    }
    let asking: i64 = of_company
        .filter(agreements::signing_code_required.eq(true))
        .filter(agreements::archived_at.is_null())
        .filter(agreements::starts_on.le(day))
        .filter(agreements::ends_on.is_null().or(agreements::ends_on.assume_not_null().ge(day)))
        .count()
        .get_result(conn)?;
    Ok(asking > 0)
}
