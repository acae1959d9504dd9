//! The tax of works, by the day they were supplied: when they are written down, and once more when their act is made.

use diesel::prelude::*;

use super::{Tax, on};
use crate::acts::snapshot::Line;
use crate::agreements::coverage::Coverage;
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::records::save;
use crate::db::schema::work_lines;
use crate::db::types::{Day, Timestamp};
use crate::error::Error;
use crate::history::{self, Event};
use crate::money::Money;
use crate::money::vat::{Rounding, VatMode, VatRate, reckon};
use crate::provider::Provider;
use crate::tickets::Ticket;
use crate::words::zone::Zone;
use crate::work_lines::WorkLine;

/// The day the works of a ticket are supplied: when it was done, else this one, by the clock of the site.
pub fn day(ticket: &Ticket, zone: Zone, now: Timestamp) -> Day {
    ticket.done_at.unwrap_or(now).day_in(zone.0)
}

/// The mode and rate of a new work. All works of a ticket hold tax alike, whatever became of our side since the first one;
/// their rates go by their days.
pub fn of_new(tax: &Tax, first: Option<&WorkLine>) -> (VatMode, VatRate) {
    match first {
        Some(first) if tax.regime_id.is_none() || first.vat_mode != tax.vat_mode => (first.vat_mode, first.vat_rate),
        _ => (tax.vat_mode, tax.vat_rate),
    }
}

/// The works of a ticket as its act takes them down: those that had the rate of the day they were written get that of the day
/// of supply, and the tax is rounded as the regime of that day says. A rate that somebody chose stays.
///
/// # Errors
/// The database's; an amount that no book could hold.
pub fn taken_down(
    conn: &mut DbConnection,
    ours: &Provider,
    zone: Zone,
    supplied: Day,
    mut works: Vec<WorkLine>,
) -> Result<Vec<WorkLine>, Error> {
    let tax = on(conn, ours, supplied)?;
    if tax.regime_id.is_none() {
        return Ok(works);
    }
    for work in works.iter_mut().filter(|work| work.vat_mode == tax.vat_mode && work.vat_rate != tax.vat_rate) {
        let written = on(conn, ours, work.added_at.day_in(zone.0))?;
        if work.vat_rate == written.vat_rate {
            work.vat_rate = tax.vat_rate;
            crate::work_lines::add::priced(work)?;
        }
    }
    if tax.rounding == Rounding::RateGroup {
        spread(&mut works);
    }
    Ok(works)
}

/// Rounds the tax of the works the client pays for once for each rate.
fn spread(works: &mut [WorkLine]) {
    let extra = |work: &&mut WorkLine| work.coverage == Coverage::Extra;
    let Some(mode) = works.iter_mut().find(extra).map(|work| work.vat_mode) else { return };
    let amounts: Vec<(VatRate, Money)> =
        works.iter_mut().filter(extra).map(|work| (work.vat_rate, work.amount)).collect();
    let taxed = reckon(mode, Rounding::RateGroup, &amounts);
    for (work, taxed) in works.iter_mut().filter(extra).zip(taxed) {
        (work.net, work.vat, work.gross) = (taxed.net, taxed.vat, taxed.gross);
    }
}

/// Writes the tax that an act took down back to the works, so that both say the same.
///
/// # Errors
/// The database's; `etag_mismatch` when a work was changed meanwhile, which its ticket does not allow.
pub fn write_back(conn: &mut DbConnection, actor: &Actor, ticket: &Ticket, lines: &[Line]) -> Result<(), Error> {
    let works = crate::work_lines::queries::of(conn, ticket.id)?;
    for before in works {
        let Some(line) = lines.iter().find(|line| line.work_line_id == before.id) else { continue };
        if (before.vat_rate, before.net, before.vat, before.gross) == (line.vat_rate, line.net, line.vat, line.gross) {
            continue;
        }
        let mut after = before.clone();
        (after.vat_rate, after.net, after.vat, after.gross) = (line.vat_rate, line.net, line.vat, line.gross);
        after.version += 1;
        save!(conn, work_lines, before, &after)?;
        let event = Event::of("work.changed", "work_line", before.id.uuid()).ticket(ticket.id);
        history::record(conn, actor, event.company(ticket.company_id).changed(&before, &after))?;
    }
    Ok(())
}
