//! Tickets, and what happened on them.

use diesel::prelude::*;

use super::super::column::{maybe_millis, maybe_text, millis, raw_table};
use super::{Roots, Synced, Viewer, each, ids, keys};
use crate::assets::AssetId;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{scans, status_changes, ticket_assets, tickets};
use crate::db::types::{AnyId, Timestamp};
use crate::error::Error;
use crate::sync::status_change::{StatusChange, StatusChangeId};
use crate::tickets::scan::ScanId;
use crate::tickets::{Ticket, TicketId};
use crate::users::UserId;

raw_table! {
    /// Tickets of one's own and of one's teams: open ones, and those closed in the last 14 days.
    TicketRow in "tickets" {
        /// The number people say.
        number: i64 [Indexed],
        /// Its kind.
        type_id: String [Indexed Phone],
        /// For whom.
        company_id: String [Indexed Phone],
        /// Where.
        site_id: Option<String> [Indexed Phone],
        /// Whom to ask there.
        contact_id: Option<String> [Phone],
        /// Who does it.
        assignee_id: Option<String> [Indexed],
        /// The team it belongs to.
        team_id: Option<String>,
        /// Where it stands.
        status: String [Indexed],
        /// What that means: new, assigned, en_route, in_progress, waiting, done, closed, cancelled.
        status_kind: String [Indexed],
        /// Whom it waits for: client, parts, partner.
        waiting_for: Option<String>,
        /// low, normal, high, critical.
        priority: String [Phone],
        /// In a line.
        subject: String [Phone],
        /// In full.
        description: Option<String> [Phone],
        /// When it should be done.
        due_at: Option<i64>,
        /// Who opened it.
        created_by: String,
        /// When it was opened.
        created_at: i64 [Indexed],
        /// When work began.
        started_at: Option<i64>,
        /// When it was done.
        done_at: Option<i64>,
        /// When it was closed or cancelled.
        closed_at: Option<i64>,
        /// full, or read_only once it went to somebody else.
        access: String,
    }
}

impl Synced for TicketRow {
    fn under(_: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        Ok(keys(roots.tickets.iter()))
    }

    fn load(conn: &mut DbConnection, viewer: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<Ticket> =
            tickets::table.filter(tickets::id.among(ids::<TicketId>(keys))).select(Ticket::as_select()).load(conn)?;
        let row = |ticket: Ticket| {
            let access = *viewer.access.get(&ticket.id)?;
            Some(Self {
                id: ticket.id.to_string(),
                number: ticket.number,
                type_id: ticket.type_id.to_string(),
                company_id: ticket.company_id.to_string(),
                site_id: maybe_text(ticket.site_id),
                contact_id: maybe_text(ticket.contact_id),
                assignee_id: maybe_text(ticket.assignee_id),
                team_id: maybe_text(ticket.team_id),
                status: ticket.status_code,
                status_kind: ticket.status_kind.to_string(),
                waiting_for: maybe_text(ticket.waiting_for),
                priority: ticket.priority.to_string(),
                subject: ticket.subject,
                description: ticket.description,
                due_at: maybe_millis(ticket.due_at),
                created_by: ticket.created_by.to_string(),
                created_at: millis(ticket.created_at),
                started_at: maybe_millis(ticket.started_at),
                done_at: maybe_millis(ticket.done_at),
                closed_at: maybe_millis(ticket.closed_at),
                access: access.to_string(),
            })
        };
        Ok(rows.into_iter().filter_map(row).collect())
    }
}

raw_table! {
    /// The devices that tickets are about. The id is both ids with a point between.
    TicketAssetRow in "ticket_assets" {
        /// The ticket.
        ticket_id: String [Indexed Phone],
        /// The device.
        asset_id: String [Indexed Phone],
        /// Since when.
        linked_at: Option<i64>,
        /// When its label was scanned on this ticket.
        scanned_at: Option<i64>,
    }
}

/// The key of a device on a ticket.
pub(super) fn asset_key(ticket: TicketId, asset: AssetId) -> String {
    format!("{ticket}.{asset}")
}

fn pair(key: &str) -> Option<(TicketId, AssetId)> {
    let (ticket, asset) = key.split_once('.')?;
    Some((ticket.parse().ok()?, asset.parse().ok()?))
}

