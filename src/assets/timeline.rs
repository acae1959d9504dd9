//! The life of a device: scans, claims, tickets, acts, reports, printed labels and changes, newest first.

use diesel::prelude::*;
use serde::Serialize;

use super::{AssetId, queries};
use crate::auth::Actor;
use crate::codes::LabelCode;
use crate::codes::claim::ClaimOutcome;
use crate::db::DbConnection;
use crate::db::page::Page;
use crate::db::schema::{acts, code_claims, events, label_prints, reports, scans, ticket_assets, tickets};
use crate::db::types::{AnyId, Timestamp, text_enum};
use crate::error::Error;
use crate::http::query::list_query;
use crate::reports::{in_a_line, number};
use crate::tickets::TicketId;
use crate::tickets::scan::Place;
use crate::users::UserId;

text_enum! {
    /// What kind of thing happened to a device.
    Happening {
        /// Its label was scanned.
        Scan = "scan",
        /// A label was claimed for it.
        Claim = "claim",
        /// A ticket was about it.
        Ticket = "ticket",
        /// An act was issued for work on it.
        Act = "act",
        /// Somebody without a login reported a fault of it.
        Report = "report",
        /// A label of it was printed.
        Print = "print",
        /// Its record changed.
        Change = "change",
    }
}

/// Something in the life of a device.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LifeEvent {
    /// When.
    pub at: Timestamp,
    /// What kind of thing.
    pub what: Happening,
    /// The scan, claim, ticket, act, report, print or event.
    pub id: AnyId,
    /// In a few words: the ticket's number and subject, the act's number, the report's number and words, the event's action,
    /// what was scanned, what was printed on, the code that was claimed (with `lost` when another device had it).
    pub text: String,
    /// Who.
    pub user_id: Option<UserId>,
    /// On which ticket it was scanned; the ticket itself, for a ticket.
    pub ticket_id: Option<TicketId>,
    /// Where it was scanned or claimed, if the phone said so.
    pub place: Option<Place>,
    /// The import that brought a change about.
    pub import_id: Option<AnyId>,
}

impl LifeEvent {
    fn new(at: Timestamp, what: Happening, id: AnyId, text: String, user_id: Option<UserId>) -> Self {
        Self { at, what, id, text, user_id, ticket_id: None, place: None, import_id: None }
    }
}

/// A place as it is kept.
type Kept = (Option<f64>, Option<f64>, Option<f64>);

fn place((lat, lon, accuracy_m): Kept) -> Option<Place> {
    Some(Place { lat: lat?, lon: lon?, accuracy_m })
}

list_query! {
    /// Which page of a life.
    pub struct LifeFilter {}
}

/// The part of a life that a page may need of each kind of thing.
struct Slice {
    asset: AssetId,
    before: Timestamp,
    last: AnyId,
    rows: i64,
}

/// The newest rows of a slice: those before the last one that was shown.
macro_rules! newest {
    ($query:expr, $slice:expr, $at:expr, $id:expr) => {
        $query
            .filter($at.lt($slice.before).or($at.eq($slice.before).and($id.lt($slice.last))))
            .order(($at.desc(), $id.desc()))
            .limit($slice.rows)
    };
}

/// A page of the life of a device.
///
/// # Errors
/// `not_found`, `invalid_cursor`
pub fn timeline(
    conn: &mut DbConnection,
    actor: &Actor,
    id: AssetId,
    filter: &LifeFilter,
) -> Result<Page<LifeEvent>, Error> {
    queries::find_row(conn, actor, id)?;
    let page = filter.page().within(id);
    let (before, last) = page
        .after::<(Timestamp, AnyId)>()?
        .unwrap_or((Timestamp::from_micros(i64::MAX), AnyId::from(uuid::Uuid::max())));
    let slice = Slice { asset: id, before, last, rows: page.rows() };
    let mut life: Vec<LifeEvent> = Vec::new();
    for kind in [scanned, claimed, linked, issued, reported, printed, changed] {
        life.extend(kind(conn, &slice)?);
    }
    life.sort_by_key(|event| std::cmp::Reverse((event.at, event.id)));
    life.truncate(usize::try_from(slice.rows).unwrap_or(usize::MAX));
    Ok(page.cut(life, |event| (event.at, event.id)))
}

fn scanned(conn: &mut DbConnection, slice: &Slice) -> Result<Vec<LifeEvent>, Error> {
    type Row = (Timestamp, AnyId, String, UserId, Option<TicketId>, Kept);
    let rows: Vec<Row> =
        newest!(scans::table.filter(scans::asset_id.eq(slice.asset)), slice, scans::recorded_at, scans::id)
            .select((
                scans::recorded_at,
                scans::id,
                scans::code,
                scans::user_id,
                scans::ticket_id,
                (scans::lat, scans::lon, scans::accuracy_m),
            ))
            .load(conn)?;
    let event = |(at, id, text, user, ticket_id, kept)| LifeEvent {
        ticket_id,
        place: place(kept),
        ..LifeEvent::new(at, Happening::Scan, id, text, Some(user))
    };
    Ok(rows.into_iter().map(event).collect())
}

