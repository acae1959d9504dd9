//! The scan card: everything a technician wants to know on pointing a phone at a device.

use serde::{Deserialize, Serialize};

use super::lookup::{self, Found};
use super::surroundings::Surroundings;
use super::{AssetId, AssetView, queries};
use crate::acts::{ActId, ActStatus};
use crate::agreements::coverage::{self, Because, Work};
use crate::auth::Actor;
use crate::codes::resolve::{self, read};
use crate::codes::{CodeState, LabelCode, queries as codes};
use crate::companies::{CompanyId, SiteId};
use crate::db::DbConnection;
use crate::db::types::{AnyId, Timestamp};
use crate::error::{Code, Error};
use crate::provider;
use crate::tickets::{Priority, StatusKind, TicketId};
use crate::users::UserId;
use crate::words::text::Scanned;
use crate::words::zone::Zone;

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
    /// The code; none when a code of others or a number led to the device.
    #[schema(value_type = Option<String>)]
    pub code: Option<LabelCode>,
    /// `active`, or `replaced` by another label.
    pub state: CodeState,
}

/// Whose device it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CardCompany {
    /// The company.
    pub id: CompanyId,
    /// What it is called.
    pub name: String,
}

/// Where a device stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
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
#[derive(Debug, Serialize, utoipa::ToSchema)]
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
#[derive(Debug, Serialize, utoipa::ToSchema)]
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

/// How a device came to be chosen.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CardQuery {
    /// What was scanned, when it could have meant several devices: the choice is written down as a scan of this one.
    #[serde(default)]
    #[param(value_type = Option<Scanned<500>>)]
    pub scanned: Option<Scanned<500>>,
}

/// The card of the device that somebody scanned: one statement, and what [`Surroundings`] does not know yet. One more each
/// for a device without a site, for a label that was replaced, and where an agreement names devices one by one.
///
/// # Errors
/// `code_not_found` for a code that is unknown, revoked, or on a device the actor does not see: all look the same, and to a
/// client's user a blank one too. `code_blank` for our own side; `code_ambiguous` with the devices to choose from.
pub fn scan(
    conn: &mut DbConnection,
    actor: &Actor,
    surroundings: &Surroundings,
    public_url: &str,
    text: &str,
) -> Result<ScanCard, Error> {
    let found = match read(text) {
        Some(code) => lookup::by_code(conn, code)?,
        None => None,
    };
    let found = match found {
        Some(found) => Some(found).filter(|found| queries::sees(actor, &found.asset)).ok_or(Code::CodeNotFound)?,
        None => {
            let asset = resolve::otherwise(conn, actor, text, None)?.one(conn)?;
            lookup::of(conn, asset)?
        }
    };
    tell(conn, actor, surroundings, public_url, found)
}

/// The card of a device that somebody chose, of several that a scan may have meant or from a list.
///
/// # Errors
/// `not_found`; `code_not_found` when `scanned` does not lead to the device.
pub fn of(
    conn: &mut DbConnection,
    actor: &Actor,
    surroundings: &Surroundings,
    public_url: &str,
    id: AssetId,
    scanned: Option<&str>,
) -> Result<ScanCard, Error> {
    let asset = queries::find_row(conn, actor, id)?;
    if let Some(text) = scanned
        && !resolve::leads_to(conn, text, &asset)?
    {
        return Err(Code::CodeNotFound.into());
    }
    let found = lookup::of(conn, asset)?;
    tell(conn, actor, surroundings, public_url, found)
}

fn tell(
    conn: &mut DbConnection,
    actor: &Actor,
    surroundings: &Surroundings,
    public_url: &str,
    found: Found,
) -> Result<ScanCard, Error> {
    let place = (found.asset.company_id, found.asset.site_id);
    let around = surroundings.of(conn, place, found.revision, actor.now())?;
    let zone = match &around.site {
        Some(site) => site.time_zone.0,
        None => provider::known(conn)?.map_or(chrono_tz::UTC, |ours| ours.time_zone.0),
    };
    let today = actor.now().day_in(zone);
    let device = AnyId::from(found.asset.id.uuid());
    let agreements = coverage::those_in_force(conn, found.asset.company_id, &around.agreements, today, &[device])?;
    let decision = coverage::decide(&agreements, &Work { assets: vec![found.asset.id], ..Work::default() });
    let (open_tickets, recent_acts) = (found.open_tickets(), found.recent_acts());
    let label = match found.code {
        Some((code, CodeState::Active)) => Some(code),
        _ => codes::of(conn, found.asset.id)?,
    };
    Ok(ScanCard {
        scanned: ScannedCode {
            code: found.code.map(|(code, _)| code),
            state: found.code.map_or(CodeState::Active, |(_, state)| state),
        },
        company: CardCompany { id: found.asset.company_id, name: found.company },
        site: around.site.clone(),
        coverage: CoverageView {
            covered: decision.covered,
            reason: decision.sentence(actor.language()),
            reason_code: decision.because,
            agreement_number: decision.agreement_number,
        },
        asset: AssetView::new(found.asset, label, public_url),
        open_tickets,
        recent_acts,
    })
}
