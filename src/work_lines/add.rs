//! A work or material is written down, and at once it is known who pays and how much.

use diesel::prelude::*;

use super::{NewWorkLine, WorkLine, WorkLineView, queries};
use crate::agreements::coverage::{self, Because, Decision, Work};
use crate::assets::AssetId;
use crate::auth::{Actor, Permission};
use crate::companies::site;
use crate::db::DbConnection;
use crate::db::schema::{price_items, price_lists, work_lines};
use crate::db::types::{AnyId, Day};
use crate::error::{Error, Flaw};
use crate::history::{self, Event};
use crate::http::Made;
use crate::http::idempotency::made_once;
use crate::money::vat::{Taxed, VatMode, VatRate};
use crate::money::{Currency, Money, Price};
use crate::pricing::{ItemKind, PriceItem, PriceList};
use crate::provider::{self, Provider};
use crate::taxes::{self, supply};
use crate::tickets::{self, Ticket, TicketId, linked_assets};
use crate::words::text::optional;
use crate::words::zone::Zone;

/// Lines a ticket may have.
const MOST_LINES: usize = 500;

/// What a line is made of, before anybody asks who pays.
struct Goods {
    kind: ItemKind,
    code: Option<String>,
    name: String,
    unit: String,
    currency: Currency,
    list_price: Option<Price>,
    price: Option<Price>,
}

/// Writes down a work or material.
///
/// # Errors
/// `not_found`; `ticket_closed`; `provider_missing`; `validation_failed` when item and asset do not fit the ticket; `forbidden`
/// when a technician chooses a rate of tax.
pub fn add(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: TicketId,
    new: &NewWorkLine,
) -> Result<Made<WorkLineView>, Error> {
    let ticket = tickets::queries::hold(conn, actor, ticket)?;
    let insert = |conn: &mut DbConnection, id| {
        linked_assets::must_be_open(&ticket)?;
        let ours = provider::find(conn)?;
        let existing = queries::of(conn, ticket.id)?;
        if existing.len() >= MOST_LINES {
            return Err(Error::field_with("", Flaw::TooMany, [("max", MOST_LINES.to_string())]));
        }
        let today = today(conn, actor, &ticket, &ours)?;
        let goods = goods(conn, new, &ours, today)?;
        if existing.iter().any(|line| line.currency != goods.currency) {
            let pointer = if new.price_item_id.is_some() { "/price_item_id" } else { "/price" };
            return Err(Error::field_with(pointer, Flaw::AnotherCurrency, [("currency", goods.currency.to_string())]));
        }
        let decision = decide(conn, &ticket, new, today)?;
        let (vat_mode, vat_rate) = tax(conn, actor, &ticket, new, &ours, existing.first())?;
        let mut line = WorkLine {
            id,
            ticket_id: ticket.id,
            asset_id: new.asset_id,
            price_item_id: new.price_item_id,
            agreement_id: decision.agreement_id,
            invoice_id: None,
            kind: goods.kind,
            code: goods.code,
            name: goods.name,
            unit: goods.unit,
            quantity: new.quantity,
            currency: goods.currency,
            list_price: goods.list_price,
            price: goods.price,
            vat_mode,
            vat_rate,
            amount: Money::ZERO,
            net: Money::ZERO,
            vat: Money::ZERO,
            gross: Money::ZERO,
            coverage: decision.coverage(),
            coverage_reason: serde_json::to_string(&decision)?,
            added_by: actor.id(),
            added_at: actor.now(),
            archived_at: None,
            version: 1,
        };
        priced(&mut line)?;
        diesel::insert_into(work_lines::table).values(&line).execute(conn)?;
        let event = Event::of("work.added", "work_line", id.uuid()).ticket(ticket.id).company(ticket.company_id);
        history::record(conn, actor, event.after(&line))?;
        Ok(WorkLineView::new(line, actor.language()))
    };
    let load = |conn: &mut DbConnection, id| {
        queries::find(conn, actor, id).map(|line| WorkLineView::new(line, actor.language()))
    };
    made_once(conn, actor, "work_line", new.id, &(ticket.id, new), insert, load)
}

/// Reckons a line's amounts from its quantity and price.
///
/// # Errors
/// `validation_failed` when no book could hold the amount.
pub fn priced(line: &mut WorkLine) -> Result<(), Error> {
    let amount = line.price.map_or(Some(Money::ZERO), |price| Money::of(price, line.quantity));
    // A hundred million million is beyond any invoice, and leaves room for the sum of all lines.
    let amount = amount.filter(|amount| amount.0 <= 10_000_000_000_000_000);
    line.amount = amount.ok_or_else(|| Error::field("/quantity", Flaw::TooBigForBook))?;
    let Taxed { net, vat, gross } = line.vat_rate.apply(line.vat_mode, line.amount);
    (line.net, line.vat, line.gross) = (net, vat, gross);
    Ok(())
}

