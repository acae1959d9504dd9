//! Silence that an agreement takes for acceptance. It is no signature: the act says so, nothing is billed by it, and the
//! client may still sign, or refuse with a reason.

use diesel::prelude::*;
use serde_json::json;

use super::terms::{self, ActTerms};
use super::{ActId, ActStatus, queries};
use crate::auth::Origin;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{act_terms, acts};
use crate::db::types::{Sha256, Timestamp};
use crate::error::Error;
use crate::history::{self, Event};
use crate::tickets;

/// Acts that are taken for accepted in one transaction.
const BATCH: i64 = 200;
/// The states in which the client has said nothing.
const SILENT: [ActStatus; 2] = [ActStatus::Issued, ActStatus::Unattended];

/// Takes acts for accepted whose days are over without a word of the client's, and says how many. Acts that a manager has
/// settled are left alone. Several instances may do it at once: each act is held while it is looked at.
///
/// # Errors
/// The database's.
pub fn accept_overdue(conn: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    let overdue: Vec<ActId> = act_terms::table
        .inner_join(acts::table)
        .filter(act_terms::acceptance_due_at.is_not_null())
        .filter(act_terms::acceptance_due_at.assume_not_null().le(now))
        .filter(act_terms::deemed_accepted_at.is_null())
        .filter(acts::status.among(SILENT))
        .filter(acts::resolved_at.is_null())
        .order(act_terms::acceptance_due_at)
        .limit(BATCH)
        .select(act_terms::act_id)
        .load(conn)?;
    let mut accepted = 0;
    for id in overdue {
        if accept(conn, id, now)? {
            accepted += 1;
        }
    }
    Ok(accepted)
}

fn accept(conn: &mut DbConnection, id: ActId, now: Timestamp) -> Result<bool, Error> {
    let Some(act) = queries::load(conn, id)? else { return Ok(false) };
    tickets::queries::hold_as_it_is(conn, act.ticket_id)?;
    // Whoever held the ticket before us may have decided, or done the same.
    let Some(act) = queries::load(conn, id)? else { return Ok(false) };
    let Some(terms) = terms::find(conn, id)?.filter(|terms| terms.deemed_accepted_at.is_none()) else {
        return Ok(false);
    };
    if !SILENT.contains(&act.status) || act.resolved_at.is_some() {
        return Ok(false);
    }
    queries::advance(conn, &act, ActStatus::DeemedAccepted)?;
    diesel::update(act_terms::table.find(id)).set(act_terms::deemed_accepted_at.eq(now)).execute(conn)?;
    // The copy so far lacks this.
    let none: Option<Sha256> = None;
    diesel::update(acts::table.find(id)).set(acts::signed_document_sha256.eq(none)).execute(conn)?;
    let ActTerms { after_days, clause, due_on, acceptance_due_at, .. } = terms;
    let facts = json!({"after_days": after_days, "clause": clause, "due_on": due_on, "due_at": acceptance_due_at});
    let event = Event::of("act.deemed_accepted", "act", id.uuid()).ticket(act.ticket_id).company(act.company_id);
    history::record_by(conn, None, now, &Origin::default(), event.after(facts))?;
    Ok(true)
}
