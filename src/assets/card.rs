//! The scan card: everything a technician wants to know on pointing a phone at a device.

use diesel::prelude::*;
use serde::Serialize;

use super::code::{AssetCode, CodeState, read};
use super::{Asset, AssetView, queries};
use crate::acts::{ActId, ActStatus};
use crate::agreements::coverage::{self, Because, Work};
use crate::auth::Actor;
use crate::companies::{CompanyId, SiteId};
use crate::db::DbConnection;
use crate::db::schema::{acts, assets, codes, companies, sites, ticket_assets, tickets};
use crate::db::types::{AnyId, Timestamp};
use crate::error::{Code, Error};
use crate::provider;
use crate::tickets::{Priority, StatusKind, TicketId};
use crate::users::UserId;
use crate::words::zone::Zone;

/// How many open tickets and acts a card shows.
const TICKETS: i64 = 20;
const ACTS: i64 = 5;

/// Everything about a device at a glance.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ScanCard {
    /// The device.
    pub asset: AssetView,
    /// The code that was scanned; when it is `replaced`, the label should be taken off.
    pub scanned: ScannedCode,
    /// Whose it is.
    pub company: CardCompany,
    /// Where it stands.
    pub site: Option<CardSite>,
    /// Whether the contract covers it.
    pub coverage: CoverageView,
    /// What is being done about it.
    pub open_tickets: Vec<CardTicket>,
    /// The last acts on it.
    pub recent_acts: Vec<CardAct>,
}

/// The code that was scanned.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ScannedCode {
    /// The code; none when an inventory or serial number was typed.
    #[schema(value_type = Option<String>)]
    pub code: Option<AssetCode>,
    /// `active`, or `replaced` by another label.
    pub state: CodeState,
}

/// Whose device it is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CardCompany {
    /// The company.
    pub id: CompanyId,
    /// What it is called.
    pub name: String,
}

/// Where a device stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CardSite {
    /// The site.
    pub id: SiteId,
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub address: Option<String>,
    /// Which time it is there.
    pub time_zone: Zone,
}

/// Whether the contract covers something, and why.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CoverageView {
    /// Whether it does.
    pub covered: bool,
    /// The agreement that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement_number: Option<String>,
    /// Why, in the language asked for.
    pub reason: String,
    /// Why, for programs.
    pub reason_code: Because,
}

/// A ticket on a card.
#[derive(Debug, Serialize, Queryable, utoipa::ToSchema)]
pub struct CardTicket {
    /// Its id.
    pub id: TicketId,
    /// The number people say.
    #[schema(minimum = 1)]
    pub number: i64,
    /// In a line.
    pub subject: String,
    /// The company's own word for where it stands.
    pub status_code: String,
    /// What that means.
    pub status_kind: StatusKind,
    /// How much it hurts.
    pub priority: Priority,
    /// Who does it.
    pub assignee_id: Option<UserId>,
    /// When it was opened.
    pub created_at: Timestamp,
}

/// An act on a card.
#[derive(Debug, Serialize, Queryable, utoipa::ToSchema)]
pub struct CardAct {
    /// Its id.
    pub id: ActId,
    /// Its number.
    pub number: String,
    /// Which version of it.
    pub version: i64,
    /// Where it stands.
    pub status: ActStatus,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// That ticket's number.
    pub ticket_number: i64,
    /// What that ticket was about.
    pub subject: String,
    /// When it was issued.
    pub issued_at: Timestamp,
}

type Found = (Asset, Option<(AssetCode, CodeState)>, String, Option<(SiteId, String, Option<String>, Zone)>);