impl Synced for TicketAssetRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let pairs: Vec<(TicketId, AssetId)> = each(&roots.tickets, |some| {
            let of = ticket_assets::table.filter(ticket_assets::ticket_id.among(some));
            Ok(of.select((ticket_assets::ticket_id, ticket_assets::asset_id)).load(conn)?)
        })?;
        Ok(pairs.into_iter().map(|(ticket, asset)| asset_key(ticket, asset)).collect())
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let pairs: Vec<(TicketId, AssetId)> = keys.iter().filter_map(|key| pair(key)).collect();
        let rows: Vec<(TicketId, AssetId, Timestamp, Option<Timestamp>)> = ticket_assets::table
            .filter(ticket_assets::ticket_id.among(pairs.iter().map(|(ticket, _)| *ticket)))
            .filter(ticket_assets::asset_id.among(pairs.iter().map(|(_, asset)| *asset)))
            .load(conn)?;
        let row = |(ticket, asset, linked_at, scanned_at)| Self {
            id: asset_key(ticket, asset),
            ticket_id: ticket.to_string(),
            asset_id: asset.to_string(),
            linked_at: Some(millis(linked_at)),
            scanned_at: maybe_millis(scanned_at),
        };
        let asked: std::collections::BTreeSet<&String> = keys.iter().collect();
        Ok(rows.into_iter().map(row).filter(|row| asked.contains(&row.id)).collect())
    }
}

raw_table! {
    /// Moves of tickets that phones asked for and that were made. To move a ticket, write a row.
    StatusChangeRow in "status_changes" {
        /// The ticket.
        ticket_id: String [Indexed Phone],
        /// The status to enter.
        to_status: String [Phone],
        /// The status it was in.
        from_status: Option<String>,
        /// Why; kept as an internal comment.
        comment: Option<String> [Phone],
        /// Whom it waits for, on entering a waiting status: client, parts, partner.
        waiting_for: Option<String> [Phone],
        /// Who moved it.
        user_id: Option<String>,
        /// When, by the phone's clock.
        occurred_at: Option<i64> [Phone],
        /// When it arrived.
        recorded_at: Option<i64>,
    }
}

impl Synced for StatusChangeRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let found: Vec<AnyId> = each(&roots.tickets, |some| {
            let of = status_changes::table.filter(status_changes::ticket_id.among(some));
            Ok(of.select(status_changes::id).load(conn)?)
        })?;
        Ok(keys(found))
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<StatusChange> = status_changes::table
            .filter(status_changes::id.among(ids::<StatusChangeId>(keys)))
            .select(StatusChange::as_select())
            .load(conn)?;
        let row = |change: StatusChange| Self {
            id: change.id.to_string(),
            ticket_id: change.ticket_id.to_string(),
            to_status: change.to_status,
            from_status: Some(change.from_status),
            comment: change.comment,
            waiting_for: maybe_text(change.waiting_for),
            user_id: Some(change.user_id.to_string()),
            occurred_at: Some(millis(change.occurred_at)),
            recorded_at: Some(millis(change.recorded_at)),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// Labels scanned on tickets. To scan one, write a row.
    ScanRow in "scans" {
        /// The ticket.
        ticket_id: String [Indexed Phone],
        /// What was read or typed: a label's URL, ten characters, another code, an inventory or serial number.
        code: String [Phone],
        /// The device it is on; to be named when the code is on several.
        asset_id: Option<String> [Indexed Phone],
        /// Who scanned.
        user_id: Option<String>,
        /// When, by the phone's clock.
        scanned_at: Option<i64> [Phone],
        /// When it arrived.
        recorded_at: Option<i64>,
        /// Degrees north.
        lat: Option<f64> [Phone],
        /// Degrees east.
        lon: Option<f64> [Phone],
        /// How exact, in metres.
        accuracy_m: Option<f64> [Phone],
    }
}

impl Synced for ScanRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let found: Vec<AnyId> = each(&roots.tickets, |some| {
            let of = scans::table.filter(scans::ticket_id.assume_not_null().among(some));
            Ok(of.select(scans::id).load(conn)?)
        })?;
        Ok(keys(found))
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        type Place = (Option<f64>, Option<f64>, Option<f64>);
        type Row = (ScanId, TicketId, String, AssetId, UserId, Timestamp, Timestamp, Place);
        let rows: Vec<Row> = scans::table
            .filter(scans::id.among(ids::<ScanId>(keys)))
            .filter(scans::ticket_id.is_not_null())
            .select((
                scans::id,
                scans::ticket_id.assume_not_null(),
                scans::code,
                scans::asset_id,
                scans::user_id,
                scans::scanned_at,
                scans::recorded_at,
                (scans::lat, scans::lon, scans::accuracy_m),
            ))
            .load(conn)?;
        let row = |(id, ticket, code, asset, user, scanned_at, recorded_at, (lat, lon, accuracy_m)): Row| Self {
            id: id.to_string(),
            ticket_id: ticket.to_string(),
            code,
            asset_id: Some(asset.to_string()),
            user_id: Some(user.to_string()),
            scanned_at: Some(millis(scanned_at)),
            recorded_at: Some(millis(recorded_at)),
            lat,
            lon,
            accuracy_m,
        };
        Ok(rows.into_iter().map(row).collect())
    }
}
