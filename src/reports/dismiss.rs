//! A report is put aside: a joke, a mistake, or settled on the telephone.

use serde::{Deserialize, Serialize};

use super::{Report, ReportId, ReportState, ReportView, accept, queries};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::error::Error;
use crate::history::{self, Event};
use crate::words::text::Prose;

/// Why a report is put aside.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dismissal {
    /// The reason; colleagues see it, whoever reported does not.
    pub reason: Prose<2000>,
}

/// Puts a report aside. One that was put aside before stays as it is.
///
/// # Errors
/// `not_found`; `report_settled` when it is a ticket.
pub fn dismiss(conn: &mut DbConnection, actor: &Actor, id: ReportId, why: &Dismissal) -> Result<ReportView, Error> {
    let Some(before) = queries::hold(conn, id, actor.now())? else {
        let report = queries::load(conn, id)?;
        return if report.state == ReportState::Dismissed {
            queries::find(conn, id)
        } else {
            Err(accept::settled(&report))
        };
    };
    let after = Report {
        state: ReportState::Dismissed,
        decided_by: Some(actor.id()),
        decided_at: Some(actor.now()),
        reason: Some(why.reason.to_string()),
        ..before.clone()
    };
    queries::settle(conn, &after)?;
    let event = Event::of("report.dismissed", "report", id.uuid()).company(after.company_id);
    history::record(conn, actor, event.changed(&before, &after))?;
    queries::find(conn, id)
}
