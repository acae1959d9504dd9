//! Somebody has noticed a fault that is reported already.

use super::report::Sender;
use super::{Report, ReportId, limits, queries};
use crate::codes::LabelCode;
use crate::db::DbConnection;
use crate::error::{Code, Error};
use crate::history::{self, Event};

/// Counts one more who has noticed the fault that is known. The same form twice counts once. Nothing when none is known
/// any more.
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
    queries::one_at_a_time(conn)?;
    if let Some(report) = queries::echoed(conn, form)? {
        return queries::load(conn, report).map(Some);
    }
    let Some(report) = queries::known(conn, device.asset.id, sender.now)? else { return Ok(None) };
    limits::must_wait(conn, &sender.subjects, sender.now)?;
    if !queries::add_echo(conn, form, report.id, sender.now)? {
        return Ok(None);
    }
    limits::count(conn, &sender.subjects, sender.now)?;
    let event = Event::of("report.echoed", "report", report.id.uuid()).company(report.company_id);
    let event = match report.ticket_id {
        Some(ticket) => event.ticket(ticket),
        None => event,
    };
    history::record_by(conn, None, sender.now, &sender.origin, event)?;
    Ok(Some(report))
}