/// The day it is at the site.
fn today(conn: &mut DbConnection, actor: &Actor, ticket: &Ticket, ours: &Provider) -> Result<Day, Error> {
    Ok(actor.now().day_in(zone(conn, ticket, ours)?.0))
}

fn zone(conn: &mut DbConnection, ticket: &Ticket, ours: &Provider) -> Result<Zone, Error> {
    let site = match ticket.site_id {
        Some(site) => site::load(conn, site)?,
        None => None,
    };
    Ok(site.map_or(ours.time_zone, |site| site.time_zone))
}

/// How a new line holds tax and how much: as the day of supply has it, unless somebody who may has chosen a rate.
fn tax(
    conn: &mut DbConnection,
    actor: &Actor,
    ticket: &Ticket,
    new: &NewWorkLine,
    ours: &Provider,
    first: Option<&WorkLine>,
) -> Result<(VatMode, VatRate), Error> {
    let day = supply::day(ticket, zone(conn, ticket, ours)?, actor.now());
    let (mode, rate) = supply::of_new(&taxes::on(conn, ours, day)?, first);
    let Some(chosen) = new.vat_rate else { return Ok((mode, rate)) };
    actor.must(Permission::ChooseTaxRate)?;
    if (mode == VatMode::NotPayer) == (chosen == VatRate::NotPayer) {
        return Ok((mode, chosen));
    }
    let allowed = if mode == VatMode::NotPayer { "not_payer" } else { "0…99.99, exempt, reverse_charge" };
    Err(Error::field_with("/vat_rate", Flaw::NotOneOf, [("allowed", allowed.to_owned())]))
}

fn goods(conn: &mut DbConnection, new: &NewWorkLine, ours: &Provider, today: Day) -> Result<Goods, Error> {
    let Some(id) = new.price_item_id else {
        let name = new.name.as_ref().ok_or_else(|| Error::field("/name", Flaw::Required))?;
        let unit = new.unit.as_ref().ok_or_else(|| Error::field("/unit", Flaw::Required))?;
        return Ok(Goods {
            kind: new.kind.unwrap_or(ItemKind::Work),
            code: None,
            name: name.to_string(),
            unit: unit.to_string(),
            currency: ours.currency,
            list_price: new.price,
            price: new.price,
        });
    };
    for (pointer, given) in [
        ("/name", optional(new.name.as_ref()).is_some()),
        ("/unit", optional(new.unit.as_ref()).is_some()),
        ("/price", new.price.is_some()),
        ("/kind", new.kind.is_some()),
    ] {
        if given {
            return Err(Error::field_with(pointer, Flaw::NotTogether, [("other", "price_item_id".to_owned())]));
        }
    }
    let found: Option<(PriceItem, PriceList)> = price_items::table
        .inner_join(price_lists::table.on(price_lists::id.eq(price_items::price_list_id)))
        .filter(price_items::id.eq(id))
        .select((PriceItem::as_select(), PriceList::as_select()))
        .get_result(conn)
        .optional()?;
    let (item, list) = found.ok_or_else(|| Error::field("/price_item_id", Flaw::UnknownReference))?;
    if item.archived_at.is_some() || list.archived_at.is_some() {
        return Err(Error::field("/price_item_id", Flaw::Archived));
    }
    if !list.holds_on(today) {
        return Err(Error::field("/price_item_id", Flaw::OutOfForce));
    }
    Ok(Goods {
        kind: item.kind,
        code: Some(item.code),
        name: item.name,
        unit: item.unit,
        currency: list.currency,
        list_price: Some(item.price),
        price: Some(item.price),
    })
}

fn decide(conn: &mut DbConnection, ticket: &Ticket, new: &NewWorkLine, today: Day) -> Result<Decision, Error> {
    let linked: Vec<AssetId> =
        tickets::queries::assets_of(conn, &[ticket.id])?.into_iter().map(|(_, asset)| asset.id).collect();
    if let Some(asset) = new.asset_id
        && !linked.contains(&asset)
    {
        return Err(Error::field("/asset_id", Flaw::UnknownReference));
    }
    if new.price_item_id.is_none() {
        return Ok(Decision::alone(Because::NotInPriceList));
    }
    let work = Work {
        assets: new.asset_id.map_or(linked, |asset| vec![asset]),
        ticket_type: Some(ticket.type_id),
        item: new.price_item_id,
    };
    let mut targets: Vec<AnyId> = work.assets.iter().map(|asset| AnyId::from(asset.uuid())).collect();
    targets.push(AnyId::from(ticket.type_id.uuid()));
    targets.extend(work.item.map(|item| AnyId::from(item.uuid())));
    let agreements = coverage::in_force(conn, ticket.company_id, today, &targets)?;
    Ok(coverage::decide(&agreements, &work))
}