/// The card of the device that somebody scanned. Always the same few statements, however much there is.
///
/// # Errors
/// `code_not_found` for a code that is unknown, blank, revoked, or on a device the actor does not see: all look the same.
pub fn scan(conn: &mut DbConnection, actor: &Actor, public_url: &str, text: &str) -> Result<ScanCard, Error> {
    let found = match read(text) {
        Some(code) => by_code(conn, code)?,
        None => None,
    };
    let found = match found {
        Some(found) => Some(found),
        None => by_number(conn, actor, text)?,
    };
    let (asset, code, company, site) =
        found.filter(|(asset, ..)| queries::sees(actor, asset)).ok_or(Code::CodeNotFound)?;
    let zone = match &site {
        Some((_, _, _, zone)) => zone.0,
        None => provider::known(conn)?.map_or(chrono_tz::UTC, |ours| ours.time_zone.0),
    };
    let covering =
        coverage::in_force(conn, asset.company_id, actor.now().day_in(zone), &[AnyId::from(asset.id.uuid())])?;
    let decision = coverage::decide(&covering, &Work { assets: vec![asset.id], ..Work::default() });
    let open_tickets = open_tickets(conn, &asset)?;
    let recent_acts = recent_acts(conn, &asset)?;
    let label = match code {
        Some((code, CodeState::Active)) => Some(code),
        _ => super::code::of(conn, asset.id)?,
    };
    Ok(ScanCard {
        scanned: ScannedCode {
            code: code.map(|(code, _)| code),
            state: code.map_or(CodeState::Active, |(_, state)| state),
        },
        company: CardCompany { id: asset.company_id, name: company },
        site: site.map(|(id, name, address, time_zone)| CardSite { id, name, address, time_zone }),
        coverage: CoverageView {
            covered: decision.covered,
            reason: decision.sentence(actor.language()),
            reason_code: decision.because,
            agreement_number: decision.agreement_number,
        },
        asset: AssetView::new(asset, label, public_url),
        open_tickets,
        recent_acts,
    })
}

fn by_code(conn: &mut DbConnection, code: AssetCode) -> Result<Option<Found>, Error> {
    type Row = (Asset, AssetCode, CodeState, String, Option<SiteId>, Option<String>, Option<String>, Option<Zone>);
    let row: Option<Row> = codes::table
        .inner_join(
            assets::table
                .inner_join(companies::table)
                .left_join(sites::table.on(sites::id.nullable().eq(assets::site_id))),
        )
        .filter(codes::code.eq(code))
        .filter(codes::state.eq_any([CodeState::Active, CodeState::Replaced]))
        .select((
            Asset::as_select(),
            codes::code,
            codes::state,
            companies::name,
            sites::id.nullable(),
            sites::name.nullable(),
            sites::address.nullable(),
            sites::time_zone.nullable(),
        ))
        .get_result(conn)
        .optional()?;
    Ok(row.map(|(asset, code, state, company, site, name, address, zone)| {
        let site = site.zip(name).zip(zone).map(|((id, name), zone)| (id, name, address, zone));
        (asset, Some((code, state)), company, site)
    }))
}

fn by_number(conn: &mut DbConnection, actor: &Actor, text: &str) -> Result<Option<Found>, Error> {
    let Some(asset) = queries::by_number(conn, actor, text.trim())? else { return Ok(None) };
    let company = companies::table.find(asset.company_id).select(companies::name).get_result(conn)?;
    let site = match asset.site_id {
        Some(id) => sites::table
            .find(id)
            .select((sites::id, sites::name, sites::address, sites::time_zone))
            .get_result(conn)
            .optional()?,
        None => None,
    };
    Ok(Some((asset, None, company, site)))
}

fn open_tickets(conn: &mut DbConnection, asset: &Asset) -> Result<Vec<CardTicket>, Error> {
    Ok(ticket_assets::table
        .inner_join(tickets::table)
        .filter(ticket_assets::asset_id.eq(asset.id))
        .filter(tickets::status_kind.eq_any(StatusKind::OPEN))
        .order(ticket_assets::linked_at.desc())
        .limit(TICKETS)
        .select((
            tickets::id,
            tickets::number,
            tickets::subject,
            tickets::status_code,
            tickets::status_kind,
            tickets::priority,
            tickets::assignee_id,
            tickets::created_at,
        ))
        .load(conn)?)
}

fn recent_acts(conn: &mut DbConnection, asset: &Asset) -> Result<Vec<CardAct>, Error> {
    Ok(ticket_assets::table
        .inner_join(tickets::table.inner_join(acts::table))
        .filter(ticket_assets::asset_id.eq(asset.id))
        .filter(acts::status.ne_all([ActStatus::Superseded, ActStatus::Voided]))
        .order(ticket_assets::linked_at.desc())
        .limit(ACTS)
        .select((
            acts::id,
            acts::number,
            acts::version,
            acts::status,
            tickets::id,
            tickets::number,
            tickets::subject,
            acts::issued_at,
        ))
        .load(conn)?)
}
