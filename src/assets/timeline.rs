//! The life of a device: scans, reports, tickets, acts and changes, newest first.

use diesel::prelude::*;
use serde::Serialize;

use super::{AssetId, queries};
use crate::auth::Actor;
use crate::codes::LabelCode;
use crate::codes::claim::ClaimOutcome;
use crate::db::DbConnection;
use crate::db::page::Page;
use crate::db::schema::{acts, code_claims, events, reports, scans, ticket_assets, tickets};
use crate::db::types::{AnyId, Timestamp, text_enum};
use crate::error::Error;
use crate::http::query::list_query;
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
    /// The scan, claim, ticket, act, report or event.
    pub id: AnyId,
    /// In a few words: the ticket's number and subject, the act's number, the report's number and words, the event's action,
    /// what was scanned, the code that was claimed (with `lost` when another device had it).
    pub text: String,
    /// Who.
    pub user_id: Option<UserId>,
    /// On which ticket it was scanned; the ticket itself, for a ticket.
    pub ticket_id: Option<TicketId>,
    /// Where it was scanned or claimed, if the phone said so.
    pub place: Option<Place>,
}

impl LifeEvent {
    fn new(at: Timestamp, what: Happening, id: AnyId, text: String, user_id: Option<UserId>) -> Self {
        Self { at, what, id, text, user_id, ticket_id: None, place: None }
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
    let rows = page.rows();
    let mut life: Vec<LifeEvent> = Vec::new();
    let scanned: Vec<(Timestamp, AnyId, String, UserId, Option<TicketId>, Kept)> = scans::table
        .filter(scans::asset_id.eq(id))
        .filter(scans::recorded_at.lt(before).or(scans::recorded_at.eq(before).and(scans::id.lt(last))))
        .order((scans::recorded_at.desc(), scans::id.desc()))
        .limit(rows)
        .select((
            scans::recorded_at,
            scans::id,
            scans::code,
            scans::user_id,
            scans::ticket_id,
            (scans::lat, scans::lon, scans::accuracy_m),
        ))
        .load(conn)?;
    life.extend(scanned.into_iter().map(|(at, id, text, user, ticket_id, kept)| LifeEvent {
        ticket_id,
        place: place(kept),
        ..LifeEvent::new(at, Happening::Scan, id, text, Some(user))
    }));
    let claimed: Vec<(Timestamp, AnyId, LabelCode, ClaimOutcome, UserId, Kept)> = code_claims::table
        .filter(code_claims::asset_id.eq(id))
        .filter(
            code_claims::recorded_at.lt(before).or(code_claims::recorded_at.eq(before).and(code_claims::id.lt(last))),
        )
        .order((code_claims::recorded_at.desc(), code_claims::id.desc()))
        .limit(rows)
        .select((
            code_claims::recorded_at,
            code_claims::id,
            code_claims::code,
            code_claims::outcome,
            code_claims::user_id,
            (code_claims::lat, code_claims::lon, code_claims::accuracy_m),
        ))
        .load(conn)?;
    life.extend(claimed.into_iter().map(|(at, id, code, outcome, user, kept)| {
        let lost = if outcome == ClaimOutcome::Lost { " lost" } else { "" };
        let text = format!("{code}{lost}");
        LifeEvent { place: place(kept), ..LifeEvent::new(at, Happening::Claim, id, text, Some(user)) }
    }));
    let linked: Vec<(Timestamp, AnyId, i64, String, UserId)> = ticket_assets::table
        .inner_join(tickets::table)
        .filter(ticket_assets::asset_id.eq(id))
        .filter(ticket_assets::linked_at.lt(before).or(ticket_assets::linked_at.eq(before).and(tickets::id.lt(last))))
        .order((ticket_assets::linked_at.desc(), tickets::id.desc()))
        .limit(rows)
        .select((ticket_assets::linked_at, tickets::id, tickets::number, tickets::subject, tickets::created_by))
        .load(conn)?;
    life.extend(linked.into_iter().map(|(at, id, number, subject, user)| LifeEvent {
        ticket_id: Some(TicketId::from(uuid::Uuid::from(id))),
        ..LifeEvent::new(at, Happening::Ticket, id, format!("{number} {subject}"), Some(user))
    }));
    let issued: Vec<(Timestamp, AnyId, String, UserId)> = ticket_assets::table
        .inner_join(tickets::table.inner_join(acts::table))
        .filter(ticket_assets::asset_id.eq(id))
        .filter(acts::issued_at.lt(before).or(acts::issued_at.eq(before).and(acts::id.lt(last))))
        .order((acts::issued_at.desc(), acts::id.desc()))
        .limit(rows)
        .select((acts::issued_at, acts::id, acts::number, acts::issued_by))
        .load(conn)?;
    life.extend(
        issued.into_iter().map(|(at, id, text, user)| LifeEvent::new(at, Happening::Act, id, text, Some(user))),
    );
    let reported: Vec<(Timestamp, AnyId, i64, String)> = reports::table
        .filter(reports::asset_id.eq(id))
        .filter(reports::created_at.lt(before).or(reports::created_at.eq(before).and(reports::id.lt(last))))
        .order((reports::created_at.desc(), reports::id.desc()))
        .limit(rows)
        .select((reports::created_at, reports::id, reports::number, reports::text))
        .load(conn)?;
    life.extend(reported.into_iter().map(|(at, id, number, text)| {
        let text = format!("{} {}", crate::reports::number(number), crate::reports::in_a_line(&text));
        LifeEvent::new(at, Happening::Report, id, text, None)
    }));
    let changed: Vec<(Timestamp, AnyId, String, Option<UserId>)> = events::table
        .filter(events::object_id.eq(AnyId::from(id.uuid())))
        .filter(events::at.lt(before).or(events::at.eq(before).and(events::id.lt(last))))
        .order((events::at.desc(), events::id.desc()))
        .limit(rows)
        .select((events::at, events::id, events::action, events::actor_id))
        .load(conn)?;
    life.extend(changed.into_iter().map(|(at, id, text, user)| LifeEvent::new(at, Happening::Change, id, text, user)));
    life.sort_by_key(|event| std::cmp::Reverse((event.at, event.id)));
    life.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
    Ok(page.cut(life, |event| (event.at, event.id)))
}
