//! Somebody has noticed a fault that is reported already.

use diesel::prelude::*;

use super::report::Sender;
use super::{Report, ReportId, ReportState, limits, queries};
use crate::codes::LabelCode;
use crate::db::DbConnection;
use crate::db::dialect::Both;
use crate::db::schema::{report_echoes, reports};
use crate::error::{Code, Error};
use crate::history::{self, Event};

/// Counts one more who has noticed the fault that waits for a dispatcher. The same form twice counts once. Nothing when
/// none waits any more.
///
/// # Errors
/// `code_not_found`, `rate_limited`
pub fn echo(
    conn: &mut DbConnection,
    sender: &Sender,
    code: LabelCode,
    form: ReportId,
) -> Result<Option<Report>, Error> {
    let device = queries::device(conn, code)?.ok_or(Code::CodeNotFound)?;
    let Some(report) = queries::undecided(conn, device.asset.id, sender.now)? else { return Ok(None) };
    let row = (report_echoes::id.eq(form), report_echoes::report_id.eq(report.id), report_echoes::at.eq(sender.now));
    if Both(diesel::insert_into(report_echoes::table).values(row).on_conflict_do_nothing()).execute(conn)? == 0 {
        return Ok(Some(report));
    }
    limits::must_wait(conn, &sender.subjects, sender.now)?;
    limits::count(conn, &sender.subjects, sender.now)?;
    diesel::update(reports::table.filter(reports::id.eq(report.id)).filter(reports::state.eq(ReportState::New)))
        .set((
            reports::same_count.eq(reports::same_count + 1),
            reports::version.eq(reports::version + 1),
            reports::updated_at.eq(sender.now),
        ))
        .execute(conn)?;
    let event = Event::of("report.echoed", "report", report.id.uuid()).company(report.company_id);
    history::record_by(conn, None, sender.now, &sender.origin, event)?;
    Ok(Some(report))
}
