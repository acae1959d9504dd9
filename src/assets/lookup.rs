//! What a scan reads, in one statement: the device, whose it is, and what goes on about it. On PostgreSQL a statement costs
//! more than the rows it brings, and each table in it as much as a row.

use std::cmp::Reverse;

use diesel::prelude::*;

use super::Asset;
use super::card::{CardAct, CardTicket};
use crate::acts::{ActId, ActStatus};
use crate::codes::{CodeState, LabelCode};
use crate::db::among::Among;
use crate::db::dialect::straight;
use crate::db::schema::{acts, assets, codes, companies, ticket_assets, tickets};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::tickets::{Priority, StatusKind, TicketId};
use crate::users::UserId;

/// How many open tickets and acts a card shows.
const TICKETS: usize = 20;
const ACTS: usize = 5;
/// How many rows are read for that: open tickets first, then those with an act, so that neither is missed under others.
const ROWS: i64 = 40;

/// A device, whose it is, and what goes on about it.
pub struct Found {
    /// The device.
    pub asset: Asset,
    /// The code that led to it, unless a number did.
    pub code: Option<(LabelCode, CodeState)>,
    /// What its company is called.
    pub company: String,
    /// How often what surrounds its devices has changed.
    pub revision: i64,
    links: Vec<Link>,
}

/// A ticket on a device, with the act that is valid on it.
type Link = (Timestamp, LinkedTicket, Option<ValidAct>);

#[derive(Queryable, Selectable)]
#[diesel(table_name = tickets, check_for_backend(MultiBackend))]
struct LinkedTicket {
    id: TicketId,
    number: i64,
    subject: String,
    status_code: String,
    status_kind: StatusKind,
    priority: Priority,
    assignee_id: Option<UserId>,
    created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = acts, check_for_backend(MultiBackend))]
struct ValidAct {
    id: ActId,
    number: String,
    version: i64,
    status: ActStatus,
    issued_at: Timestamp,
}

impl Found {
    /// The tickets that are open on the device, newest first.
    pub fn open_tickets(&self) -> Vec<CardTicket> {
        let open = self.links.iter().filter(|(_, ticket, _)| ticket.status_kind.is_open());
        let card = |(_, ticket, _): &Link| CardTicket {
            id: ticket.id,
            number: ticket.number,
            subject: ticket.subject.clone(),
            status_code: ticket.status_code.clone(),
            status_kind: ticket.status_kind,
            priority: ticket.priority,
            assignee_id: ticket.assignee_id,
            created_at: ticket.created_at,
        };
        open.take(TICKETS).map(card).collect()
    }

    /// The last acts on the device.
    pub fn recent_acts(&self) -> Vec<CardAct> {
        let card = |(_, ticket, act): &Link| {
            act.as_ref().map(|act| CardAct {
                id: act.id,
                number: act.number.clone(),
                version: act.version,
                status: act.status,
                ticket_id: ticket.id,
                ticket_number: ticket.number,
                subject: ticket.subject.clone(),
                issued_at: act.issued_at,
            })
        };
        self.links.iter().filter_map(card).take(ACTS).collect()
    }
}

/// The device that carries, or carried, a label.
///
/// # Errors
/// The database's.
pub fn by_code(conn: &mut DbConnection, code: LabelCode) -> Result<Option<Found>, Error> {
    type Row = (Asset, CodeState, String, i64, Option<Timestamp>, Option<LinkedTicket>, Option<ValidAct>);
    let valid = acts::ticket_id
        .nullable()
        .eq(tickets::id.nullable())
        .and(acts::status.none_of([ActStatus::Superseded, ActStatus::Voided]));
    let query = codes::table
        .inner_join(assets::table)
        .inner_join(companies::table.on(companies::id.eq(assets::company_id)))
        .left_join(ticket_assets::table.on(ticket_assets::asset_id.eq(assets::id)))
        .left_join(tickets::table.on(tickets::id.nullable().eq(ticket_assets::ticket_id.nullable())))
        .left_join(acts::table.on(valid))
        .filter(codes::code.eq(code))
        .filter(codes::state.one_of([CodeState::Active, CodeState::Replaced]))
        .order((
            tickets::status_kind.one_of(StatusKind::OPEN).desc(),
            acts::id.is_null(),
            ticket_assets::linked_at.desc(),
        ))
        .limit(ROWS);
    let rows: Vec<Row> = straight!(conn, |own| query
        .select((
            Asset::as_select(),
            codes::state,
            companies::name,
            companies::revision,
            ticket_assets::linked_at.nullable(),
            Option::<LinkedTicket>::as_select(),
            Option::<ValidAct>::as_select(),
        ))
        .load(own))?;
    let mut found: Option<Found> = None;
    for (asset, state, company, revision, linked_at, ticket, act) in rows {
        let code = Some((code, state));
        let found = found.get_or_insert_with(|| Found { asset, code, company, revision, links: Vec::new() });
        found.links.extend(linked_at.zip(ticket).map(|(at, ticket)| (at, ticket, act)));
    }
    if let Some(found) = &mut found {
        found.links.sort_by_key(|(at, ..)| Reverse(*at));
    }
    Ok(found)
}

/// What goes on about a device that something else than a label of ours led to.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut DbConnection, asset: Asset) -> Result<Found, Error> {
    let company = companies::table.find(asset.company_id);
    let (company, revision) = company.select((companies::name, companies::revision)).get_result(conn)?;
    let valid = acts::ticket_id.eq(tickets::id).and(acts::status.none_of([ActStatus::Superseded, ActStatus::Voided]));
    let mut links: Vec<Link> = ticket_assets::table
        .inner_join(tickets::table)
        .left_join(acts::table.on(valid))
        .filter(ticket_assets::asset_id.eq(asset.id))
        .order((
            tickets::status_kind.one_of(StatusKind::OPEN).desc(),
            acts::id.is_null(),
            ticket_assets::linked_at.desc(),
        ))
        .limit(ROWS)
        .select((ticket_assets::linked_at, LinkedTicket::as_select(), Option::<ValidAct>::as_select()))
        .load(conn)?;
    links.sort_by_key(|(at, ..)| Reverse(*at));
    Ok(Found { asset, code: None, company, revision, links })
}
