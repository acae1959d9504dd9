//! An act that nobody will sign is settled by a manager with a reason, or taken back.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ActId, ActStatus, ActView, queries};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{acts, invoice_lines};
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::tickets;
use crate::words::text::Prose;

/// Why.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The reason; it stays with the act.
    pub reason: Prose<2000>,
}

/// Settles an act without the client's signature: the ticket may be closed. What was decided on it stays.
///
/// # Errors
/// `not_found`; `act_not_issued` when it is signed, superseded or taken back already.
pub fn resolve(conn: &mut DbConnection, actor: &Actor, id: ActId, why: &Reason) -> Result<ActView, Error> {
    let act = queries::find(conn, actor, id)?;
    tickets::queries::hold(conn, actor, act.ticket_id)?;
    let target = acts::table
        .filter(acts::id.eq(id))
        .filter(acts::status.among(ActStatus::UNSETTLED))
        .filter(acts::resolved_at.is_null());
    let settled = diesel::update(target)
        .set((
            acts::resolved_at.eq(actor.now()),
            acts::resolved_by.eq(actor.id()),
            acts::resolution.eq(why.reason.to_string()),
        ))
        .execute(conn)?;
    if settled == 0 {
        return Err(queries::not_issued(&act, act.status));
    }
    let event = Event::of("act.resolved", "act", id.uuid()).ticket(act.ticket_id).company(act.company_id);
    history::record(conn, actor, event.after(json!({"reason": why.reason})))?;
    queries::find(conn, actor, id).map(ActView::from)
}

/// Takes an act back. Its number stays taken.
///
/// # Errors
/// `not_found`; `act_not_issued` when the client has accepted it; `locked` when it is on an invoice.
pub fn void(conn: &mut DbConnection, actor: &Actor, id: ActId, why: &Reason) -> Result<ActView, Error> {
    let act = queries::find(conn, actor, id)?;
    tickets::queries::hold(conn, actor, act.ticket_id)?;
    let billed: i64 = invoice_lines::table.filter(invoice_lines::act_id.eq(id)).count().get_result(conn)?;
    if billed > 0 {
        return Err(Code::Locked.into());
    }
    queries::advance(conn, &act, ActStatus::Voided)?;
    let event = Event::of("act.voided", "act", id.uuid()).ticket(act.ticket_id).company(act.company_id);
    history::record(conn, actor, event.after(json!({"reason": why.reason})))?;
    queries::find(conn, actor, id).map(ActView::from)
}