fn claimed(conn: &mut DbConnection, slice: &Slice) -> Result<Vec<LifeEvent>, Error> {
    type Row = (Timestamp, AnyId, LabelCode, ClaimOutcome, UserId, Kept);
    let of_asset = code_claims::table.filter(code_claims::asset_id.eq(slice.asset));
    let rows: Vec<Row> = newest!(of_asset, slice, code_claims::recorded_at, code_claims::id)
        .select((
            code_claims::recorded_at,
            code_claims::id,
            code_claims::code,
            code_claims::outcome,
            code_claims::user_id,
            (code_claims::lat, code_claims::lon, code_claims::accuracy_m),
        ))
        .load(conn)?;
    let event = |(at, id, code, outcome, user, kept): Row| {
        let lost = if outcome == ClaimOutcome::Lost { " lost" } else { "" };
        LifeEvent {
            place: place(kept),
            ..LifeEvent::new(at, Happening::Claim, id, format!("{code}{lost}"), Some(user))
        }
    };
    Ok(rows.into_iter().map(event).collect())
}

fn linked(conn: &mut DbConnection, slice: &Slice) -> Result<Vec<LifeEvent>, Error> {
    let of_asset = ticket_assets::table.inner_join(tickets::table).filter(ticket_assets::asset_id.eq(slice.asset));
    let rows: Vec<(Timestamp, AnyId, i64, String, UserId)> =
        newest!(of_asset, slice, ticket_assets::linked_at, tickets::id)
            .select((ticket_assets::linked_at, tickets::id, tickets::number, tickets::subject, tickets::created_by))
            .load(conn)?;
    let event = |(at, id, number, subject, user): (Timestamp, AnyId, i64, String, UserId)| LifeEvent {
        ticket_id: Some(TicketId::from(uuid::Uuid::from(id))),
        ..LifeEvent::new(at, Happening::Ticket, id, format!("{number} {subject}"), Some(user))
    };
    Ok(rows.into_iter().map(event).collect())
}

fn issued(conn: &mut DbConnection, slice: &Slice) -> Result<Vec<LifeEvent>, Error> {
    let of_asset = ticket_assets::table
        .inner_join(tickets::table.inner_join(acts::table))
        .filter(ticket_assets::asset_id.eq(slice.asset));
    let rows: Vec<(Timestamp, AnyId, String, UserId)> = newest!(of_asset, slice, acts::issued_at, acts::id)
        .select((acts::issued_at, acts::id, acts::number, acts::issued_by))
        .load(conn)?;
    let event = |(at, id, number, user)| LifeEvent::new(at, Happening::Act, id, number, Some(user));
    Ok(rows.into_iter().map(event).collect())
}

fn reported(conn: &mut DbConnection, slice: &Slice) -> Result<Vec<LifeEvent>, Error> {
    let of_asset = reports::table.filter(reports::asset_id.eq(slice.asset));
    let rows: Vec<(Timestamp, AnyId, i64, String)> = newest!(of_asset, slice, reports::created_at, reports::id)
        .select((reports::created_at, reports::id, reports::number, reports::text))
        .load(conn)?;
    let event = |(at, id, of, text): (Timestamp, AnyId, i64, String)| {
        LifeEvent::new(at, Happening::Report, id, format!("{} {}", number(of), in_a_line(&text)), None)
    };
    Ok(rows.into_iter().map(event).collect())
}

fn printed(conn: &mut DbConnection, slice: &Slice) -> Result<Vec<LifeEvent>, Error> {
    let of_asset = label_prints::table.filter(label_prints::asset_id.eq(slice.asset));
    let rows: Vec<(Timestamp, AnyId, String, UserId)> =
        newest!(of_asset, slice, label_prints::printed_at, label_prints::id)
            .select((label_prints::printed_at, label_prints::id, label_prints::medium, label_prints::user_id))
            .load(conn)?;
    let event = |(at, id, medium, user)| LifeEvent::new(at, Happening::Print, id, medium, Some(user));
    Ok(rows.into_iter().map(event).collect())
}

fn changed(conn: &mut DbConnection, slice: &Slice) -> Result<Vec<LifeEvent>, Error> {
    type Row = (Timestamp, AnyId, String, Option<UserId>, Option<String>);
    // That a ticket is about it is told with the ticket.
    let of_asset = events::table
        .filter(events::object_id.eq(AnyId::from(slice.asset.uuid())))
        .filter(events::object_kind.ne("ticket_asset"));
    let rows: Vec<Row> = newest!(of_asset, slice, events::at, events::id)
        .select((events::at, events::id, events::action, events::actor_id, events::facts))
        .load(conn)?;
    let event = |(at, id, action, user, facts): Row| LifeEvent {
        import_id: facts.as_deref().and_then(import_of),
        ..LifeEvent::new(at, Happening::Change, id, action, user)
    };
    Ok(rows.into_iter().map(event).collect())
}

/// The import that an event came with.
fn import_of(facts: &str) -> Option<AnyId> {
    let facts: serde_json::Value = serde_json::from_str(facts).ok()?;
    facts.pointer("/from/import_id")?.as_str()?.parse().ok()
}
