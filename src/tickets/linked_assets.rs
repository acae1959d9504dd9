//! The devices a ticket is about.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::gates::{self, Remedy};
use super::{Ticket, TicketId, TicketView, queries, workflow};
use crate::assets::{self, AssetId};
use crate::auth::Actor;
use crate::checklists::ChecklistItemId;
use crate::db::DbConnection;
use crate::db::dialect::Both;
use crate::db::schema::{checklist_items, ticket_assets, work_lines};
use crate::db::types::Timestamp;
use crate::error::{Code, Error, Flaw, Refusal};
use crate::history::{self, Event};
use crate::ticket_types::TicketField;

/// A device to link to a ticket without scanning it.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkAsset {
    /// Which.
    pub asset_id: AssetId,
}

/// Links a device by its record.
///
/// # Errors
/// `not_found`; `asset_of_another_company`; `ticket_closed`; `validation_failed` for a device that is not there.
pub fn add(conn: &mut DbConnection, actor: &Actor, id: TicketId, asked: &LinkAsset) -> Result<TicketView, Error> {
    let ticket = queries::hold(conn, actor, id)?;
    must_be_open(&ticket)?;
    let asset = assets::queries::load(conn, asked.asset_id)?
        .ok_or_else(|| Error::field("/asset_id", Flaw::UnknownReference))?;
    if asset.company_id != ticket.company_id {
        return Err(Code::AssetOfAnotherCompany.into());
    }
    link(conn, actor, &ticket, asset.id, None)?;
    queries::find(conn, actor, id)
}

/// Takes a device off a ticket, with its unanswered checklist.
///
/// # Errors
/// `not_found`; `ticket_closed`; `locked` while a work line names it; `gates_closed` when the kind needs a device.
pub fn remove(conn: &mut DbConnection, actor: &Actor, id: TicketId, asset: AssetId) -> Result<(), Error> {
    let ticket = queries::hold(conn, actor, id)?;
    must_be_open(&ticket)?;
    let named = work_lines::table
        .filter(work_lines::ticket_id.eq(id))
        .filter(work_lines::asset_id.eq(asset))
        .filter(work_lines::archived_at.is_null());
    if diesel::select(diesel::dsl::exists(named)).get_result(conn)? {
        return Err(Refusal::from(Code::Locked).at("asset_id", Flaw::InUse).into());
    }
    let removed = diesel::delete(ticket_assets::table.find((id, asset))).execute(conn)?;
    if removed == 0 {
        return Err(Code::NotFound.into());
    }
    let kind = workflow::kind_of(conn, &ticket)?;
    let left = !queries::assets_of(conn, &[id])?.is_empty();
    let emptied = gates::empty_fields(&ticket, &kind, left);
    if !left && emptied.contains(&TicketField::LabelCodes) {
        let missing = gates::ask_for(vec![TicketField::LabelCodes], &Remedy::edit(&ticket), actor.language());
        return Err(gates::closed(&missing));
    }
    let unanswered = checklist_items::table
        .filter(checklist_items::ticket_id.eq(id))
        .filter(checklist_items::asset_id.eq(asset))
        .filter(checklist_items::answer.is_null());
    let taken: Vec<ChecklistItemId> = diesel::delete(unanswered).returning(checklist_items::id).get_results(conn)?;
    let taken = taken.into_iter().map(|item| {
        Event::of("checklist.item_removed", "checklist_item", item.uuid()).ticket(id).company(ticket.company_id)
    });
    history::record_all(conn, actor, taken.collect())?;
    let event = Event::of("ticket.asset_unlinked", "ticket_asset", asset.uuid()).ticket(id).company(ticket.company_id);
    history::record(conn, actor, event.after(json!({"asset_id": asset})))
}

/// Links a device, with its own copy of the checklists that are for each device. Linking it again only notes the scan.
///
/// # Errors
/// The database's.
pub fn link(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: &Ticket,
    asset: AssetId,
    scanned_at: Option<Timestamp>,
) -> Result<(), Error> {
    let row = (
        ticket_assets::ticket_id.eq(ticket.id),
        ticket_assets::asset_id.eq(asset),
        ticket_assets::linked_at.eq(actor.now()),
        ticket_assets::scanned_at.eq(scanned_at),
    );
    let new = Both(diesel::insert_into(ticket_assets::table).values(row).on_conflict_do_nothing()).execute(conn)? == 1;
    if new {
        crate::checklists::on_ticket::begin_for_asset(conn, ticket, asset)?;
        let event =
            Event::of("ticket.asset_linked", "ticket_asset", asset.uuid()).ticket(ticket.id).company(ticket.company_id);
        history::record(conn, actor, event.after(json!({"asset_id": asset})))?;
    } else if scanned_at.is_some() {
        diesel::update(ticket_assets::table.find((ticket.id, asset)))
            .set(ticket_assets::scanned_at.eq(scanned_at))
            .execute(conn)?;
    }
    Ok(())
}

/// Refuses a change of a ticket that is closed or cancelled.
///
/// # Errors
/// `ticket_closed`
pub fn must_be_open(ticket: &Ticket) -> Result<(), Error> {
    if ticket.closed_at.is_some() {
        return Err(Code::TicketClosed.with([("status", ticket.status_code.clone())]).into());
    }
    Ok(())
}
