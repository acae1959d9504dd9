//! A ticket is opened.

use super::gates::Remedy;
use super::{NewTicket, StatusKind, Ticket, TicketView, gates, graph, linked_assets, queries};
use crate::auth::Actor;
use crate::codes::resolve;
use crate::companies::{company, contact, site};
use crate::db::DbConnection;
use crate::db::counters;
use crate::error::{Error, Flaw};
use crate::history::{self, Event};
use crate::http::Made;
use crate::http::idempotency::made_once;
use crate::ticket_types;
use crate::words::search::fold;
use crate::words::text::optional;

/// Devices a ticket may be about from the start.
const MOST_ASSETS: usize = 100;

/// Opens a ticket: in the first status, for the team of its kind, with the checklists of its kind.
///
/// # Errors
/// `validation_failed` when company, site, contact or codes do not fit together; `gates_closed` when a field that its kind
/// demands is empty.
pub fn open(conn: &mut DbConnection, actor: &Actor, new: &NewTicket) -> Result<Made<TicketView>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        let kind = ticket_types::must_be_usable(conn, new.type_id, "/type_id")?;
        if actor.company_id().is_some_and(|own| own != new.company_id) {
            return Err(Error::field("/company_id", Flaw::UnknownReference));
        }
        company::must_be_usable(conn, new.company_id, "/company_id")?;
        if let Some(site) = new.site_id {
            site::must_be_usable(conn, actor, site, new.company_id, "/site_id")?;
        }
        if let Some(contact) = new.contact_id {
            contact::must_be_usable(conn, actor, contact, new.company_id, "/contact_id")?;
        }
        if new.asset_codes.len() > MOST_ASSETS {
            return Err(Error::field_with("/asset_codes", Flaw::TooMany, [("max", MOST_ASSETS.to_string())]));
        }
        let mut linked = Vec::new();
        for (index, text) in new.asset_codes.iter().enumerate() {
            let asset = resolve::for_company(conn, actor, text, new.company_id, None)
                .map_err(|error| resolve::at(error, &format!("/asset_codes/{index}")))?;
            if !linked.contains(&asset.id) {
                linked.push(asset.id);
            }
        }
        let first = graph::load(conn)?;
        let first = first.first().ok_or_else(|| Error::internal("a graph without a beginning"))?;
        let mut ticket = Ticket {
            id,
            number: 0,
            type_id: new.type_id,
            company_id: new.company_id,
            site_id: new.site_id,
            contact_id: new.contact_id,
            assignee_id: None,
            team_id: kind.team_id,
            status_code: first.code.clone(),
            status_kind: StatusKind::New,
            waiting_for: None,
            priority: new.priority,
            subject: new.subject.to_string(),
            description: optional(new.description.as_ref()),
            due_at: new.due_at,
            search_text: String::new(),
            created_by: actor.id(),
            started_at: None,
            done_at: None,
            closed_at: None,
            version: 1,
            created_at: actor.now(),
            updated_at: actor.now(),
        };
        let missing = gates::empty_fields(&ticket, &kind, !linked.is_empty());
        if !missing.is_empty() {
            return Err(gates::closed(&gates::ask_for(missing, &Remedy::open(), actor.language())));
        }
        // The number last: on PostgreSQL everybody who opens a ticket waits for this row.
        ticket.number = counters::next(conn, "ticket")?;
        ticket.search_text = searchable(&ticket);
        queries::insert(conn, &ticket)?;
        crate::checklists::on_ticket::begin(conn, &ticket, &kind)?;
        for asset in &linked {
            linked_assets::link(conn, actor, &ticket, *asset, None)?;
        }
        let event = Event::of("ticket.opened", "ticket", id.uuid()).ticket(id).company(ticket.company_id);
        history::record(conn, actor, event.after(&ticket))?;
        queries::find(conn, actor, id)
    };
    made_once(conn, actor, "ticket", new.id, new, insert, |conn, id| queries::find(conn, actor, id))
}

/// What a ticket is found by.
pub fn searchable(ticket: &Ticket) -> String {
    let number = ticket.number.to_string();
    fold([number.as_str(), ticket.subject.as_str(), ticket.description.as_deref().unwrap_or_default()])
}
