//! What is known about the rows of a push, and whether somebody else has changed them meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::doors::{self, door};
use super::row::Pushed;
use super::standing::{Standing, standing};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{events, unsealed_events};
use crate::db::types::AnyId;
use crate::error::{Code, Error, Refusal};
use crate::sync::changes;
use crate::sync::column::RawRow;
use crate::sync::scope::Access;
use crate::sync::tables::Viewer;
use crate::tickets::{TicketId, queries};

/// A row that somebody has changed since the phone was told of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SyncConflict {
    /// Its table.
    pub table: &'static str,
    /// The row.
    pub id: String,
    /// The place of the change; null while it waits for one.
    pub seq: Option<i64>,
}

/// The pushed rows and what is known about them.
pub struct Batch<'a> {
    pub rows: &'a [Pushed],
    /// As they are kept, by table and id.
    kept: BTreeMap<(&'static str, &'a str), RawRow>,
    /// What happened on their tickets since the phone was told: by kind and record.
    later: BTreeMap<(String, AnyId), Option<i64>>,
}

/// Looks at a push, and holds its tickets: until the end of the transaction nobody else changes them or what belongs to them.
///
/// # Errors
/// The database's.
pub fn look<'a>(conn: &mut DbConnection, actor: &Actor, rows: &'a [Pushed], since: i64) -> Result<Batch<'a>, Error> {
    let kept = load(conn, actor, rows)?;
    let named: BTreeSet<TicketId> = rows.iter().filter_map(|row| ticket_of(row, kept_of(&kept, row))).collect();
    hold(conn, &named)?;
    // Once more, now that nobody else changes them.
    let kept = load(conn, actor, rows)?;
    let later = later(conn, &named, since)?;
    Ok(Batch { rows, kept, later })
}

impl<'a> Batch<'a> {
    /// A row as it is kept.
    pub fn kept_of(&self, row: &'a Pushed) -> Option<&RawRow> {
        kept_of(&self.kept, row)
    }

    /// The ticket a row belongs to.
    pub fn ticket_of(&self, row: &'a Pushed) -> Option<TicketId> {
        ticket_of(row, self.kept_of(row))
    }

    /// The change of a row that the phone has not been told of.
    pub fn changed_since(&self, row: &'a Pushed) -> Option<Option<i64>> {
        let (_, door) = door(row.table.name)?;
        // What names a scan is the device that was scanned, and what names a decision is the act.
        let (kind, id) = match (door.table, self.kept_of(row)) {
            ("scans", Some(scan)) => ("asset", scan.get("asset_id")?.as_str()?),
            ("signatures", Some(signature)) => ("act", signature.get("act_id")?.as_str()?),
            _ => (door.kind, row.id.rsplit('.').next()?),
        };
        self.later.get(&(kind.to_owned(), id.parse().ok()?)).copied()
    }
}

fn kept_of<'a>(kept: &'a BTreeMap<(&'static str, &'a str), RawRow>, row: &'a Pushed) -> Option<&'a RawRow> {
    kept.get(&(row.table.name, row.id.as_str()))
}

type KeptRows<'a> = BTreeMap<(&'static str, &'a str), RawRow>;

/// The rows as they are kept.
fn load<'a>(conn: &mut DbConnection, actor: &Actor, rows: &'a [Pushed]) -> Result<KeptRows<'a>, Error> {
    let mut by_table: BTreeMap<&'static str, Vec<&'a Pushed>> = BTreeMap::new();
    for row in rows {
        by_table.entry(row.table.name).or_default().push(row);
    }
    let mut found = BTreeMap::new();
    for (name, rows) in by_table {
        let Some(table) = rows.first().map(|row| row.table) else { continue };
        let access = rows.iter().filter_map(|row| row.id.parse().ok()).map(|ticket| (ticket, Access::Full));
        let viewer =
            Viewer { user: actor.id(), language: actor.language(), now: actor.now(), access: access.collect() };
        let keys: BTreeMap<&str, &'a str> = rows.iter().map(|row| (row.id.as_str(), row.id.as_str())).collect();
        let asked: Vec<String> = keys.keys().map(ToString::to_string).collect();
        for mut row in (table.load)(conn, &viewer, &asked)? {
            let Some(id) = row.get("id").and_then(Value::as_str).and_then(|id| keys.get(id).copied()) else { continue };
            // What one may do with a ticket is not asked of the phone.
            row.remove("access");
            found.insert((name, id), row);
        }
    }
    Ok(found)
}

/// The ticket a row belongs to: the one it is kept on, whatever the phone says.
fn ticket_of(row: &Pushed, kept: Option<&RawRow>) -> Option<TicketId> {
    if row.table.name == "tickets" {
        return row.id.parse().ok();
    }
    // An issue is its reader's own, wherever the ticket has gone.
    if row.table.name == "sync_issues" {
        return None;
    }
    match kept {
        Some(kept) => kept.get("ticket_id").and_then(Value::as_str).and_then(|id| id.parse().ok()),
        None => row.id_in("ticket_id").or_else(|| row.id.split_once('.')?.0.parse().ok()),
    }
}

fn hold(conn: &mut DbConnection, named: &BTreeSet<TicketId>) -> Result<(), Error> {
    for ticket in named {
        queries::hold_as_it_is(conn, *ticket)?;
    }
    Ok(())
}

/// What happened on some tickets since the phone was told.
fn later(
    conn: &mut DbConnection,
    named: &BTreeSet<TicketId>,
    since: i64,
) -> Result<BTreeMap<(String, AnyId), Option<i64>>, Error> {
    let named: Vec<TicketId> = named.iter().copied().collect();
    let sealed = changes::on_tickets(conn, &named, since, i64::MAX)?;
    let mut later: BTreeMap<(String, AnyId), Option<i64>> =
        sealed.into_iter().map(|change| ((change.object_kind, change.object_id), Some(change.seq))).collect();
    for some in named.chunks(1_000) {
        let waiting: Vec<(String, AnyId)> = unsealed_events::table
            .inner_join(events::table)
            .filter(events::ticket_id.assume_not_null().among(some))
            .select((events::object_kind, events::object_id))
            .load(conn)?;
        later.extend(waiting.into_iter().map(|key| (key, None)));
    }
    Ok(later)
}

/// Refuses all when somebody has changed what the phone changes too.
///
/// # Errors
/// `sync_conflict`
pub fn must_not_conflict(conn: &mut DbConnection, actor: &Actor, batch: &Batch<'_>) -> Result<(), Error> {
    let mut conflicts = Vec::new();
    for row in batch.rows {
        let Some((_, door)) = door(row.table.name) else { continue };
        let Some(seq) = batch.changed_since(row) else { continue };
        let asks = match (&row.row, batch.kept_of(row)) {
            (Some(_), Some(kept)) => doors::asks(door, row, kept),
            // It was taken off, and the phone does not know.
            (Some(_), None) => !door.edited.is_empty(),
            (None, Some(_)) => door.delete.is_some(),
            (None, None) => false,
        };
        let Some(ticket) = ticket_of(row, batch.kept_of(row)) else { continue };
        if asks && standing(conn, actor, ticket)? != Standing::Stranger {
            conflicts.push(SyncConflict { table: row.table.name, id: row.id.clone(), seq });
        }
    }
    if conflicts.is_empty() {
        return Ok(());
    }
    Err(Refusal::from(Code::SyncConflict).and("conflicts", serde_json::to_value(conflicts)?).into())
}
