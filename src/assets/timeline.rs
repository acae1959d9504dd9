//! The life of a device: scans, tickets, acts and changes, newest first.

use diesel::prelude::*;
use serde::Serialize;

use super::{AssetId, queries};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::page::Page;
use crate::db::schema::{acts, events, scans, ticket_assets, tickets};
use crate::db::types::{AnyId, Timestamp, text_enum};
use crate::error::Error;
use crate::http::query::list_query;
use crate::users::UserId;

text_enum! {
    /// What kind of thing happened to a device.
    Happening {
        /// Its label was scanned.
        Scan = "scan",
        /// A ticket was about it.
        Ticket = "ticket",
        /// An act was issued for work on it.
        Act = "act",
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
    /// The scan, ticket, act or event.
    pub id: AnyId,
    /// In a few words: the ticket's number and subject, the act's number, the event's action, the code.
    pub text: String,
    /// Who.
    pub user_id: Option<UserId>,
    /// The import that brought a change about.
    pub import_id: Option<AnyId>,
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
    let scanned: Vec<(Timestamp, AnyId, String, UserId)> = scans::table
        .filter(scans::asset_id.eq(id))
        .filter(scans::recorded_at.lt(before).or(scans::recorded_at.eq(before).and(scans::id.lt(last))))
        .order((scans::recorded_at.desc(), scans::id.desc()))
        .limit(rows)
        .select((scans::recorded_at, scans::id, scans::code, scans::user_id))
        .load(conn)?;
    life.extend(scanned.into_iter().map(|(at, id, text, user)| LifeEvent {
        at,
        what: Happening::Scan,
        id,
        text,
        user_id: Some(user),
        import_id: None,
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
        at,
        what: Happening::Ticket,
        id,
        text: format!("{number} {subject}"),
        user_id: Some(user),
        import_id: None,
    }));
    let issued: Vec<(Timestamp, AnyId, String, UserId)> = ticket_assets::table
        .inner_join(tickets::table.inner_join(acts::table))
        .filter(ticket_assets::asset_id.eq(id))
        .filter(acts::issued_at.lt(before).or(acts::issued_at.eq(before).and(acts::id.lt(last))))
        .order((acts::issued_at.desc(), acts::id.desc()))
        .limit(rows)
        .select((acts::issued_at, acts::id, acts::number, acts::issued_by))
        .load(conn)?;
    life.extend(issued.into_iter().map(|(at, id, text, user)| LifeEvent {
        at,
        what: Happening::Act,
        id,
        text,
        user_id: Some(user),
        import_id: None,
    }));
    type Changed = (Timestamp, AnyId, String, Option<UserId>, Option<String>);
    let changed: Vec<Changed> = events::table
        .filter(events::object_id.eq(AnyId::from(id.uuid())))
        .filter(events::at.lt(before).or(events::at.eq(before).and(events::id.lt(last))))
        .order((events::at.desc(), events::id.desc()))
        .limit(rows)
        .select((events::at, events::id, events::action, events::actor_id, events::facts))
        .load(conn)?;
    life.extend(changed.into_iter().map(|(at, id, text, user_id, facts)| LifeEvent {
        at,
        what: Happening::Change,
        id,
        text,
        user_id,
        import_id: facts.as_deref().and_then(import_of),
    }));
    life.sort_by_key(|event| std::cmp::Reverse((event.at, event.id)));
    life.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
    Ok(page.cut(life, |event| (event.at, event.id)))
}

/// The import that an event came with.
fn import_of(facts: &str) -> Option<AnyId> {
    let facts: serde_json::Value = serde_json::from_str(facts).ok()?;
    facts.pointer("/from/import_id")?.as_str()?.parse().ok()
}
